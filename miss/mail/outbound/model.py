"""A mail to send: everything its bytes depend on, except the date."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from miss.mail.addresses import Mailbox
from miss.mail.errors import HeaderMalformed

_ID_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_DOMAIN = re.compile(r"[a-z0-9.-]+")


class TextCharset(StrEnum):
    """The charset of the text part."""

    UTF_8 = "utf-8"
    LATIN_1 = "iso-8859-1"
    """For an HPRIM body: readers expect it, and its bytes arrive as composed."""


class AutoSubmitted(StrEnum):
    """RFC 3834 §5: tells other programs not to answer."""

    GENERATED = "auto-generated"
    """A notice nobody wrote to us for: assignment, reminder."""
    REPLIED = "auto-replied"
    """An acknowledgement or a refusal of one mail."""


@dataclass(frozen=True, slots=True, repr=False)
class OutboundAttachment:
    name: str
    mime_type: str
    content: bytes


class ReportKind(StrEnum):
    """What we tell whoever asked for a receipt (RFC 8098 §3.2.6.2)."""

    DISPLAYED = "displayed"
    """Somebody has opened it."""
    PROCESSED = "processed"
    """It was taken in by the platform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptReport:
    """The part of a mail that makes it a disposition notification (RFC 8098 §3.1)."""

    kind: ReportKind
    reporting_ua: str
    """Who says so: the name of our host, then of the program."""
    original_recipient: str
    """The address that was written to."""
    original_message_id: str
    """`<…>`; empty if the mail had none."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OutboundMail:
    """One mail.  Not shown by `repr`: it would reach the logs."""

    message_id: str
    """`<…>`: stable across retries, see `message_id_for`."""
    sender: Mailbox
    to: Mailbox
    """One recipient a mail, so that each has its own trace."""
    subject: str
    text: str
    """Any line ends; a final one is added if missing."""
    charset: TextCharset = TextCharset.UTF_8
    reply_to: Mailbox | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[OutboundAttachment, ...] = ()
    x_headers: tuple[tuple[str, str], ...] = ()
    """Names begin with `X-`."""
    auto_submitted: AutoSubmitted | None = None
    """None: a person's words (an expert's answer)."""
    wants_receipt: bool = False
    """Ask the reader's software to say that it was displayed, and filed (MSSanté ECO.2.3.2)."""
    author: str = ""
    """Whose words these are (PS_IdNat): who may have the proof.  In no header."""
    report: ReceiptReport | None = None
    """Makes it a receipt for a mail that came: sent from nobody, and never asked a receipt for (RFC 8098 §3)."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A mail that has not reached its recipient."""

    recipient: str
    queued_at: datetime
    is_refused: bool
    """The relay will never take it; else it waits and is tried again."""
    reply: str
    """What was said last; empty if it was not tried."""


def message_id_for(kind: str, reference: str, domain: str) -> str:
    """`<reference.kind@domain>`, the same for the same mail however often it is composed.

    `kind`: `ack`, `answer`, `notice-2`…; `reference`: the request's number or row id.  Raises HeaderMalformed.
    """
    for field, word in (("kind", kind), ("reference", reference)):
        if _ID_WORD.fullmatch(word) is None:
            raise HeaderMalformed(field=field)
    if _DOMAIN.fullmatch(domain) is None:
        raise HeaderMalformed(field="domain")
    return f"<{reference.lower()}.{kind.lower()}@{domain}>"
