"""What the mail room refuses, with the SMTP reply that says so.

A refusal is spoken inside the SMTP session, never by a later bounce (RFC 5321 §6.1): a forged sender must not receive
our mail.  Enhanced status codes: RFC 3463 and the IANA registry.  Parameters never hold content, subject or names.
"""

import unicodedata
from typing import ClassVar

from miss.base.errors import BadInput, MissError, TooLarge
from miss.base.text import Language, Text

REPLY_CHARS = 480
"""An SMTP reply line has at most 512 octets, code and CRLF included (RFC 5321 §4.5.3.1.5)."""


class MailRefused(MissError):
    """A mail refused in the session that brings it.  Leaves set the SMTP reply code and the enhanced status."""

    smtp_code: ClassVar[int] = 550
    enhanced_status: ClassVar[str] = "5.7.1"

    def smtp_reply(self) -> str:
        """One line in ASCII, French then English: `550 5.7.1 Expediteur inconnu… / Unknown sender…`."""
        sentences = f"{self.sentence(Language.FR)} / {self.sentence(Language.EN)}"
        return f"{self.smtp_code} {self.enhanced_status} {_ascii(sentences)}"[:REPLY_CHARS]


def _ascii(text: str) -> str:
    plain = text.translate({ord("’"): "'", ord("“"): '"', ord("”"): '"', ord("«"): '"', ord("»"): '"'})
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()


class AddressMalformed(MailRefused, BadInput):
    """An address that is not exactly one plain mailbox: `field` says where it stood."""

    code = "mail_address_malformed"
    smtp_code = 553
    enhanced_status = "5.1.7"
    text = Text(
        fr="L’adresse de messagerie est mal formée (champ {field}). Écrivez une seule adresse, de la forme "
        "nom@domaine.",
        en="The mail address is malformed (field {field}). Write a single address, of the form name@domain.",
    )


class DisplayNameMisleading(MailRefused, BadInput):
    """A display name that shows another address, or hides characters: `field`."""

    code = "mail_display_name_misleading"
    smtp_code = 550
    enhanced_status = "5.7.1"
    text = Text(
        fr="Le nom affiché de l’expéditeur contient une adresse ou des caractères trompeurs (champ {field}). "
        "Corrigez-le dans votre logiciel puis renvoyez.",
        en="The sender’s display name holds an address or misleading characters (field {field}). Correct it in your "
        "software and send again.",
    )


class FromNotSingle(MailRefused, BadInput):
    """No From header, or more than one, or one that names several mailboxes: `count` headers."""

    code = "mail_from_not_single"
    smtp_code = 554
    enhanced_status = "5.6.0"
    text = Text(
        fr="Le message doit porter un seul en-tête From ; il en porte {count}. Renvoyez-le depuis votre logiciel de "
        "messagerie.",
        en="The message must bear a single From header; it bears {count}. Send it again from your mail software.",
    )


class FromNotAligned(MailRefused, BadInput):
    """The From header names another mailbox than the SMTP envelope."""

    code = "mail_from_not_aligned"
    text = Text(
        fr="L’expéditeur affiché n’est pas celui de l’enveloppe. Envoyez la demande depuis votre propre boîte, sans "
        "redirection.",
        en="The sender shown is not that of the envelope. Send the request from your own mailbox, not forwarded.",
    )


class SenderUnknown(MailRefused, BadInput):
    """The sender is not in the directory, or not verified: the reply does not say which."""

    code = "mail_sender_unknown"
    text = Text(
        fr="Votre adresse n’est pas celle d’un professionnel inscrit. Inscrivez-vous, ou écrivez depuis l’adresse "
        "que vous avez déclarée.",
        en="Your address is not that of a registered professional. Register, or write from the address you declared.",
    )


class NoReplySender(MailRefused, BadInput):
    """The sender's address reads no answer, and the answer is the point of a request."""

    code = "mail_no_reply_sender"
    text = Text(
        fr="Votre adresse n’accepte pas de réponse. Écrivez depuis une boîte que vous lisez : l’avis y sera envoyé.",
        en="Your address accepts no answer. Write from a mailbox that you read: the advice will be sent there.",
    )


class RecipientUnknown(MailRefused, BadInput):
    """Not an address of this platform; nothing is relayed."""

    code = "mail_recipient_unknown"
    enhanced_status = "5.1.1"
    text = Text(
        fr="Cette adresse n’existe pas ici. Vérifiez l’adresse de la plateforme.",
        en="There is no such address here. Check the platform’s address.",
    )


class MailTooLarge(MailRefused, TooLarge):
    """Over `limit_bytes`."""

    code = "mail_too_large"
    smtp_code = 552
    enhanced_status = "5.3.4"
    text = Text(
        fr="Le message est trop volumineux : {limit_bytes} octets au plus. Réduisez les photos ou envoyez-en moins.",
        en="The message is too large: at most {limit_bytes} bytes. Reduce the photos or send fewer.",
    )


class BareLineEnd(MailRefused, BadInput):
    """A CR or LF alone, or a NUL: how a second message is smuggled past another server (RFC 5321 §2.3.8)."""

    code = "mail_bare_line_end"
    smtp_code = 554
    enhanced_status = "5.5.2"
    text = Text(
        fr="Le message contient une fin de ligne non conforme (CR ou LF isolé, ou caractère nul). Renvoyez-le depuis "
        "un logiciel à jour.",
        en="The message holds a line end that is not CRLF, or a null character. Send it again from recent software.",
    )


class MailUnreadable(MailRefused, BadInput):
    """Not a mail that can be taken apart: `reason` for the log."""

    code = "mail_unreadable"
    smtp_code = 554
    enhanced_status = "5.6.0"
    text = Text(
        fr="Le message n’a pas pu être lu. Renvoyez-le en texte simple avec ses pièces jointes.",
        en="The message could not be read. Send it again as plain text with its attachments.",
    )


class MailTooComplex(MailRefused, BadInput):
    """More headers, parts, levels or attachments than a letter needs: `what`, `limit`."""

    code = "mail_too_complex"
    smtp_code = 554
    enhanced_status = "5.6.0"
    text = Text(
        fr="Le message a trop d’en-têtes, de parties ou de pièces jointes (limite : {limit}). Envoyez-en moins, sans "
        "transférer d’anciens messages.",
        en="The message has too many headers, parts or attachments (limit: {limit}). Send fewer, without forwarding "
        "old messages.",
    )


class MailIgnored(MailRefused, BadInput):
    """Accepted and kept, but never answered and never taken for a request: an answer could start a loop."""

    smtp_code = 250
    enhanced_status = "2.0.0"


class AutomaticMail(MailIgnored):
    """Written by a program (null sender, Auto-Submitted, list, report): `reason` names the sign (RFC 3834 §2)."""

    code = "mail_automatic"
    text = Text(
        fr="Message automatique conservé sans suite.",
        en="Automatic message kept; nothing follows.",
    )


class MailLoop(MailIgnored):
    """`hops` Received headers: it goes round (RFC 5321 §6.3)."""

    code = "mail_loop"
    text = Text(
        fr="Message en boucle ({hops} relais) conservé sans suite.",
        en="Looping message ({hops} relays) kept; nothing follows.",
    )


class HeaderInjection(BadInput):
    """A value meant for a header holds a line break or another control character: `field`."""

    code = "mail_header_injection"
    text = Text(
        fr="Le champ « {field} » du message contient un caractère interdit (saut de ligne ou caractère de contrôle). "
        "Supprimez-le puis recommencez.",
        en="The field “{field}” of the message holds a forbidden character (line break or control character). Remove "
        "it and try again.",
    )


class HeaderMalformed(BadInput):
    """A value that its header does not allow: `field`."""

    code = "mail_header_malformed"
    text = Text(
        fr="Le champ « {field} » du message n’a pas la forme attendue.",
        en="The field “{field}” of the message has not the expected form.",
    )


class TextNotEncodable(BadInput):
    """The text holds characters that its chosen charset lacks: `charset`."""

    code = "mail_text_not_encodable"
    text = Text(
        fr="Le texte contient des caractères que le jeu {charset} ne connaît pas. Choisissez UTF-8.",
        en="The text holds characters that {charset} does not have. Choose UTF-8.",
    )
