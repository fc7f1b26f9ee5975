import msgspec
import pytest

from miss.base.ids import ConversationId, MessageId
from miss.protocol.errors import BadFrame
from miss.protocol.limits import MAX_CLIENT_FRAME_BYTES, MAX_ENVELOPE_BYTES, MAX_FRAME_BYTES, MAX_PAGE_ITEMS
from miss.protocol.wire.codec import KNOWN_KINDS, decode, encode
from miss.protocol.wire.frames import (
    FIRST_CRITICAL_KIND,
    MAX_STATEMENT_BYTES,
    AlarmChanged,
    AlarmState,
    Del,
    Frame,
    Gone,
    Item,
    Msg,
    Page,
    Ready,
    Send,
)

FULL = b"e" * MAX_ENVELOPE_BYTES
CID, MID = ConversationId(b"c" * 32), MessageId(b"m" * 16)


def test_kinds_are_distinct_and_never_change() -> None:
    names = {frame.__struct_config__.tag: frame.__name__ for frame in Frame.__args__}
    assert names == {
        1: "Hello",
        2: "Auth",
        3: "Ready",
        4: "Heads",
        5: "Send",
        6: "Ack",
        7: "Msg",
        8: "Recv",
        9: "Read",
        10: "Pull",
        11: "Page",
        12: "EpochChanged",
        13: "LinkAdded",
        14: "Typing",
        15: "Presence",
        16: "Lag",
        17: "Ping",
        18: "Pong",
        19: "Err",
        20: "Del",
        21: "AlarmChanged",
    }
    assert max(KNOWN_KINDS) < FIRST_CRITICAL_KIND


def test_a_full_envelope_fits_in_what_a_client_may_send() -> None:
    frame = Send(2**32 - 1, MID, CID, FULL)
    assert decode(encode(frame), MAX_CLIENT_FRAME_BYTES) == frame


def test_a_full_page_fits_in_what_a_server_may_send() -> None:
    many = tuple(Item(2**53 - 1, b"e" * 1048, 2**47 - 1) for _ in range(MAX_PAGE_ITEMS))
    few = tuple(Item(2**53 - 1, FULL, 2**47 - 1) for _ in range(16))
    # What is gone counts as the largest tombstone there may be, as the server counts it.
    buried = Item(2**53 - 1, b"", 2**47 - 1, Gone(b"h" * 32, b"t" * MAX_STATEMENT_BYTES))
    gone = tuple(buried for _ in range(MAX_PAGE_ITEMS))
    mixed = (*gone[: MAX_PAGE_ITEMS // 2], *many[: MAX_PAGE_ITEMS // 2])
    for items in (many, few, gone, mixed):
        assert len(encode(Page(2**32 - 1, CID, items, True))) <= MAX_FRAME_BYTES


def test_the_overhead_of_a_message_is_small() -> None:
    assert len(encode(Msg(CID, 100_000, b"e" * 480, 1_790_000_000_000))) - 480 < 60


def test_the_http_token_does_not_show() -> None:
    assert "CANARY" not in repr(Ready(True, 1, b"h" * 32, "CANARY"))


def test_what_an_earlier_program_sent_is_read_as_it_was_meant() -> None:
    # `gone` was appended: an item of three fields is one that is there, or was deleted before anybody kept proof.
    earlier = msgspec.msgpack.encode([11, 1, CID, [[1, b"env", 5], [2, b"", 6]], False])
    assert decode(earlier) == Page(1, CID, (Item(1, b"env", 5), Item(2, b"", 6)), False)


def test_a_deletion_fits_in_what_a_client_may_send_and_not_more() -> None:
    frame = Del(CID, 2**53 - 1, b"t" * MAX_STATEMENT_BYTES)
    assert decode(encode(frame), MAX_CLIENT_FRAME_BYTES) == frame
    for bad in (Del(CID, 1, b"t" * (MAX_STATEMENT_BYTES + 1)), Del(CID, 1, b""), Del(CID, 0, b"t")):
        with pytest.raises(BadFrame):
            decode(encode(bad))


@pytest.mark.parametrize("state", [0, 5])
def test_an_alarm_is_in_one_of_four_states(state: int) -> None:
    assert [int(each) for each in AlarmState] == [1, 2, 3, 4]
    with pytest.raises(BadFrame):
        decode(msgspec.msgpack.encode([21, CID, 1, state]))
    for known in AlarmState:
        assert decode(msgspec.msgpack.encode([21, CID, 1, int(known)])) == AlarmChanged(CID, 1, known)
