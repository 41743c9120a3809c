"""The one place that talks to the network.

A client belongs to one account: its session (and cookies) are never shared, TLS is
verified, redirects are not followed (the key must not travel to another host), an
answer is cut off at a size, packed or not, and at a time, and whatever ``requests`` or
a server does ends in an :class:`Answer` or in an error of :mod:`.errors`.
"""

import html
import json
import re
import time
import zlib
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import requests
from urllib3 import exceptions as urllib3_errors
from urllib3.exceptions import HTTPError

from ..billing.errors import NotProcessed, OutcomeUnknown, Reason
from .cutoff import CutoffAdapter

#: Seconds for a whole exchange: creates were seen to take most of a minute.
TIMEOUT = 60.0
#: Bytes of an answer; a PDF of a few hundred lines stays far below.
MAX_BYTES = 20 * 1024 * 1024

_REDACTED = "***"
_URL_SAFE = str.maketrans("+/", "-_")
_TOO_SLOW = "The answer did not end in time"
#: Raised before the first byte leaves.  A header that cannot be read is not among them:
#: ``InvalidHeader`` is raised for those of the answer, too.
_NEVER_SENT = (
    requests.ConnectTimeout,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    UnicodeEncodeError,  # a header that is not Latin-1
)
_NEVER_CONNECTED = (
    urllib3_errors.NewConnectionError,
    urllib3_errors.ConnectTimeoutError,
    urllib3_errors.LocationParseError,
)
#: A PDF in base64, as it may lie in XML or JSON, which escapes the ends of its lines.
_PACKED_PDF = re.compile(r"JVBERi0[A-Za-z0-9+/=\\\s]{100,}")
_HIDDEN_HEADERS = frozenset({"authorization", "x-api-key", "cookie", "set-cookie"})


@dataclass(frozen=True)
class Answer:
    """What came back: header names in lower case, the body as bytes."""

    status: int
    headers: dict
    body: bytes

    @property
    def text(self):
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True)
class Exchange:
    """The evidence of one call, without secrets: for the log of attempts."""

    method: str
    url: str
    request: str
    status: int | None
    answer: str
    error: str
    seconds: float


class _Session(requests.Session):
    """A session that does not look where a redirection leads.

    Looking reads the whole answer, however large, and fails on an address that cannot
    be read: after the service may have acted.
    """

    def get_redirect_target(self, resp):
        return None


@dataclass
class HttpClient:
    """Calls to one account at one service, one after the other.

    :param str base_url: without a slash at the end
    :param secrets: strings that no evidence and no error may contain
    :param observer: called with an :class:`Exchange` after each call, or None
    :param float timeout: seconds for a whole exchange
    """

    base_url: str
    secrets: tuple = field(default=(), repr=False)
    observer: object = None
    timeout: float = TIMEOUT
    max_bytes: int = MAX_BYTES

    def __post_init__(self):
        self.base_url = self.base_url.rstrip("/")
        self.session = _Session()
        self._adapter = CutoffAdapter()
        self.session.mount("https://", self._adapter)
        self.session.mount("http://", self._adapter)
        # Nothing is gained by packing a page of JSON, and a packed answer may explode.
        self.session.headers["Accept-Encoding"] = "identity"
        self._ends = float("inf")  # of what is read as a whole, on the monotonic clock
        self._shapes_of, self._shapes = (), {}
        self._environment = None  # proxies and certificates, as the machine has them
        # A do-nothing auth keeps a .netrc from replacing our Authorization header.
        self.session.auth = lambda request: request

    def close(self):
        """Give the connections back."""
        self.session.close()

    def deadline(self):
        """Return when a read of several calls has to end, on the monotonic clock."""
        return time.monotonic() + self.timeout

    @contextmanager
    def until(self, ends):
        """End the calls inside by ``ends``, see :meth:`deadline`: pages of one list.

        Inside another such block, by its end at the latest.
        """
        before, self._ends = self._ends, min(ends, self._ends)
        try:
            yield
        finally:
            self._ends = before

    def send(
        self,
        method,
        path,
        *,
        safe=None,
        params=None,
        body=None,
        headers=None,
        files=None,
        of_file=False,
    ):
        """Make one call and return its :class:`Answer`, whatever its status.

        :param bool safe: True if the call changes nothing at the service, so that a
            lost answer is no harm; by default only GET is
        :param bytes body: sent as it is
        :param files: multipart files, as ``requests`` takes them
        :param bool of_file: True if a good answer is a file, of which the evidence has
            the size: it may be the names of all customers of a month
        :raises NotProcessed: the service has certainly not acted
        :raises OutcomeUnknown: it may have acted (never raised for a safe call)
        """
        if safe is None:
            safe = method == "GET"
        started = time.monotonic()
        evidence = {
            "request": body if body is not None else files,
            "of_file": of_file,
        }
        try:
            answer = self._exchange(method, path, params, body, headers, files)
            evidence.update(status=answer.status, answer=answer)
            return answer
        except (NotProcessed, OutcomeUnknown) as error:
            evidence["error"] = f"{error.reason.value}: {error.message}"
            if safe and isinstance(error, OutcomeUnknown):
                raise NotProcessed(
                    error.message, reason=error.reason, code=error.code
                ) from error
            raise
        finally:
            self._observe(method, path, time.monotonic() - started, evidence)

    def _exchange(self, method, path, params, body, headers, files):
        request = self._prepare(
            requests.Request(
                method,
                self.base_url + path,
                params=params,
                data=body,
                headers=headers,
                files=files,
            )
        )
        seconds = min(self.timeout, self._ends - time.monotonic())
        if seconds <= 0:
            raise NotProcessed(_TOO_SLOW, reason=Reason.TIMEOUT)
        with self._adapter.limit(seconds) as expired:
            try:
                answer = self._send(request, seconds)
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                raise self._translate(error, expired.is_set()) from error
        if expired.is_set():  # it may be the cut that looks like the answer's end
            raise OutcomeUnknown(_TOO_SLOW, reason=Reason.TIMEOUT)
        return answer

    def _prepare(self, request):
        try:
            return self.session.prepare_request(request)
        except (requests.RequestException, ValueError) as error:
            message = f"The request could not be sent: {type(error).__name__}"
            raise NotProcessed(message, reason=Reason.UNREACHABLE) from error

    def _send(self, request, seconds):
        if self._environment is None:  # of all calls: they go to one host
            self._environment = self.session.merge_environment_settings(
                request.url, {}, True, None, None
            )
        with self.session.send(
            request, timeout=seconds, allow_redirects=False, **self._environment
        ) as response:
            names = {name.lower(): v for name, v in response.headers.items()}
            content = self._read(response)
            packed = names.get("content-encoding", "").strip().lower()
            if packed not in ("", "identity"):
                content = self._unpack(content, packed)
            return Answer(response.status_code, names, content)

    def _read(self, response):
        """Return the body as it came: what unpacks it must not be ``urllib3``."""
        content = bytearray()
        for chunk in response.raw.stream(64 * 1024, decode_content=False):
            content += chunk
            if len(content) > self.max_bytes:
                raise _too_large()
        return bytes(content)

    def _unpack(self, content, packed):
        """Return what is in ``content``, packed once although that was not asked for.

        :raises OutcomeUnknown: it is packed in another way, or becomes too large
        """
        if packed not in ("gzip", "x-gzip"):
            raise _unreadable(f"The answer is packed: {packed[:40]}")
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            unpacked = unpacker.decompress(content, self.max_bytes + 1)
        except zlib.error as error:
            raise _unreadable("The answer cannot be unpacked") from error
        if len(unpacked) > self.max_bytes:
            raise _too_large()
        if not unpacker.eof or unpacker.unused_data:
            raise _unreadable("The answer cannot be unpacked")
        return unpacked

    def _translate(self, error, expired):
        """Map what ``requests`` raised to the vocabulary; when in doubt, unknown."""
        message = self.redact(str(error))[:500]
        root = _root_cause(error)
        if isinstance(error, _NEVER_SENT) or isinstance(root, _NEVER_CONNECTED):
            return NotProcessed(message, reason=Reason.UNREACHABLE)
        if _is_certificate_error(error):
            return NotProcessed(message, reason=Reason.UNREACHABLE, code="tls")
        if expired:
            return OutcomeUnknown(_TOO_SLOW, reason=Reason.TIMEOUT)
        timeouts = (requests.Timeout, TimeoutError, urllib3_errors.TimeoutError)
        if isinstance(error, timeouts) or isinstance(root, timeouts):
            return OutcomeUnknown(message, reason=Reason.TIMEOUT)
        if isinstance(error, ValueError):
            return OutcomeUnknown(message, reason=Reason.UNREADABLE)
        return OutcomeUnknown(message, reason=Reason.CONNECTION_LOST)

    def redact(self, text):
        """Return ``text`` without the secrets of this client, however written."""
        shapes = self._known_shapes()
        # Nearly every text has none, and a pattern costs far more than a look: where
        # each call has a token of its own, there is a new one for each call.
        folded = _fold(text)
        if not any(shape in folded for shape in shapes.values()):
            return text
        longest_first = sorted(shapes, key=len, reverse=True)
        return re.sub(
            "|".join(map(re.escape, longest_first)), _REDACTED, text, flags=re.I
        )

    def _known_shapes(self):
        """Return how the secrets look, ``{shape: as it is looked for}``."""
        if self._shapes_of != self.secrets:
            shapes = {
                shape
                for secret in filter(None, self.secrets)
                for shape in _shapes(secret)
            }
            self._shapes = {shape: _fold(shape) for shape in shapes}
            self._shapes_of = self.secrets
        return self._shapes

    def _observe(self, method, path, seconds, evidence):
        if not self.observer:
            return
        answer = evidence.get("answer")
        self.observer(
            Exchange(
                method=method,
                url=self.redact(self.base_url + path),
                request=self.redact(_printable(evidence["request"])),
                status=evidence.get("status"),
                answer=self.redact(_printable_answer(answer, evidence["of_file"]))
                if answer
                else "",
                error=evidence.get("error", ""),
                seconds=seconds,
            )
        )


def _shapes(secret):
    """Return how a secret looks in a URL, in JSON, in XML, in base64, and plain."""
    in_json = json.dumps(secret)[1:-1]
    plain = json.dumps(secret, ensure_ascii=False)[1:-1]
    shapes = {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        in_json,
        plain,
        in_json.replace("/", "\\/"),  # as PHP writes it
        plain.replace("/", "\\/"),
        escape(secret),
        html.escape(secret),
        escape(secret, {'"': "&quot;", "'": "&apos;"}),
    }
    for before in range(3):  # bytes that share the first character with the secret
        packed = b64encode(b"\0" * before + secret.encode("utf-8", "surrogatepass"))
        inner = packed.decode().rstrip("=")[-(-before * 8 // 6) : -1]
        if len(inner) >= 8:  # less is in many words
            shapes |= {inner, inner.translate(_URL_SAFE)}
    return shapes


def _fold(text):
    """Return ``text`` so that what ``re.IGNORECASE`` takes for equal is equal."""
    # It takes the Turkish letters, with a dot and without, for an i.
    return text.casefold().replace("\u0131", "i").replace("\u0307", "")


def _too_large():
    return OutcomeUnknown("The answer is too large", code="size")


def _unreadable(message):
    return OutcomeUnknown(message, reason=Reason.UNREADABLE)


def _root_cause(error):
    """Return urllib3's own reason below what ``requests`` wrapped around it."""
    cause = error.args[0] if error.args else error
    return getattr(cause, "reason", None) or cause


def _is_certificate_error(error):
    return isinstance(error, requests.exceptions.SSLError) and bool(
        re.search("certificate|hostname|handshake|WRONG_VERSION", str(error), re.I)
    )


def _printable(content):
    if content is None:
        return ""
    if isinstance(content, dict):  # multipart: {name: (filename, content, type)}
        return "\n".join(_printable(part[1]) for part in content.values())
    if isinstance(content, bytes):
        return content.decode("utf-8", "replace")
    return str(content)


def _printable_answer(answer, of_file=False):
    headers = "".join(
        f"{name}: {_REDACTED if name in _HIDDEN_HEADERS else value}\n"
        for name, value in answer.headers.items()
        if name.startswith(("content-", "szlahu_", "retry-after", "x-ratelimit"))
    )
    if answer.body.startswith(b"%PDF"):
        return f"{headers}\n<PDF, {len(answer.body)} bytes>"
    if of_file and 200 <= answer.status < 300:
        return f"{headers}\n<file, {len(answer.body)} bytes>"
    text = _PACKED_PDF.sub(lambda pdf: f"<PDF, {len(pdf[0])} characters>", answer.text)
    return f"{headers}\n{text}"
