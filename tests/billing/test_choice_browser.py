"""The till's script and the server decide alike what a sale gets."""

import itertools
import json
import shutil
import subprocess
from decimal import Decimal

import pytest

from devtools.paths import ADDON
from salon_invoice_bridge.billing import choice
from salon_invoice_bridge.billing.choice import BuyerKind, Rule, Situation, Wish

SCRIPT = ADDON / "static" / "src" / "app" / "utils" / "choice.js"
RUN = """
import {LIMIT, choose, invoiceOnly, obstacle} from "./choice.mjs";
let text = "";
for await (const part of process.stdin) text += part;
const found = JSON.parse(text).map((sale) =>
    [choose(sale).outcome, choose(sale).reason, obstacle(sale), invoiceOnly(sale)]);
process.stdout.write(JSON.stringify({LIMIT, found}));
"""
#: What is yes or no, by its name at the till and here.
SWITCHES = {
    "onAccount": "on_account",
    "accountAtOnce": "account_at_once",
    "paid": "paid",
    "cashRegister": "cash_register",
    "receipts": "receipts",
    "foreignTip": "foreign_tip",
    "tipKeptOff": None,
    "onlyTip": None,
    "deposit": "deposit",
    "isForints": None,
    "paper": None,
}


def sales():
    """Yield every sale as the till has it, of one sum below the limit and one at it."""
    for values in itertools.product(
        list(Rule), [None, *Wish], list(BuyerKind), (8900, 900_000)
    ):
        for switched in itertools.product((False, True), repeat=len(SWITCHES)):
            yield values, dict(zip(SWITCHES, switched, strict=True))


def as_situation(values, switches):
    rule, wish, buyer, forints = values
    own = {SWITCHES[name]: on for name, on in switches.items() if SWITCHES[name]}
    kept_off = switches["tipKeptOff"]
    return Situation(
        gross=Decimal(forints),
        rule=rule,
        wish=wish,
        buyer=buyer,
        currency="HUF" if switches["isForints"] else "EUR",
        paper_number="A-1" if switches["paper"] else "",
        series=True,
        empty_without_tip=choice.Reason.ONLY_TIP if switches["onlyTip"] else None,
        tip_answer=choice.TipAnswer.KEPT_OFF if kept_off else choice.TipAnswer.INVOICE,
        **own,
    )


def as_sale(values, switches):
    rule, wish, buyer, forints = values
    return {
        "rule": rule.value,
        "wish": wish.value if wish else "",
        "buyer": buyer.value,
        "forints": forints,
        **switches,
    }


def decided(situation):
    """Return outcome, reason, obstacle and what the law wants, in the till's words."""
    chosen = choice.choose(situation)
    obstacle, law = choice.obstacle(situation), choice.invoice_only(situation)
    return [
        chosen.outcome.value,
        chosen.reason.value,
        obstacle.value if obstacle else "",
        law.value if law else "",
    ]


@pytest.mark.skipif(not shutil.which("node"), reason="no Node.js here")
def test_the_till_expects_what_the_server_decides(tmp_path):
    """Of all sales that differ in anything the choice depends on."""
    shutil.copy(SCRIPT, tmp_path / "choice.mjs")
    (tmp_path / "run.mjs").write_text(RUN)
    every = list(sales())
    done = subprocess.run(
        ["node", tmp_path / "run.mjs"],
        input=json.dumps([as_sale(*one) for one in every]),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    answer = json.loads(done.stdout)
    assert answer["LIMIT"] == choice.LIMIT
    for one, found in zip(every, answer["found"], strict=True):
        assert found == decided(as_situation(*one)), as_sale(*one)
    assert {found[0] for found in answer["found"]} == {
        outcome.value for outcome in choice.Outcome
    }
