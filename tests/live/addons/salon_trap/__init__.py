"""Loaded server-wide by the live tests: ends the process where a test has said so.

``SALON_TRAP`` names a file; the boundary that is written in it kills the process that
gets there, as a power cut would.  The file is taken away first, so that the next
process lives.  The addon itself knows nothing of this.
"""

import os
import signal
from pathlib import Path

from odoo.addons.salon_invoice_bridge.models.salon_invoice_document import (
    SalonInvoiceDocument,
)
from odoo.addons.salon_invoice_bridge.models.salon_invoice_lane import SalonInvoiceLane

TRAP = Path(os.environ["SALON_TRAP"])


def boundary(name):
    """Die here if the test has chosen this boundary."""
    if TRAP.exists() and TRAP.read_text() == name:
        TRAP.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def _send(self, *arguments):
    boundary("before the claim")
    return send(self, *arguments)


def _on_issued(self, *arguments):
    boundary("after the answer was committed")
    result = on_issued(self, *arguments)
    self.env.flush_all()
    boundary("after the document was updated, before the commit")
    return result


def _call(self, document, operation, exchanges, function):
    def watched():
        result = function()
        boundary(f"after the answer to {operation}, before its commit")
        return result

    boundary(f"before calling {operation}")
    return call(self, document, operation, exchanges, watched)


send, SalonInvoiceDocument._send = SalonInvoiceDocument._send, _send
on_issued = SalonInvoiceDocument._on_issued
SalonInvoiceDocument._on_issued = _on_issued
call, SalonInvoiceLane._call = SalonInvoiceLane._call, _call
