"""Extraction files: columns by label, lines with their faults, nothing lost."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.text import Language
from miss.directory.register.errors import ExtractionUnreadable
from miss.directory.register.extraction import BLOCK_BYTES, MAX_LINE_BYTES, Extraction, Fields, normalise_label
from miss.directory.register.remarks import REPORTED_LINES, Findings, LineRemark, Reason, Remarks

HEADER = "Nom d'exercice|Prénom d'exercice|Code profession|\n".encode()
LABELS = ("Nom d'exercice", "Code profession")


def read(
    *chunks: bytes, labels: tuple[str, ...] = LABELS, optional: tuple[str, ...] = ()
) -> tuple[list[tuple[int, Fields]], Findings]:
    findings = Findings()
    return list(Extraction(chunks, findings).read(labels, optional)), findings


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Libellé civilité d'exercice", "Libellé civilité exercice"),
        ("Nom d’exercice", "NOM D'EXERCICE"),
        ("Indice répétition voie (coord. Structure)", "Indice repetition voie (coord. structure)"),
        ("Code diplôme obtenu", "code_diplome"),
        ("Code savoir-faire", "code_savoir_faire"),
    ],
)
def test_labels_that_drifted_are_the_same(one: str, other: str) -> None:
    assert normalise_label(one) == normalise_label(other)


def test_labels_that_differ_stay_different() -> None:
    assert normalise_label("Code civilité") != normalise_label("Code civilité d'exercice")
    assert normalise_label("Téléphone (coord. structure)") != normalise_label("Téléphone 2 (coord. structure)")


def test_fields_are_found_by_label_whatever_the_order() -> None:
    rows, findings = read("Code Profession|X|NOM D’EXERCICE\n10|?|EXEMPLE".encode())
    assert rows == [(2, ("EXEMPLE", "10"))]
    assert findings == Findings(lines=1)


def test_a_byte_order_mark_is_no_part_of_the_first_label() -> None:
    assert read(b"\xef\xbb\xbf" + HEADER + b"A|B|10|\n")[0] == [(2, ("A", "10"))]


def test_an_optional_column_that_is_missing_is_empty() -> None:
    rows, _ = read(HEADER, b"A|B|10|\n", labels=(*LABELS, "Code fonction"), optional=("Code fonction",))
    assert rows == [(2, ("A", "10", ""))]


@pytest.mark.parametrize("header", [b"", b"\n", b"Nom|Code profession|\n", b"\x81\x8d|"])
def test_another_file_is_refused_by_its_header(header: bytes) -> None:
    with pytest.raises(ExtractionUnreadable) as caught:
        read(header, b"a|b|c|\n")
    assert caught.value.params == {"column": "Nom d'exercice"}
    assert "Nom d'exercice" in caught.value.sentence(Language.FR)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(ExtractionUnreadable):
        read()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"EXEMPLE|Paul|\n", Reason.COLUMN_COUNT),
        (b"EXEMPLE|Paul|10|x|\n", Reason.COLUMN_COUNT),
        (b"EXEMPLE|Paul\n", Reason.COLUMN_COUNT),
        (b"EXEMPLE|Paul|10\n", Reason.COLUMN_COUNT),
        (b"\x81\x8d|Paul|10|\n", Reason.NOT_TEXT),
        (b"EXEM\x00PLE|Paul|10|\n", Reason.CONTROL_CHARACTER),
        ("EXEM\x9bPLE|Paul|10|\n".encode(), Reason.CONTROL_CHARACTER),
        (b"E" * (MAX_LINE_BYTES + 1) + b"|Paul|10|\n", Reason.LINE_TOO_LONG),
        (b"E" * (3 * BLOCK_BYTES) + b"|Paul|10|\n", Reason.LINE_TOO_LONG),
    ],
)
def test_an_unreadable_line_is_reported_and_the_next_one_read(line: bytes, reason: Reason) -> None:
    rows, findings = read(HEADER, line, b"MODELE|Anne|10|\n")
    assert rows == [(3, ("MODELE", "10"))]
    assert findings.rejected.kept == [LineRemark(2, reason)]


def test_a_line_that_never_ends_takes_no_memory() -> None:
    """Gigabytes without a line end: what was read is dropped as it comes."""
    held: list[int] = []

    def endless() -> Iterable[bytes]:
        yield HEADER
        for _ in range(40):
            held.append(1)
            yield b"x" * BLOCK_BYTES
        yield b"\nMODELE|Anne|10|\n"

    rows, findings = read(*endless())
    assert rows == [(3, ("MODELE", "10"))]
    assert findings.rejected.kept == [LineRemark(2, Reason.LINE_TOO_LONG)]
    assert len(held) == 40


def test_lines_of_another_encoding_are_read_and_remarked_upon() -> None:
    lines = ["LEFÈVRE|Zoé|10|\n".encode("cp1252"), "HŒUR|Noël|10|\n".encode(), "Œ|l’été|10|\n".encode("cp1252")]
    rows, findings = read(HEADER, *lines)
    assert rows == [(2, ("LEFÈVRE", "10")), (3, ("HŒUR", "10")), (4, ("Œ", "10"))]
    assert findings.rejected.count == 0
    assert findings.doubtful.kept == [LineRemark(2, Reason.ENCODING), LineRemark(4, Reason.ENCODING)]


@pytest.mark.parametrize(
    "line", [b"EXEMPLE|Paul|10|\r\n", b"EXEMPLE|Paul|10|", b"  EXEMPLE |\t|10| \n", "EXEMPLE\xa0||10|".encode()]
)
def test_line_ends_and_spaces_do_not_matter(line: bytes) -> None:
    assert read(HEADER, line)[0] == [(2, ("EXEMPLE", "10"))]


@pytest.mark.parametrize("line", [b"EXEMPLE|Paul|", b"EXEMPLE|Paul||"])
def test_a_header_that_is_not_closed_leaves_lines_free_to_be(line: bytes) -> None:
    assert read(HEADER.rstrip(b"|\n") + b"\n", line)[0] == [(2, ("EXEMPLE", ""))]


def test_quotes_mean_nothing() -> None:
    assert read(HEADER, b'"EXEMPLE|Paul|1"0|')[0] == [(2, ('"EXEMPLE', '1"0'))]


line_of_any_kind = st.one_of(
    st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b"|")),
    st.sampled_from([b"", b"EXEMPLE|Paul|10|", "É|É|É|".encode("cp1252"), b" A | B | C |", "É|É|É|".encode()]),
)


@given(st.lists(line_of_any_kind), st.data())
def test_every_line_is_read_reported_or_blank_however_the_file_is_cut(lines: list[bytes], data: st.DataObject) -> None:
    whole = HEADER + b"".join(line + b"\n" for line in lines)
    cut = data.draw(st.integers(0, len(whole)))
    rows, findings = read(whole)
    assert (rows, findings) == read(whole[:cut], whole[cut:])
    blank = sum(not line.strip() for line in lines)
    spaces = sum(bool(line.strip()) and not (line.decode("cp1252", "ignore").strip()) for line in lines)
    assert len(lines) - blank - spaces <= len(rows) + findings.rejected.count <= len(lines)
    assert [number for number, _ in rows] == sorted({number for number, _ in rows})


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
