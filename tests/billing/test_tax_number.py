"""Which tax numbers may stand on an invoice."""

import pytest

from salon_invoice_bridge.billing.errors import Rejected
from salon_invoice_bridge.billing.tax_number import format_hungarian


@pytest.mark.parametrize(
    "number", ["12345676-2-42", "12345676242", " 12345676 - 2 - 42 "]
)
def test_a_hungarian_tax_number_is_written_in_its_own_form(number):
    assert format_hungarian(number) == "12345676-2-42"


@pytest.mark.parametrize(
    "number",
    [
        "",
        "12345678-2-42",  # check digit
        "12345676-9-42",  # no such VAT code
        "12345676-0-42",
        "12345676-2-4",
        "1234567-2-42",
        "HU12345676",
        "12345676-2-42x",
        "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0666242",
        "x" * 10_000,
    ],
)
def test_anything_else_is_rejected_with_its_field(number):
    with pytest.raises(Rejected) as caught:
        format_hungarian(number)
    assert caught.value.fields == {"tax_number": number}
