from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain

from ..billing.invoice import PaymentKind, Tender
from ..billing.settlement import OWED

#: Type of a journal that takes money -> what an invoice calls such a payment.
MONEY = {
    "bank": PaymentKind.BANK_TRANSFER,
    "cash": PaymentKind.CASH,
    "credit": PaymentKind.CARD,
}


class SalonInvoiceDebt(models.Model):
    """A payment of a till that is still to come, and the entry that says if it has.

    That is the customer's receivable of what was put on their account; of a transfer,
    the account on which Odoo expects it. The till's session makes these entries when it
    is closed, and does not link them to its payments: hence these rows, which
    :meth:`_note` writes then. Whoever asks later reads Odoo's own reconciliation, so
    nothing of ours takes part in anybody's bookkeeping.

    Nobody has access: the sweep asks :meth:`_moved`, documents :meth:`_residual` and
    :meth:`_tenders`.
    """

    _name = "salon.invoice.debt"
    _description = "Payment of a Till That Is Still to Come"

    # === FIELDS === #

    payment_id = fields.Many2one("pos.payment", required=True, ondelete="cascade")
    order_id = fields.Many2one(
        "pos.order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    move_line_id = fields.Many2one(
        "account.move.line", required=True, index=True, ondelete="cascade"
    )
    is_shared = fields.Boolean(
        help="The entry sums up several payments: it says that they came only once all "
        "of them have."
    )

    _one_each = models.Constraint("UNIQUE (payment_id)", "A payment is noted once.")

    # === CREATION === #

    @api.model
    def _note(self, session, data):
        """Write the rows of a session whose entries have just been made.

        :param session: ``pos.session``
        :param dict data: what Odoo's ``_create_account_move`` returns
        """
        rows = [
            *self._of_customers_accounts(session, data),
            *self._of_transfers(session, data),
        ]
        later = [
            (payments, line, shared)
            for payments, line, shared in rows
            if line and payments.payment_method_id._salon_terms().is_later
        ]
        self.create(
            [
                {
                    "payment_id": payment.id,
                    "order_id": payment.pos_order_id.id,
                    "company_id": session.company_id.id,
                    "move_line_id": line.id,
                    "is_shared": shared,
                }
                for payments, line, shared in later
                for payment in payments
            ]
        )

    def _of_customers_accounts(self, session, data):
        """Yield the payments on customers' accounts, with their entry.

        Odoo makes an entry for each method that does not name customers, then one for
        each payment of the others, in this order.

        :return: ``(payments, line, is_shared)``
        """
        methods = list(data["combine_receivables_pay_later"])
        payments = list(data["split_receivables_pay_later"])
        lines = data["pay_later_move_lines"]
        if len(lines) != len(methods) + len(payments):
            return  # another addon makes other entries: people register these
        for method, line in zip(methods, lines, strict=False):
            yield self._paid_by(session, method), line, True
        for payment, line in zip(payments, lines[len(methods) :], strict=True):
            yield payment, line, False

    def _of_transfers(self, session, data):
        """Yield the payments into banks, with the entry of the money that is expected.

        :return: as :meth:`_of_customers_accounts`
        """
        for payment, lines in data["payment_to_receivable_lines"].items():
            yield payment, self._expected(lines), False
        for method, lines in data["payment_method_to_receivable_lines"].items():
            yield self._paid_by(session, method), self._expected(lines), True

    def _paid_by(self, session, method):
        """Return the payments of a session by a method."""
        payments = session._get_closed_orders().payment_ids
        return payments.filtered(lambda one: one.payment_method_id == method)

    def _expected(self, lines):
        """Return the entry of the money that a payment of Odoo expects, or none."""
        payment = lines.move_id.origin_payment_id
        return payment.move_id.line_ids.filtered(
            lambda line: line.account_id == payment.outstanding_account_id
        )[:1]

    # === RULES === #

    @api.model
    def _moved(self, account):
        """Return the documents of ``account`` that are owed, and of which money came.

        After a part of a sale has come back, that may be the remainder, which belongs
        to the refund.

        :param account: ``salon.invoice.account``
        """
        owed = self.env["salon.invoice.document"]._search(
            [("account_id", "=", account.id), ("payment_state", "in", OWED)]
        )
        back = "order_id.lines.refund_orderline_ids.order_id"
        came = Domain("move_line_id.matched_credit_ids", "!=", False) | Domain(
            "move_line_id.move_id.origin_payment_id.state", "=", "paid"
        )
        debts = self.search(
            came
            & Domain("move_line_id.account_id.reconcile", "=", True)
            & Domain("company_id", "=", account.company_id.id)
            & (
                Domain("order_id.salon_document_ids", "in", owed)
                | Domain(f"{back}.salon_document_ids", "in", owed)
            )
        )
        sales = debts.order_id
        documents = (sales | sales._salon_return_orders()).salon_document_ids
        return documents.filtered(
            lambda row: row.account_id == account and row.payment_state in OWED
        )

    @api.model
    def _of(self, orders):
        """Return what was still to come of these sales and refunds."""
        return self.search([("order_id", "in", orders.ids)])

    def _residual(self):
        """Return what is still to come of these payments, a Decimal.

        In the currency of their till; below zero for what is still to be given back.
        """
        return sum((debt._left() for debt in self), Decimal(0))

    def _tenders(self, today):
        """Return the money that came of these payments, as ``Tender`` s.

        What was written off, or set off against a refund, is no money.

        :param date today: for what somebody has marked as paid without an entry
        """
        return tuple(tender for debt in self for tender in debt._received(today))

    def _left(self):
        self.ensure_one()
        line, amount = self.move_line_id, Decimal(str(self.payment_id.amount))
        if self._is_settled():
            return Decimal(0)
        if self.is_shared or not line.account_id.reconcile:
            return amount
        return Decimal(str(line.amount_residual_currency))

    def _is_settled(self):
        line = self.move_line_id
        marked = line.move_id.origin_payment_id.state == "paid"
        return line.account_id.reconcile and (line.reconciled or marked)

    def _received(self, today):
        """Yield the money that came of this payment."""
        line, amount = self.move_line_id, Decimal(str(self.payment_id.amount))
        parts = line.matched_credit_ids
        if self.is_shared or (self._is_settled() and not parts):
            if amount > 0 and self._is_settled():
                day = max(parts.mapped("max_date"), default=today)
                yield self._tender(parts[:1], amount, day)
            return
        for part in parts:
            if self._journal(part).type in MONEY:
                paid = Decimal(str(part.debit_amount_currency))
                yield self._tender(part, paid, part.credit_move_id.date)

    def _tender(self, part, amount, day):
        kind = MONEY.get(self._journal(part).type, PaymentKind.BANK_TRANSFER)
        return Tender(kind=kind, amount=amount, date=day)

    def _journal(self, part):
        """Return the journal of what an entry was matched with."""
        return part.credit_move_id.move_id.journal_id
