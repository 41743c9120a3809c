"""The unit tests of the till's patches, in a Chromium that the machine has.

They are in ``static/tests/unit``, run by Odoo's own test runner for the browser (HOOT).
"""

import logging
import os
import re
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import PropertyMock, patch

from odoo.tests import HttpCase, no_retry, tagged
from odoo.tests.common import ChromeBrowser

TESTS = Path(__file__).parents[1] / "static" / "tests" / "unit"
SUITE = "@salon_invoice_bridge"

#: What packages of Odoo leave out of their bundle: a library of others, for calls.
LEFT_OUT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


class _Said(logging.Handler):
    """Keeps what the browser's console says."""

    def __init__(self):
        super().__init__(level=logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())

    def passed(self):
        """Return the number of tests that passed, as the runner counts them."""
        counted = (re.search(r"\[HOOT\] Passed (\d+) tests", row) for row in self.lines)
        return sum(int(found[1]) for found in counted if found)


@tagged("post_install", "-at_install")
class TestHoot(HttpCase):
    @no_retry
    def test_the_unit_tests_of_the_till(self):
        written = sum(
            len(re.findall(r"^test\(", path.read_text(), re.M))
            for path in TESTS.rglob("*.test.js")
        )
        self.assertTrue(written)
        self.env["ir.asset"].create(
            {
                "name": "Not in the package",
                "bundle": "web.assets_unit_tests_setup",
                "directive": "remove",
                "path": LEFT_OUT,
            }
        )
        with self.listening() as said, self.chosen_browser():
            self.browser_js(
                "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
                f"&id={self.identity(SUITE)}",
                "",
                login="admin",
                timeout=180,
                success_signal="[HOOT] Test suite succeeded",
                error_checker=lambda message: "[HOOT]" not in message,
            )
        # None is left out: not by the bundle, by the filter, by skip() or by only().
        self.assertEqual(said.passed(), written)

    def identity(self, name):
        """Return HOOT's id of a suite, as ``generateHash`` there makes it."""
        number = 0
        for sign in name:
            number = ((number << 5) - number + ord(sign)) & 0xFFFFFFFF
        return f"{number:08x}"

    @contextmanager
    def listening(self):
        """Yield what the browser's console says during the block."""
        logger, said = self._logger.getChild("browser"), _Said()
        level = logger.level
        logger.addHandler(said)
        logger.setLevel(logging.INFO)
        try:
            yield said
        finally:
            logger.removeHandler(said)
            logger.setLevel(level)

    @contextmanager
    def chosen_browser(self):
        """Let Odoo start the browser that SALON_CHROMIUM names, at the real time."""
        environment = {**os.environ}
        environment.pop("LD_PRELOAD", None)  # a moved clock's, which no browser bears
        named = environment.get("SALON_CHROMIUM")
        with patch.dict(os.environ, environment, clear=True):
            if not named:
                yield
                return
            executable = PropertyMock(return_value=named)
            with patch.object(ChromeBrowser, "executable", executable):
                yield
