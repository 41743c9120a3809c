"""What the database of a salon costs after years: statements, their time, and its size.

A real salon sells at the emulator. Its rows are copied by SQL to 1,000,000 sales over
60 months and five companies (20,000 with ``--quick``), with the evidence of the days
that it is kept. Then each screen of the addon is opened as its action opens it, and
each background job runs its look-ups: warm, all SQL of it summed, the plan of the
slowest statement shown. Groupings are of this month.

A statement's time is an upper bound on a machine on which something else runs; counts,
plans and sizes are the same everywhere.
"""

from contextlib import ExitStack

from . import arena
from .bench_lane import inside
from .console import detail
from .figures import figure
from .servers import Sandbox

#: Unit of the SQL of a screen or a job.
MS = "ms of SQL"
#: Unit of what Odoo asks without the addon, beside it: nobody's aim.
MS_OF_ODOO = "ms of Odoo's SQL"
#: Milliseconds from which on a plan is shown.
WORTH_A_PLAN = 50


def database(databases, quick=False):
    """Fill a database with years of sales; yield times, plans and sizes."""
    sales = 20_000 if quick else 1_000_000
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(databases.environment, databases.state))
        name = stack.enter_context(databases.temporary())
        arena.prepare(databases, name, sandbox)

        def run(function, **arguments):
            detail(function)
            module = "bench_database_inside"
            return inside(databases, name, function, module, **arguments)

        rows = run("sell", sandbox=sandbox.url)
        yield from figures_of_rows(rows)
        run("fill", sales=sales)
        databases.server.query("VACUUM ANALYZE", name)
        yield from figures_of_size(run("weigh"), sales)
        yield from map(figure_of_screen, run("open_all"))


def figures_of_rows(rows):
    """Yield what real sales left: updates of a row, and the bytes of its columns."""
    for what, count in rows["updates"].items():
        yield figure(what, [count], "a row", note="as a sale leaves it")
    for what, size in rows["columns"].items():
        yield figure(what, [size], "bytes", note="a row, as a sale leaves it")


def figures_of_size(sizes, sales):
    """Yield the size of a sale, all in all and by table and index."""
    among = f"{sales:,} sales"
    tables = [size for what, size in sizes.items() if what.endswith(", all")]
    total = sum(tables) / 1000
    note = f"its PDF aside, its evidence included; among {among}"
    yield figure("size of a sale", [total], "kB", note=note)
    for what, size in sizes.items():
        yield figure(what, [size], "bytes", note=f"a sale, among {among}")


def figure_of_screen(screen):
    """Return the figure of a screen or a job; its plan: of the slowest statement."""
    times = screen["milliseconds"]
    note = f"the fastest of {len(times)}, warm; {screen['statements']} statements"
    plan = screen["plan"] if min(times) >= WORTH_A_PLAN else ()
    unit = MS_OF_ODOO if "Odoo's own" in screen["what"] else MS
    return figure(screen["what"], times, unit, value=min(times), note=note, plan=plan)
