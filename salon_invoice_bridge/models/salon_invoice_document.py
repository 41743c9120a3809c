import base64
import dataclasses
import hashlib
import logging
import random
import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, email_normalize, html2plaintext
from odoo.tools.mail import single_email_re
from odoo.tools.misc import format_amount, format_date
from odoo.tools.translate import LazyTranslate

from ..billing import (
    amendment,
    columns,
    deposit,
    errors,
    follow_up,
    lifecycle,
    paper,
    refund,
)
from ..billing.build import build
from ..billing.buyer import billed_partner, make_buyer
from ..billing.choice import Reason
from ..billing.codec import from_json, to_json
from ..billing.compare import changes
from ..billing.hungary import day_of
from ..billing.invoice import (
    AMENDING_KINDS,
    DUE_STATES,
    EXISTING_STATES,
    KEYLESS_STATES,
    LANE_STATES,
    LASTING_KINDS,
    MADE_STATES,
    MAIN_KINDS,
    OPEN_STATES,
    PAYABLE_KINDS,
    RANKED_RETURN_KINDS,
    RETURN_KINDS,
    STANDING_KINDS,
    UNFINISHED_KINDS,
    AccountState,
    DocumentKind,
    Invoice,
    IssuedDocument,
    Kind,
    Line,
    Mail,
    NavState,
    PaymentKind,
    State,
    Tender,
)
from ..billing.lifecycle import Limits, Progress
from ..billing.lines import name_kept_off, sort_again
from ..billing.many import gist
from ..billing.notes import choose_language
from ..billing.owed import Age, age, to_register
from ..billing.policy import Policy, Texts, Tip
from ..billing.problem import Code, Problem
from ..billing.rebill import GONE_STATES
from ..billing.receipt_slip import best_width, sums_by_rate
from ..billing.refund import UNASKED_REASONS, check_is_sale
from ..billing.returns import part_of
from ..billing.sale import PREPAID_ROLES, Role, Sale
from ..billing.settlement import OWED, owed_on, payment_state
from ..providers import registry
from ..worker import operations
from . import salon_invoice_account  # noqa: F401 (its table: _account_of_company)
from .salon_invoice_message import MODELS

_logger = logging.getLogger(__name__)
# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

#: What screens that are open show again when it changes; a send is over in a moment.
SHOWN = ("state", "number", "nav_state", "payments", "pdf_id", "public_url")
#: The prefetch group of the columns that say what the document says.
CONTENT = "content"
#: Type of the message on the bus, and the second part of its channel's name.
BUS_MESSAGE = "salon_invoice_changed"
#: Tasks that leave the service and us with the same payments.
TELLING = ("payments", "pay", "paid", "unpay")
#: Tasks that e-mail a document: the service's, and Odoo's own.
MAILING = ("email", "own_email")
#: Addresses that a person may send one document to at once.
MOST_EMAILS = 5
#: Fields beside ``state`` that a decision of ``billing.lifecycle`` may change.
PROGRESS = (
    "next_attempt",
    "sent_at",
    "send_count",
    "claim_count",
    "failure_count",
    "empty_lookups",
    "lookup_only_reason",
    "problem_reason",
    "partner_reused",
)

#: Languages of the texts that we write, the rest of them read English.
LOCALES = {"hu": "hu_HU", "de": "de_DE"}

#: Of a service that has neither advance nor final invoices.
NO_DEPOSITS = deposit.Limits(advances=0, finals=0)

#: What is printed on documents, in their own language: ``billing.policy.Texts``.
TEXTS = {
    "receipt": _lt("Receipt: %s"),
    "paid": _lt("Paid: %s"),
    "rounding": _lt(" (rounding: %s)"),
    "kept_off": _lt("Not part of this invoice: %s"),
    "discount": _lt("Discount: %s%%"),
    "price_less": _lt("Price less %(amount)s: %(discount)s"),
    "first_invoice": _lt("First invoice of this sale: %s"),
    "settled": _lt("Invoiced before: %s"),
}
#: The same, of receipts, where they say it in other words.
RECEIPT_TEXTS = {
    "kept_off": _lt("Not part of this receipt: %s"),
    "first_invoice": _lt("First receipt of this sale: %s"),
}
#: What a kind of document is called in an e-mail: ``billing.mail.MailTemplate``.
MAIL_WORDS = {
    Kind.INVOICE: _lt("invoice"),
    Kind.PROFORMA: _lt("proforma invoice"),
    Kind.DRAFT: _lt("draft"),
    Kind.RECEIPT: _lt("receipt"),
    Kind.CORRECTION: _lt("correction"),
}
#: What a receipt's storno says that an invoice follows.
INVOICE_ASKED = _lt("The customer has asked for an invoice")
#: What a storno says of what a handwritten receipt stands in place of.
PAPER_GIVEN = _lt("A receipt was given by hand meanwhile: %s")
#: What is printed on a storno that another buyer's invoice follows.
OTHER_BUYER = _lt("Change of the buyer's data")


class SalonInvoiceDocument(models.Model):
    """One document at the service, and the call that creates it.

    * A sale has at most one row for each kind of document and generation, whatever
      clicks, workers or tills do: the database says so.
    * ``external_key`` is derived from what the row is for, so that it is the same
      however often the row is asked for, and different in every database.
    * ``sale_snapshot`` is what was sold, frozen when the document was asked for;
      ``invoice_values`` is the document built from it at the first claim;
      ``request_body`` is the bytes that are sent, frozen before the first send.  They
      are rebuilt only after a definite refusal, never after an unknown outcome, and
      dropped once it is issued: what was sent is written down with the call, and
      ``invoice_values`` renders to the same bytes.
    * ``state`` changes only in :meth:`_enter`, along the arrows of
      ``billing.lifecycle``: :meth:`_apply` writes what is decided there.
    * Document, sale, account and original are of one company. The ORM says so when a
      row is written, superuser or not, PostgreSQL says so of our own tables, and the
      lane asks once more before each call: see :meth:`_check_companies`.
    * Rows are never deleted: a skipped sale keeps its row, with the reason. After the
      years that the company keeps documents for, a row has lost who it was for, and
      keeps number, day and sums: ``salon.invoice.retention``.

    Where to start reading: the lane calls :meth:`_process` for one turn of a document;
    what is called at the service is in ``worker.operations``, what happens after an
    error, an empty look-up or a person's button is decided in ``billing.lifecycle``,
    what a refund becomes in ``billing.refund``.
    """

    _name = "salon.invoice.document"
    _description = "Salon Invoice"
    _inherit = [
        "salon.invoice.figures",
        "salon.invoice.content",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["number", "pos_reference"]

    # === FIELDS === #

    name = fields.Char(compute="_compute_name")
    # Found by the index of ``_one_per_kind``.
    order_id = fields.Many2one(
        "pos.order",
        string="Sale",
        required=True,
        ondelete="restrict",
        check_company=True,
    )
    # An order's name is unique in its session at most: a person has the slip's number.
    pos_reference = fields.Char(
        related="order_id.pos_reference",
        string="Receipt Number",
        store=True,
        precompute=True,  # as the others: written with the row, in one statement
        index="trigram",
    )
    sold_at = fields.Datetime(
        related="order_id.date_order", string="Sold At", store=True, precompute=True
    )
    company_id = fields.Many2one("res.company", required=True)
    # Its company is checked by the two constraints below, which do not read its row.
    account_id = fields.Many2one("salon.invoice.account", ondelete="restrict")
    kind = fields.Selection(
        [
            ("invoice", "Invoice"),
            ("receipt", "Receipt"),
            ("proforma", "Proforma"),
            ("draft", "Draft"),
            ("refund", "Refund"),
            ("storno", "Storno"),
            ("correction", "Correction"),
            ("remainder", "What was kept"),
        ],
        required=True,
        default="invoice",
    )
    origin_id = fields.Many2one(
        "salon.invoice.document",
        string="Original",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The document that this one cancels, corrects or continues.",
    )
    is_receipt = fields.Boolean(
        string="Receipt (Nyugta)",
        compute="_compute_is_receipt",
        store=True,
        recursive=True,
        precompute=True,
        help="A receipt, its storno, or the receipt of what was kept of it.",
    )
    follow_up_ids = fields.One2many(
        "salon.invoice.document", "origin_id", string="Follow-ups", readonly=True
    )
    # What a change of the sale's buyer leaves on the document that is to go, until that
    # is cancelled or discarded: see ``salon.invoice.rebill``.
    next_buyer_id = fields.Many2one(
        "res.partner",
        string="Next Made Out To",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Who gets the document that follows once this one is cancelled or "
        "discarded.",
    )
    next_values = fields.Json(
        readonly=True, copy=False, help="What the document that follows is made of."
    )
    replaces_id = fields.Many2one(
        "salon.invoice.document",
        string="In Place Of",
        readonly=True,
        copy=False,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The document of the same sale that was made out to another buyer.",
    )
    generation = fields.Integer(
        required=True,
        default=1,
        help="1, and one more for each deliberate re-issue after a storno.",
    )
    external_key = fields.Char(required=True, readonly=True, copy=False)

    #             claim                answer
    #   waiting ---------> sending ------------> issued ---storno---> cancelled
    #    ^  | ^               | \
    #    |  | |  NotProcessed |  \ Rejected
    #    |  | +---------------+   +----------> attention ---a person---> waiting
    #    |  v                 | OutcomeUnknown, or its worker is gone
    #   skipped               v
    #    (reason)          checking --found and equal--> issued
    #                         |     --found, different--> attention ---its storno,
    #                         |                   discarded---> cancelled, discarded
    #                         +------certainly absent---> waiting
    #   issued (a draft or a proforma) ---became an invoice---> converted
    #                                  ---deleted, archived---> discarded
    state = fields.Selection(
        [
            ("skipped", "Not invoiced"),
            ("waiting", "Waiting"),
            ("sending", "Sending"),
            ("checking", "Checking"),
            ("attention", "Needs attention"),
            ("issued", "Issued"),
            ("cancelled", "Cancelled"),
            ("converted", "Became an invoice"),
            ("discarded", "Discarded"),
        ],
        required=True,
        readonly=True,
        default="waiting",
        copy=False,
    )
    status = fields.Selection(
        selection="_status_selection",
        compute="_compute_status",
        store=True,
        precompute=True,
        help="The state as people read it: a draft or a proforma that the service has "
        "is not an invoice yet.",
    )
    skip_reason = fields.Selection(
        [
            ("no_account", "No invoicing service was connected"),
            ("incapable", "This company may not issue invoices"),
            ("manual", "Invoices are made by hand here"),
            ("cash_register", "The cash register has given its receipt"),
            ("paper", "A receipt was written by hand"),
            ("odoo", "Odoo itself invoices this sale"),
            ("zero", "Nothing was charged"),
            ("customer_account", "Put on the customer's account, not paid yet"),
            ("dropped", "Dropped by a person"),
            ("voucher", "Only vouchers were sold, which is no supply yet"),
            ("voucher_used", "Paid for with vouchers, invoiced when they were sold"),
            ("tip", "Only a tip, which is left off invoices here"),
            # Of refunds, and of what came back before it was sent.
            ("no_original", "The sale that came back has no invoice"),
            ("not_invoiced", "The sale that came back was not invoiced"),
            ("refunded", "Everything came back before it was invoiced"),
            ("already_cancelled", "The invoice of the sale is cancelled already"),
            ("discarded", "The draft or proforma of the sale has been discarded"),
            ("replaced", "The draft or proforma of the sale has been replaced"),
            ("nothing", "Nothing of what came back is on the invoice (any more)"),
        ],
        readonly=True,
        copy=False,
    )
    reason = fields.Char(readonly=True, copy=False, help="Why it is cancelled.")
    paper_number = fields.Char(
        string="Paper Receipt in Its Place",
        readonly=True,
        copy=False,
        help="A receipt was written by hand because the service did not answer: this "
        "document is not sent any more, and cancelled if the service has it.",
    )
    problem = fields.Text(readonly=True, copy=False)
    problem_reason = fields.Char(readonly=True, copy=False)
    problem_record = fields.Reference(
        selection="_problem_models",
        string="To Be Mended Here",
        readonly=True,
        copy=False,
    )
    problem_cause = fields.Char(readonly=True, copy=False)
    lookup_only_reason = fields.Char(
        readonly=True,
        copy=False,
        help="A person asked whether the service has the document. What was wrong "
        "before; nothing is sent.",
    )
    settled_by_id = fields.Many2one(
        "res.users",
        string="Settled by Hand by",
        readonly=True,
        copy=False,
        help="Who said that the document was made at the service by hand, or is not "
        "needed.",
    )

    # What the document says is read apart from the rest, and only where it is needed:
    # lists and tills show a number and a state.
    sale_snapshot = fields.Json(readonly=True, copy=False, prefetch=CONTENT)
    sale_snapshot_stale = fields.Boolean(
        readonly=True,
        copy=False,
        help="A person has had to look at it since the sale was frozen.",
    )
    buyer_choice = fields.Selection(
        [("company", "With the company's data"), ("private", "As a private person")],
        readonly=True,
        copy=False,
        help="What a person decided for a company that needed a decision.",
    )
    invoice_values = fields.Json(readonly=True, copy=False, prefetch=CONTENT)
    request_body = fields.Text(readonly=True, copy=False, prefetch=CONTENT)
    kept_off = fields.Json(
        readonly=True,
        copy=False,
        prefetch=CONTENT,
        help="What was on the sale and is not on the document: lines = document + kept "
        "off, always.",
    )
    kept_off_text = fields.Text(string="Kept Off", compute="_compute_kept_off_text")

    can_have_paper = fields.Boolean(
        compute="_compute_can_have_paper", compute_sudo=True
    )

    # Of the row itself, so that what is retried alone reads and writes nothing more.
    batch_line_id = fields.Many2one(
        "salon.invoice.batch.line",
        string="Last Chosen with Many",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="point_of_sale.group_pos_manager,account.group_account_invoice,"
        "account.group_account_readonly,base.group_system",
        help="What shows the result of a retry of many at once.",
    )
    alike_count = fields.Integer(
        compute="_compute_alike_count",
        help="Documents that stop for the same reason as this one, itself included.",
    )
    next_attempt = fields.Datetime(readonly=True, copy=False)
    sent_at = fields.Datetime(readonly=True, copy=False)
    send_count = fields.Integer(
        readonly=True,
        copy=False,
        help="How often bytes were sent that may have arrived.",
    )
    claim_count = fields.Integer(
        readonly=True,
        copy=False,
        help="How often the document was claimed to be sent; each call knows by it "
        "which claim it belongs to.",
    )
    failure_count = fields.Integer(readonly=True, copy=False)
    empty_lookups = fields.Integer(readonly=True, copy=False)
    attempt_ids = fields.One2many("salon.invoice.attempt", "document_id")

    remote_id = fields.Char(string="Id at the Service", readonly=True, copy=False)
    number = fields.Char(readonly=True, copy=False, index="trigram")
    amount_gross = fields.Monetary(string="Total", readonly=True, copy=False)
    amount_invoiced = fields.Monetary(
        string="Invoiced",
        compute="_compute_amount_invoiced",
        store=True,
        precompute=True,
        help="What counts in sums: drafts, proformas and what is still on its way do "
        "not, and an invoice and its storno make nothing.",
    )
    exchange_rate = fields.Float(
        digits=(16, 6),
        readonly=True,
        copy=False,
        help="HUF for one unit of the currency, on the day of the sale. Empty where "
        "the service fills it in.",
    )
    payments = fields.Json(
        readonly=True,
        copy=False,
        prefetch=CONTENT,
        help="The payments that we have registered.",
    )
    amount_outstanding = fields.Monetary(string="Outstanding", readonly=True)
    payment_state = fields.Selection(
        [
            ("paid", "Fully paid"),
            ("partial", "Partly paid"),
            ("outstanding", "Outstanding"),
        ],
        compute="_compute_payment_state",
        store=True,
    )
    owed_since = fields.Date(
        compute="_compute_owed",
        compute_sudo=True,
        help="Of an invoice the day that it was due; of what is on a customer's "
        "account and not invoiced, the day of the sale.",
    )
    owed_days = fields.Integer(
        string="Days",
        compute="_compute_owed",
        compute_sudo=True,
        help="Since then, today.",
    )
    owed_age = fields.Selection(
        [
            (Age.FRESH.value, "Less than 5 days"),
            (Age.AMBER.value, "5 days or more"),
            (Age.RED.value, "8 days or more"),
        ],
        string="Age",
        compute="_compute_owed",
        compute_sudo=True,
    )
    issued_at = fields.Datetime(readonly=True, copy=False)
    lead_time = fields.Float(
        string="Seconds to Issue",
        digits=(12, 3),
        readonly=True,
        copy=False,
        help="From the moment the document was asked for.",
    )
    buyer_name = fields.Char(
        string="Buyer",
        compute="_compute_buyer",
        store=True,
        recursive=True,
        precompute=True,
    )
    buyer_email = fields.Char(
        compute="_compute_buyer", store=True, recursive=True, precompute=True
    )
    partner_reused = fields.Boolean(
        readonly=True,
        copy=False,
        help="The buyer was known at the service, and was not sent again.",
    )
    public_url = fields.Char(string="Link for the Customer", readonly=True, copy=False)
    warning = fields.Char(readonly=True, copy=False)
    waits_for = fields.Char(
        string="Why It Waits",
        compute="_compute_waits_for",
        compute_sudo=True,
        help="Why a document that waits is not sent now.",
    )
    remote_snapshot = fields.Json(
        readonly=True,
        copy=False,
        prefetch=CONTENT,
        help="The document as the service described it.",
    )
    nav_state = fields.Selection(
        [
            (NavState.PENDING.value, "On its way"),
            (NavState.ACCEPTED.value, "Accepted"),
            (NavState.WARNING.value, "Accepted with a warning"),
            (NavState.REJECTED.value, "Rejected"),
            (NavState.NOT_REPORTED.value, "Need not be reported"),
            (NavState.UNKNOWN.value, "Not known"),
        ],
        string="Report to NAV",
        readonly=True,
        copy=False,
    )
    nav_detail = fields.Char(readonly=True, copy=False)
    last_synced_at = fields.Datetime(
        readonly=True, copy=False, help="When the service was last asked about it."
    )
    task_ids = fields.One2many("salon.invoice.task", "document_id", readonly=True)
    # Indexed for whoever deletes an attachment, of whatever it is: PostgreSQL looks for
    # the document that has it.
    pdf_id = fields.Many2one(
        "ir.attachment", readonly=True, copy=False, index="btree_not_null"
    )
    can_send = fields.Boolean(
        compute="_compute_can_send",
        compute_sudo=True,
        help="The service e-mails documents that are issued already.",
    )
    has_pdf = fields.Boolean(compute="_compute_has_pdf", compute_sudo=True)
    has_page = fields.Boolean(
        compute="_compute_has_pdf",
        compute_sudo=True,
        help="The service shows the document to the customer.",
    )

    anonymised_on = fields.Date(
        string="Made Nameless On",
        readonly=True,
        copy=False,
        help="The buyer, the content and the PDF were removed. Number, day and sums "
        "stay.",
    )
    retention_note = fields.Char(
        compute="_compute_retention_note",
        compute_sudo=True,
        help="What of this document is not kept any more.",
    )

    # === CONSTRAINTS === #

    _one_per_kind = models.Constraint(
        "UNIQUE (order_id, kind, generation)",
        "This sale already has that document.",
    )
    _external_key_unique = models.Constraint(
        "UNIQUE (external_key)", "The external key of a document is unique."
    )
    _one_storno = models.UniqueIndex(
        "(origin_id) WHERE kind = 'storno' AND state != 'skipped'",
        "This document is being cancelled already.",
    )
    _one_remainder = models.UniqueIndex(
        "(origin_id) WHERE kind = 'remainder'",
        "What was kept is being invoiced already.",
    )
    # What the next two refer to.  (Of ``pos_order`` there is no such constraint: that
    # table is Odoo's, and is written by each sale.)  Odoo knows a foreign key by its
    # first column and drops it unless it deletes as the field says: hence RESTRICT.
    _id_company = models.Constraint("UNIQUE (id, company_id)")
    _account_of_company = models.Constraint(
        "FOREIGN KEY (account_id, company_id) "
        "REFERENCES salon_invoice_account (id, company_id) ON DELETE RESTRICT",
        "The account belongs to another company.",
    )
    _origin_of_company = models.Constraint(
        "FOREIGN KEY (origin_id, company_id) "
        "REFERENCES salon_invoice_document (id, company_id) ON DELETE RESTRICT",
        "The original belongs to another company.",
    )
    # Without an account, no lane would ever process it.
    _open_has_account = models.Constraint(
        "CHECK (account_id IS NOT NULL OR state NOT IN "
        "('waiting', 'sending', 'checking', 'attention'))"
    )
    # Of lists: a company's, the last ones first.
    _of_company = models.Index("(company_id, id)")
    # Whether an account has documents; of readiness, the last invoice; of the daily
    # look, those of some days.
    _of_account = models.Index("(account_id, issued_at)")
    # Of the daily totals; of readiness, whether there are any.
    _receipts = models.Index("(account_id, issued_at) WHERE is_receipt")
    # Of the lane: what is due.
    _due = models.Index(
        "(account_id, next_attempt, id) WHERE state IN ('waiting', 'checking')"
    )
    # Of the lane, whose worker was lost; of lists and readiness, what is open.
    _open = models.Index(
        "(account_id, state, create_date) "
        "WHERE state IN ('waiting', 'sending', 'checking', 'attention')"
    )
    # Of lists and sums, those of a month: documents lie in the order of their time.
    _by_time = models.Index("USING brin (issued_at) WITH (pages_per_range = 32)")
    # Of the overview: what became of the sales of some days.
    _by_sale = models.Index("USING brin (sold_at) WITH (pages_per_range = 32)")
    # Of lists: what is no invoice, few of many.
    _no_invoice = models.Index(
        "(status, id) WHERE status IN ('skipped', 'discarded', 'unfinished')"
    )
    # Of readiness.
    _on_account = models.Index("(account_id) WHERE skip_reason = 'customer_account'")
    # Of what was paid in Odoo since, and of the list of what is owed.
    _owed = models.Index(
        "(account_id) WHERE payment_state IN ('partial', 'outstanding')"
    )
    # Of retention: drafts that came to nothing.
    _nameable = models.Index(
        "(id) WHERE kind IN ('draft', 'proforma') AND anonymised_on IS NULL"
    )
    # A number as it is, for a person who records one; by its beginning, for readiness
    # and where PostgreSQL has no trigrams.
    _number_beginning = models.Index(
        "(number text_pattern_ops) WHERE number IS NOT NULL"
    )
    _receipt_beginning = models.Index(
        lambda registry: ""
        if registry.has_trigram
        else "(pos_reference text_pattern_ops)"
    )

    def init(self):
        """Have PostgreSQL keep the rows short, and leave room for what follows.

        What a document says goes out of line, so that lists, sums and the updates of a
        row do not carry it; the room on each page is for these updates.
        """
        self.env.cr.execute(
            SQL(
                "ALTER TABLE %s SET (toast_tuple_target = 512, fillfactor = 85)",
                SQL.identifier(self._table),
            )
        )

    def _check_companies(self):
        """Refuse a document of several companies, whoever asks.

        Read as superuser, because records of another company are hidden. The constraint
        checks it on each write, the lane before each call: rows may have been written
        past the ORM. PostgreSQL holds it, too, but for the sale, whose table is Odoo's
        (see ``_account_of_company``).

        :raises billing.problem.Problem: for a person
        """
        for document in self.sudo():
            linked = document.order_id.company_id | document.origin_id.company_id
            if (linked | document.account_id._company()) - document.company_id:
                raise Problem(Code.SEVERAL_COMPANIES)

    def _check_companies_here(self):
        """Apply :meth:`_check_companies` to this row, in one statement.

        For the lane, which has nothing of the linked records in the cache.
        """
        self.flush_recordset(["company_id", "order_id", "account_id", "origin_id"])
        self.env.cr.execute(
            SQL(
                """
                SELECT FROM salon_invoice_document document
                  LEFT JOIN pos_order sale ON sale.id = document.order_id
                  LEFT JOIN salon_invoice_account account
                    ON account.id = document.account_id
                  LEFT JOIN salon_invoice_document origin
                    ON origin.id = document.origin_id
                 WHERE document.id = %s AND (
                       sale.company_id != document.company_id
                    OR account.company_id != document.company_id
                    OR origin.company_id != document.company_id
                 )
                """,
                self.id,
            )
        )
        if self.env.cr.rowcount:
            raise Problem(Code.SEVERAL_COMPANIES)

    @api.constrains("company_id", "order_id", "account_id", "origin_id")
    def _check_one_company(self):
        """Apply :meth:`_check_companies` to each write.

        :raises ValidationError: with a sentence that names no other company
        """
        try:
            self._check_companies()
        except Problem as problem:
            explain = self.env["salon.invoice.message"]._explain_problem
            raise ValidationError(explain(problem)) from problem

    # === COMPUTES === #

    @api.depends("number", "kind", "state", "order_id.pos_reference")
    @api.depends_context("lang")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for document in self:
            reference = document.order_id.pos_reference or document.order_id.name
            if document.state != "skipped":  # there is, or will be, such a document
                reference = f"{kinds[document.kind]} {reference}"
            document.name = document.number or reference

    @api.depends(
        "invoice_values",
        "sale_snapshot",
        "skip_reason",
        "origin_id.buyer_name",
        "origin_id.buyer_email",
    )
    def _compute_buyer(self):
        for document in self:
            original, content = document.origin_id, document.invoice_values
            # Who bought, as the sale was frozen, until the document is built.
            known = (
                content or (not original.buyer_name and document.sale_snapshot) or {}
            )
            buyer = known.get("buyer")
            if buyer:
                document.buyer_name = buyer["name"]
            else:
                document.buyer_name = (
                    original.buyer_name
                    or (bool(known) and document.company_id.salon_walk_in_name)
                    or document._debtor_name()
                )
            document.buyer_email = (
                ", ".join(buyer.get("emails", ())) if buyer else original.buyer_email
            )

    def _debtor_name(self):
        """Return who has put this sale on account, of which nothing is frozen yet."""
        if self.skip_reason != Reason.ACCOUNT:
            return False
        debtor = self.order_id._salon_billed_partner()
        company = debtor.commercial_partner_id
        return company.name if company.is_company else debtor.name

    def _status_selection(self):
        states = list(self._fields["state"]._description_selection(self.env))
        issued = [state for state, _label in states].index("issued")
        states.insert(issued, ("unfinished", self.env._("Not an Invoice Yet")))
        return states

    @api.depends("state", "kind")
    def _compute_status(self):
        for document in self:
            unfinished = document.kind in UNFINISHED_KINDS
            document.status = (
                "unfinished"
                if unfinished and document.state == "issued"
                else document.state
            )

    @api.depends("kind", "origin_id.is_receipt")
    def _compute_is_receipt(self):
        for document in self:
            follows = document.kind in RETURN_KINDS and document.origin_id
            document.is_receipt = (
                follows.is_receipt if follows else document.kind == DocumentKind.RECEIPT
            )

    @api.depends("state", "problem", "problem_reason", "problem_record", "account_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_alike_count(self):
        for document in self:
            document.alike_count = len(document._alike())

    def _alike(self):
        """Return the documents that stop for the same reason as this one.

        That is the record in which it is mended, or else what is said of it.
        """
        self.ensure_one()
        stopped = [
            ("state", "=", "attention"),
            ("account_id", "=", self.account_id.id),
            ("company_id", "in", self.env.companies.ids),
        ]
        if self.state != State.ATTENTION or not self.account_id:
            return self.browse()
        if place := self.sudo().problem_record:
            named = f"{place._name},{place.id}"
            return self.search([*stopped, ("problem_record", "=", named)])
        same = [("problem_record", "=", False)]
        same += [("problem_reason", "=", self.problem_reason)]
        said = gist(self.problem)
        found = self.search([*stopped, *same])
        return found.filtered(lambda row: gist(row.problem) == said)

    @api.depends("state", "kind", "amount_gross")
    def _compute_amount_invoiced(self):
        for document in self:
            exists = document.state in EXISTING_STATES
            counts = exists and document.kind in LASTING_KINDS
            document.amount_invoiced = document.amount_gross if counts else 0

    @api.depends("kept_off", "currency_id")
    @api.depends_context("lang")
    def _compute_kept_off_text(self):
        for document in self:
            document.kept_off_text = "\n".join(
                f"{line['name']}: {document._format_amount(line['amount'])}"
                for line in document.kept_off or ()
            )

    @api.depends("state", "paper_number", "next_values")
    @api.depends_context("uid")
    def _compute_can_have_paper(self):
        for document in self:
            sale = document._origin.order_id
            document.can_have_paper = sale.salon_can_have_paper

    @api.depends("state", "problem", "account_id.delay")
    @api.depends_context("lang")
    def _compute_waits_for(self):
        for document in self:
            waits = document.state in LANE_STATES
            why = document.account_id.delay or document.problem
            document.waits_for = waits and why

    @api.depends("state", "kind", "is_receipt", "amount_gross", "amount_outstanding")
    def _compute_payment_state(self):
        for document in self:
            if not document._is_payable():
                document.payment_state = False
                continue
            owed = document.amount_outstanding
            if document.currency_id.is_zero(owed):
                owed = 0
            document.payment_state = payment_state(owed, document.amount_gross)

    @api.depends("state", "skip_reason", "payment_state", "sold_at", "invoice_values")
    def _compute_owed(self):
        today = self._today()
        for document in self:
            since = document._owed_since()
            document.owed_since = since
            document.owed_days = since and (today - since).days
            document.owed_age = since and age(since, today).value

    def _owed_since(self):
        """Return the day since which something is owed, False if nothing is.

        What came back as a whole is not owed.
        """
        if self.payment_state in OWED and (invoice := self._invoice()):
            return invoice.due_date
        if self.state == State.SKIPPED and self.skip_reason == Reason.ACCOUNT:
            return self.order_id._salon_is_kept() and self.order_id._salon_day()
        return False

    @api.depends("account_id.provider", "is_receipt")
    def _compute_can_send(self):
        for document in self:
            if not document.account_id:
                document.can_send = False
                continue
            can = document.account_id._capabilities()
            receipt = document.is_receipt
            document.can_send = can.sends_receipts if receipt else can.sends

    @api.depends("anonymised_on", "attempt_ids.removed_at")
    @api.depends_context("lang")
    def _compute_retention_note(self):
        note = self.env["salon.invoice.retention"]._note
        for document in self:
            document.retention_note = note(document)

    @api.depends(
        "state",
        "kind",
        "is_receipt",
        "remote_id",
        "pdf_id",
        "public_url",
        "account_id",
        "anonymised_on",
    )
    def _compute_has_pdf(self):
        for document in self:
            account = document.account_id
            # What is not here is fetched when it is opened.
            is_there = (
                bool(account and document.remote_id)
                and document.state in EXISTING_STATES
                and document.kind != "draft"
                # What was removed here is not fetched again.
                and not document.anonymised_on
            )
            shows = is_there and document._has_link()
            document.has_pdf = bool(document.pdf_id) or is_there
            document.has_page = bool(document.public_url or shows)

    def _has_link(self):
        """Return True if the service shows documents of this kind to the customer."""
        can = self.account_id._capabilities()
        return can.links_receipts if self.is_receipt else can.public_url

    @api.model
    def _problem_models(self):
        models = self.env["ir.model"].sudo()
        return [
            (model.model, model.name)
            for model in models.search([("model", "in", sorted(MODELS.values()))])
        ]

    # === CREATION === #

    @api.model
    def _make_external_key(self, order, kind, generation):
        """Return our id for a document: 26 characters A-Z and 2-7.

        The database's uuid is in it, so that a copy of the database never meets the
        documents of the original.
        """
        database = self.env["salon.invoice.account"]._database_here()
        text = f"{database}/{order.uuid}/{kind}/{generation}"
        digest = hashlib.sha256(text.encode()).digest()
        return base64.b32encode(digest).decode()[:26]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            order = self.env["pos.order"].browse(vals["order_id"])
            vals.setdefault("company_id", order.company_id.id)
            vals.setdefault("currency_id", order.currency_id.id)
            vals.setdefault("shop_id", order.config_id.id)
            # What is known of it before it is built; a refund may become anything.
            if vals.get("kind", "invoice") not in AMENDING_KINDS:
                total = (vals.get("sale_snapshot") or {}).get(
                    "total", order.amount_total
                )
                vals.setdefault("amount_gross", float(total))
            vals["external_key"] = self._make_external_key(
                order, vals.get("kind", "invoice"), vals.get("generation", 1)
            )
        # The creation is no news in the chatter, and screens are notified once it is
        # issued: paying writes no more than it must.
        return super(
            SalonInvoiceDocument, self.with_context(tracking_disable=True)
        ).create(vals_list)

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") != "sending" and any(name in vals for name in SHOWN):
            self._notify_screens()
            if "state" in vals:
                self.order_id._salon_notify_tills()
        return result

    def _notify_screens(self):
        """Have the screens that show these documents read them again, once committed.

        Only ids travel, to the users of the documents' company who may read them:
        ``ir.websocket`` decides who they are.
        """
        for company, documents in self.grouped("company_id").items():
            self.env["bus.bus"]._sendone(
                (company, BUS_MESSAGE),
                BUS_MESSAGE,
                {"documents": documents.ids, "orders": documents.order_id.ids},
            )

    @api.model
    def _notify_plain(self, due, tokens):
        """Notify screens and tills as :meth:`write` does, without reading anything.

        :param worker.protocol.Due due: the document
        :param tokens: of the tills that hear of its sale
        """
        self.env["bus.bus"]._sendone(
            (self.env["res.company"].browse(due.company_id), BUS_MESSAGE),
            BUS_MESSAGE,
            {"documents": [due.id], "orders": [due.order_id]},
        )
        self.env["pos.order"].browse(due.order_id)._salon_notify_tokens(tokens)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The record of an invoice is never deleted."))

    @api.model
    def _search(self, domain, *args, **kwargs):
        # A part of a number can be found by an index of trigrams only.
        if not self.env.registry.has_trigram:
            domain = Domain(domain).map_conditions(_by_beginning)
        return super()._search(domain, *args, **kwargs)

    @api.model
    def _search_display_name(self, operator, value):
        domain = Domain(super()._search_display_name(operator, value))
        if not self.env.registry.has_trigram:
            domain = domain.map_conditions(_by_beginning)
        return domain

    # === STATE === #

    def _progress(self):
        """Return how far the document is, a ``billing.lifecycle.Progress``."""
        self.ensure_one()
        origin_kind = self.origin_id.kind
        return Progress(
            state=State(self.state),
            kind=DocumentKind(self.kind),
            origin_kind=DocumentKind(origin_kind) if origin_kind else None,
            created_at=self.create_date,
            sold_at=self.sold_at or None,
            next_attempt=self.next_attempt or None,
            sent_at=self.sent_at or None,
            send_count=self.send_count,
            claim_count=self.claim_count,
            failure_count=self.failure_count,
            empty_lookups=self.empty_lookups,
            lookup_only_reason=self.lookup_only_reason or "",
            problem_reason=self.problem_reason or "",
            has_request=bool(self.request_body),
            has_remote_id=bool(self.remote_id),
            partner_reused=self.partner_reused,
        )

    def _progress_values(self, progress):
        """Return the values, beside ``state``, that make the row ``progress``."""
        before = self._progress()
        changed = [
            name
            for name in PROGRESS
            if getattr(progress, name) != getattr(before, name)
        ]
        values = {name: getattr(progress, name) or False for name in changed}
        if before.has_request and not progress.has_request:
            values.update(invoice_values=False, request_body=False)
        return values

    def _limits(self):
        """Return the ``billing.lifecycle.Limits`` of the document's account."""
        parameter = self.account_id._parameter
        return Limits(
            timeout=parameter("timeout"), absence_margin=parameter("absence_margin")
        )

    def _apply(self, change, **values):
        """Write what has been decided about the document, and show it to a person.

        :param billing.lifecycle.Change change: the decision
        :param values: of the row, to be written with it
        """
        if self.paper_number:
            change = paper.overrule(change, self._now())
            if change.progress.state is State.SKIPPED:
                values = {"skip_reason": paper.SKIP_REASON, **values}
        if change.made:
            self._keep_remote_copy(change.made)
        problem, progress = change.problem, change.progress
        values = {**self._progress_values(progress), **values}
        if not change.moves:
            self.write(values)
        elif progress.state is State.ATTENTION:
            self._enter(State.ATTENTION, problem=self._explain(problem), **values)
            self._link_problem_record(problem)
            self._notify_problem()
        else:
            shown = self._explain(problem) if problem else False
            self._enter(progress.state, **{"problem": shown, **values})
        if change.forgets_partner:
            self._forget_partner()

    def _transition(self, state, **values):
        """Move to ``state`` as a fact demands: issued, cancelled, converted, discarded.

        :raises ValueError: if the state diagram has no such arrow
        """
        for document in self:
            progress = lifecycle.enter(document._progress(), state)
            implied = document._progress_values(progress)
            document._enter(progress.state, **{**implied, **values})

    def _enter(self, state, **values):
        """Write ``state``, with what follows from it; the arrow has been checked.

        This is the only place in which a state changes.
        """
        if state in DUE_STATES and self.state == State.SKIPPED:
            # Odoo may be invoicing this sale just now: only one of us can commit.
            self.order_id._salon_lock_row()
        if state is State.ATTENTION:
            blank = {"problem_record": False, "problem_cause": False}
            values = {**blank, "sale_snapshot_stale": True, **values}
        else:
            values = {"problem": False, **values}
        self.write({**values, "state": state.value})
        shown = self.sudo().batch_line_id
        if shown and state not in LANE_STATES:
            shown._follow()
        if state not in OPEN_STATES:
            self._on_settled()

    def _on_settled(self):
        """Update the other documents of the sale, now that this one is settled.

        First the original that a storno has cancelled, then those that wait.
        """
        if (self.kind, self.state) == ("storno", "issued"):
            self._cancel_original()
        elif (self.kind, self.state) == ("storno", "skipped"):
            self._drop_remainder()
            self.origin_id._keep_buyer()
        if self.state in GONE_STATES:
            self._create_for_next_buyer()
        else:
            self._keep_buyer()
        self._wake_waiting()

    def _cancel_original(self):
        """Move the original of this storno to ``cancelled``."""
        original = self.origin_id
        if original.state != "issued" and not original._differs_at_service():
            return
        attended = original.state == "attention"
        original._transition("cancelled", reason=self.reason)
        if attended:  # activities on an issued document are for a person to close
            original._end_attention()
        original._message_log(
            body=self.env._(
                "Cancelled by %(storno)s: %(reason)s",
                storno=self.number or "",
                reason=self.reason or "-",
            )
        )

    def _drop_remainder(self):
        """Skip the invoice of what was kept: nothing is cancelled.

        Now: if the refund is asked for again, each of the two would wait for the other.
        """
        for document in self.follow_up_ids:
            if document.kind == "remainder" and lifecycle.is_unsent(
                document._progress()
            ):
                document._skip("dropped")

    def _wake_waiting(self):
        """Make the documents due that wait for this one, and wake their lanes."""
        # Flush now: search() would otherwise flush only some fields, in a second
        # UPDATE.
        self.env.flush_all()
        now = self._now()
        # Of this sale and what uses it only: after an outage thousands wait.
        orders = self.order_id._salon_family()
        if self._sells_prepaid() or self.kind not in MAIN_KINDS:
            # A storno, too, decides what stands for a deposit that is waited for.
            orders |= orders.lines.salon_settled_by_ids.order_id
        waiting = self.search(
            [
                ("order_id", "in", orders.ids),
                ("state", "=", "waiting"),
                ("next_attempt", ">", now),
                ("problem", "!=", False),
            ]
        )
        if not waiting:
            return
        waiting.write({"next_attempt": now})
        waiting.account_id._wake()

    def _need_attention(self, message, reason):
        """Leave the documents to a person.

        :param str message: what is wrong and what to do, in the person's language
        :param str reason: a word of ``billing.errors.Reason`` or ``billing.lifecycle``
        """
        self._transition("attention", problem=message, problem_reason=reason)
        self._notify_problem()

    def _notify_problem(self):
        """Show the problem in the chatter: one message and one activity for each.

        The same problem again, after a retry, is not posted twice.
        """
        for document in self:
            message = document.problem
            last = document.message_ids[:1].body or ""
            if html2plaintext(last).split() != message.split():
                document.message_post(body=message)
            if not document.activity_ids:
                document.account_id._notify_recipients(
                    document, self.env._("Invoice needs attention"), message
                )

    def _explain(self, error):
        """Return what a person reads of an error of the service or a ``Problem``."""
        return self.account_id._explain(error)

    def _link_problem_record(self, problem):
        """Link the record in which a ``billing.problem.Problem`` is solved."""
        if not isinstance(problem, Problem):
            return
        messages = self.env["salon.invoice.message"]
        record = problem.where and messages._record(problem.where, self.order_id)
        self.write(
            {
                "problem_record": f"{record._name},{record.id}" if record else False,
                "problem_cause": messages._cause(problem) or False,
            }
        )

    def _end_attention(self):
        self.activity_unlink(["mail.mail_activity_data_warning"])
        self.account_id._wake()

    def _skip(self, reason):
        """Skip the document, which is not needed; return False: nothing is sent.

        :param str reason: a value of ``skip_reason``
        """
        self._apply(lifecycle.skip(self._progress()), skip_reason=reason)
        return False

    def _need_attention_disconnected(self):
        self._need_attention(
            self.env._(
                "%s has been disconnected. Connect it again, or make the document at "
                "the service and record its number here.",
                self.account_id.name,
            ),
            "disconnected",
        )

    def _put_off(self, code, document):
        """Put the document off until ``document`` is settled; return False.

        :param billing.problem.Code code: what it waits for
        :param str document: the name of the other one
        """
        problem = Problem(code, document=document)
        self._apply(lifecycle.put_off(self._progress(), problem, self._now()))
        return False

    def _rank(self):
        """Return a sort key: the last document of an order represents it.

        What was sold counts more than what came back: a cancelled sale shows its
        invoice, which is cancelled, and a refund shows what reversed it.
        """
        if self.kind in RETURN_KINDS:
            weight = RANKED_RETURN_KINDS.index(self.kind)
            return (0, weight, self.generation, self.id)
        return (1, self.generation, self.kind == "invoice", self.id)

    @api.model
    def _now(self):
        """Return the time in UTC with its microseconds, which Datetime.now() drops."""
        return datetime.now(timezone.utc).replace(tzinfo=None)

    def _today(self):
        """Return today's date in Hungary, which is what a document is issued on."""
        return day_of(self._now())

    def _issue_day(self, issued, now):
        """Return the date of a document that is recorded as issued.

        :param billing.invoice.IssuedDocument issued: from the service, None if unknown
        :param datetime now: UTC; counts where the service does not tell the date
        """
        if issued and issued.issue_date:
            return issued.issue_date
        return day_of(now)

    def _issued_on(self):
        """Return the day in Hungary on which it was issued, for people to read."""
        if not self.issued_at:
            return ""
        return format_date(self.env, day_of(self.issued_at))

    def _invoice(self):
        """Return the frozen ``billing.invoice.Invoice``, None before it is built."""
        self.ensure_one()
        return from_json(Invoice, self.invoice_values) if self.invoice_values else None

    def _issued(self):
        """Return the ``billing.invoice.IssuedDocument`` as last seen, or None."""
        self.ensure_one()
        return (
            from_json(IssuedDocument, self.remote_snapshot)
            if self.remote_snapshot
            else None
        )

    def _has_remote_copy(self):
        """Return True if the service can be asked about the document.

        Not if a person has only recorded its number.
        """
        self.ensure_one()
        return bool(self.remote_snapshot)

    def _keep_remote_copy(self, made):
        """Keep the document as the service has described it.

        With it the document can be opened, read again, cancelled or discarded.

        :param billing.invoice.IssuedDocument made: from the service
        """
        values = self._reported_figure_values(made)
        self.write(
            {
                "remote_id": made.id,
                "number": made.number,
                "public_url": made.public_url,
                "remote_snapshot": to_json(made),
                **values,
                **self._dates(made, self._now(), values),
            }
        )

    def _forget_remote_copy(self):
        """Forget the remote copy: it is not at the service any more."""
        names = ("remote_id", "number", "public_url", "remote_snapshot")
        names += ("issue_date", "vat_date")
        self.write({**dict.fromkeys(names, False), **columns.BLANK})

    def _differs_at_service(self):
        """Return True if the service has made another document than was meant."""
        return (
            self.state == "attention"
            and self.problem_reason == "different"
            and self._has_remote_copy()
        )

    def _exists_at_service(self, kinds):
        """Return True if the service has a document of ``kinds`` for this row.

        :param kinds: of ``DocumentKind``; what is different there counts as what it is
        """
        if self._differs_at_service():
            return self._issued().kind.value in kinds
        return self.state == "issued" and self.kind in kinds

    # === A TURN IN THE LANE === #

    def _read_whole(self):
        """Read these documents and what they say, in one statement, for their turn."""
        self.fetch(
            [
                name
                for name, field in self._fields.items()
                if field.store and field.column_type
            ]
        )

    def _process(self, service):
        """Send the document, or look up what became of it.  Called by its lane only.

        A turn that sends takes the arrow to ``sending``, commits, and takes another.

        :param worker.service.Service service: of the document's account
        """
        self.ensure_one()
        self._read_whole()
        try:
            self._check_companies()
            if self.state == "checking":
                operations.of(self, service).look_up()
            elif operations.of(self, service).ready():
                # Chosen again: a refund has become a storno or a correction.
                operations.of(self, service).send()
        except errors.ProviderError as error:
            self._on_error(error)

    def _is_due_in(self, account):
        """Return True if it is (still) the turn of the document in this lane."""
        return self.account_id == account and lifecycle.is_due(
            self._progress(), self._now()
        )

    def _is_sale_ready(self):
        """Skip a sale without anything to bill; return True if it is to be sent."""
        check_is_sale((self.sale_snapshot or {}).get("lines", ()))
        if self._drop_refunded():
            return False
        self._reconsider_refunds(UNASKED_REASONS)
        if self._has_nothing_to_bill():
            sale_snapshot = self.order_id._salon_new_snapshot()
            self.kept_off = self.order_id._salon_left_off(sale_snapshot, self._tip())
            return self._skip(self.order_id._salon_empty_reason(self._tip()))
        if self._is_replaced_by_typed_number():
            return False
        self._check_receipt_is_enough()
        return True

    def _check_receipt_is_enough(self):
        """Make an invoice of a receipt that is not lawful any more.

        A person may have corrected the sale or its customer since it was chosen.
        """
        if self.kind == DocumentKind.RECEIPT and self._is_open_to_change():
            kind = self.order_id._salon_kind_again(self.kind)
            if changed := self._as_kind(kind):
                self.write(changed)

    def _is_open_to_change(self):
        """Return True if a person has looked at a document that was never built."""
        return bool(self.sale_snapshot_stale and not self.request_body)

    def _has_nothing_to_bill(self):
        """Return True if nothing is left to bill of a document that was never sent.

        Known since a person has looked at it, or since the document of a voucher's sale
        is there that it waited for.
        """
        uses = self._is_voucher_used() and not self.request_body
        return bool(
            (uses or self._is_open_to_change())
            and self.kind in MAIN_KINDS
            and not self.origin_id
            and self.order_id._salon_empty_reason(self._tip())
        )

    def _claim(self):
        """Move to ``sending``; to be committed before the call."""
        self._apply(lifecycle.claim(self._progress(), self._now()))

    def _look_up_now(self):
        """Move to ``checking``: the service has a document that was not sent."""
        self._apply(lifecycle.look_up_now(self._progress(), self._now()))

    def _freeze(self, invoice, request):
        """Write the content, and the request that is sent.

        :param billing.invoice.Invoice invoice: the content
        :param bytes request: its rendering
        """
        self.write(
            {
                "invoice_values": to_json(invoice),
                "request_body": request.decode(),
                "amount_gross": float(invoice.gross),
                "exchange_rate": float(invoice.exchange_rate or 0),
                "kept_off": to_json(self._kept_off(invoice)) or False,
            }
        )

    def _kept_off(self, invoice):
        """Return what is on the sale and not on ``invoice``, ``lines.KeptOff`` s.

        A correction has none: what was kept off of its original stays so.
        """
        if invoice.kind is Kind.CORRECTION:
            return ()
        return name_kept_off(sort_again(self._sale().lines, invoice.lines)[1])

    def _must_build(self):
        """Return True if the request is to be built before it is sent."""
        invoice = self._invoice()
        due_date = invoice and invoice.due_date
        return lifecycle.must_build(self._progress(), due_date, self._today())

    def _must_look_up_first(self):
        """Return True if the service may have the document before it is sent."""
        return lifecycle.must_look_up_first(self._progress(), self._now())

    def _format_differences(self, different):
        """Return (what, ours, theirs) in a person's words: see ``billing.compare``."""
        labels = {
            "kind": self.env._("Kind"),
            "gross": self.env._("Total"),
            "currency": self.env._("Currency"),
            "cancelled": self.env._("Cancelled"),
            "order_number": self.env._("Order number"),
            "exchange_rate": self.env._("Exchange rate"),
            "net": self.env._("Net"),
            "buyer_name": self.env._("Buyer"),
            "comment": self.env._("Comment"),
            "fulfillment_date": self.env._("Date of fulfilment"),
            "due_date": self.env._("Due date"),
        }
        kinds = dict(self._fields["kind"]._description_selection(self.env))

        def word(what, value):
            if isinstance(value, bool):
                return self.env._("yes") if value else self.env._("no")
            if what in ("gross", "net"):
                return self._format_amount(value)
            if isinstance(value, date):
                return format_date(self.env, value)
            return kinds.get(value, value) if what == "kind" else value

        return ", ".join(
            self.env._(
                "%(what)s: %(theirs)s instead of %(ours)s",
                what=labels[what],
                theirs=word(what, theirs),
                ours=word(what, ours),
            )
            for what, ours, theirs in different
        )

    def _format_amount(self, amount):
        """Return an amount in the document's currency as a person reads it.

        An amount with a fraction of the currency's unit is shown to its last digit.
        """
        exact = Decimal(str(amount))
        if exact != round(exact, self.currency_id.decimal_places):
            return f"{exact:f} {self.currency_id.symbol}"
        return format_amount(self.env, float(exact), self.currency_id)

    def _on_different(self, made, differences, capabilities, answered):
        """Leave to a person what the service has in place of what was meant.

        :param billing.invoice.IssuedDocument made: what it has
        :param differences: tuples of what, ours and theirs
        :param providers.base.Capabilities capabilities: of the service
        :param bool answered: it is the answer of our call; False: it was looked up
        """
        described = self._format_differences(differences)
        self._apply(
            lifecycle.after_difference(
                self._progress(), made, described, answered=answered
            )
        )
        if not self.task_ids:
            link = follow_up.has_link(made, capabilities) and not made.public_url
            # A person has to look at it: not in the night.
            for kind in ("link", "pdf") if link else ("pdf",):
                self._plan_task(kind)

    def _on_issued(self, issued, capabilities, pdf=b""):
        """Record what was issued, and plan what follows from it.

        :param billing.invoice.IssuedDocument issued: from the service
        :param providers.base.Capabilities capabilities: of the service
        :param bytes pdf: of the document, if it came with the answer
        """
        meant = self._invoice()
        values = self._issued_values(issued, meant)
        kinds = self._task_kinds(capabilities, issued, meant)
        if pdf and "pdf" in kinds and (kept := self._keep_pdf(pdf, issued.number)):
            values["pdf_id"] = kept.id
            kinds.remove("pdf")
        self._transition("issued", **values)
        night = self.account_id._next_night()
        self._create_tasks(follow_up.planned(kinds, self._now(), night))
        if self.paper_number:
            self._cancel_for_paper()

    def _keep_pdf(self, content, number):
        """Return the attachment of a PDF that came along, None if it cannot be kept.

        It is fetched later then: nothing may stop the record of what was issued.
        """
        try:
            with self.env.cr.savepoint():
                return self._create_pdf(content, number)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("The PDF of %s cannot be kept; it is fetched later", self)
            return None

    def _issued_values(self, issued, meant):
        """Return the values that record that ``issued`` is this document.

        :param billing.invoice.IssuedDocument issued: from the service
        :param billing.invoice.Invoice meant: the frozen content, None for a storno
        """
        self.ensure_one()
        now = self._now()
        figures = self._figure_values(issued)
        if self.kind in UNFINISHED_KINDS:  # not in sums
            figures.update(amount_net=None, amount_tax=None)
        values = {
            "remote_id": issued.id,
            "number": issued.number,
            "amount_gross": float(issued.gross),
            "public_url": issued.public_url,
            "warning": self._make_warning(issued, meant),
            "remote_snapshot": to_json(issued),
            **figures,
            **self._dates(issued, now, figures),
            "request_body": False,  # the evidence of the call has it
            "issued_at": now,
            "lead_time": (now - self.create_date).total_seconds(),
            "next_attempt": False,
        }
        if issued.exchange_rate:
            values["exchange_rate"] = float(issued.exchange_rate)
        if self.kind in STANDING_KINDS and meant:
            values["payments"] = to_json(meant.tenders if meant.paid else ())
            values["amount_outstanding"] = float(owed_on(issued, meant))
        return values

    def _make_warning(self, issued, meant):
        """Return what a person should know of what was issued."""
        warning = issued.warning
        if meant and issued.gross != meant.gross:
            warning = self.env._(
                "The service issued %(theirs)s instead of %(ours)s.",
                theirs=self._format_amount(issued.gross),
                ours=self._format_amount(meant.gross),
            )
        account = self.account_id
        if of_kind := account._warn_of_kind(account.provider, self.kind):
            warning = " ".join(filter(None, (warning, of_kind)))
        return warning

    # === UNKNOWN OUTCOMES === #

    def _on_absent(self, proves_absence):
        """Decide what it means that the service does not know the document.

        :param bool proves_absence: the service finds every document that it has
        """
        decide = paper.after_absence if self.paper_number else lifecycle.after_absence
        self._apply(
            decide(self._progress(), self._now(), self._limits(), proves_absence)
        )

    def _process_lost(self, service):
        """Process a document whose worker was killed while it was ``sending``.

        Called by its lane, before all else.  The answer may have been written down
        already: then it counts, and the service need not be asked.  Else the document
        goes to ``checking``.
        """
        self.ensure_one()
        self._read_whole()
        try:
            with self.env.cr.savepoint():
                answer = self._read_answer_of_lost_worker()
                if isinstance(answer, errors.ProviderError):
                    self._on_error(answer)
                elif answer:
                    operations.of(self, service).take_answer(answer)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("The written answer of %s cannot be taken up", self)
            self.invalidate_recordset()
        if self.state == "sending":
            self._apply(lifecycle.after_unknown_outcome(self._progress(), self._now()))

    def _read_answer_of_lost_worker(self):
        """Return what the last send was answered, as it was committed, or None.

        :return: ``billing.invoice.IssuedDocument`` or ``billing.errors``
        """
        # The first call after the claim is the one that creates the document.
        attempt = self.env["salon.invoice.attempt"].search(
            [("document_id", "=", self.id), ("claim", "=", self.claim_count)],
            order="id",
            limit=1,
        )
        if not attempt or not self.claim_count:
            return None
        made = from_json(IssuedDocument, attempt.result) if attempt.result else None
        if attempt.outcome == "done":
            return made
        return getattr(errors, attempt.outcome)(
            attempt.message or "",
            reason=errors.Reason(attempt.reason),
            code=attempt.code or "",
            **({"document": made} if made else {}),
        )

    # === ERRORS === #

    def _on_error(self, error):
        """Decide by the class of ``error`` what happens next.

        :param billing.errors.ProviderError error: of the service, or a ``Problem``
        """
        change = lifecycle.after_error(
            self._progress(),
            error,
            self._now(),
            self._limits(),
            jitter=random.uniform(1.0, 1.3),
            not_before=self.account_id.backoff_until or None,
        )
        self._apply(change)
        if change.pauses_account:
            self.account_id._pause(error)

    def _on_crash(self):
        """Show the crash to a person, so that the lane goes on with the next."""
        if change := lifecycle.after_crash(self._progress(), self._now()):
            self._apply(change)

    def _forget_partner(self):
        """Have the buyer sent to the service again, which may have deleted it."""
        known = self.env["salon.invoice.partner"]._known(
            self.account_id, self._billed_partner()
        )
        known.synced = False

    # === A PAPER RECEIPT IN ITS PLACE === #
    # What it means is decided in ``billing.paper``, which :meth:`_apply` asks about
    # whatever is decided otherwise; ``salon.invoice.paper`` records the number.

    def _replace_by_paper(self, number):
        """Have a receipt that was written by hand stand in place of this document."""
        self.write({"paper_number": number})
        if self.state == State.SKIPPED and not self.sent_at:
            self.skip_reason = paper.SKIP_REASON  # whatever it was before
        attended = self.state == State.ATTENTION
        step = paper.press(self._progress(), self._now())
        if step.change:
            self._apply(step.change)
            if attended:
                self._end_attention()
        if step.storno:
            self._check_can_cancel()
            self._check_unused()
            self._cancel_for_paper()
        self.account_id._wake()

    def _is_replaced_by_typed_number(self):
        """Skip what a paper receipt stands in place of; return True if one does.

        Its number came with the payment, whose hook has failed before anything was
        decided. So it is decided here, before the document is ever sent: as the hook
        would have, and by the sale as it is now. Where nothing but an invoice is
        enough, the paper receipt is struck.
        """
        order = self.order_id
        number = order.salon_paper_number
        if not number or self.paper_number or self.kind not in MAIN_KINDS:
            return False
        if not order._salon_is_on_paper():
            self._strike_paper()
            return False
        self._refresh_sale_snapshot()  # the salon reports it by the day and the rate
        self._replace_by_paper(number)
        return True

    def _cancel_for_paper(self):
        """Have this document, which the service has, cancelled: once."""
        if self._is_being_cancelled():
            return
        locale = LOCALES.get(self._invoice().language, "en_US")
        storno = self._add_storno(PAPER_GIVEN._translate(locale) % self.paper_number)
        if self.account_id.state in KEYLESS_STATES:
            storno._need_attention_disconnected()

    def _strike_paper(self):
        """Stand in place of the paper receipt of this sale, which is void from now.

        It is struck by hand: a person reads on the document that this one counts.
        """
        order = self.order_id
        number = order.salon_paper_number
        if not number:
            return
        order._salon_write_protected({"salon_paper_number": False})
        self.paper_number = False
        self._message_log(
            body=self.env._(
                "Strike the paper receipt %(number)s, and keep it with its copy: this "
                "document takes its place.",
                number=number,
            )
        )

    # === CONTENT === #
    # What a document says is decided in ``billing.build``, from two values: the sale as
    # it was frozen, and the policy as the settings are now.

    def _refresh_sale_snapshot(self):
        """Freeze the sale, again if a person may have corrected it.

        A snapshot stays frozen until a document has been refused; what was mended since
        (the customer's data, a product's role) would otherwise never get on it.
        """
        if not self.sale_snapshot or (self.sale_snapshot_stale and not self.origin_id):
            counted = (self.sale_snapshot or {}).get("refunds", ())
            sale_snapshot = self._current_snapshot(self.order_id.browse(counted))
            self.write({"sale_snapshot": sale_snapshot, "sale_snapshot_stale": False})

    def _make_invoice(self, policy):
        """Return the ``billing.invoice.Invoice`` of this row.

        :param policy: what :meth:`_policy` returns
        :raises billing.problem.Problem: a person must change something first
        """
        if self.kind == "correction":
            invoice = self._make_correction(policy)
        elif self.kind == "remainder":
            invoice = self._make_remainder(policy)
        else:
            invoice = self._make_invoice_of_sale(policy)
        return self._prepare_invoice(invoice)

    def _make_invoice_of_sale(self, policy):
        """Return the ``billing.invoice.Invoice`` of what was sold."""
        if self._says_what_it_replaces():
            return self._make_replacement(policy)
        invoice = build(
            self._sale(),
            policy,
            self.external_key,
            kind=Kind(self.kind),
            today=self._today(),
            choice=self.buyer_choice or None,
            prepaid=self._prepaid(),
            limits=self.account_id._capabilities().deposits or NO_DEPOSITS,
        )
        return self._as_reviewed(invoice) if self._is_conversion() else invoice

    def _sale(self):
        """Return the frozen ``billing.sale.Sale`` of this row."""
        return Sale.from_snapshot(self.sale_snapshot)

    def _prepaid(self):
        """Return what is known of what this sale uses, ``{till line: Prepaid}``."""
        return self.order_id._salon_prepaid(self._sale().lines, self.id)

    def _has_role(self, roles):
        """Return True if a line of the frozen sale has one of ``roles``."""
        entries = (self.sale_snapshot or {}).get("lines", ())
        return any(entry.get("role") in roles for entry in entries)

    def _sells_prepaid(self):
        """Return True if a voucher or a deposit was sold, which other sales use."""
        return self._has_role(PREPAID_ROLES)

    def _is_voucher_used(self):
        return self._has_role({Role.REDEEMED})

    def _names_advance(self, numbers):
        """Return True if this is, or may become, a final invoice of one of ``numbers``.

        :param numbers: of advance invoices
        """
        progress = self._progress()
        lost = self.state in OPEN_STATES and not lifecycle.is_unsent(progress)
        invoice = (lost or self.state in MADE_STATES) and self._invoice()
        named = invoice.advances if invoice else ()
        return any(advance.number in numbers for advance in named)

    def _named_by(self):
        """Return the final invoices that name this one, which has to stand for them."""
        if not self._has_role({Role.DEPOSIT}):
            return self.browse()
        return self.order_id.lines._salon_finals()

    def _used_lines(self):
        """Return the till's lines on this document that other sales have taken off."""
        lines = self.order_id.lines
        if not self._sells_prepaid() or not self.invoice_values:
            return lines.browse()
        listed = {line.ref for line in self._invoice().lines}
        return lines.filtered(
            lambda line: str(line.id) in listed
            and line.salon_settled_by_ids
            and line._salon_used() > 0
        )

    def _policy(self):
        """Return the ``billing.policy.Policy`` that this document is built by.

        It is the till's of the first sale, and the company's, as they are now.
        """
        shop = self._root_invoice().order_id.config_id
        policy = self._policy_of(self.account_id, shop, self.order_id.salon_language)
        return self._receipt_policy(policy, shop) if self.is_receipt else policy

    def _receipt_policy(self, policy, shop):
        """Return ``policy`` as it applies to this receipt.

        A tip that the service's receipts cannot hold is kept off: who wants it on a
        document has chosen an invoice for such sales, see ``billing.choice``.
        """
        locale = LOCALES.get(policy.language, "en_US")
        texts = {name: text._translate(locale) for name, text in RECEIPT_TEXTS.items()}
        return dataclasses.replace(
            policy,
            texts=dataclasses.replace(policy.texts, **texts),
            block=shop._salon_receipt_block(self.account_id),
            tip=self._tip(),
        )

    def _tip(self):
        """Return what a tip is on this document, a ``billing.policy.Tip``."""
        tip = Tip(self.company_id.salon_tip)
        if not (self.is_receipt and tip is Tip.OUTSIDE):
            return tip
        return tip if self.account_id._capabilities().receipt_tip else Tip.NONE

    @api.model
    def _policy_of(self, account, shop, wish):
        """Return the policy of the documents of a till, but for its receipts.

        :param account: ``salon.invoice.account``
        :param shop: ``pos.config``
        :param wish: the language that the sale asks for, if any
        """
        company = account.company_id
        language = choose_language(
            wish,
            company.salon_language,
            registry.get(account.provider).capabilities.languages,
        )
        # _translate() reads the catalogue: the language need not be active in Odoo.
        locale = LOCALES.get(language, "en_US")
        texts = {name: text._translate(locale) for name, text in TEXTS.items()}
        mail = None
        if account._capabilities().words_mails:
            words = {kind: text._translate(locale) for kind, text in MAIL_WORDS.items()}
            mail = company._salon_mail_template(shop, language, words)
        return Policy(
            language=language,
            texts=Texts(**texts),
            mail=mail,
            block=shop._salon_block(account),
            electronic=company.salon_electronic and account._has_e_invoices(),
            **company._salon_document_settings(language),
            **account._document_settings(),
        )

    def _policy_key(self):
        """Return what tells the policies of one account's documents apart."""
        shop = self._root_invoice().order_id.config_id
        return shop.id, self.order_id.salon_language, self.is_receipt

    def _as_reviewed(self, invoice):
        """Return ``invoice`` as its draft or proforma has been reviewed."""
        reviewed = self.origin_id._invoice()
        own = {}
        if self.origin_id.kind == "draft":
            own["external_key"] = reviewed.external_key  # it stays the same document
        else:
            own["proforma_number"] = self.origin_id.number
            own["proforma_id"] = self.origin_id.remote_id
        return dataclasses.replace(
            invoice,
            lines=reviewed.lines,
            buyer=reviewed.buyer,
            order_number=reviewed.order_number,
            comment=reviewed.comment,
            exchange_rate=reviewed.exchange_rate,
            **own,
        )

    # === CONTENT: THE BUYER AT THE SERVICE === #

    def _billed_partner(self):
        """Return the ``res.partner`` that the buyer was made of, none for a walk-in."""
        partner = billed_partner(self._sale().customer, self.buyer_choice)
        return self.env["res.partner"].browse(partner)

    # === REFUNDS === #
    # What a refund becomes is decided when its turn comes: see ``billing.refund``.

    def _decide_refund(self):
        """Become what this refund needs; return True if that is to be sent now."""
        self.order_id._salon_check_companies()
        if not self.sale_snapshot:
            self.sale_snapshot = self.order_id._salon_snapshot()
        sale = self.order_id._salon_returned_order()
        main = sale.salon_document_id._main_or_draft()
        account = main.account_id
        decision = refund.decide(
            self._family(sale, main),
            corrects=main._is_corrected_at(account),
            lines_of=main._kept_lines,
        )
        if isinstance(decision, refund.Skip):
            return self._skip(decision.reason.value)
        if isinstance(decision, refund.DropSale):
            return main._drop_with_refunds()
        if isinstance(decision, refund.Wait):
            return self._put_off(Code.WAITS_FOR, decision.document.name)
        if isinstance(decision, refund.Discard):
            return self._discard_first(main, decision)
        return self._convert_refund(main, decision)

    def _is_corrected_at(self, account):
        """Return True if ``account`` corrects this document; nobody does a receipt."""
        if not account or self.is_receipt:
            return False
        return Kind.CORRECTION in account._capabilities().kinds

    def _discard_first(self, main, decision):
        """Have the draft or proforma of the sale discarded, and wait for it."""
        if decision.refunds is not None:
            main._plan_task(
                "discard",
                {
                    "lines": list(decision.kept),
                    "until": self.order_id.id,
                    "refunds": sorted(decision.refunds),
                },
            )
        return self._put_off(Code.BEING_DISCARDED, main.name)

    def _convert_refund(self, main, decision):
        """Turn this refund into what has been decided; True if its lane is here."""
        # Somebody may be changing the sale's buyer just now: only one of us can commit.
        main.order_id._salon_lock_row()
        origin = self.browse(decision.original.id)
        corrects = isinstance(decision, refund.Correction)
        lines = decision.lines if corrects else ()
        kind = "correction" if corrects else "storno"
        generation = self._next_generation(self.order_id, kind)
        here = self.account_id == origin.account_id
        self.write(
            {
                "kind": kind,
                "generation": generation,
                "external_key": self._make_external_key(
                    self.order_id, kind, generation
                ),
                "origin_id": origin.id,
                "account_id": origin.account_id.id,
                "sale_snapshot": {
                    **self.sale_snapshot,
                    "kept": [to_json(line) for line in lines],
                },
                "reason": self.env._("Refund: %s", self.sale_snapshot["reference"]),
                "problem": False,
            }
        )
        ready = here
        if self.account_id.state == AccountState.DISCONNECTED:
            self._need_attention_disconnected()
            ready = False
        elif not here:
            self.account_id._wake()
        if isinstance(decision, refund.StornoAndRemainder):
            self._create_remainder(main, list(decision.kept))
        return ready

    def _next_generation(self, order, kind):
        known = order.salon_document_ids.filtered(lambda row: row.kind == kind)
        return max(known.mapped("generation"), default=0) + 1

    def _drop_refunded(self):
        """Drop a document of which everything came back before it was sent."""
        sale = self.order_id
        if not sale._salon_return_orders() or self._may_have_arrived():
            return False
        if not refund.is_all_back(self._family(sale, self)):
            return False
        self._drop_with_refunds()
        return True

    def _drop_with_refunds(self):
        """Drop what came back as a whole before it was sent, and its refunds."""
        if self._is_conversion():
            # Its draft is at the service: the refund discards it.
            return self._skip("refunded")
        refunds = self.search(
            [
                ("order_id", "in", self.order_id._salon_return_orders().ids),
                ("kind", "=", "refund"),
                ("state", "=", "waiting"),
            ]
        )
        for document in self | refunds:
            document._skip("refunded")
        self.activity_unlink(["mail.mail_activity_data_warning"])
        return False

    def _reconsider_refunds(self, reasons):
        """Have refunds of this document's sale decided again that needed nothing.

        :param reasons: of ``billing.refund.Reason``
        """
        for document in self.order_id._salon_return_orders().salon_document_ids:
            if document.kind == "refund" and document.skip_reason in reasons:
                document._apply(
                    lifecycle.reconsider(document._progress(), self._now()),
                    skip_reason=False,
                    account_id=self.account_id.id,
                )

    def _family(self, sale, main):
        """Return the ``billing.refund.Family`` of a sale, where this one has its turn.

        :param sale: ``pos.order``
        :param main: the document of the sale
        """
        if not main:
            return refund.Family(documents=(), main=None)
        sold, currency = self._sold_entries(sale, main)
        returned = {
            order.id: tuple(self._return_entries(order))
            for order in sale._salon_return_orders()
        }
        return refund.Family(
            documents=self._family_documents(sale),
            main=main._as_family_member(),
            sold=sold,
            currency=currency,
            returned=returned,
            refund=self.order_id.id,
            document=self.id,
            **main._uses_of_sold(),
        )

    def _uses_of_sold(self):
        """Return what other sales use of this one, as keywords of ``refund.Family``."""
        if not self._sells_prepaid():
            return {}
        lines = self.order_id.lines
        used = lines.filtered("salon_settled_by_ids")
        return {
            "used": {line.id: line._salon_used() for line in used},
            "finals": tuple(lines._salon_finals().mapped("name")),
        }

    @api.model
    def _sold_entries(self, sale, main):
        """Return the entries that were sold, and the currency of the sale.

        Of a skipped sale nothing is read: its refunds need no document.
        """
        if main.sale_snapshot or main.state != State.SKIPPED:
            sale_snapshot = main.sale_snapshot or sale._salon_snapshot()
            return tuple(sale_snapshot["lines"]), sale_snapshot["currency"]
        return (), sale.currency_id.name

    @api.model
    def _family_documents(self, sale):
        """Return the ``billing.refund.Document`` of a sale and its refunds, by id."""
        # A sale may be an exchange: it has refunds, and is itself one of another sale.
        orders = sale._salon_family() | sale._salon_refunds()
        rows = orders.salon_document_ids.sorted("id")
        return tuple(row._as_family_member() for row in rows)

    def _as_family_member(self):
        """Return this document as a ``billing.refund.Document``."""
        invoice = self._invoice()
        discards = self.task_ids.filtered(lambda task: task.kind == "discard")
        return refund.Document(
            id=self.id,
            order=self.order_id.id,
            kind=DocumentKind(self.kind),
            state=State(self.state),
            name=self.name,
            skip_reason=self.skip_reason or "",
            origin=self.origin_id.id or None,
            has_remote_copy=self._has_remote_copy(),
            has_content=bool(invoice),
            may_have_arrived=self._may_have_arrived(),
            lines=invoice.lines if invoice else (),
            counted=frozenset((self.sale_snapshot or {}).get("refunds", ())),
            being_discarded=self._is_being_discarded(),
            failed_discards=frozenset(
                (task.arguments or {}).get("until")
                for task in discards.filtered(lambda task: task.state == "failed")
            ),
        )

    def _effective_document(self):
        """Return the document that counts for a sale after its refunds so far."""
        self.ensure_one()
        documents = self.sudo()._family_documents(self.order_id)
        family = refund.Family(documents=documents, main=self._as_family_member())
        found = refund.effective(family)
        return self.browse(found.id if found else ())

    def _unsettled_before(self):
        """Return the first document of the family that this one must wait for."""
        sale = self.order_id._salon_returned_order() or self.order_id
        found = refund.first_unsettled(self.sudo()._family_documents(sale), self.id)
        return self.browse(found.id if found else ())

    def _corrections(self):
        """Return the corrections that have been issued of this document."""
        return self.follow_up_ids.filtered(
            lambda row: row.kind == "correction" and row.state == "issued"
        )

    def _current_snapshot(self, refunds):
        """Return a snapshot of the sale as it is now, less what ``refunds`` took back.

        :param refunds: ``pos.order`` records; the snapshot keeps their ids
        :raises billing.problem.Problem: if more came back than was sold
        """
        sale_snapshot = self.order_id._salon_new_snapshot()
        if self._is_buyer_gone():
            sale_snapshot["buyer"] = self.sale_snapshot["buyer"]
        if not refunds:
            return sale_snapshot
        returned = [entry for order in refunds for entry in self._return_entries(order)]
        kept = refund.less_returned(
            sale_snapshot["lines"], returned, sale_snapshot["currency"]
        )
        return {**part_of(sale_snapshot, kept), "refunds": refunds.ids}

    def _is_buyer_gone(self):
        """Return True if the buyer that was frozen has been deleted.

        The order has forgotten that it names a buyer, and would bill the customer.
        """
        frozen = (self.sale_snapshot or {}).get("buyer")
        partners = self.env["res.partner"]
        return bool(frozen) and not partners.browse(frozen["partner"]).exists()

    def _return_entries(self, order):
        """Return what ``order`` took back, as it was frozen when that was paid.

        A refund that a person has dropped does not count, and it may be unreadable.
        """
        documents = order._salon_taking_back()
        if refund.is_dropped(documents):
            return []
        frozen = documents.filtered("sale_snapshot")[:1]
        sale_snapshot = frozen.sale_snapshot or order._salon_snapshot()
        return [entry for entry in sale_snapshot["lines"] if entry["refunds"]]

    # === CORRECTIONS AND REMAINDERS === #
    # The original's content, less what came back: see ``billing.amendment``.

    def _kept_lines(self, entries):
        """Return the lines of what the customer keeps of this sale.

        :param entries: see ``billing.returns``
        """
        return amendment.kept_lines(
            self._invoice(), entries, self.sale_snapshot["currency"], self._policy()
        )

    def _create_remainder(self, main, kept):
        """Ask for the invoice of what was kept; it waits for this storno.

        A storno has one, which may have been dropped with it before, and asked for.
        """
        sale_snapshot = {
            **main.sale_snapshot,
            "lines": kept,
            "reference": self.sale_snapshot["reference"],
        }
        values = {
            "account_id": main.account_id.id,
            "sale_snapshot": sale_snapshot,
            "buyer_choice": main.buyer_choice,
            "reason": self.reason,
            "problem": self._explain(Problem(Code.WAITS_FOR, document=self.name)),
        }
        known = self.follow_up_ids.filtered(lambda row: row.kind == "remainder")
        if known:
            change = lifecycle.ask_again(known._progress(), self._now())
            known._apply(change, skip_reason=False, settled_by_id=False, **values)
            return
        self.create(
            {
                "order_id": self.order_id.id,
                "kind": "remainder",
                "generation": self._next_generation(self.order_id, "remainder"),
                "origin_id": self.id,
                "next_attempt": self._now(),
                **values,
            }
        )

    def _is_remainder_due(self):
        """Return True once the storno is issued that this document follows."""
        storno = self.origin_id
        if storno.state == State.ISSUED:
            return bool(self.request_body) or self._is_anything_kept()
        if storno.state == State.SKIPPED:
            return self._skip("dropped")
        return self._put_off(Code.WAITS_FOR, storno.name)

    def _is_anything_kept(self):
        """Take off what came back since somebody last asked for this document."""
        root = self._root_invoice()
        family = self._family(root.order_id, root)
        kept = refund.kept(family, refund.settled_refunds(family))
        if not kept:
            return self._skip("refunded")
        if kept != self.sale_snapshot["lines"]:
            self.sale_snapshot = {**self.sale_snapshot, "lines": kept}
        return True

    def _root_invoice(self):
        """Return the first invoice of the sale that this document amends."""
        document = self
        while document.origin_id and document.kind != "invoice":
            document = document.origin_id
        return document

    def _make_correction(self, policy):
        """Return the correction: what is kept less what the service has."""
        original = self.origin_id
        documents = original | original._corrections()
        return amendment.correction(
            original._invoice(),
            tuple(line for row in documents for line in row._invoice().lines),
            tuple(from_json(Line, line) for line in self.sale_snapshot["kept"]),
            original.number,
            self._amendment(self._sale()),
            policy,
        )

    def _make_remainder(self, policy):
        """Return the invoice of what was kept."""
        root, storno = self._root_invoice(), self.origin_id
        cancelled, returned = storno.origin_id, storno._sale()
        original = root._invoice()
        lines = amendment.kept_lines(
            original,
            self.sale_snapshot["lines"],
            self.sale_snapshot["currency"],
            policy,
        )
        settlement = amendment.settle_remainder(
            cancelled._invoice(),
            cancelled._paid(),
            sum(line.gross for line in lines),
            returned,
            policy,
        )
        return amendment.remainder(
            original,
            lines,
            settlement,
            policy.texts.first_invoice % (root.number or "-"),
            self._amendment(returned),
            policy,
        )

    def _amendment(self, returned):
        """Return what a correction or a remainder has of its own.

        :param billing.sale.Sale returned: the refund
        """
        return amendment.Amendment(
            key=self.external_key,
            returned=returned,
            reason=self.reason or "",
            today=self._today(),
        )

    def _paid(self):
        """Return the ``billing.amendment.Paid`` of this issued document, as of now."""
        invoice, tasks = self._invoice(), self.task_ids
        untold = tasks.filtered(lambda task: task.kind == "payments")
        if untold and not tasks.filtered(
            lambda task: task.kind in TELLING and task.state == "done"
        ):
            return amendment.paid_as_built(invoice)
        owed = Decimal(str(self.amount_outstanding))
        return amendment.paid_at_service(invoice, self._tenders(), owed, self._today())

    # === ANOTHER BUYER === #
    # What is possible is decided in ``billing.rebill``, and asked for in the model
    # ``salon.invoice.rebill``. What follows a document is created when that is gone, in
    # the same transaction: so there is never a second one to go out beside it.

    def _plan_next(self, partner, sale_snapshot, choice):
        """Write who gets what follows this document.

        :param sale_snapshot: of the document that follows
        :param choice: its ``buyer_choice``, or False
        """
        values = {"sale_snapshot": sale_snapshot, "buyer_choice": choice}
        self.write({"next_buyer_id": partner.id, "next_values": values})

    def _create_for_next_buyer(self):
        """Request the document that follows this one, which is gone, if any is to."""
        if not self.next_values:
            return
        order = self.order_id
        if self.next_buyer_id:
            order._salon_bill_to(self.next_buyer_id)
        policy = order._salon_till_settings()
        account = policy.account or self.account_id
        # Who names a buyer after a receipt asks for an invoice.
        stays = not self.is_receipt and account._knows_kind(self.kind)
        new = self.create(
            {
                "order_id": order.id,
                "account_id": account.id,
                "kind": self.kind if stays else policy.kind,
                "generation": self._next_main_generation(),
                "replaces_id": self.id,
                "next_attempt": self._now(),
                **self.next_values,
            }
        )
        self._forget_next()
        new._strike_paper()
        new._message_log(
            body=self.env._(
                "Made out to %(buyer)s, in place of %(document)s.",
                buyer=new.buyer_name,
                document=self.name,
            )
        )
        if account.state in KEYLESS_STATES:
            new._need_attention_disconnected()
        account._wake()

    def _keep_buyer(self):
        """Give up what was to follow this document: it stays, or became something else.

        A person reads why nothing else came of the wish.
        """
        for document in self.filtered("next_values"):
            document._message_log(
                body=self.env._(
                    "It was not cancelled, so %(buyer)s gets no invoice.",
                    buyer=document._next_buyer_name(),
                )
            )
            document._forget_next()

    def _forget_next(self):
        self.write({"next_buyer_id": False, "next_values": False})

    def _next_buyer_name(self):
        """Return who gets what follows this document, or ""."""
        values = self.next_values
        return values["sale_snapshot"]["buyer"]["name"] if values else ""

    def _next_main_generation(self):
        """Return the generation of a document in place of all that the sale has had."""
        sold = self.order_id.salon_document_ids.filtered(
            lambda row: row.kind in MAIN_KINDS
        )
        return max(sold.mapped("generation"), default=0) + 1

    def _rewrite(self, buyer, choice):
        """Have this document, which was never received, made out to another buyer.

        A receipt becomes an invoice, for only that names a buyer.

        :param buyer: as ``pos.order._salon_snapshot_buyer`` returns it
        :param choice: its ``buyer_choice``, or False
        """
        self._strike_paper()
        attended = self.state == State.ATTENTION
        values = {"buyer_choice": choice}
        if self.is_receipt:
            values.update(self._as_kind(self.order_id._salon_till_settings().kind))
        if self.sale_snapshot:
            values["sale_snapshot"] = {**self.sale_snapshot, "buyer": buyer}
        self._apply(lifecycle.rewrite(self._progress(), self._now()), **values)
        if attended:
            self._end_attention()
        self.account_id._wake()

    def _says_what_it_replaces(self):
        """Return True if this is the invoice of what another buyer's invoice said."""
        first = self.replaces_id
        if not (first.kind == self.kind == "invoice" and first.invoice_values):
            return False

        def sold(sale_snapshot):
            return [
                (entry["line"], entry["quantity"], entry["gross"])
                for entry in sale_snapshot["lines"]
            ]

        return sold(self.sale_snapshot) == sold(first.sale_snapshot)

    def _make_replacement(self, policy):
        """Return the invoice that says for another buyer what the first one said."""
        first, sale = self.replaces_id, self._sale()
        return amendment.replacement(
            first._invoice(),
            make_buyer(sale.customer, policy, self.buyer_choice or None),
            first._paid(),
            self.external_key,
            sale.reference,
            self._today(),
            policy,
        )

    # === DRAFTS AND PROFORMAS === #
    # The invoice of a draft or proforma is a row of its own, whose *origin* is the
    # draft or proforma: it is claimed, sent and recovered like every other document.

    def _changed_at_service_problem(self, changed):
        """Return the problem that no invoice is made of this draft or proforma."""
        return Problem(
            Code.CHANGED_AT_SERVICE,
            document=self.name,
            changes=self._format_differences(changed),
        )

    def _is_conversion(self):
        return self.kind == "invoice" and self.origin_id.kind in UNFINISHED_KINDS

    def _main_or_draft(self):
        """Return this document, or its draft if the conversion was skipped."""
        dropped = self.state == "skipped" and self._is_conversion()
        return self.origin_id if dropped else self

    def _only_look_up(self):
        """Look up a document that somebody made at the service; never send it."""
        self._apply(lifecycle.only_look_up(self._progress(), self._now()))

    def _changes(self, current):
        """Return how somebody has changed this draft or proforma at the service.

        :param billing.invoice.IssuedDocument current: as the service has it now
        :return: tuples of what, as it was made, and as it is
        """
        return changes(self._invoice(), self._issued(), current)

    def _request_invoice(self):
        """Return the row of the invoice that this draft or proforma becomes.

        One that was skipped before is requested again.
        """
        self.ensure_one()
        invoice = self.follow_up_ids.filtered(lambda row: row.state == "skipped")
        if invoice:
            invoice._requeue()
        else:
            invoice = self.create(
                {
                    "order_id": self.order_id.id,
                    "account_id": self.account_id.id,
                    "kind": "invoice",
                    "generation": self.generation,
                    "origin_id": self.id,
                    "sale_snapshot": self.sale_snapshot,
                    "buyer_choice": self.buyer_choice,
                    "next_attempt": self._now(),
                }
            )
        invoice.account_id._wake()
        return invoice

    def _check_unfinished(self):
        """Check that this is a draft or proforma that is not converted or discarded.

        :raises UserError: with the reason
        """
        if not self._exists_at_service(UNFINISHED_KINDS):
            raise UserError(
                self.env._(
                    "%s is no draft or proforma that waits at the service.", self.name
                )
            )
        if not self._has_remote_copy():
            raise UserError(self._explain(self._made_by_hand_problem()))
        if self.follow_up_ids.filtered(lambda row: row.state != "skipped"):
            raise UserError(self.env._("%s is being made an invoice.", self.name))
        if self._is_being_discarded():
            raise UserError(self.env._("%s is being discarded.", self.name))

    def _is_being_discarded(self):
        return any(
            task.kind == "discard" and task.state in ("todo", "doing")
            for task in self.task_ids
        )

    def _is_latest_generation(self):
        """Return True unless another document was requested in its place."""
        sold = self.order_id.salon_document_ids.filtered(
            lambda row: row.kind in MAIN_KINDS
        )
        return self.generation == max(sold.mapped("generation"))

    def _create_replacement(self, kept, refunds):
        """Request a new draft or proforma of what the customer kept.

        :param kept: entries, see ``billing.returns``
        :param refunds: ids of the orders that took back what these entries have lost
        """
        counted = sorted({*self.sale_snapshot.get("refunds", ()), *refunds})
        self.create(
            {
                "order_id": self.order_id.id,
                "account_id": self.account_id.id,
                "kind": self.kind,
                "generation": self.generation + 1,
                "sale_snapshot": {
                    **part_of(self.sale_snapshot, kept),
                    "refunds": counted,
                },
                "next_attempt": self._now(),
            }
        )

    # === STORNOS === #
    # A document of its own, linked to the one that it cancels: see
    # ``worker.operations.Storno``.

    def _made_by_hand_problem(self):
        """Return the problem that the service cannot be asked about this document."""
        return Problem(Code.MADE_BY_HAND, document=self.name)

    def _is_being_cancelled(self):
        return bool(
            self.follow_up_ids.filtered(
                lambda row: row.kind == "storno" and row.state != "skipped"
            )
        )

    def _check_can_cancel(self):
        """Check that the invoice can be cancelled.

        An open storno of it is found by :meth:`_unsettled_before`.

        :raises UserError: with what to do instead
        """
        self.ensure_one()
        # What the service made different counts as what it is there.
        if self.kind == "correction" or not self._exists_at_service(STANDING_KINDS):
            raise UserError(
                self.env._("Only an issued invoice or receipt can be cancelled.")
            )
        if self._corrections():
            raise UserError(
                self.env._(
                    "%s has been corrected, and a corrected invoice cannot be "
                    "cancelled. Refund the rest of it in the till: that makes another "
                    "correction.",
                    self.number,
                )
            )
        blocker = self._unsettled_before()
        if blocker:
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(document)s of the same sale is not settled yet: %(state)s.",
                    document=blocker.name,
                    state=states[blocker.state],
                )
            )
        if self.account_id.state in KEYLESS_STATES:
            raise UserError(
                self.env._(
                    "%s has been disconnected. Connect it again first: an invoice is "
                    "cancelled where it was issued.",
                    self.account_id.name,
                )
            )

    def _request_storno(self, reason):
        """Request the storno of this invoice; return its row."""
        self._check_may_manage()
        self.sudo()._check_unused()
        return self.sudo()._create_storno(reason)

    def _check_unused(self):
        """Check that no other sale has taken off what this document has invoiced.

        Its VAT would be given back twice: by that sale and by the storno.

        :raises UserError: with the name of what was used
        """
        if used := self._used_lines():
            raise UserError(
                self.env._(
                    "%(line)s on %(document)s has been used: another sale has taken it "
                    "off. Give that back in the till first, or give back here what is "
                    "left of it.",
                    line=used[0].full_product_name or used[0].product_id.display_name,
                    document=self.name,
                )
            )

    def _create_storno(self, reason):
        """Create the storno that the user has asked for, and may; return its row.

        :raises UserError: see :meth:`_check_can_cancel`
        """
        self._check_can_cancel()
        storno = self._add_storno(reason)
        self._message_log(
            body=self.env._(
                "%(user)s has asked for the storno: %(reason)s",
                user=self.env.user.name,
                reason=reason,
            )
        )
        storno.account_id._wake()
        return storno

    def _add_storno(self, reason):
        """Create the storno of this document, which its lane makes; return its row."""
        return self.create(
            {
                "order_id": self.order_id.id,
                "account_id": self.account_id.id,
                "kind": "storno",
                "generation": self._next_generation(self.order_id, "storno"),
                "origin_id": self.id,
                "reason": reason,
                "next_attempt": self._now(),
            }
        )

    def _reissue(self, generation, kind=None):
        """Request the document of the next generation, of the sale as it is now.

        :param str kind: of the new one; as this one, if that may still be, if not given
        """
        order = self.order_id
        sale_snapshot = self._current_snapshot_for_person(order._salon_return_orders())
        if not sale_snapshot["lines"]:
            raise UserError(self.env._("Everything of this sale has come back."))
        account = order._salon_till_settings().account
        if not account:
            raise UserError(self.env._("No invoicing service is connected."))
        new = self.create(
            {
                "order_id": order.id,
                "account_id": account.id,
                "kind": kind or self._kind_again(),
                "generation": generation,
                "sale_snapshot": sale_snapshot,
                "next_attempt": self._now(),
            }
        )
        new._strike_paper()
        account._wake()
        return new

    def _kind_again(self):
        """Return the kind of a document that is issued in place of this one."""
        if self.is_receipt:
            return self.order_id._salon_kind_again(self.kind)
        return self.kind

    # === REQUESTED AGAIN === #
    # If the request may have reached the service, it is looked up and the stored
    # request is used again.  Otherwise the document is rebuilt from the current sale,
    # with the till's current account and document type.  Only people request again.

    def _requeue(self, kind=None):
        """Have a skipped document looked up, or built again and sent.

        :param str kind: of what the sale gets now; as its till has it if not given
        """
        self.ensure_one()
        self._strike_paper()
        values = {"skip_reason": False, "settled_by_id": False}
        change = lifecycle.ask_again(
            self._progress(), self._now(), self._is_overtaken()
        )
        if change.progress.state is State.WAITING:
            values.update(self._current_request_values(kind))
        self._apply(change, **values)
        # What came back while it was not wanted found nothing to reverse. Now, and not
        # before it is sent: what a look-up finds is not sent.
        if self.kind == "remainder":
            root = self._root_invoice()
            root._reconsider_refunds({refund.Reason.ALREADY_CANCELLED})
        elif self.kind in MAIN_KINDS:
            self._reconsider_refunds(UNASKED_REASONS)

    def _is_overtaken(self):
        """Return True if another storno has cancelled the original of this one.

        A look-up of the original would find that other one.
        """
        return self.kind == "storno" and self.origin_id.state != "issued"

    def _is_discarded(self):
        """Return True if the service has nothing left to make the invoice of."""
        return self._main_or_draft().state == "discarded"

    def _create_next(self, kind, reason):
        """Request a document in place of a discarded one, of the sale as it is now.

        :param str kind: of the new one
        :param reason: why it is skipped; False to have it made
        :raises UserError: if more came back of the sale than was sold
        """
        sale_snapshot = self._current_snapshot_for_person(
            self.order_id._salon_return_orders()
        )
        if not sale_snapshot["lines"]:
            reason = reason or "refunded"
        return self.order_id._salon_create_sold(
            kind, reason, sale_snapshot=sale_snapshot, generation=self.generation + 1
        )

    def _current_snapshot_for_person(self, refunds):
        """Return :meth:`_current_snapshot` for a person who requests the document.

        :raises UserError: if more came back of the sale than was sold
        """
        try:
            return self._current_snapshot(refunds)
        except errors.Rejected as error:
            raise UserError(self.account_id._explain(error)) from error

    def _current_request_values(self, kind=None):
        """Return the values of a request as till, policy and sale are now.

        The invoice of a draft or proforma and a remainder stay as they are; a refund is
        decided again.

        :param str kind: of what was sold; as the till has it if not given
        :raises UserError: if more came back of the sale than was sold
        """
        if self.kind == "remainder" or (self.origin_id and self.kind == "invoice"):
            return {}
        policy = self.order_id._salon_till_settings()
        if self.kind in RETURN_KINDS:
            kind, account = "refund", self.order_id._salon_account()
            sale_snapshot = self.order_id._salon_snapshot()
        else:
            kind, account = kind or policy.kind, policy.account
            counted = (self.sale_snapshot or {}).get("refunds", ())
            sale_snapshot = self._current_snapshot_for_person(
                self.order_id.browse(counted)
            )
        return {
            "account_id": account.id,
            "sale_snapshot": sale_snapshot,
            "origin_id": False,
            **self._as_kind(kind),
        }

    # === TASKS AFTER IT IS ISSUED === #
    # Planned when it is issued, or requested by a person.

    def _task_kinds(self, capabilities, issued, meant):
        """Return what is to be done for this document, which has just been issued.

        :param billing.invoice.IssuedDocument issued: as the service made it
        :param billing.invoice.Invoice meant: the frozen content, None for a storno
        """
        return follow_up.task_kinds(
            DocumentKind(self.kind),
            capabilities,
            issued,
            meant,
            mails=self._must_mail(meant),
            tells_sandbox=capabilities.documents_tell_sandbox
            and self.account_id._sandbox() is None,
        )

    def _must_mail(self, meant):
        """Return True if the buyer gets this: a storno only if they got the invoice.

        Nor what a paper receipt stands in place of: it is cancelled at once.
        """
        if self.paper_number:
            return False
        if self.kind == "storno":
            return bool(self.origin_id._mailed_to())
        return follow_up.must_mail(meant)

    def _is_mailed_on_issue(self):
        """Return True if the service mails this document as part of issuing it."""
        return not self.is_receipt and self.account_id._capabilities().mails_on_issue

    def _mailed_to(self):
        """Return the addresses that this document was sent to, as a tuple."""
        emails = []
        if self._is_mailed_on_issue():
            invoice = self._invoice()
            if invoice and invoice.send_email:
                emails += invoice.buyer.emails
        sent = self.task_ids.filtered(
            lambda task: task.kind in MAILING and task.state in ("done", "unknown")
        )
        for task in sent:
            asked = (task.arguments or {}).get("emails") or self._buyer_emails()
            emails += [email for email in asked if email not in emails]
        return tuple(emails)

    def _mail_words(self):
        """Return what the service's e-mails of this say, a ``billing.invoice.Mail``.

        A storno's are in the service's words; answers go where those of its invoice go.
        """
        if self.kind == "storno":
            return Mail(reply_to=self.origin_id._mail_words().reply_to)
        invoice = self._invoice()
        return (invoice and invoice.mail) or Mail()

    def _buyer_emails(self):
        """Return the addresses of the buyer on this document."""
        if self.kind == "storno":
            return self.origin_id._mailed_to()
        invoice = self._invoice()
        return invoice.buyer.emails if invoice else ()

    def _plan_task(self, kind, arguments=None, **values):
        """Plan a task of ``kind`` for this document, to be done as soon as it can."""
        return self._create_tasks(
            [(kind, self._task_time(kind))], arguments=arguments or False, **values
        )

    def _create_tasks(self, planned, **values):
        """Create tasks of this document.

        :param planned: pairs of a kind and when it is to be done
        """
        self.ensure_one()
        return self.env["salon.invoice.task"].create(
            [
                {"document_id": self.id, "kind": kind, "next_attempt": time, **values}
                for kind, time in planned
            ]
        )

    def _task_time(self, kind):
        """Return when a task that somebody needs can be done.

        The service makes its PDF some time after the document is issued.
        """
        now = self._now()
        if kind != "pdf" or not self.issued_at:
            return now
        pause = self.account_id._capabilities().pdf_seconds
        return max(now, self.issued_at + timedelta(seconds=pause))

    def _on_task_failed(self, task):
        """Show a task that was given up to the person who requested it.

        A refund that waits for the task is left to a person, too.
        """
        if task.kind == "discard":
            self._on_discard_failed(task)
            self._keep_buyer()
        if task.kind == "paid":
            self._alert(
                self.env._("Paid in Odoo, not registered at the service"),
                f"{self.name}: {task.message or ''}",
            )
        if task.user_id:
            labels = dict(task._fields["kind"]._description_selection(self.env))
            self.message_post(
                body=self.env._(
                    "%(wish)s could not be done: %(why)s",
                    wish=labels[task.kind],
                    why=task.message or "",
                ),
                # Of many at once, whoever asked sees the results side by side.
                partner_ids=[] if task.sudo().line_ids else task.user_id.partner_id.ids,
            )

    def _on_discard_failed(self, task):
        """Leave a refund to a person whose draft cannot be discarded."""
        until = (task.arguments or {}).get("until")
        documents = self.env["pos.order"].browse(until or ()).salon_document_ids
        waiting = documents.filtered(
            lambda row: row.kind == "refund" and row.state == State.WAITING
        )
        for document in waiting:
            problem = Problem(
                Code.DISCARD_FAILED, document=self.name, why=task.message or ""
            )
            document._on_error(problem)

    def _attach_pdf(self, content):
        """Keep the PDF with the document.

        :param bytes content: of the PDF
        """
        self.pdf_id.unlink()
        self.pdf_id = self._create_pdf(content, self.number)

    def _create_pdf(self, content, number):
        """Return the attachment with a PDF of this document, not linked yet."""
        return self.env["ir.attachment"].create(
            {
                "name": f"{(number or self.external_key).replace('/', '-')}.pdf",
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    def _request_task(self, kind, arguments=None):
        """Plan a task that a person has requested, and wake the lane.

        One that is planned for later, such as a PDF that is left to the night, is
        brought forward.

        :raises UserError: if the document is not at the service, or the task is about
            to be done
        """
        self.ensure_one()
        document = self.sudo()
        if not document._has_remote_copy() or document.state == "discarded":
            raise UserError(
                self.env._("%s is not at the service (yet).", document.name)
            )
        document._check_connected()
        task = document.task_ids.filtered(
            lambda task: task.kind == kind and task.state in ("todo", "doing")
        )
        if task and not (task._is_put_off() and not arguments):
            raise UserError(self.env._("This is being done already."))
        if task:
            time = document._task_time(kind)
            task.write({"next_attempt": time, "user_id": self.env.user.id})
        else:
            task = document._plan_task(kind, arguments, user_id=self.env.user.id)
        document.account_id._wake()
        return task

    def _fetch(self, kind):
        """Bring forward what was left to the night: somebody needs it now.

        Whoever asks again only wakes the lane once it is due, for Odoo notices up to a
        minute late what is planned for some seconds from now. What was tried already
        waits as the service has said.

        :param str kind: *pdf* or *link*
        :return: True if it is fetched, or is about to be
        """
        self.ensure_one()
        document = self.sudo()
        task = document.task_ids.filtered(
            lambda task: task.kind == kind and task.state in ("todo", "doing")
        )
        time = document._task_time(kind)
        if task and task._is_put_off() and task.next_attempt > time:
            task.next_attempt = time
            document.account_id._wake()
        elif task._is_due() and not document.account_id._is_backing_off():
            document.account_id._wake()
        return bool(task)

    def _fetch_to_open(self):
        """Fetch what a person opens, the link or else the PDF.

        :return: as :meth:`_fetch`
        """
        return self._fetch("link") or self._fetch("pdf")

    def _why_not_fetched(self):
        """Return why what is fetched has not come yet, in a sentence, or ""."""
        open_ = self.task_ids.filtered(
            lambda task: task.kind in ("link", "pdf") and task.state == "todo"
        )
        return self.account_id.delay or next(filter(None, open_.mapped("message")), "")

    def _fetch_for_person(self, kind):
        """Fetch what a person has pressed the button of, and say so.

        :raises UserError: in the user's words, if it cannot be had
        """
        self._check_may_generate()
        task = self.sudo().task_ids.filtered(
            lambda task: task.kind == kind and task.state in ("todo", "doing")
        )
        if not task or task._is_put_off():
            self._request_task(kind)
        else:
            self._fetch(kind)
        return self._task_requested_action(
            self.env._("It is being fetched. Press again in some seconds.")
        )

    def _task_requested_action(self, message=None):
        """Return the notification of a button whose task the lane will do.

        :param str message: what it says, in the user's language
        """
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message or self.env._("It will be done in a moment."),
                "type": "info",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _check_emails(self, emails):
        """Return ``emails`` normalized, each once.

        :raises UserError: if they are not one to :data:`MOST_EMAILS` addresses
        """
        if not isinstance(emails, list | tuple) or not emails:
            raise UserError(self.env._("Say where it is to be sent."))
        if len(emails) > MOST_EMAILS:
            raise UserError(
                self.env._(
                    "A document is sent to %(most)s addresses at most, these are "
                    "%(count)s.",
                    most=MOST_EMAILS,
                    count=len(emails),
                )
            )
        normalized = {}
        for email in emails:
            # email_normalize() accepts several lines, which would add headers.
            is_line = isinstance(email, str) and email.isprintable()
            found = is_line and email_normalize(email)
            if not found or not single_email_re.match(found):
                raise UserError(
                    self.env._("%s is no e-mail address.", str(email)[:100])
                )
            normalized[found] = True
        return list(normalized)

    def _pdf_url(self):
        return f"/web/content/{self.pdf_id.id}/{self.pdf_id.name}"

    def _url_for_people(self):
        """Return the address at which a person sees the document, or ""."""
        self.ensure_one()
        return self.public_url or (self.pdf_id and self._pdf_url()) or ""

    # === PAYMENTS === #
    # Services keep the payments of a document as one history that is replaced as a
    # whole, so what somebody registered at the service is read first and never
    # overwritten.

    def _tenders(self):
        """Return the payments that we have registered, as ``Tender``."""
        return tuple(from_json(Tender, data) for data in self.payments or ())

    def _record_payments(self, tenders, state):
        """Record what the service says is paid.

        :param state: ``billing.invoice.PaymentState``
        """
        self.write(
            {
                "payments": to_json(tuple(tenders)),
                "amount_outstanding": float(state.outstanding),
            }
        )

    def _paid_later(self):
        """Return what was paid in Odoo since, to be registered at the service.

        Nothing once a person has undone payments of this sale: from then on people
        register them.

        :return: ``Tender`` s, see ``billing.owed.to_register``
        """
        if self.payment_state not in OWED:
            return ()
        orders = self._root_invoice().order_id._salon_family()
        done = orders.salon_document_ids.task_ids.filtered(
            lambda task: task.kind in ("pay", "paid", "unpay") and task.state == "done"
        )
        if "unpay" in done.mapped("kind"):
            return ()
        debts = self.env["salon.invoice.debt"].sudo()._of(orders)
        return to_register(
            debts._tenders(self._today()),
            done._registered(),
            Decimal(str(self.amount_outstanding)),
            debts._residual(),
        )

    def _has_foreign_payments(self, unsure=0):
        """Return True if the service has payments that we have not registered.

        Registering replaces all that it has, so they would be lost.

        :param Decimal unsure: what we may have registered, for an answer was lost
        """
        known = sum((tender.amount for tender in self._tenders()), Decimal(0))
        gross, owed = self.amount_gross, self.amount_outstanding
        paid = Decimal(str(gross)) - Decimal(str(owed))
        return paid not in (known, known + unsure)

    def _explain_foreign_payments(self):
        """Return why payments are registered at the service only, for people."""
        return self.env._(
            "Payments were registered or undone at the service itself; %(owed)s is "
            "outstanding there. Nothing was changed: register what is left there, too, "
            "or undo all payments here first.",
            owed=self._format_amount(self.amount_outstanding),
        )

    def _register_paid_later(self):
        """Plan to register what was paid in Odoo; not again what could not be."""
        tasks = self.task_ids.filtered(lambda task: task.kind in TELLING)
        if tasks.filtered(lambda task: task.state in ("todo", "doing")):
            return
        if not (tenders := to_json(self._paid_later())):
            return
        tried = tasks.filtered(lambda task: task.kind == "paid")
        if tenders not in tried.mapped(lambda task: task.arguments):
            self._plan_task("paid", tenders)
            self.account_id._wake()

    def _is_payable(self):
        """Return True if payments of this document can be registered or undone."""
        payable = self.kind in PAYABLE_KINDS and not self.is_receipt
        return payable and self.state == "issued"

    def _check_payable(self):
        self.ensure_one()
        if not self._is_payable():
            raise UserError(self.env._("Only an issued invoice can be paid."))

    # === WHAT THE SERVICE IS ASKED AT ONCE === #

    def _check_connected(self):
        """Check that there is a key, which no neutralized copy has.

        :raises UserError: in the user's words
        """
        if self.account_id.state in KEYLESS_STATES:
            raise UserError(
                self.env._(
                    "%s has been disconnected. Connect it again first.",
                    self.account_id.name,
                )
            )

    def _check_may_ask(self):
        """Check that the service may be asked from this database.

        :raises UserError: in the user's words
        """
        self._check_connected()
        self.account_id._refuse_in_copy()

    # === RECEIPTS AT THE SERVICE === #
    # What a person is shown who must say whether a lost receipt exists.

    def _can_list_receipts(self):
        """Return True if the service can show the receipts beside this document."""
        account = self.account_id
        lists = bool(account) and account._capabilities().list_receipts
        return lists and self.is_receipt and account.state not in KEYLESS_STATES

    def _list_receipts(self):
        """Return the receipts that the service has of this one's day and the next.

        A lost one may have been made after midnight. Only reads.

        :return: ``billing.invoice.IssuedDocument`` s
        :raises UserError: if it cannot be asked, or the user may not settle documents
        """
        self.ensure_one()
        self._check_may_settle()
        self.check_access("read")
        document = self.sudo()
        account = document.account_id
        document._check_may_ask()
        if not document._can_list_receipts():
            raise UserError(self.env._("%s has no list of receipts.", account.name))
        day = day_of(document.sent_at or document.create_date)
        try:
            self.env["salon.invoice.bucket"].sudo()._draw(account, "people", 1)
            with account._open_provider() as provider:
                return tuple(provider.list_receipts(day, day + timedelta(days=1)))
        except errors.ProviderError as error:
            raise UserError(account._explain(error, asked=True)) from error

    def _receipt_slip(self):
        """Return what a till's slip prints of this receipt, in words; {} of others.

        :return: ``day``, ``issuer`` (its name, address and tax number), ``rates``
            (pairs of a VAT rate and its gross), ``total``, ``kept_off`` (what is not on
            it)
        """
        sold = self if self.kind != DocumentKind.STORNO else self.origin_id
        invoice = sold._invoice()
        if not (self.is_receipt and invoice and self.state in EXISTING_STATES):
            return {}
        sums = sums_by_rate(invoice.lines, cancelled=sold != self)
        partner = self.company_id.partner_id
        place = " ".join(filter(None, (partner.zip, partner.city)))
        address = ", ".join(filter(None, (place, partner.street, partner.street2)))
        return {
            "day": self._issued_on(),
            "issuer": [
                text
                for text in (self.company_id.name, address, self.company_id.vat)
                if text
            ],
            "rates": [[one.vat, self._format_amount(one.gross)] for one in sums],
            "total": self._format_amount(sum(one.gross for one in sums)),
            "kept_off": self.kept_off_text or "",
        }

    def _print_receipt(self, width):
        """Return the receipt as a PDF in the service's own layout. Only reads.

        :param int width: of the paper in mm
        :raises UserError: in the user's words
        """
        self.ensure_one()
        self._check_may_generate()
        document = self.sudo()
        account = document.account_id
        if not (document.is_receipt and document._has_remote_copy()):
            raise UserError(
                self.env._("%s is not at the service (yet).", document.name)
            )
        document._check_may_ask()
        fits = best_width(account._capabilities().receipt_widths, width)
        if not fits:
            raise UserError(
                self.env._("%s has no layout for slips: open the PDF.", account.name)
            )
        self.env["salon.invoice.lookup"].sudo()._check_pause(account)
        try:
            self.env["salon.invoice.bucket"].sudo()._draw(account, "people", 1)
            with account._open_provider() as provider:
                return provider.print_receipt(document._issued(), fits)
        except errors.ProviderError as error:
            raise UserError(account._explain(error, asked=True)) from error

    # === REPORT TO NAV, AND CHANGES AT THE SERVICE === #
    # What somebody did at the service is found and shown, never overwritten.

    def _record_nav_status(self, status):
        """Record the state of the report; a rejection is an alert, once.

        :param status: ``billing.invoice.NavStatus``
        """
        was = self.nav_state
        self.write({"nav_state": status.state.value, "nav_detail": status.detail})
        if status.state is NavState.REJECTED and was != NavState.REJECTED.value:
            self._alert(
                self.env._("NAV has rejected the report of an invoice"),
                self.env._(
                    "NAV has rejected the report of %(number)s: %(detail)s. The "
                    "invoice is valid; mend the cause at the service, or cancel it and "
                    "issue it again.",
                    number=self.number,
                    detail=status.detail,
                ),
            )

    def _alert(self, summary, message):
        """Notify the recipients about a document whose state does not change."""
        self.message_post(body=message)
        self.account_id._notify_recipients(self, summary, message)

    def _compare_with_service(self, current):
        """Compare the document with the service's, and follow or show what differs.

        :param current: ``billing.invoice.IssuedDocument``
        """
        self.ensure_one()
        self.last_synced_at = self._now()
        if current.exchange_rate and not self.exchange_rate:
            self.exchange_rate = float(current.exchange_rate)
        self._refresh_figures(current)
        if self.state != "issued":
            return
        if self.kind in STANDING_KINDS:
            if current.cancelled:
                self._on_remote_cancelled()
            elif not self.is_receipt:
                self._compare_payments(current)
        elif current.kind is Kind.INVOICE:
            self._on_remote_finalized()
        elif changes := self._changes(current):
            self._show_warning(
                self.env._(
                    "Changed at the service (%s).", self._format_differences(changes)
                )
            )

    def _on_remote_cancelled(self):
        """Look up the storno that somebody made at the service, and adopt it."""
        if self.follow_up_ids.filtered(
            lambda row: row.kind == "storno" and row.state != "skipped"
        ):
            return
        storno = self.create(
            {
                "order_id": self.order_id.id,
                "account_id": self.account_id.id,
                "kind": "storno",
                "generation": self._next_generation(self.order_id, "storno"),
                "origin_id": self.id,
                "reason": self.env._("Cancelled at the service"),
            }
        )
        storno._only_look_up()
        self._alert(
            self.env._("Cancelled at the service"),
            self.env._("%s was cancelled at the service, not by Odoo.", self.number),
        )

    def _on_remote_finalized(self):
        if not self.follow_up_ids.filtered(lambda row: row.state != "skipped"):
            self._request_invoice()

    def _compare_payments(self, current):
        theirs, ours = current.outstanding, Decimal(str(self.amount_outstanding))
        if theirs is None or theirs == ours:
            return
        self.amount_outstanding = float(theirs)
        self._message_log(
            body=self.env._(
                "A payment was registered or undone at the service: %(theirs)s is "
                "outstanding there, it was %(ours)s.",
                theirs=self._format_amount(theirs),
                ours=self._format_amount(ours),
            )
        )

    def _on_remote_deleted(self):
        """Discard a draft or proforma that is gone at the service; warn of others."""
        self.last_synced_at = self._now()
        if self.kind in UNFINISHED_KINDS and self.state == "issued":
            self._transition("discarded")
            self._message_log(
                body=self.env._(
                    "It is not at the service any more: it was deleted there, or an "
                    "invoice was made of it there."
                )
            )
        else:
            self._show_warning(
                self.env._("The service does not find this document any more.")
            )

    def _show_warning(self, warning):
        if self.warning != warning:
            self.warning = warning
            self._alert(self.env._("Look at the invoice at the service"), warning)

    def _plan_look(self):
        """Plan a look-up, on the row of the last one: one a day adds no rows."""
        looks = self.task_ids.filtered(lambda task: task.kind == "look")
        if not looks:
            self._plan_task("look")
        elif not looks.filtered(lambda task: task.state in ("todo", "doing")):
            looks[-1].write({"state": "todo", "tries": 0, "next_attempt": self._now()})

    # === PEOPLE'S BUTTONS === #
    # A button writes what is requested and wakes the lane; none calls a service.

    def action_open_service(self):
        """Open the customer's page at the service, or fetch the link to it."""
        self.ensure_one()
        if not self.public_url:
            return self._fetch_for_person("link")
        return {"type": "ir.actions.act_url", "url": self.public_url, "target": "new"}

    def action_open_pdf(self):
        """Open the PDF in the browser, or fetch it."""
        self.ensure_one()
        if not self.pdf_id:
            return self._fetch_for_person("pdf")
        return {
            "type": "ir.actions.act_url",
            "url": self._pdf_url(),
            "target": "new",
        }

    def action_download_again(self):
        """Fetch the PDF from the service again."""
        self._check_may_generate()
        self._request_task("pdf")
        return self._task_requested_action()

    def action_send_again(self, emails):
        """E-mail the document again: the service does, or Odoo where it cannot.

        :param emails: addresses, for instance ["anna@example.com"]
        :raises UserError: if the addresses are too many, or none
        """
        self._check_may_generate()
        emails = self._check_emails(emails)
        self._request_task(self._mail_kind(), {"emails": emails})
        return self._task_requested_action()

    def _mail_kind(self):
        """Return the kind of the task that sends it again: the service's, or Odoo's."""
        return "email" if self.can_send else "own_email"

    def action_look(self):
        """Read these documents from the service again."""
        self._check_may_generate()
        for document in self:
            document._request_task("look")
        return self._task_requested_action()

    def action_retry(self):
        """Request a retry, and wake the lane.

        If an earlier send may have arrived, the document is looked up first and the
        same bytes are sent, unless a person has looked it up already.

        :raises UserError: if the user may not sell or invoice
        """
        self._check_may_generate()
        self.check_access("read")
        self.sudo()._retry()

    def _retry(self, decide=lifecycle.retry):
        """Retry those of these documents that need attention.

        :param decide: of ``billing.lifecycle``, what a retry is
        """
        for document in self.filtered(lambda row: row.state == State.ATTENTION):
            if document._is_being_cancelled():
                continue
            document._apply(decide(document._progress(), self._now()))
            document._end_attention()

    def action_retry_chosen(self):
        """Retry those of these documents that need attention; show what comes of it.

        Row by row to whoever may see that, else how many they are.

        :raises UserError: if the user may not sell or invoice
        """
        batches = self.env["salon.invoice.batch"]
        if len(self) > 1 and batches.has_access("read"):
            return batches._request("retry", self)
        chosen = self.filtered(lambda document: document.state == "attention")
        self._check_may_generate()
        chosen.check_access("read")
        decide = lifecycle.retry_one_of_many if len(self) > 1 else lifecycle.retry
        chosen.sudo()._retry(decide)
        message = self.env._("Tried again: %(count)s.", count=len(chosen))
        if left := len(self) - len(chosen):
            message += " " + self.env._(
                "Left as they are, because they do not need attention: %(count)s.",
                count=left,
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Retry"),
                "message": message,
                "type": "info" if chosen else "warning",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_retry_alike(self):
        """Retry all that stop for the same reason as this one, and show the results.

        :raises UserError: if the user may not sell or invoice
        """
        self.ensure_one()
        self._check_may_generate()
        about = self.problem_record.display_name if self.problem_record else self.name
        return self.env["salon.invoice.batch"]._request("retry", self._alike(), about)

    def action_check(self):
        """Request a look-up of the document; nothing is sent.

        :raises UserError: if the user may not sell or invoice
        """
        self._check_may_generate()
        self.check_access("read")
        for document in self.sudo().filtered(lambda d: d.state == "attention"):
            if not document.sent_at:
                raise UserError(
                    self.env._(
                        "%(document)s has never been sent: there is nothing to look "
                        "for.",
                        document=document.name,
                    )
                )
            document._apply(lifecycle.ask_service(document._progress(), self._now()))
            document._end_attention()

    def action_issue_for_company(self):
        """Issue with the company's data, as far as they are there."""
        self._decide_buyer("company")

    def action_issue_for_private(self):
        """Issue as for a private person, without the company's data."""
        self._decide_buyer("private")

    def _decide_buyer(self, choice):
        """Write the person's decision about the buyer, and retry.

        :raises UserError: there is nothing to decide
        """
        self._check_may_generate()
        self.check_access("read")
        for document in self.sudo():
            if document.state != "attention" or document.problem_cause != "business":
                raise UserError(
                    self.env._("%s does not wait for this decision.", document.name)
                )
            document.buyer_choice = choice
        self.action_retry()

    def action_settle(self):
        """Open the form in which a person says how the document was settled."""
        self.ensure_one()
        self._check_may_settle()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mark as Resolved by Hand"),
            "res_model": "salon.invoice.settle",
            "view_mode": "form",
            "target": "new",
            "context": {"default_document_id": self.id},
        }

    def _settle(self, number=False, note=""):
        """Record that a person has settled the document at the service.

        :param str number: of the document that was made there by hand; False: none is
            needed
        :param str note: for those who look at it later
        :raises UserError: if the user is neither manager nor accountant
        :raises UserError: if the document is on its way, or the number is taken
        """
        self.ensure_one()
        self._check_may_settle()
        self.check_access("read")
        document = self.sudo()
        progress = document._progress()
        if not lifecycle.may_settle(progress):
            raise UserError(
                self.env._("Only a document that needs attention, or was never sent.")
            )
        if document._is_being_cancelled():
            raise UserError(self.env._("%s is being cancelled.", document.name))
        if number and document.paper_number:
            body = document._settle_beside_paper(number.strip())
        elif number:
            body = document._settle_made(number.strip())
        else:
            reason = paper.SKIP_REASON if document.paper_number else "dropped"
            values = {"skip_reason": reason, "settled_by_id": self.env.uid}
            document._apply(lifecycle.skip(progress), **values)
            body = self.env._("No invoice is made of this sale.")
        document.message_post(
            body=f"{body} {note or ''}".strip(), author_id=self.env.user.partner_id.id
        )
        document.activity_unlink(["mail.mail_activity_data_warning"])

    def _settle_made(self, number):
        """Record the number of what a person has made at the service by hand.

        :return: what is written down of it
        :raises UserError: if another sale has that number
        """
        self._check_number_is_free(number)
        # What the service made for this row is not what a person answers for.
        values = {
            **columns.BLANK,
            "remote_snapshot": False,
            **self._dates(None, self._now(), columns.BLANK),
            "settled_by_id": self.env.uid,
        }
        if number != self.number:
            values.update(remote_id=False, public_url=False)
        self._apply(
            lifecycle.settle(self._progress()),
            number=number,
            issued_at=self._now(),
            **values,
        )
        return self.env._("Made at the service by hand: %s", number)

    def _settle_beside_paper(self, number):
        """Take over what a person has found at the service, and have it cancelled.

        It is read from the service's list, for the storno is made of what is there.

        :return: what is written down of it
        :raises UserError: if the service does not list it as what was meant
        """
        meant = self._invoice()
        listed = self._list_receipts() if self._can_list_receipts() else ()
        found = [
            made
            for made in listed
            if meant and (made.number, made.gross) == (number, meant.gross)
        ]
        if not found:
            raise UserError(
                self.env._(
                    "A paper receipt stands in place of this document: %(paper)s. "
                    "Cancel %(number)s at the service, then say here that none is "
                    "needed.",
                    paper=self.paper_number,
                    number=number,
                )
            )
        self._check_number_is_free(number)
        self._keep_remote_copy(found[0])
        self._apply(
            lifecycle.settle(self._progress()),
            settled_by_id=self.env.uid,
            issued_at=self._now(),
        )
        self._cancel_for_paper()
        self.account_id._wake()
        return self.env._("Found at the service, and to be cancelled: %s", number)

    def _adopt(self, listed):
        """Take a document that the service has for this one: it is issued.

        Whoever calls this has checked that it is just like the sale, and no other's.

        :param billing.invoice.IssuedDocument listed: as the service has told it
        """
        self._keep_remote_copy(listed)
        self._apply(
            lifecycle.settle(self._progress()),
            settled_by_id=self.env.uid,
            issued_at=self._now(),
            amount_gross=float(listed.gross),
            amount_outstanding=float(listed.outstanding or 0),
        )
        self._end_attention()

    def action_finalize(self):
        """Make invoices of these drafts and proformas."""
        self._check_may_manage()
        for document in self.sudo():
            document._check_unfinished()
            if document._differs_at_service():
                raise UserError(
                    self.env._("%s is not what was asked for.", document.name)
                )
            document._request_invoice()
        return self._task_requested_action()

    def action_discard(self):
        """Have these drafts deleted and these proformas archived at the service."""
        self._check_may_manage()
        for document in self:
            document.sudo()._check_unfinished()
            document._request_task("discard")
        return self._task_requested_action()

    def action_reissue(self):
        """Request a new invoice in place of a cancelled one, from the current data.

        :raises UserError: if the sale has another invoice, or nothing is left of it
        """
        self.ensure_one()
        self._check_may_manage()
        document = self.sudo()
        order = document.order_id
        if document != order.salon_document_id or document.state != "cancelled":
            raise UserError(
                self.env._("Only the cancelled invoice of a sale is issued again.")
            )
        if effective := document._effective_document():
            raise UserError(
                self.env._("%s is the valid document of this sale.", effective.name)
            )
        if order.account_move:
            raise UserError(
                self.env._(
                    "%s is the valid document of this sale.", order.account_move.name
                )
            )
        new = document._reissue(document.generation + 1)
        return new._get_records_action()

    def action_generate(self):
        """Request the documents of sales that have none, as in the list of sales."""
        self.check_access("read")
        return self.order_id.action_salon_generate()

    def action_register_payment(self, amount, kind, day):
        """Register that ``amount`` was paid, all or part of what is outstanding.

        :param float amount: in the currency of the document
        :param str kind: a value of ``billing.invoice.PaymentKind``
        :param str day: in ISO form
        :raises UserError: if the amount is not between nothing and what is outstanding,
            or the service has payments that would be overwritten
        """
        self._check_may_manage()
        self._check_payable()
        if self._has_foreign_payments():
            raise UserError(self._explain_foreign_payments())
        exact = Decimal(str(amount))
        if not 0 < exact <= Decimal(str(self.amount_outstanding)):
            raise UserError(
                self.env._(
                    "The amount must be more than nothing and at most what is "
                    "outstanding: %s.",
                    self._format_amount(self.amount_outstanding),
                )
            )
        tender = Tender(
            kind=PaymentKind(kind), amount=exact, date=date.fromisoformat(str(day))
        )
        self._request_task("pay", to_json(tender))
        return self._task_requested_action()

    def action_undo_payments(self):
        """Remove every payment of the document at the service."""
        self._check_may_manage()
        self._check_payable()
        self._request_task("unpay")
        return self._task_requested_action()

    # === RULES === #

    def _check_may_generate(self):
        """Check that the user sells or invoices, and may read the documents."""
        self.check_access("read")
        if not self.env.user.has_group("point_of_sale.group_pos_user") and not (
            self.env.user.has_group("account.group_account_invoice")
        ):
            raise UserError(
                self.env._("Only users of Point of Sale or Invoicing may do this.")
            )

    def _check_may_manage(self):
        """Check that the user may cancel, finalize and register payments."""
        if not self._may_manage():
            raise UserError(
                self.env._(
                    "Only managers of Point of Sale, users of Invoicing and "
                    "administrators may do this."
                )
            )
        self.check_access("read")

    def _may_manage(self):
        """Return True if the user may cancel, finalize and register payments."""
        groups = (
            "point_of_sale.group_pos_manager",
            "account.group_account_invoice",
            "base.group_system",
        )
        return any(map(self.env.user.has_group, groups))

    def _check_may_settle(self):
        """Check that the user may record what was made at the service by hand."""
        groups = ("point_of_sale.group_pos_manager", "account.group_account_invoice")
        if not any(map(self.env.user.has_group, groups)):
            raise UserError(
                self.env._("Only managers of Point of Sale or accountants may do this.")
            )

    def _check_number_is_free(self, number, remote_id=None):
        """Check that no other document is the one with this number.

        :param str remote_id: its id at the service, if that is known: a former account
            that is the same one there may have it
        :raises UserError: with the sale that has it
        """
        place = Domain("account_id", "=", self.account_id.id)
        if remote_id:
            own = Domain("company_id", "=", self.company_id.id)
            place |= own & Domain("remote_id", "=", remote_id)
        others = Domain("number", "=", number) & Domain("id", "!=", self.id)
        taken = self.search(others & place, limit=1)
        if taken:
            raise UserError(
                self.env._(
                    "%(number)s is already recorded for %(sale)s.",
                    number=number,
                    sale=taken.pos_reference or taken.order_id.name,
                )
            )

    def _may_have_arrived(self):
        """Return True if the service may have what was sent, as far as is known."""
        return lifecycle.may_have_arrived(self._progress())

    def _is_undecided_refund(self):
        """Return True if it is open what a refund becomes: that depends on its sale."""
        return lifecycle.is_undecided_refund(self._progress())

    def _may_move(self):
        """Return True if another account may make this document instead of its own."""
        return lifecycle.may_move(self._progress())

    def _as_kind(self, kind):
        """Return the values that make this row one of ``kind``; none if it is one."""
        if kind == self.kind:
            return {}
        generation = max(self.generation, self._next_generation(self.order_id, kind))
        key = self._make_external_key(self.order_id, kind, generation)
        return {"kind": kind, "generation": generation, "external_key": key}

    def _move_to_account(self, account, kind):
        """Have ``account`` make this document, as a ``kind``, from the frozen sale."""
        values = {"account_id": account.id, **self._as_kind(kind)}
        if self.state == State.ATTENTION and account != self.account_id:
            # The former service said it, not the new one: keep both names.
            values["problem"] = self.env._(
                "%(account)s makes this document now and has not been asked for it "
                "yet: Retry sends it there. What was wrong at %(former)s: %(problem)s",
                account=account.name,
                former=self.account_id.name,
                problem=self.problem or "",
            )
        self._apply(lifecycle.move(self._progress(), self._now()), **values)
        account._wake()

    def _resume(self):
        """Resume documents that were never sent and only lacked a connection."""
        for document in self:
            progress = document._progress()
            if lifecycle.may_resume(progress):
                document._apply(lifecycle.resume(progress, self._now()))
                document._end_attention()

    # === HOOKS FOR OTHER ADDONS === #

    def _prepare_invoice(self, invoice):
        """Return the document that is rendered and sent, changed where it must be.

        Called when a document is built, never for one that is sent again.

        :param invoice: the ``billing.invoice.Invoice`` of the sale and the policy;
            frozen: ``dataclasses.replace`` makes another one
        """
        return invoice


def _by_beginning(condition):
    """Return ``condition``, or that a number begins with what was looked for in it."""
    name, value = condition.field_expr, condition.value
    if name not in ("number", "pos_reference") or condition.operator != "ilike":
        return condition
    # A till searches with the wildcards of "contains" around what was typed.
    text = re.sub(r"([\\%_])", r"\\\1", str(value or "").strip("%"))
    return Domain(name, "=like", f"{text}%") | Domain(name, "=like", f"{text.upper()}%")
