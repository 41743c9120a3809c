import {answerOrder, makeMove, saveOrder, setupTill} from "../salon";
import {expect, test} from "@odoo/hoot";
import {mockService, mountWithCleanup, onRpc} from "@web/../tests/web_test_helpers";
import {InvoiceButton} from "@point_of_sale/app/screens/ticket_screen/invoice_button/invoice_button";
import {animationFrame} from "@odoo/hoot-mock";
import {click} from "@odoo/hoot-dom";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import {getFilledOrder} from "@point_of_sale/../tests/unit/utils";

definePosModels();

/**
 * Press the button of an order, as in Odoo's list of orders.
 *
 * @param {object} order
 */
async function press(order) {
    const props = {order, onInvoiceOrder: () => expect.step("invoiced by Odoo")};
    await mountWithCleanup(InvoiceButton, {props});
    await click(".control-button");
    await animationFrame();
}

test("an issued sale opens the service's document", async () => {
    mockService("action", {doAction: ({url}) => expect.step(url)});
    answerOrder("salon_till_invoice", {url: "/the/document"});
    const order = await saveOrder(await setupTill());
    await press(order);
    expect.verifySteps([["salon_till_invoice", [order.id]], "/the/document"]);
});

test("a sale without a document says why", async () => {
    mockService("dialog", {add: (_dialog, {body}) => expect.step(body)});
    answerOrder("salon_till_invoice", {text: "It is being made."});
    const order = await saveOrder(await setupTill());
    await press(order);
    expect.verifySteps([["salon_till_invoice", [order.id]], "It is being made."]);
});

test("a sale that the server does not know is not asked about", async () => {
    mockService("dialog", {add: (_dialog, {body}) => expect.step(body.toString())});
    answerOrder("salon_till_invoice", false);
    await press(await getFilledOrder(await setupTill()));
    expect.verifySteps([
        "This sale has not reached the server yet. Try again when it has.",
    ]);
});

test("what Odoo has invoiced stays Odoo's", async () => {
    mockService("account_move", {downloadPdf: (id) => expect.step(["PDF", id])});
    answerOrder("salon_till_invoice", {text: "It is being made."});
    const store = await setupTill();
    const move = makeMove();
    await press(await saveOrder(store, {account_move: move}));
    expect.verifySteps([["PDF", move], "invoiced by Odoo"]);
});

test("where the server says that it is Odoo's, Odoo asks for the customer", async () => {
    mockService("dialog", {add: (_dialog, {title}) => expect.step(title.toString())});
    answerOrder("salon_till_invoice", false);
    onRpc("pos.order", "action_pos_order_invoice", () => expect.step("invoiced"));
    const order = await saveOrder(await setupTill());
    await press(order);
    expect.verifySteps([
        ["salon_till_invoice", [order.id]],
        "Need customer to invoice",
    ]);
});
