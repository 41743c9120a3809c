from odoo import api, models
from odoo.exceptions import AccessError


class SalonInvoiceGuard(models.AbstractModel):
    """Who names a record must be allowed to read it.

    In a model of Odoo that inherits this, too, the fields of this addon are checked.

    Forms are kept in the database, and show what they name: from the cache, and as
    superuser wherever Odoo shows a name. So the rights are asked for when a form is
    created, written, or only asked about. The superuser is trusted.
    """

    _name = "salon.invoice.guard"
    _description = "Check of What a Form Names"

    #: Fields of Odoo by whose record computed fields of this addon are filled.
    _revealing = frozenset()

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        self._check_may_name(values, self._guarded_in_forms(values))
        return values

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_may_name(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_may_name(vals)
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        self._check_may_name(values, self._guarded_in_forms(values))
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _guarded(self, names):
        """Return those of the fields ``names`` whose values are checked."""
        ours = self._name.startswith("salon.")
        return [
            name
            for name in names
            if (ours or "salon_" in name)
            and name in self._fields
            and self._fields[name].relational
        ]

    @api.model
    def _guarded_in_forms(self, names):
        """Return those of the fields ``names`` that are checked before they are kept.

        Of what a kept record names Odoo's own rules say who may read it.
        """
        return [*self._guarded(names), *self._revealing.intersection(names)]

    def _check_may_name(self, values, names=None):
        """Refuse ``values`` that name a record which the user may not read.

        :param dict values: of fields, as a browser sends them
        :param names: of the fields that are checked, if not all of :meth:`_guarded`
        :raises AccessError: without a word of that record
        """
        if self.env.su:
            return
        for name in self._guarded(values) if names is None else names:
            if ids := _ids(values[name]):
                self._check_may_read(self.env[self._fields[name].comodel_name], ids)

    def _check_may_read(self, model, ids):
        records = model.browse(ids)
        # Odoo shows all companies to every administrator.
        if model._name == "res.company" and records - self.env.companies:
            raise AccessError(
                self.env._(
                    "You do not work in this company, or are not switched to it."
                )
            )
        records.check_access("read")


def _ids(value):
    """Return the ids that the value of a relational field names, new records not."""
    if isinstance(value, models.BaseModel):
        value = value.ids
    if isinstance(value, dict):  # as web_read tells it
        value = value.get("id")
    ids = []
    for command in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(command, (list, tuple)):
            # UPDATE and LINK name one, SET names some; see odoo.fields.Command.
            ids += command[2] if command[0] == 6 else command[1:2]
        else:
            ids.append(command)
    return [one for one in ids if isinstance(one, int) and one]
