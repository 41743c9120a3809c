"""Jobs run beside each other, and end with the block that has added them."""

import os
import signal
import sys
import threading
from contextlib import contextmanager

import pytest

from devtools.console import Problem
from devtools.lanes import Lanes
from devtools.processes import child, is_process

WAITS = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_jobs_run_beside_each_other():
    lanes = Lanes(2)
    meeting = threading.Barrier(2)
    with lanes.ending():
        for _job in range(2):
            lanes.add(lambda _note: meeting.wait(20))


def test_no_more_run_at_once_than_there_are_lanes():
    lanes, running, most = Lanes(1), [], []

    def job(_note):
        running.append(1)
        most.append(len(running))
        running.pop()

    with lanes.ending():
        for _job in range(20):
            lanes.add(job)
    assert most == [1] * 20


def test_lanes_are_used_again_after_they_have_ended():
    lanes, done = Lanes(1), []
    for number in range(2):
        with lanes.ending():
            lanes.add(lambda _note, number=number: done.append(number))
        assert done == [*range(number + 1)]


def test_a_job_that_fails_does_not_stop_the_next(capsys):
    lanes, done = Lanes(1), []

    def broken(_note):
        raise Problem("no clock")

    with lanes.ending():
        lanes.add(broken)
        lanes.add(lambda _note: done.append(1))
    assert done == [1]
    assert "dev: no clock" in capsys.readouterr().err


def waiting(lanes, tmp_path):
    """Add a job that waits for a program, and one after it; return the program's id."""
    begun, pids, done = threading.Event(), [], []

    def job(note):
        with child(WAITS, os.environ, log=tmp_path / "log") as process:
            note(process)
            pids.append(process.pid)
            begun.set()
            process.wait()

    lanes.add(job)
    lanes.add(lambda _note: done.append(1))
    assert begun.wait(20)
    return pids[0], done


def test_what_runs_is_stopped_when_the_block_is_left_by_ctrl_c(tmp_path):
    lanes = Lanes(1)
    with pytest.raises(KeyboardInterrupt), lanes.ending():
        pid, done = waiting(lanes, tmp_path)
        raise KeyboardInterrupt
    assert not is_process(pid)
    assert not done


def test_what_runs_is_stopped_by_ctrl_c_while_its_end_is_waited_for(tmp_path):
    lanes, still = Lanes(1), []
    interrupt = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt), used(lambda: still.append(is_process(pid))):
        with lanes.ending():
            pid, done = waiting(lanes, tmp_path)
            interrupt.start()
    assert still == [False], "what it uses is taken away after it has ended"
    assert not done


@contextmanager
def used(leave):
    """Stand for what a process uses: it is taken away after the block."""
    try:
        yield
    finally:
        leave()


def test_what_runs_may_end_when_something_else_cannot_be_had():
    lanes, done = Lanes(1), []
    begun = threading.Event()

    def job(_note):
        begun.set()
        done.append(1)

    with pytest.raises(Problem), lanes.ending():
        lanes.add(job)
        raise Problem("no Odoo")
    assert done == [1]
