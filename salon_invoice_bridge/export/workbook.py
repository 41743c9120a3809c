"""The month as XLSX: the findings first, then the summaries, then each document.

Every amount, count and day is a number with a format; whatever came from a person or a
service is text, and stays text: nothing is read as a formula, a link or a number, and
a cell that begins like a formula has the text format, so that it stays text when it is
edited. Written row by row: rows that are written are in a temporary file, not in
memory (``constant_memory`` of XlsxWriter). The same month gives the same bytes.

A reader starts at :func:`write`; what a sheet shows is in its table of columns.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import xlsxwriter

from ..billing.money import unit
from ..billing.month import REMARKS, Gap, Item, add_up
from ..billing.text import clean, safe_name
from . import labels as words

#: Characters of a cell; Excel takes 32,767, and shows the text format up to 255.
LONGEST, LONGEST_TEXT_FORMAT = 1000, 255
#: Characters that XML or a line of a table cannot have.
_CONTROL = re.compile("[\x00-\x1f\x7f\ufffe\uffff]+")
#: Characters that the name of a sheet cannot have, and how long it may be.
_NO_SHEET, _SHEET = re.compile(r"[\[\]:*?/\\]"), 31
#: What Excel takes for the beginning of a formula when a cell is edited.
_FORMULA = re.compile(r"\s*[=+\-@]")
#: A4, and the characters of a header that Excel reads at most.
_A4, _HEADER = 9, 200

_DAY, _TIME = "yyyy.mm.dd.", "yyyy.mm.dd. hh:mm"
_BASE = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
_STYLES = {
    "text": {},
    "typed": {"num_format": "@"},
    "day": {"num_format": _DAY, "align": "left"},
    "time": {"num_format": _TIME, "align": "left"},
    "count": {"num_format": "#,##0"},
    "whole": {"num_format": "#,##0;[Red]-#,##0"},
    "cents": {"num_format": "#,##0.00;[Red]-#,##0.00"},
    "rate": {"num_format": "#,##0.0000"},
    "link": {"font_color": "#0563C1", "underline": 1},
}
_HEAD = {
    "bold": True,
    "font_color": "#FFFFFF",
    "bg_color": "#2F4858",
    "text_wrap": True,
    "valign": "vcenter",
    "border": 1,
    "border_color": "#2F4858",
}
_TOTAL = {"bold": True, "top": 1, "bg_color": "#E8EEF1"}
_TITLE = {"bold": True, "font_size": 16}
_HEADING = {"bold": True, "font_size": 12, "font_color": "#2F4858"}
_GOOD = {"bold": True, "font_size": 12, "bg_color": "#D9EAD3", "font_color": "#274E13"}
_WATCHED = {"bg_color": "#F4CCCC"}
_BAD = {"bold": True, "font_size": 12, "bg_color": "#F4CCCC", "font_color": "#7F0000"}


@dataclass(frozen=True, kw_only=True)
class Cover:
    """Who the month is of, and in which words it is written.

    ``labels`` are those of :mod:`.labels`, translated. ``made_at`` is Hungarian time,
    without a zone, as XLSX has it.
    """

    company: str
    tax_number: str = ""
    accounts: str = ""  # the services and their accounts, as people call them
    made_at: datetime
    labels: Mapping[str, str]

    def __post_init__(self):
        words.check(self.labels)

    def word(self, key, **values):
        """Return the label of a key, filled in."""
        text = self.labels[key]
        return text % values if values else text

    def folder(self, document):
        """Return the name of the folder in which a document's PDF is."""
        key = "folder.receipts" if document.receipt else "folder.invoices"
        return safe_name(self.word(key), key.rpartition(".")[2])


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a sheet.

    ``read(row)`` is a text, a date, a Decimal or a count, or None for an empty cell.
    ``adds_up`` says that its total is a figure, of each currency.
    """

    key: str  # of its label
    width: int
    kind: str  # text, day, money, count, rate or link
    read: Callable
    adds_up: bool = False


def write(file, month, cover):
    """Write the month's workbook to a binary file object, which stays open.

    :param month: a :class:`.billing.month.Month`
    :param Cover cover: whose it is, with the labels
    """
    options = {"constant_memory": True}
    book = _Book(xlsxwriter.Workbook(file, options), month, cover)
    _overview(book)
    for name, columns, rows in _tables(month, cover):
        _table(book, name, columns, rows)
    book.workbook.close()


# === WHAT IS ON THE SHEETS === #


def _tables(month, cover):
    """Yield ``(label of the sheet, columns, rows)``: summaries first."""
    word = cover.word

    def sort(row):
        return word("receipts" if row.receipt else "invoices")

    yield (
        "sheet.rates",
        (
            _text("sort", 16, sort),
            _text("currency", 11, lambda row: row.currency),
            _text("vat", 12, lambda row: _vat(cover, row.vat)),
            # No total: a document with two rates would be counted twice.
            _count("documents", 12, lambda row: row.count, adds_up=False),
            _money("net", lambda row: row.net),
            _money("tax", lambda row: row.tax),
            _money("gross", lambda row: row.gross),
        ),
        month.rates,
    )
    yield (
        "sheet.tenders",
        (
            _text("tender", 30, lambda row: row.name),
            _text("currency", 11, lambda row: row.currency),
            _money("till", lambda row: row.till),
            _money("documented", lambda row: row.documents),
            _money("rest", lambda row: row.rest),
        ),
        month.tenders,
    )
    yield (
        "sheet.days",
        (
            _day("day", lambda row: row.day),
            _text("currency", 11, lambda row: row.currency),
            _count("sales", 10, lambda row: row.sales),
            _money("till", lambda row: row.sold),
            _money("left_off", lambda row: row.left_off),
            _count("documents", 12, lambda row: row.documents),
            _money("documented", lambda row: row.documented),
            _money("rest", lambda row: row.rest),
        ),
        month.days,
    )
    yield (
        "sheet.left_off",
        (
            _text("sale", 22, lambda row: row.sale_name),
            _day("day", lambda row: row.day),
            _text("shop", 18, lambda row: row.shop),
            _text("reason", 44, lambda row: row.reason),
            _text(
                "detail", 24, lambda row: word("whole" if row.whole else "part_of_sale")
            ),
            _text("currency", 11, lambda row: row.currency),
            _money("amount", lambda row: row.amount),
        ),
        month.left_off,
    )
    yield (
        "sheet.series",
        (
            _text("series", 24, lambda row: row.prefix),
            _text("account", 16, lambda row: row.account),
            _text("first", 22, lambda row: row.first),
            _text("last", 22, lambda row: row.last),
            _count("documents", 14, lambda row: row.count),
            _count("gap_count", 14, lambda row: row.missing),
            _text("gaps", 60, _gaps),
        ),
        month.series,
    )
    yield "sheet.documents", _document_columns(month, cover), month.documents
    yield (
        "sheet.document_rates",
        (
            *_short_columns(lambda pair: pair[0]),
            _text("vat", 12, lambda pair: _vat(cover, pair[1].vat)),
            _money("net", lambda pair: pair[1].net),
            _money("tax", lambda pair: pair[1].tax),
            _money("gross", lambda pair: pair[1].gross),
        ),
        [(row, amount) for row in month.documents for amount in row.amounts],
    )
    yield (
        "sheet.document_tenders",
        (
            *_short_columns(lambda pair: pair[0]),
            _text("tender", 30, lambda pair: pair[1].name),
            _money("amount", lambda pair: pair[1].amount),
        ),
        [(row, tender) for row in month.documents for tender in row.tenders],
    )


def _document_columns(month, cover):
    word = cover.word
    return (
        _text("number", 22, lambda row: row.number),
        _text("kind", 18, lambda row: _kind(cover, row)),
        _text("state", 12, lambda row: word(f"state.{row.state.value}")),
        _day("issue_date", lambda row: row.issue_date),
        _day("fulfillment_date", lambda row: row.fulfillment_date),
        _day("due_date", lambda row: row.due_date),
        _text("buyer", 30, lambda row: row.buyer),
        _text("buyer_tax_number", 16, lambda row: row.tax_number),
        _text("currency", 11, lambda row: row.currency),
        _money("net", lambda row: _part(row, "net")),
        _money("tax", lambda row: _part(row, "tax")),
        _money("gross", lambda row: row.gross),
        Column(
            key="exchange_rate",
            width=12,
            kind="rate",
            read=lambda row: row.exchange_rate,
        ),
        _text("tender", 24, lambda row: ", ".join(one.name for one in row.tenders)),
        _text("shop", 16, lambda row: row.shop),
        _text("sale", 18, lambda row: row.sale_name),
        _text("follows", 20, lambda row: row.follows),
        _text("nav", 16, lambda row: row.nav and word(f"nav.{row.nav.value}")),
        _text("account", 14, lambda row: row.account),
        Column(
            key="pdf",
            width=26,
            kind="link",
            read=lambda row: _path(month, cover, row),
        ),
    )


def _short_columns(of):
    """Return the columns that say which document a row is of: ``of(row)``."""
    return (
        _text("number", 22, lambda row: of(row).number),
        _day("issue_date", lambda row: of(row).issue_date),
        _day("fulfillment_date", lambda row: of(row).fulfillment_date),
        _text("buyer", 30, lambda row: of(row).buyer),
        _text("currency", 11, lambda row: of(row).currency),
    )


def _text(key, width, read):
    return Column(key=key, width=width, kind="text", read=read)


def _day(key, read):
    return Column(key=key, width=12, kind="day", read=read)


def _count(key, width, read, *, adds_up=True):
    return Column(key=key, width=width, kind="count", read=read, adds_up=adds_up)


def _money(key, read):
    return Column(key=key, width=17, kind="money", read=read, adds_up=True)


def _vat(cover, code):
    """Return a VAT code as people write it."""
    if not code:
        return cover.word("vat.unknown")
    return code if code[0].isalpha() else f"{code}%"


def _gaps(series):
    """Return the gaps of a series as people write them."""
    return ", ".join(
        str(start) if start == end else f"{start}–{end}" for start, end in series.gaps
    )


def _kind(cover, row):
    """Return what a document is called; some of receipts have names of their own."""
    key = f"kind.{row.kind.value}"
    of_receipt = f"{key}.of_receipt"
    return cover.word(of_receipt if row.receipt and of_receipt in words.LABELS else key)


def _part(row, name):
    """Return the net or VAT of a document, None where its rates are not known."""
    if not row.amounts:
        return None
    return add_up(getattr(amount, name) for amount in row.amounts)


def _path(month, cover, row):
    """Return where the PDF is, from the workbook."""
    name = month.file_name(row)
    return f"{cover.folder(row)}/{name}" if name else None


def _currency(row):
    """Return the currency of a row, or of the document that it is of; "" without."""
    return getattr(row[0] if isinstance(row, tuple) else row, "currency", "")


# === WRITING === #


class _Book:
    """The workbook with its formats, which are made once."""

    def __init__(self, workbook, month, cover):
        self.workbook, self.month, self.cover = workbook, month, cover
        self._formats, self._sheets = {}, set()
        workbook.set_properties(
            {
                "title": one_line(title(month, cover)),
                "company": one_line(cover.company),
                # Else it is the moment of writing, and no two files are the same.
                "created": cover.made_at,
            }
        )

    def format(self, style, more=()):
        """Return the format of a style with ``more`` properties."""
        key = style, tuple(sorted(dict(more).items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(
                {**_BASE, **_STYLES[style], **dict(more)}
            )
        return self._formats[key]

    def add_sheet(self, key, widths):
        """Return a :class:`_Sheet` with its columns and its print set-up."""
        sheet = self.workbook.add_worksheet(self._sheet_name(key))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(1)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.6)
        name = one_line(self.cover.company)[: _HEADER // 2]
        head = f"&L{_and(name)}&R{_and(title(self.month, self.cover))[: _HEADER // 2]}"
        sheet.set_header(head)
        sheet.set_footer("&L&A&R&P / &N")
        return _Sheet(self, sheet)

    def _sheet_name(self, key):
        """Return the name of a sheet: of all characters that Excel takes, and once."""
        name = _NO_SHEET.sub("", one_line(self.cover.word(key))).strip("' ")
        name = name[:_SHEET] or key
        while name.lower() in self._sheets:
            name = f"{name[: _SHEET - 2]} 2"
        self._sheets.add(name.lower())
        return name


def _and(text):
    """Return a text for a page's header, where an ampersand begins a code."""
    return text.replace("&", "&&")


class _Sheet:
    """A sheet that is written row after row, from the top."""

    def __init__(self, book, sheet):
        self.book, self.sheet, self.row = book, sheet, 0

    def next(self, rows=1, height=None):
        """Go to the next row, once this one is written."""
        self.row += rows
        if height:
            self.sheet.set_row(self.row, height)

    def put(self, column, kind, value, currency="", more=()):
        """Write a value of a :class:`Column`'s kind; None leaves an empty cell."""
        if value is None or value == "":
            if more:
                style = self.book.format("text", more)
                self.sheet.write_blank(self.row, column, None, style)
        elif kind == "money":
            style = "whole" if unit(currency) == 1 else "cents"
            self._number(column, value, style, more)
        elif kind in ("count", "rate"):
            self._number(column, value, kind, more)
        elif kind in ("day", "time"):
            style = self.book.format(kind, more)
            self.sheet.write_datetime(self.row, column, value, style)
        elif kind == "link":
            # Not as "external:", which writes the slashes of Windows.
            style, name = self.book.format("link", more), value.rpartition("/")[2]
            self.sheet.write_url(self.row, column, value, style, name)
        else:
            self._text(column, value, more)

    def _number(self, column, value, style, more):
        style = self.book.format(style, more)
        self.sheet.write_number(self.row, column, value, style)

    def _text(self, column, value, more):
        text = one_line(value)
        typed = _FORMULA.match(text) and len(text) <= LONGEST_TEXT_FORMAT
        style = self.book.format("typed" if typed else "text", more)
        # Not write(), which makes formulas, numbers and links of texts.
        self.sheet.write_string(self.row, column, text, style)


def one_line(text):
    """Return a text as one line that XML can hold, and not too long."""
    text = _CONTROL.sub(" ", clean(text))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def title(month, cover):
    """Return which days the month is of, as text."""
    return cover.word(
        "title", start=f"{month.start:%Y.%m.%d.}", end=f"{month.end:%Y.%m.%d.}"
    )


def verdict(month, cover):
    """Return ``(True if the month is complete, what is said of that)``."""
    gaps = sum(finding.gap not in REMARKS for finding in month.findings)
    remarks = len(month.findings) - gaps
    said = [
        cover.word("verdict.gaps", count=gaps)
        if gaps
        else cover.word("verdict.complete")
    ]
    if remarks:
        said.append(cover.word("verdict.remarks", count=remarks))
    return month.is_complete, " ".join(said)


def _table(book, name, columns, rows):
    """Write a sheet that is one table, with totals for each currency."""
    sheet = book.add_sheet(name, [column.width for column in columns])
    _header(sheet, columns, book.cover)
    sheet.sheet.freeze_panes(1, 1)
    sheet.sheet.repeat_rows(0)
    totals = {}
    for row in rows:
        currency = _currency(row)
        sums = totals.setdefault(currency, {})
        for place, column in enumerate(columns):
            value = column.read(row)
            watched = _WATCHED if column.key == "rest" and value else ()
            sheet.put(place, column.kind, value, currency, watched)
            if column.adds_up and value is not None:
                sums[place] = sums.get(place, Decimal(0)) + value
        sheet.next()
    if rows:
        sheet.sheet.autofilter(0, 0, sheet.row - 1, len(columns) - 1)
        sheet.sheet.ignore_errors(
            {"number_stored_as_text": f"A1:{_letter(len(columns) - 1)}{sheet.row}"}
        )
    for currency, sums in totals.items():
        label = f"{book.cover.word('total')} {currency}".strip()
        for place, column in enumerate(columns):
            value = sums.get(place) if place else label
            kind = column.kind if place else "text"
            sheet.put(place, kind, value, currency, _TOTAL)
        sheet.next()


def _letter(column):
    """Return the letter of a column: no sheet has more than 26."""
    return chr(ord("A") + column)


def _header(sheet, columns, cover):
    sheet.next(0, height=30)
    for place, column in enumerate(columns):
        right = {"align": "right"} if column.kind in _FIGURES else {}
        sheet.put(place, "text", cover.word(column.key), more={**_HEAD, **right})
    sheet.next()


_FIGURES = frozenset({"money", "count", "rate"})


# === THE FIRST PAGE === #

_FINDINGS = (
    _text("finding", 38, lambda row: row.gap),
    _text("number", 22, lambda row: row.number),
    _text("sale", 22, lambda row: row.sale_name),
    _day("day", lambda row: row.day),
    _text("shop", 18, lambda row: row.shop),
    _money("expected", lambda row: row.expected),
    _money("found", lambda row: row.found),
    _money("difference", lambda row: row.difference),
    _text("currency", 11, lambda row: row.currency),
    _text("detail", 28, lambda row: row.detail),
)


def _overview(book):
    """Write the first page: whose it is, what is missing, how it is proven."""
    month, cover = book.month, book.cover
    sheet = book.add_sheet("sheet.overview", [column.width for column in _FINDINGS])
    sheet.next(0, height=24)
    sheet.put(0, "text", title(month, cover), more=_TITLE)
    sheet.next()
    about = (
        ("company", "text", cover.company),
        ("tax_number", "text", cover.tax_number),
        ("accounts", "text", cover.accounts),
        ("basis", "text", cover.word(f"basis.{month.basis.value}")),
        ("made_at", "time", cover.made_at),
    )
    for key, kind, value in about:
        sheet.put(0, "text", cover.word(key), more={"font_color": "#5F6B73"})
        sheet.put(1, kind, value)
        sheet.next()
    complete, said = verdict(month, cover)
    sheet.next(1, height=22)
    for place in range(len(_FINDINGS)):
        style = _GOOD if complete else _BAD
        sheet.put(place, "text", None if place else said, more=style)
    sheet.next(2)
    _findings(sheet, month, cover)
    for bridge in month.bridges:
        _bridge(sheet, bridge, cover)


def _findings(sheet, month, cover):
    sheet.put(0, "text", cover.word("findings"), more=_HEADING)
    sheet.next()
    if not month.findings:
        sheet.put(0, "text", cover.word("findings.none"))
        sheet.next(2)
        return
    _header(sheet, _FINDINGS, cover)
    for finding in month.findings:
        for place, column in enumerate(_FINDINGS):
            value = column.read(finding)
            if isinstance(value, Gap):
                value = cover.word(f"gap.{value.value}")
            sheet.put(place, column.kind, value, finding.currency)
        sheet.next()
    sheet.next()


def _bridge(sheet, bridge, cover):
    """Write the way from the till's sum to that of the documents, line by line."""
    heading = cover.word("bridge", currency=bridge.currency)
    sheet.put(0, "text", heading, more=_HEADING)
    sheet.next(1, height=18)
    for place, key in enumerate(("step", "detail", "", "", "count", "amount")):
        right = {"align": "right"} if key in ("count", "amount") else {}
        label = cover.word(key) if key else None
        sheet.put(place, "text", label, more={**_HEAD, **right})
    sheet.next()
    lines = [
        ("sold", "", bridge.sales, bridge.sold, {"bold": True}),
        *(
            (step.item.value, _step_detail(step, cover), step.count, step.amount, {})
            for step in bridge.steps
        ),
        ("expected", "", None, bridge.expected, _TOTAL),
        ("documented", "", bridge.documents, bridge.documented, _TOTAL),
        ("rest", "", None, bridge.rest, _BAD if bridge.rest else _TOTAL),
    ]
    for item, detail, count, amount, style in lines:
        more = {**style, "font_size": 10} if style else {}
        sheet.put(0, "text", cover.word(f"item.{item}"), more=more)
        sheet.put(1, "text", detail, more=more)
        for place in (2, 3):
            sheet.put(place, "text", None, more=more)
        sheet.put(4, "count", count, more=more)
        sheet.put(5, "money", amount, bridge.currency, more=more)
        sheet.next()
    sheet.next()


def _step_detail(step, cover):
    return cover.word(f"gap.{step.detail}") if step.item is Item.GAP else step.detail
