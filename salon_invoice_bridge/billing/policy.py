"""What a company, its till and its account decide about a document.

One value is read from Odoo for each document language of a till; every rule of
:mod:`.lines`, :mod:`.settlement`, :mod:`.buyer` and :mod:`.notes` asks it and nothing
else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from . import vat
from .exemption import AAM, VatChange, last_change, next_change
from .invoice import BankAccount, PaymentKind
from .mail import MailTemplate


class Tip(str, Enum):
    """Where a tip goes."""

    OUTSIDE = "outside"  # a line of its own, outside the scope of VAT
    SERVICE = "service"  # a service charge, at the VAT rates of what was sold
    NONE = "none"  # not on the document


class VoucherSale(str, Enum):
    """What a sold voucher is whose product does not say it, see :mod:`.voucher`."""

    SKIP = "skip"  # multi-purpose: not on the document, a payment when redeemed
    SALE = "sale"  # single-purpose: sold with its VAT, nothing when redeemed
    STOP = "stop"  # a person decides each time


class VatAnswer(str, Enum):
    """What a company that is exempt from VAT (AAM) does with taxes that charge it."""

    EXEMPT = "exempt"  # documents say AAM
    TAXES = "taxes"  # documents say the taxes


@dataclass(frozen=True, kw_only=True)
class Texts:
    """What we print on a document, in its language, with %-placeholders."""

    receipt: str  # "Receipt: %s"
    paid: str  # "Paid: %s"
    rounding: str  # " (rounding: %s)"
    kept_off: str  # "Not part of this invoice: %s"
    discount: str  # "Discount: %s%%"
    price_less: str  # "Price less %(amount)s: %(discount)s"
    first_invoice: str  # "First invoice of this sale: %s"
    settled: str  # "Invoiced before: %s"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The settings that apply to one till's documents in one language.

    ``payment_kinds`` and ``vat_codes`` have every payment method and tax of the company
    by its id: None for a method without a kind, "" for a tax without a code.
    ``method_due_days`` has the methods that have due days of their own.
    """

    # What is on the document
    tip: Tip
    voucher_sale: VoucherSale | None  # None: not answered yet
    default_vat: str  # of what is sold without a tax
    vat_answer: VatAnswer | None  # None: not answered yet
    vat_changes: tuple[VatChange, ...] = ()  # of the status, see on()
    exempt_as: str | None = None  # see charged_vat(); of a day, see on()
    vat_codes: Mapping[int, str]
    payment_kinds: Mapping[int, PaymentKind | None]
    default_payment_kind: PaymentKind
    due_days: int  # of what is owed, or paid by transfer
    method_due_days: Mapping[int, int] = field(default_factory=dict)  # of methods
    # The buyer
    accepts_business: bool
    walk_in_name: str
    walk_in_postcode: str
    walk_in_city: str
    walk_in_street: str
    # The form
    language: str  # of the document, ISO 639
    texts: Texts  # in this language
    comment: str  # the company's own, in this language, with placeholders in braces
    electronic: bool  # an e-invoice where the buyer has an e-mail address
    send_email: bool
    mail: MailTemplate | None = None  # None: the service's e-mails are in its own words
    # The account
    block: str  # block id, or number prefix
    bank_account: str  # the chosen one: its id, or its number; "" for none
    bank_name: str
    bank_accounts: tuple[BankAccount, ...]  # those that the service lists
    # The service
    needs_address: bool  # it keeps partners, and wants an address of each
    has_other_payment: bool  # it has a word for PaymentKind.OTHER

    def on(self, day):
        """Return this policy as it is for the sales of a day.

        A company that gains or loses its exemption was something else before.

        :param date day: of the sale, in Hungary
        """
        last = last_change(self.vat_changes, day)
        coming = next_change(self.vat_changes, day)
        if not (last or coming):
            return self
        status, answer = last.after if last else coming.before, self.vat_answer
        if status != self.default_vat:  # what is said now is of another status
            answer = coming.answer if coming else None
        return replace(
            self,
            default_vat=status,
            vat_answer=VatAnswer(answer) if answer else None,
            exempt_as=last.exempt_as if last and status != AAM else None,
        )

    def charged_vat(self, code):
        """Return the VAT code that the document says for a tax of ``code``.

        :return: "" if it is not answered whether this exempt company charges VAT, or
            what this company charges that is exempt no more
        """
        if code == AAM and self.exempt_as is not None:
            return self.exempt_as
        if not code or self.default_vat != AAM or not vat.rate(code):
            return code
        if self.vat_answer is None:
            return ""
        return AAM if self.vat_answer is VatAnswer.EXEMPT else code
