"""Databases: templates, and clones of them that live as long as a run.

The base template (Odoo's own modules) is kept until Odoo or the packages change; the
addon's is cloned from it, and made anew whenever a file of the addon changes; further
ones, with more in them, are cloned from that (:mod:`devtools.templates`). With each
database goes its file store: the files are hard links, since Odoo never writes to one
twice.
"""

import hashlib
import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from . import paths, venv
from .builds import locked
from .console import Problem, detail
from .odoo import Odoo
from .postgres import Server
from .processes import is_process

BASE_MODULES = "point_of_sale,l10n_hu"
LANGUAGE = "hu_HU"
#: Of PostgreSQL: parts of a text are found by an index.
EXTENSIONS = ("pg_trgm",)

#: What Odoo is started from.
ENTRY = Path(__file__).with_name("launch") / "odoo_server.py"

#: Parts of the addon that leave no trace in a database.
_TRACELESS = {"tests", "readme", "__pycache__"}

_numbers = count(1)

#: Locks that this process holds.
_held = set()


@dataclass(frozen=True)
class Databases:
    """The databases of this checkout in one PostgreSQL.

    :param environment: the private virtual environment
    :param state: folder for Odoo's data and configuration files
    """

    server: Server
    odoo: Odoo
    environment: Path
    state: Path

    @property
    def prefix(self):
        """Return what the names of all databases of this checkout begin with."""
        return f"salon_{paths.checkout_id()}"

    @property
    def demo(self):
        """Return the name of the database that ``./dev demo`` makes and that stays."""
        return f"{self.prefix}_demo"

    @property
    def data(self):
        """Return Odoo's ``data_dir``, which goes with the databases of one server."""
        return self.state / "odoo" / self.server.name

    def names(self):
        """Return the names of all databases of this checkout."""
        pattern = self.prefix.replace("_", r"\_") + r"\_%"
        rows = self.server.query(
            f"SELECT datname FROM pg_database WHERE datname LIKE '{pattern}'"
        )
        return {row[0] for row in rows}

    def template(self):
        """Return the name of the addon's template, built if need be."""
        with self._lock():
            return self._ensure_template()

    def base(self):
        """Return the name of the template without the addon, built if need be."""
        with self._lock():
            return self._ensure_base()

    def _ensure_base(self):
        """Return the template with Odoo's modules, built if need be."""
        wanted = [self.odoo.key, BASE_MODULES, LANGUAGE, *EXTENSIONS]
        wanted.append(venv.REQUIREMENTS.read_text())
        return self._ensure("base", digest(wanted), self._make_base)

    def _ensure_template(self):
        """Return the template with the addon, built if need be."""
        base = self._ensure_base()
        key = digest([base, *addon_files(paths.ADDON)])
        return self._ensure("addon", key, lambda name: self._make_addon(name, base))

    def derive(self, kind, source, texts, make):
        """Return the name of a template that is more than its source, built if need be.

        :param str kind: what its name tells
        :param str source: another template
        :param texts: what else it is made from; other ones make it anew
        :param make: function of its name that adds to a fresh clone of ``source``
        """

        def build(name):
            self.clone(source, name)
            make(name)

        with self._lock():
            return self._ensure(kind, digest([source, *texts]), build)

    def create(self, name, template=None):
        """Make ``name`` a fresh clone of a template; return which.

        :param template: function of these databases that returns its name, such as
            those of :mod:`devtools.templates`; the addon's if not given
        """
        with self._lock():
            source = template(self) if template else self._ensure_template()
            self.drop(name)
            self.clone(source, name)
        return source

    def drop(self, name):
        """Remove a database, whoever is connected to it, with its file store."""
        self.server.run("dropdb", "--if-exists", "--force", name)
        shutil.rmtree(self._files(name), ignore_errors=True)
        self.config(name).unlink(missing_ok=True)

    def take(self, other, template):
        """Copy a template from another server's :class:`Databases`."""
        dump = self.state / f"{template}.dump"
        other.server.run("pg_dump", "--format=custom", f"--file={dump}", template)
        self.server.run("createdb", "--template=template0", template)
        self.server.run("pg_restore", "--no-owner", f"--dbname={template}", dump)
        dump.unlink()
        if other._files(template).is_dir():
            shutil.copytree(other._files(template), self._files(template))

    @contextmanager
    def temporary(self, template=None):
        """Yield the name of a fresh clone, which is gone after the block.

        :param template: see :meth:`create`
        """
        name = f"{self.prefix}_run_{os.getpid()}_{next(_numbers)}"
        self.create(name, template)
        try:
            yield name
        finally:
            self.drop(name)

    def drop_leftovers(self):
        """Remove the databases of runs that were killed."""
        for name in self.names():
            kind, _, rest = name.removeprefix(f"{self.prefix}_").partition("_")
            if kind == "run" and not is_process(int(rest.partition("_")[0])):
                self.drop(name)

    def config(self, name):
        """Return the path of a database's Odoo configuration file."""
        return self.state / "config" / f"{name}.conf"

    def write_config(self, name, **options):
        """Write an Odoo configuration file for a database and return its path.

        :param options: further Odoo options, which win over ours
        """
        chosen = {
            "addons_path": self.odoo.addons_path,
            "data_dir": self.data,
            "db_host": self.server.host,
            "db_port": self.server.port,
            "db_user": self.server.user,
            "db_password": self.server.password,
            "db_name": name,
            "dbfilter": f"^{name}$",
            "http_interface": "127.0.0.1",
            "list_db": False,
            "max_cron_threads": 0,
            "without_demo": True,
            **options,
        }
        lines = [f"{key} = {value}" for key, value in chosen.items() if value != ""]
        path = self.config(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("\n".join(["[options]", *lines, ""]))
        return path

    def odoo_environment(self):
        """Return the variables with which Odoo runs from the private environment."""
        return {
            **os.environ,
            **self.server.environment,
            "PYTHONPATH": str(self.odoo.path),
            "PATH": f"{self.environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }

    def odoo_command(self, name, *arguments, command="server", **options):
        """Return the command line of an Odoo program on a database."""
        config = self.write_config(name, **options)
        python = venv.python(self.environment)
        # The shell's scripts import from the checkout, where ``-m`` lets them look.
        start = [ENTRY] if command == "server" else ["-m", "odoo"]
        return [python, *start, command, "--config", config, *arguments]

    def install(self, name, how, modules, *arguments):
        """Install or update modules in a database, its log in ``logs``.

        :param how: ``--init`` or ``--update``
        :raises Problem: with Odoo's last error
        """
        command = self.odoo_command(
            name, how, modules, "--stop-after-init", "--no-http", *arguments
        )
        log = self.state / "logs" / f"install-{modules.partition(',')[0]}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "w") as output:
            done = subprocess.run(
                command,
                env=self.odoo_environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=paths.ROOT,
            )
        problems = [
            line
            for line in log.read_text(errors="replace").splitlines()
            if " ERROR " in line or " CRITICAL " in line or "Error: " in line
        ]
        if done.returncode or problems:
            reason = problems[-1] if problems else f"exit code {done.returncode}"
            raise Problem(f"Odoo does not install {modules}: {reason} (log: {log})")

    @contextmanager
    def _lock(self):
        """Keep other runs away from the templates; who has done so may do it again."""
        path = self.state / "templates.lock"
        if path in _held:
            yield
            return
        with locked(path):
            _held.add(path)
            try:
                yield
            finally:
                _held.discard(path)

    def _files(self, name):
        return self.data / "filestore" / name

    def clone(self, source, name):
        """Make a database like another one, with its files."""
        self.server.run("createdb", f"--template={source}", name)
        if self._files(source).is_dir():
            shutil.copytree(
                self._files(source), self._files(name), copy_function=os.link
            )

    def _ensure(self, kind, key, make):
        """Return the template of a kind: built under another name, renamed when done.

        Older templates of the kind are dropped.
        """
        stem = f"{self.prefix}_{kind}_"
        wanted = stem + key
        if wanted in self.names():
            return wanted
        draft = f"{stem}draft"
        self.drop(draft)
        make(draft)
        files = self._files(wanted)
        shutil.rmtree(files, ignore_errors=True)
        if self._files(draft).exists():  # Odoo makes one when it stores its first file
            self._files(draft).rename(files)
        # The database's name comes last: it says that the template is whole.
        self.server.query(f'ALTER DATABASE "{draft}" RENAME TO "{wanted}"')
        for name in self.names():
            if name.startswith(stem) and name != wanted:
                self.drop(name)
        return wanted

    def _make_base(self, name):
        detail(f"installing {BASE_MODULES} (about a minute)")
        self.server.run("createdb", "--template=template0", name)
        self._add_extensions(name)
        self.install(name, "--init", BASE_MODULES, f"--load-language={LANGUAGE}")

    def _add_extensions(self, name):
        """Add what Odoo itself adds to a database that it creates, if the server can.

        Odoo only creates databases that are not there yet.
        """
        for extension in EXTENSIONS:
            try:
                self.server.query(f"CREATE EXTENSION IF NOT EXISTS {extension}", name)
            except Problem as problem:
                detail(f"without {extension}: {problem}")

    def _make_addon(self, name, base):
        self.clone(base, name)
        if (paths.ADDON / "__manifest__.py").exists():
            detail(f"installing {paths.ADDON.name}")
            self.install(name, "--init", paths.ADDON.name)


def digest(texts):
    """Return a short hash of texts and bytes, in their order."""
    total = hashlib.sha256()
    for text in texts:
        data = text if isinstance(text, bytes) else text.encode()
        total.update(b"%d:" % len(data) + data)
    return total.hexdigest()[:12]


def addon_files(addon):
    """Yield name and content of all files that an installation depends on."""
    for path in sorted(addon.rglob("*")):
        relative = path.relative_to(addon)
        if path.is_file() and not _TRACELESS.intersection(relative.parts):
            yield str(relative)
            yield path.read_bytes()
