"""Mail that arrives.

`model` and `parse` are pure; `service` judges, keeps and hands over; `door` is the SMTP listener.
"""

from miss.mail.inbound.door import MailDoor
from miss.mail.inbound.model import Attachment, InboundMail
from miss.mail.inbound.service import Intakes, MailIntake

__all__ = ["Attachment", "InboundMail", "Intakes", "MailDoor", "MailIntake"]
