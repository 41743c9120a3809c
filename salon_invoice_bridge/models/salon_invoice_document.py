import base64
import hashlib
import re
from datetime import datetime, timezone
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.misc import format_amount

from ..billing.codec import from_json, to_json
from ..billing.invoice import Invoice, IssuedDocument
from . import (
    salon_invoice_account,  # noqa: F401  # its table first: see _account_of_company
)
from .content_problem import ContentProblem

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
    """

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
        ],
        readonly=True,
        copy=False,
    )
    reason = fields.Char(readonly=True, copy=False, help="Why it is cancelled.")
    problem = fields.Text(readonly=True, copy=False)
    problem_reason = fields.Char(readonly=True, copy=False)

    facts = fields.Json(readonly=True, copy=False)
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

    _one_per_kind = models.Constraint(
        "UNIQUE (order_id, kind, generation)",
        "This sale already has that document.",
    )
    _external_key_unique = models.Constraint(
        "UNIQUE (external_key)", "The external key of a document is unique."
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

    # === ONE COMPANY === #

    @api.constrains("company_id", "order_id", "account_id", "origin_id")
    def _check_one_company(self):
        """Refuse a document of several companies, also where no rights are checked.

        :raises ValidationError: in words that tell nothing of the other company
        """
        for document in self:
            linked = document.order_id.company_id | document.origin_id.company_id
            if linked - document.company_id or (
                document.account_id
                and document.account_id._owner_id() != document.company_id.id
            ):
                raise ValidationError(self._tell_mixed())

    def _check_companies(self):
        """Refuse to call a service for a document of several companies.

        In one statement: it comes before each call, when nothing is cached.

        :raises ContentProblem: for a person
        """
        self.flush_recordset(["company_id", "order_id", "account_id", "origin_id"])
        self.env.cr.execute(
            """SELECT 1
                 FROM salon_invoice_document row
                 JOIN pos_order sale ON sale.id = row.order_id
            LEFT JOIN salon_invoice_account account ON account.id = row.account_id
            LEFT JOIN salon_invoice_document origin ON origin.id = row.origin_id
                WHERE row.id IN %s
                  AND (sale.company_id != row.company_id
                       OR account.company_id != row.company_id
                       OR origin.company_id != row.company_id)""",
            [tuple(self.ids)],
        )
        if self.env.cr.rowcount:
            raise ContentProblem(self._tell_mixed())

    def _tell_mixed(self):
        return self.env._(
            "An invoice is of one company: that of its sale, of its account and of the "
            "invoice that it follows."
        )

    # === CREATION === #

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

    # === SEARCH === #

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
        for document in self:
            if state not in TRANSITIONS[document.state]:
                raise ValueError(f"Document {document.id}: {document.state} -> {state}")
        if state != "attention":
            values = {"problem": False, "problem_reason": False, **values}
        self.write({"state": state, **values})
        if state not in OPEN:
            for document in self:
                document._on_settled()

    def _issued_values(self, issued, meant):
        """Return the values that record that ``issued`` is this document.

        :param billing.invoice.IssuedDocument issued: from the service
        :param billing.invoice.Invoice meant: the frozen content, None for a storno
        """
        self.ensure_one()
        now = self._now()
        warning = issued.warning
        if meant and issued.gross != meant.gross:
            warning = self.env._(
                "The service issued %(theirs)s instead of %(ours)s.",
                theirs=self._in_words(issued.gross),
                ours=self._in_words(meant.gross),
            )
        return {
            "remote_id": issued.id,
            "number": issued.number,
            "amount_gross": float(issued.gross),
            "public_url": issued.public_url,
            "warning": warning,
            "snapshot": to_json(issued),
            "issued_at": now,
            "lead_time": (now - self.create_date).total_seconds(),
            "next_attempt": False,
        }

    def _on_settled(self):
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

    def _in_words(self, amount):
        """Return an amount in the document's currency as a person reads it.

        One with a fraction of the currency's unit is told to its last digit.
        """
        exact = Decimal(str(amount))
        if exact != round(exact, self.currency_id.decimal_places):
            return f"{exact:f} {self.currency_id.symbol}"
        return format_amount(self.env, float(exact), self.currency_id)

    @api.model
    def _now(self):
        """Return the time in UTC with its microseconds, which Datetime.now() drops."""
        return datetime.now(timezone.utc).replace(tzinfo=None)

    # === FROZEN CONTENT === #

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

    # === ACTIONS === #

    def _check_may_generate(self):
        """Only people who sell or manage sales may ask for documents they may see."""
        self.check_access("read")
        if not self.env.user.has_group("point_of_sale.group_pos_user") and not (
            self.env.user.has_group("account.group_account_invoice")
        ):
            raise UserError(
                self.env._("Only users of Point of Sale or Invoicing may do this.")
            )

    def action_open_service(self):
        """Open the customer's page of the document at the service."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.public_url, "target": "new"}


def _by_beginning(condition):
    """Return ``condition``, or that a number begins with what was looked for in it."""
    value = condition.value
    if condition.field_expr != "number" or condition.operator != "ilike":
        return condition
    text = re.sub(r"([\\%_])", r"\\\1", str(value or ""))
    return Domain("number", "=like", f"{text}%") | Domain(
        "number", "=like", f"{text.upper()}%"
    )
