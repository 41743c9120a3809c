"""The receipts (nyugta) of one account at Számlázz.hu.

The service refuses a second receipt with the same ``hivasAzonosito`` (338; documented,
seen on a test account), so that sending again is harmless: this is its true guard, and
our external key is in it. It cannot be asked for that key. A receipt is found by its
order number, the last one that has it, and by the key that the answer tells.

A storno cannot be repeated either: the service refuses it (documented, without the
code), and so it is never asked for before the original was looked at.
"""

from ...billing.errors import NotProcessed, OutcomeUnknown, Reason, Rejected
from ...billing.invoice import Kind
from . import receipt_answers as answers
from . import receipt_messages as messages
from .answers import find as find_element
from .answers import parse, text


class Receipts:
    """What can be done with receipts.

    :param call: function that sends one request and returns the
        :class:`~.answers.Reply`; ``safe=True`` for one that changes nothing
    """

    def __init__(self, call):
        self._call = call
        self._received = ("", b"")  # number and PDF of the last answer

    def issue(self, request):
        """Send a rendered receipt, once, and return it as it was issued."""
        key = text(find_element(parse(request), "fejlec"), "hivasAzonosito")
        made = self._act(request)
        if made.document.kind is not Kind.RECEIPT or made.key not in ("", key):
            raise OutcomeUnknown("The answer is about another receipt")
        return self._keep(made)

    def find(self, invoice):
        """Return the receipt that ``invoice`` became, None if the service has none.

        The last receipt with the order number, or the one that the last storno takes
        back, is ours if it was made by a call with our key. One without a key may be
        ours if it stands: the caller compares.
        """
        found = self._look_up(order_number=invoice.order_number.strip())
        if found and found.document.kind is Kind.STORNO:
            found = self._look_up(receipt_number=_original(found))
        if found is None or found.document.kind is not Kind.RECEIPT:
            return None
        by_hand = not found.key and not found.document.cancelled
        is_ours = found.key == invoice.external_key.strip()
        return found.document if is_ours or by_hand else None

    def get(self, document):
        """Return the current state of a receipt, or of the storno of one.

        :raises Rejected: with ``Reason.NOT_FOUND`` if it is gone
        """
        return self._need(document).document

    def by_number(self, number):
        """Return the receipt, or the storno of one, with this number, None if none."""
        found = self._look_up(receipt_number=number)
        return found and found.document

    def cancel(self, cancellation):
        """Make the storno of a receipt, or return the one that there is.

        :raises Rejected: with ``Reason.CLOSED`` for a storno; with
            ``Reason.NOT_FOUND`` if it is reversed by a storno that is not found
        """
        original = self._need(cancellation.original).document
        if original.kind is not Kind.RECEIPT:
            raise Rejected(f"{original.number} is no receipt", reason=Reason.CLOSED)
        if original.cancelled:
            return self._storno_of(original)
        key = cancellation.external_key.strip()
        made = self._act(messages.storno(original.number, key))
        if not _reverses(made.document, original):
            raise OutcomeUnknown(f"{made.document.number} is not the storno")
        return self._keep(made)

    def find_cancellation(self, cancellation):
        """Return the storno of a receipt, None if the receipt stands.

        :raises Rejected: with ``Reason.NOT_FOUND`` if it is reversed by a storno that
            is not found: it was not the last thing with this order number
        """
        original = self._need(cancellation.original).document
        return self._storno_of(original) if original.cancelled else None

    def send(self, document, emails, mail=None):
        """E-mail a receipt to the first of ``emails``; returns the address.

        The service refuses a second e-mail within 15 seconds (153, seen), and it is
        not published whether one may name several addresses.
        """
        if not emails:
            raise Rejected("There is no e-mail address", fields={"email": ""})
        reply = self._call(messages.send(document.number, emails[0], mail))
        if not answers.is_sent(reply):
            raise OutcomeUnknown("The answer cannot be read")
        return (emails[0],)

    def download(self, document, layout=None):
        """Return the PDF of a receipt.

        :param str layout: ``pdfSablon``, None for A4
        :raises NotProcessed: with ``Reason.NOT_READY`` if the service sends none
        """
        found = self._need(document, pdf=True, layout=layout)
        if not found.pdf:
            raise NotProcessed("The answer has no PDF", reason=Reason.NOT_READY)
        return found.pdf

    def received_pdf(self, document):
        """Return the PDF that came when this was issued or reversed, else b""."""
        number, content = self._received
        return content if number == document.number else b""

    def _act(self, request):
        """Send a request that makes something; return the :class:`Receipt`."""
        self._received = ("", b"")
        reply = self._call(request)
        try:
            return answers.read(reply)
        except NotProcessed as error:
            raise OutcomeUnknown(error.message, reason=error.reason) from error

    def _keep(self, made):
        self._received = (made.document.number, made.pdf)
        return made.document

    def _need(self, document, **options):
        found = self._look_up(receipt_number=document.number, **options)
        if found is None:
            raise Rejected(
                f"There is no receipt {document.number}", reason=Reason.NOT_FOUND
            )
        return found

    def _storno_of(self, original):
        if original.order_number:
            found = self._look_up(order_number=original.order_number)
            if found and _reverses(found.document, original):
                return found.document
        raise Rejected(
            f"The storno of {original.number} cannot be looked up",
            reason=Reason.NOT_FOUND,
        )

    def _look_up(self, **key):
        """Return the :class:`Receipt` with this one key, None if there is none.

        :raises NotProcessed: if another one came than was asked for
        """
        try:
            reply = self._call(messages.query(**key), safe=True)
        except Rejected as error:
            if error.reason is Reason.NOT_FOUND:
                return None
            raise
        found = answers.read(reply)
        for name, reported in (
            ("receipt_number", found.document.number),
            ("order_number", found.document.order_number),
        ):
            if key.get(name, reported) != reported:
                raise NotProcessed(
                    "Not the receipt asked for", reason=Reason.UNREADABLE
                )
        return found


def _original(storno):
    """Return the number of the receipt that ``storno`` takes back."""
    number = storno.document.original_number
    if not number:
        raise NotProcessed("A storno that names no receipt", reason=Reason.UNREADABLE)
    return number


def _reverses(document, original):
    """True if ``document`` is the storno of ``original``."""
    return (
        document.kind is Kind.STORNO
        and document.original_number == original.number
        and document.number != original.number
        and document.gross == -original.gross
    )
