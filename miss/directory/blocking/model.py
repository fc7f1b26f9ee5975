"""One correspondent who is blocked, and the reasons there are.  Pure.

Source: the service that MiSS replaces lets people block a correspondent for a reason; at each message the correspondent
is told that they are blocked and why, unless the reason chosen is « Autre motif ».
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from miss.base.ids import AccountId, PractitionerId
from miss.base.text import Text

MAX_BLOCKS: Final = 500
"""By one account."""


class BlockReason(StrEnum):
    """Why; the correspondent is told, but for the last one."""

    FORMAT = "format"
    """What they send is of no use to the reader's software."""
    UNWANTED = "unwanted"
    OTHER = "other"
    """Nobody's business: the correspondent learns that they are blocked, not why."""

    @property
    def is_secret(self) -> bool:
        return self is BlockReason.OTHER


REASON_NAMES: Mapping[BlockReason, Text] = MappingProxyType(
    {
        BlockReason.FORMAT: Text(
            fr="Le format de ses messages ne me convient pas", en="The format of their messages does not suit me"
        ),
        BlockReason.UNWANTED: Text(fr="Je ne souhaite pas ses messages", en="I do not want their messages"),
        BlockReason.OTHER: Text(
            fr="Autre motif (il ne sera pas communiqué)", en="Another reason (they will not be told)"
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One line of somebody's list."""

    id: str
    by: AccountId
    practitioner_id: PractitionerId | None
    """Somebody of the directory, whatever the address they write from; None: the bare address below."""
    address: str
    """In lower case; empty for somebody of the directory."""
    reason: BlockReason
    since: datetime


@dataclass(frozen=True, slots=True)
class BlockedPair:
    """Of two accounts, one has blocked the other."""

    by: AccountId
    blocked: AccountId
    reason: BlockReason
