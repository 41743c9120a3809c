from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

from ..billing import choice, figures
from ..billing.choice import Wish
from ..billing.errors import ProviderError
from ..billing.invoice import MADE_STATES, MAIN_KINDS, RETURN_KINDS, DocumentKind
from ..billing.lines import name_kept_off, sort_again
from ..billing.notes import money
from ..billing.preview import difference
from ..billing.problem import Problem
from ..models.pos_order import ASKABLE
from ..providers import base, registry

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
    invoice: object  # billing.invoice.Invoice


class SalonInvoicePreview(models.TransientModel):
    """Shows what a sale would get, line by line, before anything is issued.

    By the way that the lane takes (``billing.build``, the strategy's ``amounts()``),
    on records that are not kept: no row is created or written, and no call is made.
    A reader starts at :meth:`_content`.
    """

    _name = "salon.invoice.preview"
    _inherit = "salon.invoice.guard"
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
    is_connected = fields.Boolean(compute="_compute_content", compute_sudo=False)
    # Of QWeb, which escapes what it is given.
    content = fields.Html(
        compute="_compute_content", compute_sudo=False, sanitize=False
    )

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

    @api.depends("order_id", "provider")
    def _compute_content(self):
        for preview in self:
            order = preview.order_id
            preview.is_connected = bool(order) and bool(self._account_of(order))
            preview.content = bool(order) and self._content(
                order, preview._setup(preview.is_connected)
            )

    def _account_of(self, order):
        self._check_may_preview(order)
        return order.sudo()._salon_account()

    def _setup(self, is_connected):
        """Return the :class:`Setup` of the chosen service, None of a connected till."""
        if is_connected or not self.provider:
            return None
        order = self.order_id.sudo()
        account = self._new_account(order.company_id, provider=self.provider)
        return Setup(order._salon_till_settings()._replace(account=account))

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
        if order.state not in ("paid", "done"):
            return self._sentence("skipped", self.env._("It is not fully paid yet."))
        try:
            return self._values_of_sale(order, setup)
        except Problem as problem:
            return self._stopped(order, problem)
        except ProviderError as error:
            provider = (setup and setup.settings.account) or order._salon_account()
            return self._stopped(order, error, provider.provider)

    def _values_of_sale(self, order, setup):
        document = order.salon_document_id
        asked_for = document and document.state != "skipped"
        if asked_for and not document._is_discarded():
            return self._values_of_document(document)
        if order._salon_is_return() and not order._salon_sells_besides():
            return self._sentence("skipped", self._explain_return())
        return self._values_of_undocumented(order, setup)

    def _values_of_document(self, document):
        """Return the values of a sale that has its document, or waits for it."""
        if document.state in MADE_STATES and (invoice := document._invoice()):
            text = self.env._(
                "%s has been issued. This is what it says.", document.name
            )
            return self._seen("made", text, Seen(document, invoice))
        if document.kind in RETURN_KINDS and document.kind != DocumentKind.CORRECTION:
            return self._sentence("skipped", self._explain_return())
        if not document._must_build():
            text = self.env._(
                "%s is on its way. This is what has been sent, or will be.",
                document.name,
            )
            return self._seen("made", text, Seen(document, document._invoice()))
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
        return self._seen("issued", text, Seen(row, invoice))

    def _values_of_undocumented(self, order, setup):
        """Return the values of a sale that nothing has been requested for."""
        settings = setup.settings if setup else order._salon_till_settings()
        decision = order._salon_decide(None, settings)
        reason = decision.reason
        if reason and reason not in ASKABLE:
            return self._sentence("skipped", self._label_of_skip(reason))
        text = ""
        if reason:
            decision = order._salon_decide(Wish.INVOICE, settings)
            if decision.reason:
                return self._sentence("skipped", self._label_of_skip(decision.reason))
            text = self.env._(
                "Nothing by itself: %s. This is what Generate Invoice would issue.",
                self._label_of_skip(reason),
            )
        else:
            text = self._explain_choice(order, settings, decision.sale_snapshot)
        sale_snapshot = self._link_sold(order, decision.sale_snapshot)
        row = self._new_row(order, settings.account, decision.kind, sale_snapshot)
        invoice = row._make_invoice(self._policy(row, setup))
        return self._seen("skipped" if reason else "issued", text, Seen(row, invoice))

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

    def _sentence(self, verdict, text, seen=None):
        """Return the values of the template where there is nothing but a sentence.

        :param str verdict: *issued*, *made*, *skipped* or *stopped*
        """
        return {"verdict": verdict, "text": text, "seen": seen, "till": False}

    def _stopped(self, order, error, provider=""):
        """Return the values of a sale that would stop for a person, and why."""
        explain = self.env["salon.invoice.message"]._explain
        values = self._sentence("stopped", explain(error, provider).sentence)
        amount = self._format_money(order.currency_id.name)
        values["till"] = [
            (line.full_product_name or line.product_id.display_name, amount(gross))
            for line, gross in zip(
                order.lines, order._salon_line_grosses(), strict=True
            )
        ]
        return values

    def _seen(self, verdict, text, seen):
        """Return the values of a document: all that it says, and the till beside it."""
        row, invoice = seen
        account = row.account_id
        capabilities = account._capabilities()
        with closing(self._strategy(account)) as provider:
            items = provider.amounts(invoice)
        found = figures.of_invoice(invoice, items, exact=capabilities.sends_vat)
        return self._sentence(verdict, text, self._said(row, invoice, found))

    def _strategy(self, account):
        """Return the strategy of an account, without a key: it cannot be asked."""
        return registry.get(account.provider)(base.Credentials(api_key=""))

    def _said(self, row, invoice, found):
        """Return what a document says, in words.

        :param billing.figures.Figures found: of it
        """
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
