"""What a service makes for an accounting program: a file of a period's documents.

It is asked for, made in the service's background, and fetched when it is ready. The
formats are the programs' own; nothing here reads or writes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from .month import Basis


@dataclass(frozen=True, kw_only=True)
class ExportKind:
    """A file that a service can make.

    ``name`` is the accounting program's, or the format's. ``options`` are the service's
    own words for texts that this file may be given, such as the number of a journal.
    """

    code: str
    name: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ExportQuery:
    """Which documents a file is wanted of: ``since`` to ``until``, inclusive.

    ``kind`` is the code of an :class:`ExportKind`. ``block`` is the id of a block, ""
    for all. ``options`` are texts, by the names that the kind says.

    :raises ValueError: if it ends before it begins
    """

    kind: str
    since: date
    until: date
    basis: Basis = Basis.FULFILLMENT
    block: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        if self.until < self.since:
            raise ValueError(f"{self.since} to {self.until} is no period")


class ExportState(str, Enum):
    """Where a file is on its way."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"  # asked for again, it may come


@dataclass(frozen=True, kw_only=True)
class ExportStatus:
    """Where a file is; ``detail`` is what the service says, also of a ready one."""

    state: ExportState
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class ExportFile:
    """A file that was fetched; ``ending`` is that of its name, without a dot."""

    content: bytes = field(repr=False)
    ending: str
