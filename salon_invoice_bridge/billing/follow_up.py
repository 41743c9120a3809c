"""What follows from a document that was issued: which tasks, and when.

Times are UTC. Nothing is read or written here.
"""

from datetime import datetime, timedelta

from .invoice import PAYABLE_KINDS, UNFINISHED_KINDS, DocumentKind

#: Tasks that nobody waits for: they are done in the night, or when somebody asks.
LEFT_TO_THE_NIGHT = frozenset({"link", "pdf"})
#: How long NAV is given before the service is asked what it has answered, and the step
#: of the clock at which that is done: whatever is due by then is asked about at once.
NAV_PAUSE, NAV_TOGETHER = timedelta(minutes=1), timedelta(minutes=5)


def task_kinds(kind, capabilities, issued, meant, *, mails, tells_sandbox):
    """Return what is to be done for a document that has just been issued, in order.

    :param DocumentKind kind: of the document
    :param capabilities: what the service can do
    :param IssuedDocument issued: as the service made it
    :param Invoice meant: the content, None for a storno
    :param bool mails: True if the buyer gets it by e-mail
    :param bool tells_sandbox: True if it is not known yet whether the account is a test
        account, and a document says so
    """
    kinds = []
    if kind is not DocumentKind.DRAFT:
        if must_register_payments(kind, issued, meant):
            kinds.append("payments")
        if mails and must_send(issued, capabilities):
            kinds.append("email")
        if has_link(issued, capabilities) and not issued.public_url:
            kinds.append("link")
        kinds.append("pdf")
    if must_ask_nav(kind, issued, capabilities):
        kinds.append("nav")
    if tells_sandbox:
        kinds.append("look")
    return kinds


def has_link(issued, capabilities):
    """Return True if the service shows a document to the customer."""
    if issued.is_receipt:
        return capabilities.links_receipts
    return capabilities.public_url


def mailed_on_issue(issued, capabilities):
    """Return True if the service mails a document as part of issuing it.

    Receipts and their stornos are mailed by a call of their own at every service.
    """
    return capabilities.mails_on_issue and not issued.is_receipt


def must_send(issued, capabilities):
    """Return True if the service mails a document by a call of its own."""
    if issued.is_receipt:
        return capabilities.sends_receipts
    return not mailed_on_issue(issued, capabilities)


def must_ask_nav(kind, issued, capabilities):
    """Return True if the service tells what NAV says of a document.

    No service tells it of receipts, whose daily sums are reported, by the service
    itself where it does (field notes of November 2026: Számlázz.hu sure, Billingo not).
    """
    if issued.is_receipt:
        return False
    return capabilities.nav_status and kind not in UNFINISHED_KINDS


def must_register_payments(kind, issued, meant):
    """Return True if the service does not know yet what was paid, and by what.

    It takes a document as paid by the one tender that it names or, for some payment
    methods, as unpaid.
    """
    if kind not in PAYABLE_KINDS or issued.is_receipt or not meant.tenders:
        return False
    return bool(len(meant.tenders) > 1 or not meant.paid or issued.outstanding)


def must_mail(meant):
    """Return True if the buyer of an invoice gets it by e-mail."""
    return meant.send_email and bool(meant.buyer.emails)


def planned(kinds, now, night):
    """Return ``(kind, time)`` for tasks that follow from issuing.

    :param night: when the next night's work begins
    """
    times = {"nav": report_time(now), **dict.fromkeys(LEFT_TO_THE_NIGHT, night)}
    return [(kind, times.get(kind, now)) for kind in kinds]


def report_time(now):
    """Return when NAV's answer is asked for: all of five minutes together."""
    later = now + NAV_PAUSE
    return later + (datetime.min - later) % NAV_TOGETHER
