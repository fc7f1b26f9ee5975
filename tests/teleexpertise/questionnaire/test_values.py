from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.text import Language, Text
from teleexpertise.questionnaire.model import (
    AnswerOption,
    AnswerValue,
    AttachmentRef,
    Coding,
    Item,
    ItemType,
    Quantity,
)
from teleexpertise.questionnaire.values import NotUnderstood, expected, file_names, read, show
from tests.teleexpertise.questionnaire.samples import DERMATO, choice, every_kind, instants, item, values

KINDS = {one.link_id: one for one in every_kind().walk()}
WINTER = timezone(timedelta(hours=1))
REUNION = ZoneInfo("Indian/Reunion")
SITE = DERMATO.item("d.siege")
KIND = DERMATO.item("d.type")
ONSET = DERMATO.item("d.debut")


@pytest.mark.parametrize(
    ("question", "words", "answers"),
    [
        (KINDS["a.bool"], "OUI.", (True,)),
        (KINDS["a.bool"], "non", (False,)),
        (KINDS["a.bool"], "x", (True,)),
        (KINDS["a.bool"], "No", (False,)),
        (KINDS["a.int"], "12", (12,)),
        (KINDS["a.int"], "12 mm", (12,)),
        (KINDS["a.int"], "12mm", (12,)),
        (KINDS["a.int"], "12,0", (12,)),
        (KINDS["a.int"], "-3", (-3,)),
        (KINDS["a.int"], "1 200", (1200,)),
        (KINDS["a.dec"], "3,5", (Decimal("3.5"),)),
        (KINDS["a.dec"], "3.50", (Decimal("3.5"),)),
        (KINDS["a.dec"], "4", (Decimal(4),)),
        (KINDS["a.date"], "06/11/2026", (date(2026, 11, 6),)),
        (KINDS["a.date"], "6-11-2026", (date(2026, 11, 6),)),
        (KINDS["a.date"], "6.11.2026", (date(2026, 11, 6),)),
        (KINDS["a.date"], "2026-11-06", (date(2026, 11, 6),)),
        (KINDS["a.quantity"], "3,5 mm", (Quantity(Decimal("3.5"), "mm"),)),
        (KINDS["a.quantity"], "3,5", (Quantity(Decimal("3.5"), "cm"),)),
        (KINDS["a.string"], "  ce que l'on veut ; vraiment ", ("ce que l'on veut ; vraiment",)),
        (KIND, "Lésion pigmentée", (Coding("pigmentee"),)),
        (KIND, "lesion PIGMENTEE", (Coding("pigmentee"),)),
        (KIND, "pigmentee", (Coding("pigmentee"),)),
        (KIND, "Pigmented lesion", (Coding("pigmentee"),)),
        (KIND, "Ongle, cheveu ou muqueuse", (Coding("phanere"),)),
        (ONSET, "<48h", (Coding("lt48h"),)),
        (ONSET, "2–7 j", (Coding("2-7j"),)),
        (SITE, "Tronc · Main", (Coding("tronc"), Coding("main"))),
        (SITE, "tronc ; main;", (Coding("tronc"), Coding("main"))),
        (SITE, "Tronc, main", (Coding("tronc"), Coding("main"))),
        (SITE, "Tronc, main ; plis", (Coding("tronc"), Coding("main"), Coding("plis"))),
        (SITE, "Tronc ; tronc", (Coding("tronc"),)),
        (KINDS["a.open"], "Option m", (Coding("m"),)),
        (KINDS["a.open"], "autre ; chose", ("autre ; chose",)),
    ],
)  # fmt: skip
def test_what_people_write_is_understood(question: Item, words: str, answers: tuple[AnswerValue, ...]) -> None:
    found = read(question, words)
    assert found == answers
    assert [type(one) for one in found] == [type(one) for one in answers]


@pytest.mark.parametrize(
    ("words", "instant"),
    [
        ("20/11/2026 14:30", datetime(2026, 11, 20, 14, 30, tzinfo=WINTER)),
        ("20/11/2026 à 14h30", datetime(2026, 11, 20, 14, 30, tzinfo=WINTER)),
        ("20/11/2026, 14 h 30", datetime(2026, 11, 20, 14, 30, tzinfo=WINTER)),
        ("20/11/2026 14h", datetime(2026, 11, 20, 14, 0, tzinfo=WINTER)),
        ("2026-11-20T14:30", datetime(2026, 11, 20, 14, 30, tzinfo=WINTER)),
        ("2026-11-20T14:30:15.123", datetime(2026, 11, 20, 14, 30, 15, tzinfo=WINTER)),
        ("20/11/2026 14:30 Z", datetime(2026, 11, 20, 14, 30, tzinfo=UTC)),
        ("20/11/2026 14:30 +04:00", datetime(2026, 11, 20, 10, 30, tzinfo=UTC)),
    ],
)
def test_a_date_and_time_is_taken_in_the_zone_unless_it_says_otherwise(words: str, instant: datetime) -> None:
    assert read(KINDS["a.instant"], words) == (instant,)


def test_the_zone_is_the_callers() -> None:
    assert read(KINDS["a.instant"], "20/11/2026 14:30", REUNION) == (datetime(2026, 11, 20, 10, 30, tzinfo=UTC),)


@pytest.mark.parametrize(
    ("question", "words", "code"),
    [
        (KINDS["a.bool"], "oui, pénicilline", "wrong_type"),
        (KINDS["a.bool"], "peut-être", "wrong_type"),
        (KINDS["a.int"], "12,5", "wrong_type"),
        (KINDS["a.int"], "12 80", "wrong_type"),
        (KINDS["a.int"], "12 cm", "wrong_type"),
        (KINDS["a.int"], "environ 12", "wrong_type"),
        (KINDS["a.int"], "9" * 5000, "wrong_type"),
        (KINDS["a.int"], "١٢", "wrong_type"),
        (KINDS["a.dec"], "3,5,1", "wrong_type"),
        (KINDS["a.dec"], "1e9", "wrong_type"),
        (KINDS["a.date"], "31/02/2026", "wrong_type"),
        (KINDS["a.date"], "06/11/26", "wrong_type"),
        (KINDS["a.date"], "06/11/0026", "wrong_type"),
        (KINDS["a.instant"], "20/11/2026", "wrong_type"),
        (KINDS["a.instant"], "20/11/2026 25:00", "wrong_type"),
        (KINDS["a.quantity"], "cm", "wrong_type"),
        (KINDS["a.photo"], "a.jpg", "wrong_type"),
        (KIND, "Lésion", "not_an_option"),
        (SITE, "Tronc ; genou", "not_an_option"),
        (SITE, ";", "not_an_option"),
        (SITE, "Tronc ; " * 10_000, "not_an_option"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_not_an_answer_is_not_guessed(question: Item, words: str, code: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(question, words)
    assert caught.value.code == code
    assert caught.value.expected == expected(question)


def test_an_option_is_known_without_what_stands_in_brackets_unless_two_are() -> None:
    labels = {"n": "Nécrose (noir)", "f": "Fibrine (jaune)", "g": "Fibrine (autre)"}
    options = tuple(AnswerOption(Coding(code), Text(label, label)) for code, label in labels.items())
    question = item("a", ItemType.CHOICE, options=options)
    assert read(question, "nécrose") == (Coding("n"),)
    with pytest.raises(NotUnderstood):
        read(question, "fibrine")


@pytest.mark.parametrize(
    ("question", "value", "french", "english"),
    [
        (KINDS["a.bool"], True, "oui", "yes"),
        (KINDS["a.bool"], False, "non", "no"),
        (KINDS["a.int"], 12, "12 mm", "12 mm"),
        (KINDS["a.dec"], Decimal("3.50"), "3,50", "3.50"),
        (KINDS["a.dec"], Decimal("1E+2"), "100", "100"),
        (KINDS["a.date"], date(2026, 11, 6), "06/11/2026", "2026-11-06"),
        (KINDS["a.instant"], datetime(2026, 7, 6, 12, 5, tzinfo=UTC), "06/07/2026 14:05", "2026-07-06 14:05"),
        (
            KINDS["a.instant"],
            datetime(2026, 10, 25, 1, 5, tzinfo=UTC),
            "25/10/2026 02:05 +01:00",
            "2026-10-25 02:05 +01:00",
        ),
        (KINDS["a.one"], Coding("x"), "Option x", "Choice x"),
        (KINDS["a.one"], Coding("gone", "Ancien"), "Ancien", "Ancien"),
        (KINDS["a.quantity"], Quantity(Decimal("3.5"), "cm"), "3,5 cm", "3.5 cm"),
        (KINDS["a.photo"], AttachmentRef("a.jpg", "image/jpeg", 2_140_000, "r"), "a.jpg (2,1 Mo)", "a.jpg (2.1 MB)"),
        (KINDS["a.photo"], AttachmentRef("a.jpg", "image/jpeg", 10, "r"), "a.jpg (1 ko)", "a.jpg (1 kB)"),
        (KINDS["a.text"], "a{b}", "a{b}", "a{b}"),
    ],
)
def test_answers_are_shown_in_both_languages(question: Item, value: AnswerValue, french: str, english: str) -> None:
    assert show(question, value) == french
    assert show(question, value, Language.EN) == english


@given(data=st.data(), language=st.sampled_from(Language))
def test_what_is_shown_is_read_back(data: st.DataObject, language: Language) -> None:
    question = data.draw(
        st.sampled_from([one for one in KINDS.values() if one.is_question and one.link_id != "a.photo"])
    )
    value = data.draw(values(question))
    assert read(question, show(question, value, language)) == (value,)


@given(instants, st.sampled_from(["Europe/Paris", "Indian/Reunion", "Pacific/Noumea", "America/Cayenne"]))
def test_an_instant_is_read_back_in_any_zone(instant: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    assert read(KINDS["a.instant"], show(KINDS["a.instant"], instant, zone=zone), zone) == (instant,)


def test_file_names_are_read_without_their_sizes() -> None:
    assert file_names("IMG 1.jpg (2,1 Mo) · b (2).png ; c.pdf (3 kB) ;") == ("IMG 1.jpg", "b (2).png", "c.pdf")


def test_what_is_expected_lists_the_options() -> None:
    assert expected(choice("a", "x", "y")) == Text("Option x · Option y", "Choice x · Choice y")
    assert expected(KINDS["a.text"]).fr == "un texte"
