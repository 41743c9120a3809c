"""A template is made anew when, and only when, what it holds has changed."""

import subprocess
from dataclasses import replace

import pytest

from devtools import paths
from devtools.console import Problem
from devtools.databases import Databases, addon_files, digest
from devtools.odoo import Odoo
from devtools.postgres import Server


@pytest.fixture
def addon(tmp_path):
    """Return a small addon."""
    for name in ("__manifest__.py", "models/a.py", "i18n/hu.po", "tests/test_a.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    return tmp_path


def key(addon):
    return digest(addon_files(addon))


@pytest.mark.parametrize("name", ["models/a.py", "i18n/hu.po", "__manifest__.py"])
def test_a_changed_file_of_the_addon_is_another_template(addon, name):
    before = key(addon)
    (addon / name).write_text("changed")
    assert key(addon) != before


def test_a_renamed_file_is_another_template(addon):
    before = key(addon)
    (addon / "models" / "a.py").rename(addon / "models" / "b.py")
    assert key(addon) != before


def test_changed_tests_and_compiled_files_keep_the_template(addon):
    before = key(addon)
    (addon / "tests" / "test_a.py").write_text("changed")
    (addon / "models" / "__pycache__").mkdir()
    (addon / "models" / "__pycache__" / "a.pyc").touch()
    assert key(addon) == before


def test_a_key_knows_where_a_text_ends():
    assert digest(["ab", "c"]) != digest(["a", "bc"])


@pytest.fixture
def databases(tmp_path):
    """Return databases of a server that is not there."""
    server = Server("127.0.0.1", "1", "odoo", "se%cret", tmp_path)
    odoo = Odoo(tmp_path / "odoo", (), "19.0", "test")
    return Databases(server, odoo, tmp_path / "venv", tmp_path)


def test_only_the_user_reads_the_configuration_with_the_password(databases):
    path = databases.write_config("salon")
    assert path.stat().st_mode & 0o077 == 0
    assert "db_password = se%cret" in path.read_text()


def test_odoo_is_told_to_listen_on_the_loopback_only(databases):
    text = databases.write_config("salon", workers=2).read_text()
    assert "http_interface = 127.0.0.1" in text
    assert "workers = 2" in text


def test_two_checkouts_do_not_share_databases(databases, monkeypatch, tmp_path):
    here = databases.demo
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    assert databases.demo != here


def test_files_of_a_database_are_not_mixed_with_those_of_another_server(databases):
    server = replace(databases.server, name="elsewhere-5432")
    assert replace(databases, server=server).data != databases.data


def test_an_addon_that_does_not_install_is_one_line_with_its_log(databases):
    python = databases.environment / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho '2026 1 CRITICAL base: no such field'\n")
    python.chmod(0o755)
    with pytest.raises(Problem, match="no such field.*install-salon.log"):
        databases.install("any", "--init", "salon")


def test_the_checkouts_ignored_folder_is_ignored():
    command = ["git", "check-ignore", "--quiet", str(paths.STATE / "any")]
    assert subprocess.run(command, cwd=paths.ROOT).returncode == 0


class Recorder:
    """A server that notes what it is asked, and has no extension if it is poor."""

    def __init__(self, poor=False):
        self.poor, self.asked = poor, []

    def query(self, sql, database):
        self.asked.append((sql, database))
        if self.poor:
            raise Problem('PostgreSQL: ERROR:  extension "pg_trgm" is not available')


@pytest.mark.parametrize("poor", [False, True])
def test_a_database_gets_what_odoo_adds_to_its_own_where_the_server_can(
    databases, poor
):
    server = Recorder(poor)
    replace(databases, server=server)._add_extensions("base")
    assert server.asked == [("CREATE EXTENSION IF NOT EXISTS pg_trgm", "base")]
