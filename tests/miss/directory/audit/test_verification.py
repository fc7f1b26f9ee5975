"""Whatever is done to a chain is found, and the first wrong place is named."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from miss.base.text import Language
from miss.directory.audit import GENESIS, Break, Entry, Fact, Head, How, Mark, Subject, find_forged, verify
from miss.directory.audit.anchors import sign_anchor
from miss.directory.audit.model import chain, hash_entry

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FIRST, LAST = NOW.replace(year=2025, tzinfo=None), NOW.replace(year=2027, tzinfo=None)
KEY = SigningKey(bytes(range(32)))

facts = st.builds(
    Fact,
    at=st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.just(UTC)),
    actor=st.text(max_size=8),
    act=st.sampled_from(["account.verify", "request.read", "practitioner.viewed"]),
    subject=st.builds(Subject, st.sampled_from(["account", "request"]), st.text(max_size=8)),
    detail=st.text(max_size=8),
)


def chained(facts_: Sequence[Fact], start: Head = GENESIS) -> list[Entry]:
    entries, head = [], start
    for fact in facts_:
        entries.append(chain(head, fact))
        head = Head(entries[-1].number, entries[-1].hash)
    return entries


def end_of(entries: Sequence[Entry]) -> Head:
    return Head(entries[-1].number, entries[-1].hash)


chains = st.builds(
    chained,
    st.lists(facts, min_size=3, max_size=9),
    st.sampled_from([GENESIS, Head(41, bytes(range(32)))]),
)


def first(entries: Sequence[Entry]) -> Head:
    return Head(entries[0].number - 1, entries[0].previous)


def rehash(entry: Entry) -> Entry:
    assert entry.fact is not None
    return replace(entry, hash=hash_entry(entry.number, entry.fact, entry.previous))


@given(chains)
def test_a_chain_holds(entries: list[Entry]) -> None:
    anchors = [sign_anchor(KEY, Mark.HEAD, entry, NOW) for entry in entries[::2]]
    assert verify(entries, anchors, start=first(entries), head=end_of(entries)) is None


@pytest.mark.parametrize("field", ["at", "actor", "act", "kind", "id", "detail", "number", "previous", "hash"])
@pytest.mark.parametrize("rehashed", [False, True])
@settings(max_examples=25)
@given(chains, st.data())
def test_an_altered_entry_is_named(field: str, rehashed: bool, entries: list[Entry], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    true = entries[place]
    fact = true.fact
    assert fact is not None
    altered = {
        "at": replace(true, fact=replace(fact, at=fact.at + timedelta(microseconds=1))),
        "actor": replace(true, fact=replace(fact, actor=fact.actor + "x")),
        "act": replace(true, fact=replace(fact, act=fact.act + "x")),
        "kind": replace(true, fact=replace(fact, subject=replace(fact.subject, kind="other"))),
        "id": replace(true, fact=replace(fact, subject=replace(fact.subject, id=fact.subject.id + "x"))),
        "detail": replace(true, fact=replace(fact, detail=fact.detail + "x")),
        "number": replace(true, number=entries[-1].number + data.draw(st.integers(1, 9))),
        "previous": replace(true, previous=bytes([true.previous[0] ^ 1]) + true.previous[1:]),
        "hash": replace(true, hash=bytes([true.hash[0] ^ 1]) + true.hash[1:]),
    }[field]
    if rehashed and field != "hash":
        altered = rehash(altered)
    stored = [*entries[:place], altered, *entries[place + 1 :]]
    found = verify(stored, start=first(entries), head=end_of(entries))
    assert found is not None
    if field == "number" and rehashed:
        # Nothing is left of the true one: an entry is missing there, another one stands in its place.
        assert found == Break(true.number, How.REMOVED)
    elif field == "previous" and rehashed and place:
        # Both links around it are broken: nothing tells which side of the first one is true.
        assert found == Break(true.number - 1, How.ALTERED)
    else:
        assert found == Break(true.number, How.ALTERED)


@given(chains, st.data(), st.booleans())
def test_a_removed_entry_is_named(entries: list[Entry], data: st.DataObject, renumbered: bool) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    stored = entries[:place] + [replace(entry, number=entry.number - renumbered) for entry in entries[place + 1 :]]
    how = How.REMOVED if place < len(entries) - 1 else How.TRUNCATED
    assert verify(stored, start=first(entries), head=end_of(entries)) == Break(entries[place].number, how)


@given(chains, facts, st.data(), st.sampled_from(["linked", "unlinked", "copied"]), st.booleans())
def test_an_inserted_entry_is_named(
    entries: list[Entry], fact: Fact, data: st.DataObject, forged_as: str, renumbered: bool
) -> None:
    place = data.draw(st.integers(0, len(entries)))
    before = first(entries) if place == 0 else end_of(entries[:place])
    forged = {
        "linked": chain(before, fact),
        "unlinked": Entry(before.number + 1, fact, before.hash, bytes(32)),
        "copied": data.draw(st.sampled_from(entries)),
    }[forged_as]
    shift = 1 if renumbered else 0
    stored = [*entries[:place], forged, *(replace(entry, number=entry.number + shift) for entry in entries[place:])]
    found = verify(stored, start=first(entries), head=end_of(entries))
    assert found is not None
    if forged in entries[max(place - 1, 0) : place + 1]:
        # Twice the same beside itself: which of the two is too much cannot be told.
        assert before.number <= found.number <= before.number + 2
    else:
        assert found.number == before.number + 1
    assert found.how is How.INSERTED


@given(chains, st.data(), st.booleans())
def test_entries_that_changed_places_are_named(entries: list[Entry], data: st.DataObject, renumbered: bool) -> None:
    one, other = sorted(data.draw(st.lists(st.integers(0, len(entries) - 1), min_size=2, max_size=2, unique=True)))
    stored = list(entries)
    stored[one], stored[other] = stored[other], stored[one]
    if renumbered:
        stored = [replace(entry, number=true.number) for entry, true in zip(stored, entries, strict=True)]
    assert verify(stored, start=first(entries), head=end_of(entries)) == Break(entries[one].number, How.REORDERED)


@given(chains, st.data())
def test_an_end_that_was_cut_is_found_by_an_anchor_kept_elsewhere(entries: list[Entry], data: st.DataObject) -> None:
    kept = data.draw(st.integers(1, len(entries) - 1))
    stored = entries[:kept]
    anchor = sign_anchor(KEY, Mark.HEAD, entries[-1], NOW)
    # Whoever cuts the end sets the head back too: only the anchor knows.
    assert verify(stored, start=first(entries), head=end_of(stored)) is None
    found = verify(stored, [anchor], start=first(entries), head=end_of(stored))
    assert found == Break(entries[kept].number, How.TRUNCATED)


@given(chains, facts, st.data())
def test_a_chain_written_anew_is_found_by_an_anchor(entries: list[Entry], fact: Fact, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    others = [entry.fact for entry in entries[place + 1 :] if entry.fact is not None]
    before = first(entries) if place == 0 else end_of(entries[:place])
    stored = [*entries[:place], *chained([replace(fact, detail="forged"), *others], before)]
    assert verify(stored, start=first(entries), head=end_of(stored)) is None
    anchor = sign_anchor(KEY, Mark.HEAD, entries[-1], NOW)
    found = verify(stored, [anchor], start=first(entries), head=end_of(stored))
    assert found == Break(entries[-1].number, How.REWRITTEN)


@given(chains, st.data())
def test_the_entries_of_others_can_be_left_out_of_an_extract(entries: list[Entry], data: st.DataObject) -> None:
    hidden = [replace(entry, fact=None) if data.draw(st.booleans()) else entry for entry in entries]
    anchor = sign_anchor(KEY, Mark.HEAD, entries[-1], NOW)
    assert verify(hidden, [anchor], start=first(entries)) is None
    gone = data.draw(st.integers(1, len(entries) - 2))
    assert verify([*hidden[:gone], *hidden[gone + 1 :]], [anchor], start=first(entries)) == Break(
        entries[gone].number, How.REMOVED
    )


def test_an_anchor_by_another_key_or_of_other_words_is_refused() -> None:
    entry = chained([Fact(NOW, "cli", "account.open", Subject("account", ""))])[0]
    anchor = sign_anchor(KEY, Mark.HEAD, entry, NOW)
    other = SigningKey(bytes(32))
    assert find_forged([anchor], [anchor.key]) is None
    assert find_forged([anchor], [bytes(other.verify_key)]) == Break(1, How.ANCHOR_FORGED)
    for forged in (
        replace(anchor, mark=Mark.CLOSED),
        replace(anchor, number=2),
        replace(anchor, hash=bytes(32)),
        replace(anchor, entry_at=NOW + timedelta(seconds=1)),
        replace(anchor, signed_at=NOW + timedelta(seconds=1)),
        replace(anchor, signature=bytes(64)),
    ):
        assert find_forged([anchor, forged], [anchor.key]) == Break(forged.number, How.ANCHOR_FORGED)


@pytest.mark.parametrize("how", How)
def test_every_kind_of_break_has_its_sentence(how: How) -> None:
    assert "417" in Break(417, how).sentence(Language.FR)
    assert "417" in Break(417, how).sentence(Language.EN)
