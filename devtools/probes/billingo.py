"""What nobody has published about Billingo's API v3."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from salon_invoice_bridge.billing.bookkeeping import ExportQuery
from salon_invoice_bridge.billing.errors import ProviderError, Rejected
from salon_invoice_bridge.billing.invoice import (
    ISSUED_KINDS,
    Cancellation,
    IssuedDocument,
    Kind,
    PaymentKind,
)
from salon_invoice_bridge.providers import wire
from salon_invoice_bridge.providers.billingo import render

from .interview import BUYER, MARK, Interview, RealAccount, Unclear, line, question

#: Ways to pay whose "counts as paid at once" is not documented for v3.
METHODS = tuple(
    "cash bankcard online_bankcard szep_card paypal utalvany elore_utalas "
    "wire_transfer".split()
)


class BillingoInterview(Interview):
    """A test account at Billingo."""

    code = "billingo"
    title = "Billingo API v3"
    untried = (
        "`settings.should_send_email`: it would send an e-mail",
        "the text of a used-up daily quota: it would use it up",
        "what maintenance answers: it cannot be asked for",
        "the shutdown of API v2, plan prices and limits: no call tells",
    )

    def prepare(self, mine):
        """Refuse an account that looks like a salon's own."""
        info = self.provider.verify()
        if not info.blocks:
            raise RealAccount("the account has no invoice block to issue from.")
        if not mine:
            self._check_it_is_a_test(info)
        self.block = info.blocks[0].id
        self.receipt_blocks = info.receipt_blocks
        self.made = []
        self.partner = self.provider.sync_buyer(BUYER)

    def _check_it_is_a_test(self, info):
        advice = "If it is an account for tests, say --yes-this-account-is-mine-to-test"
        if info.nav_connected:
            raise RealAccount(f"the account reports to NAV. {advice}.")
        rows = self._documents()
        ours = {row["id"] for row in rows if _is_marked(row)}
        theirs = [row for row in rows if not ours & {row["id"], *_related(row)}]
        if theirs:
            raise RealAccount(
                f"the account has {len(theirs)} document(s) that no probe has made. "
                f"{advice}."
            )

    def _documents(self):
        rows, number, last = [], 1, 1
        while number <= last:
            status, page = self.send("GET", f"/documents?per_page=100&page={number}")
            found = _field(page, "data")
            if status != 200 or not isinstance(found, list) or number > 20:
                raise RealAccount("the account's documents cannot all be listed.")
            rows += found
            number, last = number + 1, page.get("last_page", 1)
        return rows

    def clean_up(self):
        """Delete drafts, archive proformas, cancel invoices, delete the buyer."""
        left = defaultdict(list)
        for id_ in self.made:
            try:
                self._take_back(self.provider.get(_by_id(id_)), left)
            except Rejected:
                continue  # deleted by its question
            except ProviderError as error:
                left[f"refused: {error.message}"].append(str(id_))
        status, _body = self.send("DELETE", f"/partners/{self.partner}")
        if status != 204:
            left["partners"].append(BUYER.name)
        return left

    def _take_back(self, document, left):
        if document.kind in (Kind.DRAFT, Kind.PROFORMA):
            self.provider.discard(document)
            return
        if document.kind not in ISSUED_KINDS:
            left[f"documents of kind {document.kind.value}"].append(document.number)
            return
        if not document.cancelled:
            wish = Cancellation(original=document, external_key=self.key())
            self.provider.cancel(wish)
        what = f"cancelled {document.kind.value}s, with their stornos"
        left[what].append(document.number)

    # === CALLS === #

    def send(self, method, path, body=None, provider=None):
        """Make a call of our own: ``(status, JSON or text)``; an error is an answer."""
        answer = self.exchange(method, path, body, provider)
        try:
            return answer.status, wire.loads(answer.body)
        except ValueError:
            return answer.status, answer.text

    def exchange(self, method, path, body=None, provider=None):
        """Make a call of our own and return the answer as it is."""
        provider = provider or self.provider
        headers = {"X-API-KEY": provider.credentials.api_key}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = wire.dumps(body)
        return provider.http.send(method, path, body=body, headers=headers)

    def request(self, *lines, **changes):
        """Return the body that issues an invoice, a dict to be changed."""
        changes = {"block": self.block, "partner_id": self.partner, **changes}
        return wire.loads(self.provider.render(self.invoice(*lines, **changes)))

    def post(self, body, path="/documents"):
        """Send a create and return ``(status, answer)``; remembers what was made."""
        status, answer = self.send("POST", path, body)
        if status == 201 and isinstance(answer, dict):
            self.made.append(answer.get("id"))
        return status, answer

    def create(self, *lines, **changes):
        """Issue an invoice and return it, a dict as the service answered it."""
        settings = changes.pop("settings", {})
        extra = changes.pop("extra", {})
        body = {**self.request(*lines, **changes), **extra}
        body["settings"] = {**body["settings"], **settings}
        status, answer = self.post(body)
        if status != 201:
            raise Unclear(f"the document was refused: {status} {_said(answer)}")
        return answer

    def receipt_request(self, *lines, **changes):
        """Return the body that issues a receipt, a dict to be changed."""
        if not self.receipt_blocks:
            raise Unclear("the account has no block of receipts")
        changes = {"block": self.receipt_blocks[0].id, **changes}
        return wire.loads(self.provider.render(self.receipt(*lines, **changes)))

    def post_receipt(self, body):
        """Send a receipt and return ``(status, answer)``; remembers what was made."""
        return self.post(body, "/documents/receipt")

    def create_receipt(self, *lines, **changes):
        """Issue a receipt and return it, a dict as the service answered it."""
        status, answer = self.post_receipt(self.receipt_request(*lines, **changes))
        if status != 201:
            raise Unclear(f"the receipt was refused: {status} {_said(answer)}")
        return answer

    def look_up(self, key):
        """Ask for a document by its vendor_id: ``(status, answer)``."""
        return self.send("GET", f"/documents/vendor/{key}")

    # === EXACTLY ONCE === #

    @question("Is a second POST with the same `vendor_id` refused?")
    def second_post(self):
        """Also: which of the two the look-up returns."""
        body = self.request()
        first_status, first = self.post(body)
        status, second = self.post(body)
        if first_status != 201:
            raise Unclear(f"the first was refused: {first_status} {_said(first)}")
        if status != 201:
            return f"yes: {status} {_said(second)}"
        if second.get("id") == first.get("id"):
            return "no: the first document is returned"
        _status, found = self.look_up(body["vendor_id"])
        which = {first["id"]: "first", second["id"]: "second"}
        shown = which.get(_field(found, "id"), "neither")
        return f"no: a second document is made; the look-up shows the {shown}"

    @question("How soon does the look-up by `vendor_id` see a document?")
    def look_up_delay(self):
        key = self.key()
        self.create(external_key=key)
        seconds = self.wait_for(lambda: self.look_up(key)[0] == 200, 30)
        if seconds is None:
            return "not within 30 s"
        return f"{seconds:.1f} s after the answer"

    @question("What does the look-up answer for an unknown `vendor_id`?")
    def unknown_key(self):
        status, answer = self.look_up(self.key("-unknown"))
        return f"{status} {_said(answer)}"

    @question("Does the look-up show drafts, and drafts that were deleted?")
    def drafts(self):
        key = self.key()
        draft = self.create(kind=Kind.DRAFT, external_key=key)
        shown = self.look_up(key)[0]
        deleted = self.send("DELETE", f"/documents/{draft['id']}")[0]
        gone = self.look_up(key)[0]
        return f"draft: {shown}; DELETE: {deleted}; then: {gone}"

    @question("Does the look-up show an invoice that was cancelled?")
    def cancelled(self):
        key = self.key()
        invoice = self.create(external_key=key)
        self.send("POST", f"/documents/{invoice['id']}/cancel", {})
        status, found = self.look_up(key)
        if status != 200:
            return f"no: {status}"
        if found.get("id") != invoice["id"]:
            return f"it shows another document: {found.get('type')}"
        return f"yes, with `cancelled: {str(found.get('cancelled')).lower()}`"

    @question("How long may a `vendor_id` be?")
    def key_length(self):
        known = []
        for length in (64, 255, 1000):
            key = self.key("x" * (length - 26))
            body = self.request(kind=Kind.DRAFT, external_key=key, order_number="x")
            status, _answer = self.post(body)
            found = self.look_up(key)[0] if status == 201 else "-"
            known.append(f"{length}: {status}, look-up {found}")
        return "; ".join(known)

    @question("What does a second PUT on a finalized draft do?")
    def second_put(self):
        draft = self.create(kind=Kind.DRAFT)
        body = self.request()
        path = f"/documents/{draft['id']}"
        first, invoice = self.send("PUT", path, body)
        if first != 200:
            raise Unclear(f"the draft was not finalized: {first} {_said(invoice)}")
        status, answer = self.send("PUT", path, body)
        if status != 200:
            return f"it is refused: {status} {_said(answer)}"
        same = answer.get("invoice_number") == invoice.get("invoice_number")
        return f"{status}, {'the same' if same else 'another'} number"

    # === STORNO AND MODIFICATION === #

    @question("Does a second cancel make a second storno?")
    def second_cancel(self):
        invoice = self.create()
        path = f"/documents/{invoice['id']}/cancel"
        status, first = self.send("POST", path, {})
        if status != 200:
            raise Unclear(f"the first cancel was refused: {status} {_said(first)}")
        status, second = self.send("POST", path, {})
        if status != 200:
            return f"no: {status} {_said(second)}"
        if second.get("id") == first.get("id"):
            return "no: the first storno is returned"
        return "yes"

    @question("Does an original name its storno in `related_documents`?")
    def related(self):
        invoice = self.create()
        path = f"/documents/{invoice['id']}"
        _status, storno = self.send("POST", f"{path}/cancel", {})
        _status, original = self.send("GET", path)
        ids = [row.get("id") for row in _field(original, "related_documents") or ()]
        named = "yes" if _field(storno, "id") in ids else "no"
        kind = _field(original, "correction_type")
        return f"{named}; the original's `correction_type` is `{kind}`"

    @question("Are a modification's items the difference or the new whole?")
    def modification(self):
        invoice = self.create(line(10000))
        items = self.request(line(4000))["items"]
        path = f"/documents/{invoice['id']}/create-modification-document"
        status, answer = self.send("POST", path, {"items": items})
        if status != 201:
            return f"it is not offered to this account: {status} {_said(answer)}"
        self.made.append(answer.get("id"))
        gross = answer.get("gross_total")
        meaning = {4000: "the difference", -6000: "the new whole"}.get(gross, "unclear")
        return f"{meaning}: one of 4000 Ft on an invoice of 10000 Ft gives {gross} Ft"

    # === MONEY === #

    @question("What does `round: five` do to the totals of 1272 Ft?")
    def rounding(self):
        document = self.create(
            line(1272),
            payment_kind=PaymentKind.CASH,
            settings={"round": "five"},
        )
        summary = document.get("summary") or {}
        return (
            f"gross_total {document.get('gross_total')}, summary gross "
            f"{summary.get('gross_amount_local', summary.get('gross_amount'))}"
        )

    @question("Does a document keep 3 × 333.333333 Ft as 1000 Ft?")
    def fractions(self):
        body = self.request(line(1000))
        body["items"][0].update(quantity=3, unit_price=Decimal("333.333333"))
        status, answer = self.post(body)
        if status != 201:
            return f"it is refused: {status} {_said(answer)}"
        return f"gross_total {answer.get('gross_total')}"

    @question("Does `paid: true` write a row of payment history, and of which date?")
    def paid(self):
        document = self.create(payment_kind=PaymentKind.SZEP_CARD)
        status, rows = self.send("GET", f"/documents/{document['id']}/payments")
        if status != 200 or not isinstance(rows, list):
            raise Unclear(f"{status} {_said(rows)}")
        told = [f"{row.get('date')}: {row.get('price')}" for row in rows]
        return f"{document.get('payment_status')}; rows: {', '.join(told) or 'none'}"

    @question("Which ways to pay count as paid although `paid` is false?")
    def paid_at_once(self):
        told = []
        for method in METHODS:
            extra = {"payment_method": method, "paid": False}
            settings = {"without_financial_fulfillment": False}
            document = self.create(extra=extra, settings=settings)
            told.append(f"{method}: {document.get('payment_status')}")
        return "; ".join(told)

    @question("Is the payment method `combined` taken?")
    def combined(self):
        status, answer = self.post({**self.request(), "payment_method": "combined"})
        return f"{status}" if status == 201 else f"no: {status} {_said(answer)}"

    # === DEPOSITS === #

    @question("Does a final invoice get a line of its own for its advance invoice?")
    def final_invoice(self):
        """No: the caller's negative line is the only one. Yes: it is to be left out."""
        extra = {"type": "advance"}
        advance = self.create(line(1000, name="Próba előleg"), extra=extra)
        rest = line(3000), line(-1000, name="Próba előleg")
        named = {"advance_invoice": [advance["id"]]}
        final = self.create(*rest, extra=named)
        told = (
            f"total {final.get('gross_total')}, {len(final.get('items') or ())} lines"
        )
        status, second = self.post({**self.request(*rest), **named})
        again = "is made" if status == 201 else f"is refused: {status} {_said(second)}"
        return f"{told} of 3000 Ft less 1000 Ft; a second one {again}"

    # === RECEIPTS === #

    @question("Does `GET /documents/vendor` show receipts?")
    def receipt_by_key(self):
        """Yes: ``FINDS_RECEIPTS_BY_KEY`` of the strategy's tables may be True.

        Also: what it shows of one that was cancelled, so that nothing is adopted.
        """
        body = self.receipt_request()
        status, made = self.post_receipt(body)
        if status != 201:
            raise Unclear(f"the receipt was refused: {status} {_said(made)}")
        seconds = self.wait_for(
            lambda: self.look_up(body["vendor_id"])[0] == 200, self.patience
        )
        if seconds is None:
            return f"**no**, not within {self.patience} s"
        _status, found = self.look_up(body["vendor_id"])
        if _field(found, "id") != made["id"]:
            return f"it shows another document: {_field(found, 'type')}"
        self.send("POST", f"/documents/{made['id']}/cancel", {})
        status, later = self.look_up(body["vendor_id"])
        cancelled = str(_field(later, "cancelled")).lower()
        return f"yes, {seconds:.1f} s after; cancelled: {status}, `{cancelled}`"

    @question("Is a second receipt with the same `vendor_id` refused?")
    def second_receipt(self):
        body = self.receipt_request()
        first_status, first = self.post_receipt(body)
        if first_status != 201:
            raise Unclear(f"the first was refused: {first_status} {_said(first)}")
        status, second = self.post_receipt(body)
        if status != 201:
            return f"yes: {status} {_said(second)}"
        same = second.get("id") == first.get("id")
        return f"no: {'the first' if same else 'a second receipt'} is returned"

    @question("What is the storno of a receipt called, and does the receipt name it?")
    def receipt_storno(self):
        path = f"/documents/{self.create_receipt()['id']}"
        status, storno = self.send("POST", f"{path}/cancel", {})
        if status != 200:
            raise Unclear(f"the cancel was refused: {status} {_said(storno)}")
        _status, original = self.send("GET", path)
        ids = [row.get("id") for row in _field(original, "related_documents") or ()]
        named = "named" if _field(storno, "id") in ids else "not named"
        return (
            f"`{_field(storno, 'type')}`, {named}; the receipt's `cancelled` is "
            f"`{str(_field(original, 'cancelled')).lower()}`"
        )

    @question("Is the amount of a receipt's item its gross?")
    def receipt_gross(self):
        """Also: what such a document says of its payment and its report."""
        made = self.create_receipt(line(1270), line(105, vat="5"))
        return (
            f"gross_total {made.get('gross_total')} of 1270 and 105 Ft; "
            f"{made.get('payment_status')}, NAV `{made.get('online_szamla_status')}`"
        )

    @question("Does the list of `type=receipt` have receipts, and their stornos?")
    def receipt_list(self):
        made = self.create_receipt()
        _status, storno = self.send("POST", f"/documents/{made['id']}/cancel", {})
        status, page = self.send("GET", "/documents?type=receipt&per_page=100")
        ids = [row.get("id") for row in _field(page, "data") or ()]
        if status != 200:
            raise Unclear(f"{status} {_said(page)}")
        told = {"receipt": made["id"], "storno": _field(storno, "id")}
        return "; ".join(
            f"{name}: {'yes' if id_ in ids else 'no'}" for name, id_ in told.items()
        )

    # === FILES FOR ACCOUNTING PROGRAMS === #

    @question("Are receipts in the file for an accounting program?")
    def export(self):
        """Also: how soon it is there, of which kind, and what comes before that."""
        invoice, receipt = self.create(), self.create_receipt()
        day = date.fromisoformat(invoice["invoice_date"])
        query = ExportQuery(kind="simple_csv", since=day, until=day)
        status, made = self.send(
            "POST", "/document-export", wire.loads(render.export(query))
        )
        if status != 201:
            raise Unclear(f"the file was refused: {status} {_said(made)}")
        path = f"/document-export/{made['id']}"
        early = self.exchange("GET", f"{path}/download").status
        seconds = self.wait_for(
            lambda: _field(self.send("GET", f"{path}/poll")[1], "state") == "success",
            60,
            1,
        )
        if seconds is None:
            raise Unclear(f"it was not ready within 60 s; fetched at once: {early}")
        file = self.exchange("GET", f"{path}/download")
        told = {"invoice": invoice, "receipt": receipt}
        found = [
            f"{name}: {'yes' if row['invoice_number'] in file.text else 'no'}"
            for name, row in told.items()
        ]
        kind = file.headers.get("content-type", "none")
        return (
            f"{'; '.join(found)}; `{kind}`, {seconds:.0f} s after; fetched at once: "
            f"{early}"
        )

    # === READING === #

    @question("Which fields does `query` of the list search?")
    def search(self):
        words = {
            name: f"{MARK}{name}{self.counter}"
            for name in ("comment", "order", "item", "vendor")
        }
        self.create(
            line(1270, name=words["item"]),
            comment=words["comment"],
            order_number=words["order"],
            external_key=self.key(words["vendor"]),
        )
        told = []
        for name, word in words.items():
            _status, page = self.send("GET", f"/documents?query={word}")
            rows = _field(page, "data") or []
            told.append(f"{name}: {'found' if rows else 'not found'}")
        return "; ".join(told)

    @question("Are there rate-limit headers?")
    def rate_headers(self):
        headers = self.exchange("GET", "/utils/time").headers
        names = [name for name in headers if name.startswith("x-ratelimit")]
        return ", ".join(f"`{name}: {headers[name]}`" for name in names) or "no"

    @question("How long is the PDF not ready?")
    def pdf_delay(self):
        document = self.create()
        path = f"/documents/{document['id']}/download"
        first = self.exchange("GET", path).status
        seconds = self.wait_for(lambda: self.exchange("GET", path).status == 200, 60, 1)
        if seconds is None:
            return f"not within 60 s; at first {first}"
        return f"{seconds:.0f} s; at first {first}"

    @question("What becomes of the report to NAV within 30 s?")
    def nav(self):
        document = self.create()
        seen = [document.get("online_szamla_status")]

        def settled():
            _status, now = self.send("GET", f"/documents/{document['id']}")
            status = _field(now, "online_szamla_status")
            if status != seen[-1]:
                seen.append(status)
            return status not in ("processing", "received", "saved", "sent", "started")

        self.wait_for(settled, 30, 2)
        return " → ".join(f"`{status}`" for status in seen)

    @question("What is answered to a key that may only read?")
    def read_only(self):
        if not self.readonly_key:
            raise Unclear("SALON_PROBE_READONLY_KEY is not set")
        base_url = self.provider.http.base_url
        reader = self.connect(self.readonly_key, base_url)
        try:
            body = self.request(kind=Kind.DRAFT)
            status, answer = self.send("POST", "/documents", body, reader)
        finally:
            reader.close()
        if status == 201:
            self.made.append(answer.get("id"))
            return "this key may write"
        return f"{status} {_said(answer)}"


def _is_marked(row):
    marks = [row.get("comment"), (row.get("settings") or {}).get("order_number")]
    marks += [item.get("name") for item in row.get("items") or ()]
    return any(str(mark or "").startswith(MARK) for mark in marks)


def _related(row):
    return [other.get("id") for other in row.get("related_documents") or ()]


def _by_id(id_):
    return IssuedDocument(
        id=str(id_), number="", kind=Kind.INVOICE, gross=Decimal(0), currency="HUF"
    )


def _field(answer, name):
    return answer.get(name) if isinstance(answer, dict) else None


def _said(answer):
    """Return what an error says, as code in one line."""
    text = answer if isinstance(answer, str) else wire.dumps(answer).decode()
    return f"`{' '.join(text.split())[:200]}`"
