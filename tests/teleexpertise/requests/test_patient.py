"""The patient's identity, from the header and from the items."""

from datetime import date

import pytest

from miss.documents.hprim import parse_hprim_text
from miss.documents.identities import InsOid, InsStatus, Sex
from teleexpertise.questionnaire.model import Answers, Coding
from teleexpertise.requests.patient import (
    Address,
    PatientRefused,
    address_of_header,
    answers_of_header,
    find_identity,
    lines_of_header,
)
from tests.teleexpertise.office import END, HEADER

NAMED: Answers = {
    "c.patient.nom": ("FICTIF",),
    "c.patient.prenoms": ("BASTIEN",),
    "c.patient.naissance": (date(1985, 7, 14),),
}
QUALIFIED: Answers = {
    **NAMED,
    "c.patient.sexe": (Coding("M"),),
    "c.patient.lieu": ("59183",),
    "c.patient.matricule": ("1 85 07 59 183 042 24",),
    "c.patient.statut": (Coding("qualifiee"),),
}


def test_a_header_answers_the_items_and_its_nir_tells_the_sex() -> None:
    header = parse_hprim_text(HEADER + "\n" + END)
    answers = answers_of_header(header)
    assert answers["c.patient.sexe"] == (Coding("M"),)
    identity = find_identity(answers, address_of_header(header))
    assert identity is not None
    assert (identity.birth_family_name, identity.first_given_name) == ("FICTIF", "BASTIEN")
    assert (identity.birth_date, identity.sex) == (date(1985, 7, 14), Sex.M)
    assert (identity.address_lines, identity.postcode, identity.town) == (("12 RUE DES TESTS",), "59140", "DUNKERQUE")
    assert identity.status is InsStatus.PROVISOIRE
    assert identity.ins is None, "a header proves no INS: its number does not travel on"


def test_a_wrong_key_in_the_header_is_left_out() -> None:
    header = parse_hprim_text(HEADER.replace("185075918304224", "185075918304225") + "\n" + END)
    assert "c.patient.matricule" not in answers_of_header(header)
    assert "c.patient.sexe" not in answers_of_header(header)


def test_the_header_reads_back_from_labelled_lines() -> None:
    header = parse_hprim_text(HEADER + "\n" + END)
    assert "c.patient.naissance : 14/07/1985" in lines_of_header(header)
    assert "c.patient.sexe : M" in lines_of_header(header)


@pytest.mark.parametrize("link_id", NAMED)
def test_without_a_required_trait_there_is_no_identity_yet(link_id: str) -> None:
    assert find_identity({key: value for key, value in NAMED.items() if key != link_id}, Address()) is None


def test_a_qualified_identity_may_travel() -> None:
    identity = find_identity(QUALIFIED, Address())
    assert identity is not None
    assert identity.ins is not None
    assert (identity.ins.matricule, identity.ins.oid) == ("185075918304224", InsOid.NIR)


@pytest.mark.parametrize(
    ("link_id", "value"),
    [
        ("c.patient.matricule", "185075918304225"),
        ("c.patient.lieu", "Dunkerque"),
    ],
)
def test_a_refused_value_names_its_item_and_is_not_quoted(link_id: str, value: str) -> None:
    with pytest.raises(PatientRefused) as caught:
        find_identity({**QUALIFIED, link_id: (value,)}, Address())
    problem = caught.value.problem
    assert link_id in problem.text.fr
    assert value not in problem.text.fr


@pytest.mark.parametrize("link_id", ["c.patient.matricule", "c.patient.sexe", "c.patient.lieu"])
def test_a_qualified_identity_needs_all_its_traits(link_id: str) -> None:
    with pytest.raises(PatientRefused) as caught:
        find_identity({key: value for key, value in QUALIFIED.items() if key != link_id}, Address())
    assert caught.value.problem.link_id == link_id
