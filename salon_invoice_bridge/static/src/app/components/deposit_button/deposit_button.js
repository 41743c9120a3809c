import {Component} from "@odoo/owl";
import {DepositDialog} from "@salon_invoice_bridge/app/components/deposit_dialog/deposit_dialog";
import {makeAwaitable} from "@point_of_sale/app/utils/make_awaitable_dialog";
import {usePos} from "@point_of_sale/app/hooks/pos_hook";
import {useService} from "@web/core/utils/hooks";

/** Takes a deposit off the sale, where the shop sells deposits. */
export class DepositButton extends Component {
    static template = "salon_invoice_bridge.DepositButton";
    static props = {
        class: {type: String, optional: true},
        onUsed: {type: Function, optional: true},
    };
    static defaultProps = {class: "", onUsed: () => {}};

    setup() {
        this.pos = usePos();
        this.dialog = useService("dialog");
    }
    get isOffered() {
        const order = this.pos.getOrder();
        const {salon_connected: connected, salon_till_deposits: sold} = this.pos.config;
        return Boolean(
            connected && sold?.length && order && !order.isRefund && !order.finalized
        );
    }
    async onClick() {
        const order = this.pos.getOrder();
        const deposit = await makeAwaitable(this.dialog, DepositDialog, {});
        if (deposit && !order.finalized) {
            await this.pos.salonUseDeposit(order, deposit);
            this.props.onUsed();
        }
    }
}
