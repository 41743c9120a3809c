from datetime import datetime, time, timedelta

from odoo import Command, api, fields, models
from odoo.tools import SQL

from ..billing.hungary import moment_of
from ..billing.invoice import AccountState, PaymentKind
from ..models.salon_invoice_account import ADDON
from . import month
from .books import Books
from .service import Service
from .till import Till

#: External id of the company; where it is, nothing is loaded once more.
COMPANY = f"{ADDON}.demo_company"
#: Who the salon is: like its customers' its tax number is of a tax office 00.
SALON = {
    "name": "Tükör Szalon Kft. (bemutató)",
    "vat": "99990048-2-00",
    "zip": "1055",
    "city": "Budapest",
    "street": "Minta körút 7.",
}
#: What the salon has answered: one word for each question that its sales ask.
ANSWERS = {
    "salon_which": "customer",
    "salon_tip": "outside",
    "salon_receipt_tip": "kept_off",
    "salon_voucher_sale": "skip",
    "salon_customer_account": "asked",
    "salon_walk_in_answer": "accepted",
    "salon_walk_in_postcode": SALON["zip"],
    "salon_walk_in_city": SALON["city"],
    "salon_walk_in_street": SALON["street"],
}
#: Shop -> its name, its service, the prefixes of its invoices and of its receipts.
SHOPS = {
    month.TOWN: ("Tükör Szalon, Belváros", "billingo", "BEL", "BELNY"),
    month.ISLAND: ("Tükör Szalon, Sziget", "szamlazz", "SZGET", "SZGNY"),
}
#: Way of paying -> name and kind; what is on the customer's account has no journal.
METHODS = {
    "card": ("Bankkártya", PaymentKind.CARD),
    "szep": ("SZÉP kártya", PaymentKind.SZEP_CARD),
    "transfer": ("Átutalás", PaymentKind.BANK_TRANSFER),
    "account": ("Vevői számla", PaymentKind.BANK_TRANSFER),
}
#: Product that is no plain sale -> what it is.
ROLES = {
    "gift": {"salon_role": "voucher", "salon_voucher_kind": "multi"},
    "pass": {"salon_role": "voucher", "salon_voucher_kind": "single"},
}


class SalonInvoiceDemo(models.AbstractModel):
    """The demonstration: a company that has sold for a month.

    Its documents are what the addon makes of its sales: what is frozen of them, what
    is built of that, what becomes of a refund is decided where it always is. Invented
    are ids, numbers and times of the services. The accounts are former ones, without a
    key or an address: nothing can be called, and nothing waits to be.

    Sales and sessions are written as closed, without entries of accounting, so that
    they need no chart of accounts. A reader starts at :meth:`_load`.
    """

    _name = "salon.invoice.demo"
    _description = "Demonstration of Salon Invoice Bridge"

    @api.model
    def _load(self):
        """Make the company with its month, unless it is there."""
        if self.env.ref(COMPANY, raise_if_not_found=False):
            return
        company = self._make_company()
        salon = self.with_company(company).with_context(
            allowed_company_ids=company.ids,
            lang=self._language(),
            tracking_disable=True,
            mail_activity_quick_update=True,  # nobody is written to
        )
        salon._fill(company)

    def _fill(self, company):
        """Let the company sell for a month, in its own name and language."""
        taxes = self._make_taxes(company)
        shop_of = self._make_shops(company)
        products = self._make_products(company, taxes)
        customers = self._make_customers(company)
        accounts = self._make_accounts(company)
        sales = self._make_sales(shop_of, products, customers)
        self.env.flush_all()
        service = Service(accounts)
        for order, visit in sales:
            if order.lines.refunded_orderline_id:
                service.take_back(order, visit)
            else:
                service.document(order, visit)
        today = self.env["salon.invoice.document"]._today()
        for account in accounts.values():
            Books(account, today).compare(today - timedelta(days=month.DAYS))
            account.state = AccountState.DISCONNECTED.value
        self._set_back(company)

    # === THE COMPANY === #

    def _language(self):
        """Return the language in which people read of the salon, where it is there."""
        installed = dict(self.env["res.lang"].get_installed())
        return "hu_HU" if "hu_HU" in installed else self.env.lang

    def _make_company(self):
        forint = self.env.ref("base.HUF")
        forint.active = True
        # Else Odoo loads a chart of accounts at the end of the transaction, wherever a
        # server is running, and deletes the journals that were sold with.
        companies = self.env["res.company"].with_context(chart_template_load=True)
        company = companies.create(
            {
                **SALON,
                **ANSWERS,
                "country_id": self.env.ref("base.hu").id,
                "currency_id": forint.id,
                "salon_send_email": False,
            }
        ).with_env(self.env)
        self._name_record("company", company)
        users = self.env["res.users"]
        for xmlid in ("base.user_admin", "base.user_demo"):
            users |= self.env.ref(xmlid, raise_if_not_found=False) or users
        users.write({"company_ids": [Command.link(company.id)]})
        return company

    def _name_record(self, name, record):
        self.env["ir.model.data"]._update_xmlids(
            [{"xml_id": f"{ADDON}.demo_{name}", "record": record, "noupdate": True}]
        )

    def _make_taxes(self, company):
        """Return ``{percent: account.tax}``, prices included."""
        hungary = company.country_id.id
        group = self.env["account.tax.group"].create(
            {"name": "ÁFA", "company_id": company.id, "country_id": hungary}
        )
        return {
            rate: self.env["account.tax"].create(
                {
                    "name": f"{rate}% (az árban)",
                    "amount": rate,
                    "amount_type": "percent",
                    "type_tax_use": "sale",
                    "price_include_override": "tax_included",
                    "company_id": company.id,
                    "country_id": hungary,
                    "tax_group_id": group.id,
                }
            )
            for rate in sorted({rate for _, _, rate, _ in month.PRODUCTS.values()})
        }

    def _make_products(self, company, taxes):
        """Return ``{key: product.product}``."""
        common = {
            "type": "service",
            "available_in_pos": True,
            "company_id": company.id,
            "supplier_taxes_id": False,
        }
        category = self.env["pos.category"].create({"name": "Tükör Szalon"})
        made = {
            key: self.env["product.product"].create(
                {
                    "name": name,
                    "list_price": price,
                    "taxes_id": [Command.set(taxes[rate].ids)],
                    "pos_categ_ids": [Command.set(category.ids)],
                    **common,
                    **ROLES.get(key, {}),
                }
            )
            for key, (name, price, rate, _weight) in month.PRODUCTS.items()
        }
        made["tip"] = self.env["product.product"].create(
            {
                "name": "Borravaló",
                "list_price": 0,
                "taxes_id": False,
                "salon_role": "tip",
                **common,
            }
        )
        shops = self.env["pos.config"].search([("company_id", "=", company.id)])
        shops.write({"iface_tipproduct": True, "tip_product_id": made["tip"].id})
        return made

    def _make_shops(self, company):
        """Return ``{shop: pos.config}``, each with its own cash."""
        bank = self._make_journal(company, "Bank", "bank", "DBANK")
        methods = self.env["pos.payment.method"].create(
            [
                {
                    "name": name,
                    "company_id": company.id,
                    "journal_id": way != "account" and bank.id,
                    "split_transactions": way == "account",
                    "salon_payment_kind": kind.value,
                }
                for way, (name, kind) in METHODS.items()
            ]
        )
        self._make_journal(company, "Eladások", "sale", "DINV")
        shops = {}
        for number, (shop, (name, *_rest)) in enumerate(SHOPS.items(), 1):
            journal = self._make_journal(
                company, f"Kassza {number}", "cash", f"DK{number}"
            )
            cash = self.env["pos.payment.method"].create(
                {
                    "name": f"Készpénz, {name.rpartition(' ')[2]}",
                    "company_id": company.id,
                    "journal_id": journal.id,
                }
            )
            shops[shop] = self.env["pos.config"].create(
                {
                    "name": name,
                    "company_id": company.id,
                    "payment_method_ids": [Command.set((cash | methods).ids)],
                }
            )
        return shops

    def _make_journal(self, company, name, kind, code):
        """Return a journal that needs no chart of accounts."""
        values = {"name": name, "type": kind, "code": code, "company_id": company.id}
        if kind != "sale":
            account = self.env["account.account"].create(
                {
                    "name": name,
                    "code": f"38{code}",
                    "account_type": "asset_cash",
                    "company_ids": [Command.set(company.ids)],
                }
            )
            values["default_account_id"] = account.id
        return self.env["account.journal"].create(values)

    def _make_customers(self, company):
        """Return ``{key: res.partner}``."""
        return {
            key: self.env["res.partner"].create(
                {
                    "name": name,
                    "is_company": bool(vat),
                    "vat": vat,
                    "zip": postcode,
                    "city": city,
                    "street": street,
                    "email": f"{key}@example.com",
                    "country_id": company.country_id.id,
                    "company_id": company.id,
                    "lang": self.env.lang,
                }
            )
            for key, (name, vat, postcode, city, street) in month.CUSTOMERS.items()
        }

    def _make_accounts(self, company):
        """Return ``{shop: salon.invoice.account}``: former ones that have no key.

        They are *retired* until the month is there: what came back is decided of an
        account that is, and nothing is ever sold through such a one.
        """
        since = fields.Datetime.now() - timedelta(days=month.DAYS + 5)
        accounts = {}
        for shop, (_name, service, prefix, receipts) in SHOPS.items():
            account = self.env["salon.invoice.account"].create(
                {
                    "provider": service,
                    "company_id": company.id,
                    "state": AccountState.RETIRED.value,
                    "tax_number": company.vat,
                    "connected_at": since,
                    "verified_at": since,
                    "database_uuid": self.env["salon.invoice.account"]._database_here(),
                }
            )
            if account.block_listed:
                self.env["salon.invoice.choice"].create(
                    [
                        {
                            "account_id": account.id,
                            "kind": kind,
                            "remote_id": name,
                            "name": name,
                            "detail": name,
                        }
                        for kind, name in (
                            ("block", prefix),
                            ("receipt_block", receipts),
                        )
                    ]
                )
            account.write({"block": prefix, "receipt_block": receipts})
            accounts[shop] = account
        return accounts

    # === ITS SALES === #

    def _make_sales(self, shops, products, customers):
        """Return the orders with their :class:`month.Visit`, in the order of time."""
        visits = month.visits()
        sessions = self._make_sessions(shops, visits)
        till = Till(self.env, products, customers)
        sold = self.env["pos.order"].create(
            [
                {
                    **till.sale(visit, sessions[visit.shop, visit.ago]),
                    "date_order": self._moment(visit.ago, visit.minute),
                }
                for visit in visits
            ]
        )
        sales = list(zip(sold, visits, strict=True))
        returned = [(order, visit) for order, visit in sales if visit.back]
        back = self.env["pos.order"].create(
            [
                {
                    **till.refund(order, visit, sessions[visit.shop, visit.back_on]),
                    # Ten minutes later if it is on the same day.
                    "date_order": self._moment(visit.back_on, visit.minute + 10),
                }
                for order, visit in returned
            ]
        )
        sales += [
            (order, visit) for order, (_sale, visit) in zip(back, returned, strict=True)
        ]
        for order in sold | back:
            order.name = order._compute_order_name()
        (sold | back).write({"state": "done"})
        self._link_passes(sold)
        return sorted(sales, key=lambda sale: (sale[0].date_order, sale[0].id))

    def _make_sessions(self, shops, visits):
        """Return ``{(shop, days ago): pos.session}``, closed in the evening."""
        days = {(visit.shop, visit.ago) for visit in visits}
        days |= {(visit.shop, visit.back_on) for visit in visits if visit.back}
        days = sorted(days, key=lambda day: (-day[1], day[0]))
        # Odoo's own word for sessions that are written, not opened.
        written = self.env["pos.session"].with_context(onboarding_creation=True)
        sessions = written.create(
            [
                {
                    "config_id": shops[shop].id,
                    "user_id": self.env.ref("base.user_admin").id,
                    "name": f"{shops[shop].name}/{month.DAYS - ago + 1:05d}",
                    "start_at": self._moment(ago, 7 * 60 + 30),
                    "stop_at": self._moment(ago, 20 * 60),
                    "state": "closed",
                }
                for shop, ago in days
            ]
        )
        return dict(zip(days, sessions, strict=True))

    def _moment(self, ago, minute):
        """Return a minute of a day in Hungary, in UTC.

        :param int ago: days before today
        """
        day = self.env["salon.invoice.document"]._today() - timedelta(days=ago)
        return moment_of(datetime.combine(day, time(minute // 60, minute % 60)))

    def _link_passes(self, orders):
        """Link the lines that use a pass to that by which it was sold."""
        passes = orders.lines.filtered(
            lambda line: line.product_id.salon_voucher_kind == "single"
        )
        used = passes.filtered(lambda line: line.qty < 0)
        sold = (passes - used)[:1]
        used._salon_write_protected({"salon_settles_id": sold.id})

    def _set_back(self, company):
        """Set the times at which all was written to those at which it would have been.

        The ORM writes these columns by itself.
        """
        self.env.flush_all()
        for table, moment in (
            ("pos_order", "date_order"),
            ("salon_invoice_document", "COALESCE(issued_at, sold_at)"),
        ):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET create_date = %s WHERE company_id = %s",
                    SQL.identifier(table),
                    SQL(moment),  # pylint: disable=sql-injection
                    company.id,
                )
            )
        self.env.invalidate_all()
