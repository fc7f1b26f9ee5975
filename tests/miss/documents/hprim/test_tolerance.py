"""What one of the readers in use accepts, ours accepts, and sees the same patient: departures drawn several at once.

Three refusals are ours alone, for the patient's safety: no family name, a birth date that does not read, and a header
with neither date nor NIR.  Mediboard is left out: it takes any text that holds a tag, and somebody files it by hand.
"""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.documents.errors import HprimDateUnreadable, NotHprim
from miss.documents.hprim import compose_hprim, parse_hprim_file
from tests.miss.documents.fictive import LETTER
from tests.miss.documents.hprim.readers import READERS

PLAIN = compose_hprim(LETTER).decode("iso-8859-1").removesuffix("\r\n").split("\r\n")
Lines = list[str]


def _line(number: int, text: str) -> Callable[[Lines], Lines]:
    return lambda lines: [*lines[: number - 1], text, *lines[number:]]


def _without(number: int) -> Callable[[Lines], Lines]:
    return lambda lines: lines[: number - 1] + lines[number:]


DEPARTURES: dict[str, Callable[[Lines], Lines]] = {
    "no code": _line(1, ""),
    "no NIR": _line(8, ""),
    "NIR with a space": _line(8, "1850759183042 24"),
    "no town": _line(6, ""),
    "ISO birth date": _line(7, "1985-07-14"),
    "two-digit birth year": _line(7, "14/07/85"),
    "no birth date": _line(7, ""),
    "ISO document date": _line(10, "2026-11-20"),
    "number beside the document date": _line(10, "M-5128-20/11/26"),
    "no document date": _line(10, ""),
    "document date of no calendar": _line(10, "20/13/2026"),
    "sender without code": _line(11, "Dr MODELE Anne"),
    "no blank line": _without(13),
    "no end of file": lambda lines: [line for line in lines if "FINFICHIER" not in line],
    "no end of record": lambda lines: [line for line in lines if line != "****FIN****"],
    "tags on one line": lambda lines: [*lines[:-2], lines[-2] + lines[-1]],
    "tag on the last line of the text": lambda lines: [*lines[:-3], lines[-3] + lines[-2], lines[-1]],
    "signature after the end": lambda lines: [*lines, "Cabinet fictif", "Tél. 03 53 01 00 00"],
    "blank line first": lambda lines: ["", *lines],
    "tag first": lambda lines: ["En-tête", "****FIN****", *lines],
}
ENDS = ("\r\n", "\n", "\r")


@settings(max_examples=150, deadline=None)
@given(st.sets(st.sampled_from(list(DEPARTURES)), max_size=4), st.sampled_from(ENDS))
def test_what_one_reader_accepts_ours_accepts(departures: set[str], end: str) -> None:
    lines = PLAIN
    for name in DEPARTURES:  # in this order: those that name a line go before those that move lines
        lines = DEPARTURES[name](lines) if name in departures else lines
    data = "".join(line + end for line in lines).encode("iso-8859-1")
    accepting = {name: shown for name, read in READERS.items() if name != "Mediboard" and (shown := read(data))}
    if not accepting:
        return
    try:
        [record] = parse_hprim_file(data, received_on=date(2026, 11, 22))
    except (HprimDateUnreadable, NotHprim):
        assert departures >= {"no birth date", "no NIR"}, departures
        assert departures & {"no document date", "document date of no calendar"}, departures
        assert set(accepting) == {"Doctolib"}, "it files by the tag alone"
        return
    assert record.family_name == "FICTIF", departures
    assert record.given_name == "BASTIEN"
    assert "Lésion mélanocytaire asymétrique, deux couleurs." in record.body


@pytest.mark.parametrize("name", DEPARTURES)
def test_each_departure_alone_is_read(name: str) -> None:
    data = "".join(line + "\r\n" for line in DEPARTURES[name](PLAIN)).encode("iso-8859-1")
    [record] = parse_hprim_file(data, received_on=date(2026, 11, 22))
    assert (record.family_name, record.number) == ("FICTIF", "TE26000417")
    is_told = {guess.detail or guess.kind for guess in record.guesses} - {"iso8859-1"}
    assert is_told or name in {"no code", "no NIR", "no town", "no document date", "tags on one line"}
