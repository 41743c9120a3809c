from .after_case import AfterCase


class DepositCase(AfterCase):
    """A salon that takes deposits of 10,000 Ft for what costs more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deposit = cls._make_product("Foglaló", 10000, cls.tax_27)
        cls.deposit.salon_role = "deposit"
        cls.colour = cls._make_product("Hajfestés", 25000, cls.tax_27)

    def take(self, amount=10000, others=(), **values):
        """Sell a deposit and return the line of it; its document is only asked for."""
        lines = [(self.deposit, 1, {"price_unit": amount}), *others]
        return self.sell(lines, **values).lines[0]

    def taken(self, amount=10000, others=(), **values):
        """Sell a deposit and return the line of it, once its document is issued."""
        line = self.take(amount, others, **values)
        self.work()
        document = line.order_id.salon_document_id
        self.assertEqual(document.state, "issued", document.problem)
        return line

    def use(self, *deposits, amount=10000, lines=(), payments=None, **values):
        """Sell what costs 25,000 Ft, take deposits off, and return the sale.

        :param deposits: lines by which they were sold, or ids that a till sends
        """
        sold = list(lines) or [(self.colour, 1)]
        off = [
            (
                self.deposit,
                1,
                {
                    "price_unit": -amount,
                    "salon_deposit_line": one if isinstance(one, int) else one.id,
                },
            )
            for one in deposits
        ]
        return self.sell(sold + off, payments, **values)

    def used(self, *deposits, **values):
        """Take deposits off a sale, and return it once its document is issued."""
        order = self.use(*deposits, **values)
        self.work()
        document = order.salon_document_id
        self.assertEqual(document.state, "issued", document.problem)
        return order

    def stopped(self, order):
        """Return what a person reads of a sale whose document waits for one."""
        self.work()
        document = order.salon_document_id
        self.assertEqual(document.state, "attention")
        return document.problem

    def kept(self, *orders):
        """Return what the till has kept of sales and all that came back of them."""
        family = self.env["pos.order"].union(
            *(order._salon_family() for order in orders)
        )
        return sum(family.mapped("amount_total"))

    def open_deposits(self, number="", customer=None, user=None):
        """Return what a till is told: the ids of the lines, and what is left."""
        orders = self.env["pos.order"].with_user(user or self.receptionist)
        partner = False if number else (customer or self.customer).id
        told = orders.salon_till_deposits(self.config.id, partner, number)
        return {row["line"]: row["left"] for row in told}

    def forfeit(self, line, user=None):
        """Say as the manager that nobody came."""
        line.with_user(user or self.manager).action_salon_forfeit()
