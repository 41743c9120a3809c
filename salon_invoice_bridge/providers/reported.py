"""What answers report of VAT rates and payments, believed only where it adds up."""

from decimal import Decimal

from ..billing.figures import merge
from ..billing.invoice import PaymentKind, RateSum

#: Finer than any amount that a service reports; what is finer is noise of floats.
_GRAIN = Decimal("0.0001")
#: Beyond any document.
_LARGEST = Decimal(10) ** 15


def rates(rows, gross):
    """Return the ``RateSum`` s of a document, one for each VAT code.

    :param rows: ``(code, net, tax, gross)`` of each item or rate: a code of
        ``billing.vat``, None where there is none; Decimals, None where unreadable
    :param Decimal gross: of the document
    :return: () unless all of it was reported, and adds up to ``gross``
    """
    found = []
    for code, *amounts in rows:
        if code is None or None in amounts:
            return ()
        if any(abs(value) >= _LARGEST for value in amounts):
            return ()
        net, tax, part = map(_exact, amounts)
        if net + tax != part:
            return ()
        found.append(RateSum(vat=code, net=net, tax=tax, gross=part))
    total = sum((one.gross for one in found), Decimal(0))
    if abs(gross) >= _LARGEST or total != _exact(gross):
        return ()
    return merge(found)


def kinds(words):
    """Return ``{word: PaymentKind}`` of a table ``{PaymentKind: word}``.

    Of several kinds that share a word, the first one of the table.
    """
    found = {}
    for kind, word in words.items():
        found.setdefault(word, kind)
    return found


def reported_kind(words):
    """Return what ``InvoiceProvider.reported_kind`` is, for such a table."""
    back = kinds(words)

    def reported(kind):
        return back[words[kind]] if kind in words else PaymentKind.OTHER

    return reported


def _exact(value):
    """Return a Decimal without the noise of floats and without needless zeros."""
    value = value.quantize(_GRAIN)
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()
