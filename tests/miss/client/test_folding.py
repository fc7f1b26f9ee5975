"""What later messages do to an earlier one, in the order of the log."""

from dataclasses import replace

import pytest

from miss.client.folding import QUOTE_CHARS, counts, fold, is_emoji, quote
from miss.client.model import ACK, DELETE, EDIT, NAME, REACTION, Alarm, AlarmState, Message, Reaction
from tests.miss.client.store.test_messages import AT, message
from tests.miss.protocol.people import ALICE, BOB, CAROL

FIRST = message(1)
"""Of Bob."""


def about(type_: str, text: str = "", *, by: object = BOB.uid, seq: int = 2) -> Message:
    return message(seq, type=type_, text=text, uid=by, reply=FIRST.mid)


def test_reactions_count_each_person_and_emoji_once() -> None:
    said = [
        about(REACTION, "👍", by=ALICE.uid),
        about(REACTION, "👍", by=ALICE.uid),
        about(REACTION, "🙏", by=CAROL.uid),
        about(REACTION, "👍", by=CAROL.uid),
        about(REACTION, "", by=CAROL.uid),
        about(REACTION, "no emoji", by=CAROL.uid),
        about(REACTION, "🙏", by=BOB.uid),
    ]
    assert fold(FIRST, said).reactions == (Reaction("👍", (ALICE.uid,)), Reaction("🙏", (BOB.uid,)))


def test_edits_are_the_authors() -> None:
    folded = fold(FIRST, [about(EDIT, "deux"), about(EDIT, "faux", by=ALICE.uid), about(EDIT, "trois")])

    assert (folded.text, [version.text for version in folded.versions]) == ("trois", ["numéro 1", "deux"])
    assert folded.edited_at == AT
    assert fold(FIRST, []) == FIRST


def test_nothing_changes_what_is_deleted_or_was_refused() -> None:
    deleted, refused = replace(FIRST, text="", is_deleted=True), replace(FIRST, refused="envelope_forged")
    said = [about(EDIT, "deux"), about(REACTION, "👍")]
    assert fold(deleted, said) == deleted
    assert fold(refused, said).reactions == ()
    assert fold(FIRST, [replace(about(EDIT, "deux"), refused="message_replayed")]) == FIRST


@pytest.mark.parametrize(
    ("type_", "by", "target", "counted"),
    [
        (DELETE, BOB.uid, FIRST, True),
        (DELETE, ALICE.uid, FIRST, False),
        (EDIT, BOB.uid, FIRST, True),
        (EDIT, BOB.uid, replace(FIRST, type=NAME), False),
        (EDIT, None, replace(FIRST, uid=None), False),
        (ACK, ALICE.uid, FIRST, True),
        (ACK, BOB.uid, FIRST, False),
        (REACTION, ALICE.uid, FIRST, True),
        (REACTION, ALICE.uid, replace(FIRST, refused="bad_body"), False),
    ],
)
def test_who_may_say_what(type_: str, by: object, target: Message, counted: bool) -> None:
    assert counts(about(type_, by=by), target) is counted


def test_the_first_acknowledgement_stands() -> None:
    alarm = Alarm(AT, (CAROL.uid,), AlarmState.ESCALATED, CAROL.uid)
    folded = fold(replace(FIRST, alarm=alarm), [about(ACK, by=ALICE.uid), about(ACK, by=CAROL.uid)])

    assert folded.alarm == Alarm(AT, (CAROL.uid,), AlarmState.ACKNOWLEDGED, None, ALICE.uid, AT)


@pytest.mark.parametrize("text", ["👍", "❤️", "👩‍⚕️", "🇫🇷", "1️⃣", "✅", "☺", "👍🏽", "➕"])
def test_emoji(text: str) -> None:
    assert is_emoji(text)


@pytest.mark.parametrize("text", ["", " ", "a", "1", "é", "ok 👍", "👍" * 9, "\u200d", "\ufe0f", "<b>", "\n"])
def test_no_emoji(text: str) -> None:
    assert not is_emoji(text)


def test_a_quote_is_short() -> None:
    assert len(quote(message(1, text="x" * 1000)).text) == QUOTE_CHARS
