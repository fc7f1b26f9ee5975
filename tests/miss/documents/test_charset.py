"""Guessing charsets of French medical text, and folding to Latin-1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.documents.charset import decode_guessing, decode_text, fold_latin1

FRENCH = "Éruption prurigineuse évoluant depuis l'été : « très gênante », façade à réévaluer, naïf, 37,5°"


@pytest.mark.parametrize(
    ("codec", "named"),
    [
        ("utf-8", "utf-8"),
        ("iso-8859-1", "iso8859-1"),
        ("cp1252", "iso8859-1"),
        ("mac-roman", "mac-roman"),
        ("utf-8-sig", "utf-8"),
    ],
)
def test_french_text_is_read_in_what_it_was_written(codec: str, named: str) -> None:
    decoded = decode_guessing(FRENCH.encode(codec))
    assert (decoded.text, decoded.charset) == (FRENCH, named)


@pytest.mark.parametrize(("codec", "bom"), [("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")])
def test_utf16_with_its_mark(codec: str, bom: bytes) -> None:
    decoded = decode_guessing(bom + FRENCH.encode(codec))
    assert (decoded.text, decoded.charset) == (FRENCH, codec)


def test_typographic_quotes_tell_windows() -> None:
    assert decode_guessing("l’été, l’œil – 12 €".encode("cp1252")).charset == "cp1252"


def test_a_cut_utf8_text_is_still_utf8() -> None:
    decoded = decode_guessing("très gênée".encode()[:-2])
    assert (decoded.text, decoded.charset) == ("très gên\ufffd", "utf-8")


def test_ascii_needs_no_guess() -> None:
    assert decode_guessing(b"rien").charset == "ascii"


@pytest.mark.parametrize("declared", ["iso-8859-1", "ISO-8859-1", "latin1", "L1"])
def test_a_right_declaration_holds(declared: str) -> None:
    decoded = decode_text(FRENCH.encode("iso-8859-1"), declared)
    assert (decoded.text, decoded.charset, decoded.is_declared) == (FRENCH, "iso8859-1", True)


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        (FRENCH.encode("iso-8859-1"), "utf-8"),
        (FRENCH.encode("iso-8859-1"), "us-ascii"),
        (FRENCH.encode("iso-8859-1"), "no-such-charset"),
        (FRENCH.encode("iso-8859-1"), "rot13"),
        (FRENCH.encode("iso-8859-1"), "utf-7"),
        (FRENCH.encode("iso-8859-1"), "a\0b"),
        (FRENCH.encode("mac-roman"), "iso-8859-1"),
        (FRENCH.encode("utf-8-sig"), "utf-8"),
        (FRENCH.encode(), None),
    ],
)
def test_a_wrong_declaration_is_replaced_by_a_guess(data: bytes, declared: str | None) -> None:
    decoded = decode_text(data, declared)
    assert (decoded.text, decoded.is_declared) == (FRENCH, False)


@pytest.mark.parametrize("declared", ["utf-7", "unicode_escape", "punycode", "undefined"])
def test_codecs_that_are_no_charset_of_text_are_not_used(declared: str) -> None:
    decoded = decode_text(rb"+AOk- \u00e9 -e", declared)
    assert (decoded.text, decoded.is_declared) == (r"+AOk- \u00e9 -e", False)


@given(st.binary(), st.none() | st.text(max_size=20))
def test_any_bytes_give_a_text(data: bytes, declared: str | None) -> None:
    assert isinstance(decode_text(data, declared).text, str)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("l’œil – 12 €…", "l'oeil - 12 EUR..."),
        ("Question\u202f: e\u0301te\u0301", "Question\u00a0: été"),
        ("β-bloquant, Δ 5 μg", "beta-bloquant, Delta 5 µg"),
        ("☎ ✓", "[black telephone] [check mark]"),
        ("Łódź ﬁn x²", "[latin capital letter l with stroke]ódz fin x²"),
        ("a\x00b\r\nc\rd\u2028e\x85f", "a b\nc\nd\ne\nf"),
        ("\u200bvu\ufeff", "vu"),
        ("\U0010fffd", "[U+10FFFD]"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold_latin1(text) == folded


@given(st.text())
def test_folding_leaves_no_byte_that_readers_take_for_macroman(text: str) -> None:
    data = fold_latin1(text).encode("iso-8859-1")
    assert all(byte == 0x0A or 0x20 <= byte <= 0x7E or byte >= 0xA0 for byte in data)


@given(st.text(st.characters(max_codepoint=0xFF, exclude_categories=["Cc"])))
def test_folding_keeps_what_latin1_has(text: str) -> None:
    assert fold_latin1(text) == text
