import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .content_problem import ContentProblem
from .savepoint import patient_savepoint

#: Documents that say what was sold, the best one first.
MAIN_KINDS = ("invoice", "proforma", "draft")
#: What neither a till nor a person says of a sale, whatever they send.
OURS = ("salon_document_id", "salon_requested")

_logger = logging.getLogger(__name__)


class PosOrder(models.Model):
    """The sale: asks for its document when it is paid, and shows it.

    In the payment transaction rows are written and the lane is woken, nothing else;
    whatever fails there is shown to a human and never takes the sale back, but for
    PostgreSQL's concurrency errors, after which Odoo repeats the whole request.
    """

    _name = "pos.order"
    _inherit = ["pos.order", "salon.invoice.guard"]

    # Computed and stored, so that no till can send a value for it.  Writing it touches
    # the order's row: Odoo's own invoicing does too, so two transactions that would
    # each make an invoice of the sale cannot both commit.
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
    salon_requested = fields.Boolean(
        string="Invoice Asked For",
        readonly=True,
        copy=False,
        help="Somebody pressed Invoice at the till while the sale was being paid.",
    )
    salon_invoice_number = fields.Char(
        string="Invoice Number", related="salon_document_id.number"
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
    salon_waits_for = fields.Char(related="salon_document_id.waits_for")
    salon_problem = fields.Text(
        string="What Is Wrong",
        compute="_compute_salon_problem",
        help="Why a document of this sale waits for a person, and what to do.",
    )

    _salon_undocumented = models.Index(
        "(company_id, create_date) WHERE salon_document_id IS NULL"
    )

    @api.depends("salon_document_ids.generation", "salon_document_ids.kind")
    def _compute_salon_document_id(self):
        for order in self:
            order.salon_document_id = order.salon_document_ids.sorted(
                lambda document: document._rank()
            )[-1:]

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

    @api.depends("salon_document_ids.state", "salon_document_ids.problem")
    def _compute_salon_problem(self):
        for order in self:
            problems = order._salon_in_attention().mapped("problem")
            order.salon_problem = "\n".join(filter(None, problems))

    def _salon_in_attention(self):
        """Return the documents of these sales that wait for a person."""
        return self.salon_document_ids.filtered(lambda row: row.state == "attention")

    @api.model
    def _load_pos_data_fields(self, config):
        """Keep our fields out of what a till reads back of each sale: it shows none."""
        names = super()._load_pos_data_fields(config)
        return [
            name
            for name in names or self.fields_get(attributes=())
            if not name.startswith("salon_")
        ]

    @api.model_create_multi
    def create(self, vals_list):
        # As in write().  False, too, before any default that the context may carry.
        return super().create(
            [
                {
                    **{name: vals[name] for name in vals if name not in OURS},
                    "salon_requested": False,
                }
                for vals in vals_list
            ]
        )

    def write(self, vals):
        # Neither a till nor a person says which document a sale has: else it could be
        # given another sale's, and would never be invoiced.
        return super().write({name: vals[name] for name in vals if name not in OURS})

    def _salon_write_ours(self, vals):
        """Write what :meth:`write` lets nobody say."""
        return super().write(vals)

    # === THE HOOK === #

    def _process_saved_order(self, draft):
        """Take the wish for an invoice over before Odoo acts on it."""
        if not draft:
            self._salon_take_wish()
        return super()._process_saved_order(draft)

    def action_pos_order_paid(self):
        self._salon_take_wish()  # some terminals of self-ordering come here directly
        result = super().action_pos_order_paid()
        self._salon_on_paid()
        return result

    def _salon_on_paid(self):
        """Ask for the document of a sale that has just been paid; never fails."""
        for order in self.sudo():
            try:
                with patient_savepoint(self.env):
                    if not order._salon_account():
                        continue
                    order._salon_request_document(automatic=True)
                    # Written with the order, by Odoo; computed here, where it may fail.
                    documents = order.salon_document_ids | order.salon_document_id
                    documents.flush_recordset()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:
                _logger.exception("No document could be asked for sale %s", order.name)
                order._salon_show_failure(error)

    def _salon_show_failure(self, error):
        """Put the sale in front of a human although its facts could not be taken."""
        try:
            with self.env.cr.savepoint():
                documents = self._salon_create_document(state="waiting")
                if self._salon_is_return() and self._salon_sells_besides():
                    kind = self._salon_policy().kind
                    documents |= self._salon_create_document(state="waiting", kind=kind)
                documents._need_attention(
                    str(error) if isinstance(error, UserError) else repr(error),
                    "facts",
                )
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            # The sweep finds the sale again, because it has no document.
            _logger.exception("Sale %s is left to the sweep", self.name)

    def _salon_request_document(self, automatic=False):
        """Return the document of the sale, asking for it if there is none.

        :param bool automatic: True when the sale asks by itself, False for a person
        """
        self.ensure_one()
        try:
            self._salon_check_companies()
        except ContentProblem as problem:
            return self._salon_leave_foreign(problem)
        if self._salon_is_return():
            return self._salon_request_return(automatic)
        return self._salon_request_sold(automatic)

    def _salon_request_sold(self, automatic):
        """Return the document of what the order sells, asking for it if needed.

        :param bool automatic: False for a person, who may ask again for one that was
            skipped, and for another one in place of one that was discarded
        """
        # The last one: what came back counts less.
        document = self.salon_document_id.filtered(lambda row: row.kind in MAIN_KINDS)
        skipped, discarded = document.state == "skipped", document._is_discarded()
        if document and (automatic or not (skipped or discarded)):
            return document
        reason = self._salon_skip_reason(automatic)
        if discarded:
            document = document._make_next(reason)
        elif document and reason:
            document._transition("skipped", skip_reason=reason)
        elif document:
            document._ask_again()
        elif reason:
            document = self._salon_create_sold(reason)
        else:
            document = self._salon_create_sold(facts=self._salon_new_facts())
        if document.state != "skipped":
            document.account_id._wake()
        return document

    def _salon_create_sold(self, reason=False, **values):
        """Return a new document of what the order sells, as the till's policy is.

        :param reason: why it is skipped; False to have it made
        """
        return self._salon_create_document(
            kind=self._salon_policy().kind,
            state="skipped" if reason else "waiting",
            skip_reason=reason,
            next_attempt=False if reason else fields.Datetime.now(),
            **values,
        )

    def _salon_create_document(self, **values):
        policy = self._salon_policy()
        kind = "refund" if self._salon_is_return() else policy.kind
        kind = values.pop("kind", kind)
        account = self._salon_account() if kind == "refund" else policy.account
        return self.env["salon.invoice.document"].create(
            {"order_id": self.id, "account_id": account.id, "kind": kind, **values}
        )

    def _salon_skip_reason(self, automatic):
        """Return why the sale gets no document, in the words of ``skip_reason``."""
        if self.account_move or self.to_invoice:
            return "odoo"
        if empty := self._salon_empty_reason():
            return empty
        policy = self._salon_policy()
        if not policy.account:
            return "no_account"
        if not policy.capable:
            return "incapable"
        if self.salon_requested:
            automatic = False
        if automatic and (reason := policy.skip_reason(self)):
            return reason
        # Without a journal a method is the customer's account ("pay_later").
        if automatic and not all(
            method.journal_id for method in self.payment_ids.payment_method_id
        ):
            return "customer_account"
        return False

    # === ONE ISSUER === #

    def _salon_take_wish(self):
        """Keep Odoo's *Invoice* as the wish for the service's invoice; never fails.

        Whatever set it, a person or Odoo for every company: a till that is connected
        has one issuer.  What Odoo has invoiced comes back in Odoo, which makes the
        credit note.
        """
        for order in self.sudo().filtered("to_invoice"):
            try:
                with patient_savepoint(self.env):
                    if order._salon_is_made_here():
                        order.to_invoice = False
                        order._salon_write_ours({"salon_requested": True})
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                _logger.exception("Who invoices sale %s is left to Odoo", order.name)

    def _salon_is_made_here(self):
        """True if the invoice of this sale is made at the service, if one is made."""
        if self._salon_returns_ours():
            return True
        if self.account_move or self._salon_returned_order().account_move:
            return False
        return bool(self._salon_policy().account)

    def _salon_touch(self):
        """Write the sale's own row, as Odoo does when it invoices.

        So two transactions that each found the sale without an invoice cannot both be
        committed: PostgreSQL undoes the later one, and Odoo repeats it.
        """
        if self:
            self.env.cr.execute(
                "UPDATE pos_order SET salon_document_id = salon_document_id "
                "WHERE id IN %s",
                [tuple(self.ids)],
            )

    def _generate_pos_order_invoice(self):
        """Let Odoo invoice only what the bridge has not issued and is not sending."""
        documents = self.sudo().salon_document_ids
        # Of a cancelled invoice may stand what a refund has left: with that refund.
        standing = documents.browse()
        for document in documents.filtered(lambda row: row.state == "cancelled"):
            standing |= document._standing()
        taken = standing | documents.filtered(
            lambda document: (
                document.state in ("sending", "checking", "issued")
                or (document.state == "attention" and document._may_have_arrived())
            )
            # A storno by hand counts through its original, which it cancels.
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
        documents.filtered(
            lambda document: document.state in ("waiting", "attention")
        )._transition("skipped", skip_reason="odoo")
        return super()._generate_pos_order_invoice()
