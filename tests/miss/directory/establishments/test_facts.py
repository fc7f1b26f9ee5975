"""What is said of a member of staff, field by field; and how it differs from the register."""

from datetime import UTC, date, datetime

import pytest

from miss.base.ids import PractitionerId
from miss.base.text import Language
from miss.directory.establishments.facts import Problem, StaffField, compare, parse_facts
from miss.directory.establishments.staff import StaffFacts
from miss.directory.practitioners.model import Coding, Practitioner

NAMED = {StaffField.FAMILY: "MODELE", StaffField.GIVEN: "Anne"}
ANNE = Practitioner(
    id=PractitionerId("899900000011"),
    family="MODELE",
    given="Anne",
    civility="Dr",
    profession=Coding("10", "Médecin"),
    roles=(),
    mailboxes=("anne.modele@ch-fictif.mssante.example",),
)


@pytest.mark.parametrize(
    ("name", "said", "kept"),
    [
        (StaffField.FAMILY, "  de  la Maquette ", "de la Maquette"),
        (StaffField.RPPS, "999 000 000 11", "99900000011"),
        (StaffField.RPPS, "899900000011", "99900000011"),
        (StaffField.ADELI, "0599991007", "599991007"),
        (StaffField.MAILBOX, " Anne.Modele@CH.mssante.example", "anne.modele@ch.mssante.example"),
        (StaffField.PHONE, "+33 3 20 00 00 00", "+33 3 20 00 00 00"),
        (StaffField.IS_PUBLISHED, "NON", False),
        (StaffField.IS_PUBLISHED, "Yes", True),
        (StaffField.STARTS_ON, "1/2/2026", date(2026, 2, 1)),
        (StaffField.ENDS_ON, "2026-12-31", date(2026, 12, 31)),
        (StaffField.ENDS_ON, "2026-12-31 00:00:00", date(2026, 12, 31)),
        (StaffField.PROFESSION_CODE, "10", "10"),
    ],
)
def test_what_is_said_is_kept_tidily(name: StaffField, said: str, kept: object) -> None:
    parsed = parse_facts(NAMED | {name: said})
    assert parsed.errors == ()
    assert getattr(parsed.facts, name) == kept


@pytest.mark.parametrize(
    ("name", "said", "problem"),
    [
        (StaffField.FAMILY, "", Problem.MISSING),
        (StaffField.GIVEN, "a\u200bb", Problem.CONTROL_CHARACTER),
        (StaffField.FAMILY, "x" * 101, Problem.TOO_LONG),
        (StaffField.RPPS, "10000000001", Problem.RPPS),
        (StaffField.RPPS, "1234", Problem.RPPS),
        (StaffField.ADELI, "599991008", Problem.ADELI),
        (StaffField.MAILBOX, "anne", Problem.MAILBOX),
        (StaffField.PHONE, "poste 12", Problem.PHONE),
        (StaffField.PROFESSION_CODE, "médecin", Problem.PROFESSION_CODE),
        (StaffField.IS_PUBLISHED, "peut-être", Problem.YES_OR_NO),
        (StaffField.STARTS_ON, "31/02/2026", Problem.DATE),
        (StaffField.ENDS_ON, "demain", Problem.DATE),
    ],
)
def test_what_cannot_be_kept_is_refused_and_changes_nothing(name: StaffField, said: str, problem: Problem) -> None:
    base = StaffFacts(family="MODELE", given="Anne")
    parsed = parse_facts({name: said}, base)
    assert [remark.problem for remark in parsed.errors] == [problem]
    sentence = parsed.errors[0].problem.text.in_(Language.FR, **parsed.errors[0].params)
    assert sentence.endswith(".")
    if problem is not Problem.MISSING:
        assert parsed.facts == base


def test_nobody_leaves_before_they_come() -> None:
    said = NAMED | {StaffField.STARTS_ON: "2026-02-02", StaffField.ENDS_ON: "2026-02-01"}
    assert [remark.problem for remark in parse_facts(said).errors] == [Problem.DATES]


def test_a_field_left_out_stays_and_an_empty_one_is_emptied() -> None:
    base = StaffFacts(family="MODELE", given="Anne", function="Chef", phone="0320", is_published=False)
    parsed = parse_facts({StaffField.FUNCTION: "", StaffField.IS_PUBLISHED: ""}, base)
    assert (parsed.facts.function, parsed.facts.phone, parsed.facts.is_published) == ("", "0320", False)


def test_a_wrong_key_is_a_warning_for_test_numbers_only() -> None:
    parsed = parse_facts(NAMED | {StaffField.RPPS: "99900000012"})
    assert parsed.errors == ()
    assert [remark.problem for remark in parsed.warnings] == [Problem.RPPS_TEST_KEY]
    assert parsed.facts.rpps == "99900000012"
    assert [one.problem for one in parse_facts(NAMED | {StaffField.RPPS: "10003456781"}).errors] == [Problem.RPPS]


def test_somebody_is_shown_while_published_and_between_their_dates() -> None:
    facts = StaffFacts(family="M", given="A", starts_on=date(2026, 1, 2), ends_on=date(2026, 1, 4))
    shown = [day for day in range(1, 7) if facts.is_shown(date(2026, 1, day))]
    assert shown == [2, 3, 4]
    assert not StaffFacts(family="M", given="A", is_published=False).is_shown(date(2026, 1, 1))


def test_what_differs_from_the_register_is_told() -> None:
    same = StaffFacts(family="Modèle", given="anne", rpps="99900000011", profession_code="10")
    assert compare(same, ANNE) == ()
    assert compare(StaffFacts(family="X", given="Y"), None) == ()
    assert [one.problem for one in compare(same, None)] == [Problem.NOT_IN_REGISTER]
    other = StaffFacts(
        family="MODÈLE-ESSAI", given="Anne", rpps="99900000011", profession_code="60", mailbox="a@b.example"
    )
    problems = [one.problem for one in compare(other, ANNE)]
    assert problems == [Problem.NAME_DIFFERS, Problem.PROFESSION_DIFFERS, Problem.MAILBOX_DIFFERS]
    gone = Practitioner(
        **{name: getattr(ANNE, name) for name in ("id", "family", "given", "civility", "profession", "roles")},
        mailboxes=(),
        gone_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert [one.problem for one in compare(same, gone)] == [Problem.GONE_FROM_REGISTER]
