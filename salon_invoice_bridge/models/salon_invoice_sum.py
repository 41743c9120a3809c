from odoo import api, fields, models

from ..billing.figures import ZERO

#: The columns of a sum: those of ``billing.books.Bridge``.
COLUMNS = (
    *("till", "unwanted", "documents", "elsewhen", "missing", "there", "not_ours"),
)


class SalonInvoiceSum(models.Model):
    """One VAT rate, or one tender, of a reconciliation: till, documents, service.

    Till = unwanted + documents + documented on other days + missing.
    """

    _name = "salon.invoice.sum"
    _description = "Sum of a Reconciliation"
    _order = "reconciliation_id, currency_id, by, id"
    _rec_name = "code"
    _log_access = False

    reconciliation_id = fields.Many2one(
        "salon.invoice.reconciliation", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="reconciliation_id.company_id", store=True)
    currency_id = fields.Many2one("res.currency", required=True)
    by = fields.Selection(
        [("rate", "VAT Rate"), ("tender", "Paid By")], string="Sum By", required=True
    )
    code = fields.Char(help="The VAT code, or the kind of payment.")
    label = fields.Char(string="Rate or Tender", compute="_compute_label")
    till = fields.Monetary()
    unwanted = fields.Monetary(string="Not Wanted")
    documents = fields.Monetary(string="Documented")
    elsewhen = fields.Monetary(string="On Other Days")
    missing = fields.Monetary(string="Still Open")
    there = fields.Monetary(string="At the Service")
    not_ours = fields.Monetary(string="Made There by Hand")

    @api.depends("by", "code")
    @api.depends_context("lang")
    def _compute_label(self):
        kinds = dict(
            self.env["salon.invoice.document"]
            ._fields["tender"]
            ._description_selection(self.env)
        )
        for row in self:
            if row.by == "tender":
                row.label = kinds.get(row.code or "owed", row.code)
            elif not row.code:
                row.label = self.env._("Not known")
            else:
                row.label = f"{row.code}%" if row.code[0].isdecimal() else row.code

    def _values(self, sums):
        """Yield the values of the rows of ``{currency: billing.books.Sums}``."""
        for name, table in sums.items():
            currency = self.env["res.currency"]._salon_by_code(name)
            if not currency:
                continue
            for by, bridges in (("rate", table.rates), ("tender", table.tenders)):
                for code, bridge in sorted(bridges.items(), key=lambda row: str(row)):
                    amounts = {name: getattr(bridge, name) for name in COLUMNS}
                    if set(amounts.values()) == {ZERO}:
                        continue
                    yield {
                        "currency_id": currency.id,
                        "by": by,
                        "code": getattr(code, "value", code) or "",
                        **{name: float(value) for name, value in amounts.items()},
                    }
