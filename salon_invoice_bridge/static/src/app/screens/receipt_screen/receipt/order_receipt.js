/* global QRCode */
import {OrderReceipt} from "@point_of_sale/app/screens/receipt_screen/receipt/order_receipt";
import {_t} from "@web/core/l10n/translation";
import {generateQRCodeDataUrl} from "@point_of_sale/utils";
import {patch} from "@web/core/utils/patch";

/** States in which the customer's page has something to show, or will have. */
const SHOWN_TO_GUESTS = new Set([
    "attention",
    "cancelled",
    "issued",
    "offline",
    "pending",
    "unfinished",
]);

patch(OrderReceipt.prototype, {
    /** What the slip says of the invoice: undefined where it says nothing. */
    get salonSlip() {
        const status = this.order.salonStatus;
        if (!status || status.state === "odoo") {
            return undefined;
        }
        const shown = SHOWN_TO_GUESTS.has(status.state) && !status.paper;
        const seen = shown || this.order.salonCanBeRequested;
        return {
            title: this.salonTitle(status),
            text: seen ? this.salonText(status, shown) : "",
            qr: seen ? this.salonCode : "",
            receipt: this.salonReceipt(status),
            kept: this.salonSlipOfKept,
            paper: status.paper ? _t("Receipt written by hand: %s", status.paper) : "",
        };
    },
    /** The data of an issued receipt, where the slip is what the customer gets. */
    salonReceipt({state, slip, paper}) {
        const isElsewhere = this.order.salonPrintsLayout || paper;
        if (state !== "issued" || !slip?.rates || isElsewhere) {
            return undefined;
        }
        return this.salonReceiptData(slip);
    },
    /** What was kept of the sale: its number, with the data of a receipt's own slip. */
    get salonSlipOfKept() {
        const {salonKept: kept, salonKeptTitle: title} = this.order;
        const isHere = kept?.rates && this.order.config.salon_till_layout !== "service";
        const receipt = isHere ? this.salonReceiptData(kept) : undefined;
        return kept && {title, receipt};
    },
    salonReceiptData({issuer, day, rates, total, kept_off: keptOff}) {
        return {
            issuer,
            day,
            rates: rates.map(([vat, gross]) => [_t("VAT %s, gross", vat), gross]),
            total,
            keptOff: keptOff ? _t("Not on the receipt: %s", keptOff) : "",
        };
    },
    /** The code of the customer's page: one that a bad print may damage, a little. */
    get salonCode() {
        const correctLevel = QRCode.CorrectLevel.M;
        return generateQRCodeDataUrl(this.order.salonGuestUrl, {correctLevel});
    },
    salonTitle({state, number, kind, receipt, slip, paper}) {
        if (paper) {
            return _t("This slip is neither an invoice nor a receipt.");
        }
        if (receipt && state in {issued: 1, cancelled: 1}) {
            return this.salonTitleOfReceipt(state, number, kind, slip);
        }
        if (state === "cancelled") {
            return _t("Cancelled invoice: %s", number);
        }
        if (state !== "issued") {
            return _t("This slip is neither an invoice nor a receipt.");
        }
        const titles = {
            storno: _t("Storno: %s", number),
            correction: _t("Correction: %s", number),
        };
        return titles[kind] || _t("Invoice: %s", number);
    },
    /** Without its data the slip only names the receipt that the customer gets. */
    salonTitleOfReceipt(state, number, kind, slip) {
        if (state === "cancelled") {
            return _t("Cancelled receipt: %s", number);
        }
        if (!slip?.rates || this.order.salonPrintsLayout) {
            return _t("This slip is no receipt. Your receipt: %s", number);
        }
        return kind === "storno"
            ? _t("Storno of a receipt: %s", number)
            : _t("Receipt no. %s", number);
    },
    salonText({state}, shown) {
        if (!shown) {
            return _t("If you need one, scan the code and ask for it.");
        }
        if (state === "issued" || state === "cancelled") {
            return this.order.salonCanBeRequested
                ? _t("Scan the code to see it, or to ask for company data on it.")
                : _t("Scan the code to see it.");
        }
        if (this.order.isRefund) {
            return _t("Scan the code to see what becomes of your invoice.");
        }
        if (this.order.salonIsReceipt) {
            return state === "offline"
                ? _t(
                      "Your receipt follows when our connection is back. Scan the code to see it."
                  )
                : _t("Your receipt follows. Scan the code to see it.");
        }
        return state === "offline"
            ? _t(
                  "Your invoice follows when our connection is back. Scan the code to see it."
              )
            : _t("Your invoice follows. Scan the code to see it.");
    },
});
