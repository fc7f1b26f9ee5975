"""Delivery and disposition reports, read: bytes of any kind give a report, None (it is none), or ReportUnreadable.

Both ways in which software says « I could not file this document » are read: `processed/error` with an `Error` field
(2026), and `processed/Error: 902^…` (before).  Subjects are never looked at, nor what is written for people: they name
patients.  The parts are cut here rather than by `email`, which takes a report for a mail and its transfer encoding for
text.  Pure; time in proportion to the length.

Source: RFC 6522, RFC 3464 §2, RFC 8098 §3, MSSanté guide of the integration of CDA documents.
"""

import re
from base64 import b64decode
from binascii import a2b_qp
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Final

from miss.mail.addresses import parse_address
from miss.mail.errors import AddressMalformed, MailTooComplex, MailUnreadable
from miss.mail.headers import Headers, parse_headers, value_of
from miss.mail.trace.errors import ReportUnreadable
from miss.mail.trace.model import Stage

MAX_PARTS: Final = 10
MAX_RECIPIENTS: Final = 50
MAX_FIELDS_BYTES: Final = 20_000
SOURCE_CHARS: Final = 100

_DELIVERY: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_DISPOSITION: Final = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
_RETURNED: Final = frozenset({"text/rfc822-headers", "message/rfc822", "message/global", "message/global-headers"})
_ACTIONS: Final = {
    "failed": Stage.FAILED,
    "delayed": Stage.DELAYED,
    "delivered": Stage.DELIVERED,
    "relayed": Stage.RELAYED,
    "expanded": Stage.RELAYED,
}
_BLANK_LINE: Final = re.compile(rb"\r?\n[ \t]*\r?\n")
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,240}>")
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_DISPOSITION_VALUE: Final = re.compile(r"\s*([A-Za-z-]+)\s*/[^;]*;\s*([A-Za-z-]+)\s*(?:/\s*(.*))?", re.DOTALL)
_INTEGRATION_CODE: Final = re.compile(r"\s*(90[0-6])\b")


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    """What a delivery report says of one recipient."""

    stage: Stage
    recipient: str
    """Where it went, in lower case; empty: no mail address."""
    original_recipient: str
    """Where we sent it; may be empty."""
    status: str
    """`5.1.1`; empty if it is not said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """RFC 3464."""

    envelope_id: str
    """The ENVID that we gave; empty: the reporter does not know of any."""
    message_id: str
    """Of the mail that is reported on, from what was returned of it."""
    reporter: str
    """Host name."""
    recipients: tuple[RecipientStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DispositionReport:
    """RFC 8098."""

    message_id: str
    stage: Stage | None
    """None: nothing to be kept (the reader declines to say)."""
    reporter: str
    """Program."""
    recipient: str
    original_recipient: str
    code: str
    """900 to 906 if it could not be filed; empty: without a reason, or it could."""


Report = DeliveryReport | DispositionReport


def is_report(headers: Headers) -> bool:
    """Whether a mail says of itself that it is a report."""
    return _media_type(value_of(headers, "Content-Type")) == "multipart/report"


def parse_report(content: bytes) -> Report | None:
    """The report that a mail is; None: it is none, or of a kind that tells nothing of delivery.

    Raises ReportUnreadable.
    """
    try:
        headers = parse_headers(content)
        if not is_report(headers):
            return None
        parts = list(_parts(content, _boundary(value_of(headers, "Content-Type"))))
        for media_type, body in parts:
            if media_type in _DELIVERY:
                return _delivery(body, _returned_id(parts))
            if media_type in _DISPOSITION:
                return _disposition(body, _returned_id(parts))
    except (MailTooComplex, MailUnreadable) as error:
        raise ReportUnreadable(reason=error.code) from None
    return None


def _media_type(value: str) -> str:
    return value.partition(";")[0].strip().lower()


def _boundary(content_type: str) -> bytes:
    holder = Message()
    holder["Content-Type"] = " ".join(content_type.split())
    try:
        boundary = holder.get_boundary() or ""
        encoded = boundary.encode("ascii")
    except Exception:  # `email` raises many kinds on hostile parameters
        raise ReportUnreadable(reason="boundary") from None
    if not 1 <= len(encoded) <= 200:
        raise ReportUnreadable(reason="boundary")
    return encoded


def _parts(content: bytes, boundary: bytes) -> Iterator[tuple[str, bytes]]:
    """Media type and decoded body of each part."""
    cut = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(?:--)?[ \t]*(?=\r?\n|\Z)")
    pieces = cut.split(content, maxsplit=MAX_PARTS + 1)
    if len(pieces) > MAX_PARTS + 1:
        raise ReportUnreadable(reason="parts")
    for piece in pieces[1:]:
        text = piece.removeprefix(b"\r\n").removeprefix(b"\n")
        if text.startswith((b"\r\n", b"\n")):
            yield "text/plain", text
            continue
        head, body = _split_once(text)
        headers = parse_headers(head + b"\r\n\r\n")
        encoding = value_of(headers, "Content-Transfer-Encoding").strip().lower()
        yield _media_type(value_of(headers, "Content-Type")), _decoded(body, encoding)


def _split_once(text: bytes) -> tuple[bytes, bytes]:
    found = _BLANK_LINE.search(text)
    return (text[: found.start()], text[found.end() :]) if found else (text, b"")


def _decoded(body: bytes, encoding: str) -> bytes:
    try:
        if encoding == "base64":
            return b64decode(body)
        return a2b_qp(body) if encoding == "quoted-printable" else body
    except ValueError:
        raise ReportUnreadable(reason="encoding") from None


def _returned_id(parts: Sequence[tuple[str, bytes]]) -> str:
    """The Message-ID of what was returned of the mail."""
    for media_type, body in parts:
        if media_type in _RETURNED:
            return find_message_id(value_of(parse_headers(_split_once(body)[0] + b"\r\n\r\n"), "Message-ID"))
    return ""


def _blocks(body: bytes) -> list[Headers]:
    """Groups of fields, apart by blank lines."""
    if len(body) > MAX_FIELDS_BYTES:
        raise ReportUnreadable(reason="size")
    pieces = (piece.strip(b"\r\n") for piece in _BLANK_LINE.split(body))
    return [parse_headers(piece + b"\r\n\r\n") for piece in pieces if piece.strip()]


def _delivery(body: bytes, returned_id: str) -> DeliveryReport:
    blocks = _blocks(body)
    if not 2 <= len(blocks) <= MAX_RECIPIENTS + 1:
        raise ReportUnreadable(reason="recipients")
    of_mail, *of_recipients = blocks
    return DeliveryReport(
        envelope_id=_unxtext(value_of(of_mail, "Original-Envelope-Id")),
        message_id=returned_id,
        reporter=_name(value_of(of_mail, "Reporting-MTA")),
        recipients=tuple(_recipient(block) for block in of_recipients),
    )


def _recipient(block: Headers) -> RecipientStatus:
    action = value_of(block, "Action").strip().lower()
    if action not in _ACTIONS:
        raise ReportUnreadable(reason="Action")
    status = _STATUS.search(value_of(block, "Status"))
    return RecipientStatus(
        _ACTIONS[action],
        _address(value_of(block, "Final-Recipient")),
        _address(value_of(block, "Original-Recipient")),
        status[0] if status else "",
    )


def _disposition(body: bytes, returned_id: str) -> DispositionReport:
    blocks = _blocks(body)
    if not blocks:
        raise ReportUnreadable(reason="fields")
    fields = blocks[0]
    said = _DISPOSITION_VALUE.match(value_of(fields, "Disposition"))
    if said is None:
        raise ReportUnreadable(reason="Disposition")
    mode, kind, modifier = said[1].lower(), said[2].lower(), said[3] or ""
    error = value_of(fields, "Error") or value_of(fields, "Failure")
    has_failed = bool(error) or kind == "failed" or modifier.strip().lower().startswith(("error", "failure"))
    code = _INTEGRATION_CODE.match(error or modifier.partition(":")[2])
    return DispositionReport(
        message_id=find_message_id(value_of(fields, "Original-Message-ID")) or returned_id,
        stage=Stage.REJECTED if has_failed else _stage(kind, is_automatic=mode == "automatic-action"),
        reporter=_name(value_of(fields, "Reporting-UA")),
        recipient=_address(value_of(fields, "Final-Recipient")),
        original_recipient=_address(value_of(fields, "Original-Recipient")),
        code=code[1] if code and has_failed else "",
    )


def _stage(kind: str, *, is_automatic: bool) -> Stage | None:
    """Software that files a document by itself says `processed` by itself; a person's reader says it for the person."""
    if kind == "processed":
        return Stage.INTEGRATED if is_automatic else Stage.PROCESSED
    return {"displayed": Stage.DISPLAYED, "deleted": Stage.DELETED, "dispatched": Stage.PROCESSED}.get(kind)


def find_message_id(value: str) -> str:
    """The first `<…>` of a header, or an empty text."""
    found = _MESSAGE_ID.search(value)
    return found[0] if found else ""


def _address(value: str) -> str:
    """Of `rfc822; <a@b.example>`; empty if it is no plain address."""
    try:
        return str(parse_address(value.rpartition(";")[2].strip(" \t<>")))
    except AddressMalformed:
        return ""


def _name(value: str) -> str:
    """A host or a program, as it may be shown: `dns; mx.b.example` without its type."""
    kind, separator, name = value.partition(";")
    shown = name if separator and kind.strip().lower() == "dns" else value
    return " ".join("".join(char for char in shown if " " <= char <= "~").split())[:SOURCE_CHARS]


def _unxtext(value: str) -> str:
    """RFC 3461 §4 undone."""
    return re.sub(r"\+([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), value.strip())
