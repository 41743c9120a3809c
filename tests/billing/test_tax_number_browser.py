"""The till's script and the server agree on what a Hungarian tax number is."""

import json
import random
import shutil
import subprocess

import pytest

from devtools.paths import ADDON
from salon_invoice_bridge.billing.errors import Rejected
from salon_invoice_bridge.billing.taxpayer import check_number

SCRIPT = ADDON / "static" / "src" / "app" / "utils" / "tax_number.js"
RUN = """
import {readTaxNumber} from "./tax_number.mjs";
let text = "";
for await (const part of process.stdin) text += part;
process.stdout.write(JSON.stringify(JSON.parse(text).map(readTaxNumber)));
"""


def numbers():
    """Return what somebody may type: right, wrong, short and long, fixed by a seed."""
    rng = random.Random(20261130)
    typed = ["", "HU", "hu12345676", "DE123456789", "12345676-2-42", "8123456789"]
    for _each in range(2000):
        digits = "".join(
            rng.choices("0123456789", k=rng.choice((7, 8, 8, 9, 11, 11, 12)))
        )
        typed.append(digits)
        if len(digits) == 11:
            typed += [
                f"{digits[:8]}-{digits[8]}-{digits[9:]}",
                *(f"{digits[:7]}{check}2{digits[9:]}" for check in range(10)),
            ]
    return typed


def read(number):
    """Return ``(number, core)`` as the server has them, "" for what is not there."""
    try:
        found = check_number(number)
    except Rejected:
        return "", ""
    return (found if len(found) > 8 else ""), found[:8]


@pytest.mark.skipif(not shutil.which("node"), reason="no Node.js here")
def test_the_till_takes_for_complete_what_the_server_takes(tmp_path):
    shutil.copy(SCRIPT, tmp_path / "tax_number.mjs")
    (tmp_path / "run.mjs").write_text(RUN)
    typed = numbers()
    done = subprocess.run(
        ["node", tmp_path / "run.mjs"],
        input=json.dumps(typed),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    complete = 0
    for number, found in zip(typed, json.loads(done.stdout), strict=True):
        expected, core = read(number)
        assert found["number"] == expected, number
        if expected or len(number) == 8:
            assert found["core"] == core, number
        if found["wrong"]:
            assert not core, number
        complete += bool(expected)
    assert complete > 100
