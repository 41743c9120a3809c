"""What a sale costs, counted: HTTP calls, SQL statements, commits and CPU.

The addon's own part of it, without the frame of Odoo's job: each sale in turns of the
lane of its own, with its share of what is asked of NAV about all of them together; and
apart from it that question about one alone, what is left to the night, and a document
of a lane that has many to do. The buyer is known to the service, and the messages to
screens and tills count.

Counts and CPU do not depend on what else runs on the machine. Times of a clock do: they
are measured by ``till``, ``lead`` and ``lane``, which want a quiet one.
"""

from contextlib import ExitStack

from . import arena
from .bench_lane import inside
from .figures import counted
from .meter import COUNTED
from .servers import Sandbox

#: As people call them.
SERVICES = {
    "billingo": "Billingo v3",
    "szamlazz": "Számlázz.hu",
    "billingo_v2": "Billingo v2",
}


def sale(databases, quick=False):
    """Count what sales cost at each service, and what a document of its lane does."""
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(databases.environment, databases.state))
        database = stack.enter_context(databases.temporary())
        arena.prepare(databases, database, sandbox)
        result = inside(
            databases,
            database,
            "count_sales",
            sandbox=sandbox.url,
            rounds=3 if quick else 12,
            documents=20 if quick else 50,
        )
    for service, measured in result.items():
        name = SERVICES[service]
        for what, samples in measured["sales"].items():
            yield from counted(f"{name}, sale: {what}", samples, COUNTED)
        for what, samples in (
            ("NAV's share of a sale", measured["reports"]),
            ("NAV for a sale alone", measured["alone"]),
            ("left to the night", measured["night"]),
            ("document of a full lane", measured["lane"]),
        ):
            if any(samples[0].values()):  # there is such a thing at this service
                yield from counted(f"{name}, {what}", samples, COUNTED)
