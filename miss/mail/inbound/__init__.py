"""Mail that arrives.

`apart`, `parse`, `model` are pure; `judge` asks, `service` keeps and hands over.  `door` is the SMTP and LMTP listener,
`imap` fetches from a mailbox, `authentication` says who wrote, `bulk` what is no letter, `quarantine` what failed.
"""

from miss.mail.inbound.door import DoorRules, MailDoor
from miss.mail.inbound.judge import Judge
from miss.mail.inbound.model import Attachment, InboundMail
from miss.mail.inbound.service import Intakes, MailIntake

__all__ = ["Attachment", "DoorRules", "InboundMail", "Intakes", "Judge", "MailDoor", "MailIntake"]
