/** Weights of the first seven digits: billing/tax_number.py, and stdnum.hu.anum. */
const WEIGHTS = [9, 7, 3, 1, 9, 7, 3];

/**
 * Read a Hungarian tax number while it is typed.
 *
 * @param {String} text with or without hyphens, also HU12345676
 * @returns {{number: String, core: String, wrong: Boolean}} `number`: 12345678-1-42 as
 *     soon as it is complete, else ""; `core`: the first eight digits as soon as they are
 *     there and right, else ""; `wrong`: what is typed cannot become a tax number
 */
export function readTaxNumber(text) {
    const typed = (text || "").replace(/[\s.-]/g, "").toUpperCase();
    const digits = typed.replace(/^HU?/, "");
    const none = {number: "", core: ""};
    if (!/^[0-9]*$/.test(digits) || digits.length > 11) {
        return {...none, wrong: true};
    }
    if (digits.length < 8) {
        return {...none, wrong: false};
    }
    const sum = WEIGHTS.reduce((total, weight, i) => total + weight * digits[i], 0);
    const right = (10 - (sum % 10)) % 10 === Number(digits[7]);
    if (!right || !/^([1-5][0-9]{0,2})?$/.test(digits.slice(8))) {
        return {...none, wrong: true};
    }
    const core = digits.slice(0, 8);
    const number =
        digits.length === 11 ? `${core}-${digits[8]}-${digits.slice(9)}` : "";
    return {number, core, wrong: false};
}

/** Member states of the EU, whose numbers have a prefix: stdnum.eu.vat. */
const EU = new Set(
    (
        "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE " +
        "SI SK"
    ).split(" ")
);

/**
 * Tell whether a foreign number can be one, by its form: the server checks its digits.
 *
 * @param {String} text with or without the prefix
 * @param {String} country ISO 3166 code
 * @returns {Boolean}
 */
export function isForeignNumber(text, country) {
    const number = (text || "").replace(/[\s.-]/g, "").toUpperCase();
    if (!EU.has(country)) {
        return /^[A-Z0-9/]{2,30}$/.test(number);
    }
    const prefix = country === "GR" ? "EL" : country;
    return /^[A-Z0-9+*]{2,13}$/.test(number.replace(new RegExp(`^${prefix}`), ""));
}
