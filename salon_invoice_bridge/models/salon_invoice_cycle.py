import random
from datetime import date, timedelta

from odoo import models
from odoo.tools.misc import format_date

from ..billing import errors
from ..providers.base import differences
from .salon_invoice_account import LONGEST_WISH

#: A request whose bytes may have arrived is sent at most this often; Számlázz.hu
#: forbids more ("Error handling: retry limit") and a human knows better by then.
MAX_SENDS = 5
#: Empty look-ups that are needed before absence is believed.
ENOUGH_LOOKS = 2
#: Tries that fail before a human looks, where the answers cannot be understood.
MAX_PUZZLES = 15
#: Reasons that no outage explains and no time mends.
PUZZLING = (errors.Reason.UNREADABLE, errors.Reason.DUPLICATE)
#: Longest pause between two tries, in seconds.
MAX_PAUSE = 15 * 60
#: What is read of a row to claim it, and to send it: after each commit everything is
#: read anew, and the other columns are many.
CLAIMED = (
    "account_id",
    "claim_count",
    "company_id",
    "create_date",
    "currency_id",
    "kind",
    "next_attempt",
    "order_id",
    "origin_id",
    "send_count",
    "sent_at",
    "sold_at",
    "state",
    "write_date",
)
SENT = ("account_id", "company_id", "kind", "origin_id", "request", "state")
#: Seconds after which a document that waits for another one looks again by itself.
PATIENCE = 900
#: Seconds since the sale, or since the last send, after which a document is looked for
#: before it is sent: the database may be a backup of one that has sent it.
FRESH_SALE = 5 * 60


class SalonInvoiceCycle(models.Model):
    """One turn of a document in its lane: send it, or look where it is.

    Each turn ends in exactly one arrow of the state diagram.
    """

    _inherit = "salon.invoice.document"

    def _advance(self, provider, exchanges, built=None):
        """Take the document one step further.  Called by the lane only.

        :param provider: the open strategy of the document's account
        :param list exchanges: where the strategy puts its evidence
        :param Built built: what :meth:`_build_ahead` made of the row, if it did
        """
        self.ensure_one()
        try:
            self._check_companies()
            if self.state == "checking":
                self._look_up(provider, exchanges)
            elif built and built.row == self.write_date and not self._looks_first():
                self._send(provider, exchanges, built.values)
            elif self._is_ready(provider, exchanges):
                self._send(provider, exchanges)
        except errors.ProviderError as error:
            self._on_error(error)

    def _is_due_at(self, account):
        """Say whether it is (still) the turn of this document in ``account``'s lane."""
        self.fetch(CLAIMED)
        return bool(
            self.account_id == account
            and self.state in ("waiting", "checking")
            and self.next_attempt
            and self.next_attempt <= self._now()
        )

    def _is_ready(self, provider, exchanges):
        """Decide whether the document is to be sent now; no call creates anything.

        False: it has been put off, dropped or left to a human.
        """
        return True

    def _send(self, provider, exchanges, built=None):
        """Claim, commit, call, commit, record.

        :param dict built: the values of the frozen content, if it was built ahead
        """
        if not built and (not self.request or self._is_overdue()):
            self._build(provider, exchanges)
        if self._looks_first() and self._adopt_made(provider, exchanges):
            return
        account = self.account_id
        self._transition(
            "sending",
            **(built or {}),
            sent_at=self._now(),
            send_count=self.send_count + 1,
            claim_count=self.claim_count + 1,
        )
        account._commit()
        self.fetch(SENT)
        self._take_answer(provider, self._perform(provider, exchanges))

    def _looks_first(self):
        """True if the service may have this document for all that is known here.

        Of the sale's age, because the row may be younger than a backup.  A storno looks
        at its original by itself.
        """
        if self.kind == "storno":
            return False
        since = self.sent_at if self.send_count else None
        if not since:
            since = min(filter(None, (self.create_date, self.sold_at)))
        return abs(self._now() - since) > timedelta(seconds=FRESH_SALE)

    def _adopt_made(self, provider, exchanges):
        """Take up what the service has of this document; False if it has nothing."""
        found = self._find(provider, exchanges)
        if not found or self._is_origin(found):
            return False
        now = self._now()
        self._transition("checking", sent_at=now, next_attempt=now)
        self._take_found(provider, found)
        return True

    def _perform(self, provider, exchanges):
        """Make the one call that creates the document; return what was issued."""
        request = self.request.encode()
        return self.account_id._call(
            self, "issue", exchanges, lambda: provider.issue(request)
        )

    def _find(self, provider, exchanges):
        """Ask the service whether it has the document; return it, or None."""
        invoice = self._invoice()
        return self.account_id._call(
            self, "find", exchanges, lambda: provider.find(invoice)
        )

    def _differences(self, found):
        """Return how ``found`` differs from what was meant: (what, ours, theirs)."""
        return differences(self._invoice(), found)

    def _tell_differences(self, different):
        """Return what :meth:`_differences` found, in a person's words."""
        labels = {
            "kind": self.env._("Kind"),
            "gross": self.env._("Total"),
            "currency": self.env._("Currency"),
            "cancelled": self.env._("Cancelled"),
            "order_number": self.env._("Order number"),
            "exchange_rate": self.env._("Exchange rate"),
            "net": self.env._("Net"),
            "buyer_name": self.env._("Buyer"),
            "comment": self.env._("Comment"),
            "fulfillment_date": self.env._("Date of fulfilment"),
            "due_date": self.env._("Due date"),
        }
        kinds = dict(self._fields["kind"]._description_selection(self.env))

        def word(what, value):
            if isinstance(value, bool):
                return self.env._("yes") if value else self.env._("no")
            if what in ("gross", "net"):
                return self._in_words(value)
            if isinstance(value, date):
                return format_date(self.env, value)
            return kinds.get(value, value) if what == "kind" else value

        return ", ".join(
            self.env._(
                "%(what)s: %(theirs)s instead of %(ours)s",
                what=labels[what],
                theirs=word(what, theirs),
                ours=word(what, ours),
            )
            for what, ours, theirs in different
        )

    def _take_answer(self, provider, made):
        """Believe what the service says that it made only if that is what was meant.

        :param billing.invoice.IssuedDocument made: the answer of the call
        :raises billing.errors.OutcomeUnknown: it is about another document
        """
        if self._is_origin(made):
            raise errors.OutcomeUnknown("The answer is about the original")
        different = self._differences(made)
        if not different:
            self._on_issued(provider, made)
            return
        self._on_different(
            provider,
            made,
            self.env._(
                "The service has made another document than was asked for: "
                "%(differences)s. Look at it there, and cancel or discard it. Nothing "
                "is sent again.",
                differences=self._tell_differences(different),
            ),
        )

    def _on_different(self, provider, made, message):
        """Show a human what the service made in place of what was meant."""
        self._link(made)
        self._need_attention(message, "different")
        if not self.step_ids:
            link = provider.capabilities.public_url and not made.public_url
            self._plan_steps(["link", "pdf"] if link else ["pdf"])

    def _is_origin(self, found):
        """True if ``found`` is what this document is made of, and so not this one.

        A draft may become the invoice itself.
        """
        origin = self.origin_id
        return bool(origin and origin.kind != "draft" and found.id == origin.remote_id)

    def _on_issued(self, provider, issued):
        """Record what was issued, and plan what follows from it.

        :param billing.invoice.IssuedDocument issued: from the service
        """
        meant = self._invoice()
        self._transition("issued", **self._issued_values(issued, meant))
        self._plan_steps(
            self._step_kinds(provider.capabilities, issued, meant),
            pdf_after=provider.capabilities.pdf_seconds,
        )

    # === UNKNOWN OUTCOMES === #

    def _look_up(self, provider, exchanges):
        """Find out what became of a send whose answer was lost."""
        found = self._read_linked(provider, exchanges)
        found = found or self._find(provider, exchanges)
        if not found or self._is_origin(found):
            self._on_absent(provider)
            return
        self._take_found(provider, found)

    def _take_found(self, provider, found):
        """Adopt what was found if it is what was meant; else a human looks at it."""
        different = self._differences(found)
        if different:
            self._on_different(
                provider,
                found,
                self.env._(
                    "The service has a document with this sale's key, but it is not "
                    "the same: %(differences)s. Look at it there.",
                    differences=self._tell_differences(different),
                ),
            )
        else:
            self._on_issued(provider, found)

    def _read_linked(self, provider, exchanges):
        """Return how that stands which the service once made for this row, or None."""
        if not self._is_known_there():
            return None
        try:
            return self._read(provider, exchanges, self)
        except errors.Rejected as error:
            if error.reason is not errors.Reason.NOT_FOUND:
                raise
        # Somebody has deleted it there: what is sent next is not that one.
        self._unlink_made()
        return None

    def _on_absent(self, provider):
        """The service does not know the document: believe it only with time."""
        parameter = self.account_id._parameter
        believable = self.sent_at + timedelta(
            seconds=parameter("timeout") + parameter("absence_margin")
        )
        now, looks = self._now(), self.empty_looks + 1
        if looks < ENOUGH_LOOKS or now < believable:
            self._transition(
                "checking",
                empty_looks=looks,
                next_attempt=max(believable, now + timedelta(seconds=1)),
            )
        elif not self._proves_absence(provider):
            self._need_proof()
        elif self.send_count >= MAX_SENDS:
            self._need_attention(
                self.env._(
                    "Sent %(count)s times without an answer, and the service does "
                    "not have it. Ask the service what is wrong before trying again.",
                    count=self.send_count,
                ),
                "too_many_sends",
            )
        else:
            self._transition("waiting", empty_looks=0, next_attempt=now)

    def _need_proof(self):
        """Have a human find out whether the service has the document."""
        self._need_attention(
            self.env._(
                "It is not known whether the service has issued this document, "
                "and it cannot be asked. Look for it there: record its number if "
                "it is there, retry if it is not."
            ),
            "unproven",
        )

    def _wait(self, message):
        """Put the document off until another one is settled, which wakes it.

        :param str message: what it waits for, for a human
        """
        self._transition(
            "waiting",
            problem=message,
            next_attempt=self._now() + timedelta(seconds=PATIENCE),
        )

    def _proves_absence(self, provider):
        """True if a look-up that finds nothing means that there is nothing."""
        return provider.capabilities.finds_by_key

    # === ERRORS === #

    def _on_error(self, error):
        """Decide by the class of ``error`` what happens next."""
        was_sending = self.state == "sending"
        if isinstance(error, (errors.OutcomeUnknown, errors.AlreadyExists)):
            if was_sending:
                if made := getattr(error, "document", None):
                    self._link(made)
                self._transition("checking", empty_looks=0, next_attempt=self._now())
            else:
                # Preparing (a buyer, a rate) creates no document: try again later.
                self._try_later(error)
        elif isinstance(error, errors.NotProcessed):
            self._try_later(error, unsent=was_sending)
        elif isinstance(error, errors.AccountProblem):
            if was_sending:
                self._on_account_refused(error)
            self.next_attempt = self._now()
            self.account_id._pause(error)
        else:
            self._need_attention(
                self.account_id._sentence(error),
                "rejected" if was_sending else error.reason.value,
            )

    def _on_account_refused(self, error):
        """The service refused for what is set up there or here: nothing was made.

        The document is built anew, with the settings that will have been mended. A key
        that does not open is tried before it is sent again, so it costs no send.
        """
        if self.send_count >= MAX_SENDS:
            self._need_attention(self.account_id._sentence(error), "rejected")
            return
        unsent = error.reason is errors.Reason.KEY
        sent = self.send_count - unsent
        self._transition("waiting", **{**self._unsent_values(), "send_count": sent})

    def _unsent_values(self):
        """Return the values of a document of which the service certainly has nothing.

        It is built anew before it is sent.
        """
        return {"content": False, "request": False, "sent_at": False, "send_count": 0}

    def _try_later(self, error, unsent=False):
        """Back off, or have a human look at what no time seems to mend."""
        if error.reason not in PUZZLING or self.failure_count < MAX_PUZZLES:
            self._back_off(error, unsent)
        elif self.state == "checking" or (self.request and not unsent):
            self._need_proof()  # it could not be looked for
        else:
            self._need_attention(self.account_id._sentence(error), error.reason.value)

    def _back_off(self, error, unsent=False):
        """Try again after a pause that doubles each time, with jitter."""
        failures = self.failure_count + 1
        pause = min(2.0 ** min(failures, 20), MAX_PAUSE)
        pause = pause * random.uniform(1.0, 1.3)
        if error.scope:  # else the whole account rests for that long
            pause = max(pause, min(error.retry_after or 0, LONGEST_WISH))
        following = self._now() + timedelta(seconds=pause)
        values = {
            "failure_count": failures,
            # Nothing is called before the account has rested.
            "next_attempt": max(following, self.account_id.rest_until or following),
        }
        if unsent:
            # What was sent before may have arrived; without that, nothing has.
            values["send_count"] = self.send_count - 1
            values["sent_at"] = self.send_count > 1 and self.sent_at
        state = "checking" if self.state == "checking" else "waiting"
        self._transition(state, **values)

    def _on_crash(self):
        """Something of ours broke: show it, and let the next document pass."""
        if self.state == "sending":
            self._transition("checking", next_attempt=self._now())
        elif self.state in ("waiting", "checking"):
            self._need_attention(
                self.env._(
                    "The invoice could not be processed because of an error in the "
                    "program. The server log has the details."
                ),
                "program",
            )
