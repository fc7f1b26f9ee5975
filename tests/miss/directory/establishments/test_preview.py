"""What a file would do to a list, table by table."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from miss.base.ids import OrganizationId
from miss.directory.establishments.facts import Problem, StaffField
from miss.directory.establishments.files import read_sheet
from miss.directory.establishments.preview import Preview, numbers_in, preview
from miss.directory.establishments.staff import StaffFacts, StaffMember, Unit, UnitKind, Units
from tests.miss.directory.establishments.lists import ANNE, HEADER, KARIM, SECRETARY, ZOE, Row, Rows, as_csv

NOW = datetime(2026, 11, 20, tzinfo=UTC)
UNITS = Units([Unit("d1", UnitKind.DEPARTMENT, "Dermatologie"), Unit("d2", UnitKind.DEPARTMENT, "Accueil")])


def member(row: tuple[str, ...]) -> StaffMember:
    family, given, department, function, rpps, external_id = row
    facts = StaffFacts(
        family=family, given=given, department=department, function=function, rpps=rpps, external_id=external_id
    )
    return StaffMember(
        id=f"m-{external_id or family}",
        establishment_id=OrganizationId("F599990009"),
        facts=facts,
        created_at=NOW,
        updated_at=NOW,
    )


LIST = (member(ANNE), member(KARIM), member(SECRETARY))


def effect(
    *rows: Row, header: tuple[str, ...] = HEADER, is_complete: bool = True, members: tuple[StaffMember, ...] = LIST
) -> Preview:
    return preview(read_sheet(as_csv([header, *rows])), members, UNITS, {}, is_complete=is_complete)


def problems(found: Preview) -> list[tuple[int, Problem]]:
    return [(one.line, one.remark.problem) for one in found.errors]


def test_the_same_list_changes_nothing() -> None:
    found = effect(ANNE, KARIM, SECRETARY)
    assert found.changes_nothing
    assert (found.unchanged, found.total, found.errors, found.departments) == (3, 3, (), ())


def test_everybody_is_added_changed_moved_or_removed() -> None:
    moved = (*KARIM[:2], "Ophtalmologie", *KARIM[3:])
    renamed = ("MODELE-DUPONT", *ANNE[1:3], "Chef de service", *ANNE[4:])
    found = effect(renamed, moved, ZOE)
    assert [one.facts.family for one in found.added] == ["CROQUIS"]
    assert {one.member.id: one.fields for one in found.changed} == {
        "m-A1": (StaffField.FAMILY, StaffField.FUNCTION),
        "m-A2": (StaffField.DEPARTMENT,),
    }
    assert [one.is_move for one in found.changed] == [False, True]
    assert [one.id for one in found.removed] == ["m-A4"]
    assert found.departments == ("Ophtalmologie",)
    assert found.removes_much, "one of three is more than thirty in a hundred"


def test_a_file_of_changes_removes_nobody() -> None:
    found = effect(ZOE, is_complete=False)
    assert (len(found.added), found.removed, found.unchanged) == (1, (), 3)
    assert not found.removes_much


def test_thirty_in_a_hundred_is_not_much_and_more_is() -> None:
    many = tuple(member((f"Nom{number}", "P", "", "", "", f"B{number}")) for number in range(10))
    rows = [(one.facts.family, "P", "", "", "", one.facts.external_id) for one in many]
    assert not effect(*rows[3:], members=many).removes_much
    assert effect(*rows[4:], members=many).removes_much


def test_columns_that_are_not_there_change_nothing() -> None:
    found = effect(("MODELE", "Anne", "Interne"), header=("Nom", "Prénom", "Fonction"), is_complete=False)
    [change] = found.changed
    assert change.facts == replace(LIST[0].facts, function="Interne")


def test_departments_are_known_whatever_their_case() -> None:
    found = effect((*ANNE[:2], "DERMATOLOGIE", *ANNE[3:]), KARIM, SECRETARY)
    assert found.changes_nothing
    found = effect(ZOE, (*ANNE[:2], "ophtalmologie", *ANNE[3:]), KARIM, SECRETARY)
    assert found.departments == ("Ophtalmologie",)
    assert found.changed[0].facts.department == "Ophtalmologie"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((ANNE, (*ANNE[:3], "Autre", *ANNE[4:])), [(3, Problem.REPEATED)]),
        ((("MODELE", "Anne", "", "", "", ""), ("modèle", "ANNE", "", "", "", "")), [(3, Problem.REPEATED)]),
        ((ZOE, (*ZOE[:5], "A9")), [(3, Problem.REPEATED)]),
        (((*ANNE[:4], KARIM[4], ANNE[5]),), [(2, Problem.TWO_PEOPLE)]),
        (((*ANNE[:4], "10003456781", ANNE[5]),), [(2, Problem.RPPS)]),
        ((("", "Anne", "", "", "", "A1"),), [(2, Problem.MISSING)]),
        (((*ANNE[:2], "=1+1", *ANNE[3:]),), [(2, Problem.FORMULA)]),
    ],
    ids=["same numbers", "same name", "new and repeated", "two people", "wrong key", "no name", "formula"],
)
def test_wrong_lines_are_told_by_number(rows: Rows, expected: list[tuple[int, Problem]]) -> None:
    assert problems(effect(*rows)) == expected


def test_namesakes_are_told_apart_by_a_number_only() -> None:
    twins = (member(("Buvard", "Odile", "", "", "", "A4")), member(("BUVARD", "Odile", "", "", "", "A5")))
    assert problems(effect(("Buvard", "Odile", "", "", "", ""), members=twins)) == [(2, Problem.NAMESAKES)]
    found = effect(("Buvard", "Odile", "Accueil", "", "", "A5"), members=twins, is_complete=False)
    assert [one.member.facts.external_id for one in found.changed] == ["A5"]
    newcomer = effect(("Buvard", "Odile", "", "", "", "A6"), members=twins, is_complete=False)
    assert len(newcomer.added) == 1, "another staff number is another person"


def test_somebody_with_another_number_is_somebody_else() -> None:
    found = effect(("MODELE", "Anne", "", "", "99900000094", ""), is_complete=False)
    assert [one.facts.rpps for one in found.added] == ["99900000094"]


def test_what_the_register_does_not_know_is_a_warning() -> None:
    found = effect(ANNE, KARIM, SECRETARY)
    assert {(one.line, one.remark.problem) for one in found.warnings} == {
        (2, Problem.NOT_IN_REGISTER),
        (3, Problem.NOT_IN_REGISTER),
    }
    sheet = read_sheet(as_csv([HEADER, ANNE, SECRETARY]))
    assert numbers_in(sheet) == {"899900000011"}
