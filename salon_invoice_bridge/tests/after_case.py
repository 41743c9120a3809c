from .common import SalonCase

#: A storno in the words of each service's ledger.
STORNO = ("cancellation", "receipt_cancellation", "storno")


class AfterCase(SalonCase):
    """A salon with customers, and what the tests of "after the sale" ask it."""

    allow_inherited_tests_method = True

    #: Pattern of the calls that cancel an invoice.
    cancels = "cancel|szamla_agent_st"
    #: Pattern of the calls that create a document.
    creates = "^POST /documents$|^POST /invoices$|xmlagentxmlfile$"

    def sell(self, lines, payments=None, customer=None, **values):
        return super().sell(lines, payments, customer or self.customer, **values)

    @property
    def corrects(self):
        """True where part of an invoice is taken back by a correction."""
        return self.provider == "szamlazz"

    def standing(self):
        """Return what the salon has invoiced on balance, by the service's ledger."""
        return sum(float(entry["gross"]) for entry in self.papers())

    def papers(self, *kinds):
        """Return the invoices, stornos and corrections at the service, or ``kinds``."""
        return [
            entry
            for entry in self.issued()
            if not entry["deleted"]
            and (
                entry["kind"] in kinds
                if kinds
                else entry["kind"] not in ("draft", "proforma")
            )
        ]

    def rows(self, *orders):
        """Return ``(kind, state)`` of the documents of orders, oldest first."""
        documents = self.env["salon.invoice.document"].search(
            [("order_id", "in", [order.id for order in orders])], order="id"
        )
        return [(row.kind, row.state) for row in documents]

    def at_service(self, document):
        """Return the ledger's entry about a document."""
        (entry,) = [e for e in self.issued() if e["number"] == document.number]
        return entry

    def account_there(self, **options):
        """Change options of the salon's account at the service."""
        emulator = self.sandbox.world.emulator(self.provider)
        credential = self.account._credential()
        key = credential.public_key or credential.api_key
        emulator.change_account(key, options)

    def step(self, document, kind):
        """Return the last step of a kind."""
        return document.task_ids.filtered(lambda step: step.kind == kind)[-1:]

    def run_cron(self, name):
        """Run a scheduled action of the addon as a cron worker would."""
        cron = self.env.ref(f"salon_invoice_bridge.{name}")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()


class OnAccountCase(AfterCase):
    """A till that also sells on the customer's account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.on_account = cls.env["pos.payment.method"].create(
            {"name": "Vevői számla", "split_transactions": True}
        )
        cls.session.state = "closed"
        cls.config.payment_method_ids += cls.on_account
        cls.session = cls._open_session(cls.config)


class RefundCase(AfterCase):
    """A sale of three lines, and what its refunds become."""

    def setUp(self):
        super().setUp()
        self.sale = self.sell([(self.haircut, 2), (self.book, 3), (self.mens_cut, 1)])
        self.cut_line, self.book_line, self.mens_line = self.sale.lines

    def kept(self):
        """Return what the till has kept of the sale and its refunds."""
        return sum(self.sale._salon_family().mapped("amount_total"))
