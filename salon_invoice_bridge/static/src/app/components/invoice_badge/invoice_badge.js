import {Component} from "@odoo/owl";
import {LOOKS} from "@salon_invoice_bridge/app/components/invoice_card/invoice_card";
import {_t} from "@web/core/l10n/translation";

const LABELS = {
    attention: _t("Needs attention"),
    cancelled: _t("Cancelled"),
    offline: _t("Not sent yet"),
    pending: _t("Being made"),
    unfinished: _t("Not an invoice yet"),
};

/** What becomes of a paid sale's invoice, in a row of the list: its number, or a word. */
export class InvoiceBadge extends Component {
    static template = "salon_invoice_bridge.InvoiceBadge";
    static props = {order: Object};

    get status() {
        const status = this.props.order.salonStatus;
        return ["unknown", "odoo"].includes(status?.state) ? undefined : status;
    }

    get colour() {
        return (LOOKS[this.status.state] || ["secondary"])[0];
    }

    get icon() {
        return (LOOKS[this.status.state] || ["", "fa-file-o"])[1];
    }

    get label() {
        const {state, number} = this.status;
        if (this.props.order.salonPaperInstead) {
            return _t("Paper receipt");
        }
        return (state === "issued" && number) || LABELS[state] || _t("No invoice");
    }

    /** What is written below: which one was cancelled, why there is none. */
    get detail() {
        const {state, number, reason} = this.status;
        if (this.props.order.salonPaperInstead) {
            return this.props.order.salonPaperInstead;
        }
        return state === "issued" ? "" : number || reason || "";
    }
}
