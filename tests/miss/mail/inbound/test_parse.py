"""Mails as others write them, well or badly."""

import time
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from miss.mail.addresses import MailAddress
from miss.mail.errors import (
    AddressMalformed,
    DisplayNameMisleading,
    FromNotSingle,
    MailRefused,
    MailTooComplex,
    MailUnreadable,
)
from miss.mail.headers import MAX_HEADER_LINES
from miss.mail.inbound.apart import MAX_ATTACHMENTS, MAX_DEPTH, MAX_PARTS
from miss.mail.inbound.model import InboundMail
from miss.mail.inbound.parse import MAX_BOUNDARY_LINES, parse_mail

FRENCH = "Éruption évoluant depuis l'été, très gênante"
HEAD = (
    b"From: Dr Paul EXEMPLE <paul.exemple@medecin.mssante.example>\r\n"
    b'To: avis@tele.mssante.example, "Autre" <autre@tele.mssante.example>\r\n'
    b"Subject: Demande =?utf-8?q?d=27avis?=\r\n"
    b"Date: Wed, 18 Nov 2026 10:15:00 +0100\r\n"
    b"Message-ID: <q1@medecin.mssante.example>\r\n"
)


def mail(rest: bytes) -> InboundMail:
    return parse_mail(HEAD + rest)


def text_mail(content_type: bytes, body: bytes, encoding: bytes = b"8bit") -> InboundMail:
    return mail(b"Content-Type: " + content_type + b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body)


def test_headers_of_a_plain_mail() -> None:
    parsed = mail(
        b"In-Reply-To: <r0@tele.example>\r\nReferences: <q0@medecin.example>\r\n <r0@tele.example> junk\r\n"
        b"\r\nBonjour\r\n"
    )
    assert parsed.message_id == "<q1@medecin.mssante.example>"
    assert parsed.in_reply_to == "<r0@tele.example>"
    assert parsed.references == ("<q0@medecin.example>", "<r0@tele.example>")
    assert parsed.sender.address == MailAddress("paul.exemple", "medecin.mssante.example")
    assert parsed.sender.display_name == "Dr Paul EXEMPLE"
    assert [str(address) for address in parsed.to] == ["avis@tele.mssante.example", "autre@tele.mssante.example"]
    assert parsed.subject == "Demande d'avis"
    assert parsed.date == datetime(2026, 11, 18, 9, 15, tzinfo=UTC)
    assert parsed.text == "Bonjour"
    assert parsed.attachments == ()


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        (b"text/plain; charset=utf-8", "utf-8"),
        (b"text/plain; charset=ISO-8859-1", "iso-8859-1"),
        (b'text/plain; charset="windows-1252"', "cp1252"),
        (b"text/plain; charset=macintosh", "mac-roman"),
        (b"text/plain; charset*=us-ascii'en'iso-8859-1", "iso-8859-1"),
        (b"text/plain", "utf-8"),
        (b"text/plain", "iso-8859-1"),
        (b"text/plain", "mac-roman"),
        (b"text/plain; charset=us-ascii", "iso-8859-1"),
        (b"text/plain; charset=utf-8", "iso-8859-1"),
        (b"text/plain; charset=iso-8859-1", "mac-roman"),
        (b"text/plain; charset=x-inconnu", "utf-8"),
        (b"text/plain; charset=rot13", "utf-8"),
        (b"text/plain; charset=", "iso-8859-1"),
        (b"texte", "utf-8"),
    ],
)
def test_charsets_declared_or_not(declared: bytes, codec: str) -> None:
    assert text_mail(declared, FRENCH.encode(codec)).text == FRENCH


def test_transfer_encodings() -> None:
    assert text_mail(b"text/plain; charset=utf-8", b"t=C3=A9l=\r\n=C3=A9", b"quoted-printable").text == "télé"
    assert text_mail(b"text/plain; charset=utf-8", b"dMOpbMOp", b"base64").text == "télé"
    assert text_mail(b"text/plain; charset=utf-8", b"dMOpbMOpbMO*", b"base64").text.startswith("télél")


def test_line_ends_and_null_characters() -> None:
    assert text_mail(b"text/plain", b"a\r\nb\rc\nd\0").text == "a\nb\nc\nd"


def test_html_alone_becomes_text() -> None:
    assert text_mail(b"text/html; charset=utf-8", "<p>Lésion</p>".encode()).text == "Lésion"


def multipart(kind: str, *parts: str, boundary: str = "B") -> bytes:
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n{body}--{boundary}--\r\n'.encode()


PLAIN = "Content-Type: text/plain\r\n\r\nen texte"
HTML = "Content-Type: text/html\r\n\r\n<p>en HTML</p>"
PHOTO = (
    'Content-Type: image/jpeg; name="b.jpg"\r\nContent-Transfer-Encoding: base64\r\n'
    'Content-Disposition: attachment; filename="../dos.jpg"\r\n\r\n/9j/4AAQ'
)


@pytest.mark.parametrize(
    ("parts", "text"), [((PLAIN, HTML), "en texte"), ((HTML, PLAIN), "en texte"), ((HTML,), "en HTML")]
)
def test_of_alternatives_the_plain_text_is_taken(parts: tuple[str, ...], text: str) -> None:
    parsed = mail(multipart("alternative", *parts))
    assert (parsed.text, parsed.attachments) == (text, ())


def test_a_blank_plain_text_gives_way_to_the_html() -> None:
    assert mail(multipart("alternative", "Content-Type: text/plain\r\n\r\n ", HTML)).text == "en HTML"


def test_texts_side_by_side_are_all_kept() -> None:
    assert mail(multipart("mixed", PLAIN, PHOTO, HTML)).text == "en texte\n\nen HTML"
    alternative = multipart("alternative", HTML, PLAIN, boundary="I").decode()
    assert mail(multipart("mixed", HTML, alternative)).text == "en HTML\n\nen texte"


def test_nested_parts_and_an_attachment() -> None:
    inner = multipart("alternative", PLAIN, HTML, boundary="I").decode()
    related = multipart("related", inner, PHOTO, boundary="R").decode()
    parsed = mail(multipart("mixed", related, PHOTO))
    assert parsed.text == "en texte"
    assert [(one.name, one.mime_type, one.content[:2]) for one in parsed.attachments] == [
        ("dos.jpg", "image/jpeg", b"\xff\xd8")
    ] * 2


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename*=utf-8''l%C3%A9sion.jpg", "lésion.jpg"),
        ("attachment; filename*0*=utf-8''l%C3%A9; filename*1*=sion.jpg", "lésion.jpg"),
        ('attachment; filename="=?utf-8?q?l=C3=A9sion.jpg?="', "lésion.jpg"),
        ('attachment; filename="=?utf-8?q?=2E=2E=2Fx?="', "x"),
        ("attachment; filename*=x-inconnu''a.jpg", "a.jpg"),
        ("attachment", "piece-1.txt"),
    ],
)
def test_names_of_attachments(disposition: str, name: str) -> None:
    part = f"Content-Type: text/plain\r\nContent-Disposition: {disposition}\r\n\r\nx"
    parsed = mail(multipart("mixed", PLAIN, part))
    assert [one.name for one in parsed.attachments] == [name]
    assert parsed.text == "en texte"


def test_a_forwarded_mail_is_an_attachment_and_not_opened() -> None:
    forwarded = "Content-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\nSubject: vieux\r\n\r\ncorps"
    parsed = mail(multipart("mixed", PLAIN, forwarded))
    assert parsed.text == "en texte"
    (attached,) = parsed.attachments
    assert (attached.name, attached.mime_type) == ("piece-1.eml", "message/rfc822")
    assert attached.content == b"From: x@y.example\r\nSubject: vieux\r\n\r\ncorps"


def test_a_report_keeps_its_machine_part() -> None:
    status = "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nAction: delivered\r\n"
    parsed = mail(multipart("report; report-type=delivery-status", PLAIN, status))
    (attached,) = parsed.attachments
    assert attached.mime_type == "message/delivery-status"
    assert b"Action: delivered" in attached.content


@pytest.mark.parametrize("line", [b"", b"Message-ID: oups\r\n", b"Message-ID: <a b@c>\r\n"])
def test_a_mail_without_usable_id_gets_one_from_its_bytes(line: bytes) -> None:
    raw = HEAD.replace(b"Message-ID: <q1@medecin.mssante.example>\r\n", line) + b"\r\nx"
    first, again, other = parse_mail(raw), parse_mail(raw), parse_mail(raw + b"y")
    assert first.message_id == again.message_id != other.message_id
    assert first.message_id.startswith("<")


@pytest.mark.parametrize("date", [b"", b"hier", b"Wed, 99 Nov 2026 10:15:00 +0100", b"0", b"Wed, 18 Nov 99999999999"])
def test_an_unreadable_date_is_none(date: bytes) -> None:
    assert parse_mail(b"From: a@x.example\r\nDate: " + date + b"\r\n\r\n").date is None


def test_a_date_without_zone_is_utc() -> None:
    parsed = parse_mail(b"From: a@x.example\r\nDate: Wed, 18 Nov 2026 10:15:00 -0000\r\n\r\n")
    assert parsed.date == datetime(2026, 11, 18, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", FromNotSingle),
        (b"Subject: x\r\n\r\n", FromNotSingle),
        (b"From: a@x.example\r\nFrom: b@x.example\r\n\r\n", FromNotSingle),
        (b"From: alice@example.org)bob@example.com\r\n\r\n", AddressMalformed),
        (b'From: "alice@example.org" <bob@example.com>\r\n\r\n', DisplayNameMisleading),
    ],
)
def test_a_mail_without_one_sender_is_refused(raw: bytes, error: type[MailRefused]) -> None:
    with pytest.raises(error):
        parse_mail(raw)


def nested(depth: int) -> bytes:
    body = b"Content-Type: text/plain\r\n\r\nfond"
    for level in range(depth):
        body = multipart("mixed", body.decode(), boundary=f"N{level}")
    return body


def test_limits() -> None:
    assert mail(nested(MAX_DEPTH)).text == "fond"
    for rest, limit in (
        (nested(MAX_DEPTH + 1), MAX_DEPTH),
        (nested(400), MAX_DEPTH),
        (multipart("mixed", *[PHOTO] * (MAX_ATTACHMENTS + 1)), MAX_ATTACHMENTS),
        (multipart("mixed", *[PLAIN] * MAX_PARTS), MAX_PARTS),
        (b"\r\n" + b"--x\r\n" * (MAX_BOUNDARY_LINES + 1), MAX_BOUNDARY_LINES),
        (b"X: y\r\n" * (MAX_HEADER_LINES + 1), MAX_HEADER_LINES),
    ):
        with pytest.raises(MailTooComplex) as refused:
            mail(rest)
        assert refused.value.params["limit"] == limit
    assert len(mail(multipart("mixed", *[PHOTO] * MAX_ATTACHMENTS)).attachments) == MAX_ATTACHMENTS


def test_ten_megabytes_are_parsed_in_seconds() -> None:
    message = EmailMessage()
    message["From"] = "a@x.example"
    message.set_content("texte")
    message.add_attachment(bytes(7_000_000), maintype="image", subtype="jpeg", filename="a.jpg")
    raw = message.as_bytes()
    start = time.process_time()
    assert len(parse_mail(raw).attachments[0].content) == 7_000_000
    assert time.process_time() - start < 30  # of CPU; the square would take hours


SEED = HEAD + multipart("mixed", multipart("alternative", PLAIN, HTML, boundary="I").decode(), PHOTO)
PIECES = st.sampled_from(
    [
        *SEED.split(b"\r\n"),
        b"Content-Type: message/rfc822",
        b"Content-Type: message/delivery-status",
        b"Content-Type: multipart/mixed; boundary*0*=utf-8''%42",
        b"Content-Type: text/plain; charset*=utf-8'%ff",
        b"Content-Type: multipart/alternative",
        b"Content-Transfer-Encoding: x-uuencode",
        b"Content-Transfer-Encoding: \xff",
        b"Content-Disposition: attachment; filename*0*=x''%E9; filename*1=\xe9",
        b"Date: \xff 18 (((",
        b"",
        b"begin 644 a",
    ]
)


@settings(max_examples=400, deadline=None)
@given(
    st.binary(max_size=300)
    | st.lists(PIECES | st.binary(max_size=20), max_size=30).map(b"\r\n".join)
    | st.builds(
        lambda n, a, m: SEED[:n] + a + SEED[n + m :], st.integers(0, 900), st.binary(max_size=8), st.integers(0, 40)
    )
)
@example(b"From: a@x.example\r\nTo: " + b"(" * 3000 + b"\r\n\r\n")
@example(b"From: a@x.example\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nRnJvbQ==")
@example(HEAD + b"Content-Type: message/delivery-status\r\n\r\nContent-Type: multipart/alternative\r\n\xc1")
def test_any_bytes_give_a_mail_or_a_named_error(raw: bytes) -> None:
    try:
        parsed = parse_mail(raw)
    except (FromNotSingle, AddressMalformed, DisplayNameMisleading, MailTooComplex, MailUnreadable):
        return
    assert parsed.message_id.startswith("<")
    assert parsed.date is None or parsed.date.tzinfo is not None
    assert not set(parsed.subject) & set("\r\n\0")
    assert not set(parsed.text) & set("\r\0")
