"""Our receipts: what they say, and to whom none is sent."""

from datetime import UTC, datetime
from email import message_from_bytes

import pytest

from miss.mail.addresses import Mailbox, parse_address
from miss.mail.headers import Headers
from miss.mail.outbound.compose import compose_mail
from miss.mail.outbound.model import OutboundMail, ReportKind
from miss.mail.trace import receipt_for
from miss.mail.trace.model import Stage
from miss.mail.trace.reports import DispositionReport, parse_report

OWN = Mailbox(parse_address("teleexpertise@miss.example"), "Téléexpertise")
SENDER = "paul.exemple@medecin.mssante.example"
HEADERS: Headers = (
    ("From", f"Dr Exemple <{SENDER}>"),
    ("Message-ID", "<q1@medecin.mssante.example>"),
    ("Disposition-Notification-To", f"Dr Exemple <{SENDER}>"),
    ("Subject", "FICTIF BASTIEN"),
)


def _receipt(headers: Headers = HEADERS, envelope_from: str = SENDER) -> OutboundMail | None:
    return receipt_for(headers, envelope_from, OWN, ReportKind.PROCESSED, "miss.example")


def test_what_it_says_is_read_as_a_report() -> None:
    mail = _receipt()
    assert mail is not None
    content = compose_mail(mail, datetime(2026, 11, 20, tzinfo=UTC))
    report = parse_report(content)
    assert isinstance(report, DispositionReport)
    assert (report.stage, report.message_id) == (Stage.INTEGRATED, "<q1@medecin.mssante.example>")
    assert report.recipient == "teleexpertise@miss.example"
    message = message_from_bytes(content)
    assert message["To"] == SENDER
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["Disposition-Notification-To"] is None
    assert [part.get_content_type() for part in message.walk()][:3] == [
        "multipart/report",
        "text/plain",
        "message/disposition-notification",
    ]
    assert b"BASTIEN" not in content


def test_the_same_mail_has_one_receipt() -> None:
    first, second = _receipt(), _receipt((*HEADERS, ("X-Other", "1")))
    assert first is not None
    assert second is not None
    assert first.message_id == second.message_id


@pytest.mark.parametrize(
    ("headers", "envelope_from"),
    [
        (HEADERS[:2], SENDER),
        (HEADERS, ""),
        (HEADERS, "somebody.else@medecin.mssante.example"),
        ((*HEADERS, ("Auto-Submitted", "auto-generated")), SENDER),
        ((*HEADERS, ("List-Id", "<list.example>")), SENDER),
        ((*HEADERS, ("Precedence", "bulk")), SENDER),
        ((*HEADERS, ("Disposition-Notification-To", SENDER)), SENDER),
        ((*HEADERS[:2], ("Disposition-Notification-To", "victim@autre.example")), SENDER),
        ((*HEADERS[:2], ("Disposition-Notification-To", "not an address")), SENDER),
        ((("From", "other@medecin.mssante.example"), *HEADERS[1:]), SENDER),
        ((*HEADERS, ("Content-Type", "multipart/report; boundary=x")), SENDER),
    ],
)
def test_nobody_else_gets_one(headers: Headers, envelope_from: str) -> None:
    assert _receipt(headers, envelope_from) is None
