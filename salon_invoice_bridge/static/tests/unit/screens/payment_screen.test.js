import {expect, test} from "@odoo/hoot";
import {makeMove, saveOrder, setupTill} from "../utils";
import {PaymentScreen} from "@point_of_sale/app/screens/payment_screen/payment_screen";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import {getFilledOrder} from "@point_of_sale/../tests/unit/utils";
import {mountWithCleanup} from "@web/../tests/web_test_helpers";

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
