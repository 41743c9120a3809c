import {PaymentScreen} from "@point_of_sale/app/screens/payment_screen/payment_screen";
import {patch} from "@web/core/utils/patch";

patch(PaymentScreen.prototype, {
    onMounted() {
        const order = this.currentOrder;
        const wished = order.isToInvoice();
        super.onMounted();
        // Odoo chooses it for the refund of a sale for which it was chosen.
        const changed = order.isToInvoice() !== wished;
        if (changed && order.config.salon_connected && !order.salonReturnsToOdoo) {
            order.setToInvoice(wished);
        }
    },
});
