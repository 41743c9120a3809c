"""Free ports of this machine's loopback."""

import socket
import sys
from pathlib import Path

from .console import Problem

LOOPBACK = "127.0.0.1"

#: How the kernel's tables write the loopback, and the state of a socket that listens.
LOOPBACK_HEX = f"{int.from_bytes(socket.inet_aton(LOOPBACK), sys.byteorder):08X}"
LISTENING = "0A"


def is_free(port):
    """Say whether a server could listen on this port of the loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def listeners(port):
    """Return the kernel's numbers of the sockets that a call to a port would reach.

    :return: a set; None where the kernel does not tell (other than Linux)
    """
    here, anywhere = set(), set()
    told = False
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        try:
            rows = table.read_text().splitlines()[1:]
        except OSError:
            continue
        told = True
        for row in rows:
            columns = row.split()
            address, _, number = columns[1].rpartition(":")
            if columns[3] != LISTENING or int(number, 16) != port:
                continue
            if address.endswith(LOOPBACK_HEX):
                here.add(columns[9])
            elif not address.strip("0"):
                anywhere.add(columns[9])
    # Who listens on this very address is asked before who listens on all of them.
    return (here or anywhere) if told else None


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
