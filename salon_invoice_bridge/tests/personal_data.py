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
}

#: Model -> {column: rule}.
PERSONAL = {
    "salon.invoice.document": {
        "buyer_name": "document",
        "buyer_email": "document",
        "buyer_tax_number": "document",
        "figures": "document",
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
    # What was mended may be a customer.
    "salon.invoice.batch": {"about": "leftover"},
    "salon.invoice.batch.line": {"emails": "leftover", "message": "leftover"},
    "salon.invoice.answer": {"answer": "leftover"},
    "salon.invoice.difference": {"remote": "leftover", "note": "document"},
    "salon.invoice.month": {"content": "leftover"},
    "salon.invoice.month.finding": {"detail": "leftover"},
    "salon.invoice.lookup": {"number": "lookup", "answer": "lookup"},
    "salon.invoice.request": dict.fromkeys(
        (
            *("tax_number", "buyer_name", "postcode", "city", "street", "email"),
            *("taxpayer", "reason"),
        ),
        "request",
    ),
    "salon.invoice.partner": {"remote_id": "customer", "synced": "customer"},
    "res.partner": {"salon_unverified_number": "customer"},
    "salon.invoice.buyer": {"plan": "form"},
    "salon.invoice.decline": {"reason": "form"},
    "salon.invoice.preview": {"pdf": "form", "pdf_status": "form"},
    "salon.invoice.send": {"emails": "form"},
    "salon.invoice.settle": {"listed": "form", "note": "form"},
    "salon.invoice.storno": {"reason": "form"},
}

#: Model -> columns that say nothing of a customer: numbers, codes, ids, hashes, and
#: what is the salon's own.
NOT_PERSONAL = {
    "pos.config": ("salon_block", "salon_receipt_block"),
    "pos.order": ("salon_paper_number",),
    "res.company": (
        *("salon_comment", "salon_vat_changes", "salon_walk_in_name"),
        *("salon_walk_in_postcode", "salon_walk_in_city", "salon_walk_in_street"),
        *("salon_mail_subject", "salon_mail_text", "salon_mail_reply_to"),
        "salon_month_email",
    ),
    "salon.invoice.account": (
        *("name", "tax_number", "info", "fingerprint", "database_uuid"),
        *("block", "receipt_block", "bank_account", "bank_name"),
        *("pause_reason", "failure", "red_checks", "export_kind", "export_option"),
    ),
    "salon.invoice.answer": ("number",),
    "salon.invoice.attempt": ("reason", "code", "remote_id", "number", "body_hash"),
    "salon.invoice.choice": ("remote_id", "name", "detail", "currency"),
    "salon.invoice.connect": (
        *("base_url", "problem", "problem_provider", "remedy", "said"),
        *("verified_info", "tax_number", "block_prefix", "receipt_prefix"),
        *("bank_name", "bank_number", "salon_walk_in_postcode"),
        *("salon_walk_in_city", "salon_walk_in_street"),
    ),
    "salon.invoice.connect.choice": (
        *("kind", "remote_id", "name", "detail", "currency"),
    ),
    "salon.invoice.credential": ("api_key", "public_key", "base_url"),
    "salon.invoice.daily": ("differences",),
    "salon.invoice.daily.line": ("series", "first_number"),
    "salon.invoice.difference": (*("key", "number", "remote_id", "findings", "offer"),),
    "salon.invoice.disconnect": ("reason",),
    "salon.invoice.document": (
        *("external_key", "number", "remote_id", "paper_number"),
        *("payments", "kept_off"),
        *("problem_cause", "problem_reason", "lookup_only_reason"),
    ),
    "salon.invoice.month": ("failure", "sums", "wanted", "mail_to"),
    "salon.invoice.month.export": (
        *("kind", "name", "option", "remote_id", "detail", "file_name"),
    ),
    "salon.invoice.month.finding": ("number", "sale_name", "shop"),
    "salon.invoice.month.part": ("file_name",),
    "salon.invoice.month.prepare": ("export_option",),
    "salon.invoice.paper.number": ("number",),
    "salon.invoice.partner": ("fingerprint",),
    "salon.invoice.reconciliation": (
        *("proof", "doubts", "missing_numbers", "returned", "trouble"),
        *("wanted", "looks", "alerted"),
    ),
    "salon.invoice.settle": ("number",),
    "salon.invoice.sum": ("code",),
    "salon.invoice.task": ("res_model",),
}
