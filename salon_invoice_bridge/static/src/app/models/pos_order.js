import {PosOrder} from "@point_of_sale/app/models/pos_order";
import {_t} from "@web/core/l10n/translation";
import {decideDocument} from "@salon_invoice_bridge/app/utils/wished_document";
import {patch} from "@web/core/utils/patch";

const NAMES = {
    invoice: _t("Invoice"),
    proforma: _t("Proforma"),
    draft: _t("Draft of the invoice"),
};
/** States in which a document has its number for good. */
const NUMBERED = new Set(["issued", "cancelled"]);

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
    /** Who is billed: the buyer that was named, else the customer. */
    get salonBilledPartner() {
        return this.salon_buyer_id || this.getPartner();
    },
    /** Whom *Company invoice* has put on this sale: the company, or the customer. */
    get salonNamedBuyer() {
        const customer = this.getPartner();
        return this.salon_buyer_id || (customer?.is_company ? customer : undefined);
    },
    /**
     * Make the invoice out to somebody, and ask for it. A private customer stays on the
     * sale, with their points and prices.
     *
     * @param {Object|Boolean} buyer of the model res.partner; false: to nobody else
     */
    salonBillTo(buyer) {
        this.assertEditable();
        const customer = this.getPartner();
        const stays = customer && !customer.is_company && customer !== buyer;
        this.salon_buyer_id = stays && buyer ? buyer : false;
        if (!stays) {
            this.setPartner(buyer);
        }
        this.salon_wish = buyer ? "invoice" : false;
    },
    /** What this sale will get, whether the cashier may change it, and why. */
    get salonDocument() {
        const lines = this.getOrderlines();
        const decision = decideDocument({
            policy: this.config.salon_till_policy,
            buyer: this.salonBilledPartner,
            asked: this.salon_wish === "invoice",
            onAccount: this.payment_ids.some(
                ({payment_method_id: method}) => method.type === "pay_later"
            ),
            isReturn:
                lines.length > 0 && lines.every((line) => line.refunded_orderline_id),
            forints: this.currency.name === "HUF" ? this.priceIncl : 0,
        });
        return {...decision, name: `${NAMES[this.config.salon_till_kind]}`};
    },
    /** Ask for the service's invoice, or no longer. */
    salonToggleWish() {
        this.assertEditable();
        this.salon_wish = this.salon_wish === "invoice" ? false : "invoice";
    },
    /** Tell whether a deposit is sold or taken off: only an invoice can say that. */
    get salonHasDeposit() {
        const sold = this.config.salon_till_deposits || [];
        return this.getOrderlines().some(({product_id: product}) =>
            sold.includes(product.product_tmpl_id?.id)
        );
    },
    /** What the lines of this sale take off a deposit, by the id of its line. */
    salonTakenOff(deposit) {
        return this.lines
            .filter((line) => line.salon_deposit_line === deposit)
            .reduce((sum, line) => sum + Math.abs(line.priceIncl), 0);
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
        if (
            !this.config.salon_connected ||
            !this.finalized ||
            this.state === "cancel"
        ) {
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
    /** Tell whether the customer's page offers to ask for an invoice to a company. */
    get salonCanBeRequested() {
        const may = this.config.salon_till_requests && !this.isRefund;
        const expected = Boolean(may && !this.salonBilledPartner);
        return this.salonStatus?.can_request ?? expected;
    },
    /** Tell whether the last slip lacks the number that there is now. */
    get salonSlipIsOutdated() {
        const printed = this.uiState.salonPrinted;
        const number = this.salonNumber;
        return Boolean(number) && printed !== undefined && printed !== number;
    },
    /** Tell whether an invoice is to be expected, before the server has said so. */
    get salonIsExpected() {
        return this.salonDocument.wanted;
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
