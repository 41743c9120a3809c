"""Loaded server-wide by the live tests: it is the day that ``SALON_TODAY`` names.

Where a screen depends on the day of the month, its test chooses one: an ISO date.
"""

import os
from datetime import date

from odoo.addons.salon_invoice_bridge.models.salon_invoice_document import (
    SalonInvoiceDocument,
)

TODAY = date.fromisoformat(os.environ["SALON_TODAY"])

SalonInvoiceDocument._today = lambda self: TODAY
