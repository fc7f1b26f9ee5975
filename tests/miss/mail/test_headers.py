"""Header text in both directions."""

import time
from email.header import decode_header, make_header

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from miss.mail.errors import HeaderInjection, MailTooComplex, MailUnreadable
from miss.mail.headers import (
    MAX_HEADER_LINES,
    decode_words,
    encode_words,
    parse_headers,
    require_one_line,
    value_of,
    values_of,
)

VISIBLE = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=200)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("simple", "simple"),
        ("=?utf-8?q?Int=C3=A9gration?= =?utf-8?q?_syst=C3=A8me?= !", "Intégration système !"),
        ("CR de =?utf-8?b?dMOpbMOpbcOpZGVjaW5l?= FICTIF", "CR de télémédecine FICTIF"),
        ("=?iso-8859-1?Q?t=E9l=E9?=", "télé"),
        ("=?iso-8859-1*fr?Q?t=E9l=E9?=", "télé"),
        ("=?x-inconnu?Q?t=E9l=E9?=", "télé"),
        ("=?utf-8?b?dMOpbA?=", "tél"),
        ("=?utf-8?b?a?=", "=?utf-8?b?a?="),
        ("=?utf-8?q?a=0D=0ABcc:_b?=", "a Bcc: b"),
        ("t\udce9l\udce9", "télé"),
        ("a\r\n b\0c", "a b c"),
        ("Objet\u00a0: avis", "Objet\u00a0: avis"),
    ],
)
def test_decoding(value: str, text: str) -> None:
    assert decode_words(value) == text


@given(VISIBLE)
@example("=?utf-8?q?a?=")
def test_encoding_reads_back_here_and_elsewhere(text: str) -> None:
    encoded = encode_words(text)
    assert encoded.isascii()
    assert max(map(len, encoded.split(" "))) <= 75
    assert decode_words(encoded) == text
    assert str(make_header(decode_header(encoded))) == text


@given(st.text())
def test_decoding_never_fails_and_stays_on_one_line(text: str) -> None:
    decoded = decode_words(text)
    assert not set(decoded) & set("\r\n\0\x85\u2028")


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\0b", "a\x85b", "a\u2028b", "a\tb", "\udc80"])
def test_no_control_character_enters_a_header(text: str) -> None:
    with pytest.raises(HeaderInjection) as refused:
        require_one_line(text, "Subject")
    assert refused.value.params == {"field": "Subject"}


def test_headers_are_unfolded_in_order() -> None:
    raw = (
        b"From: a@x.example\r\nReceived: by b\r\n\tfor c\r\nreceived: by d\r\nSubject: =?utf-8?q?=C3=A9?=\r\n"
        b"\r\nBody: no\r\n"
    )
    headers = parse_headers(raw)
    assert headers[0] == ("From", "a@x.example")
    assert values_of(headers, "Received") == ("by b\tfor c", "by d")
    assert value_of(headers, "SUBJECT") == "=?utf-8?q?=C3=A9?="
    assert value_of(headers, "Body") == ""


def test_too_many_headers_are_refused_before_parsing() -> None:
    with pytest.raises(MailTooComplex):
        parse_headers(b"a:b\r\n" * (MAX_HEADER_LINES + 1))


@given(st.binary(max_size=500))
def test_any_bytes_give_headers_or_a_named_error(raw: bytes) -> None:
    try:
        headers = parse_headers(raw)
    except (MailTooComplex, MailUnreadable):
        return
    assert all(isinstance(value, str) for _, value in headers)


def test_hostile_words_are_decoded_quickly() -> None:
    # CPU, which does not depend on what else the machine does; what grows with the square would take hours.
    start = time.process_time()
    for value in ("=?" * 300_000, "=?a?b?" * 100_000, "?=" + " " * 300_000 + "=?", "=?a?q?" + "=" * 500_000):
        decode_words(value)
    assert time.process_time() - start < 30
