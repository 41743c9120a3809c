"""Strategies for invoicing services: plain Python, no Odoo, no database."""

from . import base, errors, invoice, registry
from . import billingo, billingo_v2, szamlazz
