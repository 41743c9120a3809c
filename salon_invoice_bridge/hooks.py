import csv
import io

#: What stays of each document when the addon goes, as columns of a table.
KEPT = (
    "id",
    "company_id",
    "account_id",
    "order_id",
    "kind",
    "is_receipt",
    "state",
    "number",
    "issued_at",
    "issue_date",
    "fulfillment_date",
    "due_date",
    "amount_net",
    "amount_tax",
    "amount_gross",
    "currency_id",
    "buyer_name",
    "buyer_email",
    "buyer_tax_number",
    "origin_id",
    "remote_id",
    "external_key",
    "public_url",
    "skip_reason",
    "paper_number",
)


def uninstall_hook(env):
    """Leave what the law has kept for years: each PDF, and a list of the documents.

    A PDF goes to its sale. The list has no record, so that administrators alone may
    read it: what belongs to a company is read by all who work there.
    """
    env.flush_all()
    env.cr.execute(
        "UPDATE ir_attachment SET res_model = 'pos.order', res_id = document.order_id, "
        "res_field = NULL FROM salon_invoice_document document "
        "WHERE ir_attachment.id = document.pdf_id"
    )
    env.invalidate_all()
    documents = env["salon.invoice.document"].with_context(active_test=False)
    rows = documents.search_read([], KEPT, order="id", load=False)
    if rows:
        env["ir.attachment"].create(
            {
                "name": "salon_invoice_documents.csv",
                "mimetype": "text/csv",
                "raw": _table(env, rows).encode("utf-8-sig"),
            }
        )


def _table(env, rows):
    """Return ``rows`` (dicts) as CSV, records by their ids and the sale by its name."""
    sales = env["pos.order"].browse({row["order_id"] for row in rows})
    names = {sale.id: (sale.name, sale.pos_reference) for sale in sales}
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow([*KEPT, "sale", "receipt"])
    for row in rows:
        cells = [row[name] for name in KEPT] + list(names[row["order_id"]])
        table.writerow([_cell(value) for value in cells])
    return text.getvalue()


def _cell(value):
    """Return a value as text that no spreadsheet takes for a formula."""
    if value is False or value is None:
        return ""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
