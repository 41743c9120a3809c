"""The calls of Billingo's API v2, one method each, with all that they take.

The strategy in :mod:`.billingo_v2` uses them; what it has no word for (net prices,
stored products, rounding of the total) is open to other callers here::

    api = BillingoV2Api(HttpClient(url), public_key, private_key)
    api.create_invoice(document_request([product_item(uid, 1)], round_to=5, ...))

Source: the vendor's documentation of API v2 (octonull/Billingo-API-docs), marked
deprecated by the vendor since 2020-05-12.
"""

import dataclasses
import hashlib
import time
from urllib.parse import quote

import jwt

from ...billing.errors import AccountProblem, NotProcessed, Reason
from .. import wire
from . import parse

#: Most records that a page may hold.
PAGE = 50
#: A token lives half a minute at most; it is dated back a little, for a clock (ours or
#: theirs) that is not exact.
LIFETIME, LEEWAY = 30, 10
#: Downloads: ten in a minute for each IP address.
DOWNLOAD_PAUSE = 60.0
#: Who signs the tokens: "the origin URI".
ISSUER = "urn:odoo:salon_invoice_bridge"


class BillingoV2Api:
    """One account, by its two keys.

    A record is ``(id, attributes)``: a string of digits, and the service's own dict.
    Every method raises the errors of :mod:`.errors` and nothing else; those marked
    "acts" change something, although the interface has several of them as GET.

    :param http: an :class:`HttpClient`
    :param str public_key: names the user (the token's ``sub``)
    :param str private_key: signs the token
    """

    def __init__(self, http, public_key, private_key, clock=time.time):
        self.http = http
        self.clock = clock
        self._public_key = public_key
        self._private_key = private_key
        self._secrets = (*http.secrets, public_key, private_key)

    # === DOCUMENTS === #

    def invoices(self, page=1, max_per_page=20):
        """Return a page of documents, as records (50 at most)."""
        return self._list("/invoices", page=page, max_per_page=max_per_page)

    def query(self, start_date=None, end_date=None, page=1, max_per_page=20, **filters):
        """Return a page of the documents between two dates, as records.

        :param start_date: a date; the service takes the first of the month without
        :param filters: ``payment_method``, ``block``, and the pairs ``year_start`` with
            ``num_start`` and ``year_end`` with ``num_end``
        """
        return self._list(
            "/invoices/query",
            start_date=start_date,
            end_date=end_date,
            page=page,
            max_per_page=max_per_page,
            **filters,
        )

    def invoice(self, id_):
        """Return one document, a record."""
        return self._call("GET", _at("/invoices", id_), read=_this(id_))

    def create_invoice(self, request):
        """Acts.  Issue a document; ``request`` as ``document_request`` renders it."""
        return self._call("POST", "/invoices", body=request, read=_one)

    def generate(self, id_):
        """Acts.  Make the invoice of a proforma; returns its id, or ""."""
        return self._call(
            "GET", _at("/invoices", id_, "generate"), safe=False, read=_generated
        )

    def cancel(self, id_):
        """Acts.  Cancel an invoice; returns the storno, a record."""
        return self._call("GET", _at("/invoices", id_, "cancel"), safe=False, read=_one)

    def send(self, id_):
        """Acts.  E-mail a document to its client's own address."""
        self._call("GET", _at("/invoices", id_, "send"), safe=False)

    def code(self, id_):
        """Return the code of the public link."""
        return self._call("GET", _at("/invoices", id_, "code"), read=_code)

    def access_url(self, code):
        """Return the public link: ``https://www.billingo.hu/access/c:{code}``."""
        site = self.http.base_url.rpartition("/")[0]
        return f"{site}/access/c:{quote(code, safe='')}"

    def download(self, id_):
        """Return the PDF of a document (bytes).

        :raises NotProcessed: also when ten were fetched within a minute
        """
        answer = self._exchange("GET", _at("/invoices", id_, "download"), True)
        if answer.status == 200 and answer.body.startswith(b"%PDF"):
            return answer.body
        if answer.status == 202:
            raise NotProcessed("The PDF is not ready", reason=Reason.NOT_READY)
        try:
            self._payload(answer, True)
        except NotProcessed as error:
            if error.reason is Reason.RATE_LIMIT:
                error.scope = "download"
                if error.retry_after is None:
                    error.retry_after = DOWNLOAD_PAUSE
            raise
        raise NotProcessed("The answer is not a PDF", reason=Reason.UNREADABLE)

    def pay(self, id_, date, amount, payment_method, conversion_rate=None):
        """Acts.  Register a payment, full or partial.

        :param date: of the payment
        :param amount: Decimal, in the document's currency
        :param conversion_rate: Decimal, HUF for one unit of a foreign currency
        :return: ``(fully_paid, outstanding)``
        """
        values = {
            "date": date.isoformat(),
            "amount": amount,
            "payment_method": payment_method,
        }
        if conversion_rate is not None:
            values["conversion_rate"] = conversion_rate
        path = _at("/invoices", id_, "pay")
        return self._call("POST", path, body=wire.dumps(values), read=_paid)

    def undo_pay(self, id_):
        """Acts.  Remove the payments; returns ``(fully_paid, outstanding)``."""
        return self._call("DELETE", _at("/invoices", id_, "pay"), read=_paid)

    # === ACCOUNT === #

    def blocks(self):
        """Return the document blocks, as records."""
        return self._list("/invoices/blocks")

    def bank_accounts(self):
        """Return the seller's bank accounts, as records."""
        return self._list("/bank_accounts")

    def vat(self):
        """Return the VAT rates, as records; ``value`` is a fraction."""
        return self._list("/vat")

    def payment_methods(self, language="hu"):
        """Return the payment methods, as records; ``language`` is hu, en or de."""
        return self._list(_at("/payment_methods", language))

    def tax_code(self):
        """Return the seller's tax number."""
        return self._call("GET", "/user/tax-code", read=_field("tax_code"))

    def is_sandbox(self):
        """Return whether the account is one for tests."""
        flag = self._call("GET", "/user/is-sandbox", read=_field("is_sandbox"))
        return flag.lower() in ("1", "true")

    def currency(self, source, target, value=1):
        """Return ``value`` of one currency in another, a Decimal, at today's rate."""
        return self._call(
            "GET",
            "/currency",
            params={"from": source, "to": target, "value": str(value)},
            read=lambda body: parse.money(parse.mapping(body, "data") or body, "value"),
        )

    # === CLIENTS === #

    def clients(self, page=1, max_per_page=20):
        """Return a page of clients, as records (50 at most)."""
        return self._list("/clients", page=page, max_per_page=max_per_page)

    def client(self, id_):
        """Return one client, a record."""
        return self._call("GET", _at("/clients", id_), read=_this(id_))

    def create_client(self, request):
        """Acts.  Keep a client, or return the same one that there is, a record."""
        return self._call("POST", "/clients", body=request, read=_one)

    def update_client(self, id_, request):
        """Acts.  Replace what is kept of a client; returns it, a record."""
        path = _at("/clients", id_)
        return self._call("PUT", path, body=request, read=_this(id_))

    # === TRANSPORT === #

    def token(self):
        """Return a fresh JWT: HS256, with the claims that the vendor lists.

        :raises AccountProblem: if a key is missing or cannot sign
        """
        if not self._public_key or not self._private_key:
            raise AccountProblem("Billingo v2 needs a public and a private key")
        issued = int(self.clock()) - LEEWAY
        identity = f"{self._public_key}{issued}".encode()
        claims = {
            "sub": self._public_key,
            "iat": issued,
            "exp": issued + LIFETIME,
            "iss": ISSUER,
            # MD5 is the vendor's rule for a name, not for secrecy.
            "jti": hashlib.md5(identity, usedforsecurity=False).hexdigest(),
        }
        try:
            token = jwt.encode(claims, self._private_key, algorithm="HS256")
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            message = f"The private key cannot sign: {type(error).__name__}"
            raise AccountProblem(message) from error
        # A token opens the account for half a minute: no evidence may show it.
        self.http.secrets = (*self._secrets, token)
        return token

    def _list(self, path, **params):
        params = {name: _param(v) for name, v in params.items() if v is not None}
        read = parse.records
        return self._call("GET", path, params=params, read=lambda b: read(_data(b)))

    def _call(
        self,
        method,
        path,
        *,
        safe=None,
        params=None,
        body=None,
        read=lambda body: None,
    ):
        """Make a call and return what ``read`` makes of the answer's JSON object.

        :param safe: False for a GET that acts
        """
        safe = method == "GET" if safe is None else safe
        answer = self._exchange(method, path, safe, params, body)
        content = self._payload(answer, safe)
        try:
            return read(content)
        except parse.Unreadable as error:
            raise parse.unreadable(error, safe=safe) from error

    def _exchange(self, method, path, safe, params=None, body=None):
        headers = {"Authorization": f"Bearer {self.token()}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self.http.send(
            method, path, safe=safe, params=params, body=body, headers=headers
        )

    def _payload(self, answer, safe):
        # What an answer says may end in a message: it must not say a key back.
        body = self.http.redact(answer.text).encode("utf-8", "replace")
        answer = dataclasses.replace(answer, body=body)
        return parse.payload(answer, safe=safe, now=self.clock())


def _at(*parts):
    """Return a path; all parts after the first are quoted."""
    first, *rest = parts
    return "/".join([first, *(quote(str(part), safe="") for part in rest)])


def _param(value):
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _data(body):
    if "data" not in body:
        raise parse.Unreadable("The answer has no data")
    return body["data"]


def _one(body):
    """One object: seen as an object, and as a list with one."""
    data = _data(body)
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    return parse.record(data)


def _this(id_):
    """The object that was asked for, and no other."""

    def read(body):
        found = _one(body)
        if found[0] != str(id_):
            raise parse.Unreadable("The answer is about another object")
        return found

    return read


def _field(name):
    def read(body):
        return parse.text(parse.mapping(body, "data") or body, name)

    return read


def _code(body):
    code = parse.text(parse.mapping(body, "data"), "code")
    if not code:
        raise parse.Unreadable("The answer has no code")
    return code


def _generated(body):
    value = body.get("id") or parse.mapping(body, "data").get("id")
    return parse.identifier(value) if value else ""


def _paid(body):
    data = parse.mapping(body, "data")
    return bool(data.get("fully_paid")), parse.money(data, "outstanding")
