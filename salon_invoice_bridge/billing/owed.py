"""What is owed: which payments count as paid, when the rest is due, how old it is.

* A payment method says whether it counts as paid when it is taken (cash, card: yes;
  transfer: the salon says), and after how many days the rest is due.
* What is put on the customer's account has not been paid. Its invoice is to be issued
  within 8 days of the service (VAT Act 163; fairly sure, read at people who quote it),
  so its age is shown from 5 days on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from enum import Enum

from .money import unit

#: Days from which what is owed is shown as a warning, and as too old.
AMBER_DAYS, RED_DAYS = 5, 8
#: Days after the sale on which it is invoiced unasked, where the salon wants that: on
#: the 8th day, before it is too old.
LAST_DAY = RED_DAYS - 1


class Age(str, Enum):
    """How urgent it is."""

    FRESH = "fresh"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a payment method says of the money that it takes."""

    counts_as_paid: bool = True
    on_account: bool = False  # of the customer: a method without a journal
    due_days: int | None = None  # None: as the company

    @property
    def is_later(self):
        """True if the money is still to come, whatever the method says of itself."""
        return self.on_account or not self.counts_as_paid


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a sale stands: for ``choice.Situation``."""

    paid: bool
    on_account: bool


def standing(amounts, terms: Mapping, currency):
    """Return the :class:`Standing` of a sale.

    Less than half a unit of the currency is nothing: it is rounding.

    :param amounts: ``{method: Decimal}`` of what was paid, change deducted
    :param terms: ``{method: Terms}``
    """
    half = unit(currency) / 2
    owed = {
        method: amount
        for method, amount in amounts.items()
        if terms[method].is_later and abs(amount) >= half
    }
    return Standing(
        paid=not owed, on_account=any(terms[method].on_account for method in owed)
    )


def respite(payments, due_days: Mapping, company_days):
    """Return the time between a sale and the due date of what is owed of it.

    That of the method by which most is owed; of what is paid, where a document by
    transfer has a due date, too.

    :param payments: ``sale.Payment`` s
    :param due_days: ``{method: days}`` of methods that have their own
    :param int company_days: of all others
    """
    later = [payment for payment in payments if payment.later]
    largest = max(later or payments, key=lambda one: abs(one.amount), default=None)
    method = largest and largest.method
    return timedelta(days=due_days.get(method, company_days))


def age(since, today):
    """Return the :class:`Age` of what is owed.

    :param date since: the day of the service; of what is invoiced, its due date
    :param date today: in Hungary
    """
    days = (today - since).days
    if days >= RED_DAYS:
        return Age.RED
    return Age.AMBER if days >= AMBER_DAYS else Age.FRESH


def to_register(paid, registered, outstanding, residual):
    """Return the payments that are still to be registered there, the oldest first.

    By their sums. What somebody has registered at the service itself has lowered what
    is owed there, and is not registered again; what was written off in Odoo was not
    paid. The last payments are those that are missing there.

    :param paid: ``Tender`` s that Odoo has received since the sale
    :param Decimal registered: what we have registered of them, by hand or not
    :param Decimal outstanding: what the service says
    :param Decimal residual: what is still owed in Odoo, of the sale and of what came
        back of it
    """
    received = sum((tender.amount for tender in paid), Decimal(0))
    missing = min(outstanding - max(residual, Decimal(0)), received - registered)
    due = []
    for tender in sorted(paid, key=lambda one: one.date, reverse=True):
        amount = min(tender.amount, missing)
        if amount > 0:
            due.insert(0, replace(tender, amount=amount))
            missing -= amount
    return tuple(due)
