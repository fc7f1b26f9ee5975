"""A mail taken apart: what intake needs of it, as frozen values."""

from dataclasses import dataclass
from datetime import datetime

from miss.mail.addresses import MailAddress, Mailbox


@dataclass(frozen=True, slots=True, repr=False)
class Attachment:
    """A file.  `name` is fit for a file system: one component, no control character."""

    name: str
    mime_type: str
    """As declared, lower case, without parameters; never to be trusted as to the content."""
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InboundMail:
    """One mail.  Not shown by `repr`: it would reach the logs."""

    message_id: str
    """`<…>`; derived from the content when the mail bears none, so that the same mail always has the same."""
    in_reply_to: str
    """`<…>` or empty."""
    references: tuple[str, ...]
    sender: Mailbox
    to: tuple[MailAddress, ...]
    """The well-formed addresses of the To header; not proof of anything."""
    subject: str
    date: datetime | None
    """Aware; None if absent or unreadable."""
    text: str
    """The plain text, `\\n` line ends; made from the HTML when there is nothing else."""
    attachments: tuple[Attachment, ...]
