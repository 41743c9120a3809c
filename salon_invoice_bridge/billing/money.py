"""Money as the services count it."""

from decimal import ROUND_HALF_UP, Decimal

#: Currencies whose documents carry no fraction.  Both services print whole forints;
#: ISO 4217 gives the others no minor unit.
WHOLE = frozenset({"HUF", "ISK", "JPY", "KRW"})


def unit(currency):
    """Return the smallest amount on a document in ``currency`` (ISO code)."""
    return Decimal(1) if currency in WHOLE else Decimal("0.01")


def quantize(amount, currency):
    """Round ``amount`` (Decimal) half up, away from zero, to the document's unit."""
    return amount.quantize(unit(currency), rounding=ROUND_HALF_UP)


def split_gross(gross, rate, currency):
    """Split a gross amount into net and VAT, gross first.

    VAT is what rounds, and net is the rest, so that the two always add up to the gross
    (the consumer method in Számlázz.hu's "important information").

    :param Decimal gross: in ``currency``
    :param Decimal rate: percent, for instance ``Decimal(27)``
    :return: ``(net, vat)``
    """
    vat = quantize(gross * rate / (100 + rate), currency)
    return gross - vat, vat
