from contextlib import suppress
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..billing.codec import from_json, to_json
from ..billing.invoice import AccountState, Taxpayer
from ..billing.taxpayer import check_number
from ..providers import registry

#: How many tax numbers a user, and a company, may ask about in an hour: more than a
#: busy desk does, far below what a service allows.
PER_USER, PER_COMPANY = 30, 120
WINDOW = timedelta(hours=1)
#: How long an answer is believed, by whether NAV knows the number.
FRESH = {True: timedelta(days=1), False: timedelta(minutes=10)}
#: Seconds for a call: somebody waits for it.
PATIENCE = 15.0


class SalonInvoiceLookup(models.Model):
    """A question about a tax number that was put to a service, and its answer.

    Only :meth:`_ask` puts one. A row counts against the limits for :data:`WINDOW`, and
    spares the next call while its answer is believed; then it is deleted. What NAV did
    not answer is not kept.
    """

    _name = "salon.invoice.lookup"
    _description = "Look-up of a Tax Number"

    # === FIELDS === #

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    account_id = fields.Many2one("salon.invoice.account", ondelete="cascade")
    number = fields.Char()
    answer = fields.Json()  # billing.invoice.Taxpayer
    fresh_until = fields.Datetime()

    _by_number = models.Index("(account_id, number)")

    # === RULES === #

    @api.model
    def _account_of(self, company):
        """Return the company's account if its service can ask NAV now, else none."""
        account = company.sudo().salon_account_id
        known = account and registry.get(account.provider).capabilities
        can_ask = (
            known and known.taxpayer_check and account.state == AccountState.CONNECTED
        )
        return account if can_ask else account.browse()

    @api.model
    def _ask(self, account, number, limits=None):
        """Return what NAV knows of a Hungarian tax number, asked through a service.

        It only reads, and an answer that is still believed is not asked for again. A
        caller must not let the error of a call roll its transaction back: that would
        undo the count of calls, which limits them.

        :param account: of :meth:`_account_of`; the caller has checked that the user may
            ask for its company
        :param str number: 12345678-1-42; the first eight digits, if the service needs
            no more
        :param limits: see :meth:`_count`
        :return: ``billing.invoice.Taxpayer``
        :raises UserError: in the user's words, before a call: the service must not be
            called now
        :raises billing.errors.ProviderError: ``Rejected`` for what is no tax number,
            before a call; others of the call
        """
        number = check_number(number)
        if known := self._believed_answer(account, number):
            return known
        self._check_pause(account)
        asked = self._count(account.company_id, limits)
        self.env["salon.invoice.bucket"]._draw(account, "people", 1)
        with account._open_provider() as provider:
            provider.http.timeout = min(provider.http.timeout, PATIENCE)
            taxpayer = provider.check_taxpayer(number)
        if taxpayer.valid is not None:
            asked.write(
                {
                    "account_id": account.id,
                    "number": number,
                    "answer": to_json(taxpayer),
                    "fresh_until": fields.Datetime.now() + FRESH[taxpayer.valid],
                }
            )
        return taxpayer

    @api.model
    def _believed_answer(self, account, number):
        """Return the ``Taxpayer`` of an answer that is still believed, or None."""
        row = self.sudo().search(
            [
                ("account_id", "=", account.id),
                ("number", "=", number),
                ("fresh_until", ">", fields.Datetime.now()),
            ],
            order="id desc",
            limit=1,
        )
        # Another version of the addon may have written it.
        with suppress(TypeError, ValueError, AttributeError):
            return from_json(Taxpayer, row.answer) if row else None
        return None

    @api.model
    def _check_pause(self, account):
        """Check the account's back-off and its share of calls.

        :raises UserError: the service must not be called now
        """
        if account._is_backing_off():
            raise UserError(
                self.env._("The service asked for a pause. Try again in a few minutes.")
            )
        if self.env["salon.invoice.bucket"]._seconds_until(account, "people", 0.05):
            raise UserError(
                self.env._(
                    "Many have been asked about just now. Try again in a minute."
                )
            )

    @api.model
    def _count(self, company, limits=None):
        """Note a look-up of this user for ``company``, and return it (``sudo``).

        :param limits: how many an hour by this user, and how many by everybody for the
            company: ``(30, 120)`` if not given; None in it is no limit
        :raises UserError: if there were too many within :data:`WINDOW`
        """
        lookups = self.sudo()
        per_user, per_company = limits or (PER_USER, PER_COMPANY)
        since = ("create_date", ">=", fields.Datetime.now() - WINDOW)
        for domain, most in (
            (("create_uid", "=", self.env.uid), per_user),
            (("company_id", "=", company.id), per_company),
        ):
            if most is None:
                continue
            if lookups.search_count([since, domain], limit=most) >= most:
                raise UserError(
                    self.env._(
                        "Too many tax numbers were asked about within an hour. Try "
                        "again later."
                    )
                )
        return lookups.create({"company_id": company.id})

    @api.autovacuum
    def _gc_lookups(self):
        """Delete what neither counts nor is believed any more."""
        now = fields.Datetime.now()
        self.search(
            [
                ("create_date", "<", now - WINDOW),
                "|",
                ("fresh_until", "=", False),
                ("fresh_until", "<", now),
            ]
        ).unlink()
