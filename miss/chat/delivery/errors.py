"""What this room refuses."""

from miss.base.errors import Conflict, Unavailable
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
