import base64
import dataclasses
import hashlib
import logging
import random
import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import email_normalize, html2plaintext
from odoo.tools.mail import single_email_re
from odoo.tools.misc import format_amount, format_date
from odoo.tools.translate import LazyTranslate

from ..billing import errors
from ..billing.build import bank_account, build, order_number
from ..billing.buyer import billed_partner
from ..billing.codec import from_json, to_json
from ..billing.invoice import (
    Invoice,
    IssuedDocument,
    Kind,
    Line,
    NavState,
    PaymentKind,
    Tender,
)
from ..billing.lines import make_lines, sort_lines
from ..billing.money import quantize, unit
from ..billing.notes import choose_language
from ..billing.policy import Policy, Texts
from ..billing.problem import Code, Problem
from ..billing.returns import counted, difference, kept_entries, merged, part_of, shift
from ..billing.sale import Sale, SaleLine
from ..billing.settlement import (
    Settlement,
    main_kind,
    sum_payments,
    take_from_largest,
)
from ..providers import registry
from ..worker import operations
from .salon_invoice_account import LONGEST_WISH
from .salon_invoice_message import MODELS

_logger = logging.getLogger(__name__)
# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

#: The law counts days in Hungary, wherever the server stands.
BUDAPEST = pytz.timezone("Europe/Budapest")

#: From each state, the states that a document may go to.
TRANSITIONS = {
    "skipped": {"waiting", "checking", "skipped"},
    "waiting": {"sending", "checking", "attention", "skipped", "waiting"},
    "sending": {"issued", "waiting", "checking", "attention"},
    "checking": {"issued", "waiting", "checking", "attention"},
    "attention": {
        "waiting",
        "checking",
        "issued",
        "skipped",
        "cancelled",
        "discarded",
    },
    "issued": {"cancelled", "converted", "discarded"},
    "cancelled": set(),
    "converted": set(),
    "discarded": set(),
}
#: States in which it is still open what becomes of a document.
OPEN = ("waiting", "sending", "checking", "attention")
#: What screens that are open show again when it changes; a send is over in a moment.
SHOWN = ("state", "number", "nav_state", "payments", "pdf_id", "public_url")
#: Type of the message on the bus, and the second part of its channel's name.
BUS_MESSAGE = "salon_invoice_changed"
#: Documents that say what was sold, the best one first.
MAIN_KINDS = ("invoice", "proforma", "draft")
#: Documents that say what came back.
RETURN_KINDS = ("refund", "storno", "correction", "remainder")
#: Documents that are not invoices yet.
UNFINISHED = ("draft", "proforma")
#: Documents that can be paid.
PAYABLE = ("invoice", "remainder")
#: Problems after which the content may be built anew: the service has none of it.
REFUSED = ("rejected",)
#: Problems that a person has settled by looking at the service.
UNPROVEN = ("unproven", "absent")
#: Why a refund needs no document for as long as nobody asks for the sale's.
UNASKED = ("no_original", "not_invoiced")
#: Steps that leave the service and us with the same payments.
TELLING = ("payments", "pay", "unpay")
#: What is on the customer's account, among the kinds of payment.
OWED = None
#: Addresses that a person may send one document to at once.
MOST_EMAILS = 5
#: A request whose bytes may have arrived is sent at most this often; Számlázz.hu
#: forbids more ("Error handling: retry limit") and a human knows better by then.
MAX_SENDS = 5
#: Empty look-ups that are needed before absence is believed.
ENOUGH_LOOKS = 2
#: Tries that fail before a human looks, where the answers cannot be understood.
MAX_PUZZLES = 15
#: Reasons that no outage explains and no time mends.
PUZZLING = (errors.Reason.UNREADABLE, errors.Reason.DUPLICATE)
#: Longest pause between two tries, in seconds.
MAX_PAUSE = 15 * 60
#: Seconds after which a document that waits for another one looks again by itself.
PATIENCE = 900
#: Seconds since the sale, or since the last send, after which a document is looked for
#: before it is sent: the database may be a backup of one that has sent it.
FRESH_SALE = 5 * 60

#: Languages of the texts that we write, the rest of them read English.
LOCALES = {"hu": "hu_HU", "de": "de_DE"}

#: What is printed on documents, in their own language: ``billing.policy.Texts``.
TEXTS = {
    "receipt": _lt("Receipt: %s"),
    "paid": _lt("Paid: %s"),
    "rounding": _lt(" (rounding: %s)"),
    "kept_off": _lt("Not part of this invoice: %s"),
    "discount": _lt("Discount: %s%%"),
    "price_less": _lt("Price less %(amount)s: %(discount)s"),
    "first_invoice": _lt("First invoice of this sale: %s"),
}


class SalonInvoiceDocument(models.Model):
    """One document at the service, and the call that creates it.

    * A sale has at most one row for each kind of document and generation, whatever
      clicks, workers or tills do: the database says so.
    * ``external_key`` is derived from what the row is for, so that it is the same
      however often the row is asked for, and different in every database.
    * ``facts`` are what was sold, frozen when the document was asked for; ``content``
      is the document built from them at the first claim; ``request`` is the bytes that
      are sent, frozen before the first send.  They are built anew only after the
      service has definitely refused, never after an unknown outcome.
    * ``state`` changes only by :meth:`_transition`.
    * Document, sale, account and original are of one company. The ORM says so when a
      row is written, superuser or not, PostgreSQL says so of our own tables, and the
      lane asks once more before each call: see :meth:`_check_companies`.
    * Rows are never deleted: a skipped sale keeps its row, with the reason.

    Where to start reading: the lane calls :meth:`_process` for one turn of a document;
    what is called at the service is in ``worker.operations``.
    """

    # === FIELDS === #

    _name = "salon.invoice.document"
    _description = "Salon Invoice"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["number", "pos_reference"]

    name = fields.Char(compute="_compute_name")
    order_id = fields.Many2one(
        "pos.order",
        string="Sale",
        required=True,
        index=True,
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
    company_id = fields.Many2one("res.company", required=True, index=True)
    # Its company is checked by the two constraints below, which do not read its row.
    account_id = fields.Many2one(
        "salon.invoice.account", index=True, ondelete="restrict"
    )
    kind = fields.Selection(
        [
            ("invoice", "Invoice"),
            ("proforma", "Proforma"),
            ("draft", "Draft"),
            ("refund", "Refund"),
            ("storno", "Storno"),
            ("correction", "Correction"),
            ("remainder", "Invoice of what was kept"),
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
    follow_up_ids = fields.One2many(
        "salon.invoice.document", "origin_id", string="Follow-ups", readonly=True
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
            ("walk_in", "Only sales with a customer are invoiced here"),
            ("on_request", "Invoiced only on request here"),
            ("odoo", "Odoo itself invoices this sale"),
            ("zero", "Nothing was charged"),
            ("customer_account", "Put on the customer's account, not paid yet"),
            ("dropped", "Dropped by a person"),
            ("voucher", "Only vouchers were sold, which is no supply yet"),
            ("tip", "Only a tip, which is left off invoices here"),
            # Of refunds, and of what came back before it was sent.
            ("no_original", "The sale that came back has no invoice"),
            ("not_invoiced", "The sale that came back was not invoiced"),
            ("refunded", "Everything came back before it was invoiced"),
            ("already_cancelled", "The invoice of the sale is cancelled already"),
            ("discarded", "The draft or proforma of the sale has been discarded"),
            ("replaced", "The draft or proforma of the sale has been made anew"),
            ("nothing", "Nothing of what came back is on the invoice (any more)"),
        ],
        readonly=True,
        copy=False,
    )
    reason = fields.Char(readonly=True, copy=False, help="Why it is cancelled.")
    problem = fields.Text(readonly=True, copy=False)
    problem_reason = fields.Char(readonly=True, copy=False)
    problem_record = fields.Reference(
        selection="_problem_models",
        string="To Be Mended Here",
        readonly=True,
        copy=False,
    )
    problem_cause = fields.Char(readonly=True, copy=False)
    looking_after = fields.Char(
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

    facts = fields.Json(readonly=True, copy=False)
    facts_stale = fields.Boolean(
        readonly=True,
        copy=False,
        help="A person has had to look at it since the facts of the sale were taken.",
    )
    buyer_choice = fields.Selection(
        [("company", "With the company's data"), ("private", "As a private person")],
        readonly=True,
        copy=False,
        help="What a person decided for a company that needed a decision.",
    )
    content = fields.Json(readonly=True, copy=False)
    request = fields.Text(readonly=True, copy=False)

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
    empty_looks = fields.Integer(readonly=True, copy=False)
    attempt_ids = fields.One2many("salon.invoice.attempt", "document_id")

    remote_id = fields.Char(string="Id at the Service", readonly=True, copy=False)
    number = fields.Char(readonly=True, copy=False, index="trigram")
    currency_id = fields.Many2one("res.currency", readonly=True)
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
        "the service fills it in by itself.",
    )
    payments = fields.Json(
        readonly=True, copy=False, help="The payments that we have registered."
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
        help="The buyer was known at the service, and was not told to it again.",
    )
    public_url = fields.Char(string="Link for the Customer", readonly=True, copy=False)
    warning = fields.Char(readonly=True, copy=False)
    waits_for = fields.Char(
        string="Why It Waits",
        compute="_compute_waits_for",
        compute_sudo=True,
        help="Why a document that waits is not sent now.",
    )
    snapshot = fields.Json(
        readonly=True, copy=False, help="The document as the service described it."
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
    looked_at = fields.Datetime(
        readonly=True, copy=False, help="When the service was last asked about it."
    )
    step_ids = fields.One2many("salon.invoice.step", "document_id", readonly=True)
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
    # Without one, no lane would ever take it up.
    _open_has_account = models.Constraint(
        "CHECK (account_id IS NOT NULL OR state NOT IN "
        "('waiting', 'sending', 'checking', 'attention'))"
    )
    _due = models.Index(
        "(account_id, next_attempt, id) WHERE state IN ('waiting', 'checking')"
    )
    _sending = models.Index("(account_id) WHERE state = 'sending'")
    # What is looked at rather than worked on: lists and the readiness panel.
    _open = models.Index(
        "(account_id, create_date) "
        "WHERE state IN ('waiting', 'sending', 'checking', 'attention')"
    )
    _last_issued = models.Index("(account_id, issued_at) WHERE issued_at IS NOT NULL")
    _on_account = models.Index("(account_id) WHERE skip_reason = 'customer_account'")
    # Finds a number by its beginning, where PostgreSQL has no trigrams.
    _number_beginning = models.Index(
        "(number text_pattern_ops) WHERE number IS NOT NULL"
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
            if (linked | document.account_id.company_id) - document.company_id:
                raise Problem(Code.SEVERAL_COMPANIES)

    @api.constrains("company_id", "order_id", "account_id", "origin_id")
    def _check_one_company(self):
        """Apply :meth:`_check_companies` to each write.

        :raises ValidationError: in words that tell nothing of the other company
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

    @api.depends("content", "facts", "origin_id.buyer_name", "origin_id.buyer_email")
    def _compute_buyer(self):
        for document in self:
            original, content = document.origin_id, document.content
            # Who bought, as the sale was frozen, until the document is built.
            known = content or (not original.buyer_name and document.facts) or {}
            buyer = known.get("buyer")
            if buyer:
                document.buyer_name = buyer["name"]
            else:
                document.buyer_name = original.buyer_name or (
                    bool(known) and document.company_id.salon_walk_in_name
                )
            document.buyer_email = (
                ", ".join(buyer["emails"]) if buyer else original.buyer_email
            )

    def _status_selection(self):
        states = list(self._fields["state"]._description_selection(self.env))
        issued = [state for state, _label in states].index("issued")
        states.insert(issued, ("unfinished", self.env._("Not an Invoice Yet")))
        return states

    @api.depends("state", "kind")
    def _compute_status(self):
        for document in self:
            unfinished = document.kind in ("draft", "proforma")
            document.status = (
                "unfinished"
                if unfinished and document.state == "issued"
                else document.state
            )

    @api.depends("state", "kind", "amount_gross")
    def _compute_amount_invoiced(self):
        for document in self:
            stands = document.state in ("issued", "cancelled")
            counts = stands and document.kind not in ("draft", "proforma", "refund")
            document.amount_invoiced = document.amount_gross if counts else 0

    @api.depends("state", "problem", "account_id.delay")
    @api.depends_context("lang")
    def _compute_waits_for(self):
        for document in self:
            waits = document.state in ("waiting", "sending", "checking")
            why = document.account_id.delay or document.problem
            document.waits_for = waits and why

    @api.depends("state", "kind", "amount_gross", "amount_outstanding")
    def _compute_payment_state(self):
        for document in self:
            if document.kind not in PAYABLE or document.state != "issued":
                document.payment_state = False
            elif document.currency_id.is_zero(document.amount_outstanding):
                document.payment_state = "paid"
            elif document.amount_outstanding < document.amount_gross:
                document.payment_state = "partial"
            else:
                document.payment_state = "outstanding"

    @api.depends("account_id.provider")
    def _compute_can_send(self):
        for document in self:
            account = document.account_id
            document.can_send = bool(account) and account._capabilities().sends

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
            # What is known of it before it is built; a refund may become anything.
            if vals.get("kind", "invoice") not in ("storno", "correction", "remainder"):
                total = (vals.get("facts") or {}).get("total", order.amount_total)
                vals.setdefault("amount_gross", float(total))
            vals["external_key"] = self._make_external_key(
                order, vals.get("kind", "invoice"), vals.get("generation", 1)
            )
        # The chatter of a document is for humans; its birth is no news.
        # Screens hear of it once it is issued: paying writes no more than it must.
        return super(
            SalonInvoiceDocument, self.with_context(tracking_disable=True)
        ).create(vals_list)

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") != "sending" and any(name in vals for name in SHOWN):
            self._tell_screens()
        return result

    def _tell_screens(self):
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

    def _transition(self, state, **values):
        """Move to ``state``: the only way that a state changes.

        :raises ValueError: if the state diagram has no such arrow
        """
        if state == "skipped":
            # That nothing arrived is known by the problem, which is forgotten now.
            self.filtered(
                lambda row: row.sent_at and not row._may_have_arrived()
            ).write({"sent_at": False})
        if state not in ("checking", "sending"):
            values.setdefault("looking_after", False)
        if state == "waiting":
            # Odoo may be invoicing these sales just now: only one of us can commit.
            self.filtered(lambda d: d.state == "skipped").order_id._salon_lock_row()
        if state == "attention":
            blank = {"problem_record": False, "problem_cause": False}
            values = {**blank, "facts_stale": True, **values}
        for document in self:
            if state not in TRANSITIONS[document.state]:
                raise ValueError(f"Document {document.id}: {document.state} -> {state}")
        if state != "attention":
            values = {"problem": False, "problem_reason": False, **values}
        self.write({"state": state, **values})
        if state not in OPEN:
            for document in self:
                document._on_settled()

    def _on_settled(self):
        """Let follow what this document's end means to others.

        First the original of a storno, which ends by it; then those that wait.
        """
        if (self.kind, self.state) == ("storno", "issued"):
            self._cancel_original()
        self._wake_waiting()

    def _cancel_original(self):
        """The original is cancelled by whatever way its storno came to be known."""
        original = self.origin_id
        if original.state != "issued" and not original._is_different_there():
            return
        attended = original.state == "attention"
        original._transition("cancelled", reason=self.reason)
        if attended:  # what is told of an issued one is for a person to close
            original._done_with_attention()
        original._message_log(
            body=self.env._(
                "Cancelled by %(storno)s: %(reason)s",
                storno=self.number or "",
                reason=self.reason or "-",
            )
        )

    def _wake_waiting(self):
        """Let documents of the same sale that wait for this one take their turn."""
        # With what follows from it: the search would write it in two parts.
        self.env.flush_all()
        # First who waits, which is hardly ever anybody, then whose family it is.
        now = self._now()
        waiting = self.search(
            [
                ("state", "=", "waiting"),
                ("next_attempt", ">", now),
                ("problem", "!=", False),
            ]
        )
        if not waiting:
            return
        family = self.order_id._salon_family()
        waiting = waiting.filtered(lambda row: row.order_id in family)
        waiting.write({"next_attempt": now})
        waiting.account_id._wake()

    def _need_attention(self, message, reason):
        """Put the documents in front of a human: one message and one activity each.

        The same problem again, after a retry, is not told twice.

        :param str message: what is wrong and what to do, in the human's language
        :param str reason: a word of ``billing.errors.Reason`` or of ours
        """
        self._transition("attention", problem=message, problem_reason=reason)
        for document in self:
            last = document.message_ids[:1].body or ""
            if html2plaintext(last).split() != message.split():
                document.message_post(body=message)
            if not document.activity_ids:
                document.account_id._notify_recipients(
                    document, self.env._("Invoice needs attention"), message
                )

    def _done_with_attention(self):
        self.activity_unlink(["mail.mail_activity_data_warning"])
        self.account_id._wake()

    def _need_none(self, reason):
        self._transition("skipped", skip_reason=reason, next_attempt=False)
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

    def _wait(self, message):
        """Put the document off until another one is settled, which wakes it.

        :param str message: what it waits for, for a human
        """
        self._transition(
            "waiting",
            problem=message,
            next_attempt=self._now() + timedelta(seconds=PATIENCE),
        )

    def _unsent_values(self):
        """Return the values of a document of which the service certainly has nothing.

        It is built anew before it is sent.
        """
        return {"content": False, "request": False, "sent_at": False, "send_count": 0}

    def _at_once(self):
        """Return the values of a document that is tried as if it never had been."""
        return {"next_attempt": self._now(), "failure_count": 0, "empty_looks": 0}

    def _rank(self):
        """Sort key: the last document of an order is the one that stands for it.

        What was sold counts more than what came back: a cancelled sale shows its
        invoice, which is cancelled, and a refund shows what reversed it.
        """
        kinds = ("remainder", "refund", "correction", "storno")
        weight = kinds.index(self.kind) if self.kind in kinds else len(kinds)
        if weight == len(kinds):
            return (1, self.generation, self.kind == "invoice", self.id)
        return (0, weight, self.generation, self.id)

    @api.model
    def _now(self):
        """Return the time in UTC with its microseconds, which Datetime.now() drops."""
        return datetime.now(timezone.utc).replace(tzinfo=None)

    def _today(self):
        """Return today's date in Hungary, which is what a document is issued on."""
        return datetime.now(BUDAPEST).date()

    def _invoice(self):
        """Return the frozen ``billing.invoice.Invoice``, None before it is built."""
        self.ensure_one()
        return from_json(Invoice, self.content) if self.content else None

    def _issued(self):
        """Return the ``billing.invoice.IssuedDocument`` as last seen, or None."""
        self.ensure_one()
        return from_json(IssuedDocument, self.snapshot) if self.snapshot else None

    def _is_known_there(self):
        """True if the service can be asked about it: it was not recorded by hand."""
        self.ensure_one()
        return bool(self.snapshot)

    def _link(self, made):
        """Keep what the service made for this row, whatever becomes of it here.

        So it can be opened, read again, cancelled or discarded, and is made only once.

        :param billing.invoice.IssuedDocument made: from the service
        """
        self.write(
            {
                "remote_id": made.id,
                "number": made.number,
                "public_url": made.public_url,
                "snapshot": to_json(made),
            }
        )

    def _unlink_made(self):
        """Forget what :meth:`_link` kept: it is not at the service any more."""
        names = ("remote_id", "number", "public_url", "snapshot")
        self.write(dict.fromkeys(names, False))

    def _is_different_there(self):
        """True if the service has made something else for this row than was meant."""
        return (
            self.state == "attention"
            and self.problem_reason == "different"
            and self._is_known_there()
        )

    def _stands_there(self, *kinds):
        """True if a document of ``kinds`` stands at the service for this row.

        :param kinds: of this model; what is different there counts as what it is
        """
        if self._is_different_there():
            return self._issued().kind.value in kinds
        return self.state == "issued" and self.kind in kinds

    # === A TURN IN THE LANE === #

    def _process(self, service):
        """Send the document, or look up what became of it.  Called by its lane only.

        Each turn ends in exactly one arrow of the state diagram.

        :param worker.service.Service service: of the document's account
        """
        self.ensure_one()
        try:
            self._check_companies()
            if self.state == "checking":
                operations.of(self, service).look_up()
            elif operations.of(self, service).ready():
                # Anew: a refund has become a storno or a correction.
                operations.of(self, service).send()
        except errors.ProviderError as error:
            self._on_error(error)

    def _is_due_at(self, account):
        """Say whether it is (still) the turn of this document in ``account``'s lane."""
        return bool(
            self.account_id == account
            and self.state in ("waiting", "checking")
            and self.next_attempt
            and self.next_attempt <= self._now()
        )

    def _is_sale_ready(self):
        """Drop what came back or is nothing to bill, before it is sent."""
        self._check_is_sale()
        if self._drop_refunded():
            return False
        self._take_up_refunds()
        if self._is_emptied():
            return self._need_none(self.order_id._salon_empty_reason())
        return True

    def _is_emptied(self):
        """Tell whether nothing is left to bill of what has never been sent."""
        return bool(
            self.facts_stale
            and self.kind in MAIN_KINDS
            and not self.origin_id
            and not self.request
            and self.order_id._salon_empty_reason()
        )

    def _claim(self):
        """Move to ``sending``; to be committed before the call."""
        self._transition(
            "sending",
            sent_at=self._now(),
            send_count=self.send_count + 1,
            claim_count=self.claim_count + 1,
        )

    def _look_up_now(self):
        """Move to ``checking``: the service has it, before it was sent from here."""
        now = self._now()
        self._transition("checking", sent_at=now, next_attempt=now)

    def _freeze(self, invoice, request):
        """Write the content, and the request that is sent.

        :param billing.invoice.Invoice invoice: the content
        :param bytes request: its rendering
        """
        self.write(
            {
                "content": to_json(invoice),
                "request": request.decode(),
                "amount_gross": float(invoice.gross),
                "exchange_rate": float(invoice.exchange_rate or 0),
            }
        )

    def _looks_first(self):
        """True if the service may have this document for all that is known here.

        Of the sale's age, because the row may be younger than a backup.
        """
        since = self.sent_at if self.send_count else None
        if not since:
            since = min(filter(None, (self.create_date, self.sold_at)))
        return abs(self._now() - since) > timedelta(seconds=FRESH_SALE)

    def _tell_differences(self, different):
        """Return what :meth:`_differences` found, in a person's words."""
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
                return self._in_words(value)
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

    def _in_words(self, amount):
        """Return an amount in the document's currency as a person reads it.

        One with a fraction of the currency's unit is told to its last digit.
        """
        exact = Decimal(str(amount))
        if exact != round(exact, self.currency_id.decimal_places):
            return f"{exact:f} {self.currency_id.symbol}"
        return format_amount(self.env, float(exact), self.currency_id)

    def _on_different(self, made, differences, capabilities, answered):
        """Show a human what the service made in place of what was meant.

        :param billing.invoice.IssuedDocument made: what it has
        :param differences: tuples of what, ours and theirs
        :param providers.base.Capabilities capabilities: of the service
        :param bool answered: it is the answer of our call; False: it was looked up
        """
        self._link(made)
        told = self._tell_differences(differences)
        if answered:
            message = self.env._(
                "The service has made another document than was asked for: "
                "%(differences)s. Look at it there, and cancel or discard it. Nothing "
                "is sent again.",
                differences=told,
            )
        else:
            message = self.env._(
                "The service has a document with this sale's key, but it is not "
                "the same: %(differences)s. Look at it there.",
                differences=told,
            )
        self._need_attention(message, "different")
        if not self.step_ids:
            link = capabilities.public_url and not made.public_url
            self._plan_steps(["link", "pdf"] if link else ["pdf"])

    def _on_issued(self, issued, capabilities):
        """Record what was issued, and plan what follows from it.

        :param billing.invoice.IssuedDocument issued: from the service
        :param providers.base.Capabilities capabilities: of the service
        """
        meant = self._invoice()
        self._transition("issued", **self._issued_values(issued, meant))
        self._plan_steps(
            self._step_kinds(capabilities, issued, meant),
            pdf_after=capabilities.pdf_seconds,
        )

    def _issued_values(self, issued, meant):
        """Return the values that record that ``issued`` is this document.

        :param billing.invoice.IssuedDocument issued: from the service
        :param billing.invoice.Invoice meant: the frozen content, None for a storno
        """
        self.ensure_one()
        now = self._now()
        values = {
            "remote_id": issued.id,
            "number": issued.number,
            "amount_gross": float(issued.gross),
            "public_url": issued.public_url,
            "warning": self._warning_of(issued, meant),
            "snapshot": to_json(issued),
            "issued_at": now,
            "lead_time": (now - self.create_date).total_seconds(),
            "next_attempt": False,
        }
        if issued.exchange_rate:
            values["exchange_rate"] = float(issued.exchange_rate)
        if self.kind in PAYABLE and meant:
            outstanding = issued.outstanding
            if outstanding is None:
                outstanding = Decimal(0) if meant.paid else issued.gross
            values["payments"] = to_json(meant.tenders if meant.paid else ())
            values["amount_outstanding"] = float(outstanding)
        return values

    def _warning_of(self, issued, meant):
        """Return what a person should know of what was issued."""
        warning = issued.warning
        if meant and issued.gross != meant.gross:
            warning = self.env._(
                "The service issued %(theirs)s instead of %(ours)s.",
                theirs=self._in_words(issued.gross),
                ours=self._in_words(meant.gross),
            )
        account = self.account_id
        if told := account._warn_of_kind(account.provider, self.kind):
            warning = " ".join(filter(None, (warning, told)))
        return warning

    # === UNKNOWN OUTCOMES === #

    def _on_absent(self, proves_absence):
        """The service does not know the document.

        :param bool proves_absence: then it does not have it either
        """
        if self.looking_after:
            self._tell_absent(self.looking_after)
        else:
            self._weigh_absence(proves_absence)

    def _tell_absent(self, reason):
        """Somebody only asked: say what is not there, and send nothing."""
        self._need_attention(
            self.env._(
                "The service does not have this document. Retry sends it; if it was "
                "made there by hand, record its number."
            ),
            reason if reason in (*REFUSED, "too_many_sends") else "absent",
        )

    def _weigh_absence(self, proves_absence):
        """Believe only with time that the service does not have the document."""
        parameter = self.account_id._parameter
        believable = self.sent_at + timedelta(
            seconds=parameter("timeout") + parameter("absence_margin")
        )
        now, looks = self._now(), self.empty_looks + 1
        if looks < ENOUGH_LOOKS or now < believable:
            self._transition(
                "checking",
                empty_looks=looks,
                next_attempt=max(believable, now + timedelta(seconds=1)),
            )
        elif not proves_absence:
            self._need_proof()
        elif self.send_count >= MAX_SENDS:
            self._need_attention(
                self.env._(
                    "Sent %(count)s times without an answer, and the service does "
                    "not have it. Ask the service what is wrong before trying again.",
                    count=self.send_count,
                ),
                "too_many_sends",
            )
        else:
            self._transition("waiting", empty_looks=0, next_attempt=now)

    def _need_proof(self):
        """Have a human find out whether the service has the document."""
        self._need_attention(
            self.env._(
                "It is not known whether the service has issued this document, "
                "and it cannot be asked. Look for it there: record its number if "
                "it is there, retry if it is not."
            ),
            "unproven",
        )

    def _recover(self, service):
        """Process a document whose worker was killed while it was ``sending``.

        Called by its lane, before all else.  The answer may have been written down
        already: then it counts, and the service need not be asked.  Else the document
        goes to ``checking``.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                answer = self._written_answer()
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
            self._transition("checking", empty_looks=0, next_attempt=self._now())

    def _written_answer(self):
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
        """Decide by the class of ``error`` what happens next."""
        if self._is_partner_gone(error):
            self._forget_partner()
        elif isinstance(error, Problem):
            self._show_problem(error)
        else:
            self._on_provider_error(error)

    def _show_problem(self, problem):
        """Have a person solve what the document cannot be built of.

        :param billing.problem.Problem problem: found before anything was sent
        """
        messages = self.env["salon.invoice.message"]
        self._need_attention(messages._explain_problem(problem), problem.reason.value)
        record = problem.where and messages._record(problem.where, self.order_id)
        self.write(
            {
                "problem_record": f"{record._name},{record.id}" if record else False,
                "problem_cause": messages._cause(problem) or False,
            }
        )

    def _on_provider_error(self, error):
        """Decide by the class of what the service said or did what happens next."""
        was_sending = self.state == "sending"
        if isinstance(error, (errors.OutcomeUnknown, errors.AlreadyExists)):
            if was_sending:
                if made := getattr(error, "document", None):
                    self._link(made)
                self._transition("checking", empty_looks=0, next_attempt=self._now())
            else:
                # Preparing (a buyer, a rate) creates no document: try again later.
                self._try_later(error)
        elif isinstance(error, errors.NotProcessed):
            self._try_later(error, unsent=was_sending)
        elif isinstance(error, errors.AccountProblem):
            if was_sending:
                self._on_account_refused(error)
            self.next_attempt = self._now()
            self.account_id._pause(error)
        else:
            self._need_attention(
                self.account_id._explain(error),
                "rejected" if was_sending else error.reason.value,
            )

    def _on_account_refused(self, error):
        """The service refused for what is set up there or here: nothing was made.

        The document is built anew, with the settings that will have been mended. A key
        that does not open is tried before it is sent again, so it costs no send.
        """
        if self.send_count >= MAX_SENDS:
            self._need_attention(self.account_id._explain(error), "rejected")
            return
        unsent = error.reason is errors.Reason.KEY
        sent = self.send_count - unsent
        self._transition("waiting", **{**self._unsent_values(), "send_count": sent})

    def _try_later(self, error, unsent=False):
        """Back off, or have a human look at what no time seems to mend."""
        if error.reason not in PUZZLING or self.failure_count < MAX_PUZZLES:
            self._back_off(error, unsent)
        elif self.state == "checking" or (self.request and not unsent):
            self._need_proof()  # it could not be looked for
        else:
            self._need_attention(self.account_id._explain(error), error.reason.value)

    def _back_off(self, error, unsent=False):
        """Try again after a pause that doubles each time, with jitter."""
        failures = self.failure_count + 1
        pause = min(2.0 ** min(failures, 20), MAX_PAUSE)
        pause = pause * random.uniform(1.0, 1.3)
        if error.scope:  # else the whole account rests for that long
            pause = max(pause, min(error.retry_after or 0, LONGEST_WISH))
        following = self._now() + timedelta(seconds=pause)
        values = {
            "failure_count": failures,
            # Nothing is called before the account has rested.
            "next_attempt": max(following, self.account_id.rest_until or following),
        }
        if unsent:
            # What was sent before may have arrived; without that, nothing has.
            values["send_count"] = self.send_count - 1
            values["sent_at"] = self.send_count > 1 and self.sent_at
        state = "checking" if self.state == "checking" else "waiting"
        self._transition(state, **values)

    def _on_crash(self):
        """Something of ours broke: show it, and let the next document pass."""
        if self.state == "sending":
            self._transition("checking", next_attempt=self._now())
        elif self.state in ("waiting", "checking"):
            self._need_attention(
                self.env._(
                    "The invoice could not be processed because of an error in the "
                    "program. The server log has the details."
                ),
                "program",
            )

    def _is_partner_gone(self, error):
        """Tell whether a refusal may come from a buyer who is not there (any more).

        Deleted, or known at another account of the same company: ids of that one are
        refused in the words for a key that may only read.
        """
        return (
            self.state == "sending"
            and self.partner_reused
            # What is finalized or converted has its buyer at the service already.
            and not self._is_conversion()
            and (
                isinstance(error, errors.Rejected)
                or error.reason is errors.Reason.READ_ONLY
            )
        )

    def _forget_partner(self):
        """Tell the service the buyer again, and try once more.

        Services have many words for a partner that is gone, so each refusal of a buyer
        who was not told again is taken for that, once.
        """
        known = self.env["salon.invoice.partner"]._known(
            self.account_id, self._billed_partner()
        )
        known.synced = False
        self._transition(
            "waiting",
            **self._unsent_values(),
            partner_reused=False,
            next_attempt=self._now(),
        )

    # === CONTENT === #
    # From the sale to the document. What it says is decided in ``billing.build``, of
    # two values: the sale as it was frozen, and the policy as the settings are now.

    def _refresh_facts(self):
        """Take the facts of the sale, anew if a person may have mended them.

        Facts stay frozen until a document has been refused; what was mended since
        (the customer's data, a product's role) would otherwise never get on it.
        """
        if not self.facts or (self.facts_stale and not self.origin_id):
            counted = (self.facts or {}).get("refunds", ())
            facts = self._facts_now(self.order_id.browse(counted))
            self.write({"facts": facts, "facts_stale": False})

    def _is_overdue(self):
        """Tell whether the due date passed while nothing could be sent of this."""
        invoice = self._invoice()
        return bool(
            invoice and not self.send_count and invoice.due_date < self._today()
        )

    def _make_invoice(self):
        """Return the ``billing.invoice.Invoice`` of this row, by today's settings.

        :raises billing.problem.Problem: a person must change something first
        """
        if self.kind == "correction":
            invoice = self._resolve_correction()
        elif self.kind == "remainder":
            invoice = self._resolve_remainder()
        else:
            invoice = self._make_invoice_of_sale()
        return self._prepare_invoice(invoice)

    def _make_invoice_of_sale(self):
        """Return the ``billing.invoice.Invoice`` of what was sold."""
        invoice = build(
            self._sale(),
            self._policy(),
            self.external_key,
            kind=Kind(self.kind),
            today=self._today(),
            choice=self.buyer_choice or None,
        )
        return self._as_reviewed(invoice) if self._is_conversion() else invoice

    def _sale(self):
        """Return the frozen ``billing.sale.Sale`` of this row."""
        return Sale.from_facts(self.facts)

    def _policy(self):
        """Return the ``billing.policy.Policy`` that this document is built by.

        It is the till's of the first sale, and the company's, as they are now.
        """
        company, account = self.company_id, self.account_id
        shop = self._root().order_id.config_id
        language = choose_language(
            self.order_id.salon_language,
            company.salon_language,
            registry.get(account.provider).capabilities.languages,
        )
        # Documents are in languages that need not be active in Odoo.
        locale = LOCALES.get(language, "en_US")
        texts = {name: text._translate(locale) for name, text in TEXTS.items()}
        return Policy(
            language=language,
            texts=Texts(**texts),
            block=shop._salon_block(account),
            electronic=company.salon_electronic and account._has_e_invoices(),
            **company._salon_document_settings(language),
            **account._document_settings(),
        )

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
    # What a refund becomes, decided when its turn comes.
    #
    # ======================  =====================================================
    # the sale's document     the refund
    # ======================  =====================================================
    # none, not invoiced      needs none either, and says why
    # not sent yet            all came back: both are dropped; part: waits for it
    # draft, proforma         it is discarded; what was kept gets a new one
    # invoice                 all came back: storno
    # invoice, part came back *correction* where the service has them, else a storno
    #                         and a *remainder*: the invoice of what was kept
    # cancelled               needs none: nothing stands that could be reversed
    # ======================  =====================================================
    #
    # Refunds of one sale take their turns in the order in which their documents were
    # asked for, each after the one before is settled, so that each corrects what really
    # stands.  What has been taken off by then is what is settled: a till may have saved
    # an order long before it is paid, so ids of orders say nothing.

    def _decide(self):
        """Decide what this refund becomes; True if it is to be sent now."""
        self.order_id._salon_check_companies()
        if not self.facts:
            self.facts = self.order_id._salon_facts()
        sale = self.order_id._salon_returned_order()
        main = sale.salon_document_id._or_its_draft()
        if not main or main.kind == "refund":
            return self._need_none("no_original")
        blocker = self._unsettled_before(sale)
        if blocker:
            self._wait(self.env._("It waits for %s.", blocker.name))
            return False
        if main.state == "skipped":
            odoo = main.skip_reason == "odoo"
            return self._need_none("odoo" if odoo else "not_invoiced")
        if main.state == "discarded" and not main._failed_discard(self.order_id):
            return self._need_none("discarded")
        if self.order_id.id in (main.facts or {}).get("refunds", []):
            return self._need_none("replaced")
        if main.state in OPEN:
            return self._decide_unsettled(sale, main)
        if main.kind in ("draft", "proforma"):
            return self._decide_unfinished(sale, main)
        standing = main._standing()
        if not standing:
            return self._need_none("already_cancelled")
        if standing.state in OPEN:
            self._wait(self.env._("It waits for %s.", standing.name))
            return False
        return self._decide_issued(sale, main, standing)

    def _decide_unsettled(self, sale, main):
        """The sale's document has not been issued (yet)."""
        unsent = main.state in ("waiting", "attention") and not main._may_have_arrived()
        if unsent and not main._kept(sale, main._came_back(sale)):
            main._drop_with_refunds(sale)
        else:
            self._wait(self.env._("It waits for %s.", main.name))
        return False

    def _decide_unfinished(self, sale, main):
        """A draft or proforma is discarded; what was kept gets a new one.

        :raises billing.errors.Rejected: it was made by hand
        """
        if not main._is_known_there():
            raise errors.Rejected(self._made_by_hand(main))
        if not main._is_being_discarded():
            refunds = self._counted(sale)
            main._plan_step(
                "discard",
                {
                    "lines": main._kept(sale, refunds),
                    "until": self.order_id.id,
                    "refunds": refunds.ids,
                },
            )
        self._wait(self.env._("%s is being discarded.", main.name))
        return False

    def _failed_discard(self, refund):
        """Return the steps that should have discarded this document for ``refund``."""
        return self.step_ids.filtered(
            lambda step: step.kind == "discard"
            and step.state == "failed"
            and (step.arguments or {}).get("until") == refund.id
        )

    def _decide_issued(self, sale, main, standing):
        if not (main.content and standing.content and standing._is_known_there()):
            raise errors.Rejected(self._made_by_hand(standing))
        by_hand = sale._salon_return_orders().salon_document_ids.filtered(
            lambda row: row.kind in ("refund", "correction")
            and row.state == "issued"
            and not row.snapshot
        )
        if by_hand:
            # It is not known what it left of the sale.
            raise errors.Rejected(self._made_by_hand(by_hand[-1]))
        kept = main._kept(sale, self._counted(sale))
        capabilities = registry.get(main.account_id.provider).capabilities
        corrects = Kind.CORRECTION in capabilities.kinds
        self.reason = self.env._("Refund: %s", self.facts["reference"])
        lines = main._resolve_kept(kept)
        if not lines and not standing._corrections():
            return self._become("storno", standing)
        if self._is_unchanged(standing, lines):
            return self._need_none("nothing")
        if corrects:
            return self._become("correction", standing, lines)
        ready = self._become("storno", standing)
        if lines:
            self._create_remainder(main, kept)
        return ready

    def _become(self, kind, origin, lines=()):
        """Turn this refund into ``kind`` of ``origin``; True if its lane is here."""
        here = self.account_id == origin.account_id
        generation = self._next_generation(self.order_id, kind)
        self.write(
            {
                "kind": kind,
                "generation": generation,
                "external_key": self._make_external_key(
                    self.order_id, kind, generation
                ),
                "origin_id": origin.id,
                "account_id": origin.account_id.id,
                "facts": {**self.facts, "kept": [to_json(line) for line in lines]},
                "problem": False,
            }
        )
        if self.account_id.state == "disconnected":
            self._need_attention_disconnected()
            return False
        if not here:
            self.account_id._wake()
        return here

    def _next_generation(self, order, kind):
        known = order.salon_document_ids.filtered(lambda row: row.kind == kind)
        return max(known.mapped("generation"), default=0) + 1

    def _check_is_sale(self):
        """Stop an order that gives money back without naming the sale.

        :raises billing.errors.Rejected: there is no invoice of less than nothing
        """
        lines = (self.facts or {}).get("lines", ())
        if sum(Decimal(entry["gross"]) for entry in lines) < 0:
            raise errors.Rejected(
                self.env._(
                    "Money was given back without naming the sale, so it is not known "
                    "which invoice is to be corrected. Cancel or correct it at the "
                    "service and mark this as resolved; next time, start the refund "
                    "from the sale in the till."
                )
            )

    def _drop_refunded(self):
        """Drop a document of which everything came back before it was sent."""
        sale = self.order_id
        if (
            self._may_have_arrived()
            or not sale._salon_return_orders()
            or self._kept(sale, self._came_back(sale))
        ):
            return False
        self._drop_with_refunds(sale)
        return True

    def _drop_with_refunds(self, sale):
        """Drop what came back as a whole before it was sent, and its refunds."""
        if self._is_conversion():
            # Its draft is there: the refund discards it.
            self._need_none("refunded")
            return
        refunds = self.search(
            [
                ("order_id", "in", sale._salon_return_orders().ids),
                ("kind", "=", "refund"),
                ("state", "=", "waiting"),
            ]
        )
        (self | refunds)._transition(
            "skipped", skip_reason="refunded", next_attempt=False
        )
        self.activity_unlink(["mail.mail_activity_data_warning"])

    def _take_up_refunds(self):
        """Have refunds decided anew that came before anybody asked for this document.

        Nothing was invoiced when they were, so they needed nothing.
        """
        refunds = self.order_id._salon_return_orders().salon_document_ids.filtered(
            lambda row: row.kind == "refund" and row.skip_reason in UNASKED
        )
        refunds._transition(
            "waiting",
            skip_reason=False,
            account_id=self.account_id.id,
            next_attempt=self._now(),
        )

    def _unsettled_before(self, sale):
        """Return the first document of the family that this one must wait for."""
        family = self.search(
            [
                ("order_id", "in", sale._salon_family().ids),
                ("state", "in", OPEN),
                ("id", "!=", self.id),
            ],
            order="id",
        )
        return family.filtered(
            lambda row: row.kind in ("storno", "correction", "remainder")
            or (row.kind == "refund" and row.id < self.id)
            or (row.origin_id and row.kind == "invoice")
        )[:1]

    def _standing(self):
        """Return the document that stands for a sale after its refunds so far.

        :return: this document, the last remainder after stornos, or none
        """
        self.ensure_one()
        document = self
        while document.state == "cancelled":
            storno = document.follow_up_ids.filtered(
                lambda row: row.kind == "storno" and row.state != "skipped"
            )[:1]
            document = storno.follow_up_ids.filtered(
                lambda row: row.kind == "remainder" and row.state != "skipped"
            )[:1]
        return document

    def _corrections(self):
        """Return the corrections that have been issued of this document."""
        return self.follow_up_ids.filtered(
            lambda row: row.kind == "correction" and row.state == "issued"
        )

    def _standing_lines(self):
        """Return the lines of this document and of its corrections."""
        documents = self | self._corrections()
        return tuple(line for row in documents for line in row._invoice().lines)

    def _kept(self, sale, refunds):
        """Return the entries of what the customer keeps of ``sale``.

        :param refunds: the ``pos.order`` records that have taken something back of it
        :raises billing.errors.Rejected: if more came back than was sold
        """
        facts = self.facts or sale._salon_facts()
        known = facts.get("refunds", [])
        return self._less_returned(
            facts, refunds.filtered(lambda order: order.id not in known)
        )

    def _counted(self, sale):
        """Return the refunds of ``sale`` that count once this one's turn is over."""
        documents = {
            order.id: [
                (row.state not in OPEN, row.skip_reason == "dropped")
                for row in order._salon_taking_back()
            ]
            for order in sale._salon_return_orders()
        }
        ids = counted(documents, self.order_id.id)
        return self.env["pos.order"].browse(sorted(ids))

    def _came_back(self, sale):
        """Return the refunds of ``sale`` but for those that need no document."""
        return sale._salon_return_orders().filtered(
            lambda order: (
                set(order._salon_taking_back().mapped("skip_reason")) != {"dropped"}
            )
        )

    def _facts_now(self, refunds):
        """Return the facts of the sale as it is now, less what ``refunds`` took back.

        :param refunds: ``pos.order`` records; the facts keep their ids as ``refunds``
        :raises billing.errors.Rejected: if more came back than was sold
        """
        facts = self.order_id._salon_new_facts()
        if not refunds:
            return facts
        kept = self._less_returned(facts, refunds)
        return {**part_of(facts, kept), "refunds": refunds.ids}

    def _less_returned(self, facts, refunds):
        """Return the entries of ``facts`` less what ``refunds`` took back.

        :raises billing.errors.Rejected: if more came back than was sold
        """
        returned = [entry for order in refunds for entry in self._return_entries(order)]
        try:
            return kept_entries(facts["lines"], returned, facts["currency"])
        except ValueError as error:
            raise errors.Rejected(
                self.env._(
                    "More of %(line)s came back than was sold. Correct the invoice at "
                    "the service and mark this refund as resolved.",
                    line=error,
                )
            ) from error

    def _return_entries(self, order):
        """Return what ``order`` took back, as it was frozen when that was paid."""
        frozen = order._salon_taking_back().filtered("facts")[:1]
        facts = frozen.facts or order._salon_facts()
        return [entry for entry in facts["lines"] if entry["refunds"]]

    # === CORRECTIONS AND REMAINDERS === #
    # The original's content, less what came back.
    #
    # Buyer, VAT codes, names, form and date of fulfilment are those of the original as
    # it was issued, whatever has been changed in the settings since.  Block and bank
    # account are those of today: the service may not have the original's any more, and
    # wants no certain ones.

    def _resolve_kept(self, kept):
        """Return the lines of what the customer keeps of this sale.

        :param kept: entries, see ``billing.returns``
        """
        self.ensure_one()
        codes = {}
        for line in self._invoice().lines:
            codes.setdefault(line.ref, set()).add(line.vat)
        lines = []
        for line in map(SaleLine.from_entry, kept):
            known = codes.get(str(line.id), ())
            # A service charge is divided over several codes, and is divided again.
            if len(known) == 1:
                line = dataclasses.replace(line, vat=min(known))
            lines.append(line)
        policy = self._policy()
        billed, _kept_off = sort_lines(lines, policy)
        return make_lines(billed, self.facts["currency"], policy) if billed else ()

    def _is_unchanged(self, standing, lines):
        """True if what stands at the service is what the customer keeps."""
        before = {
            line.ref: (line.quantity, line.gross)
            for line in merged(standing._standing_lines())
        }
        after = {line.ref: (line.quantity, line.gross) for line in merged(lines)}
        step = unit(self.facts["currency"])
        return before.keys() == after.keys() and all(
            quantity == after[ref][0] and abs(gross - after[ref][1]) <= step
            for ref, (quantity, gross) in before.items()
        )

    def _create_remainder(self, main, kept):
        """Ask for the invoice of what was kept; it waits for this storno."""
        generation = self._next_generation(self.order_id, "remainder")
        self.create(
            {
                "order_id": self.order_id.id,
                "account_id": main.account_id.id,
                "kind": "remainder",
                "generation": generation,
                "origin_id": self.id,
                "facts": {
                    **main.facts,
                    "lines": kept,
                    "reference": self.facts["reference"],
                },
                "buyer_choice": main.buyer_choice,
                "reason": self.reason,
                "problem": self.env._("It waits for %s.", self.name),
                "next_attempt": self._now(),
            }
        )

    def _is_remainder_due(self):
        """True once the storno is issued that this document follows."""
        storno = self.origin_id
        if storno.state == "issued":
            return bool(self.request) or self._is_anything_kept()
        if storno.state == "skipped":
            return self._need_none("dropped")
        self._wait(self.env._("It waits for %s.", storno.name))
        return False

    def _is_anything_kept(self):
        """Take off what came back since somebody last asked for this document."""
        root = self._root()
        kept = root._kept(root.order_id, self._counted(root.order_id))
        if not kept:
            return self._need_none("refunded")
        if kept != self.facts["lines"]:
            self.facts = {**self.facts, "lines": kept}
        return True

    def _root(self):
        """Return the first invoice of the sale that this document amends."""
        document = self
        while document.origin_id and document.kind != "invoice":
            document = document.origin_id
        return document

    def _resolve_correction(self):
        """Return the correction: what is kept less what stands."""
        original = self.origin_id._invoice()
        kept = tuple(from_json(Line, line) for line in self.facts["kept"])
        lines = difference(
            self.origin_id._standing_lines(), kept, self.facts["currency"]
        )
        return dataclasses.replace(
            original,
            kind=Kind.CORRECTION,
            lines=lines,
            tenders=(),
            payment_kind=self._given_back(original),
            paid=self._is_settled(original),
            corrected_number=self.origin_id.number,
            proforma_number="",
            proforma_id="",
            **self._amended(original),
        )

    def _given_back(self, original):
        """Return by what most of the money was given back."""
        tenders = self.facts["tenders"]
        if not tenders:
            return original.payment_kind
        main = max(tenders, key=lambda entry: abs(Decimal(entry["amount"])))
        method = self.env["pos.payment.method"].browse(main["method"])
        return PaymentKind(method.salon_payment_kind or original.payment_kind)

    def _is_settled(self, original):
        """True if nobody owes what came back: it was given back, or set off.

        What is put on the customer's account has not been given back.
        """
        tenders = self.facts["tenders"]
        given = [entry for entry in tenders if Decimal(entry["amount"]) < 0]
        if not given:
            return original.paid
        return not all(entry.get("later") for entry in given)

    def _resolve_remainder(self):
        """Return the invoice of what was kept."""
        root = self._root()
        original = root._invoice()
        lines = root._resolve_kept(self.facts["lines"])
        settlement = self._settle_kept(sum(line.gross for line in lines))
        return dataclasses.replace(
            original,
            lines=lines,
            tenders=settlement.tenders,
            payment_kind=settlement.main,
            paid=settlement.paid,
            proforma_number="",
            proforma_id="",
            **self._amended(original),
        )

    def _amending_comment(self):
        """Return what was taken back, and which invoice a remainder goes on from."""
        parts = [self.reason]
        if self.kind == "remainder":
            text = self._policy().texts.first_invoice
            parts.insert(0, text % (self._root().number or "-"))
        return "\n".join(filter(None, parts))

    def _amended(self, original):
        """Return what an amending document has of its own."""
        key, policy = self.external_key, self._policy()
        return {
            "external_key": key,
            "block": policy.block,
            "bank_account": bank_account(policy, original.currency),
            "order_number": order_number(self.facts["reference"], key),
            "comment": self._amending_comment(),
            # Not in the past on the day that it is made.
            "due_date": max(original.due_date, self._today()),
        }

    # === WHAT WAS PAID OF WHAT WAS KEPT === #
    # As the sale is now, less what came back.  "Now" is the document that the storno
    # has cancelled, with what was paid of it since: each of several refunds starts from
    # what the one before has left.

    def _settle_kept(self, gross):
        """Return the :class:`Settlement` of a remainder.

        What was given back is taken off what was paid by the same means, what was put
        on the customer's account off what is owed there.  What is left of it, and what
        came back for other goods, is money too: it is taken off the largest tenders.

        :param Decimal gross: of the remainder, in its currency
        """
        before = self.origin_id.origin_id
        tenders, owed = before._settled()
        amounts = {OWED: owed}
        for tender in tenders:
            amounts[tender.kind] = amounts.get(tender.kind, 0) + tender.amount
        missing = before._invoice().gross - gross
        back = self._given_by_kind()
        for kind, amount in back.items():
            if kind in amounts:
                part = max(min(amount, missing, amounts[kind]), Decimal(0))
                amounts[kind] -= part
                missing -= part
        del amounts[OWED]
        # What is left where cash was given back is, or has, the rounding of cash.
        first = PaymentKind.CASH if PaymentKind.CASH in back else None
        take_from_largest(amounts, missing, first)
        owed = gross - _sum(amounts.values())
        return Settlement(
            tenders=_reduced(tenders, amounts),
            main=main_kind(amounts, owed, self._policy()),
            owed=owed,
            rounding=Decimal(0),
        )

    def _given_by_kind(self):
        """Return what was given back, by the kind of payment, or ``OWED``.

        :return: positive Decimals in the sale's currency, what was owed first
        """
        refund = self.origin_id._sale()
        paid, owed = sum_payments(refund.payments, self._policy())
        return {
            kind: -quantize(amount, refund.currency)
            for kind, amount in {OWED: owed, **paid}.items()
            if amount < 0
        }

    def _settled(self):
        """Return the tenders of this issued document as of now, and what is owed.

        :return: of ``Tender`` a tuple, and a Decimal; they add up to its gross
        """
        invoice, steps = self._invoice(), self.step_ids
        untold = steps.filtered(lambda step: step.kind == "payments")
        if untold and not steps.filtered(
            lambda step: step.kind in TELLING and step.state == "done"
        ):
            tenders = invoice.tenders
            return tenders, invoice.gross - _tendered(tenders)
        owed = Decimal(str(self.amount_outstanding))
        return self._paid_there(invoice, invoice.gross - owed), owed

    def _paid_there(self, invoice, paid):
        """Return the registered tenders, made to be ``paid`` in all.

        What somebody has registered or undone at the service itself is known by its
        sum only; it is taken for the means that the document names.
        """
        tenders = self._tenders()
        more = paid - _tendered(tenders)
        if more > 0:
            day = datetime.now(BUDAPEST).date()
            other = Tender(kind=invoice.payment_kind, amount=more, date=day)
            return (*tenders, other)
        return _shifted(tenders, more)

    # === DRAFTS AND PROFORMAS === #
    # Reviewed, made an invoice, or discarded.  The invoice that a draft or proforma
    # becomes is a row of its own, whose *origin* is what it was: it is claimed, sent
    # and recovered like every other document.

    def _is_conversion(self):
        return self.kind == "invoice" and self.origin_id.kind in UNFINISHED

    def _or_its_draft(self):
        """Return this document, or what it was to be made of if it was dropped."""
        dropped = self.state == "skipped" and self._is_conversion()
        return self.origin_id if dropped else self

    def _look_only(self):
        """Have the service asked for a document that was made there: never send it."""
        now = self._now()
        self._transition(
            "checking", sent_at=now, next_attempt=now, looking_after="absent"
        )

    def _changes(self, current):
        """Return how somebody has changed this draft or proforma at the service.

        The invoice is made of what Odoo knows, and would undo what was changed there.

        :param billing.invoice.IssuedDocument current: as it stands there now
        :return: tuples of what, as it was made, and as it is; see ``_tell_differences``
        """
        meant, made = self._invoice(), self._issued()
        pairs = [
            (what, getattr(made, what), getattr(current, what))
            for what in (
                "currency",
                "exchange_rate",
                "net",
                "fulfillment_date",
                "due_date",
            )
        ]
        pairs.append(("gross", meant.gross, current.gross))
        if not _is_known(made.partner_id, current.partner_id):
            pairs.append(("buyer_name", made.buyer_name, current.buyer_name))
        elif made.partner_id != current.partner_id:
            pairs.append(
                (
                    "buyer_name",
                    f"{made.buyer_name} ({made.partner_id})",
                    f"{current.buyer_name} ({current.partner_id})",
                )
            )
        changes = [
            (what, ours, theirs)
            for what, ours, theirs in pairs
            if _is_known(ours, theirs) and ours != theirs
        ]
        if made.comment.split() != current.comment.split():
            changes.append(("comment", made.comment, current.comment))
        return tuple(changes)

    def _request_invoice(self):
        """Return the row of the invoice that this draft or proforma becomes.

        It may have been dropped before: then it is asked for again.
        """
        self.ensure_one()
        invoice = self.follow_up_ids.filtered(lambda row: row.state == "skipped")
        if invoice:
            invoice._ask_again()
        else:
            invoice = self.create(
                {
                    "order_id": self.order_id.id,
                    "account_id": self.account_id.id,
                    "kind": "invoice",
                    "generation": self.generation,
                    "origin_id": self.id,
                    "facts": self.facts,
                    "buyer_choice": self.buyer_choice,
                    "next_attempt": self._now(),
                }
            )
        invoice.account_id._wake()
        return invoice

    def _check_unfinished(self):
        """Refuse what is no draft or proforma, or has its fate decided already.

        :raises UserError: with the reason
        """
        if not self._stands_there(*UNFINISHED):
            raise UserError(
                self.env._(
                    "%s is no draft or proforma that waits at the service.", self.name
                )
            )
        if not self._is_known_there():
            raise UserError(self._made_by_hand(self))
        if self.follow_up_ids.filtered(lambda row: row.state != "skipped"):
            raise UserError(self.env._("%s is being made an invoice.", self.name))
        if self._is_being_discarded():
            raise UserError(self.env._("%s is being discarded.", self.name))

    def _is_being_discarded(self):
        return any(
            step.kind == "discard" and step.state in ("todo", "doing")
            for step in self.step_ids
        )

    def _is_last(self):
        """True unless somebody has asked for another one in its place."""
        sold = self.order_id.salon_document_ids.filtered(
            lambda row: row.kind in MAIN_KINDS
        )
        return self.generation == max(sold.mapped("generation"))

    def _make_anew(self, kept, refunds):
        """Ask for a new draft or proforma of what the customer kept.

        :param kept: entries, see ``billing.returns``
        :param refunds: ids of the orders that took back what these entries have lost
        """
        counted = sorted({*self.facts.get("refunds", ()), *refunds})
        self.create(
            {
                "order_id": self.order_id.id,
                "account_id": self.account_id.id,
                "kind": self.kind,
                "generation": self.generation + 1,
                "facts": {**part_of(self.facts, kept), "refunds": counted},
                "next_attempt": self._now(),
            }
        )

    # === STORNOS === #
    # A document of its own, linked to the one that it cancels.  No service gives a
    # storno a key of ours that could be trusted, so its recovery is the look at the
    # original: it is cancelled, and then names its storno, or it stands.

    def _made_by_hand(self, original):
        return self.env._(
            "%s was made at the service by hand, so its storno or correction is made "
            "there, too. Record the number of it here.",
            original.name,
        )

    def _changed_there_message(self, changes):
        """Return why no invoice is made of this draft or proforma."""
        return self.env._(
            "%(document)s was changed at the service (%(changes)s). Make the "
            "invoice there, or discard it.",
            document=self.name,
            changes=self._tell_differences(changes),
        )

    def _deleted_there_message(self):
        """Return why no invoice is made of this draft or proforma."""
        return self.env._(
            "%s is not at the service any more: somebody has deleted it there.",
            self.name,
        )

    def _unknown_rate_message(self):
        """Return why this invoice in a foreign currency cannot be corrected."""
        return self.env._(
            "The service does not tell the exchange rate of %s. Make the "
            "correction there and record its number here.",
            self.name,
        )

    def _is_being_cancelled(self):
        return bool(
            self.follow_up_ids.filtered(
                lambda row: row.kind == "storno" and row.state != "skipped"
            )
        )

    def _check_can_cancel(self):
        """Refuse what the service would refuse, or what would be done twice.

        :raises UserError: with what to do instead
        """
        self.ensure_one()
        if self.kind == "correction" or not self._stands_there("invoice", "remainder"):
            raise UserError(self.env._("Only an issued invoice can be cancelled."))
        if self._corrections():
            raise UserError(
                self.env._(
                    "%s has been corrected, and a corrected invoice cannot be "
                    "cancelled. Refund the rest of it in the till: that makes another "
                    "correction.",
                    self.number,
                )
            )
        sale = self.order_id._salon_returned_order() or self.order_id
        blocker = self._unsettled_before(sale)
        if blocker:
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(document)s of the same sale is not settled yet: %(state)s.",
                    document=blocker.name,
                    state=states[blocker.state],
                )
            )
        if self.account_id.state in ("draft", "disconnected"):
            raise UserError(
                self.env._(
                    "%s has been disconnected. Connect it again first: an invoice is "
                    "cancelled where it was issued.",
                    self.account_id.name,
                )
            )

    def _request_storno(self, reason):
        """Write the wish that this invoice be cancelled; return the storno's row."""
        self._check_may_manage()
        document = self.sudo()
        document._check_can_cancel()
        storno = document.create(
            {
                "order_id": document.order_id.id,
                "account_id": document.account_id.id,
                "kind": "storno",
                "generation": document._next_generation(document.order_id, "storno"),
                "origin_id": document.id,
                "reason": reason,
                "next_attempt": document._now(),
            }
        )
        document._message_log(
            body=self.env._(
                "%(user)s has asked for the storno: %(reason)s",
                user=self.env.user.name,
                reason=reason,
            )
        )
        storno.account_id._wake()
        return storno

    def _reissue(self, generation):
        """Return the row of the next generation: the sale as it is now."""
        order = self.order_id
        facts = self._facts_for_person(order._salon_return_orders())
        if not facts["lines"]:
            raise UserError(self.env._("Everything of this sale has come back."))
        account = order._salon_policy().account
        if not account:
            raise UserError(self.env._("No invoicing service is connected."))
        new = self.create(
            {
                "order_id": order.id,
                "account_id": account.id,
                "kind": self.kind,
                "generation": generation,
                "facts": facts,
                "next_attempt": self._now(),
            }
        )
        account._wake()
        return new

    # === ASKED FOR AGAIN === #
    # A document that was skipped or discarded, and that somebody asks for after all.
    # What may be at the service is looked for there first: the same bytes at the same
    # account.  All else is a new wish, of the kind and at the account that its till has
    # by now, from the sale as it is.  Nothing is asked for again by itself.

    def _ask_again(self):
        """Let a skipped document be looked for, or wait to be built anew."""
        self.ensure_one()
        values = {
            "skip_reason": False,
            "settled_by_id": False,
            "next_attempt": self._now(),
            "failure_count": 0,
            "empty_looks": 0,
        }
        if self.sent_at and not self._is_overtaken():
            self._transition("checking", **values)
            return
        values.update(self._wanted_now(), **self._unsent_values())
        self._transition("waiting", **values)

    def _is_overtaken(self):
        """True if another storno has cancelled the original of this one.

        A look at the original would find that other one.
        """
        return self.kind == "storno" and self.origin_id.state != "issued"

    def _is_discarded(self):
        """True if nothing is left at the service that could become the invoice."""
        return self._or_its_draft().state == "discarded"

    def _make_next(self, reason):
        """Return a new document in place of a discarded one: the sale as it is now.

        :param reason: why it is skipped; False to have it made
        :raises UserError: if more came back of the sale than was sold
        """
        facts = self._facts_for_person(self.order_id._salon_return_orders())
        if not facts["lines"]:
            reason = reason or "refunded"
        return self.order_id._salon_create_sold(
            reason, facts=facts, generation=self.generation + 1
        )

    def _facts_for_person(self, refunds):
        """Return :meth:`_facts_now`, for somebody who asks for the document.

        :raises UserError: if more came back of the sale than was sold
        """
        try:
            return self._facts_now(refunds)
        except errors.Rejected as error:
            raise UserError(self.account_id._explain(error)) from error

    def _wanted_now(self):
        """Return account, facts and kind as they are by now.

        What a draft, a proforma or a storno is continued by stays what it is; a refund
        is decided anew.

        :raises UserError: if more came back of the sale than was sold
        """
        if self.kind == "remainder" or (self.origin_id and self.kind == "invoice"):
            return {}
        policy = self.order_id._salon_policy()
        if self.kind in RETURN_KINDS:
            kind, account = "refund", self.order_id._salon_account()
            facts = self.order_id._salon_facts()
        else:
            kind, account = policy.kind, policy.account
            counted = (self.facts or {}).get("refunds", ())
            facts = self._facts_for_person(self.order_id.browse(counted))
        return {
            "account_id": account.id,
            "facts": facts,
            "origin_id": False,
            **self._as_kind(kind),
        }

    # === STEPS AFTER IT IS ISSUED === #
    # Planned when it is issued, or wished by a person.

    def _step_kinds(self, capabilities, issued, meant):
        """Return what is to be done for this document, which has just been issued.

        :param billing.invoice.IssuedDocument issued: as the service made it
        :param billing.invoice.Invoice meant: the frozen content, None for a storno
        """
        kinds = []
        if self.kind != "draft":
            if self._has_payments_to_tell(issued, meant):
                kinds.append("payments")
            if self._is_to_be_mailed(meant) and not capabilities.mails_on_issue:
                kinds.append("email")
            if capabilities.public_url and not issued.public_url:
                kinds.append("link")
            kinds.append("pdf")
        if capabilities.nav_status and self.kind not in UNFINISHED:
            kinds.append("nav")
        if capabilities.documents_tell_sandbox and self.account_id._sandbox() is None:
            kinds.append("look")
        return kinds

    def _has_payments_to_tell(self, issued, meant):
        """True if the service does not know yet what was paid, and by what.

        It takes a paid document for paid by the one tender that it names, or, by some
        tenders, for not paid at all.
        """
        if self.kind not in ("invoice", "remainder") or not meant.tenders:
            return False
        return bool(len(meant.tenders) > 1 or not meant.paid or issued.outstanding)

    def _is_to_be_mailed(self, meant):
        """True if the buyer gets this document: a storno, if they got the invoice."""
        if self.kind == "storno":
            return bool(self.origin_id._mailed_to())
        return meant.send_email and bool(meant.buyer.emails)

    def _mailed_to(self):
        """Return the addresses that this document was sent to, as a tuple."""
        emails = []
        if self.account_id._capabilities().mails_on_issue:
            invoice = self._invoice()
            if invoice and invoice.send_email:
                emails += invoice.buyer.emails
        sent = self.step_ids.filtered(
            lambda step: step.kind == "email" and step.state in ("done", "unknown")
        )
        for step in sent:
            wished = (step.arguments or {}).get("emails") or self._buyer_emails()
            emails += [email for email in wished if email not in emails]
        return tuple(emails)

    def _buyer_emails(self):
        """Return the addresses of the buyer on this document."""
        if self.kind == "storno":
            return self.origin_id._mailed_to()
        invoice = self._invoice()
        return invoice.buyer.emails if invoice else ()

    def _plan_step(self, kind, arguments=None, **values):
        """Write down that ``kind`` is to be done for this document."""
        return self._plan_steps([kind], arguments=arguments or False, **values)

    def _plan_steps(self, kinds, pdf_after=0, **values):
        """Write down that ``kinds`` are to be done for this document, in this order.

        :param float pdf_after: seconds that the service needs until there is a PDF
        """
        self.ensure_one()
        now = self._now()
        pauses = {"pdf": timedelta(seconds=pdf_after)}
        return self.env["salon.invoice.step"].create(
            [
                {
                    "document_id": self.id,
                    "kind": kind,
                    "next_attempt": now + pauses.get(kind, timedelta()),
                    **values,
                }
                for kind in kinds
            ]
        )

    def _on_step_failed(self, step):
        """A step has been given up: tell the refund that waits, and who wished it."""
        if step.kind == "discard":
            self._on_discard_failed(step)
        if step.user_id:
            labels = dict(step._fields["kind"]._description_selection(self.env))
            self.message_post(
                body=self.env._(
                    "%(wish)s could not be done: %(why)s",
                    wish=labels[step.kind],
                    why=step.message or "",
                ),
                partner_ids=step.user_id.partner_id.ids,
            )

    def _on_discard_failed(self, step):
        """A refund whose draft cannot be discarded is left to a human."""
        until = (step.arguments or {}).get("until")
        refund = self.env["pos.order"].browse(until or ()).salon_document_ids
        refund = refund.filtered(lambda row: row.kind == "refund")
        if refund.state == "waiting":
            message = self.env._(
                "%(document)s could not be discarded: %(why)s Discard it at the "
                "service, then retry.",
                document=self.name,
                why=step.message or "",
            )
            refund._on_error(errors.Rejected(message))

    def _attach_pdf(self, content):
        """Keep the PDF with the document.

        :param bytes content: of the PDF
        """
        self.pdf_id.unlink()
        self.pdf_id = self.env["ir.attachment"].create(
            {
                "name": f"{(self.number or self.external_key).replace('/', '-')}.pdf",
                "datas": base64.b64encode(content),
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    def _wish(self, kind, arguments=None):
        """Write the wish of a person, and wake the lane that will fulfil it.

        :raises UserError: if the document is not at the service, or the same wish waits
        """
        self.ensure_one()
        document = self.sudo()
        if not document._is_known_there() or document.state == "discarded":
            raise UserError(
                self.env._("%s is not at the service (yet).", document.name)
            )
        if document.account_id.state in ("draft", "disconnected"):
            raise UserError(
                self.env._(
                    "%s has been disconnected. Connect it again first.",
                    document.account_id.name,
                )
            )
        if document.step_ids.filtered(
            lambda step: step.kind == kind and step.state in ("todo", "doing")
        ):
            raise UserError(self.env._("This is being done already."))
        step = document._plan_step(kind, arguments, user_id=self.env.user.id)
        document.account_id._wake()
        return step

    def _wish_noted(self):
        """Return the answer of a button whose wish the lane will fulfil."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("It will be done in a moment."),
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
            # Odoo reads an address out of what has more lines: not out of a header.
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
        """Return where the document can be seen, "" where that is nowhere yet."""
        self.ensure_one()
        return self.public_url or (self.pdf_id and self._pdf_url()) or ""

    # === PAYMENTS === #
    # As registered by us, and as the service says.  Services keep a document's payments
    # as one history that is replaced as a whole, so what somebody registered at the
    # service is looked at first and never overwritten.

    def _tenders(self):
        """Return the payments that we have registered, as ``Tender``."""
        return tuple(from_json(Tender, data) for data in self.payments or ())

    def _note_payments(self, tenders, state):
        """Record what the service says is paid.

        :param state: ``billing.invoice.PaymentState``
        """
        self.write(
            {
                "payments": to_json(tuple(tenders)),
                "amount_outstanding": float(state.outstanding),
            }
        )

    def _check_payable(self):
        self.ensure_one()
        if self.kind not in PAYABLE or self.state != "issued":
            raise UserError(self.env._("Only an issued invoice can be paid."))

    # === REPORT TO NAV, AND WHAT SOMEBODY DID AT THE SERVICE === #
    # Found, shown, never overwritten.

    def _note_nav(self, status):
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
                    "invoice stands; mend the cause at the service, or cancel it and "
                    "issue it again.",
                    number=self.number,
                    detail=status.detail,
                ),
            )

    def _alert(self, summary, message):
        """Tell the recipients about a document that stands as it is."""
        self.message_post(body=message)
        self.account_id._notify_recipients(self, summary, message)

    def _compare(self, current):
        """Show how the document at the service differs from what we know.

        :param current: ``billing.invoice.IssuedDocument``
        """
        self.ensure_one()
        self.looked_at = self._now()
        if current.exchange_rate and not self.exchange_rate:
            self.exchange_rate = float(current.exchange_rate)
        if self.state != "issued":
            return
        if self.kind in ("invoice", "remainder"):
            if current.cancelled:
                self._on_cancelled_there()
            else:
                self._compare_payments(current)
        elif current.kind is Kind.INVOICE:
            self._on_finalized_there()
        elif changes := self._changes(current):
            self._show(
                self.env._(
                    "Changed at the service (%s).", self._tell_differences(changes)
                )
            )

    def _on_cancelled_there(self):
        """Find the storno that was made at the service, and adopt it."""
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
        storno._look_only()
        self._alert(
            self.env._("Cancelled at the service"),
            self.env._("%s was cancelled at the service, not by Odoo.", self.number),
        )

    def _on_finalized_there(self):
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
                theirs=self._in_words(theirs),
                ours=self._in_words(ours),
            )
        )

    def _on_vanished(self):
        """The service does not have the document any more."""
        self.looked_at = self._now()
        if self.kind in ("draft", "proforma") and self.state == "issued":
            self._transition("discarded")
            self._message_log(
                body=self.env._(
                    "It is not at the service any more: it was deleted there, or an "
                    "invoice was made of it there."
                )
            )
        else:
            self._show(self.env._("The service does not find this document any more."))

    def _show(self, warning):
        if self.warning != warning:
            self.warning = warning
            self._alert(self.env._("Look at the invoice at the service"), warning)

    def _plan_look(self):
        """Plan a look, on the row of the last one: a look a day leaves no rows."""
        looks = self.step_ids.filtered(lambda step: step.kind == "look")
        if not looks:
            self._plan_step("look")
        elif not looks.filtered(lambda step: step.state in ("todo", "doing")):
            looks[-1].write({"state": "todo", "tries": 0, "next_attempt": self._now()})

    # === PEOPLE'S BUTTONS === #
    # Buttons write a wish and wake the lane; nothing here calls a service.

    def action_open_service(self):
        """Open the customer's page of the document at the service."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.public_url, "target": "new"}

    def action_open_pdf(self):
        """Open the PDF in the browser."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": self._pdf_url(),
            "target": "new",
        }

    def action_download_again(self):
        """Fetch the PDF from the service again."""
        self._check_may_generate()
        self._wish("pdf")
        return self._wish_noted()

    def action_send_again(self, emails):
        """E-mail the document again.

        :param emails: addresses, for instance ["anna@example.com"]
        :raises UserError: if the service e-mails documents only as it issues them, or
            the addresses are too many, or none
        """
        self._check_may_generate()
        emails = self._check_emails(emails)
        if not self.can_send:
            raise UserError(
                self.env._(
                    "The service e-mails a document only when it issues it. Download "
                    "%s and send it yourself.",
                    self.name,
                )
            )
        self._wish("email", {"emails": emails})
        return self._wish_noted()

    def action_look(self):
        """Ask the service how these documents stand now."""
        self._check_may_generate()
        for document in self:
            document._wish("look")
        return self._wish_noted()

    def action_retry(self):
        """Write the wish that the document be tried again, and wake the lane.

        Where an earlier send may have arrived, the service is asked first, and what is
        sent are the same bytes; unless a person has looked there in its place.

        :raises AccessError: if the user may not sell or invoice
        """
        self._check_may_generate()
        self.check_access("read")
        self.sudo()._retry()

    def _retry(self):
        """Have those of these documents tried again that wait for a person."""
        for document in self.filtered(lambda row: row.state == "attention"):
            if document._is_being_cancelled():
                continue
            values = document._at_once()
            if document.problem_reason in UNPROVEN and not document.remote_id:
                # A person has looked just now: that is worth a look-up of ours.
                sent = max(document.send_count, 1)
                values.update(sent_at=document._now(), send_count=sent)
                document._transition("waiting", **values)
            elif not document._may_have_arrived():
                values.update(document._unsent_values())
                document._transition("waiting", **values)
            else:
                # Whatever was sent so far is one send: it may still have arrived.
                document._transition("checking", **values, send_count=1)
            document._done_with_attention()

    def action_retry_chosen(self):
        """Try those of these documents again that need attention; say how many.

        :raises AccessError: if the user may not sell or invoice
        """
        chosen = self.filtered(lambda document: document.state == "attention")
        chosen.action_retry()
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

    def action_check(self):
        """Write the wish that the service be asked for the document; nothing is sent.

        :raises AccessError: if the user may not sell or invoice
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
            document._transition(
                "checking",
                looking_after=document.problem_reason or "absent",
                next_attempt=self._now(),
                empty_looks=0,
            )
            document._done_with_attention()

    def action_issue_for_company(self):
        """Issue with the company's data, as far as they are there."""
        self._decide_buyer("company")

    def action_issue_for_private(self):
        """Issue as for a private person, without the company's data."""
        self._decide_buyer("private")

    def _decide_buyer(self, choice):
        """Write the decision and the wish to try again.

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
        :raises AccessError: if the user is neither manager nor accountant
        :raises UserError: if the document is on its way, or the number is taken
        """
        self.ensure_one()
        self._check_may_settle()
        self.check_access("read")
        document = self.sudo()
        if document.state not in ("attention", "waiting") or (
            document.state == "waiting" and document._may_have_arrived()
        ):
            raise UserError(
                self.env._("Only a document that needs attention, or was never sent.")
            )
        if document._is_being_cancelled():
            raise UserError(self.env._("%s is being cancelled.", document.name))
        values = {"settled_by_id": self.env.uid, "next_attempt": False}
        if number:
            number = number.strip()
            document._check_number_is_free(number)
            if document.state == "waiting":
                document._transition("attention", problem_reason="settled")
            # What the service made for this row is not what a person answers for.
            values["snapshot"] = False
            if number != document.number:
                values.update(remote_id=False, public_url=False)
            document._transition(
                "issued", number=number, issued_at=self._now(), **values
            )
            body = self.env._("Made at the service by hand: %s", number)
        else:
            document._transition("skipped", skip_reason="dropped", **values)
            body = self.env._("No invoice is made of this sale.")
        document.message_post(
            body=f"{body} {note or ''}".strip(), author_id=self.env.user.partner_id.id
        )
        document.activity_unlink(["mail.mail_activity_data_warning"])

    def action_finalize(self):
        """Make invoices of these drafts and proformas."""
        self._check_may_manage()
        for document in self.sudo():
            document._check_unfinished()
            if document._is_different_there():
                raise UserError(
                    self.env._("%s is not what was asked for.", document.name)
                )
            document._request_invoice()
        return self._wish_noted()

    def action_discard(self):
        """Have these drafts deleted and these proformas archived at the service."""
        self._check_may_manage()
        for document in self:
            document.sudo()._check_unfinished()
            document._wish("discard")
        return self._wish_noted()

    def action_reissue(self):
        """Ask for a new invoice in place of a cancelled one, from data as they are now.

        :raises UserError: if an invoice of the sale stands, or nothing is left of it
        """
        self.ensure_one()
        self._check_may_manage()
        document = self.sudo()
        order = document.order_id
        if document != order.salon_document_id or document.state != "cancelled":
            raise UserError(
                self.env._("Only the cancelled invoice of a sale is issued again.")
            )
        if document._standing():
            raise UserError(
                self.env._("%s stands for this sale.", document._standing().name)
            )
        if order.account_move:
            raise UserError(
                self.env._("%s stands for this sale.", order.account_move.name)
            )
        new = document._reissue(document.generation + 1)
        return new._get_records_action()

    def action_register_payment(self, amount, kind, day):
        """Register that ``amount`` was paid, all or part of what is outstanding.

        :param float amount: in the currency of the document
        :param str kind: a value of ``billing.invoice.PaymentKind``
        :param str day: in ISO form
        :raises UserError: if the amount is not between nothing and what is outstanding
        """
        self._check_may_manage()
        self._check_payable()
        exact = Decimal(str(amount))
        if not 0 < exact <= Decimal(str(self.amount_outstanding)):
            raise UserError(
                self.env._(
                    "The amount must be more than nothing and at most what is "
                    "outstanding: %s.",
                    self._in_words(self.amount_outstanding),
                )
            )
        tender = Tender(
            kind=PaymentKind(kind), amount=exact, date=date.fromisoformat(str(day))
        )
        self._wish("pay", to_json(tender))
        return self._wish_noted()

    def action_undo_payments(self):
        """Remove every payment of the document at the service."""
        self._check_may_manage()
        self._check_payable()
        self._wish("unpay")
        return self._wish_noted()

    # === RULES === #

    def _check_may_generate(self):
        """Only people who sell or manage sales may ask for documents they may see."""
        self.check_access("read")
        if not self.env.user.has_group("point_of_sale.group_pos_user") and not (
            self.env.user.has_group("account.group_account_invoice")
        ):
            raise UserError(
                self.env._("Only users of Point of Sale or Invoicing may do this.")
            )

    def _check_may_manage(self):
        """Storno, finalizing and payments are for those who answer for invoices."""
        user = self.env.user
        groups = (
            "point_of_sale.group_pos_manager",
            "account.group_account_invoice",
            "base.group_system",
        )
        if not any(user.has_group(group) for group in groups):
            raise UserError(
                self.env._(
                    "Only managers of Point of Sale, users of Invoicing and "
                    "administrators may do this."
                )
            )
        self.check_access("read")

    def _check_may_settle(self):
        """Only managers and accountants may say what was made elsewhere."""
        groups = ("point_of_sale.group_pos_manager", "account.group_account_invoice")
        if not any(map(self.env.user.has_group, groups)):
            raise UserError(
                self.env._("Only managers of Point of Sale or accountants may do this.")
            )

    def _check_number_is_free(self, number):
        taken = self.search(
            [
                ("number", "=", number),
                ("account_id", "=", self.account_id.id),
                ("id", "!=", self.id),
            ],
            limit=1,
        )
        if taken:
            raise UserError(
                self.env._(
                    "%(number)s is already recorded for %(sale)s.",
                    number=number,
                    sale=taken.pos_reference or taken.order_id.name,
                )
            )

    def _may_have_arrived(self):
        """Say whether the service may have what was sent, as far as we know."""
        return bool(self.sent_at) and self.problem_reason not in REFUSED

    def _is_undecided_refund(self):
        """Say whether it is open what this refund becomes: that depends on its sale."""
        return (
            self.kind == "refund"
            and self.state in ("waiting", "attention")
            and not self._may_have_arrived()
        )

    def _may_move(self):
        """Say whether another account may make this document instead of its own.

        It does not where this one may have it, or has what the document is made of.
        """
        return (
            self.state in ("waiting", "attention")
            and self.kind in MAIN_KINDS
            and not self.origin_id
            and not self._may_have_arrived()
        )

    def _as_kind(self, kind):
        """Return the values that make this row one of ``kind``; none if it is one."""
        if kind == self.kind:
            return {}
        generation = max(self.generation, self._next_generation(self.order_id, kind))
        key = self._make_external_key(self.order_id, kind, generation)
        return {"kind": kind, "generation": generation, "external_key": key}

    def _move_to(self, account, kind):
        """Have ``account`` make this document, as a ``kind``, from the sale's facts."""
        values = {"account_id": account.id, **self._unsent_values()}
        values.update(self._as_kind(kind))
        if self.state == "waiting":
            values.update(next_attempt=self._now(), failure_count=0)
        elif account != self.account_id:
            # What the former service said is none of the new one's words.
            values["problem"] = self.env._(
                "%(account)s makes this document now and has not been asked for it "
                "yet: Retry sends it there. What was wrong at %(former)s: %(problem)s",
                account=account.name,
                former=self.account_id.name,
                problem=self.problem or "",
            )
        self.write(values)
        account._wake()

    def _resume(self):
        """Let go on what was never sent and lacked nothing but a connection."""
        for document in self:
            if (
                document.state == "attention"
                and document.problem_reason == "disconnected"
                and not document._may_have_arrived()
            ):
                document._transition(
                    "waiting", **document._at_once(), **document._unsent_values()
                )
                document._done_with_attention()

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
    value = condition.value
    if condition.field_expr != "number" or condition.operator != "ilike":
        return condition
    text = re.sub(r"([\\%_])", r"\\\1", str(value or ""))
    return Domain("number", "=like", f"{text}%") | Domain(
        "number", "=like", f"{text.upper()}%"
    )


def _sum(amounts):
    return sum(amounts, Decimal(0))


def _tendered(tenders):
    return _sum(tender.amount for tender in tenders)


def _reduced(tenders, amounts):
    """Return ``tenders``, on their days, as they make ``amounts`` by kind."""
    reduced = ()
    for kind, amount in amounts.items():
        own = tuple(tender for tender in tenders if tender.kind is kind)
        reduced += _shifted(own, amount - _tendered(own))
    return reduced


def _shifted(tenders, missing):
    """Return ``tenders`` plus ``missing``, without those of which nothing is left."""
    amounts = shift([tender.amount for tender in tenders], missing)
    return tuple(
        dataclasses.replace(tender, amount=amount)
        for tender, amount in zip(tenders, amounts, strict=True)
        if amount
    )


def _is_known(*values):
    """True if the service has told each of ``values``."""
    return not any(value in (None, "") for value in values)
