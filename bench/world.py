"""People, devices and conversations of one MiSS installation, as the load needs them.  Values only.

`bench.seed` makes a world through the server's own services; the file holds secret keys of nobody.
"""

from pathlib import Path

import msgspec

from miss.base.ids import AccountId, ConversationId, DeviceId


class Person(msgspec.Struct, frozen=True):
    """Somebody with one linked device."""

    uid: AccountId
    did: DeviceId
    secret: bytes
    """The device's keys, as `DeviceKeys.to_secret` gives them."""


class Group(msgspec.Struct, frozen=True):
    """One conversation."""

    cid: ConversationId
    members: tuple[int, ...]
    """Places in `World.people`."""
    envelopes: tuple[bytes, ...]
    """For each member, one message sealed by their device under the current epoch.

    The load sends it again and again under fresh identifiers: to the server every deposit is a new message that it
    checks, numbers, stores and signs for, since it cannot read any of them.
    """


class World(msgspec.Struct, frozen=True):
    """Everybody."""

    host: str
    """The name that device signatures cover."""
    people: tuple[Person, ...]
    groups: tuple[Group, ...]

    def write(self, file: Path) -> None:
        file.write_bytes(msgspec.msgpack.encode(self))

    @classmethod
    def read(cls, file: Path) -> "World":
        return _world.decode(file.read_bytes())


_world = msgspec.msgpack.Decoder(World)
