import {browser} from "@web/core/browser/browser";

/** Milliseconds. A test may change them. */
export const DELAYS = {
    /** From the sale's arrival at the server to the questions, while it is not settled. */
    ask: [5_000, 30_000],
    /** How long an automatic print waits for the number: never longer. */
    print: 2_500,
    /** Of that, how long a message is waited for before the server is asked. */
    askToPrint: 2_000,
    /** What is due together is one question. */
    gather: 50,
};
/** How many sales that are not here are remembered: they may arrive yet. */
const HEARD = 200;

/**
 * Tell whether the invoice of a sale moves no more, or only by a person.
 *
 * @param {Object} order of the model pos.order
 * @returns {Boolean}
 */
export function isSettled(order) {
    const status = order.uiState.salonInvoice;
    return Boolean(status) && status.state !== "pending";
}

/**
 * Decides when a till asks for the invoices of its sales.
 *
 * Usually a message from the server comes first, and leads to the only question. Where
 * none comes, `DELAYS.ask` says when it is asked, and after that only a person asks:
 * `uiState.salonUnanswered`.
 */
export class InvoiceWatch {
    /**
     * @param {Function} ask takes orders, puts the answers on them, and calls `answered`
     */
    constructor(ask) {
        this.ask = ask;
        this.followed = new Map(); // By uuid: order, timers, wake
        this.heard = new Set(); // Ids of sales that are not here, or not yet
        this.due = new Map(); // By uuid
    }

    /** Follow a sale that the server has, until its invoice is settled. */
    follow(order) {
        if (isSettled(order) || this.followed.has(order.uuid)) {
            return;
        }
        const last = DELAYS.ask.length - 1;
        const timers = DELAYS.ask.map((delay, index) =>
            browser.setTimeout(async () => {
                await this.askSoon([order]);
                order.uiState.salonUnanswered = index === last && !isSettled(order);
            }, delay)
        );
        order.uiState.salonUnanswered = false;
        this.followed.set(order.uuid, {order, timers, wake: []});
        // The worker may have been faster than the answer to the payment.
        if (this.heard.delete(order.id)) {
            this.askSoon([order]);
        }
    }

    /**
     * Hear that something has happened to the invoices of sales.
     *
     * @param {Number[]} ids of the sales
     * @param {Function} find takes an id and returns the order, if it is here
     */
    hear(ids, find) {
        const here = [];
        for (const id of ids) {
            const order = find(id);
            if (order) {
                here.push(order);
            } else {
                this.heard.add(id);
            }
        }
        [...this.heard].slice(0, -HEARD).forEach((id) => this.heard.delete(id));
        return this.askSoon(here);
    }

    /** Ask for all that is not settled: messages may have been missed. */
    catchUp() {
        return this.askSoon([...this.followed.values()].map(({order}) => order));
    }

    /** Ask for these sales, and for all others that are due by then, in one question. */
    async askSoon(orders) {
        if (!orders.length) {
            return;
        }
        orders.forEach((order) => this.due.set(order.uuid, order));
        this.gathering ??= this.askDue();
        await this.gathering;
    }

    async askDue() {
        await new Promise((resolve) => browser.setTimeout(resolve, DELAYS.gather));
        const orders = [...this.due.values()];
        this.due.clear();
        this.gathering = undefined;
        await this.ask(orders);
    }

    /** Follow those sales no longer that are settled by the server's answer. */
    answered(orders) {
        for (const order of orders.filter(isSettled)) {
            const entry = this.followed.get(order.uuid);
            this.followed.delete(order.uuid);
            entry?.timers.forEach((timer) => browser.clearTimeout(timer));
            entry?.wake.forEach((resolve) => resolve());
            order.uiState.salonUnanswered = false;
        }
    }

    /**
     * Wait until the invoice of a sale is settled, but never longer than `DELAYS.print`.
     *
     * Where no message comes, the server is asked while there is still time to print.
     */
    async waitToPrint(order) {
        const entry = this.followed.get(order.uuid);
        if (!entry) {
            return;
        }
        const asking = browser.setTimeout(
            () => this.askSoon([order]),
            DELAYS.askToPrint
        );
        await new Promise((resolve) => {
            entry.wake.push(resolve);
            browser.setTimeout(resolve, DELAYS.print);
        });
        browser.clearTimeout(asking);
    }
}
