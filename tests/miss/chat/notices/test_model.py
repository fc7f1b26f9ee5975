"""Notices between processes."""

import pytest
from msgspec import MsgspecError

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.chat.notices.model import (
    AnyNotice,
    Bulletin,
    Committed,
    Connected,
    Deposited,
    Linked,
    Told,
    decode_bulletin,
    decode_notices,
    encode_bulletin,
    encode_notices,
)

CID, UID, DID = ConversationId(b"c" * 32), AccountId(b"u" * 16), DeviceId(b"d" * 16)
EVERY_KIND: tuple[AnyNotice, ...] = (
    Deposited(CID, 2, 5, 6, (7, 8), (b"one", b"two")),
    Committed(CID, 3),
    Linked(UID, 4),
    Told((UID,), b"frame", True),
    Connected(DID, 1000),
)


def test_what_is_published_arrives() -> None:
    bulletin = Bulletin(b"p" * 16, 7, EVERY_KIND)
    assert decode_bulletin(encode_bulletin(bulletin)) == bulletin


def test_what_is_written_down_says_where_to_look_and_holds_no_frame() -> None:
    kept = decode_notices(encode_notices(EVERY_KIND))
    assert kept == (Deposited(CID, 2, 5, 6), Committed(CID, 3), Linked(UID, 4))


@pytest.mark.parametrize("payload", [b"", b"\xc0", b"\x93\xc4\x01p\x01\x91\x92\x63\x01"])
def test_a_payload_of_another_version_is_told_apart(payload: bytes) -> None:
    with pytest.raises(MsgspecError):
        decode_bulletin(payload)
