import {InvoiceCard} from "@salon_invoice_bridge/app/components/invoice_card/invoice_card";
import {ReceiptScreen} from "@point_of_sale/app/screens/receipt_screen/receipt_screen";
import {browser} from "@web/core/browser/browser";
import {patch} from "@web/core/utils/patch";

/** Milliseconds between the questions whether the PDF has come; then it goes without. */
const WAITS = [700, 700, 700, 700];

ReceiptScreen.components = {...ReceiptScreen.components, InvoiceCard};

patch(ReceiptScreen.prototype, {
    async _sendReceiptToCustomer({action}) {
        if (action === "action_send_receipt") {
            await this._salonAwaitPdf(this.currentOrder);
        }
        return super._sendReceiptToCustomer(...arguments);
    },
    /**
     * Have the PDF fetched that the mail carries: it may have been left to the night.
     *
     * @param {Object} order
     */
    async _salonAwaitPdf(order) {
        if (!this.pos.config.salon_connected || order.salonStatus?.state !== "issued") {
            return;
        }
        const isComing = () =>
            this.pos.data
                .call("pos.order", "salon_till_fetch_pdf", [[order.id]])
                .catch(() => false);
        for (const wait of WAITS) {
            if (!(await isComing())) {
                return;
            }
            await new Promise((resolve) => browser.setTimeout(resolve, wait));
        }
    },
});
