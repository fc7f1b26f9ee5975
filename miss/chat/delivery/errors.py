"""What this room refuses."""

from miss.base.errors import Conflict, Forbidden, Unavailable
from miss.base.text import Text


class MessageConflict(Conflict):
    """Another envelope has that `mid`; `seq` and `env_hash` say which.  protocol §7 (`ack`)"""

    code = "conflict"
    text = Text(
        fr="Ce message a déjà été déposé sous une autre forme.",
        en="This message was deposited already in another form.",
    )

    def __init__(self, *, seq: int, env_hash: bytes) -> None:
        super().__init__(seq=seq, env_hash=env_hash.hex())
        self.seq = seq
        self.env_hash = env_hash


class DeliveryBusy(Unavailable):
    """More envelopes wait than the server takes."""

    code = "delivery_busy"
    text = Text(
        fr="Le serveur est très sollicité. Le message partira dans un instant.",
        en="The server is very busy. The message will leave in a moment.",
    )


class NotAuthor(Forbidden):
    """Somebody deletes what another person wrote."""

    code = "not_author"
    text = Text(
        fr="Seule la personne qui a écrit un message peut le supprimer.",
        en="Only the person who wrote a message can delete it.",
    )


class TombstoneMismatch(Conflict):
    """Well signed, but of another envelope than the one that stands there."""

    code = "tombstone_mismatch"
    text = Text(
        fr="Cette suppression porte sur un autre message. Rouvrez la conversation, puis recommencez.",
        en="This deletion is about another message. Open the conversation again, then retry.",
    )
