"""The MIME around S/MIME: a signed part is cut out as the very bytes that came, and what was covered wins."""

from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.mail.inbound.parse import parse_mail
from miss.mail.rules import require_crlf_lines
from miss.mail.smime.entity import (
    HIDDEN_SUBJECT,
    Layer,
    around,
    encoded_content,
    enveloped_entity,
    layer_of,
    payload,
    signed_entity,
    signed_parts,
    split,
    unwrapped,
)
from miss.mail.smime.model import Unreadable
from tests.miss.mail.smime.making import RAW

LINE = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=60)
BODY = st.lists(LINE, max_size=8).map(lambda lines: "".join(f"{line}\r\n" for line in lines).encode())
HEAD = b"Content-Type: text/plain\r\n\r\n"


@settings(max_examples=60, deadline=None)
@given(body=BODY, signature=st.binary(min_size=1, max_size=200))
def test_a_signed_part_comes_back_byte_for_byte(body: bytes, signature: bytes) -> None:
    entity = HEAD + body
    parts = signed_parts(signed_entity(entity, signature))
    assert (parts.entity, parts.signature) == (entity, signature)


@settings(max_examples=40, deadline=None)
@given(content=st.binary(max_size=300))
def test_an_envelope_comes_back(content: bytes) -> None:
    entity = enveloped_entity(content)
    assert layer_of(entity) is Layer.ENVELOPED
    assert encoded_content(entity) == content


@pytest.mark.parametrize("hides", [False, True])
def test_what_is_protected_is_read_back_as_it_was_written(hides: bool) -> None:
    parts, entity = payload(RAW, hides_subject=hides)
    wrapped = around(parts, signed_entity(entity, b"s"), hides_subject=hides)
    require_crlf_lines(wrapped)
    outer = message_from_bytes(wrapped, policy=policy.default)
    assert (outer["Subject"] == HIDDEN_SUBJECT) is hides
    assert outer["X-MSS-INS"] == "O"
    back = parse_mail(unwrapped(wrapped, signed_parts(wrapped).entity))
    assert back == parse_mail(RAW)
    assert b"EXEMPLE Jeanne" not in b"".join(split(wrapped).outer) if hides else True


def test_what_the_signature_covers_takes_the_place_of_what_came_outside() -> None:
    parts, entity = payload(RAW, hides_subject=False)
    wrapped = around(parts, signed_entity(entity, b"s"), hides_subject=False)
    forged = wrapped.replace(b"Subject: XDM", b"Subject: Autre", 1).replace(b"From: ", b"From: x", 1)
    back = parse_mail(unwrapped(forged, signed_parts(forged).entity))
    assert (back.subject, back.sender) == (parse_mail(RAW).subject, parse_mail(RAW).sender)


def test_without_repeated_headers_the_outer_ones_stay() -> None:
    entity = HEAD + b"Bonjour\r\n"
    wrapped = around(split(RAW), signed_entity(entity, b"s"), hides_subject=False)
    back = parse_mail(unwrapped(wrapped, entity))
    assert (back.subject, back.text) == (parse_mail(RAW).subject, "Bonjour")


def test_a_part_added_after_the_signature_is_refused() -> None:
    entity = signed_entity(HEAD + b"Bonjour\r\n", b"s")
    boundary = entity.partition(b'boundary="')[2].partition(b'"')[0]
    extra = b"--" + boundary + b"\r\n" + HEAD + b"Autre\r\n--" + boundary + b"--\r\n"
    with pytest.raises(Unreadable):
        signed_parts(entity.replace(b"--" + boundary + b"--\r\n", extra))


@pytest.mark.parametrize(
    ("head", "layer"),
    [
        (b"Content-Type: text/plain", Layer.CLEAR),
        (b"", Layer.CLEAR),
        (b"Content-Type: multipart/signed; protocol=application/pgp-signature; boundary=b", Layer.CLEAR),
        (b"Content-Type: multipart/signed; protocol=application/x-pkcs7-signature; boundary=b", Layer.DETACHED),
        (b"Content-Type: application/pkcs7-mime; smime-type=signed-data", Layer.OPAQUE),
        (b"Content-Type: application/x-pkcs7-mime; name=smime.p7m", Layer.ENVELOPED),
        (b"Content-Type: application/pkcs7-mime; smime-type=authEnveloped-data", Layer.ENVELOPED),
        (b"Content-Type: application/pkcs7-mime; smime-type=compressed-data", Layer.CLEAR),
    ],
)
def test_what_each_type_is(head: bytes, layer: Layer) -> None:
    assert layer_of(head + b"\r\n\r\nx\r\n") is layer


@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=400), mangled=st.integers(0, len(RAW)))
def test_any_bytes_are_read_or_refused_by_one_name(raw: bytes, mangled: int) -> None:
    for one in (raw, RAW[:mangled] + raw + RAW[mangled:]):
        for read in (layer_of, encoded_content, signed_parts, split, lambda entity: unwrapped(RAW, entity)):
            try:
                read(one)
            except Unreadable:
                continue
