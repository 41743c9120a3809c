"""Számlázz.hu's words for ours.

Sources: the "VAT rates", "currencies" and "generating invoice" pages of
docs.szamlazz.hu, the enumerations of xmlszamla.xsd and szamla.xsd.
"""

import re
from decimal import Decimal

from ...billing import vat
from ...billing.errors import Rejected
from ...billing.invoice import Kind, PaymentKind, TaxKind
from .. import reported
from ..wire import number

#: ``fizmod``: free text that is printed, in the forms that the service recognises
#: (szamla.xsd, fizmodunified).  There is no "other": it is cash (seed 003).
PAYMENTS = {
    PaymentKind.CASH: "készpénz",
    PaymentKind.CARD: "bankkártya",
    PaymentKind.ONLINE_CARD: "bankkártya",
    PaymentKind.BARION: "bankkártya",
    PaymentKind.BANK_TRANSFER: "átutalás",
    PaymentKind.PAYPAL: "PayPal",
    PaymentKind.SZEP_CARD: "SZÉP kártya",
    PaymentKind.VOUCHER: "utalvány",
    PaymentKind.OTHER: "készpénz",
}

#: ``fizmod``, ``jogcim`` and ``fizetoeszkoz`` of answers -> kind; all others are typed
#: by hand.
REPORTED_KINDS = reported.kinds(PAYMENTS)

#: ``elotag`` of receipts: not one of invoices (336), and of this form (337, seen on a
#: test account: "hossza legfeljebb 5 karakter lehet").  It need not be registered.
RECEIPT_PREFIX = "[A-Z0-9]{1,5}"

#: ``adoalany`` of the buyer (comment in xmlszamla.xsd).
TAX_SUBJECTS = {
    TaxKind.PRIVATE: "-1",
    TaxKind.HUNGARIAN: "1",
    TaxKind.EU: "6",
    TaxKind.FOREIGN: "7",
}

#: ``szamlaNyelve``: ISO 639 except for Czech and Slovenian.
LANGUAGES = {
    code: {"cs": "cz", "sl": "si"}.get(code, code)
    for code in "hu en de it ro sk hr fr es cs pl bg nl ru sl".split()
}

CURRENCIES = frozenset(
    "HUF EUR CHF USD AED ALL AUD BAM BGN BRL CAD CNY CZK DKK EEK GBP HKD HRK IDR ILS "
    "INR ISK JPY KRW KWD KSH KZT LTL LVL MXN MYR NOK NZD PHP PLN RON RSD RUB SEK SGD "
    "THB TRY TWD UAH VND ZAR".split()
)

#: Percentages that ``afakulcs`` takes.
RATES = frozenset(
    "0 1 2 2.1 3 4 4.8 5 5.5 6 7 7.7 8 8.1 9 9.5 10 11 12 13 13.5 14 15 16 17 18 19 20 "
    "21 22 23 24 25 25.5 26 27".split()
)

#: Letter codes.  The four margin schemes are missing on purpose: ``K.AFA`` needs a
#: tax base and an explanation that a sale does not know.
EXEMPT = {
    code: code
    for code in "AAM TAM KBAET KBAUK EAM NAM ATK EUFAD37 EUFADE EUE HO".split()
} | {"DOMESTIC_REVERSE": "F.AFA"}

#: ``afatipus`` of answers -> letter code.
_LETTERS = {word: code for code, word in EXEMPT.items()}

#: ``alap/tipus`` of a queried document.  Prepayment (ES) and final (VS) invoices are
#: invoices, a credit invoice (JS) is a correction; others have no :class:`Kind`.
KINDS = {
    "SZ": Kind.INVOICE,
    "ES": Kind.INVOICE,
    "VS": Kind.INVOICE,
    "D": Kind.PROFORMA,
    "SS": Kind.STORNO,
    "HS": Kind.CORRECTION,
    "JS": Kind.CORRECTION,
}

#: ``orszag`` is free text, printed; the rest of the world is printed as its ISO code.
COUNTRIES = {
    "AT": "Ausztria",
    "AU": "Ausztrália",
    "BA": "Bosznia-Hercegovina",
    "BE": "Belgium",
    "BG": "Bulgária",
    "CA": "Kanada",
    "CH": "Svájc",
    "CN": "Kína",
    "CY": "Ciprus",
    "CZ": "Csehország",
    "DE": "Németország",
    "DK": "Dánia",
    "EE": "Észtország",
    "ES": "Spanyolország",
    "FI": "Finnország",
    "FR": "Franciaország",
    "GB": "Egyesült Királyság",
    "GR": "Görögország",
    "HR": "Horvátország",
    "HU": "Magyarország",
    "IE": "Írország",
    "IL": "Izrael",
    "IT": "Olaszország",
    "JP": "Japán",
    "LT": "Litvánia",
    "LU": "Luxemburg",
    "LV": "Lettország",
    "ME": "Montenegró",
    "MK": "Észak-Macedónia",
    "MT": "Málta",
    "NL": "Hollandia",
    "NO": "Norvégia",
    "PL": "Lengyelország",
    "PT": "Portugália",
    "RO": "Románia",
    "RS": "Szerbia",
    "SE": "Svédország",
    "SI": "Szlovénia",
    "SK": "Szlovákia",
    "TR": "Törökország",
    "UA": "Ukrajna",
    "US": "Amerikai Egyesült Államok",
}


def vat_word(code):
    """Return ``afakulcs`` for a code of :mod:`.vat`.

    :raises Rejected: if the service has no word for it
    """
    if code in vat.EXEMPT:
        word = EXEMPT.get(code)
    else:
        word = number(Decimal(code))
        word = word if word in RATES else None
    if word is None:
        raise Rejected(
            f"Számlázz.hu has no VAT code for {code!r}", fields={"vat": code}
        )
    return word


def vat_code(letters, percentage):
    """Return the code of :mod:`.vat` for what an answer says, None if there is none.

    :param str letters: ``afatipus``, "" where there is none
    :param percentage: ``afakulcs``, a Decimal or None
    """
    if letters:
        return None if percentage else _LETTERS.get(letters)
    word = "" if percentage is None else number(percentage)
    return word if word in RATES else None


def receipt_prefix(prefix):
    """Return ``elotag`` of a receipt.

    :raises Rejected: if no series of receipts can have it
    """
    if not re.fullmatch(RECEIPT_PREFIX, prefix):
        raise Rejected(
            f"{prefix!r} is no prefix of receipts: up to five capitals and digits",
            fields={"elotag": prefix},
        )
    return prefix


def language_word(code):
    """Return ``szamlaNyelve`` for an ISO 639 code.

    :raises Rejected: if the service prints no documents in this language
    """
    if code not in LANGUAGES:
        raise Rejected(
            f"Számlázz.hu has no documents in the language {code!r}",
            fields={"language": code},
        )
    return LANGUAGES[code]


def currency_word(code):
    """Return ``penznem`` for an ISO 4217 code.

    :raises Rejected: if the service does not know the currency
    """
    if code not in CURRENCIES:
        raise Rejected(
            f"Számlázz.hu does not know the currency {code!r}",
            fields={"currency": code},
        )
    return code
