import {advanceTime, expect, test} from "@odoo/hoot";
import {answerOrder, makeCompany, saveOrder, setupTill} from "../utils";
import {Deferred, animationFrame, tick} from "@odoo/hoot-mock";
import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import {OrderReceipt} from "@point_of_sale/app/screens/receipt_screen/receipt/order_receipt";
import {ReceiptScreen} from "@point_of_sale/app/screens/receipt_screen/receipt_screen";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import {click} from "@odoo/hoot-dom";
import {getFilledOrder} from "@point_of_sale/../tests/unit/utils";
import {
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";

definePosModels();

const CARD = ".o_salon_invoice_card";

/**
 * The receipt of a sale that the server has and says this of.
 *
 * @param {object} [status]
 */
async function showReceipt(status) {
    const store = await setupTill();
    store.config.salon_till_policy = "all";
    const order = await saveOrder(store);
    order.state = "paid";
    order.uiState.salonInvoice = status;
    await mountWithCleanup(ReceiptScreen, {props: {orderUuid: order.uuid}});
    return {store, order};
}

test("the card and the slip change with the answer", async () => {
    const {order} = await showReceipt();
    expect(`${CARD}[data-state=pending] [role=status]`).toHaveCount(1);
    expect(".o_salon_slip_title").toHaveText("This slip is not an invoice.");
    expect(".o_salon_slip img.o_salon_qr").toHaveCount(1);
    order.uiState.salonInvoice = {state: "issued", number: "2026-1", kind: "invoice"};
    await animationFrame();
    expect(`${CARD}[data-state=issued] [role=status]`).toHaveText("Issued: 2026-1");
    expect(".o_salon_slip_title").toHaveText("Invoice: 2026-1");
    expect(`${CARD} button`).toHaveCount(0);
});

test("what needs attention says why, and is tried again once a press", async () => {
    const status = {
        state: "attention",
        reason: "The postcode is missing.",
        can_retry: true,
    };
    const {order} = await showReceipt(status);
    expect(`${CARD} .o_salon_reason`).toHaveText("The postcode is missing.");
    const done = new Deferred();
    onRpc("pos.order", "salon_till_retry", () => {
        expect.step("retry");
        return done;
    });
    await click(`${CARD} .o_salon_retry`);
    await click(`${CARD} .o_salon_retry`);
    done.resolve({[order.id]: {state: "pending"}});
    await advanceTime(100);
    expect.verifySteps(["retry"]);
    expect(`${CARD}[data-state=pending]`).toHaveCount(1);
    answerOrder("salon_till_status", {[order.id]: {state: "issued", number: "2026-2"}});
    await advanceTime(5_100);
    expect.verifySteps([["salon_till_status", [order.id]]]);
    expect(`${CARD} [role=status]`).toHaveText("Issued: 2026-2");
});

test("a sale without an invoice shows no code, and no promise", async () => {
    await showReceipt({state: "skipped", reason: "Invoices are made by hand here"});
    expect(`${CARD} [role=status]`).toHaveText(
        /No invoice\s+Invoices are made by hand/
    );
    expect(".o_salon_slip_title").toHaveText("This slip is not an invoice.");
    expect(".o_salon_slip_text").toHaveCount(0);
    expect(".o_salon_slip img").toHaveCount(0);
});

test("a sale without an invoice shows the code where one can be asked for", async () => {
    const {order} = await showReceipt({state: "skipped", can_request: true});
    expect(".o_salon_slip img").toHaveCount(1);
    expect(".o_salon_slip_text").toHaveText(/If you need one/);
    order.uiState.salonInvoice = {state: "issued", number: "1", can_request: true};
    await animationFrame();
    expect(".o_salon_slip_text").toHaveText(/company data/);
});

test("whether it can be asked for is known before the server answers", async () => {
    const store = await setupTill();
    store.config.salon_till_policy = "manual";
    store.config.salon_till_requests = true;
    const order = await saveOrder(store);
    order.state = "paid";
    expect(order.salonStatus.state).toBe("unknown");
    expect(order.salonCanBeRequested).toBe(true);
    order.uiState.salonInvoice = {state: "skipped", can_request: false};
    expect(order.salonCanBeRequested).toBe(false);
    order.uiState.salonInvoice = undefined;
    order.salon_buyer_id = makeCompany(store);
    expect(order.salonCanBeRequested).toBe(false);
});

test("what the server has not seen yet follows when the connection is back", async () => {
    const store = await setupTill();
    store.config.salon_till_policy = "all";
    const order = await getFilledOrder(store);
    order.state = "paid";
    await mountWithCleanup(ReceiptScreen, {props: {orderUuid: order.uuid}});
    expect(`${CARD}[data-state=offline]`).toHaveCount(1);
    expect(".o_salon_slip_text").toHaveText(/when our connection is back/);
    expect(".o_salon_slip img.o_salon_qr").toHaveCount(1);
});

test("a newer number than the printed one is offered", async () => {
    const {order} = await showReceipt({state: "pending"});
    order.uiState.salonPrinted = "";
    await animationFrame();
    expect(`${CARD} .o_salon_reprint`).toHaveCount(0);
    order.uiState.salonInvoice = {state: "issued", number: "2026-1"};
    await animationFrame();
    expect(`${CARD} .o_salon_reprint`).toHaveText("Print again with the number");
    order.uiState.salonPrinted = "2026-1";
    await animationFrame();
    expect(`${CARD} .o_salon_reprint`).toHaveCount(0);
});

test("where nothing is connected the receipt is Odoo's", async () => {
    const store = await setupTill({connected: false});
    store.company.point_of_sale_use_ticket_qr_code = true;
    store.company.point_of_sale_ticket_portal_url_display_mode = "qr_code";
    const order = await saveOrder(store);
    order.state = "paid";
    await mountWithCleanup(ReceiptScreen, {props: {orderUuid: order.uuid}});
    expect(CARD).toHaveCount(0);
    expect(".o_salon_slip").toHaveCount(0);
    expect("#posqrcode").toHaveCount(1);
    store.config.salon_till_policy = "all";
    store.config.salon_connected = true;
    await animationFrame();
    expect("#posqrcode").toHaveCount(0);
    expect(".o_salon_slip img.o_salon_qr").toHaveCount(1);
});

test("a bill before the payment says nothing of it", async () => {
    const store = await setupTill();
    const order = await saveOrder(store);
    await mountWithCleanup(OrderReceipt, {props: {order}});
    expect(".pos-receipt").toHaveCount(1);
    expect(".o_salon_slip").toHaveCount(0);
});

test("a slip without prices has neither number nor code", async () => {
    const store = await setupTill();
    const order = await saveOrder(store);
    order.state = "paid";
    order.uiState.salonInvoice = {state: "issued", number: "2026-1"};
    await mountWithCleanup(OrderReceipt, {props: {order, basic_receipt: true}});
    expect(".o_salon_slip").toHaveCount(0);
    expect(".o_salon_slip_basic").toHaveText("This slip is not an invoice.");
});

test("an automatic print waits for the number, and nothing else does", async () => {
    const store = await setupTill();
    store.config.salon_till_policy = "all";
    const order = await saveOrder(store);
    order.state = "paid";
    expect(order.waitForPushOrder()).toBe(false);
    store.config.iface_print_auto = true;
    expect(order.waitForPushOrder()).toBe(true);
    store.config.salon_till_policy = "manual";
    expect(order.waitForPushOrder()).toBe(false);
    store.config.salon_till_policy = "all";
    store.config.salon_connected = false;
    expect(order.waitForPushOrder()).toBe(false);
});

test("the payment goes on after the wait, as Odoo wants it", async () => {
    const store = await setupTill();
    store.config.salon_till_policy = "all";
    store.config.iface_print_auto = true;
    const order = await saveOrder(store);
    order.state = "paid";
    answerOrder("salon_till_status", {});
    store.salonWatch.follow(order);
    const validation = new OrderPaymentValidation({pos: store, orderUuid: order.uuid});
    let answer = "none yet";
    validation
        .beforePostPushOrderResolve(order, [order.id])
        .then((result) => (answer = result));
    await tick();
    await advanceTime(2_400);
    expect(answer).toBe("none yet");
    await advanceTime(200);
    expect(answer).toBe(true);
    expect.verifySteps([["salon_till_status", [order.id]]]);
});

test("a sale that the server has now is followed, in one question", async () => {
    const store = await setupTill();
    store.config.salon_till_policy = "all";
    const orders = [await saveOrder(store), await saveOrder(store)];
    const ids = orders.map(({id}) => id);
    answerOrder("salon_till_status", {});
    store.postSyncAllOrders(orders);
    expect(store.salonWatch.followed.size).toBe(0);
    orders.forEach((order) => (order.state = "paid"));
    orders.forEach((order) => store.postSyncAllOrders([order]));
    await advanceTime(100);
    expect.verifySteps([]);
    await advanceTime(5_000);
    expect.verifySteps([["salon_till_status", ids]]);
});

test("an error of ours is none of the payment's", async () => {
    const store = await setupTill();
    const order = await saveOrder(store);
    order.state = "paid";
    patchWithCleanup(console, {error: () => expect.step("logged")});
    patchWithCleanup(store.salonWatch, {
        follow() {
            throw new Error("ours");
        },
    });
    store.postSyncAllOrders([order]);
    expect.verifySteps(["logged"]);
});

test("by policy none: it is asked at once", async () => {
    const store = await setupTill();
    store.config.salon_till_policy = "manual";
    const order = await saveOrder(store);
    order.state = "paid";
    answerOrder("salon_till_status", {[order.id]: {state: "skipped"}});
    store.postSyncAllOrders([order]);
    await advanceTime(100);
    expect.verifySteps([["salon_till_status", [order.id]]]);
    expect(order.salonStatus.state).toBe("skipped");
});
