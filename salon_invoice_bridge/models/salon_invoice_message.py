"""The error catalogue: for each thing that goes wrong, its cause, its remedy, and who.

Looked up from the particular to the general: the service's own code, a word in its
message, the field it complains about, the shared reason.  Sources: docs.szamlazz.hu
(error handling), the OpenAPI contract of Billingo v3, and for API v2 the texts that
others have met.
"""

from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools.translate import LazyGettext, LazyTranslate

from ..billing import errors
from ..billing.notes import money
from ..billing.problem import Code, Missing, Place, Problem, Where

# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

ADMINISTRATOR = _lt("administrator")
MANAGER = _lt("salon manager")
ACCOUNTANT = _lt("accountant")
NOBODY = _lt("nobody, it is retried automatically")


class Text(NamedTuple):
    """One entry: lazy sentences, translated when they are shown."""

    cause: LazyGettext
    remedy: LazyGettext
    who: LazyGettext


_LOGIN_SZAMLAZZ = Text(
    _lt("Számlázz.hu does not know this Agent key."),
    _lt(
        "Copy the key again from Számlázz.hu and connect with it. Capital and small "
        "letters matter."
    ),
    ADMINISTRATOR,
)
_AMOUNTS = Text(
    _lt("Számlázz.hu calculates another amount for a line."),
    _lt("This is a fault of the program: report it with the calls of this document."),
    ADMINISTRATOR,
)
_VAT_CODE = Text(
    _lt("The service does not know a VAT code on this document."),
    _lt("Set the VAT code for invoices on the tax of the product, then retry."),
    ACCOUNTANT,
)
_TWICE = Text(
    _lt("The service says that it has this document already."),
    _lt("Look at it there, and mark this one as resolved with its number."),
    MANAGER,
)
_GONE = Text(
    _lt("The document is not at the service: deleted, or used up by an invoice."),
    _lt("Look for it there, and mark this one as resolved with what you find."),
    MANAGER,
)

#: Provider -> the service's code -> entry.
CODES = {
    "szamlazz": {
        "3": _LOGIN_SZAMLAZZ,
        "135": Text(
            _lt("Somebody is logged in to Számlázz.hu with this user in a browser."),
            _lt("Use an Agent key instead of a user name and password."),
            ADMINISTRATOR,
        ),
        "136": Text(
            _lt("Számlázz.hu has locked the account: the subscription has run out."),
            _lt("Settle the fee at Számlázz.hu, then verify again."),
            ADMINISTRATOR,
        ),
        "164": Text(
            _lt("The user has several accounts at Számlázz.hu."),
            _lt("Make an Agent key in the account that is to issue the invoices."),
            ADMINISTRATOR,
        ),
        "250": Text(
            _lt(
                "The authorisation given to this user has not been accepted at "
                "Számlázz.hu yet."
            ),
            _lt("Accept it at Számlázz.hu, or use the Agent key of the account."),
            ADMINISTRATOR,
        ),
        "49": Text(
            _lt("The certificate for e-invoices needs its password."),
            _lt("Renew the e-invoice setting at Számlázz.hu, or issue on paper."),
            ADMINISTRATOR,
        ),
        "54": Text(
            _lt("E-invoices are not switched on in this Számlázz.hu account."),
            _lt("Switch them on there, or switch off Electronic Invoice here."),
            ADMINISTRATOR,
        ),
        "55": Text(
            _lt("Számlázz.hu could not sign the e-invoice."),
            _lt("It is looked up and retried automatically; if it stays, ask them."),
            NOBODY,
        ),
        "56": Text(
            _lt("The invoice is issued, only its e-mail did not go out."),
            _lt("Send the e-mail again; do not issue the invoice again."),
            MANAGER,
        ),
        "52": _VAT_CODE,
        "395": _VAT_CODE,
        "57": Text(
            _lt("Számlázz.hu could not read what was sent."),
            _lt("This is a fault of the program: report it with the calls below."),
            ADMINISTRATOR,
        ),
        "71": _TWICE,
        "152": _TWICE,
        "173": Text(
            _lt("An invoice with a later date has been issued in this block."),
            _lt("Use another number prefix, or issue this one by hand."),
            ACCOUNTANT,
        ),
        "202": Text(
            _lt("The number prefix is not registered at Számlázz.hu."),
            _lt("Register it there, or change the prefix on the account here."),
            ADMINISTRATOR,
        ),
        "221": Text(
            _lt("The invoice has a correction and cannot be cancelled any more."),
            _lt("Correct it once more at Számlázz.hu."),
            ACCOUNTANT,
        ),
        "259": _AMOUNTS,
        "260": _AMOUNTS,
        "261": _AMOUNTS,
        "262": _AMOUNTS,
        "263": _AMOUNTS,
        "264": _AMOUNTS,
        "335": _GONE,
        "339": _GONE,
        "352": Text(
            _lt("The invoice may only be dated today."),
            _lt("Retry: it is issued with today's date."),
            MANAGER,
        ),
        "396": Text(
            _lt("The date falls into a period that the accountant has closed."),
            _lt("Open the period at Számlázz.hu, or issue the invoice by hand."),
            ACCOUNTANT,
        ),
        "463": Text(
            _lt("A cancelled invoice takes no payments."),
            _lt("Nothing is to be done."),
            ACCOUNTANT,
        ),
    },
    "billingo_v2": {
        "vat": Text(
            _lt("The VAT rates of this Billingo account are not the usual ones."),
            _lt("Connect with an API key of the current Billingo interface (v3)."),
            ADMINISTRATOR,
        ),
    },
}

#: Provider -> part of the message, in small letters -> entry.
MESSAGES = {
    "billingo_v2": {
        "user not found": Text(
            _lt("Billingo does not know this public key."),
            _lt("Copy both keys again from Billingo, and do not swap them."),
            ADMINISTRATOR,
        ),
        "signature": Text(
            _lt("The private key does not belong to this public key."),
            _lt("Copy both keys again from Billingo."),
            ADMINISTRATOR,
        ),
        "token": Text(
            _lt("The clock of this server is wrong, so Billingo refuses its token."),
            _lt("Set the clock of the server, then verify again."),
            ADMINISTRATOR,
        ),
    },
}

#: What a service complains about (the end of a field's name) -> entry.
FIELDS = {
    "post_code": Text(
        _lt("The customer's postcode is missing or wrong."),
        _lt("Complete the customer's address, then retry."),
        MANAGER,
    ),
    "city": Text(
        _lt("The customer's town is missing."),
        _lt("Complete the customer's address, then retry."),
        MANAGER,
    ),
    "address": Text(
        _lt("The customer's street is missing."),
        _lt("Complete the customer's address, then retry."),
        MANAGER,
    ),
    "taxcode": Text(
        _lt("The service does not accept the customer's tax number."),
        _lt("Correct it on the customer, then retry."),
        MANAGER,
    ),
    "tax_number": Text(
        _lt("This is not a valid Hungarian tax number."),
        _lt("Correct it on the customer, then retry."),
        MANAGER,
    ),
    "emails": Text(
        _lt("The service does not accept the customer's e-mail address."),
        _lt("Correct it on the customer, then retry."),
        MANAGER,
    ),
    "vat": _VAT_CODE,
    "entitlement": _VAT_CODE,
    "block_id": Text(
        _lt("The document block is not there any more."),
        _lt("Choose another document block on the invoicing account."),
        ADMINISTRATOR,
    ),
    "bank_account_id": Text(
        _lt("The bank account is not at the service any more."),
        _lt("Choose another bank account on the invoicing account."),
        ADMINISTRATOR,
    ),
    "language": Text(
        _lt("The service prints no documents in this language."),
        _lt("Choose another invoice language in the settings."),
        ADMINISTRATOR,
    ),
    "currency": Text(
        _lt("The service does not know this currency."),
        _lt("Sell in a currency that it knows, or invoice this sale by hand."),
        ADMINISTRATOR,
    ),
}

#: ``billing.errors.Reason`` -> entry, for every service.
REASONS = {
    "content": Text(
        _lt("The service refuses what is on the document."),
        _lt("Correct what it names below, then retry."),
        MANAGER,
    ),
    "not_found": _GONE,
    "closed": Text(
        _lt("The state of the document at the service forbids this."),
        _lt("Look at the document there."),
        ACCOUNTANT,
    ),
    "unsupported": Text(
        _lt("This service cannot do that."),
        _lt("Do it in the service's own interface."),
        ACCOUNTANT,
    ),
    "key": Text(
        _lt("The service does not accept the API key: mistyped, or revoked."),
        _lt("Make a new key at the service and connect with it."),
        ADMINISTRATOR,
    ),
    "subscription": Text(
        _lt("Your subscription at the service does not include API access."),
        _lt("Order the plan or add-on with API access there, then verify again."),
        ADMINISTRATOR,
    ),
    "read_only": Text(
        _lt("This key may only read, so it cannot issue invoices."),
        _lt("Make a key that may read and write at the service, and connect with it."),
        ADMINISTRATOR,
    ),
    "setup": Text(
        _lt("A block, bank account or prefix has changed at the service."),
        _lt("Test the connection on the invoicing account, then choose again."),
        ADMINISTRATOR,
    ),
    "quota": Text(
        _lt("The limit of the plan at the service is used up."),
        _lt("Order a bigger plan there, or wait until it is renewed."),
        ADMINISTRATOR,
    ),
    "unreachable": Text(
        _lt("The service cannot be reached."),
        _lt("Check the internet connection of this server, then try again."),
        ADMINISTRATOR,
    ),
    "rate_limit": Text(
        _lt("The service asks for a pause: too many requests."),
        _lt("Wait a minute, then try again."),
        NOBODY,
    ),
    "maintenance": Text(
        _lt("The service is being maintained."), _lt("Try again later."), NOBODY
    ),
    "not_ready": Text(
        _lt("The service is still working on it."), _lt("Try again later."), NOBODY
    ),
    "timeout": Text(
        _lt("The service did not answer in time."),
        _lt("Try again in a few minutes."),
        NOBODY,
    ),
    "connection_lost": Text(
        _lt("The connection to the service broke."),
        _lt("Try again in a few minutes."),
        NOBODY,
    ),
    "server_error": Text(
        _lt("The service has a fault of its own."),
        _lt("Try again in a few minutes; if it stays, ask the service."),
        NOBODY,
    ),
    "unreadable": Text(
        _lt("Something else than the service answered, for instance a proxy."),
        _lt("Check the internet connection of this server, then try again."),
        ADMINISTRATOR,
    ),
    "duplicate": _TWICE,
}

#: A certificate that cannot be trusted, whatever the service.
TLS = Text(
    _lt("The secure connection to the service could not be established."),
    _lt("Check the certificates and the clock of this server."),
    ADMINISTRATOR,
)


class Sentence(NamedTuple):
    """What a :class:`.billing.problem.Problem` says to a person."""

    text: LazyGettext  # with the problem's parameters as placeholders
    cause: str = ""  # what buttons and answers in the settings go by


#: Code of a problem -> its sentence.
PROBLEMS = {
    Code.TOTAL_DIFFERS: Sentence(
        _lt(
            "The till's total is %(total)s, but its lines make %(lines)s. "
            "Nothing was sent. Look at the sale, and invoice it at the "
            "service by hand."
        )
    ),
    Code.PAID_DIFFERS: Sentence(
        _lt(
            "The invoice would be of %(gross)s, but %(taken)s was paid. "
            "Nothing was sent. Look at the sale, and invoice it at the "
            "service by hand."
        )
    ),
    Code.CAME_BACK: Sentence(
        _lt(
            "%(line)s came back within a sale. Take it back as a refund "
            "of the sale that it was bought in, so that its invoice can "
            "be corrected."
        )
    ),
    Code.DISCOUNT_TOO_LARGE: Sentence(
        _lt(
            "%(line)s takes off more than was sold. Look at the sale, and "
            "invoice it at the service by hand."
        )
    ),
    Code.VOUCHER_UNANSWERED: Sentence(
        _lt(
            "%(line)s is a voucher, and nobody has said yet which kind. "
            "Ask your accountant whether vouchers are single-purpose or "
            "multi-purpose, and say it on the product, or for all of them in the "
            "settings of Point of Sale: what waits for it goes on automatically."
        ),
        cause="voucher",
    ),
    Code.VOUCHER_STOPPED: Sentence(
        _lt(
            "%(line)s is a voucher of no kind, and this company has a person "
            "decide. Say on the product, or in the settings, whether it is "
            "single-purpose or multi-purpose, and it goes on automatically, or "
            "choose Resolved by Hand."
        ),
        cause="voucher",
    ),
    Code.VOUCHER_OTHER_RATE: Sentence(
        _lt(
            "%(line)s is a single-purpose voucher at the VAT rate %(vat)s, and pays "
            "for more than was sold at that rate. If what it paid for came back, give "
            "it back, too. If it may buy anything, its product is a multi-purpose "
            "voucher: ask your accountant. Invoice this sale at the service by hand."
        )
    ),
    Code.PREPAID_TOO_LARGE: Sentence(
        _lt(
            "%(line)s takes off more than is left of it: %(left)s. Look at the sale, "
            "and invoice it at the service by hand."
        )
    ),
    Code.PREPAID_USED: Sentence(
        _lt(
            "Part of %(line)s has been used, and more was given back than was left. "
            "Correct the invoice at the service and mark this refund as resolved."
        )
    ),
    Code.DEPOSIT_TOO_LARGE: Sentence(
        _lt(
            "%(line)s takes off more than the sale comes to. Give it back together "
            "with what it was used for, or invoice this at the service by hand."
        )
    ),
    Code.DEPOSIT_NOT_INVOICED: Sentence(
        _lt(
            "%(line)s is taken off, but no invoice of the deposit is known. Generate "
            "the invoice of the sale in which it was paid, then retry. If it was paid "
            "elsewhere, invoice this sale at the service by hand and name it there."
        )
    ),
    Code.DEPOSIT_SETTLED: Sentence(
        _lt(
            "%(document)s has taken off this deposit, so its advance invoice cannot be "
            "cancelled. Correct it at the service and mark this refund as resolved."
        )
    ),
    Code.EXEMPT_CHARGES: Sentence(
        _lt(
            "This company is exempt from VAT (AAM), but %(line)s is sold with "
            "the tax %(tax)s. Say in the settings of Point of Sale which of "
            "them is right: what waits for it goes on automatically."
        ),
        cause="exempt",
    ),
    Code.NOT_EXEMPT: Sentence(
        _lt(
            "VAT has been charged since the change of this company's status, but "
            "%(line)s was still sold with the exempt tax %(tax)s. Reload the tills. "
            "Then say on the change of status what such sales are invoiced as: what "
            "waits for it goes on automatically."
        ),
        cause="not_exempt",
    ),
    Code.SEVERAL_TAXES: Sentence(
        _lt("%(line)s has several taxes at once; an invoice line has one.")
    ),
    Code.TAX_WITHOUT_CODE: Sentence(
        _lt(
            "The tax %(tax)s on %(line)s has no VAT code for invoices. Set "
            "it on the tax, then retry."
        )
    ),
    Code.UNTAXED_BY_POSITION: Sentence(
        _lt(
            "The fiscal position %(position)s leaves %(line)s without a tax, "
            "so the invoice cannot say why no VAT is charged. Map it to a 0%% "
            "tax that has a VAT code, then retry."
        )
    ),
    Code.NOTHING_SOLD: Sentence(
        _lt(
            "%(line)s has no tax and is nothing that is sold. Say on the product "
            "what it is to invoices, or give it a tax, then retry."
        )
    ),
    Code.WALK_IN_ADDRESS: Sentence(
        _lt(
            "The service wants an address for every buyer, and the one for "
            "walk-in customers is not complete. Type it in the settings, "
            "then retry."
        )
    ),
    Code.BUYER_INCOMPLETE: Sentence(
        _lt(
            "The customer %(buyer)s needs %(what)s for an invoice. Complete the "
            "customer, then retry."
        )
    ),
    Code.TAX_NUMBER: Sentence(
        _lt(
            "%(number)s is not the tax number of a company, which has the form "
            "%(form)s. Correct it at %(buyer)s, then retry."
        )
    ),
    Code.BUSINESS_NOT_ACCEPTED: Sentence(
        _lt(
            "%(buyer)s is a company, and this salon does not accept business "
            "clients. Issue the invoice with the company's data, or as for a "
            "private person."
        ),
        cause="business",
    ),
    Code.BUSINESS_WITHOUT_NUMBER: Sentence(
        _lt(
            "%(buyer)s is a company without a tax number. Type it at the "
            "customer, then retry; if it has none, issue the invoice with "
            "the data that is there."
        ),
        cause="business",
    ),
    Code.FOREIGN_COMPANY: Sentence(
        _lt(
            "This sale names something of another company: its shop, its "
            "customer, a product, a tax, a payment method, or a sale that came "
            "back. Nothing is made of it automatically. Make its document at the "
            "service and record the number here, or say that none is needed."
        )
    ),
    Code.SEVERAL_COMPANIES: Sentence(
        _lt(
            "An invoice is of one company: that of its sale, of its account and of the "
            "invoice that it follows."
        )
    ),
    Code.UNKNOWN_STORNO: Sentence(
        _lt(
            "%(document)s has been cancelled at the service, but the service does not "
            "tell by which document. Look for it there and record its number."
        )
    ),
    Code.UNKNOWN_RATE: Sentence(
        _lt(
            "The service does not tell the exchange rate of %(document)s. Make the "
            "correction there and record its number here."
        )
    ),
    Code.CHANGED_AT_SERVICE: Sentence(
        _lt(
            "%(document)s was changed at the service (%(changes)s). Make the "
            "invoice there, or discard it."
        )
    ),
    Code.DELETED_AT_SERVICE: Sentence(
        _lt(
            "%(document)s is not at the service any more: somebody has deleted it "
            "there."
        )
    ),
    Code.WAITS_FOR: Sentence(_lt("It waits for %(document)s.")),
    Code.BEING_DISCARDED: Sentence(_lt("%(document)s is being discarded.")),
    Code.DISCARD_FAILED: Sentence(
        _lt(
            "%(document)s could not be discarded: %(why)s Discard it at the "
            "service, then retry."
        )
    ),
    Code.MADE_DIFFERENT: Sentence(
        _lt(
            "The service has made another document than was asked for: "
            "%(differences)s. Look at it there, and cancel or discard it. Nothing "
            "is sent again."
        )
    ),
    Code.FOUND_DIFFERENT: Sentence(
        _lt(
            "The service has a document with this sale's key, but it is not "
            "the same: %(differences)s. Look at it there."
        )
    ),
    Code.UNPROVEN: Sentence(
        _lt(
            "It is not known whether the service has issued this document, "
            "and it cannot be asked. Look for it there: record its number if "
            "it is there, retry if it is not."
        )
    ),
    Code.UNPROVEN_BESIDE_PAPER: Sentence(
        _lt(
            "A paper receipt stands for this sale, and it is not known whether the "
            "service has issued one, too: it cannot be asked. Look for it there, and "
            "settle this by hand: with its number, which is then cancelled, or without "
            "one if it is not there."
        )
    ),
    Code.NOT_AT_SERVICE: Sentence(
        _lt(
            "The service does not have this document. Retry sends it; if it was "
            "made there by hand, record its number."
        )
    ),
    Code.TOO_MANY_SENDS: Sentence(
        _lt(
            "Sent %(count)s times without an answer, and the service does "
            "not have it. Ask the service what is wrong before trying again."
        )
    ),
    Code.PROGRAM: Sentence(
        _lt(
            "The invoice could not be processed because of an error in the "
            "program. The server log has the details."
        )
    ),
    Code.RETURNED_TOO_MUCH: Sentence(
        _lt(
            "More of %(line)s came back than was sold. Correct the invoice at "
            "the service and mark this refund as resolved."
        )
    ),
    Code.MADE_BY_HAND: Sentence(
        _lt(
            "%(document)s was made at the service by hand, so its storno or "
            "correction is made there, too. Record the number of it here."
        )
    ),
    Code.RETURNED_WITHOUT_SALE: Sentence(
        _lt(
            "Money was given back without naming the sale, so it is not known "
            "which invoice is to be corrected. Cancel or correct it at the "
            "service and mark this as resolved; next time, start the refund "
            "from the sale in the till."
        )
    ),
}
#: What a buyer lacks, in the sentence of ``Code.BUYER_INCOMPLETE``.
MISSING = {
    Missing.NAME: _lt("a name"),
    Missing.POSTCODE: _lt("a postcode"),
    Missing.CITY: _lt("a city"),
    Missing.STREET: _lt("a street"),
    Missing.VALID_POSTCODE: _lt("a valid postcode"),
}
#: Where a problem is solved -> the model of the record that is opened.
MODELS = {
    Where.COMPANY: "res.company",
    Where.ORDER: "pos.order",
    Where.PARTNER: "res.partner",
    Where.PRODUCT: "product.product",
    Where.TAX: "account.tax",
    Where.FISCAL_POSITION: "account.fiscal.position",
}


class Explanation(NamedTuple):
    """What went wrong, in the language of the person who reads it."""

    cause: str
    remedy: str
    who: str  # says who can mend it
    said: str  # the service's own words and code, for its support; "" if none

    @property
    def sentence(self):
        """Cause, remedy and who can do it, with the service's own words behind."""
        said = f"[{self.said}]" if self.said else ""
        return " ".join(filter(None, (self.cause, self.remedy, self.who, said)))


class SalonInvoiceMessage(models.AbstractModel):
    """The sentences of errors and problems: what went wrong and what to do about it.

    Errors of a service have a cause, a remedy and who can do it (:meth:`_explain`);
    problems of a sale have one sentence, see :meth:`_explain_problem`.
    """

    _name = "salon.invoice.message"
    _description = "Error of an Invoicing Service"

    @api.model
    def _explain(self, error, provider, foreign=False):
        """Return the :class:`Explanation` of ``error``.

        :param billing.errors.ProviderError error: has no secret in it
        :param str provider: code of the service
        :param bool foreign: True where somebody names the address that is asked: none
            of its words then, for they may be those of a page behind the firewall
        """
        if isinstance(error, Problem):
            return Explanation(self._explain_problem(error), "", "", "")
        if self._is_ours(error) and not foreign:
            return Explanation(error.message, "", "", "")
        text = self._entry(error, provider)
        said = ""
        # The network library's message is for the log only.
        network = isinstance(error, (errors.NotProcessed, errors.OutcomeUnknown))
        if not (network or foreign):
            code = f" ({error.code})" if error.code else ""
            said = f"{error.message}{code}"
        return Explanation(
            cause=self.env._(text.cause),
            remedy=self.env._(text.remedy),
            who=self.env._("Who can do it: %s.", self.env._(text.who)),
            said=said,
        )

    @api.model
    def _explain_problem(self, problem):
        """Return the sentence of a problem, in the language of the user.

        :param billing.problem.Problem problem: what stops a document
        """
        currency = problem.params.get("currency")
        params = {
            name: self._format_amount(value, currency)
            for name, value in problem.params.items()
        }
        sentence = self.env._(PROBLEMS[problem.code].text)
        return sentence % params

    @api.model
    def _format_amount(self, value, currency):
        """Return a parameter of a problem as a person reads it.

        :param str currency: of amounts, ISO code
        """
        if isinstance(value, Decimal):
            return money(value, currency, (self.env.lang or "en")[:2])
        if isinstance(value, Place):
            return self._record(value).exists().name or f"#{value.id}"
        if isinstance(value, tuple):
            return self._format_missing(value)
        return value

    @api.model
    def _format_missing(self, what):
        """Return what a buyer lacks, of ``billing.problem.Missing``, in words."""
        return ", ".join(self.env._(MISSING[one]) for one in what)

    @api.model
    def _cause(self, problem):
        """Return the word that buttons and answers in the settings go by, or ""."""
        return PROBLEMS[problem.code].cause

    @api.model
    def _record(self, place, order=None):
        """Return the record of a ``billing.problem.Place``.

        :param order: the sale that has the problem
        """
        if place.kind is Where.ORDER:
            return order
        if place.kind is Where.COMPANY:
            return order.company_id
        return self.env[MODELS[place.kind]].browse(place.id)

    @api.model
    def _is_ours(self, error):
        """Return True if a model raised the error, in the user's language.

        A strategy's own refusal has a reason, and is in English.
        """
        return (
            isinstance(error, errors.Rejected)
            and error.reason is errors.Reason.CONTENT
            and not (error.code or error.fields)
        )

    @api.model
    def _entry(self, error, provider):
        """Return the entry of the catalogue that fits best."""
        if error.code == "tls":
            return TLS
        code = error.code.split(" ")[0]  # Billingo's has a trace id behind it
        found = CODES.get(provider, {}).get(code)
        if found:
            return found
        message = (error.message or "").lower()
        for part, text in MESSAGES.get(provider, {}).items():
            if part in message:
                return text
        for field in error.fields:
            found = FIELDS.get(str(field).rpartition(".")[2])
            if found:
                return found
        return REASONS[error.reason.value]
