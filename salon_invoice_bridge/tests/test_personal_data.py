"""Of every column of the addon somebody has decided whether it is personal."""

from odoo.tests import TransactionCase, tagged

from .personal_data import NOT_PERSONAL, PERSONAL, RULES

ADDON = "salon_invoice_bridge"
#: What may say something of a person; a name of a record is in one of these.
TYPES = ("binary", "char", "html", "json", "text")


@tagged("post_install", "-at_install")
class TestPersonalData(TransactionCase):
    def columns(self):
        """Yield ``(model, column)`` of what the addon stores of those types."""
        for name, model in self.env.registry.items():
            if model._abstract or not model._auto:
                continue
            for field in self.env[name]._fields.values():
                ours = ADDON in field._modules and field.store and not field.related
                if ours and field.type in TYPES:
                    yield name, field.name

    def test_each_column_has_a_rule_or_names_nobody(self):
        decided = [
            (model, name)
            for table in (PERSONAL, NOT_PERSONAL)
            for model, names in table.items()
            for name in names
        ]
        stored = set(self.columns())
        self.assertEqual(len(decided), len(set(decided)), "decided twice")
        self.assertFalse(sorted(stored - set(decided)), "nobody has decided")
        self.assertFalse(sorted(set(decided) - stored), "there is no such column")

    def test_each_rule_is_one_that_is_explained(self):
        used = {rule for names in PERSONAL.values() for rule in names.values()}
        self.assertEqual(used, set(RULES))
