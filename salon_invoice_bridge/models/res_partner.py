from contextlib import suppress

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..billing import errors
from ..billing.buyer import make_company, make_person
from ..billing.problem import Code, Problem
from ..billing.sale import Customer
from ..billing.tax_number import format_hungarian
from ..billing.taxpayer import check_number, core_number, short
from ..billing.text import clean

#: Fields of the customer -> attributes of ``billing.invoice.TaxpayerAddress``.
ADDRESS = {"zip": "postcode", "city": "city", "street": "street"}
#: Longest texts of a buyer that a till, or a guest, may send.
LONGEST = {
    "name": 255,
    "vat": 30,
    "group_vat": 30,
    "zip": 10,
    "city": 100,
    "street": 255,
    "email": 254,
}
#: As many customers with one tax number are shown.
MOST_FOUND = 20


class ResPartner(models.Model):
    """The customer: its ids at the services, and what NAV knows of its tax number.

    NAV refuses an invoice with a tax number that it does not know, when the customer
    has long left: so NAV is asked while the customer is at the till.

    A till asks :meth:`salon_till_lookup` who has a tax number, and
    :meth:`salon_till_buyer` for the customer that the invoice is made out to. Name and
    address of a customer who exists are never changed by them.
    """

    _name = "res.partner"
    _inherit = ["res.partner", "salon.invoice.mended"]

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

    salon_unverified_number = fields.Char(
        copy=False,
        readonly=True,
        help="The tax number that was typed while nobody could be asked about it.",
    )
    salon_is_unverified = fields.Boolean(compute="_compute_salon_is_unverified")

    # === COMPUTES === #

    @api.depends("vat", "salon_unverified_number")
    def _compute_salon_is_unverified(self):
        for partner in self:
            number = partner.salon_unverified_number
            partner.salon_is_unverified = bool(number) and number == partner.vat

    @api.depends_context("company")
    def _compute_salon_can_ask_nav(self):
        # Not by the tax number: an onchange does not send what is being typed.
        self.salon_can_ask_nav = bool(self._salon_nav_account())

    # === WRITING === #

    def write(self, vals):
        if "lang" in vals and self.sudo().user_ids:
            # Odoo does so if it is written on the user.
            self.env.registry.clear_cache()  # see salon.invoice.account._language
        return super().write(vals)

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
        if taxpayer.valid and self.ids:
            self.sudo().salon_unverified_number = False
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

    # === WHAT A TILL ASKS === #

    @api.model
    def salon_till_lookup(self, number, config_id):
        """Return who has a Hungarian tax number: customers, and what NAV says.

        Whatever keeps NAV from answering is said, not raised: the buyer is typed then.

        :param str number: with or without hyphens
        :return: ``state`` (*known*, *unknown*, *silent*: NAV was not asked or did not
            answer), ``text`` (why it is silent, in the user's words), ``number`` in
            full or "", ``name``, ``addresses`` (headquarters first), ``group``: number
            of the VAT group, ``partners``: customers with this number, see
            :meth:`_salon_describe_to_till`
        :raises UserError: the user neither sells nor invoices, or may not use the till
        """
        config = self._salon_till(config_id)
        company = config.company_id
        number = number[:50] if isinstance(number, str) else ""
        found = self._salon_find_by_number(core_number(number), company)
        return {
            **self._salon_ask_for_till(number, company),
            "partners": [partner._salon_describe_to_till() for partner in found],
        }

    @api.model
    def salon_till_buyer(self, values, config_id):
        """Return the customer that an invoice is made out to, as a till loads them.

        :param dict values: ``partner_id`` of one who exists, or what was typed: see
            :meth:`_salon_find_or_create_buyer`
        :return: ``{model: [values]}``, as ``get_new_partner`` of Odoo
        :raises UserError: in the user's words: what is missing, or must not be used
        """
        config = self._salon_till(config_id)
        if not isinstance(values, dict):
            raise UserError(self.env._("There is no such customer."))
        if chosen := values.get("partner_id"):
            buyer = (
                self._salon_named(chosen)
                ._filtered_access("read")
                .filtered_domain(self._salon_domain_of(config.company_id))
            )
            if not buyer.active:
                raise UserError(self.env._("There is no such customer."))
        else:
            buyer = self._salon_find_or_create_buyer(values, config.company_id)
        return self.get_new_partner(config.id, [("id", "=", buyer.id)], 0)

    @api.model
    def _salon_till(self, config_id):
        """Return the till that a caller names.

        :raises UserError: the user neither sells nor invoices, or may not use the till
        """
        self.env["salon.invoice.document"]._check_may_generate()
        config = self.env["pos.config"].browse(
            config_id if type(config_id) is int else 0
        )
        config = config.exists()._filtered_access("read")
        if not config:
            raise UserError(self.env._("There is no such till."))
        return config

    @api.model
    def _salon_named(self, partner_id):
        """Return the customer with an id that a caller has sent, or none.

        :param partner_id: not to be trusted: PostgreSQL fails at what is no number
        """
        return self.browse(partner_id if type(partner_id) is int else 0).exists()

    @api.model
    def _salon_ask_for_till(self, number, company):
        """Return what NAV says of a number, as :meth:`salon_till_lookup` does."""
        lookups = self.env["salon.invoice.lookup"]
        account = lookups._account_of(company)
        text, taxpayer = "", None
        if not account:
            text = self.env._(
                "The invoicing service cannot be asked about tax numbers."
            )
        else:
            try:
                taxpayer = lookups._ask(account, number)
            except UserError as error:
                text = str(error)
            except errors.ProviderError as error:
                text = self._salon_explain_silence(error, account, number)
        if taxpayer and taxpayer.valid is None:
            text, taxpayer = self.env._("NAV did not answer. Try again later."), None
        if not taxpayer:
            return {**self._salon_told_to_till(), "state": "silent", "text": text}
        group = taxpayer.group_number
        if group:
            group = self._salon_complete_group(account, group)
        return {
            **self._salon_told_to_till(taxpayer),
            "state": "known" if taxpayer.valid else "unknown",
            "group": group,
        }

    def _salon_explain_silence(self, error, account, number):
        """Return why a tax number could not be asked about, in the user's words."""
        if error.code != "tax_number":
            explain = self.env["salon.invoice.message"]._explain
            foreign = bool(account.base_url)
            # No remedy: that is nothing for who has a customer at the till.
            return explain(error, account.provider, foreign=foreign).cause
        if core_number(number):
            return self.env._("Type all eleven digits of the tax number.")
        return self.env._("This is not a Hungarian tax number.")

    @api.model
    def _salon_complete_group(self, account, core):
        """Return the number of a VAT group, or only the eight digits that are known."""
        with suppress(UserError, errors.ProviderError):
            answer = self.env["salon.invoice.lookup"]._ask(account, core)
            return answer.tax_number or core
        return core

    @api.model
    def _salon_told_to_till(self, taxpayer=None):
        """Return what a till shows of a ``billing.invoice.Taxpayer``."""
        return {
            "text": "",
            "number": taxpayer.tax_number if taxpayer else "",
            "name": short(taxpayer.name, LONGEST["name"]) if taxpayer else "",
            "group": "",
            "addresses": [
                {
                    "kind": place.kind,
                    **{
                        name: short(getattr(place, its), LONGEST[name])
                        for name, its in ADDRESS.items()
                    },
                }
                for place in (taxpayer.addresses if taxpayer else ())
            ],
        }

    # === THE BUYER OF AN INVOICE === #

    @api.model
    def _salon_find_or_create_buyer(self, values, company):
        """Return the customer that an invoice to ``values`` is made out to.

        Who exists is used as it is; who does not is created for the user, who may lack
        the right to create customers: so nothing else than what is named here is
        written, whatever ``values`` and the context say.

        :param dict values: not to be trusted: ``name, vat, group_vat, zip, city,
            street, email, country_id, is_company``; ``branch``: True for another
            address of a customer who exists; ``sure``: True if a person has confirmed
            a number that NAV does not know
        :param company: whose customers, beside those of no company
        :raises UserError: in the user's words
        """
        typed = self._salon_read_typed(values)
        if typed["is_company"]:
            typed.update(self._salon_check_number(typed, company, values.get("sure")))
        else:
            self._salon_check_typed(make_person, typed)
        found = self._salon_find_typed(typed, company)
        same = found.filtered(lambda partner: partner._salon_has_address(typed))
        if found and (same or not values.get("branch")):
            return (same or found)[:1]
        return self._salon_create_buyer(typed, found[:1])

    @api.model
    def _salon_read_typed(self, values):
        """Return what was typed of a buyer, each text in one line.

        :raises UserError: for a text that is too long, or no e-mail address
        """
        typed = {}
        for name, longest in LONGEST.items():
            text = values.get(name)
            text = " ".join(clean(text).split()) if isinstance(text, str) else ""
            if len(text) > longest:
                raise UserError(
                    self.env._(
                        "This is too long: %(text)s… (%(most)s characters at most)",
                        text=text[:30],
                        most=longest,
                    )
                )
            typed[name] = text
        if typed["email"]:
            check = self.env["salon.invoice.document"]._check_emails
            (typed["email"],) = check([typed["email"]])
        country = values.get("country_id")
        country = self.env["res.country"].browse(country if type(country) is int else 0)
        country = country.exists() or self.env.ref("base.hu")
        typed["country_id"] = country.id
        typed["is_company"] = bool(values.get("is_company") or typed["vat"])
        return typed

    @api.model
    def _salon_check_typed(self, check, typed):
        """Return what ``check`` of ``billing.buyer`` makes of a typed buyer.

        :raises UserError: what is missing or wrong, in the user's words
        """
        customer = Customer(
            partner=0,
            name=typed["name"],
            is_company=typed["is_company"],
            country=self.env["res.country"].browse(typed["country_id"]).code,
            tax_number=typed["vat"],
            group_tax_number=typed["group_vat"],
            **{its: typed[name] for name, its in ADDRESS.items()},
        )
        try:
            return check(customer)
        except Problem as problem:
            raise UserError(self._salon_explain_typed(problem)) from problem

    def _salon_explain_typed(self, problem):
        """Return what is wrong with a typed buyer, in the user's words."""
        if problem.code is Code.BUYER_INCOMPLETE:
            what = self.env["salon.invoice.message"]._format_missing(
                problem.params["what"]
            )
            return self.env._("The invoice needs %(what)s of the buyer.", what=what)
        if problem.code is Code.BUSINESS_WITHOUT_NUMBER:
            return self.env._("Type the tax number of the company.")
        return self.env._(
            "%(number)s is not the tax number of a company, which has the form "
            "%(form)s.",
            number=problem.params["number"],
            form=problem.params["form"],
        )

    @api.model
    def _salon_check_number(self, typed, company, sure):
        """Return the numbers of a typed company as they are kept.

        :param bool sure: True if a person has confirmed a number that NAV does not know
        :raises UserError: what is missing or wrong, or that NAV does not know it
        """
        hungary = typed["country_id"] == self.env.ref("base.hu").id
        known = self._salon_believed(typed["vat"], company) if hungary else None
        if known and known.tax_number:
            typed = {**typed, "vat": known.tax_number}
        buyer = self._salon_check_typed(make_company, typed)
        if buyer.group_tax_number and "l10n_hu_group_vat" not in self._fields:
            raise UserError(
                self.env._(
                    "The number of a VAT group can only be kept where Hungary's "
                    "electronic invoicing is installed in Odoo."
                )
            )
        if known and known.valid is False and not sure:
            raise UserError(
                self.env._(
                    "NAV does not know the tax number %s: an invoice with it may be "
                    "refused. Confirm it, or ask the customer for the right one.",
                    buyer.tax_number,
                )
            )
        return {
            "vat": buyer.tax_number or buyer.eu_tax_number,
            "group_vat": buyer.group_tax_number,
            "verified": bool(known and known.valid),
        }

    @api.model
    def _salon_believed(self, number, company):
        """Return the ``Taxpayer`` of a cached look-up, or None."""
        lookups = self.env["salon.invoice.lookup"]
        account = lookups._account_of(company)
        core = core_number(number)
        if not (account and core):
            return None
        return lookups._believed_answer(
            account, check_number(number)
        ) or lookups._believed_answer(account, core)

    # === FINDING === #

    @api.model
    def _salon_domain_of(self, company):
        """Return the domain of the customers of ``company``, and of no company."""
        return [("company_id", "in", [False, *company.parent_ids.ids])]

    @api.model
    def _salon_find_by_number(self, core, company):
        """Return the customers with a Hungarian tax number, the best one first.

        Among those that the user may read, of ``company`` or of none. Of several with
        one address only the first is returned: who has no parent, the oldest one.

        :param str core: the first eight digits; "" finds nobody
        """
        if not core:
            return self.browse()
        own = self._salon_domain_of(company)
        written = [("vat", "=like", f"{how}{core}%") for how in ("", "HU", "HU ")]
        entity = ["|", ("is_company", "=", True), ("parent_id", "=", False)]
        found = self.search([*own, *entity, "|", "|", *written], limit=100)
        found = found.filtered(
            lambda partner: core_number(partner.vat) == core
            and partner.country_id.code in (False, "HU")
        ).sorted(lambda partner: (bool(partner.parent_id), partner.id))
        branches = found.child_ids._filtered_access("read").filtered_domain(
            [*own, ("type", "=", "invoice"), ("is_company", "=", False)]
        )
        first = {}
        for partner in found | branches:
            first.setdefault(partner._salon_billed_address(), partner)
        return self.browse([partner.id for partner in first.values()][:MOST_FOUND])

    @api.model
    def _salon_find_typed(self, typed, company):
        """Return the customers who may be who was typed, the best one first."""
        own = self._salon_domain_of(company)
        if not typed["is_company"]:
            same = [("name", "=ilike", _literal(typed["name"])), ("vat", "=", False)]
            found = self.search([*own, *same, ("is_company", "=", False)], limit=100)
            return found.filtered(lambda partner: partner._salon_has_address(typed))
        if typed["country_id"] == self.env.ref("base.hu").id:
            return self._salon_find_by_number(core_number(typed["vat"]), company)
        if not typed["vat"]:
            return self.browse()
        # Odoo keeps the numbers of some countries with signs of its own between.
        there = [("country_id", "=", typed["country_id"]), ("vat", "!=", False)]
        return self.search([*own, *there], order="id").filtered(
            lambda partner: _compact(partner.vat) == _compact(typed["vat"])
        )

    def _salon_billed_address(self):
        """Return postcode, city and street on an invoice to this customer."""
        address = self.browse(self.address_get(["invoice"])["invoice"])
        address = address._filtered_access("read")
        if not any(address[name] for name in ADDRESS):
            address = self
        return tuple((address[name] or "").strip() for name in ADDRESS)

    def _salon_has_address(self, typed):
        """Return True if an invoice to this customer has the typed address."""
        ours = " ".join(self._salon_billed_address())
        theirs = " ".join(typed[name] for name in ADDRESS)
        return _compact(ours) == _compact(theirs)

    def _salon_describe_to_till(self):
        """Return what a till shows of a customer: id, name, number and address.

        ``complete`` is False where an invoice lacks something of it.
        """
        zip_code, city, street = address = self._salon_billed_address()
        name, number = self.commercial_partner_id.name or "", self.vat or ""
        full = False
        with suppress(errors.Rejected):
            number = format_hungarian(number.upper().removeprefix("HU"))
            full = True
        return {
            "id": self.id,
            "name": name,
            "number": number,
            "address": short(f"{zip_code} {city}, {street}").strip(" ,"),
            "complete": full and all((name, *address)),
        }

    # === CREATING === #

    @api.model
    def _salon_create_buyer(self, typed, head):
        """Create the customer that was typed, and return it.

        :param dict typed: checked
        :param head: the customer whose branch at another address it is, or none
        """
        values = {
            name: typed[name] or False
            for name in ("name", "is_company", "country_id", "email", "vat", *ADDRESS)
        }
        if typed["is_company"] and typed["group_vat"]:
            values["l10n_hu_group_vat"] = typed["group_vat"]
        if head:
            # A company of its own: of another contact Odoo would bill the head's
            # address, and would write this one to a head that has none.
            values.update(
                name=head.commercial_partner_id.name,
                parent_id=head.commercial_partner_id.id,
                type="other",
            )
        hungarian = values["country_id"] == self.env.ref("base.hu").id
        installed = dict(self.env["res.lang"].get_installed())
        values["lang"] = "hu_HU" if hungarian and "hu_HU" in installed else False
        # Without the caller's context, whose defaults would write other fields.
        context = {
            "lang": self.env.lang,
            "allowed_company_ids": self.env.companies.ids,
        }
        buyer = self.env(context=context)[self._name].sudo().create(values)
        if typed["is_company"] and not typed["verified"]:
            buyer.salon_unverified_number = buyer.vat
        return buyer.with_env(self.env)

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


def _literal(text):
    """Return a text as ``=ilike`` takes it for itself."""
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _compact(text):
    """Return a text by which addresses are compared: letters and digits."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())
