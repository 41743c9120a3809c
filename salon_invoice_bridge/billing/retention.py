"""How long what is known of people is kept, and from when on it may go.

Sources and how sure they are: docs/privacy.md.
"""

from datetime import date, timedelta

from .invoice import DocumentKind, State

#: Years for which the law has issued documents kept: Act C of 2000 on accounting, §169
#: (2), at least. No company may keep them for less.
LAW_YEARS = 8
#: What a company keeps for ever.
FOR_EVER = 0
#: Days after a document is final for which what went over the wire is kept.
EVIDENCE_DAYS = 90
#: Days after which what came to nothing goes: drafts, requests, addresses.
LEFTOVER_DAYS = 30

#: Drafts and proformas that came to nothing, by kind and state. The proforma of which
#: an invoice was made is named on that, and stays with it.
LEFTOVERS = (
    (DocumentKind.DRAFT, State.DISCARDED),
    (DocumentKind.DRAFT, State.CONVERTED),
    (DocumentKind.PROFORMA, State.DISCARDED),
)
#: The same, if nothing of them was ever sent: whoever asks for them again starts anew.
UNSENT_LEFTOVERS = (
    (DocumentKind.DRAFT, State.SKIPPED),
    (DocumentKind.PROFORMA, State.SKIPPED),
)


def is_lawful(years):
    """Return True if a company may keep its documents for ``years``."""
    return years == FOR_EVER or years >= LAW_YEARS


def first_kept(today, years):
    """Return the first day whose documents are still kept, None if all are.

    The years are counted from the end of the year after the one of issue. By then the
    report of the year is accepted, from which they count by the strictest reading.

    :param datetime.date today: in Hungary
    :param int years: of the company; :data:`FOR_EVER`
    :raises ValueError: if the law wants them kept for longer
    """
    if not is_lawful(years):
        raise ValueError(f"Documents are kept for {LAW_YEARS} years, not {years}")
    return date(today.year - years - 1, 1, 1) if years else None


def evidence_before(now, days):
    """Return the time before which a document must have been final for its bodies."""
    return now - timedelta(days=days)


def leftovers_before(now):
    """Return the time before which a draft must have come to nothing."""
    return now - timedelta(days=LEFTOVER_DAYS)
