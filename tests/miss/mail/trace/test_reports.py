"""Reports read: both dialects of integration, every action, and bytes that nobody should have sent."""

import random
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.mail.trace.errors import ReportUnreadable
from miss.mail.trace.model import Stage
from miss.mail.trace.reports import (
    MAX_PARTS,
    DeliveryReport,
    DispositionReport,
    RecipientStatus,
    parse_report,
)
from tests.miss.mail.trace.samples import KO_NEW, KO_OLD, MAIL_ID, MESSAGE_ID, RECIPIENT, dsn, mdn


def _delivery(content: bytes) -> DeliveryReport:
    report = parse_report(content)
    assert isinstance(report, DeliveryReport)
    return report


def _disposition(content: bytes) -> DispositionReport:
    report = parse_report(content)
    assert isinstance(report, DispositionReport)
    return report


def test_a_delivery_report() -> None:
    assert _delivery(dsn()) == DeliveryReport(
        envelope_id=MAIL_ID,
        message_id=MESSAGE_ID,
        reporter="mx.medecin.mssante.example",
        recipients=(RecipientStatus(Stage.DELIVERED, RECIPIENT, RECIPIENT, "2.0.0"),),
    )


@pytest.mark.parametrize(
    ("action", "stage"),
    [
        ("Failed", Stage.FAILED),
        ("delayed", Stage.DELAYED),
        ("relayed", Stage.RELAYED),
        ("expanded", Stage.RELAYED),
    ],
)
def test_every_action(action: str, stage: Stage) -> None:
    [status] = _delivery(dsn(action, "5.1.1 (unknown)")).recipients
    assert (status.stage, status.status) == (stage, "5.1.1")


def test_an_envelope_id_comes_back_as_it_was_given() -> None:
    assert _delivery(dsn(envid="a+2Bb+3Dc")).envelope_id == "a+b=c"


@pytest.mark.parametrize("content", [KO_NEW, KO_OLD], ids=["2026", "before"])
def test_both_dialects_of_a_document_that_could_not_be_filed(content: bytes) -> None:
    report = _disposition(content)
    assert (report.stage, report.code, report.message_id) == (Stage.REJECTED, "902", MESSAGE_ID)
    assert report.reporter == "dpi.example; DPI de test"


@pytest.mark.parametrize(
    ("disposition", "stage"),
    [
        ("automatic-action/MDN-sent-automatically; processed", Stage.INTEGRATED),
        ("manual-action/MDN-sent-manually; processed", Stage.PROCESSED),
        ("manual-action/MDN-sent-automatically; displayed", Stage.DISPLAYED),
        ("manual-action/MDN-sent-manually;displayed/warning", Stage.DISPLAYED),
        ("automatic-action/MDN-sent-automatically; deleted", Stage.DELETED),
        ("automatic-action/MDN-sent-automatically; processed/error", Stage.REJECTED),
        ("automatic-action/MDN-sent-automatically; failed", Stage.REJECTED),
        ("manual-action/MDN-sent-manually; denied", None),
    ],
)
def test_every_disposition(disposition: str, stage: Stage | None) -> None:
    report = _disposition(mdn(disposition))
    assert (report.stage, report.code) == (stage, "")


@pytest.mark.parametrize("code", ["900", "903", "904", "905", "906"])
def test_the_other_codes(code: str) -> None:
    assert _disposition(mdn("automatic-action/x; processed/error", error=f"{code}^libellé")).code == code


def test_a_code_in_the_subject_alone_says_nothing() -> None:
    report = _disposition(mdn(subject="[KO Intégration système !][902] XDM/1.0/DDM+CR"))
    assert (report.stage, report.code) == (Stage.INTEGRATED, "")


def test_fields_that_travelled_as_base64() -> None:
    content = mdn()
    start = content.index(b"Reporting-UA")
    end = content.index(b"\r\n--B1\r\nContent-Type: message/rfc822")
    encoded = content[:start].removesuffix(b"\r\n") + b"Content-Transfer-Encoding: base64\r\n\r\n"
    assert _disposition(encoded + b64encode(content[start:end]) + content[end:]).stage is Stage.INTEGRATED


def test_bare_line_feeds_are_read() -> None:
    assert _disposition(KO_NEW.replace(b"\r\n", b"\n")).code == "902"


@pytest.mark.parametrize(
    "content",
    [
        b"From: a@b.example\r\nSubject: x\r\n\r\nx\r\n",
        mdn().replace(b"message/disposition-notification", b"message/feedback-report"),
        mdn().replace(b"multipart/report", b"multipart/mixed"),
    ],
)
def test_what_is_no_report_of_ours_is_left_to_others(content: bytes) -> None:
    assert parse_report(content) is None


@pytest.mark.parametrize(
    "content",
    [
        dsn("eaten"),
        dsn().replace(b'boundary="B2.1/mx.example"', b"x=y"),
        dsn().replace(b"Final-Recipient", b"\r\nAction: failed\r\n\r\n" * 60 + b"Final-Recipient"),
        mdn("nonsense"),
        mdn().replace(b"--B1\r\n", b"--B1\r\n" * (MAX_PARTS + 2), 1),
        mdn(error="9" * 30_000),
        mdn().replace(
            b"message/disposition-notification\r\n",
            b"message/disposition-notification\r\nContent-Transfer-Encoding: base64\r\n",
        ),
    ],
    ids=["action", "boundary", "recipients", "disposition", "parts", "size", "encoding"],
)
def test_what_cannot_be_read_is_said(content: bytes) -> None:
    with pytest.raises(ReportUnreadable):
        parse_report(content)


@given(seed=st.integers(0, 2**32), whole=st.sampled_from([dsn(), KO_NEW, KO_OLD]))
@settings(max_examples=150)
def test_damaged_reports_are_read_or_refused_by_name(seed: int, whole: bytes) -> None:
    chance = random.Random(seed)
    damaged = bytearray(whole)
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(damaged))
        damaged[at : at + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
    try:
        parse_report(bytes(damaged))
    except ReportUnreadable:
        return


@given(st.binary(max_size=400))
@settings(max_examples=100)
def test_any_body_is_read_or_refused_by_name(body: bytes) -> None:
    try:
        parse_report(b"Content-Type: multipart/report; boundary=B\r\n\r\n--B\r\n" + body)
    except ReportUnreadable:
        return
