"""A pairing slot and what may be done with it.  Values and pure rules.  protocol §3"""

from dataclasses import dataclass
from datetime import datetime

from miss.base.ids import AccountId, DeviceId
from miss.base.retention import HOUSE

SLOT_LIFE = HOUSE.period("chat.pairing")
SLOT_BYTES = 16
MAX_OPEN_SLOTS = 3
"""Slots one device keeps open at a time."""
MAX_OFFER_BYTES = 16 * 1024
"""Keys and a name; whoever asks for the least before being known gets the least room."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an offer and its answer are left."""

    slot: bytes
    uid: AccountId
    did: DeviceId
    """The device that opened it, and vouches for the one that comes."""
    expires_at: datetime
    offer: bytes | None = None
    answer: bytes | None = None
    """Offer and answer are emptied once the device has entered."""

    @property
    def has_served(self) -> bool:
        """True once the new device has entered: nothing more is left here or read, and it counts no more."""
        return self.answer == b""
