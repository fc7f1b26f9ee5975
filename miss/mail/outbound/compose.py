"""A mail as bytes: CRLF, ASCII headers, 7-bit parts, the same bytes for the same mail and date.

Headers and parts are written here rather than by `email`: before Python 3.11.10 its generator does not verify what it
wrote (CVE-2024-6923) and its boundaries are random.  Every value is checked before it is placed, so that no name,
subject or file name can add a header or a part.  Signing and encrypting come after, in `smime`.

Source: RFC 5322 §2.2.3 (folding), RFC 2045 §6.7 (quoted-printable), RFC 2231 §3-4 (file names), RFC 3834, RFC 8098.
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import quote

from miss.mail.addresses import compose_mailbox, parse_address, require_mailbox
from miss.mail.errors import HeaderMalformed, TextNotEncodable
from miss.mail.headers import encode_words, require_one_line
from miss.mail.outbound.model import OutboundAttachment, OutboundMail, ReceiptReport
from miss.mail.rules import OUTBOUND_LIMIT_BYTES, require_size

FOLD_CHARS = 76

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,240}>")
_MIME_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 ._()+-]{1,70}")
_X_NAME = re.compile(r"X-[A-Za-z0-9-]{1,60}")


def compose_mail(mail: OutboundMail, date: datetime, limit_bytes: int = OUTBOUND_LIMIT_BYTES) -> bytes:
    """The mail, ready for SMTP.  `date`: aware.

    Raises HeaderInjection, HeaderMalformed, AddressMalformed, DisplayNameMisleading, TextNotEncodable, MailTooLarge.
    """
    if date.tzinfo is None:
        raise ValueError("a mail is dated by an aware instant")
    head = b"".join(_fold(name, value) for name, value in _headers(mail, date))
    text_head, text_body = _text_part(mail)
    boundary = f"=_{sha256(mail.message_id.encode()).hexdigest()[:32]}"  # `=_` is in no part: RFC 2045 §6.7
    if mail.report is not None:
        raw = head + _report_head(boundary)
        raw += _join(boundary, [text_head + b"\r\n" + text_body, _report_part(mail.report)])
    elif not mail.attachments:
        raw = head + text_head + b"\r\n" + text_body
    else:
        parts = [text_head + b"\r\n" + text_body, *map(_attachment_part, mail.attachments)]
        raw = head + f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'.encode() + _join(boundary, parts)
    require_size(len(raw), limit_bytes)
    return raw


def _headers(mail: OutboundMail, date: datetime) -> Iterator[tuple[str, str]]:
    sender = require_mailbox(mail.sender, "From")
    yield "From", compose_mailbox(sender)
    yield "To", compose_mailbox(require_mailbox(mail.to, "To"))
    if mail.reply_to is not None:
        yield "Reply-To", compose_mailbox(require_mailbox(mail.reply_to, "Reply-To"))
    yield "Subject", encode_words(require_one_line(mail.subject, "Subject"))
    yield "Date", format_datetime(date)
    yield "Message-ID", _require_ids([mail.message_id], "Message-ID")
    if mail.in_reply_to:
        yield "In-Reply-To", _require_ids([mail.in_reply_to], "In-Reply-To")
    if mail.references:
        yield "References", _require_ids(mail.references, "References")
    if mail.wants_receipt:
        yield "Disposition-Notification-To", str(sender.address)
    if mail.auto_submitted is not None:
        yield "Auto-Submitted", mail.auto_submitted.value
    for name, value in mail.x_headers:
        if _X_NAME.fullmatch(name) is None:
            raise HeaderMalformed(field="x_headers")
        yield name, encode_words(require_one_line(value, name))
    yield "MIME-Version", "1.0"


def _join(boundary: str, parts: Iterable[bytes]) -> bytes:
    body = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
    return body + f"--{boundary}--\r\n".encode()


def _report_head(boundary: str) -> bytes:
    return (
        f'Content-Type: multipart/report; report-type=disposition-notification;\r\n boundary="{boundary}"\r\n\r\n'
    ).encode()


def _report_part(report: ReceiptReport) -> bytes:
    """RFC 8098 §3.1: what a program reads of a receipt."""
    recipient = f"rfc822;{parse_address(report.original_recipient, 'Final-Recipient')}"
    fields = {
        "Reporting-UA": require_one_line(report.reporting_ua, "Reporting-UA"),
        "Original-Recipient": recipient,
        "Final-Recipient": recipient,
    }
    if report.original_message_id:
        fields["Original-Message-ID"] = _require_ids([report.original_message_id], "Original-Message-ID")
    fields["Disposition"] = f"automatic-action/MDN-sent-automatically; {report.kind}"
    head = b"Content-Type: message/disposition-notification\r\n\r\n"
    return head + b"".join(_fold(name, value) for name, value in fields.items())


def _require_ids(ids: Iterable[str], field: str) -> str:
    ids = list(ids)
    if not all(_MESSAGE_ID.fullmatch(one) for one in ids):
        raise HeaderMalformed(field=field)
    return " ".join(ids)


def _fold(name: str, value: str) -> bytes:
    """One header, broken before a space where the line would grow too long; unfolding gives `value` back."""
    lines = [f"{name}:"]
    for rank, word in enumerate(value.split(" ")):
        is_long = len(lines[-1]) + 1 + len(word) > FOLD_CHARS
        if rank and word and is_long:
            lines.append(f" {word}")
        else:
            lines[-1] += f" {word}"
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _text_part(mail: OutboundMail) -> tuple[bytes, bytes]:
    text = mail.text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text if text.endswith("\n") else f"{text}\n"
    try:
        data = lines.replace("\n", "\r\n").encode(mail.charset)
    except UnicodeEncodeError:
        raise TextNotEncodable(charset=mail.charset) from None
    head = (
        f"Content-Type: text/plain; charset={mail.charset.upper()}\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    )
    return head.encode(), b2a_qp(data, istext=True)


def _attachment_part(attachment: OutboundAttachment) -> bytes:
    name = require_one_line(attachment.name, "attachment")
    if _MIME_TYPE.fullmatch(attachment.mime_type) is None or not name.strip():
        raise HeaderMalformed(field="attachment")
    # `name` is what older programs look at (RFC 2183 §2.10); they know no other than a plain one.
    plain = f';\r\n name="{name}"' if _PLAIN_NAME.fullmatch(name) else ""
    head = (
        f"Content-Type: {attachment.mime_type}{plain}\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment;{_filename(name)}\r\n"
    )
    return head.encode() + b"\r\n" + encodebytes(attachment.content).replace(b"\n", b"\r\n")


def _filename(name: str) -> str:
    """A quoted name if ASCII allows; otherwise the RFC 2231 form, which every reader of MSSanté understands."""
    if _PLAIN_NAME.fullmatch(name):
        return f'\r\n filename="{name}"'
    pieces = re.findall(r"(?:%..|[^%]){1,20}", quote(name, safe=""))
    pieces[0] = f"utf-8''{pieces[0]}"
    if len(pieces) == 1:
        return f"\r\n filename*={pieces[0]}"
    return ";".join(f"\r\n filename*{rank}*={piece}" for rank, piece in enumerate(pieces))
