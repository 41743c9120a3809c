"""Packages come from the mirror that the machine itself uses, and are checked."""

import pytest

from devtools import debian
from devtools.console import Problem


@pytest.fixture
def targets(monkeypatch):
    """Return a function that sets what apt says of the machine's sources."""

    def say(text):
        monkeypatch.setattr(debian, "_run", lambda command, environment: text)

    return say


def test_the_mirror_of_the_machines_release_is_asked(targets):
    targets("http://mirror.example/debian/ bookworm\n")
    assert debian.mirrors() == ["http://mirror.example/debian/"]


def test_updates_security_and_backports_are_no_mirrors_of_other_suites(targets):
    targets(
        "http://mirror.example/debian/ trixie\n"
        "http://mirror.example/debian/ trixie-updates\n"
        "http://mirror.example/security/ trixie-security\n"
    )
    assert debian.mirrors() == ["http://mirror.example/debian/"]


def test_a_machine_without_sources_is_told_so(targets, tmp_path):
    targets("")
    with pytest.raises(Problem, match="name no Debian mirror"):
        debian.unpack({"sid": ["odoo-19"]}, tmp_path)


def test_packages_are_checked_against_debians_keyring(monkeypatch, tmp_path):
    monkeypatch.setattr(debian, "KEYRINGS", (tmp_path,))
    monkeypatch.setattr(debian, "_run", lambda command, environment: "")
    debian._update(tmp_path / "apt", "http://mirror.example/debian/", ["sid"])
    sources = (tmp_path / "apt" / "sources.list").read_text()
    assert sources == (
        f"deb [signed-by={tmp_path}] http://mirror.example/debian/ sid main\n"
    )


def test_an_unsigned_archive_is_refused(monkeypatch, tmp_path):
    """apt itself refuses: nothing in our configuration tells it not to."""
    monkeypatch.setattr(debian, "KEYRINGS", (tmp_path,))
    monkeypatch.setattr(debian, "_run", lambda command, environment: "")
    debian._update(tmp_path / "apt", "http://mirror.example/debian/", ["sid"])
    settings = (tmp_path / "apt" / "apt.conf").read_text().lower()
    assert "allow" not in settings
    assert "trusted" not in settings


def test_a_failure_of_apt_is_its_first_error(monkeypatch, tmp_path):
    fake = tmp_path / "apt-get"
    fake.write_text("#!/bin/sh\necho 'E: no such suite' >&2\necho 'E: x' >&2\nexit 100")
    fake.chmod(0o755)
    with pytest.raises(Problem, match="E: no such suite"):
        debian._run([str(fake), "update"], {})
