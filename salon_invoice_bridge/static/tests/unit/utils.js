import {MockServer, makeMockServer, onRpc} from "@web/../tests/web_test_helpers";
import {getFilledOrder, setupPosEnv} from "@point_of_sale/../tests/unit/utils";
import {expect} from "@odoo/hoot";

/**
 * A till of Odoo's tests, whose sales a service invoices unless told otherwise.
 *
 * @param {object} [options]
 * @param {boolean} [options.connected]
 * @param {string} [options.policy] what sales get unasked
 * @param {boolean} [options.receipts] the service's receipts can be chosen
 * @param {boolean} [options.cashRegister]
 * @param {string} [options.layout] what a customer gets of a receipt: till or service
 * @param {boolean} [options.accountAtOnce] what is put on account is invoiced unasked
 * @param {number[]} [options.deposits] templates of the products that are deposits
 */
export async function setupTill({
    connected = true,
    policy = "all",
    receipts = false,
    cashRegister = false,
    layout = "till",
    accountAtOnce = false,
    deposits = [],
} = {}) {
    // Before the till starts, which hears the server's messages if it is connected.
    await makeMockServer();
    const settings = {
        salon_connected: connected,
        salon_till_policy: policy,
        salon_till_kind: "invoice",
        salon_till_receipts: receipts,
        salon_cash_register: cashRegister,
        salon_till_layout: layout,
        salon_till_tip: "held",
        salon_till_account_at_once: accountAtOnce,
        salon_till_deposits: deposits,
    };
    MockServer.env["pos.config"].write([1], settings);
    const store = await setupPosEnv();
    if (receipts) {
        store.currency.name = "HUF"; // There are no others
    }
    return store;
}

/**
 * A company that the till knows as a customer.
 *
 * @param {object} store
 * @param {object} [values]
 */
export function makeCompany(store, values = {}) {
    const company = {name: "Tükör Kft.", is_company: true, ...values};
    return store.models["res.partner"].create(company);
}

/**
 * An order that the server knows, with what it has made of it meanwhile.
 *
 * @param {object} store
 * @param {object} [values] of the order on the server
 */
export async function saveOrder(store, values = {}) {
    const order = await getFilledOrder(store);
    await store.syncAllOrders({orders: [order]});
    MockServer.env["pos.order"].write([order.id], values);
    await store.data.loadServerOrders([["id", "=", order.id]]);
    return order;
}

/** The id of an invoice of Odoo's. */
export function makeMove() {
    return MockServer.env["account.move"].create({});
}

/**
 * Answer a method of the server's pos.order, and keep each call as a step.
 *
 * @param {string} method
 * @param {any} answer
 */
export function answerOrder(method, answer) {
    onRpc("pos.order", method, ({args}) => {
        expect.step([method, args[0]]);
        return answer;
    });
}
