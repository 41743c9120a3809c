from odoo import models

from .salon_invoice_document import BUS_MESSAGE


class IrWebsocket(models.AbstractModel):
    """The bus channels of changed documents: chosen here, never by the client."""

    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        channels = super()._build_bus_channel_list(channels)
        user = self.env.user
        # sudo of the model's rights only: those of the session's user are asked for.
        if user._is_internal() and self.env["salon.invoice.document"].has_access(
            "read"
        ):
            channels.extend((company, BUS_MESSAGE) for company in user.company_ids)
        return channels
