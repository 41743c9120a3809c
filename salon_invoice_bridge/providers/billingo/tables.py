"""Billingo's words for ours.

Source: the vendor's OpenAPI contracts 3.0.14 and 3.0.15 (their union is live); which
method of the till is of which kind is said in Odoo, on the payment method.
"""

from ...billing.bookkeeping import ExportKind, ExportState
from ...billing.errors import Reason, Rejected
from ...billing.invoice import Kind, NavState, PaymentKind, TaxKind
from ...billing.month import Basis
from ...billing.vat import EXEMPT, rate
from ..wire import number

#: What POST /documents takes (DocumentInsertType), but for :data:`ADVANCE`.
INSERT_TYPES = {
    Kind.DRAFT: "draft",
    Kind.PROFORMA: "proforma",
    Kind.INVOICE: "invoice",
}

#: DocumentInsertType and DocumentType of an invoice that has nothing but deposits.
ADVANCE = "advance"

#: DocumentType of a receipt, in requests and answers, and of its storno.
RECEIPT, RECEIPT_STORNO = "receipt", "receipt_cancellation"

#: DocumentType of an answer -> kind; offers and the like are not ours.  What the storno
#: of a receipt is called is read from the enumeration, nobody has shown one.
KINDS = {
    "draft": Kind.DRAFT,
    "proforma": Kind.PROFORMA,
    "invoice": Kind.INVOICE,
    ADVANCE: Kind.INVOICE,
    "cancellation": Kind.STORNO,
    "modification": Kind.CORRECTION,
    RECEIPT: Kind.RECEIPT,
    RECEIPT_STORNO: Kind.STORNO,
}

#: Whether GET /documents/vendor/{vendor_id} has been seen to find receipts.  Nobody has
#: published it: ``./dev probe billingo --only "show receipts"`` asks a test account.
#: Until then what it does not find proves nothing, and a lost answer goes to a person.
FINDS_RECEIPTS_BY_KEY = False

PAYMENT_METHODS = {
    PaymentKind.CASH: "cash",
    PaymentKind.CARD: "bankcard",
    PaymentKind.ONLINE_CARD: "online_bankcard",
    PaymentKind.BARION: "barion",
    PaymentKind.BANK_TRANSFER: "elore_utalas",
    PaymentKind.PAYPAL: "paypal",
    PaymentKind.SZEP_CARD: "szep_card",
    PaymentKind.VOUCHER: "utalvany",
    PaymentKind.OTHER: "other",
}

#: PaymentMethod of answers -> kind, also of what was registered there by hand. What is
#: missing is another one (other).
REPORTED_KINDS = {word: kind for kind, word in PAYMENT_METHODS.items()} | {
    "wire_transfer": PaymentKind.BANK_TRANSFER,
    "paypal_utolag": PaymentKind.PAYPAL,
}

TAX_TYPES = {
    TaxKind.PRIVATE: "NO_TAX_NUMBER",
    TaxKind.HUNGARIAN: "HAS_TAX_NUMBER",
    TaxKind.EU: "FOREIGN",
    TaxKind.FOREIGN: "FOREIGN",
}

#: Percentages that Vat has a word for.
_PERCENTAGES = frozenset(
    [*map(str, range(28)), "5.5", "7.7", "8.1", "9.5", "25.5"],
)
#: Letter code -> (vat, entitlement).  NAV's NAM is two entitlements at Billingo, for
#: intermediaries and for the international traffic of goods, and a till cannot tell.
_EXEMPT = {
    "AAM": ("AAM", "AAM"),
    "TAM": ("TAM", "TAM"),
    "KBAET": ("0%", "KBAET"),
    "EAM": ("0%", "EAM"),
    "ATK": ("0%", "ATK"),
    "EUFAD37": ("0%", "EUFAD37"),
    "EUFADE": ("0%", "EUFADE"),
    "EUE": ("0%", "EUE"),
    "HO": ("0%", "HO"),
    "DOMESTIC_REVERSE": ("FAD", None),
    "TRAVEL_AGENCY": ("K.AFA", "TRAVEL_AGENCY"),
    "SECOND_HAND": ("K.AFA", "SECOND_HAND"),
    "ARTWORK": ("K.AFA", "ARTWORK"),
    "ANTIQUES": ("K.AFA", "ANTIQUES"),
}

#: Entitlement -> letter code; what says "without" is no code of its own.
_ENTITLEMENTS = {right: code for code, (_word, right) in _EXEMPT.items() if right} | {
    "NAM_1": "NAM",
    "NAM_2": "NAM",
}

#: Vat that says all without an entitlement -> letter code.
_LETTERS = {word: code for code, (word, _right) in _EXEMPT.items() if "%" not in word}
del _LETTERS["K.AFA"]  # one word for four margin schemes

#: Letter code or percentage -> ReceiptVat (3.0.15; the rest of Vat was dropped there).
#: Its "none" is nowhere explained, so that nothing is called so.
_RECEIPT_VAT = {"27": "27%", "18": "18%", "5": "5%", "AAM": "AAM", "TAM": "TAM"}

#: Packages that have e-invoices: the add-on for the interface alone has paper only
#: (the vendor's support page 2091679746 names Basic and larger, and older packages).
E_INVOICE_PLANS = frozenset(
    "subscription_basic subscription_standard subscription_pro billingo_business "
    "billingo_one flat_tax_plus innovator master".split()
)

LANGUAGES = frozenset({"de", "en", "fr", "hr", "hu", "it", "ro", "sk"})

CURRENCIES = frozenset(
    (
        "AED ALL AUD BGN BRL CAD CHF CNY COP CZK DKK EUR GBP GEL HKD HRK HUF IDR ILS "
        "INR ISK JPY KRW LEJ MKD MNT MXN MYR NOK NZD PHP PLN RON RSD RUB SEK SGD SKK "
        "THB TRY UAH USD ZAR"
    ).split()
)

#: OnlineSzamlaStatusEnum -> state; every other value is a failure of the report.
NAV_STATES = {
    "done": NavState.ACCEPTED,
    "nav_warn": NavState.WARNING,
    "kobak_processing": NavState.PENDING,
    "processing": NavState.PENDING,
    "received": NavState.PENDING,
    "saved": NavState.PENDING,
    "sent": NavState.PENDING,
    "started": NavState.PENDING,
    "validation_ok": NavState.PENDING,
    "dont_send_external_import": NavState.NOT_REPORTED,
    "dont_send_foreign": NavState.NOT_REPORTED,
    "dont_send_oss": NavState.NOT_REPORTED,
    "dont_send_other": NavState.NOT_REPORTED,
    "no_send_by_user": NavState.NOT_REPORTED,
    "not_checked": NavState.NOT_REPORTED,
    "under_tax_limit": NavState.NOT_REPORTED,
    "": NavState.UNKNOWN,
}


#: DocumentExportType -> its name (3.0.15), but for two that are of no bookkeeping:
#: open proformas, and codes of what was deleted.
_EXPORTS = {
    "rlb": "RLB",
    "rlb60": "RLB 60",
    "rlb_double_entry": "RLB (kettős könyvvitel)",
    "novitax": "Novitax",
    "kulcs_konyv": "Kulcs-Könyvelés",
    "infoteka": "Infotéka",
    "nav_xml": "NAV XML",
    "nav_xml_alias": "NAV XML (alias)",
    "nav_ptgszlah": "NAV PTGSZLAH",
    "nav_status": "NAV (status)",
    "armada": "Armada",
    "aws_batch": "AWS",
    "ex_panda": "ExPanda",
    "forintsoft": "Forintsoft",
    "hessyn": "Hessyn",
    "ima": "IMA",
    "maxitax": "Maxitax",
    "nagy_machinator": "Nagy Machinátor",
    "relax": "Relax",
    "tensoft": "Tensoft",
    "tensoft_29_dot_65": "Tensoft 29.65",
    "simple_csv": "CSV",
    "simple_excel": "Excel",
    "simple_excel_items": "Excel (items)",
}
#: DocumentExportFilterExtra, by the kinds that the names of its texts tell. Which kinds
#: read the others (ledger numbers, gross values, KATA) is not published.
_EXPORT_OPTIONS = {
    "rlb": ("rlb_note",),
    "rlb60": ("rlb_note",),
    "rlb_double_entry": ("rlb_note",),
    "novitax": ("novitax_naplokod",),
    "forintsoft": ("forintsoft_konyvelesi_naplo_szam",),
    "tensoft": ("tensoft_vkod",),
    "tensoft_29_dot_65": ("tensoft_vkod",),
}
EXPORT_KINDS = tuple(
    ExportKind(code=code, name=name, options=_EXPORT_OPTIONS.get(code, ()))
    for code, name in _EXPORTS.items()
)
#: Our word -> DocumentExportQueryType.
EXPORT_BASES = {
    Basis.FULFILLMENT: "fulfillment_date",
    Basis.ISSUE: "invoice_date",
}
#: DocumentExportStatusState -> state. What a warning leaves out, its message says.
EXPORT_STATES = {
    "pending": ExportState.PENDING,
    "processing": ExportState.PENDING,
    "success": ExportState.READY,
    "warning": ExportState.READY,
    "fail": ExportState.FAILED,
}


def vat(code):
    """Return ``(vat, entitlement or None)`` for a code of :mod:`.vat`.

    :raises Rejected: if Billingo has no word for it
    """
    if code in _EXEMPT:
        return _EXEMPT[code]
    percentage = number(rate(code))
    if code in EXEMPT or percentage not in _PERCENTAGES:
        raise Rejected(
            f"Billingo has no word for the VAT code {code}", fields={"items.vat": code}
        )
    return f"{percentage.replace('.', ',')}%", None


def vat_code(word, entitlement):
    """Return the code of :mod:`.vat` for what an answer's item says, None if none is.

    :param str word: Vat
    :param str entitlement: Entitlement, "" where there is none
    """
    if word.endswith("%"):
        percentage = word[:-1].replace(",", ".")
        if percentage not in _PERCENTAGES:
            return None
        exempt = _ENTITLEMENTS.get(entitlement) if percentage == "0" else None
        return exempt or percentage
    return _LETTERS.get(word) or _ENTITLEMENTS.get(entitlement)


def receipt_vat(code):
    """Return ReceiptVat for a code of :mod:`.vat`.

    :raises Rejected: if a receipt of Billingo cannot say it, a tip (ATK) above all:
        with ``Reason.UNSUPPORTED`` then, as no other word for it would be true
    """
    key = code if code in EXEMPT else number(rate(code))
    if key in _RECEIPT_VAT:
        return _RECEIPT_VAT[key]
    fields = {"items.vat": code}
    if code == "ATK":
        raise Rejected(
            "Billingo's receipts cannot have a tip, or anything outside VAT (ATK): "
            "issue an invoice, or keep the tip off the receipt",
            reason=Reason.UNSUPPORTED,
            fields=fields,
        )
    raise Rejected(
        f"Billingo's receipts have no word for the VAT code {code}: issue an invoice",
        fields=fields,
    )


def language(code):
    """Return the document language for a locale ("hu", "de_DE"); English for others."""
    short = code.replace("-", "_").partition("_")[0].lower()
    return short if short in LANGUAGES else "en"
