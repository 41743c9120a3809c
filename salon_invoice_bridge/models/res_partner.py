from contextlib import suppress

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..billing import errors

#: Fields of the customer -> attributes of ``billing.invoice.TaxpayerAddress``.
ADDRESS = {"zip": "postcode", "city": "city", "street": "street"}


class ResPartner(models.Model):
    """The customer: its ids at the services, and what NAV knows of its tax number.

    NAV refuses an invoice with a tax number that it does not know, when the customer
    has long left: so NAV is asked while the customer is at the till.
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
        # Not by the tax number: an onchange does not send what is being typed.
        self.salon_can_ask_nav = bool(self._salon_nav_account())

    # === PEOPLE'S BUTTONS === #

    def action_salon_ask_nav(self):
        """Check the customer's tax number at NAV, and fill in missing data.

        Fills in the name, the country, and the address if all of it is missing; never
        replaces what a person has typed. A refusal of the service is shown, not raised:
        a rollback would undo the count of calls, which limits them.

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
        try:
            taxpayer = self.env["salon.invoice.lookup"]._ask(account, self.vat)
        except errors.ProviderError as error:
            return self._salon_notify("danger", account._explain(error, asked=True))
        if taxpayer.valid and (not self.ids or self.has_access("write")):
            # If it cannot be saved, the answer is still shown and the call counted.
            with suppress(UserError), self.env.cr.savepoint():
                self.update(self._salon_missing_values(taxpayer))
        return self._salon_show_taxpayer(taxpayer)

    @api.model
    def salon_ask_nav(self, values):
        """Check the tax number of a customer in a form that may not be saved yet.

        :param dict values: of the form: ``vat``, and what else is filled in
        :return: the parameters of the notification, and the values to fill in
        :raises UserError: as :meth:`action_salon_ask_nav`
        """
        names = ("vat", "name", "country_id", *ADDRESS)
        typed = {name: str(values.get(name) or "") for name in names}
        # Before the call: a later failure would roll back its count.
        country = values.get("country_id")
        country = self.env["res.country"].browse(isinstance(country, int) and country)
        typed["country_id"] = country.exists().id
        customer = self.new(typed)
        shown = customer.action_salon_ask_nav()["params"]
        country = customer.country_id
        filled = {
            **{name: customer[name] for name in ("name", *ADDRESS)},
            "country_id": {"id": country.id, "display_name": country.name or ""},
        }
        return {
            "notification": {key: shown[key] for key in ("title", "message", "type")},
            "values": {
                name: value
                for name, value in filled.items()
                if value and not typed[name] and (name != "country_id" or country)
            },
        }

    # === RULES === #

    def _salon_nav_account(self):
        """Return the company's account if its service can query NAV, else none."""
        return self.env["salon.invoice.lookup"]._account_of(self.env.company)

    def _salon_missing_values(self, taxpayer):
        """Return the values that NAV knows and the customer does not have.

        :param billing.invoice.Taxpayer taxpayer: NAV's answer
        """
        values = {}
        if taxpayer.name and not self.name:
            values["name"] = taxpayer.name
        if not any(self[name] for name in ADDRESS):
            place = taxpayer.headquarters
            values.update({name: getattr(place, its) for name, its in ADDRESS.items()})
        if not self.country_id:
            values["country_id"] = self.env.ref("base.hu").id
        return values

    def _salon_show_taxpayer(self, taxpayer):
        """Return the notification of NAV's answer.

        :param billing.invoice.Taxpayer taxpayer: NAV's answer
        """
        if taxpayer.valid:
            place = taxpayer.headquarters
            address = " ".join(filter(None, (place.postcode, place.city, place.street)))
            kind = "success"
            message = ", ".join(filter(None, (taxpayer.name, address))) or self.env._(
                "The tax number is valid."
            )
        elif taxpayer.valid is None:
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
