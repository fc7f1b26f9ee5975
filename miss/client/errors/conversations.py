"""What is refused in conversations."""

from miss.base.errors import BadInput, Conflict, Forbidden, NotFound
from miss.base.text import Text
from miss.client.errors.base import ClientError


class UnknownConversation(ClientError, NotFound):
    """This device knows no such conversation."""

    code = "conversation_not_here"
    http_status = 404
    text = Text(
        fr="Cette conversation n'existe pas sur cet appareil.",
        en="There is no such conversation on this device.",
    )


class UnknownMessage(ClientError, NotFound):
    """This device knows no such message."""

    code = "message_not_here"
    http_status = 404
    text = Text(fr="Ce message n'existe pas sur cet appareil.", en="There is no such message on this device.")


class NoAttachment(ClientError, NotFound):
    """The message carries no photo."""

    code = "message_without_photo"
    http_status = 404
    text = Text(fr="Ce message ne contient pas de photo.", en="This message holds no photo.")


class MessageNotProvable(ClientError, Conflict):
    """There is nothing here that would prove it; `reason`: `not_shown` (refused or deleted), `expired`."""

    code = "message_not_provable"
    http_status = 409
    text = Text(
        fr="Ce message ne peut pas être prouvé : il a été refusé, supprimé, ou a expiré ({reason}).",
        en="This message cannot be proved: it was refused, deleted, or has expired ({reason}).",
    )


class MessageReplayed(ClientError):
    """An envelope that stands at another place of the log already."""

    code = "message_replayed"
    text = Text(
        fr="Un message déjà reçu a été présenté une seconde fois ; il est écarté.",
        en="A message already received was presented a second time; it was set aside.",
    )


class NotInConversation(ClientError, Forbidden):
    """The account was removed from the conversation: it stays readable, nothing can be sent."""

    code = "conversation_left"
    http_status = 403
    text = Text(
        fr="Vous ne faites plus partie de cette conversation ; vous pouvez la relire, pas y écrire.",
        en="You are no longer in this conversation; you can read it, not write in it.",
    )


class NotReachable(ClientError, Conflict):
    """The person has no linked device."""

    code = "contact_without_device"
    http_status = 409
    text = Text(
        fr="Cette personne n'a pas encore installé MiSS ; joignez-la par messagerie sécurisée.",
        en="This person has not installed MiSS yet; reach them by secure mail.",
    )


class LastAdmin(ClientError, Conflict):
    """Nobody would be left to add, remove or name anything."""

    code = "last_admin"
    http_status = 409
    text = Text(
        fr="Vous êtes le dernier administrateur de cette conversation. Nommez-en un autre, puis réessayez.",
        en="You are the last admin of this conversation. Name another one, then try again.",
    )


class NotYourMessage(ClientError, Forbidden):
    """Only its author edits or deletes a message."""

    code = "message_of_another"
    http_status = 403
    text = Text(
        fr="Seul son auteur peut modifier ou supprimer ce message.",
        en="Only its author can edit or delete this message.",
    )


class MessageGone(ClientError, Conflict):
    """It was deleted, or could not be verified: nothing can be said about it any more."""

    code = "message_gone"
    http_status = 409
    text = Text(
        fr="Ce message a été supprimé ou écarté : on ne peut plus y répondre, le modifier ni y réagir.",
        en="This message was deleted or set aside: it cannot be answered, edited or reacted to any more.",
    )


class MessageWithheld(ClientError):
    """The server says that nothing is left of a message, without its author's word, before its time."""

    code = "message_withheld"
    text = Text(
        fr="Le serveur retient ce message, que son auteur n'a pas supprimé. Demandez-le-lui et prévenez l'opérateur.",
        en="The server does not show this message, which its author did not delete. Ask them, and tell the operator.",
    )


class NotAnEmoji(ClientError, BadInput):
    """A reaction is one picture."""

    code = "reaction_not_emoji"
    http_status = 400
    text = Text(fr="Une réaction est un seul émoji.", en="A reaction is a single emoji.")


class NotAMember(ClientError, BadInput):
    """Somebody named in a message is not in the conversation."""

    code = "mention_not_member"
    http_status = 400
    text = Text(
        fr="Une personne mentionnée ne fait pas partie de cette conversation. Ajoutez-la, ou retirez la mention.",
        en="Somebody mentioned is not in this conversation. Add them, or take the mention out.",
    )


class NoAlarm(ClientError, Conflict):
    """There is nothing to acknowledge; `reason`: `no_alarm`, `own` (its author cannot), `acknowledged`."""

    code = "nothing_to_acknowledge"
    http_status = 409
    text = Text(
        fr="Ce message n'attend pas d'accusé de votre part ({reason}).",
        en="This message does not wait for your acknowledgement ({reason}).",
    )


class RemovedMemberBack(ClientError):
    """A restored server counts somebody as a member whom an admin had taken out; an admin's device does it again."""

    code = "removed_member_back"
    temporary = True
    text = Text(
        fr="La restauration du serveur a fait revenir une personne qui avait été retirée. Vos messages partiront dès "
        "que l'appareil d'un administrateur l'aura retirée de nouveau.",
        en="The server's restore has brought back somebody who had been removed. Your messages will leave as soon as "
        "an administrator's device has removed them again.",
    )
