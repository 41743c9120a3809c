"""The orders of the demonstration's tills, as values of ``pos.order``."""

import uuid

from odoo import Command


class Till:
    """Turns a :class:`.month.Visit` into values of ``pos.order``.

    :param env: of the salon's company
    :param products: ``{key: product.product}``, the tip among them
    :param customers: ``{key: res.partner}``
    """

    def __init__(self, env, products, customers):
        self.env, self.products, self.customers = env, products, customers
        self.cashier = env.ref("base.user_admin")

    def sale(self, visit, session):
        """Return the values of a sale, but for its time.

        :param month.Visit visit: who buys what
        :param session: ``pos.session``
        """
        lines = [
            self._line(self.products[key], quantity, discount)
            for key, quantity, discount in visit.items
        ]
        if visit.tip:
            lines.append(self._line(self.products["tip"], 1, price=visit.tip))
        customer = self.customers.get(visit.customer)
        values = self._order(session, lines, self._ways(visit, session, lines))
        return {**values, "partner_id": customer.id if customer else False}

    def refund(self, order, visit, session):
        """Return the values of what came back of ``order``, but for its time."""
        back = order.lines.sorted("id")
        lines = [
            {
                **self._line(
                    line.product_id, -line.qty, line.discount, line.price_unit
                ),
                "refunded_orderline_id": line.id,
            }
            for line in (back[place] for place in visit.back)
        ]
        methods = order.payment_ids.payment_method_id[:1]
        values = self._order(session, lines, [(methods, _total(lines))])
        return {**values, "partner_id": order.partner_id.id, "is_refund": True}

    def _order(self, session, lines, ways):
        total = _total(lines)
        return {
            "session_id": session.id,
            "company_id": session.company_id.id,
            "user_id": self.cashier.id,
            "state": "paid",
            "access_token": str(uuid.uuid4()),
            "amount_total": total,
            "amount_tax": total - sum(line["price_subtotal"] for line in lines),
            "amount_paid": total,
            "amount_return": 0,
            "lines": [Command.create(line) for line in lines],
            "payment_ids": [
                Command.create({"payment_method_id": method.id, "amount": amount})
                for method, amount in ways
                if amount
            ],
        }

    def _line(self, product, quantity, discount=0, price=None):
        price = product.list_price if price is None else price
        amounts = product.taxes_id.compute_all(
            price * (1 - discount / 100), product.currency_id, quantity
        )
        return {
            "name": product.name,
            "product_id": product.id,
            "full_product_name": product.name,
            "qty": quantity,
            "price_unit": price,
            "discount": discount,
            "tax_ids": [Command.set(product.taxes_id.ids)],
            "price_subtotal": amounts["total_excluded"],
            "price_subtotal_incl": amounts["total_included"],
        }

    def _ways(self, visit, session, lines):
        """Return pairs of payment method and amount."""
        total = _total(lines)
        methods = session.config_id.payment_method_ids
        cash = methods.filtered("is_cash_count")
        if visit.way == "cash":
            return [(cash, total)]
        if visit.way == "split":
            half = total // 2000 * 1000
            return [(cash, half), (self._method(methods, "card"), total - half)]
        return [(self._method(methods, visit.way), total)]

    @staticmethod
    def _method(methods, way):
        """Return the method by the kind of payment that it is, or by its absence."""
        others = methods.filtered(lambda method: not method.is_cash_count)
        if way == "account":
            return others.filtered(lambda method: not method.journal_id)
        kind = {"card": "card", "szep": "szep_card", "transfer": "bank_transfer"}[way]
        return others.filtered(
            lambda method: method.journal_id and method.salon_payment_kind == kind
        )


def _total(lines):
    return sum(line["price_subtotal_incl"] for line in lines)
