import {Component, onWillStart, useState} from "@odoo/owl";
import {useService} from "@web/core/utils/hooks";

/** Above the list of documents: what is to be done before there are any. */
export class FirstStep extends Component {
    static template = "salon_invoice_bridge.FirstStep";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({step: ""});
        onWillStart(() => this.look());
    }

    async look() {
        this.state.step = await this.orm.call(
            "salon.invoice.account",
            "first_step",
            []
        );
    }

    async onConnect() {
        await this.action.doAction(
            "salon_invoice_bridge.salon_invoice_connect_action",
            {
                onClose: () => this.look(),
            }
        );
    }
}
