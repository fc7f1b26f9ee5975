"""What is said to who writes to many."""

from miss.base.errors import BadInput
from miss.base.text import Text
from miss.mail.errors import MailRefused


class BulkMail(MailRefused, BadInput):
    """Sent by a list or a mailing program: `sign` names the header that says so."""

    code = "mail_bulk"
    text = Text(
        fr="Cette adresse ne reçoit pas de lettre d’information ni de liste de diffusion ({sign}). Écrivez pour un "
        "patient, depuis votre logiciel.",
        en="This address takes no newsletter and no mailing list ({sign}). Write about a patient, from your software.",
    )


class TooManyAddressees(MailRefused, BadInput):
    """Over `limit` addresses in To and Cc."""

    code = "mail_too_many_addressees"
    text = Text(
        fr="Ce message est adressé à plus de {limit} personnes : les envois groupés ne sont pas acceptés. Adressez la "
        "demande à la plateforme seule.",
        en="This message is addressed to more than {limit} people: mass mail is not taken. Send the request to the "
        "platform alone.",
    )


class SameMailAgain(MailRefused, BadInput):
    """The same words and files for the `limit` + 1st time in a day."""

    code = "mail_same_again"
    text = Text(
        fr="Vous avez déjà envoyé {limit} fois ce même message aujourd’hui : il est bien arrivé. Appelez l’assistance "
        "si vous attendez une réponse.",
        en="You have sent this same message {limit} times today: it did arrive. Call the support desk if you are "
        "waiting for an answer.",
    )
