from odoo import models


class SalonInvoiceDocumentPdf(models.Model):
    """The PDF of a document, for people."""

    _inherit = "salon.invoice.document"

    def action_open_pdf(self):
        """Open the PDF in the browser."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.pdf_id.id}/{self.pdf_id.name}",
            "target": "new",
        }
