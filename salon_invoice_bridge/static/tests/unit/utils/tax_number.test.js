import {expect, test} from "@odoo/hoot";
import {
    isForeignNumber,
    readTaxNumber,
} from "@salon_invoice_bridge/app/utils/tax_number";

test("a tax number is complete with its eleventh digit, however it is typed", () => {
    for (const typed of [
        "12345676242",
        "12345676-2-42",
        " 12345676 2 42",
        "HU12345676242",
    ]) {
        expect(readTaxNumber(typed)).toEqual({
            number: "12345676-2-42",
            core: "12345676",
            wrong: false,
        });
    }
});

test("while it is typed it is neither right nor wrong", () => {
    for (const typed of ["", undefined, "1", "1234567", "H", "HU", "hu123"]) {
        expect(readTaxNumber(typed)).toEqual({number: "", core: "", wrong: false});
    }
    for (const typed of ["12345676", "12345676-2", "12345676-2-4", "HU12345676"]) {
        expect(readTaxNumber(typed)).toEqual({
            number: "",
            core: "12345676",
            wrong: false,
        });
    }
});

test("a slip of the finger is seen with the eighth digit", () => {
    for (const typed of [
        "12345677",
        "12345677-2-42",
        "12345676-6",
        "12345676-0-42",
        "123456762421",
        "1234567a",
        "DE123456789",
        "<b>",
        "٣٣٣٣٣٣٣٣",
    ]) {
        expect(readTaxNumber(typed).wrong).toBe(true);
    }
});

test("numbers of other countries are checked by their form", () => {
    expect(isForeignNumber("DE 136 695 976", "DE")).toBe(true);
    expect(isForeignNumber("136695976", "DE")).toBe(true);
    expect(isForeignNumber("EL094259216", "GR")).toBe(true);
    expect(isForeignNumber("DE", "DE")).toBe(false);
    expect(isForeignNumber("DE12345678901234", "DE")).toBe(false);
    expect(isForeignNumber("CHE-107.787.577 IVA", "CH")).toBe(true);
    expect(isForeignNumber("?", "CH")).toBe(false);
    expect(isForeignNumber("", "CH")).toBe(false);
});
