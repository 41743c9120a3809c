import {DELAYS, InvoiceWatch} from "@salon_invoice_bridge/app/utils/invoice_watch";
import {advanceTime, expect, test} from "@odoo/hoot";

const ISSUED = {state: "issued", number: "2026-1"};
const PENDING = {state: "pending", number: ""};

/**
 * A watch, and sales whose invoices are as `answers` says when it asks.
 *
 * @param {object} answers by id
 * @param {number[]} ids
 */
function makeWatch(answers, ...ids) {
    const watch = new InvoiceWatch(async (orders) => {
        expect.step(orders.map(({id}) => id));
        for (const order of orders) {
            order.uiState.salonInvoice = answers[order.id];
        }
        watch.answered(orders);
    });
    const orders = ids.map((id) => ({id, uuid: `sale ${id}`, uiState: {}}));
    return {watch, orders, find: (id) => orders.find((order) => order.id === id)};
}

test("the times are those that were promised", () => {
    expect(DELAYS.ask).toEqual([5_000, 30_000]);
    expect(DELAYS.print).toBe(2_500);
    expect(DELAYS.askToPrint).toBeLessThan(DELAYS.print);
});

test("a message leads to the only question", async () => {
    const {watch, orders, find} = makeWatch({7: ISSUED}, 7);
    watch.follow(orders[0]);
    watch.hear([7, 8], find);
    await advanceTime(100);
    expect.verifySteps([[7]]);
    await advanceTime(60_000);
    expect.verifySteps([]);
    expect(orders[0].uiState.salonUnanswered).toBe(false);
});

test("messages that come together are one question", async () => {
    const {watch, find} = makeWatch({7: ISSUED, 8: ISSUED}, 7, 8);
    watch.hear([7], find);
    watch.hear([8], find);
    watch.hear([7], find);
    await advanceTime(100);
    expect.verifySteps([[7, 8]]);
});

test("where no message comes it is asked twice, and then a person asks", async () => {
    const {watch, orders} = makeWatch({7: PENDING}, 7);
    watch.follow(orders[0]);
    await advanceTime(4_900);
    expect.verifySteps([]);
    await advanceTime(200);
    expect.verifySteps([[7]]);
    expect(orders[0].uiState.salonUnanswered).toBe(false);
    await advanceTime(25_000);
    expect.verifySteps([[7]]);
    expect(orders[0].uiState.salonUnanswered).toBe(true);
    await advanceTime(120_000);
    expect.verifySteps([]);
});

test("a message that comes late takes the button away", async () => {
    const answers = {7: PENDING};
    const {watch, orders, find} = makeWatch(answers, 7);
    watch.follow(orders[0]);
    await advanceTime(6_000);
    await advanceTime(25_000);
    expect(orders[0].uiState.salonUnanswered).toBe(true);
    answers[7] = ISSUED;
    watch.hear([7], find);
    await advanceTime(100);
    expect(orders[0].uiState.salonUnanswered).toBe(false);
    expect.verifySteps([[7], [7], [7]]);
});

test("a message that is faster than the payment's answer is not lost", async () => {
    const {watch, orders, find} = makeWatch({7: ISSUED}, 7);
    await watch.hear([7], () => undefined);
    expect.verifySteps([]);
    watch.follow(orders[0]);
    await advanceTime(100);
    expect.verifySteps([[7]]);
    expect(find(7).uiState.salonInvoice).toEqual(ISSUED);
});

test("what other tills sell is not remembered for ever", async () => {
    const {watch} = makeWatch({});
    for (let id = 1; id <= 1_000; id++) {
        watch.hear([id], () => undefined);
    }
    expect(watch.heard.size).toBe(200);
    expect(watch.heard.has(1_000)).toBe(true);
});

test("after a reconnection what is not settled is asked for at once", async () => {
    const {watch, orders, find} = makeWatch(
        {7: ISSUED, 8: PENDING, 9: PENDING},
        7,
        8,
        9
    );
    orders.forEach((order) => watch.follow(order));
    watch.hear([7], find);
    await advanceTime(100);
    watch.catchUp();
    await advanceTime(100);
    expect.verifySteps([[7], [8, 9]]);
});

test("a print goes on with the answer", async () => {
    const {watch, orders, find} = makeWatch({7: ISSUED}, 7);
    watch.follow(orders[0]);
    watch.waitToPrint(orders[0]).then(() => expect.step("printed"));
    await advanceTime(500);
    expect.verifySteps([]);
    watch.hear([7], find);
    await advanceTime(100);
    expect.verifySteps([[7], "printed"]);
    await advanceTime(3_000);
    expect.verifySteps([]);
});

test("a print asks itself, and waits no longer than it may", async () => {
    const {watch, orders} = makeWatch({7: PENDING}, 7);
    watch.follow(orders[0]);
    watch.waitToPrint(orders[0]).then(() => expect.step("printed"));
    await advanceTime(2_100);
    expect.verifySteps([[7]]);
    await advanceTime(300);
    expect.verifySteps([]);
    await advanceTime(150);
    expect.verifySteps(["printed"]);
});

test("a print does not wait for what is settled, nor for what nobody follows", async () => {
    const {watch, orders} = makeWatch({}, 7);
    await watch.waitToPrint(orders[0]);
    orders[0].uiState.salonInvoice = ISSUED;
    watch.follow(orders[0]);
    await watch.waitToPrint(orders[0]);
    expect.verifySteps([]);
});
