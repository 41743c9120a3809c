"""The shape of the addon, read from its syntax trees.

One model, one file; nobody reaches into Odoo's private state; what is decided never
asks what time it is; named sets instead of tuples of states; short functions. Each rule
is a function of the addon's folder that yields its breaches, and each is shown to bite
by planted ones.
"""

import ast
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from devtools import lint, venv
from devtools.paths import ADDON
from salon_invoice_bridge.billing.invoice import AccountState, DocumentKind, Kind, State

#: Where states and kinds are told apart as a matter of course.
VOCABULARY = ("billing/invoice.py", "billing/lifecycle.py")

#: The states and kinds, each in its vocabulary.
WORDS = [
    {member.value for member in DocumentKind} | {member.value for member in Kind},
    {member.value for member in State},
    {member.value for member in AccountState},
]

#: Names of Odoo's that no addon may rely on.
PRIVATE = {
    "_cache",
    "_cnx",
    "_context",
    "_cr",
    "_uid",
    "field_data",
    "field_data_patches",
    "field_dirty",
    "field_inverse",
    "tocompute",
    "transaction",
}

#: Functions that say what time it is, and modules of nothing but chance and clocks.
CLOCKS = {"fromtimestamp", "now", "now_utc", "time", "time_ns", "today", "utcnow"}
CHANCE = {"random", "secrets", "time", "uuid"}

#: Modules that start threads and processes, and the one file that may: the watchdog of
#: a call's deadline, which closes sockets and nothing else.
SIDE_BY_SIDE = {
    *("_thread", "asyncio", "concurrent", "gevent", "multiprocessing", "subprocess"),
    "threading",
}
WATCHDOG = "providers/cutoff.py"

#: Rooms in which the same values give the same answer, always.
VALUES = ("billing", "export")

#: Rooms whose functions are measured, and how complex one may be.
MEASURED = ("billing", "export", "models", "worker", "providers")
COMPLEXITY = 10


def sources(addon, *rooms):
    """Yield (path, relative name, tree) of the addon's files but its tests.

    :param rooms: folders; all if not given
    """
    for path in sorted(addon.rglob("*.py")):
        room = path.relative_to(addon).parts[0]
        if room != "tests" and (not rooms or room in rooms):
            name = path.relative_to(addon).as_posix()
            yield path, name, ast.parse(path.read_text("utf-8"))


def models(tree):
    """Yield the models that a file defines or extends."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            named = {}
            for line in node.body:
                if isinstance(line, ast.Assign):
                    for target in line.targets:
                        if isinstance(target, ast.Name):
                            named[target.id] = line.value
            model = named.get("_name") or named.get("_inherit")
            if isinstance(model, ast.List | ast.Tuple):
                model = model.elts[0] if len(model.elts) == 1 else None
            if model is not None:
                yield ast.literal_eval(model)


# === THE RULES === #


def one_model_one_file(addon):
    """Yield the models that are defined or extended in two classes of the addon."""
    files = {}
    for _path, name, tree in sources(addon):
        for model in models(tree):
            files.setdefault(model, []).append(name)
    for model, where in files.items():
        if len(where) > 1:
            yield model


def files_named_like_their_model(addon):
    """Yield the files in ``models/`` that hold another model, or none."""
    for path, name, tree in sources(addon, "models"):
        if path.name != "__init__.py":
            if list(models(tree)) != [path.stem.replace("_", ".")]:
                yield name


def private_state_of_odoo(addon):
    """Yield the uses of what Odoo keeps to itself."""
    for _path, name, tree in sources(addon):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                private = node.attr in PRIVATE
                # It drops the hooks of the transaction, the bus's among them.
                private |= node.attr == "clear" and _is_cursor(node.value)
                if private:
                    yield f"{name}: {ast.unparse(node)}"


def _is_cursor(node):
    return getattr(node, "attr", getattr(node, "id", "")) in ("cr", "cursor")


def clocks_in_billing(addon):
    """Yield what asks for the time, or for chance, where all follows from values."""
    for _path, name, tree in sources(addon, *VALUES):
        for node in ast.walk(tree):
            found = []
            if isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found = [node.module]
            elif isinstance(node, ast.Attribute) and node.attr in CLOCKS:
                if _asks(node):
                    yield f"{name}: {ast.unparse(node)}"
            for module in found:
                if module.partition(".")[0] in CHANCE:
                    yield f"{name}: import {module}"


def threads(addon):
    """Yield what could call a service or touch the database beside Odoo's worker."""
    for _path, name, tree in sources(addon):
        for node in ast.walk(tree):
            found = []
            if isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found = [node.module]
            for module in found:
                if name != WATCHDOG and module.partition(".")[0] in SIDE_BY_SIDE:
                    yield f"{name}: import {module}"
                elif name == WATCHDOG and module.partition(".")[0] == "odoo":
                    yield f"{name}: import {module}"


def _asks(node):
    """Say whether an attribute is one of the classes that know the time."""
    owner = getattr(node.value, "attr", getattr(node.value, "id", ""))
    return owner in ("date", "datetime", "time", "Date", "Datetime", "dt")


def unnamed_sets(addon):
    """Yield the literal collections of states or kinds that have no name in billing."""
    for _path, name, tree in sources(addon):
        named = {id(literal) for literal in _named(name, tree)}
        for node in ast.walk(tree):
            if id(node) not in named and _is_vocabulary(node):
                yield f"{name}: {ast.unparse(node)}"


def _named(name, tree):
    """Yield what is inside a named set of billing, or says what a service can do."""
    for node in ast.walk(tree):
        if getattr(getattr(node, "func", None), "id", "") == "Capabilities":
            yield from ast.walk(node)
    if name.startswith("billing/"):
        for node in tree.body:
            if isinstance(node, ast.Assign):
                yield from ast.walk(node)
    if name in VOCABULARY:
        yield from ast.walk(tree)


def _is_vocabulary(node):
    """Say whether a node is a collection of two or more words of one vocabulary."""
    if not isinstance(node, ast.List | ast.Set | ast.Tuple) or len(node.elts) < 2:
        return False
    words = {_word(element) for element in node.elts}
    return any(words <= vocabulary for vocabulary in WORDS)


def _word(node):
    """Return the value that a string, or a member of an enum, stands for."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Attribute) and node.attr == "value":
        node = node.value
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        if node.value.id in ("AccountState", "DocumentKind", "Kind", "State"):
            return node.attr.lower()
    return None


def complex_functions(addon):
    """Yield the functions above the complexity that one can keep in the head."""
    ruff = venv.python(venv.ensure(lint.REQUIREMENTS)).with_name("ruff")
    done = subprocess.run(
        [
            *(ruff, "check", "--isolated", "--no-cache", "--select=C901"),
            *(f"--config=lint.mccabe.max-complexity={COMPLEXITY}",),
            *("--output-format=json", "--exit-zero"),
            *[addon / room for room in MEASURED if (addon / room).is_dir()],
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    for finding in json.loads(done.stdout):
        name = Path(finding["filename"]).resolve().relative_to(addon.resolve())
        yield f"{name.as_posix()}: {finding['message'].split('`')[1]}"


RULES = {
    rule.__name__: rule
    for rule in (
        one_model_one_file,
        files_named_like_their_model,
        private_state_of_odoo,
        clocks_in_billing,
        threads,
        unnamed_sets,
        complex_functions,
    )
}


@pytest.mark.parametrize("rule", RULES)
def test_the_addon_keeps_the_rule(rule):
    assert set(RULES[rule](ADDON)) == set()


# === PLANTED BREACHES === #


@pytest.fixture
def addon(tmp_path):
    """Return a copy of the addon's plain files, to plant breaches in."""
    copy = tmp_path / ADDON.name
    for room in ("billing", "providers"):
        shutil.copytree(ADDON / room, copy / room)
    for room in ("models", "worker", "wizards"):
        (copy / room).mkdir()
    return copy


@pytest.fixture
def planted(addon):
    """Return a function that plants a file and returns the new breaches of a rule."""

    def plant(rule, name, code):
        before = set(RULES[rule](addon))
        (addon / name).write_text(code)
        return set(RULES[rule](addon)) - before

    return plant


MODEL = "from odoo import models\n\n\nclass Tip(models.Model):\n    {}\n"


@pytest.mark.parametrize(
    "line",
    [
        '_inherit = "salon.tip"',
        '_inherit = ["salon.tip"]',
        '_name = "salon.tip"\n    _inherit = ["salon.tip", "mail.thread"]',
    ],
)
def test_a_second_file_of_a_model_is_found(addon, planted, line):
    (addon / "models/salon_tip.py").write_text(MODEL.format('_name = "salon.tip"'))
    breach = MODEL.format(line)
    assert planted("one_model_one_file", "wizards/more.py", breach) == {"salon.tip"}


def test_a_second_class_of_a_model_in_its_own_file_is_found(planted):
    both = MODEL.format('_name = "salon.tip"') + MODEL.format('_inherit = "salon.tip"')
    assert planted("one_model_one_file", "models/salon_tip.py", both) == {"salon.tip"}


def test_a_mixin_is_no_second_file(planted):
    mixed = MODEL.format('_name = "salon.tip"\n    _inherit = ["mail.thread"]')
    other = MODEL.format('_name = "salon.tap"\n    _inherit = ["mail.thread"]')
    assert not planted("one_model_one_file", "models/salon_tip.py", mixed)
    assert not planted("one_model_one_file", "models/salon_tap.py", other)


@pytest.mark.parametrize(
    "code",
    [
        MODEL.format('_name = "salon.voucher"'),
        MODEL.format('_name = "salon.tip"') + MODEL.format('_inherit = "pos.order"'),
        "def amount():\n    return 1\n",
    ],
)
def test_a_file_that_is_not_named_like_its_one_model_is_found(planted, code):
    found = planted("files_named_like_their_model", "models/salon_tip.py", code)
    assert found == {"models/salon_tip.py"}


@pytest.mark.parametrize(
    "line",
    [
        "env.transaction",
        "self.env.transaction.field_dirty",
        "record._cr",
        "self.env.cr.clear",
        "cr.clear",
    ],
)
def test_private_state_of_odoo_is_found(planted, line):
    code = f"def peek(self, env, cr, record):\n    return {line}\n"
    found = planted("private_state_of_odoo", "models/salon_tip.py", code)
    assert f"models/salon_tip.py: {line}" in found


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "import random",
        "from time import monotonic",
        "from random import choice",
        "from uuid import uuid4",
        "import datetime\n\nTODAY = datetime.date.today()",
        "from datetime import datetime\n\n\ndef late():\n    return datetime.now()",
        "from datetime import date\n\n\ndef late(day=date.today):\n    return day()",
    ],
)
def test_a_clock_or_chance_in_billing_is_found(planted, line):
    assert len(planted("clocks_in_billing", "billing/tip.py", f"{line}\n")) == 1


@pytest.mark.parametrize(
    "line",
    ["import threading", "from concurrent.futures import wait", "import asyncio.tasks"],
)
def test_a_thread_is_found(planted, line):
    assert len(planted("threads", "worker/tip.py", f"{line}\n")) == 1
    assert not planted("threads", WATCHDOG, "import threading\n")
    assert len(planted("threads", WATCHDOG, "from odoo import api\n")) == 1


def test_a_clock_in_export_is_found(addon, planted):
    (addon / "export").mkdir()
    assert len(planted("clocks_in_billing", "export/tip.py", "import time\n")) == 1


def test_a_clock_elsewhere_is_none_of_billings(planted):
    assert not planted("clocks_in_billing", "models/salon_tip.py", "import time\n")


def test_a_day_that_is_an_argument_is_no_clock(planted):
    code = "from datetime import timedelta\n\n\ndef late(today, sale):\n"
    code += "    return today - sale.today > timedelta(days=8)\n"
    assert not planted("clocks_in_billing", "billing/tip.py", code)


@pytest.mark.parametrize(
    "line, literal",
    [
        ('self.state in ("waiting", "checking")', "('waiting', 'checking')"),
        ('self.kind not in {"draft"} | {"draft", "proforma"}', None),
        ('[("state", "in", ["waiting", "attention"])]', "['waiting', 'attention']"),
        ("self.state in (State.ISSUED, State.CANCELLED)", None),
        ("self.kind in (Kind.DRAFT.value, Kind.PROFORMA.value)", None),
        ('self.account_id.state in ("connected", "paused")', None),
        ('[row for kind in ("draft", "proforma") for row in self.rows(kind)]', None),
        ('self.search_states(["waiting", "checking"])', None),
    ],
)
def test_an_unnamed_set_of_states_or_kinds_is_found(planted, line, literal):
    code = f"def undecided(self):\n    return {line}\n"
    found = planted("unnamed_sets", "models/salon_tip.py", code)
    assert len(found) == 1
    if literal:
        assert found == {f"models/salon_tip.py: {literal}"}


def test_a_set_has_its_name_in_billing_and_nowhere_else(planted):
    code = 'UNFINISHED = ("draft", "proforma")\n'
    assert len(planted("unnamed_sets", "worker/tip.py", code)) == 1
    assert not planted("unnamed_sets", "billing/tip.py", code)
    code = f"def kinds():\n    {code}    return UNFINISHED\n"
    assert len(planted("unnamed_sets", "billing/tip.py", code)) == 1


@pytest.mark.parametrize(
    "line",
    [
        'self.state == "waiting"',
        'self.state in ("cash", "card")',
        "self.state in OPEN_STATES",
        '[("waiting", "Waiting"), ("checking", "Checking")]',
        'self.note in ("waiting", "for a bus")',
        "Capabilities(kinds=frozenset({Kind.DRAFT, Kind.INVOICE}))",
        'self.write({"kind": "storno", "state": "issued"})',
    ],
)
def test_what_is_no_set_of_states_is_not_found(planted, line):
    code = f"def undecided(self):\n    return {line}\n"
    assert not planted("unnamed_sets", "models/salon_tip.py", code)


def test_a_function_with_too_many_branches_is_found(planted):
    def branches(number):
        lines = [f"    if tip == {n}:\n        return {n}" for n in range(number)]
        return "\n".join(["def rate(tip):", *lines, ""])

    name = "billing/tip.py"
    assert not planted("complex_functions", name, branches(COMPLEXITY - 1))
    found = planted("complex_functions", name, branches(COMPLEXITY))
    assert found == {"billing/tip.py: rate"}
