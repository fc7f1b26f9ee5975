"""Reading: what was composed comes back; what others write is read, and what was assumed is said."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from miss.documents.errors import HprimDateUnreadable, HprimSeveralPatients, NotHprim
from miss.documents.hprim import (
    Guess,
    GuessKind,
    LabResult,
    LabText,
    body_lines,
    compose_hprim,
    header_lines,
    parse_hprim,
    parse_hprim_file,
    parse_hprim_records,
    parse_hprim_text,
)
from miss.documents.identities import NumberVerdict
from miss.documents.letter import Letter, letter_text
from tests.miss.documents.fictive import LATIN, LETTER, letters

SAMPLES = Path(__file__).parent.parent / "samples"
PLAIN = (SAMPLES / "ok_reponse_tele_expertise_latin1_crlf.hpr").read_bytes()
LATIN1_GUESS = Guess(GuessKind.CHARSET, "iso8859-1")


@settings(max_examples=300, deadline=None)
@given(letters())
def test_a_composed_letter_is_read_back(letter: Letter) -> None:
    message = parse_hprim(compose_hprim(letter), charset="iso-8859-1")
    header = header_lines(letter)
    assert message.header_lines == tuple(line.rstrip() for line in header)
    assert message.body == "\n".join(body_lines(letter))
    assert message.family_name == header[1]
    assert message.given_name == header[2]
    assert message.birth_date == letter.patient.birth_date
    assert message.document_date == letter.document_date
    assert (message.patient_code, message.number) == (letter.number, letter.number)
    assert (message.sender_code, message.recipient_code) == (letter.sender.code, letter.recipient.code)
    assert (message.sender_name, message.recipient_name) == (header[10][11:], header[11][11:])
    assert message.guesses == ()
    assert message.text_after_end == ""
    assert message.lab_lines == ()


@settings(max_examples=200, deadline=None)
@given(letters(LATIN))
def test_latin_text_in_short_lines_is_unchanged(letter: Letter) -> None:
    text = letter_text(letter)
    if max(map(len, text.split("\n"))) <= 80:
        assert parse_hprim(compose_hprim(letter), charset="iso-8859-1").body == text


def test_the_sample_answer() -> None:
    message = parse_hprim(PLAIN)
    assert message.patient_code == message.number == "TE26000417"
    assert (message.family_name, message.given_name) == ("FICTIF", "BASTIEN")
    assert message.address_lines == ("12 RUE DES TESTS", "")
    assert (message.postcode, message.town) == ("59140", "DUNKERQUE")
    assert (message.birth_date, message.document_date) == (date(1985, 7, 14), date(2026, 11, 20))
    assert (message.nir, message.nir_verdict) == ("185075918304224", NumberVerdict.OK)
    assert (message.sender_code, message.sender_name) == ("DERMEXP", "CH FICTIF - Dr MODELE Anne")
    assert (message.recipient_code, message.recipient_name) == ("GPTEST", "Dr EXEMPLE Paul")
    assert message.body.startswith("AVIS DE TÉLÉ-EXPERTISE")
    assert message.body.endswith("(même contenu).")
    assert message.guesses == (LATIN1_GUESS,)


@pytest.mark.parametrize(
    ("sample", "guesses"),
    [
        ("ok_latin1_lf", [Guess(GuessKind.LINE_ENDS, "lf")]),
        ("edge_cr_only", [Guess(GuessKind.LINE_ENDS, "cr")]),
        (
            "edge_date_iso",
            [Guess(GuessKind.DATE_FORM, "document_date"), Guess(GuessKind.DATE_FORM, "birth_date")],
        ),
        ("edge_nir_espace", [Guess(GuessKind.NIR_SPACED)]),
        ("edge_sans_ligne13_vide", [Guess(GuessKind.NO_BLANK_LINE)]),
        ("ko_sans_finfichier", [Guess(GuessKind.NO_END_OF_FILE)]),
        ("ko_texte_apres_fin", [Guess(GuessKind.TEXT_AFTER_END)]),
    ],
)
def test_samples_that_others_write_say_the_same(sample: str, guesses: list[Guess]) -> None:
    message, plain = parse_hprim((SAMPLES / f"{sample}.hpr").read_bytes()), parse_hprim(PLAIN)
    assert list(message.guesses) == [LATIN1_GUESS, *guesses]
    for field in ("family_name", "birth_date", "document_date", "nir", "sender_name", "recipient_name", "body", "town"):
        assert getattr(message, field) == getattr(plain, field), field


def test_a_header_of_eleven_lines() -> None:
    message = parse_hprim((SAMPLES / "ko_11_lignes.hpr").read_bytes())
    assert Guess(GuessKind.HEADER_LENGTH, "11") in message.guesses
    assert (message.birth_date, message.town, message.address_lines) == (date(1985, 7, 14), "DUNKERQUE", ("",))
    assert message.sender_code == "DERMEXP"
    assert message.body == parse_hprim(PLAIN).body


def test_a_header_of_thirteen_lines() -> None:
    message = parse_hprim(PLAIN.replace(b"12 RUE", b"BAT A\r\n12 RUE", 1))
    assert Guess(GuessKind.HEADER_LENGTH, "13") in message.guesses
    assert (message.patient_code, message.family_name) == ("TE26000417", "FICTIF")
    assert message.address_lines == ("BAT A", "12 RUE DES TESTS", "")
    assert message.body == parse_hprim(PLAIN).body


@pytest.mark.parametrize("above", [1, 2, 5])
@pytest.mark.parametrize("code", [b"TE26000417", b"FICTIFB"])
def test_blank_lines_above_the_header_are_no_empty_code(above: int, code: bytes) -> None:
    message = parse_hprim(b"\r\n" * above + PLAIN.replace(b"TE26000417\r\nF", code + b"\r\nF", 1))
    assert message.guesses == (LATIN1_GUESS, Guess(GuessKind.SHIFTED, str(above)))
    assert (message.patient_code, message.family_name) == (code.decode(), "FICTIF")
    assert message.body == parse_hprim(PLAIN).body


def test_a_code_with_digits_tells_the_shift_where_no_given_name_does() -> None:
    message = parse_hprim(b"\r\n" + PLAIN.replace(b"BASTIEN", b"", 1))
    assert (message.patient_code, message.family_name, message.given_name) == ("TE26000417", "FICTIF", "")
    assert Guess(GuessKind.SHIFTED, "1") in message.guesses


def test_an_empty_code_over_three_address_lines_is_no_blank_line() -> None:
    message = parse_hprim(PLAIN.replace(b"TE26000417\r\nF", b"\r\nF", 1).replace(b"12 RUE", b"12 BIS\r\n12 RUE", 1))
    assert message.family_name == "FICTIF"
    assert message.guesses == (LATIN1_GUESS, Guess(GuessKind.HEADER_LENGTH, "13"))


@pytest.mark.parametrize(
    ("codec", "named"),
    [
        ("utf-8", "utf-8"),
        ("mac-roman", "mac-roman"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "iso8859-1"),
    ],
)
def test_charsets(codec: str, named: str) -> None:
    message = parse_hprim(PLAIN.decode("iso-8859-1").encode(codec))
    assert message.guesses == (Guess(GuessKind.CHARSET, named),)
    assert message.body == parse_hprim(PLAIN).body


def test_a_declared_charset_is_no_guess() -> None:
    assert parse_hprim(PLAIN, charset="ISO-8859-1").guesses == ()


def test_the_laboratory_block_is_read_and_kept_raw() -> None:
    message = parse_hprim((SAMPLES / "ok_avec_lab.hpr").read_bytes())
    assert message.lab_lines[0] == "TEX|BIOCHIMIE"
    assert len(message.lab_lines) == 3
    assert [type(entry) for entry in message.laboratory] == [LabText, LabResult, LabResult]
    assert message.guesses == (LATIN1_GUESS,)
    assert message.body == parse_hprim(PLAIN).body


def test_text_after_the_end_is_kept_apart() -> None:
    message = parse_hprim((SAMPLES / "ko_texte_apres_fin.hpr").read_bytes())
    assert message.text_after_end == "signature du cabinet"
    assert "signature" not in message.body


def test_text_between_and_after_the_tags() -> None:
    text = PLAIN.decode("iso-8859-1").replace("****FINFICHIER****", "entre\r\n****FINFICHIER****\r\naprès")
    message = parse_hprim_text(text)
    assert message.text_after_end == "entre\naprès"
    assert [guess.kind for guess in message.guesses] == [GuessKind.TEXT_AFTER_END]


def test_two_patients_are_two_records_or_an_error() -> None:
    data = (SAMPLES / "multi_deux_patients.hpr").read_bytes()
    with pytest.raises(HprimSeveralPatients) as refused:
        parse_hprim(data)
    assert refused.value.params == {"count": 2}
    first, second = parse_hprim_records(data.decode("iso-8859-1"))
    assert (first.given_name, second.given_name) == ("BASTIEN", "CLAIRE")
    assert second.body == "Second document."


def test_each_record_of_a_file_tells_how_the_file_was_read() -> None:
    data = (SAMPLES / "multi_deux_patients.hpr").read_bytes()
    assert [record.guesses for record in parse_hprim_file(data)] == [(LATIN1_GUESS,), (LATIN1_GUESS,)]
    assert [record.given_name for record in parse_hprim_file(data, charset="latin-1")] == ["BASTIEN", "CLAIRE"]


def test_a_second_patient_whose_birth_date_does_not_read_is_no_text_about_the_first() -> None:
    data = (SAMPLES / "multi_deux_patients.hpr").read_bytes().replace(b"02/01/1990", b"31/02/1990")
    with pytest.raises(HprimDateUnreadable):
        parse_hprim_file(data)


def test_end_tags_inside_a_line_end_the_record() -> None:
    text = PLAIN.decode("iso-8859-1").replace("\r\n****FIN****\r\n", " Fin.****FIN****")
    message = parse_hprim_text(text)
    assert [guess.kind for guess in message.guesses] == [GuessKind.END_TAG_INSIDE]
    assert message.body == parse_hprim(PLAIN).body + " Fin."
    assert parse_hprim_text(PLAIN.decode("iso-8859-1").replace("\r\n****FINF", "****FINF")).guesses == ()


def test_a_header_begins_again_under_an_end_tag() -> None:
    message = parse_hprim_text("Cabinet fictif\r\nTest\r\n****FIN****\r\n" + PLAIN.decode("iso-8859-1"))
    assert (message.family_name, message.body) == ("FICTIF", parse_hprim(PLAIN).body)
    assert message.text_after_end == "Cabinet fictif\nTest"
    assert message.guessed(GuessKind.RESTARTED)


def test_two_files_in_one_are_two_records() -> None:
    assert len(parse_hprim_records((PLAIN + PLAIN).decode("iso-8859-1"))) == 2


def with_line(number: int, text: str) -> str:
    lines = PLAIN.decode("iso-8859-1").split("\r\n")
    lines[number - 1] = text
    return "\r\n".join(lines)


@pytest.mark.parametrize(
    ("written", "read", "kinds"),
    [
        ("14-07-1985", date(1985, 7, 14), {GuessKind.DATE_FORM}),
        ("14/07/85", date(1985, 7, 14), {GuessKind.TWO_DIGIT_YEAR}),
        ("14/07/26", date(2026, 7, 14), {GuessKind.TWO_DIGIT_YEAR}),
        ("21/11/26", date(1926, 11, 21), {GuessKind.TWO_DIGIT_YEAR}),
        ("14/20/1985", date(1985, 1, 14), {GuessKind.PSEUDO_MONTH}),
        ("14/35/1985", date(1985, 1, 14), {GuessKind.PSEUDO_MONTH}),
        ("14/99/1985", date(1985, 1, 14), {GuessKind.PSEUDO_MONTH}),
        (" 4/7/1985 ", date(1985, 7, 4), set()),
    ],
)
def test_birth_dates(written: str, read: date, kinds: set[GuessKind]) -> None:
    message = parse_hprim_text(with_line(7, written))
    assert message.birth_date == read
    assert {guess.kind for guess in message.guesses} == kinds


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("M-5128-23/10/06", date(2006, 10, 23)),
        ("23/10/97", date(1997, 10, 23)),
        ("2026-11-20", date(2026, 11, 20)),
        ("", None),
    ],
)
def test_document_dates(written: str, read: date | None) -> None:
    assert parse_hprim_text(with_line(10, written)).document_date == read


@pytest.mark.parametrize(
    ("line", "written", "field"),
    [(7, "31/02/1985", "birth_date"), (7, "né en mars", "birth_date"), (7, "14/07/85 ?", "birth_date")],
)
def test_an_unreadable_date_names_its_line(line: int, written: str, field: str) -> None:
    with pytest.raises(HprimDateUnreadable) as refused:
        parse_hprim_text(with_line(line, written))
    assert refused.value.params == {"field": field, "line": line}
    assert written not in str(refused.value) + refused.value.sentence()


@pytest.mark.parametrize("written", ["20/13/2026", "hier"])
def test_a_document_date_that_does_not_read_is_left_out(written: str) -> None:
    message = parse_hprim_text(with_line(10, written))
    assert (message.document_date, message.birth_date) == (None, date(1985, 7, 14))
    assert Guess(GuessKind.DATE_UNREADABLE, "document_date") in message.guesses
    assert message.header_lines[9] == written


def test_nothing_shows_that_a_text_with_one_date_is_a_header() -> None:
    text = re.sub(r"\*\*\*\*FIN.*", "", with_line(10, "hier").replace("185075918304224", ""))
    with pytest.raises(HprimDateUnreadable):
        parse_hprim_text(text)


def test_a_two_digit_birth_year_needs_a_later_date_to_lean_on() -> None:
    text = with_line(7, "14/07/45").replace("20/11/2026\r\nDERM", "\r\nDERM")
    with pytest.raises(HprimDateUnreadable):
        parse_hprim_text(text)
    assert parse_hprim_text(text, received_on=date(2026, 11, 20)).birth_date == date(1945, 7, 14)


def test_a_missing_birth_date_is_accepted_and_said() -> None:
    message = parse_hprim_text(with_line(7, ""))
    assert message.birth_date is None
    assert message.guessed(GuessKind.NO_BIRTH_DATE)


@pytest.mark.parametrize(
    ("written", "verdict"),
    [("", None), ("1850759183042", NumberVerdict.MALFORMED), ("1" * 15, NumberVerdict.WRONG_KEY)],
)
def test_a_wrong_nir_is_kept_with_its_verdict(written: str, verdict: NumberVerdict | None) -> None:
    message = parse_hprim_text(with_line(8, written))
    assert (message.nir, message.nir_verdict) == (written, verdict)


@pytest.mark.parametrize(
    ("written", "code", "name", "is_guess"),
    [
        (".          Dr SANS Code", "", "Dr SANS Code", False),
        ("Dr EXEMPLE Paul", "", "Dr EXEMPLE Paul", True),
        ("99900000011 Dr MODELE Anne", "99900000011", "Dr MODELE Anne", False),
        ("APICEMTEXP Dr MODELE Anne", "APICEMTEXP", "Dr MODELE Anne", False),
        ("", "", "", False),
    ],
)
def test_senders(written: str, code: str, name: str, is_guess: bool) -> None:
    message = parse_hprim_text(with_line(11, written))
    assert (message.sender_code, message.sender_name) == (code, name)
    assert message.guessed(GuessKind.NO_CODE) == is_guess


@pytest.mark.parametrize(
    "text",
    ["", "Bonjour,\n\nVoici une demande.\n", "****FIN****\n****FINFICHIER****", "x\n" * 40, with_line(2, "")],
    ids=["empty", "letter", "tags-only", "no-dates", "no-name"],
)
def test_what_is_no_hprim_is_refused(text: str) -> None:
    with pytest.raises(NotHprim):
        parse_hprim_text(text)


def test_without_end_tags_a_header_is_enough() -> None:
    text = re.sub(r"\*\*\*\*FIN.*", "", PLAIN.decode("iso-8859-1"))
    kinds = [guess.kind for guess in parse_hprim_text(text).guesses]
    assert kinds == [GuessKind.NO_END_OF_RECORD, GuessKind.NO_END_OF_FILE]


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=400)
    | st.builds(
        lambda a, b, n: PLAIN[:n] + a + PLAIN[n + b :], st.binary(max_size=9), st.integers(0, 60), st.integers(0, 300)
    )
)
@example(compose_hprim(LETTER)[:150])
def test_any_bytes_give_a_message_or_a_named_error(data: bytes) -> None:
    try:
        message = parse_hprim(data)
    except (NotHprim, HprimDateUnreadable, HprimSeveralPatients):
        return
    assert message.family_name
