"""What the S/MIME room refuses, or cannot do.

A mail that was encrypted to us and does not open has one error, whatever went wrong inside: a reply that told bad
padding from a bad signature would decrypt other people's mail for whoever asks often enough (RFC 8551 §6).
"""

from miss.base.errors import BadInput, MissError, Unavailable
from miss.base.text import Text
from miss.mail.errors import MailRefused


class EncryptedMailUnreadable(MailRefused, BadInput):
    """It was encrypted, and could not be opened, or what was inside is not a signed mail that holds."""

    code = "mail_encrypted_unreadable"
    smtp_code = 554
    enhanced_status = "5.7.5"
    text = Text(
        fr="Le message chiffré n’a pas pu être ouvert. Chiffrez-le avec le certificat actuel de la plateforme (il est "
        "joint à chacun de ses messages), signez-le avec le vôtre, puis renvoyez.",
        en="The encrypted message could not be opened. Encrypt it with the platform’s present certificate (each of its "
        "messages carries it), sign it with yours, then send again.",
    )


class SignatureInvalid(MailRefused, BadInput):
    """The signature is not one of this content: changed on the way, or malformed."""

    code = "mail_signature_invalid"
    smtp_code = 554
    enhanced_status = "5.7.7"
    text = Text(
        fr="La signature du message ne correspond pas à son contenu : il a été modifié en chemin (antivirus, bandeau "
        "ajouté par un serveur…). Renvoyez-le sans passer par ce relais.",
        en="The message’s signature does not match its content: it was changed on the way (antivirus, a banner added "
        "by a server…). Send it again without that relay.",
    )


class CmsAway(Unavailable):
    """The `openssl` command is missing, too slow or was stopped: `reason`.  Another try may succeed."""

    code = "mail_cms_away"
    text = Text(
        fr="Le programme openssl ne répond pas ({reason}). Installez-le (paquet openssl) ou augmentez les limites du "
        "processus.",
        en="The openssl program does not answer ({reason}). Install it (package openssl) or raise the process limits.",
    )


class MailKeyUnfit(MissError):
    """The platform's mail key and certificate cannot be used: `file`, `reason`."""

    code = "mail_key_unfit"
    text = Text(
        fr="La clé ou le certificat de messagerie de la plateforme ne convient pas ({file} : {reason}). Voyez "
        "docs/mail.md, « Signature ».",
        en="The platform’s mail key or certificate cannot be used ({file}: {reason}). See docs/mail.md, “Signature”.",
    )
