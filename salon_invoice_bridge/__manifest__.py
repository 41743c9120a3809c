{
    "name": "Salon Invoice Bridge",
    "summary": "Billingo and Számlázz.hu invoices (számla) for Point of Sale: each "
    "paid POS sale becomes a Hungarian invoice, once, within seconds",
    "version": "19.0.1.0.0",
    "development_status": "Beta",
    "category": "Sales/Point of Sale",
    "author": "Salon Invoice Bridge contributors",
    "license": "LGPL-3",
    "application": True,
    "depends": ["point_of_sale", "mail"],
    "external_dependencies": {
        "python": ["requests", "lxml", "PyJWT", "python-stdnum"],
    },
    "data": [
        "security/ir.model.access.csv",
        "security/salon_invoice_security.xml",
        "data/ir_cron.xml",
        "data/mail_activity_type.xml",
        "wizards/base_module_uninstall_views.xml",
        "wizards/salon_invoice_buyer_views.xml",
        "wizards/salon_invoice_connect_views.xml",
        "wizards/salon_invoice_daily_views.xml",
        "wizards/salon_invoice_decline_views.xml",
        "wizards/salon_invoice_disconnect_views.xml",
        "wizards/salon_invoice_paper_number_views.xml",
        "wizards/salon_invoice_payment_views.xml",
        "wizards/salon_invoice_send_views.xml",
        "wizards/salon_invoice_settle_views.xml",
        "wizards/salon_invoice_storno_views.xml",
        "views/salon_invoice_attempt_views.xml",
        # Its buttons name the wizards' actions.
        "views/salon_invoice_document_views.xml",
        "views/salon_invoice_account_views.xml",
        "views/salon_invoice_exemption_views.xml",

        "views/salon_invoice_question_views.xml",
        "views/salon_invoice_request_views.xml",
        "views/pos_order_line_views.xml",
        "views/pos_order_views.xml",
        "views/guest_page_templates.xml",
        "views/pos_ticket_templates.xml",
        "views/pos_payment_method_views.xml",
        "views/account_tax_views.xml",
        "views/res_partner_views.xml",
        "views/product_template_views.xml",
        "views/res_config_settings_views.xml",
        "views/menus.xml",
    ],
    "uninstall_hook": "uninstall_hook",
    "images": ["static/description/order-invoiced.png"],
    "assets": {
        "point_of_sale._assets_pos": [
            "salon_invoice_bridge/static/src/app/**/*",
            # The till shows the customer's form, too.
            "salon_invoice_bridge/static/src/taxpayer/*",
        ],
        "point_of_sale.customer_display_assets": [
            # Makes the code; Odoo gives it to tills alone.
            ("prepend", "point_of_sale/static/lib/qrcode.js"),
            "salon_invoice_bridge/static/src/customer_display/*",
        ],
        "web.assets_backend": [
            "salon_invoice_bridge/static/src/readiness/*",
            "salon_invoice_bridge/static/src/documents/*",
            "salon_invoice_bridge/static/src/taxpayer/*",
        ],
        "web.assets_unit_tests": [
            "salon_invoice_bridge/static/tests/unit/**/*",
        ],
    },
}
