import {BuyerButton} from "@salon_invoice_bridge/app/components/buyer_button/buyer_button";
import {PaymentScreen} from "@point_of_sale/app/screens/payment_screen/payment_screen";
import {patch} from "@web/core/utils/patch";

patch(PaymentScreen, {components: {...PaymentScreen.components, BuyerButton}});

patch(PaymentScreen.prototype, {
    onMounted() {
        const order = this.currentOrder;
        const wished = order.isToInvoice();
        super.onMounted();
        // Odoo chooses it for the refund of a sale for which it was chosen: of another
        // one, too, that it has invoiced, and of none that it has not.
        const wanted = order.salonReturnsToOdoo || wished;
        if (order.config.salon_connected && order.isToInvoice() !== wanted) {
            order.setToInvoice(wanted);
        }
    },
    /** Ask for what the service makes of this sale, or no longer; or say why not. */
    salonChoose(wish) {
        const {fixed, reason, choices} = this.currentOrder.salonDocument;
        const chosen = choices.find((choice) => choice.wish === wish);
        if (fixed || chosen?.blocked) {
            this.notification.add(fixed ? reason : chosen.blocked, {type: "info"});
        } else {
            this.currentOrder.salonToggleWish(wish);
        }
    },
});
