import {AlertDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {InvoiceWatch} from "@salon_invoice_bridge/app/utils/invoice_watch";
import {PosStore} from "@point_of_sale/app/services/pos_store";
import {_t} from "@web/core/l10n/translation";
import {markRaw} from "@odoo/owl";
import {patch} from "@web/core/utils/patch";

// Also in models/pos_order.py.
const MESSAGE = "SALON_INVOICE";

patch(PosStore.prototype, {
    async setup() {
        // Before Odoo's own, which may send sales that were made offline.
        this.salonWatch = markRaw(
            new InvoiceWatch((orders) => this.salonAsk(orders, true))
        );
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
            this._salonSendPaper(order);
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
     * @param {Boolean} [withSlip] whether to ask what their slips print of a receipt
     * @returns {Promise<Boolean>} whether the server has answered
     */
    async salonAsk(orders, withSlip) {
        try {
            const more = withSlip ? [true] : [];
            return await this._salonCall("salon_till_status", orders, more);
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
    /**
     * Record the number of the receipt that was written by hand for this sale.
     *
     * One that the server does not know yet takes it along.
     *
     * @param {Object} order of the model pos.order
     * @param {String} number
     * @returns {Promise<String>} why it is not recorded, "" if it is
     */
    async salonRecordPaper(order, number) {
        if (!order.isSynced) {
            order.salon_paper_number = number;
            order.uiState.salonPaper = number;
            return "";
        }
        const answer = await this.data.call("pos.order", "salon_till_paper", [
            [order.id],
            number,
        ]);
        order.uiState.salonPaper = undefined;
        if (answer.status) {
            order.uiState.salonInvoice = answer.status;
            this.salonWatch.follow(order);
        }
        return answer.error || "";
    },
    /** Record what was written by hand while this till was offline, if it is not yet. */
    async _salonSendPaper(order) {
        const number = order.uiState.salonPaper;
        if (!number || !order.isSynced) {
            return;
        }
        try {
            const error = await this.salonRecordPaper(order, number);
            if (error) {
                this.dialog.add(AlertDialog, {
                    title: _t("Paper receipt %s", number),
                    body: error,
                });
            }
        } catch {
            // The server is gone again: the next time that sales are sent.
            order.uiState.salonPaper = number;
        }
    },
    async _salonCall(method, orders, more = []) {
        const synced = orders.filter((order) => order.isSynced);
        if (!this.config.salon_connected || !synced.length) {
            return false;
        }
        const ids = synced.map((order) => order.id);
        const answers = await this.data.call("pos.order", method, [ids, ...more]);
        for (const order of synced) {
            const {number, kept, slip} = order.uiState.salonInvoice || {};
            const answer = answers[order.id];
            // A list does not ask for slips: what is known of the same one stays.
            const same =
                answer &&
                slip &&
                !answer.slip &&
                answer.number === number &&
                answer.kept?.number === kept?.number;
            order.uiState.salonInvoice = same ? {...answer, slip} : answer;
        }
        this.salonWatch.answered(synced);
        return true;
    },
    /**
     * Return the deposits that can be taken off the current sale, as the server has them.
     *
     * @param {String} number of the slip or the advance invoice; "": the customer's
     * @returns {Promise<Object[]>} see `pos.order.salon_till_deposits`
     */
    async salonOpenDeposits(number) {
        const order = this.getOrder();
        const partner = (!number && order.getPartner()?.id) || false;
        const deposits = await this.data.call("pos.order", "salon_till_deposits", [
            this.config.id,
            partner,
            number,
        ]);
        return deposits
            .map((deposit) => ({
                ...deposit,
                left: deposit.left - order.salonTakenOff(deposit.line),
            }))
            .filter(({left}) => left > 0);
    },
    /**
     * Take a deposit off a sale: as much as is left of it, and no more than is due.
     *
     * @param {Object} order of the model pos.order
     * @param {Object} deposit of :js:meth:`salonOpenDeposits`
     */
    async salonUseDeposit(order, deposit) {
        const amount = Math.min(deposit.left, order.priceIncl);
        const product = await this._salonProduct(deposit);
        if (!product || amount <= 0) {
            this.dialog.add(AlertDialog, {
                title: _t("Use a deposit"),
                body: product
                    ? _t("Add first what the deposit pays for.")
                    : _t("The product of this deposit is not sold in this till."),
            });
            return;
        }
        const values = {
            product_id: product,
            product_tmpl_id: product.product_tmpl_id,
            price_unit: -amount,
            qty: 1,
            salon_deposit_line: deposit.line,
        };
        const line = await this.addLineToOrder(values, order, {}, false);
        // Where prices are without tax: it is the gross that is taken off.
        const taken = Math.abs(line.priceIncl);
        if (taken && !order.currency.isZero(taken - amount)) {
            line.setUnitPrice((-amount * amount) / taken);
        }
    },
    async _salonProduct({product, template}) {
        const products = this.models["product.product"];
        if (!products.get(product)) {
            await this.loadNewProducts([["id", "=", template]]);
        }
        return products.get(product);
    },
    /** Remember which number was on the slip, to offer it again with a newer one. */
    async printReceipt({
        basic = false,
        order = this.getOrder(),
        printBillActionTriggered,
    } = {}) {
        const number = order.salonPrintable;
        const result = await super.printReceipt(...arguments);
        if (result && order.finalized && !basic && !printBillActionTriggered) {
            order.uiState.salonPrinted = number;
        }
        return result;
    },
});
