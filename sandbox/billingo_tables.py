"""What Billingo API v3 declares, as far as a till needs it.

Source: the vendor's OpenAPI contracts 3.0.14 and 3.0.15, whose union is live, and the
live behaviour noted by the vendor (octonull/billingo-mcp): a partner needs a name and a
full address although the contract does not say so.
"""

from dataclasses import replace

from .schema import (
    anything,
    boolean,
    day,
    integer,
    many,
    number,
    one_of,
    record,
    string,
)

#: Word -> percentage.
VAT = {f"{percent}%": percent for percent in range(28)}
VAT.update(
    {"5,5%": "5.5", "7,7%": "7.7", "8,1%": "8.1", "9,5%": "9.5", "25,5%": "25.5"}
)
VAT.update(
    dict.fromkeys(
        "AAM AM EU EUK F.AFA FAD K.AFA MAA TAM ÁKK ÁTHK".split(),
        0,
    )
)
ENTITLEMENTS = (
    "AAM ANTIQUES ARTWORK ATK EAM EUE EUFAD37 EUFADE HO KBAET NAM_1 NAM_2 SECOND_HAND "
    "TAM TRAVEL_AGENCY WITHOUT_ENTITLEMENT"
).split()
PAYMENT_METHODS = (
    "aruhitel bankcard barion barter cash cash_on_delivery cod_balance combined coupon "
    "credit ebay elore_utalas ep_kartya kompenzacio levonas online_bankcard other "
    "paylike payoneer paypal paypal_utolag payu pick_pack_pont postai_csekk "
    "postautalvany revolut skrill stripe szep_card transferwise upwork utalvany valto "
    "wire_transfer"
).split()
#: Methods by which a document counts as paid whatever `paid` says (v2's `advance_paid`
#: flags; seen on real answers for cash).
PAID_AT_ONCE = {"cash", "bankcard", "kompenzacio", "coupon", "utalvany"}
CURRENCIES = (
    "AED ALL AUD BGN BRL CAD CHF CNY COP CZK DKK EUR GBP GEL HKD HRK HUF IDR ILS INR "
    "ISK JPY KRW LEJ MKD MNT MXN MYR NOK NZD PHP PLN RON RSD RUB SEK SGD SKK THB TRY "
    "UAH USD ZAR"
).split()
COUNTRIES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM "
    "BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX "
    "CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG "
    "GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR "
    "IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV "
    "LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE "
    "NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO "
    "RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF "
    "TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF "
    "WS XK YE YT ZA ZM ZW"
).split()
DOCUMENT_TYPES = (
    "advance cancellation cert_of_completion d_cert_of_completion dossier draft "
    "draft_offer draft_order_form draft_waybill invoice modification offer order_form "
    "proforma receipt receipt_cancellation waybill"
).split()
#: VAT of receipts -> that of the answer's items; what "none" is, nobody has published.
RECEIPT_VAT = {word: word for word in ("5%", "18%", "27%", "AAM", "TAM")} | {
    "none": "0%"
}
LANGUAGES = "de en fr hr hu it ro sk us".split()

ADDRESS = record(
    {
        "country_code": one_of(COUNTRIES, required=True),
        "post_code": string(required=True),
        "city": string(required=True),
        "address": string(required=True),
    },
    required=True,
)
#: DocumentExportType, and what a file can be told besides (3.0.15).
EXPORT_TYPES = (
    "armada aws_batch ex_panda forintsoft hessyn ima infoteka kulcs_konyv maxitax "
    "nagy_machinator nav_ptgszlah nav_status nav_xml nav_xml_alias novitax "
    "proforma_outstanding relax rlb rlb60 rlb_double_entry simple_csv simple_excel "
    "simple_excel_items tensoft tensoft_29_dot_65 used_erase_code"
).split()
LEDGER_NUMBERS = record(
    {name: string() for name in ("bevetel", "vevo", "penztar", "afa")}
)
EXPORT = record(
    {
        "query_type": one_of(
            ("due_date", "fulfillment_date", "invoice_date", "paid_date"),
            required=True,
        ),
        "start_date": day(required=True),
        "end_date": day(required=True),
        "document_block_id": integer(),
        "export_type": one_of(EXPORT_TYPES, required=True),
        "number_start_year": integer(),
        "number_start_sequence": integer(),
        "number_end_year": integer(),
        "number_end_sequence": integer(),
        "payment_method": one_of(PAYMENT_METHODS),
        "sort_by": one_of(("fulfillment_date", "invoice_date", "invoice_raw_number")),
        "other_options": one_of(("all", "expired", "outstanding")),
        "filter_extra": record(
            {
                "tensoft_vkod": string(),
                "ledger_number": LEDGER_NUMBERS,
                "forintsoft_konyvelesi_naplo_szam": string(),
                "positive_ledger_number": string(),
                "negative_ledger_number": string(),
                "rlb_kata": boolean(),
                "rlb_note": string(),
                "novitax_naplokod": string(),
                "use_gross_values": boolean(),
            }
        ),
    }
)
PARTNER = record(
    {
        "name": string(required=True),
        "address": ADDRESS,
        "emails": many(string()),
        "taxcode": string(),
        "iban": string(),
        "swift": string(),
        "account_number": string(),
        "phone": string(),
        "general_ledger_number": string(),
        "custom_billing_settings": anything(),
        "giro_settings": anything(nullable=True),
        "partner_shipping": anything(nullable=True),
        "partner_show_type": string(nullable=True),
        "tax_type": one_of(("", "FOREIGN", "HAS_TAX_NUMBER", "NO_TAX_NUMBER")),
        "group_member_tax_number": string(nullable=True, longest=32),
        "internal_comment": string(nullable=True),
    }
)
#: As it is published: nothing is required, an empty partner is one.
PUBLISHED_PARTNER = record(
    {name: replace(rule, required=False) for name, rule in PARTNER.fields.items()}
)
ITEM = record(
    {
        "name": string(required=True),
        "unit_price": number(required=True),
        "unit_price_type": one_of(("net", "gross"), required=True),
        "quantity": number(required=True),
        "unit": string(required=True),
        "vat": one_of(VAT, required=True),
        "comment": string(),
        "entitlement": one_of(ENTITLEMENTS),
        "sku": string(),
    }
)
SETTINGS = record(
    {
        "mediated_service": boolean(),
        "without_financial_fulfillment": boolean(),
        "online_payment": one_of(("", "Barion", "SimplePay", "Stripe", "no")),
        "should_send_email": boolean(),
        "round": one_of(("none", "one", "five", "ten")),
        "no_send_onlineszamla_by_user": boolean(),
        "dont_send_to_nav_reason": one_of(
            ("dont_send_foreign", "dont_send_oss", "dont_send_other"), nullable=True
        ),
        "order_number": string(),
        "place_id": integer(nullable=True),
        "instant_payment": boolean(nullable=True),
        "selected_type": one_of(DOCUMENT_TYPES, nullable=True),
        "is_waybill_hide_prices": boolean(nullable=True),
    }
)
DOCUMENT = record(
    {
        "vendor_id": string(),
        "partner_id": integer(required=True),
        "block_id": integer(required=True),
        "bank_account_id": integer(),
        "type": one_of(("advance", "draft", "invoice", "proforma"), required=True),
        "fulfillment_date": day(required=True),
        "due_date": day(required=True),
        "payment_method": one_of(PAYMENT_METHODS, required=True),
        "language": one_of(LANGUAGES, required=True),
        "currency": one_of(CURRENCIES, required=True),
        "conversion_rate": number(),
        "electronic": boolean(),
        "paid": boolean(),
        "items": many(ITEM, required=True),
        "comment": string(),
        "settings": SETTINGS,
        "advance_invoice": many(integer()),
        "instant_payment": boolean(),
    }
)
RECEIPT = record(
    {
        "vendor_id": string(),
        "partner_id": integer(),
        "name": string(),
        "emails": many(string()),
        "block_id": integer(required=True),
        "type": one_of(DOCUMENT_TYPES, required=True),
        "payment_method": one_of(PAYMENT_METHODS, required=True),
        "currency": one_of(CURRENCIES, required=True),
        "conversion_rate": number(),
        "electronic": boolean(),
        "items": many(
            record(
                {
                    # Not required by the contract; a receipt without words is none.
                    "name": string(required=True),
                    "unit_price": number(required=True),
                    "vat": one_of(RECEIPT_VAT, required=True),
                }
            ),
            required=True,
        ),
    }
)
CANCELLATION = record(
    {"cancellation_reason": string(), "cancellation_recipients": string()}
)
FROM_PROFORMA = record(
    {
        "document_type": one_of(DOCUMENT_TYPES),
        "fulfillment_date": day(),
        "due_date": day(),
        "document_format": one_of(("", "electronic", "traditional")),
        "comment": string(),
    }
)
PAYMENTS = many(
    record(
        {
            "date": day(required=True),
            "price": number(required=True),
            "payment_method": one_of(PAYMENT_METHODS, required=True),
            "voucher_number": string(nullable=True),
            "conversion_rate": number(nullable=True),
        }
    )
)
SEND = record({"emails": many(string())})
