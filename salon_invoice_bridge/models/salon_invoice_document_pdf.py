from odoo import models


class SalonInvoiceDocumentPdf(models.Model):
    """The PDF of a document, for people."""

    _inherit = "salon.invoice.document"

    def action_open_pdf(self):
        """Open the PDF in the browser."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": self._pdf_url(),
            "target": "new",
        }

    def _pdf_url(self):
        return f"/web/content/{self.pdf_id.id}/{self.pdf_id.name}"

    def _url_for_people(self):
        """Return where the document can be seen, "" where that is nowhere yet."""
        self.ensure_one()
        return self.public_url or (self.pdf_id and self._pdf_url()) or ""
