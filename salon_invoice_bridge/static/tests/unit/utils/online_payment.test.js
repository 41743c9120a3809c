import {expect, test} from "@odoo/hoot";
import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import {getFilledOrder} from "@point_of_sale/../tests/unit/utils";
import {patchWithCleanup} from "@web/../tests/web_test_helpers";
import {setupTill} from "../utils";

definePosModels();

/**
 * End an online payment as pos_online_payment does, which these tests do not load.
 *
 * @param {object} [options] of setupTill
 * @returns {Promise<Boolean>} whether Odoo's invoice would be looked for
 */
async function endPayment(options, saved = [{to_invoice: false}]) {
    patchWithCleanup(OrderPaymentValidation.prototype, {
        async afterPaidOrderSavedOnServer() {
            return this.order.isToInvoice();
        },
    });
    const store = await setupTill(options);
    const order = await getFilledOrder(store);
    order.setToInvoice(true);
    const validation = new OrderPaymentValidation({pos: store, orderUuid: order.uuid});
    return validation.afterPaidOrderSavedOnServer(saved);
}

test("the wish that the server took over is not looked for in Odoo", async () => {
    expect(await endPayment()).toBe(false);
});

test("a payment that the server does not know takes nothing over", async () => {
    expect(await endPayment({}, null)).toBe(true);
});

test("elsewhere nothing is taken over", async () => {
    expect(await endPayment({connected: false})).toBe(true);
});
