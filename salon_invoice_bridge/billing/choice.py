"""Decide what a sale gets by itself: an invoice, a receipt or neither, and why.

An invoice is always lawful in place of a receipt, so whatever is in doubt gets one, and
the policy of a salon that has said nothing is an invoice for every sale.

The law, and how sure each rule is (``reference/field_2026.md`` section 2; read at
people who quote it, not in the law itself):

* A receipt is enough only for a buyer who is neither taxable nor a legal person, under
  900,000 Ft with VAT, paid by the time of the service, who asks for no invoice (VAT Act
  165-166; sure).
* Where a cash register must be used its receipt is the sale's: another one would be the
  second (sure that both may not be given; which salons need one is the accountant's).
* After an outage a handwritten receipt is the sale's receipt (sure); an invoice that is
  asked for later takes its place, and the handwritten one is struck (fairly sure).

A reader starts at :func:`choose`; the till's dialog asks :func:`obstacle`.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

#: Forints, VAT included, from which a receipt is not enough (VAT Act 165; sure).
LIMIT = Decimal(900_000)


class Rule(str, Enum):
    """What the sales of a till get unasked."""

    ALL = "all"  # an invoice for every sale
    CUSTOMER = "customer"  # an invoice for customers, a receipt for walk-ins
    REQUEST = "request"  # a receipt, unless an invoice is asked for
    MANUAL = "manual"  # what a person asks for


class Wish(str, Enum):
    """What was asked for at the till, or by a person afterwards."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    NONE = "none"  # the cash register's receipt


class BuyerKind(str, Enum):
    """Who buys, as far as the law tells invoice and receipt apart."""

    BUSINESS = "business"  # see buyer.is_business
    PRIVATE = "private"  # a named person
    NONE = "none"  # a walk-in


class TipAnswer(str, Enum):
    """What becomes of a tip that the service's receipt cannot hold."""

    INVOICE = "invoice"  # such a sale gets an invoice
    KEPT_OFF = "kept_off"  # a receipt without the tip


class Outcome(str, Enum):
    """What the sale gets."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    NEITHER = "neither"


class Reason(str, Enum):
    """Why.  The values of what gets neither are those of ``skip_reason``."""

    # By the law: nobody may choose a receipt
    BUSINESS = "business"
    LIMIT = "limit"  # from 900,000 Ft
    UNPAID = "unpaid"
    CASH_REGISTER = "cash_register"  # it gives the receipt
    PAPER = "paper"  # a handwritten receipt was given
    # By what a receipt of the service can hold
    DEPOSIT = "deposit"  # sold or used: only an invoice names it
    CURRENCY = "currency"  # not in forints
    NO_RECEIPTS = "no_receipts"  # the service has none
    NO_SERIES = "no_series"  # no block or prefix has been chosen for them
    TIP = "tip_on_receipt"  # there is no code for it
    # By choice
    RULE = "rule"
    CUSTOMER = "customer"  # is named
    WALK_IN = "walk_in"
    WISH = "wish"
    MANUAL = "manual"
    ACCOUNT = "customer_account"  # owed, and invoiced when it is time
    # There is nothing to document
    ZERO = "zero"
    VOUCHER = "voucher"  # multi-purpose: no supply yet
    VOUCHER_USED = "voucher_used"  # single-purpose: invoiced when it was sold
    ONLY_TIP = "tip"


#: Reasons that are the law's: a till says them, and no press changes them.
LAW = frozenset(
    {
        Reason.BUSINESS,
        Reason.LIMIT,
        Reason.UNPAID,
        Reason.CASH_REGISTER,
        Reason.PAPER,
    }
)
#: Of these, the ones for which nothing but an invoice is enough.
INVOICE_ONLY = frozenset({Reason.BUSINESS, Reason.LIMIT, Reason.UNPAID})
#: Reasons for which there is nothing to document, whatever is wished.
EMPTY = frozenset({Reason.ZERO, Reason.VOUCHER, Reason.VOUCHER_USED, Reason.ONLY_TIP})


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A paid sale, its till and its service: all that the choice depends on.

    ``gross`` is in forints, VAT included, of what was supplied, before what has been
    paid for it earlier (:func:`.lines.supplied_gross`) and before cash is rounded.
    """

    gross: Decimal
    rule: Rule = Rule.ALL
    wish: Wish | None = None
    buyer: BuyerKind = BuyerKind.NONE
    currency: str = "HUF"
    paid: bool = True  # see owed.is_paid
    on_account: bool = False  # (partly) on the customer's account
    account_at_once: bool = False  # what is owed is invoiced without waiting
    cash_register: bool = False  # the till has one
    paper_number: str = ""  # of the handwritten receipt
    receipts: bool = False  # the service has them
    series: bool = False  # their block or prefix is chosen
    foreign_tip: bool = False  # there is a tip, and its receipts have no code for it
    tip_answer: TipAnswer = TipAnswer.INVOICE
    deposit: bool = False  # one is sold, or used
    empty: Reason | None = None  # see lines.empty_reason
    empty_without_tip: Reason | None = None  # the same of a receipt that leaves it off


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a sale gets, and why.

    ``keeps_tip_off`` says that the receipt is made without the tip, which is named on
    its row as kept off; where nothing else was to be documented, none is made.
    ``strikes_paper`` says that the handwritten receipt is to be
    struck by hand, because an invoice takes its place.
    """

    outcome: Outcome
    reason: Reason
    keeps_tip_off: bool = False
    strikes_paper: bool = False

    @property
    def is_law(self):
        """True if no wish can change it."""
        return self.reason in LAW | EMPTY


def choose(situation):
    """Return the :class:`Choice` for a sale that has just been paid.

    A person's press is the same question with a ``wish``.
    """
    if situation.empty:
        return Choice(outcome=Outcome.NEITHER, reason=situation.empty)
    asked = situation.wish is Wish.INVOICE
    if situation.paper_number and not (asked or invoice_only(situation)):
        return Choice(outcome=Outcome.NEITHER, reason=Reason.PAPER)
    if not situation.wish:
        if situation.rule is Rule.MANUAL:
            return Choice(outcome=Outcome.NEITHER, reason=Reason.MANUAL)
        if situation.on_account and not situation.account_at_once:
            return Choice(outcome=Outcome.NEITHER, reason=Reason.ACCOUNT)
    wanted, reason = _wanted(situation)
    if wanted is Outcome.INVOICE:
        return _invoice(situation, invoice_only(situation) or reason)
    if obstructed := obstacle(situation):
        if obstructed is Reason.CASH_REGISTER:
            return Choice(outcome=Outcome.NEITHER, reason=obstructed)
        return _invoice(situation, obstructed)
    return _receipt(situation, reason)


def invoice_only(situation):
    """Return why the law has nothing but an invoice for the sale, or None."""
    bound = {
        Reason.BUSINESS: situation.buyer is BuyerKind.BUSINESS,
        Reason.LIMIT: situation.gross >= LIMIT,
        Reason.UNPAID: not situation.paid or situation.on_account,
    }
    return next((reason for reason, applies in bound.items() if applies), None)


def obstacle(situation):
    """Return why the sale cannot have a receipt of the service, None if it can.

    The law's reasons come first, for they are what a cashier is told.
    """
    if reason := invoice_only(situation):
        return reason
    obstacles = {
        Reason.PAPER: bool(situation.paper_number),
        Reason.DEPOSIT: situation.deposit,
        Reason.CASH_REGISTER: situation.cash_register,
        Reason.CURRENCY: situation.currency != "HUF",
        Reason.NO_RECEIPTS: not situation.receipts,
        Reason.NO_SERIES: not situation.series,
        Reason.TIP: situation.foreign_tip
        and situation.tip_answer is not TipAnswer.KEPT_OFF,
    }
    return next((reason for reason, applies in obstacles.items() if applies), None)


def _wanted(situation):
    """Return ``(Outcome, Reason)`` as the wish has it, or else the rule.

    Without a document the sale stays only where a cash register has given one.
    """
    wish, rule = situation.wish, situation.rule
    if wish is Wish.INVOICE:
        return Outcome.INVOICE, Reason.WISH
    if wish is Wish.RECEIPT or (wish is Wish.NONE and situation.cash_register):
        return Outcome.RECEIPT, Reason.WISH
    if rule is Rule.CUSTOMER and situation.buyer is not BuyerKind.NONE:
        return Outcome.INVOICE, Reason.CUSTOMER
    if rule is Rule.CUSTOMER:
        return Outcome.RECEIPT, Reason.WALK_IN
    if rule is Rule.REQUEST:
        return Outcome.RECEIPT, Reason.RULE
    return Outcome.INVOICE, Reason.RULE


def _receipt(situation, reason):
    off = situation.foreign_tip
    if off and situation.empty_without_tip:
        empty = situation.empty_without_tip
        return Choice(outcome=Outcome.NEITHER, reason=empty, keeps_tip_off=True)
    return Choice(outcome=Outcome.RECEIPT, reason=reason, keeps_tip_off=off)


def _invoice(situation, reason):
    return Choice(
        outcome=Outcome.INVOICE,
        reason=reason,
        strikes_paper=bool(situation.paper_number),
    )
