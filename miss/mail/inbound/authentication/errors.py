"""What is said to senders who cannot be told from somebody who uses their name."""

from miss.base.errors import BadInput
from miss.base.text import Text
from miss.mail.errors import MailRefused


class SenderNotProved(MailRefused, BadInput):
    """No signature, no operator's certificate, no aligned DKIM."""

    code = "mail_sender_not_proved"
    enhanced_status = "5.7.1"
    text = Text(
        fr="Rien ne prouve que ce message vient de vous. Envoyez-le depuis votre messagerie sécurisée de santé, ou "
        "signez-le (S/MIME).",
        en="Nothing proves that this message is yours. Send it from your secure health mailbox, or sign it (S/MIME).",
    )


class SignatureRequired(MailRefused, BadInput):
    """It is not signed by its sender, who has to."""

    code = "mail_signature_required"
    enhanced_status = "5.7.1"
    text = Text(
        fr="Ce message doit porter votre signature S/MIME. Signez-le avec le certificat déclaré dans l’annuaire, puis "
        "renvoyez.",
        en="This message must bear your S/MIME signature. Sign it with the certificate declared in the directory, then "
        "send again.",
    )
