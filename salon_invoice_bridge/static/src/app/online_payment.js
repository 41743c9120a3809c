import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import {patch} from "@web/core/utils/patch";

/**
 * Of pos_online_payment, where it is installed: it looks for Odoo's invoice of an order
 * that the server has saved as paid. In a connected till the server has taken the wish
 * over, and there is none to look for.
 */
patch(OrderPaymentValidation.prototype, {
    async afterPaidOrderSavedOnServer(saved) {
        const [order] = saved || [];
        if (this.pos.config.salon_connected && order && !this.order.finalized) {
            this.order.setToInvoice(order.to_invoice);
        }
        return super.afterPaidOrderSavedOnServer(...arguments);
    },
});
