"""A raw mail taken apart: sender, threading, text, attachments.

Bytes of any kind give an `InboundMail` or a named error, in time and memory in proportion to their length.  The
`compat32` policy of `email` is chosen: the newer header objects raise on malformed values, this one hands them over.
Whether the mail is welcome is decided by `miss.mail.rules`, not here; S/MIME is opened before.

Source: RFC 5322, RFC 2045-2047, RFC 2183; MSSanté mails as observed.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.generator import BytesGenerator
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value, parsedate_to_datetime
from hashlib import sha256
from io import BytesIO

from miss.documents.charset import decode_text
from miss.mail.addresses import MailAddress, parse_address, parse_mailbox
from miss.mail.errors import AddressMalformed, FromNotSingle, MailTooComplex, MailUnreadable
from miss.mail.headers import Headers, decode_words, headers_of, require_few_headers, value_of, values_of
from miss.mail.inbound.filenames import safe_name
from miss.mail.inbound.html import html_to_text
from miss.mail.inbound.model import Attachment, InboundMail

MAX_PARTS = 100
MAX_DEPTH = 12
MAX_ATTACHMENTS = 40
MAX_BOUNDARY_LINES = 2_000
"""Lines that begin with `--`, which is what a part costs to declare."""
MAX_REFERENCES = 50
MAX_RECIPIENTS = 100

_BOUNDARY_LINE = re.compile(rb"^--", re.MULTILINE)
_ADDRESS = re.compile(r'[^\s<>,;:"()@]+@[^\s<>,;:"()@]+')
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,240}>")


def parse_mail(raw: bytes) -> InboundMail:
    """The mail as intake needs it.

    Raises FromNotSingle, AddressMalformed, DisplayNameMisleading (no usable sender), MailTooComplex, MailUnreadable.
    """
    require_few_headers(raw)
    _require_few_parts(raw)
    try:
        message = BytesParser(policy=compat32).parsebytes(raw)
        headers = headers_of(message)
        contents = _Contents()
        _gather(message, contents, depth=0)
    except MailTooComplex:
        raise
    except RecursionError:
        raise MailTooComplex(what="depth", limit=MAX_DEPTH) from None
    except Exception as error:  # as in parse_headers
        raise MailUnreadable(reason=type(error).__name__) from None
    from_values = values_of(headers, "From")
    if len(from_values) != 1:
        raise FromNotSingle(count=len(from_values))
    return InboundMail(
        message_id=_first_id(value_of(headers, "Message-ID")) or _derived_id(raw),
        in_reply_to=_first_id(value_of(headers, "In-Reply-To")),
        references=tuple(_MESSAGE_ID.findall(value_of(headers, "References"))[-MAX_REFERENCES:]),
        sender=parse_mailbox(from_values[0], "From"),
        to=_recipients(headers),
        subject=decode_words(value_of(headers, "Subject")),
        date=_date(value_of(headers, "Date")),
        text=contents.text(),
        attachments=tuple(contents.attachments),
    )


@dataclass(slots=True)
class _Contents:
    """What the walk through the parts has found so far."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    """Type (`text/plain`, `text/html`) and content, in order."""
    attachments: list[Attachment] = field(default_factory=list)
    parts: int = 0

    def text(self) -> str:
        words = (html_to_text(text) if mime_type == "text/html" else text for mime_type, text in self.texts)
        return "\n\n".join(text for text in words if text.strip())

    def attach(self, declared_name: str, mime_type: str, content: bytes) -> None:
        if len(self.attachments) == MAX_ATTACHMENTS:
            raise MailTooComplex(what="attachments", limit=MAX_ATTACHMENTS)
        name = safe_name(declared_name, mime_type, len(self.attachments) + 1)
        self.attachments.append(Attachment(name, mime_type, content))


def _require_few_parts(raw: bytes) -> None:
    """Counted before parsing, as headers are: each part costs `email` far more memory than its bytes."""
    if sum(1 for _ in _BOUNDARY_LINE.finditer(raw)) > MAX_BOUNDARY_LINES:
        raise MailTooComplex(what="parts", limit=MAX_BOUNDARY_LINES)


def _gather(part: Message, contents: _Contents, depth: int) -> None:
    contents.parts += 1
    if contents.parts > MAX_PARTS:
        raise MailTooComplex(what="parts", limit=MAX_PARTS)
    if depth > MAX_DEPTH:
        raise MailTooComplex(what="depth", limit=MAX_DEPTH)
    mime_type = part.get_content_type()
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        _gather_multipart(_contained(part), mime_type, contents, depth)
        return
    name = _declared_name(part)
    is_text = mime_type in ("text/plain", "text/html")
    if is_text and not name and part.get_content_disposition() != "attachment":
        contents.texts.append((mime_type, _text_of(part)))
    else:
        contents.attach(name, mime_type, _content_of(part))


def _gather_multipart(parts: list[Message], mime_type: str, contents: _Contents, depth: int) -> None:
    """Each text counts, except that alternatives say the same: of those, a plain text is enough."""
    if mime_type != "multipart/alternative":
        for part in parts:
            _gather(part, contents, depth + 1)
        return
    found = _Contents(parts=contents.parts, attachments=contents.attachments)
    for part in parts:
        _gather(part, found, depth + 1)
    contents.parts = found.parts
    plain = [(kind, text) for kind, text in found.texts if kind == "text/plain" and text.strip()]
    contents.texts += plain or found.texts


def _content_of(part: Message) -> bytes:
    """The bytes of a leaf; a contained message (forwarded mail, delivery report) is written out again."""
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    written = BytesIO()
    for contained in _contained(part):
        BytesGenerator(written, mangle_from_=False, policy=compat32.clone(linesep="\r\n")).flatten(contained)
    return written.getvalue()


def _contained(part: Message) -> list[Message]:
    """The messages inside a part that `is_multipart`: never asked of a leaf, which `email` would try to decode."""
    return [one for one in part.get_payload() if isinstance(one, Message)]


def _text_of(part: Message) -> str:
    declared = part.get_param("charset")
    charset = collapse_rfc2231_value(declared) if declared else None
    text = decode_text(_content_of(part), charset).text
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").replace("\0", "")


def _declared_name(part: Message) -> str:
    declared = part.get_filename()
    return decode_words(declared) if declared else ""


def _first_id(value: str) -> str:
    found = _MESSAGE_ID.search(value)
    return found[0] if found else ""


def _derived_id(raw: bytes) -> str:
    return f"<{sha256(raw).hexdigest()}@sans-identifiant.invalid>"


def _recipients(headers: Headers) -> tuple[MailAddress, ...]:
    found: list[MailAddress] = []
    for text in _ADDRESS.findall(", ".join(values_of(headers, "To")))[:MAX_RECIPIENTS]:
        try:
            found.append(parse_address(text, "To"))
        except AddressMalformed:
            continue
    return tuple(found)


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, LookupError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
