"""Stops the PostgreSQL of a checkout when its last user is gone, even if killed.

    python -m devtools.keeper PROGRAMS STATE

Every run holds a shared lock, which the kernel drops when the run dies. This process
waits for the exclusive one: once it has it, nobody uses the server any more.
"""

import fcntl
import sys
from pathlib import Path

from .postgres import Cluster


def main(programs, state):
    """Wait until nobody uses the cluster, then stop it."""
    cluster = Cluster(Path(programs), Path(state))
    with open(cluster.users, "a") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        if cluster.is_running():
            cluster.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
