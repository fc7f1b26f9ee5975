"""A mail that was set aside, as an operator may see it without a reason.  Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from miss.base.ids import MailId, PractitionerId
from miss.mail.headers import Headers, parse_headers
from miss.mail.inbound.errors import ReasonMissing

MIN_REASON_CHARS: Final = 10
MAX_REASON_CHARS: Final = 300

_TECHNICAL: Final = frozenset(
    {
        *("received", "return-path", "authentication-results", "message-id", "date", "from", "to", "mime-version"),
        *("content-type", "content-transfer-encoding", "user-agent", "x-mailer", "auto-submitted", "dkim-signature"),
    }
)
"""Of the headers, those that tell how a mail was made and travelled.  A subject names patients."""
_MAX_VALUE_CHARS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """Who, when, how large, why: nothing that it says."""

    id: MailId
    recipient: str
    sender: str
    """Of the envelope."""
    practitioner_id: PractitionerId
    size_bytes: int
    received_at: datetime
    set_aside_at: datetime
    reason: str
    """An error's code or type; `crash`: the process died."""
    is_discarded: bool
    is_destroyed: bool
    """Its content has had its time."""


def technical_headers(content: bytes) -> Headers:
    """The headers that name no patient; the values of the others are left out.  Raises MailRefused if unreadable."""
    return tuple(
        (name, value[:_MAX_VALUE_CHARS] if name.lower() in _TECHNICAL else "…")
        for name, value in parse_headers(content)
    )


def require_reason(text: str) -> str:
    """Why content is opened or discarded.  Raises ReasonMissing."""
    reason = " ".join(text.split())
    if not MIN_REASON_CHARS <= len(reason) <= MAX_REASON_CHARS:
        raise ReasonMissing
    return reason
