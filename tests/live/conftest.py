"""What live tests stand on: real databases, servers, the sandbox, a browser.

Everything that a test starts has ended when it has. A failed test leaves its logs and
screenshots in ``.dev/live/<test>/``.
"""

import os
import re
import shutil

import pytest
from playwright.sync_api import Error

from devtools import browsers, environment, templates
from devtools.paths import STATE
from devtools.servers import OdooServer, Sandbox

from .screens import Screens

#: Milliseconds until a busy machine has drawn what ``expect`` waits for.
PATIENCE = 30_000


def pytest_collection_modifyitems(items):
    """Mark the tests that need a browser."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def databases():
    """Return the checkout's :class:`devtools.databases.Databases`."""
    with environment.ready() as ready:
        yield ready


@pytest.fixture
def template():
    """Return what ``database`` is a clone of: the salon, connected to Billingo."""
    return templates.connected


@pytest.fixture
def database(databases, template):
    """Return the name of a fresh database with the demo's salon."""
    with databases.temporary(template) as name:
        yield name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Keep whether the test itself failed, for the fixtures that end after it.

    Where only its output is kept, as by CI, the report has what its screens show.
    """
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
        if report.failed:
            for name, screens in item.funcargs.items():
                if isinstance(screens, Screens):
                    report.sections.append((f"what {name} shows", shown(screens)))
    return report


def shown(screens):
    """Return what a person's screens show, or why it cannot be read."""
    try:
        return screens.shown()
    except Error as error:  # the browser has gone, or has stopped answering
        return str(error)


FAILED = pytest.StashKey()


@pytest.fixture
def evidence(request):
    """Return a folder for a test's logs and pictures, kept when the test fails."""
    name = re.sub(r"[^\w.-]+", "_", request.node.nodeid.removeprefix("tests/live/"))
    folder = STATE / "live" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield folder
    if not request.node.stash.get(FAILED, True):
        shutil.rmtree(folder)


@pytest.fixture
def sandbox(databases, evidence):
    """Return a running :class:`devtools.servers.Sandbox`, with its accounts."""
    log = evidence / "sandbox.log"
    with Sandbox(databases.environment, databases.state, log=log) as running:
        yield running


@pytest.fixture
def scene(databases, database, sandbox):
    """Return the ids of the salon in ``database``, its account in ``sandbox``."""
    return templates.move(databases, database, sandbox)


@pytest.fixture
def odoo_server(databases, database, evidence):
    """Return a function that starts a real Odoo, cron included, on a database.

    It is killed before ``database`` is dropped.

    ``odoo_server(database, workers=0)`` returns a
    :class:`devtools.servers.OdooServer` that serves; it has ``url``, ``stop()``,
    ``kill()`` and ``start()``.
    """
    started = []

    def start(name, **options):
        log = evidence / f"odoo-{len(started) + 1}.log"
        server = OdooServer(databases, name, log=log, **options)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.kill()  # It would take two seconds to take its leave.


@pytest.fixture(scope="session")
def chromium():
    """Return a running Chromium (Playwright), or skip where the machine has none."""
    path = browsers.find()
    if not path:
        pytest.skip("no Chromium: install chromium, or set SALON_CHROMIUM to one")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    # Its sandbox does not work for root, as who CI and containers run.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    # What it and its libraries keep for themselves stays in the checkout.
    kept = str(STATE / "browser")
    places = {"XDG_CACHE_HOME": kept, "XDG_CONFIG_HOME": kept}
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=path, args=options, env={**os.environ, **places}
        )
        yield running
        running.close()


@pytest.fixture
def browser(chromium, evidence):
    """Return a Playwright page in a browser of its own, in Hungarian.

    A failed test leaves ``screen.png`` and the console's lines in ``console.log``.
    """
    context = chromium.new_context(
        locale="hu-HU",
        timezone_id="Europe/Budapest",
        viewport={"width": 1366, "height": 850},
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    with open(evidence / "console.log", "w") as console:
        page.on("console", lambda message: print(message.text, file=console))
        page.on("pageerror", lambda error: print(error, file=console))
        yield page
        page.screenshot(path=evidence / "screen.png")
        context.close()
