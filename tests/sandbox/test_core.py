"""What the sandbox promises to whoever tests against it."""

import http.client
import json
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox.server import start
from sandbox.world import World
from tests import clock

KEY = {"X-API-KEY": "demo-billingo-key"}
PARTNER = {
    "name": "Kiss Anna",
    "address": {
        "country_code": "HU",
        "post_code": "1011",
        "city": "Budapest",
        "address": "Fő utca 1.",
    },
}


@pytest.fixture(scope="module")
def server():
    """The sandbox on a free port."""
    running = start(clock=clock.now)
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def fresh(server):
    """Every test starts with nothing but the demo accounts."""
    requests.post(f"{server.url}/_sandbox/reset", timeout=5)


def ask(server, path="/organization", method="GET", key=KEY, **options):
    """Make a call to the Billingo emulator."""
    url = f"{server.url}/billingo/v3{path}"
    return requests.request(method, url, headers=key, timeout=5, **options)


def control(server, method, path, data=None, status=200):
    """Make a control request; returns its JSON."""
    url = f"{server.url}/_sandbox{path}"
    answer = requests.request(method, url, json=data, timeout=5)
    assert answer.status_code == status, answer.text
    return answer.json()


# === ACCOUNTS === #


def test_a_demo_account_of_every_service_is_there_from_the_start(server):
    accounts = control(server, "GET", "/accounts")
    assert {account["service"] for account in accounts} == {
        "billingo",
        "billingo_v2",
        "szamlazz",
    }
    assert all(account["key"].startswith("demo") for account in accounts)


def test_accounts_are_strangers_to_each_other(server):
    other = control(server, "POST", "/accounts", {"service": "billingo"})
    created = ask(server, "/partners", "POST", json=PARTNER).json()
    path = f"/partners/{created['id']}"
    assert ask(server, path).status_code == 200
    assert ask(server, path, key={"X-API-KEY": other["key"]}).status_code == 403


def test_a_key_can_be_revoked_and_replaced_while_the_shop_is_open(server):
    path = "/accounts/billingo/demo-billingo-key"
    control(server, "PATCH", path, {"revoked": True})
    assert ask(server).status_code == 401
    control(server, "PATCH", path, {"revoked": False, "key": "new-key"})
    assert ask(server).status_code == 401
    assert ask(server, key={"X-API-KEY": "new-key"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "data", "status"),
    [
        ("POST", "/accounts", {"service": "nobody"}, 404),
        ("POST", "/accounts", {"service": "billingo", "colour": "red"}, 400),
        (
            "POST",
            "/accounts",
            {"service": "billingo", **{"key": KEY["X-API-KEY"]}},
            400,
        ),
        ("PATCH", "/accounts/billingo/nobody", {}, 404),
        ("POST", "/faults", {"kind": "earthquake"}, 400),
        ("POST", "/faults", {"kind": "html", "colour": "red"}, 400),
        ("POST", "/faults", [], 400),
        ("GET", "/nothing", None, 404),
    ],
)
def test_a_control_request_that_means_nothing_is_refused(
    server, method, path, data, status
):
    assert "error" in control(server, method, path, data, status)


# === FAULTS === #


def fault(server, **spec):
    """Let a fault wait."""
    return control(server, "POST", "/faults", spec)


def make_partner(server):
    """Make a call that acts; returns the answer, None where the connection broke."""
    try:
        return ask(server, "/partners", "POST", json=PARTNER)
    except requests.ConnectionError:
        return None
    except requests.exceptions.ChunkedEncodingError:
        return None


@pytest.mark.parametrize(
    ("spec", "acted", "status"),
    [
        ({"kind": "refuse_before"}, 0, None),
        ({"kind": "drop_after"}, 1, None),
        ({"kind": "truncated"}, 1, None),
        ({"kind": "html"}, 0, 502),
        ({"kind": "status_before"}, 0, 500),
        ({"kind": "status_after", "status": 504}, 1, 504),
        ({"kind": "rate_limit"}, 0, 429),
        ({"kind": "garbage", "body": "?"}, 1, 200),
        ({"kind": "delay", "seconds": 0.01}, 1, 201),
    ],
)
def test_a_fault_does_what_it_says_and_once(server, spec, acted, status):
    fault(server, **spec)
    answer = make_partner(server)
    assert (answer.status_code if answer is not None else None) == status
    partners = ask(server, "/partners").json()
    assert partners["total"] == acted
    assert make_partner(server).status_code == 201, "the fault is used up"


def test_a_dropped_connection_is_a_reset_not_a_farewell(server):
    fault(server, kind="refuse_before")
    with socket.create_connection(server.server_address) as connection:
        connection.sendall(b"GET /billingo/v3/organization HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_a_delay_takes_its_time_before_or_after_acting(server):
    fault(server, kind="delay", seconds=0.3, when="after")
    started = time.monotonic()
    assert ask(server).status_code == 200
    assert time.monotonic() - started >= 0.3


def test_a_delay_ends_when_the_faults_are_taken_back(server):
    fault(server, kind="delay", seconds=3600)
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask, server)
        while not control(server, "GET", "/faults")["used_up"]:
            assert not asking.done()
        control(server, "DELETE", "/faults")
        assert asking.result().status_code == 200


def test_a_fault_waits_for_the_call_that_it_was_made_for(server):
    other = control(server, "POST", "/accounts", {"service": "billingo"})
    for spec in (
        {"service": "szamlazz"},
        {"method": "POST"},
        {"path": "^GET /document-blocks"},
        {"account": other["key"]},
    ):
        fault(server, kind="html", **spec)
    assert ask(server).status_code == 200
    assert ask(server, "/document-blocks").status_code == 502
    assert ask(server, key={"X-API-KEY": other["key"]}).status_code == 502


def test_what_has_fired_how_often_is_told(server):
    fault(server, kind="html", times=2)
    ask(server)
    assert control(server, "GET", "/faults")["waiting"][0]["fired"] == 1
    ask(server)
    report = control(server, "GET", "/faults")
    assert (report["waiting"], report["used_up"][0]["fired"]) == ([], 2)
    fault(server, kind="html", times=None)
    control(server, "DELETE", "/faults")
    assert ask(server).status_code == 200


def test_a_fault_with_a_seed_strikes_the_same_calls_every_time(server):
    def strikes():
        control(server, "POST", "/reset")
        fault(server, kind="html", times=None, probability=0.5, seed=7)
        return [ask(server).status_code for _ in range(12)]

    first = strikes()
    assert set(first) == {200, 502}
    assert strikes() == first


# === LEDGER, PAGE, CLOCK === #


def test_every_call_is_in_the_ledger_with_its_fault(server):
    fault(server, kind="drop_after", method="POST")
    make_partner(server)
    ask(server)
    lost, found = control(server, "GET", "/ledger")["calls"]
    assert (lost["status"], lost["fault"]) == (None, "drop_after")
    assert (found["status"], found["fault"]) == (200, None)
    assert found["operation"] == "GET /organization"


def test_no_key_is_in_the_ledger(server):
    ask(server)
    assert KEY["X-API-KEY"] not in json.dumps(control(server, "GET", "/ledger"))


def test_the_page_can_be_read_and_runs_nothing(server):
    script = "<script>alert(1)</script>"
    ask(server, f"/partners?query={script}")
    page = requests.get(server.url, timeout=5)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Documents (0)" in page.text
    assert "/billingo/v3/partners" in page.text
    assert "<script" not in page.text


def test_time_passes_when_it_is_told_to(server):
    before = ask(server, "/utils/time").json()["epoch"]
    control(server, "POST", "/clock", {"advance": 86400})
    assert ask(server, "/utils/time").json()["epoch"] - before >= 86400


# === THE PROCESS === #


def test_connections_are_kept_between_calls(server):
    connection = http.client.HTTPConnection(*server.server_address)
    connection.connect()
    first = connection.sock
    for _ in range(3):
        connection.request("GET", "/billingo/v3/organization", headers=KEY)
        assert connection.getresponse().read()
        assert connection.sock is first
    connection.close()


def run(*arguments):
    """Start ``python -m sandbox``; returns the process and the address it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline()
    return process, line.split()[2]


def test_what_was_issued_survives_a_killed_process(tmp_path):
    state = ("--state", str(tmp_path / "state.json"))
    process, url = run(*state)
    created = requests.post(
        f"{url}/billingo/v3/partners", json=PARTNER, headers=KEY, timeout=5
    ).json()
    process.kill()
    process.wait()
    process, url = run(*state)
    again = requests.get(
        f"{url}/billingo/v3/partners/{created['id']}", headers=KEY, timeout=5
    )
    process.terminate()
    assert again.json() == created
    assert process.wait(timeout=5) == 0


def test_a_port_that_is_taken_is_one_line_of_text(server):
    port = str(server.server_address[1])
    result = subprocess.run(
        [sys.executable, "-m", "sandbox", "--port", port],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert result.stderr.startswith("sandbox: cannot start:")
    assert len(result.stderr.splitlines()) == 1


def test_the_help_names_every_fault_and_every_address():
    result = subprocess.run(
        [sys.executable, "-m", "sandbox", "--help"], capture_output=True, text=True
    )
    for word in ("refuse_before", "slow_pdf", "/billingo/v3", "/szamla/", "faults"):
        assert word in result.stdout


def test_the_real_limits_can_be_switched_on():
    limited = World(limits=1)
    limits = {
        account["id"]: account.get("rate_limit")
        for emulator in limited.emulators
        for account in emulator.state["accounts"].values()
    }
    assert limits == {"billingo-1": 300, "billingo_v2-1": None, "szamlazz-1": 500}
    opened = World(limits=10).emulator("billingo").create_account({})
    assert opened["rate_limit"] == 3000
