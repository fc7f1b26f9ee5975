"""What an owner sees of the devices and the recovery key.  Frozen values, no I/O."""

from dataclasses import dataclass
from datetime import datetime

from miss.base.ids import DeviceId
from miss.client.errors import TooManyDevices
from miss.protocol.crypto.chains import Chain, Device
from miss.protocol.crypto.wraps import Method
from miss.protocol.limits import MAX_DEVICES


@dataclass(frozen=True, slots=True)
class OwnDevice:
    """One device of the owner, past or present."""

    did: DeviceId
    name: str
    """As its owner called it, told by the server; empty if the server does not mention it."""
    linked_at: datetime
    revoked_at: datetime | None
    """None: it counts, by the verified chain and not by the server's word."""
    is_paper: bool
    """The recovery key: a device on paper."""
    last_seen_at: datetime | None
    is_current: bool
    """The device that asks."""


@dataclass(frozen=True, slots=True)
class RecoveryState:
    """Where the recovery key stands."""

    has_key: bool
    tested_at: datetime | None
    """When it was last shown to work; None: never, do not rely on it."""
    methods: tuple[Method, ...]
    """The ways it can be opened."""


def require_room(chain: Chain, *, leaving: Device | None = None) -> None:
    """One more device, or a recovery key, may enter once `leaving` is out.  protocol §2

    Raises TooManyDevices.
    """
    if len(chain.devices) - (leaving is not None) >= MAX_DEVICES:
        raise TooManyDevices(most=MAX_DEVICES)
