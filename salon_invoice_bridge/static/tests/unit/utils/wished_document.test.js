import {LIMIT, decideDocument} from "@salon_invoice_bridge/app/utils/wished_document";
import {beforeEach, expect, test} from "@odoo/hoot";
import {allowTranslations} from "@web/../tests/web_test_helpers";

const PERSON = {name: "Zsófi", is_company: false, vat: false};
const COMPANY = {name: "Tükör Kft.", is_company: true, vat: "13572464-2-07"};
const SALE = {
    policy: "all",
    buyer: undefined,
    asked: false,
    onAccount: false,
    isReturn: false,
    forints: 8900,
};

/**
 * What is decided of a sale: [wanted, fixed, code].
 *
 * @param {object} values other than SALE's
 */
function decide(values) {
    const {wanted, fixed, code} = decideDocument({...SALE, ...values});
    return [wanted, fixed, code];
}

beforeEach(allowTranslations);

test("where every sale gets it there is no choice", () => {
    expect(decide({})).toEqual([true, true, "all"]);
    expect(decide({asked: true})).toEqual([true, true, "all"]);
});

test("where only sales with a customer get it, a walk-in may ask", () => {
    expect(decide({policy: "customer", buyer: PERSON})).toEqual([
        true,
        true,
        "customer",
    ]);
    expect(decide({policy: "customer"})).toEqual([false, false, "walk_in"]);
    expect(decide({policy: "customer", asked: true})).toEqual([true, false, "asked"]);
});

test("a business gets it where sales get it on request", () => {
    const policy = "request";
    expect(decide({policy, buyer: COMPANY})).toEqual([true, true, "business"]);
    expect(decide({policy, buyer: PERSON})).toEqual([false, false, "request"]);
});

test("from the limit of the law everybody gets it", () => {
    const policy = "request";
    expect(decide({policy, forints: LIMIT - 1})).toEqual([false, false, "request"]);
    expect(decide({policy, forints: LIMIT})).toEqual([true, true, "limit"]);
});

test("where invoices are made by hand the law is a warning", () => {
    const policy = "manual";
    expect(decide({policy, buyer: COMPANY})).toEqual([false, false, "must"]);
    expect(decide({policy, buyer: COMPANY, asked: true})).toEqual([
        true,
        false,
        "asked",
    ]);
    expect(decide({policy, buyer: PERSON})).toEqual([false, false, "manual"]);
});

test("a salon that may not issue invoices issues none", () => {
    expect(decide({policy: "none", buyer: COMPANY, asked: true})).toEqual([
        false,
        true,
        "incapable",
    ]);
});

test("what comes back follows its sale", () => {
    expect(decide({policy: "request", isReturn: true})).toEqual([
        true,
        true,
        "returned",
    ]);
});

test("what is put on the customer's account waits until somebody asks", () => {
    expect(decide({onAccount: true})).toEqual([false, false, "account"]);
    expect(decide({onAccount: true, asked: true})).toEqual([true, false, "asked"]);
});
