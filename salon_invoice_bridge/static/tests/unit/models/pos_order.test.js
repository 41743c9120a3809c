import {expect, test} from "@odoo/hoot";
import {makeCompany, makeMove, saveOrder, setupTill} from "../utils";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import {getFilledOrder} from "@point_of_sale/../tests/unit/utils";

definePosModels();

test("a company that is chosen asks for nothing in a connected till", async () => {
    const store = await setupTill();
    const order = await getFilledOrder(store);
    const company = makeCompany(store);
    order.setPartner(company);
    expect(order.getPartner()).toBe(company);
    expect(order.isToInvoice()).toBe(false);
});

test("a wish that was pressed before the company was chosen stays", async () => {
    const store = await setupTill();
    const order = await getFilledOrder(store);
    order.setToInvoice(true);
    order.setPartner(makeCompany(store));
    expect(order.isToInvoice()).toBe(true);
});

test("elsewhere Odoo invoices the company that is chosen", async () => {
    const store = await setupTill({connected: false});
    const order = await getFilledOrder(store);
    order.setPartner(makeCompany(store));
    // Odoo's own: when this is no longer so, our patch has nothing to undo.
    expect(order.isToInvoice()).toBe(true);
});

test("a refund returns to Odoo what Odoo has invoiced, and nothing else", async () => {
    const store = await setupTill();
    const refund = await getFilledOrder(store);
    expect(refund.salonReturnsToOdoo).toBe(false);
    const sold = await saveOrder(store);
    refund.lines[0].refunded_orderline_id = sold.lines[0];
    expect(refund.salonReturnsToOdoo).toBe(false);
    const invoiced = await saveOrder(store, {account_move: makeMove()});
    refund.lines[1].refunded_orderline_id = invoiced.lines[0];
    expect(refund.salonReturnsToOdoo).toBe(true);
});

test("the till knows the customer's page before the server knows the sale", async () => {
    const order = await getFilledOrder(await setupTill());
    expect(order.isSynced).toBe(false);
    expect(order.access_token).not.toBeEmpty();
    expect(order.salonGuestUrl).toBe(
        `http://localhost:4444/salon/invoice/${order.access_token}`
    );
});

test("a receipt that leaves the tip off is none where nothing else is charged", async () => {
    const store = await setupTill({policy: "request", receipts: true});
    const order = await getFilledOrder(store);
    store.config.salon_till_tip = "kept_off";
    store.config.tip_product_id = order.lines[0].product_id;
    expect(order.salonDocument.code).toBe("tip_kept_off");
    order.removeOrderline(order.lines[1]);
    expect(order.salonDocument.code).toBe("tip");
    expect(order.salonIsExpected).toBe(false);
});
