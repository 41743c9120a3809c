from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import format_amount, format_date
from odoo.tools.translate import LazyTranslate

from ..billing import lifecycle, month
from ..billing.books import Finding, Outcome, Repair
from ..billing.choice import Wish
from ..billing.codec import to_json
from ..billing.invoice import MAIN_KINDS

# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

#: What was found, in sentences; the values are formatted.
SENTENCES = {
    Finding.NO_DOCUMENT: _lt("There is no document of this sale."),
    Finding.ON_ITS_WAY: _lt("Its document is on its way."),
    Finding.ATTENTION: _lt("Its document waits for a person."),
    Finding.UNFINISHED: _lt("There is a draft or a proforma only."),
    Finding.NO_SALE: _lt("It is of no sale that the till knows."),
    Finding.UNWANTED: _lt(
        "It wants no document, and there are documents of %(there)s."
    ),
    Finding.RETURNED: _lt("All of it came back before any document was made."),
    Finding.SOLD: _lt(
        "VAT %(rate)s: the till sold %(here)s, the documents say %(there)s."
    ),
    Finding.PAID: _lt("What was sold comes to %(here)s, what was paid to %(there)s."),
    Finding.TENDERS: _lt("The till was paid by %(here)s, the documents say %(there)s."),
    Finding.NOT_LISTED: _lt("The service does not list it."),
    Finding.GONE: _lt("The service does not have it (any more)."),
    Finding.NOT_ASKED: _lt("The service was not asked about it yet."),
    Finding.NO_FIGURES: _lt("It was recorded by hand: what it says is not known here."),
    Finding.KIND: _lt("Here it is: %(here)s; at the service: %(there)s."),
    Finding.NUMBER: _lt("Its number here is %(here)s, at the service %(there)s."),
    Finding.ORDER_NUMBER: _lt(
        "Its order number here is %(here)s, at the service %(there)s."
    ),
    Finding.CURRENCY: _lt("Its currency here is %(here)s, there %(there)s."),
    Finding.DAY: _lt("It was issued on %(here)s, at the service on %(there)s."),
    Finding.GROSS: _lt("Its total here is %(here)s, at the service %(there)s."),
    Finding.RATE: _lt(
        "VAT %(rate)s: its total here is %(here)s, at the service %(there)s."
    ),
    Finding.TAX: _lt("VAT %(rate)s: its VAT here is %(here)s, there %(there)s."),
    Finding.CANCELLED: _lt("Cancelled here: %(here)s; at the service: %(there)s."),
    Finding.PAYMENT_KIND: _lt(
        "It names another way of payment here (%(here)s) than there (%(there)s)."
    ),
    Finding.PAYMENTS: _lt("Paid here: %(here)s; at the service: %(there)s."),
    Finding.OWED: _lt("Owed here: %(here)s; at the service: %(there)s."),
    Finding.TWICE: _lt("The service has a second document of it: %(there)s."),
    Finding.UNANSWERED: _lt(
        "The service has made it (%(there)s), and its answer was lost."
    ),
    Finding.UNKNOWN: _lt("It carries a mark of ours, and is not known here."),
    Finding.TAKEN_BACK: _lt(
        "The service has %(there)s, which takes back %(here)s; it was not made here."
    ),
    Finding.UNMARKED: _lt("The service does not tell whose document it is."),
}
#: What the month's file calls an outcome.
GAPS = {
    Outcome.DIFFERS: month.Gap.SERVICE_DIFFERS,
    Outcome.MISSING_HERE: month.Gap.MISSING_HERE,
    Outcome.MISSING_THERE: month.Gap.MISSING_THERE,
}
#: Findings whose values are two amounts of the same thing.
AMOUNTS = frozenset({Finding.SOLD, Finding.PAID, Finding.GROSS, Finding.RATE})
#: Differences of one reconciliation that are kept: more are one trouble, such as an
#: account that another database has sold through, or a service that lies.
MOST = 1000
#: What a person may write.
WRITABLE = frozenset({"note"})


class SalonInvoiceDifference(models.Model):
    """One thing in which till, documents and service differ, and what is done about it.

    It closes by itself once it is not found any more; what a person has resolved is not
    open any more unless something else is found of the same thing.
    """

    _name = "salon.invoice.difference"
    _description = "Difference with the Invoicing Service"
    _inherit = "salon.invoice.guard"
    _order = "state, day desc, id desc"

    # === FIELDS === #

    reconciliation_id = fields.Many2one(
        "salon.invoice.reconciliation", required=True, readonly=True, ondelete="cascade"
    )
    account_id = fields.Many2one(
        related="reconciliation_id.account_id", store=True, precompute=True
    )
    company_id = fields.Many2one(
        related="reconciliation_id.company_id", store=True, precompute=True
    )
    key = fields.Char(
        required=True, readonly=True, help="What it is about: the same each time."
    )
    state = fields.Selection(
        [
            ("open", "Still open"),
            ("mended", "Mended"),
            ("resolved", "Resolved by hand"),
        ],
        required=True,
        readonly=True,
        default="open",
    )
    outcome = fields.Selection(
        [
            ("differs", "Differs"),
            ("missing_here", "Missing here"),
            ("missing_there", "Missing at the service"),
        ],
        required=True,
        readonly=True,
    )
    day = fields.Date(readonly=True)
    order_id = fields.Many2one(
        "pos.order",
        string="Sale",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    document_id = fields.Many2one(
        "salon.invoice.document",
        string="Document",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    number = fields.Char(
        string="Number at the Service", readonly=True, help="Of what only it has."
    )
    remote_id = fields.Char(
        string="Id at the Service",
        readonly=True,
        help="Of the document that may be this sale's.",
    )
    remote = fields.Json(readonly=True, prefetch=False, help="As the service told it.")
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    findings = fields.Json(readonly=True)
    text = fields.Text(
        string="What Differs", compute="_compute_text", compute_sudo=True
    )
    can_ask = fields.Boolean(readonly=True)
    can_look = fields.Boolean(readonly=True)
    can_adopt = fields.Boolean(readonly=True)
    offer = fields.Json(
        readonly=True, help="Number, day and total of what may be taken for the sale."
    )
    offer_text = fields.Text(
        string="What the Service Has", compute="_compute_offer_text", compute_sudo=True
    )
    note = fields.Text(help="How it was resolved: for whoever looks at it later.")
    closed_by_id = fields.Many2one("res.users", string="Resolved by", readonly=True)
    closed_at = fields.Datetime(string="Closed", readonly=True)

    # === CONSTRAINTS === #

    _one_each = models.Constraint("UNIQUE (reconciliation_id, key)")
    _of_account = models.Index("(account_id, key)")

    # === WHAT IS FOUND === #

    @api.model
    def _take(self, reconciliation, rows):
        """Keep what was found in place of what was found before, up to :data:`MOST`.

        :param rows: ``billing.books.Row`` s that need a person
        """
        known = {one.key: one for one in reconciliation.difference_ids}
        found = {key_of(row): row for row in rows}
        kept = [key for key in found if key in known]
        new = (key for key in found if key not in known)
        kept += islice(new, max(MOST - len(kept), 0))
        orders = self._names([found[key] for key in kept])
        created = []
        for key in kept:
            values = self._values(found[key], orders)
            if key in known:
                known[key]._renew(values)
            else:
                row = {"reconciliation_id": reconciliation.id, "key": key}
                created.append({**row, **values})
        # Together: a day of a shop whose connection was cut is a thousand of them.
        self.create(created)._take_over()
        for key, one in known.items():
            if key not in found and one.state == "open":
                one.write({"state": "mended", "closed_at": fields.Datetime.now()})

    def _names(self, rows):
        """Return ``{id: pos.order}`` of what rows are about, read together."""
        ids = {row.family for row in rows if row.family}
        orders = self.env["pos.order"].browse(ids).exists()
        orders.fetch(["date_order", "amount_total", "currency_id"])
        return {order.id: order for order in orders}

    def _values(self, row, orders):
        """Return the values of a row, but for its key."""
        order = orders.get(row.family) or self.env["pos.order"]
        listed = row.listed
        document = self.env["salon.invoice.document"].browse(row.document or ())
        day, amount, currency = False, 0.0, order.currency_id
        if order:
            day, amount = order._salon_day(), order.amount_total
        elif listed:
            currency = currency._salon_by_code(listed.currency)
            day, amount = listed.issue_date, float(listed.gross)
        return {
            "outcome": row.outcome.value,
            "order_id": order.id,
            "document_id": document.id,
            "number": listed.number if listed and not document else False,
            "remote_id": row.candidate or (listed.id if listed else False),
            "remote": to_json(listed) if listed else False,
            "day": day,
            "amount": amount,
            "currency_id": currency.id,
            "findings": [
                [one.what.value, _plain(one.here), _plain(one.there), one.rate]
                for one in row.differences
            ],
            "can_ask": Repair.ASK in row.repairs
            or (Finding.ATTENTION in row.findings and not row.candidate),
            "can_look": Repair.LOOK in row.repairs and bool(document or listed),
            "can_adopt": Repair.ADOPT in row.repairs,
            "offer": _offer(row.offered),
        }

    def _renew(self, values):
        """Write what was found again; what a person has resolved stays resolved."""
        is_other = [*map(list, self.findings or ())] != values["findings"]
        if self.state == "mended" or (self.state == "resolved" and is_other):
            values = {**values, "state": "open", "closed_at": False}
        self.write(values)

    def _take_over(self):
        """Take over what a person has resolved in another reconciliation."""
        resolved = self._others().filtered(lambda one: one.state == "resolved")
        by_key = resolved.grouped("key")
        for one in self:
            for other in by_key.get(one.key, ()):
                if other.findings == one.findings:
                    one.write(
                        {
                            "state": "resolved",
                            "note": other.note,
                            "closed_by_id": other.closed_by_id.id,
                            "closed_at": other.closed_at,
                        }
                    )

    def _others(self):
        """Return the same in other reconciliations of the account."""
        return self.search(
            [
                ("account_id", "in", self.account_id.ids),
                ("key", "in", self.mapped("key")),
                ("reconciliation_id", "not in", self.reconciliation_id.ids),
            ]
        )

    def _known_elsewhere(self):
        """Return those of which people have been told with another reconciliation."""
        others = self._others().filtered(lambda one: one.state == "open")
        keys = set(others.mapped("key"))
        return self.filtered(lambda one: one.key in keys)

    # === WORDS === #

    @api.depends("findings")
    @api.depends_context("lang")
    def _compute_text(self):
        for one in self:
            one.text = "\n".join(one._sentences())

    @api.depends("offer")
    @api.depends_context("lang")
    def _compute_offer_text(self):
        for one in self:
            values = one.offer or {}
            one.offer_text = bool(values) and self.env._(
                "The service already has %(number)s of %(day)s over %(gross)s: of the "
                "same day and total as this sale. If it was made for this sale, a "
                "manager is to press Take It: another document would be the second "
                "one of it.",
                number=values.get("number"),
                day=one._format(["day", values.get("day")]),
                gross=one._format(["amount", values.get("gross")]),
            )

    @api.depends("order_id", "document_id", "number")
    def _compute_display_name(self):
        for one in self:
            order = one.sudo().order_id
            name = order.pos_reference or order.name
            one.display_name = one.number or one.sudo().document_id.name or name

    def _sentences(self):
        """Yield a sentence for each finding, in the reader's language."""
        for what, here, there, rate in self.findings or ():
            values = {
                "here": self._format(here),
                "there": self._format(there),
                "rate": f"{rate}%" if rate[:1].isdecimal() else rate,
            }
            text = self.env._(SENTENCES[Finding(what)])
            for name, value in values.items():
                text = text.replace(f"%({name})s", value)
            yield text
            if Finding(what) is Finding.ATTENTION:
                yield from filter(None, self.sudo().order_id.mapped("salon_problem"))
        if self.remote_id and self.can_adopt:
            yield self.env._("The service has one just like it, which may be taken.")

    def _format(self, value):
        """Return a value of a finding as people read it."""
        kind, value = value or ("", "")
        if kind == "amount":
            if not self.currency_id:
                return value
            return format_amount(self.env, float(value), self.currency_id)
        if kind == "day":
            return format_date(self.env, value)
        if kind == "yes":
            return self.env._("yes") if value else self.env._("no")
        if kind == "tenders":
            return ", ".join(
                f"{self._label('tender', code)} {self._format(['amount', amount])}"
                for code, amount in value
            )
        if kind == "kind":
            return self._label("kind", value) or self._label("tender", value)
        return str(value or "–")

    def _label(self, name, code):
        field = self.env["salon.invoice.document"]._fields[name]
        return dict(field._description_selection(self.env)).get(code)

    def _as_finding(self, named=()):
        """Return this as a ``billing.month.Finding``.

        A sale for which the service has a document that may be taken is named as what
        only the service has, unless that document is.

        :param named: ids at the service that differences of their own are about
        """
        outcome = Outcome(self.outcome)
        if self.can_adopt and self.remote_id and self.remote_id not in named:
            outcome = Outcome.MISSING_HERE
        amounts = [
            (here, there)
            for what, here, there, _rate in self.findings or ()
            if Finding(what) in AMOUNTS and here and there
        ]
        here, there = amounts[0] if len(amounts) == 1 else (None, None)
        order, document = self.sudo().order_id, self.sudo().document_id
        return month.Finding(
            gap=GAPS[outcome],
            ref=str(document.id or ""),
            number=self.number or document.number or "",
            sale=str(order.id or ""),
            sale_name=order.pos_reference or order.name or "",
            day=self.day or None,
            currency=self.currency_id.name or "",
            expected=here and Decimal(here[1]),
            found=there and Decimal(there[1]),
            detail=" ".join(self._sentences()),
        )

    # === PEOPLE'S BUTTONS === #

    def write(self, vals):
        """Let people write a note of what is open, and nothing else.

        What stands beside a name is what that person has written.

        :raises AccessError: for other fields, or of what is closed
        """
        if not self.env.su and (
            vals.keys() - WRITABLE or any(one.state != "open" for one in self)
        ):
            raise AccessError(self.env._("A difference is not edited, but resolved."))
        return super().write(vals)

    def _start_repair(self, *names):
        """Check that the user may repair these, in these ways.

        :param names: of the fields that allow it
        :return: as superuser, locked
        :raises UserError: if one is closed, or is not repaired so
        """
        self.env["salon.invoice.document"]._check_may_manage()
        self.check_access("read")
        rows = self.sudo()
        for one in rows:
            one.order_id.sudo(False).check_access("read")
            one.document_id.sudo(False).check_access("read")
            if one.state != "open" or not all(one[name] for name in names):
                raise UserError(
                    self.env._("%s is not repaired like this.", one.display_name)
                )
        return rows

    def action_ask(self):
        """Ask for the documents of these sales, once more where they have failed.

        Whoever asks from here has not looked for each of them at the service: what may
        be there is looked up, and not sent. Where the service has a document just like
        the sale, the person is asked first, about one sale at a time.
        """
        rows = self._start_repair("can_ask")
        offered = rows.filtered("offer")
        (rows - offered)._ask()
        return offered[0]._confirmation() if offered else True

    def action_ask_anyway(self):
        """Ask for another document of a sale that the service has one just like of."""
        self.ensure_one()
        self._start_repair("can_ask")._ask()
        return True

    @api.model
    def _offer_for(self, order):
        """Return the open difference that has a document for a sale, or none.

        :param order: ``pos.order``
        """
        found = self.sudo().search(
            [
                ("order_id", "in", order.ids),
                ("company_id", "in", order.company_id.ids),
                ("state", "=", "open"),
                ("can_adopt", "=", True),
            ]
        )
        return found.filtered("offer")[:1].sudo(False)

    def _confirmation(self):
        """Return the dialog that asks before a second document of a sale is made."""
        view = "salon_invoice_bridge.salon_invoice_difference_view_ask"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("The service has one just like it"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(self.env.ref(view).id, "form")],
            "target": "new",
        }

    def _ask(self):
        """Ask for the documents of these sales, which the user may."""
        for one in self:
            order = one.order_id.with_user(self.env.user).sudo(False)
            if stopped := order._salon_in_attention():
                stopped._check_may_generate()
                stopped.sudo()._retry(lifecycle.retry_one_of_many)
            else:
                order._salon_generate_missing()
            one.reconciliation_id._start_again()

    def action_look(self):
        """Have the service asked about these once more."""
        for one in self._start_repair("can_look"):
            document = one.document_id
            if document and document._has_remote_copy():
                document.with_user(self.env.user).sudo(False).action_look()
            one.reconciliation_id._look_again(
                document.remote_snapshot or one.remote or None
            )
        return True

    def action_adopt(self):
        """Take the document of the service for that of this sale.

        :raises UserError: if the user is no manager, or it is not just like the sale,
            of no other sale, and not on its way: by what is so now
        """
        self.ensure_one()
        if not self.env.user.has_group("point_of_sale.group_pos_manager"):
            raise UserError(self.env._("Only managers of Point of Sale may do this."))
        one = self._start_repair("can_adopt")
        # An UPDATE: two of them cannot both commit, and the second one looks again.
        self.env.cr.execute(
            "UPDATE salon_invoice_account SET write_date = write_date WHERE id = %s",
            [one.account_id.id],
        )
        one.order_id._salon_lock_row()
        listed = one._offered()
        document = one._document_to_adopt(listed.is_receipt)
        document._check_number_is_free(listed.number, listed.id)
        document._adopt(listed)
        document._message_log(
            body=self.env._(
                "%(user)s has taken %(number)s, which was found at the service, for "
                "the document of this sale.",
                user=self.env.user.name,
                number=listed.number,
            )
        )
        document._plan_look()
        one.reconciliation_id._start_again()
        return True

    def _offered(self):
        """Return the ``IssuedDocument`` that may be adopted, by what is so now.

        :raises UserError: if there is none any more
        """
        _known, _asked, found = self.reconciliation_id._reconciled()
        for row in found.sales:
            if row.family != self.order_id.id or not row.offered:
                continue
            if row.candidate == self.remote_id:
                return row.offered
        raise UserError(
            self.env._(
                "It cannot be taken for this sale: something has changed meanwhile. "
                "Have the service asked again."
            )
        )

    def _document_to_adopt(self, is_receipt):
        """Return the row of the sale that is settled by what was found.

        :param bool is_receipt: what was found is a receipt
        :raises UserError: if the sale has one that may not be, or is to be another kind
        """
        order = self.order_id
        document = order.salon_document_ids.filtered(
            lambda row: row.kind in MAIN_KINDS and row.state == "attention"
        )[-1:]
        if not document:
            wish = Wish.RECEIPT if is_receipt else Wish.INVOICE
            document = order._salon_request_document(wish=wish)
        if not document or not lifecycle.may_settle(document._progress()):
            raise UserError(
                self.env._("Only a document that needs attention, or was never sent.")
            )
        if document.is_receipt != is_receipt:
            raise UserError(
                self.env._("A receipt is no invoice: resolve it by hand, with a note.")
            )
        return document

    def action_open_resolve(self):
        """Open the form that asks for a note."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Resolve by hand"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [
                (
                    self.env.ref(
                        "salon_invoice_bridge.salon_invoice_difference_view_resolve"
                    ).id,
                    "form",
                )
            ],
            "target": "new",
        }

    def action_resolve(self):
        """Record that these are resolved, as their note says.

        :raises UserError: without a note
        """
        for one in self._start_repair():
            if not (one.note or "").strip():
                raise UserError(self.env._("Write down how it was resolved."))
            one.write(
                {
                    "state": "resolved",
                    "closed_by_id": self.env.uid,
                    "closed_at": fields.Datetime.now(),
                }
            )
            one.reconciliation_id._on_resolved()
        return {"type": "ir.actions.act_window_close"}


def key_of(row):
    """Return what a ``billing.books.Row`` is about, the same each time."""
    if row.document and not row.listed:
        return f"document:{row.document}"
    if row.listed and row.document is None:
        return f"there:{row.listed.id}"
    if row.document:
        return f"document:{row.document}/{row.listed.id}"
    return f"sale:{row.family}"


def _offer(listed):
    """Return what people read of an ``IssuedDocument`` that may be taken."""
    if listed is None:
        return False
    day = listed.fulfillment_date or listed.issue_date
    return {
        "number": listed.number,
        "day": day and day.isoformat(),
        "gross": str(listed.gross),
    }


def _plain(value):
    """Return a value of a ``billing.books.Difference`` as JSON, with what it is."""
    if value is None:
        return None
    if isinstance(value, bool):
        return ["yes", value]
    if isinstance(value, Enum):
        return ["kind", value.value]
    if isinstance(value, Decimal):
        return ["amount", str(value)]
    if isinstance(value, date):
        return ["day", value.isoformat()]
    if hasattr(value, "items"):
        parts = {getattr(kind, "value", kind): amount for kind, amount in value.items()}
        return [
            "tenders",
            [[kind or "owed", str(amount)] for kind, amount in parts.items()],
        ]
    return ["text", str(value)]
