"""Hand-checked sales, and the requests that each service gets for them.

The requests stand in ``tests/golden``, one file for each sale and service.  A change of
what is sent shows there, line by line.  To write them anew, empty the folder's files
and run with ``SALON_WRITE_GOLDEN=1``; then check each by hand.
"""

import os
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from odoo.tests import tagged

from .content_case import ContentCase
from .days import SOLD_AT

GOLDEN = Path(__file__).parent / "golden"
DAY = {"date_order": SOLD_AT}


class Golden:
    """The sales; the classes below say through which service they are sold."""

    allow_inherited_tests_method = True
    suffix = "json"

    def setUp(self):
        super().setUp()
        # Issued on the day of the sale: the due date is never before.
        day = date(2026, 11, 20)
        self.patch(self.registry["salon.invoice.document"], "_today", lambda _row: day)
        self.company.salon_language = "en"  # which no translation changes

    def compare(self, name, order, gross, parts):
        """Compare what is sent with the file; ``parts`` is ``{code: gross}``."""
        paper = self.issue(order)
        document = order.salon_document_id
        self.assertEqual(Decimal(str(paper["gross"])), gross)
        self.assertEqual(self.grosses(document._invoice()), parts)
        text = self.requests[document.id]
        for changing, word in (
            (document.external_key, "EXTERNAL-KEY"),
            (document.external_key[:6], "KEY"),
            (order.pos_reference, "RECEIPT"),
            (document._invoice().partner_id or "-none-", "1001"),
        ):
            text = text.replace(changing, word)
        path = GOLDEN / f"{name}.{self.provider}.{self.suffix}"
        if os.environ.get("SALON_WRITE_GOLDEN"):
            path.write_text(self.pretty(text), encoding="utf-8")
        self.assertEqual(self.pretty(text), path.read_text(encoding="utf-8"))

    def pretty(self, text):
        return re.sub(r"(?<=[{\[,]) ?(?=[\"{])", "\n", text).strip() + "\n"

    def test_a_haircut_in_cash(self):
        """8,900 at 27%: VAT 8,900 x 27/127 = 1,892.13 -> 1,892; net 7,008."""
        order = self.sell([(self.haircut, 1)], **DAY)
        self.compare("haircut", order, 8900, {"27": 8900})

    def test_three_rates_for_a_company(self):
        """3 x 500 at 27% = 1,500 (1,181 + 319); 2 x 3,500 at 5% = 7,000 (6,667 + 333);
        1,000 AAM (1,000 + 0): 9,500."""
        mask = self._make_product("Arcmaszk", 500, self.tax_27)
        exempt = self._make_tax("AAM", 0, salon_vat_code="AAM")
        course = self._make_product("Oktatás", 1000, exempt)
        order = self.sell(
            [(mask, 3), (self.book, 2), (course, 1)],
            [(self.card, 9500)],
            self.business,
            **DAY,
        )
        self.compare("three_rates", order, 9500, {"27": 1500, "5": 7000, "AAM": 1000})

    def test_discounts_and_a_tip(self):
        """4,990 less 15% = 4,241.50; 1,000 off, by 27%: 3,241.50; tip 500.
        3,741.50 in all is 3,742 on the document: each line rounds half up."""
        order = self.sell(
            [
                (self.mens_cut, 1, {"discount": 15}),
                self.discount(1000, self.tax_27),
                (self.tip, 1, {"price_unit": 500}),
            ],
            [(self.card, 3741.5)],
            self.customer,
            is_tipped=True,
            tip_amount=500,
            **DAY,
        )
        self.compare("discounts", order, 3742, {"27": 3242, "ATK": 500})

    def test_cash_rounding_and_card(self):
        """4,990 less 10% = 4,491; 2,000 by card and 2,490 in cash, rounded from 2,491:
        the document stays 4,491, the comment tells of -1."""
        self.use_rounding()
        order = self.sell(
            [(self.mens_cut, 1, {"discount": 10})],
            [(self.card, 2000), (self.cash, 2490)],
            **DAY,
        )
        self.compare("cash_rounding", order, 4491, {"27": 4491})

    def test_a_gift_card_pays(self):
        """8,900 of which 5,000 by gift card and 3,900 by card: the base is 8,900."""
        order = self.sell(
            [(self.haircut, 1), self.discount(5000, None, self.gift_card)],
            [(self.card, 3900)],
            self.customer,
            **DAY,
        )
        self.compare("gift_card", order, 8900, {"27": 8900})


@tagged("post_install", "-at_install")
class TestGoldenBillingo(Golden, ContentCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestGoldenBillingoV2(Golden, ContentCase):
    provider = "billingo_v2"


@tagged("post_install", "-at_install")
class TestGoldenSzamlazz(Golden, ContentCase):
    provider = "szamlazz"
    suffix = "xml"

    def pretty(self, text):
        return text
