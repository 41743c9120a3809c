"""What Billingo's API v2 declares, as far as a till needs it.

Source: the vendor's documentation of API v2 (octonull/Billingo-API-docs).
"""

from .schema import Rule, boolean, day, integer, many, number, one_of, record, string

TYPE_DRAFT, TYPE_PROFORMA, TYPE_INVOICE = 0, 1, 3
STATUS_PAID, STATUS_UNPAID, STATUS_CANCELLED = 1, 2, 4

#: Id -> (value, description).
VAT = {
    1: ("0.27", "27%"),
    2: ("0.05", "5%"),
    3: ("0.18", "18%"),
    4: ("0", "AM"),
    5: ("0", "EU"),
}
#: Id -> (Hungarian name, advance_paid).
PAYMENT_METHODS = {
    1: ("Készpénz", 1),
    2: ("Átutalás", 0),
    4: ("Utánvét", 0),
    5: ("Bankkártya", 1),
    6: ("SZÉP kártya", 0),
    7: ("PayPal", 0),
    8: ("Postai csekk", 0),
    9: ("Kompenzáció", 1),
    10: ("Egészségkártya", 0),
    11: ("Kupon", 1),
    12: ("Utalvány", 1),
}
LANGUAGES = "hu en de fr hr it ro sk".split()
ENTITLEMENTS = (
    "AAM ANTIQUES ARTWORK ATK EAM EUE EUFAD37 EUFADE HO KBAET NAM_1 NAM_2 SECOND_HAND "
    "TAM TRAVEL_AGENCY"
).split()


def _numbers(values, **options):
    return Rule("integer", values=frozenset(values), **options)


_METHOD = _numbers(PAYMENT_METHODS, required=True)
ITEM = record(
    {
        "description": string(required=True),
        "vat_id": _numbers(VAT, required=True),
        "qty": number(required=True),
        "net_unit_price": number(),
        "gross_unit_price": number(),
        "unit": string(required=True),
        "item_comment": string(),
        "entitlement": one_of(ENTITLEMENTS),
    }
)
PRODUCT_ITEM = record(
    {
        "product_uid": integer(required=True),
        "qty": number(required=True),
    }
)
#: Its items are held against one of the two above, each.
INVOICE = record(
    {
        "fulfillment_date": day(required=True),
        "due_date": day(required=True),
        "payment_method": _METHOD,
        "comment": string(),
        "template_lang_code": one_of(LANGUAGES, required=True),
        "electronic_invoice": _numbers((0, 1), required=True),
        "currency": string(required=True),
        "exchange_rate": number(),
        "client_uid": integer(required=True),
        "block_uid": integer(required=True),
        "type": _numbers((TYPE_DRAFT, TYPE_PROFORMA, TYPE_INVOICE), required=True),
        "round_to": _numbers((0, 1, 5, 10)),
        "bank_account_uid": integer(),
        "items": many(ITEM, required=True),
    }
)
PAY = record(
    {
        "date": day(required=True),
        "amount": number(required=True),
        "payment_method": _METHOD,
        "conversion_rate": number(),
    }
)
ADDRESS = record(
    {
        "street_name": string(required=True),
        "street_type": string(),
        "house_nr": string(),
        "block": string(),
        "entrance": string(),
        "floor": string(),
        "door": string(),
        "city": string(required=True),
        "postcode": string(required=True),
        "district": string(),
        "country": string(required=True),
    },
    required=True,
)
_TAX_TYPES = ("", "FOREIGN", "HAS_TAX_NUMBER", "NO_TAX_NUMBER")
CLIENT = record(
    {
        "name": string(required=True),
        "email": string(),
        "taxcode": string(),
        "force": boolean(),
        "billing_address": ADDRESS,
        "phone": string(),
        "bank": record({"account_no": string(), "iban": string(), "swift": string()}),
        "tax_type": one_of(_TAX_TYPES),
        "fokonyv_szam": string(),
        "type": string(),
        "defaults": record(
            {
                "payment_method": string(),
                "electronic_invoice": string(),
                "invoice_due_days": string(),
                "invoice_currency": string(),
                "invoice_template_lang_code": string(),
            }
        ),
    }
)
