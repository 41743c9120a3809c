import {animationFrame, click, edit, queryAllTexts} from "@odoo/hoot-dom";
import {expect, test} from "@odoo/hoot";
import {makeCompany, setupTill} from "../utils";
import {mountWithCleanup, onRpc} from "@web/../tests/web_test_helpers";
import {DepositButton} from "@salon_invoice_bridge/app/components/deposit_button/deposit_button";
import {DepositDialog} from "@salon_invoice_bridge/app/components/deposit_dialog/deposit_dialog";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import {getFilledOrder} from "@point_of_sale/../tests/unit/utils";

definePosModels();

const DEPOSIT = {
    line: 77,
    product: 5,
    template: 5,
    name: "Foglaló",
    customer: "Anna",
    reference: "0001",
    number: "E-2026-3",
    sold_on: "11/20/2026",
    left: 3,
};

/** Answer which deposits are open, and keep each question as a step. */
function answerDeposits(...deposits) {
    onRpc("pos.order", "salon_till_deposits", ({args}) => {
        expect.step(args.slice(1));
        return deposits;
    });
}

async function openDialog() {
    const chosen = [];
    await mountWithCleanup(DepositDialog, {
        props: {
            getPayload: (payload) => chosen.push(payload),
            close: () => expect.step("closed"),
        },
    });
    await animationFrame();
    return chosen;
}

test("the customer's open deposits are there to be chosen", async () => {
    const store = await setupTill();
    const order = await getFilledOrder(store);
    order.setPartner(makeCompany(store, {id: 4711}));
    answerDeposits(DEPOSIT);
    const chosen = await openDialog();
    expect.verifySteps([[4711, ""]]);
    expect(queryAllTexts(".salon-deposit-name")).toEqual(["Foglaló"]);
    await click(".salon-deposit");
    expect.verifySteps(["closed"]);
    expect(chosen.map(({line}) => line)).toEqual([77]);
});

test("without a customer the number of the slip is asked for", async () => {
    await getFilledOrder(await setupTill());
    answerDeposits();
    await openDialog();
    expect.verifySteps([]);
    expect(".salon-deposit-search").not.toBeEnabled();
    await click("input[name=number]");
    await edit("0001");
    await animationFrame();
    await click(".salon-deposit-search");
    await animationFrame();
    expect.verifySteps([[false, "0001"]]);
    expect(".salon-deposit-none").toHaveCount(1);
});

test("a server that does not answer is said, and nothing is taken off", async () => {
    const store = await setupTill();
    const order = await getFilledOrder(store);
    order.setPartner(makeCompany(store));
    onRpc("pos.order", "salon_till_deposits", () => {
        throw new Error("no network");
    });
    const chosen = await openDialog();
    expect(".salon-error").toHaveCount(1);
    expect(chosen).toEqual([]);
});

test("a deposit is a negative line that names the line of its sale", async () => {
    const store = await setupTill();
    const order = await getFilledOrder(store);
    const before = order.priceIncl;
    await store.salonUseDeposit(order, DEPOSIT);
    const line = order.lines.at(-1);
    expect(line.salon_deposit_line).toBe(77);
    expect(order.priceIncl).toBeCloseTo(before - 3);
    expect(order.serializeForORM().lines.at(-1)[2].salon_deposit_line).toBe(77);
    expect(order.salonTakenOff(77)).toBeCloseTo(3);
});

test("no more is taken off than is due", async () => {
    const store = await setupTill();
    const order = await getFilledOrder(store);
    await store.salonUseDeposit(order, {...DEPOSIT, left: 1000000});
    expect(order.priceIncl).toBeCloseTo(0);
});

test("what this sale takes off already is not offered again", async () => {
    const store = await setupTill();
    const order = await getFilledOrder(store);
    await store.salonUseDeposit(order, {...DEPOSIT, left: 1});
    answerDeposits(DEPOSIT, {...DEPOSIT, line: 78, left: 5}, {...DEPOSIT, left: 1});
    const deposits = await store.salonOpenDeposits("0001");
    expect.verifySteps([[false, "0001"]]);
    expect(deposits.map(({line}) => line)).toEqual([77, 78]);
    expect(deposits[0].left).toBeCloseTo(2);
});

test("the button is there where the shop sells deposits", async () => {
    const store = await setupTill();
    await getFilledOrder(store);
    store.config.salon_till_deposits = [];
    const button = await mountWithCleanup(DepositButton);
    expect(".salon-deposit-button").toHaveCount(0);
    store.config.salon_till_deposits = [5];
    button.render();
    await animationFrame();
    expect(".salon-deposit-button").toHaveCount(1);
});

test("a sale knows whether a deposit is on it", async () => {
    const store = await setupTill();
    const order = await getFilledOrder(store);
    store.config.salon_till_deposits = [];
    expect(order.salonHasDeposit).toBe(false);
    const [line] = order.lines;
    store.config.salon_till_deposits = [line.product_id.product_tmpl_id.id];
    expect(order.salonHasDeposit).toBe(true);
});
