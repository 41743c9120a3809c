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
        "views/salon_invoice_attempt_views.xml",
        "views/salon_invoice_document_views.xml",
        "views/salon_invoice_account_views.xml",
        "views/pos_order_views.xml",
        "views/pos_payment_method_views.xml",
        "views/account_tax_views.xml",
        "views/res_partner_views.xml",
        "views/res_config_settings_views.xml",
        "views/menus.xml",
    ],
}
