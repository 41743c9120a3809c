"""What is fetched and built is whole or made anew, and never twice at once."""

import errno
import multiprocessing
import time

import pytest

from devtools import builds
from devtools.console import Problem


def test_a_folder_is_built_once(tmp_path):
    built = []
    for _run in range(2):
        builds.build(tmp_path / "thing", built.append)
    assert built == [tmp_path / "thing"]


def test_an_interrupted_build_is_thrown_away_and_made_anew(tmp_path):
    def interrupted(folder):
        (folder / "half a download").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        builds.build(tmp_path / "thing", interrupted)
    builds.build(tmp_path / "thing", lambda folder: (folder / "whole").touch())
    names = {path.name for path in (tmp_path / "thing").iterdir()}
    assert names == {"whole", builds.MARKER}


def test_a_build_that_does_not_work_any_more_is_made_anew(tmp_path):
    def work(folder):
        (folder / "program").touch()

    def healthy(folder):
        return (folder / "program").exists()

    builds.build(tmp_path / "thing", work, healthy)
    (tmp_path / "thing" / "program").unlink()
    builds.build(tmp_path / "thing", work, healthy)
    assert (tmp_path / "thing" / "program").exists()


def test_a_full_disk_is_one_line_and_the_next_run_recovers(tmp_path):
    def no_space(folder):
        (folder / "half").touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(Problem, match="^no disk space left for .*thing.*run again"):
        builds.build(tmp_path / "thing", no_space)
    assert builds.build(tmp_path / "thing", lambda folder: None).is_dir()


def test_too_little_disk_space_is_said_before_the_work_begins(tmp_path):
    def work(folder):
        raise AssertionError("began to work")

    with pytest.raises(Problem, match="GB free, 1000000.0 GB needed.*SALON_CACHE"):
        builds.build(tmp_path / "thing", work, gigabytes=1e6)


def test_a_folder_of_others_is_one_line_that_says_what_to_set(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match="^cannot build"):
        builds.build(tmp_path / "file" / "thing", lambda folder: None)
    denied = PermissionError(errno.EACCES, "Permission denied", "/somewhere")
    problem = builds.explain(denied, tmp_path)
    assert str(problem).startswith("cannot write /somewhere: Permission denied.")
    assert "SALON_CACHE" in str(problem)


def test_two_runs_at_once_build_once(tmp_path):
    context = multiprocessing.get_context("fork")
    runs = [context.Process(target=_build_slowly, args=(tmp_path,)) for _ in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(20)
    assert [run.exitcode for run in runs] == [0, 0, 0]
    assert (tmp_path / "count").read_text() == "built\n"


def _build_slowly(folder):
    def work(_target):
        time.sleep(0.3)
        with open(folder / "count", "a") as count:
            count.write("built\n")

    builds.build(folder / "thing", work)
