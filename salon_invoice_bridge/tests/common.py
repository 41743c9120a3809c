import os
import uuid
from datetime import timedelta
from unittest import SkipTest

from odoo import fields
from odoo.tests import TransactionCase, tagged

from ..worker.lane import Lane
from ..worker.service import Service

try:
    from sandbox.server import start as start_sandbox
except ImportError:  # the addon without the rest of its project
    start_sandbox = None

#: Service -> how its account in the sandbox is opened.
ACCOUNTS = {
    "billingo": {"path": "/billingo/v3", "api_key": "demo-billingo-key"},
    "billingo_v2": {
        "path": "/billingo/v2",
        "api_key": "demo-billingo-v2-private-key-0123456789",
        "public_key": "demo-billingo-v2-public-key",
    },
    "szamlazz": {
        "path": "/szamla",
        "api_key": "demoszamlazzagentkey0000000000000000000000",
    },
}

#: How many times as many random examples are tried: ``./dev test --all`` sets it.
TIMES = int(os.environ.get("SALON_EXAMPLES") or 1)

#: Where a test database keeps what :func:`keep_salon` has made, each by its name.
KEPT = "salon_invoice_bridge_tests."

#: The attributes of a salon's class that are kept beside its company.
FURNITURE = (
    *("tax_27", "tax_18", "tax_5", "tax_0"),
    *("haircut", "mens_cut", "book", "tip"),
    *("cash", "card", "config"),
    *("receptionist", "manager", "accountant", "customer", "business"),
)


def make_company(env, name="Teszt Szalon Kft."):
    """Return a new Hungarian company with its chart of accounts."""
    env.ref("base.HUF").active = True
    company = env["res.company"].create(
        {
            "name": name,
            "country_id": env.ref("base.hu").id,
            "currency_id": env.ref("base.HUF").id,
            "vat": "12345676-2-42",
            "zip": "1061",
            "city": "Budapest",
            "street": "Andrássy út 1.",
            "salon_walk_in_postcode": "1061",
            "salon_walk_in_city": "Budapest",
            "salon_walk_in_street": "Andrássy út 1.",
            "salon_voucher_sale": "skip",
        }
    )
    env["account.chart.template"].try_loading("hu", company=company, install_demo=False)
    # Hungary's chart of accounts leaves this to the accountant.
    company.account_default_pos_receivable_account_id = env["account.account"].search(
        [
            ("company_ids", "in", company.ids),
            ("account_type", "=", "asset_receivable"),
        ],
        limit=1,
    )
    return company


def keep_salon(env):
    """Make what all classes need beforehand: it is most of what each costs.

    For databases that are made for these tests; without it each class makes its own.
    """
    company = make_company(env)
    # Odoo loads the chart of accounts once more before a commit, and would then give
    # its default tax to products that are to have none.
    env.cr.flush()
    user = env.user
    before = {
        "company_id": user.company_id.id,
        "company_ids": [(6, 0, user.company_ids.ids)],
    }
    salon = type("KeptSalon", (Furniture,), {"env": env, "company": company})
    salon._enter()
    salon._furnish()
    user.write(before)
    kept = {name: getattr(salon, name) for name in FURNITURE}
    env["ir.model.data"]._update_xmlids(
        [
            {"xml_id": KEPT + name, "record": record, "noupdate": True}
            for name, record in {"company": company, **kept}.items()
        ]
    )


class Furniture:
    """What a salon sells, who works there, and who comes; for a class with ``env``."""

    @classmethod
    def _enter(cls):
        """Let the user of ``env`` work in the company."""
        cls.env.user.write(
            {"company_ids": [(4, cls.company.id)], "company_id": cls.company.id}
        )
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )

    @classmethod
    def _furnish(cls):
        """Set the attributes of :data:`FURNITURE`: to what is kept, or to new ones."""
        kept = {
            name: cls.env.ref(KEPT + name, raise_if_not_found=False)
            for name in FURNITURE
        }
        if all(kept.values()):
            for name, record in kept.items():
                setattr(cls, name, record)
            # As if they were made in this transaction: a write of nothing, which Odoo
            # grants its administrators, changes nothing then.
            cls.env.cr.execute(
                "UPDATE res_users SET write_date = now() AT TIME ZONE 'UTC' "
                "WHERE id = ANY(%s)",
                ((cls.receptionist + cls.manager + cls.accountant).ids,),
            )
        else:
            cls._make_furniture()

    @classmethod
    def _make_furniture(cls):
        cls.tax_27 = cls._make_tax("27%", 27)
        cls.tax_18 = cls._make_tax("18%", 18)
        cls.tax_5 = cls._make_tax("5%", 5)
        cls.tax_0 = cls._make_tax("0%", 0)
        cls.haircut = cls._make_product("Női hajvágás", 8900, cls.tax_27)
        cls.mens_cut = cls._make_product("Férfi hajvágás", 4990, cls.tax_27)
        cls.book = cls._make_product("Szakkönyv", 3500, cls.tax_5)
        cls.tip = cls._make_product("Borravaló", 0, None)
        cls.cash, cls.card = cls._make_payment_methods()
        cls.config = cls.env["pos.config"].create(
            {
                "name": "Szalon",
                "payment_method_ids": (cls.cash | cls.card).ids,
                "iface_tipproduct": True,
                "tip_product_id": cls.tip.id,
            }
        )
        cls.receptionist = cls._make_user(
            "receptionist", "point_of_sale.group_pos_user"
        )
        cls.manager = cls._make_user("manager", "point_of_sale.group_pos_manager")
        cls.accountant = cls._make_user("accountant", "account.group_account_invoice")
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Őrségi Zsófia",
                "email": "zsofia@example.com",
                "zip": "8060",
                "city": "Mór",
                "street": "Kodály utca 12.",
                "country_id": cls.env.ref("base.hu").id,
            }
        )
        cls.business = cls.env["res.partner"].create(
            {
                "name": "Árvíztűrő & Tükörfúró Kft.",
                "is_company": True,
                "vat": "13572464-2-07",
                "email": "penzugy@example.com",
                "zip": "9400",
                "city": "Sopron",
                "street": "Fő tér 3.",
                "country_id": cls.env.ref("base.hu").id,
            }
        )

    @classmethod
    def _make_tax(cls, name, amount, **values):
        return cls.env["account.tax"].create(
            {
                "name": f"{name} bruttó",
                "amount": amount,
                "amount_type": "percent",
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
                "company_id": cls.company.id,
                "country_id": cls.env.ref("base.hu").id,
                "tax_group_id": cls.env["account.tax.group"]
                .search([("company_id", "=", cls.company.id)], limit=1)
                .id,
                **values,
            }
        )

    @classmethod
    def _make_product(cls, name, price, tax, **values):
        return cls.env["product.product"].create(
            {
                "name": name,
                "list_price": price,
                "type": "service",
                "available_in_pos": True,
                "taxes_id": tax.ids if tax else False,
                **values,
            }
        )

    @classmethod
    def _make_payment_methods(cls):
        cash = cls.env["account.journal"].create(
            {"name": "Pénztár", "type": "cash", "code": "PENZT"}
        )
        bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        return cls.env["pos.payment.method"].create(
            [
                {"name": "Készpénz", "journal_id": cash.id},
                {"name": "Bankkártya", "journal_id": bank.id},
            ]
        )

    @classmethod
    def _make_user(cls, login, group):
        return (
            cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": login,
                    "login": f"salon_{login}",
                    "company_id": cls.company.id,
                    "company_ids": cls.company.ids,
                    "group_ids": [
                        (4, cls.env.ref("base.group_user").id),
                        (4, cls.env.ref(group).id),
                    ],
                }
            )
        )


@tagged("post_install", "-at_install")
class SalonCase(Furniture, TransactionCase):
    """A Hungarian salon with a till, connected to ``provider`` in the sandbox.

    The calls go through real sockets on 127.0.0.1, sales through ``sync_from_ui`` as
    the receptionist, and the lane runs as its ``ir.cron`` record does.
    """

    #: The service that the salon sells through; a class of tests may choose another.
    provider = "billingo"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if start_sandbox is None:
            raise SkipTest("needs the sandbox that lies beside the addon")
        cls.sandbox = start_sandbox()
        cls.addClassCleanup(cls.sandbox.stop)
        kept = cls.env.ref(KEPT + "company", raise_if_not_found=False)
        cls.company = kept or make_company(cls.env)
        cls._enter()
        cls._furnish()
        cls.account = cls._connect()
        cls.session = cls._open_session(cls.config)

    def setUp(self):
        super().setUp()
        self.sandbox.world.reset()
        self._note_requests()
        self.patch(
            Lane, "nap", lambda lane, seconds: self._pass_nap(lane.account, seconds)
        )

    def _note_requests(self):
        """Note what was last sent for each document: the bytes, by the row's id."""
        self.requests, perform = {}, Service.perform

        def noted(service, document, operation, arguments, *rest):
            if operation == "issue":
                self.requests[document.id] = arguments[0].decode()
            return perform(service, document, operation, arguments, *rest)

        self.patch(Service, "perform", noted)

    # === THE SALON === #

    @classmethod
    def _connect(cls, provider="", company=None):
        """Connect a company (the salon) to a service (the class's) in the sandbox."""
        provider = provider or cls.provider
        access = dict(ACCOUNTS[provider])
        account = cls.env["salon.invoice.account"].create(
            {
                "provider": provider,
                "base_url": cls.sandbox.url + access.pop("path"),
                "company_id": (company or cls.company).id,
                **access,
            }
        )
        blocks = account._verify().blocks
        account.block = blocks[0].id if blocks else False
        account._connect()
        # Who is told what goes wrong reads English, as these tests do.
        account._responsible().lang = "en_US"
        return account

    @classmethod
    def _open_session(cls, config):
        config.with_user(cls.receptionist).open_ui()
        session = config.current_session_id
        session.with_user(cls.receptionist).set_opening_control(0, "")
        return session

    # === THE TILL === #

    def order_data(self, lines, payments=None, customer=None, **values):
        """Return a paid order as the till sends it.

        :param lines: pairs of product and quantity, or triples with a dict of more
        :param payments: pairs of method and amount; all cash if not given
        """
        commands = [self._order_line(*line) for line in lines]
        total = sum(line["price_subtotal_incl"] for line in commands)
        net = sum(line["price_subtotal"] for line in commands)
        now = fields.Datetime.to_string(fields.Datetime.now())
        payments = payments or [(self.cash, total)]
        return {
            "uuid": str(uuid.uuid4()),
            "access_token": str(uuid.uuid4()),
            "name": "/",
            "state": "paid",
            "session_id": self.session.id,
            "user_id": self.receptionist.id,
            "partner_id": customer.id if customer else False,
            "date_order": now,
            "fiscal_position_id": False,
            # Odoo's own till chooses it by itself for every company.
            "to_invoice": bool(customer and customer.is_company),
            "last_order_preparation_change": "{}",
            "amount_total": total,
            "amount_tax": total - net,
            "amount_paid": sum(amount for _method, amount in payments),
            "amount_return": 0,
            "lines": [(0, 0, line) for line in commands],
            "payment_ids": [
                (
                    0,
                    0,
                    {
                        "uuid": str(uuid.uuid4()),
                        "name": now,
                        "amount": amount,
                        "payment_method_id": method.id,
                    },
                )
                for method, amount in payments
            ],
            **values,
        }

    def _order_line(self, product, quantity, more=None):
        more = dict(more or {})
        price = more.pop("price_unit", product.lst_price)
        discount = more.get("discount", 0)
        taxes = product.taxes_id.filtered(lambda t: t.company_id == self.company)
        amounts = taxes.compute_all(
            price * (1 - discount / 100), self.company.currency_id, quantity
        )
        return {
            "uuid": str(uuid.uuid4()),
            "product_id": product.id,
            "full_product_name": product.display_name,
            "qty": quantity,
            "price_unit": price,
            "tax_ids": [(6, 0, taxes.ids)],
            "price_subtotal": amounts["total_excluded"],
            "price_subtotal_incl": amounts["total_included"],
            **more,
        }

    def sync(self, *orders):
        """Send orders as the receptionist's till does; return the ``pos.order``."""
        # With a refund comes the sale that it refunds, which was not sent.
        sent = {order["uuid"] for order in orders}
        answer = (
            self.env["pos.order"]
            .with_user(self.receptionist)
            .with_company(self.company)
            .sync_from_ui(list(orders))
        )
        return self.env["pos.order"].browse(
            [order["id"] for order in answer["pos.order"] if order["uuid"] in sent]
        )

    def sell(self, lines, payments=None, customer=None, **values):
        """Sell, and return the ``pos.order``."""
        return self.sync(self.order_data(lines, payments, customer, **values))

    def refund(self, order, back=None, new=(), payments=None, **values):
        """Take things back as the till does, and return the refund's ``pos.order``.

        :param back: ``{line: quantity}``; all lines of ``order`` if not given
        :param new: what is sold in the same order, see :meth:`order_data`
        """
        back = {line: line.qty for line in order.lines} if back is None else back
        lines = [
            (
                line.product_id,
                -quantity,
                {
                    "price_unit": line.price_unit,
                    "discount": line.discount,
                    "refunded_orderline_id": line.id,
                },
            )
            for line, quantity in back.items()
        ]
        values = {"is_refund": True, "customer": order.partner_id, **values}
        return self.sell([*lines, *new], payments, **values)

    # === THE LANE AND THE SERVICE === #

    def run_lane(self, account=None):
        """Run the account's ``ir.cron`` record as a cron worker would.

        Again for as long as it wakes itself, within reason.
        """
        lane = (account or self.account).cron_id
        for _turn in range(5):
            # Odoo drops due triggers by SQL's now(), which stands still in a test.
            self._due_triggers(lane).unlink()
            with self.enter_registry_test_mode():
                lane.method_direct_trigger()
            self.env.invalidate_all()
            if not self._due_triggers(lane):
                break

    @staticmethod
    def _pass_nap(account, seconds):
        """Let a lane wait for its service's limit of calls in no time.

        The sandbox counts calls only where a test gives its account a limit.
        """
        account.env.cr.execute(
            "UPDATE salon_invoice_bucket "
            "SET refilled_at = refilled_at - make_interval(secs => %s) "
            "WHERE account_id = %s",
            (seconds, account.id),
        )

    def _due_triggers(self, lane):
        return self.env["ir.cron.trigger"].search(
            [("cron_id", "=", lane.id), ("call_at", "<=", fields.Datetime.now())]
        )

    def work(self, turns=12):
        """Run the lane until nothing is left, letting time pass between its turns."""
        documents = self.env["salon.invoice.document"]
        steps = self.env["salon.invoice.task"]
        mine = ("company_id", "=", self.company.id)
        for _turn in range(turns):
            self.run_lane()
            waiting = documents.search([mine, ("state", "in", ("waiting", "checking"))])
            todo = steps.search([mine, ("state", "in", ("todo", "doing"))])
            if not waiting and not todo:
                return
            # Enough for a PDF; more would outrun the tokens of Billingo v2.
            world = self.sandbox.world
            world.clock_offset = min(world.clock_offset + 2, 8)
            self.account.backoff_until = False
            self._pass_nap(self.account, 60)
            waiting.filtered("sent_at").sent_at = documents._now() - timedelta(hours=1)
            waiting.next_attempt = todo.next_attempt = documents._now()

    def issued(self):
        """Return the documents at the service, as its ledger lists them."""
        return self.sandbox.world.ledger()["documents"]

    def calls(self, operation=None):
        """Return the calls that reached the service."""
        calls = self.sandbox.world.ledger()["calls"]
        return [c for c in calls if operation in (None, c["operation"])]

    def fault(self, kind, **options):
        """Have the service misbehave; see ``python -m sandbox --help``."""
        self.sandbox.world.faults.add({"kind": kind, **options})
