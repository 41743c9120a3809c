from . import base_module_uninstall
from . import salon_invoice_connect
from . import salon_invoice_connect_choice
from . import salon_invoice_disconnect
from . import salon_invoice_payment
from . import salon_invoice_send
from . import salon_invoice_settle
from . import salon_invoice_storno
