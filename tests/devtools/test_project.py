"""No file of the project belongs to one machine or one registry."""

import re
import subprocess

import pytest

from devtools.paths import ROOT

#: Hosts of package archives and registries: each machine's configuration names its own.
HOSTS = re.compile(
    r"https?://[\w.-]*(?:debian\.org|pypi\.org|pythonhosted\.org|npmjs\.(?:org|com))"
)


def files():
    """Return the text files under version control."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("this is no git checkout")
    paths = [ROOT / name for name in done.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_file_names_the_host_of_a_registry():
    found = [
        str(path.relative_to(ROOT))
        for path in files()
        if HOSTS.search(path.read_text(errors="replace"))
    ]
    assert found == []


def test_the_search_finds_such_a_host():
    assert HOSTS.search("deb " + "http://" + "deb.debian.org/debian sid main")
    assert HOSTS.search("https:" + "//registry.npmjs.org/eslint")
