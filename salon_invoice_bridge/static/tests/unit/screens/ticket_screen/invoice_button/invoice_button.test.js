import {answerOrder, makeMove, saveOrder, setupTill} from "../../../utils";
import {expect, test} from "@odoo/hoot";
import {mockService, mountWithCleanup} from "@web/../tests/web_test_helpers";
import {InvoiceButton} from "@point_of_sale/app/screens/ticket_screen/invoice_button/invoice_button";
import {animationFrame} from "@odoo/hoot-mock";
import {click} from "@odoo/hoot-dom";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import {getFilledOrder} from "@point_of_sale/../tests/unit/utils";

definePosModels();

/**
 * Press the button of an order, as in Odoo's list of orders.
 *
 * @param {object} order
 * @param {object} [status] what the server says of it
 */
async function press(order, status) {
    answerOrder("salon_till_open", {[order.id]: status});
    const props = {order, onInvoiceOrder: () => expect.step("invoiced by Odoo")};
    await mountWithCleanup(InvoiceButton, {props});
    await click(".control-button");
    await animationFrame();
}

test("an issued sale opens the service's document", async () => {
    mockService("action", {doAction: ({url}) => expect.step(url)});
    const order = await saveOrder(await setupTill());
    await press(order, {state: "issued", number: "2026-1", url: "/the/document"});
    expect.verifySteps([["salon_till_open", [order.id]], "/the/document"]);
});

test("a sale without a document says why", async () => {
    mockService("dialog", {add: (_dialog, {body}) => expect.step(body)});
    const order = await saveOrder(await setupTill());
    await press(order, {state: "pending", text: "It is being made.", url: ""});
    expect.verifySteps([["salon_till_open", [order.id]], "It is being made."]);
});

test("what is fetched first says so, and the button is the same", async () => {
    mockService("dialog", {add: (_dialog, {body}) => expect.step(body)});
    const order = await saveOrder(await setupTill());
    order.state = "paid";
    const status = {state: "issued", number: "2026-1", text: "Press again.", url: ""};
    await press(order, status);
    expect.verifySteps([["salon_till_open", [order.id]], "Press again."]);
    expect(".control-button").toHaveText("Open invoice");
});

test("a sale that the server does not know is not asked about", async () => {
    mockService("dialog", {add: (_dialog, {body}) => expect.step(`${body}`)});
    await press(await getFilledOrder(await setupTill()));
    expect.verifySteps([
        "This sale has not reached the server yet. Try again when it has.",
    ]);
});

test("what Odoo has invoiced stays Odoo's", async () => {
    mockService("account_move", {downloadPdf: (id) => expect.step(["PDF", id])});
    const store = await setupTill();
    const move = makeMove();
    await press(await saveOrder(store, {account_move: move}), {state: "pending"});
    expect.verifySteps([["PDF", move], "invoiced by Odoo"]);
});

test("where the server says that it is Odoo's, Odoo asks for the customer", async () => {
    mockService("dialog", {add: (_dialog, {title}) => expect.step(`${title}`)});
    const order = await saveOrder(await setupTill());
    await press(order, {state: "odoo"});
    expect.verifySteps([["salon_till_open", [order.id]], "Need customer to invoice"]);
});

test("the button says what it will do", async () => {
    const order = await saveOrder(await setupTill());
    const props = {order, onInvoiceOrder: () => {}};
    await mountWithCleanup(InvoiceButton, {props});
    expect(".control-button").toHaveText("Invoice");
    order.state = "paid";
    order.uiState.salonInvoice = {state: "issued", number: "2026-1", url: "/it"};
    await animationFrame();
    expect(".control-button").toHaveText("Open invoice");
});

test("a receipt is opened as a receipt", async () => {
    mockService("dialog", {add: (_dialog, {title}) => expect.step(`${title}`)});
    const order = await saveOrder(await setupTill());
    order.state = "paid";
    const status = {state: "issued", number: "NY-1", receipt: true, url: ""};
    await press(order, {...status, text: "Press again."});
    expect.verifySteps([["salon_till_open", [order.id]], "Receipt"]);
    expect(".control-button").toHaveText("Open receipt");
});
