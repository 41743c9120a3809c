import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import {patch} from "@web/core/utils/patch";

patch(OrderPaymentValidation.prototype, {
    /** Let an automatic print wait for the invoice's number, for a moment. */
    async beforePostPushOrderResolve(order) {
        const result = await super.beforePostPushOrderResolve(...arguments);
        if (order.salonWaitsToPrint) {
            await this.pos.salonWatch.waitToPrint(order);
        }
        return result;
    },
});
