from collections.abc import Collection

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..billing.invoice import EXISTING_STATES, LASTING_KINDS

#: Ids of parts that a document has room for: its own id times this, and their place.
PLACES = 64


class SalonInvoicePart(models.AbstractModel):
    """One row for each document and something that it is made of, for sums.

    What counts is what the tax authority knows: invoices and receipts, issued or
    cancelled, with their sign, so that a document and its storno make nothing.

    * A row is read from the document's ``figures``; there is no table, and nothing to
      keep up to date.
    * Amounts are in the currency of the document. They are added up in it alone: sums
      over several currencies are in forints, each document by its own exchange rate.
    * A row's id is made of its document's, so that PostgreSQL finds the one by the
      index of the other.
    """

    _name = "salon.invoice.part"
    _description = "Part of a Salon Invoice"
    _auto = False
    _order = "vat_date desc, id desc"

    document_id = fields.Many2one("salon.invoice.document", readonly=True)
    number = fields.Char(readonly=True)
    kind = fields.Selection(selection=lambda self: self._kinds(), readonly=True)
    is_receipt = fields.Boolean(string="Receipt (Nyugta)", readonly=True)
    buyer_name = fields.Char(string="Buyer", readonly=True)
    issue_date = fields.Date(string="Date of Issue", readonly=True)
    fulfillment_date = fields.Date(readonly=True)
    vat_date = fields.Date(
        string="VAT Date",
        readonly=True,
        help="The day by which it belongs to a month: of fulfilment; of issue where it "
        "cancels, corrects, continues or replaces another document.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    account_id = fields.Many2one(
        "salon.invoice.account", string="Account", readonly=True
    )
    shop_id = fields.Many2one("pos.config", string="Shop", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    forint_id = fields.Many2one("res.currency", string="Forint", readonly=True)
    exchange_rate = fields.Float(digits=(16, 6), readonly=True, aggregator=None)

    @api.model
    def _kinds(self):
        kind = self.env["salon.invoice.document"]._fields["kind"]
        return kind._description_selection(self.env)

    #: What has to be written before rows are read.
    _depends = {
        "salon.invoice.document": [
            *("number", "kind", "is_receipt", "buyer_name", "issue_date", "vat_date"),
            *("fulfillment_date", "company_id", "account_id", "shop_id"),
            *("currency_id", "exchange_rate", "figures", "state"),
        ]
    }

    @property
    def _table_query(self):
        """Return the rows: see :meth:`_parts` for those of one document."""
        return SQL(
            """
            SELECT document.id::bigint * %(places)s + part.place AS id,
                   document.id AS document_id,
                   document.number, document.kind, document.is_receipt,
                   document.buyer_name, document.issue_date, document.fulfillment_date,
                   document.vat_date,
                   document.company_id, document.account_id, document.shop_id,
                   document.currency_id, document.exchange_rate,
                   forint.id AS forint_id,
                   %(columns)s
              FROM salon_invoice_document document
              LEFT JOIN res_currency currency ON currency.id = document.currency_id
              LEFT JOIN res_currency forint ON forint.name = 'HUF'
             CROSS JOIN LATERAL (
                   SELECT CASE WHEN currency.name = 'HUF' THEN 1
                               ELSE NULLIF(document.exchange_rate, 0)::numeric
                           END AS rate
                   ) AS forints
             CROSS JOIN LATERAL (%(parts)s) AS part
             WHERE document.state IN %(states)s AND document.kind IN %(kinds)s
            """,
            places=PLACES,
            columns=SQL(", ").join(
                SQL.identifier("part", name) for name in self._part_columns
            ),
            parts=self._parts(),
            states=tuple(sorted(state.value for state in EXISTING_STATES)),
            kinds=tuple(sorted(kind.value for kind in LASTING_KINDS)),
        )

    #: The columns of :meth:`_parts` beside ``place``.
    _part_columns = ()

    @api.model
    def _parts(self):
        """Return the query of the parts of ``document``, in PostgreSQL's words.

        ``forints.rate`` is what one unit of its currency comes to, NULL if unknown.
        """
        raise NotImplementedError

    # === READING === #

    @api.model
    def _search(self, domain, *args, **kwargs):
        # Without it, a row is looked for in the parts of all documents.
        domain = Domain(domain).map_conditions(_by_document)
        return super()._search(domain, *args, **kwargs)

    def _read_group_select(self, aggregate_spec, query):
        """Add up several currencies in forints, by the rates of the documents.

        Odoo does it by today's rates, in the currency of the company.
        """
        name, _colon, func = aggregate_spec.partition(":")
        if func == "sum_currency" and self.env.company.currency_id.name == "HUF":
            forints = name if name.startswith("forint_") else f"forint_{name}"
            return super()._read_group_select(f"{forints}:sum", query)
        return super()._read_group_select(aggregate_spec, query)

    def action_open_document(self):
        """Open the document of this row."""
        self.ensure_one()
        document = self.env["salon.invoice.document"].browse(self.id // PLACES)
        document.check_access("read")
        return document._get_records_action()


def _by_document(condition):
    """Return a condition about ids with what it says of the documents."""
    if condition.field_expr != "id" or condition.operator not in ("=", "in"):
        return condition
    ids = [condition.value] if condition.operator == "=" else condition.value
    if not isinstance(ids, Collection):  # a query
        return condition
    documents = [id_ // PLACES for id_ in ids if isinstance(id_, int)]
    return condition & Domain("document_id", "in", documents)
