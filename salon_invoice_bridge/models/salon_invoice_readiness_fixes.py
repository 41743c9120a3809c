from odoo import models


class SalonInvoiceReadinessFixes(models.Model):
    """Where the buttons of the readiness panel lead.

    Each returns an action, or does its one small thing and returns False, after which
    the panel is drawn anew.
    """

    _inherit = "salon.invoice.account"

    def _action_open(self):
        """Open this account's card."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoicing"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _action_list(self, name, model, domain, views="list,form", **context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": views,
            "views": [(False, view) for view in views.split(",")],
            "domain": domain,
            "context": context,
        }

    def _action_records(self, name, records):
        """Open ``records``: the one that there is, or the list of them."""
        if len(records) == 1:
            action = self._action_list(name, records._name, [], views="form")
            return {**action, "res_id": records.id}
        return self._action_list(name, records._name, [("id", "in", records.ids)])

    # === THE SERVICE === #

    def action_change_key(self):
        """Open the wizard to connect with a (new) key."""
        self.ensure_one()
        return self.env["salon.invoice.connect"]._action_start(self.company_id, self)

    def action_change_settings(self):
        """Open the wizard at what can be chosen, with the key that there is."""
        self.ensure_one()
        return self.env["salon.invoice.connect"]._action_settings(self)

    def action_disconnect(self):
        """Open the confirmation of a disconnection."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Disconnect"),
            "res_model": "salon.invoice.disconnect",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_account_id": self.id},
        }

    def action_resume_fix(self):
        """Verify the key of a paused account and let the documents go."""
        self.action_resume()
        return False

    def action_refresh_fix(self):
        """Ask the service whether the key works, and for its lists again."""
        return self.action_refresh()

    def action_confirm_guard(self):
        """Note that the order number guard has been switched on at the service."""
        self.ensure_one()
        self.order_number_guard = True
        return False

    # === THE SALON === #

    def action_open_company(self):
        """Open the company."""
        self.ensure_one()
        return self._action_records(self.env._("Company"), self.company_id)

    def action_open_taxes(self):
        """Show the taxes that have no VAT code."""
        self.ensure_one()
        self.check_access("read")
        taxes = self.sudo()._unmapped_taxes()
        return self._action_records(self.env._("Taxes without a code"), taxes)

    def action_open_payment_methods(self):
        """Show the payment methods of the shops that sell through this account."""
        self.ensure_one()
        self.check_access("read")
        methods = self.sudo()._shops().payment_method_ids
        return self._action_records(self.env._("Payment methods"), methods)

    def action_switch_off_self_service(self):
        """Let receipts not invite customers to make an invoice in Odoo."""
        self.ensure_one()
        self.company_id.check_access("write")
        self.company_id._salon_take_self_service(self.sudo())
        return False

    def action_open_salon_settings(self):
        """Open the settings of Point of Sale, where the salon's policy is."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "point_of_sale.action_pos_configuration"
        )

    def action_open_account_settings(self):
        """Open the settings of Odoo's own invoicing."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_account_config"
        )

    # === WHAT IS GOING ON === #

    def action_open_crons(self):
        """Show the background jobs of this addon."""
        return self._action_list(
            self.env._("Background jobs"),
            "ir.cron",
            [("name", "like", "Salon Invoice Bridge")],
        )

    def action_open_waiting(self):
        """Show the documents that wait."""
        return self._action_documents(waiting=1)

    def action_open_attention(self):
        """Show the documents that need a person."""
        return self._action_documents(attention=1)

    def action_open_customer_account(self):
        """Show the sales on customers' accounts that have no invoice."""
        self.ensure_one()
        return self._action_list(
            self.env._("On customers' accounts"),
            "pos.order",
            [("id", "in", self._sales_on_account().ids)],
        )

    def action_open_documents(self):
        """Show every document of this account."""
        return self._action_documents()

    def _action_documents(self, **filters):
        self.ensure_one()
        return self._action_list(
            self.env._("Invoices"),
            "salon.invoice.document",
            [("account_id", "=", self.id)],
            views="list,form,pivot,graph",
            **{f"search_default_{name}": value for name, value in filters.items()},
        )
