"""What a document says in words: its comment, and amounts in its own language.

The texts come with the policy (:class:`~.policy.Texts`), so that they can be translated
where all others are.
"""

import re
from decimal import Decimal

from .sale import PAID_BESIDE_ROLES, Role

#: What the company's comment may name in braces: texts of the sale.
PLACEHOLDERS = ("reference", "order", "cashier", "shop", "note")
PLACEHOLDER = re.compile(r"\{(\w*)\}")


def choose_language(wanted, own, languages):
    """Return the language of a document (ISO 639).

    :param wanted: the sale's, or the customer's; None or False if not chosen
    :param own: the company's
    :param languages: those that the service prints
    """
    wanted = wanted or own
    return wanted if wanted in languages else own


def comment(sale, kept_off, settlement, policy):
    """Return the comment of a document.

    The company's own words, the number of the receipt, the payments where the one that
    the document names is not all of them, and what was paid for but kept off.

    :param kept_off: lines of the sale that are not on the document
    """
    parts = [
        fill(policy.comment, sale),
        policy.texts.receipt % sale.reference,
        _payments(sale, kept_off, settlement, policy),
        _kept_off(sale, kept_off, policy),
    ]
    if "{note}" not in policy.comment:
        parts.append(sale.note.strip())
    return "\n".join(filter(None, parts))


def fill(template, sale):
    """Return the company's comment with its placeholders filled."""

    def value(found):
        return getattr(sale, found[1]) if found[1] in PLACEHOLDERS else ""

    return PLACEHOLDER.sub(value, template).strip()


def money(amount, currency, language):
    """Return ``amount`` (Decimal) as people write it: "8 900 Ft", "22,40 EUR".

    :param str language: ISO 639; all but English have a decimal comma
    """
    amount = amount.normalize()
    if amount == amount.to_integral():
        amount = amount.quantize(Decimal(1))
    elif amount.as_tuple().exponent == -1:
        amount = amount.quantize(Decimal("0.01"))
    text = f"{amount:,f} {'Ft' if currency == 'HUF' else currency}".replace(",", " ")
    return text if language == "en" else text.replace(".", ",")


def one_line(text):
    """Return ``text`` with each run of white space as one blank."""
    return " ".join(text.split())


def _payments(sale, kept_off, settlement, policy):
    """Return the payments by name, "" where the document itself says it all."""
    paid = [(payment.name, payment.amount) for payment in sale.payments]
    paid += [
        (line.name, -line.gross) for line in kept_off if line.role is Role.REDEEMED
    ]
    if len(paid) < 2 and not settlement.rounding:
        return ""
    named = ", ".join(
        f"{name} {money(amount, sale.currency, policy.language)}"
        for name, amount in paid
    )
    text = policy.texts.paid % named
    if settlement.rounding:
        rounding = money(settlement.rounding, sale.currency, policy.language)
        text += policy.texts.rounding % rounding
    return text


def _kept_off(sale, kept_off, policy):
    """Return what was paid for but is on no invoice, "" if nothing."""
    named = ", ".join(
        f"{one_line(line.name)} {money(line.gross, sale.currency, policy.language)}"
        for role in PAID_BESIDE_ROLES
        for line in kept_off
        if line.role is role
    )
    return policy.texts.kept_off % named if named else ""
