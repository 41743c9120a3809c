import {Component, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

const ASKED = ["vat", "name", "zip", "city", "street", "country_id"];

/**
 * Asks NAV about the tax number that is being typed, and fills in what lacks.
 *
 * Nothing is saved: a customer whose number NAV does not know stays a form.
 */
export class AskNav extends Component {
    static template = "salon_invoice_bridge.AskNav";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.state = useState({asking: false});
    }

    get typed() {
        const {data} = this.props.record;
        const names = ASKED.filter((name) => name in data);
        const typed = Object.fromEntries(names.map((name) => [name, data[name]]));
        return {...typed, country_id: data.country_id ? data.country_id.id : false};
    }

    async onClick() {
        const {record} = this.props;
        // What is in the input that still has the focus counts, too.
        await record.isDirty();
        this.state.asking = true;
        try {
            const {notification, values} = await this.orm.call(
                "res.partner",
                "salon_ask_nav",
                [this.typed]
            );
            const {title, message, type} = notification;
            this.notification.add(message, {title, type, sticky: type === "danger"});
            if (this.props.readonly) {
                return;
            }
            const known = Object.keys(values).filter((name) => name in record.data);
            await record.update(
                Object.fromEntries(known.map((name) => [name, values[name]]))
            );
        } finally {
            this.state.asking = false;
        }
    }
}

registry.category("view_widgets").add("salon_ask_nav", {
    component: AskNav,
    fieldDependencies: [
        {name: "vat", type: "char"},
        {name: "name", type: "char"},
    ],
});
