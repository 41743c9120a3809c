"""Odoo 19 and no other, from where the user says, else from where there is one."""

import subprocess

import pytest

from devtools import debian, odoo
from devtools.console import Problem


@pytest.fixture
def checkout(tmp_path):
    """Return a function that makes a source checkout of an Odoo of some version."""

    def make(major, minor=0):
        (tmp_path / "odoo").mkdir(exist_ok=True)
        (tmp_path / "addons").mkdir(exist_ok=True)
        release = f"version_info = ({major}, {minor}, 0, FINAL, 0, '')\n"
        (tmp_path / "odoo" / "release.py").write_text(release)
        return tmp_path

    return make


def test_odoo_path_of_the_right_series_is_used(checkout, monkeypatch):
    monkeypatch.setenv("ODOO_PATH", str(checkout(19)))
    found = odoo.ensure()
    assert found.path == checkout(19)
    assert str(checkout(19) / "addons") in found.addons_path.split(",")


def test_the_addons_path_ends_with_this_checkout(checkout):
    found = odoo.from_path(checkout(19), "ODOO_PATH")
    assert found.addons_path.split(",")[-1] == str(odoo.ROOT)


@pytest.mark.parametrize("version", [(18, 0), (19, 1), (20, 0)])
def test_odoo_path_of_another_series_is_one_line(checkout, monkeypatch, version):
    monkeypatch.setenv("ODOO_PATH", str(checkout(*version)))
    with pytest.raises(Problem) as problem:
        odoo.ensure()
    name = ".".join(map(str, version))
    assert f"is Odoo {name}, this addon needs 19.0" in str(problem.value)
    assert "\n" not in str(problem.value)


def test_odoo_path_without_odoo_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_PATH", str(tmp_path))
    with pytest.raises(Problem, match="is no Odoo source checkout"):
        odoo.ensure()


def test_a_release_that_cannot_be_read_is_another_version(checkout):
    folder = checkout(19)
    (folder / "odoo" / "release.py").write_text("version = 'master'")
    with pytest.raises(Problem, match="is Odoo of an unknown version"):
        odoo.from_path(folder, "ODOO_PATH")


def test_without_odoo_and_without_debian_one_line_says_what_to_set(
    tmp_path, monkeypatch
):
    monkeypatch.delenv("ODOO_PATH", raising=False)
    monkeypatch.setenv("SALON_CACHE", str(tmp_path))
    monkeypatch.setattr(debian, "available", lambda: False)
    monkeypatch.setattr(odoo, "importable", lambda: None)
    with pytest.raises(Problem, match="set ODOO_PATH to a source checkout"):
        odoo.ensure()


def test_a_new_commit_of_a_checkout_is_another_odoo(checkout):
    folder = checkout(19)

    def commit(message):
        user = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        options = ["commit", "--quiet", "--allow-empty", "--message", message]
        subprocess.run(["git", *user, *options], cwd=folder, check=True)
        return odoo.from_path(folder, "ODOO_PATH").key

    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    first = commit("one")
    assert odoo.from_path(folder, "ODOO_PATH").key == first
    assert commit("two") != first


def test_links_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "there").touch()
    (tmp_path / "static" / "good").symlink_to("there")
    (tmp_path / "static" / "bad").symlink_to("gone")
    (tmp_path / "static" / "bad folder").symlink_to("../gone")
    assert odoo.dangling(tmp_path) == ["static/bad", "static/bad folder"]
