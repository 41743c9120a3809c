"""What a salon is promised about payments, e-mail, PDF and the books."""

import pytest

from salon_invoice_bridge.billing.errors import NotProcessed, Reason, Rejected
from salon_invoice_bridge.billing.invoice import Mail, PaymentKind

PAID_LATER = {"paid": False, "payment_kind": PaymentKind.BANK_TRANSFER}


@pytest.mark.needs("invoices")
def test_payments_are_registered_by_tender(salon):
    _invoice, document = salon.issue(**PAID_LATER)
    state = salon.provider.register_payments(
        document,
        (salon.tender(990, PaymentKind.CASH), salon.tender(10000)),
    )
    assert (state.paid, state.outstanding) == (10990, 0)
    assert state.fully_paid


@pytest.mark.needs("invoices")
def test_part_of_a_payment_leaves_the_rest_outstanding(salon):
    _invoice, document = salon.issue(**PAID_LATER)
    state = salon.provider.register_payments(document, (salon.tender(990),))
    assert (state.paid, state.outstanding) == (990, 10000)
    assert not state.fully_paid


@pytest.mark.needs("invoices")
def test_registering_again_replaces_and_does_not_add(salon):
    _invoice, document = salon.issue(**PAID_LATER)
    salon.provider.register_payments(document, (salon.tender(10990),))
    state = salon.provider.register_payments(document, (salon.tender(10990),))
    assert (state.paid, state.outstanding) == (10990, 0)


@pytest.mark.needs("invoices")
def test_payments_can_be_undone(salon):
    _invoice, document = salon.issue(**PAID_LATER)
    salon.provider.register_payments(document, (salon.tender(10990),))
    state = salon.provider.undo_payments(document)
    assert (state.paid, state.outstanding) == (0, 10990)


def test_the_pdf_is_a_pdf_or_not_ready_yet(salon):
    _invoice, document = salon.issue()
    try:
        content = salon.provider.download(document)
    except NotProcessed as error:
        assert error.reason is Reason.NOT_READY
        salon.advance(60)
        content = salon.provider.download(document)
    assert content.startswith(b"%PDF-")


def test_a_pdf_that_is_slow_is_asked_for_again(salon):
    _invoice, document = salon.issue()
    salon.advance(60)
    with salon.fault("status_before", status=503, html=True):
        with pytest.raises(NotProcessed):
            salon.provider.download(document)
    assert salon.provider.download(document).startswith(b"%PDF-")


@pytest.mark.needs("public_url")
def test_the_buyer_gets_a_link_to_the_document(salon):
    _invoice, document = salon.issue()
    assert salon.provider.public_url(document).startswith(("http://", "https://"))


@pytest.mark.needs("mail_by_wish")
def test_the_document_is_mailed_when_asked_for_and_not_before(salon):
    _invoice, document = salon.issue()
    assert not salon.mails()
    assert salon.provider.send(document, ("anna@example.com",))
    (mail,) = salon.mails()
    assert mail["to"] == ["anna@example.com"]


@pytest.mark.needs("words_mails")
def test_an_e_mail_is_in_the_salons_words(salon):
    said = Mail(subject="Számlája", text="Köszönjük!", reply_to="szalon@example.com")
    _invoice, document = salon.issue(mail=said, send_email=True)
    if not salon.mails():  # what is not mailed with the document
        salon.provider.send(document, ("anna@example.com",), said)
    (mail,) = salon.mails()
    told = [mail[name] for name in ("subject", "text", "reply_to")]
    assert told == [said.subject, said.text, said.reply_to]


@pytest.mark.needs("nav_status")
def test_the_report_to_the_tax_authority_can_be_followed(salon):
    _invoice, document = salon.issue()
    assert salon.provider.nav_status(document).state.value == "pending"
    salon.advance(60)
    assert salon.provider.nav_status(document).state.value == "accepted"


@pytest.mark.needs("list_documents")
def test_the_documents_of_a_day_are_listed_for_reconciliation(salon):
    numbers = {salon.issue()[1].number for _ in range(3)}
    assert {document.number for document in salon.listed()} == numbers


@pytest.mark.needs("exchange_rate")
def test_the_exchange_rate_comes_from_the_service(salon):
    assert salon.provider.exchange_rate("EUR", salon.today) > 100


@pytest.mark.needs("taxpayer_check")
def test_a_tax_number_is_checked_with_the_authority(salon):
    taxpayer = salon.provider.check_taxpayer("12345676-2-42")
    assert taxpayer.valid
    assert taxpayer.name
    assert taxpayer.headquarters.kind == "HQ"


@pytest.mark.needs("taxpayer_check")
def test_all_addresses_of_a_taxpayer_are_read_its_headquarters_first(salon):
    taxpayer = salon.provider.check_taxpayer("11112222-2-41")
    assert taxpayer.name == "PRÓBA SZÉPSÉG KFT."
    assert taxpayer.tax_number == "11112222-2-41"
    assert taxpayer.organization is True
    assert [
        (place.kind, place.postcode, place.city, place.street)
        for place in taxpayer.addresses
    ] == [
        (
            *("HQ", "1065", "Budapest"),
            "Bajcsy-Zsilinszky út 12. B ép. 2. lph. 3. em. 14. ajtó",
        ),
        ("SITE", "9021", "Győr", "Baross Gábor út 7."),
        ("BRANCH", "6720", "Szeged", "Kárász utca 3/A"),
    ]


@pytest.mark.needs("taxpayer_check")
def test_an_unknown_taxpayer_is_an_answer(salon):
    taxpayer = salon.provider.check_taxpayer("99999999-2-42")
    assert taxpayer.valid is False
    assert (taxpayer.name, taxpayer.addresses) == ("", ())


#: Capability -> what is asked of a service that has it.
ASKS = {
    "nav_status": lambda provider, document: provider.nav_status(document),
    "taxpayer_check": lambda provider, _: provider.check_taxpayer("12345676-2-42"),
    "preview": lambda provider, _: provider.preview(None),
    "list_documents": lambda provider, _: list(provider.list_documents(None, None)),
    "export_kinds": lambda provider, _: provider.request_export(None),
}


@pytest.mark.needs("invoices")
def test_what_a_service_cannot_do_is_refused_as_unsupported(salon):
    _invoice, document = salon.issue()
    capabilities = salon.provider.capabilities
    lacking = [ask for name, ask in ASKS.items() if not getattr(capabilities, name)]
    assert lacking
    if not capabilities.export_kinds:
        lacking += [
            lambda provider, _: provider.export_status("1"),
            lambda provider, _: provider.download_export("1"),
        ]
    for ask in lacking:
        with pytest.raises(Rejected) as caught:
            ask(salon.provider, document)
        assert caught.value.reason is Reason.UNSUPPORTED
