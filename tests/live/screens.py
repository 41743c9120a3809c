"""A person at Odoo's screens: logs in, opens, clicks, reads, and keeps pictures.

Pictures go to the folder that ``SALON_SCREENS`` names; without it none are kept.
"""

import os
import re
import time
from pathlib import Path

from devtools.rpc import Session

DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
#: Twice what is drawn in one go; a page in the background draws nothing.
FRAMES = """() => Promise.race([
    new Promise((resolve) => requestAnimationFrame(
        () => requestAnimationFrame(() => setTimeout(resolve)))),
    new Promise((resolve) => setTimeout(resolve, 1000)),
])"""
#: How often in a row nothing is under way when a page has settled.
CALM = 4
#: Characters of a page's texts that the report of a failed test has.
SHOWN = 3000
#: Milliseconds until such a page has answered, or is not going to.
PATIENCE = 5_000


class Screens:
    """A browser at a server, and what a person does with it.

    :param page: a Playwright page
    :param server: a running :class:`devtools.servers.OdooServer`
    """

    def __init__(self, page, server):
        self.page = page
        self.server = server
        self.clicks = 0
        self.under_way = set()
        page.on("request", self._asks)
        page.on("requestfinished", self._is_answered)
        page.on("requestfailed", self._is_answered)
        page.set_viewport_size(DESKTOP)

    def _asks(self, request):
        # What a worker of the page loads, such as its own script, ends without a word.
        if request.resource_type in {"fetch", "xhr"}:
            self.under_way.add(request)

    def _is_answered(self, request):
        self.under_way.discard(request)

    def rpc(self, login="admin"):
        """Return an RPC session of ``login``, whose password is the same."""
        return Session(self.server.url, self.server.database, login, login)

    def log_in(self, login, language="en_US"):
        """Log in as ``login``, whose password is the same, reading ``language``."""
        rpc = self.rpc()
        known = rpc.call(
            "res.lang",
            "search",
            [["code", "=", language]],
            context={"active_test": False},
        )
        rpc.call("res.lang", "write", known, {"active": True})
        users = rpc.call("res.users", "search", [["login", "=", login]])
        rpc.call("res.users", "write", users, {"lang": language})
        self.page.goto(f"{self.server.url}/web/login?db={self.server.database}")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", login)
        self.page.click("button[type=submit]")
        self.page.wait_for_url(re.compile("/odoo|/web(?!/login)"))
        self.page.locator(".o_main_navbar").wait_for()

    def open(self, action, record=None):
        """Open an action by its XML id, at a record if one is given."""
        path = f"/odoo/action-{action}" + (f"/{record}" if record else "")
        self.page.goto(self.server.url + path)
        self.page.locator(".o_view_controller").first.wait_for()

    def click(self, *selector, **options):
        """Click, and count it."""
        self.clicks += 1
        self.page.locator(*selector, **options).first.click()

    def button(self, name):
        """Click the button that calls the method ``name``, and count it."""
        self.click(f"button[name='{name}']:visible")

    def replace(self, name):
        """Press the button ``name``: another dialog comes in the place of this one."""
        replaced = self.page.locator(".modal").element_handle()
        self.button(name)
        replaced.wait_for_element_state("hidden")
        self.page.locator(".modal").wait_for()

    def settle(self):
        """Wait until nothing is asked for any more, and all answers are drawn.

        What is not on the page then is not going to be.
        """
        deadline = time.monotonic() + 60
        calm = 0
        while calm < CALM:
            waiting = [request.url for request in self.under_way]
            assert time.monotonic() < deadline, waiting
            calm = 0 if waiting else calm + 1
            self.page.evaluate(FRAMES)
            self.page.wait_for_timeout(50)

    def hold_back(self, address):
        """Keep what the page asks for on its way; return what lets it arrive.

        :param address: a pattern, as for Playwright's ``route``
        """
        waiting = []
        self.page.route(address, lambda route: waiting.append(route))

        def let_arrive():
            for route in waiting:
                route.continue_()
            self.page.unroute(address)

        return let_arrive

    def choose(self, field, text):
        """Choose ``text`` in the many2one ``field``: a click to open, one to take."""
        self.click(f"[name='{field}'] input")
        self.click(".o-autocomplete--dropdown-item", has_text=text)

    def pick(self, field, text):
        """Pick ``text`` in the selection ``field``."""
        self.click(f"[name='{field}'] input, [name='{field}'] select")
        self.click(".o_select_menu_item", has_text=text)

    def levels(self):
        """Return ``{check: level}`` as the readiness panel shows them."""
        self.page.locator(".o_salon_readiness li").first.wait_for()
        return self.page.eval_on_selector_all(
            ".o_salon_readiness li",
            "rows => Object.fromEntries("
            "rows.map(row => [row.dataset.code, row.dataset.level]))",
        )

    def shown(self):
        """Return a page in words: its address, what it waits for, its texts."""
        asked = [request.url for request in self.under_way]
        texts = self.page.locator("body").inner_text(timeout=PATIENCE)
        return "\n".join([self.page.url, f"waits for: {asked}", texts[:SHOWN]])

    def picture(self, name):
        """Keep the screen as it is, at the width of a desk and of a phone."""
        if not os.environ.get("SALON_SCREENS"):
            return
        # Away from what was clicked, whose tooltip would hide what is under it.
        self.page.mouse.move(0, 0)
        for suffix, size in (("", DESKTOP), ("-phone", PHONE)):
            self.page.set_viewport_size(size)
            self.page.wait_for_timeout(600)
            self.picture_now(f"{name}{suffix}")
        self.page.set_viewport_size(DESKTOP)
        self.page.wait_for_timeout(300)

    def picture_now(self, name):
        """Keep the screen at the width that it has."""
        if folder := os.environ.get("SALON_SCREENS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png")
