"""Vouchers: what a document says when one is sold, used, refunded or expires.

==========  ==================================  ====================================
            single-purpose                      multi-purpose
==========  ==================================  ====================================
sold        a line at its rate: VAT is due      no supply: kept off the document
used        a negative line at that rate that   a tender: all that was bought is
            names the sale's document           billed
refunded    what is left of it is taken off     nothing was billed, nothing is
            its sale's document                 reversed
expired     nothing: its VAT was due when       nothing: there was no supply (the
            it was sold                         income is the bookkeeper's)
==========  ==================================  ====================================

Source: VAT Act 18/A-18/B, 66/A, 69/A, 259 (24/A), since 2019-01-01; read at people who
quote it (``reference/field_2026.md`` section 5), not in the law itself. How sure:

* A voucher is single-purpose if the rate of VAT and the place are known when it is
  sold, also where it buys anything in a salon that sells at one rate (fairly sure).
* Single-purpose: VAT at the sale, what is handed over for it later is no supply (sure).
* Multi-purpose: the sale is outside VAT, the whole service is billed at use, and the
  voucher counts like money (sure).
* Expired ones (fairly sure; no source was read that says otherwise).
* A pass (berlet, ten visits) is a product of one of these kinds, as the accountant says
  (an inference: no source documents it).
* A salon that is exempt (AAM) charges no VAT either way, but the forints that count for
  its yearly limit fall on another day (an inference).

The product says the kind; the company's answer stands for products that do not. What
was sold as one kind is used as that kind, whatever the product says since.
"""

from enum import Enum

from .money import unit
from .policy import VoucherSale
from .problem import COMPANY, Code, Place, Problem, Where
from .sale import Role, VoucherKind

#: What the company's answer makes of a product that does not say its kind.
ANSWERS = {VoucherSale.SALE: VoucherKind.SINGLE, VoucherSale.SKIP: VoucherKind.MULTI}


class Event(str, Enum):
    """What happens to a voucher."""

    SOLD = "sold"
    USED = "used"
    REFUNDED = "refunded"
    EXPIRED = "expired"


class Effect(str, Enum):
    """What a document says of it."""

    LINE = "line"  # a supply, at its rate
    SETTLED = "settled"  # a negative line that names the document of its sale
    TAKEN_BACK = "taken_back"  # less of its sale's document
    TENDER = "tender"  # a means of payment
    NOTHING = "nothing"


#: The table above.
EFFECTS = {
    (VoucherKind.SINGLE, Event.SOLD): Effect.LINE,
    (VoucherKind.SINGLE, Event.USED): Effect.SETTLED,
    (VoucherKind.SINGLE, Event.REFUNDED): Effect.TAKEN_BACK,
    (VoucherKind.SINGLE, Event.EXPIRED): Effect.NOTHING,
    (VoucherKind.MULTI, Event.SOLD): Effect.NOTHING,
    (VoucherKind.MULTI, Event.USED): Effect.TENDER,
    (VoucherKind.MULTI, Event.REFUNDED): Effect.NOTHING,
    (VoucherKind.MULTI, Event.EXPIRED): Effect.NOTHING,
}
#: What happens to a voucher by a line of the till.
EVENTS = {Role.VOUCHER: Event.SOLD, Role.REDEEMED: Event.USED}
#: Effects that are a line of the document.
LISTED_EFFECTS = frozenset({Effect.LINE, Effect.SETTLED})


def kind_of(line, policy, sold=None):
    """Return the ``VoucherKind`` of a voucher that is sold or used, None if unsaid.

    What a person decides each time when it is sold was, by the time that it is used,
    decided: it is a means of payment unless its document says otherwise.

    :param SaleLine line: with a role of :data:`EVENTS`
    :param policy: only its ``voucher_sale`` is read
    :param Prepaid sold: what is known of its sale
    """
    kind = (sold and sold.kind) or line.voucher or ANSWERS.get(policy.voucher_sale)
    stopped = policy.voucher_sale is VoucherSale.STOP
    if not kind and stopped and line.role is Role.REDEEMED:
        return VoucherKind.MULTI
    return kind


def is_billed(line, policy, sold=None):
    """Return True if a voucher that is sold or used has a line on the document.

    :raises Problem: a person must say first what it is
    """
    kind = kind_of(line, policy, sold)
    if kind:
        return EFFECTS[kind, EVENTS[line.role]] in LISTED_EFFECTS
    if policy.voucher_sale is None:
        raise Problem(Code.VOUCHER_UNANSWERED, COMPANY, line=line.name)
    product = Place(Where.PRODUCT, line.product)
    raise Problem(Code.VOUCHER_STOPPED, product, line=line.name)


def check_sold(lines, prepaid):
    """Put off a sale that uses a voucher of which it is open what it was sold as.

    The document of its sale decides that, and its number is named here: were this one
    made first, VAT could be charged twice, or never.

    :param lines: ``SaleLine`` s
    :param prepaid: ``{till line: Prepaid}``
    :raises Problem: it waits for that document
    """
    for line in lines:
        if _is_undecided(line, prepaid):
            document = prepaid[line.settles].open_document
            raise Problem(Code.WAITS_FOR, document=document)


def is_undecided(lines, prepaid):
    """Return True if a voucher among ``lines`` is what :func:`check_sold` puts off."""
    return any(_is_undecided(line, prepaid) for line in lines)


def _is_undecided(line, prepaid):
    sold = prepaid.get(line.settles)
    used = line.role is Role.REDEEMED
    return bool(used and sold and sold.open_document and not sold.kind)


def check_rates(used, charged, currency):
    """Stop a single-purpose voucher that pays for something of another rate.

    Then it could not have been one: either its product is set up wrong, or it was taken
    for what it does not buy (a tip, too).

    :param used: ``[(SaleLine, code, amount)]`` of single-purpose vouchers, positive
    :param charged: ``{code: amount}`` of what is supplied, in ``currency``
    :raises Problem: with the voucher and its rate
    """
    left = dict(charged)
    for line, code, amount in used:
        left[code] = left.get(code, 0) - amount
        if left[code] * 2 <= -unit(currency):
            product = Place(Where.PRODUCT, line.product)
            raise Problem(Code.VOUCHER_OTHER_RATE, product, line=line.name, vat=code)
