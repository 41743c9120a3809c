"""A clock that cuts connections.

The time-outs of ``requests`` restart with each byte that arrives, so that an answer
which only drips could hold its caller for hours, and each address of a host has the
whole time-out for itself.  Here one number bounds the whole exchange, connecting and
headers included.  Only the resolver keeps its own time: nothing can interrupt it, and
whatever comes after a name that was found too late is not begun.
"""

import socket
import threading
import time
import weakref
from contextlib import contextmanager, suppress

from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError


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
        self._call.ends = time.monotonic() + seconds

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
        self.ends = float("inf")  # on the monotonic clock


class _WatchedConnection:
    """Mixin of connections that note their sockets for the deadline of ``call``.

    A connection that is made too late for its call is closed before anything is sent.
    """

    call = None

    def _new_conn(self):
        try:
            reached = _reach(
                self._dns_host, self.port, self.call.ends, self.socket_options
            )
        except TimeoutError as error:
            raise self._too_late() from error
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, f"No connection: {error}") from error
        self._twin = reached.dup()
        self.call.sockets.add(self._twin)
        return reached

    def connect(self):
        try:
            result = super().connect()
        except Exception as error:
            # It was cut, or TLS took too long, before anything was sent.
            if self.call.expired.is_set() or isinstance(error, TimeoutError):
                raise self._too_late() from error
            raise
        finally:
            self._forget_twin()
        if isinstance(self.sock, socket.socket):
            self.call.sockets.add(self.sock)
        # After it was noted: whoever sets this later cuts the socket.
        if self.call.expired.is_set():
            self.close()
            raise self._too_late()
        return result

    def _forget_twin(self):
        twin = self.__dict__.pop("_twin", None)
        if twin:
            self.call.sockets.discard(twin)
            twin.close()

    def _too_late(self):
        return ConnectTimeoutError(self, f"{self.host} was reached too late")


def _watched(pool, call):
    """Return a class of pools whose connections are watched for ``call``."""
    if getattr(pool, "watched_by", None) is call:
        return pool
    connection = type(
        pool.ConnectionCls.__name__,
        (_WatchedConnection, pool.ConnectionCls),
        {"call": call},
    )
    return type(
        pool.__name__, (pool,), {"ConnectionCls": connection, "watched_by": call}
    )


def _reach(host, port, ends, options):
    """Return a connected socket of one of the addresses of ``host``.

    Those that are left share the time that is left, so that one that is silent leaves
    some to the others.

    :param float ends: when the time is up, on the monotonic clock
    :raises TimeoutError: none has answered by then
    :raises OSError: none can be reached
    """
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    failure = None
    for index, (family, kind, protocol, _name, address) in enumerate(found):
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"No time is left for {host}")
        reached = socket.socket(family, kind, protocol)
        try:
            for option in options or ():
                reached.setsockopt(*option)
            reached.settimeout(left / (len(found) - index))
            reached.connect(address)
            reached.settimeout(max(ends - time.monotonic(), 0.001))
            return reached
        except OSError as error:
            reached.close()
            failure = error
    raise failure or OSError(f"{host} has no address")


def _cut(connection):
    # Below TLS: the thread that reads must see a broken connection, not a missing one.
    with suppress(OSError):  # closed already
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
