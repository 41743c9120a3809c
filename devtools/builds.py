"""Folders that are built once, whoever comes first, and rebuilt when broken.

A folder counts as built when its marker is there: the marker is written last, so
that a build that was interrupted (Ctrl-C, no disk space, no network) is thrown
away and made anew by the next run.
"""

import errno
import fcntl
import os
import shutil
from contextlib import contextmanager

from .console import Problem, detail

MARKER = ".complete"


@contextmanager
def locked(path, shared=False):
    """Hold a lock between processes on ``path`` (made when absent).

    The kernel drops it when the process dies, however it dies.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as handle:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            detail("another run is at work here: waiting for it")
            fcntl.flock(handle, kind)
        yield


def build(folder, work, healthy=lambda folder: True, gigabytes=0.0):
    """Return ``folder``, after ``work(folder)`` has filled it if need be.

    :param healthy: says whether a finished build is still usable
    :param gigabytes: free disk space that the work needs
    :raises Problem: when there is not enough disk space
    """
    marker = folder / MARKER
    if marker.exists() and healthy(folder):
        return folder
    try:
        with locked(folder.with_name(folder.name + ".lock")):
            if marker.exists() and healthy(folder):
                return folder
            if folder.exists():
                detail(f"{folder.name} is incomplete or broken: building it anew")
                marker.unlink(missing_ok=True)
                shutil.rmtree(folder)
            folder.mkdir(parents=True)
            require_space(folder, gigabytes)
            work(folder)
            marker.touch()
    except OSError as error:
        raise explain(error, folder) from error
    return folder


def require_space(folder, gigabytes):
    """Raise a Problem unless so much disk space is free where ``folder`` is."""
    free = shutil.disk_usage(folder).free / 1e9
    if free < gigabytes:
        raise Problem(
            f"not enough disk space for {folder}: {free:.1f} GB free, "
            f"{gigabytes:.1f} GB needed. Free some, or set SALON_CACHE to a "
            "folder on a larger disk."
        )


def explain(error, folder):
    """Return the Problem that an OSError met while writing in ``folder`` means."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem(f"no disk space left for {folder}: free some and run again.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Problem(
            f"cannot write {error.filename or folder}: {os.strerror(error.errno)}. "
            "Set SALON_CACHE to a folder of yours."
        )
    return Problem(f"cannot build {folder}: {error}")
