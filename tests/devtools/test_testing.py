"""./dev test runs what was asked for and tells the truth about it."""

import subprocess
import sys
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from devtools import clocks, stages, testing
from devtools.paths import ADDON, ROOT
from devtools.stages import LIVE, NO_TESTS, ODOO, PLAIN, Result
from devtools.testing import choose, split


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
    assert stages.read(PLAIN, tmp_path / "none.xml", code=-9).failed == 1


def test_a_stage_that_was_interrupted_counts_as_failed(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite tests="2" failures="0" errors="0" skipped="1"/>'
        "</testsuites>"
    )
    assert stages.read(PLAIN, report, code=0) == Result(PLAIN, 1, 0, 1)
    assert stages.read(PLAIN, report, code=2).failed == 1


def test_a_stage_that_cannot_be_made_ready_counts_as_failed(monkeypatch, capsys):
    def broken(**_options):
        raise testing.Problem("Odoo does not install the addon.")

    monkeypatch.setattr(testing.environment, "ready", broken)
    assert testing.main([str(ADDON / "tests"), str(ROOT / "tests" / "live")]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == "0 passed, 2 failed, 0 skipped"
    assert "dev: Odoo does not install the addon." in printed.err


# === PROCESSES BESIDE EACH OTHER === #


@pytest.fixture
def ended(monkeypatch):
    """Return a function of the one that plays pytest: Job -> Result."""

    def play(function):
        monkeypatch.setattr(
            stages.Job, "run", lambda job, _note, _log=None: function(job)
        )

    return play


@pytest.fixture
def no_databases(monkeypatch, tmp_path):
    """Let databases be there that nobody has made; return those that are there now."""
    there = set()

    @contextmanager
    def temporary(_template):
        name = f"salon_{len(there)}"
        there.add(name)
        yield name
        there.remove(name)

    databases = SimpleNamespace(
        environment=tmp_path,
        odoo=SimpleNamespace(path=tmp_path),
        odoo_environment=dict,
        temporary=temporary,
        write_config=lambda database: database,
    )

    @contextmanager
    def ready(early):
        early(tmp_path)
        yield databases

    monkeypatch.setattr(testing.environment, "ready", ready)
    monkeypatch.setattr(testing.templates, "connected", lambda _databases: "any")
    return there


def test_the_counts_of_all_processes_add_up(ended, no_databases, capsys):
    ended(lambda job: Result(job.title, 3, 0, 1))
    assert testing.main([]) == 0
    shares = testing.CORES
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:4] for line in lines[-4:-1]] == [
        [PLAIN, "3", "0", "1"],
        [ODOO, str(3 * shares), "0", str(shares)],
        [LIVE, str(3 * shares), "0", str(shares)],
    ]
    passed, skipped = 3 + 6 * shares, 1 + 2 * shares
    assert lines[-1] == f"{passed} passed, 0 failed, {skipped} skipped"


@pytest.mark.parametrize("stage", [ODOO, LIVE])
@pytest.mark.parametrize("share", range(2))
def test_one_failure_in_one_process_fails_the_run(
    ended, no_databases, capsys, stage, share
):
    seen = []

    def run(job):
        number = seen.count(job.stage)
        seen.append(job.stage)
        return Result(job.title, 3, int((job.stage, number) == (stage, share)))

    ended(run)
    assert testing.main([]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"{3 + 6 * testing.CORES} passed, 1 failed, 0 skipped"


def test_a_process_that_could_not_start_fails_the_run(ended, no_databases, capsys):
    seen = []

    def run(job):
        seen.append(job.stage)
        if seen.count(ODOO) == 2:
            raise OSError("no memory")
        return Result(job.title, 3)

    ended(run)
    assert testing.main([str(ADDON / "tests")]) == 1
    printed = capsys.readouterr()
    last = printed.out.splitlines()[-1]
    assert last == f"{3 * (testing.CORES - 1)} passed, 1 failed, 0 skipped"
    assert "dev: no memory" in printed.err


def test_stages_that_were_begun_count_where_another_cannot_be_made_ready(
    ended, no_databases, monkeypatch, capsys
):
    def broken(_databases):
        raise testing.Problem("the scene failed")

    monkeypatch.setattr(testing.templates, "connected", broken)
    ended(lambda job: Result(job.title, 3))
    assert testing.main([]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == "6 passed, 1 failed, 0 skipped"
    assert "dev: the scene failed" in printed.err


def jobs(ended, *argv):
    """Return the pytest processes that ``./dev test`` starts."""
    started = []

    def run(job):
        started.append(job)
        return Result(job.title, 1)

    ended(run)
    assert testing.main(list(argv)) == 0
    return started


def test_whole_stages_in_odoo_are_shared_and_single_files_are_not(ended, no_databases):
    shared = [job for job in jobs(ended) if job.shards]
    assert {job.stage for job in shared} == {ODOO, LIVE}
    assert len(shared) == 2 * testing.CORES
    assert len({job.shards for job in shared}) == 2
    for path in (ADDON / "tests" / "test_hook.py", ROOT / "tests/live/test_smoke.py"):
        (alone,) = jobs(ended, str(path))
        assert not alone.shards


def test_what_somebody_sits_before_runs_one_after_the_other(ended, no_databases):
    started = jobs(ended, "--pdb")
    assert [job.stage for job in started] == [PLAIN, ODOO, LIVE]
    assert not any(job.shards for job in started)


def test_each_process_has_a_database_of_its_own_until_it_ends(ended, no_databases):
    used = []

    def run(job):
        (config,) = (a for a in job.arguments if a.startswith("--odoo-config="))
        used.append(config.removeprefix("--odoo-config="))
        time.sleep(0.05)
        assert used[-1] in no_databases
        return Result(job.title, 1)

    ended(run)
    assert testing.main([str(ADDON / "tests")]) == 0
    assert len(set(used)) == testing.CORES
    assert not no_databases


# === FAST === #


def test_fast_leaves_out_the_slow_ones_of_the_live_stage_alone(ended, no_databases):
    for job in jobs(ended, "--fast", "-k", "sale"):
        assert "--fast" not in job.arguments
        assert "sale" in job.arguments
        mark = "not (browser or crash or chaos)"
        assert (mark in job.arguments) == (job.stage == LIVE)


def test_fast_and_a_mark_of_ones_own_are_both_meant():
    assert testing.without_slow(["-x", "-m", "a or b"]) == [
        *("-x", "-m", "(a or b) and not (browser or crash or chaos)")
    ]


def test_fast_has_no_browser_no_crash_and_no_chaos_and_all_the_rest():
    def collected(*options):
        command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/live"]
        done = subprocess.run(
            [*command, *options], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return {line for line in done.stdout.splitlines() if "::" in line}

    fast = collected(*testing.without_slow([]))
    slow = collected("-m", " or ".join(testing.SLOW))
    assert not fast & slow
    files = {test.partition("::")[0] for test in fast}
    assert "tests/live/test_concurrency.py" in files
    assert not files & {"tests/live/test_crash.py", "tests/live/test_chaos.py"}
    assert "tests/live/test_smoke.py::test_the_web_client_renders" not in fast
    assert {test for test in slow if "screens" in test}


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


def test_a_failure_under_another_clock_fails_the_run(ended, monkeypatch, capsys):
    """What is run beside the other stages counts in the same closing line."""
    clock = testing.clocks.CLOCKS["+40-days"]
    monkeypatch.setattr(type(clock), "variables", lambda *_arguments: {"CLOCK": "1"})

    def moved(job):
        return int("CLOCK" in job.clock())

    ended(lambda job: Result(job.title, 5 - moved(job), moved(job)))
    assert testing.main([str(ROOT / "tests/devtools"), "--also-at=+40-days"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "9 passed, 1 failed, 0 skipped"


def test_the_odoo_stage_has_the_clock_of_its_postgresql(
    ended, no_databases, monkeypatch
):
    moved = {"FAKETIME": "+60"}

    @contextmanager
    def serving(databases, clock, _before):
        assert clock.name == "leap-day"
        yield databases, "template", moved

    monkeypatch.setattr(testing.clocks, "serving", serving)
    (job,) = jobs(ended, "--clocks=leap-day", str(ADDON / "tests"))
    assert (job.title, job.stage, job.clock()) == ("odoo leap-day", ODOO, moved)
    assert not job.shards
    assert not no_databases


def test_a_clock_that_cannot_be_had_fails_the_run(monkeypatch, capsys):
    def broken():
        raise testing.Problem("no libfaketime")

    monkeypatch.setattr(testing.clocks, "library", broken)
    assert testing.main([str(ROOT / "tests/devtools"), "--clocks=+40-days"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 1 failed, 0 skipped"


def test_fewer_examples_are_tried_under_another_clock(monkeypatch):
    (clock,) = clocks.named("+40-days")
    monkeypatch.delenv("SALON_EXAMPLES", raising=False)
    assert testing._variables_under(clock)["SALON_EXAMPLES"] == testing.UNDER_A_CLOCK
    monkeypatch.setenv("SALON_EXAMPLES", "5")
    assert testing._variables_under(clock)["SALON_EXAMPLES"] == "5"
