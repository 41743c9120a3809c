"""Gift cards, eWallets and order discounts of Odoo's own addons, really installed."""

import json
import subprocess

from devtools.paths import ROOT

#: Runs in Odoo's shell; prints what the documents of three sales would say.
SCRIPT = """
import json, uuid

config = env["pos.config"].search([("name", "=", "Szalon")])
env = env(context={"allowed_company_ids": config.company_id.ids})
config = config.with_env(env)
config.company_id.salon_voucher_sale = "skip"
haircut = env["product.product"].search([("name", "=", "Női hajvágás")])
card = config.payment_method_ids.filtered(lambda m: m.salon_payment_kind == "card")
cashier = env["res.users"].search([("login", "=", "receptionist")])
config = config.with_user(cashier)
config.open_ui()
session = config.current_session_id
session.set_opening_control(0, "")
program = env["loyalty.program"].create_from_template("gift_card")
program = env["loyalty.program"].browse(program["res_id"])
sold = program.rule_ids.product_ids
reward = program.reward_ids
coupon = env["loyalty.card"].create({"program_id": program.id, "points": 5000})
promotion = env["loyalty.program"].create({
    "name": "Hűség", "program_type": "promotion", "trigger": "auto",
    "rule_ids": [(0, 0, {})],
    "reward_ids": [(0, 0, {"reward_type": "discount", "discount": 10,
                           "discount_mode": "percent",
                           "discount_applicability": "order"})],
})


def line(product, price, **values):
    taxes = values.pop("taxes", product.taxes_id)
    amounts = taxes.compute_all(price, quantity=1)
    return (0, 0, {
        "uuid": str(uuid.uuid4()), "product_id": product.id, "qty": 1,
        "full_product_name": product.name, "price_unit": price,
        "tax_ids": [(6, 0, taxes.ids)],
        "price_subtotal": amounts["total_excluded"],
        "price_subtotal_incl": amounts["total_included"], **values})


def sell(*lines):
    total = sum(values["price_subtotal_incl"] for _a, _b, values in lines)
    answer = env["pos.order"].with_user(cashier).sync_from_ui([{
        "uuid": str(uuid.uuid4()), "access_token": "t", "name": "/", "state": "paid",
        "session_id": session.id, "user_id": cashier.id, "amount_total": total,
        "amount_tax": 0, "amount_paid": total, "amount_return": 0,
        "last_order_preparation_change": "{}", "lines": list(lines),
        "payment_ids": [(0, 0, {"uuid": str(uuid.uuid4()), "amount": total,
                                "payment_method_id": card.id})]}])
    order = env["pos.order"].browse(answer["pos.order"][0]["id"])
    document = order.salon_document_id
    if document.state != "waiting":
        return document.skip_reason
    invoice = document._make_invoice(document._policy())
    return {
        "lines": [[row.vat, str(row.gross)] for row in invoice.lines],
        "tenders": {row.kind.value: str(row.amount) for row in invoice.tenders},
    }


print("RESULT", json.dumps({
    "sold": sell(line(sold, 5000)),
    "redeemed": sell(
        line(haircut, 8900),
        line(reward.discount_line_product_id, -5000, reward_id=reward.id,
             is_reward_line=True, coupon_id=coupon.id)),
    "promotion": sell(
        line(haircut, 8900),
        line(promotion.reward_ids.discount_line_product_id, -890,
             reward_id=promotion.reward_ids.id, is_reward_line=True,
             taxes=haircut.taxes_id)),
}))
env.cr.rollback()
"""


def test_what_odoos_own_addons_put_on_a_sale(databases, database, scene):
    """A gift card is no supply when it is sold and a payment when it is redeemed; a
    promotion lowers the price of what was sold."""
    databases.install(database, "--init", "pos_loyalty,pos_discount")
    done = subprocess.run(
        databases.odoo_command(database, "--no-http", command="shell"),
        input=SCRIPT,
        env=databases.odoo_environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert "RESULT " in done.stdout, done.stderr
    result = json.loads(done.stdout.partition("RESULT ")[2].splitlines()[0])
    assert result["sold"] == "voucher"
    assert result["redeemed"] == {
        "lines": [["27", "8900"]],
        "tenders": {"card": "3900", "voucher": "5000"},
    }
    assert result["promotion"] == {
        "lines": [["27", "8010"]],
        "tenders": {"card": "8010"},
    }
