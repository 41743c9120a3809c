import {ClosePosPopup} from "@point_of_sale/app/components/popups/closing_popup/closing_popup";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";

ClosePosPopup.props = [...ClosePosPopup.props, "salon_invoices?"];

patch(ClosePosPopup.prototype, {
    /** What is not there yet of this session's invoices, with the filter that lists it. */
    get salonOpenInvoices() {
        const {pending, attention, unwanted} = this.props.salon_invoices;
        return [
            {
                count: attention,
                filter: "SALON_ATTENTION",
                icon: "fa-exclamation-triangle text-danger",
                text: _t("Need attention: %s", attention),
            },
            {
                count: pending,
                filter: "SALON_PENDING",
                icon: "fa-clock-o text-info",
                text: _t("Being made: %s", pending),
            },
            {
                count: unwanted,
                filter: "SALON_SKIPPED",
                icon: "fa-file-o text-muted",
                text: _t("Without invoice, by the shop's settings: %s", unwanted),
            },
        ].filter(({count}) => count);
    },
    /** List these sales instead of closing the session. */
    salonList(filter) {
        this.props.close();
        this.pos.navigate("TicketScreen", {stateOverride: {filter}});
    },
});
