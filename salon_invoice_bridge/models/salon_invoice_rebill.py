from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import format_date
from odoo.tools.translate import LazyTranslate

from ..billing import rebill
from ..billing.buyer import make_buyer
from ..billing.choice import Wish
from ..billing.errors import Rejected
from ..billing.invoice import KEYLESS_STATES, MAIN_KINDS
from ..billing.problem import Problem
from ..billing.rebill import Plan, Refusal
from ..billing.sale import Customer
from .salon_invoice_document import INVOICE_ASKED, LOCALES, OTHER_BUYER

# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

#: What will happen, once a person confirms it.
QUESTIONS = {
    Plan.REWRITE: _lt(
        "No invoice of this sale has been sent yet. It will be made out to “%(buyer)s”."
    ),
    Plan.RENEW: _lt(
        "%(document)s, which is no invoice yet, will be discarded, and a new one made "
        "out to “%(buyer)s”."
    ),
    Plan.REPLACE: _lt(
        "The invoice %(document)s will be cancelled by a storno and a new one made out "
        "to %(buyer)s, with the same date of fulfilment, %(day)s. Both are reported to "
        "NAV."
    ),
    Plan.INVOICE: _lt(
        "The receipt %(document)s will be cancelled by a storno, and an invoice made "
        "out to “%(buyer)s”, with the date of the sale, %(day)s."
    ),
    Plan.REDIRECT: _lt(
        "%(document)s is being cancelled already. What follows will be made out to "
        "“%(buyer)s”."
    ),
    Plan.AGAIN: _lt(
        "%(document)s has been cancelled. A new one will be made out to “%(buyer)s”."
    ),
}

#: Why the buyer stays, and what can be done.
REFUSALS = {
    Refusal.NOT_PAID: _lt(
        "This sale is not paid yet. Choose the buyer while it is being paid."
    ),
    Refusal.ODOO: _lt(
        "Odoo itself has invoiced this sale. Change the buyer there, with a credit "
        "note."
    ),
    Refusal.TAKES_BACK: _lt(
        "This order takes something back. Its documents follow the sale that came back."
    ),
    Refusal.CAME_BACK: _lt(
        "Something of this sale has come back already, so its buyer stays. Ask the "
        "accountant how the invoice can be corrected."
    ),
    Refusal.NO_ACCOUNT: _lt(
        "This shop is not connected to an invoicing service. An administrator connects "
        "it in Settings, Point of Sale."
    ),
    Refusal.DISCONNECTED: _lt(
        "%(account)s, which has %(document)s, has been disconnected. Connect it again "
        "first: the buyer is changed where the invoice is."
    ),
    Refusal.ON_ITS_WAY: _lt(
        "%(document)s may have been sent to the invoicing service already. Wait until "
        "it is issued, or solve what it waits for, then change the buyer."
    ),
    Refusal.DROPPED: _lt(
        "%(document)s may have been sent before it was dropped. Press Generate Invoice "
        "first, which looks for it at the service, then change the buyer."
    ),
    Refusal.BY_HAND: _lt(
        "%(document)s was made at the service by hand. Cancel it there and make the "
        "new one there, too."
    ),
    Refusal.CORRECTED: _lt(
        "%(document)s has been corrected, and a corrected invoice cannot be cancelled. "
        "Ask the accountant how its buyer can be changed."
    ),
    Refusal.BEING_CANCELLED: _lt(
        "%(document)s is being cancelled. Wait until that is done, then change the "
        "buyer."
    ),
    Refusal.BEING_DISCARDED: _lt(
        "%(document)s is being discarded. Wait until that is done, then change the "
        "buyer."
    ),
    Refusal.SETTLED: _lt(
        "The deposit of %(document)s has been taken off another sale, whose invoice "
        "names it, so it cannot be cancelled. Ask the accountant how its buyer can be "
        "changed."
    ),
    Refusal.SAME: _lt(
        "%(document)s is made out to %(buyer)s already, with these data."
    ),
    Refusal.NOT_ALLOWED: _lt(
        "%(document)s is at the invoicing service already. In this shop a manager of "
        "Point of Sale, or a user of Invoicing, changes its buyer."
    ),
}


class Proposal(NamedTuple):
    """What a change of the buyer comes to, in the words of the user."""

    plan: Plan | None  # None: it cannot be
    text: str  # what will happen, or why it cannot be
    warning: str = ""
    refusal: Refusal | None = None
    undecided: bool = False  # the company lacks a tax number, which a person may allow

    @property
    def question(self):
        """All that a person confirms."""
        return "\n\n".join(filter(None, (self.text, self.warning)))


class SalonInvoiceRebill(models.AbstractModel):
    """The change of a paid sale's buyer, as a person has confirmed it.

    * What can be done is decided in ``billing.rebill``.
    * The person confirms a plan. If another one is right by then, because the document
      has been issued meanwhile, nothing is done and the person is asked again.
    * Of an issued document only the storno is asked for, and what is to follow is
      written on it: ``salon.invoice.document._create_for_next_buyer`` creates that with
      the storno's success. The sale's own buyer is written then, too.
    * The sale and the partner are read by the user's own rights, all else as superuser.
    """

    _name = "salon.invoice.rebill"
    _description = "Change of a Sale's Buyer"

    # === WHAT CAN BE DONE === #

    @api.model
    def _propose(self, order, partner, choice=False):
        """Return the :class:`Proposal` to make ``order`` out to ``partner``.

        :param choice: the ``buyer_choice`` of the document, or False
        :raises AccessError: if the user may not read one of them
        :raises UserError: if the partner is another company's
        """
        self._check_may_ask(order, partner)
        order, partner = order.sudo(), partner.sudo()
        main = self._main(order)
        buyer = order._salon_snapshot_buyer(partner)
        words = {
            "document": main.name or "",
            "account": main.account_id.name or "",
            "buyer": self._describe(buyer),
            "day": format_date(self.env, self._day(order, main)),
        }
        plan = rebill.decide(self._situation(order, main, buyer, choice))
        if isinstance(plan, Refusal):
            why = self.env._(REFUSALS[plan])
            return Proposal(None, why % words, refusal=plan)
        try:
            order._salon_check_companies()
            self._make_buyer(order, buyer, choice)
        except Problem as problem:
            explain = self.env["salon.invoice.message"]._explain_problem
            undecided = problem.code == problem.code.BUSINESS_WITHOUT_NUMBER
            return Proposal(None, explain(problem), undecided=undecided)
        except Rejected as error:
            return Proposal(None, str(error))
        if reason := self._why_none(order, main, plan):
            return Proposal(None, reason)
        question = self.env._(QUESTIONS[plan])
        return Proposal(plan, question % words, self._warn(order, main))

    def _check_may_ask(self, order, partner):
        """Check that the user sells or invoices, and may name both records."""
        user = self.env.user
        if not user.has_group("base.group_system"):
            self.env["salon.invoice.document"]._check_may_generate()
        order.check_access("read")
        if not partner.exists():
            raise UserError(self.env._("This customer does not exist any more."))
        partner.check_access("read")
        named = partner.sudo() | partner.sudo().commercial_partner_id
        if named.company_id - order.sudo().company_id.parent_ids:
            raise UserError(
                self.env._("%s is a customer of another company.", partner.display_name)
            )

    def _main(self, order):
        """Return the document of what the order sells, or none."""
        document = order.salon_document_id.filtered(lambda row: row.kind in MAIN_KINDS)
        return document._main_or_draft()

    def _situation(self, order, main, buyer, choice):
        """Return the ``billing.rebill.Situation`` of a sale."""
        policy = order._salon_till_settings()
        account = policy.account
        return rebill.Situation(
            paid=order.state in ("paid", "done"),
            by_odoo=bool(order.account_move or order.to_invoice),
            takes_back=order._salon_is_return(),
            came_back=bool(order._salon_return_orders()),
            connected=bool(account) and account.state not in KEYLESS_STATES,
            main=main._as_family_member() if main else None,
            documents=main._family_documents(order),
            reachable=main.account_id.state not in KEYLESS_STATES,
            settled=bool(main) and bool(main._named_by()),
            planned=bool(main.next_values),
            same=bool(main) and self._is_same(order, main, buyer, choice),
            may_reissue=self._may_reissue(order, main),
        )

    def _may_reissue(self, order, main):
        """Return True if the user may replace what the service has, in this shop.

        Whoever sells may move a sale to another till: the one that sold it counts, too.
        """
        user = self.env.user
        if user.has_group("point_of_sale.group_pos_user"):
            sold_at = (main.sale_snapshot or {}).get("till")
            tills = order.config_id | order.config_id.browse(sold_at or ()).exists()
            policies = [till._salon_till_settings() for till in tills]
            if all(policy.cashier_may_change_buyer for policy in policies):
                return True
        return self.env["salon.invoice.document"]._may_manage()

    def _is_same(self, order, main, buyer, choice):
        """Return True if the document says the same of the buyer as it would then."""
        if main.is_receipt and not main.next_values:
            return False  # it names nobody
        if main.next_values:
            meant = main.next_values
            return (meant["sale_snapshot"]["buyer"], meant["buyer_choice"]) == (
                buyer,
                choice,
            )
        invoice = main._invoice()
        if main.state != "issued" or not invoice:
            frozen = (main.sale_snapshot or {}).get("buyer")
            return (frozen, main.buyer_choice) == (buyer, choice)
        try:
            after = self._make_buyer(order, buyer, choice)
        except Rejected:
            return False
        return rebill.is_same_buyer(invoice.buyer, after)

    def _make_buyer(self, order, buyer, choice):
        """Return the ``billing.invoice.Buyer`` that a new document would name.

        :raises billing.problem.Problem: a person must complete the partner first
        """
        documents = self.env["salon.invoice.document"].sudo()
        document = documents.new(
            {
                "order_id": order.id,
                "company_id": order.company_id.id,
                "account_id": order._salon_till_settings().account.id,
            }
        )
        customer = Customer.from_snapshot(buyer)
        return make_buyer(customer, document._policy(), choice or None)

    def _why_none(self, order, main, plan):
        """Return why a sale would get no document although it is asked for, or ""."""
        if plan is Plan.REWRITE and main and main.state != "skipped":
            return ""
        if plan not in (Plan.REWRITE, Plan.AGAIN):
            return ""
        reason = order._salon_decide(Wish.INVOICE).reason
        field = self.env["salon.invoice.document"]._fields["skip_reason"]
        labels = dict(field._description_selection(self.env))
        return reason and self.env._(
            "This sale gets no invoice: %(reason)s.", reason=labels[reason]
        )

    # === WORDS === #

    def _day(self, order, main):
        """Return the date of fulfilment, which stays."""
        invoice = main._invoice() if main else None
        return invoice.fulfillment_date if invoice else order._salon_day()

    def _describe(self, buyer):
        """Return a buyer in a few words: the name, and the tax number if it has one."""
        return ", ".join(filter(None, (buyer["name"], buyer["tax_number"])))

    def _warn(self, order, main):
        """Return what the accountant must know before it is done, or ""."""
        day = self._day(order, main)
        if not rebill.is_in_closed_month(day, main._today()):
            return ""
        return self.env._(
            "The sale is of an earlier month (%(day)s), whose VAT return may have been "
            "filed already: ask the accountant before you change it.",
            day=format_date(self.env, day),
        )

    # === DEEDS === #

    @api.model
    def _change(self, order, partner, plan=None, choice=False):
        """Make ``order`` out to ``partner``; see ``pos.order._salon_change_buyer``."""
        order.ensure_one()
        self._check_may_ask(order, partner)
        # The second of two presses is rolled back here and repeated by Odoo: it then
        # finds what the first one has done.
        order.sudo()._salon_lock_row()
        proposal = self._propose(order, partner, choice)
        if proposal.refusal is Refusal.SAME:
            return
        if not proposal.plan:
            raise UserError(proposal.text)
        if plan and plan != proposal.plan:
            raise UserError(
                self.env._(
                    "The invoice of this sale has gone on meanwhile, and what you have "
                    "confirmed is not what would happen now. Nothing was changed: "
                    "close this window and change the buyer again."
                )
            )
        self._carry_out(proposal.plan, order.sudo(), partner.sudo(), choice)

    def _carry_out(self, plan, order, partner, choice):
        main = self._main(order)
        if main:
            main._message_log(
                body=self.env._(
                    "%(user)s has asked for another buyer: %(buyer)s",
                    user=self.env.user.name,
                    buyer=self._describe(order._salon_snapshot_buyer(partner)),
                )
            )
        getattr(self, f"_carry_out_{plan.value}")(order, main, partner, choice)
        self.env["salon.invoice.request"]._on_new_buyer(order)

    def _carry_out_rewrite(self, order, main, partner, choice):
        """Have the document that was never received say another buyer."""
        order._salon_bill_to(partner)
        if main and main.state != "skipped":
            main._rewrite(order._salon_snapshot_buyer(), choice)
            return
        self._request_again(order, choice)

    def _carry_out_again(self, order, main, partner, choice):
        """Request a new document in place of one that is gone."""
        order._salon_bill_to(partner)
        if main.state == "discarded":
            self._request_again(order, choice)
            return
        kind = order._salon_till_settings().kind if main.is_receipt else None
        new = main._reissue(main._next_main_generation(), kind)
        new.buyer_choice = choice

    def _request_again(self, order, choice):
        """Request the document of a sale that has none."""
        order._salon_request_document().buyer_choice = choice

    def _carry_out_renew(self, order, main, partner, choice):
        """Have a draft or proforma discarded; the new one follows."""
        self._plan_next(order, main, partner, choice)
        main._request_task("discard")

    def _carry_out_replace(self, order, main, partner, choice):
        """Have the invoice cancelled; the new one follows."""
        self._plan_next(order, main, partner, choice)
        main._create_storno(self._reason(main))

    def _carry_out_invoice(self, order, main, partner, choice):
        """Have the receipt cancelled; the invoice follows with the storno's success."""
        self._carry_out_replace(order, main, partner, choice)

    def _reason(self, main):
        """Return why a document is cancelled, in its own language."""
        reason = INVOICE_ASKED if main.is_receipt else OTHER_BUYER
        return reason._translate(LOCALES.get(main._invoice().language, "en_US"))

    def _carry_out_redirect(self, order, main, partner, choice):
        """Have what follows made out to somebody else."""
        self._plan_next(order, main, partner, choice)

    def _plan_next(self, order, main, partner, choice):
        buyer = order._salon_snapshot_buyer(partner)
        sold = main.sale_snapshot or order._salon_new_snapshot()
        main._plan_next(partner, {**sold, "buyer": buyer}, choice)

    # === THE TILL === #

    @api.model
    def _answer_till(self, order, partner, confirmed):
        """Return what ``pos.order.salon_till_change_buyer`` does."""
        try:
            with self.env.cr.savepoint():
                return self._ask_or_do(order, partner, confirmed)
        except AccessError:
            raise
        except UserError as error:
            return {"error": str(error)}

    def _ask_or_do(self, order, partner, confirmed):
        proposal = self._propose(order, partner)
        done = confirmed and proposal.refusal is Refusal.SAME  # by the press before
        if not (proposal.plan or done):
            return {"error": proposal.text}
        if not done and confirmed != proposal.plan:
            return {"question": proposal.question, "plan": proposal.plan.value}
        self._change(order, partner, proposal.plan)
        return {"status": order.salon_till_status().get(order.id)}
