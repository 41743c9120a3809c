"""What Számlázz.hu checks besides the schema: words and the arithmetic of lines.

It calculates nothing.  The tolerance for whole forints is what was observed on a test
account (2 Ft off passes, 5 Ft does not); for other currencies nobody knows it, so here
it is one cent.
"""

from decimal import ROUND_HALF_UP, Decimal

CURRENCIES = frozenset(
    "HUF Ft EUR CHF USD AED ALL AUD BAM BGN BRL CAD CNY CZK DKK EEK GBP HKD HRK IDR "
    "ILS INR ISK JPY KRW KWD KSH KZT LTL LVL MXN MYR NOK NZD PHP PLN RON RSD RUB SEK "
    "SGD THB TRY TWD UAH VND ZAR".split()
)
LETTERS = frozenset(
    "TAM AAM EUT EUKT F.AFA K.AFA HO EUE EUFAD37 EUFADE ATK TAHK NAM EAM KBAUK "
    "KBAET".split()
)
RATES = frozenset(
    Decimal(rate)
    for rate in (
        *range(28),
        *("2.1", "4.8", "5.5", "7.7", "8.1", "9.5", "13.5", "25.5"),
    )
)
PAYMENTS = frozenset(
    "átutalás készpénz bankkártya csekk utánvét ajándékutalvány barion barter PayPal "
    "PayU utalvány kupon kompenzáció térítésmentes Borgun".split()
) | {"SZÉP kártya", "EP kártya", "OTP Simple", "csoportos beszedés"}


class Refusal(Exception):
    """An error of the service.

    :param code: its number
    :param str message: in Hungarian, as the service speaks
    :param bool in_body_only: True if no header tells it
    """

    def __init__(self, code, message, in_body_only=False):
        super().__init__(message)
        self.code = str(code)
        self.message = message
        self.in_body_only = in_body_only


def check_currency(header):
    """Refuse an unknown currency, and a foreign one without a rate's source."""
    currency = header["penznem"]
    if currency not in CURRENCIES:
        raise Refusal(57, f"XML beolvasási hiba. Ismeretlen pénznem: {currency}")
    if currency not in ("HUF", "Ft") and not header.get("arfolyamBank"):
        raise Refusal(7, "Hiányzó adat: árfolyam.")


def rounded(value, currency):
    """Return ``value`` as it is printed: whole forints, else two decimals."""
    step = Decimal(1) if currency in ("HUF", "Ft") else Decimal("0.01")
    return value.quantize(step, ROUND_HALF_UP)


def line(sent, row, currency):
    """Check one line and return it as a document keeps it, amounts as strings.

    :raises Refusal: 52 unknown VAT code, 262 net, 263 VAT, 264 gross
    """
    amounts = ("mennyiseg", "nettoEgysegar", "nettoErtek", "afaErtek", "bruttoErtek")
    quantity, price, net, tax, gross = (Decimal(sent[name]) for name in amounts)
    letters, rate = vat_rate(sent["afakulcs"])
    forints = currency in ("HUF", "Ft")
    loose, tight = (Decimal(2), Decimal("0.5")) if forints else (Decimal("0.01"),) * 2
    if abs(quantity * price - net) > loose:
        raise Refusal(262, f"Hibás nettó érték a(z) {row}. tételben.")
    if abs(net * rate / 100 - tax) > (0 if letters else loose):
        raise Refusal(263, f"Hibás áfa érték a(z) {row}. tételben.")
    if abs(net + tax - gross) > tight:
        raise Refusal(264, f"Hibás bruttó érték a(z) {row}. tételben.")
    return {
        "name": sent["megnevezes"],
        "sku": sent.get("azonosito", ""),
        "quantity": str(quantity),
        "unit": sent["mennyisegiEgyseg"],
        "unit_price": str(price),
        "letters": letters,
        "rate": str(rate),
        "net": str(rounded(net, currency)),
        "vat": str(rounded(tax, currency)),
        "gross": str(rounded(gross, currency)),
        "comment": sent.get("megjegyzes", ""),
    }


def vat_rate(word):
    """Return the letters and the percentage of ``afakulcs``; one of them is empty.

    :raises Refusal: 52 for an unknown word
    """
    if word in LETTERS:
        return word, Decimal(0)
    try:
        rate = Decimal(word)
    except ArithmeticError:
        rate = None
    if rate is None or not rate.is_finite() or rate not in RATES:
        raise Refusal(52, f"Ismeretlen áfakulcs: {word}")
    return "", rate
