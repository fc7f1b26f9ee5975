"""Laboratory lines: units, bounds and flags as values; what departs from the form is said, nothing is lost."""

import re
from dataclasses import astuple
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.documents.hprim import (
    Flag,
    Guess,
    GuessKind,
    LabResult,
    LabText,
    Measure,
    ResultStatus,
    ValueKind,
    parse_laboratory,
)

CREATININE = "RES|CRÉATININE|CREA|N|73.5|umol/l|53.1|97.4|N|F|8.3|mg/l|6.0|11.0|"


def the_result(line: str) -> tuple[LabResult, set[str]]:
    [entry], guesses = parse_laboratory([line])
    assert isinstance(entry, LabResult)
    assert {guess.kind for guess in guesses} <= {GuessKind.LABORATORY}
    return entry, {guess.detail for guess in guesses}


def test_a_result_in_two_units() -> None:
    result, guessed = the_result(CREATININE)
    assert guessed == set()
    assert astuple(result) == (
        "CRÉATININE",
        "CREA",
        ValueKind.NUMERIC,
        ("73.5", Decimal("73.5"), "umol/l", Decimal("53.1"), Decimal("97.4")),
        Flag.NORMAL,
        ResultStatus.VALIDATED,
        ("8.3", Decimal("8.3"), "mg/l", Decimal("6.0"), Decimal("11.0")),
    )


def test_headings_and_remarks_keep_their_places() -> None:
    entries, guesses = parse_laboratory(["TEX|BIOCHIMIE", "", CREATININE, " TEX| Sérum hémolysé | à refaire|"])
    assert guesses == ()
    assert [entry.text for entry in entries if isinstance(entry, LabText)] == [
        "BIOCHIMIE",
        "Sérum hémolysé | à refaire",
    ]
    assert isinstance(entries[1], LabResult)


@pytest.mark.parametrize(
    ("line", "number", "low", "high", "guessed"),
    [
        ("RES|CRP|CRP|N|12.0|mg/l||5.0|H|F|||||", "12.0", None, "5.0", set()),
        ("RES|PLAQ|PLT|N|1 200,5|G/l|150|400|HH|F|||||", "1200.5", "150", "400", {"number"}),
        ("RES|CRP|CRP|N|<0.5|mg/l|< 0|5.0|N|F|||||", None, None, "5.0", {"bound"}),
        ("RES|BMR|BMR|A|absence|||||F|||||", None, None, None, set()),
        ("RES|CRP|CRP|N|12.0|mg/l||5.0|H|F", "12.0", None, "5.0", {"fields"}),
        ("RES|CRP|CRP|N|12.0", "12.0", None, None, {"fields"}),
        ("RES|CRP|CRP|N|12.0|mg/l||5.0|h|f|||||", "12.0", None, "5.0", set()),
        ("RES|CRP|CRP|X|12.0|mg/l||5.0|?|Z|||||", "12.0", None, "5.0", {"kind", "flag", "status"}),
        ("RES|CRP|CRP|N|" + "9" * 5000 + "|mg/l||5.0|H|F|||||", None, None, "5.0", set()),
        ("RES|CRP|CRP|N|١٢|mg/l||5.0|H|F|||||", None, None, "5.0", set()),
    ],
)
def test_numbers_and_bounds(
    line: str, number: str | None, low: str | None, high: str | None, guessed: set[str]
) -> None:
    result, said = the_result(line)
    found = (result.measure.number, result.measure.low, result.measure.high)
    assert found == tuple(Decimal(text) if text else None for text in (number, low, high))
    assert said == guessed
    assert result.measure.value == line.split("|")[4], "the value stands as it was written"
    assert result.other is None


@pytest.mark.parametrize("line", ["Commentaire libre", "RES|", "RES||||12", "****", "ZZZ|a|b|c|d|e"])
def test_a_line_of_no_known_form_is_kept_whole(line: str) -> None:
    entries, guesses = parse_laboratory([line])
    assert entries == (LabText(line),)
    assert guesses == (Guess(GuessKind.LABORATORY, "text"),)


def test_a_result_does_not_show_itself() -> None:
    result, _ = the_result(CREATININE)
    # An address in memory may hold any digits.
    shown = re.sub(r" at 0x[0-9a-f]+", "", repr(result) + repr(result.measure))
    assert "73" not in shown


NUMBERS = st.decimals(-(10**6), 10**6, places=3)
WORDS = st.text("ABCÉabc0-/ ", min_size=1, max_size=12).map(str.strip).filter(bool)
MEASURES = st.builds(
    lambda number, unit, low, high: Measure(str(number), number, unit, low, high),
    NUMBERS, WORDS, st.none() | NUMBERS, st.none() | NUMBERS,
)  # fmt: skip
RESULTS = st.builds(
    LabResult, WORDS, WORDS, st.sampled_from(ValueKind), MEASURES, st.none() | st.sampled_from(Flag),
    st.none() | st.sampled_from(ResultStatus), st.none() | MEASURES,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(RESULTS)
def test_a_written_line_is_read_back(result: LabResult) -> None:
    measures = [
        field
        for measure in (result.measure, result.other)
        for field in ((measure.value, measure.unit, measure.low, measure.high) if measure else ("",) * 4)
    ]
    fields = ["RES", result.label, result.code, result.kind, *measures[:4], result.flag, result.status, *measures[4:]]
    line = "".join(f"{'' if field is None else field}|" for field in fields)
    assert parse_laboratory([line]) == ((result,), ())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("RESTX|.,0 1é\0N", max_size=40)))
def test_any_lines_are_read(lines: list[str]) -> None:
    entries, _ = parse_laboratory(lines)
    assert len(entries) == sum(1 for line in lines if line.strip())
