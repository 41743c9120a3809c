import {CustomerDisplayPosAdapter} from "@point_of_sale/app/customer_display/customer_display_adapter";
import {patch} from "@web/core/utils/patch";

patch(CustomerDisplayPosAdapter.prototype, {
    /**
     * Show the address of the customer's page with the thanks.
     *
     * Nothing that comes later: the till sends a request whenever what is read here
     * changes.
     */
    formatOrderData(order) {
        super.formatOrderData(...arguments);
        const shown =
            order.config.salon_connected && order.finalized && order.salonIsExpected;
        this.data.salonGuestUrl = shown ? order.salonGuestUrl : "";
    },
});
