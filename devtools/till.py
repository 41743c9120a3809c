"""A till that sells over HTTP, through the entry point that the real one uses."""

import uuid
from datetime import datetime, timezone

#: What the demo products' prices include.
VAT = 0.27


class Till:
    """A receptionist at a till of the demo salon.

    :param session: a :class:`devtools.rpc.Session` of the receptionist
    :param dict scene: what :func:`devtools.scene.build` returned
    """

    def __init__(self, session, scene):
        self.session = session
        self.scene = scene
        self.user = session.info["uid"]
        config = session.call(
            "pos.config",
            "read",
            [scene["config"]],
            ["current_session_id", "pricelist_id"],
        )[0]
        self.session_id = (config["current_session_id"] or [None])[0] or self._open()
        products = session.call(
            "product.product",
            "read",
            [*scene["products"].values(), scene["tip_product"]],
            ["lst_price", "taxes_id", "display_name"],
        )
        self.products = {product["id"]: product for product in products}

    def _open(self):
        call = self.session.call
        call("pos.config", "open_ui", [self.scene["config"]])
        config = call(
            "pos.config", "read", [self.scene["config"]], ["current_session_id"]
        )
        session_id = config[0]["current_session_id"][0]
        call("pos.session", "set_opening_control", [session_id], 0, "")
        return session_id

    def order(self, lines, payments=None, *, customer=False, tip=0, **values):
        """Return a paid order as the till would send it.

        :param lines: pairs of product name and quantity, or triples with a discount
            in percent, or dicts of these (``name``, ``quantity``, ``discount``) with a
            ``price`` and other values of the line
        :param dict payments: amount by kind ("cash", "card"); all cash if not given
        :param customer: id of a partner
        :param float tip: added as the tip product
        """
        commands = [
            self._line(**line) if isinstance(line, dict) else self._line(*line)
            for line in lines
        ]
        if tip:
            commands.append(self._product_line(self.scene["tip_product"], 1, tip))
            values = {"is_tipped": True, "tip_amount": tip, **values}
        total = round(sum(line["price_subtotal_incl"] for line in commands), 2)
        untaxed = round(sum(line["price_subtotal"] for line in commands), 2)
        payments = payments or {"cash": total}
        now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
        return {
            "uuid": str(uuid.uuid4()),
            "name": "/",
            "state": "paid",
            "session_id": self.session_id,
            "user_id": self.user,
            "partner_id": customer,
            "date_order": now,
            "fiscal_position_id": False,
            # Odoo's own till chooses it by itself for every company.
            "to_invoice": customer == self.scene["customers"]["company"],
            "last_order_preparation_change": "{}",
            "access_token": str(uuid.uuid4()),
            "amount_total": total,
            "amount_tax": round(total - untaxed, 2),
            "amount_paid": sum(payments.values()),
            "amount_return": 0,
            "lines": [(0, 0, line) for line in commands],
            "payment_ids": [
                (0, 0, self._payment(kind, amount, now))
                for kind, amount in payments.items()
            ],
            **values,
        }

    def sell(self, *arguments, **keywords):
        """Sell and return the id of the order; see :meth:`order`."""
        return self.sync([self.order(*arguments, **keywords)])[0]

    def sync(self, orders):
        """Send orders, as the till does when it pays or comes back online."""
        answer = self.session.call("pos.order", "sync_from_ui", orders)
        return [order["id"] for order in answer["pos.order"]]

    def _line(self, name, quantity=1, discount=0, price=None, **values):
        product = self.scene["products"][name]
        return {**self._product_line(product, quantity, price, discount), **values}

    def _product_line(self, product_id, quantity, price=None, discount=0):
        product = self.products[product_id]
        price = product["lst_price"] if price is None else price
        gross = round(price * quantity * (1 - discount / 100), 2)
        net = round(gross / (1 + VAT), 2) if product["taxes_id"] else gross
        return {
            "uuid": str(uuid.uuid4()),
            "product_id": product_id,
            "full_product_name": product["display_name"],
            "qty": quantity,
            "price_unit": price,
            "discount": discount,
            "tax_ids": [(6, 0, product["taxes_id"])],
            "price_subtotal": net,
            "price_subtotal_incl": gross,
        }

    def _payment(self, kind, amount, when):
        return {
            "uuid": str(uuid.uuid4()),
            "amount": amount,
            "name": when,
            "payment_method_id": self.scene["methods"][kind],
        }
