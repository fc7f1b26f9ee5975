"""Mail fetched from a mailbox that an operator keeps for us, where no listener of ours can stand behind its server."""

from miss.mail.inbound.imap.account import ImapAccount
from miss.mail.inbound.imap.watch import MailboxWatch

__all__ = ["ImapAccount", "MailboxWatch"]
