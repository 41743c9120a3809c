"""A clock that cuts connections.

The time-outs of ``requests`` start anew with each byte that arrives, so that an answer
which only drips could hold its caller for hours.  Here one number bounds the whole
exchange, headers included.
"""

import socket
import threading
import weakref
from contextlib import contextmanager, suppress

from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError


class CutoffAdapter(HTTPAdapter):
    """The adapter of a session whose calls are made one after the other."""

    def __init__(self):
        self._call = _Call()
        super().__init__()

    def init_poolmanager(self, *args, **options):
        """Make the pools of direct connections, and watch them."""
        result = super().init_poolmanager(*args, **options)
        self._watch(self.poolmanager)
        return result

    def proxy_manager_for(self, proxy, **options):
        """Return the pools of a proxy, watched."""
        manager = super().proxy_manager_for(proxy, **options)
        self._watch(manager)
        return manager

    def _watch(self, manager):
        manager.pool_classes_by_scheme = {
            scheme: _watched(pool, self._call)
            for scheme, pool in manager.pool_classes_by_scheme.items()
        }

    @contextmanager
    def limit(self, seconds):
        """Cut every connection when ``seconds`` have passed inside.

        Yields an event that is set by then.
        """
        expired = self._call.expired = threading.Event()

        def cut():
            expired.set()
            for connection in list(self._call.sockets):
                _cut(connection)

        timer = threading.Timer(seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            yield expired
        finally:
            timer.cancel()


class _Call:
    """What the pools of a session know of the call that is being made."""

    def __init__(self):
        self.sockets = weakref.WeakSet()
        self.expired = threading.Event()


def _watched(pool, call):
    """Return a class of pools whose connections note their sockets.

    A connection that is made too late for its call is closed before anything is sent:
    each address of a host has the whole time-out of ``urllib3`` for itself.
    """
    if getattr(pool, "watched_by", None) is call:
        return pool

    class Connection(pool.ConnectionCls):
        def connect(self):
            result = super().connect()
            if isinstance(self.sock, socket.socket):
                call.sockets.add(self.sock)
            # After it was noted: whoever sets this later cuts the socket.
            if call.expired.is_set():
                self.close()
                raise ConnectTimeoutError(self, f"{self.host} was reached too late")
            return result

    return type(
        pool.__name__, (pool,), {"ConnectionCls": Connection, "watched_by": call}
    )


def _cut(connection):
    # Below TLS: the thread that reads must see a broken connection, not a missing one.
    with suppress(OSError):  # closed already
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
