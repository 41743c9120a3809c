from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from .pos_order import MAIN_KINDS

#: Problems after which the content may be built anew: the service has none of it.
REFUSED = ("rejected",)
#: Problems that a person has settled by looking at the service.
UNPROVEN = ("unproven", "absent")


class SalonInvoiceHuman(models.Model):
    """What people see of a document that needs them, and what they may do about it.

    Buttons write a wish and wake the lane; nothing here calls a service.
    """

    _inherit = "salon.invoice.document"

    looking_after = fields.Char(
        readonly=True,
        copy=False,
        help="A person asked whether the service has the document. What was wrong "
        "before; nothing is sent.",
    )
    settled_by_id = fields.Many2one(
        "res.users",
        string="Settled by Hand by",
        readonly=True,
        copy=False,
        help="Who said that the document was made at the service by hand, or is not "
        "needed.",
    )

    # === WHAT PEOPLE SEE === #

    def _need_attention(self, message, reason):
        """Put the documents in front of a human: one message and one activity each.

        The same problem again, after a retry, is not told twice.

        :param str message: what is wrong and what to do, in the human's language
        :param str reason: a word of ``billing.errors.Reason`` or of ours
        """
        self._transition("attention", problem=message, problem_reason=reason)
        for document in self:
            last = document.message_ids[:1].body or ""
            if html2plaintext(last).split() != message.split():
                document.message_post(body=message)
            if not document.activity_ids:
                document.account_id._tell(
                    document, self.env._("Invoice needs attention"), message
                )

    def _on_absent(self, provider):
        """Somebody only asked: say what is not there, and send nothing."""
        reason = self.looking_after
        if not reason:
            super()._on_absent(provider)
            return
        self._need_attention(
            self.env._(
                "The service does not have this document. Retry sends it; if it was "
                "made there by hand, record its number."
            ),
            reason if reason in (*REFUSED, "too_many_sends") else "absent",
        )

    def _transition(self, state, **values):
        if state not in ("checking", "sending"):
            values.setdefault("looking_after", False)
        if state == "waiting":
            # Odoo may be invoicing these sales just now: only one of us can commit.
            self.filtered(lambda d: d.state == "skipped").order_id._salon_touch()
        return super()._transition(state, **values)

    # === WHAT PEOPLE DO === #

    def action_retry(self):
        """Write the wish that the document be tried again, and wake the lane.

        Where an earlier send may have arrived, the service is asked first, and what is
        sent are the same bytes; unless a person has looked there in its place.

        :raises AccessError: if the user may not sell or invoice
        """
        self._check_may_generate()
        self.check_access("read")
        self.sudo()._retry()

    def _retry(self):
        """Have those of these documents tried again that wait for a person."""
        for document in self.filtered(lambda row: row.state == "attention"):
            if document._is_being_cancelled():
                continue
            values = document._at_once()
            if document.problem_reason in UNPROVEN and not document.remote_id:
                # A person has looked just now: that is worth a look-up of ours.
                sent = max(document.send_count, 1)
                values.update(sent_at=document._now(), send_count=sent)
                document._transition("waiting", **values)
            elif not document._may_have_arrived():
                values.update(document._unsent_values())
                document._transition("waiting", **values)
            else:
                # Whatever was sent so far is one send: it may still have arrived.
                document._transition("checking", **values, send_count=1)
            document._done_with_attention()

    def action_retry_chosen(self):
        """Try those of these documents again that need attention; say how many.

        :raises AccessError: if the user may not sell or invoice
        """
        chosen = self.filtered(lambda document: document.state == "attention")
        chosen.action_retry()
        message = self.env._("Tried again: %(count)s.", count=len(chosen))
        if left := len(self) - len(chosen):
            message += " " + self.env._(
                "Left as they are, because they do not need attention: %(count)s.",
                count=left,
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Retry"),
                "message": message,
                "type": "info" if chosen else "warning",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_check(self):
        """Write the wish that the service be asked for the document; nothing is sent.

        :raises AccessError: if the user may not sell or invoice
        """
        self._check_may_generate()
        self.check_access("read")
        for document in self.sudo().filtered(lambda d: d.state == "attention"):
            if not document.sent_at:
                raise UserError(
                    self.env._(
                        "%(document)s has never been sent: there is nothing to look "
                        "for.",
                        document=document.name,
                    )
                )
            document._transition(
                "checking",
                looking_after=document.problem_reason or "absent",
                next_attempt=self._now(),
                empty_looks=0,
            )
            document._done_with_attention()

    def action_settle(self):
        """Open the form in which a person says how the document was settled."""
        self.ensure_one()
        self._check_may_settle()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mark as Resolved by Hand"),
            "res_model": "salon.invoice.settle",
            "view_mode": "form",
            "target": "new",
            "context": {"default_document_id": self.id},
        }

    def _settle(self, number=False, note=""):
        """Record that a person has settled the document at the service.

        :param str number: of the document that was made there by hand; False: none is
            needed
        :param str note: for those who look at it later
        :raises AccessError: if the user is neither manager nor accountant
        :raises UserError: if the document is on its way, or the number is taken
        """
        self.ensure_one()
        self._check_may_settle()
        self.check_access("read")
        document = self.sudo()
        if document.state not in ("attention", "waiting") or (
            document.state == "waiting" and document._may_have_arrived()
        ):
            raise UserError(
                self.env._("Only a document that needs attention, or was never sent.")
            )
        if document._is_being_cancelled():
            raise UserError(self.env._("%s is being cancelled.", document.name))
        values = {"settled_by_id": self.env.uid, "next_attempt": False}
        if number:
            number = number.strip()
            document._check_number_is_free(number)
            if document.state == "waiting":
                document._transition("attention", problem_reason="settled")
            # What the service made for this row is not what a person answers for.
            values["snapshot"] = False
            if number != document.number:
                values.update(remote_id=False, public_url=False)
            document._transition(
                "issued", number=number, issued_at=self._now(), **values
            )
            body = self.env._("Made at the service by hand: %s", number)
        else:
            document._transition("skipped", skip_reason="dropped", **values)
            body = self.env._("No invoice is made of this sale.")
        document.message_post(
            body=f"{body} {note or ''}".strip(), author_id=self.env.user.partner_id.id
        )
        document.activity_unlink(["mail.mail_activity_data_warning"])

    # === RULES === #

    def _may_have_arrived(self):
        """Say whether the service may have what was sent, as far as we know."""
        return bool(self.sent_at) and self.problem_reason not in REFUSED

    def _is_undecided_refund(self):
        """Say whether it is open what this refund becomes: that depends on its sale."""
        return (
            self.kind == "refund"
            and self.state in ("waiting", "attention")
            and not self._may_have_arrived()
        )

    def _may_move(self):
        """Say whether another account may make this document instead of its own.

        It does not where this one may have it, or has what the document is made of.
        """
        return (
            self.state in ("waiting", "attention")
            and self.kind in MAIN_KINDS
            and not self.origin_id
            and not self._may_have_arrived()
        )

    def _as_kind(self, kind):
        """Return the values that make this row one of ``kind``; none if it is one."""
        if kind == self.kind:
            return {}
        generation = max(self.generation, self._next_generation(self.order_id, kind))
        key = self._make_external_key(self.order_id, kind, generation)
        return {"kind": kind, "generation": generation, "external_key": key}

    def _move_to(self, account, kind):
        """Have ``account`` make this document, as a ``kind``, from the sale's facts."""
        values = {"account_id": account.id, **self._unsent_values()}
        values.update(self._as_kind(kind))
        if self.state == "waiting":
            values.update(next_attempt=self._now(), failure_count=0)
        elif account != self.account_id:
            # What the former service said is none of the new one's words.
            values["problem"] = self.env._(
                "%(account)s makes this document now and has not been asked for it "
                "yet: Retry sends it there. What was wrong at %(former)s: %(problem)s",
                account=account.name,
                former=self.account_id.name,
                problem=self.problem or "",
            )
        self.write(values)
        account._wake()

    def _resume(self):
        """Let go on what was never sent and lacked nothing but a connection."""
        for document in self:
            if (
                document.state == "attention"
                and document.problem_reason == "disconnected"
                and not document._may_have_arrived()
            ):
                document._transition(
                    "waiting", **document._at_once(), **document._unsent_values()
                )
                document._done_with_attention()

    def _at_once(self):
        """Return the values of a document that is tried as if it never had been."""
        return {"next_attempt": self._now(), "failure_count": 0, "empty_looks": 0}

    def _done_with_attention(self):
        self.activity_unlink(["mail.mail_activity_data_warning"])
        self.account_id._wake()

    def _check_may_settle(self):
        """Only managers and accountants may say what was made elsewhere."""
        groups = ("point_of_sale.group_pos_manager", "account.group_account_invoice")
        if not any(map(self.env.user.has_group, groups)):
            raise UserError(
                self.env._("Only managers of Point of Sale or accountants may do this.")
            )

    def _check_number_is_free(self, number):
        taken = self.search(
            [
                ("number", "=", number),
                ("account_id", "=", self.account_id.id),
                ("id", "!=", self.id),
            ],
            limit=1,
        )
        if taken:
            raise UserError(
                self.env._(
                    "%(number)s is already recorded for %(sale)s.",
                    number=number,
                    sale=taken.pos_reference or taken.order_id.name,
                )
            )
