"""The private PostgreSQL: there as long as somebody needs it, whatever happens."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from devtools import clocks, paths, postgres, venv
from devtools.console import Problem
from devtools.processes import is_process


@pytest.fixture
def cluster(tmp_path):
    """Return a cluster of its own, not made yet."""
    return postgres.Cluster(postgres.programs(venv.ensure()), tmp_path)


def stopped(cluster):
    """Say whether the server stops within a minute."""
    end = time.monotonic() + 60
    while cluster.is_running() and time.monotonic() < end:
        time.sleep(0.05)
    return not cluster.is_running()


def user(cluster):
    """Return another process that uses the cluster, once it does."""
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from devtools.postgres import Cluster\n"
        "with Cluster(Path(sys.argv[1]), Path(sys.argv[2])).in_use():\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, cluster.programs, cluster.folder.parent]
    process = subprocess.Popen(command, cwd=paths.ROOT, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    return process


def test_it_runs_while_it_is_used_and_not_longer(cluster):
    with cluster.in_use():
        assert cluster.server.query("SELECT 1") == [["1"]]
    assert not cluster.is_running()


def test_what_was_written_is_there_in_the_next_run(cluster):
    with cluster.in_use():
        cluster.server.query("CREATE TABLE kept AS SELECT 42 AS answer")
    with cluster.in_use():
        assert cluster.server.query("SELECT answer FROM kept") == [["42"]]


def test_who_comes_later_uses_the_running_server_and_stops_it_last(cluster):
    with cluster.in_use():
        second = user(cluster)
    try:
        assert cluster.is_running()
        assert cluster.server.query("SELECT 1") == [["1"]]
    finally:
        second.send_signal(signal.SIGINT)
        second.wait(60)
    assert stopped(cluster)


def test_it_stops_when_its_only_user_is_killed(cluster):
    only = user(cluster)
    assert cluster.is_running()
    only.kill()
    only.wait(60)
    assert stopped(cluster)


def test_it_comes_back_with_all_that_was_committed_after_it_was_killed(cluster):
    with cluster.in_use():
        cluster.server.query("CREATE TABLE kept AS SELECT 42 AS answer")
        pid = int((cluster.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 60
        while is_process(pid) and time.monotonic() < end:
            time.sleep(0.02)
        assert not cluster.is_running()
        cluster.start()
        assert cluster.server.query("SELECT answer FROM kept") == [["42"]]


def test_it_has_the_clock_that_it_is_given(tmp_path):
    moved = clocks.CLOCKS["+40-days"].variables(before=0)
    cluster = postgres.Cluster(postgres.programs(venv.ensure()), tmp_path, moved)
    with cluster.in_use():
        ((now, slept),) = cluster.server.query(
            "WITH started AS MATERIALIZED (SELECT clock_timestamp() AS moment), "
            "waited AS MATERIALIZED (SELECT pg_sleep(0.5), moment FROM started) "
            "SELECT extract(epoch FROM moment), clock_timestamp() - moment FROM waited"
        )
    assert abs(float(now) - time.time() - 40 * 24 * 3600) < 60
    assert slept.startswith("00:00:0")
    clocks.forget()


def test_it_asks_for_a_password(cluster):
    with cluster.in_use():
        variables = {**cluster.server.environment, "PGPASSWORD": "guessed"}
        command = [cluster.programs / "psql", "--command", "SELECT 1", "postgres"]
        shown = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert "password authentication failed" in shown.stderr


def test_a_port_that_was_taken_meanwhile_is_no_problem(cluster):
    with cluster.in_use():
        port = cluster.port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with cluster.in_use():
            assert cluster.port != port
            assert cluster.server.query("SELECT 1") == [["1"]]


def test_an_existing_server_that_does_not_answer_is_one_line(monkeypatch):
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", "1")
    with pytest.raises(Problem, match="no PostgreSQL at PGHOST=127.0.0.1") as problem:
        postgres.existing(venv.ensure())
    assert "\n" not in str(problem.value)
