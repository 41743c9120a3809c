"""Three stories of the addon, and which of its functions they run through.

Run by ``./dev hops`` under pytest, inside Odoo, on this checkout or on an older one:
only what the addon's ``tests/common.py`` has had all along is used. The calls go to
the file that SALON_HOPS names.
"""

import json
import os
from contextlib import contextmanager
from pathlib import Path

from tracer import Tracer

from odoo.models import BaseModel
from odoo.sql_db import Cursor
from odoo.tests import tagged, test_cursor

from odoo.addons import salon_invoice_bridge
from odoo.addons.salon_invoice_bridge.tests.common import SalonCase

ADDON = Path(salon_invoice_bridge.__file__).parent

#: Where Odoo's ORM calls computes and constraints, which nobody reads on the way.
COMPUTING = (BaseModel._compute_field_value, BaseModel._validate_fields)
#: What Odoo's ORM calls where the addon has an override of its methods.
HOOKS = [name for name in dir(BaseModel) if not name.startswith("__")]


@tagged("post_install", "-at_install")
class Stories(SalonCase):
    """A sale, a lost answer, and a partial refund, at Billingo's API v3."""

    def setUp(self):
        super().setUp()
        # The walk-in partner is known, and Odoo's caches are warm.
        self.sell([(self.mens_cut, 1)])
        self.work()
        self.tracer = Tracer(
            ADDON,
            without=["tests"],
            muted=[method.__code__ for method in COMPUTING],
            hooks=HOOKS,
            wrappers=["/odoo/orm/decorators.py"],
        )

    def test_a_paid_sale_becomes_a_number_on_the_order(self):
        with self.listening("sale"):
            order = self.sell([(self.haircut, 1)])
        with self.listening("sale", ends=lambda: self.is_issued(order, 1)):
            self.run_lane()
        self.assertTrue(order.salon_document_id.number)

    def test_a_lost_answer_is_adopted(self):
        order = self.sell([(self.haircut, 1)])
        self.fault("drop_after", method="POST", path="/documents$")
        faults = self.sandbox.world.faults
        with self.listening(
            "lost answer",
            begins=lambda: faults.report()["used_up"],
            ends=lambda: self.is_issued(order, 1),
        ):
            self.run_lane()
        self.assertTrue(order.salon_document_id.number)

    def test_a_partial_refund_is_a_storno_and_a_remainder(self):
        order = self.sell([(self.haircut, 1), (self.book, 1)], customer=self.customer)
        self.work()
        with self.listening("partial refund"):
            refund = self.refund(order, {order.lines[1]: 1})
        with self.listening("partial refund", ends=lambda: self.is_issued(refund, 2)):
            self.run_lane()
        self.assertEqual(
            {(row.kind, row.state) for row in refund.salon_document_ids},
            {("storno", "issued"), ("remainder", "issued")},
        )

    # === THE TRACER === #

    @contextmanager
    def listening(self, story, begins=None, ends=None):
        """Note the calls of the block, until ``ends()`` is true after a commit."""
        tracer = self.tracer

        def committing(commit):
            def wrapped(cursor):
                result = commit(cursor)
                if ends:
                    tracer.pause()
                    if not ends():
                        tracer.start(tracer.until)
                return result

            return wrapped

        for cursor in (Cursor, test_cursor.TestCursor):
            self.patch(cursor, "commit", committing(cursor.commit))
        tracer.start(begins)
        try:
            yield
        finally:
            tracer.stop()
        self.keep(story)

    def keep(self, story):
        """Add what was heard to the file."""
        path = Path(os.environ["SALON_HOPS"])
        stories = json.loads(path.read_text()) if path.exists() else {}
        stories[story] = self.tracer.calls
        path.write_text(json.dumps(stories))

    def is_issued(self, order, number):
        """Say whether so many documents of an order are issued, without the ORM."""
        self.cr.execute(
            "SELECT count(*) FROM salon_invoice_document "
            "WHERE order_id = %s AND state = 'issued'",
            [order.id],
        )
        return self.cr.fetchone()[0] == number
