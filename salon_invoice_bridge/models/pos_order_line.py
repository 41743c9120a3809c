from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..billing.choice import Reason
from ..billing.invoice import OPEN_STATES, RETURN_KINDS, UNFINISHED_KINDS, State
from ..billing.prepaid import Prepaid, documented
from ..billing.sale import SETTLED_ROLES, VOUCHER_ROLES

#: Loyalty programs whose points are money that was paid before.
PREPAID = ("gift_card", "ewallet")
#: Those whose points may be visits that were paid before: a pass.
PASS = "loyalty"
#: Fields that only the addon writes: values that a till or a person sends are dropped.
PROTECTED = frozenset(
    {"salon_settles_id", "salon_settled_by_ids", "salon_forfeited_at"}
)
#: Operators by which amounts are searched, and what they are in SQL.
COMPARISONS = {"in": "IN", ">": ">", ">=": ">=", "<": "<", "<=": "<="}


class PosOrderLine(models.Model):
    """What a line of the till is to an invoice.

    ``sale``      goods or a service
    ``tip``       a tip
    ``discount``  takes off what the other lines cost
    ``voucher``   a voucher, a gift card, an eWallet top-up or a pass that was sold
    ``redeemed``  one of these that was paid with
    ``deposit``   money for something that is still to come
    ``deposit_used``  a deposit that is taken off what it was paid for
    ``returned``  something that came back

    What kind of voucher it is its product says, see ``product.template``. A line that
    takes off what was paid for before is linked to the line of that, where it is known:
    :meth:`_salon_link_sold`. A reader goes on at :meth:`_salon_as_prepaid`.
    """

    _name = "pos.order.line"
    _inherit = ["pos.order.line", "salon.invoice.guard"]

    salon_settles_id = fields.Many2one(
        "pos.order.line",
        string="Paid For Before",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The line by which was sold what this one takes off: a voucher, a gift "
        "card, a deposit.",
    )
    salon_settled_by_ids = fields.One2many(
        "pos.order.line",
        "salon_settles_id",
        string="Used By",
        readonly=True,
        copy=False,
    )

    # An id, and no relation: whatever a till sends, the sale is paid and must be kept.
    # What it names becomes ``salon_settles_id`` if it may be named.
    salon_deposit_line = fields.Integer(
        string="Deposit Taken Off",
        readonly=True,
        copy=False,
        help="Id of the line by which the deposit was sold, as the cashier chose it.",
    )
    salon_forfeited_at = fields.Datetime(
        string="Forfeited On",
        readonly=True,
        copy=False,
        help="When somebody said that the customer of this deposit did not come.",
    )
    salon_deposit_left = fields.Monetary(
        string="Left",
        compute="_compute_salon_deposit_left",
        search="_search_salon_deposit_left",
        compute_sudo=True,
        help="What can still be taken off a sale, or paid back.",
    )
    # Of the list of deposits. Computed, because a related field tells an onchange of
    # whatever sale it names.
    salon_sold_at = fields.Datetime(
        string="Sold At", compute="_compute_salon_of_order", compute_sudo=True
    )
    salon_customer = fields.Char(
        string="Customer",
        compute="_compute_salon_of_order",
        search="_search_salon_customer",
        compute_sudo=True,
    )
    salon_reference = fields.Char(
        string="Receipt Number",
        compute="_compute_salon_of_order",
        search="_search_salon_reference",
        compute_sudo=True,
    )
    salon_document_number = fields.Char(
        string="Invoice Number",
        compute="_compute_salon_of_order",
        search="_search_salon_document_number",
        compute_sudo=True,
    )

    # === COMPUTES === #

    # Not of what other sales take off: each payment would look for what it changes.
    @api.depends("price_subtotal_incl", "salon_forfeited_at")
    def _compute_salon_deposit_left(self):
        for line in self:
            # Of what is stored: an onchange names any line as one that came back.
            line.salon_deposit_left = float(line._origin._salon_left())

    def _search_salon_deposit_left(self, operator, value):
        """Search deposits that were sold, by what is left: see :meth:`_salon_left`.

        In one statement, for a list of years: what takes a deposit off, and what came
        back of either, is found by the indexes of the two references.
        """
        if operator not in COMPARISONS:
            return NotImplemented
        links = ("order_id", "refunded_orderline_id", "salon_settles_id")
        self.flush_model(("price_subtotal_incl", "salon_forfeited_at", *links))
        self.env["pos.order"].flush_model(("company_id", "state"))
        sold = self.sudo()._search(self.env["salon.invoice.deposit"]._domain())
        several = operator == "in"
        value = tuple(amount or 0 for amount in value) if several else value or 0
        found = SQL(
            """(
            WITH sold AS (
                SELECT line.id, line.price_subtotal_incl AS amount, sale.company_id,
                       line.salon_forfeited_at IS NOT NULL AS is_forfeited
                  FROM pos_order_line line
                  JOIN pos_order sale ON sale.id = line.order_id
                 WHERE line.id IN %(sold)s
            ), used AS (
                SELECT line.id, sold.id AS sold_id, line.price_subtotal_incl AS amount
                  FROM sold
                  JOIN pos_order_line line ON line.salon_settles_id = sold.id
                  JOIN pos_order sale ON sale.id = line.order_id
                 WHERE sale.company_id = sold.company_id
                   AND sale.state IN ('paid', 'done')
            ), counted AS (
                SELECT id, id AS sold_id, amount FROM sold
                 UNION ALL
                SELECT id, sold_id, amount FROM used
            ), back AS (
                SELECT counted.sold_id, line.price_subtotal_incl AS amount
                  FROM counted
                  JOIN sold ON sold.id = counted.sold_id
                  JOIN pos_order_line line ON line.refunded_orderline_id = counted.id
                  JOIN pos_order sale ON sale.id = line.order_id
                 WHERE sale.company_id = sold.company_id
                   AND sale.state IN ('paid', 'done')
            ), moved AS (
                SELECT sold_id, amount FROM counted
                 UNION ALL
                SELECT sold_id, amount FROM back
            )
            SELECT sold.id
              FROM sold
              JOIN moved ON moved.sold_id = sold.id
             GROUP BY sold.id, sold.is_forfeited
            HAVING CASE WHEN sold.is_forfeited THEN 0 ELSE SUM(moved.amount) END
                   %(operator)s %(value)s
            )""",
            sold=sold.subselect(),
            operator=SQL(COMPARISONS[operator]),
            value=value,
        )
        return Domain("id", "in", found)

    @api.depends("order_id")
    def _compute_salon_of_order(self):
        for line in self:
            order = line._origin.order_id
            line.salon_sold_at = order.date_order
            line.salon_customer = order.partner_id.name
            line.salon_reference = order.pos_reference
            line.salon_document_number = order.salon_invoice_number

    def _search_salon_customer(self, operator, value):
        return [("order_id.partner_id.name", operator, value)]

    def _search_salon_reference(self, operator, value):
        return [("order_id.pos_reference", operator, value)]

    def _search_salon_document_number(self, operator, value):
        return [("order_id.salon_invoice_number", operator, value)]

    # === CREATION === #

    @api.model_create_multi
    def create(self, vals_list):
        # Said, so that no default of a caller says it.
        fresh = {"salon_settles_id": False, "salon_forfeited_at": False}
        return super().create(
            [{**self._salon_unprotected(vals), **fresh} for vals in vals_list]
        )

    def write(self, vals):
        vals = self._salon_unprotected(vals)
        if "salon_deposit_line" in vals and self.order_id.filtered(
            lambda order: order.state != "draft"
        ):
            # As a wish of the order: it ends with the payment.
            vals = {name: vals[name] for name in vals if name != "salon_deposit_line"}
        result = super().write(vals)
        if "order_id" in vals:
            # Odoo asks the record rules before a write only.
            self.order_id.check_access("write")
        return result

    @api.model
    def _load_pos_data_fields(self, config):
        """Add what a till says of a line: which deposit it takes off."""
        return [*super()._load_pos_data_fields(config), "salon_deposit_line"]

    def _salon_write_protected(self, vals):
        """Write the fields that :meth:`write` drops."""
        return super().write(vals)

    @api.model
    def _salon_unprotected(self, vals):
        """Return ``vals`` without :data:`PROTECTED`."""
        return {name: vals[name] for name in vals if name not in PROTECTED}

    # === PEOPLE'S BUTTONS === #
    # Words and deeds are in the model ``salon.invoice.deposit``.

    def action_salon_forfeit(self):
        """Record that the customers of these deposits did not come.

        :raises UserError: if that cannot be, or the user may not cancel invoices
        """
        self._salon_check_may_close()
        for line in self.sudo():
            self.env["salon.invoice.deposit"]._forfeit(line)

    def action_salon_take_back(self):
        """Record that the customers of these deposits have come after all.

        :raises UserError: if that cannot be, or the user may not cancel invoices
        """
        self._salon_check_may_close()
        for line in self.sudo():
            self.env["salon.invoice.deposit"]._take_back(line)

    def _salon_check_may_close(self):
        """Check that the user may say what becomes of deposits, and of these."""
        self.env["salon.invoice.document"]._check_may_manage()
        self.check_access("read")

    # === RULES: WHAT A LINE IS === #

    def _salon_roles(self, prepaid=None):
        """Return ``{line: role}`` for the lines of one order.

        An order that gives money back is read as its mirror image, but for an exchange:
        what it sells is sold, however much comes back.

        :param prepaid: what :meth:`_salon_prepaid_products` returns, for whoever asks
            of many orders
        """
        order = self.order_id
        exchange = order.lines.refunded_orderline_id
        sign = -1 if order.amount_total < 0 and not exchange else 1
        if prepaid is None:
            prepaid = self._salon_prepaid_products(order.company_id)
        tip_product = order.config_id.tip_product_id
        roles = {}
        for line in self:
            product = line.product_id
            role = product.salon_role
            if not role and tip_product and product == tip_product:
                role = "tip"
            if not role and (product in prepaid or line._salon_is_redemption()):
                role = "voucher"
            if role == "voucher" and sign * line.price_subtotal_incl < 0:
                role = "redeemed"
            if role == "deposit" and sign * line.price_subtotal_incl < 0:
                role = "deposit_used"
            if role in (False, "sale"):
                role = line._salon_plain_role(sign)
            roles[line] = role
        return roles

    def _salon_plain_role(self, sign):
        """Tell a sale from a return, and from a discount by its negative price."""
        if sign * self.qty < 0 and self.price_unit > 0:
            return "returned"
        if sign * self.qty * self.price_unit < 0:
            return "discount"
        return "sale"

    # === RULES: VOUCHERS === #
    # Odoo's loyalty programs are recognised by their products, without depending on
    # their addon.

    @api.model
    def _salon_prepaid_products(self, company):
        """Return the products by which gift cards and eWallets of a company are sold.

        :param company: ``res.company``
        """
        if "loyalty.program" not in self.env:
            return self.env["product.product"]
        programs = self.env["loyalty.program"].search(
            [
                ("program_type", "in", PREPAID),
                ("rule_ids.product_ids", "!=", False),
                ("company_id", "in", (False, *company.parent_ids.ids)),
            ]
        )
        return programs.rule_ids.product_ids

    def _salon_is_redemption(self):
        """Tell whether this line pays with a gift card, an eWallet or a pass.

        A pass is a loyalty program whose points are earned by vouchers and nothing
        else; an ordinary one gives a discount.
        """
        if "reward_id" not in self._fields or not self.reward_id:
            return False
        program = self.reward_id.program_id
        if program.program_type in PREPAID:
            return True
        roles = set(program.rule_ids.product_ids.mapped("salon_role"))
        return program.program_type == PASS and roles == {"voucher"}

    def _salon_prepaid_entry(self, role):
        """Return what the snapshot of a sale has of what is paid for before its use.

        :param str role: of this line
        """
        entry = {}
        if role in SETTLED_ROLES:
            entry["settles"] = self.salon_settles_id.id
        if role in VOUCHER_ROLES:
            entry["voucher"], entry["voucher_vat"] = self._salon_voucher_kind(role)
        return entry

    def _salon_voucher_kind(self, role):
        """Return the kind of a voucher and the VAT code of its rate, as products say.

        Of a program with products of several kinds nobody knows which one was sold,
        unless the line is linked to that sale.

        :param str role: of this line; it sells a voucher, or uses one
        :return: ``(kind or False, code or "")``
        """
        if role not in SETTLED_ROLES:
            product = self.product_id  # the line has its tax
            return product.salon_voucher_kind, product.salon_voucher_vat or ""
        company = self.order_id.company_id
        products = self.salon_settles_id.product_id or self._salon_card_products()
        said = {
            (product.salon_voucher_kind, product._salon_voucher_code(company))
            for product in products.product_tmpl_id
        }
        return said.pop() if len(said) == 1 else (False, "")

    def _salon_card_products(self):
        """Return the products by which is sold what this line pays with."""
        reward = "reward_id" in self._fields and self.reward_id
        if not reward:
            return self.product_id
        companies = self.order_id.company_id.parent_ids
        return reward.program_id.rule_ids.product_ids.filtered(
            lambda product: not product.company_id - companies
        )

    # === RULES: WHAT WAS PAID FOR BEFORE === #

    def _salon_link_sold(self):
        """Link these lines to those by which was sold what they take off.

        While a sale is paid, so that it is known whatever becomes of the card since.
        """
        for line in self:
            if line.salon_settles_id or line.refunded_orderline_id:
                continue
            if sold := line._salon_find_sold():
                line._salon_write_protected({"salon_settles_id": sold.id})

    def _salon_find_sold(self):
        """Return the line by which was sold what this one takes off, or none."""
        if self.salon_deposit_line:
            return self._salon_find_deposit()
        return self._salon_find_card()

    def _salon_find_card(self):
        """Return the line by which the card was sold that this one pays with, or none.

        None, too, if the card was sold elsewhere, or filled up several times: then
        nobody knows which of them is used.
        """
        card = self._salon_is_redemption() and self.coupon_id
        if not card:
            return self.browse()
        orders = card.source_pos_order_id
        orders |= orders.browse([order for order in _worth(card) if order]).exists()
        orders -= self.order_id
        if orders.currency_id - self.order_id.currency_id:
            return self.browse()
        sold = orders.lines.filtered(
            lambda line: line.product_id in card.program_id.rule_ids.product_ids
            and line._salon_may_pay_for(self.order_id)
            and line.order_id.state in ("paid", "done")
            and line.qty > 0
            and line.price_subtotal_incl > 0
        )
        if len(sold.order_id) != 1:
            return self.browse()
        return sold if len(sold) == 1 else sold._salon_line_of_card(card)

    def _salon_line_of_card(self, card):
        """Return that of these lines of one sale by which ``card`` was sold, or none.

        Cards of one price are told apart by their order: each takes a line, or a part
        of its quantity.
        """
        order = self.order_id
        worth = _worth(card).get(order.id)
        cards = card.search(
            [
                ("program_id", "=", card.program_id.id),
                ("source_pos_order_id", "=", order.id),
            ],
            order="id",
        ).filtered(lambda one: _worth(one).get(order.id) == worth)
        units = [
            line.id
            for line in self.sorted("id")
            for _card in range(min(int(line.qty), len(cards)))
            if not line.currency_id.compare_amounts(
                line.price_subtotal_incl / line.qty, worth or 0.0
            )
        ]
        sold_by = dict(zip(cards.ids, units, strict=False))
        return self.browse(sold_by.get(card.id))

    def _salon_find_deposit(self):
        """Return the line by which the deposit was sold that the cashier has named.

        None if that is no deposit of a paid sale of the same company in the same
        currency: whoever sells may send any id.
        """
        sold = self.browse(self.salon_deposit_line).exists()
        takes_off = self.product_id.salon_role == "deposit" and (
            self.price_subtotal_incl < 0 and not self.refunded_orderline_id
        )
        if not takes_off or sold.order_id == self.order_id:
            return self.browse()
        return sold.filtered(
            lambda line: line._salon_may_pay_for(self.order_id)
            and line._salon_is_deposit_sold()
        )

    def _salon_may_pay_for(self, order):
        """Return True if what this line has sold can be taken off ``order``.

        What is left of it is reckoned in the currency in which it was sold.
        """
        sale = self.order_id
        return (sale.company_id, sale.currency_id) == (
            order.company_id,
            order.currency_id,
        )

    def _salon_is_deposit_sold(self):
        """Return True if a deposit was sold by this line, and paid."""
        return (
            self.product_id.salon_role == "deposit"
            and self.price_subtotal_incl > 0
            and not self.refunded_orderline_id
            and _is_paid(self)
        )

    def _salon_as_prepaid(self, before=None):
        """Return the ``billing.prepaid.Prepaid`` of this voucher or deposit.

        :param int before: the document of a sale that uses it: later ones do not count
        """
        self.ensure_one()
        order = self.order_id
        document = order.salon_document_id._main_or_draft()
        known = {"amount": self._salon_paid_for(), "used": self._salon_used(before)}
        if self._salon_was_forfeited(before):
            known["amount"] = known["used"]
        if not document or document.kind in RETURN_KINDS:
            return Prepaid(line=self.id, **known)
        if changing := self._salon_changing(document):
            return Prepaid(line=self.id, open_document=changing.name, **known)
        if document.skip_reason == Reason.VOUCHER:
            return documented(self.id, (), **known)
        standing = document._effective_document()
        if not standing and self._salon_was_kept_off(document):
            return documented(self.id, (), **known)
        return self._salon_as_documented(standing, known, before)

    def _salon_was_forfeited(self, before=None):
        """Return True if nothing can be taken off any more, for nobody came.

        :param int before: the document of a sale that uses it: it may have been earlier
        """
        if not self.salon_forfeited_at or not before:
            return bool(self.salon_forfeited_at)
        sale = self.env["salon.invoice.document"].browse(before).order_id
        return sale.date_order > self.salon_forfeited_at

    def _salon_changing(self, document):
        """Return a document that is still open of the sale, or of what came back of it.

        So is the storno that a person has asked for, and what follows it: until the
        service has made it, nobody knows what stands for this sale.

        :param document: of the sale
        """
        order = self.order_id
        family = (
            order.salon_document_ids | order._salon_return_orders().salon_document_ids
        )
        return (document | family).filtered(lambda row: row.state in OPEN_STATES)[:1]

    def _salon_was_kept_off(self, document):
        """Return True if a document, cancelled since, was made without this line.

        What it kept off was sold as money, whatever its product says by now.
        """
        invoice = document.state == State.CANCELLED and document._invoice()
        return bool(invoice) and str(self.id) not in {row.ref for row in invoice.lines}

    def _salon_as_documented(self, standing, known, before):
        """Return :meth:`_salon_as_prepaid` by the document that stands for its sale.

        What is at another account than the document that uses it is no advance invoice
        to that one's service, which does not know it: it is named in words.

        :param standing: ``salon.invoice.document``, or none
        :param dict known: of the ``Prepaid``
        :param int before: as for :meth:`_salon_as_prepaid`
        """
        if standing.state != State.ISSUED:  # or it is not needed, or not there any more
            return Prepaid(line=self.id, **known)
        if standing.kind in UNFINISHED_KINDS:
            known["open_document"] = standing.name
        else:
            known["number"], known["id"] = standing.number, standing.remote_id or ""
        invoice = standing._invoice()
        if not invoice:  # made by hand
            return Prepaid(line=self.id, **known)
        rows = standing | standing._corrections()
        lines = [line for row in rows for line in row._invoice().lines]
        user = standing.browse(before or standing.id)
        return documented(
            self.id,
            lines,
            advance=invoice.advance and user.account_id == standing.account_id,
            finals=len(self.order_id.lines._salon_finals()),
            **known,
        )

    def _salon_finals(self):
        """Return the final invoices that name the advance invoice of these lines."""
        numbers = set(self.order_id.salon_document_ids.mapped("number"))
        documents = self.salon_settled_by_ids.order_id.salon_document_ids
        return documents.filtered(lambda row: row._names_advance(numbers))

    def _salon_paid_for(self):
        """Return what was paid for this line less what was paid back, a Decimal."""
        return _total(self | self._salon_given_back())

    def _salon_given_back(self):
        """Return the paid lines that take these back, of the same company.

        Whoever sells may name any line as one that came back.
        """
        return self.refund_orderline_ids.filtered(
            lambda line: _is_paid(line)
            and line.order_id.company_id
            == line.refunded_orderline_id.order_id.company_id
        )

    def _salon_left(self):
        """Return what can be taken off of this line, or paid back, a Decimal."""
        if self.salon_forfeited_at:
            return Decimal(0)
        return self._salon_paid_for() - self._salon_used()

    def _salon_used(self, before=None):
        """Return what sales have taken off of this line, less what came back of them.

        :param int before: as for :meth:`_salon_as_prepaid`
        :return: a Decimal in the currency of the sale, not below zero
        """
        own = self.order_id.company_id
        uses = self.salon_settled_by_ids.filtered(
            lambda line: _is_paid(line) and line.order_id.company_id == own
        )
        if before:
            # The same sale may have had another document before this one.
            sale = self.env["salon.invoice.document"].browse(before).order_id
            first = _first_document(sale)
            uses = uses.filtered(lambda line: _first_document(line.order_id) < first)
        return -_total(uses | uses._salon_given_back())


def _is_paid(line):
    return line.order_id.state in ("paid", "done")


def _first_document(order):
    """Return the id of the first document of a sale, later than all if it has none."""
    return min(order.salon_document_ids.ids, default=float("inf"))


def _total(lines):
    """Return the gross of lines of the till, a Decimal."""
    amounts = (
        Decimal(line.order_id._salon_amount(line.price_subtotal_incl)) for line in lines
    )
    return sum(amounts, Decimal(0))


def _worth(card):
    """Return what sales have put on a ``loyalty.card``: ``{order: points}``."""
    worth = {}
    for entry in card.history_ids:
        if entry.order_model == "pos.order" and entry.issued > 0:
            worth[entry.order_id] = worth.get(entry.order_id, 0.0) + entry.issued
    return worth
