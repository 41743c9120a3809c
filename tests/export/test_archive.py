"""The ZIP of a month: complete, safe to extract, the same each time it is written."""

import tracemalloc
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import PurePosixPath

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.invoice import DocumentKind
from salon_invoice_bridge.export.archive import (
    Extra,
    MissingPdf,
    page,
    part_name,
    write_part,
)
from tests.billing.months import document, month, months, sale
from tests.examples import examples

from . import hungarian
from .test_workbook import COVER, TRAPS


def pdf(row):
    """Return the PDF of a document."""
    return b"%PDF-1.4\n" + repr(row.number).encode()


def written(part, value, **more):
    """Return a part's ZIP, opened."""
    file = BytesIO()
    write_part(
        file, part, value, more.pop("cover", COVER), more.pop("open", pdf), **more
    )
    return zipfile.ZipFile(file)


def text_of(archive):
    """Return the page of text."""
    (name,) = (name for name in archive.namelist() if name.startswith("olvassel"))
    return archive.read(name).decode("utf-8-sig")


def three(**changes):
    """Return a month of three documents, the last one a receipt."""
    papers = [
        document("1"),
        document("2", **changes),
        document("3", kind=DocumentKind.RECEIPT, receipt=True, number="NY-1"),
    ]
    return month(papers, [sale("1"), sale("2"), sale("3")])


def test_a_month_in_one_part_has_all_of_it():
    value = three()
    (part,) = value.parts()
    archive = written(part, value)
    assert archive.testzip() is None
    assert archive.namelist() == [
        "olvassel.txt",
        "osszesito.xlsx",
        "szamlak/SZ-2026-1.pdf",
        "szamlak/SZ-2026-2.pdf",
        "nyugtak/NY-1.pdf",
    ]
    assert archive.read("nyugtak/NY-1.pdf") == b"%PDF-1.4\n'NY-1'"
    book = openpyxl.load_workbook(BytesIO(archive.read("osszesito.xlsx")))
    assert book.sheetnames[0] == "Áttekintés"


def test_the_workbook_is_in_the_first_part_and_a_page_in_each():
    value = three()
    names = [written(part, value).namelist() for part in value.parts(1)]
    assert names == [
        ["olvassel-1.txt", "osszesito.xlsx", "szamlak/SZ-2026-1.pdf"],
        ["olvassel-2.txt", "szamlak/SZ-2026-2.pdf"],
        ["olvassel-3.txt", "nyugtak/NY-1.pdf"],
    ]


@examples(40)
@given(months(most=4), st.sampled_from(TRAPS) | st.text(max_size=20))
def test_all_parts_together_have_each_pdf_once(drawn, text):
    documents, sales = drawn
    documents = [replace(row, number=text + row.number[-1:]) for row in documents]
    value = month(documents, sales)
    found = []
    for part in value.parts(2):
        archive = written(part, value)
        assert archive.testzip() is None
        found += archive.namelist()
    assert len({name.lower() for name in found}) == len(found)
    assert len([n for n in found if n.endswith(".pdf")]) == len(value.documents)
    for name in found:
        path = PurePosixPath(name)
        assert not path.is_absolute() and ".." not in path.parts
        assert name.isascii() and not {*name} & {*'\\:*?"<>|\0'}
        assert len(path.parts) <= 2


@pytest.mark.parametrize(
    "number", ["../../etc/passwd", "/etc/passwd", "C:\\x", "..", "a/../../b", "\0"]
)
def test_no_number_leads_out_of_the_folder(number, tmp_path):
    value = month([document(number=number)], [sale()])
    (part,) = value.parts()
    archive = written(part, value)
    archive.extractall(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 3
    assert {path.parent for path in files} == {tmp_path, tmp_path / "szamlak"}


@pytest.mark.parametrize(
    "labels",
    [
        {"folder.invoices": "../..", "file.workbook": "/etc/x", "file.page": ".."},
        {"folder.invoices": "a/b", "folder.receipts": "NUL", "file.page": "ő/ű"},
        {"folder.invoices": "folder", "folder.receipts": "folder"},
    ],
)
def test_no_translation_leads_out_of_the_file(labels):
    cover = replace(COVER, labels={**hungarian.LABELS, **labels})
    value = three()
    (part,) = value.parts()
    archive = written(part, value, cover=cover, extras=[Extra(name="x", content=b"")])
    for name in archive.namelist():
        assert ".." not in PurePosixPath(name).parts and not name.startswith("/")
    assert len({*archive.namelist()}) == 6


# === PDFS === #


def test_a_document_without_a_pdf_is_counted_on_the_page_and_has_no_file():
    value = three(has_pdf=False)
    (part,) = value.parts()
    archive = written(part, value)
    assert len([n for n in archive.namelist() if n.endswith(".pdf")]) == 2
    assert "- 1 bizonylat PDF nélkül" in text_of(archive)
    assert "- Hiányzik a PDF: SZ / 2026-2, Szalon/2" in text_of(archive)


@pytest.mark.parametrize("content", [None, b"", b"<html>", b" %PDF-1.4"])
def test_a_pdf_that_has_gone_stops_the_file_instead_of_leaving_a_hole(content):
    value = three()
    (part,) = value.parts()

    def open_pdf(row):
        return content if row.ref == "2" else pdf(row)

    with pytest.raises(MissingPdf) as caught:
        write_part(BytesIO(), part, value, COVER, open_pdf)
    assert caught.value.document.ref == "2"


def test_pdfs_may_be_files_which_are_closed_again():
    opened = []

    def open_pdf(row):
        opened.append(BytesIO(pdf(row)))
        return opened[-1]

    value = three()
    (part,) = value.parts()
    archive = written(part, value, open=open_pdf)
    assert archive.read("nyugtak/NY-1.pdf") == b"%PDF-1.4\n'NY-1'"
    assert [file.closed for file in opened] == [True, True, True]


def test_one_pdf_at_a_time_is_in_memory(tmp_path):
    size = 2 * 1024 * 1024
    papers = [document(str(n)) for n in range(40)]
    value = month(papers, [sale(str(n)) for n in range(40)])
    (part,) = value.parts()
    tracemalloc.start()
    with (tmp_path / "part.zip").open("wb") as file:
        write_part(file, part, value, COVER, lambda row: b"%PDF-" + bytes(size))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (tmp_path / "part.zip").stat().st_size > 40 * size
    assert peak < 8 * size


# === WHAT A SERVICE MADE FOR THE ACCOUNTING PROGRAM === #


def test_a_services_files_are_in_the_first_part():
    extras = [
        Extra(name="RLB 60.txt", content=b"a"),
        Extra(name="rlb/60.TXT", content=b"b"),
        Extra(name="nav_xml.zip", content=b"c"),
        Extra(name="../..", content=b"d"),
    ]
    value = three()
    first, second, _third = value.parts(1)
    archive = written(first, value, extras=extras)
    names = [n for n in archive.namelist() if n.startswith("konyveloprogram/")]
    assert names == [
        "konyveloprogram/RLB-60.txt",
        "konyveloprogram/rlb-60-2.TXT",
        "konyveloprogram/nav_xml.zip",
        "konyveloprogram/export.dat",
    ]
    assert archive.read(names[1]) == b"b"
    assert "- konyveloprogram/RLB-60.txt" in text_of(archive)
    assert not [
        n for n in written(second, value, extras=extras).namelist() if "rlb" in n
    ]


# === THE PAGE OF TEXT === #


def test_the_page_says_whose_it_is_what_is_in_it_and_whether_it_is_complete():
    value = month([document("2")], [sale("1"), sale("2")])
    (part,) = value.parts()
    lines = page(part, value, COVER)
    assert lines == [
        "Bizonylatok, 2026.11.01. – 2026.11.30.",
        "Kiállító: Minta Szalon & Társa Kft.",
        "Adószám: 12345676-2-42",
        "Számlázó szolgáltató: Billingo",
        "Készült: 2026.12.01. 06:30",
        "Rész: 1. a(z) 1 részből",
        "",
        "Nem teljes: 1 eltérés vagy hiány.",
        "- Eladás bizonylat nélkül: Szalon/1",
        "",
        "Ebben a részben:",
        "- osszesito.xlsx",
        "- 1 PDF, SZ-2026-2.pdf – SZ-2026-2.pdf",
    ]


def test_the_page_names_nobody():
    value = month([document(buyer="Kiss Anna", has_pdf=False)], [sale()])
    (part,) = value.parts()
    assert "Kiss" not in "\n".join(page(part, value, COVER))


def test_a_line_break_in_a_name_makes_no_line():
    value = month([], [sale(name="a\r\nb")])
    (part,) = value.parts()
    assert "- Eladás bizonylat nélkül: a b" in page(part, value, COVER)


def test_the_page_is_read_by_the_editors_of_windows():
    value = three()
    (part,) = value.parts()
    raw = written(part, value).read("olvassel.txt")
    assert raw.startswith(b"\xef\xbb\xbf") and b"\r\n" in raw
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_many_findings_are_in_the_workbook_and_not_all_on_the_page():
    value = month([], [sale(str(n)) for n in range(60)])
    (part,) = value.parts()
    lines = page(part, value, COVER)
    assert len([line for line in lines if line.startswith("- Eladás")]) == 50
    assert "- ..." in lines


# === THE SAME EACH TIME === #


@examples(10)
@given(months(most=3))
def test_the_same_part_gives_the_same_bytes(drawn):
    value = month(*drawn)
    for part in value.parts(2):
        dates = {info.date_time[:3] for info in written(part, value).infolist()}
        assert dates == {(2026, 11, 30)}
        files = [BytesIO(), BytesIO()]
        for file in files:
            write_part(file, part, value, COVER, pdf)
        assert files[0].getvalue() == files[1].getvalue()


def test_a_file_that_cannot_be_sought_will_do():
    class Pipe(BytesIO):
        def seekable(self):
            return False

        def seek(self, *_args):
            raise OSError

        def tell(self):
            raise OSError

    value = three()
    (part,) = value.parts()
    pipe = Pipe()
    write_part(pipe, part, value, COVER, pdf)
    assert zipfile.ZipFile(BytesIO(pipe.getvalue())).testzip() is None


@pytest.mark.parametrize(
    ("company", "size", "names"),
    [
        ("Minta Szalon Kft.", 500, ["2026-11_Minta-Szalon-Kft.zip"]),
        ("../x", 2, ["2026-11_x_1-2.zip", "2026-11_x_2-2.zip"]),
        ("", 500, ["2026-11_salon.zip"]),
    ],
)
def test_a_parts_name_says_month_company_and_part(company, size, names):
    value, cover = three(), replace(COVER, company=company)
    assert [part_name(part, value, cover) for part in value.parts(size)] == names
