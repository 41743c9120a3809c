"""What the tests of content share: a sale, and the document that it would become."""

import json
from decimal import Decimal
from typing import NamedTuple

from lxml import etree

from odoo import fields, models

from odoo.addons.salon_invoice_bridge.billing.problem import Problem

from .common import SalonCase
from .euros import Euros


class Stopped(NamedTuple):
    """What a person is shown of a document that cannot be built."""

    message: str
    record: models.Model
    cause: str


class ContentCase(Euros, SalonCase):
    """A salon whose documents are built, and sent only where a test says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.discount_product = cls._make_product("Kedvezmény", 0, None)
        cls.gift_card = cls._make_product("Ajándékkártya", 5000, None)
        cls.gift_card.salon_role = "voucher"
        cls.shampoo = cls._make_product("Sampon", 3490, cls.tax_27)

    def built(self, order):
        """Return the ``Invoice`` that the order's document would be sent as."""
        document = order.salon_document_id
        self.assertEqual(document.state, "waiting", document.skip_reason)
        return document._make_invoice(document._policy())

    def issue(self, order):
        """Run the lane and return the document at the service."""
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.state, "issued", document.problem)
        (found,) = (
            paper for paper in self.issued() if paper["number"] == document.number
        )
        return found

    def stopped(self, order):
        """Return what keeps the order's document from being sent, as it is shown."""
        with self.assertRaises(Problem) as caught:
            self.built(order)
        messages, problem = self.env["salon.invoice.message"], caught.exception
        return Stopped(
            message=messages._explain_problem(problem),
            record=messages._record(problem.where, order),
            cause=messages._cause(problem),
        )

    def discount(self, amount, tax=None, product=None):
        """Return an order-wide discount as the till has it: a negative line."""
        return (
            product or self.discount_product,
            1,
            {"price_unit": -amount, "tax": tax},
        )

    def _order_line(self, product, quantity, more=None):
        """Let a line have another tax than its product: ``tax`` in ``more``."""
        tax = (more or {}).get("tax")
        if tax is None:
            more = {key: value for key, value in (more or {}).items() if key != "tax"}
            return super()._order_line(product, quantity, more)
        own = product.taxes_id
        product.taxes_id = tax
        try:
            more = {key: value for key, value in more.items() if key != "tax"}
            return super()._order_line(product, quantity, more)
        finally:
            product.taxes_id = own

    def grosses(self, invoice):
        """Return ``{VAT code: gross}`` of a document."""
        sums = {}
        for line in invoice.lines:
            sums[line.vat] = sums.get(line.vat, Decimal(0)) + line.gross
        return sums

    def use_rounding(self, method="HALF-UP", only_cash=True, step=5):
        """Have the till round to ``step`` forints, as its shop's settings may say."""
        profit = self.company.default_cash_difference_income_account_id
        loss = self.company.default_cash_difference_expense_account_id
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": f"{step} Ft {method}",
                "rounding": step,
                "rounding_method": method,
                "strategy": "add_invoice_line",
                "profit_account_id": profit.id,
                "loss_account_id": loss.id,
            }
        )
        self.session.state = "closed"
        self.config.write(
            {
                "cash_rounding": True,
                "only_round_cash_method": only_cash,
                "rounding_method": rounding.id,
            }
        )
        self.session = self._open_session(self.config)

    # === WHAT WAS SENT === #

    def sent(self, order):
        """Issue, and return what was sent: a dict at Billingo, flat at Számlázz.hu.

        Flat: the texts by their element's name, of the header and the buyer.
        """
        self.issue(order)
        request = self.requests[order.salon_document_id.id]
        if self.provider != "szamlazz":
            return json.loads(request)
        root = etree.fromstring(request.encode())
        return {
            etree.QName(cell).localname: cell.text or ""
            for part in root
            if etree.QName(part).localname != "tetelek"
            for cell in part
        }

    def rows(self, order):
        """Return the lines that were sent to Számlázz.hu, each as a dict."""
        root = etree.fromstring(self.requests[order.salon_document_id.id].encode())
        return [
            {etree.QName(cell).localname: cell.text or "" for cell in row}
            for row in root.iterfind("{*}tetelek/{*}tetel")
        ]

    def assert_lane_is_woken(self):
        """Assert that the lane runs as soon as the sale is committed."""
        cron = self.account.sudo().cron_id
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertLessEqual(min(triggers.mapped("call_at")), fields.Datetime.now())

    def mails(self):
        """Return the e-mails that the service sent."""
        return self.sandbox.world.ledger()["mails"]

    def sell_by(self, kind, customer=None):
        """Sell a haircut, paid by a method of ``kind``."""
        self.card.salon_payment_kind = kind
        self.card.salon_counts_as_paid = True
        return self.sell([(self.haircut, 1)], [(self.card, 8900)], customer)
