import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import {patch} from "@web/core/utils/patch";
import {registry} from "@web/core/registry";

/**
 * Of pos_online_payment, where it is installed: it looks for Odoo's invoice of an order
 * that the server has saved as paid. In a connected till the server has taken the wish
 * over, and Odoo has no invoice of it.
 *
 * Its patch may be loaded after this file and calls no super: ours is put upon it when
 * all files are loaded, as services are started then.
 */
registry.category("services").add("salon_online_payment", {
    start() {
        patch(OrderPaymentValidation.prototype, {
            async afterPaidOrderSavedOnServer(saved) {
                const [order] = saved || [];
                if (this.pos.config.salon_connected && order) {
                    // Not by setToInvoice: the order may no longer be edited.
                    this.order.to_invoice = order.to_invoice;
                }
                return super.afterPaidOrderSavedOnServer(...arguments);
            },
        });
    },
});
