from . import salon_invoice_demo
