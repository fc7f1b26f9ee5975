from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from miss.base.text import Language
from teleexpertise.planning.model import Expectation
from teleexpertise.web.expected_words import expected_words

TUESDAY = datetime(2026, 11, 24, 17, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("expectation", "fr", "en"),
    [
        (
            Expectation(0, TUESDAY, is_measured=True),
            "Réponse attendue le jour même, avant mardi 24 novembre, 18 h.",
            "Answer expected the same day, before Tuesday 24 November, 18:00.",
        ),
        (
            Expectation(1, TUESDAY, is_measured=True),
            "Réponse attendue sous 1 jour ouvré, avant mardi 24 novembre, 18 h.",
            "Answer expected within 1 working day, before Tuesday 24 November, 18:00.",
        ),
        (
            Expectation(2, TUESDAY, is_measured=True),
            "Réponse attendue sous 2 jours ouvrés, avant mardi 24 novembre, 18 h.",
            "Answer expected within 2 working days, before Tuesday 24 November, 18:00.",
        ),
        (
            Expectation(2, TUESDAY, is_measured=False),
            "Réponse promise avant mardi 24 novembre, 18 h.",
            "Answer promised before Tuesday 24 November, 18:00.",
        ),
        (
            None,
            "Aucun expert n’a de créneau déclaré pour l’instant : le coordinateur sera prévenu.",
            "No expert has declared a slot for now: the coordinator will be told.",
        ),
    ],
)
def test_the_sentence(expectation: Expectation | None, fr: str, en: str) -> None:
    assert (expected_words(expectation, Language.FR, PARIS), expected_words(expectation, Language.EN, PARIS)) == (
        fr,
        en,
    )


@pytest.mark.parametrize(
    ("zone", "hour"), [("Indian/Reunion", "21 h (La Réunion)"), ("Asia/Kolkata", "22 h 30 (Kolkata)")]
)
def test_elsewhere_the_hour_is_the_readers_and_its_place_is_named(zone: str, hour: str) -> None:
    said = expected_words(Expectation(1, TUESDAY, is_measured=True), Language.FR, ZoneInfo(zone))
    assert said.endswith(f"avant mardi 24 novembre, {hour}.")
