"""What two services have made of the demonstration's sales.

Each document is what the addon makes of its sale; only what a service says of it is
invented here: id, number, time, and the report to NAV.
"""

import dataclasses
from datetime import datetime, timedelta
from decimal import Decimal

from odoo.tools import file_open

from ..billing.build import build
from ..billing.choice import EMPTY, Reason
from ..billing.errors import Rejected
from ..billing.hungary import day_of
from ..billing.invoice import (
    MAIN_KINDS,
    DocumentKind,
    IssuedDocument,
    Kind,
    NavState,
    State,
)
from ..billing.problem import Problem
from ..models.salon_invoice_account import ADDON
from ..models.salon_invoice_document import NO_DEPOSITS

#: Seconds from a payment to its document, one after the other.
SECONDS = (1.4, 2.1, 1.2, 3.6, 1.8, 1.1, 2.7)
#: One in so many reports to NAV has a warning.
WARNED = 45
#: What stands in place of each PDF.
PDF = f"{ADDON}/demo/document.pdf"


class Service:
    """The services' side of the month.

    :param accounts: ``{shop: salon.invoice.account}``
    """

    def __init__(self, accounts):
        self.accounts = accounts
        self.numbers = {}
        self.made = 0
        self.last = datetime.min
        with file_open(PDF, "rb") as file:
            self.pdf = file.read()

    # === SALES === #

    def document(self, order, visit):
        """Make the document of a sale, or say why it gets none.

        :param order: ``pos.order``
        :param month.Visit visit: it
        """
        if visit.kind == "none":
            return
        account = self.accounts[visit.shop]
        kind = visit.kind or ("invoice" if visit.customer else "receipt")
        if visit.skip == "refunded":
            # Still on its way when it came back: see :meth:`take_back`.
            self._request(order, account, kind)
        elif visit.skip:
            self._skip(order, account, visit)
        else:
            document = self._request(order, account, kind)
            self._issue(document)
            if visit.cancelled:
                self._issue(document._add_storno(order.env._("By mistake")))

    def _request(self, order, account, kind):
        return order._salon_create_document(
            account_id=account.id,
            kind=kind,
            state=State.WAITING.value,
            sale_snapshot=order._salon_new_snapshot(),
        )

    def _skip(self, order, account, visit):
        """Record that a sale gets no document."""
        values = {"account_id": account.id}
        if visit.skip == "no_account":
            values["account_id"] = False
        if visit.skip in {reason.value for reason in EMPTY}:
            values["kept_off"] = order._salon_left_off(order._salon_new_snapshot())
        if visit.skip == Reason.PAPER.value:
            order._salon_write_protected({"salon_paper_number": visit.number})
            values["sale_snapshot"] = order._salon_new_snapshot()
        kind = DocumentKind.INVOICE if visit.customer else DocumentKind.RECEIPT
        order._salon_create_sold(kind.value, visit.skip, **values)

    def take_back(self, order, visit):
        """Make of a refund what the addon decides that it becomes.

        :param order: ``pos.order`` of the refund
        :param month.Visit visit: what came back of
        """
        account = self.accounts[visit.shop]
        refund = order._salon_create_document(
            account_id=account.id,
            kind=DocumentKind.REFUND.value,
            state=State.WAITING.value,
            sale_snapshot=order._salon_snapshot(),
        )
        if not refund._decide_refund():
            self._discard(refund)
        if refund.state != State.WAITING:
            return
        self._issue(refund)
        for remainder in refund.follow_up_ids:
            self._issue(remainder)

    def _discard(self, refund):
        """Discard the draft that a refund waits for; what was kept has one again."""
        sale = refund.order_id._salon_returned_order()
        task = sale.salon_document_ids.task_ids.filtered(
            lambda one: one.kind == "discard"
        )
        if not task:
            return
        draft = task.document_id
        draft._transition(State.DISCARDED)
        if kept := task.arguments["lines"]:
            draft._create_replacement(kept, task.arguments["refunds"])
        task.unlink()
        refund._decide_refund()
        for document in sale.salon_document_ids - draft:
            self._issue(document)

    # === ONE DOCUMENT === #

    def _issue(self, document):
        """Issue a document that waits, or leave it to a person."""
        moment = self._moment(document)
        day = day_of(moment)
        try:
            meant = self._content(document, day)
        except (Problem, Rejected) as error:
            document._on_error(error)
            return
        if meant:
            document._freeze(meant, b"")
        document._claim()
        issued = self._answer(document, meant, day)
        values = document._issued_values(issued, meant)
        waited = moment - document.order_id.date_order
        values.update(issued_at=moment, lead_time=waited.total_seconds())
        values.update(self._report(document))
        if document.kind != DocumentKind.DRAFT:
            values["pdf_id"] = document._create_pdf(self.pdf, issued.number).id
        document._transition(State.ISSUED, sent_at=moment, **values)

    def _moment(self, document):
        """Return when ``document`` is issued, UTC: after all that was before."""
        self.made += 1
        seconds = timedelta(seconds=SECONDS[self.made % len(SECONDS)])
        next_one = self.last + timedelta(seconds=1)
        self.last = max(document.order_id.date_order + seconds, next_one)
        return self.last

    def _content(self, document, day):
        """Return the ``Invoice`` that is issued on ``day``, None for a storno.

        :raises Problem: for a person
        """
        policy = document._policy()
        if document.kind == DocumentKind.STORNO:
            return None
        if document.kind in MAIN_KINDS:
            return build(
                document._sale(),
                policy,
                document.external_key,
                kind=Kind(document.kind),
                today=day,
                prepaid=document._prepaid(),
                limits=document.account_id._capabilities().deposits or NO_DEPOSITS,
            )
        meant = document._make_invoice(policy)
        original = document._root_invoice()._invoice()
        # It is made as of today, but for what is due by then.
        return dataclasses.replace(meant, due_date=max(original.due_date, day))

    def _answer(self, document, meant, day):
        """Return what the service says of ``document``.

        :param billing.invoice.Invoice meant: its content, None for a storno
        :param date day: on which it is issued
        :rtype: IssuedDocument
        """
        original = document.origin_id
        number = self._number(document, day)
        common = {
            "id": str(90_000_000 + self.made),
            "number": number,
            "currency": document.currency_id.name,
            "issue_date": day,
            "electronic": False,
            "original_number": original.number or "",
        }
        if meant is None:
            return IssuedDocument(
                kind=Kind.STORNO,
                gross=-original._issued().gross,
                fulfillment_date=original._invoice().fulfillment_date,
                due_date=day,
                outstanding=Decimal(0),
                of_receipt=document.is_receipt,
                **common,
            )
        paid = sum((tender.amount for tender in meant.tenders), Decimal(0))
        return IssuedDocument(
            kind=meant.kind,
            gross=meant.gross,
            fulfillment_date=meant.fulfillment_date,
            due_date=meant.due_date,
            outstanding=Decimal(0) if meant.paid else meant.gross - paid,
            order_number=meant.order_number,
            buyer_name=meant.buyer.name,
            comment=meant.comment,
            block=meant.block,
            **common,
        )

    def _number(self, document, day):
        """Return the next number of a series, as the service writes them."""
        if document.kind == DocumentKind.DRAFT:
            return ""
        account = document.account_id
        series = account.receipt_block if document.is_receipt else account.block
        number = self.numbers.get((series, day.year), 0) + 1
        self.numbers[series, day.year] = number
        digits = f"{number:06d}" if account.block_listed else str(number)
        return f"{series}-{day.year}-{digits}"

    def _report(self, document):
        """Return what is known of the report to NAV, as values of the document."""
        can = document.account_id._capabilities().nav_status
        if not can or document.is_receipt or document.kind == DocumentKind.DRAFT:
            return {}
        warned = self.made % WARNED == 0
        state = NavState.WARNING if warned else NavState.ACCEPTED
        return {"nav_state": state.value}
