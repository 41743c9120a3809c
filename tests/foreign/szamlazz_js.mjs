// Drives szamlazz.js, whose address is fixed, against the sandbox.
//
// node szamlazz_js.mjs ADDRESS KEY MILLISECONDS < steps
//
// It is always as late as MILLISECONDS after 1970 say.
// A step is [function, argument]; the results (or {error, code}) are printed as JSON.

import axios from "axios";
import {text} from "node:stream/consumers";
import {
    Buyer,
    Client,
    Currencies,
    Invoice,
    Item,
    PaymentMethods,
    Seller,
    TaxSubjects,
} from "szamlazz.js";

const [address, authToken, moment] = process.argv.slice(2);
globalThis.Date = class extends Date {
    constructor(...given) {
        super(...(given.length ? given : [Number(moment)]));
    }

    static now() {
        return Number(moment);
    }
};
const request = axios.Axios.prototype.request;
axios.Axios.prototype.request = function (config) {
    if (config.url !== "https://www.szamlazz.hu/szamla/") {
        throw new Error(`Unexpected address ${config.url}`);
    }
    return request.call(this, {...config, url: address, proxy: false});
};

const steps = {
    async issue({client = {}, invoice = {}, buyer = {}, items, seller = {}}) {
        const agent = new Client({authToken, ...client});
        const issued = await agent.issueInvoice(
            new Invoice({
                ...invoice,
                paymentMethod: PaymentMethods[invoice.paymentMethod ?? "Cash"],
                currency: Currencies[invoice.currency ?? "HUF"],
                seller: new Seller(seller),
                buyer: new Buyer({
                    ...buyer,
                    taxSubject: TaxSubjects[buyer.taxSubject ?? "NoTaxID"],
                }),
                items: items.map((item) => new Item(item)),
            })
        );
        return {...issued, pdf: issued.pdf?.subarray(0, 5).toString()};
    },
    query: (options) => new Client({authToken}).getInvoiceData(options),
    reverse: (options) => new Client({authToken}).reverseInvoice(options),
};

const results = [];
for (const [name, argument] of JSON.parse(await text(process.stdin))) {
    try {
        results.push(await steps[name](argument));
    } catch (error) {
        results.push({error: error.message, code: error.code});
    }
}
console.log(JSON.stringify(results));
