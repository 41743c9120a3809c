"""A second company in the database, and the people who work there."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .after_case import AfterCase
from .common import make_company


@tagged("post_install", "-at_install")
class OtherCompanyCase(AfterCase):
    """The salon (A), and company B beside it, with a till and an account of its own.

    ``strangers`` are B's people, a user for each role. They are never in A.
    """

    other_provider = "szamlazz"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = make_company(cls.env, "Másik Szalon Kft.")
        cls.env.user.company_ids += cls.other
        ours = cls.env
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.other.ids}
        )
        company, cls.company = cls.company, cls.other
        cls.other_tax = cls._make_tax("27%", 27)
        cls.other_cut = cls._make_product("Vágás", 7000, cls.other_tax)
        cls.other_cash, _card = cls._make_payment_methods()
        cls.other_config = cls.env["pos.config"].create(
            {"name": "Másik szalon", "payment_method_ids": cls.other_cash.ids}
        )
        roles = {
            "receptionist": "point_of_sale.group_pos_user",
            "manager": "point_of_sale.group_pos_manager",
            "accountant": "account.group_account_invoice",
            "admin": "point_of_sale.group_pos_manager",
        }
        cls.strangers = {
            role: cls._make_user(f"other_{role}", group)
            for role, group in roles.items()
        }
        cls.strangers["admin"].group_ids |= cls.env.ref("base.group_system")
        cls.other_account = cls._connect(cls.other_provider, company=cls.other)
        seller = cls.strangers["receptionist"]
        cls.other_config.with_user(seller).open_ui()
        cls.other_session = cls.other_config.current_session_id
        cls.other_session.with_user(seller).set_opening_control(0, "")
        cls.company, cls.env = company, ours
        for name in ("other", "other_account", "other_session", "other_config"):
            setattr(cls, name, getattr(cls, name).with_env(cls.env))

    def setUp(self):
        super().setUp()
        since = fields.Datetime.now() - timedelta(hours=1)
        (self.config | self.other_config).salon_live_since = since
        self.other_account.connected_at = since

    def as_stranger(self, role):
        """Return the environment of one of B's people, as a request begins."""
        self.env.flush_all()
        self.env.invalidate_all()
        user = self.strangers[role]
        return self.env(
            user=user, context={"allowed_company_ids": self.other.ids, "lang": "en_US"}
        )

    def strange_order(self, lines, **values):
        """Return the values of an order of B's till.

        :param lines: dicts of what each line has beside a product and a price
        """
        commands = []
        for line in lines:
            quantity = line.get("qty", 1)
            commands.append(
                {
                    "name": "1",
                    "product_id": self.other_cut.id,
                    "qty": quantity,
                    "price_unit": 7000,
                    "price_subtotal": 5512 * quantity,
                    "price_subtotal_incl": 7000 * quantity,
                    "tax_ids": [(6, 0, self.other_tax.ids)],
                    **line,
                }
            )
        total = sum(line["price_subtotal_incl"] for line in commands)
        payment = {
            "amount": total,
            "payment_method_id": self.other_cash.id,
            "payment_date": fields.Datetime.now(),
        }
        return {
            "session_id": self.other_session.id,
            "company_id": self.other.id,
            # With a name of its own: Odoo would read the sale's to make one.
            "name": "M/0001",
            "state": "paid",
            "amount_total": total,
            "amount_tax": 0,
            "amount_paid": total,
            "amount_return": 0,
            "lines": [(0, 0, line) for line in commands],
            "payment_ids": [(0, 0, payment)],
            **values,
        }

    def strange_sale(self, lines, role="receptionist", **values):
        """Create an order of B as one of its people; return it as the superuser."""
        orders = self.as_stranger(role)["pos.order"]
        order = orders.create(self.strange_order(lines, **values))
        return order.with_env(self.env)

    def run_lanes(self):
        """Run both companies' lanes."""
        self.run_lane()
        self.run_lane(self.other_account)
