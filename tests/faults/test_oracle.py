"""The oracle finds each kind of broken promise in a history made by hand, and nothing in one that is right."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.oracle import Acks, Conversation, Kind, ReaderHistory, WriterHistory, judge


def next_log(log: bytes, id_: int, seq: int) -> bytes:
    return log + b"%d@%d " % (id_, seq)


def logs_of(order: Sequence[int]) -> list[bytes]:
    """The log after each place of `order`."""
    log, logs = b"", []
    for seq, id_ in enumerate(order, start=1):
        log = next_log(log, id_, seq)
        logs.append(log)
    return logs


def reader(name: str, *shown: tuple[int, int]) -> ReaderHistory:
    return ReaderHistory(name, [seq for seq, _ in shown], [id_ for _, id_ in shown])


def conversation(order: Sequence[int] = (10, 20, 11)) -> Conversation:
    """Anne wrote 10 and 11, Bruno 20; everything was acknowledged and read by both."""
    shown = list(enumerate(order, start=1))
    logs = logs_of(order)
    place = {id_: seq for seq, id_ in shown}
    writers = []
    for name, ids in (("Anne", [10, 11]), ("Bruno", [20])):
        seqs = [place[id_] for id_ in ids]
        writers.append(WriterHistory(name, {*ids}, Acks(ids, seqs, [logs[seq - 1] for seq in seqs])))
    return Conversation("hand", writers, [reader("Anne", *shown), reader("Bruno", *shown)], b"", next_log)


def kinds(of: Conversation) -> list[Kind]:
    return [violation.kind for violation in judge(of)]


def test_a_right_history_has_no_violation() -> None:
    assert judge(conversation()) == []


def test_what_was_sent_and_not_acknowledged_may_be_there_or_not() -> None:
    there = conversation()
    there.writers[0].attempted = {10, 11, 12, 13}
    for one in there.readers:
        one.seqs, one.ids = [*one.seqs, 4], [*one.ids, 12]
    assert judge(there) == []


def test_a_reader_who_has_not_got_an_acknowledged_message_has_lost_it() -> None:
    one = conversation()
    one.readers[1].seqs, one.readers[1].ids = [1, 2], [10, 20]
    assert kinds(one) == [Kind.LOST]
    assert judge(one)[0].who == "Bruno"


def test_what_nobody_sent_is_invented() -> None:
    one = conversation()
    one.readers[0].seqs, one.readers[0].ids = [1, 2, 3, 4], [10, 20, 11, 99]
    assert kinds(one) == [Kind.INVENTED]


def test_an_ack_for_what_its_reader_never_sent_is_invented() -> None:
    one = conversation()
    one.writers[0].acks, one.writers[1].acks = one.writers[1].acks, Acks()
    assert kinds(one) == [Kind.INVENTED]


def test_what_is_beyond_the_membership_is_not_theirs_to_read() -> None:
    one = conversation()
    one.readers[1].last_seq = 2
    assert kinds(one) == [Kind.INVENTED]
    one.readers[1].seqs, one.readers[1].ids = [1, 2], [10, 20]
    assert kinds(one) == []


def test_a_message_shown_at_two_places_is_a_duplicate() -> None:
    one = conversation()
    for each in one.readers:
        each.seqs, each.ids = [1, 2, 3, 4], [10, 20, 11, 20]
    assert kinds(one).count(Kind.DUPLICATE) == 2


def test_a_message_shown_twice_at_one_place_is_a_duplicate_too() -> None:
    one = conversation()
    one.readers[0].seqs, one.readers[0].ids = [1, 2, 2, 3], [10, 20, 20, 11]
    assert Kind.DUPLICATE in kinds(one)


def test_two_readers_see_one_order() -> None:
    one = conversation()
    one.readers[1].ids = [20, 10, 11]
    assert Kind.ORDER in kinds(one)


def test_one_reader_never_goes_back() -> None:
    one = conversation()
    one.readers[0].seqs, one.readers[0].ids = [2, 1, 3], [20, 10, 11]
    assert Kind.ORDER in kinds(one)


def test_a_place_that_is_skipped_is_a_gap() -> None:
    one = conversation()
    for each in one.readers:
        each.seqs = [1, 2, 4]
    one.writers[0].acks = Acks([10, 11], [1, 4])
    one.writers[1].acks = Acks([20], [2])
    one.next_log = None
    assert kinds(one) == [Kind.GAP, Kind.GAP]


def test_a_history_that_begins_late_has_a_gap_unless_the_membership_does() -> None:
    one = conversation()
    one.readers[1].seqs, one.readers[1].ids = [2, 3], [20, 11]
    assert kinds(one) == [Kind.GAP, Kind.LOST]
    one.readers[1].first_seq = 2
    assert kinds(one) == []


@pytest.mark.parametrize("seqs", [[1, 3, 2], [1, 3, 4]], ids=["another place", "two acks"])
def test_an_ack_names_the_place_where_the_message_is_read(seqs: list[int]) -> None:
    one = conversation()
    one.writers[0].acks = Acks([10, 11, 11], seqs)
    one.next_log = None
    assert Kind.MISPLACED in kinds(one)


def test_an_ack_for_a_place_that_nobody_has_read_is_misplaced() -> None:
    one = conversation()
    one.writers[0].acks = Acks([10, 11], [1, 4])
    one.next_log = None
    assert kinds(one) == [Kind.MISPLACED, Kind.MISPLACED]


def test_two_messages_are_not_acknowledged_at_one_place() -> None:
    one = conversation()
    one.writers[0].attempted = {10, 11, 12}
    one.writers[0].acks = Acks([10, 11, 12], [1, 3, 3])
    one.next_log = None
    assert {Kind.MISPLACED, Kind.LOST} <= set(kinds(one))


def test_a_receipt_that_did_not_verify_is_reported() -> None:
    one = conversation()
    one.writers[1].bad_receipts = [(20, "forged")]
    assert kinds(one) == [Kind.RECEIPT]


def test_a_receipt_lies_on_the_log_that_was_read() -> None:
    one = conversation()
    one.writers[1].acks.logs = [b"another log"]
    assert kinds(one) == [Kind.RECEIPT]


ORDERS = st.permutations(range(1, 9))


@given(order=ORDERS, lost=st.integers(1, 8), victim=st.integers(0, 2))
def test_any_message_that_any_reader_lacks_at_the_end_is_found(order: list[int], lost: int, victim: int) -> None:
    """A server that went back: the victim reads a shorter log than was promised."""
    shown = list(enumerate(order, start=1))
    writer = WriterHistory("writer", set(order), Acks(order, range(1, 9), logs_of(order)))
    readers = [reader(f"reader {number}", *shown) for number in range(3)]
    right = Conversation("any", [writer], readers, b"", next_log)
    assert judge(right) == []
    kept = shown[: lost - 1]
    wrong = replace(right, readers=[*readers[:victim], reader("victim", *kept), *readers[victim + 1 :]])
    found = judge(wrong)
    assert {violation.kind for violation in found} == {Kind.LOST}
    assert {violation.id for violation in found} == set(order[lost - 1 :])


@given(order=ORDERS, places=st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] != pair[1]))
def test_any_exchange_of_two_messages_for_one_reader_is_found(order: list[int], places: tuple[int, int]) -> None:
    first, second = places
    other = list(order)
    other[first], other[second] = other[second], other[first]
    readers = [reader("straight", *enumerate(order, start=1)), reader("crossed", *enumerate(other, start=1))]
    writer = WriterHistory("writer", set(order))
    found = judge(Conversation("any", [writer], readers))
    assert {violation.seq for violation in found if violation.kind is Kind.ORDER} == {first + 1, second + 1}
