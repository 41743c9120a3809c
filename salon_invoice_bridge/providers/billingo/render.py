"""Billingo's requests: pure, byte-stable, without credentials.

Source: DocumentInsert, ReceiptInsert, Partner and PaymentHistory of the vendor's
OpenAPI contracts 3.0.14 and 3.0.15.
"""

from ...billing.errors import Reason, Rejected
from ...billing.invoice import Kind, TaxKind
from ...billing.tax_number import format_hungarian
from .. import pricing, reductions, wire
from .tables import (
    ADVANCE,
    CURRENCIES,
    EXPORT_BASES,
    EXPORT_KINDS,
    INSERT_TYPES,
    PAYMENT_METHODS,
    RECEIPT,
    TAX_TYPES,
    language,
    receipt_vat,
    vat,
)

#: What a partner may hold besides what we know of it: kept when it is replaced.
PARTNER_EXTRAS = (
    "iban",
    "swift",
    "account_number",
    "general_ledger_number",
    "custom_billing_settings",
    "giro_settings",
    "partner_shipping",
    "internal_comment",
    "partner_show_type",
)


def document(invoice):
    """Return the body of POST /documents (and of the PUT that finalizes a draft).

    A proforma is never sent as paid: a block can be set to issue an invoice
    automatically when its proforma is paid: a second one for the same sale.

    A final invoice has its negative line from the caller, and names the advance
    invoices by their ids (``advance_invoice``: schemas, sure). That Billingo does not
    add a line of its own for them is an assumption, which the total of the answer is
    compared with; ``./dev probe billingo`` asks a test account.

    :raises Rejected: if the invoice says something that Billingo has no word for
    """
    paid = invoice.paid and invoice.kind is not Kind.PROFORMA
    body = {
        "vendor_id": invoice.external_key,
        "partner_id": identity(invoice.partner_id, "partner_id"),
        "block_id": identity(invoice.block, "block_id"),
    }
    if invoice.bank_account:
        body["bank_account_id"] = identity(invoice.bank_account.id, "bank_account_id")
    body.update(
        type=_insert_type(invoice),
        fulfillment_date=invoice.fulfillment_date.isoformat(),
        due_date=invoice.due_date.isoformat(),
        payment_method=PAYMENT_METHODS[invoice.payment_kind],
        language=language(invoice.language),
        **_currency(invoice),
        electronic=invoice.electronic,
        paid=paid,
        items=[item for line in invoice.lines for item in _items(line, invoice)],
    )
    if invoice.comment:
        body["comment"] = invoice.comment
    if invoice.advances:
        body["advance_invoice"] = [
            identity(advance.id, "advance_invoice") for advance in invoice.advances
        ]
    body["settings"] = {
        "without_financial_fulfillment": paid,
        "should_send_email": False,
        "round": "none",
        "order_number": invoice.order_number,
    }
    return wire.dumps(body)


def receipt(invoice):
    """Return the body of POST /documents/receipt.

    A receipt has neither partner, dates, order number nor comment, and names one way to
    pay. It is never an electronic one: that takes a larger plan. Its items have no
    quantity, only an amount, which is the gross of the line: so say integrations
    (WOO+), not the contract; the total that comes back is compared.

    :raises Rejected: if the sale says something that a receipt cannot say
    """
    lines = reductions.merge(invoice.lines, invoice.currency, receipt_vat)
    return wire.dumps(
        {
            "vendor_id": invoice.external_key,
            "block_id": identity(invoice.block, "block_id"),
            "type": RECEIPT,
            "payment_method": PAYMENT_METHODS[invoice.payment_kind],
            **_currency(invoice),
            "electronic": False,
            "items": [
                {
                    "name": _counted(line),
                    "unit_price": line.gross,
                    "vat": receipt_vat(line.vat),
                }
                for line in lines
            ],
        }
    )


def _counted(line):
    """Return what a line is called: "2 x Sampon", as a receipt is in Hungarian."""
    return line.name if line.quantity == 1 else pricing.label(line, "hu")


def is_receipt(request):
    """True if a rendered request (bytes) is that of a receipt."""
    try:
        body = wire.loads(request)
    except ValueError:
        return False
    return isinstance(body, dict) and body.get("type") == RECEIPT


def identity(text, field):
    """Return an id of Billingo's as the number that it is.

    :raises Rejected: if it is missing
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Rejected(f"{field} is missing", fields={field: text})
    return int(text)


def _insert_type(invoice):
    kind = invoice.kind
    if kind not in INSERT_TYPES:
        raise Rejected(
            f"Billingo does not issue a {kind.value} by this way",
            reason=Reason.UNSUPPORTED,
        )
    is_advance = invoice.advance and kind is Kind.INVOICE
    return ADVANCE if is_advance else INSERT_TYPES[kind]


def _currency(invoice):
    """Currency and rate: without a real rate the service refuses a foreign currency."""
    if invoice.currency not in CURRENCIES:
        raise Rejected(
            f"Billingo does not know the currency {invoice.currency}",
            fields={"currency": invoice.currency},
        )
    if invoice.currency == "HUF":
        return {"currency": "HUF"}
    if not invoice.exchange_rate or invoice.exchange_rate <= 0:
        raise Rejected(
            f"There is no exchange rate for {invoice.currency}",
            fields={"conversion_rate": ""},
        )
    return {"currency": invoice.currency, "conversion_rate": invoice.exchange_rate}


def _items(line, invoice):
    word, entitlement = vat(line.vat)
    items = []
    for name, quantity, price in pricing.parts(line, invoice):
        item = {
            "name": name,
            "unit_price": price,
            "unit_price_type": "gross",
            "quantity": quantity,
            "unit": line.unit or "db",
            "vat": word,
        }
        if line.comment and not items:
            item["comment"] = line.comment
        if entitlement:
            item["entitlement"] = entitlement
        if line.sku:
            item["sku"] = line.sku
        items.append(item)
    return items


def partner(buyer, known=None):
    """Return the body that creates a partner, or replaces the ``known`` one.

    Replacing is total, so what the salon's bookkeeper added at Billingo is carried
    over.  In a VAT group the group's number is the tax code, the member's own is beside
    it.

    :param dict known: the partner as the service answered it
    :raises Rejected: without a full address, which the service demands of everybody
    """
    address = {
        "country_code": buyer.country,
        "post_code": buyer.postcode.strip(),
        "city": buyer.city.strip(),
        "address": buyer.street.strip(),
    }
    missing = {f"address.{n}": "required" for n, value in address.items() if not value}
    if missing:
        raise Rejected("The buyer's address is not complete", fields=missing)
    tax_code, member = _tax_numbers(buyer)
    body = {
        "name": buyer.name.strip(),
        "address": address,
        "emails": list(buyer.emails),
        "taxcode": tax_code,
        "phone": buyer.phone,
        "tax_type": TAX_TYPES[buyer.tax_kind],
        "group_member_tax_number": member,
    }
    for name in PARTNER_EXTRAS:
        if known and known.get(name) is not None:
            body[name] = known[name]
    return body


def _tax_numbers(buyer):
    """Return the tax code and the number of a VAT group's member, "" where none."""
    if buyer.tax_kind is TaxKind.PRIVATE:
        return "", ""
    if buyer.tax_kind is not TaxKind.HUNGARIAN:
        return buyer.eu_tax_number or buyer.tax_number, ""
    own = format_hungarian(buyer.tax_number)
    if buyer.group_tax_number:
        return format_hungarian(buyer.group_tax_number), own
    return own, ""


def from_proforma(request):
    """Return the body of create-from-proforma for an invoice's rendered request."""
    body = {
        "document_type": request["type"],
        "fulfillment_date": request["fulfillment_date"],
        "due_date": request["due_date"],
        "document_format": "electronic" if request["electronic"] else "traditional",
    }
    if request.get("comment"):
        body["comment"] = request["comment"]
    return wire.dumps(body)


def cancellation(wish):
    """Return the body of cancel for a :class:`Cancellation`."""
    body = {}
    if wish.reason:
        body["cancellation_reason"] = wish.reason
    if wish.emails:
        body["cancellation_recipients"] = ",".join(wish.emails)
    return wire.dumps(body)


def export(query):
    """Return the body of POST /document-export.

    :param query: a :class:`.billing.bookkeeping.ExportQuery`
    :raises Rejected: there is no such kind of file, or it has no such option
    """
    kind = next((kind for kind in EXPORT_KINDS if kind.code == query.kind), None)
    if kind is None:
        raise Rejected(f"Billingo makes no {query.kind!r}", reason=Reason.UNSUPPORTED)
    unknown = set(query.options) - set(kind.options)
    if unknown:
        raise Rejected(
            f"{kind.name} has no {', '.join(sorted(unknown))}",
            reason=Reason.UNSUPPORTED,
        )
    body = {
        "query_type": EXPORT_BASES[query.basis],
        "start_date": query.since.isoformat(),
        "end_date": query.until.isoformat(),
        "export_type": kind.code,
    }
    if query.block:
        body["document_block_id"] = identity(query.block, "document_block_id")
    extra = {name: query.options[name] for name in sorted(query.options)}
    if any(extra.values()):
        body["filter_extra"] = {name: text for name, text in extra.items() if text}
    return wire.dumps(body)


def payments(tenders):
    """Return the body that makes ``tenders`` a document's whole payment history."""
    return wire.dumps(
        [
            {
                "date": tender.date.isoformat(),
                "price": tender.amount,
                "payment_method": PAYMENT_METHODS[tender.kind],
            }
            for tender in tenders
        ]
    )
