"""Who may write, and what is never answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.mail.addresses import MailAddress, parse_address
from miss.mail.errors import (
    AddressMalformed,
    AutomaticMail,
    BareLineEnd,
    DisplayNameMisleading,
    FromNotAligned,
    FromNotSingle,
    MailIgnored,
    MailLoop,
    MailTooLarge,
    NoReplySender,
    RecipientUnknown,
    SenderUnknown,
)
from miss.mail.headers import Headers, parse_headers
from miss.mail.rules import (
    Envelope,
    require_answerable,
    require_crlf_lines,
    require_member,
    require_one_sender,
    require_recipient,
    require_size,
)

PAUL = "paul.exemple@medecin.mssante.example"
PLATFORM = parse_address("avis@tele.mssante.example")
LIMIT_BYTES = 10_000_000
ENVELOPE = Envelope(mail_from=PAUL, rcpt_tos=(str(PLATFORM),), size_bytes=1000)


def headers(*lines: str) -> Headers:
    return parse_headers("\r\n".join((*lines, "", "")).encode())


@pytest.mark.parametrize("ending", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r"])
def test_the_six_smuggling_terminators_are_refused(ending: bytes) -> None:
    with pytest.raises(BareLineEnd):
        require_crlf_lines(b"Subject: a\r\n\r\nb" + ending + b"MAIL FROM:<eve@x.example>\r\n")


@pytest.mark.parametrize("content", [b"a\r\n\0.\r\n", b"a\r", b"\n", b"a\r\r\n"])
def test_other_stray_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(BareLineEnd):
        require_crlf_lines(content)


@given(st.lists(st.binary().map(lambda b: b.translate(None, b"\r\n\0"))))
def test_crlf_lines_pass_whatever_they_hold(lines: list[bytes]) -> None:
    content = b"".join(line + b"\r\n" for line in lines)
    require_crlf_lines(content)
    with pytest.raises(BareLineEnd):
        require_crlf_lines(content + b"\n")


def test_size() -> None:
    require_size(LIMIT_BYTES, LIMIT_BYTES)
    with pytest.raises(MailTooLarge) as refused:
        require_size(20_000_000, LIMIT_BYTES)
    assert refused.value.params == {"limit_bytes": LIMIT_BYTES}
    assert (refused.value.smtp_code, refused.value.enhanced_status) == (552, "5.3.4")


def test_only_our_addresses_are_written_to() -> None:
    assert require_recipient("Avis@TELE.mssante.example", {PLATFORM}) == PLATFORM
    with pytest.raises(RecipientUnknown):
        require_recipient(PAUL, {PLATFORM})
    with pytest.raises(AddressMalformed):
        require_recipient("avis", {PLATFORM})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Auto-Submitted: auto-replied", "Auto-Submitted"),
        ("auto-submitted: Auto-Generated; type=ack", "Auto-Submitted"),
        ("Precedence: auto_reply", "Precedence"),
        ("X-Autoreply: yes", "auto-reply"),
        ("Content-Type: multipart/report; report-type=delivery-status", "report"),
    ],
)
def test_what_a_program_wrote_is_never_answered(line: str, reason: str) -> None:
    with pytest.raises(AutomaticMail) as ignored:
        require_answerable(ENVELOPE, headers(f"From: {PAUL}", line))
    assert ignored.value.params == {"reason": reason}


@pytest.mark.parametrize("mail_from", ["", "<>"])
def test_the_null_sender_is_never_answered(mail_from: str) -> None:
    with pytest.raises(MailIgnored):
        require_answerable(Envelope(mail_from, (), 10), headers(f"From: {PAUL}"))


def test_more_than_25_relays_is_a_loop() -> None:
    require_answerable(ENVELOPE, headers(*["Received: by x"] * 25))
    with pytest.raises(MailLoop) as ignored:
        require_answerable(ENVELOPE, headers(*["Received: by x"] * 26))
    assert ignored.value.params == {"hops": 26}


@pytest.mark.parametrize(
    "line", ["Auto-Submitted: no", "Precedence: first-class", "Content-Type: multipart/mixed", "X-List: a"]
)
def test_a_person_is_answered(line: str) -> None:
    require_answerable(ENVELOPE, headers(f"From: {PAUL}", line))


def test_envelope_and_header_name_one_sender() -> None:
    sender = require_one_sender(ENVELOPE, headers(f"From: =?utf-8?q?Dr_Ex=C3=A9mple?= <{PAUL.upper()}>"))
    assert sender == MailAddress("paul.exemple", "medecin.mssante.example")


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ((), FromNotSingle),
        ((f"From: {PAUL}", "From: eve@evil.example"), FromNotSingle),
        ((f"From: {PAUL}", f"FROM: {PAUL}"), FromNotSingle),
        ((f"From: {PAUL}, eve@evil.example",), AddressMalformed),
        ((f"From: {PAUL})eve@evil.example",), AddressMalformed),
        (("From: eve@evil.example",), FromNotAligned),
        ((f'From: "{PAUL}" <eve@evil.example>',), DisplayNameMisleading),
    ],
)
def test_a_doubtful_sender_is_refused(lines: tuple[str, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        require_one_sender(ENVELOPE, headers(*lines))


def test_a_sender_that_reads_no_answer_is_refused() -> None:
    envelope = Envelope("no-reply@labo.example", (), 10)
    with pytest.raises(NoReplySender):
        require_one_sender(envelope, headers("From: Labo <no-reply@labo.example>"))


def test_an_unknown_sender_is_refused() -> None:
    require_member(True)
    with pytest.raises(SenderUnknown) as refused:
        require_member(False)
    assert (refused.value.smtp_code, refused.value.enhanced_status) == (550, "5.7.1")
