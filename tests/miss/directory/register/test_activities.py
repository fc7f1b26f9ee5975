"""From the lines of the register to rows."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.directory.register.activities import LABELS, OPTIONAL, ActivityReader, Batch, PersonLine
from miss.directory.register.errors import ExtractionUnreadable
from miss.directory.register.extraction import Extraction
from miss.directory.register.remarks import Findings, LineRemark, Reason
from tests.miss.directory.extractions import (
    COLUMNS_2021,
    COLUMNS_2026,
    COLUMNS_WITHOUT_SKILLS,
    PAUL,
    a_person,
    extraction,
)

RPPS = ("99900000011", "99900000029", "99900000037")


def read(lines: list[bytes], *, is_test: bool = False) -> tuple[Batch, Findings]:
    findings = Findings()
    (batch,) = ActivityReader(Extraction(lines, findings), known_words=set(), is_test=is_test).read(1_000)
    return batch, findings


def test_the_published_column_sets() -> None:
    assert [len(columns) for columns in (COLUMNS_2021, COLUMNS_2026, COLUMNS_WITHOUT_SKILLS)] == [52, 56, 52]


@pytest.mark.parametrize("columns", [COLUMNS_2021, COLUMNS_2026])
def test_a_line_becomes_a_person_an_activity_and_a_site(columns: tuple[str, ...]) -> None:
    batch, findings = read(extraction(columns, [PAUL]))
    (person,), (role,), (site,) = batch.people, batch.roles, batch.sites
    assert person == PersonLine("899900000029", person.digest, "EXEMPLE", "Paul", "Dr", "10", "exemple", "paul")
    assert (role.practitioner_id, role.specialty_code, role.site, role.profession_code) == (
        "899900000029",
        "SM54",
        site.id,
        "10",
    )
    assert role.words == " medecin medecine generale lille"
    assert (site.identifier, site.finess, site.name, site.town, site.phone) == (
        "F599990009",
        "599990009",
        "CH fictif de Lille",
        "Lille",
        "0353010001",
    )
    assert batch.words == {"exemple", "paul"}
    assert findings == Findings(lines=1)


@pytest.mark.parametrize("label", [label for label in LABELS if label not in OPTIONAL])
def test_every_column_that_is_needed_must_be_there(label: str) -> None:
    with pytest.raises(ExtractionUnreadable) as caught:
        read(extraction(tuple(column for column in COLUMNS_2021 if column != label), [PAUL]))
    assert caught.value.params == {"column": label}


def test_the_first_line_names_a_person_and_each_adds_an_activity() -> None:
    lines = [
        a_person(RPPS[1], specialty="SM15"),
        a_person(RPPS[0], family="MODELE"),
        a_person(RPPS[1], family="SECOND", specialty="SM54"),
    ]
    batch, findings = read(extraction(COLUMNS_2026, lines))
    assert [(person.id, person.family) for person in batch.people] == [
        (f"8{RPPS[1]}", "EXEMPLE"),
        (f"8{RPPS[0]}", "MODELE"),
    ]
    assert [(role.practitioner_id, role.specialty_code) for role in batch.roles] == [
        (f"8{RPPS[1]}", "SM15"),
        (f"8{RPPS[0]}", "SM54"),
        (f"8{RPPS[1]}", "SM54"),
    ]
    assert len(batch.sites) == 1
    assert findings.rejected.count == 0


def test_a_line_that_repeats_another_is_taken_once_and_remarked_upon() -> None:
    batch, findings = read(extraction(COLUMNS_2026, [PAUL, PAUL]))
    assert len(batch.roles) == 1
    assert findings.doubtful.kept == [LineRemark(3, Reason.DUPLICATE)]


WRONG_KEY = {"Identifiant PP": "99900000028", "Identification nationale PP": "899900000028"}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (WRONG_KEY, Reason.IDENTIFIER),
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
    batch, findings = read(extraction(COLUMNS_2026, [PAUL | fields, a_person(RPPS[0])]))
    assert [person.id for person in batch.people] == [f"8{RPPS[0]}"]
    assert {role.practitioner_id for role in batch.roles} == {f"8{RPPS[0]}"}
    assert findings.rejected.kept == [LineRemark(2, reason)]


def test_a_test_set_may_have_wrong_keys() -> None:
    batch, findings = read(extraction(COLUMNS_2026, [PAUL | WRONG_KEY]), is_test=True)
    assert [person.id for person in batch.people] == ["899900000028"]
    assert findings.doubtful.kept == [LineRemark(2, Reason.IDENTIFIER_TEST_KEY)]


def test_a_wrong_finess_key_loses_that_number_only() -> None:
    batch, findings = read(extraction(COLUMNS_2026, [a_person(RPPS[1], finess="599990008")]))
    assert (batch.sites[0].identifier, batch.sites[0].finess) == ("F599990009", "")
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
    batch, _ = read(extraction(COLUMNS_2026, [PAUL | fields]))
    assert (batch.sites[0].identifier, batch.sites[0].name) == (identifier, name)


def test_the_address_and_the_place() -> None:
    fields = {
        "Complément point géographique (coord. structure)": "Bâtiment B",
        "Numéro Voie (coord. structure)": "12",
        "Indice répétition voie (coord. Structure)": "bis",
        "Libellé type de voie (coord. structure)": "Rue",
        "Libellé Voie (coord. structure)": "de l'Exemple",
        "Code commune (coord. structure)": "59350",
        "Code département (coord. structure)": "59",
    }
    (site,) = read(extraction(COLUMNS_2026, [PAUL | fields]))[0].sites
    assert (site.address, site.place) == ("Bâtiment B, 12 bis Rue de l'Exemple", "59350")
    (site,) = read(extraction(COLUMNS_2026, [PAUL | fields | {"Code commune (coord. structure)": ""}]))[0].sites
    assert site.place == "59~lille"
    old = {"Code Département (structure)": "2A", "Libellé commune (coord. structure)": ""}
    (site,) = read(extraction(COLUMNS_2021, [PAUL | old]))[0].sites
    assert site.place == "2A"
    (site,) = read(extraction(COLUMNS_2021, [PAUL | {"Code postal (coord. structure)": "97400"}]))[0].sites
    assert site.place == "974~lille"


def test_somebody_without_activity_has_no_role() -> None:
    nothing = dict.fromkeys(
        [label for label in PAUL if "structure" in label or "site" in label or "savoir" in label], ""
    )
    batch, _ = read(extraction(COLUMNS_2026, [PAUL | nothing]))
    assert (len(batch.people), batch.roles, batch.sites) == (1, [], [])


@pytest.mark.parametrize(
    ("practice", "civil", "shown"),
    [("DR", "MME", "Dr"), ("PR", "M", "Pr"), ("", "MME", "Mme"), ("", "M", "M."), ("", "", "")],
)
def test_civility(practice: str, civil: str, shown: str) -> None:
    batch, _ = read(extraction(COLUMNS_2026, [PAUL | {"Code civilité d'exercice": practice, "Code civilité": civil}]))
    assert batch.people[0].civility == shown


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
    batch, findings = read(extraction(tuple(shuffled), [a_person(**line) for line in lines]))
    assert findings.rejected.count == 0
    sites = {site.id: site for site in batch.sites}
    assert {person.id[1:] for person in batch.people} == {line["rpps"] for line in lines}
    for person in batch.people:
        own = [line for line in lines if line["rpps"] == person.id[1:]]
        assert (person.family, person.given) == (own[0]["family"], own[0]["given"])
        assert {
            (role.specialty_code, sites[role.site].town, sites[role.site].name)
            for role in batch.roles
            if role.practitioner_id == person.id and role.site is not None
        } == {(line["specialty"], line["town"], line["organization"]) for line in own}


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(extraction(COLUMNS_2026, [PAUL])[1:]))))
def test_no_line_stops_the_import(lines: list[bytes]) -> None:
    whole = [line.replace(b"\n", b"") + b"\n" for line in lines]
    batch, findings = read([*extraction(COLUMNS_2026, []), *whole])
    readable = sum(line.startswith(b"8|99900000029|") for line in lines)
    assert [person.family for person in batch.people] == (["EXEMPLE"] if readable else [])
    assert len(batch.roles) == min(readable, 1)
    assert findings.lines == len(lines)
