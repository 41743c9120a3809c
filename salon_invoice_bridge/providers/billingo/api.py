"""Calls to Billingo's API v3: headers, errors, pages, PDF."""

import dataclasses
from urllib.parse import quote

from ...billing.errors import AccountProblem, NotProcessed, OutcomeUnknown, Reason
from .. import wire
from . import parse

#: The most that a page may hold, and how many are read of a list at most.
PAGE, MAX_PAGES = 100, 1000


class BillingoApi:
    """One account, by its key.

    Success is what the contract says it is, and a body that can be read; whatever else
    comes back from a call that acts leaves its outcome unknown.

    :param http: an :class:`HttpClient`
    :param clock: returns the Unix time
    """

    def __init__(self, http, key, clock):
        self.http = http
        self.clock = clock
        self._key = key

    def call(
        self, method, path, *, params=None, body=None, read=None, safe=None, pdf=False
    ):
        """Make one call and return ``read(answer)``, None without a reader.

        :param bytes body: JSON
        :param bool safe: True if it changes nothing that matters; by default of a GET
        :param bool pdf: True where the answer is a PDF, which is returned
        """
        safe = method == "GET" if safe is None else safe
        accept = "application/pdf, application/json" if pdf else "application/json"
        answer = self._send(method, path, safe, params, body, accept)
        if pdf:
            return self._pdf(answer)
        return readable(read, answer, safe) if read else None

    def file(self, path, read):
        """Get a file and return ``read(answer)``: of any kind, JSON for an error."""
        accept = "application/*, text/*;q=0.9, */*;q=0.8"
        return readable(
            read, self._send("GET", path, True, None, None, accept, of_file=True)
        )

    def _send(self, method, path, safe, params, body, accept, **more):
        """Make one call and return its answer, a success."""
        answer = self.http.send(
            method,
            path,
            safe=safe,
            params=params,
            body=body,
            headers=self._headers(body, accept),
            **more,
        )
        if not 200 <= answer.status < 300:
            clean = self.http.redact(answer.text).encode()
            parse.refuse(dataclasses.replace(answer, body=clean), safe, self.clock())
        return answer

    def document(self, method, path, asked="", *, body=None):
        """Make a call that answers a document, and return it.

        :param str asked: id of the one that the call is about, "" for a new one
        """

        def read(answer):
            found = parse.our_document(answer)
            if asked and found.id != asked:
                raise parse.Unreadable(f"Asked for {asked}, answered {found.id}")
            return found

        return self.call(method, path, body=body, read=read)

    def rows(self, path, read, pages=MAX_PAGES, **params):
        """Yield ``read(row)`` for each row of a list, page by page, in one deadline."""
        ends = self.http.deadline()
        for number in range(1, pages + 1):
            params.update(page=number, per_page=PAGE)
            with self.http.until(ends):
                data = self.call("GET", path, params=params, read=parse.json)
            for row in parse.rows(data, "data"):
                yield readable(read, row)
            last = data.get("last_page")
            if not isinstance(last, int) or number >= last:
                return

    def whole(self, path, read, **params):
        """Yield ``read(row)`` for each row of a list, of which none may be missing.

        The service says on each page how long the list is. What was listed anew while
        it was read moves the others a page on, and is seen twice; what was missed is
        missing from the count.

        :raises NotProcessed: at the end, if fewer rows came than it says, or it does
            not say it
        """
        ends = self.http.deadline()
        seen, total, number, last = set(), None, 0, 1
        while number < last:
            number += 1
            params.update(page=number, per_page=PAGE)
            with self.http.until(ends):
                data = self.call("GET", path, params=params, read=parse.json)
            for row in parse.rows(data, "data"):
                seen.add(readable(lambda found: parse.identity(found.get("id")), row))
                yield readable(read, row)
            total, last = _length(data)
            if last > MAX_PAGES:
                raise NotProcessed("A list without an end", reason=Reason.UNREADABLE)
        if len(seen) != total:
            raise NotProcessed(
                f"A list of {total} has {len(seen)} rows", reason=Reason.NOT_READY
            )

    def _headers(self, body, accept):
        if not (self._key.isascii() and self._key.isprintable() and self._key.strip()):
            raise AccountProblem("This cannot be an API key", reason=Reason.KEY)
        headers = {"X-API-KEY": self._key, "Accept": accept}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def _pdf(self, answer):
        if answer.status == 202:
            raise NotProcessed(
                "The PDF is not ready yet",
                reason=Reason.NOT_READY,
                code=202,
                retry_after=wire.retry_after(answer.headers, self.clock()),
            )
        if not answer.body.startswith(b"%PDF-"):
            raise NotProcessed("The answer is not a PDF", reason=Reason.UNREADABLE)
        return answer.body


def readable(read, value, safe=True):
    """Return ``read(value)``; what cannot be read is an error of the vocabulary."""
    try:
        return read(value)
    except parse.Unreadable as error:
        failure = NotProcessed if safe else OutcomeUnknown
        raise failure(str(error), reason=Reason.UNREADABLE) from error


def _length(data):
    """Return how many rows and pages a list says that it has."""
    total, last = data.get("total"), data.get("last_page")
    if any(isinstance(one, bool) or not isinstance(one, int) for one in (total, last)):
        raise NotProcessed("A list of unknown length", reason=Reason.UNREADABLE)
    return total, last


def at(path, *parts):
    """Return a path with its parts quoted: a key may contain anything."""
    return "/".join([path, *(quote(part, safe="") for part in parts)])
