"""Run a program that refuses to run as root, as root, without making a user.

PostgreSQL looks at its user id and refuses 0. Where the kernel lets us, it runs in a
user namespace in which root bears another id: files keep their owner. Elsewhere (in a
container, as a rule) it runs as an id that nobody has, which may read and write files
like root: the checkout and the cache often lie below a folder that only root enters.
"""

import functools
import os
import subprocess

#: Debian's and everybody's "nobody".
UNPRIVILEGED = 65534

_NAMESPACE = (
    "unshare",
    "--user",
    f"--map-user={UNPRIVILEGED}",
    f"--map-group={UNPRIVILEGED}",
    "--",
)
_CAPABILITIES = (
    "setpriv",
    f"--reuid={UNPRIVILEGED}",
    f"--regid={UNPRIVILEGED}",
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    # Else access(2), by which the programs find each other, forgets the capability.
    "--securebits=+no_setuid_fixup",
    "--",
)


@functools.cache
def prefix():
    """Return what to put before a command: nothing for anybody but root.

    Returns None where root finds no way.
    """
    if os.geteuid():
        return ()
    return next((way for way in (_NAMESPACE, _CAPABILITIES) if _works(way)), None)


def own(folder):
    """Give a folder to the id under which the program sees itself."""
    if os.geteuid():
        return
    owner = UNPRIVILEGED if prefix() == _CAPABILITIES else 0
    if folder.stat().st_uid == owner:
        return
    for parent, _folders, files in os.walk(folder):
        os.chown(parent, owner, owner)
        for name in files:
            os.chown(os.path.join(parent, name), owner, owner, follow_symlinks=False)


def _works(way):
    try:
        done = subprocess.run([*way, "id", "-u"], capture_output=True, text=True)
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == str(UNPRIVILEGED)
