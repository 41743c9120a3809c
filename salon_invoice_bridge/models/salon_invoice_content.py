import logging

from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..billing.figures import ZERO
from ..billing.invoice import DocumentKind
from ..billing.line_sums import line_sums, name_rate
from ..billing.money import unit
from .salon_invoice_figures import TENDERS

_logger = logging.getLogger(__name__)

#: Decimals of a quantity, and of a unit price that does not divide.
QUANTITY_DECIMALS, PRICE_DECIMALS = 4, 2


class SalonInvoiceContent(models.AbstractModel):
    """What a document says, for people: its lines, VAT rates and tenders.

    Of what was frozen when it was sent, and of the figures that were stored when it was
    issued; a storno has the lines of what it takes back, turned around.
    """

    _name = "salon.invoice.content"
    _description = "Content of a Salon Invoice"

    content_html = fields.Html(
        string="Lines", compute="_compute_content_html", sanitize=False
    )

    @api.depends("invoice_values", "figures", "kind", "origin_id", "currency_id")
    @api.depends_context("lang")
    def _compute_content_html(self):
        for document in self:
            values = document._content_values()
            document.content_html = bool(values) and self.env["ir.qweb"]._render(
                "salon_invoice_bridge.document_content", values
            )

    def _content_values(self):
        """Return what the page shows, none if nothing is known or it cannot be read."""
        try:
            lines, figures = self._line_sums(), self._figures()
        except (TypeError, ValueError, KeyError, ArithmeticError):
            # Of another version, or restored from elsewhere: the form opens.
            _logger.exception("The content of %s cannot be read", self)
            return {}
        if not lines and not figures:
            return {}
        return {
            "lines": lines,
            "figures": figures,
            "tenders": figures and self._reported_tenders(figures),
            "money": self._format_money,
            "number": self._format_number,
            "name_rate": name_rate,
        }

    def _line_sums(self):
        """Return the lines of the document, ``billing.line_sums.LineSum`` s."""
        turned = self.kind == DocumentKind.STORNO
        invoice = (self.origin_id if turned else self)._invoice()
        return line_sums(invoice, turned=turned) if invoice else []

    def _reported_tenders(self, figures):
        """Return pairs of how the document was paid, and how much of it."""
        labels = dict(self._fields["tender"]._description_selection(self.env))
        parts = {kind.value: amount for kind, amount in figures.tenders.items()}
        if figures.owed != ZERO:
            parts[TENDERS[-1][0]] = figures.owed
        return [(labels[kind], amount) for kind, amount in parts.items()]

    def _format_money(self, amount):
        """Return an amount of the document, with the decimals that documents have."""
        currency = self.currency_id
        digits = -unit(currency.name).as_tuple().exponent
        number = formatLang(self.env, float(amount), digits=digits)
        return f"{number}\N{NO-BREAK SPACE}{currency.symbol}"

    def _format_number(self, value, most=QUANTITY_DECIMALS):
        """Return a number as the reader writes it, without zeros at its end."""
        rounded = round(value, most).normalize()
        digits = max(0, -rounded.as_tuple().exponent)
        return formatLang(self.env, float(rounded), digits=digits)
