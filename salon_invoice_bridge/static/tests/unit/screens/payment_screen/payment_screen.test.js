import {animationFrame, expect, test} from "@odoo/hoot";
import {makeCompany, makeMove, saveOrder, setupTill} from "../../utils";
import {mockService, mountWithCleanup} from "@web/../tests/web_test_helpers";
import {PaymentScreen} from "@point_of_sale/app/screens/payment_screen/payment_screen";
import {click, queryAll} from "@odoo/hoot-dom";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import {getFilledOrder} from "@point_of_sale/../tests/unit/utils";

definePosModels();

/**
 * Come to the payment of a refund.
 *
 * @param {object} store
 * @param {object} values of the order that is given back
 */
async function payRefund(store, values) {
    const sold = await saveOrder(store, values);
    const refund = await getFilledOrder(store);
    for (const [place, line] of refund.lines.entries()) {
        line.setQuantity(-1);
        line.refunded_orderline_id = sold.lines[place];
    }
    refund.is_refund = true;
    await mountWithCleanup(PaymentScreen, {props: {orderUuid: refund.uuid}});
    return refund;
}

test("the refund of a sale for which it was chosen is not Odoo's", async () => {
    const refund = await payRefund(await setupTill(), {to_invoice: true});
    expect(refund.isToInvoice()).toBe(false);
});

test("the refund of what Odoo has invoiced is Odoo's", async () => {
    const store = await setupTill();
    const refund = await payRefund(store, {account_move: makeMove()});
    expect(refund.isToInvoice()).toBe(true);
});

test("elsewhere Odoo chooses it for the refund of a sale for which it was", async () => {
    const store = await setupTill({connected: false});
    const refund = await payRefund(store, {to_invoice: true});
    // Odoo's own: when this is no longer so, our patch has nothing to undo.
    expect(refund.isToInvoice()).toBe(true);
});

/**
 * Come to the payment of a walk-in's sale.
 *
 * @param {object} [options] of setupTill
 */
async function pay(options) {
    const order = await getFilledOrder(await setupTill(options));
    await mountWithCleanup(PaymentScreen, {props: {orderUuid: order.uuid}});
    return order;
}

test("a connected till has the service's button in place of Odoo's", async () => {
    await pay();
    expect("button.js_salon_invoice[role=switch]").toHaveCount(1);
    expect("button.js_salon_invoice").toHaveAttribute("aria-checked", "true");
    expect(".salon-document-reason").toHaveText("Every sale gets it here.");
    expect("button.js_invoice").toHaveCount(0);
    expect(".salon-buyer-button").toHaveCount(1);
});

test("elsewhere the payment screen is Odoo's", async () => {
    await pay({connected: false});
    expect("button.js_invoice").toHaveCount(1);
    expect("button.js_salon_invoice, .salon-document-reason").toHaveCount(0);
    expect(".salon-buyer-button").toHaveCount(0);
});

test("the refund of what Odoo has invoiced has Odoo's button", async () => {
    await payRefund(await setupTill(), {account_move: makeMove()});
    expect("button.js_invoice").toHaveCount(1);
    expect("button.js_salon_invoice").toHaveCount(0);
});

test("a press asks for the invoice, another one no longer", async () => {
    const order = await pay({policy: "manual"});
    expect("button.js_salon_invoice").toHaveAttribute("aria-checked", "false");
    await click("button.js_salon_invoice");
    await animationFrame();
    expect(order.salon_wish).toBe("invoice");
    expect(order.isToInvoice()).toBe(false);
    expect("button.js_salon_invoice").toHaveAttribute("aria-checked", "true");
    await click("button.js_salon_invoice");
    await animationFrame();
    expect(order.salon_wish).toBe(false);
});

test("a press where there is no choice says why", async () => {
    mockService("notification", {add: (text) => expect.step(text)});
    const order = await pay();
    await click("button.js_salon_invoice");
    await animationFrame();
    expect.verifySteps(["Every sale gets it here."]);
    expect(order.salon_wish).not.toBe("invoice");
});

test("the wish and the buyer travel with the order", async () => {
    const store = await setupTill({policy: "request"});
    const order = await getFilledOrder(store);
    order.salonToggleWish();
    const [buyer] = store.models["res.partner"].getAll();
    order.salon_buyer_id = buyer;
    const sent = order.serializeForORM();
    expect(sent.salon_wish).toBe("invoice");
    expect(sent.salon_buyer_id).toBe(buyer.id);
});

const CHOICE = "button.js_salon_choice";

/** What can be chosen, and what is: [wish, checked] of each button. */
function choices() {
    return queryAll(CHOICE).map((button) => [
        button.dataset.wish,
        button.getAttribute("aria-checked"),
    ]);
}

test("where receipts are given the cashier chooses, and the reason is said", async () => {
    const order = await pay({policy: "request", receipts: true});
    expect("button.js_salon_invoice").toHaveCount(0);
    expect(choices()).toEqual([
        ["invoice", "false"],
        ["receipt", "true"],
    ]);
    expect(".salon-document-reason").toHaveText(/A receipt, unless somebody asks/);
    await click(`${CHOICE}[data-wish=invoice]`);
    await animationFrame();
    expect(order.salon_wish).toBe("invoice");
    expect(choices()[0]).toEqual(["invoice", "true"]);
    expect(".salon-document-reason").toHaveText("Asked for.");
    await click(`${CHOICE}[data-wish=receipt]`);
    await animationFrame();
    expect(order.salon_wish).toBe("receipt");
    await click(`${CHOICE}[data-wish=receipt]`);
    await animationFrame();
    expect(order.salon_wish).toBe(false);
    expect(choices()[1]).toEqual(["receipt", "true"]);
});

test("a receipt may be chosen where every sale gets an invoice", async () => {
    const order = await pay({policy: "all", receipts: true});
    expect(choices()).toEqual([
        ["invoice", "true"],
        ["receipt", "false"],
    ]);
    await click(`${CHOICE}[data-wish=receipt]`);
    await animationFrame();
    expect(order.salonDocument.outcome).toBe("receipt");
    expect(order.serializeForORM().salon_wish).toBe("receipt");
});

test("beside a cash register its receipt is chosen", async () => {
    const order = await pay({policy: "request", cashRegister: true});
    expect(choices()).toEqual([
        ["invoice", "false"],
        ["none", "true"],
    ]);
    expect(".salon-document-reason").toHaveText("The cash register gives the receipt.");
    await click(`${CHOICE}[data-wish=invoice]`);
    await animationFrame();
    expect(order.salonDocument.outcome).toBe("invoice");
});

test("where the law wants an invoice there is no choice, and it says why", async () => {
    mockService("notification", {add: (text) => expect.step(text)});
    const order = await pay({policy: "request", receipts: true});
    order.salon_buyer_id = makeCompany(order);
    await animationFrame();
    expect(CHOICE).toHaveCount(0);
    expect("button.js_salon_invoice").toHaveAttribute("aria-checked", "true");
    await click("button.js_salon_invoice");
    await animationFrame();
    expect.verifySteps(["A business buyer gets it: the law says so."]);
});

test("a sale with a deposit offers no receipt, and it says why", async () => {
    const order = await pay({policy: "request", receipts: true, deposits: [5]});
    expect(order.lines[0].product_id.product_tmpl_id.id).toBe(5);
    expect(CHOICE).toHaveCount(0);
    expect("button.js_salon_invoice").toHaveAttribute("aria-checked", "true");
    expect(".salon-document-reason").toHaveText("A deposit is on an invoice only.");
    order.removeOrderline(order.lines[0]);
    await animationFrame();
    expect(choices()).toEqual([
        ["invoice", "false"],
        ["receipt", "true"],
    ]);
});

/**
 * Put a walk-in's sale on account.
 *
 * @param {object} options of setupTill
 */
async function payOnAccount(options) {
    const store = await setupTill(options);
    const order = await getFilledOrder(store);
    const methods = store.models["pos.payment.method"].getAll();
    await mountWithCleanup(PaymentScreen, {props: {orderUuid: order.uuid}});
    order.addPaymentline(methods.find(({type}) => type === "pay_later"));
    await animationFrame();
}

test("an account that is invoiced at once is said as such", async () => {
    await payOnAccount({accountAtOnce: true});
    expect("button.js_salon_invoice").toHaveAttribute("aria-checked", "true");
    expect(".salon-document-reason").toHaveText(
        "What is not paid yet gets an invoice: the law says so."
    );
});

test("elsewhere an account is invoiced when somebody asks", async () => {
    await payOnAccount();
    expect("button.js_salon_invoice").toHaveAttribute("aria-checked", "false");
    expect(".salon-document-reason").toHaveText(
        "On the customer's account: invoiced when somebody asks."
    );
});
