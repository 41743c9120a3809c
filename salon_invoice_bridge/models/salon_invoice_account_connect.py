from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.misc import format_date

from ..billing import errors
from ..billing.codec import to_json
from .salon_invoice_account import FORMER, SELLING, WARNING
from .salon_invoice_lane import WORKING
from .salon_invoice_pause import STOPPED

#: Kinds of documents that nobody can delete at a service.
LASTING = ("invoice", "remainder", "storno", "correction")


class SalonInvoiceAccountConnect(models.Model):
    """Connecting, switching, disconnecting: which account the company sells through."""

    _inherit = "salon.invoice.account"

    # === VERIFY === #

    def _verify(self):
        """Ask the service whose key this is, and remember what it said.

        :return: ``billing.invoice.AccountInfo``
        :raises billing.errors.ProviderError: the key does not open the account
        """
        self.ensure_one()
        with self._open_provider() as provider:
            info = self._ask(provider)
        self._remember(info)
        return info

    @api.model
    def _ask(self, provider):
        """Return the ``AccountInfo`` of an open strategy.

        Only reads: of a service that does not say whether the key may write, the first
        document learns it, which then waits while the account is paused.

        :raises billing.errors.ProviderError: also for a key of which the service
            says that it may only read
        """
        info = provider.verify()
        if info.can_write is False:
            raise errors.AccountProblem(
                "The key may not write", reason=errors.Reason.READ_ONLY
            )
        return info

    def _remember(self, info):
        """Keep what the service said of itself, lists included."""
        self.ensure_one()
        if info.sandbox is None:
            info = replace(info, sandbox=self._sandbox())
        self.sudo().write(
            {
                "info": to_json(info),
                "fingerprint": info.fingerprint,
                "tax_number": info.tax_number,
                "verified_at": fields.Datetime.now(),
            }
        )
        self.env["salon.invoice.choice"].sudo()._refresh(self.sudo(), info)

    def _sandbox(self):
        """Tell whether this is a test account, None while nobody has said so."""
        return (self.info or {}).get("sandbox")

    def _learn(self, document):
        """Keep what ``document`` tells of its account.

        :param billing.invoice.IssuedDocument document: as it stands at the service
        """
        self.ensure_one()
        if document.sandbox not in (None, self._sandbox()):
            self.sudo().info = {**(self.info or {}), "sandbox": document.sandbox}

    def action_refresh(self):
        """Ask the service whether the key works, and for its lists again.

        :raises UserError: in the user's words, if it cannot be asked
        """
        self.ensure_one()
        self.check_access("write")
        try:
            info = self._verify()
        except errors.ProviderError as error:
            raise UserError(self._sentence(error, asked=True)) from error
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("The connection works."),
                "message": self._describe(to_json(info)),
                "type": "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    @api.model
    def _describe(self, info):
        """Return what the service said of itself, in sentences for a person.

        :param dict info: the JSON of ``billing.invoice.AccountInfo``
        """
        told = []
        if info.get("tax_number"):
            told.append(self.env._("Account of %(owner)s.", owner=info["tax_number"]))
        if blocks := info.get("blocks"):
            told.append(self.env._("Document blocks: %s.", len(blocks)))
        if accounts := info.get("bank_accounts"):
            told.append(self.env._("Bank accounts: %s.", len(accounts)))
        until = fields.Date.to_date(info.get("subscription_until"))
        if until:
            until = format_date(self.env, until).rstrip(".")
            told.append(self.env._("Subscription until %(date)s.", date=until))
        if info.get("nav_connected"):
            told.append(self.env._("Reporting to NAV is set up."))
        return " ".join(told)

    def _sentence(self, error, asked=False):
        """Return what a person is told of ``error``.

        :param bool asked: True if that person has had the service asked: then not in
            the words of an address that may have been chosen for what it answers
        """
        foreign = asked and bool(self.sudo().base_url)
        explain = self.env["salon.invoice.error"]._explain
        return explain(error, self.provider, foreign=foreign).sentence

    # === CONNECT === #

    def _connect(self, shops=None, policy=None):
        """Sell through this account from now on.

        The company's former account retires, unless a shop of its own keeps selling
        through it; what has not been sent there yet is sent here.

        :param shops: ``pos.config`` to connect, in place of those of its own that there
            are; none for the whole company
        :param dict policy: values of these shops, or of the company, that are written
            with the account: which kinds of document there are depends on it
        :raises billing.errors.ProviderError: the key does not open the account
        :raises UserError: a block that must be chosen has not been
        """
        self.ensure_one()
        account = self.sudo()
        account._verify()
        account._check_choices()
        if account._capabilities().block_required and not account.block:
            raise UserError(self.env._("Choose the document block first."))
        if account.state not in SELLING or not account.connected_at:
            account.connected_at = fields.Datetime.now()
        account._open_as("connected")
        values = {**(policy or {}), "salon_account_id": account.id}
        if shops:
            (account._own_shops() - shops).salon_account_id = False
            shops.sudo().write(values)
        else:
            account.company_id.write(values)
        account.company_id._salon_take_self_service(account)
        account._retire_unused()
        account._take_over_waiting()
        account._wake()

    def _connect_for_corrections(self):
        """Cancel and correct what was issued here, and sell where it is sold now.

        :raises billing.errors.ProviderError: the key does not open the account
        """
        self.ensure_one()
        account = self.sudo()
        account._verify()
        account._open_as("retired")
        account._take_over_waiting()
        account._wake()

    def _open_as(self, state):
        """Let the lane work with a key that has just been verified.

        :param str state: ``connected`` or ``retired``
        """
        self._ensure_lane()
        self._recovered()
        self.write({"state": state, "database_uuid": self._database_here()})

    # === WHICH DATABASE IS THE REAL ONE === #

    def _stops_in_copy(self):
        """Pause in a copy of the database that this account was connected in.

        Both would issue, under keys that the service cannot tell to be of one sale.
        """
        account = self.sudo()
        if not account.database_uuid:
            account.database_uuid = account._database_here()
        if not account.in_other_database:
            return False
        told = account.env._(
            "%s was connected in another database, of which this one seems to be a "
            "copy. Nothing is sent from here until an administrator says on the "
            "account's form which one is the real one.",
            account.name,
        )
        if account.pause_reason != told:
            account.pause_reason = told
            if account.state == "connected":
                account.state = "paused"
            account._alert(account.env._("Is this the real database?"), told, STOPPED)
        return True

    def _refuse_in_copy(self):
        """Refuse to go on in a copy of the database.

        :raises UserError: nobody has said yet that this one is the real one
        """
        for account in self.sudo():
            if account._stops_in_copy():
                raise UserError(account.pause_reason)

    def action_claim_database(self):
        """Say that this database is the real one: the account works here from now on.

        Documents that were asked for before keep their keys, so that what the service
        has of them is found; new ones get keys of this database.

        :raises UserError: for anybody but administrators
        """
        self.ensure_one()
        if not self.env.user.has_group("base.group_system"):
            raise UserError(self.env._("Only administrators may do this."))
        self.check_access("write")
        account = self.sudo()
        account.database_uuid = account._database_here()
        account._recovered()
        account._message_log(
            body=account.env._(
                "%s has said that this is the real database.", self.env.user.name
            )
        )
        account._wake()

    def _shops(self):
        """Return the tills that sell through this account, closed ones too."""
        self.ensure_one()
        return self.company_id._salon_shops().filtered(
            lambda shop: shop._salon_policy().account == self
        )

    def _own_shops(self):
        """Return the open tills that sell here although their company does not.

        Empty for the account of the company itself.
        """
        shops = self.env["pos.config"].search([("salon_account_id", "in", self.ids)])
        return shops.browse() if self == self.company_id.salon_account_id else shops

    def _retire_unused(self):
        """Retire the company's other accounts that no shop sells through.

        A closed shop may open again, and counts.
        """
        shops = self.company_id._salon_shops()
        used = self.company_id.salon_account_id | shops.salon_account_id
        self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", SELLING),
                ("id", "not in", (used | self).ids),
            ]
        ).write({"state": "retired"})

    def _take_over_waiting(self):
        """Send here what waits at accounts that sell no more, and go on with the rest.

        What may have been sent there already stays there: only that account can tell.
        What only lacked a connection need not be asked for again, there or here.
        """
        waiting = self.env["salon.invoice.document"].search(
            [
                ("account_id.company_id", "=", self.company_id.id),
                ("state", "in", ("waiting", "attention")),
                "|",
                ("account_id.state", "in", FORMER),
                ("account_id", "=", self.id),
            ]
        )
        former = waiting.filtered(lambda row: row.account_id.state in FORMER)
        for document in former.filtered(lambda row: row._may_move()):
            policy = document.order_id._salon_policy()
            if policy.account:
                document._move_to(policy.account, policy.kind)
        # They follow their sales, which have their accounts now.
        for refund in former.filtered(lambda row: row._is_undecided_refund()):
            account = refund.order_id._salon_account()
            if account and account != refund.account_id:
                refund._move_to(account, refund.kind)
        waiting.filtered(lambda row: row.account_id.state in WORKING)._resume()

    @api.model
    def _history(self, company, provider, info):
        """Return the account of ``company`` that ``provider`` opens too, or none.

        :param provider: an open strategy
        :param billing.invoice.AccountInfo info: what it said when it was verified
        """
        known = self.sudo().search(
            [("company_id", "=", company.id), ("provider", "=", provider.code)],
            order="id desc",
        )
        if info.fingerprint:
            return known.filtered(lambda a: a.fingerprint == info.fingerprint)[:1]
        # A service that does not say whose key it is shows its documents to their
        # owner only.
        for account in known:
            last = account._last_issued()
            if not last:
                return account
            try:
                provider.get(last._issued())
            except errors.Rejected:
                continue
            return account
        return known.browse()

    def _last_issued(self):
        """Return the newest document at the service, if possible one that stays there.

        Somebody may have deleted a proforma or a draft.
        """
        documents = self.env["salon.invoice.document"]
        issued = Domain("account_id", "=", self.id) & Domain("snapshot", "!=", False)
        for domain in (issued & Domain("kind", "in", LASTING), issued):
            if last := documents.search(domain, order="id desc", limit=1):
                return last
        return documents

    # === DISCONNECT === #

    def _disconnect(self, drop_reason=None):
        """Erase the key and stop selling through this account; its history stays.

        What may have been sent already goes to a human, because nobody can ask the
        service any more.

        :param str drop_reason: why waiting documents are dropped; None keeps them for
            the next connection
        :raises UserError: while an invoice is just being sent
        """
        self.ensure_one()
        account = self.sudo()
        lane = account.cron_id
        if lane and not lane.try_lock_for_update():
            raise UserError(
                self.env._(
                    "An invoice is just being sent. Try again in a minute, so that "
                    "nothing is left halfway."
                )
            )
        lane.active = False
        for sale in account._forgotten_sales():
            sale._salon_on_paid()
        account._decide_on_waiting(drop_reason)
        shops = account.company_id._salon_shops().filtered(
            lambda shop: shop.salon_account_id == account
        )
        shops.write({"salon_account_id": False, "salon_block": False})
        if account.company_id.salon_account_id == account:
            account.company_id.salon_account_id = False
        account.company_id._salon_give_self_service_back(account)
        account.write(
            {
                "state": "disconnected",
                "key_set_at": False,
                "pause_reason": False,
                "trouble_since": False,
                "outage_since": False,
            }
        )
        account._credential()._erase()
        account.activity_unlink([WARNING, STOPPED])

    def _open_documents(self):
        """Return the documents that are not settled, in two parts.

        :return: those that another account may make as well, and those that may have
            been sent, or follow a document that is at this one
        """
        documents = self.env["salon.invoice.document"].search(
            [
                ("account_id", "in", self.ids),
                ("state", "in", ("waiting", "sending", "checking", "attention")),
            ]
        )
        unsent = documents.filtered(lambda document: document._may_move())
        return unsent, documents - unsent

    def _decide_on_waiting(self, drop_reason):
        unsent, maybe_sent = self._open_documents()
        if drop_reason is not None:
            unsent._transition("skipped", skip_reason="dropped")
            unsent.activity_unlink(["mail.mail_activity_data_warning"])
            for document in unsent:
                document.message_post(
                    body=self.env._("Dropped: %(reason)s", reason=drop_reason)
                )
        maybe_sent.filtered(lambda d: d.state != "attention")._need_attention(
            self.env._(
                "The account that was to finish this has been disconnected. Reconnect "
                "it, or look at the service and record what was made there."
            ),
            "disconnected",
        )
