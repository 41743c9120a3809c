"""Two companies in one database: neither touches, reads or pays for the other's.

What is generated from the registry is in ``test_other_company``; here are the ways in
that need a story.
"""

from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, mute_logger

from ..billing.problem import Problem
from ..worker import protocol
from ..worker.express import FRESH, WORKING
from .other_company import OtherCompanyCase


class TestForeignRefund(OtherCompanyCase):
    """A refund that names a sale of another company."""

    def setUp(self):
        super().setUp()
        self.sale = self.sell([(self.haircut, 1)], customer=self.customer)
        self.run_lane()
        self.invoice = self.sale.salon_document_id
        self.assertEqual(self.invoice.state, "issued")
        self.line = {
            "refunded_orderline_id": self.sale.lines.id,
            "qty": -1,
            "price_unit": 8900,
            "price_subtotal": -7008,
            "price_subtotal_incl": -8900,
        }

    def check_untouched(self, order):
        """Nothing of A's has changed, and B's people have a row that they understand.

        :param order: of B, the refund
        """
        before = len(self.issued())
        self.run_lanes()
        self.assertEqual(len(self.issued()), before)
        self.assertEqual(self.rows(self.sale), [("invoice", "issued")])
        self.assertFalse(self.invoice.follow_up_ids)
        self.assertFalse(self.sale._salon_return_orders())
        (row,) = order.salon_document_ids
        self.assertEqual(row.account_id, self.other_account)
        self.assertEqual((row.company_id, row.state), (self.other, "attention"))
        self.assertRegex(row.problem, "another company|másik vállalathoz")
        self.assertNotIn(self.invoice.number, row.problem)
        self.assertFalse(row.origin_id | row.follow_up_ids)
        return row

    def test_generated_by_hand(self):
        order = self.strange_sale([self.line])
        order.with_env(self.as_stranger("receptionist")).action_salon_generate()
        self.check_untouched(order)

    def test_paid_in_the_form(self):
        order = self.strange_sale([self.line], state="draft")
        mine = order.with_env(self.as_stranger("receptionist"))
        mine.action_pos_order_paid()
        self.check_untouched(order)

    def test_written_as_paid_and_left_to_the_sweep(self):
        order = self.strange_sale([self.line], state="draft")
        order.with_env(self.as_stranger("receptionist")).write({"state": "paid"})
        self.run_cron("cron_sweep")
        self.check_untouched(order)

    def test_created_as_paid_and_left_to_the_sweep(self):
        order = self.strange_sale([self.line])
        self.run_cron("cron_sweep")
        self.check_untouched(order)

    def test_paid_online(self):
        """What is paid as superuser is not refused: it is paid, and a person looks."""
        order = self.strange_sale([self.line], state="draft")
        order.action_pos_order_paid()
        self.assertEqual(order.state, "paid")
        self.check_untouched(order)

    def test_a_retry_changes_nothing(self):
        order = self.strange_sale([self.line])
        self.run_cron("cron_sweep")
        for role in ("receptionist", "manager", "accountant"):
            document = order.salon_document_ids.with_env(self.as_stranger(role))
            document.action_retry()
            self.check_untouched(order)

    def test_a_person_settles_it(self):
        order = self.strange_sale([self.line])
        self.run_cron("cron_sweep")
        document = order.salon_document_ids.with_env(self.as_stranger("manager"))
        document._settle(note="Elírás")
        self.assertEqual(order.salon_document_ids.state, "skipped")
        order.with_env(self.as_stranger("receptionist")).action_salon_generate()
        self.assertEqual(self.rows(order), [("refund", "skipped")])

    def test_an_exchange_with_another_companys_line(self):
        order = self.strange_sale([self.line, {}])
        self.run_cron("cron_sweep")
        self.check_untouched(order)

    def test_with_a_wish_for_odoos_invoice(self):
        order = self.strange_sale([self.line], to_invoice=True)
        told = ""
        try:
            order.with_env(self.as_stranger("manager")).action_pos_order_invoice()
        except UserError as error:
            told = str(error)
        self.assertNotIn(self.invoice.number, told)
        self.assertNotIn(self.customer.name, told)

    def test_our_own_refund_counts_alone(self):
        self.strange_sale([self.line])
        self.run_cron("cron_sweep")
        refund = self.refund(self.sale)
        self.run_lane()
        self.assertEqual(self.rows(refund), [("storno", "issued")])


class TestForeignRecords(OtherCompanyCase):
    """An order of B that names other things of A."""

    def setUp(self):
        super().setUp()
        self.customer.company_id = self.company
        self.haircut.product_tmpl_id.company_id = self.company

    def check_a_person_looks(self, order):
        """B's people see a problem, and nothing of A's is written down for them."""
        self.run_cron("cron_sweep")
        before = len(self.issued())
        self.run_lanes()
        self.assertEqual(len(self.issued()), before)
        (row,) = order.salon_document_ids
        self.assertEqual(row.account_id, self.other_account)
        self.assertEqual((row.company_id, row.state), (self.other, "attention"))
        told = (
            f"{row.problem} {row.sale_snapshot} {row.invoice_values} {row.buyer_name}"
        )
        self.assertNotIn(self.customer.name, told)
        self.assertNotIn(self.customer.email, told)
        row.with_env(self.as_stranger("receptionist")).action_retry()
        self.run_lanes()
        self.assertEqual(len(self.issued()), before)
        self.assertEqual(row.state, "attention")

    def test_their_customer(self):
        self.check_a_person_looks(self.strange_sale([{}], partner_id=self.customer.id))

    def test_a_contact_of_their_company(self):
        self.business.company_id = self.company
        contact = self.customer.copy({"parent_id": self.business.id})
        contact.company_id = False
        self.check_a_person_looks(self.strange_sale([{}], partner_id=contact.id))

    def test_the_private_address_that_they_keep_of_a_common_customer(self):
        common = self.business
        common.child_ids = [
            (0, 0, {"type": "invoice", "name": "Titkos", "city": "Titkosfalva"})
        ]
        common.child_ids.company_id = self.company
        order = self.strange_sale([{}], partner_id=common.id)
        self.assertEqual(order._salon_snapshot_buyer()["city"], "Sopron")

    def test_their_product(self):
        self.check_a_person_looks(self.strange_sale([{"product_id": self.haircut.id}]))

    def test_their_tax(self):
        order = self.strange_sale([{}])
        order.lines.tax_ids = self.tax_27
        self.check_a_person_looks(order)

    def test_their_payment_method(self):
        order = self.strange_sale([{}])
        self.env.flush_all()
        # Odoo refuses it where it is written, but for raw SQL and its own tills' data.
        self.env.cr.execute(
            "UPDATE pos_payment SET payment_method_id = %s WHERE id IN %s",
            [self.cash.id, tuple(order.payment_ids.ids)],
        )
        self.env.invalidate_all()
        self.check_a_person_looks(order)

    def test_their_till(self):
        order = self.strange_sale([{}], config_id=self.config.id)
        self.assertEqual(order.config_id, self.config)
        self.check_a_person_looks(order)

    def test_their_session(self):
        order = self.strange_sale([{}], state="draft")
        order.with_env(self.as_stranger("receptionist")).write(
            {"session_id": self.session.id, "state": "paid"}
        )
        self.check_a_person_looks(order)

    def test_their_document(self):
        sale = self.sell([(self.mens_cut, 1)])
        self.run_lane()
        order = self.strange_sale([{}], salon_document_id=sale.salon_document_id.id)
        self.assertFalse(order.salon_document_id)
        self.run_cron("cron_sweep")
        self.assertEqual(order.salon_document_id.company_id, self.other)

    def test_their_line_in_a_form(self):
        """A line that is only asked about tells nothing of the sale that it names."""
        self.customer.email = "titkos@example.com"
        sale = self.sell([(self.mens_cut, 1)], customer=self.customer)
        self.run_lane()
        names = [
            name
            for name, field in sale.lines._fields.items()
            if name.startswith("salon_") and not field.relational
        ]
        lines = self.as_stranger("receptionist")["pos.order.line"]
        forms = (
            {"order_id": sale.id},
            {"salon_settles_id": sale.lines.id},
            {"salon_settled_by_ids": [(4, sale.lines.id)]},
            {"refund_orderline_ids": [(4, sale.lines.id)]},
        )
        # Of what has changed in a form, and of all of one that is opened.
        for values, changed in ((form, one) for form in forms for one in (form, ())):
            spec = {name: {} for name in (*names, *values)}
            if "salon_settles_id" in values:
                spec["salon_settles_id"] = {"fields": {"display_name": {}}}
            try:
                told = lines.onchange(dict(values), list(changed), spec)
            except AccessError:
                continue
            for secret in (
                self.customer.name,
                sale.pos_reference,
                sale.salon_invoice_number,
                self.mens_cut.name,
                f"{sale.amount_total:.0f}",
            ):
                self.assertNotIn(secret, str(told), values)


class TestForeignDeposit(OtherCompanyCase):
    """Lines of B that name a deposit of A, or a sale of A that has taken it off."""

    def setUp(self):
        super().setUp()
        self.deposit = self._make_product("Foglaló", 10000, self.tax_27)
        self.deposit.salon_role = "deposit"
        self.sold = self.sell([(self.deposit, 1)], customer=self.customer).lines
        self.run_lane()
        self.assertEqual(self.sold.order_id.salon_document_id.state, "issued")

    def use(self):
        """Take the whole deposit off a haircut of 25,000 Ft of A."""
        off = {"price_unit": -10000, "salon_deposit_line": self.sold.id}
        lines = [(self.haircut, 1, {"price_unit": 25000}), (self.deposit, 1, off)]
        return self.sell(lines, customer=self.customer)

    def strange_return(self, line, price):
        """Have B's receptionist take back a line of A, at a price."""
        return self.strange_sale(
            [
                {
                    "refunded_orderline_id": line.id,
                    "qty": -1,
                    "price_unit": price,
                    "price_subtotal": -price,
                    "price_subtotal_incl": -price,
                }
            ]
        )

    def test_what_they_give_back_takes_nothing_off_it(self):
        self.strange_return(self.sold, 10000)
        self.assertEqual(self.sold.salon_deposit_left, 10000)
        order = self.use()
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.state, "issued", document.problem)

    def test_what_they_give_back_lets_it_be_used_no_second_time(self):
        order = self.use()
        self.run_lane()
        self.strange_return(order.lines[1], -10000)
        self.sold.invalidate_recordset()
        self.assertEqual(self.sold.salon_deposit_left, 0)
        again = self.use()
        self.run_lane()
        self.assertEqual(again.salon_document_id.state, "attention")

    def test_a_default_of_theirs_links_no_line(self):
        env = self.as_stranger("receptionist")
        forged = {
            "default_salon_settles_id": self.sold.id,
            "default_salon_forfeited_at": "2026-01-01 00:00:00",
        }
        orders = env["pos.order"].with_context(**forged)
        order = orders.create(self.strange_order([{}]))
        lines = env["pos.order.line"].with_context(**forged)
        (_create, _id, values) = self.strange_order([{}])["lines"][0]
        lines.create({**values, "order_id": order.id})
        used = {"default_salon_settled_by_ids": [(4, self.sold.id)]}
        with self.assertRaises(AccessError):
            lines.with_context(**used).create({**values, "order_id": order.id})
        order = order.with_env(self.env)
        self.assertFalse(order.lines.salon_settles_id)
        self.assertFalse(order.lines.salon_settled_by_ids)
        self.assertFalse(any(order.lines.mapped("salon_forfeited_at")))
        self.assertFalse(self.sold.salon_settled_by_ids)

    def test_a_default_of_theirs_gives_a_sale_no_document(self):
        document = self.sold.order_id.salon_document_id
        env = self.as_stranger("receptionist")
        orders = env["pos.order"].with_context(default_salon_document_id=document.id)
        try:
            order = orders.create(self.strange_order([{}])).with_env(self.env)
        except AccessError:
            return
        self.assertFalse(order.salon_document_id)


class TestMoves(OtherCompanyCase):
    """What is somebody's stays theirs."""

    def setUp(self):
        super().setUp()
        self.sale = self.sell([(self.haircut, 1)])
        self.run_lane()
        self.order = self.strange_sale([{}])

    def test_an_order_is_not_moved_into_another_company(self):
        for role in ("receptionist", "manager", "admin"):
            order = self.order.with_env(self.as_stranger(role))
            with self.assertRaises(AccessError, msg=role):
                order.write(
                    {
                        "company_id": self.company.id,
                        "session_id": self.session.id,
                        "config_id": self.config.id,
                    }
                )

    def test_nor_are_its_lines_and_payments(self):
        order = self.order.with_env(self.as_stranger("manager"))
        with self.assertRaises(AccessError):
            order.lines.write({"order_id": self.sale.id})
        order = self.order.with_env(self.as_stranger("manager"))
        with self.assertRaises(AccessError):
            order.payment_ids.write({"pos_order_id": self.sale.id})

    def test_a_sale_with_a_document_is_moved_by_nobody(self):
        with self.assertRaises(ValidationError):
            self.sale.company_id = self.other

    def test_an_account_is_not_given_the_lane_of_another_one(self):
        admin = self.as_stranger("admin")
        mine = self.other_account.with_env(admin)
        lane = self.account.cron_id
        with self.assertRaises(AccessError):
            mine.cron_id = lane.id
        values = {"company_id": self.other.id, "provider": "billingo"}
        with self.assertRaises(AccessError):
            mine.create({**values, "cron_id": lane.id})
        self.assertNotEqual(self.other_account.cron_id, lane)

    def test_an_account_stays_with_its_company(self):
        account = self.other_account.with_env(self.as_stranger("admin"))
        with self.assertRaises(UserError):
            account.write({"company_id": self.company.id})
        with self.assertRaises(UserError):
            self.account.company_id = self.other

    def test_a_document_has_no_account_nor_original_of_another_company(self):
        document = self.sale.salon_document_id
        with self.assertRaises(ValidationError):
            document.account_id = self.other_account
        with self.assertRaises(ValidationError):
            document.order_id = self.order
        values = {"order_id": self.order.id, "company_id": self.other.id}
        ours = {"origin_id": document.id, "account_id": self.other_account.id}
        for more in ({}, ours):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
                document.copy({**values, **more})

    def test_postgresql_says_so_as_well(self):
        document = self.sale.salon_document_id
        for column, theirs in (
            ("account_id", self.other_account.id),
            ("company_id", self.other.id),
        ):
            with (
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(
                    SQL(
                        "UPDATE salon_invoice_document SET %s = %s WHERE id = %s",
                        SQL.identifier(column),
                        theirs,
                        document.id,
                    )
                )

    def test_what_is_mixed_is_refused_wherever_it_is_asked(self):
        """The rule is written three times, for what each costs: here they agree."""
        self.run_cron("cron_sweep")
        theirs = self.order.salon_document_id
        theirs.next_attempt += timedelta(hours=1)
        document = self.sell([(self.mens_cut, 1)]).salon_document_id
        self.env.flush_all()
        for name in ("account_of_company", "origin_of_company"):  # it is damaged
            name = SQL.identifier(f"salon_invoice_document_{name}")
            self.env.cr.execute(
                SQL("ALTER TABLE salon_invoice_document DROP CONSTRAINT %s", name)
            )
        self.assertEqual(self.refusals(document), [False] * 3)
        for record, column, foreign in (
            (document.order_id, "company_id", self.other),
            (document, "account_id", self.other_account),
            (document, "origin_id", theirs),
        ):
            with self.subTest(column=column), self.env.cr.savepoint() as savepoint:
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET %s = %s WHERE id = %s",
                        SQL.identifier(record._table),
                        SQL.identifier(column),
                        foreign.id,
                        record.id,
                    )
                )
                self.env.invalidate_all()
                self.assertEqual(self.refusals(document), [True] * 3)
                savepoint.rollback()
            self.env.invalidate_all()

    def refusals(self, document):
        """Return whether each of the three who ask refuses the document."""
        refused = []
        for check in (document._check_companies, document._check_companies_here):
            try:
                check()
                refused.append(False)
            except Problem:
                refused.append(True)
        due = protocol.next_due(
            self.env.cr,
            document.account_id.id,
            document._now(),
            working=WORKING,
            fresh=FRESH,
            longest_backoff=self.account._longest_backoff(),
        )
        self.assertEqual(due.id, document.id)
        return [*refused, not due.is_plain]

    def test_the_lane_asks_once_more_before_each_call(self):
        """A row that is mixed all the same (a damaged database) becomes a person's."""
        self.run_cron("cron_sweep")
        row = self.order.salon_document_ids
        self.env.flush_all()
        before = len(self.calls())
        self.env.cr.execute(
            "UPDATE pos_order SET company_id = %s WHERE id = %s",
            [self.company.id, self.order.id],
        )
        self.env.invalidate_all()
        self.run_lane(self.other_account)
        self.assertEqual(row.state, "attention")
        self.assertEqual(len(self.calls()), before)
        self.assertRegex(row.problem, "of one company|egyetlen vállalathoz")

    def test_the_lane_asks_before_each_step(self):
        self.run_cron("cron_sweep")
        self.run_lane(self.other_account)
        row = self.order.salon_document_ids
        self.assertEqual(row.state, "issued")
        row._plan_task("email", {"emails": ["x@example.com"]})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE pos_order SET company_id = %s WHERE id = %s",
            [self.company.id, self.order.id],
        )
        self.env.invalidate_all()
        before = len(self.calls())
        self.run_lane(self.other_account)
        self.assertEqual(self.step(row, "email").state, "failed")
        self.assertEqual(len(self.calls()), before)


class TestSettings(OtherCompanyCase):
    """Settings of B that name an account of A, and settings of A."""

    def test_a_company_sells_through_its_own_account(self):
        company = self.other.with_env(self.as_stranger("admin"))
        with self.assertRaises(AccessError) as caught:
            company.write({"salon_account_id": self.account.id})
        self.assertNotIn(self.account.name, str(caught.exception))
        with self.assertRaises(ValidationError):
            self.other.salon_account_id = self.account

    def test_a_shop_sells_through_its_own_companys_account(self):
        for role in ("manager", "admin"):
            config = self.other_config.with_env(self.as_stranger(role))
            with self.assertRaises(AccessError) as caught:
                config.write({"salon_account_id": self.account.id})
            self.assertNotIn(self.account.name, str(caught.exception))
        with self.assertRaises(UserError):
            self.other_config.salon_account_id = self.account

    def test_an_administrator_changes_the_policy_of_their_own_companies(self):
        with self.assertRaises(AccessError):
            self.company.with_env(self.as_stranger("admin")).write(
                {"salon_automatic": False}
            )

    def test_a_company_that_was_not_given(self):
        """A context may name any company: Odoo asks whether the user works there."""
        env = self.as_stranger("admin")
        for model in ("salon.invoice.document", "salon.invoice.account"):
            records = env[model].with_context(allowed_company_ids=self.company.ids)
            with self.assertRaises(AccessError):
                records.search([]).read()
        wizards = env["salon.invoice.connect"]
        with self.assertRaises(AccessError):
            wizards.with_context(allowed_company_ids=self.company.ids).create({})
        with self.assertRaises(AccessError):
            wizards.with_context(default_company_id=self.company.id).create({})


class TestBranch(OtherCompanyCase):
    """A branch sells its parent's products at its taxes, through its own account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create(
            {"name": "Fióküzlet", "parent_id": cls.company.id}
        )
        cls.env.user.company_ids |= cls.branch

    def branch_order(self, **values):
        return self.env["pos.order"].new(
            {
                "company_id": self.branch.id,
                "lines": [
                    (0, 0, {"product_id": self.haircut.id, "tax_ids": self.tax_27.ids})
                ],
                "partner_id": self.customer.id,
                **values,
            }
        )

    def test_it_uses_its_parents_customers_products_and_taxes(self):
        self.customer.company_id = self.company
        self.haircut.product_tmpl_id.company_id = self.company
        self.assertFalse(self.branch_order()._salon_names_foreign())

    def test_a_parent_does_not_use_its_branchs(self):
        self.haircut.product_tmpl_id.company_id = self.branch
        order = self.sell([(self.mens_cut, 1)])
        self.assertFalse(order._salon_names_foreign())
        order.lines.product_id = self.haircut
        self.assertTrue(order._salon_names_foreign())

    def test_it_has_an_account_of_its_own(self):
        with self.assertRaises(ValidationError):
            self.branch.salon_account_id = self.account
        shops = self.env["pos.config"].with_company(self.branch)
        shop = shops.create({"name": "Fiók", "payment_method_ids": False})
        self.assertEqual(shop.company_id, self.branch)
        self.assertFalse(shop._salon_till_settings().account)
        with self.assertRaises(UserError):
            shop.salon_account_id = self.account

    def test_a_refund_of_its_parents_sale_is_a_persons(self):
        sale = self.sell([(self.haircut, 1)])
        line = {"product_id": self.haircut.id, "refunded_orderline_id": sale.lines.id}
        order = self.branch_order(lines=[(0, 0, line)])
        self.assertTrue(order._salon_names_foreign())
        self.assertFalse(order._salon_returned_order())
