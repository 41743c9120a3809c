"""What an emulator of a service is."""

import copy
from collections import defaultdict, deque

from werkzeug.wrappers import Request, Response


class SandboxRequest(Request):
    """A request as the emulators see it.

    ``fault`` is the fault that was drawn for it (a dict), if it is one that the
    emulator itself acts out (``slow_pdf``, ``mail_failed``, ``down``), else None.
    """

    fault = None


class Emulator:
    """One service.  Subclasses say how it answers.

    All that an emulator knows lies in ``self.state``, plain JSON-ready data, so that
    ``--state FILE`` survives a restart.  ``state["accounts"]`` maps an account's id to
    the account, a dict with ``id``, ``key`` and the options; ``state["mails"]`` is what
    would have been e-mailed.  Requests are handled one at a time.
    """

    service = ""  # its name in the control API
    prefixes = ()  # of the paths that it answers
    demo = {}  # options of the account that exists from the start
    options = {}  # option -> default: all that a spec may contain besides ``key``
    limit = None  # what the real one allows an account: (calls, seconds)

    def __init__(self, world):
        self.world = world
        self.state = {}
        self._counted = defaultdict(deque)  # account's id -> times of its last calls
        self.reset()

    def reset(self):
        """Forget everything but the demo account."""
        self._counted.clear()
        self.state.clear()
        self.state.update(accounts={}, mails=[], last_id=1000)
        self.create_account(self.demo)

    # === ACCOUNTS === #

    def create_account(self, spec):
        """Open an account and return it, its keys included.

        :param dict spec: ``key`` and any of ``options``
        :raises ValueError: for an option that does not exist, or a key that is taken
        """
        self._check_options(spec)
        number = len(self.state["accounts"]) + 1
        account = copy.deepcopy(self.options)
        if self.limit and self.world.limits:
            account["rate_limit"] = round(self.limit[0] * self.world.limits)
        account.update(copy.deepcopy(spec), id=f"{self.service}-{number}")
        account.setdefault("key", self.new_key(number))
        if self.account_by_key(account["key"]):
            raise ValueError("This key is taken")
        self.open_account(account)
        self.state["accounts"][account["id"]] = account
        return self.public_account(account)

    def change_account(self, key, changes):
        """Change options of the account with ``key``; a new ``key`` replaces it.

        :raises LookupError: if there is no such account
        :raises ValueError: for an option that does not exist
        """
        account = self.account_by_key(key)
        if account is None:
            raise LookupError(f"No account with key {key!r}")
        self._check_options(changes)
        account.update(copy.deepcopy(changes))
        return self.public_account(account)

    def _check_options(self, spec):
        unknown = set(spec) - set(self.options) - {"key"}
        if unknown:
            raise ValueError(
                f"Unknown options {sorted(unknown)}; there are {sorted(self.options)}"
            )

    def account_by_key(self, key):
        """Return the account whose key this is, or None."""
        for account in self.state["accounts"].values():
            if account["key"] == key:
                return account
        return None

    def new_key(self, number):
        """Return a key for account ``number``: obviously not a real one."""
        return f"sandbox-{self.service}-key-{number}"

    def open_account(self, account):
        """Add to a new ``account`` what its options do not say."""

    def public_account(self, account):
        """Return what the control API shows of ``account``: its id, key and options."""
        return {name: account[name] for name in ("id", "key", *self.options)}

    # === CALLS === #

    def identify(self, request):
        """Return ``(account or None, operation)``: whose call it is, and what it asks.

        The operation is a word for the ledger and for the ``path`` of a fault.
        """
        raise NotImplementedError

    def handle(self, request):
        """Answer ``request`` (a :class:`SandboxRequest`) with a Response."""
        raise NotImplementedError

    def error(self, status, message):
        """Return an error in this service's form; faults use it."""
        return Response(message, status, content_type="text/plain; charset=utf-8")

    def next_id(self):
        """Return a number that no object of this service has."""
        self.state["last_id"] += 1
        return self.state["last_id"]

    def is_within_limit(self, account):
        """Count a call; return False if it is one more than ``rate_limit``.

        In any span of as many seconds, which is the strictest way to read a limit that
        does not say when its minute begins. What is refused is not counted.
        """
        allowed, (_calls, seconds) = account["rate_limit"], self.limit
        if allowed is None:
            return True
        now, counted = self.world.now(), self._counted[account["id"]]
        while counted and now - counted[0] >= seconds:
            counted.popleft()
        if len(counted) >= allowed:
            return False
        counted.append(now)
        return True

    # === LEDGER === #

    def documents(self):
        """Yield every document ever made, as the ledger's entries (see README.md)."""
        return ()

    def mail(self, account, document, to, subject, *, text="", reply_to=""):
        """Put an e-mail on record; nothing is sent.

        :param str text: what the request says, "" where it is the service's own
        :param str reply_to: the address that answers go to, as the request says
        """
        self.state["mails"].append(
            {
                "service": self.service,
                "account": account["id"],
                "document": document,
                "to": list(to),
                "subject": subject,
                "text": text,
                "reply_to": reply_to,
                "at": self.world.now(),
            }
        )
