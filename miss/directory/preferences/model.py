"""The notification level of an account.  Pure.

It is about mails that nobody asked for: a result that waits, a request that is offered.  Mails about the account's own
safety (a password that was changed) and answers to a mail are sent whatever the level.  No level brings the content of
a message into a mail: the server cannot read it, and a mailbox is not the place for it.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from miss.base.text import Text


class NotificationLevel(StrEnum):
    """How much a mail says."""

    NONE = "none"
    """No mail."""
    DISCREET = "discreet"
    """That something waits; not what, nor from whom."""
    FULL = "full"
    """What waits: a critical result, a request with its number, specialty and deadline."""


DEFAULT: Final = NotificationLevel.FULL
"""Of whoever never chose: a critical result has to be understood at a glance."""

LEVEL_NAMES: Mapping[NotificationLevel, Text] = MappingProxyType(
    {
        NotificationLevel.NONE: Text(fr="aucune", en="none"),
        NotificationLevel.DISCREET: Text(fr="discrètes", en="discreet"),
        NotificationLevel.FULL: Text(fr="détaillées", en="detailed"),
    }
)
