"""The rows of a month are frozen and thawed without loss."""

from dataclasses import replace
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing.month import Finding, Gap
from salon_invoice_bridge.billing.month_rows import MonthRows, thaw

from .months import END, START, document, sale, till_of


def rows():
    """Return the rows of a month with two documents and a sale that has none."""
    sales = (
        sale("1", rates={"27": Decimal(10000)}),
        sale("2"),
        sale("3"),
    )
    return MonthRows(
        start=START,
        end=END,
        documents=(document("1", sale="1"), document("2", sale="2")),
        sales=sales,
        till=till_of(sales),
        differences=(Finding(gap=Gap.MISSING_THERE, ref="1", expected=Decimal(1)),),
    )


def test_what_is_thawed_is_what_was_frozen():
    before = rows()
    after = thaw(before.freeze())
    assert after == before
    assert after.build() == before.build()


def test_the_same_rows_are_the_same_bytes():
    assert rows().freeze() == rows().freeze()


def test_documents_without_a_pdf_are_named():
    month = rows().without_pdf({"2"}).build()
    assert [one.ref for one in month.findings if one.gap is Gap.PDF] == ["2"]
    assert not month.file_name(replace(month.documents[1]))


def test_what_the_file_finds_by_itself_is_not_said_twice():
    differences = (
        Finding(gap=Gap.MISSING_THERE, sale="3"),
        Finding(gap=Gap.MISSING_THERE, sale="2", number="SZ-1"),
        Finding(gap=Gap.MISSING_HERE, number="SZ-9"),
    )
    month = rows().with_differences(differences).build()
    found = [(one.gap, one.sale) for one in month.findings]
    assert found == [
        (Gap.MISSING, "3"),
        (Gap.DIFFERS, "1"),
        (Gap.MISSING_THERE, "2"),
        (Gap.MISSING_HERE, ""),
    ]


def test_what_only_the_service_has_is_said_of_a_sale_without_a_document_too():
    """Whoever asked for one, and did not know of it, would have a second one."""
    here = Finding(gap=Gap.MISSING_HERE, sale="3", number="SZ-9")
    month = rows().with_differences((here,)).build()
    found = [(one.gap, one.sale) for one in month.findings]
    assert (Gap.MISSING, "3") in found
    assert (Gap.MISSING_HERE, "3") in found


@pytest.mark.parametrize("content", [b"", b"x", rows().freeze()[:-9]])
def test_what_is_no_month_is_an_error(content):
    with pytest.raises(Exception, match="."):
        thaw(content)
