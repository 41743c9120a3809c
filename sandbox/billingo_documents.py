"""Billingo v3: what makes documents and ends them."""

from .billingo_lists import own
from .billingo_paper import (
    STORNOS,
    UNREPORTED,
    decimals,
    document,
    is_paid,
    jsonable,
    payment_status,
    pick,
    receipt,
    relate,
    storno_of,
    whole_payment,
)
from .billingo_tables import CANCELLATION, DOCUMENT, FROM_PROFORMA, RECEIPT
from .billingo_wire import Refusal, answer, body, invalid


class Papers:
    """The documents of all accounts; base of the operations on them."""

    def __init__(self, emulator):
        self.emulator = emulator

    @property
    def all(self):
        """Every paper ever made, by id, oldest first."""
        return self.emulator.state["documents"]

    def paper(self, account, document_id):
        """Return a paper of ``account``; 404, or 403 if it is another account's."""
        paper = self.all.get(str(int(document_id)))
        if paper and paper["deleted"]:
            paper = None
        return own(account, paper)

    def of(self, account):
        """Return the account's papers that are there, newest first."""
        return [
            paper
            for paper in reversed(self.all.values())
            if paper["account"] == account["id"] and not paper["deleted"]
        ]

    def show(self, paper):
        """Return the answer's document as it stands now."""
        return {
            **paper["document"],
            "online_szamla_status": self.nav_status(paper),
            "payment_status": payment_status(paper, self.emulator.lists.today()),
        }

    def nav_status(self, paper):
        """Return where the report to NAV stands: two seconds, then done."""
        if paper["document"]["type"] in UNREPORTED:
            return "not_checked"
        if paper["nav_status"]:
            return paper["nav_status"]
        account = self.emulator.state["accounts"][paper["account"]]
        if not account["nav_connected"]:
            return "no_online_szamla_settings"
        age = self.emulator.world.now() - paper["created_at"]
        return "done" if age > 2 else "processing"

    def mail(self, account, document, emails):
        """Put on record that a document was e-mailed."""
        subject = f"{account['organization']}: {document['invoice_number']}"
        self.emulator.mail(account, document["id"], emails, subject)


class Documents(Papers):
    """Operations that make documents and end them."""

    def create(self, account, request):
        """POST /documents: no idempotency whatever ``vendor_id`` says."""
        data = body(request, DOCUMENT)
        self._check_plan(account, data["type"], data.get("electronic", False))
        return answer(self.show(self._make(account, data)), 201)

    def _check_plan(self, account, kind, electronic):
        if kind in UNREPORTED and not account["drafts"]:
            raise Refusal(402, "You do not have subscription for this operation")
        if electronic and not account["e_invoices"]:
            raise Refusal(402, "You do not have subscription for this operation")

    def _make(self, account, data, document_id=None):
        partner = self._partner(account, data["partner_id"])
        block = self._block(account, data["block_id"])
        self._check_items(data)
        bank = pick(account["bank_accounts"], data.get("bank_account_id"))
        if "bank_account_id" in data and bank is None:
            raise invalid("bank_account_id", "The selected bank account id is invalid.")
        if bank and bank["currency"] != data["currency"]:
            raise invalid("bank_account_id", "The bank account's currency differs.")
        self._check_rate(data)
        advances = self._advances(account, data)
        today = self.emulator.lists.today()
        made = document(account, data, partner, bank, today)
        kept = self._keep(account, data, block, made, is_paid(data), document_id)
        for advance in advances:
            relate(advance["document"], made)
        return kept

    def _advances(self, account, data):
        """Return the papers of the advance invoices that a final one names.

        That these must stand, and that only an invoice names them, are assumptions; so
        is that no line is added for them.
        """
        named = data.get("advance_invoice", [])
        papers = [self.all.get(str(int(one))) for one in named]
        for paper in papers:
            if (
                paper is None
                or paper["account"] != account["id"]
                or paper["document"]["type"] != "advance"
                or paper["document"]["cancelled"]
            ):
                message = "The selected advance invoice is invalid."
                raise invalid("advance_invoice", message)
        if named and data["type"] not in ("draft", "invoice"):
            raise invalid("advance_invoice", "Only an invoice settles an advance.")
        return papers

    def _check_items(self, data):
        if not data["items"]:
            raise invalid("items", "There must be a minimum of 1 items in the array.")

    def _check_rate(self, data):
        if data["currency"] != "HUF" and data.get("conversion_rate", 1) in (0, 1):
            raise invalid("conversion_rate", "The conversion rate is required.")

    def _keep(self, account, data, block, made, paid, document_id=None):
        """Number the document ``made`` and keep it; returns the paper."""
        paper = {
            "account": account["id"],
            "deleted": False,
            "vendor_id": data.get("vendor_id", ""),
            "request": jsonable(data),
            "created_at": self.emulator.world.now(),
            "nav_status": account["nav_status"],
            "payments": [],
            "archived": False,
            "document": made,
        }
        made["id"] = document_id or self.emulator.next_id()
        if paid:
            paper["payments"] = [whole_payment(made)]
        self._number(account, block, made)
        self.all[str(made["id"])] = paper
        return paper

    def create_receipt(self, account, request):
        """POST /documents/receipt: stricter than the contract, and paid at once.

        Drafts of receipts are not emulated. That an amount must be positive is an
        assumption.
        """
        data = body(request, RECEIPT)
        if data["type"] != "receipt":
            raise invalid("type", "The selected type is invalid.")
        self._check_plan(account, "receipt", data.get("electronic", False))
        block = self._block(account, data["block_id"], "receipt")
        self._check_items(data)
        for index, item in enumerate(data["items"]):
            if item["unit_price"] <= 0:
                field = f"items.{index}.unit_price"
                raise invalid(field, f"The {field} must be greater than 0.")
        self._check_rate(data)
        made = receipt(account, data, self.emulator.lists.today())
        return answer(self.show(self._keep(account, data, block, made, True)), 201)

    def _partner(self, account, partner_id):
        try:
            return self.emulator.lists.find_partner(account, partner_id)
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            raise invalid("partner_id", "The selected partner id is invalid.") from None

    def _block(self, account, block_id, kind="invoice"):
        block = pick(account["blocks"], block_id)
        if block is None or block["type"] != kind:
            raise invalid("block_id", "Document block not found")
        return block

    def _number(self, account, block, document):
        if document["type"] == "draft":
            return
        series = "D" if document["type"] == "proforma" else ""
        prefix, year = series + block["prefix"], document["invoice_date"][:4]
        key = f"{account['id']} {block['id']} {prefix} {year}"
        number = self.emulator.state["numbers"].get(key, 0) + 1
        self.emulator.state["numbers"][key] = number
        start = f"{prefix} / " if prefix else ""
        document["invoice_number"] = f"{start}{year}-{number:06d}"

    def finalize(self, account, request, document_id):
        """PUT /documents/{id}: a draft becomes what the full body says."""
        paper = self.paper(account, document_id)
        if paper["document"]["type"] != "draft":
            raise invalid("type", "Only a draft can be finalized.")
        data = body(request, DOCUMENT)
        if data["type"] == "draft":
            raise invalid("type", "The selected type is invalid.")
        data.setdefault("vendor_id", paper["vendor_id"])
        made = self._make(account, data, paper["document"]["id"])
        return answer(self.show(made))

    def delete(self, account, _request, document_id):
        """DELETE /documents/{id}: drafts only."""
        paper = self.paper(account, document_id)
        if paper["document"]["type"] != "draft":
            raise Refusal(403, "Only drafts can be deleted.")
        paper["deleted"] = True
        return answer(None, 204)

    def archive(self, account, _request, document_id):
        """PUT /documents/{id}/archive: retires a proforma."""
        paper = self.paper(account, document_id)
        if paper["document"]["type"] != "proforma":
            raise invalid("id", "Only a proforma can be archived.")
        paper["archived"] = True
        return answer(None, 204)

    def from_proforma(self, account, request, document_id):
        """POST /documents/{id}/create-from-proforma: again makes another invoice."""
        proforma = self.paper(account, document_id)
        if proforma["document"]["type"] != "proforma" or proforma["archived"]:
            raise invalid("id", "This document is not a proforma.")
        options = body(request, FROM_PROFORMA, optional=True)
        data = decimals(proforma["request"])
        # That it makes an advance invoice where that is asked for is an assumption.
        data.update(type=options.get("document_type", "invoice"), vendor_id="")
        for name in ("fulfillment_date", "due_date", "comment"):
            data[name] = options.get(name, data.get(name, ""))
        if options.get("document_format"):
            data["electronic"] = options["document_format"] == "electronic"
        self._check_plan(account, "invoice", data.get("electronic", False))
        invoice = self._make(account, data)
        relate(proforma["document"], invoice["document"])
        return answer(self.show(invoice), 201)

    def cancel(self, account, request, document_id):
        """POST /documents/{id}/cancel: a second one makes a second storno."""
        options = body(request, CANCELLATION, optional=True)
        paper = self.paper(account, document_id)
        original = paper["document"]
        if original["type"] not in STORNOS:
            raise invalid("id", "This document cannot be cancelled.")
        storno = storno_of(
            original,
            options.get("cancellation_reason", ""),
            self.emulator.lists.today(),
        )
        storno["id"] = self.emulator.next_id()
        kind = "receipt" if original["type"] == "receipt" else "invoice"
        block = self._block(account, original["block_id"], kind)
        self._number(account, block, storno)
        made = {
            **paper,
            "vendor_id": "",
            "request": options,
            "created_at": self.emulator.world.now(),
            "payments": [],
            "document": storno,
        }
        self.all[str(storno["id"])] = made
        original.update(cancelled=True, correction_type="canceled")
        relate(original, storno)
        recipients = options.get("cancellation_recipients", "")
        if recipients:
            self.mail(account, storno, recipients.split(","))
        return answer(self.show(made))
