from odoo import api, fields, models
from odoo.exceptions import UserError

#: Languages that at least one service prints documents in.
LANGUAGES = [
    ("hu", "Hungarian"),
    ("en", "English"),
    ("de", "German"),
    ("fr", "French"),
    ("it", "Italian"),
    ("es", "Spanish"),
    ("ro", "Romanian"),
    ("sk", "Slovak"),
    ("hr", "Croatian"),
    ("sl", "Slovenian"),
    ("cs", "Czech"),
    ("pl", "Polish"),
    ("bg", "Bulgarian"),
    ("nl", "Dutch"),
    ("ru", "Russian"),
]
_CODES = [code for code, _name in LANGUAGES]


class PosOrder(models.Model):
    """The language that the invoice of a sale will be in."""

    _inherit = "pos.order"

    # Computed and stored, so that no till sends a value for it.
    salon_language = fields.Selection(
        LANGUAGES,
        string="Invoice Language",
        compute="_compute_salon_language",
        inverse="_inverse_salon_language",
        store=True,
        readonly=False,
        help="The customer's language, else the company's. The service's documents "
        "are in the company's where it does not have this one.",
    )

    @api.depends("partner_id")
    def _compute_salon_language(self):
        # With one language installed, a customer's language says nothing.
        chosen = len(self.env["res.lang"].get_installed()) > 1
        for order in self:
            own = (order.partner_id.lang or "").partition("_")[0]
            order.salon_language = (
                own
                if chosen and own in _CODES
                else order.company_id.salon_language or "hu"
            )

    def _inverse_salon_language(self):
        for order in self.sudo():
            if order.salon_invoice_state in ("sending", "checking", "issued"):
                raise UserError(
                    self.env._(
                        "The invoice of %s is made already; its language stays.",
                        order.name,
                    )
                )
