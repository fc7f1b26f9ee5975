from dataclasses import replace

import pytest

from miss.base.ids import PractitionerId
from miss.directory.practitioners import Practitioner
from miss.directory.practitioners.model import Coding
from teleexpertise.requests.routing.wishes import find_named, take_wish

ANNE = Practitioner(
    id=PractitionerId("899900000011"), family="MODELE-DURAND", given="Anne Marie", civility="Dr",
    profession=Coding("10", "Médecin"), roles=(), mailboxes=(),
)  # fmt: skip
KARIM = replace(ANNE, id=PractitionerId("899900000037"), family="ESSAI", given="Karim")
NADIA = replace(ANNE, id=PractitionerId("899900000045"), family="ESSAI", given="Nadia")
PEOPLE = {person.id: person for person in (ANNE, KARIM, NADIA)}


@pytest.mark.parametrize(
    ("line", "wish"),
    [
        ("Expert souhaité : Dr Anne MODELE", "Dr Anne MODELE"),
        ("- expert souhaitee: MODELE ", "MODELE"),
        ("Expert demandé : 99900000011", "99900000011"),
        ("Expert souhaité :", ""),
        ("> Expert souhaité : Dr MODELE", None),
        ("L’expert souhaité : personne", None),
    ],
)
def test_the_line_is_taken_out_of_the_text(line: str, wish: str | None) -> None:
    text = f"c.question : Que faire ?\n{line}\nd.debut : 1-6 mois"
    taken, rest = take_wish(text)
    assert taken == (wish or "")
    assert rest == (text if wish is None else "c.question : Que faire ?\n\nd.debut : 1-6 mois")


@pytest.mark.parametrize(
    ("wish", "named"),
    [
        (ANNE.id, ANNE.id),
        ("99900000011", ANNE.id),
        ("RPPS 9990 0000 011", ANNE.id),
        ("dr anne modèle durand", ANNE.id),
        ("Modele-Durand", ANNE.id),
        ("Docteur ESSAI Nadia", NADIA.id),
        ("Dr ESSAI", None),
        ("Dr ESSAI Paul", None),
        ("Dr Anne", None),
        ("Dr", None),
        ("", None),
    ],
)
def test_whom_a_wish_means(wish: str, named: PractitionerId | None) -> None:
    assert find_named(wish, PEOPLE) == named
