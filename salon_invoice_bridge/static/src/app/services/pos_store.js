import {PosStore} from "@point_of_sale/app/services/pos_store";
import {patch} from "@web/core/utils/patch";

// Also in models/pos_order.py.
const MESSAGE = "SALON_INVOICE";

patch(PosStore.prototype, {
    async setup() {
        await super.setup(...arguments);
        this.data.connectWebSocket(MESSAGE, ({ids}) => {
            const orders = this.models["pos.order"];
            return this.salonAsk(ids.map((id) => orders.get(id)).filter(Boolean));
        });
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
        const synced = orders.filter((order) => order.isSynced);
        if (!this.config.salon_connected || !synced.length) {
            return false;
        }
        try {
            const ids = synced.map((order) => order.id);
            const answers = await this.data.call("pos.order", "salon_till_status", [
                ids,
            ]);
            for (const order of synced) {
                order.uiState.salonInvoice = answers[order.id];
            }
            return true;
        } catch {
            return false;
        }
    },
});
