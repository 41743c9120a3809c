import {advanceTime, expect, test} from "@odoo/hoot";
import {answerOrder, saveOrder, setupTill} from "../utils";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import {getFilledOrder} from "@point_of_sale/../tests/unit/utils";
import {onRpc} from "@web/../tests/web_test_helpers";

definePosModels();

const ISSUED = {state: "issued", number: "2026-1", text: "Issued: 2026-1"};

/**
 * Hear the message of the server's worker, and wait for what comes of it.
 *
 * @param {object} store
 * @param {number[]} ids
 */
async function hear(store, ids) {
    const channels = store.data.channels.filter(
        ({channel}) => channel === "SALON_INVOICE"
    );
    expect(channels).toHaveLength(1);
    channels[0].method({ids});
    await advanceTime(100);
}

test("a message of ids is answered by one call for the sales that are here", async () => {
    const store = await setupTill();
    const orders = [await saveOrder(store), await saveOrder(store)];
    const ids = orders.map(({id}) => id);
    answerOrder("salon_till_status", {[ids[0]]: ISSUED});
    await hear(store, [...ids, 999_999]);
    expect.verifySteps([["salon_till_status", ids]]);
    expect(orders[0].uiState.salonInvoice).toEqual(ISSUED);
    expect(orders[1].uiState.salonInvoice).toBe(undefined);
});

test("what the till has heard is never sent", async () => {
    const store = await setupTill();
    const order = await saveOrder(store);
    answerOrder("salon_till_status", {[order.id]: ISSUED});
    await hear(store, [order.id]);
    expect.verifySteps([["salon_till_status", [order.id]]]);
    expect(order.uiState.salonInvoice).toEqual(ISSUED);
    expect(order.isDirty()).toBe(false);
    expect(JSON.stringify(order.serializeForORM())).not.toInclude("2026-1");
});

test("a sale that the server has got is followed until it is asked about", async () => {
    const store = await setupTill();
    const order = await getFilledOrder(store);
    order.state = "paid";
    answerOrder("salon_till_status", {});
    await store.syncAllOrders({orders: [order]});
    expect.verifySteps([]);
    await advanceTime(5_100);
    expect.verifySteps([["salon_till_status", [order.id]]]);
});

test("nothing is asked about a sale that the server does not know", async () => {
    const store = await setupTill();
    answerOrder("salon_till_status", {});
    expect(await store.salonAsk([await getFilledOrder(store)])).toBe(false);
    expect.verifySteps([]);
});

test("nothing is asked where nothing is connected", async () => {
    const store = await setupTill({connected: false});
    answerOrder("salon_till_status", {});
    await hear(store, [(await saveOrder(store)).id]);
    expect.verifySteps([]);
});

test("a server that does not answer is no error", async () => {
    const store = await setupTill();
    const order = await saveOrder(store);
    onRpc("pos.order", "salon_till_status", () => {
        throw new Error("The server is gone.");
    });
    expect(await store.salonAsk([order])).toBe(false);
});

test("a list keeps what a slip prints only as long as nothing newer was issued", async () => {
    const store = await setupTill();
    const order = await saveOrder(store);
    const slip = {rates: []};
    order.uiState.salonInvoice = {...ISSUED, kept: {}, slip};
    answerOrder("salon_till_status", {[order.id]: {...ISSUED, kept: {}}});
    await store.salonAsk([order]);
    expect(order.uiState.salonInvoice.slip).toEqual(slip);
    const kept = {number: "2026-2", receipt: true};
    answerOrder("salon_till_status", {[order.id]: {...ISSUED, kept}});
    await store.salonAsk([order]);
    expect(order.uiState.salonInvoice.slip).toBe(undefined);
    const call = ["salon_till_status", [order.id]];
    expect.verifySteps([call, call]);
});
