from odoo import api, fields, models


class SalonInvoiceChoice(models.Model):
    """A document block or bank account that the service listed, to choose from.

    Rows come from the service only. One that is no longer listed stays, as ``gone``, so
    that readiness can name it to whoever chose it.
    """

    _name = "salon.invoice.choice"
    _description = "Document Block or Bank Account at an Invoicing Service"
    _order = "kind, name, id"

    account_id = fields.Many2one(
        "salon.invoice.account", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    kind = fields.Selection(
        [
            ("block", "Document Block"),
            ("receipt_block", "Receipt Block"),
            ("bank_account", "Bank Account"),
        ],
        required=True,
    )
    remote_id = fields.Char(string="Id at the Service", required=True)
    name = fields.Char(required=True)
    detail = fields.Char(help="The prefix of a block, the number of a bank account.")
    currency = fields.Char(help="Of a bank account, as the service names it.")
    gone = fields.Boolean(help="The service does not list it any more.")

    _one_each = models.Constraint(
        "UNIQUE (account_id, kind, remote_id)", "The service lists this once."
    )

    @api.depends("name", "detail", "currency", "gone")
    def _compute_display_name(self):
        for choice in self:
            choice.display_name = self._label(
                choice.name, choice.detail, choice.currency
            )
            if choice.gone:
                choice.display_name = self.env._(
                    "%(name)s (no longer at the service)", name=choice.display_name
                )

    @api.model
    def _label(self, name, detail, currency):
        """Return what a person reads of a choice."""
        known = ", ".join(filter(None, (detail, currency)))
        return f"{name} ({known})" if known else name

    @api.model
    def _from_info(self, info):
        """Return what ``info`` lists, as values of this model without an account.

        :param billing.invoice.AccountInfo info: from the service
        """
        listed = {"block": info.blocks, "receipt_block": info.receipt_blocks}
        blocks = [
            {
                "kind": kind,
                "remote_id": block.id,
                "name": block.name or block.prefix or block.id,
                "detail": block.prefix,
                "currency": "",
            }
            for kind, rows in listed.items()
            for block in rows
        ]
        return blocks + [
            {
                "kind": "bank_account",
                "remote_id": bank.id,
                "name": bank.name or bank.number or bank.id,
                "detail": bank.number or bank.iban,
                "currency": bank.currency,
            }
            for bank in info.bank_accounts
        ]

    @api.model
    def _refresh(self, account, info):
        """Make the rows of ``account`` what ``info`` lists."""
        known = {
            (choice.kind, choice.remote_id): choice
            for choice in self.search([("account_id", "=", account.id)])
        }
        for values in self._from_info(info):
            choice = known.pop((values["kind"], values["remote_id"]), None)
            if choice:
                choice.write({**values, "gone": False})
            else:
                self.create({**values, "account_id": account.id})
        for choice in known.values():
            choice.gone = True
