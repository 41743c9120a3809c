"""Local emulators of the invoicing services: plain Python, no Odoo, no addon.

``python -m sandbox`` runs them; :func:`sandbox.server.start` runs them inside a test.
"""
