"""Compare a document at the service with the one that was meant, or was made."""

from .invoice import Kind
from .money import unit


def differences(invoice, document):
    """Return how a document at the service differs from the one that we meant.

    :param Invoice invoice: what was meant
    :param IssuedDocument document: what the service has
    :return: a tuple of ``(what, ours, theirs)``; empty if it is ours. Less than half a
        unit of the currency makes no other gross: whoever records it says so.
    """
    kind, gross = document.kind, document.gross
    if abs(gross - invoice.gross) * 2 < unit(invoice.currency):
        gross = invoice.gross
    pairs = [
        ("kind", invoice.kind.value, kind.value),
        ("gross", invoice.gross, gross),
        ("currency", invoice.currency, document.currency),
    ]
    if kind is not Kind.PROFORMA:
        pairs.append(("cancelled", False, document.cancelled))
    if document.order_number:
        pairs.append(("order_number", invoice.order_number, document.order_number))
    return _differing(pairs)


def storno_differences(original, document):
    """Return how a document differs from the storno of ``original``.

    :param IssuedDocument original: the document that is cancelled
    :return: as :func:`differences`
    """
    return _differing(
        (
            ("kind", Kind.STORNO.value, document.kind.value),
            ("gross", -original.gross, document.gross),
            ("currency", original.currency, document.currency),
        )
    )


def changes(invoice, made, current):
    """Return how somebody has changed a draft or a proforma at the service.

    The invoice is made of what Odoo knows, and would undo what was changed there.

    :param Invoice invoice: what was meant
    :param IssuedDocument made: as the service made it
    :param IssuedDocument current: as the service has it now
    :return: a tuple of ``(what, before, now)``
    """
    pairs = [
        (what, getattr(made, what), getattr(current, what))
        for what in (
            "currency",
            "exchange_rate",
            "net",
            "fulfillment_date",
            "due_date",
        )
    ]
    pairs.append(("gross", invoice.gross, current.gross))
    pairs.append(_buyers(made, current))
    changed = list(_differing(pair for pair in pairs if _is_known(*pair[1:])))
    if made.comment.split() != current.comment.split():
        changed.append(("comment", made.comment, current.comment))
    return tuple(changed)


def _buyers(made, current):
    """Return the buyers to be compared: by id where both have one, else by name."""
    if not _is_known(made.partner_id, current.partner_id):
        return ("buyer_name", made.buyer_name, current.buyer_name)
    if made.partner_id == current.partner_id:
        return ("buyer_name", made.partner_id, current.partner_id)
    return (
        "buyer_name",
        f"{made.buyer_name} ({made.partner_id})",
        f"{current.buyer_name} ({current.partner_id})",
    )


def _is_known(*values):
    """Return True if the service has said each of ``values``."""
    return not any(value in (None, "") for value in values)


def _differing(pairs):
    return tuple(pair for pair in pairs if pair[1] != pair[2])
