"""Side by side: what means the same is no difference, what may be somebody else is told."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.practitioners import Coding, Organization, Practitioner, PractitionerRole
from miss.directory.registrations.matching import Item, Severity, compare, name_key, place_key, worst
from tests.miss.directory.registrations.applications import application

HOSPITAL = Organization(
    id=OrganizationId("F599990009"), name="CH fictif de Lille", finess="599990009", postcode="59000", town="Lille"
)
INES = Practitioner(
    id=PractitionerId("899900000078"),
    family="BROUILLON",
    given="Inès",
    civility="Dr",
    profession=Coding("10", "Médecin"),
    roles=(PractitionerRole(None, HOSPITAL, "Lille", "59000", ""),),
    mailboxes=("ines.brouillon@ch-fictif.mssante.example",),
)


def with_(**changed: object) -> Practitioner:
    return Practitioner(**{name: getattr(INES, name) for name in INES.__dataclass_fields__} | changed)


def severities(practitioner: Practitioner | None, **changed: str) -> dict[Item, Severity]:
    """What differs, and how much."""
    lines = compare(application(**changed), practitioner)
    assert all((line.why is None) is (line.severity is Severity.SAME) for line in lines)
    return {line.item: line.severity for line in lines if line.severity}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {}),
        ({"family": "BROUILLON", "given": "ines"}, {}),
        ({"town": "LILLE", "postcode": "59800"}, {}),
        ({"finess": "599990009"}, {}),
        ({"mailbox": "Ines.Brouillon@CH-fictif.mssante.example"}, {}),
        ({"family": "Brouilon"}, {Item.FAMILY: Severity.DOUBT}),
        ({"family": "Brouillon-Durand"}, {Item.FAMILY: Severity.NOTE}),
        ({"family": "Martin"}, {Item.FAMILY: Severity.SERIOUS}),
        ({"family": "Inès", "given": "Brouillon"}, {Item.FAMILY: Severity.DOUBT, Item.GIVEN: Severity.DOUBT}),
        ({"profession": "60"}, {Item.PROFESSION: Severity.SERIOUS}),
        ({"town": "Dunkerque", "postcode": "59140"}, {Item.PLACE: Severity.NOTE}),
        ({"town": "Lille", "postcode": "33000"}, {Item.PLACE: Severity.DOUBT}),
        ({"finess": "599990017"}, {Item.FINESS: Severity.NOTE}),
        ({"mailbox": "autre@ailleurs.mssante.example"}, {Item.MAILBOX: Severity.DOUBT}),
    ],
)
def test_differences_weigh_what_they_mean(changed: dict[str, str], expected: dict[Item, Severity]) -> None:
    assert severities(INES, **changed) == expected


def test_a_number_that_the_register_does_not_know_or_knows_no_more_is_serious() -> None:
    assert severities(None) == {Item.NUMBER: Severity.SERIOUS}
    gone = with_(gone_at=datetime(2026, 11, 1, tzinfo=UTC))
    assert severities(gone) == {Item.NUMBER: Severity.SERIOUS}
    assert severities(with_(id=PractitionerId("0599991007"))) == {Item.NUMBER: Severity.SERIOUS}


def test_a_mailbox_of_somebody_else_is_serious_and_nowhere_is_a_note() -> None:
    said = application(mailbox="paul@medecin.mssante.example")
    lines = compare(said, INES, mailbox_owner=PractitionerId("899900000029"))
    assert worst(lines) is Severity.SERIOUS
    assert severities(with_(roles=())) == {Item.PLACE: Severity.NOTE}


def test_overseas_departments_have_three_digits() -> None:
    reunion = with_(roles=(PractitionerRole(None, None, "Saint-Denis", "97400", ""),))
    assert severities(reunion, town="Saint-Pierre", postcode="97410") == {Item.PLACE: Severity.NOTE}
    assert severities(reunion, town="Fort-de-France", postcode="97200") == {Item.PLACE: Severity.DOUBT}


def test_labels_stand_beside_each_other() -> None:
    lines = {line.item: line for line in compare(application(profession="60"), INES, profession="Infirmier")}
    assert (lines[Item.PROFESSION].given, lines[Item.PROFESSION].known) == ("Infirmier", "Médecin")


NAMES = st.lists(
    st.text(st.sampled_from("abcdefghilmnoprstuvéèêçïôAEÉ"), min_size=1, max_size=9), min_size=1, max_size=3
).map("-".join)


@given(NAMES, NAMES)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_person_written_otherwise_never_differs(family: str, given_name: str) -> None:
    known = with_(family=family.upper(), given=given_name)
    written = {"family": family.lower().replace("-", " "), "given": given_name.upper()}
    assert severities(known, **written) == {}
    assert name_key(family, given_name) == name_key(given_name.upper(), family.replace("-", " "))


@given(NAMES, NAMES)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_names_weigh_the_same_from_both_sides(one: str, other: str) -> None:
    def weigh(said: str, known: str) -> Severity:
        return severities(with_(family=known), family=said).get(Item.FAMILY, Severity.SAME)

    assert weigh(one, other) == weigh(other, one)
    assert weigh(one, one) is Severity.SAME


def test_places_are_compared_by_town_else_by_postcode() -> None:
    assert place_key("LE-HAVRE", "76600") == place_key("Le Havre", "76610")
    assert place_key("", "76600") == "76600"
