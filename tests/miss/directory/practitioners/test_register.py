"""From the lines of the register to people."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.directory.practitioners.errors import ExtractionUnreadable
from miss.directory.practitioners.extraction import Findings, LineRemark, Reason
from miss.directory.practitioners.model import Coding
from miss.directory.practitioners.register import (
    LABELS,
    RegisterEntry,
    RegisterOrganization,
    RegisterRole,
    read_register,
)
from tests.miss.directory.extractions import COLUMNS_2021, COLUMNS_2026, PAUL, a_person, extraction

RPPS = ("99900000011", "99900000029", "99900000037")
LILLE = RegisterOrganization("F599990009", "599990009", "CH fictif de Lille")
PAUL_ENTRY = RegisterEntry(
    national_id="899900000029",
    rpps="99900000029",
    family="EXEMPLE",
    given="Paul",
    civility="Dr",
    profession=Coding("10", "Médecin"),
    roles=(RegisterRole(Coding("SM54", "Médecine générale"), LILLE, "Lille", "59000", "0353010001"),),
)


def read(lines: list[bytes]) -> tuple[list[RegisterEntry], Findings]:
    findings = Findings()
    return list(read_register(lines, findings)), findings


def test_the_published_column_sets() -> None:
    assert len(COLUMNS_2021) == 52
    assert len(COLUMNS_2026) == 56


@pytest.mark.parametrize("columns", [COLUMNS_2021, COLUMNS_2026])
def test_a_line_becomes_a_person_in_both_column_sets(columns: tuple[str, ...]) -> None:
    entries, findings = read(extraction(columns, [PAUL]))
    assert entries == [PAUL_ENTRY]
    assert findings == Findings()


@pytest.mark.parametrize("label", LABELS)
def test_every_column_that_is_read_must_be_there(label: str) -> None:
    with pytest.raises(ExtractionUnreadable) as caught:
        read(extraction(tuple(column for column in COLUMNS_2026 if column != label), [PAUL]))
    assert caught.value.params == {"column": label}


def test_the_lines_of_a_person_are_merged_wherever_they_stand() -> None:
    lines = [
        a_person(RPPS[1], specialty="SM15", specialty_display="Dermatologie"),
        a_person(RPPS[0], family="MODELE"),
        a_person(RPPS[1], family="SECOND", given="Nom"),
        a_person(RPPS[1], specialty="SM15", specialty_display="Dermatologie"),
    ]
    entries, findings = read(extraction(COLUMNS_2026, lines))
    assert [(entry.family, entry.given) for entry in entries] == [("MODELE", "Paul"), ("EXEMPLE", "Paul")]
    assert [role.specialty.code for role in entries[1].roles if role.specialty] == ["SM15", "SM54"]
    assert findings == Findings()


def test_the_order_of_the_lines_does_not_change_a_person() -> None:
    lines = [a_person(RPPS[1], specialty=code) for code in ("SM15", "SM54", "SM04")]
    digests = {read(extraction(COLUMNS_2026, order))[0][0].digest for order in (lines, lines[::-1])}
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Identifiant PP": "99900000028", "Identification nationale PP": "899900000028"}, Reason.IDENTIFIER),
        ({"Identifiant PP": "9990000002", "Identification nationale PP": "89990000002"}, Reason.IDENTIFIER),
        ({"Identifiant PP": "", "Identification nationale PP": "8"}, Reason.IDENTIFIER),
        ({"Identification nationale PP": "899900000011"}, Reason.IDENTIFIER_MISMATCH),
        ({"Type d'identifiant PP": "5", "Identification nationale PP": "599900000029"}, Reason.IDENTIFIER_TYPE),
        ({"Type d'identifiant PP": "0", "Identification nationale PP": "099900000029"}, Reason.IDENTIFIER),
        ({"Nom d'exercice": " "}, Reason.NAME_MISSING),
        ({"Code profession": ""}, Reason.PROFESSION_MISSING),
    ],
)
def test_a_wrong_line_is_rejected_alone(fields: dict[str, str], reason: Reason) -> None:
    entries, findings = read(extraction(COLUMNS_2026, [PAUL | fields, a_person(RPPS[0])]))
    assert [entry.rpps for entry in entries] == [RPPS[0]]
    assert findings.rejected.kept == [LineRemark(2, reason)]


def test_a_person_known_by_adeli_only_has_no_rpps() -> None:
    lines = [
        PAUL
        | {
            "Type d'identifiant PP": "0",
            "Identifiant PP": "599991007",
            "Identification nationale PP": "0599991007",
        }
    ]
    entries, _ = read(extraction(COLUMNS_2026, lines))
    assert [(entry.national_id, entry.rpps) for entry in entries] == [("0599991007", None)]


def test_a_wrong_finess_key_loses_that_number_only() -> None:
    entries, findings = read(extraction(COLUMNS_2026, [a_person(RPPS[1], finess="599990008")]))
    assert entries[0].roles[0].organization == RegisterOrganization("F599990009", None, "CH fictif de Lille")
    assert findings.doubtful.kept == [LineRemark(2, Reason.FINESS)]
    assert findings.rejected.count == 0


@pytest.mark.parametrize(
    ("fields", "identifier", "name"),
    [
        ({"Identifiant technique de la structure": ""}, "599990009", "CH fictif de Lille"),
        (
            {
                "Identifiant technique de la structure": "",
                "Numéro FINESS site": "",
                "Numéro SIRET site": "99999999900009",
            },
            "99999999900009",
            "CH fictif de Lille",
        ),
        (
            {
                "Identifiant technique de la structure": "",
                "Numéro FINESS site": "",
                "Raison sociale site": "",
                "Enseigne commerciale site": "Cabinet d’été",
            },
            "cabinet d ete 59000 lille",
            "Cabinet d’été",
        ),
    ],
)
def test_an_organization_is_known_by_its_best_number(fields: dict[str, str], identifier: str, name: str) -> None:
    entries, _ = read(extraction(COLUMNS_2026, [PAUL | fields]))
    organization = entries[0].roles[0].organization
    assert organization is not None
    assert (organization.identifier, organization.name) == (identifier, name)


def test_somebody_without_activity_has_no_role() -> None:
    nothing = dict.fromkeys(
        [label for label in PAUL if "structure" in label or "site" in label or "savoir" in label], ""
    )
    entries, _ = read(extraction(COLUMNS_2026, [PAUL | nothing]))
    assert entries[0].roles == ()


@pytest.mark.parametrize(
    ("practice", "civil", "shown"),
    [("DR", "MME", "Dr"), ("PR", "M", "Pr"), ("", "MME", "Mme"), ("", "M", "M."), ("", "", "")],
)
def test_civility(practice: str, civil: str, shown: str) -> None:
    entries, _ = read(extraction(COLUMNS_2026, [PAUL | {"Code civilité d'exercice": practice, "Code civilité": civil}]))
    assert entries[0].civility == shown


def test_the_search_key_holds_names_profession_specialties_and_towns() -> None:
    assert PAUL_ENTRY.search_key == " exemple paul medecin medecine generale lille "


texts = st.text(st.characters(exclude_characters="|", exclude_categories=["C", "Z"]), min_size=1)
people = st.fixed_dictionaries(
    {
        "rpps": st.sampled_from(RPPS),
        "family": texts,
        "given": texts,
        "specialty": st.sampled_from(["", "SM15", "SM54"]),
        "town": texts,
        "organization": texts,
    }
)


@given(st.lists(people, max_size=8), st.sampled_from([COLUMNS_2021, COLUMNS_2026]), st.randoms())
def test_what_was_written_is_read(lines: list[dict[str, str]], columns: tuple[str, ...], order: random.Random) -> None:
    shuffled = list(columns)
    order.shuffle(shuffled)
    entries, findings = read(extraction(tuple(shuffled), [a_person(**line) for line in lines]))
    assert findings == Findings()
    assert [entry.rpps for entry in entries] == sorted({line["rpps"] for line in lines})
    for entry in entries:
        own = [line for line in lines if line["rpps"] == entry.rpps]
        assert (entry.family, entry.given) == (own[0]["family"], own[0]["given"])
        assert {
            (
                role.specialty.code if role.specialty else "",
                role.town,
                role.organization.name if role.organization else "",
            )
            for role in entry.roles
        } == {(line["specialty"], line["town"], line["organization"]) for line in own}


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(extraction(COLUMNS_2026, [PAUL])[1:]))))
def test_no_line_stops_the_import(lines: list[bytes]) -> None:
    entries, findings = read([*extraction(COLUMNS_2026, []), *(line.replace(b"\n", b"") for line in lines)])
    readable = sum(line.startswith(b"8|99900000029|") for line in lines)
    assert entries == ([PAUL_ENTRY] if readable else [])
    assert readable + findings.rejected.count + sum(not line.strip() for line in lines) == len(lines)
