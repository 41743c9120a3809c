import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useService} from "@web/core/utils/hooks";
import {Component} from "@odoo/owl";

const ICONS = {
    bad: "fa-times-circle text-danger",
    warning: "fa-exclamation-triangle text-warning",
    info: "fa-info-circle text-info",
    ok: "fa-check-circle text-success",
};

const LABELS = {
    bad: _t("Must be fixed"),
    warning: _t("Should be looked at"),
    info: _t("Good to know"),
    ok: _t("In order"),
};

/**
 * The readiness panel: a row for each check, with the button that leads to its fix.
 *
 * Shows a Json field, a list of {code, level, title, text, fix, label}.
 */
export class ReadinessField extends Component {
    static template = "salon_invoice_bridge.ReadinessField";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get checks() {
        return this.props.record.data[this.props.name] || [];
    }

    icon(check) {
        return ICONS[check.level];
    }

    label(check) {
        return LABELS[check.level];
    }

    async onFix(check) {
        const {resModel, resId} = this.props.record;
        const action = await this.orm.call(resModel, "action_fix", [
            [resId],
            check.code,
        ]);
        const reload = () => this.props.record.load();
        if (action) {
            await this.action.doAction(action, {onClose: reload});
        } else {
            await reload();
        }
    }
}

export const readinessField = {
    component: ReadinessField,
    supportedTypes: ["json"],
};

registry.category("fields").add("salon_readiness", readinessField);
