"""./dev bench: one shape of figure, aims in one place, and a table made of the JSON."""

import json
import re
from types import SimpleNamespace

import pytest

from devtools import aims, bench, machine, report
from devtools.figures import KEYS, check, counted, figure, unavailable
from devtools.paths import ROOT

MACHINE = {"cores": "2", "CPU": "An X | 5000", "Odoo": "19.0"}


@pytest.fixture
def quiet(monkeypatch, tmp_path):
    """Let the machine always be the same, and the log go elsewhere."""
    monkeypatch.setattr(bench, "STATE", tmp_path)
    monkeypatch.setattr(machine, "load", lambda: 0.25)
    monkeypatch.setattr(machine, "commit", lambda: "abc1234")


def measured(name, function, quick=False):
    return bench.section(name, bench.Measurement("a title", function), None, quick)


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
    bench.measure([], quick=False)
    assert ("Something else runs" in capsys.readouterr().err) is warned


def test_the_exit_code_tells_of_failures_and_not_of_aims(monkeypatch, capsys):
    missed = {**figure("a", [2], "ms"), "aim": "<= 1", "met": False}
    section = {
        **{"name": "one", "title": "t", "date": "d", "commit": "c", "quick": False},
        **{"error": "", "seconds": 1, "load": [0, 0], "figures": [missed]},
    }
    for error, code in (("", 0), ("OSError", 1)):
        result = report_of({**section, "error": error})
        monkeypatch.setattr(bench, "measure", lambda names, quick, r=result: r)
        assert bench.main([]) == code
    assert "NOT MET" in capsys.readouterr().out


def test_the_figures_go_to_a_file_or_to_stdout(monkeypatch, capsys, tmp_path):
    result = report_of()
    monkeypatch.setattr(bench, "measure", lambda names, quick: {**result, "n": names})
    assert bench.main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == list(bench.MEASUREMENTS)
    assert bench.main(["--json", "till"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == ["till"]
    file = tmp_path / "figures.json"
    assert bench.main(["till", "--json", str(file)]) == 0
    assert json.loads(file.read_text())["n"] == ["till"]
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
        figure("a sale", [1, 2, 3, 4], "SQL", compared="plain Odoo"),
        figure("a sale", [7], "ms"),
        figure("claim", [2], "ms", plan=["Index Scan"]),
        unavailable("a job", "SQL", "cannot be installed"),
    ]
    section = measured("one", lambda *_: rows)
    shown = report.text(report_of(section))
    assert shown.count("a sale") == 1
    assert "1.25..3.75" in shown
    assert "plain Odoo" in shown
    assert "        Index Scan" in shown
    assert "cannot be installed" in shown
    assert "load 0.25 before, 0.25 after, commit abc1234" in shown
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


def test_the_page_shows_what_is_kept():
    """No figure of the page is typed by hand."""
    kept = report.load_kept()
    page = report.PAGE.read_text()
    assert report.inserted(page, kept) == page
    for section in kept["sections"]:
        assert section["name"] in bench.MEASUREMENTS
        for row in section["figures"]:
            check(row)


def test_the_page_explains_each_measurement():
    page = report.PAGE.read_text().partition(report.BEGIN)[0]
    explained = re.findall(r"^\* `(\w+)`: ", page, re.MULTILINE)
    assert explained == list(bench.MEASUREMENTS)


def test_each_aim_belongs_to_a_measurement():
    planned = {"database", "backlog"}
    assert set(aims.AIMS) <= set(bench.MEASUREMENTS) | planned
