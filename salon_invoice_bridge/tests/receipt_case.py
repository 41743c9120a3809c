from .after_case import AfterCase
from .test_change_buyer import BuyerCase

#: The block, or the number prefix, of receipts at each service of the sandbox.
SERIES = {"billingo": "12", "szamlazz": "NYGT"}


class ReceiptCase(AfterCase):
    """A salon that gives receipts to whoever asks for no invoice."""

    #: Pattern of the calls that create a receipt.
    creates = "^POST /documents/receipt$|szamla_agent_nyugta_create$"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.receipt_block = SERIES[cls.provider]
        cls.company.salon_which = "request"

    def sell_to_walk_in(self, lines, **values):
        """Sell to nobody in particular, and return the ``pos.order``."""
        return self.sync(self.order_data(lines, **values))

    def receipt_of(self, order):
        """Return the sale's own document, which must be a receipt."""
        document = order.salon_document_id
        self.assertEqual(document.kind, "receipt")
        return document

    def given(self, *lines, **values):
        """Sell, and return the sale when its receipt is issued."""
        order = self.sell(list(lines) or [(self.haircut, 1)], **values)
        self.work()
        document = self.receipt_of(order)
        self.assertEqual(document.state, "issued", document.problem)
        return order


class InsteadCase(ReceiptCase, BuyerCase):
    """A receipt whose customer wants an invoice after all."""

    #: Of the invoice that follows.
    creates = AfterCase.creates
    cancels = f"{AfterCase.cancels}|nyugta_storno"
