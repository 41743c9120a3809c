import base64
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..billing import choice, figures
from ..billing.choice import Wish
from ..billing.errors import ProviderError
from ..billing.invoice import (
    MADE_STATES,
    MAIN_KINDS,
    RETURN_KINDS,
    SELLING_STATES,
    DocumentKind,
    Invoice,
    Kind,
)
from ..billing.lines import name_kept_off, sort_again
from ..billing.notes import money
from ..billing.preview import difference
from ..models.pos_order import ASKABLE
from ..models.salon_invoice_asker import Question
from ..providers import registry

#: Sales that can be chosen without being searched for.
NEWEST = 1
#: Who may look: they may read all of a sale.
READERS = (
    "point_of_sale.group_pos_manager",
    "account.group_account_invoice",
    "account.group_account_readonly",
    "base.group_system",
)


class Setup(NamedTuple):
    """What a preview is made with: the till's settings, or those that are being typed.

    An account that is not connected yet need not be a row.
    """

    settings: tuple  # models.pos_config.TillSettings, with the account
    language: str = ""  # of documents, ISO 639; "" for the company's
    changes: tuple = ()  # pairs of a field of billing.policy.Policy and its value


class Seen(NamedTuple):
    """What a document would say, or what it says."""

    row: models.Model  # salon.invoice.document, or a new record of it
    invoice: Invoice


class Look(NamedTuple):
    """What becomes of a sale: in a sentence, and the document if there is one."""

    verdict: str  # issued, made, skipped: nothing by itself
    text: str
    seen: Seen | None = None


class SalonInvoicePreview(models.TransientModel):
    """Shows what a sale would get, line by line, before anything is issued.

    By the way that the lane takes (``billing.build``, the strategy's ``amounts()``),
    on records that are not kept: no row is created or written, and no call is made.
    A reader starts at :meth:`_content`.

    A service may make a PDF of it, see :meth:`action_pdf`: that is a call, which the
    worker makes for this form when somebody asks for it.
    """

    _name = "salon.invoice.preview"
    _inherit = ["salon.invoice.guard", "salon.invoice.asker"]
    _description = "Preview of an Invoice"

    # === FIELDS === #

    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    order_id = fields.Many2one(
        "pos.order",
        string="Sale",
        domain="[('company_id', '=', company_id), ('state', 'in', ('paid', 'done'))]",
        default=lambda self: self._last_sale(self.env.company),
        ondelete="cascade",
    )
    provider = fields.Selection(
        selection=lambda self: self.env["salon.invoice.account"]
        ._fields["provider"]
        ._description_selection(self.env),
        string="Invoicing Service",
        default="billingo",
        help="No service is connected yet: as which of them would issue it.",
    )
    account_id = fields.Many2one(
        "salon.invoice.account", compute="_compute_account_id", compute_sudo=False
    )
    # Of QWeb, which escapes what it is given.
    content = fields.Html(
        compute="_compute_content", compute_sudo=False, sanitize=False
    )
    has_pdf = fields.Boolean(compute="_compute_account_id", compute_sudo=False)
    pdf = fields.Binary(readonly=True)
    pdf_status = fields.Char(readonly=True)

    # === COMPUTES === #

    @api.model
    def _last_sale(self, company):
        """Return the last sale of a company that was paid, none if there is none."""
        if not self.env["pos.order"].has_access("read"):
            return self.env["pos.order"]
        return self.env["pos.order"].search(
            [("company_id", "=", company.id), ("state", "in", ("paid", "done"))],
            order="id desc",
            limit=NEWEST,
        )

    @api.depends("order_id")
    def _compute_account_id(self):
        for preview in self:
            order = preview.order_id
            if order:
                self._check_may_preview(order)
            account = order.sudo()._salon_account() if order else False
            preview.account_id = account
            preview.has_pdf = bool(account) and preview._can_have_pdf(account)

    def _can_have_pdf(self, account):
        """Return True if the service can be asked for a PDF of what is not issued."""
        document = self.order_id.sudo().salon_document_id
        return (
            account._capabilities().preview
            and account.state in SELLING_STATES
            and document.state not in MADE_STATES
        )

    @api.depends("order_id", "provider")
    def _compute_content(self):
        for preview in self:
            order = preview.order_id
            preview.content = self._content(order, preview._setup()) if order else False

    def _setup(self):
        """Return the :class:`Setup` of the chosen service, None of a connected till."""
        if self.account_id or not self.provider:
            return None
        order = self.order_id.sudo()
        account = self._new_account(order.company_id, provider=self.provider)
        return Setup(order._salon_till_settings()._replace(account=account))

    # === CREATION === #

    def write(self, vals):
        if "order_id" in vals:  # the PDF is of another sale
            vals = {**vals, "pdf": False, "pdf_status": False}
        return super().write(vals)

    # === PEOPLE'S BUTTONS === #

    def action_pdf(self):
        """Open the service's own PDF of what would be issued, or have it made.

        :raises UserError: in the user's words, if there is nothing to be made
        """
        self.ensure_one()
        self._check_may_preview(self.order_id)
        if self.pdf:
            return {
                "type": "ir.actions.act_url",
                "url": f"/web/content/{self._name}/{self.id}/pdf/preview.pdf",
                "target": "new",
            }
        self._check_has_invoice()
        account = self.account_id.sudo()
        account._refuse_in_copy()
        self.env["salon.invoice.lookup"].sudo()._check_pause(account)
        self.sudo().pdf_status = self.env._(
            "The service is asked. Press the button again in some seconds."
        )
        self._ask("preview")
        return self._action_reopen()

    def _action_reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    # === THE SERVICE'S PDF === #

    def _invoice(self):
        """Return the ``billing.invoice.Invoice`` that the service is to show, or None.

        Not of a receipt, which no service previews.

        :raises billing.errors.ProviderError: a person must change something first
        """
        seen = self._look(self.order_id.sudo(), None).seen
        if not seen or seen.invoice.kind is Kind.RECEIPT:
            return None
        return seen.invoice

    def _check_has_invoice(self):
        """Check that there is something to be shown by the service.

        :raises UserError: in the user's words
        """
        try:
            shown = self.has_pdf and self._invoice()
        except ProviderError as error:
            explain = self.env["salon.invoice.message"]._explain
            sentence = explain(error, self.account_id.provider).sentence
            raise UserError(sentence) from error
        if not shown:
            raise UserError(
                self.env._("The service makes no preview of what this sale gets.")
            )

    def _next_question(self, task):
        invoice = None if self.pdf else self._invoice()
        return invoice and Question("preview", (invoice,))

    def _on_answer(self, task, answer):
        self.write({"pdf": base64.b64encode(answer), "pdf_status": False})

    def _on_put_off(self, task):
        self.pdf_status = task.message

    def _on_failed(self, task):
        self.pdf_status = task.message

    # === WHAT OTHER FORMS SHOW === #

    @api.model
    def _new_account(self, company, **values):
        """Return an account that is not connected yet, and not kept."""
        accounts = self.env["salon.invoice.account"].sudo()
        return accounts.new({"company_id": company, **values})

    @api.model
    def _content(self, order, setup=None):
        """Return what a sale would get, or has got, as HTML.

        :param order: ``pos.order``
        :param Setup setup: None for what the till has
        :raises AccessError: the user may not read this sale, or previews
        """
        self._check_may_preview(order)
        values = self._values(order.sudo(), setup)
        return self.env["ir.qweb"]._render(
            "salon_invoice_bridge.preview_content", values
        )

    @api.model
    def _check_may_preview(self, order):
        """Check that the user may see what a sale gets.

        :raises AccessError: in the user's words
        """
        if not self.env.su and not any(map(self.env.user.has_group, READERS)):
            raise AccessError(
                self.env._(
                    "Only managers of Point of Sale and accountants may do this."
                )
            )
        order.with_env(self.env).check_access("read")

    # === RULES: WHAT IT IS === #

    def _values(self, order, setup):
        """Return the values of the template.

        :param order: ``pos.order``, as superuser
        """
        account = (setup and setup.settings.account) or order._salon_account()
        try:
            look = self._look(order, setup)
            said = look.seen and self._said(*look.seen)
        except ProviderError as error:
            return self._stopped(order, error, account.provider)
        return {
            "verdict": look.verdict,
            "text": look.text,
            "seen": said,
            "till": False,
        }

    def _look(self, order, setup):
        """Return the :class:`Look` at a sale.

        :raises billing.errors.ProviderError: a person must change something first
        """
        if order.state not in ("paid", "done"):
            return Look("skipped", self.env._("It is not fully paid yet."))
        document = order.salon_document_id
        asked_for = document and document.state != "skipped"
        if asked_for and not document._is_discarded():
            return self._look_at_document(document)
        if order._salon_is_return() and not order._salon_sells_besides():
            return Look("skipped", self._explain_return())
        return self._look_at_undocumented(order, setup)

    def _look_at_document(self, document):
        """Return the :class:`Look` at a sale that has its document, or waits for it."""
        if document.state in MADE_STATES and (invoice := document._invoice()):
            text = self.env._(
                "%s has been issued. This is what it says.", document.name
            )
            return Look("made", text, Seen(document, invoice))
        if document.kind in RETURN_KINDS and document.kind != DocumentKind.CORRECTION:
            return Look("skipped", self._explain_return())
        if not document._must_build():
            text = self.env._(
                "%s is on its way. This is what has been sent, or will be.",
                document.name,
            )
            return Look("made", text, Seen(document, document._invoice()))
        row = document
        if not document.sale_snapshot or document.sale_snapshot_stale:
            row = self._new_row(
                document.order_id,
                document.account_id,
                document.kind,
                document.order_id._salon_new_snapshot(),
            )
        invoice = row._make_invoice(document._policy())
        text = self.env._("It waits for its turn. This is what will be issued.")
        return Look("issued", text, Seen(row, invoice))

    def _look_at_undocumented(self, order, setup):
        """Return the :class:`Look` at a sale of which nothing has been requested."""
        settings = setup.settings if setup else order._salon_till_settings()
        decision = order._salon_decide(None, settings)
        reason = decision.reason
        if reason in ASKABLE:
            decision = order._salon_decide(Wish.INVOICE, settings)
        if decision.reason:
            return Look("skipped", self._label_of_skip(decision.reason))
        if reason:
            text = self.env._(
                "Nothing by itself: %s. This is what Generate Invoice would issue.",
                self._label_of_skip(reason),
            )
        else:
            text = self._explain_choice(order, settings, decision.sale_snapshot)
        sale_snapshot = self._link_sold(order, decision.sale_snapshot)
        row = self._new_row(order, settings.account, decision.kind, sale_snapshot)
        invoice = row._make_invoice(self._policy(row, setup))
        return Look("skipped" if reason else "issued", text, Seen(row, invoice))

    def _new_row(self, order, account, kind, sale_snapshot):
        """Return a document that is not kept, by which the content is made."""
        documents = self.env["salon.invoice.document"].sudo()
        return documents.new(
            {
                "order_id": order,
                "account_id": account,
                "company_id": order.company_id,
                "currency_id": order.currency_id,
                "kind": kind,
                "sale_snapshot": sale_snapshot,
                "external_key": documents._make_external_key(order, kind, 1),
            }
        )

    def _policy(self, row, setup):
        """Return the ``billing.policy.Policy`` of a row that is not kept."""
        shop = row.order_id.config_id
        language = row.order_id.salon_language or (setup and setup.language)
        policy = row._policy_of(row.account_id, shop, language)
        if row.is_receipt:
            policy = row._receipt_policy(policy, shop)
        return replace(policy, **dict(setup.changes)) if setup else policy

    def _link_sold(self, order, sale_snapshot):
        """Return a snapshot that names what the sale uses, as its request would."""
        found = {
            line.id: line._salon_find_sold().id
            for line in order.lines
            if not (line.salon_settles_id or line.refunded_orderline_id)
        }
        return {
            **sale_snapshot,
            "lines": [
                {**entry, "settles": found[entry["line"]]}
                if found.get(entry["line"])
                else entry
                for entry in sale_snapshot["lines"]
            ],
        }

    # === RULES: IN WORDS === #

    def _explain_return(self):
        return self.env._(
            "It takes something back: a storno or a correction follows from the "
            "document of the sale that came back, when its turn comes."
        )

    def _label_of_skip(self, reason):
        field = self.env["salon.invoice.document"]._fields["skip_reason"]
        return dict(field._description_selection(self.env))[reason]

    def _explain_choice(self, order, settings, sale_snapshot):
        """Return why it is an invoice, or a receipt, in a sentence."""
        reason = choice.choose(order._salon_situation(sale_snapshot, settings)).reason
        env = self.env
        reasons = {
            choice.Reason.BUSINESS: env._("The buyer is a business."),
            choice.Reason.LIMIT: env._("From 900,000 Ft on it must be an invoice."),
            choice.Reason.UNPAID: env._("Not all of it is paid: an invoice is due."),
            choice.Reason.DEPOSIT: env._(
                "A deposit is on it: only an invoice names it."
            ),
            choice.Reason.CURRENCY: env._("Receipts are in forints only."),
            choice.Reason.NO_RECEIPTS: env._("The service has no receipts."),
            choice.Reason.NO_SERIES: env._("No series of receipts has been chosen."),
            choice.Reason.TIP: env._("A receipt of this service cannot hold its tip."),
            choice.Reason.CUSTOMER: env._("The customer is named."),
            choice.Reason.WALK_IN: env._("No customer is named."),
            choice.Reason.WISH: env._("The cashier has chosen it."),
        }
        return reasons.get(reason, env._("That is what sales get here."))

    def _stopped(self, order, error, provider):
        """Return the values of a sale that would stop for a person, and why."""
        explain = self.env["salon.invoice.message"]._explain
        amount = self._format_money(order.currency_id.name)
        grosses = zip(order.lines, order._salon_line_grosses(), strict=True)
        return {
            "verdict": "stopped",
            "text": explain(error, provider).sentence,
            "seen": None,
            "till": [
                (line.full_product_name or line.product_id.display_name, amount(gross))
                for line, gross in grosses
            ],
        }

    def _figures(self, row, invoice):
        """Return the ``billing.figures.Figures`` of a document, by the service's rules.

        :raises billing.errors.Rejected: the service has no word for its VAT
        """
        provider = registry.get(row.account_id.provider)
        return row._figures() or figures.of_invoice(
            invoice, provider.amounts(invoice), exact=provider.capabilities.sends_vat
        )

    def _said(self, row, invoice):
        """Return what a document says, in words.

        :raises billing.errors.Rejected: see :meth:`_figures`
        """
        found = self._figures(row, invoice)
        amount = self._format_money(invoice.currency)
        kinds = dict(row._fields["kind"]._description_selection(self.env))
        payments = self.env["pos.payment.method"]._fields["salon_payment_kind"]
        payments = dict(payments._description_selection(self.env))
        return {
            "kind": kinds[row.kind],
            "service": row.account_id.name or "",
            "order_number": invoice.order_number,
            "fulfillment": format_date(self.env, invoice.fulfillment_date),
            "due": format_date(self.env, invoice.due_date),
            "payment": payments[invoice.payment_kind.value],
            "buyer": [] if row.is_receipt else self._buyer(invoice.buyer),
            "emails": ", ".join(invoice.buyer.emails) if invoice.send_email else "",
            "mail": invoice.mail,
            "comment": invoice.comment,
            "lines": [
                {
                    "name": line.name,
                    "comment": line.comment,
                    "quantity": f"{line.quantity.normalize():f} {line.unit}",
                    "vat": _rate(line.vat),
                    "gross": amount(line.gross),
                }
                for line in invoice.lines
            ],
            "rates": [
                (_rate(rate.vat), *map(amount, (rate.net, rate.tax, rate.gross)))
                for rate in found.rates
            ],
            "sums": [amount(value) for value in (found.net, found.tax, found.gross)],
            "exact": found.exact,
            "tenders": [
                (payments[kind.value], amount(paid))
                for kind, paid in found.tenders.items()
            ],
            "owed": found.owed and amount(found.owed),
            **self._beside_till(row, invoice, amount),
        }

    def _beside_till(self, row, invoice, amount):
        """Return the way from the till's total to the document."""
        if row.kind not in MAIN_KINDS or not row.sale_snapshot:
            return {"difference": False}
        sale = row._sale()
        kept_off = name_kept_off(sort_again(sale.lines, invoice.lines)[1])
        found = difference(sale, invoice, kept_off)
        return {
            "difference": {
                "plain": found.is_plain,
                "total": amount(found.total),
                "kept_off": [
                    (entry.name, amount(entry.amount)) for entry in found.kept_off
                ],
                "rounded": found.rounded and amount(found.rounded),
                "gross": amount(found.gross),
                "unexplained": found.unexplained and amount(found.unexplained),
            }
        }

    def _buyer(self, buyer):
        place = " ".join(filter(None, (buyer.postcode, buyer.city)))
        number = buyer.tax_number or buyer.eu_tax_number
        parts = (buyer.name, ", ".join(filter(None, (place, buyer.street))), number)
        return list(filter(None, parts))

    def _format_money(self, currency):
        """Return the function that writes an amount of ``currency``."""
        language = (self.env.lang or "en")[:2]
        return lambda amount: money(Decimal(str(amount)), currency, language)


def _rate(code):
    """Return a code of ``billing.vat`` as people write it."""
    return f"{code}%" if code[:1].isdigit() else code
