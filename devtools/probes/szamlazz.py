"""What nobody has published about Számlázz.hu's Számla Agent."""

import time
from collections import defaultdict
from decimal import Decimal

from lxml import etree

from salon_invoice_bridge.billing.errors import ProviderError
from salon_invoice_bridge.billing.invoice import (
    Cancellation,
    IssuedDocument,
    Kind,
    PaymentKind,
)
from salon_invoice_bridge.providers.szamlazz import answers, messages

from .interview import MARK, Interview, RealAccount, Unclear, line, question

#: Elements of ``fejlec`` that follow ``fizetendoKorrekcio`` in both editions.
_AFTER_CORRECTION = ("fizetve", "arresAfa", "eusAfa", "szamlaSablon", "elonezetpdf")


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
        if document.kind is Kind.INVOICE and not document.cancelled:
            self.provider.cancel(self.wish(document))
            left["reversed invoices"].append(number)
        elif document.cancelled:
            left["reversed invoices"].append(number)
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
        request = self.provider.render(self.invoice(*lines, **changes))
        reply = self.create(request, changes.get("kind", Kind.INVOICE))
        if reply.code:
            raise Unclear(f"the document was refused: {_said(reply)}")
        return _numbered(reply.number, changes.get("kind", Kind.INVOICE), reply.gross)

    def create(self, request, kind=Kind.INVOICE):
        """Send a create and return the reply; remembers what was made."""
        reply = self.call(request)
        if reply.number and not reply.code and (reply.number, kind) not in self.made:
            self.made.append((reply.number, kind))
        return reply

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

    # === MONEY === #

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


def _said(reply):
    """Return how a reply ended, in one line."""
    if not reply.code:
        return f"success, gross {reply.gross}"
    message = " ".join(reply.message.split())[:120]
    return f"error {reply.code} ({message})"
