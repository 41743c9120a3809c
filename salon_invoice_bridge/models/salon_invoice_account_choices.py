import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SalonInvoiceAccountChoices(models.Model):
    """What was chosen of what the service has: block, bank account.

    ``block`` and ``bank_account`` hold the service's own id, or what was typed where a
    service has no list; ``block_id`` and ``bank_account_id`` are how people choose.
    """

    _inherit = "salon.invoice.account"

    choice_ids = fields.One2many("salon.invoice.choice", "account_id", readonly=True)
    block_listed = fields.Boolean(compute="_compute_listed")
    bank_account_listed = fields.Boolean(compute="_compute_listed")

    block = fields.Char(
        string="Number Prefix",
        copy=False,
        help="The block (számlatömb) that numbers the documents: an id at Billingo, "
        "the number prefix (előtag) at Számlázz.hu, where empty is the default one.",
    )
    block_id = fields.Many2one(
        "salon.invoice.choice",
        string="Document Block",
        compute="_compute_chosen",
        inverse="_inverse_block_id",
        domain="[('account_id', '=', id), ('kind', '=', 'block'), "
        "('gone', '=', False)]",
    )
    bank_account = fields.Char(
        string="Bank Account Number",
        copy=False,
        help="The bank account that is printed on the documents: an id at Billingo, "
        "the number itself at Számlázz.hu.",
    )
    bank_account_id = fields.Many2one(
        "salon.invoice.choice",
        string="Bank Account",
        compute="_compute_chosen",
        inverse="_inverse_bank_account_id",
        domain="[('account_id', '=', id), ('kind', '=', 'bank_account'), "
        "('gone', '=', False)]",
    )
    bank_name = fields.Char(help="Where the service has no list of bank accounts.")
    order_number_guard = fields.Boolean(
        string="Order Number Guard Is On",
        help="Számlázz.hu: Beállítások > Fiók > Számlázás > Rendelésszám "
        "ismétlődésének tiltása. With it the service itself refuses a second invoice "
        "of the same sale. Its interface cannot be asked, so tick this when you have "
        "set it.",
    )

    @api.depends("provider")
    def _compute_listed(self):
        for account in self:
            capabilities = account._capabilities()
            account.block_listed = not capabilities.block_pattern
            account.bank_account_listed = capabilities.bank_account_listed

    @api.depends("block", "bank_account", "choice_ids.remote_id")
    def _compute_chosen(self):
        for account in self:
            account.block_id = account._choice("block", account.block)
            account.bank_account_id = account._choice(
                "bank_account", account.bank_account
            )

    def _choice(self, kind, remote_id):
        return self.choice_ids.filtered(
            lambda c: remote_id and c.kind == kind and c.remote_id == remote_id
        )

    def _inverse_block_id(self):
        for account in self:
            account.block = account.block_id.remote_id

    def _inverse_bank_account_id(self):
        for account in self:
            account.bank_account = account.bank_account_id.remote_id

    def _has_block(self, block):
        """Tell whether documents can be numbered by ``block`` at this account.

        Whether a number prefix is registered at the service, nobody can ask it.
        """
        self.ensure_one()
        if not self.block_listed:
            return bool(re.fullmatch(self._capabilities().block_pattern, block))
        choice = self._choice("block", block)
        return bool(choice and not choice.gone)

    def _check_block(self, block):
        """Refuse what no document can be numbered by at this account.

        :raises ValidationError: in the user's words
        """
        if not block or self._has_block(block):
            return
        if not self.block_listed:
            raise ValidationError(
                self.env._(
                    "%(prefix)s cannot be a number prefix: it has up to five capital "
                    "letters and digits, and is registered at the service first.",
                    prefix=block,
                )
            )
        raise ValidationError(
            self.env._(
                "The document block %(block)s does not exist at the service.",
                block=self._choice("block", block).display_name or block,
            )
        )

    def _has_bank_account(self, bank_account):
        """Tell whether ``bank_account`` can be printed on documents."""
        self.ensure_one()
        choice = self._choice("bank_account", bank_account)
        return not self.bank_account_listed or bool(choice and not choice.gone)

    @api.constrains("block", "bank_account")
    def _check_choices(self):
        """Only what is there at the service can be saved.

        What vanishes there later is for readiness to say: a row that was right when it
        was saved must stay writable.
        """
        for account in self:
            account._check_block(account.block)
            if account.bank_account and not account._has_bank_account(
                account.bank_account
            ):
                raise ValidationError(
                    self.env._("The chosen bank account does not exist at the service.")
                )
