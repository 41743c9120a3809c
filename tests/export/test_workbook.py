"""The month's XLSX is read back: figures are numbers, days days, and texts texts."""

import re
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.invoice import DocumentKind, NavState, State
from salon_invoice_bridge.billing.month import Finding, Gap, Named, add_up
from salon_invoice_bridge.export import workbook
from salon_invoice_bridge.export.workbook import Cover
from tests.billing.months import (
    DAY,
    END,
    document,
    month,
    months,
    sale,
    storno,
    till_of,
)
from tests.examples import examples

from . import hungarian

COVER = Cover(
    company="Minta Szalon & Társa Kft.",
    tax_number="12345676-2-42",
    accounts="Billingo",
    made_at=datetime(2026, 12, 1, 6, 30),
    labels=hungarian.LABELS,
)
#: What a program that reads a table may take for something else than text.
TRAPS = [
    *("=1+1", "@SUM(A1)", "+36 30 555 0100", "-1", "=cmd|' /C calc'!A0", "\t=1"),
    *("{=1}", "1", "001", "12345678-1-42", "2026-11-20", "1E5", "TRUE", "#N/A"),
    *("http://example.com", "mailto:a@b.hu", "internal:A1", "external:x", "'1"),
    *(" =1", "\n=1", "<b>&amp;</b>", '"', "𝐊iss", "Őz Űrhajós", "%(title)s"),
]


def content_of(value, cover=COVER):
    """Return the bytes of a month's workbook."""
    file = BytesIO()
    workbook.write(file, value, cover)
    return file.getvalue()


def read(value, cover=COVER):
    """Return a month's workbook, written and read back."""
    return openpyxl.load_workbook(BytesIO(content_of(value, cover)))


def sheet(book, key):
    """Return the sheet of a label."""
    return book[hungarian.LABELS[f"sheet.{key}"]]


def cells(book):
    """Yield all cells that have a value."""
    for page in book:
        for row in page.iter_rows():
            yield from (cell for cell in row if cell.value is not None)


def rows(page, *keys):
    """Return the rows of a table without header and totals, by the keys of labels."""
    header, *lines = page.iter_rows(values_only=True)
    places = [header.index(hungarian.LABELS[key]) for key in keys]
    total = hungarian.LABELS["total"]
    return [
        tuple(line[place] for place in places)
        for line in lines
        if not str(line[0]).startswith(total)
    ]


def totals(page, key):
    """Return ``{currency: total}`` of a column."""
    header, *lines = page.iter_rows(values_only=True)
    place = header.index(hungarian.LABELS[key])
    total = f"{hungarian.LABELS['total']} "
    return {
        str(line[0]).removeprefix(total): line[place]
        for line in lines
        if str(line[0]).startswith(total)
    }


def one(**changes):
    """Return the month of one sale, with changes of its document."""
    return month([document(**changes)], [sale()])


# === NO CELL IS A FORMULA === #


@pytest.mark.parametrize("text", TRAPS)
def test_what_looks_like_a_formula_or_a_number_stays_text(text):
    value = one(buyer=text, shop=text, tax_number=text, sale_name=text, account=text)
    book = read(value)
    ((buyer, shop, account),) = rows(
        sheet(book, "documents"), "buyer", "shop", "account"
    )
    shown = re.sub("[\x00-\x1f]+", " ", text)
    assert (buyer, shop, account) == (shown, shown, shown)
    for cell in cells(book):
        assert cell.data_type != "f", cell
        if cell.value == shown:
            assert cell.data_type == "s"


@examples(40)
@given(months(most=3), st.sampled_from(TRAPS) | st.text(max_size=40))
def test_no_cell_of_any_month_is_a_formula(drawn, text):
    documents, sales = drawn
    sales = [replace(row, reason=row.reason and text, name=text) for row in sales]
    content = content_of(
        month(
            [replace(row, number=f"{text}{row.number}") for row in documents],
            sales,
            differences=[Finding(gap=Gap.MISSING_THERE, number=text, detail=text)],
        ),
        replace(COVER, company=text, accounts=text),
    )
    book = openpyxl.load_workbook(BytesIO(content))
    assert not [cell for cell in cells(book) if cell.data_type in ("f", "e")]
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name), name


@pytest.mark.parametrize("text", ["=1+1", "@x", "+1", "-1", "\t=1", "  =1"])
def test_what_begins_like_a_formula_stays_text_when_it_is_edited(text):
    book = read(one(buyer=text))
    formats = [
        c.number_format for c in cells(book) if str(c.value).strip() == text.strip()
    ]
    assert formats and {*formats} == {"@"}


def test_a_text_that_no_cell_can_hold_is_cut():
    ((buyer,),) = rows(sheet(read(one(buyer="ő" * 40_000)), "documents"), "buyer")
    assert (len(buyer), buyer[-1]) == (1000, "…")


# === FIGURES AND DAYS === #


def test_amounts_are_numbers_with_a_format():
    page = sheet(read(one()), "documents")
    header = [cell.value for cell in page[1]]
    for key, amount in (("net", 7008), ("tax", 1892), ("gross", 8900)):
        cell = page[2][header.index(hungarian.LABELS[key])]
        assert (cell.value, cell.data_type) == (amount, "n")
        assert cell.number_format == "#,##0;[Red]-#,##0"


def test_euros_have_cents_and_a_rate():
    paper = document(
        rates={"27": "49.98"}, currency="EUR", exchange_rate=Decimal("402.15")
    )
    sold = sale(rates={"27": Decimal("49.98")}, currency="EUR")
    page = sheet(read(month([paper], [sold])), "documents")
    header = [cell.value for cell in page[1]]
    gross = page[2][header.index("Bruttó")]
    assert (gross.value, gross.number_format) == (49.98, "#,##0.00;[Red]-#,##0.00")
    rate = page[2][header.index("Árfolyam")]
    assert (rate.value, rate.number_format) == (402.15, "#,##0.0000")


def test_days_are_days():
    page = sheet(read(one()), "documents")
    header = [cell.value for cell in page[1]]
    for key in ("issue_date", "fulfillment_date", "due_date"):
        cell = page[2][header.index(hungarian.LABELS[key])]
        assert cell.is_date
        assert cell.value.date() == DAY


def test_what_is_not_known_is_an_empty_cell():
    value = one(due_date=None, amounts=(), nav=None, exchange_rate=None)
    ((due, net, nav, rate),) = rows(
        sheet(read(value), "documents"), "due_date", "net", "nav", "exchange_rate"
    )
    assert (due, net, nav, rate) == (None, None, None, None)


@examples(40)
@given(months(most=4))
def test_every_figure_is_a_number_and_the_totals_are_those_of_the_rows(drawn):
    value = month(*drawn)
    book = read(value)
    for page in book.worksheets[1:]:
        header, *lines = page.iter_rows()
        for place, head in enumerate(header):
            if head.value in FIGURES:
                for line in lines:
                    assert line[place].value is None or line[place].data_type == "n"
    gross = {}
    for row in value.documents:
        gross.setdefault(row.currency, []).append(row.gross)
    sums = {currency: float(add_up(all_)) for currency, all_ in gross.items()}
    for key in ("documents", "document_rates", "rates"):
        assert totals(sheet(book, key), "gross") == sums
    amounts = rows(sheet(book, "documents"), "number", "gross")
    assert amounts == [(row.number, float(row.gross)) for row in value.documents]


FIGURES = {
    hungarian.LABELS[key]
    for key in "net tax gross amount till rest documented count expected found "
    "difference exchange_rate sales documents".split()
}


def test_two_currencies_are_not_added_up():
    papers = [document("1"), document("2", {"27": 100}, currency="EUR")]
    sales = [sale("1"), sale("2", {"27": 100}, currency="EUR")]
    page = sheet(read(month(papers, sales)), "documents")
    assert totals(page, "gross") == {"HUF": 8900, "EUR": 100}


# === THE FIRST PAGE === #


def first_page(value):
    """Return the texts and figures of the first page, row by row."""
    page = read(value).worksheets[0]
    return [
        [cell for cell in row if cell is not None]
        for row in page.iter_rows(values_only=True)
    ]


def test_the_first_page_names_the_two_sales_that_are_missing():
    value = month([document("2")], [sale("1"), sale("2"), sale("3")])
    page = first_page(value)
    assert ["Nem teljes: 2 eltérés vagy hiány."] in page
    day = datetime.combine(DAY, datetime.min.time())
    for name in ("Szalon/1", "Szalon/3"):
        expected = [
            "Eladás bizonylat nélkül",
            name,
            day,
            "Szalon",
            8900,
            0,
            8900,
            "HUF",
        ]
        assert expected in page
    assert ["Eltérés vagy hiány", "Eladás bizonylat nélkül", 2, -17800] in page


def test_the_first_page_of_a_complete_month_says_so():
    page = first_page(one())
    assert ["Teljes: a pénztár és a bizonylatok egyeznek."] in page
    assert ["Semmi nem hiányzik, és minden összeg egyezik."] in page
    assert ["A pénztár eladásai", 1, 8900] in page
    assert ["Bizonylatok várt összege", 8900] in page
    assert ["Bizonylatok ebben a csomagban", 1, 8900] in page
    assert ["Megmagyarázatlan különbség", 0] in page


def test_a_sum_that_the_till_does_not_confirm_is_on_the_first_page():
    own = till_of([sale("1"), sale("2")])
    page = first_page(month([document("1")], [sale("1")], own))
    assert ["A pénztár eladásai", 2, 17800] in page
    assert ["Megmagyarázatlan különbség", 8900] in page
    assert any(
        row[:1] == ["A nap eladásai nem egyeznek a pénztárral"] and "2 / 1" in row
        for row in page
    )


def test_a_remark_is_told_and_leaves_the_month_complete():
    page = first_page(one(nav=NavState.PENDING))
    said = "Teljes: a pénztár és a bizonylatok egyeznek. 1 megjegyzés."
    assert [said] in page


def test_each_finding_is_on_the_first_page():
    papers = [document(str(n), has_pdf=False) for n in range(700)]
    value = month(papers, [sale(str(n)) for n in range(700)])
    named = [row[1] for row in first_page(value) if row[:1] == ["Hiányzik a PDF"]]
    assert named == [row.number for row in value.documents]


# === WHAT AN ACCOUNTANT SEES === #


def test_documents_are_called_what_they_are():
    paper = document("1", state=State.CANCELLED)
    receipt = document("3", kind=DocumentKind.RECEIPT, receipt=True)
    papers = [paper, storno(paper, "2"), receipt, storno(receipt, "4")]
    page = sheet(read(month(papers, [sale("1"), sale("3")])), "documents")
    assert rows(page, "kind", "state") == [
        ("Számla", "Sztornózva"),
        ("Sztornó számla", "Kiállítva"),
        ("Nyugta", "Kiállítva"),
        ("Sztornó nyugta", "Kiállítva"),
    ]


def test_a_document_has_a_row_for_each_rate_and_each_payment():
    rates = {"27": 8900, "ATK": 1000}
    tenders = (
        Named(name="Készpénz", amount=Decimal(5000)),
        Named(name="Bankkártya", amount=Decimal(4900)),
    )
    sold = sale(rates={"27": Decimal(8900), "ATK": Decimal(1000)}, tenders=tenders)
    book = read(month([document(rates=rates, tenders=tenders)], [sold]))
    assert rows(sheet(book, "document_rates"), "vat", "net", "tax", "gross") == [
        ("27%", 7008, 1892, 8900),
        ("ATK", 1000, 0, 1000),
    ]
    assert rows(sheet(book, "document_tenders"), "tender", "amount") == [
        ("Készpénz", 5000),
        ("Bankkártya", 4900),
    ]
    ((names,),) = rows(sheet(book, "documents"), "tender")
    assert names == "Készpénz, Bankkártya"


def test_numbers_that_are_not_here_are_told():
    papers = [document("1", number="SZ-1"), document("2", number="SZ-3")]
    papers.append(document("3", number="SZ-9"))
    page = sheet(read(month(papers, [sale("1"), sale("2"), sale("3")])), "series")
    assert rows(page, "series", "first", "last", "documents", "gap_count", "gaps") == [
        ("SZ-", "SZ-1", "SZ-9", 3, 6, "2, 4–8"),
    ]


def test_a_document_of_two_rates_is_counted_at_both_and_not_added_up():
    rates = {"27": 8900, "ATK": 1000}
    page = sheet(read(month([document(rates=rates)], [sale(rates=rates)])), "rates")
    assert rows(page, "sort", "vat", "documents", "gross") == [
        ("Számlák", "27%", 1, 8900),
        ("Számlák", "ATK", 1, 1000),
    ]
    assert totals(page, "documents") == {"HUF": None}
    assert totals(page, "gross") == {"HUF": 9900}


def test_a_day_that_does_not_agree_is_marked():
    later = replace(sale("2"), day=END)
    page = sheet(read(month([document("1")], [sale("1"), later])), "days")
    place = [cell.value for cell in page[1]].index(hungarian.LABELS["rest"])
    fills = [page[row][place].fill.fill_type for row in (2, 3)]
    assert fills == [None, "solid"]


def test_what_is_on_no_document_has_its_sheet_with_the_reason():
    kept = (Named(name="Borravaló", amount=Decimal(1000)),)
    sales = [
        sale("1", gross=Decimal(9900), kept_off=kept),
        sale("2", reason="A pénztárgép adott nyugtát"),
    ]
    page = sheet(read(month([document("1")], sales)), "left_off")
    assert rows(page, "sale", "reason", "amount") == [
        ("Szalon/1", "Borravaló", 1000),
        ("Szalon/2", "A pénztárgép adott nyugtát", 8900),
    ]
    assert totals(page, "amount") == {"HUF": 9900}


def test_a_pdf_is_a_link_into_its_folder():
    book = read(one())
    page = sheet(book, "documents")
    header = [cell.value for cell in page[1]]
    cell = page[2][header.index("PDF")]
    assert cell.value == "SZ-2026-1.pdf"
    assert cell.hyperlink.target == "szamlak/SZ-2026-1.pdf"
    links = [c.hyperlink.target for c in cells(book) if c.hyperlink]
    assert links == ["szamlak/SZ-2026-1.pdf"]


def test_each_table_has_its_header_frozen_repeated_and_filtered():
    book = read(one())
    for page in book.worksheets[1:]:
        assert page.freeze_panes == "B2", page.title
        assert page.print_title_rows == "$1:$1", page.title
        if page.max_row > 1:
            assert page.auto_filter.ref.startswith("A1:"), page.title


def test_each_sheet_is_printed_on_a4_across_one_page_wide():
    for page in read(one()):
        assert page.page_setup.orientation == "landscape"
        assert int(page.page_setup.paperSize) == 9
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
        assert page.oddFooter.right.text == "&P / &N"


def test_an_ampersand_in_the_companys_name_is_printed():
    raw = content_of(one())
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "Minta Szalon &amp;&amp; Társa Kft." in xml


def test_each_column_is_wide_enough_for_its_header():
    for page in read(one()).worksheets[1:]:
        # Neighbours of one width are written as one.
        spans = page.column_dimensions.values()
        widths = {n: s.width for s in spans for n in range(s.min, s.max + 1)}
        for cell in page[1]:
            width = widths[cell.column]
            # In bold, of the widest of the usual fonts.
            longest = 1.2 * max(map(len, cell.value.split()))
            assert width >= longest, (page.title, cell.value)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Áfa [27%]: mind/egy?", "Áfa 27% mindegy"),
        ("x" * 50, "x" * 31),
        ("'aposztróf'", "aposztróf"),
        ("???", "sheet.days"),
    ],
)
def test_a_sheets_name_is_one_that_excel_takes(name, expected):
    labels = {**hungarian.LABELS, "sheet.days": name}
    assert expected in read(one(), replace(COVER, labels=labels)).sheetnames


def test_two_sheets_of_one_name_are_counted():
    labels = {**hungarian.LABELS, "sheet.days": "Lap", "sheet.rates": "LAP"}
    names = read(one(), replace(COVER, labels=labels)).sheetnames
    assert "LAP" in names and "Lap 2" in names


def test_a_month_of_nothing_is_a_workbook_all_the_same():
    book = read(month([], []))
    assert len(book.sheetnames) == 9


# === HOW IT IS WRITTEN === #


@examples(10)
@given(months(most=3))
def test_the_same_month_gives_the_same_bytes(drawn):
    value = month(*drawn)
    assert content_of(value) == content_of(value)


def test_the_days_before_1900_are_no_trouble_of_the_service():
    value = one(due_date=date(1899, 1, 1))
    assert read(value).sheetnames
