import {choose, invoiceOnly, obstacle} from "@salon_invoice_bridge/app/utils/choice";
import {_t} from "@web/core/l10n/translation";

/** The tax id of a person, which makes nobody a business: billing/buyer.py. */
const PERSONAL = /^(HU)?8[0-9]{9}$/;

/** Why a sale gets what it gets, by the reasons of choice.js and those below. */
const REASONS = {
    account: _t("On the customer's account: invoiced when somebody asks."),
    all: _t("Every sale gets it here."),
    asked: _t("Asked for."),
    business: _t("A business buyer gets it: the law says so."),
    cash_register: _t("The cash register gives the receipt."),
    currency: _t("Receipts are in forints: this sale gets an invoice."),
    customer: _t("A sale with a customer gets it here."),
    deposit: _t("A deposit is on an invoice only."),
    incapable: _t("This salon may not issue invoices."),
    limit: _t("From 900,000 Ft the law wants it."),
    manual: _t("Made by hand here, when somebody asks."),
    must: _t("The law wants it of this sale: press to ask for it."),
    no_receipts: _t("The service gives no receipts here: this sale gets an invoice."),
    paper: _t("A receipt was written by hand."),
    receipt: _t("A receipt, unless somebody asks for an invoice."),
    returned: _t("What comes back is settled with the document of its sale."),
    tip: _t("Nothing but a tip, which the receipts here leave off."),
    tip_on_receipt: _t("The service's receipts cannot hold the tip: choose Invoice."),
    tip_kept_off: _t("The receipt is made without the tip."),
    unpaid: _t("What is not paid yet gets an invoice: the law says so."),
    walk_in: _t("A walk-in gets a receipt here."),
};
/** What each wish comes to. */
const OUTCOMES = {invoice: "invoice", receipt: "receipt", none: "neither"};

/**
 * Tell whether a partner is billed as a business.
 *
 * @param {Object} [partner] of the model res.partner
 * @returns {Boolean}
 */
export function isBusiness(partner) {
    const number = (partner?.vat || "").replace(/[\s-]/g, "").toUpperCase();
    return Boolean(partner?.is_company || (number && !PERSONAL.test(number)));
}

/** Return the sort of buyer, as choice.js has it. */
export function sortOfBuyer(partner) {
    if (!partner) {
        return "none";
    }
    return isBusiness(partner) ? "business" : "private";
}

/** Return the code of the sentence that says why a sale gets what it gets. */
function explain(sale, {outcome, reason}) {
    if (sale.foreignTip && outcome === "receipt") {
        return "tip_kept_off";
    }
    const law = invoiceOnly({...sale, onAccount: false, paid: true});
    if (reason === "manual" || reason === "customer_account") {
        return law ? "must" : reason === "manual" ? "manual" : "account";
    }
    if (reason === "wish") {
        return "asked";
    }
    if (reason === "rule") {
        return outcome === "invoice" ? "all" : "receipt";
    }
    return reason;
}

/** Return what a cashier may press, each with why it cannot be had, or "". */
function choicesOf(sale, {outcome}) {
    const offered = [
        ["invoice", true],
        ["receipt", sale.receipts],
        ["none", sale.cashRegister],
    ];
    return offered
        .filter(([, isOffered]) => isOffered)
        .map(([wish]) => {
            const target = OUTCOMES[wish];
            const chosen = choose({...sale, wish});
            const can = chosen.outcome === target;
            const why = obstacle({...sale, cashRegister: false}) || chosen.reason;
            return {
                wish,
                active: outcome === target,
                blocked: can ? "" : `${REASONS[why] || REASONS.must}`,
            };
        });
}

/**
 * Decide what a sale will get, as the server does when it is paid: which has the last
 * word.
 *
 * @param {Object} sale of choice.js, with
 * @param {String} sale.rule also *none*, where the salon may not issue invoices
 * @param {Boolean} sale.isReturn whether it only takes back
 * @returns {{outcome: String, wanted: Boolean, fixed: Boolean, code: String,
 *     reason: String, choices: Object[]}} `wanted`: it gets a document of the service;
 *     `fixed`: no choice; `code`: of the reason
 */
export function decideDocument(sale) {
    const say = (outcome, code, choices) => ({
        outcome,
        wanted: outcome !== "neither",
        fixed: !choices,
        code,
        reason: `${REASONS[code]}`,
        choices: choices || [],
    });
    if (sale.isReturn) {
        return say("invoice", "returned");
    }
    if (sale.rule === "none") {
        return say("neither", "incapable");
    }
    const chosen = choose(sale);
    const outcomes = ["", ...Object.keys(OUTCOMES)].map(
        (wish) => choose({...sale, wish}).outcome
    );
    const free = new Set(outcomes).size > 1;
    return say(chosen.outcome, explain(sale, chosen), free && choicesOf(sale, chosen));
}
