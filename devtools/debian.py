"""Packages of the Debian archive, unpacked into a folder, without root.

apt runs with state and cache of its own, but with the machine's own configuration
(proxies, credentials), and asks the mirror that the machine's sources name for the
suites that we need. Signatures are checked against the Debian archive keyring.
"""

import os
import shutil
import subprocess
from pathlib import Path

from .console import Problem, detail

KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
)


def available():
    """Say whether this machine has what ``unpack`` needs."""
    return bool(
        shutil.which("apt-get")
        and shutil.which("dpkg-deb")
        and any(keyring.exists() for keyring in KEYRINGS)
    )


def mirrors():
    """Return the base URIs of the Debian mirrors of the machine's apt sources."""
    listing = _run(
        [
            "apt-get",
            "indextargets",
            "--format",
            "$(REPO_URI) $(RELEASE)",
            "Created-By: Packages",
        ],
        os.environ,
    )
    found = {}
    for line in listing.splitlines():
        uri, release = line.rsplit(" ", 1)
        # The security archive and third parties do not carry other suites.
        if "-" not in release and "/" not in release:
            found[uri] = True
    return list(found)


def unpack(packages, root):
    """Download packages, check them and unpack them into ``root``.

    :param packages: {suite: [package, ...]}
    :return: {package: version}
    :raises Problem: where no mirror of this machine has them
    """
    work = root / ".apt"
    tried = mirrors()
    if not tried:
        raise Problem("the machine's apt sources name no Debian mirror.")
    try:
        for mirror in tried:
            try:
                _update(work, mirror, packages)
                break
            except Problem as problem:
                failure = problem
        else:
            raise failure
        names = [
            f"{package}/{suite}"
            for suite, wanted in packages.items()
            for package in wanted
        ]
        detail(f"downloading {len(names)} Debian packages")
        debs = work / "debs"
        debs.mkdir()
        _run(["apt-get", "download", *names], _environment(work), cwd=debs)
        versions = {}
        archives = sorted(debs.glob("*.deb"))
        for number, archive in enumerate(archives, 1):
            package, version, _architecture = archive.stem.split("_")
            detail(f"unpacking {number}/{len(archives)}: {package}")
            _run(["dpkg-deb", "--extract", str(archive), str(root)], os.environ)
            versions[package] = version.replace("%3a", ":")
        return versions
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _update(work, mirror, suites):
    """Make a private apt in ``work`` and fetch the lists of the suites."""
    shutil.rmtree(work, ignore_errors=True)
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    keyring = next(keyring for keyring in KEYRINGS if keyring.exists())
    (work / "sources.list").write_text(
        "".join(f"deb [signed-by={keyring}] {mirror} {s} main\n" for s in suites)
    )
    (work / "apt.conf").write_text(
        f'Dir::State "{work}/state";\n'
        f'Dir::State::status "{work}/status";\n'
        f'Dir::Cache "{work}/cache";\n'
        f'Dir::Etc::sourcelist "{work}/sources.list";\n'
        'Dir::Etc::sourceparts "/dev/null";\n'
        'Dir::Etc::preferences "/dev/null";\n'
        'Dir::Etc::preferencesparts "/dev/null";\n'
        'APT::Sandbox::User "root";\n'
        'Acquire::Languages "none";\n'
        'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";\n'
        'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";\n'
        'Acquire::Retries "2";\n'
        'APT::Update::Error-Mode "any";\n'
    )
    detail("asking the machine's Debian mirror for its package lists")
    _run(["apt-get", "update"], _environment(work))


def _environment(work):
    return {**os.environ, "APT_CONFIG": str(work / "apt.conf"), "LC_ALL": "C"}


def _run(command, environment, cwd=None):
    done = subprocess.run(
        command, env=environment, cwd=cwd, capture_output=True, text=True
    )
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line[:2] == "E:"]
        reason = (errors or done.stderr.splitlines() or ["no message"])[0]
        raise Problem(f"{' '.join(command[:2])}: {reason}")
    return done.stdout
