import {PosOrder} from "@point_of_sale/app/models/pos_order";
import {patch} from "@web/core/utils/patch";

/** States in which a document has its number for good. */
const NUMBERED = new Set(["issued", "cancelled"]);
/** Forints from which each sale is invoiced, as in models/pos_order.py. */
const MUST_BE_INVOICED = 900_000;

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
    /**
     * What has become of the sale's invoice, as far as this till knows: what the server
     * has answered, else what is to be expected. Undefined where it is not the till's
     * affair: before the payment, and where nothing is connected.
     */
    get salonStatus() {
        if (!this.config.salon_connected || !this.finalized || this.state === "cancel") {
            return undefined;
        }
        if (!this.isSynced) {
            return {state: this.salonIsExpected ? "offline" : "unknown"};
        }
        const expected = {state: this.salonIsExpected ? "pending" : "unknown"};
        return this.uiState.salonInvoice || expected;
    },
    /** The number of the sale's invoice, "" while there is none. */
    get salonNumber() {
        const status = this.salonStatus;
        return (NUMBERED.has(status?.state) && status.number) || "";
    },
    /** Tell whether the last slip lacks the number that there is now. */
    get salonSlipIsOutdated() {
        const printed = this.uiState.salonPrinted;
        return printed !== undefined && printed !== this.salonNumber;
    },
    /**
     * Tell whether an invoice is to be expected of this sale, before the server has said
     * so: the server decides (`TillSettings.skip_reason`), this is for the first seconds.
     */
    get salonIsExpected() {
        const policy = this.config.salon_policy;
        if (this.isRefund || this.salon_wish === "invoice" || this.isToInvoice()) {
            return true;
        }
        const onAccount = ({payment_method_id: method}) => method.type === "pay_later";
        if (!policy || policy === "manual" || this.payment_ids.some(onAccount)) {
            return false;
        }
        const buyer = this.salon_buyer_id || this.getPartner();
        return (
            policy === "all" ||
            Boolean(policy === "customer" && buyer) ||
            Boolean(buyer?.is_company || buyer?.vat || buyer?.parent_name) ||
            this.priceIncl >= MUST_BE_INVOICED
        );
    },
    /** An automatic print waits for the number; nothing else does. */
    get salonWaitsToPrint() {
        return Boolean(
            this.config.salon_connected &&
                this.config.iface_print_auto &&
                !this.nb_print &&
                this.finalized &&
                this.salonIsExpected
        );
    },
    waitForPushOrder() {
        return super.waitForPushOrder(...arguments) || this.salonWaitsToPrint;
    },
});
