"""What this room refuses."""

from miss.base.errors import BadInput, Conflict, Forbidden
from miss.base.text import Text


class AlarmNotMember(BadInput):
    """The list to ask names somebody who is no member, the author, or one person twice."""

    code = "alarm_not_member"
    text = Text(
        fr="Une personne à prévenir n’est pas membre de la conversation. Choisissez parmi ses autres membres.",
        en="A person to be told is not a member of the conversation. Choose among its other members.",
    )


class AlarmTimeRefused(BadInput):
    """The acknowledgement is due in the past, or too far ahead."""

    code = "alarm_time_refused"
    text = Text(
        fr="Le délai d’accusé de réception est passé ou dépasse {max_days} jours. Choisissez-en un autre.",
        en="The time to acknowledge has passed or is over {max_days} days. Choose another one.",
    )


class AlarmOwn(Forbidden):
    """The author acknowledges their own alarm."""

    code = "alarm_own"
    text = Text(
        fr="Vous avez envoyé ce résultat : c’est à un autre membre d’en accuser réception.",
        en="You sent this result: another member has to acknowledge it.",
    )


class AcknowledgementMismatch(Conflict):
    """Well signed, but of another envelope than the one that stands there."""

    code = "acknowledgement_mismatch"
    text = Text(
        fr="Cet accusé de réception porte sur un autre message. Rouvrez la conversation, puis recommencez.",
        en="This acknowledgement is about another message. Open the conversation again, then retry.",
    )
