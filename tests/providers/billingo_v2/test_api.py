"""Every operation that the vendor documents for invoices of API v2, one by one.

The list is that of the vendor's page "Invoices", with every parameter that it names.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
import requests

from salon_invoice_bridge.billing.errors import Rejected
from salon_invoice_bridge.providers.billingo_v2 import render

from .case import BUYER, issued, ready, today


@pytest.fixture
def api(provider):
    return provider.api


@pytest.fixture
def client(provider):
    return provider.sync_buyer(BUYER)


def gross_item(gross=1270, qty=1):
    return render.item(
        "Hajvágás", 1, Decimal(qty), "db", gross_unit_price=Decimal(str(gross))
    )


def create(api, client, *items, type_=3, **options):
    """Create a document from the low-level parts; returns ``(id, attributes)``."""
    options.setdefault("payment_method", 2)
    request = render.document_request(
        items or [gross_item()],
        type_=type_,
        client_uid=client,
        fulfillment_date=today(),
        due_date=today() + timedelta(days=8),
        **options,
    )
    return api.create_invoice(request)


def total(record):
    return Decimal(str(record[1]["total"]))


# === SHOW THE INVOICES === #


def test_a_page_holds_twenty_documents_by_default(api, client):
    for _index in range(21):
        create(api, client)
    assert len(api.invoices()) == 20
    assert len(api.invoices(page=2)) == 1
    assert api.invoices(page=3) == []


def test_a_page_holds_fifty_documents_at_most(api, client):
    for _index in range(51):
        create(api, client)
    assert len(api.invoices(max_per_page=50)) == 50
    assert len(api.invoices(max_per_page=500)) == 50
    assert len(api.invoices(page=2, max_per_page=50)) == 1


def test_one_document_is_shown_with_items_client_and_payment_method(api, client):
    id_, _attributes = create(api, client, comment="Köszönjük!")
    shown_id, shown = api.invoice(id_)
    assert shown_id == id_
    assert shown["uid"] == int(id_)
    assert shown["client"]["name"] == BUYER.name
    assert shown["payment_method"]["id"] == 2
    assert shown["items"][0]["description"] == "Hajvágás"
    assert shown["comment"] == "Köszönjük!"
    assert shown["total"] == "1270.000"
    assert shown["total_paid"] == "0.000"


def test_documents_are_queried_by_date_number_method_and_block(api, client):
    first = create(api, client)[0]
    second = create(api, client, payment_method=1)[0]
    year = today().year
    tomorrow = today() + timedelta(days=1)

    def ids(**filters):
        return [id_ for id_, _attributes in api.query(today(), today(), **filters)]

    assert ids() == [second, first]
    assert [id_ for id_, _attributes in api.query()] == [second, first]
    assert api.query(tomorrow, tomorrow) == []
    assert ids(payment_method=1) == [second]
    assert ids(block=31) == [second, first]
    assert ids(block=32) == []
    assert ids(year_start=year, num_start=2) == [second]
    assert ids(year_end=year, num_end=1) == [first]
    assert ids(page=2, max_per_page=1) == [first]


# === SAVE A NEW INVOICE === #


def test_the_creation_answers_with_number_total_and_ids(api, client):
    id_, attributes = create(api, client)
    assert attributes["uid"] == int(id_)
    assert attributes["invoice_no"] == f"{today().year}-000001"
    assert attributes["total"] == 1270
    assert attributes["client_uid"] == int(client)
    assert attributes["date"] == today().isoformat()


def test_items_are_priced_by_net(api, client):
    item = render.item(
        "Test Item",
        1,
        Decimal(1),
        "pc",
        net_unit_price=Decimal(3500),
        item_comment="Item comment",
    )
    id_, _attributes = record = create(api, client, item)
    assert total(record) == 4445
    shown = api.invoice(id_)[1]["items"][0]
    assert shown["item_comment"] == "Item comment"


def test_items_are_priced_by_gross_and_the_service_works_out_the_net(api, client):
    id_, _attributes = record = create(api, client, gross_item(4445))
    assert total(record) == 4445
    assert api.invoice(id_)[1]["items"][0]["net_unit_price"] == "3500.000"


def test_items_are_taken_from_a_stored_product(api, client):
    record = create(api, client, render.product_item(51, Decimal(2)), gross_item(500))
    assert total(record) == 2 * 2540 + 500


@pytest.mark.parametrize("prices", [{}, {"net_unit_price": 1, "gross_unit_price": 1}])
def test_an_item_has_one_price_and_not_two(prices):
    with pytest.raises(Rejected):
        render.item("Hajvágás", 1, 1, "db", **prices)


def test_block_0_is_the_default_block_and_others_are_chosen(sandbox, api, client):
    blocks = [
        {"id": 31, "name": "Szalon", "prefix": "SZ"},
        {"id": 32, "name": "Bolt", "prefix": "BO"},
    ]
    sandbox.account(blocks=blocks)
    assert create(api, client, block_uid="0")[1]["block_uid"] == 31
    assert create(api, client, block_uid="32")[1]["block_uid"] == 32


@pytest.mark.parametrize(("step", "expected"), [(0, 1272), (1, 1272), (5, 1270)])
def test_the_total_is_rounded_as_asked(api, client, step, expected):
    assert total(create(api, client, gross_item(1272), round_to=step)) == expected


def test_the_total_is_rounded_to_tens(api, client):
    assert total(create(api, client, gross_item(1276), round_to=10)) == 1280


def test_no_rounding_keeps_fractions_and_rounding_to_one_drops_them(api, client):
    item = render.item("x", 1, Decimal(1), "db", net_unit_price=Decimal(1559))
    assert total(create(api, client, item)) == Decimal("1979.93")
    assert total(create(api, client, item, round_to=1)) == 1980


def test_other_roundings_do_not_exist(api, client):
    with pytest.raises(Rejected, match="round to 2"):
        create(api, client, round_to=2)


def test_the_exchange_rate_is_given_or_fetched(sandbox, api, client):
    rate = Decimal("401.23")
    record = create(api, client, gross_item("9.90"), currency="EUR", exchange_rate=rate)
    assert total(record) == Decimal("9.9")
    assert '"exchange_rate": 401.23' in sandbox.documents()[0]["request"]
    assert create(api, client, currency="EUR")
    with pytest.raises(Rejected, match="exchange rate"):
        create(api, client, currency="ISK")


def test_the_bank_account_is_one_of_the_accounts_own(api, client):
    assert create(api, client, bank_account_uid="41")
    with pytest.raises(Rejected, match="Bank account not found"):
        create(api, client, bank_account_uid="42")


def test_types_are_draft_proforma_and_invoice_and_no_other(sandbox, api, client):
    for type_ in (0, 1, 3):
        create(api, client, type_=type_)
    kinds = [entry["kind"] for entry in sandbox.documents()]
    assert kinds == ["draft", "proforma", "invoice"]
    with pytest.raises(Rejected, match="type 2"):
        create(api, client, type_=2)


def test_an_electronic_invoice_and_a_template_language_can_be_asked_for(
    sandbox, api, client
):
    create(api, client, electronic=True, language="de")
    request = sandbox.documents()[0]["request"]
    assert '"electronic_invoice": 1' in request
    assert '"template_lang_code": "de"' in request


# === CODE, GENERATE, DOWNLOAD === #


def test_the_code_makes_the_access_url(sandbox, api, client):
    id_, _attributes = create(api, client)
    code = api.code(id_)
    assert api.access_url(code) == f"{sandbox.url}/billingo/access/c:{code}"
    assert requests.get(api.access_url(code), timeout=10).status_code == 200


def test_the_access_url_of_the_real_service_is_the_documented_one(api):
    api.http.base_url = "https://www.billingo.hu/api"
    assert api.access_url("uiowerTI") == "https://www.billingo.hu/access/c:uiowerTI"


def test_a_proforma_becomes_an_invoice(sandbox, api, client):
    id_, _attributes = create(api, client, type_=1)
    invoice = api.generate(id_)
    assert api.invoice(invoice)[1]["invoice_no"] == f"{today().year}-000001"
    sandbox.account(generate_tells_id=False)
    assert api.generate(id_) == ""


def test_an_invoice_is_downloaded(api, client):
    assert api.download(create(api, client)[0]).startswith(b"%PDF-")


# === CANCEL, STATUS === #


def test_a_cancelled_and_a_cancelling_invoice_are_told_apart(api, client):
    id_, _attributes = create(api, client)
    assert api.invoice(id_)[1]["status"] == 2
    storno, attributes = api.cancel(id_)
    assert attributes["total"] == -1270
    original, cancelling = api.invoice(id_)[1], api.invoice(storno)[1]
    assert original["status"] == 4
    assert "is_cancel_invoice" not in original
    assert cancelling["is_cancel_invoice"] == 1
    assert cancelling["connected_invoice_no"] == original["invoice_no"]
    assert cancelling["status"] == 1


def test_the_status_says_paid_unpaid_or_cancelled(api, client):
    paid = create(api, client, payment_method=1)[0]
    unpaid = create(api, client)[0]
    assert api.invoice(paid)[1]["status"] == 1
    assert api.invoice(unpaid)[1]["status"] == 2
    api.cancel(unpaid)
    assert api.invoice(unpaid)[1]["status"] == 4


# === SEND, PAY === #


def test_an_invoice_is_sent_to_its_client(sandbox, api, client):
    api.send(create(api, client)[0])
    assert [mail["to"] for mail in sandbox.mails()] == [["ors@example.com"]]


def test_an_invoice_is_paid_in_part_in_full_and_not_at_all(api, client):
    id_, _attributes = create(api, client)
    assert api.pay(id_, today(), Decimal(270), 2) == (False, 1000)
    assert api.pay(id_, today(), Decimal(1000), 1) == (True, 0)
    assert api.invoice(id_)[1]["status"] == 1
    assert api.undo_pay(id_) == (False, 1270)
    assert api.invoice(id_)[1]["status"] == 2


def test_a_payment_in_a_foreign_currency_carries_its_rate(api, client):
    seen = []
    id_, _attributes = create(api, client, gross_item(10), currency="EUR")
    api.http.observer = seen.append
    assert api.pay(id_, today(), Decimal(10), 2, Decimal("400.5")) == (True, 0)
    assert '"conversion_rate": 400.5' in seen[0].request


# === BLOCKS AND THE REST === #


def test_the_blocks_are_listed(api):
    ((id_, attributes),) = api.blocks()
    assert id_ == "31"
    assert attributes == {"name": "Szalon", "prefix": "SZ", "uid": 31}


def test_clients_are_listed_and_shown(api, client):
    assert [id_ for id_, _attributes in api.clients()] == [client]
    assert api.client(client)[1]["billing_address"]["country"] == "Magyarország"


def test_vat_rates_payment_methods_and_rates_are_read(api):
    assert api.vat()[0][1]["description"] == "27%"
    assert len(api.payment_methods("en")) == 11
    assert api.currency("EUR", "HUF", 2) == Decimal("804.3")


def test_net_prices_rounded_by_the_service_show_in_the_total(sandbox, provider):
    """The 1 Ft that other products lose: it is seen, because totals are compared."""
    sandbox.account(net_decimals=0)
    _invoice, document = issued(provider)
    assert document.gross != ready(provider).gross
