"""Intervals, and what a commit does to memberships."""

from hypothesis import given
from hypothesis import strategies as st

from miss.chat.conversations.model import Interval, compare_members, readable_range
from miss.protocol.crypto.commits import HistoryPolicy, Policy, Role
from miss.protocol.crypto.membership import compose_commit
from tests.miss.protocol.people import ALICE, BOB, CAROL, Stream, chains

seqs = st.integers(1, 30)


@given(st.lists(st.tuples(seqs, seqs), max_size=4), st.booleans(), seqs, seqs)
def test_a_readable_range_opens_the_first_stretch_and_nothing_else(
    bounds: list[tuple[int, int]], still_member: bool, from_seq: int, to_seq: int
) -> None:
    cuts = sorted({seq for pair in bounds for seq in pair})
    intervals = [Interval(first, last - 1, 1) for first, last in zip(cuts[::2], cuts[1::2], strict=False)]
    if still_member:
        intervals.append(Interval(40, None, None))
    open_seqs = {
        seq
        for seq in range(from_seq, to_seq + 1)
        if any(each.from_seq <= seq and (each.to_seq is None or seq <= each.to_seq) for each in intervals)
    }
    stretch = readable_range(intervals, from_seq, to_seq)
    if stretch is None:
        assert not open_seqs
        return
    first, last = stretch
    assert first == min(open_seqs)
    assert set(range(first, last + 1)) <= open_seqs


def test_the_first_commit_opens_the_whole_log_to_everybody() -> None:
    commit, _ = compose_commit(
        author=ALICE.author,
        members={ALICE.uid: Role.ADMIN, BOB.uid: Role.MEMBER},
        policy=Policy(),
        chains=chains(ALICE, BOB),
        random_bytes=Stream("first"),
    )
    change = compare_members(commit, None)
    assert set(change.enter) == {(ALICE.uid, Role.ADMIN, True), (BOB.uid, Role.MEMBER, True)}
    assert (change.leave, change.roles) == ((), ())


def test_a_commit_lets_in_out_and_up() -> None:
    first, es = compose_commit(
        author=ALICE.author,
        members={ALICE.uid: Role.ADMIN, BOB.uid: Role.MEMBER},
        policy=Policy(),
        chains=chains(ALICE, BOB),
        random_bytes=Stream("first"),
    )
    for history, opens in ((HistoryPolicy.NOTHING, False), (HistoryPolicy.EVERYTHING, True)):
        second, _ = compose_commit(
            author=ALICE.author,
            members={ALICE.uid: Role.ADMIN, CAROL.uid: Role.MEMBER},
            policy=Policy(history=history),
            chains=chains(ALICE, BOB, CAROL),
            random_bytes=Stream("second"),
            previous=first,
            secrets={1: es},
        )
        change = compare_members(second, first)
        assert change.enter == ((CAROL.uid, Role.MEMBER, opens),)
        assert change.leave == (BOB.uid,)
        assert change.changes_members
    promoted, _ = compose_commit(
        author=ALICE.author,
        members={ALICE.uid: Role.ADMIN, BOB.uid: Role.ADMIN},
        policy=Policy(),
        chains=chains(ALICE, BOB),
        random_bytes=Stream("third"),
        previous=first,
    )
    change = compare_members(promoted, first)
    assert change.roles == ((BOB.uid, Role.ADMIN),)
    assert not change.changes_members
