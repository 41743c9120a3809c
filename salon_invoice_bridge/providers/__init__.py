"""Strategies for invoicing services: plain Python, no Odoo, no database."""

from . import base, registry
from . import billingo, billingo_v2, szamlazz
