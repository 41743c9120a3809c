from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL, split_every

from ..billing import books, sold
from ..billing.codec import from_json
from ..billing.figures import Figures, in_own_kinds
from ..billing.hungary import bounds_of, day_of
from ..billing.invoice import (
    MAIN_KINDS,
    OPEN_STATES,
    PAYABLE_KINDS,
    TAKING_BACK_KINDS,
    DocumentKind,
    Kind,
    PaymentKind,
    State,
)
from ..billing.sale import SETTLED_ROLES, SaleLine
from ..providers import registry

#: Orders, or documents, that are read at once: the caches are emptied in between.
BATCH = 500
#: What is read of a document.
COLUMNS = (
    *("account_id", "order_id", "origin_id", "kind", "state", "is_receipt"),
    *("skip_reason", "paper_number", "remote_id", "number", "external_key"),
    *("issue_date", "issued_at", "amount_outstanding", "payment_state"),
    *("figures", "invoice_values", "kept_off"),
)


class Collected(NamedTuple):
    """The books of some days here: what ``billing.reconcile`` compares."""

    sales: tuple  # of books.Sale
    documents: tuple  # of books.Document


class SalonInvoiceBooks(models.AbstractModel):
    """Reads what the till sold and what documents there are, for comparisons.

    In batches: the statements are as many as there are batches, not orders.
    """

    _name = "salon.invoice.books"
    _description = "Books of a Salon"

    @api.model
    def _collect(self, account, since, until):
        """Return the :class:`Collected` of an account and some days, as superuser.

        Sales and documents of these days, with their whole families (what came back of
        a sale, and the documents of both, of whatever day), and all documents that are
        open. Sales of which no document was ever asked for count to the account that
        their till sells through now.

        :param account: ``salon.invoice.account``
        :param date since: first day, in Hungary
        :param date until: last day
        """
        account = account.sudo().with_company(account.company_id)
        reader = _Reader(account.env, account)
        orders, open_documents = reader.begin(since, until)
        returns = reader.families(orders)
        for batch in split_every(BATCH, sorted(returns)):
            reader.take(batch, returns)
        return reader.finish(open_documents)


class _Reader:
    """One collection: what is read, by orders and documents, and put together.

    A reader starts at :meth:`SalonInvoiceBooks._collect`.
    """

    def __init__(self, env, account):
        self.env, self.account = env, account
        self.company = account.company_id
        self.provider = registry.get(account.provider)
        self.orders, self.documents = {}, {}  # id -> sold.Order; id -> dict
        self.accounts = defaultdict(set)  # order -> accounts of its documents
        self.tills = {}  # order -> account that its till sells through now
        self._policies = {}
        self._prepaid = None

    # === WHICH === #

    def begin(self, since, until):
        """Return the orders of some days, and those of documents of these days.

        :return: ``(ids of orders, ids of documents that are open)``
        """
        first, last = bounds_of(since, until)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT id FROM pos_order WHERE company_id = %s "
                "AND state IN ('paid', 'done') "
                "AND date_order >= %s AND date_order < %s",
                *(self.company.id, first, last),
            )
        )
        orders = {id_ for (id_,) in self.env.cr.fetchall()}
        # The service's day may be another one than that of our clock.
        day = timedelta(days=1)
        self.env.cr.execute(
            SQL(
                "SELECT id, order_id, false FROM salon_invoice_document "
                "WHERE account_id = %(account)s "
                "AND issued_at >= %(first)s AND issued_at < %(last)s "
                "UNION ALL SELECT id, order_id, true FROM salon_invoice_document "
                "WHERE account_id = %(account)s "
                "AND state IN ('waiting', 'sending', 'checking', 'attention')",
                account=self.account.id,
                first=first - day,
                last=last + day,
            )
        )
        rows = self.env.cr.fetchall()
        orders.update(order for _document, order, _is_open in rows)
        return orders, {document for document, _order, is_open in rows if is_open}

    def families(self, orders):
        """Return ``{order: the sale that it takes something back of, or None}``.

        Of these orders, and of all others of their families. Whoever sells may name any
        line: a sale of another company is none.
        """
        returns, asked, new = {}, set(), set(orders)
        while new:
            asked |= new
            for order in new:
                returns.setdefault(order)
            links = self._links(tuple(new))
            for back, sale in links:
                if returns.get(back) is None:
                    returns[back] = sale
            new = {order for link in links for order in link} - asked
        return returns

    def _links(self, orders):
        """Return ``(what takes back, sale)`` of each link from or to these orders."""
        links = []
        for side in ("back", "sale"):
            self.env.cr.execute(
                SQL(
                    """
                    SELECT back.id, sale.id
                      FROM pos_order_line taken
                      JOIN pos_order_line line
                        ON line.id = taken.refunded_orderline_id
                      JOIN pos_order back ON back.id = taken.order_id
                      JOIN pos_order sale ON sale.id = line.order_id
                     WHERE back.company_id = %(company)s
                       AND sale.company_id = %(company)s
                       AND back.state IN ('paid', 'done')
                       AND %(side)s IN %(orders)s
                     ORDER BY taken.id
                    """,
                    company=self.company.id,
                    side=SQL.identifier(side, "id"),
                    orders=orders,
                )
            )
            links += self.env.cr.fetchall()
        return links

    # === READING === #

    def take(self, orders, returns):
        """Read a batch of orders and their documents.

        :param orders: ids
        :param returns: see :meth:`families`
        """
        own = defaultdict(list)
        documents = self.env["salon.invoice.document"]
        found = documents.search_fetch(
            [("order_id", "in", list(orders)), ("company_id", "=", self.company.id)],
            COLUMNS,
            order="id",
        )
        for document in found:
            row = {name: document[name] for name in COLUMNS}
            row = {
                name: value.id if isinstance(value, models.BaseModel) else value
                for name, value in row.items()
            }
            row["id"] = document.id
            self.documents[document.id] = row
            own[row["order_id"]].append(row)
        for order in self.env["pos.order"].browse(orders):
            if order.state in ("paid", "done"):
                self._read_order(order, own[order.id], returns[order.id])
        self.env.invalidate_all()

    def _read_order(self, order, documents, returns):
        self.accounts[order.id] = {
            row["account_id"]
            for row in documents
            if row["state"] != State.SKIPPED and row["account_id"]
        }
        till = order._salon_till_settings().account
        self.tills[order.id] = till.id
        snapshot = self._snapshot(order)
        printed = _printed(documents)
        self.orders[order.id] = sold.Order(
            id=order.id,
            snapshot=snapshot,
            policy=self._policy(order.config_id),
            reported_kind=self.provider.reported_kind,
            returns=returns,
            unwanted=self._unwanted(order, documents),
            is_dropped=_is_dropped(documents),
            printed=printed and _lines(printed),
            left_off=frozenset(
                entry["role"] for entry in (printed or {}).get("kept_off") or ()
            ),
            prepaid={} if printed else self._known_prepaid(order, snapshot),
        )

    def _snapshot(self, order):
        """Return ``order._salon_snapshot()`` without its buyer."""
        rounding, rounded_in = order._salon_cash_rounding()
        if self._prepaid is None:
            lines = self.env["pos.order.line"]
            self._prepaid = lines._salon_prepaid_products(self.company)
        return {
            "reference": order.pos_reference or order.name,
            "note": "",
            "day": order._salon_day().isoformat(),
            "currency": order.currency_id.name,
            "total": order._salon_amount(order.amount_total),
            "rounding": rounding,
            "rounded_in": rounded_in,
            "lines": order._salon_snapshot_lines(self._prepaid),
            "tenders": order._salon_snapshot_tenders(),
        }

    def _policy(self, shop):
        """Return the ``billing.policy.Policy`` of a shop: of amounts, for any language.

        As the account's company has it now.
        """
        if shop.id not in self._policies:
            documents = self.env["salon.invoice.document"]
            policy = documents._policy_of(self.account, shop, "hu")
            self._policies[shop.id] = policy
        return self._policies[shop.id]

    def _known_prepaid(self, order, snapshot):
        """Return what is known of the vouchers and deposits that an order uses."""
        if not any(entry.get("role") in SETTLED_ROLES for entry in snapshot["lines"]):
            return {}
        lines = tuple(map(SaleLine.from_entry, snapshot["lines"]))
        return order._salon_prepaid(lines)

    def _unwanted(self, order, documents):
        """Return why an order has no document, "" if it is to have one.

        What was sold before its shop was connected is the former issuer's.
        """
        current = [row for row in documents if row["id"] == order.salon_document_id.id]
        if current and current[0]["paper_number"]:
            return "paper"
        if current and current[0]["state"] == State.SKIPPED:
            return current[0]["skip_reason"] or "dropped"
        if current:
            return ""
        if order.account_move:
            return "odoo"
        since = order.config_id.salon_live_since
        return "" if since and order.create_date >= since else "no_account"

    # === PUTTING TOGETHER === #

    def finish(self, open_documents):
        """Return the :class:`Collected` of this account.

        :param open_documents: ids of all that are open
        """
        families = {
            order.id: order.returns if order.returned and order.returns else order.id
            for order in self.orders.values()
        }
        mine = self._families_of_account(families)
        orders = [
            order
            for order in self.orders.values()
            if families[order.id] in mine or (order.returned and order.id in mine)
        ]
        sales = [sale for sale in sold.sales_of(orders) if sale.family in mine]
        documents = [
            self._document(row)
            for row in self.documents.values()
            if row["account_id"] == self.account.id and row["state"] != State.SKIPPED
        ]
        keep = mine | {one.family for one in documents if one.id in open_documents}
        return Collected(
            tuple(sales), tuple(one for one in documents if one.family in keep)
        )

    def _families_of_account(self, families):
        """Return the families that are this account's: see ``_collect()``."""
        accounts, tills = defaultdict(set), {}
        for id_, row in self.documents.items():
            if row["state"] != State.SKIPPED and row["account_id"]:
                accounts[self._family(id_)].add(row["account_id"])
        for order, family in families.items():
            tills.setdefault(order, self.tills[order])
            tills.setdefault(family, self.tills.get(family, self.tills[order]))
        return {
            family
            for family, till in tills.items()
            if self.account.id in (accounts[family] or {till})
        }

    def _family(self, id_):
        """Return the sale that a document is about: that of the first one it follows.

        A refund of which nothing is decided follows none yet.
        """
        row = self.documents[id_]
        while row["kind"] not in MAIN_KINDS and row["origin_id"] in self.documents:
            row = self.documents[row["origin_id"]]
        order = self.orders.get(row["order_id"])
        if row["kind"] not in MAIN_KINDS and order and order.returns:
            return order.returns
        return row["order_id"]

    def _document(self, row):
        """Return the ``books.Document`` of what was read of a document."""
        reported_kind = self.provider.reported_kind
        figures = row["figures"] and from_json(Figures, row["figures"])
        content = row["invoice_values"] or {}
        kind = _kind(row)
        is_payable = row["kind"] in (*PAYABLE_KINDS, DocumentKind.RECEIPT)
        names_kind = is_payable and content.get("payment_kind")
        is_paid_as_known = is_payable and row["state"] == State.ISSUED
        return books.Document(
            id=row["id"],
            sale=row["order_id"],
            family=self._family(row["id"]),
            kind=kind,
            state=State(row["state"]),
            figures=figures and in_own_kinds(figures, reported_kind),
            remote_id=row["remote_id"] or "",
            number=row["number"] or "",
            external_key=row["external_key"] or "",
            order_number=""
            if kind is Kind.STORNO
            else content.get("order_number") or "",
            day=row["issue_date"] or _issued_on(row),
            origin=row["origin_id"] or None,
            of_receipt=kind is Kind.STORNO and bool(row["is_receipt"]),
            payment_kind=reported_kind(PaymentKind(names_kind)) if names_kind else None,
            owed=Decimal(str(row["amount_outstanding"])) if is_paid_as_known else None,
        )


def _issued_on(row):
    """Return the day in Hungary on which a row was issued, None if it was not."""
    return day_of(row["issued_at"]) if row["issued_at"] else None


def _kind(row):
    """Return the service's ``Kind`` of a row: what a refund becomes, it may be."""
    if row["kind"] == DocumentKind.REFUND:
        return Kind.STORNO
    if row["kind"] == DocumentKind.REMAINDER:
        return Kind.RECEIPT if row["is_receipt"] else Kind.INVOICE
    return Kind(row["kind"])


def _is_dropped(documents):
    """Return True if a person has said that what came back needs no document."""
    rows = [row for row in documents if row["kind"] in TAKING_BACK_KINDS]
    return bool(rows) and all(row["skip_reason"] == "dropped" for row in rows)


def _printed(documents):
    """Return the last row of what was sold whose content is known, or None."""
    known = [
        row for row in documents if row["kind"] in MAIN_KINDS and row["invoice_values"]
    ]
    standing = [row for row in known if row["state"] not in OPEN_STATES]
    return (standing or known or [None])[-1]


def _lines(row):
    return tuple(
        sold.Printed(
            ref=line.get("ref", ""), vat=line["vat"], settles=line.get("settles", "")
        )
        for line in row["invoice_values"]["lines"]
    )
