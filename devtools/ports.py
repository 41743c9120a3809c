"""Free ports of this machine's loopback."""

import socket

from .console import Problem

LOOPBACK = "127.0.0.1"


def is_free(port):
    """Say whether a server could listen on this port of the loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def pick():
    """Return a port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def prefer(first, tries=50):
    """Return the first free port from ``first`` upwards."""
    for port in range(first, first + tries):
        if is_free(port):
            return port
    return pick()


def require(port):
    """Return ``port`` if it is free.

    :raises Problem: when another program listens there
    """
    if not is_free(port):
        raise Problem(
            f"port {port} is taken by another program: stop that one, or choose "
            "another port with --port."
        )
    return port
