from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.misc import format_date

from ..billing import deposit
from ..billing.deposit import Closing, NoShow
from ..billing.invoice import Kind

#: Deposits that a till lists at once.
MOST = 30
#: Signs of a number that are enough to find a slip by its end.
ENOUGH = 4


class SalonInvoiceDeposit(models.AbstractModel):
    """Deposits that were sold: which can be used, and what if nobody comes.

    What a deposit is to an invoice is decided in ``billing.deposit``, what is left of
    one in ``pos.order.line``. A till only names which one a line takes off; the lane
    finds out what its invoice says, and stops the document if that cannot be.
    """

    _name = "salon.invoice.deposit"
    _description = "Deposits That Were Sold"

    # === WHICH CAN BE USED === #

    @api.model
    def _open(self, config, partner, typed):
        """Return the lines of deposits of which something is left, the oldest first.

        Of the company of the till, in its currency, by the rights of the user.

        :param config: ``pos.config``
        :param partner: whose; none: of whoever has the slip
        :param str typed: the number of the slip or of the advance invoice, or its end
        """
        which = self._of_partner(partner) if partner else self._of_number(typed)
        if not which:
            return self.env["pos.order.line"]
        lines = self.env["pos.order.line"].search(
            Domain.AND(
                [
                    self._domain(),
                    which,
                    [
                        ("order_id.company_id", "=", config.company_id.id),
                        ("order_id.currency_id", "=", config.currency_id.id),
                        ("salon_forfeited_at", "=", False),
                    ],
                ]
            ),
            order="id",
        )
        return lines.filtered(lambda line: line.sudo()._salon_left() > 0)[:MOST]

    @api.model
    def _domain(self):
        """Return the domain of lines by which deposits were sold, and paid."""
        return [
            ("product_id.product_tmpl_id.salon_role", "=", "deposit"),
            ("price_subtotal_incl", ">", 0),
            ("refunded_orderline_id", "=", False),
            ("order_id.state", "in", ("paid", "done")),
        ]

    def _of_partner(self, partner):
        people = partner | partner.commercial_partner_id
        return [("order_id.partner_id", "in", people.ids)]

    def _of_number(self, typed):
        """Return the domain of what was typed, None for too little."""
        typed = typed.strip() if isinstance(typed, str) else ""
        if len(typed) < ENOUGH:
            return None
        numbers = ("order_id.pos_reference", "order_id.salon_document_ids.number")
        for sign in "\\%_":
            typed = typed.replace(sign, f"\\{sign}")
        return Domain.OR([[(name, "=ilike", f"%{typed}")] for name in numbers])

    @api.model
    def _describe(self, line):
        """Return a deposit as a till shows it; amounts in the till's currency."""
        order = line.order_id.sudo()
        document = order.salon_document_id
        return {
            "line": line.id,
            "product": line.product_id.id,
            "template": line.product_id.product_tmpl_id.id,
            "name": line.full_product_name or line.product_id.display_name,
            "customer": order.partner_id.name or "",
            "reference": order.pos_reference or order.name,
            "number": document.number or "",
            "sold_on": format_date(self.env, order._salon_day()),
            "left": float(line.sudo()._salon_left()),
        }

    # === WHO DOES NOT COME === #

    @api.model
    def _forfeit(self, line):
        """Record that the customer of a deposit did not come, and do what follows.

        Whether anything does, the company has said: see ``billing.deposit.NoShow``.

        :param line: ``pos.order.line``, as superuser
        :raises UserError: if it is none, or nothing is left of it, or it is still open
        """
        if not line._salon_is_deposit_sold() or line.salon_forfeited_at:
            raise UserError(self.env._("Only a deposit that is still open."))
        prepaid = line._salon_as_prepaid()
        if prepaid.left <= 0:
            raise UserError(self.env._("Nothing is left of this deposit."))
        if prepaid.open_document:
            raise UserError(
                self.env._(
                    "%s is not settled yet. Wait until it is, then press again.",
                    prepaid.open_document,
                )
            )
        document = self._standing(line)
        closing = deposit.forfeit(
            prepaid, self._answer(line.order_id.company_id), self._corrects(document)
        )
        line._salon_write_protected({"salon_forfeited_at": fields.Datetime.now()})
        self._close(closing, line, document, prepaid)

    def _standing(self, line):
        """Return the document that stands for the sale of a deposit, or none."""
        document = line.order_id.salon_document_id
        return document._effective_document() if document else document

    def _answer(self, company):
        """Return the company's answer, a ``billing.deposit.NoShow``, or None."""
        return NoShow(company.salon_no_show) if company.salon_no_show else None

    def _corrects(self, document):
        account = document.account_id
        return bool(account) and Kind.CORRECTION in account._capabilities().kinds

    def _close(self, closing, line, document, prepaid):
        """Do what :func:`billing.deposit.forfeit` has decided.

        :param prepaid: ``billing.prepaid.Prepaid`` of the line
        """
        name = line.full_product_name or line.product_id.display_name
        whole = len(line.order_id.lines) == 1 and not document._corrections()
        if closing is Closing.STORNO and whole:
            document._create_storno(self.env._("Forfeited: %s", name))
            return
        if not document:
            return
        body = self.env._(
            "%(user)s: the customer did not come, and %(name)s stays with the salon.",
            user=self.env.user.name,
            name=name,
        )
        if closing is Closing.NOTHING:
            document._message_log(body=body)
            return
        # Part of it was used, or it is beside other things on its invoice.
        document._alert(
            self.env._("Correct the invoice of a deposit at the service"),
            f"{body} "
            + self.env._(
                "By the settings that is damages, without VAT: have %(amount)s taken "
                "off %(number)s at the service, as your accountant says.",
                amount=document._format_amount(prepaid.left),
                number=document.number or document.name,
            ),
        )

    @api.model
    def _take_back(self, line):
        """Record that the customer of a deposit has come after all.

        :raises UserError: if its invoice has been cancelled meanwhile
        """
        if not line.salon_forfeited_at:
            return
        document = self._standing(line)
        if line.order_id.salon_document_id and (
            not document or document._is_being_cancelled()
        ):
            raise UserError(
                self.env._(
                    "The invoice of this deposit has been cancelled. Issue it again "
                    "first."
                )
            )
        line._salon_write_protected({"salon_forfeited_at": False})
