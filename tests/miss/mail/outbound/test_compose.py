"""Composed mails: read back by us and by the standard library, and closed to injection."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from miss.base.errors import MissError
from miss.mail.addresses import MailAddress, Mailbox, parse_address
from miss.mail.errors import (
    AddressMalformed,
    AutomaticMail,
    DisplayNameMisleading,
    HeaderInjection,
    HeaderMalformed,
    MailTooLarge,
    TextNotEncodable,
)
from miss.mail.headers import parse_headers
from miss.mail.inbound.parse import parse_mail
from miss.mail.outbound.compose import compose_mail
from miss.mail.outbound.model import AutoSubmitted, OutboundAttachment, OutboundMail, TextCharset
from miss.mail.rules import OUTBOUND_LIMIT_BYTES, Envelope, require_answerable, require_crlf_lines

DATE = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
MAIL = OutboundMail(
    message_id="<te26000417.answer@tele.mssante.example>",
    sender=Mailbox(parse_address("avis@tele.mssante.example"), "Télé-expertise, plateforme"),
    to=Mailbox(parse_address("paul.exemple@medecin.mssante.example"), "Dr Paul EXEMPLE"),
    reply_to=Mailbox(parse_address("anne.modele@ch-fictif.mssante.example"), "Dr MODÈLE Anne"),
    subject="Avis TE26000417 — réponse",
    text="Bonjour,\n\nVoici l’avis.\n",
    in_reply_to="<te26000417.q1@medecin.mssante.example>",
    references=("<te26000417.q1@medecin.mssante.example>",),
    attachments=(
        OutboundAttachment("réponse.pdf", "application/pdf", b"%PDF-1.4 \r\n\0\xff"),
        OutboundAttachment("dos 1.jpg", "image/jpeg", b""),
    ),
)


def a_mail(**changes: Any) -> OutboundMail:
    return replace(MAIL, **changes)


def test_a_composed_mail_is_read_back() -> None:
    parsed = parse_mail(compose_mail(MAIL, DATE))
    assert (parsed.message_id, parsed.in_reply_to, parsed.references) == (
        MAIL.message_id,
        MAIL.in_reply_to,
        MAIL.references,
    )
    assert parsed.sender == MAIL.sender
    assert parsed.to == (MAIL.to.address,)
    assert parsed.subject == MAIL.subject
    assert parsed.date == DATE
    assert parsed.text == MAIL.text.strip("\n")
    assert [(one.name, one.mime_type, one.content) for one in parsed.attachments] == [
        (one.name, one.mime_type, one.content) for one in MAIL.attachments
    ]


def test_the_standard_library_reads_the_same() -> None:
    message = message_from_bytes(compose_mail(MAIL, DATE), policy=policy.default)
    assert message["From"].addresses[0].display_name == "Télé-expertise, plateforme"
    assert message["Reply-To"].addresses[0].addr_spec == "anne.modele@ch-fictif.mssante.example"
    assert message["Subject"] == MAIL.subject
    body, *attachments = message.iter_parts()
    assert body.get_content().replace("\r\n", "\n") == MAIL.text
    assert [part.get_filename() for part in attachments] == ["réponse.pdf", "dos 1.jpg"]
    assert attachments[0].get_content() == MAIL.attachments[0].content
    assert not message.defects


def test_the_same_mail_gives_the_same_bytes() -> None:
    assert compose_mail(MAIL, DATE) == compose_mail(MAIL, DATE)


def test_the_bytes_are_ascii_crlf_lines_of_bounded_length() -> None:
    long = a_mail(
        subject="é" * 400,
        references=tuple(f"<{n}.{'x' * 90}@y.example>" for n in range(40)),
        attachments=(OutboundAttachment("é" * 200 + ".pdf", "application/pdf", bytes(500)),),
    )
    raw = compose_mail(long, DATE)
    require_crlf_lines(raw)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 120
    assert parse_mail(raw).subject == "é" * 400
    assert b"\r\nSubject: =?utf-8?b?" in raw, "the first line of a header is not left empty"


def test_an_hprim_body_arrives_as_composed() -> None:
    body = (
        bytes(byte for byte in range(0x20, 0x100) if not 0x7F <= byte <= 0x9F)
        + b"\r\n.\r\nFrom moi \r\n****FIN****\r\n"
    )
    mail = a_mail(text=body.decode("iso-8859-1"), charset=TextCharset.LATIN_1, attachments=())
    message = message_from_bytes(compose_mail(mail, DATE))
    assert message.get_content_charset() == "iso-8859-1"
    assert message.get_payload(decode=True) == body


@pytest.mark.parametrize(
    ("mail", "header"),
    [
        (a_mail(auto_submitted=AutoSubmitted.REPLIED), b"\r\nAuto-Submitted: auto-replied\r\n"),
        (a_mail(auto_submitted=AutoSubmitted.GENERATED), b"\r\nAuto-Submitted: auto-generated\r\n"),
        (a_mail(x_headers=(("X-MSS-INS", "N"),)), b"\r\nX-MSS-INS: N\r\n"),
    ],
)
def test_headers_on_demand(mail: OutboundMail, header: bytes) -> None:
    assert header in compose_mail(mail, DATE)
    assert header.split(b":")[0] not in compose_mail(MAIL, DATE)


def test_our_own_acknowledgement_is_never_answered() -> None:
    raw = compose_mail(a_mail(auto_submitted=AutoSubmitted.REPLIED), DATE)
    with pytest.raises(AutomaticMail):
        require_answerable(Envelope("avis@tele.mssante.example", (), len(raw)), parse_headers(raw))


CONTROLS = st.sampled_from(["\r", "\n", "\r\n", "\0", "\r\nBcc: eve@x.example", "\n\nbody", "\x85", "\u2028", "\x0b"])


@settings(max_examples=200)
@given(
    st.text(), CONTROLS, st.text(), st.sampled_from(["subject", "to", "sender", "reply_to", "attachment", "x", "id"])
)
def test_no_value_adds_a_header(before: str, control: str, after: str, place: str) -> None:
    value = before + control + after
    mailbox = Mailbox(MAIL.to.address, value)
    everything: dict[str, dict[str, Any]] = {
        "subject": {"subject": value},
        "to": {"to": mailbox},
        "sender": {"sender": mailbox},
        "reply_to": {"reply_to": mailbox},
        "attachment": {"attachments": (OutboundAttachment(value, "image/jpeg", b""),)},
        "x": {"x_headers": (("X-MSS-NIL", value),)},
        "id": {"in_reply_to": f"<{value}@x.example>"},
    }
    with pytest.raises((HeaderInjection, HeaderMalformed, DisplayNameMisleading)):
        compose_mail(a_mail(**everything[place]), DATE)


NAMES = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"]
LINE = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=120)


@settings(max_examples=200, deadline=None)
@given(
    LINE,
    LINE,
    LINE,
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff")),
    st.binary(max_size=200),
)
@example("a" * 60 + " " * 100 + "b", "", "", "", b"")
def test_any_values_give_exactly_the_headers_asked_for(
    subject: str, name: str, filename: str, text: str, content: bytes
) -> None:
    attachments = (OutboundAttachment(filename or "a", "application/pdf", content),) if filename.strip() else ()
    mail = a_mail(subject=subject, to=Mailbox(MAIL.to.address, name), text=text, attachments=attachments)
    try:
        raw = compose_mail(mail, DATE)
    except DisplayNameMisleading:
        return
    assert not any(line.isspace() for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")), "RFC 5322 §3.2.2"
    names = [name for name, _ in parse_headers(raw)]
    assert names[: len(NAMES)] == NAMES
    assert set(names[len(NAMES) :]) <= {"MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
    parsed = parse_mail(raw)
    assert parsed.subject == re.sub(" +", " ", subject).strip(" ")
    assert [one.content for one in parsed.attachments] == [one.content for one in attachments]
    wanted = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").replace("\0", "")
    assert parsed.text == (wanted if wanted.strip() else "")
    message = message_from_bytes(raw, policy=policy.compat32)
    assert len(message.get_payload()) == 2 if attachments else not message.is_multipart()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"message_id": "te26"}, HeaderMalformed),
        ({"references": ("<a@b>", "<c d@e>")}, HeaderMalformed),
        ({"x_headers": (("Bcc", "eve@x.example"),)}, HeaderMalformed),
        ({"x_headers": (("X-A: b\r\nBcc", "c"),)}, HeaderMalformed),
        ({"attachments": (OutboundAttachment("a", 'image/png"; x="', b""),)}, HeaderMalformed),
        ({"attachments": (OutboundAttachment(" ", "image/png", b""),)}, HeaderMalformed),
        ({"to": Mailbox(MailAddress("a b", "x.example"))}, AddressMalformed),
        ({"sender": Mailbox(MailAddress("a", "x.example\r\nBcc: b"))}, AddressMalformed),
        ({"text": "β", "charset": TextCharset.LATIN_1}, TextNotEncodable),
        ({"text": "\udc80"}, TextNotEncodable),
    ],
)
def test_malformed_values_are_refused_by_name(changes: dict[str, Any], error: type[MissError]) -> None:
    with pytest.raises(error):
        compose_mail(a_mail(**changes), DATE)


def test_a_naive_date_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        compose_mail(MAIL, DATE.replace(tzinfo=None))


def test_what_is_sent_stays_under_the_limit() -> None:
    fits = a_mail(attachments=(OutboundAttachment("a.jpg", "image/jpeg", bytes(640_000)),))
    assert len(compose_mail(fits, DATE)) <= OUTBOUND_LIMIT_BYTES
    over = a_mail(attachments=(OutboundAttachment("a.jpg", "image/jpeg", bytes(700_000)),))
    with pytest.raises(MailTooLarge):
        compose_mail(over, DATE)
    assert len(compose_mail(over, DATE, limit_bytes=10_000_000)) > OUTBOUND_LIMIT_BYTES
