"""What the pages name is there: files, folders, commands, functions, tests.

Read are the README, docs/, the fragments of the addon's README and the sandbox's page.
A path is looked for from the page, the project, the addon and each room of it, so that
pages may write ``billing/vat.py``; a name without a folder may be anywhere.
"""

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

from devtools.cli import _MODULES, COMMANDS
from devtools.paths import ADDON, ROOT

PAGES = sorted(
    [
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ADDON / "readme").glob("*.md"),
        ROOT / "sandbox" / "README.md",
    ]
)
#: Where the code is that pages may name.
CODE = (ADDON, ROOT / "devtools", ROOT / "sandbox", ROOT / "tests")

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)")
SUFFIX = re.compile(
    r"\.(cfg|cjs|css|csv|ini|js|json|md|po|pot|png|py|rst|sql|txt|xml)$"
)
PATH = re.compile(r"[\w.*/-]+")
COMMAND = re.compile(r"\./dev +([a-z][\w-]*)((?: +(?:--?[\w-]+|[A-Z0-9]+|\[[^]]*\]))*)")


@lru_cache
def text(page):
    """Return a page."""
    return page.read_text("utf-8")


@lru_cache
def sources():
    """Return the Python code that pages may name."""
    return [
        path.read_text("utf-8")
        for folder in CODE
        for path in sorted(folder.rglob("*.py"))
    ]


@lru_cache
def defined():
    """Return the names of all functions, methods and classes."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    trees = map(ast.parse, sources())
    return {
        node.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    }


def words(page):
    """Return what a page writes as code: inside a line, and its links."""
    prose = FENCE.sub("", page)
    return INLINE.findall(prose)


def missing_paths(page, where):
    """Return the files and folders that are named and are not there.

    :param Path where: the folder of the page
    """
    links = [link for link in LINK.findall(page) if "//" not in link]
    named = [word.removeprefix("addon:") for word in words(page) if _is_path(word)]
    named += [
        folder
        for _language, block in FENCE.findall(page)
        for line in block.splitlines()
        if re.match(r" *[\w]+/( |$)", line)
        for folder in re.findall(r"(?:^|(?<= ))\w+/(?= |$)", line.partition("   ")[0])
    ]
    missing = [link for link in links if not (where / link).exists()]
    return missing + [name for name in named if not _exists(name, where)]


def _is_path(word):
    word = word.removeprefix("addon:")
    if word.startswith(("/", "~", "..", ".dev/")) or not PATH.fullmatch(word):
        return False
    return bool(SUFFIX.search(word)) or word.endswith("/")


def _exists(name, where):
    rooms = [ADDON / room.name for room in ADDON.iterdir() if room.is_dir()]
    places = [where, ROOT, ADDON, *rooms]
    if any(any(place.glob(name)) for place in places):
        return True
    if "/" in name.rstrip("/"):
        return False
    # A file that the addon makes, or a package of others, is a word in the code.
    made = not name.endswith((".py", ".md", "/")) and any(name in c for c in sources())
    return made or any(any(folder.rglob(name)) for folder in CODE)


def missing_commands(page):
    """Return the commands, and options of commands, that ``./dev`` does not know."""
    missing = []
    lines = [
        line for _language, block in FENCE.findall(page) for line in block.split("\n")
    ]
    written = [*words(page), *(line for line in lines if line.startswith("./dev"))]
    for command, options in COMMAND.findall("\n".join(written)):
        if command not in COMMANDS:
            missing.append(command)
            continue
        module = ROOT / "devtools" / f"{_MODULES.get(command, command)}.py"
        known = module.read_text("utf-8")
        for option in re.findall(r"--[a-z][\w-]*", options):
            if option not in known:
                missing.append(f"{command} {option}")
    return missing


def missing_functions(page):
    """Return the functions named like ``this()`` that nobody defines, or calls."""
    found = [re.fullmatch(r"(?:\w+\.)*(\w+)\(\)", word) for word in words(page)]
    names = [match[1] for match in found if match]
    return [
        name
        for name in names
        if name not in defined() and not any(f".{name}(" in code for code in sources())
    ]


def missing_tests(page):
    """Return the tests that are named and are nowhere defined."""
    named = [word for word in words(page) if re.fullmatch(r"test_\w+", word)]
    return [name for name in named if name not in defined()]


def missing_variables(page):
    """Return the environment variables of ours that no code reads."""
    named = set(re.findall(r"\bSALON_[A-Z_]+\b", page))
    return [name for name in named if not any(name in code for code in sources())]


def page_id(page):
    """Return how a page is called in the list of tests."""
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_what_a_page_names_is_there(page):
    assert missing_paths(text(page), page.parent) == []
    assert missing_commands(text(page)) == []
    assert missing_functions(text(page)) == []
    assert missing_tests(text(page)) == []
    assert missing_variables(text(page)) == []


@pytest.mark.parametrize(
    "page, missing",
    [
        ("`billing/vat.py` and [money](../salon_invoice_bridge/billing/money.py)", []),
        ("`addon:test_lane*.py`, `registry.py`, `tests/live/`", []),
        ("`billing/tip.py`", ["billing/tip.py"]),
        ("`addon:test_tip*.py`", ["test_tip*.py"]),
        ("[money](money.py)", ["money.py"]),
        ("`kitchen/`", ["kitchen/"]),
        ("```\nsalon_invoice_bridge/   the addon\n  billing/  what\n```", []),
        ("```\n  kitchen/     what is cooked\n```", ["kitchen/"]),
        ("`/pos/ticket`, `text/html`, `a | b`, `GET /documents`", []),
    ],
)
def test_a_path_that_is_not_there_is_found(page, missing):
    assert missing_paths(page, ROOT / "docs") == missing


def test_a_command_that_is_not_there_is_found():
    page = "`./dev cook`, `./dev test --raw`, `./dev lint --fix`, `./dev demo --exit`"
    assert missing_commands(page) == ["cook", "test --raw"]


def test_a_function_or_test_that_is_not_there_is_found():
    unread = "SALON_" + "SPOON"  # in one piece it would be found here
    page = f"`vat.rate()`, `cook()`, `test_a_meal`, `{unread}`, `SALON_CACHE`"
    assert missing_functions(page) == ["cook"]
    assert missing_tests(page) == ["test_a_meal"]
    assert missing_variables(page) == [unread]


def test_every_command_is_in_the_readme():
    page = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"./dev {name}" not in page] == []


def test_the_glossary_names_columns_and_models_that_are_there():
    page = text(ROOT / "docs" / "glossary.md").partition("# Internal words")[2]
    cells = [row.split(" | ")[-1] for row in page.splitlines() if " | " in row]
    named = [word for cell in cells for word in INLINE.findall(cell)]
    names = [word for word in named if re.fullmatch(r"[a-z_]+|salon\.[a-z.]+", word)]
    assert len(names) > 15
    code = "\n".join(sources())
    assert [name for name in names if not re.search(rf"\b{name}\b", code)] == []


def test_every_decision_is_dated_and_in_the_list():
    folder = ROOT / "docs" / "decisions"
    records = sorted(folder.glob("[0-9]*.md"))
    listed = LINK.findall(text(folder / "README.md"))
    assert [record.name for record in records] == listed
    for number, record in enumerate(records, 1):
        title, _blank, date, *rest = text(record).splitlines()
        assert record.name.startswith(f"{number:04d}-")
        assert title.startswith(f"# {number}. ")
        assert re.match(r"20\d\d-\d\d-\d\d\b", date), record.name
        assert {"## Context", "## Decision", "## Consequences"} - {*rest} <= {
            "## Consequences"
        }


def test_the_pages_are_found():
    assert Path(ROOT / "docs" / "architecture.md") in PAGES
