"""What one client has to take in, in order: what its connection brings, and moments to look again.  protocol §7"""

import asyncio
from dataclasses import dataclass

from miss.base.ids import ConversationId
from miss.protocol.session.events import ClientEvent
from miss.protocol.wire.frames import Head


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The connection of the events before is gone, and with it every answer it owed."""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The server will not have this device, or its owner, any more."""


@dataclass(frozen=True, slots=True)
class CheckGap:
    """Time to see whether a conversation still misses something."""

    cid: ConversationId


@dataclass(frozen=True, slots=True)
class Retry:
    """Time to take a head again that the network kept from being taken."""

    head: Head


@dataclass(frozen=True, slots=True)
class AskDeletions:
    """Time to ask for the next deletions of the time this device was away."""


News = ClientEvent | ConnectionLost | TurnedAway | CheckGap | Retry | AskDeletions
Inbox = asyncio.Queue[News]
