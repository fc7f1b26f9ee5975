"""Blocked correspondents: whom somebody does not want to hear from on MiSS, why, and who is told so (ADR 37)."""

from miss.directory.blocking.errors import (
    BlockedPersonUnknown,
    BlockExists,
    BlockNotFound,
    BlocksFull,
    SelfBlocked,
)
from miss.directory.blocking.model import REASON_NAMES, Block, BlockedPair, BlockReason
from miss.directory.blocking.service import Blocking

__all__ = [
    "REASON_NAMES",
    "Block",
    "BlockExists",
    "BlockNotFound",
    "BlockReason",
    "BlockedPair",
    "BlockedPersonUnknown",
    "Blocking",
    "BlocksFull",
    "SelfBlocked",
]
