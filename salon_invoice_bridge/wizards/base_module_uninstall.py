from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.ir_module_module import ADDON


class BaseModuleUninstall(models.TransientModel):
    """Odoo's question before it uninstalls: it tells what is lost with this addon."""

    _inherit = "base.module.uninstall"

    salon_loss = fields.Text(
        string="What Uninstalling Deletes", compute="_compute_salon_loss"
    )
    salon_confirmed = fields.Boolean(string="I know what is deleted and what stays")

    @api.depends("module_ids")
    def _compute_salon_loss(self):
        for wizard in self:
            removed = ADDON in wizard._get_modules().mapped("name")
            wizard.salon_loss = removed and wizard._salon_format_loss()

    def _salon_format_loss(self):
        """Return what uninstalling deletes and leaves, False where there is nothing."""
        documents = self.env["salon.invoice.document"].sudo()
        count = documents.search_count([])
        if not count:
            return False
        return self.env._(
            "Uninstalling deletes %(documents)s documents and %(attempts)s records of "
            "calls to the invoicing service. %(pdfs)s PDFs stay with their sales, and "
            "a list of the documents stays among the attachments, where administrators "
            "find it. The invoices themselves stay at the service.",
            documents=count,
            attempts=self.env["salon.invoice.attempt"].sudo().search_count([]),
            pdfs=documents.search_count([("pdf_id", "!=", False)]),
        )

    def action_uninstall(self):
        """Uninstall, once a person has said that they know what is lost.

        :raises UserError: they have not
        """
        if self.salon_loss and not self.salon_confirmed:
            raise UserError(
                self.env._(
                    "%(loss)s Tick “I know what is deleted and what stays” to go on.",
                    loss=self.salon_loss,
                )
            )
        return super().action_uninstall()
