import {beforeEach, expect, test} from "@odoo/hoot";
import {
    decideDocument,
    isBusiness,
    sortOfBuyer,
} from "@salon_invoice_bridge/app/utils/wished_document";
import {LIMIT} from "@salon_invoice_bridge/app/utils/choice";
import {allowTranslations} from "@web/../tests/web_test_helpers";

// What is decided is held to the server's in tests/billing/test_choice_browser.py: here
// is how the till says it, and what it offers.
const SALE = {
    rule: "all",
    wish: "",
    buyer: "none",
    forints: 8900,
    isForints: true,
    paid: true,
    onAccount: false,
    accountAtOnce: false,
    cashRegister: false,
    receipts: true,
    foreignTip: false,
    tipKeptOff: false,
    onlyTip: false,
    deposit: false,
    paper: false,
    isReturn: false,
};

/**
 * What is decided of a sale: [outcome, fixed, code].
 *
 * @param {Object} values other than SALE's
 */
function decide(values) {
    const {outcome, fixed, code} = decideDocument({...SALE, ...values});
    return [outcome, fixed, code];
}

/** What is offered: wish, and whether it is blocked. */
function offered(values) {
    const {choices} = decideDocument({...SALE, ...values});
    return choices.map(({wish, blocked}) => [wish, Boolean(blocked)]);
}

beforeEach(allowTranslations);

test("what the rule gives is said by its rule", () => {
    expect(decide({})).toEqual(["invoice", false, "all"]);
    expect(decide({rule: "request"})).toEqual(["receipt", false, "receipt"]);
    expect(decide({rule: "customer"})).toEqual(["receipt", false, "walk_in"]);
    expect(decide({rule: "customer", buyer: "private"})).toEqual([
        "invoice",
        false,
        "customer",
    ]);
    expect(decide({rule: "manual"})).toEqual(["neither", false, "manual"]);
});

test("what was asked for is said so", () => {
    expect(decide({wish: "receipt"})).toEqual(["receipt", false, "asked"]);
    expect(decide({rule: "request", wish: "invoice"})).toEqual([
        "invoice",
        false,
        "asked",
    ]);
});

test("where there are no receipts every sale gets an invoice, without a choice", () => {
    const receipts = false;
    expect(decide({receipts})).toEqual(["invoice", true, "all"]);
    expect(decide({receipts, rule: "request"})).toEqual([
        "invoice",
        true,
        "no_receipts",
    ]);
});

test("what the law wants an invoice for has no choice", () => {
    const rule = "request";
    expect(decide({rule, buyer: "business"})).toEqual(["invoice", true, "business"]);
    expect(decide({rule, forints: LIMIT})).toEqual(["invoice", true, "limit"]);
    expect(decide({rule, paid: false})).toEqual(["invoice", true, "unpaid"]);
    expect(decide({rule, forints: LIMIT - 1})[0]).toBe("receipt");
});

test("where documents are made by hand the law is a warning", () => {
    const rule = "manual";
    expect(decide({rule, buyer: "business"})).toEqual(["neither", false, "must"]);
    expect(offered({rule, buyer: "business"})).toEqual([
        ["invoice", false],
        ["receipt", true],
    ]);
    expect(offered({rule})).toEqual([
        ["invoice", false],
        ["receipt", false],
    ]);
});

test("a salon that may not issue invoices issues none", () => {
    expect(decide({rule: "none", wish: "invoice"})).toEqual([
        "neither",
        true,
        "incapable",
    ]);
});

test("what comes back follows its sale", () => {
    expect(decide({rule: "request", isReturn: true})).toEqual([
        "invoice",
        true,
        "returned",
    ]);
});

test("what is put on the customer's account waits until somebody asks", () => {
    const onAccount = true;
    expect(decide({onAccount})).toEqual(["neither", false, "account"]);
    expect(decide({onAccount, wish: "invoice"})).toEqual(["invoice", false, "unpaid"]);
    expect(offered({onAccount})).toEqual([
        ["invoice", false],
        ["receipt", true],
    ]);
});

test("a tip that a receipt cannot hold makes it an invoice, or is left off", () => {
    const sale = {rule: "request", foreignTip: true};
    expect(decide(sale)[0]).toBe("invoice");
    for (const wish of ["", "receipt"]) {
        const code = decide({...sale, tipKeptOff: true, wish});
        expect(code).toEqual(["receipt", false, "tip_kept_off"]);
    }
});

test("a receipt of nothing but a tip that it leaves off is none", () => {
    const sale = {rule: "request", foreignTip: true, tipKeptOff: true, onlyTip: true};
    expect(decide(sale)).toEqual(["neither", false, "tip"]);
    expect(decide({...sale, wish: "invoice"})).toEqual(["invoice", false, "asked"]);
    expect(offered(sale)).toEqual([
        ["invoice", false],
        ["receipt", true],
    ]);
    const {choices} = decideDocument({...SALE, ...sale});
    expect(choices[1].blocked).toMatch("Nothing but a tip");
    expect(decide({...sale, foreignTip: false})[0]).toBe("receipt");
});

test("the service's receipt is not offered beside a cash register", () => {
    const sale = {rule: "request", cashRegister: true, receipts: false};
    expect(decide(sale)).toEqual(["neither", false, "cash_register"]);
    expect(offered(sale)).toEqual([
        ["invoice", false],
        ["none", false],
    ]);
});

test("each reason has its sentence", () => {
    for (const rule of ["all", "customer", "request", "manual", "none"]) {
        for (const wish of ["", "invoice", "receipt", "none"]) {
            for (const buyer of ["business", "private", "none"]) {
                for (const name of ["onAccount", "deposit", "foreignTip", "paper"]) {
                    const tip = {tipKeptOff: true, onlyTip: true};
                    const sale = {...SALE, ...tip, rule, wish, buyer, [name]: true};
                    expect(decideDocument(sale).reason).not.toBe("undefined");
                }
            }
        }
    }
});

test("a tax number makes a business, and a person's own does not", () => {
    expect(isBusiness({is_company: false, vat: "13572464-2-07"})).toBe(true);
    expect(isBusiness({is_company: false, vat: "8123456789"})).toBe(false);
    expect(sortOfBuyer(undefined)).toBe("none");
    expect(sortOfBuyer({is_company: false, vat: false})).toBe("private");
    expect(sortOfBuyer({is_company: true})).toBe("business");
});
