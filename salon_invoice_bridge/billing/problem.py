"""What stops a document before it is sent: a code, a place and parameters.

No sentence is here. ``salon.invoice.message`` has one for each code, says what a person
can do about it, and opens the record that a place names.
"""

from dataclasses import dataclass
from enum import Enum

from .errors import Rejected


class Where(str, Enum):
    """Kinds of record in which a problem is solved."""

    COMPANY = "company"
    ORDER = "order"
    PARTNER = "partner"
    PRODUCT = "product"
    TAX = "tax"
    FISCAL_POSITION = "fiscal_position"


@dataclass(frozen=True)
class Place:
    """A record; without an ``id`` the sale's own company, or the sale itself."""

    kind: Where
    id: int | None = None


#: The settings of the company that sells.
COMPANY = Place(Where.COMPANY)
#: The sale.
ORDER = Place(Where.ORDER)


class Code(str, Enum):
    """What is wrong.  The parameters of each code are named behind it."""

    # The sale contradicts itself
    TOTAL_DIFFERS = "total_differs"  # total, lines, currency
    PAID_DIFFERS = "paid_differs"  # gross, taken, currency
    CAME_BACK = "came_back"  # line
    DISCOUNT_TOO_LARGE = "discount_too_large"  # line
    # A question of law that a person answers in the settings
    VOUCHER_UNANSWERED = "voucher_unanswered"  # line
    VOUCHER_STOPPED = "voucher_stopped"  # line
    VOUCHER_OTHER_RATE = "voucher_other_rate"  # line, vat
    EXEMPT_CHARGES = "exempt_charges"  # line, tax
    NOT_EXEMPT = "not_exempt"  # line, tax
    # VAT
    SEVERAL_TAXES = "several_taxes"  # line
    TAX_WITHOUT_CODE = "tax_without_code"  # line, tax
    UNTAXED_BY_POSITION = "untaxed_by_position"  # line, position
    NOTHING_SOLD = "nothing_sold"  # line
    # What was paid for before
    PREPAID_TOO_LARGE = "prepaid_too_large"  # line, left, currency
    PREPAID_USED = "prepaid_used"  # line
    DEPOSIT_TOO_LARGE = "deposit_too_large"  # line
    DEPOSIT_NOT_INVOICED = "deposit_not_invoiced"  # line
    DEPOSIT_SETTLED = "deposit_settled"  # document
    # The buyer
    WALK_IN_ADDRESS = "walk_in_address"
    BUYER_INCOMPLETE = "buyer_incomplete"  # buyer, what (of Missing)
    TAX_NUMBER = "tax_number"  # buyer, number, form
    BUSINESS_NOT_ACCEPTED = "business_not_accepted"  # buyer
    BUSINESS_WITHOUT_NUMBER = "business_without_number"  # buyer
    # What Odoo's records say of each other
    FOREIGN_COMPANY = "foreign_company"
    SEVERAL_COMPANIES = "several_companies"
    # At the service
    UNKNOWN_STORNO = "unknown_storno"  # document
    UNKNOWN_RATE = "unknown_rate"  # document
    CHANGED_AT_SERVICE = "changed_at_service"  # document, changes
    DELETED_AT_SERVICE = "deleted_at_service"  # document
    # The life of a document
    WAITS_FOR = "waits_for"  # document
    BEING_DISCARDED = "being_discarded"  # document
    DISCARD_FAILED = "discard_failed"  # document, why
    MADE_DIFFERENT = "made_different"  # differences
    FOUND_DIFFERENT = "found_different"  # differences
    UNPROVEN = "unproven"
    UNPROVEN_BESIDE_PAPER = "unproven_beside_paper"
    NOT_AT_SERVICE = "not_at_service"
    TOO_MANY_SENDS = "too_many_sends"  # count
    PROGRAM = "program"
    # What came back
    RETURNED_TOO_MUCH = "returned_too_much"  # line
    MADE_BY_HAND = "made_by_hand"  # document
    RETURNED_WITHOUT_SALE = "returned_without_sale"


class Missing(str, Enum):
    """What a buyer lacks."""

    NAME = "name"
    POSTCODE = "postcode"
    CITY = "city"
    STREET = "street"
    VALID_POSTCODE = "valid_postcode"


class Problem(Rejected):
    """A document cannot be built; a person must change something first.

    :param Code code: what is wrong
    :param Place where: the record in which it is solved, None if there is no such one
    :param params: what the sentence names: texts, Decimals, :class:`Place` for the name
        of a record, a tuple of :class:`Missing`
    """

    def __init__(self, code, where=None, **params):
        super().__init__(code.value)
        self.code = code
        self.where = where
        self.params = params

    def __eq__(self, other):
        if not isinstance(other, Problem):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self):
        return hash((self.code, self.where))

    def __repr__(self):
        named = "".join(f", {name}={value!r}" for name, value in self.params.items())
        return f"Problem({self.code!s}, {self.where!r}{named})"

    def _values(self):
        return self.code, self.where, self.params
