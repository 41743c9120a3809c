from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.translate import LazyTranslate

from ..billing import paper
from ..billing.choice import Wish, invoice_only
from ..billing.invoice import MAIN_KINDS
from ..billing.paper import Refusal
from ..billing.problem import Problem

# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

#: Why the number is not recorded, and what can be done.
REFUSALS = {
    Refusal.NO_NUMBER: _lt(
        "Type the number that is printed on the paper receipt: %(most)s signs at most."
    ),
    Refusal.NOT_PAID: _lt("This sale is not paid yet."),
    Refusal.ODOO: _lt(
        "Odoo itself has invoiced this sale: the customer has an invoice already."
    ),
    Refusal.TAKES_BACK: _lt(
        "This order takes something back. A paper receipt is recorded on the sale that "
        "came back."
    ),
    Refusal.NO_DOCUMENT: _lt(
        "Nothing of this sale is asked of the invoicing service, so nothing has to be "
        "stopped there."
    ),
    Refusal.OTHER_NUMBER: _lt(
        "The paper receipt %(recorded)s is recorded for this sale already."
    ),
    Refusal.BUSINESS: _lt(
        "The buyer is a business: the law wants an invoice, and a paper receipt does "
        "not stand in its place. The invoice comes as soon as the service answers."
    ),
    Refusal.LIMIT: _lt(
        "From 900,000 Ft the law wants an invoice, and a paper receipt does not stand "
        "in its place. The invoice comes as soon as the service answers."
    ),
    Refusal.UNPAID: _lt(
        "What is not paid yet gets an invoice, and a paper receipt does not stand in "
        "its place. The invoice comes as soon as the service answers."
    ),
    Refusal.ASKED: _lt(
        "The customer has asked for an invoice, and a paper receipt does not stand in "
        "its place. The invoice comes as soon as the service answers."
    ),
    Refusal.CHANGING: _lt(
        "%(document)s is being made out to another buyer, who gets an invoice."
    ),
    Refusal.UNFINISHED: _lt(
        "%(document)s is a draft or a proforma, or is made of one. Have it discarded "
        "first."
    ),
    Refusal.SETTLED: _lt(
        "%(document)s is the invoice of a deposit that another sale has taken off, "
        "whose invoice names it: it has to stand."
    ),
    Refusal.GONE: _lt("%(document)s has been cancelled already."),
    Refusal.ISSUED: _lt(
        "%(document)s has been issued meanwhile: print it, and strike the paper "
        "receipt. If the customer has left with the paper one, a manager of Point of "
        "Sale records its number on this sale in Odoo."
    ),
}


class SalonInvoicePaper(models.AbstractModel):
    """The receipt that was written by hand because the service did not answer in time.

    From the press on it is the sale's receipt, and the service's must not stand beside
    it: what that means at each moment is decided in ``billing.paper``. The number is
    kept on the sale (``salon_paper_number``), and on the document in whose place it
    stands (``paper_number``), whose lane goes by it.

    * The document's row is written whatever its state. So a lane that records an
      outcome in the same moment meets the press in that row: PostgreSQL lets one of
      them commit, and the other one is repeated and finds what the first has done.
    * The sale is read by the user's own rights, all else as superuser.

    A reader starts at :meth:`_record`.
    """

    _name = "salon.invoice.paper"
    _description = "Receipt Written by Hand"

    @api.model
    def _record(self, order, number):
        """Record the number of the paper receipt of a sale.

        :param order: ``pos.order``, one
        :param str number: as it is printed on the receipt
        :raises UserError: if it cannot stand in place of the sale's document
        :raises AccessError: if the user may not read the sale
        """
        order.ensure_one()
        self.env["salon.invoice.document"]._check_may_generate()
        order.check_access("read")
        order = order.sudo()
        # The second of two presses waits here, and is repeated by Odoo because the
        # first one has changed the row.
        order._salon_lock_row()
        number = self._cleaned(number)
        document = self._main(order)
        if refusal := paper.refuse(self._press(order, document, number)):
            raise UserError(self._explain(refusal, order, document))
        if order.salon_paper_number == number:
            if not document.paper_number:
                # It came with a payment whose hook has failed: the lane decides.
                document._retry()
            return
        self._check_number_is_free(order, number)
        order._salon_write_protected({"salon_paper_number": number})
        document._message_log(
            body=self.env._(
                "%(user)s has recorded a paper receipt for this sale: %(number)s",
                user=self.env.user.name,
                number=number,
            )
        )
        document._replace_by_paper(number)

    @api.model
    def _may(self, order):
        """Return True if the user can record a number for a sale that has none.

        Reads what the document says: of one sale, not of a list.

        :param order: ``pos.order``, as superuser
        """
        if order.salon_paper_number:
            return False
        try:
            press = self._press(order, self._main(order), "-")
        except UserError:
            return False
        return not paper.refuse(press)

    def _cleaned(self, number):
        """Return the number in one line, "" if it can be none."""
        if not isinstance(number, str) or len(number) > 10 * paper.LONGEST_NUMBER:
            return ""
        number = " ".join(number.split())
        fits = number.isprintable() and len(number) <= paper.LONGEST_NUMBER
        return number if fits else ""

    def _main(self, order):
        """Return the document of what the order sells, or none."""
        return order.salon_document_id.filtered(lambda row: row.kind in MAIN_KINDS)

    def _press(self, order, document, number):
        """Return the ``billing.paper.Press`` of a sale."""
        return paper.Press(
            number=number,
            recorded=order.salon_paper_number or "",
            paid=order.state in ("paid", "done"),
            by_odoo=bool(order.account_move or order.to_invoice),
            takes_back=order._salon_is_return(),
            progress=document._progress() if document else None,
            invoice_only=self._invoice_only(order, document),
            asked=order.salon_wish == Wish.INVOICE.value,
            changing=bool(document.next_values),
            being_cancelled=document._is_being_cancelled(),
            settled=bool(document) and bool(document._named_by()),
            may_cancel=document._may_manage(),
        )

    def _invoice_only(self, order, document):
        """Return why the law has nothing but an invoice for the sale, or None.

        :raises UserError: if the sale names what is another company's
        """
        if not document or order._salon_is_return():
            return None
        try:
            sale_snapshot = order._salon_new_snapshot()
        except Problem as problem:
            explain = self.env["salon.invoice.message"]._explain_problem
            raise UserError(explain(problem)) from problem
        policy = order._salon_till_settings()
        return invoice_only(order._salon_situation(sale_snapshot, policy))

    def _explain(self, refusal, order, document):
        sentence = self.env._(REFUSALS[refusal])
        return sentence % {
            "most": paper.LONGEST_NUMBER,
            "recorded": order.salon_paper_number or "",
            "document": document.name or "",
        }

    def _check_number_is_free(self, order, number):
        """Refuse a number that another sale has: it was typed wrong, or twice."""
        taken = order.search(
            [
                ("salon_paper_number", "=", number),
                ("company_id", "=", order.company_id.id),
                ("id", "!=", order.id),
            ],
            limit=1,
        )
        if taken:
            raise UserError(
                self.env._(
                    "%(number)s is already recorded for %(sale)s.",
                    number=number,
                    sale=taken.pos_reference or taken.name,
                )
            )

    # === THE TILL === #

    @api.model
    def _answer_till(self, order, number):
        """Return what ``pos.order.salon_till_paper`` does."""
        try:
            with self.env.cr.savepoint():
                self._record(order, number)
        except AccessError:
            raise
        except UserError as error:
            return {"error": str(error)}
        return {"status": order.salon_till_status().get(order.id)}
