import {InvoiceWatch} from "@salon_invoice_bridge/app/utils/invoice_watch";
import {PosStore} from "@point_of_sale/app/services/pos_store";
import {markRaw} from "@odoo/owl";
import {patch} from "@web/core/utils/patch";

// Also in models/pos_order.py.
const MESSAGE = "SALON_INVOICE";

patch(PosStore.prototype, {
    async setup() {
        // Before Odoo's own, which may send sales that were made offline.
        this.salonWatch = markRaw(new InvoiceWatch((orders) => this.salonAsk(orders)));
        await super.setup(...arguments);
        this.data.connectWebSocket(MESSAGE, ({ids}) => {
            const orders = this.models["pos.order"];
            return this.salonWatch.hear(ids, (id) => orders.get(id));
        });
        // Messages that were sent meanwhile are lost.
        const catchUp = () => this.salonWatch.catchUp();
        this.bus.addEventListener("BUS:CONNECT", catchUp);
        this.bus.addEventListener("BUS:RECONNECT", catchUp);
        window.addEventListener("pos-network-online", catchUp);
    },
    /** Follow the invoices of the sales that the server has now, and wait for nothing. */
    postSyncAllOrders(orders) {
        try {
            this._salonFollow(orders);
        } catch (error) {
            // An error here would be taken for one of the payment.
            console.error(error);
        }
        return super.postSyncAllOrders(...arguments);
    },
    _salonFollow(orders) {
        if (!this.config.salon_connected) {
            return;
        }
        for (const order of orders.filter(({finalized}) => finalized)) {
            this.salonWatch.follow(order);
            if (!order.salonIsExpected) {
                this.salonWatch.askSoon([order]);
            }
        }
    },
    /**
     * Ask the server what has become of these sales' invoices, in one call.
     *
     * The answers are put into `uiState.salonInvoice`, which is kept in the browser and
     * never sent. An unreachable server is no error: the next message asks again.
     *
     * @param {Object[]} orders of the model pos.order
     * @returns {Promise<Boolean>} whether the server has answered
     */
    async salonAsk(orders) {
        try {
            return await this._salonCall("salon_till_status", orders);
        } catch {
            return false;
        }
    },
    /**
     * Have the invoices of these sales tried again that need attention.
     *
     * @param {Object[]} orders of the model pos.order
     */
    async salonRetry(orders) {
        await this._salonCall("salon_till_retry", orders);
        orders.forEach((order) => this.salonWatch.follow(order));
    },
    async _salonCall(method, orders) {
        const synced = orders.filter((order) => order.isSynced);
        if (!this.config.salon_connected || !synced.length) {
            return false;
        }
        const ids = synced.map((order) => order.id);
        const answers = await this.data.call("pos.order", method, [ids]);
        for (const order of synced) {
            order.uiState.salonInvoice = answers[order.id];
        }
        this.salonWatch.answered(synced);
        return true;
    },
    /** Remember which number was on the slip, to offer it again with a newer one. */
    async printReceipt({
        basic = false,
        order = this.getOrder(),
        printBillActionTriggered,
    } = {}) {
        const number = order.salonNumber;
        const result = await super.printReceipt(...arguments);
        if (result && order.finalized && !basic && !printBillActionTriggered) {
            order.uiState.salonPrinted = number;
        }
        return result;
    },
});
