"""./dev bench: one shape of figure, aims in one place, and a table made of the JSON."""

import json
import re
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from devtools import (
    aims,
    bench,
    bench_lane,
    bench_many,
    bench_others,
    machine,
    report,
)
from devtools.console import Problem
from devtools.databases import Databases
from devtools.figures import KEYS, check, counted, figure, unavailable
from devtools.odoo import Odoo
from devtools.paths import ROOT

MACHINE = {"cores": "2", "CPU": "An X | 5000", "Odoo": "19.0"}


@pytest.fixture
def quiet(monkeypatch, tmp_path):
    """Let the machine always be the same, and the log go elsewhere."""
    monkeypatch.setattr(bench, "STATE", tmp_path)
    monkeypatch.setattr(machine, "load", lambda: 0.25)
    monkeypatch.setattr(machine, "commit", lambda: "abc1234")


def measured(name, function, quick=False):
    section = bench.section(name, bench.Measurement("a title", function), None, quick)
    return {**section, "load": [0.2, *section["load"]]}


def report_of(*sections, **computer):
    return {"machine": {**MACHINE, **computer}, "sections": list(sections)}


# === FIGURES === #


def test_a_figure_is_the_median_with_its_middle_half():
    row = figure("a sale", [5, 1, 2, 3, 4], "ms", compared="another")
    assert tuple(row) == KEYS
    assert (row["value"], row["low"], row["high"]) == (3, 1.5, 4.5)
    assert (row["samples"], row["compared"]) == (5, "another")


def test_few_samples_have_no_middle_half():
    row = figure("a sale", [1, 2, 3], "ms")
    assert (row["low"], row["high"]) == (None, None)


def test_no_samples_are_no_figure():
    with pytest.raises(ValueError, match="no samples"):
        figure("a sale", [], "ms")


def test_counts_are_a_figure_each():
    samples = [{"sql": 3, "cpu": 1.5}, {"sql": 5, "cpu": 2.5}]
    rows = counted("a sale", samples, {"calls": "calls", "sql": "SQL", "cpu": "ms"})
    assert [(row["unit"], row["value"]) for row in rows] == [("SQL", 4), ("ms", 2)]


def test_another_shape_is_refused():
    assert check(figure("a sale", [1], "ms"))
    for row in ({"what": "a sale"}, ("a sale", 1), {**figure("x", [1], "y"), "z": 1}):
        with pytest.raises(ValueError, match="not a figure"):
            check(row)


# === AIMS === #


@pytest.mark.parametrize(
    ("aim", "value", "expected"),
    [
        ("<= 4", 4, True),
        ("<= 4", 3 * 4 / 3 + 1e-12, True),
        ("<= 4", 4.1, False),
        (">= 3.6", 3.6, True),
        (">= 3.6", 3.5, False),
        ("< 11", 11, False),
        ("< 11", 10.9, True),
        ("> 1", 1, False),
    ],
)
def test_an_aim_is_met_or_not(aim, value, expected):
    assert aims.met(aim, value) is expected


def test_an_unknown_sign_is_an_error():
    with pytest.raises(ValueError, match="not an aim"):
        aims.met("about 4", 4)


def test_each_figure_has_its_aim(monkeypatch):
    monkeypatch.setattr(
        aims, "AIMS", {"sale": {"v3: *": {"SQL": "<= 65"}, "v3: lane": {"SQL": "<= 9"}}}
    )
    rows = [
        figure("v3: walk-in", [60], "SQL"),
        figure("v3: walk-in", [60], "CPU ms"),
        figure("v3: two", [70], "SQL"),
        figure("v3: lane", [10], "SQL"),
        figure("v2: two", [70], "SQL"),
    ]
    judged = [(row["aim"], row["met"]) for row in aims.judge("sale", rows)]
    assert judged == [
        ("<= 65", True),
        ("", None),
        ("<= 65", False),
        ("<= 9", False),
        ("", None),
    ]
    assert aims.judge("other", [figure("v3: two", [70], "SQL")])[0]["aim"] == ""


def test_an_aim_that_nothing_is_measured_for_is_told(monkeypatch):
    monkeypatch.setattr(aims, "AIMS", {"sale": {"a": {"SQL": "<= 1", "ms": "<= 2"}}})
    rows = aims.judge("sale", [figure("a", [1], "SQL"), figure("b", [1], "ms")])
    assert [(r["what"], r["unit"], report.verdict(r)) for r in rows] == [
        ("a", "SQL", "met"),
        ("b", "ms", ""),
        ("a", "ms", "not measured"),
    ]
    assert check(rows[-1])["value"] is None
    assert aims.judge("sale", rows) == rows
    monkeypatch.setattr(aims, "AIMS", {})
    assert aims.judge("sale", rows) == [figure("a", [1], "SQL"), figure("b", [1], "ms")]


def test_a_missed_aim_says_why_where_it_is_known(monkeypatch):
    monkeypatch.setattr(aims, "AIMS", {"sale": {"*": {"SQL": "<= 1"}}})
    monkeypatch.setattr(aims, "REASONS", {"sale": {"a*": {"SQL": "a savepoint"}}})
    rows = [figure(what, [n], "SQL") for what, n in (("a", 1), ("ab", 2), ("b", 2))]
    reasons = [row["reason"] for row in aims.judge("sale", rows)]
    assert reasons == ["", "a savepoint", ""]


def test_the_aims_can_be_read():
    for section, wanted in aims.AIMS.items():
        for what, units in wanted.items():
            assert units, (section, what)
            for aim in units.values():
                aims.met(aim, 0)


# === THE RUN === #


def test_a_measurement_that_fails_leaves_the_others(quiet, monkeypatch):
    def failing(_databases, _quick):
        yield figure("half", [1], "ms")
        raise OSError(f"no room in {ROOT}/.dev\nand more")

    def fine(_databases, quick):
        return [figure("whole", [quick], "ms")]

    monkeypatch.setattr(aims, "AIMS", {"broken": {"rest": {"ms": "<= 1"}}})
    broken, whole = measured("broken", failing), measured("whole", fine, quick=True)
    assert broken["error"] == "OSError: no room in ./.dev"
    assert [(row["what"], report.verdict(row)) for row in broken["figures"]] == [
        ("half", ""),
        ("rest", "not measured"),
    ]
    assert (whole["error"], whole["figures"][0]["value"]) == ("", 1)
    shown = report.text(report_of(broken, whole))
    assert "FAILED: OSError: no room in ./.dev" in shown
    assert "Aims: 0 met, 0 not met, 1 not measured." in shown
    assert "Traceback" in next((bench.STATE / "logs").iterdir()).read_text()


def test_a_measurement_that_gives_no_figures_fails(quiet):
    section = measured("odd", lambda _databases, _quick: [{"what": "a sale"}])
    assert section["error"].startswith("ValueError: not a figure")


def test_an_interrupt_ends_the_run(quiet):
    def interrupted(_databases, _quick):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measured("one", interrupted)


@pytest.mark.parametrize(("load", "warned"), [(0.5, False), (0.51, True)])
def test_a_busy_machine_is_told(quiet, monkeypatch, capsys, load, warned):
    class Ready:
        def __enter__(self):
            return None

        def __exit__(self, *error):
            pass

    monkeypatch.setattr(machine, "load", lambda: load)
    monkeypatch.setattr(machine, "describe", lambda databases: MACHINE)
    monkeypatch.setattr(bench.environment, "ready", Ready)
    monkeypatch.setattr(
        bench, "MEASUREMENTS", {"one": bench.Measurement("t", lambda *_: [])}
    )
    shown = report.text(bench.measure(["one"], quick=False))
    assert ("Something else runs" in capsys.readouterr().err) is warned
    assert ("something else ran" in shown) is warned


def test_the_exit_code_tells_of_failures_and_not_of_aims(quiet, monkeypatch, capsys):
    missed = {**figure("a", [2], "ms"), "aim": "<= 1", "met": False}
    section = {
        **{"name": "one", "title": "t", "date": "d", "commit": "c", "quick": False},
        **{"error": "", "seconds": 1, "load": [0, 0, 0]},
        "figures": [missed],
    }
    for error, code in (("", 0), ("OSError", 1)):
        result = report_of({**section, "error": error})
        monkeypatch.setattr(bench, "measure", lambda names, quick, r=result: r)
        assert bench.main([]) == code
    shown = capsys.readouterr().out
    assert "NOT MET" in shown
    assert "* one: a: 2 ms (≤ 1)" in shown


def test_the_figures_go_to_a_file_or_to_stdout(quiet, monkeypatch, capsys, tmp_path):
    def measure(names, _quick):
        return report_of(names=names)

    monkeypatch.setattr(bench, "measure", measure)

    def names(text):
        return json.loads(text)["machine"]["names"]

    assert bench.main(["--json"]) == 0
    assert names(capsys.readouterr().out) == list(bench.MEASUREMENTS)
    assert bench.main(["--json", "till"]) == 0
    assert names(capsys.readouterr().out) == ["till"]
    file = tmp_path / "figures.json"
    assert bench.main(["till", "--json", str(file)]) == 0
    assert names(file.read_text()) == ["till"]
    assert (bench.STATE / "bench.json").read_text() == file.read_text()
    assert "middle half" in capsys.readouterr().out


def test_an_unknown_measurement_is_refused(capsys):
    with pytest.raises(SystemExit):
        bench.parsed(["tiller"])
    assert "there is no measurement tiller" in capsys.readouterr().err


# === THE MACHINE === #


def test_the_processor_is_called_as_the_system_does(tmp_path):
    file = tmp_path / "cpuinfo"
    file.write_text(
        "processor : 0\nmodel name\t: An  X 5000 @ 2 GHz\nmodel name\t: b\n"
    )
    assert machine.cpu(file) == "An X 5000 @ 2 GHz"
    assert machine.cpu(tmp_path / "none")


def test_the_machine_is_told_without_names_of_hosts():
    server = SimpleNamespace(query=lambda sql: [["18.1 (Debian 18.1-1)"]])
    odoo = SimpleNamespace(version="19.0-20261101")
    told = machine.describe(SimpleNamespace(server=server, odoo=odoo))
    assert told["PostgreSQL"] == "18.1"
    assert set(told) == {"cores", "CPU", "memory", "Odoo", "PostgreSQL", "Python"}


# === THE TABLE === #


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (0, "0"),
        (4.0, "4"),
        (1_000_000, "1,000,000"),
        (1234.5, "1,234"),
        (59.04, "59"),
        (59.06, "59.1"),
        (1.104, "1.1"),
        (0.333, "0.33"),
    ],
)
def test_numbers_are_short(value, shown):
    assert report.number(value) == shown


def test_the_table_has_a_line_for_each_figure_and_names_a_thing_once(quiet):
    rows = [
        figure("a sale", [1, 2, 3, 4], "SQL", compared="plain Odoo", note="quite"),
        figure("a sale", [7], "ms", note="quite"),
        figure("claim", [2], "ms", plan=["Index Scan"]),
        unavailable("a job", "SQL", "cannot be installed"),
    ]
    section = measured("one", lambda *_: rows)
    shown = report.text(report_of(section))
    assert (shown.count("a sale"), shown.count("quite")) == (1, 1)
    assert "1.25..3.75" in shown
    assert "plain Odoo; quite" in shown
    assert "        Index Scan" in shown
    assert "cannot be installed" in shown
    assert "0.2 at the start of the run, 0.25 before, 0.25 after, commit" in shown
    written = report.markdown(report_of(section))
    assert "| 2.5 | SQL | 1.25..3.75 |" in written
    assert "```\nIndex Scan\n```" in written


def test_the_text_of_a_figure_breaks_no_table(quiet):
    section = measured("one", lambda *_: [figure("a|b <i> *c*", [1], "ms")])
    assert r"| a\|b &lt;i> \*c\* |" in report.markdown(report_of(section))


def test_what_is_measured_anew_takes_its_place_and_the_rest_stays(quiet):
    def section(name, value):
        return measured(name, lambda *_: [figure("a", [value], "ms")])

    def values(kept):
        return [(s["name"], s["figures"][0]["value"]) for s in kept["sections"]]

    kept = report_of(section("b", 1), section("gone", 1), section("a", 1))
    fresh = report_of(section("b", 2))
    order = ["a", "b"]
    assert values(report.merge(kept, fresh, order)) == [("a", 1), ("b", 2)]
    assert values(report.merge(None, fresh, order)) == [("b", 2)]
    elsewhere = report_of(section("b", 3), cores="64")
    assert values(report.merge(kept, elsewhere, order)) == [("b", 3)]


def test_the_table_goes_between_the_marks(quiet):
    page = f"# Title\n\n{report.BEGIN}\nold\n{report.END}\n\nafter\n"
    section = measured("one", lambda *_: [figure("a", [1], "ms")])
    once = report.inserted(page, report_of(section))
    assert once.startswith("# Title\n")
    assert once.endswith("\n\nafter\n")
    assert "old" not in once
    assert "### `one`: a title" in once
    assert report.inserted(once, report_of(section)) == once
    with pytest.raises(ValueError, match="lacks the marks"):
        report.inserted("# Title\n", report_of(section))


# === WHAT IS KEPT === #


def test_the_json_has_a_line_for_each_figure(quiet):
    one = measured("one", lambda *_: [figure("á", [1], "ms"), figure("b", [2], "ms")])
    for whole in (report_of(one, one), report_of(one), report_of()):
        assert json.loads(report.dumped(whole)) == whole
    assert len(report.dumped(report_of(one)).splitlines()) == 6
    assert '"á"' in report.dumped(report_of(one))


def test_the_page_shows_what_is_kept():
    """No figure of the page is typed by hand: ``./dev bench --kept --write``."""
    kept = report.load_kept()
    page = report.PAGE.read_text()
    assert report.inserted(page, kept) == page
    assert report.KEPT.read_text() == report.dumped(kept)
    for section in kept["sections"]:
        assert section["name"] in bench.MEASUREMENTS
        for row in section["figures"]:
            check(row)


def test_the_page_explains_each_measurement():
    page = report.PAGE.read_text().partition(report.BEGIN)[0]
    explained = re.findall(r"^\* `(\w+)`: ", page, re.MULTILINE)
    assert explained == list(bench.MEASUREMENTS)


def test_each_aim_belongs_to_a_measurement():
    planned = {"database"}
    assert set(aims.AIMS) <= set(bench.MEASUREMENTS) | planned


# === BESIDE THE ADDON === #


def test_a_queue_that_cannot_be_installed_is_told(monkeypatch):
    def refuse(_requirements):
        raise Problem("no such package")

    monkeypatch.setattr(bench_others.venv, "ensure", refuse)
    (row,) = bench_others.queue_job(databases=None)
    assert check(row)["value"] is None
    assert row["note"] == "cannot be installed: no such package"


def test_the_queue_is_found_after_odoo_and_no_test_needs_it(tmp_path):
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    server = SimpleNamespace(environment={}, name="private")
    odoo = Odoo(tmp_path / "odoo", (tmp_path / "addons",), "19.0", "a checkout")
    databases = Databases(server, odoo, tmp_path, tmp_path)
    queue = bench_others.with_packages(databases, tmp_path)
    path = queue.odoo_environment()["PYTHONPATH"].split(":")
    assert path == [str(tmp_path / "odoo"), str(packages)]
    assert queue.odoo.addons_path.split(",")[:2] == [
        str(tmp_path / "addons"),
        str(packages / "odoo" / "addons"),
    ]
    assert databases.odoo_environment()["PYTHONPATH"] == str(tmp_path / "odoo")
    assert "queue" not in bench_others.venv.REQUIREMENTS.read_text()


def test_a_sale_is_compared_with_the_plain_one_of_its_round(monkeypatch):
    @contextmanager
    def given(*_arguments, **_options):
        yield SimpleNamespace(url="")

    def sales(factor):
        return [{"sql": n * factor, "cpu": n * factor} for n in (10, 20)]

    result = {name: sales(2) for name in bench_others._SALES}
    result["plain"] = sales(1)
    monkeypatch.setattr(bench_others, "Sandbox", given)
    monkeypatch.setattr(bench_others, "without_the_addon", given)
    monkeypatch.setattr(bench_others.arena, "prepare", lambda *_: None)
    monkeypatch.setattr(bench_others, "inside", lambda *_, **_options: result)
    databases = SimpleNamespace(environment=None, state=None, temporary=given)
    rows = {(r["what"], r["unit"]): r for r in bench_others.invoice(databases)}
    own = bench_others._SALES["own"]
    assert rows[own, "SQL"]["value"] == 30
    assert rows[own, "SQL more"]["value"] == 15
    assert rows[own, "x CPU"]["value"] == 2
    assert rows[own, "x CPU"]["compared"] == bench_others._SALES["plain"]


def test_a_lane_is_told_beside_both_loops_of_its_round():
    rounds = [(20, 100, 40), (25, 125, 50)]  # documents a second
    rows = {
        (row["what"], row["unit"], row["compared"][:11]): row["value"]
        for row in bench_lane._beside(rounds, "0 ms latency")
    }
    above = "above a bare post, 0 ms latency"
    assert rows[f"a document {above}", "ms", "a loop that"] == 36  # of 40 and 32
    assert rows[f"three raw commits {above}", "ms", "a loop that"] == 13.5
    assert rows["rate of the lane, 0 ms latency", "1/s", ""] == 22.5
    assert rows["rate of the raw loop, 0 ms latency", "x", "a loop that"] == 0.4
    ratios = [
        row["value"]
        for row in bench_lane._beside(rounds, "0 ms latency")
        if (row["what"], row["unit"]) == ("rate of the lane, 0 ms latency", "x")
    ]
    assert ratios == [0.2, 0.5]


@pytest.mark.parametrize(
    ("times", "moved"),
    [
        ([], 0),
        ([1, 2, 2, 3], 0),
        ([9, 1, 2, 3], 1),  # one that was put off, not three that overtook it
        ([1, 5, 2, 6, 3, 7], 2),
        ([3, 2, 1], 2),
    ],
)
def test_out_of_order_are_those_that_would_have_to_be_moved(times, moved):
    assert bench_many.out_of_order(times) == moved
