import {PosOrder} from "@point_of_sale/app/models/pos_order";
import {_t} from "@web/core/l10n/translation";
import {
    decideDocument,
    sortOfBuyer,
} from "@salon_invoice_bridge/app/utils/wished_document";
import {invoiceOnly} from "@salon_invoice_bridge/app/utils/choice";
import {patch} from "@web/core/utils/patch";

const NAMES = {
    invoice: _t("Invoice"),
    proforma: _t("Proforma"),
    draft: _t("Draft of the invoice"),
    receipt: _t("Receipt"),
    none: _t("Cash register"),
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
    /** The sale as utils/choice.js has it. */
    get salonSale() {
        const {config, currency} = this;
        const lines = this.getOrderlines();
        const methods = this.payment_ids.map((payment) => payment.payment_method_id);
        const isForints = currency.name === "HUF";
        return {
            rule: config.salon_till_policy,
            wish: this.salon_wish || "",
            buyer: sortOfBuyer(this.salonBilledPartner),
            forints: isForints ? this.priceIncl : 0,
            isForints,
            paid: methods.every(({salon_counts_as_paid: paid}) => paid !== false),
            onAccount: methods.some(({type}) => type === "pay_later"),
            accountAtOnce: Boolean(config.salon_till_account_at_once),
            cashRegister: Boolean(config.salon_cash_register),
            receipts: Boolean(config.salon_till_receipts),
            foreignTip: config.salon_till_tip !== "held" && this.salonHasTip,
            tipKeptOff: config.salon_till_tip === "kept_off",
            onlyTip: this.salonHasOnlyTip,
            deposit: this.salonHasDeposit,
            paper: Boolean(this.salon_paper_number),
            isReturn:
                lines.length > 0 && lines.every((line) => line.refunded_orderline_id),
        };
    },
    /** Tell whether there is a tip on this sale. */
    get salonHasTip() {
        return this.getOrderlines().some((line) => this.salonIsTip(line));
    },
    /** Tell whether nothing but a tip is charged. */
    get salonHasOnlyTip() {
        const others = this.getOrderlines().filter((line) => !this.salonIsTip(line));
        return this.salonHasTip && others.every((line) => !line.priceIncl);
    },
    /** Tell whether a line is the tip. */
    salonIsTip({product_id: product}) {
        const tip = this.config.tip_product_id;
        return Boolean(tip) && product.id === tip.id;
    },
    /**
     * What this sale will get, why, and what the cashier may choose instead.
     *
     * `name` is that of the invoice; each choice has its own.
     */
    get salonDocument() {
        const kind = this.config.salon_till_kind;
        const decision = decideDocument(this.salonSale);
        const choices = decision.choices.map((choice) => ({
            ...choice,
            name: `${NAMES[choice.wish === "invoice" ? kind : choice.wish]}`,
        }));
        return {...decision, choices, name: `${NAMES[kind]}`};
    },
    /** Ask for a document of the service, or no longer. */
    salonToggleWish(wish = "invoice") {
        this.assertEditable();
        this.salon_wish = this.salon_wish === wish ? false : wish;
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
            return this.salonStatusOffline;
        }
        const expected = {state: this.salonIsExpected ? "pending" : "unknown"};
        return this.uiState.salonInvoice || expected;
    },
    /** What is to be said of a sale that the server does not know yet. */
    get salonStatusOffline() {
        const paper = this.salon_paper_number || "";
        const expected = this.salonIsExpected ? "offline" : "unknown";
        return {state: paper ? "skipped" : expected, paper};
    },
    /** Tell whether it is a receipt, or will be one as far as this till knows. */
    get salonIsReceipt() {
        return this.salonStatus?.receipt ?? this.salonDocument.outcome === "receipt";
    },
    /** Tell whether the customer gets the receipt in the service's own layout. */
    get salonPrintsLayout() {
        const status = this.salonStatus;
        return Boolean(
            this.config.salon_till_layout === "service" &&
                status?.state === "issued" &&
                status.receipt
        );
    },
    /**
     * The number of the paper receipt that stands in the document's place, or "".
     *
     * What the service may have made all the same is looked up and cancelled: it is no
     * other receipt of this sale. What needs a person says so first.
     */
    get salonPaperInstead() {
        const {state, paper} = this.salonStatus || {};
        return (state !== "attention" && paper) || "";
    },
    /** Tell whether a receipt may have been written by hand in the document's place. */
    get salonMayHavePaper() {
        const status = this.salonStatus;
        if (!status || status.paper || this.isRefund) {
            return false;
        }
        if (status.state === "offline") {
            return !invoiceOnly(this.salonSale) && this.salon_wish !== "invoice";
        }
        return Boolean(status.can_paper);
    },
    /** The number of the sale's invoice, "" while there is none. */
    get salonNumber() {
        const status = this.salonStatus;
        return (NUMBERED.has(status?.state) && status.number) || "";
    },
    /**
     * The document of what was kept of a sale: undefined while there is none.
     *
     * A refund's status names it. The slip has what it prints of a receipt, also of
     * the sale's own after a part has come back.
     */
    get salonKept() {
        const {slip, kept} = this.salonStatus || {};
        const document = slip?.kept || kept;
        return document?.number ? document : undefined;
    },
    get salonKeptTitle() {
        const {number, receipt} = this.salonKept || {};
        if (!number) {
            return "";
        }
        return receipt
            ? _t("Receipt of what was kept: %s", number)
            : _t("Invoice of what was kept: %s", number);
    },
    /** The numbers that a slip prints, to be compared with those of another one. */
    get salonPrintable() {
        const numbers = [this.salonNumber, this.salonKept?.number];
        return numbers.filter(Boolean).join(", ");
    },
    /** Tell whether the customer's page offers to ask for an invoice to a company. */
    get salonCanBeRequested() {
        const may = this.config.salon_till_requests && !this.isRefund;
        const expected = Boolean(may && !this.salonBilledPartner);
        return this.salonStatus?.can_request ?? expected;
    },
    /** Tell whether the last slip lacks a number that there is now. */
    get salonSlipIsOutdated() {
        const printed = this.uiState.salonPrinted;
        const number = this.salonPrintable;
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
