import {AlertDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {BuyerDialog} from "@salon_invoice_bridge/app/components/buyer_dialog/buyer_dialog";
import {Component, useState} from "@odoo/owl";
import {TicketScreen} from "@point_of_sale/app/screens/ticket_screen/ticket_screen";
import {_t} from "@web/core/l10n/translation";
import {ask, makeAwaitable} from "@point_of_sale/app/utils/make_awaitable_dialog";
import {usePos} from "@point_of_sale/app/hooks/pos_hook";
import {useService} from "@web/core/utils/hooks";

/** What a cashier presses to confirm, by the plan that the server proposes. */
const CONFIRM = {
    replace: _t("Cancel it and make a new one"),
    again: _t("Make a new one"),
};

/**
 * On a paid sale: who its invoice is made out to is asked for, and changed.
 *
 * The server says what that comes to, and does it once the cashier has confirmed just
 * that: a sale whose invoice was issued meanwhile is asked about again.
 */
export class ChangeBuyerButton extends Component {
    static template = "salon_invoice_bridge.ChangeBuyerButton";
    static props = {order: {type: Object}};

    setup() {
        this.pos = usePos();
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.state = useState({busy: false});
    }
    get isOffered() {
        const order = this.props.order;
        const state = order.salonStatus?.state;
        return Boolean(state) && state !== "odoo" && !order.isRefund;
    }
    /** Whoever has a receipt and asks for an invoice need not be a company. */
    get isReceipt() {
        return this.props.order.salonStatus?.kind === "receipt";
    }
    /** The company that the dialog begins with; a private customer is none. */
    get known() {
        const partner = this.props.order.salonBilledPartner;
        return partner?.is_company || partner?.vat ? partner : null;
    }
    async onClick() {
        const {order} = this.props;
        if (!order.isSynced) {
            return this.say(
                _t("This sale has not reached the server yet. Try again when it has.")
            );
        }
        const payload = await makeAwaitable(this.dialog, BuyerDialog, {
            title: this.isReceipt
                ? _t("Invoice instead of the receipt of %s", order.pos_reference)
                : _t("Invoice of %s to a company", order.pos_reference),
            partner: this.known,
        });
        if (payload?.partner) {
            await this.change(order, payload.partner);
        }
    }
    /**
     * Ask the server, and the cashier, until it is done or somebody says no.
     *
     * @param {Object} order of the model pos.order
     * @param {Object} partner of the model res.partner
     */
    async change(order, partner) {
        let answer = await this.call(order, partner, false);
        while (answer?.question) {
            const confirmed = await ask(this.dialog, {
                title: this.isReceipt
                    ? _t("Invoice instead of the receipt?")
                    : _t("Change the buyer?"),
                body: answer.question,
                confirmLabel: CONFIRM[answer.plan] || _t("Change"),
                cancelLabel: _t("Leave it"),
            });
            if (!confirmed) {
                return;
            }
            answer = await this.call(order, partner, answer.plan);
        }
        if (answer?.error) {
            return this.say(answer.error);
        }
        if (answer) {
            order.uiState.salonInvoice = answer.status;
            this.pos.salonWatch.follow(order);
            this.notification.add(_t("New buyer of the invoice: %s", partner.name), {
                type: "success",
            });
        }
    }
    async call(order, partner, confirmed) {
        this.state.busy = true;
        try {
            const args = [[order.id], partner.id, confirmed];
            return await this.pos.data.call(
                "pos.order",
                "salon_till_change_buyer",
                args
            );
        } catch (error) {
            this.say(
                error.data?.message ||
                    _t(
                        "The server cannot be reached. Try again when it can: what is " +
                            "done already is not done twice."
                    )
            );
        } finally {
            this.state.busy = false;
        }
        return null;
    }
    say(body) {
        this.dialog.add(AlertDialog, {title: _t("Company Data"), body});
    }
}

TicketScreen.components = {...TicketScreen.components, ChangeBuyerButton};
