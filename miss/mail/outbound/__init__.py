"""Mail that leaves.

`model` and `compose` are pure; `service` queues; `lines` empties the queue through a `transport`: relays, or a folder.
"""

from miss.mail.outbound.lines import LineLimits
from miss.mail.outbound.model import AutoSubmitted, OutboundAttachment, OutboundMail, message_id_for
from miss.mail.outbound.service import Outbox
from miss.mail.outbound.transport import MailTransport, Spool

__all__ = [
    "AutoSubmitted",
    "LineLimits",
    "MailTransport",
    "OutboundAttachment",
    "OutboundMail",
    "Outbox",
    "Spool",
    "message_id_for",
]
