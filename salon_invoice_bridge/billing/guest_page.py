"""The customer's page: what it shows and offers to whoever holds the slip of a sale.

Whoever has the slip need not be who bought: nothing that is decided here shows a
private person's data, or lets anybody change what names a buyer.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from stdnum.eu import vat as eu_vat

from .errors import Rejected
from .invoice import (
    OPEN_STATES,
    TAKING_BACK_KINDS,
    UNFINISHED_KINDS,
    DocumentKind,
    State,
)
from .tax_number import format_hungarian
from .taxpayer import core_number, is_organization

#: For how long after its issue the PDF is shown.
PDF_FOR = timedelta(days=30)
#: Days after the sale in which company data can be asked for.
REQUEST_DAYS = 8
#: Seconds before each refresh of the page while the document is being made.
LOOKS = (3, 3, 5, 5, 10, 15, 20)
#: The token of a sale as tills and Odoo make it; a weaker one opens nothing.
_TOKEN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class BuyerSort(Enum):
    """Whose data is on a document: what is shown of it depends on this alone."""

    WALK_IN = "walk_in"
    COMPANY = "company"
    PERSON = "person"


class Stage(str, Enum):
    """What has become of the document, as a customer understands it."""

    PENDING = "pending"
    ISSUED = "issued"
    CANCELLED = "cancelled"
    MISSING = "missing"


class Pdf(str, Enum):
    """What the page has of the PDF."""

    NONE = "none"
    SOON = "soon"  # issued; its file is not here yet
    HERE = "here"
    OVER = "over"  # was here, see :data:`PDF_FOR`
    MAILED = "mailed"  # names a private person, who has it by e-mail


@dataclass(frozen=True, kw_only=True)
class Slip:
    """What is known of a sale, and of the document that represents it."""

    sold_on: date  # in Hungary
    state: State | None = None  # of the document; None: it has none
    kind: DocumentKind | None = None
    issued_at: datetime | None = None  # UTC
    has_pdf: bool = False
    buyer: BuyerSort = BuyerSort.WALK_IN
    billable: bool = True  # there is something that an invoice could be of
    returned: bool = False  # something came back, or this is what came back
    requested: bool = False  # company data has been asked for
    may_request: bool = False  # the shop's setting


@dataclass(frozen=True, kw_only=True)
class GuestPage:
    """What the page shows and offers."""

    stage: Stage
    is_return: bool = False  # the document takes back what was sold
    pdf: Pdf = Pdf.NONE
    can_request: bool = False
    look_again: int = 0  # seconds; 0: the page stays as it is


def decide_page(slip, now, today, looks=0):
    """Return the :class:`GuestPage` of a sale.

    :param Slip slip: what is known
    :param datetime now: UTC
    :param date today: in Hungary
    :param int looks: how often the page has been refreshed automatically
    """
    stage = _stage(slip)
    pdf = _pdf(slip, now) if stage is Stage.ISSUED else Pdf.NONE
    waits = stage is Stage.PENDING or pdf is Pdf.SOON
    return GuestPage(
        stage=stage,
        is_return=slip.kind in TAKING_BACK_KINDS,
        pdf=pdf,
        can_request=_can_request(slip, stage, today),
        look_again=LOOKS[looks] if waits and 0 <= looks < len(LOOKS) else 0,
    )


def sort_of_buyer(buyer, as_private=False):
    """Return the :class:`BuyerSort` of a snapshot's buyer.

    A sole trader is a private person here, tax number or not, and whatever Odoo says:
    name and address of the business are those of a person.

    :param dict buyer: of a snapshot; None for a walk-in
    :param bool as_private: the company's document was issued as for its person
    """
    if not buyer:
        return BuyerSort.WALK_IN
    if buyer["is_company"] and not as_private and not _may_be_sole_trader(buyer):
        return BuyerSort.COMPANY
    return BuyerSort.PERSON


def _may_be_sole_trader(buyer):
    """Return True for a natural person's Hungarian number, unless the name says more.

    Those begin with 4 to 9, the numbers of organizations with 1 to 3, as far as anybody
    has seen: no source of NAV's was found that promises it.
    """
    number = core_number(buyer["tax_number"])
    return number[:1] > "3" and not is_organization(buyer["name"])


def most_private(sorts):
    """Return the one of ``sorts`` that lets the least be shown."""
    for sort in (BuyerSort.PERSON, BuyerSort.COMPANY):
        if sort in sorts:
            return sort
    return BuyerSort.WALK_IN


def is_token(text):
    """Return True if ``text`` could be the token of a sale: a UUID as it is printed."""
    return bool(_TOKEN.fullmatch(text))


def _stage(slip):
    if slip.state in OPEN_STATES or slip.state == State.CONVERTED:
        return Stage.PENDING
    if slip.state == State.ISSUED:
        # The invoice of a draft or a proforma is still to come.
        return Stage.PENDING if slip.kind in UNFINISHED_KINDS else Stage.ISSUED
    if slip.state == State.CANCELLED:
        return Stage.CANCELLED
    return Stage.MISSING


def _pdf(slip, now):
    if slip.buyer is BuyerSort.PERSON:
        return Pdf.MAILED
    if not slip.issued_at or now - slip.issued_at >= PDF_FOR:
        return Pdf.OVER
    return Pdf.HERE if slip.has_pdf else Pdf.SOON


def _can_request(slip, stage, today):
    return (
        slip.may_request
        and slip.billable
        and not slip.requested
        and not slip.returned
        and slip.buyer is BuyerSort.WALK_IN
        and stage is not Stage.CANCELLED
        and (today - slip.sold_on).days <= REQUEST_DAYS
    )


# === COMPANY DATA AFTERWARDS === #


def guest_tax_number(text):
    """Return a business's tax number and its country, or two empty strings.

    A Hungarian one in full, 12345678-1-42, or that of another member state with its
    prefix.

    :param str text: as somebody has typed it
    """
    number = re.sub(r"[\s.-]", "", text).upper()
    with suppress(Rejected):
        return format_hungarian(number.removeprefix("HU")), "HU"
    prefix = number[:2]
    country = "GR" if prefix == "EL" else prefix
    if country != "HU" and country.lower() in eu_vat.MEMBER_STATES:
        if eu_vat.is_valid(number):
            return eu_vat.compact(number), country
    return "", ""
