"""What this room refuses.  A conversation that is not the caller's is NotFound, as one that does not exist."""

from miss.base.errors import Conflict, Forbidden, TooLarge
from miss.base.text import Text


class StaleEpoch(Conflict):
    """The conversation has moved on, or has to: `epoch` is the current one.

    If that is the sender's own, a member's user key has changed since: the sender commits before it sends.
    """

    code = "stale_epoch"
    text = Text(
        fr="Les membres ou les clés de la conversation ont changé ; le message est préparé à nouveau.",
        en="The conversation's members or keys have changed; the message is being prepared again.",
    )

    def __init__(self, *, epoch: int) -> None:
        super().__init__(epoch=epoch)
        self.epoch = epoch


class ConversationKnown(Conflict):
    """Another first commit has that identifier."""

    code = "conversation_known"
    text = Text(fr="Cette conversation existe déjà.", en="This conversation exists already.")


class OwnerRefused(Forbidden):
    """Somebody founds a care team for an establishment where, says the register, they do not practise."""

    code = "owner_refused"
    text = Text(
        fr="D'après l'annuaire, vous n'exercez pas dans l'établissement {owner} : vous ne pouvez pas créer d'équipe "
        "en son nom. Choisissez un établissement où vous exercez.",
        en="According to the directory you do not practise at establishment {owner}, so you cannot create a team in "
        "its name. Choose one where you practise.",
    )


class OwnerNeedsAdmin(Conflict):
    """A care team would have no administrator left who practises at the establishment that owns it."""

    code = "owner_needs_admin"
    text = Text(
        fr="Cette équipe appartient à l'établissement {owner} : au moins un administrateur doit y exercer. "
        "Nommez-en un, puis recommencez.",
        en="This team belongs to establishment {owner}: at least one administrator has to practise there. "
        "Appoint one, then try again.",
    )


class TooManyMembers(TooLarge):
    """More people than a conversation holds.  protocol §6"""

    code = "too_many_members"
    text = Text(
        fr="Une conversation réunit au plus {max} personnes ; celle-ci en aurait {members}. Retirez-en, ou ouvrez-en "
        "une deuxième.",
        en="A conversation holds {max} people at most; this one would have {members}. Leave some out, or open a "
        "second one.",
    )
