import {AlertDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {InvoiceButton} from "@point_of_sale/app/screens/ticket_screen/invoice_button/invoice_button";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";
import {useService} from "@web/core/utils/hooks";

/**
 * On a paid sale "Invoice" opens the service's document, or says why there is none.
 *
 * The server is asked again: another till's sale may be listed here, and this till may
 * have been connected since it was opened.
 */
patch(InvoiceButton.prototype, {
    setup() {
        super.setup();
        this.action = useService("action");
    },
    get commandName() {
        const status = this.props.order?.salonStatus;
        // What was left to the night is fetched when it is opened.
        const opens = status?.url || (status?.state === "issued" && status.number);
        if (!opens) {
            return super.commandName;
        }
        return this.salonOpensReceipt ? _t("Open receipt") : _t("Open invoice");
    },
    get salonOpensReceipt() {
        return Boolean(this.props.order?.salonStatus?.receipt);
    },
    async _invoiceOrder() {
        const order = this.props.order;
        if (!order || this.isAlreadyInvoiced) {
            return super._invoiceOrder(...arguments);
        }
        if (!order.isSynced) {
            return this._salonSay(
                _t("This sale has not reached the server yet. Try again when it has.")
            );
        }
        const answers = await this.pos.data.call("pos.order", "salon_till_open", [
            [order.id],
        ]);
        const status = answers[order.id];
        if (!status || status.state === "odoo") {
            return super._invoiceOrder(...arguments);
        }
        order.uiState.salonInvoice = status;
        if (status.url) {
            return this.action.doAction({
                type: "ir.actions.act_url",
                url: status.url,
                target: "new",
            });
        }
        return this._salonSay(status.text);
    },
    _salonSay(body) {
        const title = this.salonOpensReceipt ? _t("Receipt") : _t("Invoice");
        this.dialog.add(AlertDialog, {title, body});
    },
});
