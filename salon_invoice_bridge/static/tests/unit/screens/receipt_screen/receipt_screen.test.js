import {advanceTime, expect, test} from "@odoo/hoot";
import {
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {saveOrder, setupTill} from "../../utils";
import {ReceiptScreen} from "@point_of_sale/app/screens/receipt_screen/receipt_screen";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";

definePosModels();

/**
 * Mail the receipt of a sale, as the button beside the address does.
 *
 * @param {object} status what the server has said of the sale
 * @param {Array<Boolean|Error>} answers whether the PDF is on its way, one a question
 * @param {object} [options] of the till
 */
async function mail(status, answers, options) {
    const store = await setupTill(options);
    const order = await saveOrder(store);
    order.state = "paid";
    order.uiState.salonInvoice = status;
    const props = {orderUuid: order.uuid};
    const screen = await mountWithCleanup(ReceiptScreen, {props});
    patchWithCleanup(screen, {generateTicketImage: () => "a picture"});
    onRpc("pos.order", "salon_till_fetch_pdf", () => {
        expect.step("ask");
        const answer = answers.shift();
        if (answer instanceof Error) {
            throw answer;
        }
        return answer;
    });
    onRpc("pos.order", "action_send_receipt", () => {
        expect.step("mail");
        return true;
    });
    const sent = screen._sendReceiptToCustomer({
        action: "action_send_receipt",
        destination: "vendeg@example.com",
    });
    await advanceTime(10_000);
    await sent;
}

const ISSUED = {state: "issued", number: "2026-1"};

test("the mail waits for the PDF that is fetched for it", async () => {
    await mail(ISSUED, [true, true, false]);
    expect.verifySteps(["ask", "ask", "ask", "mail"]);
});

test("a PDF that is there already is not waited for", async () => {
    await mail(ISSUED, [false]);
    expect.verifySteps(["ask", "mail"]);
});

test("the mail does not wait for ever", async () => {
    await mail(ISSUED, [true, true, true, true, true, true]);
    expect.verifySteps(["ask", "ask", "ask", "ask", "mail"]);
});

test("a server that does not answer stops no mail", async () => {
    await mail(ISSUED, [new Error("gone")]);
    expect.verifySteps(["ask", "mail"]);
});

test("a sale without an invoice is mailed as Odoo does", async () => {
    await mail({state: "pending"}, [true]);
    expect.verifySteps(["mail"]);
});

test("a till that is not connected asks nothing", async () => {
    await mail(ISSUED, [true], {connected: false});
    expect.verifySteps(["mail"]);
});
