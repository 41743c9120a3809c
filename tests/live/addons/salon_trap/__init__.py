"""Loaded server-wide by the live tests: ends the process where a test has said so.

``SALON_TRAP`` names a file; the boundary that is written in it kills the process that
gets there, as a power cut would.  The file is taken away first, so that the next
process lives.  The addon itself knows nothing of this.
"""

import os
import signal
from datetime import timedelta
from pathlib import Path

from odoo.addons.salon_invoice_bridge.models import (
    salon_invoice_batch,
    salon_invoice_month,
    salon_invoice_retention,
)
from odoo.addons.salon_invoice_bridge.models.salon_invoice_document import (
    SalonInvoiceDocument,
)
from odoo.addons.salon_invoice_bridge.worker.express import Express
from odoo.addons.salon_invoice_bridge.worker.operations import Operation
from odoo.addons.salon_invoice_bridge.worker.service import Service

TRAP = Path(os.environ["SALON_TRAP"])

# A few rows are several portions, so that there is something between two of them; and
# nobody waits for a minute.
salon_invoice_batch.AT_ONCE, salon_invoice_batch.PAUSE_SECONDS = 5, 0
salon_invoice_month.billing_month.PART = 2
salon_invoice_month.LOOK_AGAIN = timedelta(seconds=2)
salon_invoice_retention.DOCUMENTS = 2


def boundary(name):
    """Die here if the test has chosen this boundary."""
    if TRAP.exists() and TRAP.read_text() == name:
        TRAP.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def _send(self):
    boundary("before the claim")
    return send(self)


def _claim(self, *arguments):
    boundary("before the claim")
    return claim(self, *arguments)


def _record_plain(self, *arguments):
    boundary("after the answer was committed")
    result = record_plain(self, *arguments)
    boundary("after the document was updated, before the commit")
    return result


def _on_issued(self, *arguments):
    boundary("after the answer was committed")
    result = on_issued(self, *arguments)
    self.env.flush_all()
    boundary("after the document was updated, before the commit")
    return result


def _try(self, document, operation, *arguments):
    boundary(f"before calling {operation}")
    result, error = try_(self, document, operation, *arguments)
    if not error:
        boundary(f"after the answer to {operation}, before its commit")
    return result, error


def _go_on(self):
    if set(self.line_ids.mapped("state")) - {"todo"}:
        boundary("between two portions of a batch")
    result = go_on(self)
    self.env.flush_all()
    boundary("after a portion of a batch, before its commit")
    return result


def _write_part(self, kept):
    if self.part_ids:
        boundary("between two parts of a month")
    return write_part(self, kept)


def _store(self, *arguments):
    result = store(self, *arguments)
    self.env.flush_all()
    boundary("after a part of a month was written, before its commit")
    return result


def _forget(self, *arguments):
    forget(self, *arguments)
    boundary("after a portion of the purge, before its commit")


def _purge_documents(self, *arguments):
    for done in purge_documents(self, *arguments):
        yield done
        boundary("between two portions of the purge")


send, Operation.send = Operation.send, _send
claim, Express._claim = Express._claim, _claim
record_plain, Express._record_plain = Express._record_plain, _record_plain
on_issued = SalonInvoiceDocument._on_issued
SalonInvoiceDocument._on_issued = _on_issued
try_, Service._try = Service._try, _try
SalonInvoiceBatch = salon_invoice_batch.SalonInvoiceBatch
go_on, SalonInvoiceBatch._go_on = SalonInvoiceBatch._go_on, _go_on
SalonInvoiceMonth = salon_invoice_month.SalonInvoiceMonth
write_part, SalonInvoiceMonth._write_part = SalonInvoiceMonth._write_part, _write_part
store, SalonInvoiceMonth._store = SalonInvoiceMonth._store, _store
SalonInvoiceRetention = salon_invoice_retention.SalonInvoiceRetention
forget, SalonInvoiceRetention._forget = SalonInvoiceRetention._forget, _forget
purge_documents = SalonInvoiceRetention._purge_documents
SalonInvoiceRetention._purge_documents = _purge_documents
