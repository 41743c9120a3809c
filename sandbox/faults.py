"""What can go wrong on purpose.

A fault waits until a call matches it, fires as often as it may, and says how often it
did.  The kinds in ``TRANSPORT`` are acted out here for every service; the others are
handed to the emulator in ``request.fault``.
"""

import base64
import random
import re
import threading

from werkzeug.wrappers import Response

#: Kinds that are the same for every service, with what they do.
TRANSPORT = {
    "refuse_before": "reset the connection, nothing is done",
    "drop_after": "do it, then reset the connection without an answer",
    "delay": "wait `seconds`, less if taken back (`when`: 'before' or 'after' acting)",
    "status_before": "answer `status` (500), nothing is done; `body`, `html: true`",
    "status_after": "do it, then answer `status` (500); `body`, `html: true`",
    "html": "a proxy's error page, `status` 502, nothing is done",
    "truncated": "do it, then cut the answer in the middle",
    "rate_limit": "429, nothing is done; `retry_after` seconds in a header if given",
    "garbage": "do it, then answer `body` (or `base64`), `status` 200, `content_type`",
}
#: Kinds that only an emulator can act out.
SERVICE = {
    "down": "Számlázz.hu: szlahu_down, nothing is done",
    "slow_pdf": "the PDF is not there yet",
    "mail_failed": "the document is made, its e-mail fails (Számlázz.hu: code 56)",
}
FIELDS = {
    "kind",
    "service",
    "account",
    "method",
    "path",
    "times",
    "probability",
    "seed",
    "seconds",
    "when",
    "status",
    "body",
    "base64",
    "html",
    "content_type",
    "retry_after",
}
PROXY_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n"
    "</body>\r\n</html>\r\n"
)


class Dropped(Exception):
    """The connection is to be reset without another byte."""


class Faults:
    """The faults that wait, and what they have done."""

    def __init__(self):
        self._waiting = []
        self._fired = []

    def add(self, spec):
        """Let a fault wait.

        :raises ValueError: if ``spec`` is not a fault
        """
        unknown = set(spec) - FIELDS
        if unknown:
            raise ValueError(f"Unknown fields {sorted(unknown)}")
        if spec.get("kind") not in TRANSPORT | SERVICE:
            raise ValueError(f"kind is one of {', '.join(TRANSPORT | SERVICE)}")
        re.compile(spec.get("path") or "")
        fault = {"times": 1, **spec, "fired": 0}
        fault["random"] = random.Random(spec.get("seed"))
        fault["taken_back"] = threading.Event()
        self._waiting.append(fault)
        return _public(fault)

    def clear(self):
        """Take all faults back, and end the delays that are going on."""
        for fault in self._waiting + self._fired:
            fault["taken_back"].set()
        self._waiting.clear()
        self._fired.clear()

    def report(self):
        """Return the faults that wait and those that are used up."""
        return {
            "waiting": [_public(fault) for fault in self._waiting],
            "used_up": [_public(fault) for fault in self._fired],
        }

    def draw(self, service, account, method, paths):
        """Return the first fault that fires for a call, or None.

        ``taken_back`` in it is an event.
        """
        for fault in self._waiting:
            if _matches(fault, service, account, method, paths):
                fault["fired"] += 1
                if fault["times"] is not None and fault["fired"] >= fault["times"]:
                    self._waiting.remove(fault)
                    self._fired.append(fault)
                return {**_public(fault), "taken_back": fault["taken_back"]}
        return None


def _matches(fault, service, account, method, paths):
    if fault.get("service") not in (None, service):
        return False
    if fault.get("account") is not None and (
        account is None or fault["account"] not in (account["id"], account["key"])
    ):
        return False
    if fault.get("method") not in (None, method):
        return False
    pattern = fault.get("path")
    if pattern and not any(re.search(pattern, path) for path in paths):
        return False
    return fault["random"].random() < fault.get("probability", 1)


def _public(fault):
    private = {"random", "taken_back"}
    return {name: value for name, value in fault.items() if name not in private}


def _wait(fault):
    fault["taken_back"].wait(fault.get("seconds", 1))


def before(fault, emulator):
    """Act out what happens instead of the service; return its answer or None.

    :raises Dropped: if there is to be none at all
    """
    kind = fault["kind"]
    if kind == "refuse_before":
        raise Dropped
    if kind == "delay" and fault.get("when", "before") == "before":
        _wait(fault)
    if kind == "rate_limit":
        answer = emulator.error(429, "Too many requests")
        if fault.get("retry_after") is not None:
            answer.headers["Retry-After"] = str(fault["retry_after"])
        return answer
    if kind == "html":
        return _page(fault.get("status", 502))
    if kind == "status_before":
        return _status(fault, emulator)
    return None


def after(fault, emulator, response):
    """Spoil the answer of a service that has acted.

    :return: ``(response, cut)``; ``cut`` if only half of it is to be sent
    :raises Dropped: if there is to be none at all
    """
    kind = fault["kind"]
    if kind == "drop_after":
        raise Dropped
    if kind == "delay" and fault.get("when") == "after":
        _wait(fault)
    if kind == "status_after":
        return _status(fault, emulator), False
    if kind == "garbage":
        body = fault.get("body", "")
        if "base64" in fault:
            body = base64.b64decode(fault["base64"])
        content_type = fault.get("content_type", "application/json")
        return Response(
            body, fault.get("status", 200), content_type=content_type
        ), False
    return response, kind == "truncated"


def _status(fault, emulator):
    status = fault.get("status", 500)
    if fault.get("html"):
        return _page(status)
    if "body" in fault:
        content_type = fault.get("content_type", "application/json")
        return Response(fault["body"], status, content_type=content_type)
    return emulator.error(status, "Internal Server Error.")


def _page(status):
    body = PROXY_PAGE.replace("502 Bad Gateway", f"{status}")
    return Response(body, status, content_type="text/html")
