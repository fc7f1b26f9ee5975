"""What the door says before it has read anything."""

from miss.base.errors import TooMany
from miss.base.text import Text
from miss.mail.errors import MailRefused


class SenderBusy(MailRefused, TooMany):
    """The sender's server, or domain, holds `limit` sessions already, or every line is taken."""

    code = "mail_sender_busy"
    smtp_code = 421
    enhanced_status = "4.7.0"
    text = Text(
        fr="Trop de sessions en même temps depuis votre serveur ou pour votre domaine ({limit} au plus) : les autres "
        "passent d’abord. Limitez les connexions simultanées de votre serveur ; il réessaiera seul.",
        en="Too many sessions at once from your server or for your domain (at most {limit}): others go first. Limit "
        "your server’s concurrent connections; it will try again by itself.",
    )
