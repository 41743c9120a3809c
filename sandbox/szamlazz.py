"""Számlázz.hu's Számla Agent: one address, the uploaded file's field is the function.

What is checked comes in the service's order: a file, its schema, the login, then the
function's own rules.  Errors are HTTP 200.
"""

import secrets

from werkzeug.wrappers import Response

from . import szamlazz_answers as answers
from . import szamlazz_receipt_answers as receipt_answers
from . import taxpayers
from .emulator import Emulator
from .szamlazz_changes import delete_proforma, pay, reverse
from .szamlazz_documents import Documents
from .szamlazz_receipts import Receipts
from .szamlazz_rules import Refusal
from .szamlazz_schema import Invalid, parse

#: Field of the upload -> root element it must hold.
_FUNCTIONS = {
    "action-xmlagentxmlfile": "xmlszamla",
    "action-szamla_agent_st": "xmlszamlast",
    "action-szamla_agent_kifiz": "xmlszamlakifiz",
    "action-szamla_agent_pdf": "xmlszamlapdf",
    "action-szamla_agent_xml": "xmlszamlaxml",
    "action-szamla_agent_dijbekero_torlese": "xmlszamladbkdel",
    "action-szamla_agent_taxpayer": "xmltaxpayer",
    "action-szamla_agent_nyugta_create": "xmlnyugtacreate",
    "action-szamla_agent_nyugta_storno": "xmlnyugtast",
    "action-szamla_agent_nyugta_get": "xmlnyugtaget",
    "action-szamla_agent_nyugta_send": "xmlnyugtasend",
}
#: Root element of a request -> that of its answer, where it is not the usual one.
_ANSWERS = {
    "xmlszamladbkdel": "xmlszamladbkdelvalasz",
    "xmlnyugtacreate": "xmlnyugtavalasz",
    "xmlnyugtast": "xmlnyugtavalasz",
    "xmlnyugtaget": "xmlnyugtavalasz",
    "xmlnyugtasend": "xmlnyugtasendvalasz",
}
#: The functions that make a document. What the service answers to one too many is not
#: published: that its web server refuses it is our guess.
_CREATING = (
    "action-xmlagentxmlfile",
    "action-szamla_agent_st",
    "action-szamla_agent_nyugta_create",
    "action-szamla_agent_nyugta_storno",
)
_SESSION_SECONDS = 90 * 60
_KEY_LENGTH = 42


class SzamlazzEmulator(Emulator):
    """Számla Agent at ``/szamla/``."""

    service = "szamlazz"
    prefixes = ("/szamla",)
    demo = {"key": "demoszamlazzagentkey0000000000000000000000"}  # 42 characters
    limit = (500, 600)  # documents, seconds: of accounts that test, says the vendor
    options = {
        "revoked": False,  # error 3
        "rate_limit": None,  # documents in ten minutes; then 429. See ``limit``
        "subscribed": True,  # False: the login is blocked (136)
        "organization": "Minta Szalon Kft.",
        "tax_number": "12345676-1-42",
        "test": True,  # documents say that they are a test's
        "e_invoices": True,  # False: error 54
        "signing_broken": False,  # True: error 55 on e-invoices
        "order_number_guard": False,  # "Rendelésszám ismétlődésének tiltása"
        "receipt_order_number_guard": False,  # the same, of receipts
        "receipts_by_order": True,  # False: as the schema served beside it has it (57)
        "prefixes": ["SZ"],  # of invoices; the first is the default; others: error 202
        "portal": "https://portal.example/szamla/",  # "" where it is switched off
        "rates": {"EUR": "402.15", "USD": "371.2", "GBP": "468.9"},
        "nav_reachable": True,  # False: NAV fails on what is asked about taxpayers
        "taxpayers": {
            "12345676": {
                "name": "MINTA KORLÁTOLT FELELŐSSÉGŰ TÁRSASÁG",
                "vat_code": "1",
                "county": "42",
                "incorporation": "ORGANIZATION",
                "addresses": [
                    taxpayers.address(
                        "HQ", "1111", "BUDAPEST", "PÉLDA", "UTCA", number="1"
                    )
                ],
            },
            **taxpayers.TAXPAYERS,
        },
    }

    def __init__(self, world):
        self.sessions = {}  # id -> [account id, last used]
        super().__init__(world)
        self.papers = Documents(self)
        self.receipts = Receipts(self, self.papers.today)

    def reset(self):
        """Forget everything but the demo account."""
        super().reset()
        self.sessions.clear()
        self.state.update(documents=[], receipts=[], counters={})

    def new_key(self, number):
        """Return a key as long as real ones are."""
        return f"sandboxszamlazzkey{number:0{_KEY_LENGTH - 18}d}"

    def identify(self, request):
        """The account of the key in the XML, and the field of the upload."""
        field, content = _upload(request)
        try:
            _name, sent = parse(content)
        except Invalid:
            return None, field
        return self._login(sent), field

    def error(self, status, message):
        """Return an error of the web server before the Agent."""
        return Response(message, status, content_type="text/html; charset=utf-8")

    def documents(self):
        """Yield the ledger's entries."""
        yield from map(self.papers.entry, self.papers.all)
        yield from map(self.receipts.entry, self.receipts.all)

    def handle(self, request):
        """Answer one call."""
        if request.fault and request.fault["kind"] == "down":
            return answers.down()
        if request.method != "POST":
            return self.error(405, "Method Not Allowed")
        field, content = _upload(request)
        version, name = 2, "xmlszamlavalasz"
        try:
            if not field:
                raise Refusal(53, "Az XML nem fájlként érkezett.")
            name = _ANSWERS.get(_FUNCTIONS[field], name)
            sent = self._read(field, content)
            version = _version(sent, field)
            account = self._admit(sent, request)
            if field in _CREATING and not self.is_within_limit(account):
                return self.error(429, "Too Many Requests")
            response = self._function(field)(account, sent, content, request.fault)
            self._keep_session(request, account, response)
            return response
        except Refusal as refusal:
            return answers.failed(refusal, version=version, name=name)

    def _read(self, field, content):
        try:
            name, sent = parse(content)
        except Invalid as error:
            raise Refusal(57, f"XML beolvasási hiba. {error}") from None
        if name != _FUNCTIONS[field]:
            raise Refusal(57, f"XML beolvasási hiba. {name} a(z) {field} mezőben")
        return sent

    # === LOGIN === #

    def _login(self, sent):
        settings = sent.get("beallitasok", sent)
        return self.account_by_key(settings.get("szamlaagentkulcs"))

    def _admit(self, sent, request):
        account = self._login(sent)
        session = self.sessions.get(request.cookies.get("JSESSIONID"))
        foreign = account and session and session[0] != account["id"]
        if account is None or account["revoked"] or foreign:
            raise Refusal(
                3,
                "Bejelentkezési hiba - a megadott login név és jelszó pároshoz nem "
                "létezik felhasználó",
            )
        if not account["subscribed"]:
            raise Refusal(136, "A bejelentkezés letiltva: lejárt előfizetés.")
        return account

    def _keep_session(self, request, account, response):
        now = self.world.now()
        session = self.sessions.get(request.cookies.get("JSESSIONID"))
        if session and now - session[1] < _SESSION_SECONDS:
            session[1] = now
            return
        name = secrets.token_hex(16).upper()
        self.sessions[name] = [account["id"], now]
        response.set_cookie("JSESSIONID", name, path="/szamla", httponly=True)

    # === FUNCTIONS === #

    def _function(self, field):
        return {
            "xmlszamla": self._create,
            "xmlszamlast": self._reverse,
            "xmlszamlakifiz": self._pay,
            "xmlszamlapdf": self._pdf,
            "xmlszamlaxml": self._query,
            "xmlszamladbkdel": self._delete,
            "xmltaxpayer": self._taxpayer,
            "xmlnyugtacreate": self._create_receipt,
            "xmlnyugtast": self._reverse_receipt,
            "xmlnyugtaget": self._get_receipt,
            "xmlnyugtasend": self._send_receipt,
        }[_FUNCTIONS[field]]

    def _create(self, account, sent, content, fault):
        made = len(self.papers.all)
        document = self.papers.create(account, sent, content)
        buyer = sent["vevo"]
        wanted = buyer.get("sendEmail", True) and len(self.papers.all) > made
        emails = buyer.get("email") if wanted else ""
        return self._notify(account, document, emails, sent, fault)

    def _reverse(self, account, sent, content, fault):
        made = len(self.papers.all)
        document = reverse(self.papers, account, sent, content)
        new = len(self.papers.all) > made
        emails = sent.get("vevo", {}).get("email") if new else ""
        return self._notify(account, document, emails, sent, fault)

    def _notify(self, account, document, emails, sent, fault):
        version = _version(sent)
        with_pdf = sent["beallitasok"]["szamlaLetoltes"]
        number = document["number"]
        if emails and number:
            if fault and fault["kind"] == "mail_failed":
                failure = Refusal(56, "A számlaértesítő e-mail kiküldése sikertelen.")
                return answers.failed(failure, version=version, number=number)
            words = sent.get("elado", {})
            self.mail(
                account,
                number,
                emails.split(","),
                words.get("emailTargy") or f"Számla: {number}",
                text=words.get("emailSzoveg", ""),
                reply_to=words.get("emailReplyto", ""),
            )
        return answers.issued(document, account, version=version, with_pdf=with_pdf)

    def _pay(self, account, sent, _content, _fault):
        document = pay(self.papers, account, sent)
        extra = {"szlahu_fizetesmod": answers.quote_plus(document["payment_method"])}
        return answers.issued(document, account, version=_version(sent), extra=extra)

    def _pdf(self, account, sent, _content, fault):
        document = self._look_up(account, sent)
        slow = fault and fault["kind"] == "slow_pdf"
        return answers.issued(
            document, account, version=_version(sent), with_pdf=not slow
        )

    def _query(self, account, sent, _content, _fault):
        document = self._look_up(account, sent, in_body_only=True)
        return answers.queried(document, account, sent.get("pdf", False))

    def _look_up(self, account, sent, in_body_only=False):
        document = self.papers.find(
            account,
            sent.get("szamlaszam"),
            sent.get("rendelesSzam"),
            sent.get("szamlaKulsoAzon"),
        )
        if document is None:
            raise Refusal(
                7,
                "Hiányzó adat: számla agent xml lekérés hiba (ismeretlen számlaszám).",
                in_body_only,
            )
        return document

    def _delete(self, account, sent, _content, _fault):
        delete_proforma(self.papers, account, sent)
        return answers.deleted()

    def _taxpayer(self, account, sent, _content, _fault):
        number = sent["torzsszam"]
        known = account["taxpayers"].get(number)
        return answers.taxpayer(number, known, silent=not account["nav_reachable"])

    # === RECEIPTS === #

    def _create_receipt(self, account, sent, content, fault):
        made = self.receipts.create(account, sent, content)
        return self._told(made, account, sent, fault)

    def _reverse_receipt(self, account, sent, content, fault):
        made = self.receipts.reverse(account, sent, content)
        return self._told(made, account, sent, fault)

    def _get_receipt(self, account, sent, _content, fault):
        return self._told(self.receipts.find(account, sent), account, sent, fault)

    def _send_receipt(self, account, sent, _content, _fault):
        self.receipts.send(account, sent)
        return receipt_answers.sent_by_mail()

    def _told(self, document, account, sent, fault):
        slow = fault and fault["kind"] == "slow_pdf"
        with_pdf = sent["beallitasok"]["pdfLetoltes"] and not slow
        layout = sent["fejlec"].get("pdfSablon", "")
        return receipt_answers.told(document, account, layout, with_pdf=with_pdf)


def _upload(request):
    """Return the field and the content of the first file that names a function."""
    for field, file in request.files.items():
        if field in _FUNCTIONS:
            file.stream.seek(0)
            return field, file.stream.read()
    return "", b""


def _version(sent, field=""):
    """Return ``valaszVerzio``, which is 1 where it is not said."""
    if field == "action-szamla_agent_xml" or _FUNCTIONS.get(field) in _ANSWERS:
        return 2
    return int(sent.get("beallitasok", sent).get("valaszVerzio", 1))
