"""Keys, forms and statuses.  The vectors are published numbers and fictive ones with a valid key."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.errors import MissError
from miss.documents import identities as ids
from miss.documents.errors import IdentifierRefused, IdentityIncomplete, InsOidRefused
from miss.documents.identities import Adeli, Finess, InsOid, InsStatus, NumberVerdict, Rpps
from tests.miss.documents.fictive import PATIENT, a_patient

GOOD_MATRICULES = (
    "279035121518989",
    "255081416802538",
    "269054958815780",
    "185075918304224",
    "180032A00400103",
    "180032B03300232",
)


@pytest.mark.parametrize("matricule", GOOD_MATRICULES)
def test_a_matricule_with_its_key_is_accepted(matricule: str) -> None:
    assert ids.check_matricule(matricule) is NumberVerdict.OK


@pytest.mark.parametrize(
    ("matricule", "verdict"),
    [
        ("279035121518988", NumberVerdict.WRONG_KEY),
        ("185075918304209", NumberVerdict.WRONG_KEY),
        ("180032B00400103", NumberVerdict.WRONG_KEY),
        ("185135918304224", NumberVerdict.WRONG_MONTH),
        ("185295918304224", NumberVerdict.WRONG_MONTH),
        ("185495918304224", NumberVerdict.WRONG_MONTH),
        ("1850759183042", NumberVerdict.MALFORMED),
        ("985075918304224", NumberVerdict.MALFORMED),
        ("180032C00400103", NumberVerdict.MALFORMED),
        ("18507591830422٤", NumberVerdict.MALFORMED),
        ("", NumberVerdict.MALFORMED),
    ],
)
def test_a_wrong_matricule_is_told_why(matricule: str, verdict: NumberVerdict) -> None:
    assert ids.check_matricule(matricule) is verdict


@pytest.mark.parametrize("month", ["20", "30", "42", "50", "99"])
def test_pseudo_months_are_months(month: str) -> None:
    number = f"185{month}59183042"
    assert ids.check_matricule(f"{number}{97 - int(number) % 97:02}") is NumberVerdict.OK


@given(st.sampled_from(GOOD_MATRICULES), st.integers(0, 14), st.sampled_from("0123456789"))
def test_the_key_finds_every_single_wrong_digit(matricule: str, place: int, digit: str) -> None:
    changed = matricule[:place] + digit + matricule[place + 1 :]
    assert (ids.check_matricule(changed) is NumberVerdict.OK) == (changed == matricule)


@pytest.mark.parametrize("rpps", ["10002422979", "01234567897", "99900000011", "99900000029"])
def test_rpps_with_its_luhn_key(rpps: str) -> None:
    assert ids.parse_rpps(f" {rpps[:5]} {rpps[5:]}") == rpps


@pytest.mark.parametrize("rpps", ["01234567123", "10001234567", "9990000001", "899900000011", "9990000001A"])
def test_wrong_rpps_names_the_field(rpps: str) -> None:
    with pytest.raises(IdentifierRefused) as refused:
        ids.parse_rpps(rpps, "expert.rpps")
    assert refused.value.params["field"] == "expert.rpps"
    assert rpps not in str(refused.value)


@pytest.mark.parametrize("finess", ["750803447", "010000347", "599990009", "599990017"])
def test_finess_with_its_key(finess: str) -> None:
    assert ids.check_finess(finess) is NumberVerdict.OK
    assert ids.struct_id_nat(ids.parse_finess(finess)) == f"1{finess}"


def test_wrong_finess_and_the_corsican_form() -> None:
    assert ids.check_finess("120456789") is NumberVerdict.WRONG_KEY
    assert ids.check_finess("2A0000014") is NumberVerdict.KEY_UNCHECKED
    assert ids.parse_finess("2a0000014") == "2A0000014"
    assert ids.check_finess("2C0000014") is NumberVerdict.MALFORMED


def test_adeli_has_nine_characters_and_a_luhn_key() -> None:
    assert ids.check_adeli("750803447") is NumberVerdict.OK
    assert ids.check_adeli("750803448") is NumberVerdict.WRONG_KEY
    assert ids.parse_adeli("75 080 3447") == "750803447"


def test_ps_id_nat_both_ways() -> None:
    assert ids.ps_id_nat(Rpps("99900000011")) == "899900000011"
    assert ids.parse_ps_id_nat("899900000011") == Rpps("99900000011")
    assert ids.ps_id_nat(Adeli("750803447"), ids.ADELI_PREFIX) == "0750803447"
    assert ids.parse_ps_id_nat("0750803447") == Adeli("750803447")
    for wrong in ("99900000011", "", "8", "899900000012"):
        with pytest.raises(IdentifierRefused):
            ids.parse_ps_id_nat(wrong)


def test_the_social_security_oid_is_never_an_ins() -> None:
    assert ids.parse_ins_oid("1.2.250.1.213.1.4.8") is InsOid.NIR
    for oid in ("1.2.250.1.213.1.4.13", "1.2.250.1.213.1.4.2", ""):
        with pytest.raises(InsOidRefused):
            ids.parse_ins_oid(oid)


def test_only_a_qualified_identity_travels_with_its_matricule() -> None:
    assert PATIENT.ins == ids.Ins(ids.Matricule("185075918304224"), InsOid.TEST)
    for status in InsStatus:
        travelling = replace(PATIENT, status=status).ins
        assert (travelling is not None) == (status is InsStatus.QUALIFIEE)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"birth_family_name": " "}, "birth_family_name"),
        ({"birth_given_names": ()}, "birth_given_names"),
        ({"birth_given_names": ("A", "")}, "birth_given_names"),
        ({"birth_place_code": "5918"}, "birth_place_code"),
        ({"matricule": None}, "matricule"),
        ({"oid": None}, "oid"),
        ({"sex": None}, "sex"),
        ({"birth_place_code": None}, "birth_place_code"),
        ({"matricule": "185075918304225"}, "matricule"),
        ({"matricule": "785075918304215", "oid": InsOid.NIR}, "oid"),
    ],
)
def test_an_incomplete_identity_names_the_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(MissError) as refused:
        a_patient(**changes)
    assert isinstance(refused.value, IdentityIncomplete | IdentifierRefused)
    assert refused.value.params["field"] == field


def test_a_provisional_identity_needs_little() -> None:
    patient = a_patient(matricule=None, oid=None, sex=None, birth_place_code=None, status=InsStatus.PROVISOIRE)
    assert patient.ins is None
    assert patient.first_given_name == "BASTIEN"


def test_an_identity_does_not_show_itself() -> None:
    assert "FICTIF" not in repr(PATIENT)


def test_struct_id_nat_both_ways() -> None:
    assert ids.struct_id_nat(Finess("599990009")) == "1599990009"
    assert ids.parse_struct_id_nat("1599990009") == Finess("599990009")
    for wrong in ("599990009", "1599990008", "312345678900017", "0750803447", "1", ""):
        with pytest.raises(IdentifierRefused) as refused:
            ids.parse_struct_id_nat(wrong, "org")
        assert refused.value.params["field"] == "org"


@pytest.mark.parametrize("first", ["7", "8"])
def test_a_temporary_number_bears_no_nir_s_oid(first: str) -> None:
    number = f"{first}850759183042"
    matricule = ids.parse_matricule(f"{number}{97 - int(number) % 97:02}")
    assert ids.is_temporary(matricule)
    assert a_patient(matricule=matricule, oid=InsOid.NIA).ins == ids.Ins(matricule, InsOid.NIA)
    with pytest.raises(IdentityIncomplete):
        a_patient(matricule=matricule, oid=InsOid.NIR)
