"""The same sale at each service: its total is the till's."""

from odoo.tests import tagged

from .common import SalonCase


class SameSale:
    """What each service is sold through; the classes below say which."""

    allow_inherited_tests_method = True

    def test_the_services_total_is_the_tills(self):
        order = self.sell(
            [(self.haircut, 1), (self.book, 2)], [(self.card, 15900)], self.business
        )
        self.run_lane()
        document = order.salon_document_id
        self.assertEqual(document.state, "issued", document.problem)
        (issued,) = self.issued()
        self.assertEqual(float(issued["gross"]), order.amount_total)
        self.assertEqual(document.number, issued["number"])


@tagged("post_install", "-at_install")
class TestBillingo(SameSale, SalonCase):
    provider = "billingo"


@tagged("post_install", "-at_install")
class TestBillingoV2(SameSale, SalonCase):
    provider = "billingo_v2"


@tagged("post_install", "-at_install")
class TestSzamlazz(SameSale, SalonCase):
    provider = "szamlazz"
