from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import format_date

from ..billing import retention
from ..billing.errors import ProviderError
from ..billing.guest_page import guest_tax_number
from ..billing.taxpayer import short
from .res_partner import ADDRESS as PARTNER_ADDRESS
from .res_partner import LONGEST
from .salon_invoice_lookup import PER_COMPANY as PER_EVERYBODY

#: How many tax numbers may be looked up for one sale, and for a company in an hour.
PER_SALE, PER_COMPANY = 3, 30
#: How many requests a company gets in an hour: more than its guests make.
REQUESTS = 30
WINDOW = timedelta(hours=1)
#: After how many days the data of who got no invoice is forgotten.
KEPT_DAYS = retention.LEFTOVER_DAYS
#: What a guest types, and how long each may be.
TYPED = {
    "tax_number": 20,
    "buyer_name": 200,
    "postcode": 10,
    "city": 100,
    "street": 200,
    "email": 200,
}
#: What may be missing where a service knows the taxpayer's address.
ADDRESS = ("postcode", "city", "street")
#: External id of the type of the activity.
ACTIVITY = "salon_invoice_bridge.activity_request"


class SalonInvoiceRequest(models.Model):
    """A customer's request, on the page behind the slip, of company data.

    * A sale has at most one row, whoever presses what how often: the database says so.
      It is a *draft* while the customer types; it then also counts the look-ups.
    * It is only a request: nothing of the sale, of its documents or of any partner
      changes until a person of the salon accepts it, in :meth:`action_accept`.
    * What a browser sends is typed data and nothing else: what the service has said of
      a tax number is kept here (``taxpayer``), not in the form.
    * Rows are written by the public user's request as superuser, through
      :meth:`_ask_for_guest` and :meth:`_submit` alone; people have no right to write.
    """

    _name = "salon.invoice.request"
    _description = "Customer's Request of Company Data"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "buyer_name"

    # === FIELDS === #

    order_id = fields.Many2one(
        "pos.order", string="Sale", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    pos_reference = fields.Char(
        related="order_id.pos_reference", string="Slip", related_sudo=False
    )
    sold_at = fields.Datetime(
        related="order_id.date_order", string="Sold On", related_sudo=False
    )
    amount_total = fields.Monetary(
        related="order_id.amount_total", string="Total", related_sudo=False
    )
    currency_id = fields.Many2one(related="order_id.currency_id", related_sudo=False)
    number = fields.Char(
        related="order_id.salon_invoice_number",
        string="Invoice Number",
        related_sudo=False,
    )
    state = fields.Selection(
        [
            ("draft", "Being Typed"),
            ("new", "New"),
            ("accepted", "Accepted"),
            ("declined", "Declined"),
        ],
        required=True,
        readonly=True,
        default="draft",
        index=True,
    )
    tax_number = fields.Char(readonly=True)
    buyer_name = fields.Char(string="Company Name", readonly=True)
    postcode = fields.Char(readonly=True)
    city = fields.Char(readonly=True)
    street = fields.Char(readonly=True)
    email = fields.Char(string="E-mail", readonly=True)
    verified = fields.Boolean(
        readonly=True,
        help="The tax authority knows the tax number, and the name is as it says.",
    )
    requested_at = fields.Datetime(readonly=True)
    taxpayer = fields.Json(readonly=True)
    lookup_count = fields.Integer(readonly=True)
    partner_id = fields.Many2one("res.partner", string="Invoice To", readonly=True)
    decided_by_id = fields.Many2one("res.users", string="Decided By", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    reason = fields.Char(readonly=True, help="The customer reads it on the page.")

    # === CONSTRAINTS === #

    _one_each = models.Constraint(
        "UNIQUE (order_id)", "The customer of a sale asks once."
    )
    _recent = models.Index("(company_id, requested_at)")

    # === CREATION: THE CUSTOMER'S SIDE === #

    @api.model
    def _of(self, order):
        """Return the request of a sale; create its draft if there is none.

        :raises ConcurrencyError: if another request has just created it; Odoo retries
        """
        request = self.search([("order_id", "=", order.id)])
        if request:
            return request
        try:
            with self.env.cr.savepoint():
                return self.with_context(tracking_disable=True).create(
                    {"order_id": order.id, "company_id": order.company_id.id}
                )
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError("The sale has its request now") from error

    @api.model
    def _take_turn(self, order):
        """Return False while another transaction writes the request of this sale.

        A service may take seconds to answer. Whoever sends one slip's form again and
        again would have each of Odoo's processes wait for the row meanwhile, and the
        tills for the processes.
        """
        # No row's lock: that of the sale would have its session's closing wait.
        self.env.cr.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)",
            [self._name, order.id],
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _clean(self, values):
        """Return what a guest may have typed, each in one line of limited length.

        :param dict values: of a form, whatever it sends
        """
        typed = {}
        for name, most in TYPED.items():
            text = values.get(name)
            line = " ".join(text.split()) if isinstance(text, str) else ""
            typed[name] = line[:most] if line.isprintable() else ""
        return typed

    @api.model
    def _ask_for_guest(self, order, typed):
        """Look up who has the tax number that a guest has typed, and remember it.

        :param dict typed: see :meth:`_clean`
        :return: the request, and the name of the problem for the guest: *number* (it
            is none), *unknown* (nobody has it), *unasked* (nobody could be asked), ""
        """
        number, country = guest_tax_number(typed["tax_number"])
        if not number:
            return self.browse(), "number"
        if not self._take_turn(order):
            return self.browse(), "unasked"
        request = self._of(order)
        if country != "HU" or request.state != "draft":
            return request, "unasked"
        answer = request._answer(typed) or request._look_up(number)
        if not answer:
            return request, "unasked"
        return request, "" if answer["valid"] else "unknown"

    def _look_up(self, number):
        """Ask the service who has ``number``; return its answer, {} if there is none.

        At most :data:`PER_SALE` times for a sale and :data:`PER_COMPANY` times an hour
        for a company's guests. The count is written before the call, so that of two at
        once the second one waits, and counts anew.
        """
        # Whoever is logged in is a guest here: the look-ups are the public user's.
        guest = self.env.ref("base.public_user")
        lookups = self.env["salon.invoice.lookup"].with_user(guest).sudo()
        recent = [
            ("create_uid", "=", guest.id),
            ("company_id", "=", self.company_id.id),
            ("create_date", ">", fields.Datetime.now() - WINDOW),
        ]
        many = lookups.search_count(recent, limit=PER_COMPANY) >= PER_COMPANY
        account = lookups._account_of(self.company_id)
        if many or not account or self.lookup_count >= PER_SALE:
            return {}
        self.lookup_count += 1
        self.env.flush_all()
        try:
            taxpayer = lookups._ask(
                account.with_env(lookups.env), number, (None, PER_EVERYBODY)
            )
        except (ProviderError, UserError):
            return {}
        if taxpayer.valid is None or (taxpayer.valid and not taxpayer.name):
            return {}
        self.taxpayer = self._remember(number, taxpayer)
        return self.taxpayer

    @api.model
    def _remember(self, number, taxpayer):
        """Return what is kept of a ``billing.invoice.Taxpayer``, as JSON.

        Only an organization's address: a sole trader's is often where one lives. No
        longer than who accepts the request may use it: nobody can shorten it there.
        """
        address = taxpayer.headquarters if taxpayer.organization else None
        return {
            "number": number,
            "valid": taxpayer.valid,
            "name": short(taxpayer.name, LONGEST["name"]),
            **{
                its: address and short(getattr(address, its), LONGEST[name]) or ""
                for name, its in PARTNER_ADDRESS.items()
            },
        }

    @api.model
    def _submit(self, order, typed):
        """Make the request of a sale, once.

        :param dict typed: see :meth:`_clean`
        :return: the names of what is missing or wrong, *many* if too many ask just now
        """
        if not self._take_turn(order):
            return []  # The page shows what has come of the one before.
        request = self._of(order)
        if request.state != "draft":
            return []
        values = {**typed, **request._known_values(typed)}
        wrong = request._wrong(values)
        if not wrong and request._are_too_many():
            wrong = ["many"]
        if not wrong:
            values["tax_number"], _country = guest_tax_number(values["tax_number"])
            now = fields.Datetime.now()
            request.write({**values, "state": "new", "requested_at": now})
            request._notify_people()
        return wrong

    def _are_too_many(self):
        """Return True if the company has got :data:`REQUESTS` within an hour."""
        recent = [
            ("company_id", "=", self.company_id.id),
            ("requested_at", ">", fields.Datetime.now() - WINDOW),
        ]
        return self.search_count(recent, limit=REQUESTS) >= REQUESTS

    def _answer(self, typed):
        """Return the service's answer about the typed tax number, {} if there is none.

        :param dict typed: see :meth:`_clean`
        """
        number, _country = guest_tax_number(typed["tax_number"])
        answer = self.taxpayer or {}
        return answer if number and answer.get("number") == number else {}

    def _known(self, typed):
        """Return what the service knows of the typed tax number, {} if nothing."""
        answer = self._answer(typed)
        return answer if answer.get("valid") else {}

    def _known_values(self, typed):
        """Return what replaces typed data: what the service knows of the number."""
        known = self._known(typed)
        if not known:
            return {"verified": False}
        has_address = all(map(known.get, ADDRESS))
        address = {name: known[name] for name in ADDRESS if has_address}
        return {"verified": True, "buyer_name": known["name"], **address}

    def _wrong(self, values):
        """Return the names of the fields that a guest must fill in otherwise.

        :param dict values: whose e-mail address is normalized
        """
        wrong = [name for name in TYPED if not values[name]]
        number, _country = guest_tax_number(values["tax_number"])
        refused = self._answer(values).get("valid") is False
        if "tax_number" not in wrong and (refused or not number):
            wrong.append("tax_number")
        if "email" not in wrong:
            documents = self.env["salon.invoice.document"]
            try:
                (values["email"],) = documents._check_emails([values["email"]])
            except UserError:
                wrong.append("email")
        return wrong

    def _notify_people(self):
        """Give the recipients of alerts an activity: somebody has to decide."""
        # Not as the public user, in whose request this runs.
        request = self.with_user(SUPERUSER_ID)
        account = request.order_id._salon_account()._for_responsible()
        account._notify_recipients(
            request,
            account.env._("A customer asks for an invoice with company data"),
            account.env._(
                "%(buyer)s (%(number)s), receipt %(receipt)s of %(day)s.",
                buyer=request.buyer_name,
                number=request.tax_number,
                receipt=request.pos_reference or request.order_id.name,
                day=format_date(account.env, request.order_id._salon_day()),
            ),
            ACTIVITY,
        )

    @api.autovacuum
    def _gc_requests(self):
        """Forget the data of who has not asked, or was declined."""
        old = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search(
            [("state", "in", ("draft", "declined")), ("create_date", "<", old)]
        ).unlink()

    # === PEOPLE'S BUTTONS === #

    def action_accept(self):
        """Find or create the company, and open the form that makes the invoice to it.

        The request is accepted when that form is confirmed, see :meth:`_on_new_buyer`.

        :raises UserError: in the user's words, if it is decided or not theirs to decide
        """
        self.ensure_one()
        self._check_may_decide()
        request = self.sudo()
        partner = self.env["res.partner"]._salon_find_or_create_buyer(
            request._buyer_values(), request.company_id
        )
        request.partner_id = partner
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Company Data"),
            "res_model": "salon.invoice.buyer",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_order_id": request.order_id.id,
                "default_partner_id": partner.id,
            },
        }

    def action_decline(self):
        """Open the form that asks why."""
        self.ensure_one()
        self._check_may_decide()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decline the Request"),
            "res_model": "salon.invoice.decline",
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_id": self.id},
        }

    def _decline(self, reason):
        """Decline the request.

        :param str reason: that the customer reads
        :raises UserError: in the user's words, if it is decided or not theirs to decide
        """
        self.ensure_one()
        self._check_may_decide()
        self.sudo()._decide("declined", reason=reason)

    @api.model
    def _on_new_buyer(self, orders):
        """Close the requests of sales that a person has made out to another buyer."""
        self.sudo().search(
            [("order_id", "in", orders.ids), ("state", "=", "new")]
        )._decide("accepted")

    # === RULES === #

    def _decide(self, state, **values):
        self.write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
                **values,
            }
        )
        self.activity_ids.unlink()

    def _check_may_decide(self):
        """Check that the user sells or invoices, and that it is not decided yet.

        :raises UserError: in the user's words
        """
        self.env["salon.invoice.document"]._check_may_generate()
        self.check_access("read")
        if self.state != "new":
            raise UserError(self.env._("This request has been decided already."))

    def _buyer_values(self):
        """Return the company for ``res.partner._salon_find_or_create_buyer``."""
        number, country = guest_tax_number(self.tax_number)
        return {
            "name": self.buyer_name,
            "vat": number,
            "is_company": True,
            "zip": self.postcode,
            "city": self.city,
            "street": self.street,
            "country_id": self.env["res.country"].search([("code", "=", country)]).id,
            "email": self.email,
        }
