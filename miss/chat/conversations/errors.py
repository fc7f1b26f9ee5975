"""What this room refuses.  A conversation that is not the caller's is NotFound, as one that does not exist."""

from miss.base.errors import Conflict
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
