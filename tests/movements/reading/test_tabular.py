"""CSV of movements: columns by their labels, a wrong line told and keeping no other back."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.errors import MissError
from miss.base.text import Language
from movements.errors import MovementColumnsMissing, MovementsUnreadable
from movements.model import MovementKind
from movements.reading import parse_csv
from tests.movements.samples import HEADER, LINE, NOW, PARIS


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_line_is_read_whole(charset: str) -> None:
    [line] = parse_csv((HEADER + LINE).encode(charset), PARIS, NOW)
    movement = line.movement
    assert movement is not None
    assert (movement.kind, movement.reference, movement.ward) == (MovementKind.ADMISSION, "csv:M1", "Cardiologie")
    assert movement.happened_at == datetime(2026, 11, 20, 10, 15, tzinfo=PARIS)
    assert movement.referring.rpps == "99900000029"
    assert movement.patient.ins is None


@pytest.mark.parametrize(
    ("said", "kind", "is_cancelled"),
    [
        ("Entrée", MovementKind.ADMISSION, False),
        ("TRANSFERT", MovementKind.TRANSFER, False),
        ("Annulation sortie", MovementKind.DISCHARGE, True),
        ("décès", MovementKind.DEATH, False),
    ],
)
def test_movements_are_named_as_people_name_them(said: str, kind: MovementKind, is_cancelled: bool) -> None:
    [line] = parse_csv((HEADER + LINE.replace("admission", said)).encode(), PARIS, NOW)
    assert line.movement is not None
    assert (line.movement.kind, line.movement.is_cancelled) == (kind, is_cancelled)


def test_a_correction_is_named_as_one() -> None:
    [line] = parse_csv((HEADER + LINE.replace("admission", "Rectification admission")).encode(), PARIS, NOW)
    assert line.movement is not None
    assert (line.movement.is_update, line.movement.kind) == (True, MovementKind.ADMISSION)


def test_without_an_identifier_the_same_line_is_the_same_movement() -> None:
    bare = HEADER + LINE.replace("M1", "") + LINE.replace("M1", "") + LINE.replace("M1", "").replace("10:15", "10:16")
    first, second, third = (line.movement.reference for line in parse_csv(bare.encode(), PARIS, NOW) if line.movement)
    assert first == second != third


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ("admission", "promenade", "mouvement"),
        ("20/11/2026 10:15", "32/11/2026", "date"),
        ("EXEMPLE", "", "nom de naissance"),
        ("Jeanne", "=CMD()", "prénoms"),
        ("03/03/1979", "03/03/2079", "date de naissance"),
        (";F;", ";X;", "sexe"),
    ],
)
def test_a_wrong_line_is_told_and_the_next_is_read(before: str, after: str, field: str) -> None:
    wrong, right = parse_csv((HEADER + LINE.replace(before, after) + LINE).encode(), PARIS, NOW)
    assert wrong.refused is not None
    assert wrong.refused.sentence(Language.FR).startswith(f"{field} : ")
    assert (wrong.number, right.number) == (2, 3)
    assert right.movement is not None


def test_missing_columns_and_what_is_no_table_are_refused() -> None:
    with pytest.raises(MovementColumnsMissing):
        list(parse_csv(b"Nom;Date\r\nEXEMPLE;20/11/2026\r\n", PARIS, NOW))
    for content in (b"", b"\r\n;;\r\n", b"PK\x03\x04\0", HEADER.encode() + b'"a"b;\r\n'):
        with pytest.raises((MovementsUnreadable, MovementColumnsMissing)):
            list(parse_csv(content, PARIS, NOW))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80))
def test_hostile_bytes_are_refused_by_name(noise: bytes) -> None:
    try:
        list(parse_csv(HEADER.encode() + noise, PARIS, NOW))
    except MissError as error:
        assert isinstance(error, MovementsUnreadable | MovementColumnsMissing)  # noqa: PT017 - no other name
