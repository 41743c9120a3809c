"""Who answers at a server's address is that server, or nobody is told a password."""

import http.server
import os
import sys
import threading

import pytest

from devtools import demo, ports
from devtools.console import Problem
from devtools.processes import Child
from devtools.rpc import Session
from devtools.servers import Sandbox, Served, listens

#: A server that answers everything, on the port that it is told.
ANSWERS = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

IDLE = "import time; time.sleep(60)"

#: Begins to listen late: after what listened before has gone.
LATE = "import time; time.sleep(3)" + ANSWERS


class Server(Served):
    """A program of a test that may listen on a port."""

    def __init__(self, port, program, folder):
        self.port = port
        self.database = "database"
        self.url = f"http://127.0.0.1:{port}"
        self.command = [sys.executable, "-c", program, str(port)]
        self.log = folder / "log"

    def start(self):
        self.child = Child(self.command, os.environ, log=self.log)
        self.wait_until(lambda: listens(self.url), timeout=20)
        return self


@pytest.fixture
def stranger():
    """Return a function that makes somebody else's server; it notes what it is told."""
    running = []

    def take(port=0):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server.told.append(self.path)
                self.send_response(200)
                self.end_headers()

            do_POST = do_GET

            def log_message(self, *_arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.told = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return server

    yield take
    for server in running:
        server.shutdown()
        server.server_close()


def test_our_own_server_is_known_by_its_socket(tmp_path):
    with Server(ports.pick(), ANSWERS, tmp_path) as server:
        server.check()
        assert server.child.listens_on(server.port)
        assert not server.child.listens_on(ports.pick())


def test_a_stranger_who_takes_the_port_before_us_is_noticed_at_once(tmp_path, stranger):
    """Its port was free when it was chosen; our server lives on without it."""
    other = stranger()
    server = Server(other.server_port, IDLE, tmp_path)
    try:
        with pytest.raises(Problem, match="does not have its port"):
            server.start()
    finally:
        server.stop()
    assert other.told == []


def test_the_last_of_a_killed_server_is_waited_for(tmp_path, stranger):
    """Its workers may hold the port for a moment after it is gone."""
    former = stranger()
    leaving = threading.Timer(1, lambda: (former.shutdown(), former.server_close()))
    leaving.start()
    with Server(former.server_port, LATE, tmp_path) as server:
        server.check()
    leaving.join()
    assert former.told == []


def test_a_sandbox_without_its_port_is_not_another_ones(tmp_path, stranger):
    other = stranger()
    environment = tmp_path / "environment"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin/python").symlink_to(sys.executable)
    sandbox = Sandbox(environment, tmp_path, port=other.server_port)
    with pytest.raises(Problem, match=r"The sandbox (ended|does not have its port)"):
        with sandbox:
            pass
    sandbox.stop()
    assert other.told == []


def test_a_server_that_died_is_noticed_though_a_stranger_answers(tmp_path, stranger):
    with Server(ports.pick(), ANSWERS, tmp_path) as server:
        server.child.kill()
        other = stranger(server.port)
        assert listens(server.url)
        other.told.clear()
        with pytest.raises(Problem, match="The server ended"):
            demo.connector(server, server)("receptionist", "receptionist")
        assert other.told == [], "a stranger was told a password"


def test_a_server_that_dies_while_it_is_asked_is_a_problem(tmp_path):
    with Server(ports.pick(), ANSWERS, tmp_path) as server:
        checks = []

        def check():
            server.check()
            checks.append(1)
            server.child.kill()

        with pytest.raises(Problem, match="The server ended"):
            Session(server.url, "database", "admin", "admin", check=check)
        assert len(checks) == 1


def test_the_demo_goes_on_only_while_both_servers_live(tmp_path):
    (tmp_path / "odoo").mkdir()
    with Server(ports.pick(), ANSWERS, tmp_path / "odoo") as odoo:
        with Server(ports.pick(), ANSWERS, tmp_path) as sandbox:
            sandbox.child.kill()
            with pytest.raises(Problem, match="The server ended"):
                demo.connector(odoo, sandbox)("manager", "manager")
