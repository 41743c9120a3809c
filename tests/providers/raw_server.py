"""A server that says exactly the bytes it is told to: for what real servers do not."""

import socket
import threading
import time
from contextlib import contextmanager


class RawServer:
    """Serve connections one after the other by ``script(connection, request)``.

    A script that returns "keep" is run again for the next request.

    ``requests`` are the bytes that arrived, ``connections`` how many were opened;
    ``closed`` is an event that is set when the first of them has been closed.
    """

    def __init__(self, script, wrap=None):
        self.script = script
        self._wrap = wrap
        self.requests = []
        self.connections = 0
        self.closed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self):
        """Its address."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def stop(self):
        """Give the port back."""
        self._listener.close()

    def _serve(self):
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                try:
                    self._answer(connection)
                except OSError:  # the client hung up
                    pass
            self.closed.set()

    def _answer(self, connection):
        if self._wrap:
            connection = self._wrap(connection, server_side=True)
        while request := _read_request(connection):
            self.requests.append(request)
            if self.script(connection, request) != "keep":
                return


def _read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def answering(*pieces, pause=0.0, wrap=None):
    """Run a server that sends ``pieces`` (bytes) with pauses, then closes.

    :param wrap: makes TLS of a connection
    """

    def script(connection, _request):
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    server = RawServer(script, wrap)
    try:
        yield server
    finally:
        server.stop()


def http(status, body=b"", *headers):
    """Return the bytes of an HTTP answer."""
    lines = [f"HTTP/1.1 {status} X".encode(), b"Content-Length: %d" % len(body)]
    return b"\r\n".join([*lines, *headers, b"", body])
