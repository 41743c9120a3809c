"""What a call can end in: an answer, or a word for what may have happened."""

import base64
import gzip
import html
import json
import re
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from functools import partial
from ipaddress import ip_address
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape as xml_escape

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from urllib3.connection import HTTPConnection

from salon_invoice_bridge.billing.errors import NotProcessed, OutcomeUnknown, Reason
from salon_invoice_bridge.providers import cutoff
from salon_invoice_bridge.providers.billingo.api import BillingoApi
from salon_invoice_bridge.providers.http import HttpClient

from .raw_server import RawServer, answering, http

#: Seconds until a call is given up, and by when it must then have ended: far below
#: what the servers of these tests would take, far above what a busy machine does.
SOON, BY_THEN = 0.5, 5


def client(url, **options):
    """Return a client with the time of a busy machine."""
    return HttpClient(url, timeout=options.pop("timeout", 30), **options)


def post(url, **options):
    """Make a call that may change something at the service."""
    return client(url, **options).send("POST", "/documents", body=b"{}")


# === ANSWERS === #


def test_an_answer_of_any_status_is_an_answer():
    for status in (200, 404, 422, 500, 503):
        with answering(http(status, b"body", b"X-Name: value")) as server:
            answer = post(server.url)
        assert (answer.status, answer.body) == (status, b"body")
        assert answer.headers["x-name"] == "value"


def test_a_connection_is_kept_for_the_next_call():
    def script(connection, _request):
        connection.sendall(http(200))
        return "keep"

    server = RawServer(script)
    talking = client(server.url)
    for _ in range(3):
        talking.send("POST", "/", body=b"")
    assert (len(server.requests), server.connections) == (3, 1)
    talking.close()
    server.stop()


def test_a_connection_that_the_service_has_closed_is_replaced():
    with answering(http(200)) as server:
        talking = client(server.url)
        talking.send("POST", "/", body=b"")
        assert server.closed.wait(30)
        assert talking.send("POST", "/", body=b"").status == 200
    assert server.connections == 2


def test_cookies_stay_with_their_account():
    cookie = b"Set-Cookie: JSESSIONID=1; Path=/"
    # Said, not only done: a call that meets a connection as it closes is lost.
    with answering(http(200, b"", cookie, b"Connection: close")) as server:
        one, other = client(server.url), client(server.url)
        for talking in (one, one, other):
            talking.send("GET", "/")
    assert b"JSESSIONID=1" not in server.requests[0]
    assert b"JSESSIONID=1" in server.requests[1]
    assert b"JSESSIONID" not in server.requests[2]


def test_the_body_is_sent_byte_for_byte():
    body = '{"név": "Ő"}'.encode()
    with answering(http(200)) as server:
        client(server.url).send("POST", "/", body=body)
    assert server.requests[0].endswith(b"\r\n\r\n" + body)


# === CERTAINLY NOT PROCESSED === #


def test_a_refused_connection_is_certainly_not_processed():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(NotProcessed) as caught:
        post(url)
    assert caught.value.reason is Reason.UNREACHABLE


@pytest.mark.parametrize(
    "url",
    [
        "http://nowhere.invalid",
        "http://",
        "nonsense",
        "ftp://127.0.0.1",
        "http://[::1",
        "http://127.0.0.1:99999",
        "http://\udcff",
    ],
)
def test_an_address_that_leads_nowhere_is_certainly_not_processed(url):
    with pytest.raises(NotProcessed) as caught:
        post(url)
    assert caught.value.reason is Reason.UNREACHABLE


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "\u0151"])
def test_a_header_that_cannot_be_sent_is_certainly_not_processed(value):
    with answering(http(200)) as server, pytest.raises(NotProcessed):
        client(server.url).send("POST", "/", headers={"X-API-KEY": value})
    assert not server.requests


def test_a_server_that_speaks_no_tls_is_certainly_not_processed():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet():
            connection, _address = listener.accept()
            connection.sendall(http(400))
            connection.recv(65536)
            connection.close()

        threading.Thread(target=greet, daemon=True).start()
        with pytest.raises(NotProcessed) as caught:
            post(f"https://127.0.0.1:{listener.getsockname()[1]}")
    assert caught.value.code == "tls"


# === UNKNOWN === #


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b"not http at all\r\n\r\n"],
        [http(200, b"x" * 100)[:-50]],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
        [b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n"],
        [http(200, b"not gzip", b"Content-Encoding: gzip")],
    ],
)
def test_an_answer_that_is_no_answer_leaves_the_outcome_unknown(pieces):
    with answering(*pieces) as server, pytest.raises(OutcomeUnknown):
        post(server.url)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "location",
    [
        b"http:///",
        b"http://",
        b"//\xff\xfe",
        b"ftp://example.com",
        b"http://example.com:99999/",
        b"http://other.example/steal",
        b"\xc5",
    ],
)
def test_a_redirection_is_an_answer_and_is_never_followed(location):
    redirection = http(302, b"body", b"Location: " + location)
    with answering(redirection) as server:
        answer = post(server.url)
    assert (answer.status, answer.body) == (302, b"body")
    assert len(server.requests) == 1


def test_a_question_whose_answer_is_lost_is_only_not_processed():
    with answering() as server, pytest.raises(NotProcessed):
        client(server.url).send("GET", "/")


def test_a_question_may_be_a_post_and_an_act_may_be_a_get():
    with answering() as server:
        with pytest.raises(NotProcessed):
            client(server.url).send("POST", "/", safe=True)
        with pytest.raises(OutcomeUnknown):
            client(server.url).send("GET", "/", safe=False)


# === LIMITS === #


def test_silence_ends_at_the_time_out():
    with answering(b"", pause=20) as server, pytest.raises(OutcomeUnknown) as caught:
        started = time.monotonic()
        post(server.url, timeout=SOON)
    assert caught.value.reason is Reason.TIMEOUT
    assert time.monotonic() - started < BY_THEN


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "],
    ids=["in the body", "in a header"],
)
def test_an_answer_that_only_drips_ends_at_the_time_out_too(head):
    drops = [b"x"] * 200
    with answering(head, *drops, pause=0.1) as server:
        started = time.monotonic()
        with pytest.raises(OutcomeUnknown) as caught:
            post(server.url, timeout=SOON)
    assert caught.value.reason is Reason.TIMEOUT
    assert time.monotonic() - started < BY_THEN


def test_a_connection_that_is_made_too_late_is_not_used(monkeypatch):
    """``urllib3`` gives each address of a host the whole time-out."""
    connect = HTTPConnection.connect

    def slowly(connection):
        time.sleep(2 * SOON)
        connect(connection)

    monkeypatch.setattr(HTTPConnection, "connect", slowly)
    with answering(http(200)) as server, pytest.raises(NotProcessed) as caught:
        post(server.url, timeout=SOON)
    assert caught.value.reason is Reason.UNREACHABLE
    assert not any(server.requests), "nothing was sent"


@pytest.fixture
def silent():
    """A port of this machine that answers no attempt to connect: its queue is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        waiting = []
        while len(waiting) < 3:
            pending = socket.socket()
            pending.setblocking(False)
            pending.connect_ex(listener.getsockname())
            waiting.append(pending)
        time.sleep(0.1)
        yield listener.getsockname()
        for pending in waiting:
            pending.close()


def resolving(monkeypatch, *addresses, name="service.invalid"):
    """Let ``name`` have these addresses; return its URL."""
    real = socket.getaddrinfo

    def resolve(host, *arguments, **options):
        if host != name:
            return real(host, *arguments, **options)
        family = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*family, address) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return f"http://{name}"


def test_addresses_that_do_not_answer_share_one_deadline(monkeypatch, silent):
    url = resolving(monkeypatch, *[silent] * 4)
    started = time.monotonic()
    with pytest.raises(NotProcessed) as caught:
        post(url, timeout=1)
    assert caught.value.reason is Reason.UNREACHABLE
    assert time.monotonic() - started < 2


def test_an_address_that_does_not_answer_leaves_time_for_the_next(monkeypatch, silent):
    with answering(http(200, b"here")) as server:
        alive = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        url = resolving(monkeypatch, silent, alive)
        assert post(url, timeout=2).body == b"here"


def test_a_name_that_is_found_too_late_is_not_processed(monkeypatch):
    """Nothing interrupts a resolver; what comes after it is not begun."""
    with answering(http(200)) as server:
        alive = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        url = resolving(monkeypatch, alive)
        quick = socket.getaddrinfo

        def slowly(*arguments, **options):
            time.sleep(1.5 * SOON)
            return quick(*arguments, **options)

        monkeypatch.setattr(socket, "getaddrinfo", slowly)
        with pytest.raises(NotProcessed) as caught:
            post(url, timeout=SOON)
    assert caught.value.reason is Reason.UNREACHABLE
    assert server.connections == 0


@pytest.mark.parametrize("first", ["the cut", "the socket's own time-out"])
def test_a_handshake_that_only_drips_ends_at_the_time_out(monkeypatch, first):
    """Whichever of the two comes first: nothing has been sent."""
    if first != "the cut":
        never = partial(threading.Timer, function=lambda: None)
        monkeypatch.setattr(
            cutoff.threading, "Timer", lambda seconds, _cut: never(seconds)
        )
    given_up = threading.Event()

    def script(connection):
        connection.recv(65536)
        connection.sendall(b"\x16\x03\x03\x40\x00")
        while not given_up.wait(0.1):
            connection.sendall(b"\x02")

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _address = listener.accept()
            with connection, suppress(OSError):
                script(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        started = time.monotonic()
        with pytest.raises(NotProcessed) as caught:
            post(f"https://127.0.0.1:{listener.getsockname()[1]}", timeout=SOON)
        assert time.monotonic() - started < BY_THEN
        given_up.set()
        thread.join(30)
    assert caught.value.reason is Reason.UNREACHABLE


def test_the_pages_of_a_list_share_one_deadline():
    def script(connection, _request):
        time.sleep(SOON / 2)
        connection.sendall(http(200, b"{}"))
        return "keep"

    server = RawServer(script)
    talking = client(server.url, timeout=SOON)
    ends = talking.deadline()
    with pytest.raises(NotProcessed) as caught, talking.until(ends):
        for _page in range(1000):
            talking.send("GET", "/")
    assert caught.value.reason is Reason.TIMEOUT
    assert len(server.requests) <= 2
    assert talking.send("GET", "/").status == 200, "the next call has its own time"
    talking.close()
    server.stop()


def test_a_list_without_an_end_ends_at_the_time_out():
    def script(connection, _request):
        time.sleep(SOON / 4)
        connection.sendall(http(200, b'{"data": [], "last_page": 1000}'))
        return "keep"

    server = RawServer(script)
    talking = client(server.url, timeout=SOON)
    pages = BillingoApi(talking, "key", time.time).rows("/documents", str)
    with pytest.raises(NotProcessed) as caught:
        list(pages)
    assert caught.value.reason is Reason.TIMEOUT
    assert len(server.requests) <= 4
    talking.close()
    server.stop()


def test_after_a_time_out_the_next_call_works():
    given_up = threading.Event()

    def script(connection, _request):
        given_up.wait(60)
        connection.sendall(http(200))

    server = RawServer(script)
    talking = client(server.url, timeout=SOON)
    with pytest.raises(OutcomeUnknown):
        talking.send("POST", "/")
    given_up.set()
    talking.timeout = 30
    assert talking.send("POST", "/").status == 200
    server.stop()


@pytest.mark.parametrize("status", [200, 302])
def test_an_endless_answer_is_cut_off(status):
    body = http(status, b"x" * 100_000, b"Location: /")
    with answering(body) as server, pytest.raises(OutcomeUnknown) as caught:
        post(server.url, max_bytes=1000)
    assert caught.value.code == "size"


def test_a_small_answer_that_unpacks_to_a_large_one_is_cut_off():
    bomb = gzip.compress(b"0" * 50_000_000)
    answer = http(200, bomb, b"Content-Encoding: gzip")
    with answering(answer) as server, pytest.raises(OutcomeUnknown) as caught:
        post(server.url, max_bytes=1_000_000)
    assert caught.value.code == "size"


def test_a_packed_answer_is_not_asked_for_and_is_read_all_the_same():
    answer = http(200, gzip.compress(b"packed"), b"Content-Encoding: GZip")
    with answering(answer) as server:
        assert post(server.url).body == b"packed"
    assert b"accept-encoding: identity\r\n" in server.requests[0].lower()


def packed(times, size):
    """Return zeros that are packed several times."""
    content = b"\0" * size
    for _time in range(times):
        content = gzip.compress(content)
    return content


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"gzip, gzip", packed(2, 20_000_000)),
        (b"gzip, gzip, gzip", packed(3, 20_000_000)),
        (b"deflate", zlib.compress(b"0" * 1000)),
        (b"br", b"x"),
        (b"gzip", packed(1, 10) * 2),
        (b"gzip", packed(1, 1000)[:-4]),
    ],
)
def test_what_is_packed_in_another_way_is_not_unpacked(encoding, body):
    answer = http(200, body, b"Content-Encoding: " + encoding)
    started = time.monotonic()
    with answering(answer) as server, pytest.raises(OutcomeUnknown) as caught:
        post(server.url)
    assert caught.value.reason is Reason.UNREADABLE
    assert time.monotonic() - started < BY_THEN


def test_a_bomb_takes_no_more_memory_than_an_answer_may():
    bomb = packed(1, 400_000_000)
    answer = http(200, bomb, b"Content-Encoding: gzip")
    tracemalloc.start()
    try:
        with answering(answer) as server, pytest.raises(OutcomeUnknown) as caught:
            post(server.url, max_bytes=2_000_000)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.code == "size"
    assert most < 20_000_000


# === SECRETS AND EVIDENCE === #

SECRET = "k+/= titok"


def evidence(script_answer, **call):
    """Make a call with a secret in it; return what was observed of it."""
    seen = []
    with answering(script_answer) as server:
        talking = client(server.url, secrets=(SECRET, ""), observer=seen.append)
        try:
            talking.send("POST", f"/x?key={SECRET}", **call)
        except (NotProcessed, OutcomeUnknown) as error:
            assert SECRET not in str(error)
    (exchange,) = seen
    return exchange


def test_the_evidence_of_a_call_is_complete():
    exchange = evidence(http(201, b"made"), body=b"please")
    assert (exchange.method, exchange.status) == ("POST", 201)
    assert exchange.request == "please"
    assert exchange.answer.endswith("made")
    assert exchange.seconds > 0


def test_the_evidence_of_a_lost_call_says_how_it_was_lost():
    exchange = evidence(b"", body=b"please")
    assert (exchange.status, exchange.answer) == (None, "")
    assert exchange.error.startswith("connection_lost")


@pytest.mark.parametrize("shape", [SECRET, "k%2B%2F%3D%20titok", r"k+\/= titok"])
def test_no_evidence_contains_a_secret(shape):
    answer = http(200, f"you sent {shape}".encode(), f"X-Echo: {shape}".encode())
    exchange = evidence(answer, body=f"<key>{shape}</key>".encode())
    assert shape not in str(exchange)
    assert "***" in exchange.request
    assert "***" in exchange.answer


def written(secret):
    """Yield a text as those who repeat a key may write it."""
    yield secret
    yield quote(secret, safe="")
    yield quote(secret, safe="").lower()
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield json.dumps(secret).replace("/", "\\/")[1:-1]
    yield xml_escape(secret)
    yield html.escape(secret)


@pytest.mark.parametrize("secret", ["a\"b\\c/d&e<f>'g", "őű+/=kulcs 1", SECRET])
def test_a_secret_is_recognized_however_it_is_written(secret):
    talking = client("http://127.0.0.1", secrets=(secret,))
    for shape in written(secret):
        assert talking.redact(f"<{shape}>") == "<***>", shape


@pytest.mark.parametrize("secret", ["kulcs-ISI-kulcs", "ıİiI-őű-ſK-µ", SECRET])
def test_a_secret_is_recognized_in_capitals_and_small_letters(secret):
    talking = client("http://127.0.0.1", secrets=(secret,))
    every = "".join(map(chr, range(32, 0xD800)))
    for letter in secret:
        equal = re.findall(re.escape(letter), every, re.IGNORECASE)
        for other in {*equal, letter.upper(), letter.lower()}:
            if len(other) == 1:
                written_so = secret.replace(letter, other)
                assert re.fullmatch(re.escape(secret), written_so, re.IGNORECASE)
                assert talking.redact(f"<{written_so}>") == "<***>", written_so


def test_a_secret_that_came_later_is_recognized_too():
    talking = client("http://127.0.0.1", secrets=("elso-kulcs",))
    assert talking.redact("elso-kulcs masik-kulcs") == "*** masik-kulcs"
    talking.secrets = ("elso-kulcs", "masik-kulcs")
    assert talking.redact("elso-kulcs masik-kulcs") == "*** ***"


@pytest.mark.parametrize("before", ["", "x", "xy", "user:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_is_recognized_in_base64(before, encode):
    secret = "key-??>>-of-some-length"
    talking = client("http://127.0.0.1", secrets=(secret,))
    left = talking.redact(encode(f"{before}{secret}@".encode()).decode())
    assert "***" in left
    assert len(left.replace("***", "")) <= len(before) * 4 / 3 + 6


def test_a_pdf_is_not_kept_as_evidence():
    exchange = evidence(http(200, b"%PDF-1.4 " + b"x" * 5000))
    assert len(exchange.answer) < 200


def test_a_netrc_of_the_machine_does_not_speak_for_the_account(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password account\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with answering(http(200)) as server:
        client(server.url).send("GET", "/", headers={"Authorization": "Bearer ours"})
    assert b"Authorization: Bearer ours" in server.requests[0]


# === TLS === #


@pytest.fixture
def certificate(tmp_path):
    """A self-signed certificate of 127.0.0.1; returns the file with it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


def secured(certificate, *pieces, pause=0.0):
    """Run a server like ``answering`` that speaks TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return answering(*pieces, pause=pause, wrap=context.wrap_socket)


def test_a_certificate_that_nobody_vouches_for_stops_the_call(certificate):
    with secured(certificate, http(200)) as server:
        with pytest.raises(NotProcessed) as caught:
            post(server.url.replace("http:", "https:"))
    assert caught.value.code == "tls"
    assert not server.requests, "not even the key was sent"


def test_the_machines_own_authorities_are_honoured(certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with secured(certificate, http(200, b"safe")) as server:
        assert post(server.url.replace("http:", "https:")).body == b"safe"


def test_a_drip_over_tls_ends_at_the_time_out_too(certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    drops = [b"HTTP/1.1 200 OK\r\nX: ", *[b"x"] * 200]
    with secured(certificate, *drops, pause=0.1) as server:
        started = time.monotonic()
        with pytest.raises(OutcomeUnknown) as caught:
            post(server.url.replace("http:", "https:"), timeout=SOON)
    assert caught.value.reason is Reason.TIMEOUT
    assert time.monotonic() - started < BY_THEN
