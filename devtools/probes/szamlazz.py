"""What nobody has published about Számlázz.hu's Számla Agent."""

import time
from collections import defaultdict
from decimal import Decimal

from lxml import etree

from salon_invoice_bridge.billing.errors import ProviderError
from salon_invoice_bridge.billing.invoice import (
    ISSUED_KINDS,
    Advance,
    Cancellation,
    IssuedDocument,
    Kind,
    PaymentKind,
)
from salon_invoice_bridge.providers.szamlazz import (
    answers,
    messages,
    receipt_messages,
)

from .interview import MARK, Interview, RealAccount, Unclear, line, question

#: Elements of ``fejlec`` that follow ``fizetendoKorrekcio`` in both editions.
_AFTER_CORRECTION = ("fizetve", "arresAfa", "eusAfa", "szamlaSablon", "elonezetpdf")


#: Series of the receipts that this makes; one springs into being with its first.
RECEIPT_PREFIX = "PROBE"


class SzamlazzInterview(Interview):
    """A test account at Számlázz.hu."""

    code = "szamlazz"
    title = "Számlázz.hu, Számla Agent"
    untried = (
        'the setting "Rendelésszám ismétlődésének tiltása" cannot be read or changed '
        "by the interface: ask once with it on and once with it off",
        "limits of rate and of parallel calls: they would have to be exceeded",
        "codes 13, 50, 51, 52, 165, 250, 395, 396: nothing is known that causes them",
        "whether a live account answers like a test account",
    )

    def prepare(self, mine):
        """Make a proforma, which is no invoice, and read whether it is a test's."""
        self.made = []
        self.provider.verify()
        proforma = self.issue(kind=Kind.PROFORMA)
        is_test = answers.text(self.look_up(proforma.number), "alap", "teszt")
        if is_test.lower() not in ("true", "1") and not mine:
            self.provider.discard(proforma)
            raise RealAccount(
                "the account issues real documents; a probe needs a test account. If "
                "it is one all the same, say --yes-this-account-is-mine-to-test."
            )

    def clean_up(self):
        """Delete proformas and reverse invoices; test accounts forget the rest."""
        left = defaultdict(list)
        for number, kind in self.made:
            try:
                self._take_back(number, kind, left)
            except ProviderError as error:
                left[f"refused: {error.message}"].append(number)
        return left

    def _take_back(self, number, kind, left):
        document = _numbered(number, kind)
        if kind is Kind.PROFORMA:
            self.provider.discard(document)
            return
        document = self.provider.get(document)
        if document.kind in ISSUED_KINDS and not document.cancelled:
            self.provider.cancel(self.wish(document))
            left[f"reversed {kind.value}s"].append(number)
        elif document.cancelled:
            left[f"reversed {kind.value}s"].append(number)
        else:
            left[f"documents of kind {document.kind.value}"].append(number)

    # === CALLS === #

    def call(self, request):
        """Send a request and return the :class:`Reply`, errors included."""
        return answers.read(self.exchange(request), time.time())

    def exchange(self, request):
        """Send a request and return the answer as it is."""
        field = messages.FUNCTIONS[messages.root_name(request)]
        content = messages.with_key(request, self.provider.credentials.api_key)
        files = {field: (f"{field}.xml", content, "text/xml")}
        return self.provider.http.send("POST", "/", files=files)

    def issue(self, *lines, **changes):
        """Issue a document and return it."""
        request = self.render(*lines, **changes)
        reply = self.create(request, changes.get("kind", Kind.INVOICE))
        if reply.code:
            raise Unclear(f"the document was refused: {_said(reply)}")
        return _numbered(reply.number, changes.get("kind", Kind.INVOICE), reply.gross)

    def render(self, *lines, **changes):
        """Return the request of a document."""
        return self.provider.render(self.invoice(*lines, **changes))

    def create(self, request, kind=Kind.INVOICE):
        """Send a create and return the reply; remembers what was made."""
        reply = self.call(request)
        if reply.number and not reply.code and (reply.number, kind) not in self.made:
            self.made.append((reply.number, kind))
        return reply

    def receipt_request(self, *lines, **changes):
        """Return the request of a receipt."""
        changes = {"block": RECEIPT_PREFIX, **changes}
        return self.provider.render(self.receipt(*lines, **changes))

    def create_receipt(self, request):
        """Send a receipt and return the reply; remembers what was made."""
        reply = self.call(request)
        number = _of_receipt(reply, "nyugtaszam")
        if number and not reply.code and (number, Kind.RECEIPT) not in self.made:
            self.made.append((number, Kind.RECEIPT))
        return reply

    def issue_receipt(self, *lines, **changes):
        """Issue a receipt and return its number."""
        reply = self.create_receipt(self.receipt_request(*lines, **changes))
        if reply.code:
            raise Unclear(f"the receipt was refused: {_said(reply)}")
        return _of_receipt(reply, "nyugtaszam")

    def reverse_receipt(self, number):
        """Ask for the storno of a receipt; returns the reply."""
        return self.call(receipt_messages.storno(number, self.key()))

    def look_up(self, number="", **key):
        """Return the document as the service's XML, None if there is none."""
        key = key or {"document_number": number}
        root = self.call(messages.query(**key)).root
        is_document = root is not None and answers.local_name(root) == "szamla"
        return root if is_document else None

    def wish(self, document):
        """Return the wish to reverse ``document``."""
        return Cancellation(original=document, external_key=self.key())

    def reverse(self, document):
        """Ask for the storno of a document; returns the reply."""
        document = self.provider.get(document)
        return self.create(messages.storno(document, self.wish(document)), Kind.STORNO)

    # === EXACTLY ONCE === #

    @question("Is the same request answered with the same invoice?")
    def replay(self):
        """The account's setting decides; the answer tells which it was."""
        request = self.provider.render(self.invoice())
        first = self.create(request)
        second = self.create(request)
        if first.code:
            raise Unclear(f"the first was refused: {_said(first)}")
        if second.code:
            return f"no, it is refused: {_said(second)}; the setting is on"
        if second.number == first.number:
            return "yes: the first invoice comes back; the setting is on"
        return "no: a second invoice is made; **the setting is off**"

    @question("Is another amount under the same order number refused?")
    def other_request(self):
        key = self.key()
        self.issue(order_number=key)
        reply = self.create(
            self.provider.render(self.invoice(line(2540), order_number=key))
        )
        if reply.code:
            return f"yes: {_said(reply)}; the setting is on"
        return "no; **the setting is off**"

    @question("How soon does the query by `szamlaKulsoAzon` see an invoice?")
    def look_up_delay(self):
        key = self.key()
        self.issue(external_key=key)
        seconds = self.wait_for(lambda: self.look_up(external_key=key) is not None, 30)
        return "not within 30 s" if seconds is None else f"{seconds:.1f} s"

    @question("Which of two invoices with one `szamlaKulsoAzon` is found?")
    def shared_key(self):
        key = self.key()
        first = self.issue(external_key=key, order_number=self.key())
        second = self.issue(line(2540), external_key=key, order_number=self.key())
        found = answers.text(self.look_up(external_key=key), "alap", "szamlaszam")
        names = {first.number: "the first", second.number: "the second"}
        return names.get(found, f"neither: {found}")

    @question("What is found by order number after a storno?")
    def order_number_after_storno(self):
        key = self.key()
        invoice = self.issue(order_number=key)
        self.reverse(invoice)
        kind = answers.text(self.look_up(order_number=key), "alap", "tipus")
        return f"`tipus` {kind}"

    # === STORNO AND CORRECTION === #

    @question("What does a second storno of the same invoice answer?")
    def second_storno(self):
        invoice = self.issue()
        first = self.reverse(invoice)
        second = self.reverse(invoice)
        if first.code:
            raise Unclear(f"the first was refused: {_said(first)}")
        if second.code:
            return f"it is refused: {_said(second)}"
        same = second.number == first.number
        return "the number of the first" if same else "**a second storno**"

    @question("What does the storno of a proforma do?")
    def storno_of_proforma(self):
        proforma = self.issue(kind=Kind.PROFORMA)
        reply = self.call(messages.storno(proforma, self.wish(proforma)))
        if reply.code:
            return f"it is refused: {_said(reply)}"
        same = "the same" if reply.number == proforma.number else "another"
        return f"success with {same} number and gross {reply.gross}"

    @question("What does the storno of a storno do?")
    def storno_of_storno(self):
        reply = self.reverse(self.issue())
        storno = _numbered(reply.number, Kind.STORNO, reply.gross)
        return _said(self.reverse(storno))

    @question("Which `tipus` and `hivszamlaszam` has a storno?")
    def storno_type(self):
        invoice = self.issue()
        reply = self.reverse(invoice)
        root = self.look_up(reply.number)
        refers = answers.text(root, "alap", "hivszamlaszam") == invoice.number
        kind = answers.text(root, "alap", "tipus")
        return f"`{kind}`, {'the original' if refers else 'not the original'}"

    @question("Are two identical corrections one document?")
    def corrections(self):
        invoice = self.issue(line(2540, 2))
        request = self.provider.render(
            self.invoice(
                line(-1270, -1), kind=Kind.CORRECTION, corrected_number=invoice.number
            )
        )
        first = self.create(request, Kind.CORRECTION)
        second = self.create(request, Kind.CORRECTION)
        if first.code:
            raise Unclear(f"the first was refused: {_said(first)}")
        if second.code:
            return f"the second is refused: {_said(second)}"
        return "yes" if first.number == second.number else "no: two are made"

    @question("Can a corrected invoice, or the correction, be reversed?")
    def storno_of_corrected(self):
        invoice = self.issue(line(2540, 2))
        request = self.provider.render(
            self.invoice(
                line(-1270, -1), kind=Kind.CORRECTION, corrected_number=invoice.number
            )
        )
        correction = self.create(request, Kind.CORRECTION)
        if correction.code:
            raise Unclear(f"the correction was refused: {_said(correction)}")
        amended = _numbered(correction.number, Kind.CORRECTION, correction.gross)
        return (
            f"correction: {_said(self.reverse(amended))}; "
            f"invoice: {_said(self.reverse(invoice))}"
        )

    # === RECEIPTS === #

    @question("Is the same receipt refused a second time?")
    def receipt_replay(self):
        request = self.receipt_request()
        first, second = self.create_receipt(request), self.create_receipt(request)
        if first.code:
            raise Unclear(f"the first was refused: {_said(first)}")
        if second.code:
            return f"yes: {_said(second)}"
        return f"**no**: {_of_receipt(second, 'nyugtaszam')} is made"

    @question("Is a receipt found by its `rendelesSzam`, with its key?")
    def receipt_by_order(self):
        key, order_number = self.key(), self.key()
        number = self.issue_receipt(external_key=key, order_number=order_number)
        reply = self.call(receipt_messages.query(order_number=order_number))
        if reply.code:
            return f"no: {_said(reply)}"
        found = _of_receipt(reply, "nyugtaszam") == number
        told = _of_receipt(reply, "hivasAzonosito") == key
        return (
            f"{'yes' if found else 'another is'}, "
            f"{'with' if told else '**without**'} its `hivasAzonosito`"
        )

    @question("Does `xmlnyugtaget` find a receipt by `hivasAzonosito` alone?")
    def receipt_by_key(self):
        key = self.key()
        number = self.issue_receipt(external_key=key)
        header = [("hivasAzonosito", key)]
        settings = [("pdfLetoltes", "false")]
        reply = self.call(
            messages.make("xmlnyugtaget", ("beallitasok", settings), ("fejlec", header))
        )
        if reply.code:
            return f"no: {_said(reply)}"
        found = _of_receipt(reply, "nyugtaszam") == number
        return "yes" if found else "it finds another one"

    @question("Which code has a receipt that is reversed twice, and a storno of it?")
    def receipt_stornos(self):
        number = self.issue_receipt()
        first = self.reverse_receipt(number)
        if first.code:
            raise Unclear(f"the first was refused: {_said(first)}")
        storno = _of_receipt(first, "nyugtaszam")
        return (
            f"twice: {_said(self.reverse_receipt(number))}; "
            f"storno: {_said(self.reverse_receipt(storno))}"
        )

    @question("What does a `rendelesSzam` find when its receipt is reversed?")
    def receipt_order_after_storno(self):
        order_number = self.key()
        number = self.issue_receipt(order_number=order_number)
        self.reverse_receipt(number)
        reply = self.call(receipt_messages.query(order_number=order_number))
        if reply.code:
            return f"nothing: {_said(reply)}"
        refers = _of_receipt(reply, "stornozottNyugtaszam") == number
        return f"`{_of_receipt(reply, 'tipus')}`{', of the receipt' if refers else ''}"

    @question("May a receipt have a negative line, and one outside VAT?")
    def receipt_lines(self):
        told = []
        for name, lines in (
            ("negative", (line(2540), line(-1270))),
            ("ATK", (line(1270), line(500, vat="ATK"))),
        ):
            reply = self.create_receipt(self.receipt_request(*lines))
            told.append(f"{name}: {'yes' if not reply.code else _said(reply)}")
        return "; ".join(told)

    # === MONEY === #

    @question("Can an advance be named again after the storno of its final invoice?")
    def final_again(self):
        advance = self.issue(line(1000), advance=True)
        named = {"advances": (Advance(number=advance.number),)}
        rest = line(3000), line(-1000)
        final = self.issue(*rest, **named)
        before = self.create(self.render(*rest, **named))
        self.reverse(final)
        after = self.create(self.render(*rest, **named))
        return f"before: {_said(before)}; after: {_said(after)}"

    @question("What does `fizetendoKorrekcio` do, and with which sign?")
    def payable_correction(self):
        told = []
        for amount in ("-2", "3"):
            reply = self.create(self._corrected_request(amount))
            if reply.code:
                told.append(f"{amount}: {_said(reply)}")
            else:
                told.append(
                    f"{amount} on 1272 Ft: gross {reply.gross}, outstanding "
                    f"{reply.outstanding}"
                )
        return "; ".join(told)

    def _corrected_request(self, amount):
        invoice = self.invoice(line(1272), payment_kind=PaymentKind.CASH, paid=False)
        root = etree.fromstring(self.provider.render(invoice))
        header = next(e for e in root if answers.local_name(e) == "fejlec")
        place = next(
            index
            for index, child in enumerate(header)
            if answers.local_name(child) in _AFTER_CORRECTION
        )
        namespace = etree.QName(root).namespace
        element = etree.Element(f"{{{namespace}}}fizetendoKorrekcio")
        element.text = amount
        header.insert(place, element)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    # === FORM === #

    @question("Which edition of the schema is in force: is `csoportazonosito` taken?")
    def edition(self):
        root = etree.fromstring(self.provider.render(self.invoice()))
        buyer = next(e for e in root if answers.local_name(e) == "vevo")
        namespace = etree.QName(root).namespace
        element = etree.Element(f"{{{namespace}}}csoportazonosito")
        element.text = "12345676-5-42"
        subject = next(e for e in buyer if answers.local_name(e) == "adoalany")
        subject.addnext(element)
        reply = self.create(etree.tostring(root, encoding="UTF-8"))
        return f"no: {_said(reply)}" if reply.code else "yes: the documentation's"

    @question(
        "Which headers does a successful answer carry, and how are totals written?"
    )
    def headers(self):
        answer = self.exchange(self.provider.render(self.invoice()))
        number = answers.read(answer, time.time()).number
        if number:
            self.made.append((number, Kind.INVOICE))
        names = sorted(name for name in answer.headers if name.startswith("szlahu_"))
        gross = answer.headers.get("szlahu_bruttovegosszeg", "none")
        return f"{', '.join(f'`{name}`' for name in names)}; gross as `{gross}`"

    @question("Does an e-invoice work with this account?")
    def electronic(self):
        request = self.provider.render(self.invoice(electronic=True))
        reply = self.create(request)
        return f"no: {_said(reply)}" if reply.code else "yes"


def _numbered(number, kind, gross=None):
    return IssuedDocument(
        id=number,
        number=number,
        kind=kind,
        gross=Decimal(0) if gross is None else gross,
        currency="HUF",
        electronic=False,
        comment=MARK,
    )


def _of_receipt(reply, name):
    """Return what an answer says of a receipt, "" if it is none."""
    return answers.text(reply.root, "nyugta", "alap", name)


def _said(reply):
    """Return how a reply ended, in one line."""
    if not reply.code:
        return f"success, gross {reply.gross}"
    message = " ".join(reply.message.split())[:120]
    return f"error {reply.code} ({message})"
