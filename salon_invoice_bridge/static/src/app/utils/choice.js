/**
 * What a sale gets, as billing/choice.py decides it: tests/billing/test_choice_browser.py
 * holds one to the other. Without imports, so that it runs anywhere.
 */

/** Forints from which the law wants an invoice. */
export const LIMIT = 900000;

/**
 * @typedef {Object} Sale
 * @property {String} rule what sales get unasked: all, customer, request or manual
 * @property {String} wish of the cashier: invoice, receipt, none, or ""
 * @property {String} buyer who is billed: business, private or none
 * @property {Number} forints the gross, 0 where it is not known in forints
 * @property {Boolean} isForints whether it is sold in forints
 * @property {Boolean} paid whether all that was taken counts as paid
 * @property {Boolean} onAccount whether something is put on the customer's account
 * @property {Boolean} accountAtOnce whether what is owed is invoiced without waiting
 * @property {Boolean} cashRegister whether the till has one, which gives the receipts
 * @property {Boolean} receipts whether the service has them, and a series is chosen
 * @property {Boolean} foreignTip whether there is a tip that its receipts cannot hold
 * @property {Boolean} tipKeptOff whether such a tip is left off then
 * @property {Boolean} onlyTip whether nothing but the tip is charged
 * @property {Boolean} deposit whether one is sold, or used
 * @property {Boolean} paper whether a receipt was written by hand
 */

/**
 * Return why the law has nothing but an invoice for a sale, or "".
 *
 * @param {Sale} sale
 * @returns {String}
 */
export function invoiceOnly(sale) {
    if (sale.buyer === "business") {
        return "business";
    }
    if (sale.forints >= LIMIT) {
        return "limit";
    }
    return sale.paid && !sale.onAccount ? "" : "unpaid";
}

/**
 * Return why a sale cannot have a receipt of the service, or "".
 *
 * @param {Sale} sale
 * @returns {String}
 */
export function obstacle(sale) {
    const obstacles = {
        paper: sale.paper,
        deposit: sale.deposit,
        cash_register: sale.cashRegister,
        currency: !sale.isForints,
        no_receipts: !sale.receipts,
        tip_on_receipt: sale.foreignTip && !sale.tipKeptOff,
    };
    const found = Object.keys(obstacles).find((reason) => obstacles[reason]);
    return invoiceOnly(sale) || found || "";
}

/** Return what is wanted, by the wish or else the rule: the outcome and its reason. */
function wanted({wish, rule, buyer, cashRegister}) {
    if (wish === "invoice") {
        return ["invoice", "wish"];
    }
    if (wish === "receipt" || (wish === "none" && cashRegister)) {
        return ["receipt", "wish"];
    }
    if (rule === "customer") {
        return buyer === "none" ? ["receipt", "walk_in"] : ["invoice", "customer"];
    }
    return [rule === "request" ? "receipt" : "invoice", "rule"];
}

/** Return why nobody has to be given anything unasked, or "". */
function unasked(sale) {
    if (sale.wish) {
        return "";
    }
    if (sale.rule === "manual") {
        return "manual";
    }
    return sale.onAccount && !sale.accountAtOnce ? "customer_account" : "";
}

/**
 * Decide what a sale gets, and why.
 *
 * @param {Sale} sale
 * @returns {{outcome: String, reason: String}} `outcome`: invoice, receipt or neither
 */
export function choose(sale) {
    const law = invoiceOnly(sale);
    if (sale.paper && sale.wish !== "invoice" && !law) {
        return {outcome: "neither", reason: "paper"};
    }
    const nobody = unasked(sale);
    if (nobody) {
        return {outcome: "neither", reason: nobody};
    }
    const [outcome, reason] = wanted(sale);
    if (outcome === "invoice") {
        return {outcome, reason: law || reason};
    }
    const obstructed = obstacle(sale);
    if (obstructed === "cash_register") {
        return {outcome: "neither", reason: obstructed};
    }
    if (obstructed) {
        return {outcome: "invoice", reason: obstructed};
    }
    return sale.foreignTip && sale.onlyTip
        ? {outcome: "neither", reason: "tip"}
        : {outcome: "receipt", reason};
}
