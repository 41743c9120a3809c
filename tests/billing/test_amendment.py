"""What corrections and remainders say: the original's, less what came back."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon_invoice_bridge.billing.amendment import (
    Amendment,
    Paid,
    correction,
    kept_lines,
    paid_as_built,
    paid_at_service,
    remainder,
    replacement,
    settle_remainder,
)
from salon_invoice_bridge.billing.build import build
from salon_invoice_bridge.billing.exemption import VatChange
from salon_invoice_bridge.billing.invoice import Buyer, Kind, PaymentKind, Tender
from salon_invoice_bridge.billing.policy import Tip, VatAnswer
from salon_invoice_bridge.billing.returns import kept_entries
from salon_invoice_bridge.billing.sale import Sale
from tests.billing import salon
from tests.clock import DAY, after
from tests.examples import examples

CASH, CARD, TRANSFER = (
    PaymentKind.CASH,
    PaymentKind.CARD,
    PaymentKind.BANK_TRANSFER,
)
#: What ten gels were paid by.
BY_BOTH = ((salon.CARD, 7000), (salon.CASH, 3000))
KEY = "ZYXWVUTSRQPONMLKJIHGFEDCBA"


def entry(line, gross, quantity=1, tax=salon.VAT_27, refunds=None, role="sale"):
    """Return an entry of a sale's snapshot, as ``pos.order`` makes them."""
    return {
        "line": line,
        "refunds": refunds,
        "role": role,
        "name": f"Tétel {refunds or line}",
        "product": 17,
        "sku": "",
        "unit": "",
        "quantity": str(quantity),
        "gross": str(gross),
        "discount": "0",
        "taxes": [] if tax is None else [tax],
        "combo": False,
    }


def sale_snapshot(entries, *payments, **more):
    """Return a snapshot; ``payments`` are (method, amount), and True if owed."""
    values = {
        "reference": "260-1-000042",
        "note": "",
        "day": DAY.isoformat(),
        "currency": "HUF",
        "lines": list(entries),
        "tenders": [
            {
                "method": method,
                "name": "x",
                "amount": str(amount),
                "later": bool(later),
            }
            for method, amount, *later in payments
        ],
        "buyer": None,
    }
    return {**values, **more}


def sell(*payments, pieces=10, policy=None):
    """Return the invoice of so many gels of 1,000 Ft."""
    sold = sale_snapshot([entry(1, 1000 * pieces, pieces)], *payments)
    return build(
        Sale.from_snapshot(sold), policy or salon.make_policy(), salon.KEY, today=DAY
    )


def take_back(*payments, pieces=None):
    """Return the refund of gels for what was given back."""
    total = -sum(amount for _method, amount, *_later in payments)
    pieces = total // 1000 if pieces is None else pieces
    lines = [entry(11, -1000 * pieces, -pieces, refunds=1)] if pieces else []
    given = [(method, amount, *later) for method, amount, *later in payments]
    return Sale.from_snapshot(sale_snapshot(lines, *given, reference="260-1-000043"))


def settle(invoice, returned, gross, paid=None):
    """Return the settlement of what was kept of ``invoice``."""
    return settle_remainder(
        invoice,
        paid or paid_as_built(invoice),
        Decimal(gross),
        returned,
        salon.make_policy(),
    )


def paid(settlement):
    return {tender.kind: tender.amount for tender in settlement.tenders}


# === LINES === #


def test_what_was_kept_has_the_vat_that_it_was_invoiced_with():
    """A tax that was AAM is TAM by now; and the name is that of the sale."""
    sold = [entry(1, 20000, tax=salon.AAM), entry(2, 3500, tax=salon.VAT_5)]
    policy = salon.make_policy()
    invoice = build(
        Sale.from_snapshot(sale_snapshot(sold, (salon.CASH, 23500))),
        policy,
        salon.KEY,
        today=DAY,
    )
    now = replace(policy, vat_codes={**policy.vat_codes, salon.AAM: "TAM"})
    (line,) = kept_lines(invoice, sold[:1], "HUF", now)
    assert (line.vat, line.gross, line.name) == ("AAM", 20000, "Tétel 1")


@pytest.mark.parametrize("answer", [None, VatAnswer.EXEMPT])
def test_what_was_kept_has_its_discount_at_the_status_of_the_sales_day(answer):
    """The company has become exempt since: 1,000 off the book are still at 5%."""
    sold = [
        entry(1, 10000),
        entry(2, 5000, tax=salon.VAT_5),
        entry(3, 2000),
        entry(4, -1000, tax=salon.VAT_5, role="discount"),
    ]
    policy = salon.make_policy()
    invoice = build(
        Sale.from_snapshot(sale_snapshot(sold, (salon.CASH, 16000))),
        policy,
        salon.KEY,
        today=DAY,
    )
    assert salon.grosses(invoice.lines) == {"27": 12000, "5": 4000}
    gained = VatChange(day=after(1), before="27", after="AAM")
    now = replace(policy, default_vat="AAM", vat_answer=answer, vat_changes=(gained,))
    lines = kept_lines(invoice, [sold[0], sold[1], sold[3]], "HUF", now)
    assert salon.grosses(lines) == {"27": 10000, "5": 4000}


def test_a_service_charge_is_divided_again_over_what_was_kept():
    sold = [
        entry(1, 10000),
        entry(2, 10000, tax=salon.VAT_5),
        entry(3, 1000, tax=None, role="tip"),
    ]
    policy = salon.make_policy(tip=Tip.SERVICE)
    invoice = build(
        Sale.from_snapshot(sale_snapshot(sold, (salon.CASH, 21000))),
        policy,
        salon.KEY,
        today=DAY,
    )
    assert salon.grosses(invoice.lines) == {"27": 10500, "5": 10500}
    lines = kept_lines(invoice, [sold[0], sold[2]], "HUF", policy)
    assert salon.grosses(lines) == {"27": 11000}


def test_nothing_kept_has_no_lines():
    assert kept_lines(sell((salon.CASH, 10000)), [], "HUF", salon.make_policy()) == ()


# === CORRECTIONS === #


def correct(invoice, returned, pieces, **values):
    policy = salon.make_policy(**values.pop("policy", {}))
    lines = kept_lines(invoice, [entry(1, 1000 * pieces, pieces)], "HUF", policy)
    amendment = Amendment(key=KEY, returned=returned, reason="Refund: 43", today=DAY)
    return correction(
        invoice, invoice.lines, lines, "SZ-1", replace(amendment, **values), policy
    )


def test_a_correction_takes_back_what_came_back():
    invoice = sell((salon.CARD, 10000))
    corrected = correct(invoice, take_back((salon.CASH, -3000)), 7)
    (line,) = corrected.lines
    assert (line.quantity, line.gross, line.vat) == (-3, -3000, "27")
    assert corrected.kind is Kind.CORRECTION
    assert corrected.corrected_number == "SZ-1"
    assert corrected.comment == "Refund: 43"
    assert corrected.order_number == "260-1-000043-ZYXWVU"
    assert corrected.external_key == KEY
    assert corrected.buyer == invoice.buyer
    assert corrected.fulfillment_date == invoice.fulfillment_date


@pytest.mark.parametrize(
    ("given", "kind", "settled"),
    [
        ([(salon.CASH, -3000)], CASH, True),
        ([(salon.CASH, -1000), (salon.CARD, -2000)], CARD, True),
        ([(salon.ON_ACCOUNT, -3000, True)], TRANSFER, False),
        ([(salon.ON_ACCOUNT, -2000, True), (salon.CASH, -1000)], TRANSFER, True),
        ([(salon.WITHOUT_KIND, -3000)], CARD, True),  # the invoice's own
        ([], CARD, True),  # set off against other goods
    ],
)
def test_a_correction_names_how_the_money_went_back(given, kind, settled):
    """What is put on the customer's account has not been given back."""
    corrected = correct(sell((salon.CARD, 10000)), take_back(*given, pieces=3), 7)
    assert (corrected.payment_kind, corrected.paid) == (kind, settled)
    assert corrected.tenders == ()


def test_a_correction_is_not_due_before_it_is_issued():
    invoice = sell((salon.CARD, 10000))
    back = take_back((salon.CASH, -3000))
    assert correct(invoice, back, 7, today=after(3)).due_date == after(3)
    assert correct(invoice, back, 7, today=after(-3)).due_date == invoice.due_date


def test_an_amendment_has_the_block_and_the_bank_account_of_today():
    invoice = sell((salon.CARD, 10000))
    now = {"block": "31", "bank_account": "21"}
    corrected = correct(invoice, take_back((salon.CASH, -3000)), 7, policy=now)
    assert (corrected.block, corrected.bank_account) == ("31", salon.FORINTS)


# === REMAINDERS === #


def test_a_remainder_is_the_invoice_of_what_was_kept():
    invoice = replace(sell((salon.CARD, 10000)), proforma_number="D-1")
    returned = take_back((salon.CARD, -3000))
    policy = salon.make_policy()
    lines = kept_lines(invoice, [entry(1, 7000, 7)], "HUF", policy)
    amendment = Amendment(key=KEY, returned=returned, reason="Refund: 43", today=DAY)
    kept = remainder(
        invoice,
        lines,
        settle(invoice, returned, 7000),
        "First invoice of this sale: N-1",
        amendment,
        policy,
    )
    assert (kept.kind, kept.gross, kept.paid) == (Kind.INVOICE, 7000, True)
    assert kept.tenders == (Tender(kind=CARD, amount=Decimal(7000), date=DAY),)
    assert kept.comment == "First invoice of this sale: N-1\nRefund: 43"
    assert kept.proforma_number == ""
    assert kept.external_key == KEY


@pytest.mark.parametrize(
    ("sold", "given", "owed", "left"),
    [
        # What is taken off the account is not owed and not given back.
        (
            [(salon.CASH, 4000), (salon.ON_ACCOUNT, 6000, True)],
            [(salon.ON_ACCOUNT, -3000, True)],
            3000,
            {CASH: 4000},
        ),
        # Money that is given back leaves what is owed.
        (
            [(salon.CASH, 4000), (salon.ON_ACCOUNT, 6000, True)],
            [(salon.CARD, -3000)],
            6000,
            {CASH: 1000},
        ),
        # What is wholly owed stays owed.
        (
            [(salon.ON_ACCOUNT, 10000, True)],
            [(salon.ON_ACCOUNT, -3000, True)],
            7000,
            {},
        ),
        # Money goes back by the means that it goes back by.
        (
            [(salon.CARD, 7000), (salon.CASH, 3000)],
            [(salon.CASH, -3000)],
            0,
            {CARD: 7000},
        ),
        (
            [(salon.CARD, 7000), (salon.CASH, 3000)],
            [(salon.CARD, -7000)],
            0,
            {CASH: 3000},
        ),
        # Money that was not paid by that means is the largest tender's.
        (
            [(salon.CARD, 7000), (salon.CASH, 3000)],
            [(salon.CASH, -4000)],
            0,
            {CARD: 6000},
        ),
        # Refunds by several means.
        (
            BY_BOTH,
            [(salon.CARD, -1000), (salon.CASH, -2000)],
            0,
            {CARD: 6000, CASH: 1000},
        ),
    ],
)
def test_what_was_kept_is_paid_by_what_is_left(sold, given, owed, left):
    invoice = sell(*sold)
    gross = 10000 + sum(amount for _method, amount, *_later in given)
    settlement = settle(invoice, take_back(*given), gross)
    assert (paid(settlement), settlement.owed) == (left, owed)
    assert settlement.paid is (not owed)


def test_what_came_back_for_other_goods_is_the_largest_tenders():
    invoice = sell((salon.CARD, 7000), (salon.CASH, 3000))
    settlement = settle(invoice, take_back(pieces=2), 8000)
    assert paid(settlement) == {CARD: 5000, CASH: 3000}


def test_the_document_names_what_is_left():
    invoice = sell((salon.CARD, 7000), (salon.CASH, 3000))
    assert settle(invoice, take_back((salon.CARD, -7000)), 3000).main is CASH
    owing = sell((salon.CASH, 4000), (salon.ON_ACCOUNT, 6000, True))
    assert settle(owing, take_back((salon.CARD, -3000)), 7000).main is TRANSFER


def test_several_refunds_in_a_row_leave_what_each_of_them_left():
    """The customer pays their debt of 3,000 Ft by a transfer after the first one."""
    invoice = sell((salon.CASH, 4000), (salon.ON_ACCOUNT, 6000, True))
    policy = salon.make_policy()

    def kept(invoice, returned, gross, at):
        settlement = settle(invoice, returned, gross, at)
        amendment = Amendment(key=KEY, returned=returned, today=DAY)
        lines = kept_lines(invoice, [entry(1, gross, gross // 1000)], "HUF", policy)
        return remainder(invoice, lines, settlement, "", amendment, policy)

    first = kept(invoice, take_back((salon.ON_ACCOUNT, -3000, True)), 7000, None)
    transfer = Tender(kind=TRANSFER, amount=Decimal(3000), date=after(2))
    now = paid_at_service(first, (*first.tenders, transfer), Decimal(0), after(3))
    second = kept(first, take_back((salon.CASH, -2000)), 5000, now)
    assert [(one.kind, one.amount, one.date) for one in second.tenders] == [
        (CASH, 2000, DAY),
        (TRANSFER, 3000, after(2)),
    ]
    back = take_back((salon.CASH, -2000), (salon.ON_ACCOUNT, -1000, True))
    third = kept(second, back, 2000, None)
    assert [(one.kind, one.amount) for one in third.tenders] == [(TRANSFER, 2000)]


# === ANOTHER BUYER === #


def replace_buyer(invoice, buyer, paid=None, policy=None, today=DAY):
    paid = paid or paid_as_built(invoice)
    policy = policy or salon.make_policy()
    return replacement(invoice, buyer, paid, KEY, "260-1-000042", today, policy)


def test_another_buyer_gets_what_the_first_one_got():
    """At the VAT, the rate, the date of fulfilment and in the words of the first."""
    first = replace(
        sell((salon.CARD, 7000), (salon.CASH, 3000)),
        exchange_rate=Decimal(380),
        partner_id="17",
        proforma_number="D-1",
        proforma_id="18",
    )
    buyer = Buyer(name="Árvíztűrő Kft.", emails=("a@example.com",))
    later = salon.make_policy(vat_codes={salon.VAT_27: "AAM"}, block="12")
    other = replace_buyer(first, buyer, policy=later, today=after(9))
    assert (other.buyer, other.partner_id) == (buyer, "")
    assert (other.lines, other.tenders) == (first.lines, first.tenders)
    assert (other.payment_kind, other.paid) == (CARD, True)
    assert (other.fulfillment_date, other.exchange_rate) == (DAY, Decimal(380))
    assert other.comment == first.comment
    assert (other.external_key, other.block) == (KEY, "12")
    assert other.order_number != first.order_number
    assert (other.proforma_number, other.proforma_id) == ("", "")
    assert other.due_date == after(9)


@pytest.mark.parametrize("emails", [(), ("a@example.com",)])
def test_the_form_of_the_document_is_that_of_its_own_buyer(emails):
    other = replace_buyer(sell((salon.CASH, 10000)), Buyer(name="K", emails=emails))
    assert (other.electronic, other.send_email) == (bool(emails), bool(emails))


def test_what_was_paid_meanwhile_is_paid_of_the_new_one_too():
    first = sell((salon.CASH, 4000), (salon.ON_ACCOUNT, 6000, True))
    buyer = Buyer(name="Árvíztűrő Kft.")
    assert not replace_buyer(first, buyer).paid
    transfer = Tender(kind=TRANSFER, amount=Decimal(6000), date=after(2))
    now = paid_at_service(first, (*first.tenders, transfer), Decimal(0), after(3))
    other = replace_buyer(first, buyer, now)
    assert other.paid
    assert paid(other) == {CASH: 4000, TRANSFER: 6000}
    assert other.payment_kind is TRANSFER


# === WHAT IS PAID NOW === #


def test_payments_that_the_service_was_not_told_yet_are_known_all_the_same():
    invoice = sell((salon.CASH, 4000), (salon.ON_ACCOUNT, 6000, True))
    assert paid_as_built(invoice) == Paid(invoice.tenders, Decimal(6000))


def test_what_was_paid_at_the_service_is_of_the_kind_that_the_document_names():
    invoice = sell((salon.ON_ACCOUNT, 10000, True))
    now = paid_at_service(invoice, (), Decimal(0), after(5))
    assert now == Paid(
        (Tender(kind=TRANSFER, amount=Decimal(10000), date=after(5)),), Decimal(0)
    )


def test_payments_that_were_undone_at_the_service_are_owed():
    invoice = sell((salon.CARD, 7000), (salon.CASH, 3000))
    now = paid_at_service(invoice, invoice.tenders, Decimal(8000), DAY)
    assert now == Paid(
        (Tender(kind=CASH, amount=Decimal(2000), date=DAY),), Decimal(8000)
    )


# === ANY SALE, ANY REFUND === #

AMOUNTS = st.integers(0, 5)
METHODS = (salon.CASH, salon.CARD, salon.ON_ACCOUNT)


@examples(200)
@given(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), st.tuples(AMOUNTS, AMOUNTS, AMOUNTS))
def test_tenders_and_debt_are_the_gross_of_what_was_kept(sold, given):
    pieces, back = sum(sold), sum(given)
    if not back < pieces:
        return
    payments = [
        (method, 1000 * amount, method == salon.ON_ACCOUNT)
        for method, amount in zip(METHODS, sold, strict=True)
        if amount
    ]
    returned = take_back(
        *(
            (method, -1000 * amount, method == salon.ON_ACCOUNT)
            for method, amount in zip(METHODS, given, strict=True)
            if amount
        ),
        pieces=back,
    )
    invoice = sell(*payments, pieces=pieces)
    gross = 1000 * (pieces - back)
    settlement = settle(invoice, returned, gross)
    assert sum(paid(settlement).values()) + settlement.owed == gross
    assert all(amount > 0 for amount in paid(settlement).values())
    assert settlement.owed >= 0
    more = {kind: amount for kind, amount in paid(settlement).items()}
    before = {tender.kind: tender.amount for tender in invoice.tenders}
    assert all(amount <= before[kind] for kind, amount in more.items())


@examples(200)
@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 99999)), min_size=1, max_size=4
    ),
    st.data(),
)
def test_invoice_and_corrections_are_what_was_kept(sold, data):
    """To the forint, whatever comes back and in however many parts."""
    entries = [
        entry(number, Decimal(cents * pieces) / 100, pieces)
        for number, (pieces, cents) in enumerate(sold, 1)
    ]
    policy = salon.make_policy()
    total = sum(Decimal(one["gross"]) for one in entries)
    sale = Sale.from_snapshot(sale_snapshot(entries, (salon.CARD, total)))
    invoice = build(sale, policy, salon.KEY, today=DAY)
    standing, returned = list(invoice.lines), []
    for number in range(1, 4):
        for one, (_pieces, cents) in zip(entries, sold, strict=True):
            gone = [back for back in returned if back["refunds"] == one["line"]]
            left = int(one["quantity"]) + sum(int(back["quantity"]) for back in gone)
            if count := data.draw(st.integers(0, left)):
                back = Decimal(-count * cents) / 100
                line = 100 * number + one["line"]
                returned.append(entry(line, back, -count, refunds=one["line"]))
        kept = kept_entries(entries, returned, "HUF")
        lines = kept_lines(invoice, kept, "HUF", policy)
        standing += correct_to(invoice, standing, lines, policy)
        assert sum(line.gross for line in standing) == sum(line.gross for line in lines)


def correct_to(invoice, standing, lines, policy):
    """Return the lines of the correction, none where nothing is to be corrected."""
    amendment = Amendment(key=KEY, returned=take_back(pieces=0), today=DAY)
    try:
        return correction(
            invoice, tuple(standing), lines, "SZ-1", amendment, policy
        ).lines
    except ValueError:  # no line, for what came back for nothing
        return ()
