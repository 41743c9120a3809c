from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class SalonInvoiceBuyer(models.TransientModel):
    """Asks whom a paid sale is made out to, and says what that comes to."""

    _name = "salon.invoice.buyer"
    _inherit = "salon.invoice.guard"
    _description = "Change the Buyer of a Sale"
    _check_company_auto = True

    order_id = fields.Many2one(
        "pos.order", string="Sale", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="order_id.company_id", related_sudo=False)
    document_id = fields.Many2one(
        related="order_id.salon_document_id", string="Invoice", related_sudo=False
    )
    buyer_name = fields.Char(
        string="Made Out To", related="document_id.buyer_name", related_sudo=False
    )
    partner_id = fields.Many2one(
        "res.partner", string="Buyer", check_company=True, ondelete="cascade"
    )
    undecided = fields.Boolean(compute="_compute_proposal")
    without_number = fields.Boolean(
        string="It Has No Tax Number",
        help="For instance an association. The invoice then has none.",
    )
    question = fields.Text(string="What Happens", compute="_compute_proposal")
    warning = fields.Text(compute="_compute_proposal")
    problem = fields.Text(string="Why Not", compute="_compute_proposal")
    # What the person has read: the browser sends it back with the form.
    plan = fields.Char(
        compute="_compute_plan", store=True, readonly=False, compute_sudo=False
    )

    @api.depends("order_id", "partner_id", "without_number")
    @api.depends_context("lang", "uid")
    def _compute_proposal(self):
        for wizard in self:
            plan, text, warning, undecided = wizard._propose()
            wizard.question = text if plan else False
            wizard.problem = False if plan else text
            wizard.warning = warning
            wizard.undecided = undecided or wizard.without_number

    @api.depends("order_id", "partner_id", "without_number")
    def _compute_plan(self):
        for wizard in self:
            wizard.plan = wizard._propose()[0]

    def _propose(self):
        """Return plan, text, warning and whether a person may allow no tax number.

        :raises AccessError: if the user may not read what the form names
        """
        if not self.partner_id:
            return False, "", "", False
        try:
            proposal = self.env["salon.invoice.rebill"]._propose(
                self.order_id, self.partner_id._origin, self._choice()
            )
        except AccessError:
            raise
        except UserError as error:
            return False, str(error), "", False
        plan = proposal.plan.value if proposal.plan else False
        return plan, proposal.text, proposal.warning, proposal.undecided

    def _choice(self):
        return "company" if self.without_number else False

    def action_change(self):
        """Write the wish; see ``pos.order._salon_change_buyer``."""
        self.ensure_one()
        if not self.partner_id:
            raise UserError(self.env._("Choose whom the sale is made out to."))
        order = self.order_id
        order._salon_change_buyer(self.partner_id, self.plan or None, self._choice())
        return self.env["salon.invoice.document"]._task_requested_action()
