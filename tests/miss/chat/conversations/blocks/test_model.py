"""Which commits a block refuses: the table, and what holds for every commit."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.errors import Forbidden
from miss.base.ids import AccountId
from miss.chat.conversations.blocks.errors import (
    CorrespondentBlocked,
    WriterBlocked,
    WriterBlockedForFormat,
    WriterUnwanted,
)
from miss.chat.conversations.blocks.model import concerned, judge
from miss.directory.blocking import BlockedPair, BlockReason

A, B, C, D = (AccountId(bytes([n]) * 16) for n in range(1, 5))
PEOPLE = (A, B, C, D)
RESTS, TAKEN = True, False


@pytest.mark.parametrize(
    ("author", "before", "after", "outcome"),
    [
        # A has blocked B.  Conversations that begin:
        (B, "", "AB", WriterBlocked),
        (B, "", "ABC", WriterBlocked),
        (B, "", "BC", TAKEN),
        (A, "", "AB", CorrespondentBlocked),
        (A, "", "ABC", TAKEN),
        (C, "", "ABC", TAKEN),
        # Those of the two:
        (B, "AB", "AB", WriterBlocked),
        (A, "AB", "AB", CorrespondentBlocked),
        (B, "AB", "ABC", WriterBlocked),
        (A, "AB", "ABC", CorrespondentBlocked),
        (A, "AB", "A", TAKEN),
        (B, "AB", "B", TAKEN),
        (B, "AB", "BC", TAKEN),
        # Teams: who is blocked brings nobody in, and nobody is kept from going on.
        (B, "BC", "ABC", WriterBlocked),
        (A, "AC", "ABC", TAKEN),
        (C, "BC", "ABC", TAKEN),
        (B, "ABC", "ABC", TAKEN),
        (B, "ABC", "ABCD", TAKEN),
        # A team that shrinks to the two rests: somebody can always be shown out.
        (A, "ABC", "AB", RESTS),
        (B, "ABC", "AB", RESTS),
        (B, "BCD", "AB", WriterBlocked),
        (A, "A", "AB", CorrespondentBlocked),
        (B, "B", "AB", WriterBlocked),
    ],
)
def test_a_has_blocked_b(author: AccountId, before: str, after: str, outcome: bool | type[Forbidden]) -> None:
    names = dict(zip("ABCD", PEOPLE, strict=True))
    old, new = ([names[name] for name in group] for group in (before, after))
    pairs = [BlockedPair(A, B, BlockReason.OTHER)]
    if isinstance(outcome, bool):
        assert judge(author, old, new, pairs) is outcome
    else:
        with pytest.raises(outcome) as refused:
            judge(author, old, new, pairs)
        assert refused.value.params == {"uid": (A if author == B else B).hex()}


@pytest.mark.parametrize(
    ("reason", "refusal", "said"),
    [
        (BlockReason.FORMAT, WriterBlockedForFormat, "format"),
        (BlockReason.UNWANTED, WriterUnwanted, "ne souhaite pas"),
        (BlockReason.OTHER, WriterBlocked, "a bloqué vos messages. Ils"),
    ],
)
def test_the_reason_is_told_unless_it_is_secret(reason: BlockReason, refusal: type[Forbidden], said: str) -> None:
    with pytest.raises(refusal) as refused:
        judge(B, [], [A, B], [BlockedPair(A, B, reason)])
    assert said in refused.value.sentence()


def test_of_two_who_blocked_each_other_each_is_told_of_their_own_block() -> None:
    pairs = [BlockedPair(A, B, BlockReason.FORMAT), BlockedPair(B, A, BlockReason.FORMAT)]
    for author in (A, B):
        with pytest.raises(CorrespondentBlocked):
            judge(author, [A, B], [A, B], pairs)


groups = st.sets(st.sampled_from(PEOPLE), min_size=1).map(sorted)
blocks = st.lists(
    st.builds(
        lambda pair, reason: BlockedPair(pair[0], pair[1], reason),
        st.permutations(PEOPLE).map(lambda people: people[:2]),
        st.sampled_from(BlockReason),
    ),
    max_size=6,
)


@given(st.data(), groups, blocks)
def test_what_holds_for_every_commit(data: st.DataObject, after: list[AccountId], pairs: list[BlockedPair]) -> None:
    author = data.draw(st.sampled_from(after))
    before = sorted({*data.draw(groups), author}) if data.draw(st.booleans()) else []
    blocked = {(pair.by, pair.blocked) for pair in pairs}
    brought_in = any((who, author) in blocked for who in {*after} - {*before} - {author})
    two = [frozenset(group) for group in (before, after) if len(group) == 2]
    apart = {group for group in two if any((x, y) in blocked or (y, x) in blocked for x, y in combinations(group, 2))}
    try:
        rests = judge(author, before, after, pairs)
    except Forbidden:
        # Somebody who blocked the author would be brought in, or two who are apart be kept together.
        assert brought_in or apart
    else:
        assert not brought_in
        assert rests is (frozenset(after) in apart)
        # Whoever is let through has only ever taken somebody out.
        assert not rests or set(after) < set(before)
        assert frozenset(before) not in apart or not set(before) <= set(after)


@given(st.data(), groups, blocks)
def test_whoever_is_not_asked_about_would_not_have_mattered(
    data: st.DataObject, after: list[AccountId], pairs: list[BlockedPair]
) -> None:
    author = data.draw(st.sampled_from(after))
    before = sorted({*data.draw(groups), author}) if data.draw(st.booleans()) else []
    if not concerned(author, before, after):
        assert judge(author, before, after, pairs) is False
