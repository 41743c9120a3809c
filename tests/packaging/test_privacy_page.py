"""The page on privacy names each column that may say something of a person."""

import ast

from devtools.paths import ADDON, ROOT
from salon_invoice_bridge.billing import retention

PAGES = [ROOT / "docs" / name for name in ("privacy.md", "adatvedelem.md")]


def personal():
    """Yield ``(model, column)`` of what the addon's table says is personal.

    Read from its syntax tree: the addon's tests need Odoo.
    """
    tree = ast.parse((ADDON / "tests" / "personal_data.py").read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "PERSONAL":
            for model, columns in zip(node.value.keys, node.value.values, strict=True):
                for word in ast.walk(columns):
                    if isinstance(word, ast.Constant):
                        yield model.value, word.value


def rules():
    """Return the names of the rules, which are words of the table, too."""
    tree = ast.parse((ADDON / "tests" / "personal_data.py").read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "RULES":
            return set(ast.literal_eval(node.value))
    raise AssertionError("no rules")


def test_each_personal_column_is_on_the_page():
    page = PAGES[0].read_text("utf-8")
    columns = {(model, name) for model, name in personal() if name not in rules()}
    assert len(columns) > 25
    missing = {name for pair in columns for name in pair if f"`{name}`" not in page}
    assert not missing


def test_the_pages_say_the_days_and_years_that_the_program_keeps():
    for page in PAGES:
        text = page.read_text("utf-8")
        for number in (
            retention.LAW_YEARS,
            retention.EVIDENCE_DAYS,
            retention.LEFTOVER_DAYS,
        ):
            assert f" {number} " in text, (page.name, number)
