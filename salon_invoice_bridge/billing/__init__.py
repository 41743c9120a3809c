"""What a sale becomes: plain Python, no Odoo, no network, no database, no clock."""
