from . import salon_invoice_settle
