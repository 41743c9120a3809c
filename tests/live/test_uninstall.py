"""What is left when the addon is uninstalled, on a real database."""

import csv
import io
import json
import subprocess

from devtools.paths import ROOT

#: Runs in Odoo's shell: two sales, of which one is issued, one has a lost answer.
SELL = """
import json

from odoo.exceptions import UserError

account = env["salon.invoice.account"].search([("state", "=", "connected")], limit=1)
company = account.company_id
env = env(context={"allowed_company_ids": company.ids, "lang": "en_US"})
env.user.write({"company_ids": [(4, company.id)], "company_id": company.id})
cashier = env["res.users"].search([("login", "=", "receptionist")])
config = account._shops()[:1].with_env(env).with_user(cashier)
config.open_ui()
session = config.current_session_id
session.set_opening_control(0, "")
product = env["product.product"].search([("available_in_pos", "=", True)], limit=1)
orders = env["pos.order"].create([{
    "company_id": company.id,
    "session_id": session.id,
    "name": f"Teszt/{number}",
    "pos_reference": f"100-1-{number}",
    "amount_total": 0, "amount_tax": 0, "amount_paid": 0, "amount_return": 0,
    "lines": [(0, 0, {"product_id": product.id, "qty": 1, "price_unit": 0,
                      "price_subtotal": 0, "price_subtotal_incl": 0})],
} for number in (1, 2)])
issued, lost = env["salon.invoice.document"].create([
    {"order_id": order.id, "account_id": account.id, "kind": "invoice"}
    for order in orders
])
issued.write({"state": "issued", "number": "=SZ / 2026-1", "amount_gross": 8900})
issued._attach_pdf(b"%PDF-1.4 of the first sale")
lost.write({"state": "checking", "paper_number": "AB 000017"})
env.cr.commit()

def refused(act):
    try:
        act()
    except UserError as error:
        return str(error)

module = env.ref("base.module_salon_invoice_bridge")
wizard = env["base.module.uninstall"].create({"module_ids": module.ids})
told = refused(wizard.action_uninstall)
wizard.salon_confirmed = True
sending = refused(wizard.action_uninstall)
cascade = refused(env.ref("base.module_point_of_sale").button_uninstall)
env.cr.rollback()
print("RESULT " + json.dumps({
    "told": told, "sending": sending, "cascade": cascade, "state": module.state,
    "pdf": issued.pdf_id.id, "order": orders[0].id,
}))
"""

#: Runs in Odoo's shell: the answer is settled, and the addon goes.
UNINSTALL = """
env["salon.invoice.document"].search([("state", "=", "checking")]).state = "attention"
module = env.ref("base.module_salon_invoice_bridge")
wizard = env["base.module.uninstall"].create({"module_ids": module.ids})
wizard.salon_confirmed = True
wizard.action_uninstall()
"""

#: Runs in Odoo's shell, without the addon.
LOOK = """
import json

pdf = env["ir.attachment"].browse(PDF)
name = "salon_invoice_documents.csv"
table = env["ir.attachment"].search([("name", "=", name)])
accountant = env["res.users"].search([("login", "=", "accountant")])
print("RESULT " + json.dumps({
    "state": env["ir.module.module"].search(
        [("name", "=", "salon_invoice_bridge")]).state,
    "models": env["ir.model"].search_count([("model", "=like", "salon.invoice%")]),
    "owner": [pdf.res_model, pdf.res_id],
    "pdf": pdf.raw.decode(),
    "tables": table.raw.decode("utf-8-sig"),
    "record": [table.res_model, table.res_id, table.public],
    "accountant_reads": table.with_user(accountant).has_access("read"),
    "administrator_reads": table.with_user(env.ref("base.user_admin")).has_access(
        "read"),
}))
"""


def run(databases, database, script):
    """Run a script in Odoo's shell and return what it says after RESULT, if it does."""
    done = subprocess.run(
        databases.odoo_command(database, "--no-http", command="shell"),
        input=script,
        env=databases.odoo_environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert not done.returncode, done.stderr
    if "print(" in script:
        assert "RESULT " in done.stdout, done.stderr
        return json.loads(done.stdout.partition("RESULT ")[2].splitlines()[0])
    return None


def test_pdfs_and_a_list_of_the_documents_stay_when_the_addon_goes(databases, database):
    before = run(databases, database, SELL)
    assert "2 documents" in before["told"]
    assert "1 PDFs" in before["told"]
    assert "100-1-2" in before["sending"]
    assert "100-1-2" in before["cascade"]
    assert before["state"] == "installed"

    run(databases, database, UNINSTALL)

    after = run(databases, database, LOOK.replace("PDF)", f"{before['pdf']})"))
    assert (after["state"], after["models"]) == ("uninstalled", 0)
    assert after["owner"] == ["pos.order", before["order"]]
    assert after["pdf"] == "%PDF-1.4 of the first sale"
    assert after["record"] == [False, False, False]
    assert (after["administrator_reads"], after["accountant_reads"]) == (True, False)
    rows = list(csv.DictReader(io.StringIO(after["tables"])))
    assert [row["receipt"] for row in rows] == ["100-1-1", "100-1-2"]
    assert rows[0]["number"] == "'=SZ / 2026-1"
    assert float(rows[0]["amount_gross"]) == 8900
    assert [row["state"] for row in rows] == ["issued", "attention"]
    assert [row["paper_number"] for row in rows] == ["", "AB 000017"]
