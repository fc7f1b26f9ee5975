"""Notices: what one process tells the others after its commit.  protocol §7

The database is the truth; a notice only says where to look.  `Deposited` also carries the encoded frames, so that
the other processes need not look.  `Told` and `Connected` are ephemeral: they travel and are never written down.

This is a format between processes of one installation and one version: it may change with every release.
"""

from typing import Final

import msgspec

from miss.base.ids import AccountId, ConversationId, DeviceId


class Notice(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Base of the notices."""


class Deposited(Notice, frozen=True, tag=1):
    """Envelopes were stored in one conversation, at `first_seq` … `last_seq`."""

    cid: ConversationId
    version: int
    """Of the membership: these members, and nobody else, receive them."""
    first_seq: int
    last_seq: int
    sockets: tuple[int, ...] = ()
    """By which connection of the process that speaks each frame came: it got an ack and needs no copy.  A device that
    has connected anew since, here or at another process, is told like any other."""
    frames: tuple[bytes, ...] = ()
    """`msg` frames, encoded once; empty in the table."""


class Committed(Notice, frozen=True, tag=2):
    """A commit opened `epoch`."""

    cid: ConversationId
    epoch: int


class Linked(Notice, frozen=True, tag=3):
    """A link was appended to somebody's chain."""

    uid: AccountId
    seq: int


class Told(Notice, frozen=True, tag=4):
    """One frame for these people, wherever they are connected."""

    uids: tuple[AccountId, ...]
    frame: bytes
    ephemeral: bool


class Connected(Notice, frozen=True, tag=5):
    """A device opened a socket: an older one of the same device gives way."""

    did: DeviceId
    at_ms: int
    """When, by the clock of the process that greeted it: a notice that comes late ends nothing younger."""


class Deleted(Notice, frozen=True, tag=6):
    """The author deleted the envelope at `seq`."""

    cid: ConversationId
    seq: int


class AlarmMoved(Notice, frozen=True, tag=7):
    """The alarm of the envelope at `seq` was acknowledged or escalated."""

    cid: ConversationId
    seq: int


AnyNotice = Deposited | Committed | Linked | Told | Connected | Deleted | AlarmMoved
LASTING: Final = (Deposited, Committed, Linked, Deleted, AlarmMoved)
"""The kinds that are written down."""


class Bulletin(msgspec.Struct, frozen=True, array_like=True):
    """One publication: what one commit of one process changed."""

    origin: bytes
    """The process that speaks (16 bytes)."""
    number: int
    """Its number in the table; 0: not in the table."""
    notices: tuple[AnyNotice, ...]


_encoder = msgspec.msgpack.Encoder()
_bulletin = msgspec.msgpack.Decoder(Bulletin)
_notices = msgspec.msgpack.Decoder(tuple[AnyNotice, ...])


def encode_bulletin(bulletin: Bulletin) -> bytes:
    """What the broker carries."""
    return _encoder.encode(bulletin)


def decode_bulletin(payload: bytes) -> Bulletin:
    """Raises msgspec.MsgspecError for a payload of another version."""
    return _bulletin.decode(payload)


def encode_notices(notices: tuple[AnyNotice, ...]) -> bytes:
    """What the table keeps: the lasting notices, without frames."""
    lasting = (
        msgspec.structs.replace(notice, sockets=(), frames=()) if isinstance(notice, Deposited) else notice
        for notice in notices
        if isinstance(notice, LASTING)
    )
    return _encoder.encode(tuple(lasting))


def decode_notices(packed: bytes) -> tuple[AnyNotice, ...]:
    """What `encode_notices` wrote."""
    return _notices.decode(packed)
