"""A shop that sells in euros, beside the one that sells in forints."""

from .days import LONG_AGO


class Euros:
    """For a class of :class:`~.common.SalonCase`."""

    def open_euro_shop(self):
        """Have the till sell in euros from now on; return its price list."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": euro.id,
                "company_id": self.company.id,
                "name": LONG_AGO,
                "rate": 1 / 400,
            }
        )
        journals = self.env["account.journal"].create(
            [
                {
                    "name": "Eladás EUR",
                    "type": "sale",
                    "code": "EURS",
                    "currency_id": euro.id,
                },
                {
                    "name": "Kassza EUR",
                    "type": "cash",
                    "code": "EURC",
                    "currency_id": euro.id,
                },
            ]
        )
        self.cash = self.env["pos.payment.method"].create(
            {"name": "Euró készpénz", "journal_id": journals[1].id}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": euro.id, "company_id": self.company.id}
        )
        config = self.env["pos.config"].create(
            {
                "name": "Turista",
                "journal_id": journals[0].id,
                "invoice_journal_id": journals[0].id,
                "payment_method_ids": self.cash.ids,
                "use_pricelist": True,
                "available_pricelist_ids": pricelist.ids,
                "pricelist_id": pricelist.id,
            }
        )
        self.session = self._open_session(config)
        return pricelist

    def sell_in_euros(self, price):
        """Sell a haircut for ``price`` euros, in a shop that sells in euros."""
        pricelist = self.open_euro_shop()
        return self.sell(
            [(self.haircut, 1, {"price_unit": price})], pricelist_id=pricelist.id
        )
