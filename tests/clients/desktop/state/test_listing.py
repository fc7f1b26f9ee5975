"""Order, filter, and the way from one conversation to the next."""

from dataclasses import replace

import pytest

from clients.desktop.state.listing import jump, matches, neighbour, ordered, plain, unread_total, visible
from miss.base.ids import ConversationId
from tests.clients.desktop.values import STATE, row

A, B, C, D = (ConversationId(bytes([rank]) * 32) for rank in (1, 2, 3, 4))
ROWS = (
    row(A, "Cardiologie", 1),
    row(B, "Équipe plaies", 3, unread=2),
    row(C, "Résidence", 2, pinned=True),
    row(D, "Biologie", 0, alarms=1, unread=1, muted=True),
)
STATE = replace(STATE, rows=ROWS)


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("Lésion du talon", "lesion", True),
        ("Œdème", "œdeme", True),
        ("Équipe plaies", "pla équ", True),
        ("Équipe plaies", "laies", False),
        ("Dr. EXEMPLE, Paul", "paul exemple", True),
        ("quelque chose", "", True),
    ],
)
def test_words_are_compared_without_accents(text: str, wanted: str, found: bool) -> None:
    assert matches(text, wanted) is found


def test_plain() -> None:
    assert plain("  L’Œil  GAUCHE— (n° 2) ") == "l œil gauche n 2"


def test_alarms_first_then_pinned_then_the_latest() -> None:
    assert [one.cid for one in ordered(ROWS)] == [D, C, B, A]


def test_a_new_conversation_without_a_message_has_its_place() -> None:
    assert ordered((replace(row(A), last=None), row(B)))[0].cid == B


def test_unread_only_keeps_the_open_one_and_what_asks_for_something() -> None:
    state = replace(STATE, only_unread=True, chosen=A)
    assert [one.cid for one in visible(state)] == [D, B, A]
    assert [one.cid for one in visible(replace(STATE, list_text="equipe"))] == [B]


def test_next_and_previous() -> None:
    rows = visible(STATE)  # D C B A
    assert neighbour(rows, C, 1, unread=False) == B
    assert neighbour(rows, C, -1, unread=False) == D
    assert neighbour(rows, A, 1, unread=False) is None
    assert neighbour(rows, C, 1, unread=True) == B
    assert neighbour(rows, B, 1, unread=True) == D, "around the end"
    assert neighbour(rows, None, 1, unread=False) == D
    assert neighbour([], None, 1, unread=True) is None


def test_a_jump_prefers_what_begins_with_it() -> None:
    rows = (row(A, "Avis biologie", 9), row(B, "Biologie", 1))
    assert [one.cid for one in jump(rows, "bio")] == [B, A]


def test_muted_conversations_do_not_count() -> None:
    assert unread_total(STATE) == 2
