"""Requests for advice: what is new, what presses, what goes to the practice."""

from dataclasses import replace
from datetime import timedelta

from clients.desktop.state.cases import Case, Cases, Handed, by_deadline, is_late, news, to_hand_over
from tests.clients.desktop.values import NOW

OFFER = Case("TE26000001", "Dermatologie", "assigned", "À accepter", deadline_at=NOW + timedelta(days=2))
MINE = Case("TE26000002", "Plaies", "in_progress", "En cours", is_asked_by_me=True)
ANSWER = replace(MINE, state="answered", ended_at=NOW)


def test_news_is_what_was_not_there() -> None:
    before = Cases(asked=(MINE,), is_read=True)
    after = Cases(to_answer=(OFFER,), asked=(ANSWER,), is_read=True)
    assert news(before, after) == [OFFER, ANSWER]
    assert news(after, after) == []
    assert news(Cases(), after) == [], "the first reading is no news"


def test_an_offer_that_ends_soon_comes_before_a_late_deadline() -> None:
    offer = replace(OFFER, number="TE26000003", offer_expires_at=NOW + timedelta(minutes=10))
    assert by_deadline([MINE, OFFER, offer]) == [offer, OFFER, MINE]


def test_late() -> None:
    assert is_late(OFFER, NOW + timedelta(days=3))
    assert not is_late(OFFER, NOW)
    assert not is_late(replace(OFFER, ended_at=NOW), NOW + timedelta(days=3))


def test_only_ones_own_answers_go_to_the_practice_once() -> None:
    assert to_hand_over([MINE, ANSWER, replace(ANSWER, handed=Handed.WRITTEN)]) == [ANSWER]
