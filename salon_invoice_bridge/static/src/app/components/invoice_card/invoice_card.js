import {AlertDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {Component, useState} from "@odoo/owl";
import {TextInputPopup} from "@point_of_sale/app/components/popups/text_input_popup/text_input_popup";
import {_t} from "@web/core/l10n/translation";
import {makeAwaitable} from "@point_of_sale/app/utils/make_awaitable_dialog";
import {pdfPrinter} from "@salon_invoice_bridge/app/utils/pdf_printer";
import {usePos} from "@point_of_sale/app/hooks/pos_hook";
import {useService} from "@web/core/utils/hooks";

/** What each state looks like: Bootstrap's colour and Font Awesome's icon. */
export const LOOKS = {
    issued: ["success", "fa-check"],
    cancelled: ["secondary", "fa-ban"],
    attention: ["danger", "fa-exclamation-triangle"],
    pending: ["info", "fa-circle-o-notch fa-spin"],
    unfinished: ["info", "fa-file-text-o"],
    offline: ["warning", "fa-plug"],
};

/** What becomes of a paid sale's invoice, with what a receptionist can do about it. */
export class InvoiceCard extends Component {
    static template = "salon_invoice_bridge.InvoiceCard";
    static props = {
        order: Object,
        // Beside the lines of a sale, which need the room: one row, smaller buttons.
        compact: {type: Boolean, optional: true},
    };

    setup() {
        this.pos = usePos();
        this.notification = useService("notification");
        this.dialog = useService("dialog");
        this.busy = useState({name: ""});
    }

    get status() {
        return this.props.order.salonStatus;
    }

    get layout() {
        return this.props.compact
            ? "flex-wrap align-items-center gap-1 mb-1 px-2 py-1"
            : "flex-column gap-2 mb-3 p-2 p-lg-3";
    }

    get colour() {
        return (LOOKS[this.status.state] || ["secondary"])[0];
    }

    get icon() {
        return (LOOKS[this.status.state] || ["", "fa-file-o"])[1];
    }

    get title() {
        const {state, number} = this.status;
        const {salonPaperInstead: paper, salonIsReceipt: isReceipt} = this.props.order;
        if (paper) {
            return _t("Paper receipt: %s", paper);
        }
        const titles = {
            issued: _t("Issued: %s", number),
            cancelled: _t("Cancelled: %s", number),
            attention: _t("The invoice needs attention"),
            pending: _t("Invoice on its way"),
            unfinished: _t("Not an invoice yet"),
            offline: _t("The invoice follows when the connection is back"),
            odoo: _t("Invoiced in Odoo"),
            ...(isReceipt ? this.titlesOfReceipt : {}),
        };
        return titles[state] || _t("No invoice");
    }

    get titlesOfReceipt() {
        const {kind, number} = this.status;
        const own = {
            issued: _t("Receipt issued: %s", number),
            cancelled: _t("Cancelled receipt: %s", number),
        };
        return {
            ...(kind === "receipt" ? own : {}), // else it is its storno
            attention: _t("The receipt needs attention"),
            pending: _t("Receipt on its way"),
            offline: _t("The receipt follows when the connection is back"),
        };
    }

    /** Why it is so, where the title does not say it all. */
    get reason() {
        const {state, number, reason} = this.status;
        if (this.props.order.salonPaperInstead) {
            const undone = {
                skipped: "",
                cancelled: _t("Cancelled: %s", number),
            };
            // In a template string the export of terms would not find it.
            const open = _t("If the service has made one, too, it is cancelled.");
            return `${undone[state] ?? open}`;
        }
        return (state === "unfinished" ? number : reason) || "";
    }

    /** A paper receipt is for what is late, not for what is about to be there. */
    get canRecordPaper() {
        const order = this.props.order;
        const {state} = this.status;
        const isLate =
            this.props.compact ||
            order.uiState.salonUnanswered ||
            state === "attention" ||
            state === "offline";
        return isLate && order.salonMayHavePaper;
    }

    /** Beside the lines of a sale there is no room to say what the button is for. */
    get paperHint() {
        return this.canRecordPaper && !this.props.compact
            ? _t(
                  "If the customer cannot wait, write a paper receipt, and record its number here."
              )
            : "";
    }

    get canPrintLayout() {
        return this.props.order.salonPrintsLayout;
    }

    get canAsk() {
        const order = this.props.order;
        return order.isSynced && order.uiState.salonUnanswered;
    }

    ask() {
        return this.press("ask", () => this.pos.salonAsk([this.props.order], true));
    }

    retry() {
        return this.press("retry", () => this.pos.salonRetry([this.props.order]));
    }

    /** Record the number of a receipt that was written by hand, or say why not. */
    async recordPaper() {
        const typed = await makeAwaitable(this.dialog, TextInputPopup, {
            title: _t("Number of the paper receipt"),
            placeholder: _t("As it is printed on it"),
            size: "md",
        });
        const number = (typed || "").trim();
        if (!number) {
            return;
        }
        await this.press("paper", async () => {
            const order = this.props.order;
            const error = await this.pos.salonRecordPaper(order, number);
            if (error) {
                this.dialog.add(AlertDialog, {
                    title: _t("Paper receipt %s", number),
                    body: error,
                });
            }
        });
    }

    /** Print the receipt in the service's own layout. */
    printLayout() {
        return this.press("layout", async () => {
            const {id} = this.props.order;
            const answer = await this.pos.data.call("pos.order", "salon_till_print", [
                [id],
            ]);
            if (answer.error) {
                this.dialog.add(AlertDialog, {
                    title: _t("Receipt"),
                    body: answer.error,
                });
            } else {
                pdfPrinter.print(answer.pdf);
            }
        });
    }

    reprint() {
        return this.press("reprint", () =>
            this.pos.printReceipt({order: this.props.order})
        );
    }

    /** Do what a button says, once at a time, and say it if that fails. */
    async press(name, act) {
        if (this.busy.name) {
            return;
        }
        this.busy.name = name;
        let done = false;
        try {
            done = await act();
        } catch (error) {
            this.notification.add(
                error.data?.message || _t("The server cannot be reached."),
                {
                    type: "danger",
                }
            );
            return;
        } finally {
            this.busy.name = "";
        }
        if (done === false) {
            this.notification.add(_t("The server cannot be reached."), {
                type: "warning",
            });
        }
    }
}
