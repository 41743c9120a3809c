import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import is_dataclass

from psycopg2.extras import Json

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..billing import errors
from ..billing.codec import to_json
from ..billing.text import clean
from ..providers.base import CREATING

_logger = logging.getLogger(__name__)

#: Why no call would work, not only a question that fails: a long list is what a service
#: that is otherwise well breaks at, or takes too long for.
OF_ALL_CALLS = frozenset(
    {errors.Reason.KEY, errors.Reason.RATE_LIMIT, errors.Reason.UNREACHABLE}
)
#: Characters of the evidence of one call; what is longer is cut.
MAX_EVIDENCE = 100_000


class Service:
    """The open service of one account, with the evidence of its calls.

    Each call is written down (``salon.invoice.attempt``) and committed before anything
    is done with its answer, so that a lost worker never loses an answer as well.

    :param account: ``salon.invoice.account``
    :param provider: its open strategy, a ``providers.base.InvoiceProvider``
    :param list exchanges: where the observer of the strategy puts each ``Exchange``
    """

    def __init__(self, account, provider, exchanges=None):
        self.account = account
        self.provider = provider
        self.exchanges = [] if exchanges is None else exchanges
        self._limit = account._limit()
        #: ``billing.rate.Flow`` of the calls that the lane may make, None if any number
        self.flow = self._limit and self._limit.flow("lane")
        #: True if only documents are limited, and no task has to wait
        self.has_free_tasks = bool(self._limit and self._limit.documents_only)
        self._creates = False  # True if the last operation was to create a document
        self._hearers = {}  # id of a till -> the tokens of those that hear of its sales
        self._policies = {}  # key -> (time of the transaction that read it, policy)

    @classmethod
    @contextmanager
    def open(cls, account):
        """Yield the service of ``account``, opened with its key.

        :raises billing.errors.AccountProblem: if there is no key
        """
        exchanges = []
        with account._open_provider(exchanges.append) as provider:
            yield cls(account, provider, exchanges)

    @property
    def capabilities(self):
        """Return what the service can do, a ``providers.base.Capabilities``."""
        return self.provider.capabilities

    def policy(self, document, fresh=False):
        """Return the ``billing.policy.Policy`` that ``document`` is built by.

        It is read once for the documents that wait together: after each commit the ORM
        would read all settings again.  It is never older than the document's row, which
        a sale writes, and a person who retries.

        :param bool fresh: True to read it again
        """
        key, now = document._policy_key(), document.env.cr.now()
        if fresh:
            self._policies.pop(key, None)
        return self.policy_for(key, document.write_date, now, document._policy)

    def policy_for(self, key, write_date, now, read):
        """Return :meth:`policy` for whoever has read the row already.

        :param key: what ``document._policy_key()`` returns
        :param datetime write_date: of the row
        :param datetime now: of this transaction
        :param read: returns the policy as it is now
        """
        read_at, policy = self._policies.get(key, (None, None))
        if policy is None or write_date > read_at:
            read_at, policy = now, read()
            self._policies[key] = read_at, policy
        return policy

    def call(self, document, operation, *arguments, reads=False, **options):
        """Call ``provider.operation(*arguments, **options)`` for ``document``.

        :param document: ``salon.invoice.document``
        :param str operation: a method of the strategy, and a value of the attempt's
            ``operation``
        :param bool reads: True if it changes nothing at the service and can be
            repeated: a good answer is committed together with what is made of it
        :return: what the strategy returns
        :raises billing.errors.ProviderError: what it raises
        """
        if document.state != "sending":  # else it has been checked before the claim
            document._check_companies_here()
        result, error = self.perform(document, operation, arguments, options, reads)
        if error:
            self.note_failure(error)
            raise error
        self.draw()
        return result

    def ask(self, operation, *arguments, **options):
        """Call ``provider.operation(*arguments, **options)`` for no document.

        No evidence is kept: it creates no document, and a list may be long. What comes
        of it is committed together with what is made of it.

        No document waits because a question has failed, unless all calls would.

        :return: what the strategy returns
        :raises billing.errors.ProviderError: what it raises
        """
        self.exchanges.clear()
        self._creates = False
        result, error = self._try(self.account, operation, arguments, options)
        if error and error.reason in OF_ALL_CALLS:
            self.note_failure(error)
            raise error
        if error:
            self.draw()
            self.exchanges.clear()  # nor does it tell that a trouble is over
            raise error
        self.draw()
        return result

    def perform(self, document, operation, arguments, options, reads=False):
        """Make a call and write it down; return what came of it, and its error or None.

        Committed, unless it only reads and has been answered.
        """
        started, clock = document._now(), time.monotonic()
        self.exchanges.clear()
        self._creates = operation in CREATING
        result, error = self._try(document, operation, arguments, options)
        self._write_down(
            document,
            operation,
            getattr(error, "document", None) if error else result,
            error,
            started_at=started,
            seconds=time.monotonic() - clock,
        )
        if error or not reads:
            self.commit()
        return result, error

    def probe(self, early=False):
        """Return True if the service answers again; see ``account._probe()``.

        All its calls together within the time of one.
        """
        self.exchanges.clear()
        self._creates = False
        http = self.provider.http
        with http.until(http.deadline()):
            ready = self.account._probe(self.provider, early)
        self.draw()
        return ready

    def draw(self):
        """Take the calls that were just made from those that the service allows."""
        if drawing := self.drawing():
            self.account.env.cr.execute(drawing)

    def drawing(self):
        """Return the statement of :meth:`draw`, None if nothing is to be taken."""
        calls = len(self.exchanges)
        if not self.flow or not calls:
            return None
        if self._limit.documents_only:
            if not self._creates:
                return None
            calls = 1
        bucket = self.account.env["salon.invoice.bucket"]
        return bucket._drawing(self.account.id, self.flow, "lane", calls)

    def note_failure(self, error):
        """Let the account back off, or pause, if the error concerns all its calls."""
        self.draw()
        if error.reason is errors.Reason.RATE_LIMIT and not error.scope:
            self.account.env["salon.invoice.bucket"]._slow_down(self.account, "lane")
        self.account._handle_service_error(error)

    def notify(self, due):
        """Have screens and tills show a document again, once committed.

        As ``document.write()`` does, without reading the till again for each document.

        :param due: :class:`.protocol.Due`
        """
        env = self.account.env
        if due.config_id not in self._hearers:
            self.hear(env["pos.config"].browse(due.config_id))
        env["salon.invoice.document"]._notify_plain(due, self._hearers[due.config_id])

    def hear(self, till):
        """Read who hears of the sales of ``till``, a ``pos.config``."""
        self._hearers[till.id] = till._salon_tokens()

    def _try(self, document, operation, arguments, options):
        """Return what the strategy returns and the error that it raises."""
        try:
            result = getattr(self.provider, operation)(*arguments, **options)
            # A list is read here, while its errors are caught.
            return tuple(result) if isinstance(result, Iterator) else result, None
        except errors.ProviderError as error:
            return None, error
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            # A bug of the strategy: keep the evidence of what it could not read.
            _logger.exception("%s of %s broke", operation, document)
            message = f"{type(error).__name__}: {error}"[:500]
            return None, errors.OutcomeUnknown(message)

    def _write_down(self, document, operation, made, error, **values):
        document.env["salon.invoice.attempt"]._write_down(
            document,
            operation=operation,
            **values,
            outcome=type(error).__name__ if error else "done",
            reason=error and error.reason.value,
            code=error and _storable(error.code) or None,
            message=error and _storable(error.message),
            exchanges=_storable("\n\n".join(map(_format_exchange, self.exchanges))),
            result=self._kept_result(operation, made),
        )

    def _kept_result(self, operation, made):
        """Return what a lost worker's answer is taken up from, ready for PostgreSQL."""
        if operation not in CREATING or not is_dataclass(made):
            return None
        return Json(_cleaned(to_json(made)))

    def commit(self, done=0):
        """Commit.

        :param int done: of documents and tasks that are finished: Odoo skips a job for
            a while that is killed three times without progress
        """
        env = self.account.env
        if done:
            env["ir.cron"]._commit_progress(done)
        else:
            # _commit_progress would read and write the job's progress each time; this
            # commits one consistent step of a document.
            env.cr.commit()  # pylint: disable=invalid-commit


def _format_exchange(exchange):
    """Return an exchange as text for a person who looks for what happened."""
    head = f"{exchange.method} {exchange.url}"
    status = exchange.status or exchange.error
    return (
        f"{head}\n{exchange.request}\n\n--> {status} ({exchange.seconds:.3f} s)\n"
        + (exchange.answer)
    )


def _storable(text):
    """Return ``text`` as PostgreSQL takes it, cut to :data:`MAX_EVIDENCE`."""
    text = clean(text)
    if len(text) > MAX_EVIDENCE:
        text = text[:MAX_EVIDENCE] + " [...]"
    return text


def _cleaned(value):
    """Return JSON-ready ``value`` without the characters that PostgreSQL refuses."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(name): _cleaned(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return value
