import {AlertDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {InvoiceButton} from "@point_of_sale/app/screens/ticket_screen/invoice_button/invoice_button";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";
import {useService} from "@web/core/utils/hooks";

/**
 * On a paid sale "Invoice" shows the service's document, or says why there is none.
 *
 * The server tells whose sale it is: another till's may be listed here, and this one may
 * have been connected since it was opened.
 */
patch(InvoiceButton.prototype, {
    setup() {
        super.setup();
        this.action = useService("action");
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
        const answer = await this.pos.data.call("pos.order", "salon_till_invoice", [
            [order.id],
        ]);
        if (!answer) {
            return super._invoiceOrder(...arguments);
        }
        if (answer.url) {
            return this.action.doAction({
                type: "ir.actions.act_url",
                url: answer.url,
                target: "new",
            });
        }
        return this._salonSay(answer.text);
    },
    _salonSay(body) {
        this.dialog.add(AlertDialog, {title: _t("Invoice"), body});
    },
});
