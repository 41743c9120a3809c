import {animationFrame, click, expect, test, waitFor} from "@odoo/hoot";
import {contains, mountWithCleanup, onRpc} from "@web/../tests/web_test_helpers";
import {makeCompany, saveOrder, setupTill} from "../../utils";
import {ChangeBuyerButton} from "@salon_invoice_bridge/app/screens/ticket_screen/change_buyer";
import {TicketScreen} from "@point_of_sale/app/screens/ticket_screen/ticket_screen";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";

definePosModels();

const BUTTON = ".o_salon_change_buyer";
const QUESTION = {question: "The invoice 2026-1 will be cancelled.", plan: "replace"};
const DONE = {status: {state: "pending", number: "", text: "", url: ""}};

/**
 * The button of a paid sale, of a server that gives these answers in turn.
 *
 * @param {Object[]} answers
 */
async function openButton(...answers) {
    const store = await setupTill();
    const order = await saveOrder(store, {state: "paid"});
    onRpc(
        "pos.order",
        "salon_till_change_buyer",
        ({args: [ids, partner, confirmed]}) => {
            expect.step([ids, partner, confirmed]);
            return answers.shift();
        }
    );
    onRpc("pos.order", "salon_till_status", () => ({[order.id]: DONE.status}));
    const button = await mountWithCleanup(ChangeBuyerButton, {props: {order}});
    return {button, order, company: makeCompany(store)};
}

test("the cashier confirms what the server has said, and just that", async () => {
    const {button, order, company} = await openButton(QUESTION, DONE);
    const changing = button.change(order, company);
    await waitFor(".modal");
    expect(".modal").toHaveText(/2026-1 will be cancelled/);
    expect.verifySteps([[[order.id], company.id, false]]);
    await contains(".modal .btn-primary").click();
    await changing;
    expect.verifySteps([[[order.id], company.id, "replace"]]);
    expect(order.uiState.salonInvoice.state).toBe("pending");
});

test("who says no has changed nothing", async () => {
    const {button, order, company} = await openButton(QUESTION);
    const changing = button.change(order, company);
    await contains(".modal .btn-secondary").click();
    await changing;
    expect.verifySteps([[[order.id], company.id, false]]);
});

test("an invoice that was issued meanwhile is asked about again", async () => {
    const first = {question: "It will be made out to them.", plan: "rewrite"};
    const {button, order, company} = await openButton(first, QUESTION, DONE);
    const changing = button.change(order, company);
    await contains(".modal .btn-primary").click();
    await waitFor(".modal:contains(2026-1)");
    await contains(".modal .btn-primary").click();
    await changing;
    expect.verifySteps([
        [[order.id], company.id, false],
        [[order.id], company.id, "rewrite"],
        [[order.id], company.id, "replace"],
    ]);
});

test("what cannot be is said, and asked for no more", async () => {
    const {button, order, company} = await openButton({error: "Something came back."});
    await button.change(order, company);
    await animationFrame();
    expect(".modal").toHaveText(/Something came back/);
    expect.verifySteps([[[order.id], company.id, false]]);
});

test("the button is on a paid sale of a connected till only", async () => {
    const {order} = await openButton();
    await animationFrame();
    expect(BUTTON).toHaveCount(1);
    order.uiState.salonInvoice = {state: "odoo"};
    await animationFrame();
    expect(BUTTON).toHaveCount(0);
});

test("it is beside Odoo's own buttons, and opens the dialog", async () => {
    const store = await setupTill();
    const order = await saveOrder(store, {state: "paid"});
    onRpc("pos.order", "search_paid_order_ids", () => ({
        ordersInfo: [[order.id, "2025-07-03 12:00:00"]],
        totalCount: 1,
    }));
    onRpc("pos.order", "salon_till_status", () => ({[order.id]: DONE.status}));
    const screen = await mountWithCleanup(TicketScreen, {props: {}});
    await screen.onFilterSelected("SYNCED");
    await animationFrame();
    await click(".order-row");
    await waitFor(BUTTON);
    await click(BUTTON);
    await waitFor(".modal input");
    expect(".modal").toHaveText(new RegExp(order.pos_reference));
});

test("who has a receipt is offered an invoice in its place", async () => {
    const {button, order, company} = await openButton(QUESTION);
    await animationFrame();
    expect(BUTTON).toHaveText("Company Data");
    order.uiState.salonInvoice = {state: "issued", kind: "receipt", receipt: true};
    await animationFrame();
    expect(BUTTON).toHaveText("Invoice instead");
    const changing = button.change(order, company);
    await waitFor(".modal");
    expect(".modal .modal-title").toHaveText("Invoice instead of the receipt?");
    await contains(".modal .btn-secondary").click();
    await changing;
    expect.verifySteps([[[order.id], company.id, false]]);
});
