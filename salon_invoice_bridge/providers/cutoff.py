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


class CutoffAdapter(HTTPAdapter):
    """The adapter of a session whose calls are made one after the other."""

    def __init__(self):
        self._sockets = weakref.WeakSet()
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
            scheme: _watched(pool, self._sockets)
            for scheme, pool in manager.pool_classes_by_scheme.items()
        }

    @contextmanager
    def limit(self, seconds):
        """Cut every connection when ``seconds`` have passed inside.

        Yields an event that is set by then.
        """
        expired = threading.Event()

        def cut():
            expired.set()
            for connection in list(self._sockets):
                _cut(connection)

        timer = threading.Timer(seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            yield expired
        finally:
            timer.cancel()


def _watched(pool, sockets):
    """Return a class of pools whose connections note their sockets."""
    if getattr(pool, "watched_by", None) is sockets:
        return pool

    class Connection(pool.ConnectionCls):
        def connect(self):
            result = super().connect()
            if isinstance(self.sock, socket.socket):
                sockets.add(self.sock)
            return result

    return type(
        pool.__name__, (pool,), {"ConnectionCls": Connection, "watched_by": sockets}
    )


def _cut(connection):
    # Below TLS: the thread that reads must see a broken connection, not a missing one.
    with suppress(OSError):  # closed already
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
