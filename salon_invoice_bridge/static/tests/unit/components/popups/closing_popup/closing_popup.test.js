import {expect, test} from "@odoo/hoot";
import {ClosePosPopup} from "@point_of_sale/app/components/popups/closing_popup/closing_popup";
import {animationFrame} from "@odoo/hoot-mock";
import {click} from "@odoo/hoot-dom";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import {mountWithCleanup, patchWithCleanup} from "@web/../tests/web_test_helpers";
import {setupTill} from "../../../utils";

definePosModels();

/**
 * Ask to close the session, as Odoo's server answers that.
 *
 * @param {object} [invoices] what the server adds
 */
async function close(invoices) {
    const store = await setupTill();
    patchWithCleanup(store, {
        navigate: (screen, {stateOverride}) =>
            expect.step([screen, stateOverride.filter]),
    });
    const props = {
        orders_details: {quantity: 3, amount: 30},
        opening_notes: "",
        default_cash_details: {
            id: 1,
            name: "Cash",
            amount: 0,
            opening: 0,
            payment_amount: 0,
            moves: [],
        },
        non_cash_payment_methods: [],
        is_manager: false,
        amount_authorized_diff: null,
        close: () => expect.step("closed"),
    };
    if (invoices) {
        props.salon_invoices = invoices;
    }
    await mountWithCleanup(ClosePosPopup, {props});
}

test("the dialog counts what is not there, and leads to it", async () => {
    await close({pending: 3, attention: 1, unwanted: 0});
    expect(".o_salon_closing li").toHaveCount(2);
    expect(".o_salon_closing li[data-filter=SALON_PENDING]").toHaveText(/3/);
    await click(".o_salon_closing li[data-filter=SALON_ATTENTION] button");
    await animationFrame();
    expect.verifySteps(["closed", ["TicketScreen", "SALON_ATTENTION"]]);
});

test("where nothing is connected the dialog is Odoo's", async () => {
    await close();
    expect(".o_salon_closing").toHaveCount(0);
    expect(".modal-body, .o_dialog").not.toHaveCount(0);
});
