"""Nothing that ./dev starts outlives it."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from devtools import ports
from devtools.console import Problem
from devtools.processes import Child, child, is_process, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

#: Starts a grandchild, notes both ids, and waits for ever.
PARENT = """
import os, subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(os.getpid(), grandchild.pid, flush=True)
time.sleep(60)
"""

WAITS = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"


def gone(pid):
    """Say whether a process ends while it should: it would wait for a minute."""
    end = time.monotonic() + 30
    while is_process(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_process(pid)


def noted(log):
    """Return the ids that PARENT notes in its log."""
    end = time.monotonic() + 30
    while not log.exists() or not log.read_text().endswith("\n"):
        assert time.monotonic() < end, "the program did not start"
        time.sleep(0.02)
    return [int(pid) for pid in log.read_text().split()]


def test_a_child_ends_with_its_block_and_so_does_what_it_started(tmp_path):
    log = tmp_path / "log"
    with child([sys.executable, "-c", PARENT], os.environ, log=log):
        pids = noted(log)
        assert all(map(is_process, pids))
    assert all(map(gone, pids))


def test_a_child_that_ignores_the_gentle_signal_is_killed(tmp_path):
    stubborn = (
        "import signal, time, os; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(os.getpid(), flush=True); time.sleep(60)"
    )
    running = Child([sys.executable, "-c", stubborn], os.environ, log=tmp_path / "log")
    pids = noted(tmp_path / "log")
    running.stop(patience=0.2)
    assert all(map(gone, pids))


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_children_end_when_dev_gets(name, tmp_path):
    log = tmp_path / "log"
    dev = (
        "import os, sys, time\n"
        "from devtools.processes import child, unwind_on_signals\n"
        "unwind_on_signals()\n"
        f"with child([sys.executable, '-c', {PARENT!r}], os.environ,"
        f" log={str(log)!r}):\n"
        "    time.sleep(60)\n"
    )
    number = getattr(signal, name)
    running = subprocess.Popen(
        [sys.executable, "-c", dev],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        # As a shell starts what runs in the background: Ctrl-C is ignored.
        preexec_fn=lambda: signal.signal(number, signal.SIG_IGN),
    )
    pids = noted(log)
    running.send_signal(number)
    running.wait(30)
    assert all(map(gone, pids))


def test_a_child_ends_on_the_signal_that_dev_itself_ignores(tmp_path):
    log = tmp_path / "log"
    dev = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from devtools.processes import Child, wait_until\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        f"log = Path({str(log)!r})\n"
        f"command = [sys.executable, '-c', {WAITS!r}]\n"
        "running = Child(command, os.environ, log=log, gently=signal.SIGINT)\n"
        "wait_until(log.read_text, running, 'The child', 20)\n"
        "running._signal(signal.SIGINT)\n"
        "sys.exit(running.process.wait(10) != -signal.SIGINT)\n"
    )
    ended = subprocess.run([sys.executable, "-c", dev], cwd=ROOT, timeout=60)
    assert ended.returncode == 0, log.read_text()


def test_a_child_is_told_to_end_when_dev_is_killed(tmp_path):
    log = tmp_path / "log"
    dev = (
        "import os, sys, time\n"
        "from devtools.processes import Child\n"
        f"Child([sys.executable, '-c', {WAITS!r}], os.environ, log={str(log)!r})\n"
        "time.sleep(60)\n"
    )
    running = subprocess.Popen([sys.executable, "-c", dev], cwd=ROOT)
    (pid,) = noted(log)
    running.kill()
    running.wait(30)
    assert gone(pid)


def test_a_server_that_ends_at_once_is_a_problem_with_the_end_of_its_log(tmp_path):
    log = tmp_path / "log"
    command = [sys.executable, "-c", "print('no such module'); raise SystemExit(3)"]
    with child(command, os.environ, log=log) as running:
        with pytest.raises(Problem, match="(?s)exit code 3.*no such module"):
            wait_until(lambda: False, running, "The server", timeout=20)


def test_a_server_that_never_answers_is_a_problem(tmp_path):
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with child(command, os.environ, log=tmp_path / "log") as running:
        with pytest.raises(Problem, match="does not answer after 0.3 s"):
            wait_until(lambda: False, running, "The server", timeout=0.3)


def test_a_process_that_nobody_reaped_does_not_run():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    assert not is_process(ended.pid)
    ended.wait()


def test_another_program_under_a_noted_id_is_not_the_one():
    assert is_process(os.getpid())
    assert not is_process(os.getpid(), "postgres")


def test_a_taken_port_is_one_line_that_says_what_to_do():
    with socket.socket() as taken:
        taken.bind((ports.LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Problem, match=f"^port {port} is taken.*--port"):
            ports.require(port)
        assert ports.prefer(port) != port


def test_a_free_port_is_kept():
    port = ports.pick()
    assert ports.require(port) == ports.prefer(port) == port
