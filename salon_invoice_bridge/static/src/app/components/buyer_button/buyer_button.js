import {BuyerDialog} from "@salon_invoice_bridge/app/components/buyer_dialog/buyer_dialog";
import {Component} from "@odoo/owl";
import {makeAwaitable} from "@point_of_sale/app/utils/make_awaitable_dialog";
import {usePos} from "@point_of_sale/app/hooks/pos_hook";
import {useService} from "@web/core/utils/hooks";

/** Beside the customer: who the invoice is made out to, if that is somebody else. */
export class BuyerButton extends Component {
    static template = "salon_invoice_bridge.BuyerButton";
    static props = {
        class: {type: String, optional: true},
        onChosen: {type: Function, optional: true},
    };
    static defaultProps = {class: "", onChosen: () => {}};

    setup() {
        this.pos = usePos();
        this.dialog = useService("dialog");
    }
    get order() {
        return this.pos.getOrder();
    }
    get isOffered() {
        const {order} = this;
        return Boolean(
            order?.config.salon_connected && !order.isRefund && !order.finalized
        );
    }
    get buyer() {
        return this.order.salonNamedBuyer;
    }
    async onClick() {
        const {order} = this;
        const payload = await makeAwaitable(this.dialog, BuyerDialog, {
            partner: this.buyer || null,
        });
        if (payload?.partner && !order.finalized) {
            order.salonBillTo(payload.partner);
            this.props.onChosen();
        }
    }
    onRemove() {
        this.order.salonBillTo(false);
    }
}
