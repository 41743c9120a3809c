"""The sandbox for the eyes: documents, e-mails and calls on one page."""

import time
from html import escape

_COLUMNS = {
    "Documents": (
        "documents",
        (
            ("created", "created_at"),
            ("service", "service"),
            ("account", "account"),
            ("kind", "kind"),
            ("number", "number"),
            ("", "link"),
            ("order", "order_number"),
            ("buyer", "buyer"),
            ("gross", "gross"),
            ("", "currency"),
            ("cancelled", "cancelled"),
            ("cancels", "cancels"),
            ("external key", "external_key"),
        ),
    ),
    "E-mails": (
        "mails",
        (
            ("sent", "at"),
            ("service", "service"),
            ("account", "account"),
            ("to", "to"),
            ("subject", "subject"),
            ("answers to", "reply_to"),
        ),
    ),
    "Calls": (
        "calls",
        (
            ("at", "at"),
            ("service", "service"),
            ("account", "account"),
            ("method", "method"),
            ("path", "path"),
            ("operation", "operation"),
            ("status", "status"),
            ("fault", "fault"),
            ("seconds", "seconds"),
        ),
    ),
}
_TIMES = {"created_at", "at"}
_ROWS = 200  # newest rows of each table

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sandbox</title><style>
body{font:14px/1.45 system-ui,sans-serif;margin:2rem;color:#222}
table{border-collapse:collapse;margin-bottom:2rem}
th,td{text-align:left;padding:.25rem .8rem .25rem 0;border-bottom:1px solid #ddd;
vertical-align:top;overflow-wrap:anywhere}
th{font-weight:600;color:#555}p{color:#555;max-width:50rem}
</style></head><body><h1>Sandbox</h1>
<p>Nothing here is real: no invoice, no e-mail, no report to the tax authority.
Newest first. The same as data: <a href="/_sandbox/ledger">/_sandbox/ledger</a>,
<a href="/_sandbox/accounts">accounts</a>, <a href="/_sandbox/faults">faults</a>.</p>
"""


def render(world):
    """Return the page as HTML; every value in it is escaped."""
    ledger = world.ledger()
    parts = [_HEAD]
    for title, (name, columns) in _COLUMNS.items():
        rows = ledger[name]
        parts.append(f"<h2>{title} ({len(rows)})</h2>")
        parts.append(_table(columns, rows[: -_ROWS - 1 : -1]))
    return "".join(parts) + "</body></html>"


def _table(columns, rows):
    head = "".join(f"<th>{escape(title)}</th>" for title, _name in columns)
    lines = [
        "<tr>"
        + "".join(f"<td>{_cell(name, row)}</td>" for _, name in columns)
        + "</tr>"
        for row in rows
    ]
    return (
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )


def _cell(name, row):
    value = row.get(name)
    if value is None or value is False:
        return ""
    if name in _TIMES:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(value))
    if name == "link" and value:
        return f'<a href="{escape(value)}">PDF</a>'
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return "yes" if value is True else escape(str(value))
