from hypothesis import given
from hypothesis import strategies as st

from miss.protocol.session.outgoing import Outgoing
from miss.protocol.wire.codec import encode
from miss.protocol.wire.frames import Lag

LAG = encode(Lag())


def test_frames_leave_in_order() -> None:
    queue = Outgoing(max_frames=10, max_bytes=100)
    for frame in (b"a", b"b", b"c"):
        queue.push(frame)
    assert len(queue) == 3
    assert queue.take_all() == [b"a", b"b", b"c"]
    assert queue.take_all() == []


def test_ephemera_go_first() -> None:
    queue = Outgoing(max_frames=3, max_bytes=100)
    queue.push(b"typing", ephemeral=True)
    queue.push(b"a")
    queue.push(b"b")
    queue.push(b"c")
    assert queue.take_all() == [b"a", b"b", b"c"]


def test_ephemera_do_not_enter_a_full_queue() -> None:
    queue = Outgoing(max_frames=2, max_bytes=100)
    queue.push(b"a")
    queue.push(b"b")
    queue.push(b"typing", ephemeral=True)
    assert queue.take_all() == [b"a", b"b"]


def test_a_full_queue_becomes_one_lag_and_the_frame_that_did_not_fit() -> None:
    queue = Outgoing(max_frames=2, max_bytes=100)
    for frame in (b"a", b"b", b"c"):
        queue.push(frame)
    assert queue.take_all() == [LAG, b"c"]


def test_bytes_count_too() -> None:
    queue = Outgoing(max_frames=100, max_bytes=10)
    queue.push(b"12345")
    queue.push(b"67890")
    assert len(queue) == 2
    queue.push(b"!")
    assert queue.take_all() == [LAG, b"!"]
    queue.push(b"12345")
    assert queue.take_all() == [b"12345"]


def test_a_page_larger_than_the_bound_passes_alone() -> None:
    queue = Outgoing(max_frames=10, max_bytes=10)
    queue.push(b"p" * 50)
    assert queue.take_all() == [b"p" * 50]
    queue.push(b"a")
    queue.push(b"p" * 50)
    assert queue.take_all() == [LAG, b"p" * 50]


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=60))
def test_memory_is_bounded_and_loss_is_told(frames: list[tuple[int, bool]]) -> None:
    queue = Outgoing(max_frames=8, max_bytes=64)
    lasting = []
    for number, (size, ephemeral) in enumerate(frames):
        data = bytes([number]) * (size + 2)
        queue.push(data, ephemeral)
        if not ephemeral:
            lasting.append(data)
        assert len(queue) <= 8
    kept = queue.take_all()
    assert sum(map(len, kept)) <= 64 + len(LAG)
    assert kept.count(LAG) <= 1
    if LAG not in kept:
        assert [data for data in kept if data in lasting] == lasting
    elif lasting:
        assert kept[0] == LAG
        assert lasting[-1] in kept


@given(
    before=st.lists(st.tuples(st.binary(max_size=6), st.booleans()), max_size=6),
    together=st.lists(st.binary(max_size=6), max_size=8),
)
def test_frames_pushed_together_fare_as_they_would_alone(
    before: list[tuple[bytes, bool]], together: list[bytes]
) -> None:
    one_by_one, at_once = (Outgoing(max_frames=5, max_bytes=20) for _ in range(2))
    for queue in (one_by_one, at_once):
        for frame, ephemeral in before:
            queue.push(frame, ephemeral)
    for frame in together:
        one_by_one.push(frame)
    at_once.push_all(together)
    for queue in (one_by_one, at_once):
        queue.push(b"last")
    assert at_once.take_all() == one_by_one.take_all()
