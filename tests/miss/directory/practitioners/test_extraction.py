"""Extraction files: columns by label, lines with their faults, nothing lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.text import Language
from miss.directory.practitioners.errors import ExtractionUnreadable
from miss.directory.practitioners.extraction import (
    REPORTED_LINES,
    Columns,
    Findings,
    LineRemark,
    Reason,
    Remarks,
    normalise_label,
    read_rows,
)

HEADER = "Nom d'exercice|Prénom d'exercice|Code profession|\n".encode()
LABELS = ("Nom d'exercice", "Code profession")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Libellé civilité d'exercice", "Libellé civilité exercice"),
        ("Nom d’exercice", "NOM D'EXERCICE"),
        ("Indice répétition voie (coord. Structure)", "Indice repetition voie (coord. structure)"),
    ],
)
def test_labels_that_drifted_are_the_same(one: str, other: str) -> None:
    assert normalise_label(one) == normalise_label(other)


def test_labels_that_differ_stay_different() -> None:
    assert normalise_label("Code civilité") != normalise_label("Code civilité d'exercice")
    assert normalise_label("Téléphone (coord. structure)") != normalise_label("Téléphone 2 (coord. structure)")


def test_fields_are_found_by_label_whatever_the_order() -> None:
    columns = Columns.parse("Code Profession|X|NOM D’EXERCICE".encode(), LABELS)
    assert columns.read("10|?|EXEMPLE") == {"Nom d'exercice": "EXEMPLE", "Code profession": "10"}


def test_a_byte_order_mark_is_no_part_of_the_first_label() -> None:
    assert Columns.parse(b"\xef\xbb\xbf" + HEADER, LABELS).positions["Nom d'exercice"] == 0


@pytest.mark.parametrize("header", [b"", b"\n", b"Nom|Code profession|\n", "Prénom d'exercice|".encode("latin-1")])
def test_another_file_is_refused_by_its_header(header: bytes) -> None:
    with pytest.raises(ExtractionUnreadable) as caught:
        list(read_rows([header, b"a|b|c|\n"], LABELS, Findings()))
    assert caught.value.params == {"column": "Nom d'exercice"}
    assert "Nom d'exercice" in caught.value.sentence(Language.FR)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(ExtractionUnreadable):
        list(read_rows([], LABELS, Findings()))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"EXEMPLE|Paul|\n", Reason.COLUMN_COUNT),
        (b"EXEMPLE|Paul|10|x|\n", Reason.COLUMN_COUNT),
        (b"EXEMPLE|Paul\n", Reason.COLUMN_COUNT),
        (b"EXEMPLE|Paul|10", Reason.COLUMN_COUNT),
        ("É|Paul|10|\n".encode("latin-1"), Reason.NOT_UTF8),
        (b"EXEM\x00PLE|Paul|10|\n", Reason.CONTROL_CHARACTER),
        ("EXEM\x9bPLE|Paul|10|\n".encode(), Reason.CONTROL_CHARACTER),
    ],
)
def test_an_unreadable_line_is_reported_and_the_next_one_read(line: bytes, reason: Reason) -> None:
    findings = Findings()
    rows = list(read_rows([HEADER, line, b"MODELE|Anne|10|\n"], LABELS, findings))
    assert rows == [(3, {"Nom d'exercice": "MODELE", "Code profession": "10"})]
    assert findings.rejected.kept == [LineRemark(2, reason)]


@pytest.mark.parametrize("line", [b"EXEMPLE|Paul|10|\r\n", b"EXEMPLE|Paul|10|", b"  EXEMPLE |\t|10| \n"])
def test_line_ends_and_spaces_do_not_matter(line: bytes) -> None:
    rows = list(read_rows([HEADER, line], LABELS, Findings()))
    assert rows == [(2, {"Nom d'exercice": "EXEMPLE", "Code profession": "10"})]


@pytest.mark.parametrize("line", [b"EXEMPLE|Paul|", b"EXEMPLE|Paul||"])
def test_a_header_that_is_not_closed_leaves_lines_free_to_be(line: bytes) -> None:
    header = HEADER.rstrip(b"|\n")
    rows = list(read_rows([header, line], LABELS, Findings()))
    assert rows == [(2, {"Nom d'exercice": "EXEMPLE", "Code profession": ""})]


def test_quotes_mean_nothing() -> None:
    rows = list(read_rows([HEADER, b'"EXEMPLE|Paul|1"0|'], LABELS, Findings()))
    assert rows[0][1] == {"Nom d'exercice": '"EXEMPLE', "Code profession": '1"0'}


@given(st.lists(st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b"|"))))
def test_every_line_is_read_reported_or_blank(lines: list[bytes]) -> None:
    findings = Findings()
    rows = list(read_rows([HEADER, *lines], LABELS, findings))
    blank = sum(not line.strip() for line in lines)
    assert len(rows) + findings.rejected.count + blank == len(lines)


def test_remarks_are_all_counted_and_the_first_kept() -> None:
    remarks = Remarks()
    for line in range(REPORTED_LINES + 5):
        remarks.add(line, Reason.FINESS)
    assert remarks.count == REPORTED_LINES + 5
    assert len(remarks.kept) == REPORTED_LINES
    assert remarks.kept[0] == LineRemark(0, Reason.FINESS)


def test_every_reason_has_a_sentence_in_both_languages() -> None:
    for reason in Reason:
        assert reason.text.fr
        assert reason.text.en != reason.text.fr
