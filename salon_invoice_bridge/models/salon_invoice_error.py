from typing import NamedTuple

from odoo import api, models

from ..billing import errors
from . import salon_invoice_error_texts as texts
from .content_problem import ContentProblem


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


class SalonInvoiceError(models.AbstractModel):
    """From an error of a service to a sentence that says what to do."""

    _name = "salon.invoice.error"
    _description = "Error of an Invoicing Service"

    @api.model
    def _explain(self, error, provider, foreign=False):
        """Return the :class:`Explanation` of ``error``.

        :param billing.errors.ProviderError error: has no secret in it
        :param str provider: code of the service
        :param bool foreign: True where somebody names the address that is asked: none
            of its words then, for they may be those of a page behind the firewall
        """
        if isinstance(error, ContentProblem) or (self._is_ours(error) and not foreign):
            return Explanation(error.message, "", "", "")
        text = self._entry(error, provider)
        said = ""
        # What the network library says is for the log, not for a person.
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
    def _is_ours(self, error):
        """Tell whether the error was raised by a model, in a person's words.

        What a strategy refuses by itself bears a reason, and is in English.
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
            return texts.TLS
        code = error.code.split(" ")[0]  # Billingo's has a trace id behind it
        found = texts.CODES.get(provider, {}).get(code)
        if found:
            return found
        message = (error.message or "").lower()
        for part, text in texts.MESSAGES.get(provider, {}).items():
            if part in message:
                return text
        for field in error.fields:
            found = texts.FIELDS.get(str(field).rpartition(".")[2])
            if found:
                return found
        return texts.REASONS[error.reason.value]
