"""./dev hops counts changes of file, and only those that a reader makes."""

import importlib.util
import sys
from pathlib import Path

import pytest

from devtools import hops
from devtools.console import Problem
from devtools.paths import ROOT

FIRST = """
import second

class Sale:
    tax = len("27")  # a body is no call

    def paid(self):
        self.request()
        return [line for line in second.lines()]

    def request(self):
        second.freeze()
        second.freeze()
        return (lambda: second.freeze())()
"""
SECOND = """
import first

def freeze():
    total()

def total():
    return 1

def lines():
    for number in range(2):
        yield inside(number)

def inside(number):
    return number

def computed():
    freeze()
"""


@pytest.fixture
def tracer_module():
    """Return the module that runs inside Odoo, which is in no package."""
    path = ROOT / "devtools" / "launch" / "tracer.py"
    spec = importlib.util.spec_from_file_location("tracer", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """Return two modules that call each other, in a folder of their own."""
    (tmp_path / "first.py").write_text(FIRST)
    (tmp_path / "second.py").write_text(SECOND)
    monkeypatch.syspath_prepend(tmp_path)
    import first
    import second

    yield first, second
    for name in ("first", "second"):
        del sys.modules[name]


@pytest.fixture
def trace(tracer_module, tmp_path):
    """Return a function that calls another one and returns what was heard."""

    def run(call, until=None, **options):
        tracer = tracer_module.Tracer(tmp_path, **options)
        tracer.start(until)
        try:
            call()
        finally:
            tracer.stop()
        return [(file, function) for file, function, *_more in tracer.calls]

    return run


def test_functions_are_noted_in_the_order_of_their_calls(modules, trace):
    first, _second = modules
    assert trace(first.Sale().paid) == [
        ("first.py", "paid"),
        ("first.py", "request"),
        *[("second.py", "freeze"), ("second.py", "total")] * 3,
        ("second.py", "lines"),  # once, although it is resumed
        ("second.py", "inside"),
        ("second.py", "inside"),
    ]


def test_what_lies_elsewhere_is_not_noted(modules, trace, tmp_path):
    first, _second = modules
    assert trace(lambda: Path(tmp_path).exists()) == []
    (tmp_path / "tests").mkdir()
    calls = trace(first.Sale().paid, without=[tmp_path.name])
    assert calls, "only folders inside the one that is listened to are left out"


def test_a_folder_can_be_left_out(trace, tmp_path, monkeypatch):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "helper.py").write_text("def help_out():\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path / "tests")
    import helper

    assert trace(helper.help_out) == [("tests/helper.py", "help_out")]
    assert trace(helper.help_out, without=["tests"]) == []
    del sys.modules["helper"]


def test_a_muted_function_is_silent_with_all_that_it_calls(modules, trace):
    _first, second = modules

    def work():
        second.computed()
        second.total()

    calls = trace(work, muted=[second.computed.__code__])
    assert calls == [("second.py", "total")]


def test_a_muted_function_that_fails_is_left_again(modules, trace):
    _first, second = modules

    def work():
        try:
            second.inside()
        except TypeError:
            pass
        second.total()

    def fails():
        second.freeze()
        raise TypeError

    second.inside = fails
    calls = trace(work, muted=[fails.__code__])
    assert calls == [("second.py", "total")]


def test_a_hook_counts_only_where_it_is_called_from_inside(modules, trace):
    """As an override of ``write`` does, which the ORM calls, or the addon."""
    first, second = modules
    assert trace(second.freeze, hooks=["freeze"]) == []
    calls = trace(first.Sale().request, hooks=["freeze"])
    assert calls.count(("second.py", "freeze")) == 3


def test_a_hook_may_be_called_through_a_wrapper(modules, trace, tmp_path, monkeypatch):
    _first, second = modules
    (tmp_path / "third.py").write_text("def pass_on(call):\n    call()\n")
    monkeypatch.syspath_prepend(tmp_path)
    import third

    def work():
        third.pass_on(second.freeze)

    here = tmp_path / "third.py"
    inside = trace(work, hooks=["freeze"])
    assert ("second.py", "freeze") in inside
    assert trace(work, hooks=["freeze"], wrappers=[str(here)]) == [
        ("third.py", "pass_on")
    ]
    del sys.modules["third"]


def test_a_story_may_begin_later(modules, trace):
    first, _second = modules
    turns = iter([False, False, True])
    calls = trace(first.Sale().request, until=lambda: next(turns))
    assert calls[0] == ("second.py", "total")


def test_each_call_names_its_caller_and_its_model(modules, tracer_module, tmp_path):
    first, _second = modules
    first.Sale._name, first.Sale._fields = "pos.order", {}
    tracer = tracer_module.Tracer(tmp_path)
    tracer.start()
    first.Sale().paid()
    tracer.stop()
    assert tracer.calls[:5] == [
        ("first.py", "paid", -1, "pos.order"),
        ("first.py", "request", 0, "pos.order"),
        ("second.py", "freeze", 1, ""),
        ("second.py", "total", 2, ""),
        ("second.py", "freeze", 1, ""),
    ]


def test_who_runs_during_a_pause_is_not_forgotten(modules, tracer_module, tmp_path):
    first, second = modules
    tracer = tracer_module.Tracer(tmp_path)

    def freeze():
        tracer.pause()
        tracer.start()
        second.total()

    second.freeze = freeze
    tracer.start()
    first.Sale().request()
    tracer.stop()
    assert ("second.py", "total", 0, "") in tracer.calls


# === THE FIGURES === #

ORDER, SALE, OTHER = "models/pos_order.py", "billing/sale.py", "models/pos_roles.py"
CALLS = [
    hops.Call(ORDER, "paid", -1, "pos.order"),
    hops.Call(ORDER, "request", 0, "pos.order"),
    hops.Call(OTHER, "roles", 1, "pos.order"),
    hops.Call(SALE, "freeze", 2),
    hops.Call("billing/money.py", "unit", 3),
    hops.Call(OTHER, "roles", 1, "pos.order"),
    hops.Call("models/account.py", "now", 1, "account"),
    hops.Call("providers/base.py", "issue", 1),
    hops.Call("providers/http.py", "send", 7),
    hops.Call("providers/cutoff.py", "limit", 8),
    hops.Call(ORDER, "write", 0, "pos.order"),
]


def test_a_hop_is_a_call_in_another_file_than_the_one_before():
    assert hops.hops(CALLS[:4]) == [ORDER, OTHER, SALE]


def test_all_calls_count_loops_and_what_is_read_counts_once():
    row = hops.figures(CALLS)
    assert (row["calls"], row["read"], row["files"]) == (9, 8, 8)


def test_the_way_leads_through_what_calls_further_and_ends_at_plain_rooms():
    followed = hops.read_once(hops.way(CALLS))
    assert [call.function for call in followed] == [
        "paid",
        "request",
        "roles",
        "freeze",
        "issue",
    ]
    row = hops.figures(CALLS)
    assert (row["way"], row["opened"]) == (3, 4)


def test_a_call_within_one_model_into_another_file_is_blind():
    assert hops.blind(CALLS) == {(ORDER, "request", OTHER, "roles")}


def test_a_story_of_nothing_has_no_hops():
    assert set(hops.figures([]).values()) == {0}


def test_the_table_compares_commits(capsys):
    stories = dict.fromkeys(hops.STORIES, CALLS)
    hops.show({"f7160d2": stories, "now": stories}, with_paths=True)
    out = capsys.readouterr().out
    assert out.count("sale              f7160d2              9       8") == 1
    assert "  models/pos_order.py: paid, request\n" in out


def test_a_commit_that_is_not_there_is_one_line():
    with pytest.raises(Problem, match="no commit 'f000000'"):
        hops.copy_of("f000000")
