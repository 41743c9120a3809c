"""The services that every contract case is run against: one harness for each.

Those that have receipts are run against a second time, with a receipt in the place of
each invoice.

A harness says how to reach its emulator and what there is to choose from; everything
else a case learns from the strategy's capabilities.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from salon_invoice_bridge.billing.invoice import BankAccount, Kind
from salon_invoice_bridge.providers.base import Credentials
from tests.contract.example_service import strategy as _example  # noqa: F401
from tests.reference import openapi, szamlazz_xsd


@dataclass(frozen=True)
class Harness:
    """One strategy and the emulator of its service.

    :param str code: of the strategy, and of the emulator in the control API
    :param str path: of the interface below the sandbox's address
    :param str create: pattern of the one operation that makes a document
    :param watched: context manager that holds an emulator's traffic against the
        vendor's contract, where that is at hand
    :param bool discards: False if what is not wanted stays at the service
    :param Kind kind: of the document that the cases issue
    :param bool finds: False if nothing of what the document carries finds it again
    :param bool orders: False if the document does not carry the order number
    :param frozenset lacks: what the capabilities say of invoices only
    :param dict refusals: reason of an :class:`AccountProblem` -> what to change of an
        account so that the service answers like that
    """

    code: str
    path: str
    create: str
    block: str
    bank_account: BankAccount
    watched: Callable | None = None
    discards: bool = True
    kind: Kind = Kind.INVOICE
    finds: bool = True
    orders: bool = True
    lacks: frozenset = frozenset()
    refusals: dict = field(default_factory=dict)

    def credentials(self, account):
        """Return what opens ``account``, a dict of the control API."""
        return Credentials(
            api_key=account.get("private_key", account["key"]),
            public_key=account["key"] if "private_key" in account else "",
        )

    def __str__(self):
        return self.code if self.kind is Kind.INVOICE else f"{self.code}_receipts"


BILLINGO = Harness(
    code="billingo",
    path="/billingo/v3",
    create="^POST /documents$",
    block="11",
    bank_account=BankAccount(id="21"),
    watched=openapi.watched if openapi.REFERENCE.is_dir() else None,
    refusals={
        "key": {"revoked": True},
        "subscription": {"subscribed": False},
        "read_only": {"read_only": True},
        "quota": {"quota": 0},
        "setup": {"blocks": []},
    },
)
BILLINGO_V2 = Harness(
    code="billingo_v2",
    path="/billingo/v2",
    create="^POST /invoices$",
    block="31",
    bank_account=BankAccount(id="41"),
    discards=False,
    refusals={
        "key": {"revoked": True},
        "subscription": {"subscribed": False},
        "read_only": {"read_only": True},
    },
)
SZAMLAZZ = Harness(
    code="szamlazz",
    path="/szamla",
    create="^action-xmlagentxmlfile$",
    block="SZ",
    bank_account=BankAccount(name="Minta Bank", number="11111111-22222222-33333333"),
    watched=szamlazz_xsd.watched,
    refusals={
        "key": {"revoked": True},
        "subscription": {"subscribed": False},
        "setup": {"prefixes": ["OTHER"]},
    },
)
#: See ``docs/adding-a-service.md``: what another addon brings is held to the same.
EXAMPLE = Harness(
    code="example",
    path="/example/v1",
    create="^POST /documents$",
    block="",
    bank_account=None,
    refusals={"key": {"revoked": True}, "subscription": {"subscribed": False}},
)
#: What is of invoices, or has nothing to do with the kind of document.
OF_INVOICES = frozenset(
    "convert_proforma deposits drafts exchange_rate export_kinds invoices nav_status "
    "persistent_partners taxpayer_check".split()
)
BILLINGO_RECEIPTS = replace(
    BILLINGO,
    kind=Kind.RECEIPT,
    create="^POST /documents/receipt$",
    block="12",
    bank_account=None,
    finds=False,
    orders=False,
    lacks=OF_INVOICES,
)
SZAMLAZZ_RECEIPTS = replace(
    SZAMLAZZ,
    kind=Kind.RECEIPT,
    create="^action-szamla_agent_nyugta_create$",
    block="NYGT",
    bank_account=None,
    lacks=OF_INVOICES | {"public_url"},
    refusals={"key": {"revoked": True}, "subscription": {"subscribed": False}},
)
#: The real services, whose emulators can be given any answer.
SERVICES = (BILLINGO, BILLINGO_V2, SZAMLAZZ)
RECEIPTS = (BILLINGO_RECEIPTS, SZAMLAZZ_RECEIPTS)
HARNESSES = (*SERVICES, *RECEIPTS, EXAMPLE)
