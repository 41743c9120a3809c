"""Gift cards, eWallets and order discounts of Odoo's own addons, really installed."""

import json
import subprocess

from devtools.paths import ROOT

#: Runs in Odoo's shell: a salon with gift cards, and functions that sell.
SALON = """
import json, uuid

config = env["pos.config"].search([("name", "=", "Szalon")])
env = env(context={"allowed_company_ids": config.company_id.ids})
config = config.with_env(env)
haircut = env["product.product"].search([("name", "=", "Női hajvágás")])
by_card = config.payment_method_ids.filtered(lambda m: m.salon_payment_kind == "card")
cashier = env["res.users"].search([("login", "=", "receptionist")])
config = config.with_user(cashier)
config.open_ui()
session = config.current_session_id
session.set_opening_control(0, "")
program = env["loyalty.program"].create_from_template("gift_card")
program = env["loyalty.program"].browse(program["res_id"])
sold = program.rule_ids.product_ids
reward = program.reward_ids


def line(product, price, **values):
    taxes = values.pop("taxes", product.taxes_id)
    amounts = taxes.compute_all(price, quantity=1)
    return (0, 0, {
        "uuid": str(uuid.uuid4()), "product_id": product.id, "qty": 1,
        "full_product_name": product.name, "price_unit": price,
        "tax_ids": [(6, 0, taxes.ids)],
        "price_subtotal": amounts["total_excluded"],
        "price_subtotal_incl": amounts["total_included"], **values})


def sell(*lines, **values):
    total = sum(values["price_subtotal_incl"] for _a, _b, values in lines)
    own = str(uuid.uuid4())
    env["pos.order"].with_user(cashier).sync_from_ui([{
        "uuid": own, "access_token": own, "name": "/", "state": "paid",
        "session_id": session.id, "user_id": cashier.id, "amount_total": total,
        "amount_tax": 0, "amount_paid": total, "amount_return": 0,
        "last_order_preparation_change": "{}", "lines": list(lines),
        "payment_ids": [(0, 0, {"uuid": str(uuid.uuid4()), "amount": total,
                                "payment_method_id": by_card.id})], **values}])
    return env["pos.order"].search([("uuid", "=", own)])
"""

#: Prints what the documents of three sales would say.
MONEY = """
config.with_user(env.user).company_id.salon_voucher_sale = "skip"
coupon = env["loyalty.card"].create({"program_id": program.id, "points": 5000})
promotion = env["loyalty.program"].create({
    "name": "Hűség", "program_type": "promotion", "trigger": "auto",
    "rule_ids": [(0, 0, {})],
    "reward_ids": [(0, 0, {"reward_type": "discount", "discount": 10,
                           "discount_mode": "percent",
                           "discount_applicability": "order"})],
})


def told(order):
    document = order.salon_document_id
    if document.state != "waiting":
        return document.skip_reason
    invoice = document._make_invoice(document._policy())
    return {
        "lines": [[row.vat, str(row.gross)] for row in invoice.lines],
        "tenders": {row.kind.value: str(row.amount) for row in invoice.tenders},
    }


print("RESULT", json.dumps({
    "sold": told(sell(line(sold, 5000))),
    "redeemed": told(sell(
        line(haircut, 8900),
        line(reward.discount_line_product_id, -5000, reward_id=reward.id,
             is_reward_line=True, coupon_id=coupon.id))),
    "promotion": told(sell(
        line(haircut, 8900),
        line(promotion.reward_ids.discount_line_product_id, -890,
             reward_id=promotion.reward_ids.id, is_reward_line=True,
             taxes=haircut.taxes_id))),
}))
env.cr.rollback()
"""

#: Sells single-purpose cards as the till does, pays with them, and issues all of it.
SINGLE = """
account = config.with_user(env.user).company_id.salon_account_id
none = env["account.tax"]
sold.product_tmpl_id.write({"salon_voucher_kind": "single", "salon_voucher_vat": "27"})
guest = env["res.partner"].create({"name": "Kiss Anna"})
wallet = env["loyalty.program"].create_from_template("ewallet")
wallet = env["loyalty.program"].browse(wallet["res_id"])
top_up = wallet.rule_ids.product_ids
top_up.product_tmpl_id.salon_voucher_kind = "multi"
visits = haircut.copy({
    "name": "Bérlet", "salon_role": "voucher", "salon_voucher_kind": "single"})
ten = env["loyalty.program"].create({
    "name": "10 alkalom", "program_type": "loyalty", "applies_on": "both",
    "trigger": "auto", "rule_ids": [(0, 0, {
        "product_ids": visits.ids, "reward_point_amount": 10,
        "reward_point_mode": "unit"})],
    "reward_ids": [(0, 0, {"reward_type": "product", "required_points": 1,
                           "reward_product_id": haircut.id})]})
again = env["loyalty.program"].create({
    "name": "Visszavárjuk", "program_type": "next_order_coupons",
    "applies_on": "future", "trigger": "auto",
    "rule_ids": [(0, 0, {"product_ids": haircut.ids})],
    "reward_ids": [(0, 0, {"reward_type": "discount", "discount": 10,
                           "discount_mode": "percent",
                           "discount_applicability": "order"})]})


def confirm(order, program, points, **values):
    order.with_user(cashier).confirm_coupon_programs({
        str(key): {"points": more, "program_id": program.id, "coupon_id": key, **values}
        for key, more in points.items()})


def cards(order):
    return env["loyalty.card"].search([("source_pos_order_id", "=", order.id)])


def use(card, amount, *lines, paid_by=reward):
    less = line(paid_by.discount_line_product_id, -amount, taxes=none,
                reward_id=paid_by.id, is_reward_line=True, coupon_id=card.id)
    order = sell(*(lines or [line(haircut, 8900)]), less)
    confirm(order, card.program_id, {card.id: -amount})
    return order


def issue():
    env.cr.commit()
    for _turn in range(3):
        account._run_lane()
    env.invalidate_all()


def told(order):
    document = order.salon_document_id
    if document.state != "issued":
        return [document.state, document.skip_reason or document.problem]
    if document.kind != "invoice":
        return [document.kind]
    return [[row.vat, str(row.gross), row.settles]
            for row in document._invoice().lines]


first = sell(line(sold, 5000))
confirm(first, program, {-1: 5000})
two = sell(line(sold, 7000), line(sold, 9000))
confirm(two, program, {-1: 7000, -2: 9000})
issue()
(card,) = cards(first)
by_worth = {one.points: one for one in cards(two)}
uses = [use(card, 3000), use(card, 2000), use(by_worth[9000.0], 8900)]
topped = [sell(line(top_up, 4000, taxes=none)), sell(line(top_up, 6000, taxes=none))]
confirm(topped[0], wallet, {-1: 4000}, partner_id=guest.id)
(purse,) = cards(topped[0])
once = use(purse, 1000, paid_by=wallet.reward_ids)
confirm(topped[1], wallet, {purse.id: 6000}, partner_id=guest.id)
twice = use(purse, 5000, paid_by=wallet.reward_ids)
bought = sell(line(visits, 80000))
confirm(bought, ten, {-1: 10}, partner_id=guest.id)
(visit_card,) = cards(bought)
visit = use(visit_card, 8900, paid_by=ten.reward_ids)
issue()
earned = sell(line(haircut, 8900))
confirm(earned, again, {-1: 1})
less = line(again.reward_ids.discount_line_product_id, -890, taxes=haircut.taxes_id,
            reward_id=again.reward_ids.id, is_reward_line=True,
            coupon_id=cards(earned).id)
cheaper = sell(line(haircut, 8900), less)
issue()
back = line(sold, -5000, qty=-1, price_unit=5000, refunded_orderline_id=first.lines.id)
returned = sell(back, is_refund=True)
issue()
print("RESULT", json.dumps({
    "numbers": [order.salon_document_id.number for order in (first, two)],
    "sold": [told(first), told(two)],
    "used": list(map(told, uses)),
    "lines": two.lines.ids,
    "settled": [order.lines.salon_settles_id.ids for order in uses],
    "top_up": [told(order)[1] for order in topped],
    "purse": [told(once), told(twice)],
    "purse_settled": [len(order.lines.salon_settles_id) for order in (once, twice)],
    "pass": [told(bought), told(visit)],
    "coupon": [told(cheaper), cheaper.lines.salon_settles_id.ids],
    "returned": told(returned)[0],
}))
env.cr.commit()
"""


def run(databases, database, script):
    """Run a script in Odoo's shell, and return what it prints as its result."""
    databases.install(database, "--init", "pos_loyalty,pos_discount")
    done = subprocess.run(
        databases.odoo_command(database, "--no-http", command="shell"),
        input=SALON + script,
        env=databases.odoo_environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert "RESULT " in done.stdout, done.stderr
    return json.loads(done.stdout.partition("RESULT ")[2].splitlines()[0])


def test_what_odoos_own_addons_put_on_a_sale(databases, database, scene):
    """A gift card is no supply when it is sold and a payment when it is redeemed; a
    promotion lowers the price of what was sold."""
    result = run(databases, database, MONEY)
    assert result["sold"] == "voucher"
    assert result["redeemed"] == {
        "lines": [["27", "8900"]],
        "tenders": {"card": "3900", "voucher": "5000"},
    }
    assert result["promotion"] == {
        "lines": [["27", "8010"]],
        "tenders": {"card": "8010"},
    }


def test_a_single_purpose_card_is_invoiced_at_its_sale_and_found_when_it_is_used(
    databases, database, scene
):
    """VAT Act 18/A (sure): of what a card pays for, nothing is invoiced again. Each of
    several cards is that of its own line; a wallet that was filled up twice is what its
    product says; a pass is a loyalty program of vouchers (an inference); a coupon that
    was earned by buying is a discount."""
    result = run(databases, database, SINGLE)
    first, two = result["numbers"]
    assert result["sold"] == [
        [["27", "5000", ""]],
        [["27", "7000", ""], ["27", "9000", ""]],
    ]
    assert result["used"] == [
        [["27", "8900", ""], ["27", "-3000", first]],
        [["27", "8900", ""], ["27", "-2000", first]],
        ["skipped", "voucher_used"],
    ]
    assert result["settled"][2] == [result["lines"][1]]
    assert result["top_up"] == ["voucher", "voucher"]
    assert result["purse"] == [[["27", "8900", ""]], [["27", "8900", ""]]]
    assert result["purse_settled"] == [1, 0]
    assert result["pass"] == [[["27", "80000", ""]], ["skipped", "voucher_used"]]
    assert result["coupon"] == [[["27", "8010", ""]], []]
    assert result["returned"] == "attention"  # part of it has been used
