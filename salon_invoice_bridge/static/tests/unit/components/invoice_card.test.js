import {advanceTime, expect, test} from "@odoo/hoot";
import {answerOrder, makeCompany, saveOrder, setupTill} from "../utils";
import {Deferred, animationFrame, tick} from "@odoo/hoot-mock";
import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import {OrderReceipt} from "@point_of_sale/app/screens/receipt_screen/receipt/order_receipt";
import {ReceiptScreen} from "@point_of_sale/app/screens/receipt_screen/receipt_screen";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import {click, waitFor} from "@odoo/hoot-dom";
import {getFilledOrder} from "@point_of_sale/../tests/unit/utils";
import {
    MockServer,
    contains,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {pdfPrinter} from "@salon_invoice_bridge/app/utils/pdf_printer";

definePosModels();

const CARD = ".o_salon_invoice_card";
const NEITHER = "This slip is neither an invoice nor a receipt.";
const SLIP = {
    day: "11/30/2026",
    issuer: ["Teszt Szalon Kft.", "1061 Budapest, Andrássy út 1.", "12345676-2-42"],
    rates: [
        ["27%", "8,900 Ft"],
        ["5%", "3,500 Ft"],
    ],
    total: "12,400 Ft",
    kept_off: "",
};
const RECEIPT = {
    state: "issued",
    number: "NYGT-2026-1",
    kind: "receipt",
    receipt: true,
    slip: SLIP,
};

/**
 * The receipt of a sale that the server has and says this of.
 *
 * @param {object} [status]
 * @param {object} [options] of setupTill
 */
async function showReceipt(status, options) {
    const store = await setupTill(options);
    const order = await saveOrder(store);
    order.state = "paid";
    order.uiState.salonInvoice = status;
    await mountWithCleanup(ReceiptScreen, {props: {orderUuid: order.uuid}});
    return {store, order};
}

test("the card and the slip change with the answer", async () => {
    const {order} = await showReceipt();
    expect(`${CARD}[data-state=pending] [role=status]`).toHaveCount(1);
    expect(".o_salon_slip_title").toHaveText(NEITHER);
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
    expect(".o_salon_slip_title").toHaveText(NEITHER);
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
    expect(".o_salon_slip_basic").toHaveText(NEITHER);
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

test("a slip with the receipt's number has what a receipt says", async () => {
    await showReceipt(RECEIPT, {policy: "request", receipts: true});
    expect(".o_salon_slip_title").toHaveText("Receipt no. NYGT-2026-1");
    expect(".o_salon_slip_day").toHaveText("11/30/2026");
    expect(".o_salon_slip_rate").toHaveCount(2);
    expect(".o_salon_slip_rate:first").toHaveText(/VAT 27%, gross\s*8,900 Ft/);
    expect(".o_salon_slip_rate:last").toHaveText(/VAT 5%, gross\s*3,500 Ft/);
    expect(".o_salon_slip_total").toHaveText(/12,400 Ft/);
    expect(".o_salon_slip_receipt").toHaveText(/Teszt Szalon Kft./);
    expect(".o_salon_slip_receipt").toHaveText(/12345676-2-42/);
    expect(".o_salon_slip_kept_off").toHaveCount(0);
});

test("what the receipt does not hold is named on the slip", async () => {
    const slip = {...SLIP, kept_off: "Tip: 1,000 Ft"};
    await showReceipt({...RECEIPT, slip}, {policy: "request", receipts: true});
    expect(".o_salon_slip_kept_off").toHaveText("Not on the receipt: Tip: 1,000 Ft");
});

test("without the service's number a slip is no receipt", async () => {
    const {order} = await showReceipt(undefined, {policy: "request", receipts: true});
    expect(`${CARD} [role=status]`).toHaveText("Receipt on its way");
    expect(".o_salon_slip_title").toHaveText(NEITHER);
    expect(".o_salon_slip_text").toHaveText(/Your receipt follows/);
    expect(".o_salon_slip_receipt").toHaveCount(0);
    order.uiState.salonInvoice = {state: "attention", receipt: true, reason: "x"};
    await animationFrame();
    expect(".o_salon_slip_title").toHaveText(NEITHER);
    expect(`${CARD} .o_salon_title`).toHaveText("The receipt needs attention");
});

test("a cancelled receipt is none, and a storno names itself", async () => {
    const {order} = await showReceipt({...RECEIPT, state: "cancelled"});
    expect(".o_salon_slip_title").toHaveText("Cancelled receipt: NYGT-2026-1");
    expect(".o_salon_slip_receipt").toHaveCount(0);
    order.uiState.salonInvoice = {...RECEIPT, kind: "storno"};
    await animationFrame();
    expect(".o_salon_slip_title").toHaveText("Storno of a receipt: NYGT-2026-1");
});

test("where the service's layout is handed over the slip only names it", async () => {
    patchWithCleanup(pdfPrinter, {print: (content) => expect.step(content)});
    const {order} = await showReceipt(RECEIPT, {
        policy: "request",
        receipts: true,
        layout: "service",
    });
    expect(".o_salon_slip_title").toHaveText(
        "This slip is no receipt. Your receipt: NYGT-2026-1"
    );
    expect(".o_salon_slip_receipt").toHaveCount(0);
    answerOrder("salon_till_print", {pdf: "UERG"});
    await click(`${CARD} .o_salon_layout`);
    await advanceTime(100);
    expect.verifySteps([["salon_till_print", [order.id]], "UERG"]);
});

test("elsewhere nothing is printed beside the slip", async () => {
    await showReceipt(RECEIPT, {policy: "request", receipts: true});
    expect(`${CARD} .o_salon_layout`).toHaveCount(0);
});

// === WHAT WAS KEPT === //

const KEPT = {number: "NYGT-2026-3", receipt: true};
const STORNO = {
    ...RECEIPT,
    kind: "storno",
    number: "NYGT-2026-2",
    kept: KEPT,
    slip: {
        ...SLIP,
        rates: [["27%", "-12,400 Ft"]],
        kept: {...SLIP, ...KEPT, rates: [["27%", "8,900 Ft"]], total: "8,900 Ft"},
    },
};
const TILL = {policy: "request", receipts: true};
const KEPT_TITLE = "Receipt of what was kept: NYGT-2026-3";

test("a refund says and prints the receipt of what was kept", async () => {
    await showReceipt(STORNO, TILL);
    expect(`${CARD} .o_salon_kept`).toHaveText(KEPT_TITLE);
    expect(".o_salon_slip_title").toHaveText("Storno of a receipt: NYGT-2026-2");
    const block = ".o_salon_slip_receipt ~ .o_salon_slip_kept";
    expect(`${block} .o_salon_slip_kept_title`).toHaveText(KEPT_TITLE);
    expect(`${block} .o_salon_slip_day`).toHaveText("11/30/2026");
    expect(`${block} .o_salon_slip_rate`).toHaveText(/VAT 27%, gross\s*8,900 Ft/);
    expect(`${block} .o_salon_slip_total`).toHaveText(/8,900 Ft/);
    // Who issues both is said once.
    expect(block).not.toHaveText(/Teszt Szalon Kft./);
});

test("what was kept is printed again when it has its number", async () => {
    const pending = {...STORNO, state: "pending", number: "", kept: {}, slip: {}};
    const {order} = await showReceipt(pending, TILL);
    expect(`${CARD}[data-state=pending] [role=status]`).toHaveText(
        "Receipt on its way"
    );
    expect(".o_salon_slip_kept").toHaveCount(0);
    order.uiState.salonInvoice = {...STORNO, kept: {}, slip: SLIP};
    order.uiState.salonPrinted = order.salonNumber;
    await animationFrame();
    expect(`${CARD} .o_salon_reprint`).toHaveCount(0);
    order.uiState.salonInvoice = STORNO;
    await animationFrame();
    expect(`${CARD} .o_salon_reprint`).toHaveCount(1);
});

test("the slip of the sale names what was kept of it, and who issued it", async () => {
    const {order} = await showReceipt(
        {...STORNO, state: "cancelled", kind: "receipt", number: "1", kept: {}},
        TILL
    );
    expect(".o_salon_slip_title").toHaveText("Cancelled receipt: 1");
    expect(".o_salon_slip_receipt").toHaveCount(0);
    expect(".o_salon_slip_kept_title").toHaveText(KEPT_TITLE);
    expect(".o_salon_slip_kept").toHaveText(/Teszt Szalon Kft./);
    expect(`${CARD} .o_salon_kept`).toHaveText(KEPT_TITLE);
    order.uiState.salonInvoice = {...STORNO, kept: {}, slip: SLIP};
    await animationFrame();
    expect(".o_salon_slip_kept").toHaveCount(0);
    expect(`${CARD} .o_salon_kept`).toHaveCount(0);
});

test("in the service's layout a slip only names what was kept", async () => {
    await showReceipt(STORNO, {...TILL, layout: "service"});
    expect(".o_salon_slip_kept").toHaveText(KEPT_TITLE);
});

test("what was kept of an invoice is named by its number alone", async () => {
    await showReceipt({
        state: "issued",
        number: "2",
        kind: "storno",
        kept: {number: "3", receipt: false},
        slip: {},
    });
    expect(`${CARD} .o_salon_kept`).toHaveText("Invoice of what was kept: 3");
    expect(".o_salon_slip_kept").toHaveText("Invoice of what was kept: 3");
});

// === A PAPER RECEIPT === //

const PAPER = `${CARD} .o_salon_paper`;

/** Type the number of a paper receipt. */
async function recordPaper(number) {
    await click(PAPER);
    await waitFor(".modal textarea");
    await contains(".modal textarea").edit(number, {confirm: false});
    await contains(".modal .btn-primary").click();
    await advanceTime(100);
}

test("a paper receipt is for what is late, not for what is on its way", async () => {
    const {order} = await showReceipt({state: "pending", can_paper: true});
    expect(PAPER).toHaveCount(0);
    order.uiState.salonUnanswered = true;
    await animationFrame();
    expect(PAPER).toHaveCount(1);
    order.uiState.salonInvoice = {state: "attention", can_paper: true};
    await animationFrame();
    expect(PAPER).toHaveCount(1);
    order.uiState.salonInvoice = {state: "attention", can_paper: false};
    await animationFrame();
    expect(PAPER).toHaveCount(0);
});

test("one press records the number of a paper receipt", async () => {
    const {order} = await showReceipt({state: "attention", can_paper: true});
    const status = {state: "skipped", paper: "AB 123", can_paper: false};
    onRpc("pos.order", "salon_till_paper", ({args}) => {
        expect.step(args);
        return {status};
    });
    await recordPaper(" AB 123 ");
    expect.verifySteps([[[order.id], "AB 123"]]);
    expect(`${CARD} [role=status]`).toHaveText("Paper receipt: AB 123");
    expect(".o_salon_slip_title").toHaveText(NEITHER);
    expect(".o_salon_slip_paper").toHaveText("Receipt written by hand: AB 123");
    expect(PAPER).toHaveCount(0);
});

test("who waits is told what to do, and what the button is for", async () => {
    const {order} = await showReceipt({state: "pending", can_paper: true});
    const HINT = `${CARD} .o_salon_paper_hint`;
    expect(HINT).toHaveCount(0);
    order.uiState.salonUnanswered = true;
    await animationFrame();
    expect(HINT).toHaveText(/write a paper receipt, and record its number here/);
    expect(PAPER).toHaveText("Record a paper receipt");
});

test("a recorded paper receipt is the sale's, whatever the service has made", async () => {
    const {order} = await showReceipt({...RECEIPT, state: "pending", paper: "AB 123"});
    const title = `${CARD} .o_salon_title`;
    const reason = `${CARD} .o_salon_reason`;
    expect(title).toHaveText("Paper receipt: AB 123");
    expect(reason).toHaveText("If the service has made one, too, it is cancelled.");
    expect(".o_salon_slip_title").toHaveText(NEITHER);
    expect(".o_salon_slip_text, .o_salon_qr").toHaveCount(0);
    order.uiState.salonInvoice = {...RECEIPT, paper: "AB 123"};
    await animationFrame();
    expect(title).toHaveText("Paper receipt: AB 123");
    expect(".o_salon_slip_title").toHaveText(NEITHER);
    expect(".o_salon_slip_receipt").toHaveCount(0);
    order.uiState.salonInvoice = {...RECEIPT, state: "cancelled", paper: "AB 123"};
    await animationFrame();
    expect(title).toHaveText("Paper receipt: AB 123");
    expect(reason).toHaveText("Cancelled: NYGT-2026-1");
    expect(".o_salon_slip_paper").toHaveText("Receipt written by hand: AB 123");
    const problem = {state: "attention", reason: "Look there", paper: "AB 123"};
    order.uiState.salonInvoice = {...RECEIPT, ...problem};
    await animationFrame();
    expect(title).toHaveText("The receipt needs attention");
    expect(reason).toHaveText("Look there");
});

test("an issued receipt is said to be one, and its storno a storno's number", async () => {
    const {order} = await showReceipt(RECEIPT);
    const title = `${CARD} .o_salon_title`;
    expect(title).toHaveText("Receipt issued: NYGT-2026-1");
    order.uiState.salonInvoice = {...RECEIPT, state: "cancelled"};
    await animationFrame();
    expect(title).toHaveText("Cancelled receipt: NYGT-2026-1");
    order.uiState.salonInvoice = {...RECEIPT, kind: "storno"};
    await animationFrame();
    expect(title).toHaveText("Issued: NYGT-2026-1");
});

test("why a paper receipt is not recorded is said", async () => {
    const {order} = await showReceipt({state: "attention", can_paper: true});
    answerOrder("salon_till_paper", {error: "The buyer is a business."});
    await recordPaper("AB 123");
    expect.verifySteps([["salon_till_paper", [order.id]]]);
    expect(".modal").toHaveText(/The buyer is a business/);
    expect(order.salonStatus.state).toBe("attention");
});

test("a paper receipt of an offline till goes with the sale, and is made sure of", async () => {
    const store = await setupTill({policy: "request", receipts: true});
    const order = await getFilledOrder(store);
    order.state = "paid";
    await mountWithCleanup(ReceiptScreen, {props: {orderUuid: order.uuid}});
    expect(`${CARD}[data-state=offline]`).toHaveCount(1);
    await recordPaper("AB 123");
    expect(`${CARD} [role=status]`).toHaveText("Paper receipt: AB 123");
    const status = {state: "skipped", paper: "AB 123"};
    onRpc("pos.order", "salon_till_paper", ({args}) => {
        expect.step(args[1]);
        return {status};
    });
    onRpc("pos.order", "salon_till_status", () => ({[order.id]: status}));
    await store.syncAllOrders({orders: [order]});
    const [kept] = MockServer.env["pos.order"].browse([order.id]);
    expect(kept.salon_paper_number).toBe("AB 123");
    await advanceTime(200);
    expect.verifySteps(["AB 123"]);
    expect(order.uiState.salonPaper).toBe(undefined);
    await store.postSyncAllOrders([order]);
    await advanceTime(200);
    expect.verifySteps([]);
});

test("offline, who must have an invoice gets no paper receipt", async () => {
    const store = await setupTill({policy: "request", receipts: true});
    const order = await getFilledOrder(store);
    order.salon_buyer_id = makeCompany(store);
    order.state = "paid";
    await mountWithCleanup(ReceiptScreen, {props: {orderUuid: order.uuid}});
    expect(`${CARD}[data-state=offline]`).toHaveCount(1);
    expect(PAPER).toHaveCount(0);
});
