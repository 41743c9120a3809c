import {expect, test} from "@odoo/hoot";
import {ControlButtons} from "@point_of_sale/app/screens/product_screen/control_buttons/control_buttons";
import {definePosModels} from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import {getFilledOrder} from "@point_of_sale/../tests/unit/utils";
import {mountWithCleanup} from "@web/../tests/web_test_helpers";
import {setupTill} from "../../utils";

definePosModels();

/**
 * Open the dialog of more buttons, beside the products.
 *
 * @param {object} [options] of setupTill
 */
async function openButtons(options) {
    await getFilledOrder(await setupTill(options));
    const props = {showRemainingButtons: true, close: () => {}};
    await mountWithCleanup(ControlButtons, {props});
}

test("the company invoice is asked for among Odoo's buttons", async () => {
    await openButtons();
    expect(".control-buttons-modal .salon-buyer-button").toHaveCount(1);
});

test("where nothing is connected the buttons are Odoo's", async () => {
    await openButtons({connected: false});
    expect(".control-buttons-modal").toHaveCount(1);
    expect(".salon-buyer-button").toHaveCount(0);
});
