import operator

from odoo import models

#: Models whose activities go to several users, see
#: ``salon.invoice.account._notify_recipients()``.
OURS = (
    "salon.invoice.account",
    "salon.invoice.document",
    "salon.invoice.reconciliation",
    "salon.invoice.request",
)


class MailActivity(models.Model):
    """An alert is one task of all its recipients: whoever closes it, closes it for all.

    Only a person closes it for the others.

    Those of one matter have the record, the type, the summary and the note in common.
    """

    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        others = self._salon_same_matter()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        others.unlink()
        return result

    def unlink(self):
        # With all rights, Odoo deletes those of somebody who is archived, which is no
        # answer, and this addon all of a matter at once.
        others = self.browse() if self.env.su else self._salon_same_matter()
        result = super().unlink()
        super(MailActivity, others).unlink()
        return result

    def _salon_same_matter(self):
        """Return what the others were given about the same matters, with all rights."""
        matter = operator.attrgetter(
            "res_model", "res_id", "activity_type_id", "summary", "note"
        )
        ours = self.sudo().filtered(lambda a: a.automated and a.res_model in OURS)
        if not ours:
            return ours
        known = self.sudo().search(
            [
                ("automated", "=", True),
                ("res_model", "in", OURS),
                ("res_id", "in", ours.mapped("res_id")),
            ]
        )
        closed = set(map(matter, ours))
        return (known - self).filtered(lambda activity: matter(activity) in closed)
