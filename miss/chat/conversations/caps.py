"""How many people a commit names, for a refusal that says so.  protocol §6

A commit over the cap is malformed by the letter of the protocol.  Whoever composed it needs to know which of its
parts is too many, so one that was refused is read once more, for its length alone.
"""

import msgspec

from miss.chat.conversations.errors import TooManyMembers
from miss.protocol.crypto.commits import Commit, parse_commit
from miss.protocol.errors import BadCommit
from miss.protocol.limits import MAX_MEMBERS
from miss.protocol.packing import UNREADABLE


class _Core(msgspec.Struct, array_like=True):
    v: msgspec.Raw
    suite: msgspec.Raw
    cid: msgspec.Raw
    epoch: msgspec.Raw
    prev: msgspec.Raw
    members: msgspec.Raw


class _Outer(msgspec.Struct, array_like=True):
    core: bytes


_outer = msgspec.msgpack.Decoder(_Outer)
_core = msgspec.msgpack.Decoder(_Core)


def parse_capped(data: bytes) -> Commit:
    """As `parse_commit`, and raises TooManyMembers for one that is only too large."""
    try:
        return parse_commit(data)
    except BadCommit:
        members = _count_members(data)
        if members > MAX_MEMBERS:
            raise TooManyMembers(members=members, max=MAX_MEMBERS) from None
        raise


def _count_members(data: bytes) -> int:
    """0 if it cannot be told."""
    try:
        members = bytes(_core.decode(_outer.decode(data).core).members)
    except UNREADABLE:
        return 0
    # The header of an array (MessagePack): taking its elements apart would cost eighty times their bytes.
    match members[0]:
        case 0xDC:
            return int.from_bytes(members[1:3], "big")
        case 0xDD:
            return int.from_bytes(members[1:5], "big")
    return 0
