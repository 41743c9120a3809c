import {_t} from "@web/core/l10n/translation";

/** Forints from which the law wants an invoice: LIMIT of billing/choice.py. */
export const LIMIT = 900000;

/** The tax id of a person, which makes nobody a business: billing/buyer.py. */
const PERSONAL = /^(HU)?8[0-9]{9}$/;

const REASONS = {
    account: _t("On the customer's account: invoiced when somebody asks."),
    all: _t("Every sale gets it here."),
    asked: _t("Asked for."),
    business: _t("A business buyer gets it: the law says so."),
    customer: _t("A sale with a customer gets it here."),
    incapable: _t("This salon may not issue invoices."),
    limit: _t("From 900,000 Ft the law wants it."),
    manual: _t("Made by hand here, when somebody asks."),
    must: _t("The law wants it of this sale: press to ask for it."),
    request: _t("Only when somebody asks."),
    returned: _t("What comes back is settled with the invoice of its sale."),
    walk_in: _t("Without a customer only when somebody asks."),
};

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

/** Return what the law wants the invoice for, or "". */
function requiredBy(buyer, forints) {
    if (isBusiness(buyer)) {
        return "business";
    }
    return forints >= LIMIT ? "limit" : "";
}

/**
 * Decide what a sale will get, as the server does when it is paid: which has the last
 * word.
 *
 * @param {Object} sale
 * @param {String} sale.policy of the till: all, customer, request, manual or none
 * @param {Object} [sale.buyer] who is billed
 * @param {Boolean} sale.asked whether the cashier has asked for the invoice
 * @param {Boolean} sale.onAccount whether something is put on the customer's account
 * @param {Boolean} sale.isReturn whether it only takes back
 * @param {Number} sale.forints the gross, 0 where it is not known in forints
 * @returns {{wanted: Boolean, fixed: Boolean, code: String, reason: String}} `fixed`: no
 *     choice; `code`: of the reason
 */
export function decideDocument({policy, buyer, asked, onAccount, isReturn, forints}) {
    const say = (wanted, fixed, code) => ({
        wanted,
        fixed,
        code,
        reason: `${REASONS[code]}`,
    });
    if (isReturn) {
        return say(true, true, "returned");
    }
    if (policy === "none") {
        return say(false, true, "incapable");
    }
    const law = requiredBy(buyer, forints);
    const automatic = policy !== "manual" && !onAccount;
    const unasked = law || (policy === "customer" && !buyer ? "" : policy);
    if (automatic && unasked && unasked !== "request") {
        return say(true, true, unasked);
    }
    if (asked) {
        return say(true, false, "asked");
    }
    if (law) {
        return say(false, false, "must");
    }
    if (onAccount && policy !== "manual") {
        return say(false, false, "account");
    }
    return say(false, false, policy === "customer" ? "walk_in" : policy);
}
