import {PosOrder} from "@point_of_sale/app/models/pos_order";
import {patch} from "@web/core/utils/patch";

/**
 * In a connected till "Invoice" is a person's wish for the service's invoice, which
 * the server takes over when the order is paid. Nothing chooses it automatically, but for
 * the refund of what Odoo has invoiced, which Odoo takes back.
 */
patch(PosOrder.prototype, {
    setPartner() {
        const wished = this.isToInvoice();
        super.setPartner(...arguments);
        if (this.config.salon_connected && this.isToInvoice() !== wished) {
            this.setToInvoice(wished);
        }
    },
    /** Tell whether this order takes back what Odoo itself has invoiced. */
    get salonReturnsToOdoo() {
        return this.lines.some(
            (line) => line.refunded_orderline_id?.order_id?.raw.account_move
        );
    },
    /** The address of the customer's page: known before the server knows the sale. */
    get salonGuestUrl() {
        return `${this.config._base_url}/salon/invoice/${this.access_token}`;
    },
});
