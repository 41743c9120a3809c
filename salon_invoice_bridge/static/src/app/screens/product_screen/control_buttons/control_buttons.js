import {BuyerButton} from "@salon_invoice_bridge/app/components/buyer_button/buyer_button";
import {ControlButtons} from "@point_of_sale/app/screens/product_screen/control_buttons/control_buttons";
import {DepositButton} from "@salon_invoice_bridge/app/components/deposit_button/deposit_button";
import {patch} from "@web/core/utils/patch";

patch(ControlButtons, {
    components: {...ControlButtons.components, BuyerButton, DepositButton},
});
