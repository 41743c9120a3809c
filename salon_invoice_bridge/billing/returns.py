"""What a customer keeps of a sale when something has come back.

A sale is described by *entries* (dicts with ``line``, ``quantity`` and ``gross`` as
exact strings), a refund by entries that name the line that they take back in
``refunds``.  Documents are described by :class:`~.invoice.Line`, whose ``ref`` is the
entry's ``line``.
"""

from dataclasses import replace
from decimal import Decimal

from .money import unit


def counted(refunds, own):
    """Return the ids of the refunds that a sale has lost after the turn of ``own``.

    Those are all that have been settled, whatever their ids and the order in which they
    were paid.  One that a person has said to need no document is not taken off, until
    somebody asks for its document after all.

    :param refunds: ``{id: [(settled, dropped), ...]}``, a pair of bools for each
        document of a refund: nothing is open about it, and a person said "not needed"
    :param own: the id of the refund whose turn it is
    """
    return {
        refund
        for refund, documents in refunds.items()
        if refund == own
        or (
            documents
            and all(settled for settled, _dropped in documents)
            and not all(dropped for _settled, dropped in documents)
        )
    }


def kept_entries(sold, returned, currency):
    """Return the entries of what the customer keeps, in the order of the sale.

    What came back whole is gone from the list, whatever the tills rounded: half a unit
    of the currency for the sale and for each return.  A line whose price alone was
    reduced keeps its quantity.

    :param sold: the entries of the sale
    :param returned: the entries of its refunds, with negative quantities
    :raises ValueError: if more came back than was sold
    """
    kept = []
    for entry in sold:
        back = [one for one in returned if one.get("refunds") == entry["line"]]
        if back:
            entry = _reduced(entry, back, unit(currency))
        if entry:
            kept.append(entry)
    return kept


def came_back_whole(parts):
    """Return True if a sale came back whole before any document of it was made.

    Nothing is left that a document could be over, at any VAT rate: nothing is missing,
    and no sum differs. :func:`.refund.decide` drops the documents of such a sale with
    the reason ``Reason.REFUNDED``; where nothing had been asked for there is no row
    that says so, and whoever compares the books has to name it.

    :param parts: of the sale and of each of its returns ``({VAT code: gross} that its
        documents do not have, True if it has one or may still get one)``
    """
    left, is_sold = {}, False
    for amounts, has_document in parts:
        if sum(amounts.values()) > 0:
            if has_document:
                return False
            is_sold = True
        for code, gross in amounts.items():
            left[code] = left.get(code, 0) + gross
    return is_sold and not any(left.values())


def _reduced(entry, back, step):
    sold = Decimal(entry["quantity"])
    quantity = sold + _total(back, "quantity")
    gross = Decimal(entry["gross"]) + _total(back, "gross")
    rounded = step * (len(back) + 1) / 2
    if quantity * sold < 0:
        raise ValueError(entry["name"])
    if abs(gross) <= rounded and not quantity:
        return None
    if gross * Decimal(entry["gross"]) < 0:
        if abs(gross) > rounded:
            raise ValueError(entry["name"])
        gross = Decimal(0)
    return {**entry, "quantity": str(quantity or sold), "gross": str(gross)}


def _total(entries, name):
    return sum((Decimal(entry[name]) for entry in entries), Decimal(0))


def difference(before, after, currency):
    """Return the lines of the correction that turns ``before`` into ``after``.

    What came back has a negative quantity; VAT, name and unit are those of the line
    that it corrects.  A line that only rounding would move by one unit stays as it is,
    and the line that was changed most takes that unit, so that the totals agree.

    :param before: the current lines, the original's and its corrections' together
    :param after: lines of what the customer keeps
    """
    left = {_key(line): line for line in after}
    lines, unpriced, carried = [], [], Decimal(0)
    for line in merged(before):
        now = left.pop(_key(line), None)
        quantity = (now.quantity if now else Decimal(0)) - line.quantity
        gross = (now.gross if now else Decimal(0)) - line.gross
        if now and not quantity and abs(gross) <= unit(currency):
            carried += gross
        elif gross:
            # Where only the price was reduced, the whole line is corrected by it.
            quantity = quantity or abs(line.quantity).copy_sign(gross)
            lines.append(replace(line, quantity=quantity, gross=gross))
        elif quantity:
            unpriced.append(replace(line, quantity=quantity, gross=gross))
    lines.extend(left.values())
    if carried and (lines or unpriced):
        lines = lines or unpriced[:1]  # came back for less than a unit
        largest = max(range(len(lines)), key=lambda index: abs(lines[index].gross))
        line = lines[largest]
        lines[largest] = replace(line, gross=line.gross + carried)
    return tuple(lines)


def merged(lines):
    """Return one line for each ``ref`` and VAT code, quantities and gross added up."""
    total = {}
    for line in lines:
        known = total.get(_key(line))
        total[_key(line)] = line if known is None else _sum(known, line)
    return tuple(line for line in total.values() if line is not None)


def _sum(one, other):
    gross, quantity = one.gross + other.gross, one.quantity + other.quantity
    if not gross and not quantity:
        return None
    return replace(one, gross=gross, quantity=quantity or one.quantity)


def _key(line):
    return line.ref, line.vat


def shift(amounts, missing):
    """Return ``amounts`` (Decimals, what was paid by which means) plus ``missing``.

    What is added goes to the largest.  What is taken off is taken from the largest
    first, and none gets negative by it.
    """
    shifted = list(amounts)
    for index in sorted(range(len(shifted)), key=lambda index: -shifted[index]):
        amount = shifted[index] + missing
        if missing < 0:
            amount = max(amount, min(shifted[index], Decimal(0)))
        missing -= amount - shifted[index]
        shifted[index] = amount
    return shifted


def part_of(sale_snapshot, lines):
    """Return the snapshot of a sale with only ``lines`` of its entries.

    The total and what was paid are less, or more, by what the others come to.
    """
    missing = _total(lines, "gross") - _total(sale_snapshot["lines"], "gross")
    tenders = sale_snapshot["tenders"]
    paid = shift([Decimal(entry["amount"]) for entry in tenders], missing)
    return {
        **sale_snapshot,
        "lines": lines,
        "total": str(Decimal(sale_snapshot["total"]) + missing),
        "tenders": [
            {**entry, "amount": str(amount)}
            for entry, amount in zip(tenders, paid, strict=True)
            if amount
        ],
    }
