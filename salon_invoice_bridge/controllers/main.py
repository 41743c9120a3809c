from odoo import http
from odoo.http import request

from odoo.addons.point_of_sale.controllers.main import PosController

from .guest import guest_path


class SalonPosController(PosController):
    """Odoo's "Need an invoice?" on the slip, where the service makes the invoice.

    Leads a guest who holds the slip to the page of :mod:`.guest`; nothing is written.
    Sales that are Odoo's to invoice keep its pages.
    """

    @http.route()
    def invoice_request_screen(self, **kwargs):
        """Answer ``/pos/ticket``: find the sale by the data on the slip."""
        try:
            response = super().invoice_request_screen(**kwargs)
        except (ValueError, TypeError, OverflowError):  # an invalid date
            response = super().invoice_request_screen()
        if response.is_qweb and self._salon_is_connected():
            response.template = "salon_invoice_bridge.ticket_request"
            if response.qcontext.get("errors"):
                response.qcontext["banner_error"] = request.env._(
                    "No purchase was found with these. Please check them on your "
                    "receipt."
                )
        return response

    def _salon_is_connected(self):
        """True if every company with tills is connected: no guest needs Odoo's page."""
        shops = request.env["pos.config"].sudo().search([])
        return bool(shops) and all(
            shop._salon_till_settings().account for shop in shops
        )

    @http.route()
    def show_ticket_validation_screen(self, access_token="", **kwargs):
        """Answer ``/pos/ticket/validate``: lead to the customer's page."""
        if "\0" in access_token:  # which PostgreSQL does not know
            return request.not_found()
        order = self._salon_order(access_token)
        if order and not order._salon_is_odoos():
            return request.redirect(guest_path(access_token))
        if access_token and not order and self._salon_is_connected():
            return request.redirect(guest_path(access_token))
        return super().show_ticket_validation_screen(access_token, **kwargs)

    def _salon_order(self, access_token):
        """Return the sale whose token this is, as Odoo finds it, or none."""
        orders = request.env["pos.order"].sudo()
        if not access_token:
            return orders
        order = orders.search([("access_token", "=", access_token)], limit=1)
        return order.with_company(order.company_id)
