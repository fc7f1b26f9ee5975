"""Who may write to the platform, and what is never answered: pure decisions for inbound mail.

The SMTP listener asks them in order, inside the session: `require_recipient` and `require_size` at RCPT and MAIL,
then on the content `require_crlf_lines`, `require_answerable`, `require_one_sender`; then it looks the sender up in the
directory and calls `require_member`.  Lists and circulars are judged by `miss.mail.inbound.bulk`.  Nothing here looks
anything up, stores or answers.

Source: RFC 5321 §2.3.8, §4.1.1.4, §6.3; RFC 3834 §2 and §5; teleexpertise.md §2.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from miss.mail.addresses import MailAddress, is_no_reply, parse_address, parse_mailbox
from miss.mail.errors import (
    AutomaticMail,
    BareLineEnd,
    FromNotAligned,
    FromNotSingle,
    MailLoop,
    MailTooLarge,
    NoReplySender,
    RecipientUnknown,
    SenderUnknown,
)
from miss.mail.headers import Headers, value_of, values_of

OUTBOUND_LIMIT_BYTES = 900_000
"""What some operators still accept: 900 KB, encoding included."""
MAX_RECEIVED = 25

_BARE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n|\0")
_AUTO_REPLY_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")
"""Of programs that are older than RFC 3834."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What SMTP said before the content.  `mail_from` is empty for the null sender `<>`."""

    mail_from: str
    rcpt_tos: tuple[str, ...]
    size_bytes: int


def require_size(size_bytes: int, limit_bytes: int) -> None:
    """Raises MailTooLarge."""
    if size_bytes > limit_bytes:
        raise MailTooLarge(limit_bytes=limit_bytes)


def require_recipient(rcpt_to: str, own_addresses: Collection[MailAddress]) -> MailAddress:
    """The address of ours that is written to.  Raises RecipientUnknown: nothing is relayed."""
    address = parse_address(rcpt_to, "RCPT TO")
    if address not in own_addresses:
        raise RecipientUnknown()
    return address


def require_crlf_lines(content: bytes) -> None:
    """Raises BareLineEnd for content where another server could see another end of message."""
    if _BARE_LINE_END.search(content):
        raise BareLineEnd()


def require_answerable(envelope: Envelope, headers: Headers) -> None:
    """Raises MailLoop or AutomaticMail for what must never receive an answer (RFC 3834 §2)."""
    hops = len(values_of(headers, "Received"))
    if hops > MAX_RECEIVED:
        raise MailLoop(hops=hops)
    reason = automatic_sign(envelope, headers)
    if reason is not None:
        raise AutomaticMail(reason=reason)


def automatic_sign(envelope: Envelope, headers: Headers) -> str | None:
    """What tells that a program wrote this mail, or None."""
    if envelope.mail_from in ("", "<>"):
        return "null sender"
    if any(_first_word(value) != "no" for value in values_of(headers, "Auto-Submitted")):
        return "Auto-Submitted"
    if _first_word(value_of(headers, "Precedence")) == "auto_reply":
        return "Precedence"
    if any(values_of(headers, name) for name in _AUTO_REPLY_HEADERS):
        return "auto-reply"
    if is_report(headers):
        return "report"
    return None


def _first_word(value: str) -> str:
    return value.partition(";")[0].strip().lower()


def is_daemon(mail_from: str) -> bool:
    """True for the senders of reports that do not use the null one."""
    return mail_from.partition("@")[0].lower() in ("mailer-daemon", "postmaster")


def is_report(headers: Headers) -> bool:
    """True for a delivery or disposition report (RFC 6522)."""
    return _first_word(value_of(headers, "Content-Type")) == "multipart/report"


def require_one_sender(envelope: Envelope, headers: Headers) -> MailAddress:
    """The one address that both the envelope and the single From header name.

    Raises FromNotSingle, AddressMalformed, DisplayNameMisleading, FromNotAligned, NoReplySender.
    """
    from_values = values_of(headers, "From")
    if len(from_values) != 1:
        raise FromNotSingle(count=len(from_values))
    shown = parse_mailbox(from_values[0], "From").address
    if shown != parse_address(envelope.mail_from, "MAIL FROM"):
        raise FromNotAligned()
    if is_no_reply(shown):
        raise NoReplySender()
    return shown


def require_member(is_member: bool) -> None:
    """Raises SenderUnknown.  `is_member`: the directory knows the sender and has verified them."""
    if not is_member:
        raise SenderUnknown()
