import {animationFrame, expect, test} from "@odoo/hoot";
import {
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {saveOrder, setupTill} from "../../utils";
import {click} from "@odoo/hoot-dom";
import {TicketScreen} from "@point_of_sale/app/screens/ticket_screen/ticket_screen";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";

definePosModels();

const ISSUED = {state: "issued", number: "2026-1", text: "Issued", url: "/it"};
const BADGE = ".order-row .o_salon_invoice_badge";

/**
 * The list of orders of a till with one paid sale.
 *
 * @param {object} [options] of setupTill
 */
async function openList(options) {
    const store = await setupTill(options);
    const order = await saveOrder(store, {state: "paid"});
    onRpc("pos.order", "search_paid_order_ids", ({kwargs}) => {
        expect.step(["find", JSON.stringify(kwargs.domain)]);
        return {ordersInfo: [[order.id, "2025-07-03 12:00:00"]], totalCount: 1};
    });
    onRpc("pos.order", "salon_till_status", ({args: [ids]}) => {
        expect.step(["ask", ids]);
        return {[order.id]: ISSUED};
    });
    const screen = await mountWithCleanup(TicketScreen, {props: {}});
    return {screen, order};
}

test("paid sales are listed with their invoices, of which one call asks", async () => {
    const {screen, order} = await openList();
    await screen.onFilterSelected("SYNCED");
    await animationFrame();
    expect.verifySteps([
        ["find", "[]"],
        ["ask", [order.id]],
    ]);
    await animationFrame();
    expect(BADGE).toHaveCount(1);
    expect(`${BADGE}[data-state=issued]`).toHaveText(/2026-1/);
});

test("a filter of ours is Odoo's filter of paid sales with a domain more", async () => {
    const {screen} = await openList();
    const keys = [...screen._getFilterOptions().keys()];
    expect(keys.slice(-4)).toEqual([
        "SYNCED",
        "SALON_PENDING",
        "SALON_ATTENTION",
        "SALON_SKIPPED",
    ]);
    await screen.onFilterSelected("SALON_ATTENTION");
    expect(screen.state.filter).toBe("SYNCED");
    expect(screen.getSearchBarConfig().defaultFilter).toBe("SALON_ATTENTION");
    await animationFrame();
    expect.verifySteps([
        ["find", '[["salon_document_ids.state","=","attention"]]'],
        ["ask", [1]],
    ]);
    await screen.onFilterSelected("ACTIVE_ORDERS");
    expect(screen.getSearchBarConfig().defaultFilter).toBe("ACTIVE_ORDERS");
});

test("a row has the number of the paper receipt that stands", async () => {
    const {screen, order} = await openList();
    await screen.onFilterSelected("SYNCED");
    await animationFrame();
    expect.verifySteps([
        ["find", "[]"],
        ["ask", [order.id]],
    ]);
    order.uiState.salonInvoice = {state: "pending", receipt: true, paper: "AB 123"};
    await animationFrame();
    expect(`${BADGE} .badge`).toHaveText(/Paper receipt/);
    expect(`${BADGE} .o_salon_detail`).toHaveText("AB 123");
});

test("Odoo's search by invoice number finds the service's, too", async () => {
    const {screen, order} = await openList();
    const {INVOICE_NUMBER} = screen._getSearchFields();
    expect(INVOICE_NUMBER.modelFields).toEqual(["salon_invoice_numbers"]);
    order.uiState.salonInvoice = ISSUED;
    expect(INVOICE_NUMBER.repr(order)).toBe("2026-1");
});

test("a sale that is chosen is asked about if nothing is known of it", async () => {
    const {screen, order} = await openList();
    await screen.onFilterSelected("SYNCED");
    await animationFrame();
    expect.verifySteps([
        ["find", "[]"],
        ["ask", [order.id]],
    ]);
    order.uiState.salonInvoice = undefined;
    await click(".order-row");
    await animationFrame();
    expect.verifySteps([["ask", [order.id]]]);
});

test("a slip is printed with the number that there is by now", async () => {
    const {screen, order} = await openList();
    patchWithCleanup(screen.pos, {
        printReceipt: ({order: printed}) => expect.step(["print", printed.salonNumber]),
    });
    await screen.onFilterSelected("SYNCED");
    await animationFrame();
    await click(".order-row");
    expect.verifySteps([
        ["find", "[]"],
        ["ask", [order.id]],
    ]);
    order.uiState.salonInvoice = {state: "pending", number: ""};
    await animationFrame();
    await click(".control-buttons button:contains(Print)");
    await animationFrame();
    expect.verifySteps([
        ["ask", [order.id]],
        ["print", "2026-1"],
    ]);
});

test("the slip of a cancelled receipt asks what was kept of the sale", async () => {
    const {screen, order} = await openList();
    patchWithCleanup(screen.pos, {printReceipt: () => expect.step("print")});
    order.uiState.salonInvoice = {
        state: "cancelled",
        number: "1",
        receipt: true,
        slip: {},
    };
    await screen.print(order);
    expect.verifySteps([["ask", [order.id]], "print"]);
});

test("a sale that no page has listed is asked for when it is chosen", async () => {
    const {screen, order} = await openList();
    screen.setSelectedOrder(order);
    await animationFrame();
    expect.verifySteps([["ask", [order.id]]]);
    screen.setSelectedOrder(order);
    await animationFrame();
    expect.verifySteps([]);
});

test("elsewhere the list is Odoo's", async () => {
    const {screen} = await openList({connected: false});
    await screen.onFilterSelected("SYNCED");
    await animationFrame();
    expect.verifySteps([["find", "[]"]]);
    expect(BADGE).toHaveCount(0);
    expect([...screen._getFilterOptions().keys()]).not.toInclude("SALON_PENDING");
    expect(screen._getSearchFields().INVOICE_NUMBER.modelFields).toHaveLength(1);
});
