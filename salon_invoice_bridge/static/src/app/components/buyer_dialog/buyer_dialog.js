import {Component, onMounted, useRef, useState} from "@odoo/owl";
import {ConnectionLostError, RPCError} from "@web/core/network/rpc";
import {
    isForeignNumber,
    readTaxNumber,
} from "@salon_invoice_bridge/app/utils/tax_number";
import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";
import {usePos} from "@point_of_sale/app/hooks/pos_hook";

/** Milliseconds that *Use* waits for a look-up that is on its way. */
const PATIENCE = 5000;
/** What an invoice needs of a buyer, in the order of the fields. */
const NEEDED = ["name", "zip", "city", "street"];
const ADDRESS = ["zip", "city", "street"];

/**
 * Asks who the invoice is made out to, and resolves with a customer of the till.
 *
 * A Hungarian tax number is checked while it is typed, and looked up when the field is
 * left. Whatever keeps the look-up from answering, the buyer can be typed.
 */
export class BuyerDialog extends Component {
    static template = "salon_invoice_bridge.BuyerDialog";
    static components = {Dialog};
    static props = {
        title: {type: String, optional: true},
        partner: {type: [Object, {value: null}, {value: false}], optional: true},
        getPayload: Function,
        close: Function,
    };

    setup() {
        this.pos = usePos();
        this.form = useRef("form");
        const countries = this.pos.models["res.country"].getAll();
        this.countries = countries.toSorted((a, b) => a.name.localeCompare(b.name));
        this.hungary = countries.find((country) => country.code === "HU");
        this.state = useState({
            kind: "company",
            number: "",
            group: "",
            name: "",
            zip: "",
            city: "",
            street: "",
            email: "",
            country: this.hungary?.id,
            place: "0",
            partners: [],
            chosen: 0, // Id of a customer, 0: what is typed
            sure: false,
            answer: null, // Of the server about the number in `asked`
            asked: "",
            asking: false,
            corrected: false, // Whether the number was typed with another ending
            saving: false,
            shown: false, // Whether what is missing is shown
            error: "",
        });
        // What a look-up has filled in: that is taken back with its number.
        this.filled = {};
        this.fillFrom(this.props.partner);
        onMounted(() => this.form.el.querySelector("input:not([type=radio])").focus());
    }

    get title() {
        return this.props.title || _t("Company invoice");
    }

    fillFrom(partner) {
        if (!partner) {
            return;
        }
        const {state} = this;
        for (const name of [...NEEDED, "email"]) {
            state[name] = partner[name] || "";
        }
        state.number = partner.vat || "";
        state.country = partner.country_id?.id || state.country;
        const hungarian = readTaxNumber(state.number);
        if (hungarian.core) {
            state.number = hungarian.number || state.number;
        } else if (state.number || partner.is_company) {
            state.kind = this.isHungary ? "company" : "foreign";
        } else {
            state.kind = "person";
        }
        state.partners = [this.describe(partner)];
        state.chosen = partner.id;
        state.asked = hungarian.number || hungarian.core;
    }

    // --- What is shown ---

    get isHungary() {
        return this.state.country === this.hungary?.id;
    }
    get country() {
        return this.pos.models["res.country"].get(this.state.country);
    }
    get typedNumber() {
        return readTaxNumber(this.state.number);
    }
    get isMember() {
        const {answer, group} = this.state;
        const code = this.typedNumber.number[9];
        return Boolean(code === "4" || group || answer?.group);
    }
    get groupHint() {
        const core = this.state.answer?.group;
        return core?.length === 8 && !this.state.group
            ? _t("It starts with %s.", core)
            : "";
    }
    get wrongNumber() {
        if (this.state.kind === "foreign") {
            const {number} = this.state;
            return number && !isForeignNumber(number, this.country?.code)
                ? _t("This is no tax number of that country.")
                : "";
        }
        return this.typedNumber.wrong
            ? _t("There is a mistake in the number: it cannot be a tax number.")
            : "";
    }
    get wrongGroup() {
        return readTaxNumber(this.state.group).wrong
            ? _t("There is a mistake in the number: it cannot be a tax number.")
            : "";
    }
    get isUnverified() {
        const {kind, answer, asking, chosen} = this.state;
        if (chosen || asking || kind === "person") {
            return false;
        }
        if (kind === "foreign") {
            return Boolean(this.state.number) && !this.wrongNumber;
        }
        return answer?.state === "silent";
    }
    get isUnknown() {
        return this.state.kind === "company" && this.state.answer?.state === "unknown";
    }
    get places() {
        return (this.state.answer?.addresses || []).map((place, index) => ({
            index: `${index}`,
            label: `${place.zip} ${place.city}, ${place.street}`,
            kind: {
                HQ: _t("Headquarters"),
                SITE: _t("Site"),
                BRANCH: _t("Branch"),
            }[place.kind],
        }));
    }
    get chosenPartner() {
        return this.state.partners.find(({id}) => id === this.state.chosen);
    }
    /** What is missing of what is typed, as names of fields. */
    get missing() {
        const {state} = this;
        if (state.chosen) {
            return [];
        }
        const missing = NEEDED.filter((name) => !state[name].trim());
        if (state.kind === "company" && !this.typedNumber.number) {
            // Eight digits are enough where the service has told the others.
            const complete = state.answer?.number && this.typedNumber.core;
            return complete ? missing : ["number", ...missing];
        }
        return missing;
    }
    isMissing(name) {
        return this.state.shown && this.missing.includes(name);
    }

    // --- What is typed ---

    chooseKind(kind) {
        const {state} = this;
        Object.assign(state, {kind, error: "", shown: false, chosen: 0, partners: []});
        Object.assign(state, {answer: null, asked: "", sure: false});
        if (kind === "company") {
            state.country = this.hungary?.id;
            this.lookUp();
        } else if (kind === "foreign" && this.isHungary) {
            const austria = this.countries.find(({code}) => code === "AT");
            state.country = austria?.id || state.country;
        }
    }
    onNumber(text) {
        this.state.number = text;
        const {number, core} = this.typedNumber;
        if (this.state.asked && (number || core) !== this.state.asked) {
            this.forget();
        }
    }
    /** Take back what a look-up of another number has filled in. */
    forget() {
        const {state} = this;
        for (const [name, text] of Object.entries(this.filled)) {
            if (state[name] === text) {
                state[name] = "";
            }
        }
        this.filled = {};
        Object.assign(state, {answer: null, asked: "", partners: [], chosen: 0});
        Object.assign(state, {sure: false, error: "", place: "0", corrected: false});
    }
    onPlace(index) {
        this.state.place = index;
        this.fill(this.state.answer.addresses[Number(index)], true);
    }
    fill(values, always = false) {
        for (const [name, text] of Object.entries(values)) {
            const own = !this.state[name] || this.state[name] === this.filled[name];
            if (name !== "kind" && text && (own || always)) {
                this.state[name] = this.filled[name] = text;
            }
        }
    }
    onKeydown(ev) {
        if (ev.key !== "Enter" || ev.target.tagName === "BUTTON") {
            return;
        }
        ev.preventDefault();
        const fields = [...this.form.el.querySelectorAll("input, select")].filter(
            (field) => !field.disabled && field.type !== "radio"
        );
        const next = fields[fields.indexOf(ev.target) + 1];
        (next || this.useButton).focus();
    }
    get useButton() {
        return this.form.el.closest(".modal-content").querySelector(".salon-use");
    }

    // --- The look-up ---

    onLeaveNumber() {
        if (this.state.kind === "company") {
            this.lookUp();
        }
    }
    /** Look the number up, once; the answer about another one than is typed is dropped. */
    async lookUp() {
        const {state} = this;
        const {number, core} = this.typedNumber;
        const asked = number || core;
        if (!asked || asked === state.asked) {
            return;
        }
        this.forget();
        state.number = asked;
        Object.assign(state, {asked, asking: true});
        this.asking = this.ask(asked);
        const answer = await this.asking;
        if (state.asked !== asked) {
            return;
        }
        Object.assign(state, {asking: false, answer, partners: answer.partners});
        state.chosen = answer.partners[0]?.id || 0;
        if (answer.number && answer.number !== asked) {
            state.asked = state.number = answer.number;
            state.corrected = Boolean(number);
        }
        // What was typed by hand may be another company's: of a number typed before.
        const isKnown = answer.state === "known";
        this.fill({name: answer.name, ...answer.addresses[0]}, isKnown);
        if (answer.group.length > 8) {
            this.fill({group: answer.group});
        }
        this.goOn();
    }
    async ask(number) {
        try {
            return await this.pos.data.call("res.partner", "salon_till_lookup", [
                number,
                this.pos.config.id,
            ]);
        } catch (error) {
            const isOffline = error instanceof ConnectionLostError;
            // Said before anything is typed: without a server nothing new can be saved.
            const text = isOffline
                ? this.explain(error)
                : error.data?.message || _t("The tax number could not be looked up.");
            return {
                ...{state: "silent", text, number: "", name: "", group: ""},
                isOffline,
                addresses: [],
                partners: this.findHere(number.slice(0, 8)),
            };
        }
    }
    /** Return the customers of this till with a number: what a till without a server has. */
    findHere(core) {
        return this.pos.models["res.partner"]
            .filter((partner) => readTaxNumber(partner.vat).core === core)
            .map((partner) => this.describe(partner));
    }
    describe(partner) {
        const place = [partner.zip, partner.city].filter(Boolean).join(" ");
        return {
            id: partner.id,
            name: partner.name || "",
            number: partner.vat || "",
            address: [place, partner.street].filter(Boolean).join(", "),
            complete: ADDRESS.every((name) => partner[name]),
        };
    }
    /** When nothing is missing, Enter is all that is left to do. */
    goOn() {
        const waits = ["name", "number"].includes(document.activeElement?.name);
        if (waits && !this.missing.length && !this.isUnknown) {
            this.useButton.focus();
        }
    }

    // --- Use ---

    async onUse() {
        const {state} = this;
        state.error = "";
        if (state.kind === "company" && (await this.waitForAnswer())) {
            return; // What has just come is shown first.
        }
        state.shown = true;
        if (
            this.missing.length ||
            (!state.chosen && (this.wrongNumber || this.wrongGroup))
        ) {
            const [first] = this.missing;
            this.form.el.querySelector(`[name=${first || "number"}]`)?.focus();
            return;
        }
        if (this.isUnknown && !state.chosen && !state.sure) {
            this.form.el.querySelector("[name=sure]").focus();
            return;
        }
        state.saving = true;
        try {
            const partner = await this.findOrCreate();
            this.props.getPayload({partner});
            this.props.close();
        } catch (error) {
            state.error = this.explain(error);
        } finally {
            state.saving = false;
        }
    }
    /** Return whether an answer has come that the cashier has not seen yet. */
    async waitForAnswer() {
        const {number, core} = this.typedNumber;
        if (!this.state.chosen && (number || core) !== this.state.asked) {
            this.lookUp();
        }
        if (!this.state.asking) {
            return false;
        }
        const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, false));
        return Promise.race([this.asking.then(() => true), late]);
    }
    async findOrCreate() {
        const {state} = this;
        const here = state.chosen && this.pos.models["res.partner"].get(state.chosen);
        if (here) {
            return here;
        }
        const values = state.chosen ? {partner_id: state.chosen} : this.typed;
        const told = await this.pos.data.callRelated(
            "res.partner",
            "salon_till_buyer",
            [values, this.pos.config.id],
            {},
            false
        );
        return told["res.partner"][0];
    }
    get typed() {
        const {state} = this;
        const isCompany = state.kind !== "person";
        const typed = {is_company: isCompany, email: state.email};
        for (const name of NEEDED) {
            typed[name] = state[name];
        }
        if (isCompany) {
            typed.vat = state.number;
        }
        if (state.kind === "company") {
            typed.group_vat = this.isMember ? state.group : "";
            typed.branch = state.partners.length > 0;
            typed.sure = state.sure;
        }
        return {...typed, country_id: state.country || false};
    }
    explain(error) {
        if (error instanceof ConnectionLostError) {
            return _t(
                "There is no connection, so no new customer can be saved. Choose one who " +
                    "is here already, or put the company on the invoice after the sale."
            );
        }
        if (error instanceof RPCError) {
            return error.data?.message || _t("The customer could not be saved.");
        }
        throw error;
    }
}
