from odoo import fields, models


class SalonInvoiceMonthPart(models.Model):
    """One part of a month's file: a ZIP with at most 500 documents.

    Its file is an attachment of the month: whoever may read the month may fetch it, and
    nobody else.
    """

    _name = "salon.invoice.month.part"
    _description = "Part of a Month's File"
    _order = "month_id, number"
    _rec_name = "file_name"

    month_id = fields.Many2one("salon.invoice.month", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="month_id.company_id", store=True)
    number = fields.Integer(string="Part", required=True)
    file_name = fields.Char(string="File", required=True)
    document_count = fields.Integer(string="Documents")
    size = fields.Float(string="Size (MB)", digits=(12, 1))
    attachment_id = fields.Many2one(
        "ir.attachment", index="btree_not_null", ondelete="set null"
    )

    _one_each = models.Constraint(
        "UNIQUE (month_id, number)", "This part has been written already."
    )

    def unlink(self):
        attachments = self.attachment_id
        result = super().unlink()
        attachments.unlink()
        return result

    def action_download(self):
        """Download the file."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "download",
        }
