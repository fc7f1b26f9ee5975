"""Mail that leaves.

`model` and `compose` are pure; `service` queues and sends through a `transport`: a relay, or a folder.
"""

from miss.mail.outbound.model import AutoSubmitted, OutboundAttachment, OutboundMail, message_id_for
from miss.mail.outbound.service import Outbox
from miss.mail.outbound.transport import MailTransport, SmtpRelay, Spool

__all__ = [
    "AutoSubmitted",
    "MailTransport",
    "OutboundAttachment",
    "OutboundMail",
    "Outbox",
    "SmtpRelay",
    "Spool",
    "message_id_for",
]
