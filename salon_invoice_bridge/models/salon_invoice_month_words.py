from odoo import models
from odoo.tools.translate import LazyTranslate

from ..billing.month import Gap

# Lazy: translated when shown, in the reader's language.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

#: The words of the month's file, by the keys of ``export.labels``: what is written here
#: is translated, and what is written there is what the file needs.
LABELS = {
    # === NAMES OF SHEETS, FOLDERS AND FILES === #
    "sheet.overview": _lt("Overview"),
    "sheet.rates": _lt("VAT rates"),
    "sheet.tenders": _lt("Payment methods"),
    "sheet.days": _lt("By day"),
    "sheet.left_off": _lt("Not on documents"),
    "sheet.series": _lt("Numbers"),
    "sheet.documents": _lt("Documents"),
    "sheet.document_rates": _lt("Documents by VAT rate"),
    "sheet.document_tenders": _lt("Documents by payment"),
    "folder.invoices": _lt("invoices"),
    "folder.receipts": _lt("receipts"),
    "folder.exports": _lt("accounting"),
    "file.workbook": _lt("summary"),
    "file.page": _lt("readme"),
    # === THE OVERVIEW === #
    "title": _lt("Documents from %(start)s to %(end)s"),
    "company": _lt("Issuer"),
    "tax_number": _lt("Tax number"),
    "accounts": _lt("Invoicing service"),
    "made_at": _lt("Made at"),
    "basis": _lt("Documents by"),
    "basis.fulfillment": _lt(
        "day of fulfilment; what amends another one by day of issue"
    ),
    "basis.issue": _lt("day of issue"),
    "part": _lt("Part"),
    "part.of": _lt("%(number)s of %(of)s"),
    "verdict.complete": _lt("Complete: till and documents agree."),
    "verdict.gaps": _lt("Not complete: %(count)s findings."),
    "verdict.remarks": _lt("%(count)s remarks."),
    "findings": _lt("Missing or different"),
    "findings.none": _lt("Nothing is missing, and all sums agree."),
    "bridge": _lt("From the till to the documents, %(currency)s"),
    "step": _lt("Step"),
    "item.sold": _lt("Sales of the till"),
    "item.kept_off": _lt("Not on the document"),
    "item.returned": _lt("Came back whole before any document"),
    "item.undocumented": _lt("Without a document"),
    "item.gap": _lt("Difference or gap"),
    "item.elsewhere": _lt("In another month's documents"),
    "item.before": _lt("Documents of other months' sales"),
    "item.expected": _lt("Expected on documents"),
    "item.documented": _lt("Documents of this file"),
    "item.rest": _lt("Not explained"),
    # === COLUMNS === #
    "finding": _lt("Finding"),
    "number": _lt("Number"),
    "kind": _lt("Kind"),
    "state": _lt("State"),
    "issue_date": _lt("Issued on"),
    "fulfillment_date": _lt("Fulfilled"),
    "due_date": _lt("Due"),
    "day": _lt("Day"),
    "buyer": _lt("Buyer"),
    "buyer_tax_number": _lt("Buyer's tax number"),
    "currency": _lt("Currency"),
    "exchange_rate": _lt("Exchange rate"),
    "vat": _lt("VAT rate"),
    "net": _lt("Net"),
    "tax": _lt("VAT"),
    "gross": _lt("Gross"),
    "tender": _lt("Payment method"),
    "series": _lt("Number series"),
    "first": _lt("First number"),
    "last": _lt("Last number"),
    "gaps": _lt("Numbers that are not here"),
    "gap_count": _lt("Not here, count"),
    "shop": _lt("Shop"),
    "sale": _lt("Sale"),
    "follows": _lt("Refers to"),
    "nav": _lt("NAV"),
    "pdf": _lt("PDF"),
    "account": _lt("Account"),
    "expected": _lt("Expected"),
    "found": _lt("Found"),
    "difference": _lt("Difference"),
    "detail": _lt("Detail"),
    "reason": _lt("Reason"),
    "amount": _lt("Amount"),
    "count": _lt("Count"),
    "sort": _lt("Document type"),
    "sales": _lt("Sales"),
    "till": _lt("Till"),
    "left_off": _lt("Not on documents"),
    "documents": _lt("Documents, count"),
    "documented": _lt("On documents"),
    "rest": _lt("Rest"),
    "total": _lt("Sum"),
    "invoices": _lt("Invoices"),
    "receipts": _lt("Receipts"),
    "vat.unknown": _lt("not known"),
    "whole": _lt("whole sale"),
    "part_of_sale": _lt("part of the sale"),
    # === KINDS, STATES, NAV === #
    "kind.invoice": _lt("Invoice"),
    "kind.receipt": _lt("Receipt"),
    "kind.storno": _lt("Storno"),
    "kind.storno.of_receipt": _lt("Storno of a receipt"),
    "kind.correction": _lt("Correction"),
    "kind.remainder": _lt("Invoice of what was kept"),
    "kind.remainder.of_receipt": _lt("Receipt of what was kept"),
    "state.issued": _lt("Issued"),
    "state.cancelled": _lt("Cancelled"),
    "nav.pending": _lt("Under way"),
    "nav.accepted": _lt("Accepted"),
    "nav.warning": _lt("Accepted with a warning"),
    "nav.rejected": _lt("Refused"),
    "nav.not_reported": _lt("Not reported"),
    "nav.unknown": _lt("Not known"),
    # === FINDINGS === #
    "gap.till": _lt("The sales of the day are not the till's"),
    "gap.tenders": _lt("The payments are not the till's"),
    "gap.missing": _lt("Sale without a document"),
    "gap.attention": _lt("The document needs attention"),
    "gap.waiting": _lt("The document is on its way"),
    "gap.unfinished": _lt("Only a draft or a proforma"),
    "gap.test": _lt("Issued by a test account"),
    "gap.differs": _lt("The documents are not what was sold"),
    "gap.rates": _lt("Other VAT than sold"),
    "gap.incomplete": _lt("Number, day or VAT is missing"),
    "gap.twice": _lt("The number is there twice"),
    "gap.sums": _lt("The document's sums do not add up"),
    "gap.pdf": _lt("There is no PDF"),
    "gap.nav_refused": _lt("NAV has refused it"),
    "gap.returned": _lt("All of it came back before any document was made"),
    "gap.nav_open": _lt("NAV has not answered yet"),
    "gap.service_differs": _lt("Different at the service"),
    "gap.missing_there": _lt("Not at the service"),
    "gap.missing_here": _lt("At the service only"),
    # === THE PAGE OF TEXT === #
    "page.contents": _lt("In this part:"),
    "page.pdfs": _lt("%(count)s PDFs, from %(first)s to %(last)s"),
    "page.no_pdfs": _lt("No PDFs."),
    "page.missing": _lt("%(count)s documents without a PDF"),
    "page.first": _lt("The overview with all findings is in the first part."),
    "page.keep": _lt("Extract all parts into one folder."),
}


class SalonInvoiceMonthWords(models.AbstractModel):
    """What is written in a month's file, in the language of the environment."""

    _name = "salon.invoice.month.words"
    _description = "Words of a Month's File"

    def _labels(self):
        """Return ``{key: text}`` for ``export.workbook.Cover``."""
        return {key: self.env._(text) for key, text in LABELS.items()}

    def _gaps(self):
        """Return ``[(gap, what people read of it)]``, the most urgent one first."""
        labels = self._labels()
        return [(gap.value, labels[f"gap.{gap.value}"]) for gap in Gap]
