"""What a call to an invoicing service can end in, besides an answer.

The vocabulary is closed: a strategy raises one of the five classes below and nothing
else, and the class alone decides what the worker does next.  ``reason`` says more, for
the sentence that a human reads; ``code`` is the service's own code, for its support.
"""

from enum import Enum

from .text import clean


class Reason(str, Enum):
    """Why, in words that all services share.  The values are stored and translated."""

    # Rejected
    CONTENT = "content"  # the service refuses what the document says
    NOT_FOUND = "not_found"  # the object the call is about does not exist there
    CLOSED = "closed"  # the document is in a state that forbids the operation
    UNSUPPORTED = "unsupported"  # the service has no such operation
    # AccountProblem
    KEY = "key"  # wrong or revoked key, login blocked
    SUBSCRIPTION = "subscription"  # the plan does not include this
    READ_ONLY = "read_only"  # the key may not write, or ids are of another account
    SETUP = "setup"  # block, bank account, prefix or certificate is gone
    QUOTA = "quota"  # daily or monthly limit of the plan is used up
    # NotProcessed
    UNREACHABLE = "unreachable"  # DNS, refused connection, TLS, bad address
    RATE_LIMIT = "rate_limit"
    MAINTENANCE = "maintenance"
    NOT_READY = "not_ready"  # asked for too early, for instance a PDF
    # OutcomeUnknown
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection_lost"
    SERVER_ERROR = "server_error"
    UNREADABLE = "unreadable"  # an answer that is not the service's
    # AlreadyExists
    DUPLICATE = "duplicate"


class ProviderError(Exception):
    """Base of the vocabulary.

    :param str message: what the service said, without secrets, in its own words
    :param Reason reason: the shared word for it
    :param str code: the service's own error code or HTTP status, "" if it has none
    :param fields: what is wrong where, as ``{field: message}``, in the service's words
    :param float retry_after: seconds that the service asks to wait, None if it does not
    :param str scope: the operation that was limited, a method of the strategy; "" for
        the whole account
    """

    default_reason = Reason.CONTENT

    def __init__(
        self,
        message,
        *,
        reason=None,
        code="",
        fields=None,
        retry_after=None,
        scope="",
    ):
        message = clean(str(message))
        super().__init__(message)
        self.message = message
        self.reason = reason or self.default_reason
        self.code = clean(str(code))
        self.fields = {
            clean(str(name)): clean(str(said)) for name, said in (fields or {}).items()
        }
        self.retry_after = retry_after
        self.scope = scope


class Rejected(ProviderError):
    """The service refused the content; nothing was created.  A human must mend it."""


class AccountProblem(ProviderError):
    """Key, subscription, rights, block or quota: the account pauses, documents wait."""

    default_reason = Reason.KEY


class NotProcessed(ProviderError):
    """Certainly not processed: the same call may be repeated after a pause."""

    default_reason = Reason.UNREACHABLE


class OutcomeUnknown(ProviderError):
    """The service may have acted: look first, never send blindly again.

    :param document: the :class:`~.invoice.IssuedDocument` that it is known to have
        made, although not all of it could be read; None if it named no document
    """

    default_reason = Reason.UNREADABLE

    def __init__(self, message, *, document=None, **more):
        super().__init__(message, **more)
        self.document = document


class AlreadyExists(ProviderError):
    """The service says that it has this document: look it up and compare."""

    default_reason = Reason.DUPLICATE
