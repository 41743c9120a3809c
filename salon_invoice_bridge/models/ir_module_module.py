from odoo import models
from odoo.exceptions import UserError

from ..billing.invoice import SENT_STATES

#: The technical name of this addon.
ADDON = "salon_invoice_bridge"


class IrModuleModule(models.Model):
    """The addon itself: it does not go while a call of it is under way."""

    _inherit = "ir.module.module"

    def button_uninstall(self):
        """Refuse to remove the addon while the outcome of a call is unknown.

        :raises UserError: a document is being sent or looked for
        """
        removed = self | self.downstream_dependencies()
        if ADDON in removed.mapped("name"):
            self._salon_check_nothing_is_sent()
        return super().button_uninstall()

    def _salon_check_nothing_is_sent(self):
        documents = self.env["salon.invoice.document"].sudo()
        open_ones = documents.search([("state", "in", SENT_STATES)])
        if open_ones:
            raise UserError(
                self.env._(
                    "%(count)s documents are being sent, or looked for after a lost "
                    "answer (%(names)s). Uninstall when it is known what the service "
                    "has made of them.",
                    count=len(open_ones),
                    names=", ".join(open_ones[:5].mapped("name")),
                )
            )
