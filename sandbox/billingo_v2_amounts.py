"""Billingo v2: what a request adds up to."""

from decimal import ROUND_HALF_UP, Decimal

from .billingo_v2_tables import INVOICE, ITEM, PRODUCT_ITEM
from .billingo_v2_wire import Refusal, hold


def check(values):
    """Refuse a request for a document that is not what the tables say."""
    items = values.get("items")
    if not isinstance(items, list):
        items = []
    hold(INVOICE, {**values, "items": []})
    if not items:
        message = "There must be a minimum of 1 items in the array"
        raise Refusal(400, errors={"items": message})
    for index, item in enumerate(items):
        product = isinstance(item, dict) and "product_uid" in item
        _hold_item(PRODUCT_ITEM if product else ITEM, item, index)
        if not product and ("net_unit_price" in item) == ("gross_unit_price" in item):
            message = "One of net_unit_price and gross_unit_price is required"
            raise Refusal(400, errors={f"items[{index}]": message})


def _hold_item(rule, item, index):
    try:
        hold(rule, item)
    except Refusal as refusal:
        errors = refusal.errors.items()
        raise Refusal(
            400, errors={f"items[{index}].{name}": text for name, text in errors}
        ) from None


def total(account, values, rates):
    """Return ``(items, total)``: the items as they are shown, and the gross total.

    :param rates: VAT id -> (value, description)
    """
    shown, gross = [], Decimal(0)
    for item in values["items"]:
        if "product_uid" in item:
            item = _product(account, item)
        if item["vat_id"] not in rates:
            raise Refusal(400, "VAT not found")
        factor = 1 + Decimal(rates[item["vat_id"]][0])
        net, amount = _line(item, factor, account["net_decimals"])
        gross += amount
        shown.append(
            {
                "description": item["description"],
                "net_unit_price": f"{net:.3f}",
                "qty": f"{Decimal(item['qty']):.3f}",
                "unit": item["unit"],
                "vat_id": str(item["vat_id"]),
                "item_comment": item.get("item_comment", ""),
                "entitlement": item.get("entitlement", ""),
            }
        )
    return shown, _round(gross, values.get("round_to", 0))


def _line(item, factor, net_decimals):
    """Return ``(net unit price, gross amount)`` of an item."""
    qty = Decimal(item["qty"])
    if "net_unit_price" in item:
        net = Decimal(item["net_unit_price"])
        return net, net * factor * qty
    gross = Decimal(item["gross_unit_price"])
    if net_decimals is None:
        return gross / factor, gross * qty
    net = (gross / factor).quantize(Decimal(1).scaleb(-net_decimals), ROUND_HALF_UP)
    return net, net * factor * qty


def _product(account, item):
    for product in account["products"]:
        if product["id"] == item["product_uid"]:
            return {
                "description": product["name"],
                "vat_id": product["vat_id"],
                "net_unit_price": Decimal(product["price"]),
                "unit": product["unit"],
                "qty": item["qty"],
            }
    raise Refusal(400, "Product not found")


def _round(amount, step):
    """Round to a multiple of ``step`` (0 for the three decimals that are kept)."""
    if not step:
        return amount.quantize(Decimal("0.001"), ROUND_HALF_UP)
    return (amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step


def plain(text):
    """Return "4445.000" as "4445"."""
    return text.rstrip("0").rstrip(".") if "." in text else text
