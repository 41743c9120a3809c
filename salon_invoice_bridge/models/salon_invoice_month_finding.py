from odoo import api, fields, models

from ..billing.invoice import EXISTING_STATES, LASTING_KINDS
from ..billing.month import REMARKS, Gap

#: What a person can press for a finding, by what is missing or different.
REMEDIES = {
    Gap.MISSING: "generate",
    Gap.ATTENTION: "retry",
    Gap.PDF: "pdf",
    **dict.fromkeys(
        (
            *(Gap.DIFFERS, Gap.RATES, Gap.INCOMPLETE, Gap.SUMS),
            *(Gap.NAV_REFUSED, Gap.NAV_OPEN),
            *(Gap.SERVICE_DIFFERS, Gap.MISSING_THERE),
        ),
        "look",
    ),
}
#: Findings that are over when the sale has its document.
UNDOCUMENTED = frozenset({Gap.MISSING, Gap.ATTENTION, Gap.WAITING, Gap.UNFINISHED})


class SalonInvoiceMonthFinding(models.Model):
    """A line of the first page of a month's file, with what can be done about it.

    It stays as it was found, for that is what the file says; beside it stands what has
    become of it since. The next file is of what is then.
    """

    _name = "salon.invoice.month.finding"
    _description = "Missing or Different in a Month"
    _order = "month_id, sequence, id"
    _rec_name = "gap"

    month_id = fields.Many2one(
        "salon.invoice.month", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="month_id.company_id", store=True)
    sequence = fields.Integer()
    gap = fields.Selection("_gap_selection", string="Finding", required=True)
    is_remark = fields.Boolean(
        compute="_compute_remedy", help="Worth a look; the file is complete with it."
    )
    document_id = fields.Many2one(
        "salon.invoice.document", index="btree_not_null", ondelete="cascade"
    )
    order_id = fields.Many2one(
        "pos.order", string="Sale", index="btree_not_null", ondelete="cascade"
    )
    number = fields.Char()
    sale_name = fields.Char(string="Receipt Number")
    day = fields.Date()
    shop = fields.Char()
    currency_id = fields.Many2one("res.currency")
    expected = fields.Monetary()
    found = fields.Monetary()
    is_amount = fields.Boolean(help="It is about amounts.")
    detail = fields.Char()
    remedy = fields.Selection(
        [
            ("generate", "Generate"),
            ("retry", "Retry"),
            ("pdf", "Fetch"),
            ("look", "Look"),
        ],
        compute="_compute_remedy",
    )
    now = fields.Char(
        compute="_compute_now",
        compute_sudo=True,
        help="What has become of it since the file was made.",
    )
    is_mended = fields.Boolean(compute="_compute_now", compute_sudo=True)
    problem = fields.Text(
        string="What Is Wrong", compute="_compute_now", compute_sudo=True
    )
    is_early = fields.Boolean(
        string="Sold Before the Service Was Connected",
        compute="_compute_now",
        compute_sudo=True,
        help="Its document may have been made elsewhere.",
    )

    @api.model
    def _gap_selection(self):
        return self.env["salon.invoice.month.words"]._gaps()

    @api.depends("gap")
    def _compute_remedy(self):
        for finding in self:
            gap = Gap(finding.gap)
            finding.is_remark = gap in REMARKS
            finding.remedy = REMEDIES.get(gap, False)

    @api.depends(
        "gap",
        "document_id.status",
        "document_id.number",
        "document_id.pdf_id",
        "document_id.problem",
        "order_id.salon_document_id.status",
        "order_id.salon_document_id.number",
    )
    @api.depends_context("lang")
    def _compute_now(self):
        for finding in self:
            document = finding._current()
            finding.is_early = finding._is_early(document)
            finding.problem = document.problem or (
                finding.is_early
                and self.env._("It was sold before an invoicing service was connected.")
            )
            finding.now = finding._format_now(document)
            finding.is_mended = finding._is_over(document)

    def _is_early(self, document):
        """Return True for a sale without a document of before its shop's go-live.

        Somebody else may have invoiced it: who asks for its document is to know that.
        """
        if document or not self.order_id or Gap(self.gap) is not Gap.MISSING:
            return False
        since = self.order_id.config_id.salon_live_since
        return not since or self.order_id.create_date < since

    def _current(self):
        """Return the document that this is about, or that has come since."""
        if Gap(self.gap) in UNDOCUMENTED:
            return self.order_id.salon_document_id or self.document_id
        return self.document_id

    def _format_now(self, document):
        """Return the state and the number of a document, "" if there is none."""
        states = dict(document._fields["status"]._description_selection(self.env))
        words = (states.get(document.status), document.number)
        return " ".join(filter(None, words)) or False

    def _is_over(self, document):
        """Return True if what was missing is there now, as far as Odoo can tell."""
        gap = Gap(self.gap)
        if gap is Gap.PDF:
            fetched = document.pdf_id.create_date
            return bool(fetched) and fetched > self.create_date
        made = document.state in EXISTING_STATES and document.kind in LASTING_KINDS
        return gap in UNDOCUMENTED and made

    # === PEOPLE'S BUTTONS === #
    # Each is that of the sale or the document, with its own rights.

    def _check_may_mend(self):
        """Check that the user acts, and may read what is found and what it is about.

        :raises UserError: in the user's words
        """
        self.ensure_one()
        self.check_access("read")
        self.env["salon.invoice.month"]._check_may_prepare()

    def action_generate(self):
        """Request the document of a sale that has none.

        By what the sale has now: the page is as old as the file. Where the service has
        a document just like the sale, the person is asked first.
        """
        self._check_may_mend()
        offered = self.env["salon.invoice.difference"]._offer_for(self.order_id)
        if offered:
            return offered._confirmation()
        return self.order_id._salon_generate(None, self.env._("Generate invoice"))

    def action_retry(self):
        """Try again to issue a document that needs attention."""
        self._check_may_mend()
        return self._current().action_retry_chosen()

    def action_look(self):
        """Read the document from the service again."""
        self._check_may_mend()
        return self.document_id.action_look()

    def action_pdf(self):
        """Fetch the PDF from the service again."""
        self._check_may_mend()
        return self.document_id.action_download_again()

    def action_open(self):
        """Open the document, or the sale if there is none."""
        self.ensure_one()
        self.check_access("read")
        record = self._current() or self.order_id
        return record._get_records_action()
