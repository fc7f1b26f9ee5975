"""What a client shows: everything in order, nothing twice, and whatever a server that breaks its word insists on."""

from hypothesis import given
from hypothesis import strategies as st

from tests.faults.shown import Shown


def shown(of: Shown) -> list[tuple[int, int]]:
    return list(zip(of.seqs, of.ids, strict=True))


@given(st.data())
def test_in_whatever_order_places_come_and_however_often_each_is_shown_once(data: st.DataObject) -> None:
    last = data.draw(st.integers(1, 30))
    places = st.integers(1, last)
    log = Shown()
    for seq in data.draw(st.lists(places, max_size=60)):
        log.take(seq, 100 + seq)
    assert shown(log) == [(seq, 100 + seq) for seq in range(1, log.last_seq + 1)]
    # What is missing comes in pages that begin after the last one shown.
    for seq in range(log.last_seq + 1, last + 1):
        log.take_stored(seq, 100 + seq)
    assert shown(log) == [(seq, 100 + seq) for seq in range(1, last + 1)]
    assert log.is_whole


def test_what_comes_early_waits_and_says_that_something_is_missing() -> None:
    log = Shown()
    log.take(3, 103)
    assert (shown(log), log.is_whole) == ([], False)
    log.take(1, 101)
    log.take(2, 102)
    assert (shown(log), log.is_whole) == ([(1, 101), (2, 102), (3, 103)], True)


def test_thousands_that_waited_are_shown_at_once() -> None:
    log = Shown()
    for seq in range(2, 5_000):
        log.take(seq, seq)
    log.take_stored(1, 1)
    assert log.last_seq == 4_999


def test_another_message_at_a_place_that_was_shown_is_shown_as_well() -> None:
    log = Shown()
    log.take(1, 101)
    log.take(1, 999)
    assert shown(log) == [(1, 101), (1, 999)]


def test_another_message_than_the_one_that_waited_is_shown_as_well() -> None:
    log = Shown()
    log.take(2, 999)
    log.take_stored(1, 101)
    log.take_stored(2, 102)
    assert shown(log) == [(1, 101), (2, 999), (2, 102)]
    log = Shown()
    log.take(3, 999)
    for seq in (1, 2):
        log.take_stored(seq, 100 + seq)
    log.take_stored(3, 103)
    assert shown(log)[-2:] == [(3, 999), (3, 103)]


def test_a_page_that_jumps_is_shown_with_its_hole() -> None:
    log = Shown()
    log.take_stored(1, 101)
    log.take_stored(3, 103)
    assert shown(log) == [(1, 101), (3, 103)]
