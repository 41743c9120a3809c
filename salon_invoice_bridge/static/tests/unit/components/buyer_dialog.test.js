import {
    animationFrame,
    click,
    edit,
    press,
    queryAllTexts,
    queryOne,
    queryValue,
} from "@odoo/hoot-dom";
import {contains, mountWithCleanup, onRpc} from "@web/../tests/web_test_helpers";
import {expect, test} from "@odoo/hoot";
import {makeCompany, setupTill} from "../utils";
import {BuyerButton} from "@salon_invoice_bridge/app/components/buyer_button/buyer_button";
import {BuyerDialog} from "@salon_invoice_bridge/app/components/buyer_dialog/buyer_dialog";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import {getFilledOrder} from "@point_of_sale/../tests/unit/utils";

definePosModels();

const NUMBER = "11112222-2-41";
const ANSWER = {
    state: "known",
    text: "",
    number: NUMBER,
    name: "PRÓBA KFT.",
    group: "",
    addresses: [
        {kind: "HQ", zip: "1065", city: "Budapest", street: "Fő út 1."},
        {kind: "SITE", zip: "9021", city: "Győr", street: "Mellék út 2."},
    ],
    partners: [],
};
const SILENT = {state: "silent", text: "Paused", number: "", name: "", addresses: []};

/** Answer a look-up, and keep each as a step. */
function answerLookup(answer) {
    onRpc("res.partner", "salon_till_lookup", ({args}) => {
        expect.step(`look-up ${args[0]}`);
        return {...ANSWER, ...answer};
    });
}

/** Answer what is to be used with a new customer, and keep what was sent. */
function answerBuyer() {
    const sent = [];
    onRpc("res.partner", "salon_till_buyer", ({args}) => {
        sent.push(args[0]);
        return {"res.partner": [{id: 4711, name: "PRÓBA KFT.", is_company: true}]};
    });
    return sent;
}

async function openDialog() {
    const chosen = [];
    await mountWithCleanup(BuyerDialog, {
        props: {
            getPayload: (payload) => chosen.push(payload),
            close: () => expect.step("closed"),
        },
    });
    return chosen;
}

async function typeNumber(number) {
    await click("[name=number]");
    await edit(number);
    await press("Enter");
    await animationFrame();
    await animationFrame();
}

async function typeAll() {
    for (const name of ["name", "zip", "city", "street"]) {
        await contains(`[name=${name}]`).edit("1111");
    }
}

async function use() {
    await click(".salon-use");
    await animationFrame();
    await animationFrame();
}

test("eleven digits and Enter fill in name and address, and Enter uses them", async () => {
    await setupTill();
    answerLookup();
    const sent = answerBuyer();
    const chosen = await openDialog();
    await typeNumber("11112222241");
    expect.verifySteps([`look-up ${NUMBER}`]);
    expect(queryValue("[name=name]")).toBe("PRÓBA KFT.");
    expect(queryValue("[name=street]")).toBe("Fő út 1.");
    expect(".salon-use").toBeFocused();
    await use();
    expect.verifySteps(["closed"]);
    expect(chosen[0].partner.id).toBe(4711);
    expect([sent[0].vat, sent[0].is_company, sent[0].sure]).toEqual([
        NUMBER,
        true,
        false,
    ]);
});

test("a wrong check digit is said at once and asks nobody", async () => {
    await setupTill();
    answerLookup();
    await openDialog();
    await typeNumber("11112223");
    expect(".salon-wrong").toHaveCount(1);
    expect(queryOne("[name=number]").getAttribute("aria-invalid")).toBe("true");
    expect.verifySteps([]);
});

test("another number takes back what the first has filled in, and no more", async () => {
    await setupTill();
    answerLookup();
    await openDialog();
    await typeNumber(NUMBER);
    await contains("[name=city]").edit("Szeged");
    await click("[name=number]");
    await edit("1234567");
    await animationFrame();
    expect(queryValue("[name=name]")).toBe("");
    expect(queryValue("[name=city]")).toBe("Szeged");
    expect.verifySteps([`look-up ${NUMBER}`]);
});

test("what was typed for a number nobody knows is not another company's", async () => {
    await setupTill();
    const unknown = {...SILENT, state: "unknown", partners: []};
    const answers = [{...unknown, number: "", group: ""}, ANSWER];
    onRpc("res.partner", "salon_till_lookup", () => answers.shift());
    await openDialog();
    await typeNumber("99999999-2-42");
    await typeAll();
    await contains("[name=number]").edit(NUMBER);
    await animationFrame();
    expect(".salon-known").toHaveCount(1);
    expect(queryValue("[name=name]")).toBe(ANSWER.name);
    expect(queryValue("[name=city]")).toBe("Budapest");
    expect(queryValue("[name=street]")).toBe("Fő út 1.");
});

test("an unknown number is used when somebody is sure", async () => {
    await setupTill();
    answerLookup({...SILENT, state: "unknown"});
    const sent = answerBuyer();
    await openDialog();
    await typeNumber(NUMBER);
    expect(".salon-unknown").toHaveCount(1);
    await typeAll();
    await use();
    expect("[name=sure]").toHaveClass("is-invalid");
    expect(sent).toEqual([]);
    await click("[name=sure]");
    await animationFrame();
    await use();
    expect(sent[0].sure).toBe(true);
    expect.verifySteps([`look-up ${NUMBER}`, "closed"]);
});

test("where nobody answers it is typed, and marked", async () => {
    await setupTill();
    answerLookup(SILENT);
    const sent = answerBuyer();
    await openDialog();
    await typeNumber(NUMBER);
    expect(".salon-silent").toHaveCount(1);
    expect(".salon-unverified").toHaveCount(1);
    await use();
    expect(".salon-missing").toHaveCount(1);
    expect("[name=name]").toBeFocused();
    await typeAll();
    await use();
    expect(sent.length).toBe(1);
    expect.verifySteps([`look-up ${NUMBER}`, "closed"]);
});

test("customers with the number are offered, and another address", async () => {
    const store = await setupTill();
    const company = makeCompany(store);
    const known = {id: company.id, name: "Régi Kft.", number: NUMBER, address: "Itt"};
    answerLookup({partners: [{...known, complete: true}]});
    const chosen = await openDialog();
    await typeNumber(NUMBER);
    expect(".salon-partner").toHaveCount(1);
    expect("[name=name]").toHaveCount(0);
    await use();
    expect(chosen[0].partner.id).toBe(company.id);
    await click(".salon-other input");
    await animationFrame();
    expect(queryValue("[name=name]")).toBe("PRÓBA KFT.");
    expect.verifySteps([`look-up ${NUMBER}`, "closed"]);
});

test("an ending that NAV has otherwise is corrected, and said so", async () => {
    await setupTill();
    answerLookup();
    await openDialog();
    await typeNumber("11112222-1-02");
    expect(queryValue("[name=number]")).toBe(NUMBER);
    expect(".salon-known").toHaveText(/corrected/);
    expect.verifySteps(["look-up 11112222-1-02"]);
});

test("a member of a VAT group has two numbers", async () => {
    await setupTill();
    answerLookup({number: "22334457-4-43", group: "33445568-5-44"});
    await openDialog();
    await typeNumber("22334457-4-43");
    expect(queryValue("[name=group]")).toBe("33445568-5-44");
    expect.verifySteps(["look-up 22334457-4-43"]);
});

test("a company of another country is typed, with its country", async () => {
    const store = await setupTill();
    store.models["res.country"].create({name: "Austria", code: "AT"});
    const countries = store.models["res.country"].getAll();
    expect(countries.length).toBeGreaterThan(1);
    const sent = answerBuyer();
    await openDialog();
    await click("label[for=salon-kind-foreign]");
    await animationFrame();
    const names = queryAllTexts("[name=country] option");
    expect(names.toSorted()).toEqual(countries.map(({name}) => name).toSorted());
    await contains("[name=country]").select(`${countries[0].id}`);
    await contains("[name=number]").edit("ABC 123");
    expect(".salon-unverified").toHaveCount(1);
    await typeAll();
    await use();
    expect(sent[0].country_id).toBe(countries[0].id);
    expect(sent[0].vat).toBe("ABC 123");
    expect.verifySteps(["closed"]);
});

// --- On the sale ---

test("without a customer the company becomes the customer", async () => {
    const store = await setupTill();
    const order = await getFilledOrder(store);
    order.setPartner(false);
    const company = makeCompany(store);
    order.salonBillTo(company);
    expect(order.getPartner()).toBe(company);
    expect(Boolean(order.salon_buyer_id)).toBe(false);
    expect(order.salonNamedBuyer).toBe(company);
    expect(order.salon_wish).toBe("invoice");
    expect(order.isToInvoice()).toBe(false);
    order.salonBillTo(false);
    expect(Boolean(order.getPartner())).toBe(false);
    expect(order.salon_wish).toBe(false);
});

test("beside a private customer it is the buyer, and the customer stays", async () => {
    const store = await setupTill();
    const order = await getFilledOrder(store);
    const guest = makeCompany(store, {name: "Anna", is_company: false});
    order.setPartner(guest);
    const company = makeCompany(store);
    order.salonBillTo(company);
    expect(order.getPartner()).toBe(guest);
    expect(order.salonNamedBuyer).toBe(company);
    expect(order.salonBilledPartner).toBe(company);
    order.salonBillTo(false);
    expect(order.getPartner()).toBe(guest);
    expect(order.salonNamedBuyer).toBe(undefined);
});

test("the button shows the company, with a way to remove it", async () => {
    const store = await setupTill();
    const order = await getFilledOrder(store);
    order.setPartner(false);
    await mountWithCleanup(BuyerButton);
    expect(".salon-buyer-remove").toHaveCount(0);
    order.salonBillTo(makeCompany(store));
    await animationFrame();
    expect(".salon-buyer-name").toHaveText("Tükör Kft.");
    await click(".salon-buyer-remove");
    await animationFrame();
    expect(".salon-buyer-name").toHaveCount(0);
});

test("a till without a service has no such button", async () => {
    const store = await setupTill({connected: false});
    await getFilledOrder(store);
    await mountWithCleanup(BuyerButton);
    expect(".salon-buyer").toHaveCount(0);
});
