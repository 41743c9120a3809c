"""What two services would list of the demonstration's month, compared with it."""

import dataclasses
from datetime import timedelta
from decimal import Decimal

from ..billing.codec import to_json
from ..billing.invoice import (
    EXISTING_STATES,
    LASTING_KINDS,
    IssuedDocument,
    Kind,
    PaymentKind,
    RateSum,
    State,
)
from ..billing.reconcile import numbers_to_look_up
from ..providers import registry

#: Days that are compared each for itself, the last one is yesterday.
DAYS = 7
#: Days since somebody has made an invoice by hand in an account.
BY_HAND_AGO = 4


class Books:
    """The services' side of the comparison, and the comparison.

    :param account: ``salon.invoice.account``
    :param date today: in Hungary
    """

    def __init__(self, account, today):
        self.env, self.account, self.today = account.env, account, today
        self.lists = account._capabilities().list_documents
        self.reported = self._tell()

    def compare(self, first):
        """Compare each month since ``first``, and each of the last days."""
        month = first.replace(day=1)
        while month < self.today:  # nothing is sold today
            following = (month + timedelta(days=31)).replace(day=1)
            self._compare(month, following - timedelta(days=1))
            month = following
        for ago in range(DAYS, 0, -1):
            day = self.today - timedelta(days=ago)
            self._compare(day, day)

    def _compare(self, since, until):
        row = self.env["salon.invoice.reconciliation"].create(
            {
                "account_id": self.account.id,
                "since": since,
                "until": until,
                "requested_at": self.env["salon.invoice.document"]._now(),
            }
        )
        if self.lists:
            self._list(row)
        else:
            self._look_up(row)
        row._compare()

    def _list(self, row):
        """Answer with the list of each day."""
        while day := row._next_day():
            listed = [one for one in self.reported.values() if one.issue_date == day]
            row._keep({"day": day}, to_json(tuple(listed)))

    def _look_up(self, row):
        """Answer with what there is of each number that is asked for."""
        documents = row._collect(self.account, row.since, row.until).documents
        while wanted := numbers_to_look_up(
            row.since, row.until, documents, row._asked().looked_up
        ):
            for key in wanted:
                found = self.reported.get(key)
                number, is_receipt = key
                row._keep(
                    {"number": number, "is_receipt": is_receipt},
                    found and to_json(found) or False,
                )

    # === WHAT A SERVICE HAS === #

    def _tell(self):
        """Return ``{(number, is receipt): IssuedDocument}`` of all that there is."""
        documents = self.env["salon.invoice.document"].search(
            [
                ("account_id", "=", self.account.id),
                ("state", "in", list(EXISTING_STATES)),
                ("kind", "in", list(LASTING_KINDS)),
            ],
            order="id",
        )
        reported = [self._describe(document) for document in documents]
        if self.lists:
            reported.append(self._by_hand())
        return {(one.number, one.is_receipt): one for one in reported}

    def _describe(self, document):
        """Return a document as the service has it now."""
        # A storno says nothing of its own.
        meant = document._invoice() or document.origin_id._invoice()
        reported_kind = registry.get(self.account.provider).reported_kind
        return dataclasses.replace(
            document._issued(),
            cancelled=document.state == State.CANCELLED,
            rates=tuple(row for row in document._figures().rates if row.gross),
            payment_kind=reported_kind(meant.payment_kind),
        )

    def _by_hand(self):
        """Return an invoice that somebody has made at the service itself."""
        day = self.today - timedelta(days=BY_HAND_AGO)
        gross, net = Decimal(25400), Decimal(20000)
        return IssuedDocument(
            id="90999999",
            number=f"KEZI-{day.year}-000001",
            kind=Kind.INVOICE,
            gross=gross,
            currency="HUF",
            outstanding=Decimal(0),
            issue_date=day,
            fulfillment_date=day,
            due_date=day,
            rates=(RateSum(vat="27", net=net, tax=gross - net, gross=gross),),
            payment_kind=PaymentKind.CARD,
        )
