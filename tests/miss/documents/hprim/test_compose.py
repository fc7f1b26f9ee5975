"""Composed letters: the profile byte by byte, and the five readers."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings

from miss.documents.errors import HprimCodeRefused, LetterIncomplete
from miss.documents.hprim import body_lines, compose_hprim, header_lines
from miss.documents.identities import InsStatus
from miss.documents.letter import Letter, Party, Section
from tests.miss.documents.fictive import ANNE, LETTER, PATIENT, a_letter, a_patient, letters
from tests.miss.documents.hprim.readers import READERS

SAMPLES = Path(__file__).parent.parent / "samples"


def test_the_header_is_that_of_the_sample() -> None:
    sample = (SAMPLES / "ok_reponse_tele_expertise_latin1_crlf.hpr").read_bytes()
    assert compose_hprim(LETTER).split(b"\r\n")[:15] == sample.split(b"\r\n")[:15]


@pytest.mark.parametrize("name", READERS)
def test_each_reader_shows_the_letter_whole(name: str) -> None:
    shown = READERS[name](compose_hprim(LETTER))
    assert shown
    assert shown.family_name == "FICTIF"
    assert shown.sender_name == "CH FICTIF - Dr MODELE Anne"
    assert shown.body_lines[0 if name == "Mediboard" else 1] == "AVIS DE TÉLÉ-EXPERTISE - DERMATOLOGIE"
    assert "Document PDF joint au message (même contenu)." in shown.body_lines


@settings(max_examples=200, deadline=None)
@given(letters())
def test_every_letter_is_accepted_by_the_five_readers(letter: Letter) -> None:
    data = compose_hprim(letter)
    sender, first_line = header_lines(letter)[10][11:], data.split(b"\r\n")[13].decode("iso-8859-1").strip()
    for name, read in READERS.items():
        shown = read(data)
        assert shown, name
        assert shown.sender_name == sender, name
        assert shown.body_lines[0 if name == "Mediboard" else 1].strip() == first_line, name


@settings(max_examples=200, deadline=None)
@given(letters())
def test_the_bytes_keep_the_profile(letter: Letter) -> None:
    data = compose_hprim(letter)
    lines = data.split(b"\r\n")
    assert lines[-3:] == [b"****FIN****", b"****FINFICHIER****", b""]
    assert lines[12] == b""
    assert not any(b"****" in line for line in lines[:-3])
    assert not any(byte < 0x20 or 0x7F <= byte <= 0x9F for line in lines for byte in line)
    assert all(len(line) <= 80 or " " not in line.strip() for line in body_lines(letter))


def test_a_name_marked_like_a_tag_stays_one_record() -> None:
    letter = a_letter(title="****FIN****", sections=(Section("", ("a\n ****FINFICHIER****\n****LAB****",)),))
    assert compose_hprim(letter).count(b"****FIN") == 2
    for name, read in READERS.items():
        shown = read(compose_hprim(letter))
        assert shown, name
        assert "***·*FIN***·*" in shown.body_lines, name


def test_long_lines_are_wrapped_between_words() -> None:
    letter = a_letter(sections=(Section("", ("mot " * 60,)),), closing=())
    wrapped = [line for line in body_lines(letter) if line.startswith("mot")]
    assert len(wrapped) == 3
    assert max(map(len, wrapped)) <= 80


@pytest.mark.parametrize("status", [status for status in InsStatus if status is not InsStatus.QUALIFIEE])
def test_a_matricule_that_may_not_travel_is_left_out(status: InsStatus) -> None:
    letter = a_letter(patient=replace(PATIENT, status=status))
    assert header_lines(letter)[7] == ""
    assert b"185075918304224" not in compose_hprim(letter)


def test_dates_are_four_digit_years() -> None:
    letter = a_letter(patient=a_patient(birth_date=date(1904, 2, 3)))
    assert header_lines(letter)[6] == "03/02/1904"


def test_addresses_of_every_length() -> None:
    lines = header_lines(
        a_letter(patient=a_patient(address_lines=("BAT A", "APT 2", "12 RUE"), postcode="", town="METZ"))
    )
    assert lines[3:6] == ("BAT A", "APT 2, 12 RUE, METZ", "")
    lines = header_lines(a_letter(patient=a_patient(address_lines=(), town="")))
    assert lines[3:6] == ("", "", "59140")


def test_no_code_is_a_dot() -> None:
    lines = header_lines(a_letter(sender=Party(display_name="Dr SANS Code")))
    assert lines[10] == ".          Dr SANS Code"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": "TE2600041777"}, "number"),
        ({"number": "TE 26"}, "number"),
        ({"sender": replace(ANNE, code="99900000011")}, "sender.code"),
        ({"recipient": replace(ANNE, code="É")}, "recipient.code"),
    ],
)
def test_a_code_that_does_not_fit_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(HprimCodeRefused) as refused:
        compose_hprim(a_letter(**changes))
    assert refused.value.params["field"] == field


def test_a_name_with_nothing_to_print_is_refused() -> None:
    with pytest.raises(LetterIncomplete):
        compose_hprim(a_letter(patient=a_patient(birth_family_name="\u200b")))
