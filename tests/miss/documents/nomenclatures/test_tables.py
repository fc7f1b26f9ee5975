"""What somebody signs with, and where they practise."""

import re

from miss.documents.nomenclatures.kinds import KINDS
from miss.documents.nomenclatures.professions import PROFESSIONS, SPECIALTIES, find_specialty
from miss.documents.nomenclatures.structures import FACILITIES, SETTINGS, find_facility, setting_of


def test_a_specialty_goes_with_its_profession() -> None:
    found = find_specialty("10", "SM15")
    assert found is not None
    assert (found.code, found.label) == ("G15_10/SM15", "Médecin - Dermatologie et Vénéréologie (SM)")


def test_an_unknown_specialty_leaves_the_profession() -> None:
    found = find_specialty("60", "SM15")
    assert found is not None
    assert (found.code, found.label) == ("G15_60", "Infirmier")


def test_an_unknown_profession_signs_with_nothing() -> None:
    assert find_specialty("00", "SM15") is None


def test_every_specialty_has_its_profession() -> None:
    assert {key.split("/")[0] for key in SPECIALTIES} <= set(PROFESSIONS)
    assert all(re.fullmatch(r"[0-9]{2}/SM[0-9]{2}", key) for key in SPECIALTIES)


def test_sectors_and_their_settings() -> None:
    practice = find_facility("SA07")
    assert practice is not None
    assert practice.label == "Cabinet individuel"
    assert find_facility("SA99") is None
    assert setting_of("SA07").code == "AMBULATOIRE"
    assert setting_of("SA01").code == "ETABLISSEMENT"
    assert {setting_of(sector).code for sector in FACILITIES} <= set(SETTINGS)


def test_both_types_are_of_the_class_that_ass_x04_gives_them() -> None:
    assert {code: kind.class_.code for code, kind in KINDS.items()} == {"85208-7": "10", "75496-0": "10"}


def test_both_types_have_class_and_format() -> None:
    assert {kind.format.code for kind in KINDS.values()} == {
        "urn:ihe:iti:xds-sd:pdf:2008",
        "urn:asip:ci-sis:tlm-da:2020",
    }
