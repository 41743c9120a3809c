"""A user of a running Odoo, over HTTP, as the web client is one."""

import http.cookiejar
import json
import urllib.request


class RpcError(Exception):
    """Odoo refused a call: its message, with the server's traceback as a note.

    ``name`` is the exception's, such as ``odoo.exceptions.UserError``.
    """

    def __init__(self, message, name=""):
        super().__init__(message)
        self.name = name


class Session:
    """A user who is logged in.

    :param url: of Odoo, without a slash at the end
    :param check: called before each request, and after one that fails; raises unless
        it is the right Odoo that answers there
    :raises RpcError: when Odoo knows no such user
    """

    def __init__(self, url, database, login, password, timeout=120, check=lambda: None):
        self.url = url
        self.timeout = timeout
        self.check = check
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(jar)
        )
        self.info = self.post(
            "/web/session/authenticate",
            {"db": database, "login": login, "password": password},
        )

    def call(self, model, method, *arguments, **keywords):
        """Call a model's public method; the first argument is a list of ids or data.

        :raises RpcError: when the method raises
        """
        return self.post(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": arguments, "kwargs": keywords},
        )

    def get(self, path):
        """Return the bytes of a file."""
        self.check()
        with self._opener.open(self.url + path, timeout=self.timeout) as answer:
            return answer.read()

    def post(self, path, params):
        """Return the result of a JSON-RPC route."""
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        request = urllib.request.Request(
            self.url + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        self.check()
        try:
            with self._opener.open(request, timeout=self.timeout) as answer:
                content = json.load(answer)
        except OSError:
            self.check()
            raise
        if "error" in content:
            data = content["error"].get("data", {})
            message = f"{data.get('message')}\n{data.get('debug', '')}"
            raise RpcError(message, data.get("name", ""))
        return content.get("result")
