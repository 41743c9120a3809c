import ipaddress
import re
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SalonInvoiceCredential(models.Model):
    """The keys of an account, and the only address that they may go to.

    * A row of its own, so that no other writer's conflict repeats, and logs, the
      statement that writes a key.  Nobody has access to it but ``sudo`` code.
    * Keys are written by :meth:`_keep` only, never by the ORM, which logs what fails
      with its parameters.
    * Another address erases the key: who names one must know the key.
    * A row without an account is what somebody has typed into the connect wizard.
    """

    _name = "salon.invoice.credential"
    _description = "Key of an Invoicing Service Account"
    _log_access = False

    account_id = fields.Many2one("salon.invoice.account", ondelete="cascade")
    api_key = fields.Char(groups=fields.NO_ACCESS, copy=False, exportable=False)
    public_key = fields.Char(groups=fields.NO_ACCESS, copy=False, exportable=False)
    base_url = fields.Char(help="Empty for the live service.")

    _one_for_an_account = models.Constraint(
        "UNIQUE (account_id)", "An account has one key."
    )

    def _keep(self, api_key="", public_key="", base_url=""):
        """Write keys, and the address that they are for; nothing stays of the former.

        :param str base_url: empty for the live service
        :raises ValidationError: for an address that a key must not be sent to
        """
        self.ensure_one()
        self._check_address(base_url)
        self._lock()
        self.env.cr.execute(
            "UPDATE salon_invoice_credential "
            "SET api_key = %s, public_key = %s, base_url = %s WHERE id = %s",
            (api_key or None, public_key or None, base_url or None, self.id),
            log_exceptions=False,
        )
        self._reread()

    def _erase(self):
        """Forget the keys, but not where they went."""
        self.write({"api_key": False, "public_key": False})

    def _move_to_account(self, account, base_url):
        """Make these keys those of ``account``, at ``base_url``, in place of its own.

        The keys are in no statement.
        """
        self.ensure_one()
        self._check_address(base_url)
        former = account._credential()
        (former | self)._lock()
        former.unlink()
        self.write({"account_id": account.id, "base_url": base_url or False})
        self.flush_recordset()
        account.key_set_at = fields.Datetime.now()

    def _lock(self):
        """Lock the rows before a key is written.

        Whoever meets another transaction here fails by a statement without a key:
        PostgreSQL, too, logs statements that fail.
        """
        self.flush_recordset()
        self.env.cr.execute(
            "SELECT FROM salon_invoice_credential WHERE id IN %s FOR UPDATE",
            [tuple(self.ids)],
        )

    def _reread(self):
        names = ["api_key", "public_key", "base_url"]
        self.invalidate_recordset(names, flush=False)
        self.modified(names)

    @api.model
    def _check_address(self, address):
        """Refuse to send a key to ``address``, unless it is encrypted or stays here.

        :raises ValidationError: in the user's words
        """
        if address and not _is_safe(address):
            raise ValidationError(
                self.env._(
                    "A key is only sent over https, or to this computer: "
                    "%(address)s is neither.",
                    address=address,
                )
            )


def _is_safe(address):
    """Tell whether ``address`` is https, or http on the loopback interface."""
    # What URL parsers disagree on is refused: user names, backslashes, queries.
    if not re.fullmatch(r"https?://[\w.:\[\]-]+(/[\w./~%-]*)?", address, re.ASCII):
        return False
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
        if parts.scheme == "https" or host == "localhost":
            return bool(host)
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
