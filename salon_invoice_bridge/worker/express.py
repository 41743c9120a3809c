"""The short way of a plain sale, by the statements of :mod:`.protocol`.

It goes without the ORM, which would read every row again after each of the three
commits. Whatever is not a plain success is left to the ordinary way, which knows all
cases and comes to the same rows for this one:

=====================================  =================================================
what is not plain                      who goes on
=====================================  =================================================
the sale is not, or cannot be built    ``document._process()``: nothing has been changed
the row is not as it was read          nobody: it is read again
the service refuses, or is silent      ``document._on_error()``
the answer is not what was meant, or   ``document._process_lost()``, which takes up the
it cannot be recorded                  answer that was written down
something came back meanwhile          ``document._wake_waiting()``, after the record
=====================================  =================================================
"""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..billing import follow_up, lifecycle
from ..billing.build import build
from ..billing.buyer import billed_partner
from ..billing.codec import to_json
from ..billing.compare import differences
from ..billing.invoice import WORKING_STATES, DocumentKind, Invoice
from ..billing.lines import sort_again
from ..billing.refund import check_is_sale
from ..billing.sale import PREPAID_ROLES, Sale
from ..billing.settlement import owed_on, payment_state
from . import protocol

_logger = logging.getLogger(__name__)

#: The currency whose amounts are whole numbers, and need no rounding here.
CURRENCY = "HUF"
WORKING = tuple(sorted(state.value for state in WORKING_STATES))
FRESH = timedelta(seconds=lifecycle.FRESH_SECONDS)


class NotPlain(Exception):
    """The ordinary way is to be taken."""


@dataclass(frozen=True)
class Prepared:
    """What is sent of a document, and what it is made of."""

    invoice: Invoice
    values: dict  # the invoice as it is stored
    request: bytes


class Express:
    """Sends plain documents of one account.

    A reader starts at :meth:`send`.

    :param service: :class:`.service.Service` of the account
    :param timedelta longest_backoff: see :func:`.protocol.next_due`
    """

    def __init__(self, service, longest_backoff):
        self.service = service
        self.account = service.account
        self.env = service.account.env
        self.longest_backoff = longest_backoff
        self._night = None

    def next_due(self):
        """Return the document whose turn it is, a :class:`.protocol.Due`."""
        self.env.flush_all()
        return protocol.next_due(
            self.env.cr,
            self.account.id,
            self._now(),
            working=WORKING,
            fresh=FRESH,
            longest_backoff=self.longest_backoff,
        )

    def send(self, due):
        """Send a document; return False if the ordinary way is to be taken."""
        document = self.env["salon.invoice.document"].browse(due.id)
        prepared = self._prepare(due, document)
        if not prepared:
            return False
        claimed = self._claim(due, prepared)
        if not claimed:
            return True  # it is read again
        self.service.commit()
        made, error = self.service.perform(document, "issue", (prepared.request,), {})
        if error:
            self.service.note_failure(error)
            document._on_error(error)
        elif not self._record(due, document, claimed, prepared, made):
            self.service.draw()  # what was not recorded has drawn nothing
            document._process_lost(self.service)
        return True

    # === BEFORE THE CLAIM === #

    def _prepare(self, due, document):
        """Return the :class:`Prepared`, None if it is not plain or cannot be built."""
        if not due.is_plain or self._must_ask_sandbox(due):
            return None
        try:
            return self._build(due, document)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except NotPlain:
            return None
        except Exception:
            # The ordinary way comes to it, too, and shows it to a person.
            self.env.cr.rollback()
            return None

    def _must_ask_sandbox(self, due):
        return self.service.capabilities.documents_tell_sandbox and due.sandbox is None

    def _build(self, due, document):
        entries = due.sale_snapshot["lines"]
        check_is_sale(entries)
        if any(entry["refunds"] or entry.get("settles") for entry in entries):
            raise NotPlain
        sale = Sale.from_snapshot(due.sale_snapshot)
        if any(line.role in PREPAID_ROLES for line in sale.lines):
            raise NotPlain  # a sale that uses it may wait for this one
        policy = self._policy(due, document)
        invoice = build(
            sale,
            policy,
            due.external_key,
            today=document._today(),
            choice=due.buyer_choice,
        )
        invoice = document._prepare_invoice(invoice)
        if invoice.currency != CURRENCY or invoice.gross != int(invoice.gross):
            raise NotPlain
        if sort_again(sale.lines, invoice.lines)[1]:  # kept off: named on the row
            raise NotPlain
        if self.service.capabilities.persistent_partners:
            invoice = replace(invoice, partner_id=self._known_buyer(due, sale, invoice))
        request = self.service.provider.render(invoice)
        return Prepared(invoice, to_json(invoice), request)

    def _policy(self, due, document):
        """Return the policy; the till is read for it, and who hears of its sales."""

        def read():
            till = self.env["pos.config"].browse(due.config_id)
            self.service.hear(till)
            return document._policy_of(self.account, till, due.salon_language)

        key = due.config_id, due.salon_language, False  # no receipt
        return self.service.policy_for(key, due.write_date, due.read_at, read)

    def _known_buyer(self, due, sale, invoice):
        """Return the id of the buyer, whom the service knows as they are.

        :raises NotPlain: it does not
        """
        known = self.env["salon.invoice.partner"]._known_id(
            self.account.id,
            due.fingerprint,
            billed_partner(sale.customer, due.buyer_choice),
            to_json(invoice.buyer),
        )
        if not known:
            raise NotPlain
        return known

    def _claim(self, due, prepared):
        buyer = prepared.invoice.buyer
        return protocol.claim(
            self.env.cr,
            due,
            now=self._now(),
            user=self.env.uid,
            working=WORKING,
            invoice_values=prepared.values,
            request_body=prepared.request.decode(),
            gross=int(prepared.invoice.gross),
            buyer_name=buyer.name,
            buyer_email=", ".join(buyer.emails),
            partner_reused=self.service.capabilities.persistent_partners or None,
        )

    # === AFTER THE ANSWER WAS WRITTEN DOWN === #

    def _record(self, due, document, claimed, prepared, made):
        """Record what was issued; return False if it is not plainly what was meant."""
        try:
            return self._record_plain(due, document, claimed, prepared.invoice, made)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            self.env.cr.rollback()
            _logger.exception("The answer about %s is taken up once more", document)
            return False

    def _record_plain(self, due, document, claimed, meant, made):
        outstanding = owed_on(made, meant)
        if (
            differences(meant, made)
            or made.gross != meant.gross
            or made.exchange_rate
            or outstanding != int(outstanding)
        ):
            return False
        kinds = follow_up.task_kinds(
            DocumentKind.INVOICE,
            self.service.capabilities,
            made,
            meant,
            mails=follow_up.must_mail(meant),
            tells_sandbox=False,  # else it is not plain
        )
        pdf, content = None, self.service.provider.received_pdf(made)
        if content and "pdf" in kinds:
            # Without a savepoint: if it cannot be kept, the ordinary way records what
            # was written down, and has the PDF fetched.
            pdf = document._create_pdf(content, made.number)
            kinds.remove("pdf")
        now = self._now()
        figures = document._figure_values(made, meant, self.service.provider)
        came_back = protocol.record(
            self.env.cr,
            due,
            claimed,
            follow_up.planned(kinds, now, self._next_night()),
            self.service.drawing(),
            now=now,
            user=self.env.uid,
            remote_id=made.id,
            number=made.number,
            gross=int(made.gross),
            outstanding=int(outstanding),
            payments=to_json(meant.tenders if meant.paid else ()),
            payment_state=payment_state(outstanding, made.gross),
            public_url=made.public_url,
            warning=made.warning,
            remote_snapshot=to_json(made),
            pdf=pdf and pdf.id,
            **figures,
            **document._dates(made, now, figures, amends=False),
            lead_time=round((now - due.create_date).total_seconds(), 3),
        )
        if came_back is None:
            self.env.cr.rollback()  # the attachment of its PDF, too
            return False
        self.service.notify(due)
        if came_back:
            document._wake_waiting()
        return True

    def _next_night(self):
        if self._night is None:
            self._night = self.account._next_night()
        return self._night

    def _now(self):
        return self.env["salon.invoice.document"]._now()
