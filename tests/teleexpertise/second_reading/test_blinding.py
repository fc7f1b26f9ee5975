"""Nobody's identity in what the second reader sees, and the case still readable."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.documents.identities import PatientIdentity
from teleexpertise.questionnaire.model import AttachmentRef, Coding, QuestionnaireResponse
from teleexpertise.second_reading.blinding import (
    BIRTH_DATE,
    CONTACT,
    NUMBER,
    PATIENT,
    blind,
    blind_answers,
    redaction,
)

BORN = date(1985, 7, 14)
PATIENT_OF = PatientIdentity(
    birth_family_name="DUPONT-ÉTIENNE", birth_given_names=("Zoé", "Anne-Lise"), birth_date=BORN, town="Dunkerque"
)
HIDES = redaction(PATIENT_OF, None)
TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Madame Dupont, vue hier", f"Madame {PATIENT}, vue hier"),
        ("DUPONT ETIENNE zoe", f"{PATIENT} {PATIENT} {PATIENT}"),
        ("Anne-Lise habite à dunkerque.", f"{PATIENT}-{PATIENT} habite à {PATIENT}."),
        ("née le 14/07/1985, 14.7.85, 1985-07-14", f"née le {BIRTH_DATE}, {BIRTH_DATE}, {BIRTH_DATE}"),
        ("née le 14 juillet 1985", f"née le {BIRTH_DATE}"),
        ("depuis le 14/07/2026", "depuis le 14/07/2026"),
        ("NIR 1 85 07 59 183 042 24", f"NIR {NUMBER}"),
        ("NIR 1 85 07 2A 183 042 24", f"NIR {NUMBER}"),
        ("tél. 03 20 11 22 33 ou zoe@courriel.example", f"tél. {CONTACT} ou {CONTACT}"),
        ("lésion de 12 mm, TA 140/80, duponter", "lésion de 12 mm, TA 140/80, duponter"),
    ],
)
def test_what_is_replaced_and_what_is_not(written: str, shown: str) -> None:
    assert HIDES.of(written) == shown


@given(st.sampled_from(["Dupont", "DUPONT", "étienne", "Zoé", "ZOE"]), st.text(alphabet=" .,;:'’\n-()", max_size=4))
def test_a_name_is_found_whatever_stands_around_it(name: str, around: str) -> None:
    assert name not in HIDES.of(f"vu{around} {name} {around}ce jour")


def test_of_the_identity_age_and_sex_are_left() -> None:
    photo = AttachmentRef("DUPONT_dos.jpg", "image/jpeg", 9, "page-1-1")
    paper = AttachmentRef("courrier Dupont.pdf", "application/pdf", 9, "page-1-2")
    response = QuestionnaireResponse(
        "form|1",
        {
            "c.patient.nom": ("DUPONT-ÉTIENNE",),
            "c.patient.matricule": ("185075918304224",),
            "c.patient.sexe": (Coding("F"),),
            "c.opposition": ("Dr Essai",),
            "c.question": ("Que faire pour Zoé ?",),
            "d.photo.large": (photo,),
            "c.piece": (paper,),
        },
    )
    copy = blind(response, (), HIDES, BORN, TODAY)
    assert copy.response.answers == {
        "c.patient.sexe": (Coding("F"),),
        "c.question": (f"Que faire pour {PATIENT} ?",),
        "d.photo.large": (AttachmentRef("photo 1", "image/jpeg", 9, "1"),),
    }
    assert (copy.age, copy.photos, copy.withheld) == (41, (photo,), 1)
    assert blind_answers({"c.patient.prenoms": ("Zoé",), "d.debut": ("Zoé dit mai",)}, HIDES) == {
        "d.debut": (f"{PATIENT} dit mai",)
    }
