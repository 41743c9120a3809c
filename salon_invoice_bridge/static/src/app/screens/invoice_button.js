import {AlertDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {InvoiceButton} from "@point_of_sale/app/screens/ticket_screen/invoice_button/invoice_button";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";
import {useService} from "@web/core/utils/hooks";

/** In a connected till "Invoice" shows the service's document of a paid sale. */
patch(InvoiceButton.prototype, {
    setup() {
        super.setup();
        this.action = useService("action");
    },
    async _invoiceOrder() {
        const order = this.props.order;
        if (!order || this.isAlreadyInvoiced || !this.pos.config.salon_connected) {
            return super._invoiceOrder(...arguments);
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
        this.dialog.add(AlertDialog, {title: _t("Invoice"), body: answer.text});
    },
});
