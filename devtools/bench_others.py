"""Measured beside the addon: Odoo's own invoice, and the job queue that others use."""

import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from . import arena, venv
from .bench_lane import inside
from .bench_live import without_the_addon
from .console import Problem
from .databases import Databases
from .figures import counted, figure, unavailable
from .meter import COUNTED
from .servers import Sandbox

QUEUE = Path(__file__).with_name("requirements-queue-job.txt")

#: What a request at the till can be judged by.
_AT_THE_TILL = {name: COUNTED[name] for name in ("sql", "commits", "notifies", "cpu")}
#: Variant -> what a sale is then, the plain one first.
_SALES = {
    "plain": "a sale, Odoo without the addon",
    "addon": "a sale, the addon",
    "pressed": "a sale with Invoice pressed, the addon",
    "move": "a sale with Invoice pressed, Odoo's own, only its entry",
    "own": "a sale with Invoice pressed, Odoo's own",
}
#: Of Odoo's own invoice.
_LEFT_OUT = "PDF and NAV included, but for wkhtmltopdf's process and the network"


def invoice(databases, quick=False):
    """Compare a sale with *Invoice* pressed: Odoo's own, the addon's, and neither."""
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(databases.environment, databases.state))
        database = stack.enter_context(databases.temporary())
        arena.prepare(databases, database, sandbox)
        bare = stack.enter_context(without_the_addon(databases, database))
        result = inside(
            databases,
            database,
            "compare_sales",
            module="bench_others_inside",
            other=bare,
            rounds=6 if quick else 60,
        )
    plain = result["plain"]
    for variant, what in _SALES.items():
        samples = result[variant]
        note = _LEFT_OUT if variant == "own" else ""
        yield from counted(what, samples, _AT_THE_TILL, note=note)
        if samples is plain:
            continue
        pairs = list(zip(samples, plain, strict=True))
        compared = _SALES["plain"]
        more = [ours["sql"] - theirs["sql"] for ours, theirs in pairs]
        yield figure(what, more, "SQL more", compared=compared)
        ratios = [ours["cpu"] / theirs["cpu"] for ours, theirs in pairs]
        yield figure(what, ratios, "x CPU", compared=compared)


def queue_job(databases, quick=False):
    """Count what an empty job of OCA's queue costs, where it can be installed."""
    try:
        installed = venv.ensure(QUEUE)
    except Problem as problem:
        reason = f"cannot be installed: {problem}"
        yield unavailable("an empty job, run", "SQL", reason)
        return
    queue = with_packages(databases, installed)
    with databases.temporary(Databases.base) as database:
        queue.install(database, "--init", "queue_job")
        result = inside(
            queue,
            database,
            "count_jobs",
            module="bench_others_inside",
            rounds=10 if quick else 100,
        )
    note = f"queue_job {result['version']}"
    both = [
        {name: asked[name] + run[name] for name in asked}
        for asked, run in zip(result["delayed"], result["run"], strict=True)
    ]
    for what, samples in (
        ("asked for", result["delayed"]),
        ("run by its worker", result["run"]),
        ("both", both),
    ):
        yield from counted(f"an empty job, {what}", samples, _AT_THE_TILL, note=note)


class _WithPackages(Databases):
    """Databases whose Odoo has addons of an environment of packages, see below."""

    def odoo_environment(self):
        """Return the variables with which Odoo runs from the private environment."""
        found = super().odoo_environment()
        packages = self.odoo.addons[-1].parent.parent
        return {**found, "PYTHONPATH": f"{found['PYTHONPATH']}{os.pathsep}{packages}"}


def with_packages(databases, environment):
    """Return these databases for an Odoo with the addons of another environment."""
    (packages,) = environment.glob("lib/python3*/site-packages")
    addons = (*databases.odoo.addons, packages / "odoo" / "addons")
    return _WithPackages(
        databases.server,
        replace(databases.odoo, addons=addons),
        databases.environment,
        databases.state,
    )
