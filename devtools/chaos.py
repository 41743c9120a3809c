"""./dev chaos: sell while everything breaks, and count what became of it.

Several tills sell over HTTP to a running Odoo with worker processes; the sandbox acts
out a seeded mix of every fault; workers, the whole server and its connections to
PostgreSQL are killed. When all has settled, Odoo's sales are compared with what the
services really have. The exit code is 0 only if each sale has exactly one invoice, or
is in front of a human for a reason that the faults explain.
"""

import argparse
import collections
import dataclasses
import json
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from . import arena, environment, venv
from .chaos_faults import EXPLAINED, Killer, Seller, let_it_rain
from .console import Steps, say
from .processes import child
from .servers import OdooServer, Sandbox

#: Seconds: what takes longer is given up, and what was not found after the margin is
#: not there. Short, so that many unknown outcomes are lived through.
TIMEOUT, MARGIN = 3, 3

#: How many mutated answers go with as many examples of the others as in a test run.
ORDINARY_ANSWERS = 300


def main(argv):
    """Run the chaos and print the report; return 0 if it kept the promises."""
    parser = argparse.ArgumentParser(
        prog="./dev chaos",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--orders", type=int, default=200, help="sales (200)")
    parser.add_argument("--seed", type=int, default=1, help="of all that is random (1)")
    parser.add_argument("--workers", type=int, default=2, help="of Odoo (2)")
    parser.add_argument("--cron", type=int, default=2, help="cron workers (2)")
    parser.add_argument("--tills", type=int, default=4, help="that sell at once (4)")
    parser.add_argument("--kills", type=int, help="processes to kill (orders / 40)")
    parser.add_argument(
        "--answers", type=int, default=3000, help="mutated, for each service (3000)"
    )
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    options = parser.parse_args(argv)
    if options.kills is None:
        options.kills = options.orders // 40
    with environment.ready() as databases:
        broken = try_properties(databases.environment, options.answers)
        report = run(databases, options)
    show(report, options.json)
    return 0 if report["kept"] and not broken else 1


def try_properties(packages, answers):
    """Run the property tests with thousands of examples; return pytest's exit code.

    :param packages: folder of the Python packages, see :mod:`.venv`
    :param int answers: how many mutated ones for each service, 0 for no properties
    """
    if not answers:
        return 0
    variables = {
        **os.environ,
        "SALON_FUZZ_EXAMPLES": str(answers),
        "SALON_EXAMPLES": str(max(answers // ORDINARY_ANSWERS, 1)),
    }
    command = [str(venv.python(packages)), "-m", "pytest", "-q", "-m", "hypothesis"]
    command += ["tests", "--ignore=tests/live"]
    with child(command, variables) as process:
        return process.wait()


def run(databases, options):
    """Sell, break, settle; return the report (JSON-ready)."""
    chance = random.Random(options.seed)
    steps = Steps(4)
    with ExitStack() as stack:
        database = stack.enter_context(databases.temporary())
        sandbox = stack.enter_context(Sandbox(databases.environment, databases.state))
        control = arena.Control(sandbox)
        with steps.step("Two shops, each at a service of its own"):
            scenes = arena.prepare_two_shops(
                databases,
                database,
                sandbox,
                timeout=TIMEOUT,
                absence_margin=MARGIN,
                # Its documents would take most of an hour.
                **{"calls_per_minute.szamlazz": "0"},
            )
        server = OdooServer(
            databases,
            database,
            workers=options.workers,
            cron=options.cron,
            limit_time_real=600,
        )
        stack.enter_context(server)
        start = time.monotonic()
        let_it_rain(control, options.seed)
        killer = Killer(server, databases, chance, options.kills)
        with steps.step(f"Selling {options.orders} times, killing {options.kills}"):
            sell(server, scenes, options, killer)
        with steps.step("Working off what is left, in the same weather"):
            patience = max(30, options.orders / 4)
            arena.settle(databases, database, control, patience)
        faults = fired(control)
        with steps.step("The sky clears: all settles"):
            control.clear_faults()
            audit = arena.settle(databases, database, control, patience=900)
        mails = mailed_twice(control)
        return summary(audit, mails, faults, killer, options, time.monotonic() - start)


def sell(server, scenes, options, killer):
    """Let the tills sell, and the killer kill until they have."""
    counts = [
        options.orders // options.tills + (number < options.orders % options.tills)
        for number in range(options.tills)
    ]
    sellers = [
        Seller(server, scenes[number % len(scenes)], f"{options.seed}/{number}")
        for number in range(options.tills)
    ]
    waking = threading.Thread(target=killer.wake, daemon=True)
    waking.start()
    try:
        with ThreadPoolExecutor(options.tills) as pool:
            futures = [
                pool.submit(seller.sell, count)
                for seller, count in zip(sellers, counts, strict=True)
            ]
            # Here, because a server ends with the thread that has started it.
            killer.run(lambda: all(future.done() for future in futures))
            for future in futures:
                future.result()
    finally:
        killer.stop()
        waking.join()


def fired(control):
    """Return {kind: how often} for the faults that were acted out."""
    report = control.faults()
    total = collections.Counter()
    for fault in report["waiting"] + report["used_up"]:
        total[fault["kind"]] += fault["fired"]
    return {kind: number for kind, number in sorted(total.items()) if number}


def mailed_twice(control):
    """Return the documents that went out by e-mail more than once."""
    mails = collections.Counter(
        (mail["service"], mail["document"]) for mail in control.ledger()["mails"]
    )
    return [list(document) for document, number in mails.items() if number > 1]


def summary(audit, mails, faults, killer, options, seconds):
    """Return the report, JSON-ready."""
    unexplained = sorted(set(audit.attention) - EXPLAINED)
    return {
        **dataclasses.asdict(audit),
        "mailed_twice": mails,
        "faults": faults,
        "killed": dict(killer.killed),
        "seed": options.seed,
        "seconds": round(seconds, 1),
        "unexplained": unexplained,
        "kept": audit.is_exactly_once
        and audit.is_settled
        and not mails
        and not unexplained
        and audit.sold == options.orders,
    }


def show(report, as_json):
    """Print the report: for people, or as JSON, on stdout."""
    if as_json:
        print(json.dumps(report, ensure_ascii=False, indent=2))
        return
    for name in ("sold", "issued"):
        print(f"{name:<20}{report[name]:>8}")
    for name in (
        "duplicates",
        "missing",
        "different",
        "strangers",
        "moving",
        "mailed_twice",
    ):
        print(f"{name:<20}{len(report[name]):>8}")
    for reason, orders in report["attention"].items():
        print(f"{'human: ' + reason:<20}{len(orders):>8}")
    for reason, orders in report["skipped"].items():
        print(f"{'skipped: ' + reason:<20}{len(orders):>8}")
    print(f"{'seconds':<20}{report['seconds']:>8}")
    print("faults: " + ", ".join(f"{k} {n}" for k, n in report["faults"].items()))
    print("killed: " + ", ".join(f"{k} {n}" for k, n in report["killed"].items()))
    say("The promises were kept." if report["kept"] else "A PROMISE WAS BROKEN.")
