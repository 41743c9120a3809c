"""./dev test runs what was asked for and tells the truth about it."""

import pytest

from devtools import testing
from devtools.paths import ADDON, ROOT
from devtools.testing import LIVE, NO_TESTS, ODOO, PLAIN, Result, choose, split


def test_without_paths_everything_is_run():
    assert list(choose([])) == [PLAIN, ODOO, LIVE]


@pytest.mark.parametrize(
    ("path", "stages"),
    [
        ("tests", [PLAIN, LIVE]),
        ("tests/devtools", [PLAIN]),
        ("tests/devtools/test_testing.py::test_x", [PLAIN]),
        ("tests/live", [LIVE]),
        ("tests/live/test_environment.py", [LIVE]),
        ("salon_invoice_bridge", [ODOO]),
        ("salon_invoice_bridge/tests", [ODOO]),
    ],
)
def test_a_path_chooses_its_stage(path, stages, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert list(choose([path])) == stages


def test_options_and_their_values_are_passed_on(monkeypatch):
    monkeypatch.chdir(ROOT)
    argv = ["-x", "-k", "tests", "tests/live", "--maxfail=2", "-m", "dev"]
    paths, options = split(argv)
    assert paths == ["tests/live"]
    assert options == ["-x", "-k", "tests", "--maxfail=2", "-m", "dev"]


def test_the_last_line_is_the_sum_of_the_stages(capsys):
    results = [Result(PLAIN, 3, 0, 1), Result(ODOO, 2, 0, 0)]
    assert testing.report(results) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed, 0 failed, 1 skipped"


def test_one_failure_in_one_stage_fails_the_run(capsys):
    assert testing.report([Result(PLAIN, 3), Result(ODOO, 2, 1)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed, 1 failed, 0 skipped"


def test_a_selection_that_selects_nothing_fails_the_run(capsys):
    assert testing.report([Result(PLAIN, code=NO_TESTS)]) == NO_TESTS


def test_a_stage_that_a_selection_leaves_empty_does_not_fail_the_run(capsys):
    assert testing.report([Result(PLAIN, 1), Result(ODOO, code=NO_TESTS)]) == 0


def test_a_stage_that_died_without_a_report_counts_as_failed(tmp_path):
    assert testing.read(PLAIN, tmp_path / "none.xml", code=-9).failed == 1


def test_a_stage_that_was_interrupted_counts_as_failed(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite tests="2" failures="0" errors="0" skipped="1"/>'
        "</testsuites>"
    )
    assert testing.read(PLAIN, report, code=0) == Result(PLAIN, 1, 0, 1)
    assert testing.read(PLAIN, report, code=2).failed == 1


def test_a_stage_that_cannot_be_made_ready_counts_as_failed(monkeypatch, capsys):
    def broken(*_steps):
        raise testing.Problem("Odoo does not install the addon.")

    monkeypatch.setattr(testing.environment, "ready", broken)
    assert testing.main([str(ADDON / "tests"), str(ROOT / "tests" / "live")]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == "0 passed, 2 failed, 0 skipped"
    assert "dev: Odoo does not install the addon." in printed.err


# === OTHER CLOCKS === #


def titles(*argv):
    """Return what ``./dev test --clocks ...`` runs under other clocks."""
    argv, instead, again = testing.take_clocks(argv)
    paths, _options = split(argv)
    return list(testing.under(choose(paths), bool(paths), instead, again))


def test_every_clock_is_tried_in_the_plain_stage_and_three_in_odoo():
    assert titles("--clocks") == [
        "plain +1-day",
        "plain +40-days",
        "plain leap-day",
        "plain summer-time",
        "plain winter-time",
        "plain midnight-budapest",
        "plain midnight-utc",
        "odoo +40-days",
        "odoo midnight-budapest",
        "odoo midnight-utc",
    ]


def test_clocks_and_stages_are_chosen(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert titles("--clocks=leap-day") == ["plain leap-day", "odoo leap-day"]
    assert titles("--clocks=leap-day", "tests") == ["plain leap-day"]
    assert len(titles("--clocks", "salon_invoice_bridge/tests")) == 7
    assert titles("--also-at=+40-days", "-x") == ["plain +40-days"]
    assert titles("-x") == titles("--clocks", "tests/live") == []


def test_a_failure_under_another_clock_fails_the_run(monkeypatch, capsys):
    """What is run beside the other stages counts in the same closing line."""
    clock = testing.clocks.CLOCKS["+40-days"]
    monkeypatch.setattr(type(clock), "variables", lambda *_arguments: {"CLOCK": "1"})

    class Ended:
        def __init__(self, failed):
            self.failed = failed

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def result(self):
            return Result(PLAIN, 5 - self.failed, self.failed)

    def started(*_arguments, clock=None, **_more):
        return Ended(failed=int(bool(clock)))

    monkeypatch.setattr(testing, "started", started)
    assert testing.main([str(ROOT / "tests/devtools"), "--also-at=+40-days"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "9 passed, 1 failed, 0 skipped"


def test_a_clock_that_cannot_be_had_fails_the_run(monkeypatch, capsys):
    def broken():
        raise testing.Problem("no libfaketime")

    monkeypatch.setattr(testing.clocks, "library", broken)
    assert testing.main([str(ROOT / "tests/devtools"), "--clocks=+40-days"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 1 failed, 0 skipped"
