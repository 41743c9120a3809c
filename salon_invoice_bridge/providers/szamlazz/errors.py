"""What Számlázz.hu's error codes mean to us.

Sources: docs.szamlazz.hu agent/basics/error-handling, Technical specification 3.4,
codes seen by others on test accounts.  Only what is known to have created nothing is a
refusal; an undocumented code leaves the outcome unknown.
"""

from ...billing.errors import (
    AccountProblem,
    AlreadyExists,
    NotProcessed,
    OutcomeUnknown,
    Reason,
    Rejected,
)

#: The document exists, only its notification could not be mailed.
MAIL_FAILED = "56"
#: On a query: no such document.  On anything else: an element is missing.
MISSING = "7"

_CONTENT = (
    "13 52 53 57 73 173 259 260 261 262 263 264 336 337 340 352 363 364 365 374 395 "
    "396 537 538 539 551 552 553 554 555 556"
)

_CODES = {code: (Rejected, Reason.CONTENT) for code in _CONTENT.split()} | {
    "7": (Rejected, Reason.CONTENT),
    "14": (Rejected, Reason.CLOSED),  # a storno cannot be reversed
    "221": (Rejected, Reason.CLOSED),  # has a correction, cannot be reversed
    "335": (Rejected, Reason.NOT_FOUND),  # proforma deleted or consumed
    "339": (Rejected, Reason.NOT_FOUND),  # no such receipt
    "463": (Rejected, Reason.CLOSED),  # no payments on reversed documents
    "3": (AccountProblem, Reason.KEY),
    "49": (AccountProblem, Reason.SETUP),  # certificate needs its password
    "54": (AccountProblem, Reason.SETUP),  # no certificate for e-invoices
    "135": (AccountProblem, Reason.KEY),
    "136": (AccountProblem, Reason.SUBSCRIPTION),
    "164": (AccountProblem, Reason.KEY),  # the user has several accounts
    "202": (AccountProblem, Reason.SETUP),  # number prefix not registered
    "250": (AccountProblem, Reason.KEY),
    "71": (AlreadyExists, Reason.DUPLICATE),
    "152": (AlreadyExists, Reason.DUPLICATE),
    "338": (AlreadyExists, Reason.DUPLICATE),  # a receipt with this hivasAzonosito
    "1": (OutcomeUnknown, Reason.MAINTENANCE),
    "55": (OutcomeUnknown, Reason.SERVER_ERROR),  # e-invoice could not be signed
    "153": (NotProcessed, Reason.RATE_LIMIT),  # mailed less than 15 seconds ago
}
_PAUSES, _SCOPES = {"153": 15.0}, {"153": "send"}


def error(code, message, *, query=False):
    """Return the error for ``code``; the caller raises it.

    :param str code: ``hibakod`` or ``szlahu_error_code``, "" if the answer has no code
    :param bool query: True where the call is about a document that must exist, so that
        "missing" means that it does not exist
    """
    message = message or f"Számlázz.hu answered with error {code}"
    if query and code == MISSING:
        return Rejected(message, reason=Reason.NOT_FOUND, code=code)
    kind, reason = _CODES.get(code, (OutcomeUnknown, Reason.SERVER_ERROR))
    return kind(
        message,
        reason=reason,
        code=code,
        retry_after=_PAUSES.get(code),
        scope=_SCOPES.get(code, ""),
    )
