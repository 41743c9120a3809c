from datetime import timedelta

from odoo import fields, models
from odoo.tools import config, format_amount, format_date, format_datetime

from ..billing import vat
from ..providers import registry
from .salon_invoice_readiness import Check

#: A document that waits longer than this deserves a look.
LATE = timedelta(minutes=15)
#: One that waits longer than this is late by any standard.
TOO_LATE = timedelta(days=1)
#: Days after a sale by which the law wants its invoice (VAT Act 163).
INVOICE_DAYS = 8
#: Background jobs that have not run for this long do not run.
SILENT = timedelta(hours=1)


class SalonInvoiceReadinessSalon(models.Model):
    """The checks about the salon's own settings, and about what is going on."""

    _inherit = "salon.invoice.account"

    # === THE SALON === #

    def _checks_of_salon(self):
        shops = self._shops().filtered("active")
        return [
            self._ready_policy(shops),
            self._ready_branches(),
            self._ready_defaults(),
            self._ready_company(),
            self._ready_walk_in(),
            self._ready_taxes(),
            self._ready_exemption(),
            self._ready_vouchers(),
            self._ready_payment_methods(shops),
            self._ready_currency(shops),
            self._ready_self_service(),
            self._ready_l10n_hu_edi(),
        ]

    def _ready_policy(self, shops):
        company = self.company_id
        title = self.env._("Invoice mode")
        fix = ("action_change_settings", self.env._("Change"))
        if not company.salon_invoice_capable:
            text = self.env._("The company is set up as not allowed to issue invoices.")
            return Check("policy", "bad", title, text, *fix)
        kind = self._label_of("salon_kind")
        if company.salon_kind == "draft":
            kind = self.env._("Draft, which somebody finalizes at the service or here")
        if company.salon_automatic:
            text = self.env._(
                "Automatic. %(sales)s: %(kind)s.",
                sales=self._label_of("salon_which"),
                kind=kind,
            )
        else:
            text = self.env._(
                "By hand: somebody presses Generate invoice. %(kind)s.", kind=kind
            )
        own = [
            shop.name
            for shop in shops
            if shop.salon_mode or shop.salon_which or shop.salon_kind
        ]
        if own:
            text += " " + self.env._("Otherwise in: %(shops)s.", shops=", ".join(own))
        if told := self._warn_of_kind(self.provider, company.salon_kind or ""):
            return Check("policy", "warning", title, f"{text} {told}", *fix)
        return Check("policy", "ok", title, text, *fix)

    def _ready_branches(self):
        company = self.company_id
        branches = self.env["res.company"].search(
            [("id", "child_of", company.id), ("id", "!=", company.id)]
        )
        shops = branches._salon_shops().filtered(
            lambda shop: shop.active and not shop._salon_policy().account
        )
        if not shops:
            return None
        text = self.env._(
            "Sales are not invoiced in: %(shops)s. They belong to branches, and a "
            "branch has an account of its own: switch to the branch and connect its "
            "invoicing service there.",
            shops=", ".join(f"{shop.name} ({shop.company_id.name})" for shop in shops),
        )
        return Check("branches", "warning", self.env._("Branches"), text)

    def _label_of(self, name):
        field = self.company_id._fields[name]
        labels = dict(field._description_selection(self.env))
        return labels.get(self.company_id[name], "")

    def _ready_defaults(self):
        text = self.env._(
            "VAT %(vat)s for products without a tax, %(payment)s for payment methods "
            "without a kind.",
            vat=self._label_of("salon_default_vat"),
            payment=self._label_of("salon_default_payment_kind"),
        )
        fix = ("action_change_settings", self.env._("Change"))
        return Check("defaults", "ok", self.env._("Defaults"), text, *fix)

    def _ready_company(self):
        company = self.company_id
        title = self.env._("Company data")
        missing = [
            label
            for name, label in (
                ("vat", self.env._("tax number")),
                ("zip", self.env._("postcode")),
                ("city", self.env._("town")),
                ("street", self.env._("street")),
            )
            if not company[name]
        ]
        if missing:
            text = self.env._(
                "Missing: %(what)s. Invoices are issued in this company's name.",
                what=", ".join(missing),
            )
            fix = ("action_open_company", self.env._("Complete the company"))
            return Check("company", "warning", title, text, *fix)
        return Check("company", "ok", title, self.env._("Complete."))

    def _ready_walk_in(self):
        if not self._capabilities().persistent_partners:
            return None
        company = self.company_id
        title = self.env._("Walk-in customers")
        parts = (
            company.salon_walk_in_postcode,
            company.salon_walk_in_city,
            company.salon_walk_in_street,
        )
        if all(parts):
            return Check("walk_in", "ok", title, " ".join(parts))
        text = self.env._(
            "The service wants an address for every buyer: set the one for customers "
            "who leave none."
        )
        fix = ("action_change_settings", self.env._("Set it"))
        return Check("walk_in", "bad", title, text, *fix)

    def _till_taxes(self):
        """Return the taxes of the till's products."""
        # A branch sells its parents' products, at their taxes.
        companies = self.company_id.parent_ids
        groups = self.env["product.template"]._read_group(
            [
                ("available_in_pos", "=", True),
                ("company_id", "in", (False, *companies.ids)),
            ],
            ["taxes_id"],
        )
        taxes = self.env["account.tax"].union(*(tax for (tax,) in groups))
        return taxes.filtered(lambda tax: tax.company_id in companies)

    def _unmapped_taxes(self):
        """Return the taxes of the till's products that an invoice has no word for."""
        knows = registry.get(self.provider).knows_vat
        return self._till_taxes().filtered(
            lambda tax: not (tax._salon_vat() and knows(tax._salon_vat()))
        )

    def _ready_exemption(self):
        """Tell that an exempt company (AAM) sells with taxes that charge VAT."""
        company = self.company_id
        charging = self._till_taxes().filtered(
            lambda tax: tax._salon_vat() and vat.rate(tax._salon_vat())
        )
        if company.salon_default_vat != "AAM" or not charging:
            return None
        title = self.env._("Exempt from VAT (AAM)")
        named = {
            "taxes": ", ".join(charging.mapped("name")),
            "date": self._day(company.salon_vat_answered_on),
        }
        fix = ("action_open_salon_settings", self.env._("Say which is right"))
        if not company.salon_vat_answer:
            text = self.env._(
                "The default VAT is AAM, but products of the till have taxes that "
                "charge VAT: %(taxes)s. Their sales are not invoiced until you say "
                "which is right.",
                taxes=named["taxes"],
            )
            return Check("exemption", "bad", title, text, *fix)
        if company.salon_vat_answer == "exempt":
            text = self.env._(
                "By your decision of %(date)s invoices say AAM, though products of the "
                "till still have: %(taxes)s. Take these taxes off the products, so "
                "that receipts and reports say the same.",
                **named,
            )
            return Check("exemption", "warning", title, text, *fix)
        text = self.env._(
            "By your decision of %(date)s invoices charge VAT by: %(taxes)s.", **named
        )
        return Check("exemption", "info", title, text, *fix)

    def _ready_vouchers(self):
        """Ask once what the vouchers are that the till sells."""
        company = self.company_id
        products = self.env["product.product"].search(
            [
                ("salon_role", "=", "voucher"),
                ("available_in_pos", "=", True),
                ("company_id", "in", (False, *company.parent_ids.ids)),
            ]
        )
        products |= self.env["pos.order.line"]._salon_prepaid_products()
        if not products:
            return None
        title = self.env._("Vouchers")
        fix = ("action_open_salon_settings", self.env._("Say what they are"))
        if not company.salon_voucher_sale:
            text = self.env._(
                "The till sells vouchers: %(products)s. Can one be used only for what "
                "carries one VAT rate? Then it is single-purpose, and VAT is due when "
                "it is sold. Ask your accountant, and say it in the settings: until "
                "then sales with vouchers are not invoiced.",
                products=", ".join(products.mapped("display_name")),
            )
            return Check("vouchers", "bad", title, text, *fix)
        text = self.env._(
            "%(answer)s (said on %(date)s).",
            answer=self._label_of("salon_voucher_sale"),
            date=self._day(company.salon_voucher_answered_on),
        )
        return Check("vouchers", "ok", title, text, *fix)

    def _day(self, day):
        """Return a Date as the reader writes it, without the dot that may end it."""
        return format_date(self.env, day).rstrip(".") if day else "?"

    def _ready_taxes(self):
        title = self.env._("VAT codes")
        taxes = self._unmapped_taxes()
        if not taxes:
            text = self.env._("Every tax on the till's products has its code.")
            return Check("taxes", "ok", title, text)
        coded = taxes.filtered(lambda tax: tax._salon_vat())
        texts = []
        if taxes - coded:
            text = self.env._(
                "No code for invoices on: %(taxes)s. A sale with one of them stops and "
                "waits for you.",
                taxes=", ".join((taxes - coded).mapped("name")),
            )
            texts.append(text)
        if coded:
            text = self.env._(
                "%(service)s has no word for the code of: %(taxes)s. A sale with one "
                "of them stops and waits for you.",
                service=registry.get(self.provider).name,
                taxes=", ".join(f"{tax.name} ({tax.salon_vat})" for tax in coded),
            )
            texts.append(text)
        return Check(
            "taxes",
            "bad",
            title,
            " ".join(texts),
            "action_open_taxes",
            self.env._("Set the codes"),
        )

    def _ready_payment_methods(self, shops):
        title = self.env._("Payment methods")
        methods = shops.payment_method_ids
        fix = ("action_open_payment_methods", self.env._("Set what is printed"))
        unmapped = methods.filtered(
            lambda method: not method.salon_payment_kind and method.type != "pay_later"
        )
        if unmapped:
            text = self.env._(
                "“On the Invoice” is not set on: %(methods)s.",
                methods=", ".join(unmapped.mapped("name")),
            )
            # Invoices are made all the same: with the company's default.
            return Check("payment_methods", "warning", title, text, *fix)
        others = methods.filtered(lambda method: method.salon_payment_kind == "other")
        printed = self._other_printed_as()
        if others and printed != "other":
            text = self.env._(
                "%(service)s has no word for Other: %(methods)s is printed as "
                "%(kind)s.",
                service=registry.get(self.provider).name,
                methods=", ".join(others.mapped("name")),
                kind=dict(
                    methods._fields["salon_payment_kind"]._description_selection(
                        self.env
                    )
                )[printed],
            )
            return Check("payment_methods", "warning", title, text, *fix)
        text = self.env._("Every payment method says what is printed on the invoice.")
        return Check("payment_methods", "ok", title, text, *fix)

    def _other_printed_as(self):
        """Return the kind of payment that a document calls Other by."""
        named = self._capabilities().other_payment
        if named:
            return named.value
        default = self.company_id.salon_default_payment_kind
        return default if default != "other" else "cash"

    def _ready_currency(self, shops):
        title = self.env._("Currency")
        expected = self.company_id.salon_currency_id
        strange = shops.filtered(lambda shop: shop.currency_id != expected)
        if strange:
            text = self.env._(
                "Invoices are expected in %(expected)s, but this shop sells otherwise: "
                "%(shops)s.",
                expected=expected.name,
                shops=", ".join(
                    f"{shop.name} ({shop.currency_id.name})" for shop in strange
                ),
            )
            fix = ("action_change_settings", self.env._("Change"))
            return Check("currency", "warning", title, text, *fix)
        text = self.env._("Every shop sells in %(expected)s.", expected=expected.name)
        return Check("currency", "ok", title, text)

    def _ready_self_service(self):
        title = self.env._("Odoo's own invoicing")
        if self.company_id.point_of_sale_use_ticket_qr_code:
            text = self.env._(
                "Receipts invite the customer to make an invoice in Odoo. Switch "
                "Self-service invoicing off: for one sale, one invoice."
            )
            fix = ("action_switch_off_self_service", self.env._("Switch it off"))
            return Check("self_service", "bad", title, text, *fix)
        text = self.env._("Receipts do not invite anybody to make a second invoice.")
        return Check("self_service", "ok", title, text)

    def _ready_l10n_hu_edi(self):
        if not self.company_id._fields.get("l10n_hu_edi_server_mode"):
            return None
        if not self.company_id.l10n_hu_edi_server_mode:
            return None
        text = self.env._(
            "Odoo itself reports invoices to NAV for this company (Hungarian EDI). "
            "That is for invoices made in Odoo; those of the till are reported by the "
            "service. See that nobody invoices a till's sale in Odoo as well."
        )
        fix = ("action_open_account_settings", self.env._("Look at it"))
        return Check("l10n_hu_edi", "warning", self.env._("Reports to NAV"), text, *fix)

    # === WHAT IS GOING ON === #

    def _checks_of_running(self):
        return [
            self._ready_cron(),
            self._ready_time_limit(),
            self._ready_search(),
            self._ready_last_success(),
            self._ready_waiting(),
            self._ready_attention(),
            self._ready_customer_account(),
        ]

    def _ready_cron(self):
        title = self.env._("Background jobs")
        sweep = self.env.ref(
            "salon_invoice_bridge.cron_sweep", raise_if_not_found=False
        )
        if not sweep:
            text = self.env._(
                "The job that finds forgotten sales has been deleted. Update the "
                "module Salon Invoice Bridge in Apps: that brings it back."
            )
            return Check("cron", "bad", title, text)
        silent = fields.Datetime.now() - SILENT
        ran = sweep.lastcall and sweep.lastcall > silent
        if sweep.active and ran:
            return Check("cron", "ok", title, self.env._("They run."))
        # They may run on another server than this one: only their silence tells.
        if not config["max_cron_threads"]:
            text = self.env._(
                "They do not run, and this server has no cron workers "
                "(max_cron_threads): invoices are not sent."
            )
            return Check("cron", "bad", title, text)
        if not sweep.active or (self.connected_at and self.connected_at < silent):
            text = self.env._("They have not run for an hour: invoices are not sent.")
            return Check(
                "cron", "bad", title, text, "action_open_crons", self.env._("Look")
            )
        return Check("cron", "ok", title, self.env._("They start within minutes."))

    def _ready_time_limit(self):
        limit = config["limit_time_real_cron"]
        if limit < 0:
            limit = config["limit_time_real"]
        needed = int(self._parameter("timeout")) * 3 // 2
        if not limit or limit >= needed:
            return None
        text = self.env._(
            "A background job may run %(limit)s seconds, but one answer of the service "
            "may take most of that. Set limit_time_real_cron to %(needed)s or more.",
            limit=limit,
            needed=needed,
        )
        return Check("time_limit", "bad", self.env._("Time limit"), text)

    def _ready_search(self):
        if self.env.registry.has_trigram:
            return None
        text = self.env._(
            "PostgreSQL's extension pg_trgm is missing in this database: invoice "
            "numbers are found exactly and by their beginning. An administrator of the "
            "database can add it; then update the module Salon Invoice Bridge in Apps."
        )
        return Check("search", "info", self.env._("Search by number"), text)

    def _ready_last_success(self):
        title = self.env._("Last invoice")
        last = self.env["salon.invoice.document"].search(
            [("account_id", "=", self.id), ("issued_at", "!=", False)],
            order="issued_at desc",
            limit=1,
        )
        if not last:
            return Check("last", "info", title, self.env._("None has been issued yet."))
        when = format_datetime(self.env, last.issued_at, dt_format="short")
        text = self.env._(
            "%(number)s, %(amount)s, on %(when)s.",
            number=last.number or last.name,
            amount=format_amount(self.env, last.amount_gross, last.currency_id),
            when=when.rstrip("."),
        )
        return Check("last", "ok", title, text)

    def _ready_waiting(self):
        title = self.env._("Waiting")
        waiting = self.env["salon.invoice.document"].search(
            [
                ("account_id", "=", self.id),
                ("state", "in", ("waiting", "sending", "checking")),
            ],
            order="create_date",
        )
        if not waiting:
            return Check("waiting", "ok", title, self.env._("No document waits."))
        age = fields.Datetime.now() - waiting[0].create_date
        text = self.env._(
            "Documents waiting: %(count)s, the oldest for %(minutes)s minutes.",
            count=len(waiting),
            minutes=int(age.total_seconds() // 60),
        )
        level = "bad" if age > TOO_LATE else "warning" if age > LATE else "ok"
        return Check(
            "waiting",
            level,
            title,
            text,
            "action_open_waiting",
            self.env._("Show them"),
        )

    def _ready_attention(self):
        title = self.env._("Needs attention")
        count = self.env["salon.invoice.document"].search_count(
            [("account_id", "=", self.id), ("state", "=", "attention")]
        )
        if not count:
            return Check("attention", "ok", title, self.env._("None."))
        text = self.env._("Documents that wait for a person: %(count)s.", count=count)
        fix = ("action_open_attention", self.env._("Show them"))
        return Check("attention", "bad", title, text, *fix)

    def _sales_on_account(self):
        """Return the sales on customers' accounts that have no invoice.

        Those that came back as a whole need none.
        """
        documents = self.env["salon.invoice.document"].search(
            [
                ("account_id", "=", self.id),
                ("state", "=", "skipped"),
                ("skip_reason", "=", "customer_account"),
                ("order_id.account_move", "=", False),
            ]
        )
        return documents.order_id.filtered(lambda sale: sale._salon_is_kept())

    def _ready_customer_account(self):
        """Remind of the sales on customers' accounts, which wait for nobody but us."""
        title = self.env._("On customers' accounts")
        sales = self._sales_on_account()
        if not sales:
            return None
        oldest = min(sale._salon_day() for sale in sales)
        days = (self.env["salon.invoice.document"]._today() - oldest).days
        text = self.env._(
            "Sales without an invoice: %(count)s, the oldest for %(days)s days. The "
            "law wants an invoice within %(limit)s days, paid or not: choose Generate "
            "Invoice on each.",
            count=len(sales),
            days=days,
            limit=INVOICE_DAYS,
        )
        level = "bad" if days >= INVOICE_DAYS else "warning"
        fix = ("action_open_customer_account", self.env._("Show them"))
        return Check("customer_account", level, title, text, *fix)
