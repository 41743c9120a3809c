import re
from contextlib import suppress

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..billing import errors
from ..providers import registry

#: Fields of the customer -> what NAV tells of a taxpayer, a ``Taxpayer``'s attribute.
ADDRESS = {"zip": "postcode", "city": "city", "street": "street"}


class ResPartner(models.Model):
    """The customer: its ids at the services, and what NAV knows of its tax number.

    NAV refuses an invoice with a tax number that it does not know, when the customer
    has long left: so NAV is asked while the customer stands at the till.
    """

    _inherit = "res.partner"

    # === FIELDS === #

    salon_partner_ids = fields.One2many(
        "salon.invoice.partner",
        "partner_id",
        string="Invoicing Services",
        readonly=True,
        groups="point_of_sale.group_pos_manager,account.group_account_invoice",
    )
    salon_can_ask_nav = fields.Boolean(
        compute="_compute_salon_can_ask_nav", compute_sudo=True
    )

    # === COMPUTES === #

    @api.depends_context("company")
    def _compute_salon_can_ask_nav(self):
        # Whatever is typed so far: what is in the input is not known here yet.
        self.salon_can_ask_nav = bool(self._salon_nav_account())

    # === PEOPLE'S BUTTONS === #

    def action_salon_ask_nav(self):
        """Ask NAV about the customer's tax number, and fill in what lacks.

        That is the name, the country, and an address where there is none of it.

        What a person has typed is never replaced. What the service refuses is told, not
        raised: a transaction that is rolled back would not have counted the call, and
        who asks wrongly could ask without end.

        :return: the action that shows what came of it
        :raises UserError: in the user's words, before a call: if the service cannot be
            asked, has been asked too often, or the user neither sells nor invoices
        """
        self.ensure_one()
        self.env["salon.invoice.document"]._check_may_generate()
        self.check_access("read")
        account = self._salon_nav_account()
        if not (account and self.vat):
            raise UserError(self.env._("There is nobody, or nothing, to ask."))
        if account._is_resting():
            raise UserError(
                self.env._("The service asked for a pause. Try again in a few minutes.")
            )
        bucket = self.env["salon.invoice.bucket"]
        if bucket._seconds_until(account, "people", 0.05):
            raise UserError(
                self.env._(
                    "Many have been asked about just now. Try again in a minute."
                )
            )
        self.env["salon.invoice.lookup"]._count(account.company_id)
        bucket._draw(account, "people", 1)
        try:
            with account._open_provider() as provider:
                # HU12345676 is the same company's number for other countries.
                number = re.sub(r"^HU(?=\d{8})", "", self.vat.strip())
                told = provider.check_taxpayer(number)
        except errors.ProviderError as error:
            return self._salon_notify("danger", account._sentence(error, asked=True))
        if told.valid and (not self.ids or self.has_access("write")):
            # What cannot be saved is told all the same, and the call is counted.
            with suppress(UserError), self.env.cr.savepoint():
                self.update(self._salon_lacking(told))
        return self._salon_tell_nav(told)

    @api.model
    def salon_ask_nav(self, values):
        """Ask NAV about a customer who is being typed, and may not be saved yet.

        :param dict values: of the form: ``vat``, and what else is filled in
        :return: the parameters of the notification, and the values to fill in
        :raises UserError: as :meth:`action_salon_ask_nav`
        """
        names = ("vat", "name", "country_id", *ADDRESS)
        typed = {name: str(values.get(name) or "") for name in names}
        # Whatever could fail fails before the call, which is else not counted.
        country = values.get("country_id")
        country = self.env["res.country"].browse(isinstance(country, int) and country)
        typed["country_id"] = country.exists().id
        customer = self.new(typed)
        told = customer.action_salon_ask_nav()["params"]
        country = customer.country_id
        filled = {
            **{name: customer[name] for name in ("name", *ADDRESS)},
            "country_id": {"id": country.id, "display_name": country.name or ""},
        }
        return {
            "notification": {key: told[key] for key in ("title", "message", "type")},
            "values": {
                name: value
                for name, value in filled.items()
                if value and not typed[name] and (name != "country_id" or country)
            },
        }

    # === RULES === #

    def _salon_nav_account(self):
        """Return the company's account if its service can ask NAV, else none."""
        account = self.env.company.sudo().salon_account_id
        known = account and registry.get(account.provider).capabilities
        can_ask = known and known.taxpayer_check and account.state == "connected"
        return account if can_ask else account.browse()

    def _salon_lacking(self, told):
        """Return the values that NAV knows and the customer lacks.

        :param billing.invoice.Taxpayer told: what NAV said
        """
        values = {}
        if told.name and not self.name:
            values["name"] = told.name
        if not any(self[name] for name in ADDRESS):
            values.update({name: getattr(told, its) for name, its in ADDRESS.items()})
        if not self.country_id:
            values["country_id"] = self.env.ref("base.hu").id
        return values

    def _salon_tell_nav(self, told):
        """Return the notification of NAV's answer.

        :param billing.invoice.Taxpayer told: what NAV said
        """
        if told.valid:
            address = " ".join(filter(None, (told.postcode, told.city, told.street)))
            kind = "success"
            message = ", ".join(filter(None, (told.name, address))) or self.env._(
                "The tax number is valid."
            )
        elif told.valid is None:
            kind, message = (
                "warning",
                self.env._("NAV did not answer. Try again later."),
            )
        else:
            kind = "danger"
            message = self.env._(
                "NAV does not know the tax number %s: an invoice with it would be "
                "refused. Ask the customer for the right one.",
                self.vat,
            )
        return self._salon_notify(kind, message)

    def _salon_notify(self, kind, message):
        """Return the action that shows ``message`` about this customer.

        :param str kind: success, warning or danger
        """
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("NAV about %s", self.name or self.vat),
                "message": message,
                "type": kind,
                "sticky": kind == "danger",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
