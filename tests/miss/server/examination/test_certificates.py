"""A certificate is named before it ends, more gravely as its end comes near."""

from datetime import UTC, datetime, timedelta

import pytest

from miss.base.text import Language, Text
from miss.server.examination.certificates import find_ending
from miss.server.examination.model import Grade

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ENDS = Text(fr="{name} finit dans {days} jours.", en="{name} ends in {days} days.")
ENDED = Text(fr="{name} a expiré il y a {days} jours.", en="{name} ended {days} days ago.")


@pytest.mark.parametrize(
    ("days", "expected"),
    [(31, None), (30, Grade.WARNING), (8, Grade.WARNING), (7, Grade.PROBLEM), (0, Grade.PROBLEM), (-3, Grade.PROBLEM)],
)
def test_the_nearer_the_end_the_graver(days: int, expected: Grade | None) -> None:
    found = find_ending(NOW + timedelta(days=days), NOW, ENDS, ENDED, name="OP")
    assert [one.grade for one in found] == ([] if expected is None else [expected])


def test_what_has_ended_says_since_when() -> None:
    (found,) = find_ending(NOW - timedelta(days=3), NOW, ENDS, ENDED, name="OP")
    assert found.sentence(Language.EN) == "OP ended 3 days ago."
    assert found.sentence() == "OP a expiré il y a 3 jours."
