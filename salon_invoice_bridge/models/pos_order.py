import base64
import copy
import logging
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from psycopg2.errors import InvalidSavepointSpecification

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, MissingError, UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL
from odoo.tools.misc import format_amount, format_date
from odoo.tools.pdf import PdfReadError, merge_pdf

from ..billing import choice, paper
from ..billing.buyer import BuyerChoice, is_business
from ..billing.choice import BuyerKind, Outcome, Reason, Rule, Situation, Wish
from ..billing.codec import to_json
from ..billing.deposit import is_involved
from ..billing.guest_page import (
    Slip,
    Stage,
    decide_page,
    is_token,
    most_private,
    sort_of_buyer,
)
from ..billing.hungary import day_of
from ..billing.invoice import (
    IDLE_STATES,
    LANE_STATES,
    MADE_STATES,
    MAIN_KINDS,
    OPEN_STATES,
    RETURN_KINDS,
    TAKEN_STATES,
    TAKING_BACK_KINDS,
    DocumentKind,
    State,
)
from ..billing.lines import empty_reason, left_off, name_kept_off, supplied_gross
from ..billing.money import quantize
from ..billing.owed import standing
from ..billing.policy import Tip, VoucherSale
from ..billing.problem import Code, Problem
from ..billing.returns import part_of
from ..billing.sale import (
    DEPOSIT_ROLES,
    VOUCHER_ROLES,
    Customer,
    Role,
    Sale,
    total_gross,
)

_logger = logging.getLogger(__name__)

#: Fields that only the addon writes: values that a till or a person sends are dropped.
PROTECTED = frozenset({"salon_document_id", "salon_document_ids", "salon_request_ids"})
#: What a cashier wishes for the document, or has given in its place while the till was
#: offline; a till writes it until the server has the payment.
WISHES = frozenset({"salon_wish", "salon_buyer_id", "salon_paper_number"})
#: Type of the message on the tills' bus channels, also in ``static/src/app``.
TILL_MESSAGE = "SALON_INVOICE"
#: Reasons for which a sale has no document until somebody asks for it.
ASKABLE = ("manual", "cash_register", "paper", "customer_account", "dropped")
#: Those of them for which the customer has got nothing else in its place.
WAITING_FOR_A_PERSON = ("manual", "customer_account")
#: Reasons of the shop's policy, in place of anything about the sale.
UNWANTED = ("manual", "cash_register", "incapable")
#: Statuses of a document that is none, as in its index ``_no_invoice``.
UNDOCUMENTED = ("skipped", "discarded", "unfinished")
#: Sales that are named one by one in the answer to a bulk request.
NAMED = 5
#: Languages that at least one service prints documents in.
LANGUAGES = [
    ("hu", "Hungarian"),
    ("en", "English"),
    ("de", "German"),
    ("fr", "French"),
    ("it", "Italian"),
    ("es", "Spanish"),
    ("ro", "Romanian"),
    ("sk", "Slovak"),
    ("hr", "Croatian"),
    ("sl", "Slovenian"),
    ("cs", "Czech"),
    ("pl", "Polish"),
    ("bg", "Bulgarian"),
    ("nl", "Dutch"),
    ("ru", "Russian"),
]
_CODES = [code for code, _name in LANGUAGES]
_WISHED = [wish.value for wish in Wish]
#: In the context of a sale that is repeated if its document fails. No caller from
#: outside can send this object.
_REPEATED = object()


class Answers(NamedTuple):
    """What the company says of tips and vouchers, of the ``billing.policy.Policy``."""

    tip: Tip
    voucher_sale: VoucherSale | None


class Decision(NamedTuple):
    """What a sale gets at the service."""

    kind: str  # of the row, also of one that is skipped
    reason: str | bool  # why it gets no document (a skip_reason), or False
    sale_snapshot: dict | bool = False  # what is frozen for it, also if it is on paper
    kept_off: list | bool = False  # of a sale that has nothing to document


class OutsideSavepoint(Exception):
    """Something must not be done inside a savepoint."""


class PosOrder(models.Model):
    """The sale: asks for its document when it is paid, and shows it.

    * In the payment transaction rows are written and the lane is woken, nothing else;
      whatever fails there is shown to a human and never takes the sale back, but for
      PostgreSQL's concurrency errors, after which Odoo repeats the whole request. See
      :meth:`sync_from_ui`.
    * Of an order that takes something back only a row of the kind *refund* is written:
      the lane decides which document it becomes, when it knows what has become of the
      sale's own document.
    * Odoo does not check the company of the records that an order names, and anybody
      who sells may name any id. The hook and the lane follow them as superuser, so what
      they follow is checked here: till and returned sale are of the order's own
      company; customer, products, taxes, payment methods and fiscal position are its
      own, its parents' or no company's. Any other order is left to a human of its own
      company, in words that name nothing of the other one.
    * One issuer for each sale: the service or Odoo, see
      :meth:`_salon_take_over_to_invoice` and :meth:`_generate_pos_order_invoice`.

    Start reading at :meth:`_salon_on_paid`, :meth:`_salon_request_document` and
    :meth:`_salon_snapshot` (what is frozen for the document).
    """

    _name = "pos.order"
    _inherit = ["pos.order", "salon.invoice.guard"]

    # === FIELDS === #

    # Computed and stored, so that no till can send a value for it. Writing it updates
    # the order's row, as Odoo's own invoicing does: so two transactions that would each
    # make an invoice of the sale cannot both commit.
    salon_document_id = fields.Many2one(
        "salon.invoice.document",
        string="Invoice at the Service",
        compute="_compute_salon_document_id",
        store=True,
        index="btree_not_null",
    )
    salon_document_ids = fields.One2many(
        "salon.invoice.document",
        "order_id",
        string="Invoices at the Service",
        readonly=True,
    )
    # Not Odoo's to_invoice, which would have Odoo invoice the sale, too.
    salon_wish = fields.Selection(
        [
            (Wish.INVOICE.value, "Invoice"),
            (Wish.RECEIPT.value, "Receipt"),
            (Wish.NONE.value, "Neither: the cash register's receipt"),
        ],
        string="Asked For at the Till",
        readonly=True,
        copy=False,
        help="What the cashier asked for while the sale was being paid.",
    )
    salon_paper_number = fields.Char(
        string="Number of the Paper Receipt",
        readonly=True,
        copy=False,
        help="Of the receipt that was written by hand while the service did not "
        "answer.",
    )
    salon_buyer_id = fields.Many2one(
        "res.partner",
        string="Invoice To",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Who is billed in place of the customer. Empty: the customer.",
    )
    # Computed and stored, so that no till sends a value for it.
    salon_language = fields.Selection(
        LANGUAGES,
        string="Invoice Language",
        compute="_compute_salon_language",
        inverse="_inverse_salon_language",
        store=True,
        readonly=False,
        help="The customer's language, else the company's. The service's documents "
        "are in the company's where it does not have this one.",
    )
    salon_invoice_number = fields.Char(
        string="Invoice Number", related="salon_document_id.number"
    )
    salon_document_kind = fields.Selection(
        string="Kind of Document", related="salon_document_id.kind"
    )
    salon_invoice_state = fields.Selection(
        string="Invoice State", related="salon_document_id.state"
    )
    salon_skip_reason = fields.Selection(
        string="Why Not Invoiced", related="salon_document_id.skip_reason"
    )
    salon_remote_id = fields.Char(
        string="Id at the Service", related="salon_document_id.remote_id"
    )
    salon_invoice_status = fields.Selection(
        selection="_salon_status_selection",
        string="Invoicing",
        compute="_compute_salon_invoice_status",
        compute_sudo=True,
        help="The invoice of the sale, wherever it is made: one state for all.",
    )
    salon_can_have_receipt = fields.Boolean(
        compute="_compute_salon_can_have_receipt",
        compute_sudo=True,
        help="The service has receipts, and this till gives them.",
    )
    # Of a form, not of a list: it reads what the document says.
    salon_can_have_paper = fields.Boolean(
        compute="_compute_salon_can_have_paper", compute_sudo=True
    )
    salon_undocumented = fields.Boolean(
        string="Without an Invoice at the Service",
        compute="_compute_salon_undocumented",
        search="_search_salon_undocumented",
        help="No document was asked for, or it was skipped, discarded or is "
        "unfinished.",
    )
    # Only searched, by whole numbers first: see _salon_number_domain.
    salon_invoice_numbers = fields.Char(
        string="Invoice Numbers", store=False, search="_search_salon_invoice_numbers"
    )
    salon_numbers = fields.Char(
        string="Numbers", store=False, search="_search_salon_numbers"
    )
    salon_waits_for = fields.Char(related="salon_document_id.waits_for")
    salon_request_ids = fields.One2many(
        "salon.invoice.request",
        "order_id",
        string="Requests of the Customer",
        readonly=True,
    )
    salon_problem = fields.Text(
        string="What Is Wrong",
        compute="_compute_salon_problem",
        help="Why a document of this sale waits for a person, and what to do.",
    )

    # === CONSTRAINTS === #

    _salon_undocumented = models.Index(
        "(company_id, create_date) WHERE salon_document_id IS NULL"
    )
    # The customer's page is open to everybody, and Odoo has no index for it.
    _salon_access_token = models.Index("(access_token)")

    @api.constrains("company_id")
    def _check_salon_company(self):
        """Keep a sale in the company of its documents.

        :raises ValidationError: see ``salon.invoice.document``
        """
        self.sudo().salon_document_ids._check_one_company()

    # === COMPUTES === #

    @api.depends("salon_document_ids.generation", "salon_document_ids.kind")
    def _compute_salon_document_id(self):
        for order in self:
            order.salon_document_id = order.salon_document_ids.sorted(
                lambda document: document._rank()
            )[-1:]

    @api.depends("config_id")
    def _compute_salon_can_have_receipt(self):
        for order in self:
            order.salon_can_have_receipt = order.config_id.salon_till_receipts

    @api.depends("salon_document_id.state", "salon_paper_number")
    @api.depends_context("uid")
    def _compute_salon_can_have_paper(self):
        paper_receipts = self.env["salon.invoice.paper"]
        for order in self:
            # Of what is stored: an onchange names any document.
            order.salon_can_have_paper = paper_receipts._may(order._origin)

    def _salon_status_selection(self):
        documents = self.env["salon.invoice.document"]
        return [
            *documents._status_selection(),
            ("odoo", self.env._("Invoiced in Odoo")),
        ]

    @api.depends("account_move", "salon_document_ids.status")
    def _compute_salon_invoice_status(self):
        for order in self:
            statuses = set(order.salon_document_ids.mapped("status"))
            order.salon_invoice_status = (
                "attention"
                if "attention" in statuses
                else "odoo"
                if order.account_move
                else order.salon_document_id.status
            )

    @api.depends("salon_document_id.status")
    def _compute_salon_undocumented(self):
        for order in self:
            status = order.salon_document_id.status
            order.salon_undocumented = status in (False, *UNDOCUMENTED)

    def _search_salon_undocumented(self, operator, value):
        """Search for sales without a document, and for those whose document is none.

        A union of the two, each by an index of its own: for an OR of a column and a
        subquery PostgreSQL reads all sales.
        """
        if operator != "in":
            return NotImplemented
        without = self._search(Domain("salon_document_id", "=", False))
        skipped = self._search(Domain("salon_document_id.status", "in", UNDOCUMENTED))
        union = SQL("(%s UNION ALL %s)", without.select(), skipped.select())
        return Domain("id", "in", union)

    def _search_salon_invoice_numbers(self, operator, value):
        return self._salon_number_domain(
            operator, value, "salon_document_ids.number", "account_move.name"
        )

    def _search_salon_numbers(self, operator, value):
        return self._salon_number_domain(
            operator, value, "salon_document_ids.number", "pos_reference", "name"
        )

    def _salon_number_domain(self, operator, value, *names):
        """Return the domain of the sales that a number, or a piece of one, means.

        A whole number is found by an index, and is what its sale is looked for by. For
        a piece, PostgreSQL reads all sales: Odoo's own numbers have no index for it.

        :param value: as it was typed, or between ``%`` as a till sends it; a set of
            whole numbers for the operator *in*
        :param str names: fields, of which the first two have an index
        :rtype: Domain or NotImplemented
        """
        if operator == "in":
            return Domain.OR(Domain(name, "in", value) for name in names)
        if operator != "ilike":
            return NotImplemented
        text = (value or "").strip("%")
        for name in names[:2]:
            whole = Domain(name, "=", text)
            if text and self.search_count(whole, limit=1):
                return whole
        return Domain.OR(Domain(name, "ilike", value) for name in names)

    @api.depends("salon_document_ids.state", "salon_document_ids.problem")
    def _compute_salon_problem(self):
        for order in self:
            problems = order._salon_in_attention().mapped("problem")
            order.salon_problem = "\n".join(filter(None, problems))

    def _salon_in_attention(self):
        """Return the documents of these sales that wait for a person."""
        return self.salon_document_ids.filtered(lambda row: row.state == "attention")

    @api.depends("partner_id", "salon_buyer_id")
    def _compute_salon_language(self):
        # If only one language is installed, every customer has it.
        chosen = len(self.env["res.lang"].get_installed()) > 1
        for order in self:
            own = (order._salon_billed_partner().lang or "").partition("_")[0]
            order.salon_language = (
                own
                if chosen and own in _CODES
                else order.company_id.salon_language or "hu"
            )

    def _inverse_salon_language(self):
        for order in self.sudo():
            if order.salon_invoice_state in MADE_STATES:
                raise UserError(
                    self.env._(
                        "The invoice of %s is made already; its language stays.",
                        order.name,
                    )
                )

    # === CREATION === #

    @api.model
    def _load_pos_data_fields(self, config):
        """Exclude the addon's fields from what a till reads, but for :data:`WISHES`.

        A till sends back whatever it has read. Odoo means all fields by none.
        """
        names = super()._load_pos_data_fields(config)
        return [
            name
            for name in names or self._salon_readable()
            if name in WISHES or not name.startswith("salon_")
        ]

    def _salon_readable(self):
        """Return the names of the fields that the user may read, as ``read`` does."""
        return [
            name
            for name, field in self._fields.items()
            if not field.groups or self._has_field_access(field, "read")
        ]

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._salon_unprotected(vals) for vals in vals_list])

    def write(self, vals):
        """Write without :data:`PROTECTED`, and check access to a new company.

        Whoever could write which document a sale has could link another sale's, and the
        sale would never be invoiced. :data:`WISHES` end with the payment.
        """
        company_id = vals.get("company_id")
        moved = self.filtered(
            lambda order: company_id and order.company_id.id != company_id
        )
        vals = self._salon_unprotected(vals)
        if not WISHES.isdisjoint(vals) and set(self.mapped("state")) - {"draft"}:
            vals = {name: vals[name] for name in vals if name not in WISHES}
        result = super().write(vals)
        # Odoo checks the record rules only before a write.
        moved.check_access("write")
        return result

    def _salon_write_protected(self, vals):
        """Write the fields that :meth:`write` drops."""
        return super().write(vals)

    def _salon_unprotected(self, vals):
        """Return ``vals`` without :data:`PROTECTED`, with a clean number of paper."""
        vals = {name: vals[name] for name in vals if name not in PROTECTED}
        if number := vals.get("salon_paper_number"):
            vals["salon_paper_number"] = self.env["salon.invoice.paper"]._cleaned(
                number
            )
        return vals

    # === THE HOOK: A SALE IS PAID === #

    @api.model
    def sync_from_ui(self, orders):
        """Save the sales of a till; again, more carefully, if one's document fails.

        One savepoint around them all, taken while nothing waits to be written: what the
        addon changes in a sale goes into the UPDATE that Odoo writes it by. What
        fails in it, ours or Odoo's, is taken back whole, and the sales are saved once
        more as the till has sent them, each document in a savepoint of its own: see
        :meth:`_salon_on_paid`.

        :raises psycopg2.Error: concurrency errors, after which Odoo retries, and that
            of an addon which ended the savepoint by a commit
        """
        if not self._salon_may_be_repeated(orders):
            return super().sync_from_ui(orders)
        sent = copy.deepcopy(orders)  # Odoo changes what it is given
        repeated = self.with_context(salon_document_failure=_REPEATED)
        later = self.env.cr.postcommit
        is_first = not len(later)
        try:
            with self.env.cr.savepoint():
                return super(PosOrder, repeated).sync_from_ui(orders)
        except (
            *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
            ConcurrencyError,
            InvalidSavepointSpecification,
        ):
            raise
        except Exception:
            _logger.info("Sales are saved once more", exc_info=True)
        if is_first:
            later.clear()  # it is about records that were taken back
        return super().sync_from_ui(sent)

    def _salon_may_be_repeated(self, orders):
        """Return True if these are sales that are paid at connected tills.

        But for those that Odoo invoices: its Hungarian module commits after it has
        called NAV, and a commit would end the savepoint of :meth:`sync_from_ui`. So may
        an addon of another country, whose tills are not ours.

        :param orders: dicts, as a till has sent them: nothing of them is trusted
        """
        paid = [order for order in orders if order.get("state") != "draft"]
        if not paid or any(order.get("to_invoice") for order in orders):
            return False
        ids = [order.get("session_id") for order in orders]
        if not all(isinstance(id_, int) and id_ > 0 for id_ in ids):
            return False
        try:
            tills = self.env["pos.session"].browse(set(ids)).config_id
            return all(till._salon_till_settings().account for till in tills)
        except (AccessError, MissingError):
            return False

    def _salon_is_repeated(self):
        """Return True if the sale is saved once more when its document fails."""
        return self.env.context.get("salon_document_failure") is _REPEATED

    @api.model
    def _process_order(self, order, existing_order):
        """Drop wishes that cannot be fulfilled: the sale is paid, and must be kept.

        A buyer that is gone or not the cashier's to name; Odoo drops a deleted customer
        in the same way. Where customers order by themselves, anybody sends the order
        and Odoo saves it as superuser: they name nobody, and ask for nothing but an
        invoice.
        """
        if self.env.su:
            order.pop("salon_buyer_id", None)
            order.pop("salon_paper_number", None)
            if order.get("salon_wish") != Wish.INVOICE.value:
                order.pop("salon_wish", None)
        _drop_deposits(order, self.env.su)
        if buyer := order.get("salon_buyer_id"):
            partner = self.env["res.partner"]._salon_named(buyer)
            order["salon_buyer_id"] = partner._filtered_access("read").id
        if order.get("salon_wish") not in (False, None, *_WISHED):
            order["salon_wish"] = False
        return super()._process_order(order, existing_order)

    def _process_saved_order(self, draft):
        """Take over ``to_invoice`` before Odoo acts on it."""
        if not draft:
            self._salon_take_over_to_invoice()
        return super()._process_saved_order(draft)

    def action_pos_order_paid(self):
        # Some terminals of self-ordering call this directly.
        self._salon_take_over_to_invoice()
        result = super().action_pos_order_paid()
        self._salon_on_paid()
        return result

    def _salon_on_paid(self):
        """Request the document of a sale that has just been paid.

        In a savepoint: a failure is rolled back alone and shown to a human. Without one
        where :meth:`sync_from_ui` has its own.

        :raises psycopg2.Error: only concurrency errors, after which Odoo retries;
            whatever it is where the sale is repeated
        """
        for order in self.sudo():
            if self._salon_is_repeated():
                order._salon_request_automatically()
                continue
            # Flush before the try: a pending write that fails is Odoo's error.
            self.env.cr.flush()
            try:
                with self.env.cr.savepoint():
                    order._salon_request_automatically()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:
                _logger.exception("No document could be asked for sale %s", order.name)
                order._salon_show_failure(error)

    def _salon_request_automatically(self):
        if self._salon_account():
            self._salon_request_document(automatic=True)

    def _salon_show_failure(self, error):
        """Create the sale's document without a snapshot, for a person."""
        try:
            with self.env.cr.savepoint():
                documents = self._salon_create_document(state="waiting")
                if self._salon_is_return() and self._salon_sells_besides():
                    kind = self._salon_till_settings().kind
                    documents |= self._salon_create_document(state="waiting", kind=kind)
                documents._need_attention(
                    str(error) if isinstance(error, UserError) else repr(error),
                    "sale_snapshot",
                )
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            # The sweep finds the sale again, because it has no document.
            _logger.exception("Sale %s is left to the sweep", self.name)

    def _salon_request_document(self, automatic=False, wish=Wish.INVOICE):
        """Return the document of the sale; create it if it is missing.

        :param bool automatic: True for the payment hook, False for a person
        :param choice.Wish wish: what the person asks for
        """
        self.ensure_one()
        try:
            self._salon_check_companies()
        except Problem as problem:
            return self._salon_leave_foreign(problem)
        self.lines._salon_link_sold()
        if self._salon_is_return():
            return self._salon_request_return(automatic, wish)
        return self._salon_request_sold(automatic, wish)

    def _salon_request_sold(self, automatic, wish):
        """Return the document of what the order sells; create it if needed.

        :param bool automatic: False for a person, who may request a skipped document
            again, or a new one in place of a discarded one
        :param choice.Wish wish: what the person asks for
        """
        # The last one: what came back counts less.
        document = self.salon_document_id.filtered(lambda row: row.kind in MAIN_KINDS)
        skipped, discarded = document.state == "skipped", document._is_discarded()
        if document and (automatic or not (skipped or discarded)):
            return document
        kind, reason, sale_snapshot, kept_off = self._salon_decide(
            None if automatic else wish
        )
        if discarded:
            document = document._create_next(kind, reason)
        elif document and reason:
            document._transition("skipped", skip_reason=reason, kept_off=kept_off)
        elif document:
            document._requeue(kind)
        else:
            document = self._salon_create_sold(
                kind, reason, sale_snapshot=sale_snapshot, kept_off=kept_off
            )
        if document.state != "skipped":
            document._strike_paper()
            self._salon_wake(document.account_id)
        return document

    def _salon_request_return(self, automatic, wish):
        """Return the row of what this order takes back; create it if needed.

        What the order sells besides gets an invoice of its own. A refund is requested
        even where sales wait for a person's request, because it follows its sale.

        :param bool automatic: False for a person, who may request a skipped row again
        :param choice.Wish wish: what the person asks for, of what is sold besides
        """
        self.ensure_one()
        if self._salon_sells_besides():
            # Possibly at another account than that of the returned sale.
            self._salon_request_sold(automatic, wish)
        documents = self.salon_document_ids.filtered(
            lambda row: row.kind in RETURN_KINDS
        )
        skipped = documents.filtered(lambda row: row.state == "skipped")
        document = skipped.sorted(lambda row: row.kind == "remainder")[:1]
        if not documents:
            document = self._salon_create_document(
                kind="refund",
                state="waiting",
                sale_snapshot=self._salon_snapshot(checked=True),
                next_attempt=fields.Datetime.now(),
            )
        elif document and not automatic:
            document._requeue()
        else:
            return documents[:1]
        if document.account_id.state == "disconnected":
            document._need_attention_disconnected()
        self._salon_wake(document.account_id)
        return document

    def _salon_wake(self, account):
        """Trigger the lane of an account, in one statement while a till pays."""
        if self._salon_is_repeated():
            account._wake_known()
        else:
            account._wake()

    def _salon_create_sold(self, kind, reason=False, **values):
        """Create the document of what the order sells.

        :param str kind: of the document
        :param reason: why it is skipped; False to have it made
        """
        if reason == paper.SKIP_REASON:
            values["paper_number"] = self.salon_paper_number
        return self._salon_create_document(
            kind=kind,
            state="skipped" if reason else "waiting",
            skip_reason=reason,
            next_attempt=False if reason else fields.Datetime.now(),
            **values,
        )

    def _salon_create_document(self, **values):
        policy = self._salon_till_settings()
        kind = "refund" if self._salon_is_return() else policy.kind
        kind = values.pop("kind", kind)
        account = self._salon_account() if kind == "refund" else policy.account
        return self.env["salon.invoice.document"].create(
            {"order_id": self.id, "account_id": account.id, "kind": kind, **values}
        )

    # === RULES: INVOICE, RECEIPT OR NEITHER === #
    # Decided in ``billing.choice``: here is what it is told of a sale.

    def _salon_decide(self, wish=None, policy=None):
        """Return the :class:`Decision` what the sale gets, and why if it gets nothing.

        :param choice.Wish wish: of a person; None: what was wished at the till, or else
            the till's rule
        :param TillSettings policy: None for the till's, as it is set
        :raises billing.problem.Problem: see :meth:`_salon_snapshot`
        """
        policy = policy or self._salon_till_settings()
        if reason := self._salon_why_never(policy):
            return Decision(policy.kind, reason)
        sale_snapshot = self._salon_new_snapshot(checked=True)
        chosen = choice.choose(self._salon_situation(sale_snapshot, policy, wish))
        if chosen.reason is Reason.PAPER:
            # Frozen, for the salon reports it by the day and the rate.
            receipt = policy.has_receipts and DocumentKind.RECEIPT.value
            return Decision(receipt or policy.kind, paper.SKIP_REASON, sale_snapshot)
        if chosen.outcome is Outcome.NEITHER:
            tip = Tip.NONE if chosen.keeps_tip_off else None
            empty = chosen.reason in choice.EMPTY
            kept_off = empty and self._salon_left_off(sale_snapshot, tip)
            return Decision(policy.kind, chosen.reason.value, kept_off=kept_off)
        receipt = chosen.outcome is Outcome.RECEIPT
        kind = DocumentKind.RECEIPT.value if receipt else policy.kind
        return Decision(kind, False, sale_snapshot)

    def _salon_is_on_paper(self):
        """Return True if the paper receipt is enough, False if an invoice is due.

        :raises billing.problem.Problem: see :meth:`_salon_snapshot`
        """
        policy = self._salon_till_settings()
        situation = self._salon_situation(self._salon_new_snapshot(), policy)
        return choice.choose(situation).reason is Reason.PAPER

    def _salon_why_never(self, policy):
        """Return why the service makes nothing of the sale whatever it is, or None.

        :param TillSettings policy: of the sale's till
        """
        if self.account_move or self.to_invoice:
            return "odoo"
        if not policy.account:
            return "no_account"
        return None if policy.capable else "incapable"

    def _salon_kind_again(self, kind):
        """Return the kind of a document in place of one of ``kind``.

        By the till as it is now; a receipt only if the sale may still have one.

        :param str kind: of the former one
        """
        if kind == DocumentKind.RECEIPT and not self._salon_names_foreign():
            decision = self._salon_decide(Wish.RECEIPT)
            if not decision.reason:
                return decision.kind
        return self._salon_till_settings().kind

    def _salon_situation(self, sale_snapshot, policy, wish=None):
        """Return the ``choice.Situation`` of what the order sells.

        What receipts depend on is read only where there may be one: a till that is paid
        does not need its account. Where none is connected any more, only what the law
        asks is known: see ``choice.invoice_only``.

        :param dict sale_snapshot: see :meth:`_salon_new_snapshot`
        :param TillSettings policy: of the sale's till
        :param choice.Wish wish: see :meth:`_salon_decide`
        """
        sale = Sale.from_snapshot(sale_snapshot)
        answers = self._salon_answers(sale.lines, policy.account)
        wish = wish or (Wish(self.salon_wish) if self.salon_wish else None)
        gross = self._salon_in_forints(float(supplied_gross(sale.lines, answers)))
        standing = self._salon_standing()
        return Situation(
            gross=quantize(Decimal(str(gross)), "HUF"),
            rule=policy.rule,
            wish=wish,
            buyer=self._salon_buyer_kind(sale.customer),
            currency=sale.currency,
            paid=standing.paid,
            on_account=standing.on_account,
            account_at_once=policy.account_at_once,
            cash_register=policy.cash_register,
            paper_number=self.salon_paper_number or "",
            deposit=is_involved(sale.lines),
            empty=empty_reason(
                sale.lines, answers, sale.currency, self._salon_prepaid(sale.lines)
            )
            if policy.account
            else None,
            **self._salon_receipt_situation(sale, policy, wish),
        )

    def _salon_receipt_situation(self, sale, policy, wish):
        """Return what a receipt depends on, as keywords of ``choice.Situation``."""
        by_rule = policy.rule in (Rule.CUSTOMER, Rule.REQUEST)
        company, account = self.company_id, policy.account
        if not account or wish is Wish.INVOICE or not (wish or by_rule):
            return {}
        outside = Tip(company.salon_tip) is Tip.OUTSIDE
        has_tip = bool(total_gross(sale.lines, Role.TIP))
        foreign = has_tip and outside and not account._capabilities().receipt_tip
        return {
            "receipts": policy.has_receipts,
            "series": bool(policy.receipt_block),
            "foreign_tip": foreign,
            "tip_answer": company._salon_receipt_tip(),
            "empty_without_tip": self._salon_why_empty(sale, account, Tip.NONE)
            if foreign
            else None,
        }

    def _salon_buyer_kind(self, customer):
        """Return the ``choice.BuyerKind`` of a ``billing.sale.Customer``, or None."""
        if not customer:
            return BuyerKind.NONE
        return BuyerKind.BUSINESS if is_business(customer) else BuyerKind.PRIVATE

    def _salon_standing(self):
        """Return how the sale stands, a ``billing.owed.Standing``."""
        amounts, terms = {}, {}
        for payment in self.payment_ids:
            method = payment.payment_method_id
            amount = Decimal(self._salon_amount(payment.amount))
            amounts[method] = amounts.get(method, Decimal(0)) + amount
            terms[method] = method._salon_terms()
        return standing(amounts, terms, self.currency_id.name)

    # === ONE ISSUER: THE SERVICE OR ODOO === #

    def _salon_take_over_to_invoice(self):
        """Turn Odoo's ``to_invoice`` into a request for the service's invoice.

        A connected till has one issuer, whoever set ``to_invoice``: a person, or Odoo
        for every company. The refund of a sale that Odoo has invoiced stays Odoo's.

        :raises psycopg2.Error: only concurrency errors, after which Odoo retries;
            whatever it is where the sale is repeated
        """
        for order in self.sudo().filtered("to_invoice"):
            if self._salon_is_repeated():
                order._salon_wish_instead()
                continue
            self.env.cr.flush()  # as in _salon_on_paid
            try:
                with self.env.cr.savepoint():
                    order._salon_wish_instead()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                _logger.exception("Who invoices sale %s is left to Odoo", order.name)

    def _salon_wish_instead(self):
        if self._salon_is_made_at_service():
            values = {"to_invoice": False, "salon_wish": "invoice"}
            self._salon_write_protected(values)

    def _salon_is_made_at_service(self):
        """Return True if the service is the issuer of this sale's invoice."""
        if self._salon_returns_ours():
            return True
        if self.account_move or self._salon_returned_order().account_move:
            return False
        return bool(self._salon_till_settings().account)

    def _salon_returns_ours(self):
        """Return the service's document of the returned sale, or none.

        None also if Odoo has invoiced that sale after a storno at the service.
        """
        sale = self._salon_returned_order()
        document = sale.salon_document_id._main_or_draft()
        return document.filtered(
            lambda row: row.state in TAKEN_STATES and not sale.account_move
        )

    def _salon_lock_row(self):
        """Lock the sale's row by an UPDATE, as Odoo does when it invoices.

        Two transactions that each found the sale without an invoice then meet in this
        row: PostgreSQL rolls back the later one, and Odoo retries it.
        """
        if self:
            self.env.cr.execute(
                "UPDATE pos_order SET salon_document_id = salon_document_id "
                "WHERE id IN %s",
                [tuple(self.ids)],
            )

    def _generate_pos_order_invoice(self):
        """Let Odoo invoice what the service has not, and reverse only its own.

        Odoo's Hungarian module commits after it has called NAV, and a commit ends the
        savepoint of :meth:`sync_from_ui`: there the sale is saved once more instead.

        :raises UserError: if the document is made at the service, in the user's words
        :raises OutsideSavepoint: inside that savepoint
        """
        if self._salon_is_repeated():
            raise OutsideSavepoint(f"Odoo invoices {self}")
        self._salon_check_odoo_may_reverse()
        self._salon_check_odoo_may_invoice()
        return super()._generate_pos_order_invoice()

    def _salon_check_odoo_may_reverse(self):
        """Refuse the refund of a sale that was invoiced at the service.

        :raises UserError: in the user's words
        """
        for order in self.sudo():
            if document := order._salon_returns_ours():
                raise UserError(
                    self.env._(
                        "The sale that came back was invoiced at the invoicing "
                        "service: %(document)s. Its refund is made there too, by "
                        "itself.",
                        document=document.name,
                    )
                )

    def _salon_check_odoo_may_invoice(self):
        """Refuse what the service has issued or may have; skip what only waits.

        :raises UserError: in the user's words
        """
        documents = self.sudo().salon_document_ids
        # After a storno, the remainder invoice of a refund may still be valid.
        standing = documents.browse()
        for document in documents.filtered(lambda row: row.state == "cancelled"):
            standing |= document._effective_document()
        taken = standing | documents.filtered(
            lambda document: (
                document.state in MADE_STATES
                or (document.state == "attention" and document._may_have_arrived())
            )
            # A storno by a person is counted by its original, which it cancels.
            and not (
                document.kind == "storno"
                and document.origin_id.order_id == document.order_id
            )
        )
        if taken:
            raise UserError(
                self.env._(
                    "The invoice of this sale is made at the invoicing service: "
                    "%(documents)s. A second one would be reported to the tax "
                    "authority twice.",
                    documents=", ".join(taken.mapped("name")),
                )
            )
        documents.filtered(lambda document: document.state in IDLE_STATES)._transition(
            "skipped", skip_reason="odoo"
        )

    # === PEOPLE'S BUTTONS === #

    def action_salon_generate(self):
        """Request the documents of these sales, and show the result of each.

        Nothing is issued here: the worker does that. A sale that has its document keeps
        it, however often it is requested.
        """
        return self._salon_generate(Wish.INVOICE, self.env._("Generate invoice"))

    def action_salon_generate_receipt(self):
        """Request receipts of these sales; an invoice where no receipt is enough."""
        return self._salon_generate(Wish.RECEIPT, self.env._("Generate receipt"))

    def _salon_generate(self, wish, title):
        """Request the documents of these sales, and return their results to be shown.

        :param choice.Wish wish: what the person asks for; None for what is missing, see
            :meth:`_salon_generate_missing`
        :param str title: of what is shown
        """
        self.env["salon.invoice.document"]._check_may_generate()
        self.check_access("read")
        answers = {}
        for order in self:
            name = order.pos_reference or order.name
            answer = (
                order._salon_generate_wished(wish)
                if wish
                else order._salon_generate_missing()
            )
            answers.setdefault(answer, []).append(name)
        lines = [
            f"{', '.join(names[:NAMED])}{'…' if len(names) > NAMED else ''}: {answer}"
            if len(self) <= NAMED
            else self.env._("%(count)s × %(answer)s", count=len(names), answer=answer)
            for answer, names in answers.items()
        ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": title,
                "message": "; ".join(lines),
                "type": "info",
                "sticky": len(lines) > 1,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _salon_generate_missing(self):
        """Request the document that this sale lacks; return the result for the person.

        As its payment should have: by the shop's rule, and nothing beside a receipt on
        paper, one of the cash register, or an invoice of Odoo's. An invoice where the
        rule waits for a person.
        """
        self.ensure_one()
        order = self.sudo()
        if order.state in ("paid", "done") and order._salon_account():
            order._salon_lock_row()
            document = order._salon_request_document(automatic=True)
            reason = document.state == "skipped" and document.skip_reason
            if reason and reason not in WAITING_FOR_A_PERSON:
                return order._salon_name_skipped(document)
        return self._salon_generate_by_hand(Wish.INVOICE)

    def _salon_name_skipped(self, document):
        """Return why there is no document, for the person."""
        labels = dict(document._fields["skip_reason"]._description_selection(self.env))
        return labels[document.skip_reason]

    def _salon_generate_wished(self, wish):
        """Request the document of one sale, unless the service has one just like it.

        That one is taken, or another one asked for, on the page of the reconciliation,
        which names it.

        :param choice.Wish wish: what the person asks for
        """
        if self.env["salon.invoice.difference"]._offer_for(self):
            return self.env._(
                "the service has one just like it: a manager decides in Reconciliation"
            )
        return self._salon_generate_by_hand(wish)

    def _salon_generate_by_hand(self, wish):
        """Request the document of one sale; return the result for the person.

        :param choice.Wish wish: what the person asks for
        """
        self.ensure_one()
        order = self.sudo()
        if order.state not in ("paid", "done"):
            return self.env._("not fully paid yet")
        if not order._salon_account():
            return self.env._("no invoicing service is connected")
        # Row lock: the second of two clicks waits here, and is retried by Odoo because
        # the first one has changed the row.
        self.env.cr.execute(
            "SELECT 1 FROM pos_order WHERE id = %s FOR UPDATE", [order.id]
        )
        before = order.salon_document_id.state
        document = order._salon_request_document(wish=wish)
        if document.state == "skipped":
            return order._salon_name_skipped(document)
        if document.state == "waiting" and before in (False, "skipped", "discarded"):
            return self.env._("queued")
        states = dict(document._fields["state"]._description_selection(self.env))
        return f"{states[document.state]} {document.number or ''}".strip()

    def action_salon_retry(self):
        """Retry the documents of these sales that need attention."""
        self._salon_in_attention().action_retry()

    def action_salon_retry_chosen(self):
        """Retry the documents of these sales, and show how many."""
        return self._salon_in_attention().action_retry_chosen()

    def action_salon_documents(self):
        """Open the document of this sale, or the list of all that it has had."""
        self.ensure_one()
        documents = self.salon_document_ids
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoices"),
            "res_model": "salon.invoice.document",
        }
        if len(documents) == 1:
            return {**action, "view_mode": "form", "res_id": documents.id}
        return {
            **action,
            "view_mode": "list,form",
            "domain": [("order_id", "=", self.id)],
        }

    # === ANOTHER BUYER === #
    # Words and deeds are in the model ``salon.invoice.rebill``.

    def _salon_change_buyer(self, partner, plan=None, choice=False):
        """Make this paid sale out to ``partner``, as the user may.

        :param partner: ``res.partner``
        :param plan: the ``billing.rebill.Plan`` that the user has confirmed; whatever
            is right if not given
        :param choice: ``buyer_choice`` of the document, or False
        :raises UserError: if that cannot be, or if another plan is right by now
        :raises AccessError: if the user may not read the sale or the partner
        """
        self.env["salon.invoice.rebill"]._change(self, partner, plan, choice)

    def salon_till_change_buyer(self, partner_id, confirmed=False):
        """Make this paid sale out to another buyer: say what will happen, or do it.

        :param int partner_id: whom it is made out to
        :param confirmed: the ``plan`` of the answer that the cashier has confirmed
        :return: a dict with the ``question`` and its ``plan``; after that was
            confirmed, with the ``status`` as :meth:`salon_till_status` has it; or with
            the ``error`` why it cannot be
        :raises AccessError: if the user may not read the sale or the partner
        """
        self.ensure_one()
        partner = self.env["res.partner"]._salon_named(partner_id)
        return self.env["salon.invoice.rebill"]._answer_till(self, partner, confirmed)

    # === A PAPER RECEIPT === #
    # Words and deeds are in the model ``salon.invoice.paper``.

    def salon_till_paper(self, number):
        """Record the number of the receipt that was written by hand for this sale.

        :param str number: as it is printed on the receipt
        :return: a dict with the ``status`` as :meth:`salon_till_status` has it, or with
            the ``error`` why it is not recorded
        :raises AccessError: if the user may not read the sale
        """
        self.ensure_one()
        return self.env["salon.invoice.paper"]._answer_till(self, number)

    # === THE RECEIPT BY E-MAIL === #

    def _get_mail_attachments(self, name, ticket, basic_ticket):
        """Attach the service's PDF to the receipt that is e-mailed, if it is there."""
        attachments = super()._get_mail_attachments(name, ticket, basic_ticket)
        return attachments + self._salon_mail_attachments()

    def _salon_mail_attachments(self):
        """Return the command that attaches a copy of the service's PDF, in a list.

        A copy, as Odoo attaches its own invoice: a PDF that is fetched again replaces
        the document's.
        """
        document = self._salon_document_to_mail()
        pdf = document.pdf_id
        if not pdf.raw:
            if document:
                document._fetch("pdf")  # for the next one
            return []
        attached = self.env["ir.attachment"].create(
            {
                "name": pdf.name,
                "raw": pdf.raw,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        return [Command.link(attached.id)]

    def _salon_document_to_mail(self):
        """Return the issued document whose PDF a mail of this sale carries, or none.

        None if Odoo has invoiced the sale, while another buyer's document is on its
        way, and for callers that are the superuser in the place of a user who may not
        read it.
        """
        order = self.sudo(False)
        nothing = order.env["salon.invoice.document"]
        if not order.has_access("read") or order.account_move:
            return nothing
        document = order.salon_document_id
        if not document.has_access("read") or document.status != "issued":
            return nothing
        return nothing if document.next_values else document

    # === WHAT THE TILL AND THE GUEST READ === #

    def salon_till_status(self, with_slip=False):
        """Return what has become of the invoices of these sales, for a till.

        :param bool with_slip: True to add what their slips print of a receipt, for
            which more is read: not for a list
        :return: ``{id: status}`` of the sales that the user may read: ``state`` (a
            value of ``salon_invoice_status``, *pending* while the lane has it, *none*
            without a document), ``kind`` and ``number`` of the document or "", ``text``
            in the user's language, ``reason``: the part of it that the state does not
            say, or "", ``url`` of the document or "", ``can_retry``, ``can_request``:
            the customer may ask for company data on the page that the slip names,
            ``paper``: the number of the paper receipt in its place or "",
            ``can_paper``: one may be recorded, ``receipt``: it is one, or belongs to
            one, ``kept``: ``number`` and ``receipt`` of the document of what was kept
            after this refund, {} while there is none, ``slip``: see
            :meth:`_salon_till_slip`
        """
        orders = self.exists()._filtered_access("read").sudo()
        orders._salon_in_attention().mapped("follow_up_ids")  # in one query
        return {
            order.id: {
                **order._salon_describe_to_till(),
                **({"slip": order._salon_till_slip()} if with_slip else {}),
            }
            for order in orders
        }

    def salon_till_open(self):
        """Have the documents of these sales fetched that a till cannot open yet.

        :return: as :meth:`salon_till_status`
        """
        answer = self.salon_till_status()
        for order in self.browse(answer):
            status = answer[order.id]
            if status["state"] != "issued" or status["url"] or not status["number"]:
                continue
            document = order.sudo().salon_document_id
            if not document._fetch_to_open():
                continue
            if reason := document._why_not_fetched():
                status["text"] = self.env._(
                    "The invoice of this sale is %(number)s. It cannot be opened yet: "
                    "%(reason)s",
                    number=status["number"],
                    reason=reason,
                )
            else:
                status["text"] = self.env._(
                    "The invoice of this sale is %(number)s. It is being fetched: "
                    "press again in some seconds.",
                    number=status["number"],
                )
        return answer

    def salon_till_fetch_pdf(self):
        """Have the PDFs of these sales fetched that a mail is about to carry.

        :return: True while one of them is on its way
        """
        orders = self.exists()._filtered_access("read")
        # All of them: any() of a generator would end at the first one.
        return any(orders.mapped(lambda order: order._salon_fetches_pdf()))

    def _salon_fetches_pdf(self):
        """Have the PDF that a mail carries fetched; return whether it is on its way."""
        document = self._salon_document_to_mail()
        return bool(document) and not document.pdf_id and document._fetch("pdf")

    @api.model
    def salon_till_deposits(self, config_id, partner_id=False, number=""):
        """Return the deposits that a till can take off a sale, the oldest first.

        :param int config_id: the till, whose company and currency count
        :param partner_id: the customer who paid them; without one, ``number`` counts
        :param str number: of the slip or the advance invoice, or the end of it
        :return: a list of dicts: the id of the ``line``, of its ``product`` and
            ``template``, ``name``, ``customer``, ``reference``, ``number``,
            ``sold_on``, and what is ``left`` of it in the till's currency
        :raises UserError: the user neither sells nor invoices, or may not use the till
        """
        partners = self.env["res.partner"]
        config = partners._salon_till(config_id)
        partner = partners._salon_named(partner_id)._filtered_access("read")
        deposits = self.env["salon.invoice.deposit"]
        return [
            deposits._describe(line) for line in deposits._open(config, partner, number)
        ]

    def salon_till_retry(self):
        """Retry the documents of these sales that need attention.

        :return: as :meth:`salon_till_status`
        :raises UserError: if the user may not sell or invoice
        """
        self.check_access("read")
        self.action_salon_retry()
        return self.salon_till_status()

    def _salon_describe_to_till(self):
        """Return the status of one sale as :meth:`salon_till_status` does."""
        stopped = self._salon_in_attention()
        document = stopped[:1] or self._salon_awaited()
        state = self._salon_till_state()
        changing = bool(document.next_values)  # to another buyer
        issued = document.state == "issued" and not changing
        return {
            "state": state,
            "kind": document.kind or "",
            "number": "" if changing else document.number or "",
            "text": self._salon_explain_to_till(document),
            "reason": self._salon_reason(document),
            "url": document._url_for_people() if issued else "",
            "can_retry": state == "attention"
            and not all(row._is_being_cancelled() for row in stopped),
            "can_request": self._salon_can_be_requested(),
            "receipt": document.is_receipt,
            "paper": document.paper_number or "",
            "can_paper": self._salon_may_have_paper(document),
            "kept": self._salon_describe_kept(self._salon_remainder()),
        }

    def _salon_remainder(self):
        """Return the document of what was kept after this refund, or none.

        By what a list of sales has read for ``salon_invoice_status``.
        """
        remainders = self.salon_document_ids.filtered(
            lambda row: row.kind == "remainder" and row.state != "skipped"
        )
        return remainders.sorted("id")[-1:]

    def _salon_awaited(self):
        """Return what a till waits for: the sale's document, then what was kept."""
        kept = self._salon_remainder()
        document = self.salon_document_id
        done = document.state not in OPEN_STATES and not document.next_values
        return kept if done and _is_on_its_way(kept) else document

    def _salon_describe_kept(self, kept):
        """Return how a till names the document of what was kept, {} before it is one.

        :param kept: ``salon.invoice.document``
        """
        if kept.state != "issued" or kept.next_values:
            return {}
        return {"number": kept.number or "", "receipt": kept.is_receipt}

    def _salon_till_slip(self):
        """Return what the slip of this sale prints of its receipts, {} without one.

        :return: see ``salon.invoice.document._receipt_slip``; ``kept``: the same of the
            receipt of what was kept, with its ``number``, if there is one: after this
            refund, or of this sale after its last one
        """
        document = self.salon_document_id
        if document.next_values:
            return {}
        slip = document._receipt_slip()
        kept = self._salon_remainder()
        if (document.kind, document.state) == ("receipt", "cancelled"):
            kept = document._effective_document().filtered(
                lambda row: row.kind == "remainder"
            )
        named = self._salon_describe_kept(kept)
        if named and kept.is_receipt:
            slip["kept"] = {**kept._receipt_slip(), **named}
        return slip

    def salon_till_print(self):
        """Return the receipt of this sale in the service's layout, for a slip printer.

        After a part has come back that is the storno, with the receipt of what was
        kept.

        :return: a dict with the ``pdf`` in Base64, or with the ``error`` why not
        :raises AccessError: if the user may not read the sale
        """
        self.ensure_one()
        self.check_access("read")
        order = self.sudo()
        document = order.salon_document_id.sudo(False)
        if not document:
            name = order.pos_reference or order.name
            answer = self.env._("%s has no receipt at the service.", name)
            return {"error": answer}
        kept = order._salon_remainder()
        if order._salon_describe_kept(kept) and kept.is_receipt:
            document |= kept.sudo(False)
        width = int(order.config_id.salon_paper_width)
        try:
            contents = [one._print_receipt(width) for one in document]
        except AccessError:
            raise
        except UserError as error:
            return {"error": str(error)}
        try:
            content = merge_pdf(contents) if len(contents) > 1 else contents[0]
        except (PdfReadError, ValueError, TypeError, NotImplementedError):
            name = order.pos_reference or order.name
            answer = self.env._(
                "The receipts of %s cannot be printed together: open their PDFs.", name
            )
            return {"error": answer}
        return {"pdf": base64.b64encode(content).decode()}

    def _salon_may_have_paper(self, document):
        """Return True if a till offers to record a paper receipt in its place.

        By what a list of sales reads anyway, or at once for all of them; the press asks
        more, see :meth:`salon.invoice.paper._may`.
        """
        if document.kind not in MAIN_KINDS or document.paper_number:
            return False
        late = paper.may_be_offered(
            State(document.state),
            DocumentKind(document.kind),
            document._is_conversion(),
        )
        asked = self.salon_wish == Wish.INVOICE.value or document.next_values
        if not late or asked or self.account_move or self._salon_is_return():
            return False
        return not self._salon_needs_invoice()

    def _salon_needs_invoice(self):
        """Return True if the law has nothing but an invoice for the sale.

        As ``choice.invoice_only``, which is asked itself only of a sale whose total is
        at the limit: what it needs is more than a list of sales reads.
        """
        buyer = self._salon_billed_partner()
        company = buyer.commercial_partner_id
        billed = company if company.is_company else buyer
        customer = Customer(
            partner=billed.id,
            name="",
            is_company=company.is_company,
            country=billed.country_id.code or "",
            tax_number=billed.vat or "",
        )
        standing = self._salon_standing()
        if is_business(customer) or standing.on_account or not standing.paid:
            return True
        if self._salon_in_forints(self.amount_total) < choice.LIMIT:
            return False
        try:
            situation = self._salon_situation(
                self._salon_new_snapshot(), self._salon_till_settings()
            )
        except Problem:
            return True
        return bool(choice.invoice_only(situation))

    def _salon_till_state(self):
        """Return the state that a till shows: see :meth:`salon_till_status`."""
        state = self.salon_invoice_status or "none"
        if state != "attention" and _is_on_its_way(self._salon_awaited()):
            return "pending"
        return "odoo" if self._salon_is_odoos() else state

    def _salon_waits_for(self):
        """Return what the invoice of this sale waits for when the session ends.

        :return: *pending* for the lane, or for the sweep; *attention* for a person;
            *unwanted* for somebody who asks for it, by the shop's policy; else False
        """
        state = self._salon_till_state()
        if state == "skipped":
            return self.salon_skip_reason in UNWANTED and "unwanted"
        if state == "none":
            since = self.config_id.salon_live_since
            return bool(since) and self.create_date >= since and "pending"
        return state in ("pending", "attention") and state

    def _salon_reason(self, document):
        """Return why ``document`` is in its state, where the state does not say so."""
        if document.next_values:
            return self._salon_explain_to_till(document)
        if document.state == "skipped":
            field = document._fields["skip_reason"]
            label = dict(field._description_selection(self.env))[document.skip_reason]
            number = document.paper_number
            return f"{label}: {number}" if number else label
        if document.state == "attention":
            return document.problem or ""
        return (document.state in OPEN_STATES and document.waits_for) or ""

    def _salon_notify_tills(self):
        """Have the tills ask again for the status of these sales, once committed.

        Only ids travel: whoever knows a till's token hears them.
        """
        for config, orders in self.sudo().grouped("config_id").items():
            for till in config | config.trusted_config_ids:
                till._notify(TILL_MESSAGE, {"ids": orders.ids})

    def _salon_notify_tokens(self, tokens):
        """Notify tills as :meth:`_salon_notify_tills` does, without reading anything.

        :param tokens: of the tills that hear of these sales
        """
        for token in tokens:  # the channel and the name are those of pos.bus.mixin
            self.env["bus.bus"]._sendone(
                token, f"{token}-{TILL_MESSAGE}", {"ids": self.ids}
            )

    def _salon_guest_url(self):
        """Return the address of the customer's page, whose token the till has made."""
        return f"{self.get_base_url()}/salon/invoice/{self.access_token}"

    def _salon_is_odoos(self):
        """Return True if Odoo has invoiced this sale, or only Odoo may."""
        if self.account_move:
            return True
        if self.salon_document_id.state not in (False, "skipped"):
            return False
        return not self._salon_is_made_at_service()

    def _salon_explain_to_till(self, document):
        """Return the status of ``document`` in words, if the till cannot open it."""
        state, number = document.state, document.number or document.name
        if document.next_values:
            return self.env._(
                "%(number)s is being cancelled, and a new one made out to “%(buyer)s”.",
                number=number,
                buyer=document._next_buyer_name(),
            )
        if not document or state == "skipped":
            return self._salon_explain_missing(document.skip_reason)
        if document.is_receipt and (text := self._salon_explain_receipt(document)):
            return text
        if state == "attention":
            return self.env._(
                "The invoice of this sale waits for a person: %(problem)s",
                problem=document.problem or "",
            )
        if state in OPEN_STATES:
            return self.env._(
                "The invoice of this sale is being made at the invoicing service. "
                "%(reason)s",
                reason=document.waits_for or "",
            ).strip()
        if state == "cancelled":
            return self.env._(
                "The invoice of this sale, %(number)s, has been cancelled.",
                number=number,
            )
        if state == "issued":
            return self.env._(
                "The invoice of this sale is %(number)s. It cannot be opened from here "
                "yet.",
                number=number,
            )
        states = dict(document._fields["state"]._description_selection(self.env))
        return f"{number}: {states[state]}"

    def _salon_explain_receipt(self, document):
        """Return the status of a receipt in words, "" if all documents have the same.

        :param document: as :meth:`_salon_explain_to_till`
        """
        state, number = document.state, document.number or document.name
        if state == "attention":
            return self.env._(
                "The receipt of this sale waits for a person: %(problem)s",
                problem=document.problem or "",
            )
        if state in OPEN_STATES:
            return self.env._(
                "The receipt of this sale is being made at the invoicing service. "
                "%(reason)s",
                reason=document.waits_for or "",
            ).strip()
        if state == "cancelled":
            return self.env._(
                "The receipt of this sale, %(number)s, has been cancelled.",
                number=number,
            )
        if state == "issued":
            return self.env._(
                "The receipt of this sale is %(number)s. It cannot be opened from here "
                "yet.",
                number=number,
            )
        return ""

    def _salon_explain_missing(self, reason):
        """Return why there is no document, and where it can be requested."""
        if not reason:
            return self.env._("This sale has no invoice yet.")
        field = self.env["salon.invoice.document"]._fields["skip_reason"]
        labels = dict(field._description_selection(self.env))
        text = self.env._(
            "This sale has no invoice: %(reason)s.", reason=labels[reason]
        )
        if reason in ASKABLE:
            text += " " + self.env._(
                "If one is needed, press Generate invoice on this sale in Point of "
                "Sale, Orders."
            )
        return text

    # === THE CUSTOMER'S PAGE === #

    @api.model
    def _salon_open_for_guest(self, token, looks=0):
        """Return what the customer's page shows of the sale with this token.

        Nothing for a token of no sale, of one that is not paid, or of several.  All
        tokens cost the same statements: for one that shows nothing, whatever the
        reason, the newest document's sale is read in its place, and forgotten.

        :param str token: from an address, so it may be anything
        :param int looks: how often the page has been refreshed automatically
        :return: the sale or none, and the dict of :meth:`_salon_guest_values`
        """
        orders = self.sudo()
        if not is_token(token):
            token = str(uuid.uuid4())  # of no sale
        found = orders.search([("access_token", "=", token)], limit=2)
        other = orders.search(
            [("salon_document_id", "!=", False)], order="id desc", limit=1
        )
        # Read together, so that it is one statement whichever they are.
        found, other = (
            one.with_prefetch((found | other).ids) for one in (found, other)
        )
        shown = len(found) == 1 and found.state in ("paid", "done")
        order = found if shown else other
        order = order.with_company(order.company_id)
        values = order and order._salon_guest_values(looks)
        return (order, values) if shown else (orders.browse(), {})

    def _salon_guest_values(self, looks=0):
        """Return what the customer's page shows of this sale: nothing personal.

        :param int looks: how often the page has been refreshed automatically
        """
        document = self._salon_guest_document()
        page = decide_page(
            self._salon_slip(document), document._now(), document._today(), looks
        )
        issued = page.stage in (Stage.ISSUED, Stage.CANCELLED)
        if issued and document.currency_id:
            total, currency = document.amount_gross, document.currency_id
        else:
            total, currency = self.amount_total, self.currency_id
        request = self.salon_request_ids
        return {
            "page": page,
            "is_odoos": self._salon_is_odoos(),
            "document": document,
            "number": issued and document.number or "",
            "issued_on": issued and document._issued_on() or "",
            "sold_on": format_date(self.env, self._salon_day()),
            "total": format_amount(
                self.env, total, currency, trailing_zeroes=total % 1 != 0
            ),
            "reference": self.pos_reference or self.name,
            "shop": self._salon_guest_shop(),
            "company": self.company_id,
            "request_state": request.state != "draft" and request.state or "",
            "reason": request.reason or "",
        }

    def _salon_can_be_requested(self):
        """Return True if the customer's page offers to ask for company data."""
        if not self.config_id._salon_guest_may_request():
            return False  # In most shops: a list of sales reads nothing more of them.
        document = self._salon_guest_document()
        slip = self._salon_slip(document)
        return decide_page(slip, document._now(), document._today()).can_request

    def _salon_guest_shop(self):
        """Return the name of the shop, "" where a till of another company is named."""
        shop = self.config_id
        return shop.name if shop.company_id == self.company_id else ""

    def _salon_guest_document(self):
        """Return the document that counts for this sale, with what came back of it."""
        document = self.salon_document_id
        if document.state == "cancelled" and document.kind in MAIN_KINDS:
            return document._effective_document() or document
        return document

    def _salon_slip(self, document):
        """Return the ``billing.guest_page.Slip`` of this sale.

        :param document: that counts for it, or none
        """
        skipped = document.state == "skipped"
        request = self.salon_request_ids
        return Slip(
            sold_on=self._salon_day(),
            state=State(document.state) if document else None,
            kind=DocumentKind(document.kind) if document else None,
            issued_at=document.issued_at or None,
            has_pdf=bool(document.pdf_id),
            buyer=self._salon_guest_buyer(document),
            billable=not skipped or document.skip_reason in ASKABLE,
            returned=self._salon_is_return() or bool(self._salon_refunds()),
            # A change of the buyer that is under way is as good as a request.
            requested=bool(document.next_values)
            or (bool(request) and request.state != "draft"),
            may_request=self.config_id._salon_guest_may_request(),
        )

    def _salon_guest_buyer(self, document):
        """Return the ``BuyerSort`` of a document and of what it refers to.

        As it was frozen; where nothing is, that of the sale.
        """
        now, sorts = self._salon_snapshot_buyer(), []
        while document:
            private = document.buyer_choice == BuyerChoice.PRIVATE
            frozen = document.sale_snapshot or {"buyer": now}
            sorts.append(sort_of_buyer(frozen["buyer"], as_private=private))
            document = document.origin_id
        return most_private(sorts or [sort_of_buyer(now)])

    # === RULES: ACCOUNT AND COMPANY === #

    def _salon_till_settings(self):
        """Return the policy of the sale's till.

        If the till is another company's, the account is that of the sale's company.
        """
        policy = self.config_id._salon_till_settings()
        if self.config_id.company_id != self.company_id:
            account = self.company_id.sudo().salon_account_id
            policy = policy._replace(
                account=account, own_block="", own_receipt_block=""
            )
        return policy

    def _salon_account(self):
        """Return the account of this order's documents: for a refund the sale's."""
        original = self._salon_returned_order().salon_document_id
        return original.account_id or self._salon_till_settings().account

    def _salon_check_companies(self):
        """Refuse an order that names records of another company.

        :raises billing.problem.Problem: for a person of the order's company
        """
        self.ensure_one()
        if self._salon_names_foreign():
            raise Problem(Code.FOREIGN_COMPANY)

    def _salon_billed_partner(self):
        """Return who is billed: the buyer that was named, else the customer."""
        return self.salon_buyer_id or self.partner_id

    def _salon_names_foreign(self):
        """Return True if the order names a record that its company may not use."""
        own = self.company_id
        shared = own.parent_ids
        lines = self.lines
        customers = self.partner_id | self.salon_buyer_id
        usable = (
            customers,
            customers.commercial_partner_id,
            lines.product_id,
            lines.tax_ids,
            lines.tax_ids_after_fiscal_position,
            self.fiscal_position_id,
            self.payment_ids.payment_method_id,
        )
        return bool(
            self.config_id.company_id - own
            or self.session_id.config_id.company_id - own
            or lines.refunded_orderline_id.order_id.company_id - own
            or any(records.company_id - shared for records in usable)
        )

    def _salon_leave_foreign(self, problem):
        """Return the sale's document, shown to a human; create it if it is missing.

        :param billing.problem.Problem problem: what the order names
        """
        if not self.salon_document_ids:
            document = self._salon_create_document(state="waiting")
            document._on_error(problem)
        return self.salon_document_ids[:1]

    def _salon_bill_to(self, partner):
        """Write who is billed; the customer is, where nobody else is named."""
        order = self.sudo()
        other = partner if partner != order.partner_id else partner.browse()
        if order.salon_buyer_id != other:
            order._salon_write_protected({"salon_buyer_id": other.id})

    # === RULES: WHAT CAME BACK === #

    def _salon_is_return(self):
        """Return True if the order takes back something of an earlier sale."""
        return bool(self.lines.refunded_orderline_id)

    def _salon_sells_besides(self):
        """Return True if the order also sells something."""
        return any(not line.refunded_orderline_id for line in self.lines)

    def _salon_returned_order(self):
        """Return the sale that this order takes something back of, or none.

        A sale of another company is ignored: whoever sells may name any line.
        """
        return self.lines.refunded_orderline_id.order_id.filtered(
            lambda sale: sale.company_id == self.company_id
        )[:1]

    def _salon_return_orders(self):
        """Return the paid orders that take something back of this sale, by id."""
        return (
            self._salon_refunds()
            .filtered(lambda order: order.state in ("paid", "done"))
            .sorted("id")
        )

    def _salon_is_kept(self):
        """Return False if everything that was sold has come back."""
        back = self._salon_return_orders().lines
        return any(
            line.qty + sum((line.refund_orderline_ids & back).mapped("qty")) > 0
            for line in self.lines
        )

    def _salon_refunds(self):
        """Return the orders of the same company that take something back of this."""
        return self.sudo().lines.refund_orderline_ids.order_id.filtered(
            lambda order: order.company_id == self.company_id
        )

    def _salon_taking_back(self):
        """Return this order's documents that reduce the returned sale's invoice."""
        return self.salon_document_ids.filtered(
            lambda row: row.kind in TAKING_BACK_KINDS
        )

    def _salon_family(self):
        """Return the sale and all orders that take something back of it."""
        sale = self._salon_returned_order() or self
        if self._salon_is_return():
            sale |= self
        return sale | sale._salon_refunds()

    # === RULES: WHAT IS ON THE DOCUMENT === #

    def _salon_in_forints(self, amount):
        """Return an amount of the order's currency in HUF, at the order's rate."""
        # By its name, which Odoo has read: ref() asks whether the record exists.
        if self.currency_id.name == "HUF":
            return amount
        forint = self.env.ref("base.HUF")
        own = amount / (self.currency_rate or 1.0)
        return self.company_id.currency_id._convert(
            own, forint, self.company_id, self._salon_day(), round=False
        )

    def _salon_empty_reason(self, tip=None):
        """Return why the document would have nothing to say (a ``skip_reason``).

        :param Tip tip: of the document, see :meth:`_salon_answers`
        :return: False if it has something to say
        :raises billing.problem.Problem: see :meth:`_salon_snapshot`
        """
        sale = Sale.from_snapshot(self._salon_new_snapshot())
        account = self._salon_till_settings().account or self._salon_account()
        reason = self._salon_why_empty(sale, account, tip)
        return reason.value if reason else False

    def _salon_why_empty(self, sale, account, tip=None):
        """Return the ``choice.Reason`` why a document would have nothing to say.

        :param billing.sale.Sale sale: what the order sells
        :param account: ``salon.invoice.account`` that would make it
        :param Tip tip: of the document, see :meth:`_salon_answers`
        """
        answers = self._salon_answers(sale.lines, account, tip)
        prepaid = self._salon_prepaid(sale.lines)
        return empty_reason(sale.lines, answers, sale.currency, prepaid)

    def _salon_left_off(self, sale_snapshot, tip=None):
        """Return what a sale that has nothing to document keeps off, as JSON, or False.

        :param dict sale_snapshot: see :meth:`_salon_new_snapshot`
        :param Tip tip: of the document, see :meth:`_salon_answers`
        """
        sale = Sale.from_snapshot(sale_snapshot)
        answers = self._salon_answers(sale.lines, None, tip)
        off = left_off(sale.lines, answers, self._salon_prepaid(sale.lines))
        return to_json(name_kept_off(off)) or False

    def _salon_prepaid(self, lines, before=None):
        """Return what is known of what the sale uses, ``{till line: Prepaid}``.

        :param lines: ``billing.sale.SaleLine`` s of the sale
        :param int before: its document: what later ones use does not count
        """
        settled = {line.settles for line in lines if line.settles}
        if not settled:
            return {}
        sold = self.env["pos.order.line"].browse(settled).exists()
        return {
            line.id: line._salon_as_prepaid(before)
            for line in sold
            if line.order_id.company_id == self.company_id
        }

    def _salon_answers(self, lines, account, tip=None):
        """Return what ``billing.lines`` asks of the policy to measure a sale.

        The whole policy only where a voucher is used: reading it costs statements.

        :param Tip tip: what a tip is on a document that cannot do as the company says
        """
        if account and any(line.role is Role.REDEEMED for line in lines):
            documents = self.env["salon.invoice.document"]
            shop, language = self.config_id, self.salon_language
            policy = documents._policy_of(account, shop, language)
            return replace(policy.on(self._salon_day()), tip=tip or policy.tip)
        company = self.company_id
        answer = company.salon_voucher_sale
        return Answers(
            tip=tip or Tip(company.salon_tip),
            voucher_sale=VoucherSale(answer) if answer else None,
        )

    # === THE SNAPSHOT OF THE SALE === #

    def _salon_snapshot(self, checked=False):
        """Return the snapshot of the sale as JSON; amounts are strings in its currency.

        ``lines[].gross`` add up to ``total``, the till's own, give or take the cash
        rounding that is in it: at most ``rounded_in``.  What was paid may differ from
        it by ``rounding``.

        :param bool checked: True after :meth:`_salon_check_companies`
        :raises billing.problem.Problem: if the order names what is another company's
        """
        self.ensure_one()
        if not checked:
            self._salon_check_companies()
        rounding, rounded_in = self._salon_cash_rounding()
        return {
            "reference": self.pos_reference or self.name,
            "order": self.name,
            "shop": self.config_id.name,
            "till": self.config_id.id,
            "cashier": self._salon_cashier(),
            "note": self.general_customer_note or "",
            "day": self._salon_day().isoformat(),
            "currency": self.currency_id.name,
            "total": self._salon_amount(self.amount_total),
            "rounding": rounding,
            "rounded_in": rounded_in,
            "lines": self._salon_snapshot_lines(),
            "tenders": self._salon_snapshot_tenders(),
            "buyer": self._salon_snapshot_buyer(),
        }

    def _salon_new_snapshot(self, checked=False):
        """Return the snapshot of what an order sells beside what it takes back.

        The returned goods pay for it: its tenders are this order's, or those of the
        returned sale if no money moved.

        :param bool checked: see :meth:`_salon_snapshot`
        """
        sale_snapshot = self._salon_snapshot(checked)
        if not sale_snapshot["tenders"]:
            sold = self._salon_returned_order()._salon_snapshot_tenders()[:1]
            sale_snapshot["tenders"] = [{**entry, "amount": "0"} for entry in sold]
        return part_of(
            sale_snapshot,
            [entry for entry in sale_snapshot["lines"] if not entry["refunds"]],
        )

    def _salon_day(self):
        """Return the day of the sale in Hungary."""
        return day_of(self.date_order)

    def _salon_amount(self, amount):
        """Return a float of the order's currency as an exact string."""
        return f"{amount:.{self.currency_id.decimal_places}f}"

    def _salon_cashier(self):
        """Return the cashier's name: the employee's if the till has employees."""
        employee = "employee_id" in self._fields and self.employee_id
        return (employee or self.user_id).name or ""

    def _salon_cash_rounding(self):
        """Return the limits of cash rounding: for what is paid, and for the total.

        Odoo rounds the total itself unless only cash is rounded.
        """
        config = self.config_id
        method = config.cash_rounding and config.rounding_method
        if not method:
            return "0", "0"
        most = method.rounding
        if method.rounding_method == "HALF-UP":
            most /= 2
        most = self._salon_amount(most)
        return most, "0" if config.only_round_cash_method else most

    def _salon_snapshot_lines(self, prepaid=None):
        """Return one entry a line; their gross is the total before cash rounding.

        :param prepaid: products, see ``pos.order.line._salon_roles()``
        """
        roles = self.lines._salon_roles(prepaid)
        unit = self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_unit")
        entries = []
        for line, gross in zip(self.lines, self._salon_line_grosses(), strict=True):
            product, uom = line.product_id, line.product_uom_id
            entries.append(
                {
                    "line": line.id,
                    "refunds": line.refunded_orderline_id.id or False,
                    "role": roles[line],
                    "name": line.full_product_name or product.display_name,
                    "product": product.id,
                    "for_sale": product.sale_ok
                    or product.salon_role == "sale"
                    or roles[line] in VOUCHER_ROLES | DEPOSIT_ROLES,
                    "sku": product.default_code or "",
                    "unit": uom.name if uom and uom.id != unit else "",
                    "quantity": _plain(line.qty),
                    "gross": self._salon_amount(gross),
                    "discount": _plain(line.discount),
                    "taxes": line.tax_ids_after_fiscal_position.ids,
                    "untaxed_by": bool(line.tax_ids)
                    and not line.tax_ids_after_fiscal_position
                    and self.fiscal_position_id.id,
                    "combo": bool(line.combo_line_ids),
                    **line._salon_prepaid_entry(roles[line]),
                }
            )
        return entries

    def _salon_line_grosses(self):
        """Return the gross of each line, in the order's currency.

        The till's amounts if they add up to the total, which is nearly always; else
        those of Odoo's tax engine, unrounded.
        """
        sent = self.lines.mapped("price_subtotal_incl")
        if self.currency_id.is_zero(sum(sent) - self.amount_total):
            return sent
        AccountTax = self.env["account.tax"]
        base_lines = self.lines._prepare_tax_base_line_values()
        AccountTax._add_tax_details_in_base_lines(base_lines, self.company_id)
        AccountTax._round_base_lines_tax_details(base_lines, self.company_id)
        sign = -1 if self.amount_total < 0 else 1  # Odoo turns refunds around
        return [
            sign
            * (
                base_line["tax_details"]["total_excluded_currency"]
                + base_line["tax_details"]["delta_total_excluded_currency"]
                + sum(
                    tax["tax_amount_currency"]
                    for tax in base_line["tax_details"]["taxes_data"]
                )
            )
            for base_line in base_lines
        ]

    def _salon_snapshot_tenders(self):
        """Return one entry a payment method, with change deducted.

        ``cash`` may have been rounded; ``later`` is owed, on the customer's account or
        by a transfer that is still to come. In the order in which they were paid:
        Odoo reads payments back the other way round, and of two equal ones the first
        carries what is kept off.
        """
        totals = {}
        for payment in self.payment_ids.sorted("id"):
            method = payment.payment_method_id
            totals[method] = totals.get(method, 0.0) + payment.amount
        return [
            {
                "method": method.id,
                "name": method.name,
                "amount": self._salon_amount(amount),
                "cash": method.is_cash_count,
                "later": method._salon_terms().is_later,
            }
            for method, amount in totals.items()
            if not self.currency_id.is_zero(amount)
        ]

    def _salon_snapshot_buyer(self, customer=None):
        """Return the customer's current data, None for a walk-in.

        ``partner`` is who is billed; if that is the company of the customer, ``person``
        is the customer.

        :param customer: ``res.partner``; who is billed now if not given
        """
        customer = customer or self._salon_billed_partner()
        if not customer:
            return None
        company = customer.commercial_partner_id
        billed = company if company.is_company else customer
        address = customer.browse(customer.address_get(["invoice"])["invoice"])
        foreign = address.company_id - self.company_id.parent_ids
        if foreign or not (address.street or address.city or address.zip):
            address = billed
        email = (
            address.type == "invoice" and address.email_normalized
        ) or customer.email_normalized
        email = email or company.email_normalized
        if not email and (company.is_company or billed.vat):
            # Who has the sale made out to a company takes the invoice there. What names
            # another private person is for that person alone.
            email = self.partner_id.email_normalized
        return {
            "partner": billed.id,
            "person": customer.id if billed != customer and customer.name else False,
            "person_name": customer.name or "",
            "name": billed.name or "",
            "is_company": company.is_company,
            "emails": [email] if email else [],
            "phone": customer.phone or company.phone or "",
            "country": address.country_id.code or "",
            "postcode": address.zip or "",
            "city": address.city or "",
            "street": " ".join(filter(None, (address.street, address.street2))),
            "tax_number": billed.vat or "",
            "group_tax_number": "l10n_hu_group_vat" in billed._fields
            and billed.l10n_hu_group_vat
            or "",
        }


def _drop_deposits(order, every=False):
    """Drop what lines of an order, as a browser has sent it, name that is no id.

    :param bool every: the ids, too
    """
    for command in order.get("lines") or ():
        line = command[2] if len(command) > 2 else None
        if isinstance(line, dict) and (every or not _is_id(line)):
            line.pop("salon_deposit_line", None)


def _is_id(line):
    """Return True if the deposit that a line names may be an id of the database."""
    named = line.get("salon_deposit_line")
    return isinstance(named, int) and 0 < named < 2**31


def _is_on_its_way(document):
    """Return True while the lane has a document, or makes it out to another buyer."""
    return document.state in LANE_STATES or bool(document.next_values)


def _plain(number):
    """Return a float as an exact string, without an exponent."""
    return f"{Decimal(str(number)).normalize():f}"
