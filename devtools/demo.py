"""./dev demo: a salon that sells, and whose sales become invoices, from nothing.

Prints a table of the sales and their documents (invoices, a receipt, an invoice in
place of a receipt, a gift card sold and used, a deposit with its final invoice), then
keeps serving until Ctrl-C. The exit code is 0 only if every document has its number.
"""

import argparse
import dataclasses
import json

from . import environment, ports, selling
from .console import Steps
from .rpc import Session
from .salon import ACCOUNTS, Salon


def main(argv):
    """Set up, sell, print the table; return 0 if every document has its number."""
    parser = argparse.ArgumentParser(
        prog="./dev demo",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--exit", action="store_true", help="end after the table")
    parser.add_argument("--json", action="store_true", help="the table as JSON, stdout")
    parser.add_argument(
        "--service",
        choices=ACCOUNTS,
        default="billingo",
        help="whose documents it sells with (default: billingo)",
    )
    parser.add_argument("--port", type=int, help="port of Odoo (default: 8069 or next)")
    options = parser.parse_args(argv)
    if options.port:
        ports.require(options.port)
    steps = Steps(environment.STEPS + 4)
    with environment.ready(steps) as databases:
        salon = Salon(databases)
        with salon.alone(), steps.enter("Sandbox", salon.sandbox()) as sandbox:
            with steps.step("Salon: company, till, services, customers"):
                scene = salon.create(sandbox, options.service)
            with steps.enter("Odoo", salon.odoo(options.port)) as server:
                with steps.step("Selling"):
                    connect = connector(server, sandbox)
                    sales = selling.sell(connect, scene)
                    sales += selling.sell_kinds(connect, scene)
                show(sales, options.json)
                if not options.exit:
                    selling.sell_incomplete(connect, scene)
                    salon.serve(server, sandbox)
    return verdict(sales)


def verdict(sales):
    """Return the exit code: 0 only if every document has its number."""
    return 0 if sales and all(sale.number for sale in sales) else 1


def connector(server, sandbox):
    """Return the function with which a user logs in at our running Odoo.

    It raises a Problem when one of the two is not ours, or not there any more.
    """

    def check():
        server.check()
        sandbox.check()

    def connect(login, password):
        return Session(server.url, server.database, login, password, check=check)

    return connect


def show(sales, as_json):
    """Print the sales: for people, or as JSON, on stdout."""
    if as_json:
        rows = [dataclasses.asdict(sale) for sale in sales]
        print(json.dumps(rows, ensure_ascii=False, indent=2), flush=True)
        return
    print(table(sales), flush=True)


def table(sales):
    """Return the sales as a table for people."""
    rows = [("sale", "customer", "total", "document", "number", "state", "seconds")]
    for sale in sales:
        digits = 0 if float(sale.total).is_integer() else 2
        total = f"{sale.total:,.{digits}f} {sale.currency}".replace(",", " ")
        seconds = "" if sale.seconds is None else f"{sale.seconds:.1f}"
        what = (sale.document, sale.number, sale.state)
        rows.append((sale.sale, sale.customer, total, *what, seconds))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )
