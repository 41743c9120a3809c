from decimal import Decimal

from odoo import fields, models

from ..billing import errors
from ..billing.codec import to_json
from ..billing.invoice import Kind
from ..billing.returns import counted, kept_entries, part_of
from ..providers import registry
from .salon_invoice_document import OPEN

#: Why a refund needs no document for as long as nobody asks for the sale's.
UNASKED = ("no_original", "not_invoiced")


class SalonInvoiceRefund(models.Model):
    """What a refund becomes, decided when its turn comes.

    ======================  =====================================================
    the sale's document     the refund
    ======================  =====================================================
    none, not invoiced      needs none either, and says why
    not sent yet            all came back: both are dropped; part: waits for it
    draft, proforma         it is discarded; what was kept gets a new one
    invoice                 all came back: storno
    invoice, part came back *correction* where the service has them, else a storno
                            and a *remainder*: the invoice of what was kept
    cancelled               needs none: nothing stands that could be reversed
    ======================  =====================================================

    Refunds of one sale take their turns in the order in which their documents were
    asked for, each after the one before is settled, so that each corrects what really
    stands.  What has been taken off by then is what is settled: a till may have saved
    an order long before it is paid, so ids of orders say nothing.
    """

    _inherit = "salon.invoice.document"

    skip_reason = fields.Selection(
        selection_add=[
            ("no_original", "The sale that came back has no invoice"),
            ("not_invoiced", "The sale that came back was not invoiced"),
            ("refunded", "Everything came back before it was invoiced"),
            ("already_cancelled", "The invoice of the sale is cancelled already"),
            ("discarded", "The draft or proforma of the sale has been discarded"),
            ("replaced", "The draft or proforma of the sale has been made anew"),
            ("nothing", "Nothing of what came back is on the invoice (any more)"),
        ],
    )

    def _is_ready(self, provider, exchanges):
        if self.kind == "refund":
            return self._decide()
        if self.kind in ("invoice", "proforma", "draft"):
            self._check_is_sale()
            if self._drop_refunded():
                return False
            self._take_up_refunds()
        elif self.kind == "remainder":
            return self._is_remainder_due()
        return super()._is_ready(provider, exchanges)

    # === WHAT STANDS === #

    def _standing(self):
        """Return the document that stands for a sale after its refunds so far.

        :return: this document, the last remainder after stornos, or none
        """
        self.ensure_one()
        document = self
        while document.state == "cancelled":
            storno = document.follow_up_ids.filtered(
                lambda row: row.kind == "storno" and row.state != "skipped"
            )[:1]
            document = storno.follow_up_ids.filtered(
                lambda row: row.kind == "remainder" and row.state != "skipped"
            )[:1]
        return document

    def _corrections(self):
        """Return the corrections that have been issued of this document."""
        return self.follow_up_ids.filtered(
            lambda row: row.kind == "correction" and row.state == "issued"
        )

    def _standing_lines(self):
        """Return the lines of this document and of its corrections."""
        documents = self | self._corrections()
        return tuple(line for row in documents for line in row._invoice().lines)

    def _unsettled_before(self, sale):
        """Return the first document of the family that this one must wait for."""
        family = self.search(
            [
                ("order_id", "in", sale._salon_family().ids),
                ("state", "in", OPEN),
                ("id", "!=", self.id),
            ],
            order="id",
        )
        return family.filtered(
            lambda row: row.kind in ("storno", "correction", "remainder")
            or (row.kind == "refund" and row.id < self.id)
            or (row.origin_id and row.kind == "invoice")
        )[:1]

    def _kept(self, sale, refunds):
        """Return the entries of what the customer keeps of ``sale``.

        :param refunds: the ``pos.order`` records that have taken something back of it
        :raises billing.errors.Rejected: if more came back than was sold
        """
        facts = self.facts or sale._salon_facts()
        known = facts.get("refunds", [])
        return self._less_returned(
            facts, refunds.filtered(lambda order: order.id not in known)
        )

    def _counted(self, sale):
        """Return the refunds of ``sale`` that count once this one's turn is over."""
        documents = {
            order.id: [
                (row.state not in OPEN, row.skip_reason == "dropped")
                for row in order._salon_taking_back()
            ]
            for order in sale._salon_return_orders()
        }
        ids = counted(documents, self.order_id.id)
        return self.env["pos.order"].browse(sorted(ids))

    def _came_back(self, sale):
        """Return the refunds of ``sale`` but for those that need no document."""
        return sale._salon_return_orders().filtered(
            lambda order: (
                set(order._salon_taking_back().mapped("skip_reason")) != {"dropped"}
            )
        )

    def _facts_now(self, refunds):
        """Return the facts of the sale as it is now, less what ``refunds`` took back.

        :param refunds: ``pos.order`` records; the facts keep their ids as ``refunds``
        :raises billing.errors.Rejected: if more came back than was sold
        """
        facts = self.order_id._salon_new_facts()
        if not refunds:
            return facts
        kept = self._less_returned(facts, refunds)
        return {**part_of(facts, kept), "refunds": refunds.ids}

    def _less_returned(self, facts, refunds):
        """Return the entries of ``facts`` less what ``refunds`` took back.

        :raises billing.errors.Rejected: if more came back than was sold
        """
        returned = [entry for order in refunds for entry in self._return_entries(order)]
        try:
            return kept_entries(facts["lines"], returned, facts["currency"])
        except ValueError as error:
            raise errors.Rejected(
                self.env._(
                    "More of %(line)s came back than was sold. Correct the invoice at "
                    "the service and mark this refund as resolved.",
                    line=error,
                )
            ) from error

    def _return_entries(self, order):
        """Return what ``order`` took back, as it was frozen when that was paid."""
        frozen = order._salon_taking_back().filtered("facts")[:1]
        facts = frozen.facts or order._salon_facts()
        return [entry for entry in facts["lines"] if entry["refunds"]]

    def _check_is_sale(self):
        """Stop an order that gives money back without naming the sale.

        :raises billing.errors.Rejected: there is no invoice of less than nothing
        """
        lines = (self.facts or {}).get("lines", ())
        if sum(Decimal(entry["gross"]) for entry in lines) < 0:
            raise errors.Rejected(
                self.env._(
                    "Money was given back without naming the sale, so it is not known "
                    "which invoice is to be corrected. Cancel or correct it at the "
                    "service and mark this as resolved; next time, start the refund "
                    "from the sale in the till."
                )
            )

    # === BEFORE THE SALE WAS SENT === #

    def _drop_refunded(self):
        """Drop a document of which everything came back before it was sent."""
        sale = self.order_id
        if (
            self._may_have_arrived()
            or not sale._salon_return_orders()
            or self._kept(sale, self._came_back(sale))
        ):
            return False
        self._drop_with_refunds(sale)
        return True

    def _drop_with_refunds(self, sale):
        refunds = self.search(
            [
                ("order_id", "in", sale._salon_return_orders().ids),
                ("kind", "=", "refund"),
                ("state", "=", "waiting"),
            ]
        )
        (self | refunds)._transition(
            "skipped", skip_reason="refunded", next_attempt=False
        )
        self.activity_unlink(["mail.mail_activity_data_warning"])

    def _take_up_refunds(self):
        """Have refunds decided anew that came before anybody asked for this document.

        Nothing was invoiced when they were, so they needed nothing.
        """
        refunds = self.order_id._salon_return_orders().salon_document_ids.filtered(
            lambda row: row.kind == "refund" and row.skip_reason in UNASKED
        )
        refunds._transition(
            "waiting",
            skip_reason=False,
            account_id=self.account_id.id,
            next_attempt=self._now(),
        )

    # === THE DECISION === #

    def _decide(self):
        """Decide what this refund becomes; True if it is to be sent now."""
        self.order_id._salon_check_companies()
        if not self.facts:
            self.facts = self.order_id._salon_facts()
        sale = self.order_id._salon_returned_order()
        main = sale.salon_document_id._or_its_draft()
        if not main or main.kind == "refund":
            return self._need_none("no_original")
        blocker = self._unsettled_before(sale)
        if blocker:
            self._wait(self.env._("It waits for %s.", blocker.name))
            return False
        if main.state == "skipped":
            odoo = main.skip_reason == "odoo"
            return self._need_none("odoo" if odoo else "not_invoiced")
        if main.state == "discarded" and not main._failed_discard(self.order_id):
            return self._need_none("discarded")
        if self.order_id.id in (main.facts or {}).get("refunds", []):
            return self._need_none("replaced")
        if main.state in OPEN:
            return self._decide_unsettled(sale, main)
        if main.kind in ("draft", "proforma"):
            return self._decide_unfinished(sale, main)
        standing = main._standing()
        if not standing:
            return self._need_none("already_cancelled")
        if standing.state in OPEN:
            self._wait(self.env._("It waits for %s.", standing.name))
            return False
        return self._decide_issued(sale, main, standing)

    def _need_none(self, reason):
        self._transition("skipped", skip_reason=reason, next_attempt=False)
        return False

    def _decide_unsettled(self, sale, main):
        """The sale's document has not been issued (yet)."""
        unsent = main.state in ("waiting", "attention") and not main._may_have_arrived()
        if unsent and not main._kept(sale, main._came_back(sale)):
            main._drop_with_refunds(sale)
        else:
            self._wait(self.env._("It waits for %s.", main.name))
        return False

    def _decide_unfinished(self, sale, main):
        """A draft or proforma is discarded; what was kept gets a new one.

        :raises billing.errors.Rejected: it was made by hand
        """
        if not main._is_known_there():
            raise errors.Rejected(self._made_by_hand(main))
        if not main._is_being_discarded():
            refunds = self._counted(sale)
            main._plan_step(
                "discard",
                {
                    "lines": main._kept(sale, refunds),
                    "until": self.order_id.id,
                    "refunds": refunds.ids,
                },
            )
        self._wait(self.env._("%s is being discarded.", main.name))
        return False

    def _failed_discard(self, refund):
        """Return the steps that should have discarded this document for ``refund``."""
        return self.step_ids.filtered(
            lambda step: step.kind == "discard"
            and step.state == "failed"
            and (step.arguments or {}).get("until") == refund.id
        )

    def _on_step_failed(self, step):
        """A refund whose draft cannot be discarded is left to a human."""
        until = step.kind == "discard" and (step.arguments or {}).get("until")
        refund = self.env["pos.order"].browse(until or ()).salon_document_ids
        refund = refund.filtered(lambda row: row.kind == "refund")
        if refund.state == "waiting":
            message = self.env._(
                "%(document)s could not be discarded: %(why)s Discard it at the "
                "service, then retry.",
                document=self.name,
                why=step.message or "",
            )
            refund._on_error(errors.Rejected(message))
        return super()._on_step_failed(step)

    def _decide_issued(self, sale, main, standing):
        if not (main.content and standing.content and standing._is_known_there()):
            raise errors.Rejected(self._made_by_hand(standing))
        by_hand = sale._salon_return_orders().salon_document_ids.filtered(
            lambda row: row.kind in ("refund", "correction")
            and row.state == "issued"
            and not row.snapshot
        )
        if by_hand:
            # It is not known what it left of the sale.
            raise errors.Rejected(self._made_by_hand(by_hand[-1]))
        kept = main._kept(sale, self._counted(sale))
        capabilities = registry.get(main.account_id.provider).capabilities
        corrects = Kind.CORRECTION in capabilities.kinds
        self.reason = self.env._("Refund: %s", self.facts["reference"])
        lines = main._resolve_kept(kept)
        if not lines and not standing._corrections():
            return self._become("storno", standing)
        if self._is_unchanged(standing, lines):
            return self._need_none("nothing")
        if corrects:
            return self._become("correction", standing, lines)
        ready = self._become("storno", standing)
        if lines:
            self._create_remainder(main, kept)
        return ready

    def _become(self, kind, origin, lines=()):
        """Turn this refund into ``kind`` of ``origin``; True if its lane is here."""
        here = self.account_id == origin.account_id
        generation = self._next_generation(self.order_id, kind)
        self.write(
            {
                "kind": kind,
                "generation": generation,
                "external_key": self._make_external_key(
                    self.order_id, kind, generation
                ),
                "origin_id": origin.id,
                "account_id": origin.account_id.id,
                "facts": {**self.facts, "kept": [to_json(line) for line in lines]},
                "problem": False,
            }
        )
        if self.account_id.state == "disconnected":
            self._need_attention_disconnected()
            return False
        if not here:
            self.account_id._wake()
        return here

    def _next_generation(self, order, kind):
        known = order.salon_document_ids.filtered(lambda row: row.kind == kind)
        return max(known.mapped("generation"), default=0) + 1

    def _need_attention_disconnected(self):
        self._need_attention(
            self.env._(
                "%s has been disconnected. Connect it again, or make the document at "
                "the service and record its number here.",
                self.account_id.name,
            ),
            "disconnected",
        )
