import {CustomerDisplay} from "@point_of_sale/customer_display/customer_display";
import {generateQRCodeDataUrl} from "@point_of_sale/utils";
import {patch} from "@web/core/utils/patch";

patch(CustomerDisplay.prototype, {
    get salonCode() {
        return generateQRCodeDataUrl(this.order.salonGuestUrl);
    },
});
