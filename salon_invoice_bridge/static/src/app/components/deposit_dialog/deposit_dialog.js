import {Component, onMounted, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {RPCError} from "@web/core/network/rpc";
import {_t} from "@web/core/l10n/translation";
import {usePos} from "@point_of_sale/app/hooks/pos_hook";

/** Signs of a number that are enough: ENOUGH of models/salon_invoice_deposit.py. */
const ENOUGH = 4;

/**
 * Asks which deposit is taken off, and resolves with it: one of the customer's, or that of
 * the slip whose number is typed.
 */
export class DepositDialog extends Component {
    static template = "salon_invoice_bridge.DepositDialog";
    static components = {Dialog};
    static props = {getPayload: Function, close: Function};

    setup() {
        this.pos = usePos();
        this.state = useState({
            number: "",
            deposits: [],
            asking: false,
            asked: "", // What the list is the answer to
            error: "",
        });
        onMounted(() => this.customer && this.ask());
    }

    get title() {
        return _t("Use a deposit");
    }
    get customer() {
        return this.pos.getOrder()?.getPartner();
    }
    get due() {
        return this.pos.getOrder().priceIncl;
    }
    get isEnough() {
        return this.state.number.trim().length >= ENOUGH;
    }
    format(amount) {
        return this.env.utils.formatCurrency(amount);
    }

    async ask() {
        const {state} = this;
        const number = state.number.trim();
        Object.assign(state, {asking: true, error: ""});
        try {
            state.deposits = await this.pos.salonOpenDeposits(number);
            state.asked = number || this.customer.name;
        } catch (error) {
            state.error =
                (error instanceof RPCError && error.data?.message) ||
                _t("The server cannot be reached, so its deposits are not known.");
        } finally {
            state.asking = false;
        }
    }
    onKeydown(ev) {
        if (ev.key === "Enter" && this.isEnough) {
            ev.preventDefault();
            this.ask();
        }
    }
    use(deposit) {
        if (this.due <= 0) {
            this.state.error = _t("Add first what the deposit pays for.");
            return;
        }
        this.props.getPayload(deposit);
        this.props.close();
    }
}
