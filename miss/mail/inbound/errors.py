"""What is said to a sender who writes too often, and to operators about mails that were set aside."""

from miss.base.errors import BadInput, Conflict, NotFound, TooMany
from miss.base.text import Text
from miss.mail.errors import MailRefused


class TooManyMails(MailRefused, TooMany):
    """More mails in an hour than one person writes."""

    code = "mail_too_many"
    smtp_code = 450
    enhanced_status = "4.7.1"
    text = Text(
        fr="Vous avez envoyé beaucoup de messages en une heure : celui-ci sera représenté par votre serveur un peu "
        "plus tard.",
        en="You have sent many messages within an hour: your server will bring this one again a little later.",
    )


class CorrespondentBlocked(MailRefused, BadInput):
    """Whom the mail is for has blocked its sender, and said nothing of why."""

    code = "mail_correspondent_blocked"
    text = Text(
        fr="La personne à qui ce message s’adresse ne reçoit pas vos messages. Contactez-la par un autre moyen.",
        en="The person this message is for does not take your messages. Reach them in another way.",
    )


class CorrespondentBlockedFormat(CorrespondentBlocked):
    """Blocked for the format."""

    code = "mail_correspondent_blocked_format"
    text = Text(
        fr="La personne à qui ce message s’adresse a bloqué vos messages : leur format ne lui convient pas. "
        "Contactez-la par un autre moyen.",
        en="The person this message is for has blocked your messages: their format does not suit them. Reach them in "
        "another way.",
    )


class CorrespondentBlockedUnwanted(CorrespondentBlocked):
    """Blocked because they do not want them."""

    code = "mail_correspondent_blocked_unwanted"
    text = Text(
        fr="La personne à qui ce message s’adresse a bloqué vos messages : elle ne souhaite pas en recevoir. "
        "Contactez-la par un autre moyen.",
        en="The person this message is for has blocked your messages: they do not want any. Reach them in another way.",
    )


class QuarantinedUnknown(NotFound):
    """No mail of that number is set aside."""

    code = "mail_quarantined_unknown"
    text = Text(
        fr="Ce courriel n’est pas, ou plus, mis à l’écart. Rechargez la liste.",
        en="This mail is not, or no longer, set aside. Reload the list.",
    )


class QuarantinedDestroyed(Conflict):
    """Its content has had its time."""

    code = "mail_quarantined_destroyed"
    text = Text(
        fr="Le contenu de ce courriel a été détruit à l’échéance de conservation : il ne peut plus être lu ni rejoué.",
        en="This mail’s content was destroyed at the end of its retention: it can no longer be read or replayed.",
    )


class ReasonMissing(BadInput):
    """Content is opened for a reason."""

    code = "mail_reason_missing"
    text = Text(
        fr="Indiquez pourquoi, en 10 à 300 caractères et sans donnée de santé : le motif est inscrit au journal "
        "d’accès.",
        en="Say why, in 10 to 300 characters and without health data: the reason is written in the access log.",
    )
