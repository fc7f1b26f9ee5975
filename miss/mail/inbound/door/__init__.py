"""The SMTP and LMTP listeners: they speak to the Postfix in front of us, and decide nothing themselves (ADR 45)."""

from miss.mail.inbound.door.listener import MailDoor
from miss.mail.inbound.door.session import DoorRules

__all__ = ["DoorRules", "MailDoor"]
