"""What a salon is promised when it asks for a document, whatever the service."""

import html
import json
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest

from salon_invoice_bridge.billing import vat
from salon_invoice_bridge.billing.compare import differences
from salon_invoice_bridge.billing.errors import Reason, Rejected
from salon_invoice_bridge.billing.invoice import Kind, Line, PaymentKind

from .salon import COMB, COMPANY, CUT, GUEST, THIRDS, TIP


def test_the_document_has_the_forints_of_the_sale(salon):
    invoice, document = salon.issue(lines=(CUT, salon.extra, THIRDS))
    assert document.gross == invoice.gross == Decimal(20990)
    assert document.kind is salon.harness.kind
    assert document.number
    (entry,) = salon.documents()
    assert (salon.total(), entry["currency"]) == (20990, "HUF")
    order_number = invoice.order_number if salon.harness.orders else ""
    assert entry["order_number"] == order_number


def test_the_same_invoice_always_gives_the_same_bytes(salon):
    invoice = salon.invoice()
    twin = salon.connect().render(replace(invoice))
    assert salon.provider.render(invoice) == twin


def test_a_rendered_request_carries_no_credentials(salon):
    request = salon.provider.render(salon.invoice()).decode()
    credentials = salon.harness.credentials(salon.account)
    assert credentials.api_key not in request
    if credentials.public_key:
        assert credentials.public_key not in request


def test_rendering_asks_nobody(salon):
    invoice = salon.invoice()
    before = len(salon.calls())
    salon.provider.render(invoice)
    assert len(salon.calls()) == before


def test_an_issued_document_is_found_by_the_keys_we_gave_it(salon):
    invoice, document = salon.issue()
    found = salon.provider.find(invoice)
    if not salon.harness.finds:
        assert found is None
        return
    assert found.number == document.number
    assert not differences(invoice, found)


def test_what_was_never_issued_is_not_found(salon):
    salon.issue()
    assert salon.provider.find(salon.invoice()) is None


def test_an_issued_document_can_be_read_again(salon):
    _invoice, document = salon.issue()
    again = salon.provider.get(document)
    assert (again.number, again.gross, again.cancelled) == (
        document.number,
        document.gross,
        False,
    )


@pytest.mark.parametrize("kind", PaymentKind)
def test_every_kind_of_payment_has_a_word(salon, kind):
    invoice, document = salon.issue(payment_kind=kind)
    assert document.gross == invoice.gross


@pytest.mark.parametrize("code", ["27", "18", "5", "AAM", "TAM", "ATK"])
def test_every_usual_vat_code_has_a_word(salon, code):
    if code == TIP.vat and salon.extra is not TIP:
        assert not salon.knows_vat(code)
        return
    line = replace(CUT, vat=code)
    _invoice, document = salon.issue(lines=(line,))
    assert document.gross == CUT.gross


def test_a_vat_code_without_a_word_is_refused_before_anything_is_sent(salon):
    invoice = salon.invoice(lines=(replace(CUT, vat="6.5"),))
    with pytest.raises(Rejected):
        salon.provider.render(invoice)


@pytest.mark.needs("invoices")
@pytest.mark.parametrize("kind", Kind)
def test_a_kind_that_the_service_does_not_issue_is_refused_before_it_is_sent(
    salon, kind
):
    invoice = salon.invoice()
    changes = {"kind": kind, "corrected_number": "SZ-1", "order_number": "R1"}
    if kind is Kind.RECEIPT:
        changes.update(tenders=(salon.tender(invoice.gross),), lines=(CUT, COMB))
        changes["block"] = {"szamlazz": "NYGT"}.get(salon.harness.code, "12")
    wanted = replace(invoice, **changes)
    if kind in salon.provider.capabilities.kinds:
        assert salon.provider.render(wanted)
        return
    with pytest.raises(Rejected) as caught:
        salon.provider.render(wanted)
    assert caught.value.reason is Reason.UNSUPPORTED


def test_which_vat_codes_have_a_word_is_known_before_a_sale(salon):
    codes = [*vat.EXEMPT, *map(str, range(30)), "2.1", "6.5"]
    rendered = set()
    for code in codes:
        with suppress(Rejected):
            salon.provider.render(salon.invoice(lines=(replace(CUT, vat=code),)))
            rendered.add(code)
    assert {code for code in codes if salon.knows_vat(code)} == rendered


def test_what_other_is_called_is_known_before_a_sale(salon):
    named = salon.provider.capabilities.other_payment
    if named is not None:
        invoice = salon.invoice(payment_kind=PaymentKind.OTHER)
        twin = replace(invoice, payment_kind=named)
        assert salon.provider.render(invoice) == salon.provider.render(twin)


@pytest.mark.parametrize(
    "quantity", ["1", "2", "3", "7", "0.5", "1.333", "0.333333", "-1", "99999"]
)
def test_any_quantity_keeps_the_gross_of_its_line(salon, quantity):
    sign = -1 if quantity.startswith("-") else 1
    line = Line(
        name="Hajfesték",
        quantity=Decimal(quantity),
        gross=Decimal(sign * 4999),
        vat="27",
    )
    invoice, document = salon.issue(lines=(CUT, line))
    assert document.gross == invoice.gross


@pytest.mark.needs("invoices")
def test_a_buyer_with_a_tax_number_is_billed_by_it(salon):
    invoice, document = salon.issue(buyer=COMPANY)
    assert document.gross == invoice.gross
    (entry,) = salon.documents()
    assert entry["buyer"] == COMPANY.name


def test_a_foreign_currency_keeps_its_cents(salon):
    rate = Decimal("402.15")
    if salon.provider.capabilities.exchange_rate:
        rate = salon.provider.exchange_rate("EUR", salon.today)
    line = Line(name="Haircut", quantity=Decimal(1), gross=Decimal("49.99"), vat="27")
    _invoice, document = salon.issue(
        lines=(line,), currency="EUR", exchange_rate=rate, bank_account=None
    )
    assert (document.gross, document.currency) == (Decimal("49.99"), "EUR")


def test_a_document_without_a_bank_account_is_issued(salon):
    _invoice, document = salon.issue(bank_account=None)
    assert document.number


def test_names_and_comments_arrive_as_they_are(salon):
    name = 'Árvíztűrő "tükörfúrógép" & <b>\U0001f487</b>'
    line = replace(CUT, name=name, comment="5 < 6 & 7 > 3")
    _invoice, _document = salon.issue(lines=(line,), comment="Köszönjük! <3 & viszlát")
    (entry,) = salon.documents()
    assert name in "".join(_texts(entry["request"]))


def _texts(request):
    """Return every text of a request as the ledger has it: JSON, or XML."""
    if isinstance(request, str) and request.startswith("{"):
        request = json.loads(request)
    if isinstance(request, dict):
        request = list(request.values())
    if isinstance(request, list):
        return [text for value in request for text in _texts(value)]
    return [html.unescape(str(request))]


@pytest.mark.needs("persistent_partners")
def test_a_buyer_becomes_one_partner_however_often_it_is_synced(salon):
    partner = salon.provider.sync_buyer(GUEST)
    assert salon.provider.sync_buyer(GUEST, partner) == partner
    moved = replace(GUEST, street="Mellék utca 2.")
    assert salon.provider.sync_buyer(moved, partner) == partner


@pytest.mark.needs("persistent_partners")
def test_a_partner_that_is_gone_is_made_anew(salon):
    assert salon.provider.sync_buyer(GUEST, "987654321")
