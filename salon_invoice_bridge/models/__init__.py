# Many models inherit it, so it is defined first. The rest is sorted by name.
from . import salon_invoice_guard

from . import account_tax
from . import ir_module_module
from . import ir_websocket
from . import mail_activity
from . import pos_config
from . import pos_order
from . import pos_order_line
from . import pos_payment
from . import pos_payment_method
from . import pos_session
from . import product_template
from . import res_company
from . import res_config_settings
from . import res_partner
from . import salon_invoice_account
from . import salon_invoice_attempt
from . import salon_invoice_bucket
from . import salon_invoice_choice
from . import salon_invoice_credential
from . import salon_invoice_document
from . import salon_invoice_lookup
from . import salon_invoice_message
from . import salon_invoice_partner
from . import salon_invoice_readiness
from . import salon_invoice_task
