from datetime import timedelta
from decimal import Decimal

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ..billing import refund
from ..billing.hungary import bounds_of, day_of
from ..billing.invoice import (
    EXISTING_STATES,
    LASTING_KINDS,
    MAIN_KINDS,
    OPEN_STATES,
    DocumentKind,
    NavState,
    State,
)
from ..billing.month import (
    Amount,
    DayTotal,
    DocumentRow,
    Named,
    SaleRow,
    TenderTotal,
    Till,
)
from ..billing.month_rows import MonthRows

#: Sales and documents that are read at once: what they say is not small.
BATCH = 500
#: States of a sale that was paid.
PAID = ("paid", "done")
#: How many days before the month documents of its fulfilment may have been issued.
EARLIER = timedelta(days=62)


class SalonInvoiceMonthRows(models.AbstractModel):
    """What the till and the documents say of a month, as ``billing.month`` takes it.

    Only reads, and locks nothing: a till that sells meanwhile does not notice. Sales
    are read in batches, with one statement for each thing that is asked of a batch.
    The till's own sums come from SQL of their own, in which PostgreSQL counts the days
    and takes the totals of the sales: a sale that the batches had lost, counted twice
    or put on another day would show.
    """

    _name = "salon.invoice.month.rows"
    _description = "Rows of a Month's File"

    def _rows(self, company, start, end):
        """Return the ``billing.month_rows.MonthRows`` of a company.

        :param date start: the first day
        :param date end: the last day, inclusive
        """
        sales, documents = self._sales(self._sale_domain(company, start, end))
        others, of_others = self._others(company, sales, documents.values())
        documents.update(of_others)
        issued = self._document_domain(company, start, end)
        for found in self._batches(self.env["salon.invoice.document"], issued):
            self._read_documents(found)
            documents.update((row.ref, row) for row in map(self._document_row, found))
            self.env.invalidate_all()
        return MonthRows(
            start=start,
            end=end,
            documents=tuple(documents.values()),
            sales=tuple(sales),
            till=self._till(company, start, end),
            others=tuple(others),
        )

    def _sales(self, domain):
        """Return the ``SaleRow`` s of sales, and ``{ref: DocumentRow}`` of them."""
        sales, documents = [], {}
        for orders in self._batches(self.env["pos.order"], domain):
            found = orders.sudo().salon_document_ids.sorted("id")
            self._read_documents(found)
            sales += self._sale_rows(orders, found)
            documents.update((row.ref, row) for row in map(self._document_row, found))
            self.env.invalidate_all()
        return sales, documents

    def _others(self, company, sales, documents):
        """Return what :meth:`_sales` does of other days, of sales without a document.

        What came back of them later, or was sold before: only the whole family tells
        whether anything is missing of it.

        :param sales: ``billing.month.SaleRow`` s of the period
        :param documents: ``billing.month.DocumentRow`` s of these
        """
        answered = {row.sale for row in documents if row.exists}
        silent = [row for row in sales if not row.reason and row.ref not in answered]
        families = sorted({int(row.family or row.ref) for row in silent})
        if not families:
            return [], {}
        back = Domain("lines.refunded_orderline_id.order_id", "in", families)
        return self._sales(
            Domain("company_id", "=", company.id)
            & Domain("state", "in", PAID)
            & Domain("id", "not in", [int(row.ref) for row in sales])
            & (Domain("id", "in", families) | back)
        )

    def _batches(self, records, domain):
        """Yield what ``domain`` finds, some at a time, by id.

        Afresh each time: nothing of one batch is kept while the next one is read.
        """
        ids = records.search(domain, order="id").ids
        for first in range(0, len(ids), BATCH):
            yield records.browse(ids[first : first + BATCH])

    # === WHICH === #

    def _sale_domain(self, company, start, end):
        """Return the domain of the sales that were paid on these days, in Hungary."""
        first, after = bounds_of(start, end)
        return Domain(
            [
                ("company_id", "=", company.id),
                ("state", "in", PAID),
                ("date_order", ">=", first),
                ("date_order", "<", after),
            ]
        )

    def _document_domain(self, company, start, end):
        """Return the domain of the documents whose days may be these.

        Those of the month's sales are read with the sales.
        """
        first, after = bounds_of(start, end)
        own = Domain("company_id", "=", company.id)
        issued = Domain("issued_at", ">=", first) & Domain("issued_at", "<", after)
        # Of a range of issue, by which PostgreSQL finds them in a big table.
        supplied = (
            Domain("issued_at", ">=", first - EARLIER)
            & Domain("fulfillment_date", ">=", start)
            & Domain("fulfillment_date", "<=", end)
        )
        return own & (issued | supplied)

    def _listed_domain(self, company, start, end):
        """Return the domain of the documents that the month's file has PDFs of."""
        first, after = bounds_of(start, end)
        sold = (
            Domain("order_id.date_order", ">=", first)
            & Domain("order_id.date_order", "<", after)
            & Domain("company_id", "=", company.id)
        )
        made = Domain("state", "in", sorted(EXISTING_STATES)) & Domain(
            "kind", "in", sorted(LASTING_KINDS)
        )
        return made & (self._document_domain(company, start, end) | sold)

    # === DOCUMENTS === #

    def _read_documents(self, documents):
        """Read of documents what their rows say, in one statement."""
        documents.sudo().fetch(
            [
                *("kind", "state", "number", "is_receipt", "amount_gross"),
                *("currency_id", "exchange_rate", "buyer_name", "order_id"),
                *("pos_reference", "origin_id", "replaces_id", "nav_state", "pdf_id"),
                *("account_id", "skip_reason", "kept_off", "generation"),
                *("figures", "remote_snapshot", "issued_at", "issue_date", "shop_id"),
                *("fulfillment_date", "due_date", "buyer_tax_number"),
            ]
        )

    def _document_row(self, document):
        """Return the ``billing.month.DocumentRow`` of a document."""
        document = document.sudo()
        figures = document._figures()
        gross = figures.gross if figures else self._signed_gross(document)
        before = document.origin_id or document.replaces_id
        return DocumentRow(
            ref=str(document.id),
            number=document.number or "",
            kind=DocumentKind(document.kind),
            state=State(document.state),
            gross=gross,
            amounts=self._amounts(figures),
            currency=document.currency_id.name or "HUF",
            exchange_rate=_exact(document.exchange_rate) or None,
            receipt=document.is_receipt,
            issue_date=self._issue_date(document),
            fulfillment_date=document.fulfillment_date or None,
            due_date=document.due_date or None,
            buyer=document.buyer_name or "",
            tax_number=document.buyer_tax_number or "",
            tenders=self._tenders(figures),
            shop=document.shop_id.name or "",
            sale=str(document.order_id.id),
            sale_name=document.pos_reference or document.order_id.name,
            follows=before.number or "",
            nav=NavState(document.nav_state) if document.nav_state else None,
            has_pdf=bool(document.pdf_id),
            account=document.account_id.name or "",
            # Read as it is kept: of thousands, the rest of it is not needed.
            sandbox=bool((document.remote_snapshot or {}).get("sandbox")),
        )

    def _amounts(self, figures):
        """Return ``billing.month.Amount`` s, none where the figures are not known."""
        return tuple(
            Amount(vat=rate.vat, net=rate.net, tax=rate.tax, gross=rate.gross)
            for rate in (figures.rates if figures else ())
        )

    def _tenders(self, figures):
        """Return ``billing.month.Named`` tenders, by what their kinds are called."""
        if not figures:
            return ()
        names = self._kinds()
        return tuple(
            Named(name=names[kind.value], amount=amount)
            for kind, amount in figures.tenders.items()
        )

    def _kinds(self):
        """Return what people call each kind of payment."""
        field = self.env["pos.payment.method"]._fields["salon_payment_kind"]
        return dict(field._description_selection(self.env))

    def _signed_gross(self, document):
        """Return the gross as the service has it: a storno's is negative."""
        issued = document._issued()
        gross = issued.gross if issued else _exact(document.amount_gross)
        return -abs(gross) if document.kind == DocumentKind.STORNO else gross

    def _issue_date(self, document):
        """Return the day on which it was issued, None before that."""
        if document.issue_date:
            return document.issue_date
        return day_of(document.issued_at) if document.issued_at else None

    # === SALES === #

    def _sale_rows(self, orders, documents):
        """Return the ``billing.month.SaleRow`` s of sales.

        :param documents: of these sales
        """
        orders = orders.sudo()
        names, reasons = self._kinds(), self._reasons()
        of_order = documents.grouped("order_id")
        sums, tenders = self._line_sums(orders), self._tender_sums(orders)
        back = self._returned(orders)
        rows = []
        for order in orders:
            own = of_order.get(order, documents.browse())
            reason, returned = self._reason(order, own), back.get(order.id, ())
            sold = {sale for sale, *_ in returned}
            rows.append(
                SaleRow(
                    ref=str(order.id),
                    name=order.pos_reference or order.name,
                    day=day_of(order.date_order),
                    gross=self._gross(order, sums.get(order.id, 0.0)),
                    currency=order.currency_id.name,
                    shop=order.config_id.name or "",
                    kept_off=self._kept_off(order, own, returned),
                    reason=reasons.get(reason, ""),
                    tenders=tuple(
                        Named(name=names.get(kind, kind), amount=amount)
                        for kind, amount in tenders.get(order.id, {}).items()
                    ),
                    family=str(returned[0][0]) if returned else "",
                    counts_off=len(sold) <= 1 and refund.counts_off(reason),
                )
            )
        return rows

    def _line_sums(self, orders):
        """Return ``{order id: sum of the lines}``, which no rounding has touched."""
        found = (
            self.env["pos.order.line"]
            .sudo()
            ._read_group(
                [("order_id", "in", orders.ids)],
                ["order_id"],
                ["price_subtotal_incl:sum"],
            )
        )
        return {order.id: total for order, total in found}

    def _gross(self, order, lines):
        """Return what a sale comes to before cash is rounded, as documents have it.

        That is the sum of its lines; where they are unrounded, and the till does not
        round totals, it is the total (``pos.order._salon_line_grosses``).
        """
        agree = order.currency_id.is_zero(lines - order.amount_total)
        rounded = _rounds_totals(order.config_id)
        return Decimal(
            order._salon_amount(lines if agree or rounded else order.amount_total)
        )

    def _tender_sums(self, orders):
        """Return ``{order id: {kind of payment: amount}}``, change deducted."""
        found = (
            self.env["pos.payment"]
            .sudo()
            ._read_group(
                [("pos_order_id", "in", orders.ids)],
                ["pos_order_id", "payment_method_id"],
                ["amount:sum"],
            )
        )
        sums = {}
        for order, method, total in found:
            kinds = sums.setdefault(order.id, {})
            kind = method.salon_payment_kind
            amount = Decimal(order._salon_amount(total))
            kinds[kind] = kinds.get(kind, Decimal(0)) + amount
        return {
            order: {kind: amount for kind, amount in kinds.items() if amount}
            for order, kinds in sums.items()
        }

    def _returned(self, orders):
        """Return ``{order id: [(sale id, its line id, gross)]}`` of what came back.

        Only what is of the same company: whoever sells may name any line.
        """
        lines = (
            self.env["pos.order.line"]
            .sudo()
            .search(
                [
                    ("order_id", "in", orders.ids),
                    ("refunded_orderline_id", "!=", False),
                ],
                order="id",
            )
        )
        back = {}
        for line in lines:
            sold = line.refunded_orderline_id
            if sold.order_id.company_id == line.order_id.company_id:
                amount = Decimal(line.order_id._salon_amount(line.price_subtotal_incl))
                entry = (sold.order_id.id, sold.id, amount)
                back.setdefault(line.order_id.id, []).append(entry)
        return back

    def _kept_off(self, order, documents, back):
        """Return what the documents of a sale leave off, ``billing.month.Named`` s.

        What comes back of a line that was kept off is kept off, too.

        :param back: of :meth:`_returned`
        """
        made = documents.filtered(
            lambda row: row.kind in MAIN_KINDS and row.state in _SAID
        )
        entries = [
            (entry["name"], Decimal(entry["amount"]))
            for entry in made[-1:].kept_off or ()
        ]
        if back:
            sold = self.env["pos.order"].sudo().browse({sale for sale, *_ in back})
            off = {
                entry["line"]: entry["name"]
                for row in sold.salon_document_ids
                for entry in (row.kind in MAIN_KINDS and row.kept_off) or ()
            }
            entries += [
                (off[line], amount) for _sale, line, amount in back if line in off
            ]
        return tuple(Named(name=name, amount=amount) for name, amount in entries)

    def _reasons(self):
        """Return ``{skip reason: as people read it}``."""
        field = self.env["salon.invoice.document"]._fields["skip_reason"]
        return dict(field._description_selection(self.env))

    def _reason(self, order, documents):
        """Return the skip reason of a sale without a document, "" if it is due."""
        if order.account_move:
            return "odoo"
        skipped = documents.filtered("skip_reason").filtered(
            lambda row: row.state == State.SKIPPED
        )
        return skipped[-1:].skip_reason or ""

    # === THE TILL'S OWN SUMS === #

    def _till(self, company, start, end):
        """Return the ``billing.month.Till``, in statements that read no row of it."""
        self.env.flush_all()
        currencies = self._currencies(company)
        return Till(
            days=tuple(
                DayTotal(
                    day=day,
                    currency=currencies[shop].name,
                    count=count,
                    gross=_decimal(total, currencies[shop]),
                )
                for day, shop, count, total in _merged(
                    self._day_sums(company, start, end), currencies
                )
            ),
            tenders=tuple(self._tender_totals(company, start, end, currencies)),
        )

    def _currencies(self, company):
        """Return ``{shop id: currency}`` of the company's shops."""
        return {shop.id: shop.currency_id for shop in self._shops(company)}

    def _shops(self, company):
        """Return the company's shops, also those that are archived."""
        shops = self.env["pos.config"].sudo().with_context(active_test=False)
        return shops.search([("company_id", "=", company.id)])

    def _day_sums(self, company, start, end):
        """Return ``(day, shop, count, total)`` of each day and shop."""
        rounding = self._shops(company).filtered(_rounds_totals)
        return self.env.execute_query(
            SQL(
                """
                SELECT (sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE
                        'Europe/Budapest')::date AS day,
                       sale.config_id,
                       count(*),
                       sum(CASE WHEN sale.config_id = ANY(%(rounding)s)
                           THEN lines.total
                           ELSE sale.amount_total END)
                  FROM pos_order sale
                  LEFT JOIN LATERAL (
                       SELECT sum(price_subtotal_incl) AS total
                         FROM pos_order_line WHERE order_id = sale.id
                       ) lines ON true
                 WHERE sale.company_id = %(company)s
                   AND sale.state IN %(paid)s
                   AND %(days)s
                 GROUP BY 1, 2
                 ORDER BY 1, 2
                """,
                rounding=rounding.ids,
                company=company.id,
                paid=PAID,
                days=_days_in_sql(start, end),
            )
        )

    def _tender_totals(self, company, start, end, currencies):
        """Yield a ``billing.month.TenderTotal`` for each kind and currency."""
        found = self.env.execute_query(
            SQL(
                """
                SELECT method.salon_payment_kind, sale.config_id, sum(payment.amount)
                  FROM pos_payment payment
                  JOIN pos_order sale ON sale.id = payment.pos_order_id
                  JOIN pos_payment_method method
                    ON method.id = payment.payment_method_id
                 WHERE sale.company_id = %(company)s
                   AND sale.state IN %(paid)s
                   AND %(days)s
                 GROUP BY 1, 2
                """,
                company=company.id,
                paid=PAID,
                days=_days_in_sql(start, end),
            )
        )
        names, sums = self._kinds(), {}
        for kind, shop, total in found:
            currency = currencies[shop]
            key = names.get(kind, kind), currency.name
            sums[key] = sums.get(key, Decimal(0)) + _decimal(total, currency)
        for (name, currency), total in sorted(sums.items()):
            if total:
                yield TenderTotal(name=name, currency=currency, amount=total)


#: States in which a document says what it leaves off.
_SAID = OPEN_STATES | EXISTING_STATES


def _merged(sums, currencies):
    """Yield ``(day, a shop, count, total)``, the shops of one currency together."""
    days = {}
    for day, shop, count, total in sums:
        key = day, currencies[shop].name
        _shop, known, before = days.get(key, (shop, 0, 0))
        days[key] = shop, known + count, before + total
    for (day, _currency), (shop, count, total) in days.items():
        yield day, shop, count, total


def _rounds_totals(shop):
    """Return True if a till rounds what a sale comes to, and not only cash."""
    return bool(
        shop.cash_rounding and shop.rounding_method and not shop.only_round_cash_method
    )


def _days_in_sql(start, end):
    """Return the condition of these days, as PostgreSQL counts them."""
    margin = timedelta(days=1)
    return SQL(
        """
        sale.date_order >= %(early)s AND sale.date_order < %(late)s
        AND (sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Budapest')::date
            BETWEEN %(start)s AND %(end)s
        """,
        early=start - margin,
        late=end + 2 * margin,
        start=start,
        end=end,
    )


def _exact(number):
    """Return a float as the Decimal that people read."""
    return Decimal(str(number))


def _decimal(total, currency):
    """Return a sum of PostgreSQL's in the decimals of its currency."""
    return Decimal(f"{total or 0:.{currency.decimal_places}f}")
