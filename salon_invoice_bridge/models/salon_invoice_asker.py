from dataclasses import dataclass, field

from odoo import models


@dataclass(frozen=True)
class Question:
    """What a record asks of the service: a call of a strategy's method."""

    operation: str  # one of ``salon_invoice_task.QUESTIONS`` for the kind of the task
    arguments: tuple = ()
    options: dict = field(default_factory=dict)


class SalonInvoiceAsker(models.AbstractModel):
    """A record with questions for a service that concern no document.

    Only the worker calls the service. It does a task of the record, asks one question
    at a time, and whatever else is due then goes before the next one:

    1. :meth:`_ask` plans the task.
    2. In the lane, :meth:`_next_question` says what is asked.
    3. :meth:`_on_answer` takes the answer, in the transaction in which it came.  It
       should only store it: a till may wait for the lane.

    A model that inherits this has an ``account_id`` (``salon.invoice.account``).
    """

    _name = "salon.invoice.asker"
    _description = "Questions to an Invoicing Service"

    def _ask(self, kind, pause=0):
        """Have the worker ask the questions of this record, each in its turn.

        Asked again while they are being asked, they only come earlier; a limit or a
        trouble of the service is waited for as it was.

        :param str kind: of the task, one of ``salon_invoice_task.QUESTIONS``
        :param pause: seconds until then
        :return: ``salon.invoice.task``
        """
        self.ensure_one()
        # sudo: nobody may write tasks; whoever calls this has checked the rights.
        task = self._task(kind).sudo()
        if not task:
            task = task.create(
                {
                    "res_model": self._name,
                    "res_id": self.id,
                    "account_id": self.account_id.id,
                    "kind": kind,
                }
            )
        if task.state != "todo" or not task.message:
            task.tries = 0
            task._plan_in(pause, False)
        task.account_id._wake()
        return task

    def _task(self, kind):
        """Return the task that asks this record's questions of ``kind``, or none."""
        return self.env["salon.invoice.task"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("kind", "=", kind),
            ]
        )

    def _next_question(self, task):
        """Return the :class:`Question` to ask now, None if none is left."""
        raise NotImplementedError

    def _on_answer(self, task, answer):
        """Take the answer to what :meth:`_next_question` has said.

        :param task: ``salon.invoice.task``
        :param answer: what the strategy's method has returned
        :return: seconds until the next question, None if that was the last one
        """
        raise NotImplementedError

    def _on_refused(self, task, error):
        """Take a refusal for an answer, if it is one; else the questions are given up.

        :param billing.errors.Rejected error: of the service
        :return: as :meth:`_on_answer`
        :raises billing.errors.Rejected: if it is no answer
        """
        raise error

    def _on_put_off(self, task):
        """Hear that the question is asked again later; ``task.message`` says why."""

    def _on_failed(self, task):
        """Hear that the questions were given up; ``task.message`` says why."""

    def unlink(self):
        tasks = self.env["salon.invoice.task"].sudo()
        tasks.search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        ).unlink()
        return super().unlink()
