"""HTTP/1.1 over sockets, with keep-alive, one thread for each connection.

Werkzeug's own development server closes every connection after one answer; clients in
production reuse theirs, so this one lets them.
"""

import io
import socket
import struct
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote_to_bytes

from .emulator import SandboxRequest
from .faults import Dropped
from .world import World

#: Seconds until a server in a thread notices that it shall stop.
STOPPING = 0.02

MAX_BODY = 10 * 1024 * 1024


class Server(ThreadingHTTPServer):
    """The sandbox on 127.0.0.1.

    :param int port: 0 for any free one
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, world, port=0):
        self.world = world
        self._to_reset = set()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self):
        """Where it is, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self):
        """Stop serving and give the port back."""
        self.shutdown()
        self.server_close()

    def reset_on_close(self, connection):
        """Let ``connection`` end in a reset (RST) instead of a farewell (FIN)."""
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._to_reset.add(id(connection))

    def shutdown_request(self, request):
        """Close a connection; the base class says farewell first."""
        if id(request) in self._to_reset:
            self._to_reset.discard(id(request))
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """A client that hangs up is no news; anything else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "salon-sandbox"
    sys_version = ""
    wbufsize = -1  # headers and body leave together
    disable_nagle_algorithm = True
    timeout = 75  # seconds that an idle connection is kept

    def _answer(self):
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            return self.send_error(411)
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            return self.send_error(413)
        body = self.rfile.read(int(length))
        try:
            response, cut = self.server.world.answer(self._request(body))
        except Dropped:
            return self._reset()
        except Exception:
            # A mistake of ours must not look like an outage of the service.
            traceback.print_exc()
            return self.send_error(500, explain="The sandbox has a bug; see its log")
        self._send(response, cut)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def _request(self, body):
        path, _, query = self.path.partition("?")
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "RAW_URI": self.path,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
        }
        for name, value in self.headers.items():
            environ.setdefault(f"HTTP_{name.upper().replace('-', '_')}", value)
        return SandboxRequest(environ)

    def _send(self, response, cut):
        body = response.get_data()
        self.send_response(response.status_code)
        for name, value in response.headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        if response.status_code != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if cut:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(body)

    def _reset(self):
        self.close_connection = True
        self.server.reset_on_close(self.connection)

    def log_message(self, *args):
        """The ledger is the log."""


def start(port=0, **options):
    """Run a sandbox in a thread of this process and return its :class:`Server`.

    :param options: of :class:`.world.World`
    """
    server = Server(World(**options), port)
    threading.Thread(target=server.serve_forever, args=(STOPPING,), daemon=True).start()
    return server
