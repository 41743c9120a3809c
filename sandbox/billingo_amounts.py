"""How a document adds up at the emulated Billingo: line by line, gross first."""

from decimal import ROUND_HALF_UP, Decimal

from .billingo_tables import VAT
from .billingo_wire import plain

WHOLE = {"HUF", "ISK", "JPY", "KRW"}
_ROUND = {"none": None, "one": 1, "five": 5, "ten": 10}


def items(data):
    """Return the answer's items for the items of a request, amounts worked out."""
    step = Decimal(1) if data["currency"] in WHOLE else Decimal("0.01")
    return [_item(item, step) for item in data["items"]]


def _item(item, step):
    rate = Decimal(VAT[item["vat"]])
    price, quantity = Decimal(item["unit_price"]), Decimal(item["quantity"])
    if item["unit_price_type"] == "gross":
        gross = _round(price * quantity, step)
        vat = _round(gross * rate / (100 + rate), step)
        net, net_price = gross - vat, price * 100 / (100 + rate)
    else:
        net = _round(price * quantity, step)
        vat = _round(net * rate / 100, step)
        gross, net_price = net + vat, price
    answer = {
        "product_id": None,
        "name": item["name"],
        "net_unit_amount": _round(net_price, Decimal("0.000001")),
        "quantity": quantity,
        "unit": item["unit"],
        "net_amount": net,
        "gross_amount": gross,
        "vat": item["vat"],
        "vat_amount": vat,
        "comment": item.get("comment", ""),
        "sku": item.get("sku", ""),
    }
    if "entitlement" in item:
        answer["entitlement"] = item["entitlement"]
    return {
        name: plain(value) if isinstance(value, Decimal) else value
        for name, value in answer.items()
    }


def total(lines, rounding):
    """Return the gross total of the answer's items, as the ``round`` setting has it."""
    gross = sum(Decimal(str(line["gross_amount"])) for line in lines)
    step = _ROUND[rounding]
    return plain(_round(gross / step, Decimal(1)) * step if step else gross)


def summary(lines, rate):
    """Return a document's ``summary``; ``rate`` is HUF for one unit of its currency."""
    rate, rates = Decimal(str(rate)), {}
    for line in lines:
        sums = rates.setdefault(line["vat"], [Decimal(0)] * 3)
        for index, name in enumerate(("net_amount", "vat_amount", "gross_amount")):
            sums[index] += Decimal(str(line[name]))
    net = sum(sums[0] for sums in rates.values())
    vat = sum(sums[1] for sums in rates.values())
    return {
        "net_amount": plain(net),
        "net_amount_local": _local(net, rate),
        "gross_amount_local": _local(net + vat, rate),
        "vat_amount": plain(vat),
        "vat_amount_local": _local(vat, rate),
        "vat_rate_summary": [
            {
                "vat_name": name,
                "vat_percentage": plain(Decimal(VAT[name])),
                "vat_rate_net_amount": plain(sums[0]),
                "vat_rate_vat_amount": plain(sums[1]),
                "vat_rate_vat_amount_local": _local(sums[1], rate),
                "vat_rate_gross_amount": plain(sums[2]),
            }
            for name, sums in rates.items()
        ],
    }


def negated(lines):
    """Return the items of a storno."""
    names = ("quantity", "net_amount", "gross_amount", "vat_amount")
    return [{**line, **{name: -line[name] for name in names}} for line in lines]


def _local(amount, rate):
    return plain(_round(amount * rate, Decimal("0.01")))


def _round(amount, step):
    return amount.quantize(step, ROUND_HALF_UP)
