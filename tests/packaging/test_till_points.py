"""The page about the till names each place of Odoo that the addon hangs on.

A row of its table is a place, our file and the test that breaks when Odoo moves it:
what the code patches is in the table, and what the table has is patched by the code.
"""

import ast
import re
from functools import lru_cache
from xml.etree import ElementTree

import pytest

from devtools.paths import ADDON, ROOT

PAGE = ROOT / "docs" / "till.md"
CLIENT = ADDON / "static" / "src"
TESTS = (ADDON / "static" / "tests" / "unit", ADDON / "tests", ROOT / "tests" / "live")

IMPORT = re.compile(r'^import (?:(\w+)|\{([^}]*)\}) from "([^"]+)";', re.M)
PATCH = re.compile(r"^( *)patch\((\w+)(?:\.prototype)?, \{\n(.*?)^\1\}\);", re.M | re.S)
STATIC = re.compile(r"^(?:patch\()?(\w+)(?:, \{|\.)(components|props)(?:: | = )", re.M)
METHOD = r"^{indent}    (?:static )?(?:async )?(?:[gs]et )?(\w+)(?:\(|:)"
OURS = re.compile(r"_?salon")

#: Methods that every model has: no flow of the till hangs on them.
ORM = {
    *("create", "write", "unlink", "copy", "init", "_auto_init", "fields_get"),
    *("_register_hook", "_valid_field_parameter"),
}


@lru_cache
def rows():
    """Return (place, file, test) of each row, as lists of what is written as code."""
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [re.findall(r"`([^`]+)`", cell) for cell in line.split("|")[1:-1]]
        if len(cells) == 3 and all(cells):
            found.append(cells)
    return found


def patched_scripts():
    """Yield (place, file) of each method of Odoo's that a script patches."""
    for path in sorted(CLIENT.rglob("*.js")):
        text = path.read_text("utf-8")
        modules = {
            name.split(" as ")[-1].strip(): module
            for single, several, module in IMPORT.findall(text)
            for name in (single or several).split(",")
        }
        found = STATIC.findall(text)
        for indent, target, body in PATCH.findall(text):
            methods = re.findall(METHOD.format(indent=indent), body, re.M)
            found += [(target, name) for name in methods if not OURS.match(name)]
        for target, name in found:
            yield (f"{target}.{name}", modules[target]), str(path.relative_to(ADDON))


def patched_templates():
    """Yield (place, file) of each element of Odoo's that a template looks for."""
    for path in sorted(CLIENT.rglob("*.xml")):
        for template in ElementTree.parse(path).iter("t"):
            if template.get("t-inherit-mode") == "extension":
                for xpath in template.iter("xpath"):
                    place = (template.get("t-inherit"), xpath.get("expr"))
                    yield place, str(path.relative_to(ADDON))


def patched_methods():
    """Yield (place, file) of each method of Odoo's till that a class extends."""
    models = (ADDON / "models").glob("pos_*.py")
    for path in sorted([*models, *(ADDON / "controllers").glob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                for method in node.body:
                    if _extends(method) and method.name not in ORM:
                        place = f"{_name(node)}.{method.name}"
                        yield (place,), str(path.relative_to(ADDON))


def _name(node):
    """Return the model that a class is or extends, its base if it is no model."""
    values = {
        statement.targets[0].id: statement.value
        for statement in node.body
        if isinstance(statement, ast.Assign)
    }
    name = values.get("_name") or values.get("_inherit")
    return name.value if name else node.bases[0].id


def _extends(method):
    """Say whether a function calls the same one of its parent."""
    calls = f"super().{getattr(method, 'name', None)}("
    return isinstance(method, ast.FunctionDef) and calls in ast.unparse(method)


def patched():
    """Return the set of (place, file) of all."""
    return {*patched_scripts(), *patched_templates(), *patched_methods()}


def test_each_kind_of_place_is_found():
    for kind in (patched_scripts, patched_templates, patched_methods):
        assert list(kind()), kind.__name__


@pytest.mark.parametrize("place, file", sorted(patched()))
def test_what_is_patched_is_in_the_table(place, file):
    assert [list(place), [file]] in [row[:2] for row in rows()]


@pytest.mark.parametrize("row", rows(), ids=lambda row: " ".join(row[0]))
def test_what_is_in_the_table_is_patched(row):
    place, (file,), _tests = row
    assert (tuple(place), file) in patched()


@pytest.mark.parametrize("row", rows(), ids=lambda row: " ".join(row[0]))
def test_each_row_names_a_test_that_is_there(row):
    _place, _file, tests = row
    for test in tests:
        assert any(any(folder.rglob(test)) for folder in TESTS), test
