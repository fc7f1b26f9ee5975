"""The numbers of the chat server that a deployment may change; protocol §6 holds those that both sides share."""

from dataclasses import dataclass, field

from miss.protocol.session import Rate, SessionLimits
from miss.protocol.session.limits import DEFAULT_RATES
from miss.protocol.wire.frames import Send


def session_limits(send_burst: int, send_per_s: float) -> SessionLimits:
    """The protocol's limits of one socket, with this rate of sending."""
    return SessionLimits(rates={**DEFAULT_RATES, Send: Rate(burst=send_burst, per_s=send_per_s)})


@dataclass(frozen=True, slots=True)
class ChatLimits:
    """Handed in by the composition root; tests shorten the times."""

    session: SessionLimits = field(default_factory=SessionLimits)
    """Rates, queue and timeouts of one socket."""
    gather_s: float = 0.0
    """A flush waits this long for company; 0: never."""
    poll_s: float = 10.0
    """Between two looks for lost publications."""
    tick_s: float = 5.0
    """Between two looks at every socket's own timers."""
    close_grace_s: float = 3.0
    """Time for sockets to say goodbye when the server stops."""
