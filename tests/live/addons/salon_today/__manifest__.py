{
    "name": "Salon Today",
    "summary": "Makes it the day that a test has named",
    "version": "19.0.1.0.0",
    "author": "Salon Invoice Bridge contributors",
    "license": "LGPL-3",
    "depends": ["salon_invoice_bridge"],
    "installable": False,
}
