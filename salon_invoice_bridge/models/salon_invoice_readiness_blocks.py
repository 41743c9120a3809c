from odoo import models

from .salon_invoice_readiness import Check


class SalonInvoiceReadinessBlocks(models.Model):
    """The checks about what numbers the documents: blocks, or number prefixes."""

    _inherit = "salon.invoice.account"

    def _ready_block(self):
        if not self.block_listed:
            return self._ready_prefix()
        title = self.env._("Document block")
        fix = ("action_change_settings", self.env._("Choose a block"))
        if not self.block:
            level = "bad" if self._capabilities().block_required else "ok"
            text = self.env._("None is selected: the service's default is used.")
            if level == "bad":
                text = self.env._(
                    "None is selected, and no invoice can be made without one."
                )
                return Check("block", level, title, text, *fix)
            return Check("block", level, title, text)
        if not self._has_block(self.block):
            text = self.env._(
                "%(block)s has been deleted at the service: no invoice can be made "
                "until another one is chosen.",
                block=self.block_id.name or self.block,
            )
            return Check("block", "bad", title, text, *fix)
        return Check("block", "ok", title, self.block_id.display_name)

    def _ready_prefix(self):
        title = self.env._("Number prefix")
        fix = ("action_change_settings", self.env._("Change"))
        if not self.block:
            text = self.env._("The default number prefix of the account is used.")
            return Check("block", "ok", title, text)
        if not self._has_block(self.block):
            text = self.env._(
                "%(prefix)s cannot be a number prefix: no invoice can be made.",
                prefix=self.block,
            )
            return Check("block", "bad", title, text, *fix)
        text = self.env._("Numbers start with %(prefix)s.", prefix=self.block)
        if self._has_numbered(self.block):
            return Check("block", "ok", title, text)
        text += " " + self.env._(
            "No invoice has used it yet: it must be registered at the service, or "
            "invoicing stops at the first one."
        )
        return Check("block", "info", title, text, *fix)

    def _has_numbered(self, prefix):
        """Tell whether a document of this account has a number with ``prefix``."""
        return bool(
            self.env["salon.invoice.document"].search_count(
                [
                    ("account_id", "=", self.id),
                    "|",
                    ("number", "=like", f"{prefix}-%"),
                    ("number", "=like", f"%-{prefix}-%"),
                ],
                limit=1,
            )
        )

    def _shops_without_block(self):
        """Return the open tills whose own block no document can have any more."""
        return self._shops().filtered(
            lambda shop: shop.active
            and shop.salon_block
            and not self._has_block(shop.salon_block)
        )

    def _ready_blocks_of_shops(self):
        shops = self._shops_without_block()
        if not shops:
            return None
        text = self.env._(
            "Their own block is not at the service any more: %(shops)s. No invoice of "
            "theirs can be made until another one is chosen.",
            shops=", ".join(shops.mapped("name")),
        )
        return Check(
            "shop_blocks",
            "bad",
            self.env._("Blocks of the shops"),
            text,
            "action_open_shop_settings",
            self.env._("Choose a block"),
        )

    def action_open_shop_settings(self):
        """Open the settings of the first shop that must choose another block."""
        self.ensure_one()
        shop = self.sudo()._shops_without_block()[:1]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "point_of_sale.action_pos_configuration"
        )
        context = {"module": "point_of_sale", "default_pos_config_id": shop.id}
        return {**action, "context": context}
