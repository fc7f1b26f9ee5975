"""When two requests are about the same patient: too little would ask another expert, too much would tell one."""

from dataclasses import replace
from datetime import date

import pytest

from miss.documents.identities import InsOid, Matricule, PatientIdentity
from teleexpertise.requests.routing.continuity import is_same

BASTIEN = PatientIdentity(
    birth_family_name="FICTIF", birth_given_names=("BASTIEN", "Jean"), birth_date=date(1985, 7, 14)
)
NUMBER, OTHER_NUMBER = Matricule("185075918304224"), Matricule("269054958815780")
NUMBERED = replace(BASTIEN, matricule=NUMBER, oid=InsOid.TEST)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (BASTIEN, True),
        (replace(BASTIEN, birth_family_name="fictif", birth_given_names=("Bastien",)), True),
        (replace(BASTIEN, birth_given_names=("BASTIEN", "Paul")), True),
        (replace(BASTIEN, birth_family_name="FICTIVE"), False),
        (replace(BASTIEN, birth_given_names=("JEAN",)), False),
        (replace(BASTIEN, birth_date=date(1985, 7, 15)), False),
        (NUMBERED, True),
    ],
)
def test_the_strict_traits_decide_where_one_number_is_missing(other: PatientIdentity, same: bool) -> None:
    assert is_same(BASTIEN, other) is same
    assert is_same(other, BASTIEN) is same


def test_two_numbers_decide_alone() -> None:
    married = replace(NUMBERED, birth_family_name="AUTREMENT")
    assert is_same(NUMBERED, married)
    twin = replace(NUMBERED, matricule=OTHER_NUMBER)
    assert not is_same(NUMBERED, twin)
    assert not is_same(twin, NUMBERED)
