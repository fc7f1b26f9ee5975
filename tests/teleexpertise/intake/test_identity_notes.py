"""Remarks on an identity while it is typed."""

from datetime import date

import pytest

from miss.base.text import Language
from teleexpertise.intake.identity_notes import Note, Tone, notes_on_identity
from teleexpertise.questionnaire.model import AnswerValue, Coding
from teleexpertise.requests.patient import BIRTH, MATRICULE, PLACE, SEX, STATUS

RIGHT = "1 85 07 59 183 042 24"


def notes(**given: AnswerValue) -> dict[str, Note]:
    names = {"number": MATRICULE, "sex": SEX, "birth": BIRTH, "place": PLACE, "status": STATUS}
    return {note.link_id: note for note in notes_on_identity({names[name]: (value,) for name, value in given.items()})}


def test_nothing_typed_nothing_said() -> None:
    assert notes() == {}
    assert notes(sex=Coding("F"), birth=date(1985, 7, 14), place="59183") == {}


def test_a_right_key_names_the_oid_and_says_whether_the_number_travels() -> None:
    note = notes(number=RIGHT)[MATRICULE]
    assert note.tone is Tone.OK
    assert "INS-NIR, OID 1.2.250.1.213.1.4.8" in note.text.fr
    assert "que si l’identité est qualifiée" in note.text.fr
    whole = notes(number=RIGHT, status=Coding("qualifiee"), sex=Coding("M"), place="59183")
    assert "qualifiée" not in whole[MATRICULE].text.fr
    assert STATUS not in whole


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("18507591830422", "15 caractères, clé comprise ; vous en avez écrit 14"),
        ("185075918304225", "La clé"),
        ("185135918304200", "Le mois de naissance"),
        ("<b>185075918304</b>", "15 caractères"),
    ],
)
def test_what_is_wrong_is_named_and_no_key_is_offered(number: str, said: str) -> None:
    note = notes(number=number)[MATRICULE]
    assert note.tone is Tone.ERROR
    for language in Language:
        assert note.text.in_(language)
    assert said in note.text.fr
    assert number not in note.text.fr


@pytest.mark.parametrize(
    ("link_id", "given"),
    [
        (SEX, {"sex": Coding("F")}),
        (BIRTH, {"birth": date(1985, 8, 14)}),
        (BIRTH, {"birth": date(1984, 7, 14)}),
        (PLACE, {"place": "59184"}),
    ],
)
def test_a_trait_that_disagrees_is_a_warning(link_id: str, given: dict[str, AnswerValue]) -> None:
    said = notes(number=RIGHT, **given)
    assert said[link_id].tone is Tone.WARNING
    assert said[MATRICULE].tone is Tone.OK, "the number itself is right"


@pytest.mark.parametrize(
    "given", [{"sex": Coding("M")}, {"sex": Coding("I")}, {"birth": date(1985, 7, 1)}, {"place": "59183"}]
)
def test_traits_that_agree_say_nothing(given: dict[str, AnswerValue]) -> None:
    assert notes(number=RIGHT, **given).keys() == {MATRICULE}


def test_a_qualified_identity_without_its_number_is_an_error() -> None:
    assert notes(status=Coding("qualifiee"))[STATUS].tone is Tone.ERROR
    assert notes(status=Coding("validee")) == {}
