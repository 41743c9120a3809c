import {onWillUpdateProps} from "@odoo/owl";
import {InvoiceBadge} from "@salon_invoice_bridge/app/components/invoice_badge/invoice_badge";
import {InvoiceCard} from "@salon_invoice_bridge/app/components/invoice_card/invoice_card";
import {TicketScreen} from "@point_of_sale/app/screens/ticket_screen/ticket_screen";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {patch} from "@web/core/utils/patch";

TicketScreen.components = {...TicketScreen.components, InvoiceBadge, InvoiceCard};

/** Filters of paid sales: the state that a till shows, and the server's domain. */
const FILTERS = {
    SALON_PENDING: {
        text: _t("Invoice being made"),
        state: "pending",
        domain: [
            ["salon_document_ids.state", "in", ["waiting", "sending", "checking"]],
        ],
    },
    SALON_ATTENTION: {
        text: _t("Invoice needs attention"),
        state: "attention",
        domain: [["salon_document_ids.state", "=", "attention"]],
    },
    SALON_SKIPPED: {
        text: _t("Without invoice"),
        state: "skipped",
        domain: [["salon_document_id.status", "=", "skipped"]],
    },
};
/** Milliseconds that a print waits at most to learn of a number. */
const PRINT_WAITS = 2_500;

/**
 * The list of orders of a connected till. One of `FILTERS` is Odoo's filter of paid
 * sales, with a domain more: `state.filter` stays what Odoo knows.
 *
 * By a filter of ours, and by an invoice's number, the server finds the sales: what this
 * till knows of them may be old, or nothing. `state.salonFound` are their ids.
 */
patch(TicketScreen.prototype, {
    setup() {
        super.setup(...arguments);
        Object.assign(this.state, {salonFilter: null, salonFound: null});
        // The closing dialog leads here, also from here.
        onWillUpdateProps(({stateOverride}) => {
            if (stateOverride?.filter in FILTERS) {
                this.onFilterSelected(stateOverride.filter);
            }
        });
    },
    // === FILTERS AND SEARCH === //
    _getFilterOptions() {
        const options = super._getFilterOptions(...arguments);
        if (this.pos.config.salon_connected) {
            for (const [key, {text}] of Object.entries(FILTERS)) {
                options.set(key, {text, indented: true});
            }
        }
        return options;
    },
    _getSearchFields() {
        const fields = super._getSearchFields(...arguments);
        if (this.pos.config.salon_connected) {
            const {repr} = fields.INVOICE_NUMBER;
            Object.assign(fields.INVOICE_NUMBER, {
                repr: (order) => order.salonNumber || repr(order),
                // Odoo's number and those of the service, a whole one by an index.
                modelFields: ["salon_invoice_numbers"],
            });
        }
        return fields;
    },
    getSearchBarConfig() {
        const config = super.getSearchBarConfig(...arguments);
        return {
            ...config,
            defaultFilter: this.state.salonFilter || config.defaultFilter,
        };
    },
    async onFilterSelected(key) {
        if (!(key in FILTERS)) {
            if (this.state.salonFilter) {
                Object.assign(this.state, {salonFilter: null, page: 1});
            }
            return super.onFilterSelected(...arguments);
        }
        Object.assign(this.state, {salonFilter: key, salonFound: null, page: 1});
        return super.onFilterSelected("SYNCED");
    },
    /** Whether the server says which sales are listed. */
    get salonServerFinds() {
        const {filter, salonFilter, search} = this.state;
        const byNumber = search.searchTerm && search.fieldName === "INVOICE_NUMBER";
        return Boolean(
            this.pos.config.salon_connected &&
                filter === "SYNCED" &&
                (salonFilter || byNumber)
        );
    },
    _computeSyncedOrdersDomain() {
        const domain = super._computeSyncedOrdersDomain(...arguments);
        return [...domain, ...(FILTERS[this.state.salonFilter]?.domain || [])];
    },
    async _fetchSyncedOrders() {
        if (this.salonServerFinds) {
            await this._salonFind();
        } else {
            this.state.salonFound = null;
            await super._fetchSyncedOrders(...arguments);
        }
        // One question for all rows of the page; the list does not wait for the answer.
        this.pos.salonAsk(this.getFilteredOrderList());
    },
    async _salonFind() {
        const {nbrByPage, page} = this.state;
        const domain = this._computeSyncedOrdersDomain();
        const asked = (this.salonAsked = {});
        const {ordersInfo, totalCount} = await this.pos.data.call(
            "pos.order",
            "search_paid_order_ids",
            [],
            {
                config_id: this.pos.config.id,
                domain,
                limit: nbrByPage,
                offset: (page - 1) * nbrByPage,
            }
        );
        const ids = ordersInfo.map(([id]) => id);
        if (ids.length) {
            await this.pos.data.loadServerOrders([["id", "in", ids]]);
        }
        // Somebody may have typed on meanwhile.
        if (asked === this.salonAsked) {
            this.pos.screenState.ticketSCreen.totalCount = totalCount;
            this.state.salonFound = ids;
        }
    },
    getFilteredOrderList() {
        if (!this.salonServerFinds) {
            return super.getFilteredOrderList(...arguments);
        }
        const found = this.state.salonFound;
        if (found) {
            return this.pos.models["pos.order"]
                .readMany(found)
                .filter(Boolean)
                .sort((one, other) => other.date_order - one.date_order);
        }
        // Before the server answers, and without it: what this till knows.
        const state = FILTERS[this.state.salonFilter]?.state;
        const orders = super.getFilteredOrderList(...arguments);
        return orders.filter((order) => !state || order.salonStatus?.state === state);
    },
    // === THE SELECTED SALE === //
    /** A sale that was scanned is on no page whose rows were asked for. */
    setSelectedOrder(order) {
        if (order?.finalized && !order.uiState.salonInvoice) {
            this.pos.salonAsk([order], true);
        }
        return super.setSelectedOrder(...arguments);
    },
    /** Print the slip with the invoice's number, if there is one by now. */
    async print(order) {
        const status = order.salonStatus;
        // No message says when what was kept of a cancelled one has its receipt.
        const isKnown = status?.slip && status.state !== "cancelled";
        if (status && (!order.salonNumber || (status.receipt && !isKnown))) {
            await Promise.race([
                this.pos.salonAsk([order], true),
                new Promise((resolve) => browser.setTimeout(resolve, PRINT_WAITS)),
            ]);
        }
        return super.print(...arguments);
    },
});
