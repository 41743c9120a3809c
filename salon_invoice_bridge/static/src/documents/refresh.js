import {Component, onMounted, onWillUnmount} from "@odoo/owl";
import {debounce} from "@web/core/utils/timing";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

// Also in models/salon_invoice_document.py: the server chooses who hears it.
const MESSAGE = "salon_invoice_changed";
// What of a message is shown by the form of a model.
const SHOWN = {
    "pos.order": "orders",
    "salon.invoice.document": "documents",
    "salon.invoice.batch": "batches",
    "salon.invoice.month": "months",
    "salon.invoice.reconciliation": "reconciliations",
};
// Several documents change at once where a backlog is sent.
const PAUSE = 400;

/**
 * Calls `refresh` when documents have changed, at most a few times a second.
 *
 * @param {Function} refresh reads again what the screen shows
 * @param {Function} concerns whether {documents, orders, batches, months,
 *     reconciliations}, lists of ids, are shown
 */
export function useDocumentChanges(refresh, concerns = () => true) {
    const bus = useService("bus_service");
    const later = debounce(refresh, PAUSE);
    const listen = (changed) => {
        if (concerns(changed)) {
            later();
        }
    };
    onMounted(() => {
        bus.subscribe(MESSAGE, listen);
        bus.start();
    });
    onWillUnmount(() => {
        bus.unsubscribe(MESSAGE, listen);
        later.cancel();
    });
}

/** Whether a form shows what has changed: its record, or what a month waits for. */
function isShown({resModel, resId}, changed) {
    const isChanged = (changed[SHOWN[resModel]] || []).includes(resId);
    // A month: of its findings, or a PDF that it waits for.
    const documents = changed.documents || [];
    const isPart = resModel === "salon.invoice.month" && documents.length > 0;
    return isChanged || isPart;
}

/** In a form whose record the worker changes, see `SHOWN`: shows what has become of it. */
export class InvoiceRefresh extends Component {
    static template = "salon_invoice_bridge.InvoiceRefresh";
    static props = {...standardWidgetProps};

    setup() {
        useDocumentChanges(
            () => this.refresh(),
            (changed) => isShown(this.props.record, changed)
        );
    }

    async refresh() {
        // What somebody is typing stays.
        if (!(await this.props.record.isDirty())) {
            await this.props.record.load();
        }
    }
}

registry
    .category("view_widgets")
    .add("salon_invoice_refresh", {component: InvoiceRefresh});
