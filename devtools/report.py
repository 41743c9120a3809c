"""The table of ./dev bench: for the terminal, for the documentation, as JSON.

A report is ``{"machine": {...}, "sections": [...]}``. Each section knows when, at which
commit and under which load it was measured, so that one that is measured anew can take
the place of its older self. ``docs/performance.json`` keeps the last one, and the table
in ``docs/performance.md`` is made of it.
"""

import json
from itertools import groupby

from . import aims
from .machine import QUIET
from .paths import ROOT

KEPT = ROOT / "docs" / "performance.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN = "<!-- the table of ./dev bench --write: begin -->"
END = "<!-- the table of ./dev bench --write: end -->"

_HEAD = (
    ("what", 52),
    ("measured", 10),
    ("unit", 12),
    ("middle half", 17),
    ("aim", 9),
    ("", 13),
    ("n", 5),
    ("compared with", 0),
)
VERDICTS = ("met", "NOT MET", "not measured")
_TO_THE_RIGHT = ("measured", "middle half", "aim", "n")
_HUNDRED = 100
_TEN = 10


def number(value):
    """Return a number as people read it: three digits, or all of a whole one."""
    if value is None:
        return "-"
    if value == int(value) or abs(value) >= _HUNDRED:
        return f"{value:,.0f}"
    text = f"{value:.1f}" if abs(value) >= _TEN else f"{value:.2f}"
    return text.rstrip("0").rstrip(".")


def verdict(row):
    """Say what became of a figure's aim; "" where it has none."""
    if not row["aim"]:
        return ""
    return dict(zip((True, False, None), VERDICTS, strict=True))[row["met"]]


def _aim(row):
    return row["aim"].replace("<=", "≤").replace(">=", "≥")


def cells(row):
    """Return a figure's cells, as texts, in the order of the columns."""
    spread = ""
    if row["low"] is not None and row["low"] != row["high"]:
        spread = f"{number(row['low'])}..{number(row['high'])}"
    compared = "; ".join(filter(None, (row["compared"], row["note"], row["reason"])))
    return [
        row["what"],
        number(row["value"]),
        row["unit"],
        spread,
        _aim(row),
        verdict(row),
        str(row["samples"]),
        compared,
    ]


def rows(section):
    """Yield figures of a section with their cells; what they share is said once."""
    by_what = groupby(section["figures"], key=lambda row: row["what"])
    for _what, group in by_what:
        said = set()
        for row in group:
            line = cells({**row, "note": "" if row["note"] in said else row["note"]})
            yield row, ([""] + line[1:] if said else line)
            said.add(row["note"])


def conditions(section):
    """Return in one line when and how a section was measured."""
    start, before, after = section["load"]
    parts = [
        section["date"],
        f"{number(section['seconds'])} s",
        f"load {start:g} at the start of the run, {before:g} before, {after:g} after",
        "something else ran: counts hold, times do not" if start > QUIET else "",
        f"commit {section['commit']}" if section["commit"] else "",
        "few samples (--quick)" if section["quick"] else "",
    ]
    return ", ".join(filter(None, parts))


def summary(report):
    """Return how many aims are met, and a line for each thing that misses some."""
    figures = [
        (section["name"], row)
        for section in report["sections"]
        for row in section["figures"]
        if row["aim"]
    ]
    verdicts = [verdict(row) for _section, row in figures]
    counts = ", ".join(f"{verdicts.count(word)} {word.lower()}" for word in VERDICTS)
    missed = {}
    for section, row in figures:
        if not row["met"]:
            units = missed.setdefault(f"{section}: {row['what']}", [])
            units.append(f"{number(row['value'])} {row['unit']} ({_aim(row)})")
    return [f"Aims: {counts}."] + [
        f"* {what}: {', '.join(units)}" for what, units in missed.items()
    ]


def text(report):
    """Return the table for a terminal."""
    machine = "; ".join(f"{name} {value}" for name, value in report["machine"].items())
    lines = [machine, "", _line([name for name, _width in _HEAD])]
    for section in report["sections"]:
        lines += ["", f"{section['name']}: {section['title']}", conditions(section)]
        if section["error"]:
            lines.append(f"FAILED: {section['error']}")
        for row, line in rows(section):
            lines.append(_line(line))
            lines += [f"        {step}" for step in row["plan"]]
    return "\n".join([*lines, "", *summary(report)])


def _line(words):
    """Return the words of a row below their columns."""
    placed = [
        f"{word:>{width}}" if name in _TO_THE_RIGHT else f"{word:<{width}}"
        for word, (name, width) in zip(words, _HEAD, strict=True)
    ]
    return "  ".join(placed).rstrip()


def markdown(report):
    """Return the tables for the documentation, one for each section."""
    machine = ", ".join(f"{name} {value}" for name, value in report["machine"].items())
    aims_met, *missed = summary(report)
    lines = [f"Measured on: {machine}.", "", aims_met]
    if missed:
        lines += ["", *(f"* {_escaped(line[2:])}" for line in missed)]
    for section in report["sections"]:
        lines += ["", f"### `{section['name']}`: {section['title']}", ""]
        lines += [f"{conditions(section)}.", ""]
        if section["error"]:
            lines += [f"**Failed:** {_escaped(section['error'])}", ""]
        lines += _table(section)
    return "\n".join(lines)


def _table(section):
    if not section["figures"]:
        return []
    lines = ["|".join(["", *(f" {name} " for name, _width in _HEAD), ""])]
    lines.append(
        "|".join(
            ["", *("---:" if n in _TO_THE_RIGHT else "---" for n, _w in _HEAD), ""]
        )
    )
    plans = []
    for row, line in rows(section):
        words = [_escaped(word) for word in line]
        words[5] = f"**{words[5]}**" if words[5] == "NOT MET" else words[5]
        lines.append("|".join(["", *(f" {word} " for word in words), ""]))
        if row["plan"]:
            plans += ["", f"{row['what']}:", "", "```", *row["plan"], "```"]
    return lines + plans


def _escaped(word):
    return word.replace("|", r"\|").replace("<", "&lt;").replace("*", r"\*")


def merge(kept, fresh, order):
    """Return a report in which fresh sections stand for their older selves.

    What another machine or another Odoo measured is not kept beside them.

    :param order: names of all sections; others are dropped
    """
    sections = {}
    if kept and kept["machine"] == fresh["machine"]:
        sections = {section["name"]: section for section in kept["sections"]}
    sections.update((section["name"], section) for section in fresh["sections"])
    return {
        "machine": fresh["machine"],
        "sections": [sections[name] for name in order if name in sections],
    }


def load_kept():
    """Return the report that is kept, judged by the aims of now, or None."""
    if not KEPT.exists():
        return None
    report = json.loads(KEPT.read_text())
    for section in report["sections"]:
        section["figures"] = aims.judge(section["name"], section["figures"])
    return report


def dumped(report):
    """Return a report as JSON, for people as well: a line for each figure."""
    sections = [
        _opened(section, "figures")
        + ",\n".join(map(_json, section["figures"]))
        + "\n]}"
        for section in report["sections"]
    ]
    return _opened(report, "sections") + ",\n".join(sections) + "\n]}\n"


def _opened(values, name):
    """Return the JSON of a dict up to the list of that name, which is to follow."""
    rest = {key: value for key, value in values.items() if key != name}
    return f'{_json(rest)[:-1]}, "{name}": [\n'


def _json(value):
    return json.dumps(value, ensure_ascii=False)


def inserted(page, report):
    """Return a page with the table of a report between the marks.

    :raises ValueError: when the marks are not there
    """
    head, begin, rest = page.partition(BEGIN)
    _old, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{PAGE.name} lacks the marks of its table")
    return "\n".join([head + begin, "", markdown(report), "", end]) + tail


def keep(report):
    """Write a report where it is kept, and its table into the documentation."""
    KEPT.write_text(dumped(report))
    PAGE.write_text(inserted(PAGE.read_text(), report))
