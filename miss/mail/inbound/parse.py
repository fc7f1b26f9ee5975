"""A mail taken apart, read: sender, threading, text, attachments.

Bytes of any kind give an `InboundMail` or a named error, in time and memory in proportion to their length.  MIME itself
is taken apart by `apart`, for strangers' mails in a process of its own (`sandbox`).  Whether the mail is welcome is
decided by `miss.mail.rules`, not here; S/MIME is opened before.

Source: RFC 5322, RFC 2045-2047, RFC 2183; MSSanté mails as observed.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256

from miss.documents.charset import decode_text
from miss.mail.addresses import MailAddress, parse_address, parse_mailbox
from miss.mail.errors import AddressMalformed, FromNotSingle, MailTooComplex, MailUnreadable
from miss.mail.headers import Headers, decode_words, require_few_headers, unfolded, value_of, values_of
from miss.mail.inbound.apart import Apart, Leaf, PartsRefused, take_apart
from miss.mail.inbound.filenames import safe_name
from miss.mail.inbound.html import html_to_text
from miss.mail.inbound.model import Attachment, InboundMail

MAX_BOUNDARY_LINES = 2_000
"""Lines that begin with `--`, which is what a part costs to declare."""
MAX_REFERENCES = 50
MAX_RECIPIENTS = 100

_BOUNDARY_LINE = re.compile(rb"^--", re.MULTILINE)
_ADDRESS = re.compile(r'[^\s<>,;:"()@]+@[^\s<>,;:"()@]+')
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,240}>")


def parse_mail(raw: bytes) -> InboundMail:
    """The mail as intake needs it, taken apart in this process: for bytes of our own, and for what tries the parser.

    Raises FromNotSingle, AddressMalformed, DisplayNameMisleading (no usable sender), MailTooComplex, MailUnreadable.
    """
    require_countable(raw)
    try:
        return assemble(take_apart(raw), raw)
    except PartsRefused as refused:
        raise refusal(refused) from None


def require_countable(raw: bytes) -> None:
    """Asked before a mail is taken apart.  Raises MailTooComplex."""
    require_few_headers(raw)
    _require_few_parts(raw)


def refusal(refused: PartsRefused) -> MailTooComplex | MailUnreadable:
    """What the sender is told."""
    return MailTooComplex(what=refused.what, limit=refused.limit) if refused.limit else MailUnreadable(reason="parts")


def assemble(apart: Apart, raw: bytes) -> InboundMail:
    """What `apart` says, read.  Raises FromNotSingle, AddressMalformed, DisplayNameMisleading."""
    headers = unfolded(apart.headers)
    from_values = values_of(headers, "From")
    if len(from_values) != 1:
        raise FromNotSingle(count=len(from_values))
    return InboundMail(
        message_id=first_id(value_of(headers, "Message-ID")) or _derived_id(raw),
        in_reply_to=first_id(value_of(headers, "In-Reply-To")),
        references=tuple(_MESSAGE_ID.findall(value_of(headers, "References"))[-MAX_REFERENCES:]),
        sender=parse_mailbox(from_values[0], "From"),
        to=_recipients(headers),
        subject=decode_words(value_of(headers, "Subject")),
        date=_date(value_of(headers, "Date")),
        text=_text(apart.texts),
        attachments=tuple(_attachment(leaf, rank) for rank, leaf in enumerate(apart.attachments, 1)),
    )


def _require_few_parts(raw: bytes) -> None:
    """Counted before parsing, as headers are: each part costs `email` far more memory than its bytes."""
    if sum(1 for _ in _BOUNDARY_LINE.finditer(raw)) > MAX_BOUNDARY_LINES:
        raise MailTooComplex(what="parts", limit=MAX_BOUNDARY_LINES)


def _text(leaves: list[Leaf]) -> str:
    texts = (html_to_text(_text_of(leaf)) if leaf.mime_type == "text/html" else _text_of(leaf) for leaf in leaves)
    return "\n\n".join(text for text in texts if text.strip())


def _text_of(leaf: Leaf) -> str:
    text = decode_text(leaf.content, leaf.charset or None).text
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").replace("\0", "")


def _attachment(leaf: Leaf, rank: int) -> Attachment:
    name = safe_name(decode_words(leaf.name) if leaf.name else "", leaf.mime_type, rank)
    return Attachment(name, leaf.mime_type, leaf.content)


def first_id(value: str) -> str:
    """The first Message-ID in a header's value; empty if there is none."""
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
