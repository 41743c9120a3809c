from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    """The answer to a request, and what may wait until it has left.

    Odoo opens a connection to PostgreSQL for each notification, which takes as long as
    all the rest of what a till would wait for.
    """

    _inherit = "ir.http"

    @classmethod
    def _post_dispatch(cls, response):
        result = super()._post_dispatch(response)
        request.salon_response = response
        return result


def after_response(cr, call):
    """Call ``call`` when the answer has left, or now where none is to come.

    To be used after the commit: only then it is known which answer is sent.

    :param cr: of the transaction that was committed
    """
    response = getattr(request, "salon_response", None) if request else None
    if response and request.env.cr is cr:
        response.call_on_close(call)
    else:
        call()
