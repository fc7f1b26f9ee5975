"""Letters as CDA, and what they give back."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings

from miss.documents.cda import Identifier, check_cda, compose_report, compose_request, parse_cda
from miss.documents.cda.errors import ActRefused, CdaContentRefused
from miss.documents.errors import LetterIncomplete
from miss.documents.letter import Letter, Section
from miss.documents.nomenclatures.acts import RQD, Volet
from miss.documents.nomenclatures.model import Coded
from tests.miss.documents.structured import ANNE, CHANGES, PDF, REPORT, REQUEST, SET_ID, documents, full_letters


def test_the_answer_is_a_header_around_its_pdf() -> None:
    document = parse_cda(compose_report(REPORT, PDF))
    assert document.code.code == "85208-7"
    assert document.content == PDF
    assert document.media_type == "application/pdf"
    assert document.title == REPORT.title
    assert document.written_at == REPORT.written_at == document.service_start
    assert document.id == Identifier(f"{SET_ID}.1")
    assert document.set_id == Identifier(SET_ID)
    assert document.author == replace(ANNE, facility_type=None, phone="0300000000")
    assert document.signer is not None
    assert document.signer.rpps == "99900000011"
    assert document.facility_type == ANNE.facility_type
    assert document.custodian == ANNE.organization
    assert [recipient.rpps for recipient in document.recipients] == ["99900000029"]
    assert document.patient.ins == Identifier("1.2.250.1.213.1.4.10", "185075918304224")


def test_the_request_holds_its_text_and_its_treatments() -> None:
    document = parse_cda(compose_request(REQUEST))
    assert document.content is None
    assert document.templates[-1] == "1.2.250.1.213.1.1.1.38:2026.01"
    assert document.sections == (
        Section(
            "Anamnèse",
            (
                "Question posée",
                "Lésion du dos, que faire ?",
                "Antécédents",
                "Aucun.\nPas d’allergie connue.",
            ),
        ),
        Section("Traitements", REQUEST.treatments),
    )


def test_treatments_that_nobody_told_are_said_to_be_untold() -> None:
    document = parse_cda(compose_request(replace(REQUEST, treatments=("", " "))))
    assert document.sections[-1].paragraphs == ("Traitements en cours : non précisés dans la demande",)


@pytest.mark.parametrize(
    ("letter", "volet", "act"),
    [
        (REPORT, Volet.V2022, ("TE2", "1.2.250.1.215.200.3.3")),
        (REPORT, Volet.V2026, ("TE2", "1.2.250.1.215.300.3")),
        (REQUEST, Volet.V2022, ("TE2", "1.2.250.1.215.200.3.3")),
        (REQUEST, Volet.V2026, ("RQD", "1.2.250.1.215.300.3")),
        (replace(REQUEST, act=RQD), Volet.V2022, ("TE2", "1.2.250.1.215.200.3.3")),
    ],
)
def test_each_year_has_its_act_and_its_code_system(letter: Letter, volet: Volet, act: tuple[str, str]) -> None:
    data = compose_request(letter, volet) if letter.code == REQUEST.code else compose_report(letter, PDF, volet)
    found = parse_cda(data).act
    assert found is not None
    assert (found.code, found.system) == act


def test_2022_takes_eight_acts_and_2026_any() -> None:
    letter = replace(REPORT, act=Coded("TLX", "any", "Autre acte"))
    with pytest.raises(ActRefused):
        compose_report(letter, PDF, Volet.V2022)
    assert b'code="TLX"' in compose_report(letter, PDF, Volet.V2026)


def test_a_correction_is_a_new_version_that_names_the_former() -> None:
    first = parse_cda(compose_report(REPORT, PDF))
    second = parse_cda(compose_report(replace(REPORT, version=2), PDF))
    assert (second.set_id, second.version, second.replaces) == (first.set_id, 2, first.id)
    assert second.id != first.id
    assert first.replaces is None


@pytest.mark.parametrize("name", ["without-ins", "traits-alone"])
def test_an_unqualified_identity_travels_without_matricule(name: str) -> None:
    data = compose_report(replace(REPORT, **CHANGES[name]), PDF)
    assert b"185075918304224" not in data
    assert parse_cda(data).patient.identifiers == (Identifier(SET_ID, "TE26000417"),)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sender": replace(ANNE, rpps=None)}, "sender.rpps"),
        ({"sender": replace(ANNE, specialty=None)}, "sender.specialty"),
        ({"sender": replace(ANNE, family_name="")}, "sender.family_name"),
        ({"sender": replace(ANNE, organization="")}, "sender.organization"),
        ({"sender": replace(ANNE, practice_setting=None)}, "sender.practice_setting"),
        ({"sender": replace(ANNE, facility_type=None)}, "sender.facility_type"),
        ({"sender": replace(ANNE, finess=None)}, "sender.finess"),
        ({"set_id": ""}, "set_id"),
        ({"written_at": None}, "written_at"),
        ({"code": REQUEST.code}, "code"),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(LetterIncomplete) as refused:
        compose_report(replace(REPORT, **changes), PDF)
    assert refused.value.params["field"] == field


def test_an_hour_without_zone_is_no_hour() -> None:
    with pytest.raises(ValueError, match="written_at has no time zone"):
        replace(REPORT, written_at=datetime.fromisoformat("2026-11-20T10:15"))


def test_what_is_no_pdf_is_refused() -> None:
    with pytest.raises(CdaContentRefused):
        compose_report(REPORT, b"PK\3\4")


def test_text_that_xml_cannot_carry_is_replaced() -> None:
    assert parse_cda(compose_report(replace(REPORT, title="A\0B\x0c\ufffeC"), PDF)).title == "A B  C"


def test_every_variant_is_without_fault_and_the_same_twice() -> None:
    once, again = list(documents()), list(documents())
    assert len(once) == 4 * len(CHANGES)
    assert [data for _, _, data in once] == [data for _, _, data in again]
    assert [(name, check_cda(data)) for name, _, data in once if check_cda(data)] == []


@settings(max_examples=30, deadline=None)
@given(letter=full_letters())
def test_an_answer_gives_its_values_back(letter: Letter) -> None:
    document = parse_cda(compose_report(letter, PDF))
    _same_header(letter, document)
    assert document.content == PDF


@settings(max_examples=30, deadline=None)
@given(letter=full_letters(REQUEST))
def test_a_request_gives_its_values_back(letter: Letter) -> None:
    document = parse_cda(compose_request(letter))
    _same_header(letter, document)
    if letter.treatments:
        assert document.sections[-1].paragraphs == letter.treatments


def _same_header(letter: Letter, document: Any) -> None:
    patient, found = letter.patient, document.patient
    assert (document.title, document.version, document.written_at) == (letter.title, letter.version, letter.written_at)
    assert found.birth_family_name == patient.birth_family_name
    assert found.birth_given_names == " ".join(patient.birth_given_names)
    assert found.first_given_name == patient.first_given_name
    assert (found.birth_date, found.sex, found.address_lines) == (
        patient.birth_date,
        patient.sex,
        patient.address_lines,
    )
    for field in ("family_name", "organization", "town", "rpps", "specialty", "insurance_number", "siret", "finess"):
        assert getattr(document.author, field) == getattr(letter.sender, field)
    recipient = document.recipients[0]
    assert (recipient.family_name, recipient.given_name) == (letter.recipient.family_name, letter.recipient.given_name)
