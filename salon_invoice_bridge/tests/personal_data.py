"""Where this addon keeps what is known of people, and by which rule it goes.

Of each stored text, JSON and binary column of the addon somebody has decided: it is in
one of the two tables, or ``test_personal_data.py`` fails. docs/privacy.md lists what is
personal, and is held to this file, too.
"""

#: Rule -> how long, for a reader of the page.
RULES = {
    "document": "the years of the company, 8 unless it has chosen more",
    "evidence": "90 days after the document is final, then its hash",
    "leftover": "30 days",
    "lookup": "a day",
    "request": "30 days; of an accepted one, as its document",
    "open": "until the document is made, refused for good or dropped",
    "customer": "as long as the customer is in Odoo",
    "form": "about an hour: a form that is open",
    "salon": "as long as the salon has it so: it is the salon's own",
}

#: Model -> {column: rule}.
PERSONAL = {
    "salon.invoice.document": {
        "buyer_name": "document",
        "buyer_email": "document",
        "sale_snapshot": "document",
        "invoice_values": "document",
        "remote_snapshot": "document",
        "request_body": "open",
        "next_values": "open",
        "public_url": "document",
        "reason": "document",
        "warning": "document",
        "problem": "document",
        "nav_detail": "document",
    },
    "salon.invoice.attempt": {
        "exchanges": "evidence",
        "result": "evidence",
        "message": "evidence",
    },
    "salon.invoice.task": {"arguments": "leftover", "message": "leftover"},
    "salon.invoice.lookup": {"number": "lookup", "answer": "lookup"},
    "salon.invoice.request": dict.fromkeys(
        (
            *("tax_number", "buyer_name", "postcode", "city", "street", "email"),
            *("taxpayer", "reason"),
        ),
        "request",
    ),
    "salon.invoice.partner": {"remote_id": "customer", "synced": "customer"},
    "salon.invoice.buyer": {"plan": "form"},
    "salon.invoice.decline": {"reason": "form"},
    "salon.invoice.send": {"emails": "form"},
    "salon.invoice.settle": {"note": "form"},
    "salon.invoice.storno": {"reason": "form"},
}

#: Model -> columns that say nothing of a customer.
NOT_PERSONAL = {}
