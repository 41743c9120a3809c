"""Questions put to one account, and the report of what it answered."""

import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from salon_invoice_bridge.billing.errors import ProviderError
from salon_invoice_bridge.billing.invoice import (
    Buyer,
    Invoice,
    Kind,
    Line,
    PaymentKind,
    Tender,
)
from salon_invoice_bridge.providers import registry
from salon_invoice_bridge.providers.base import Credentials

#: What the order numbers of everything that this makes begin with.
MARK = "PROBE"
BUYER = Buyer(
    name="Próba Vevő (teszt)",
    postcode="1011",
    city="Budapest",
    street="Próba utca 1.",
)


class RealAccount(Exception):
    """The account holds documents that are not ours: nothing was made."""


class Unclear(Exception):
    """A question could not be asked, or its answer says nothing."""


@dataclass
class Finding:
    """One question and what came of it."""

    question: str
    answer: str = ""
    calls: list = field(default_factory=list)


def question(text):
    """Mark a method of an :class:`Interview` as the way to settle ``text``."""

    def mark(method):
        method.question = text
        return method

    return mark


def line(gross, quantity=1, **changes):
    """Return a line of ``gross`` forints with 27% VAT."""
    fields = {"name": "Próba tétel", "vat": "27"}
    fields.update(quantity=Decimal(quantity), gross=Decimal(gross), **changes)
    return Line(**fields)


class Interview:
    """An account that is asked.  Subclasses hold the questions of a service.

    A question is a method marked by :func:`question` that returns the answer as one
    line of Markdown, or raises :class:`Unclear`.  Each stands alone: one that fails
    does not keep the others from being asked.
    """

    code = ""
    title = ""
    #: What is known to be open, but not tried here, and why.
    untried = ()
    #: Seconds after which what does not show is not there.
    patience = 30

    def __init__(self, key, *, base_url="", readonly_key="", say=print, pause=None):
        self.say = say
        self.pause = pause or time.sleep
        self.readonly_key = readonly_key
        self.exchanges = []
        self.counter = 0
        self.run_mark = f"{MARK}-{datetime.now(timezone.utc):%y%m%d%H%M%S}"
        self.provider = self.connect(key, base_url)

    def connect(self, key, base_url=""):
        """Return a strategy that speaks with ``key``."""
        return registry.get(self.code)(
            Credentials(api_key=key),
            base_url=base_url,
            observer=self.exchanges.append,
        )

    def close(self):
        """Give the connections back."""
        self.provider.close()

    # === THE INTERVIEW === #

    def run(self, *, mine=False, only=""):
        """Ask everything and return the report, Markdown.

        :param bool mine: True to go on although the account holds real invoices
        :param str only: ask only the questions that contain this
        :raises RealAccount: if it does and ``mine`` is False
        """
        self.prepare(mine)
        findings = []
        try:
            for method in self.questions():
                if only.lower() in method.question.lower():
                    findings.append(self._ask(method))
        finally:
            left = self.clean_up()
        return self._redacted(self._report(findings, left))

    def questions(self):
        """Return the methods that ask, in the order of their definition."""
        names = [name for kind in type(self).__mro__[::-1] for name in vars(kind)]
        methods = [getattr(self, name) for name in dict.fromkeys(names)]
        return [method for method in methods if hasattr(method, "question")]

    def prepare(self, mine):
        """See that the account is a test's, and get ready to issue."""
        raise NotImplementedError

    def clean_up(self):
        """Take back what can be; return ``{what stays: its numbers}``."""
        raise NotImplementedError

    def _ask(self, method):
        self.say(f"      {method.question}")
        before = len(self.exchanges)
        finding = Finding(method.question)
        try:
            finding.answer = method()
        except Unclear as error:
            finding.answer = f"could not be learnt: {error}"
        except ProviderError as error:
            kind = type(error).__name__
            finding.answer = f"could not be learnt: {kind}, {_one_line(error.message)}"
        finding.calls = [_call(exchange) for exchange in self.exchanges[before:]]
        return finding

    def _redacted(self, text):
        text = self.provider.http.redact(text)
        return text.replace(self.readonly_key, "***") if self.readonly_key else text

    def _report(self, findings, left):
        lines = [
            f"# {self.title}: what a test account answered",
            "",
            f"Asked on {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC at "
            f"`{self.provider.http.base_url}`; documents are marked `{self.run_mark}`.",
            "",
            "| # | question | answer |",
            "|---|---|---|",
        ]
        for number, finding in enumerate(findings, 1):
            answer = finding.answer.replace("|", "\\|")
            lines.append(f"| {number} | {finding.question} | {answer} |")
        lines += ["", "## Not tried", "", *(f"* {text}" for text in self.untried)]
        stays = [f"{what}: {', '.join(left[what])}" for what in left] or ["nothing"]
        lines += [
            "",
            "## What stays",
            "",
            *(f"* {text}" for text in stays),
        ]
        lines += ["", "## Evidence", ""]
        for number, finding in enumerate(findings, 1):
            lines += [f"{number}. {finding.question}", ""]
            lines += [f"   * {call}" for call in finding.calls or ["no call"]]
            lines.append("")
        return "\n".join(lines)

    # === WHAT QUESTIONS ARE MADE OF === #

    def key(self, suffix=""):
        """Return an external key that was never used, 26 characters and ``suffix``."""
        self.counter += 1
        return f"{self.run_mark}{self.counter:0{26 - len(self.run_mark)}d}{suffix}"

    def invoice(self, *lines, **changes):
        """Return an invoice of today over 1270 Ft, or with ``changes``."""
        today = datetime.now(ZoneInfo("Europe/Budapest")).date()
        key = changes.get("external_key") or self.key()
        fields = {
            "external_key": key,
            "order_number": key,
            "kind": Kind.INVOICE,
            "buyer": BUYER,
            "lines": lines or (line(1270),),
            "payment_kind": PaymentKind.CARD,
            "fulfillment_date": today,
            "due_date": today + timedelta(days=8),
            "comment": f"{MARK}: próba, nem valós gazdasági esemény.",
        }
        return Invoice(**{**fields, **changes})

    def receipt(self, *lines, **changes):
        """Return a receipt of today over 1270 Ft, or with ``changes``.

        What is on it is named with our mark: some receipts have no other place for it.
        """
        lines = lines or (line(1270),)
        lines = tuple(replace(sold, name=f"{MARK}: {sold.name}") for sold in lines)
        fields = self.invoice(*lines)
        paid = Tender(
            kind=fields.payment_kind, amount=fields.gross, date=fields.due_date
        )
        wanted = {"kind": Kind.RECEIPT, "tenders": (paid,), **changes}
        return replace(fields, **wanted)

    def wait_for(self, ready, seconds, step=0.25):
        """Return the seconds until ``ready()`` is true, None if it never is."""
        started = time.monotonic()
        while True:
            if ready():
                return time.monotonic() - started
            if time.monotonic() - started > seconds:
                return None
            self.pause(step)


def _call(exchange):
    """Return a line about one call: what, how it ended, how long it took."""
    path = exchange.url.split("/", 3)[-1]
    ended = exchange.status or exchange.error.partition(":")[0]
    return f"`{exchange.method} /{path}` → {ended}, {exchange.seconds:.2f} s"


def _one_line(text):
    return " ".join(text.split())[:200]
