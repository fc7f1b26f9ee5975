"""Why a connection ends, and what a client does next.  protocol §7"""

from enum import IntEnum
from typing import Final


class CloseCode(IntEnum):
    """WebSocket close codes of our own (RFC 6455 §7.4.2 leaves 4000 – 4999 to applications)."""

    AUTH = 4001
    PROTOCOL = 4002
    REVOKED = 4003
    SLOW = 4008
    REPLACED = 4009
    RESTART = 4010
    RATE = 4029

    @property
    def explanation(self) -> str:
        """One sentence for logs and for the close frame (≤ 123 bytes, RFC 6455 §5.5)."""
        return EXPLANATIONS[self]

    @property
    def reconnects(self) -> bool:
        """True if the client connects again by itself, within a second and then with growing pauses."""
        return self in RECONNECTING


EXPLANATIONS: Final = {
    CloseCode.AUTH: "not authenticated: no valid auth within the time allowed; sign in again",
    CloseCode.PROTOCOL: "a frame broke the protocol; update the client before connecting again",
    CloseCode.REVOKED: "this device was revoked; lock, and wipe only on the signed link",
    CloseCode.SLOW: "nothing could be written or heard for too long; connect again and pull",
    CloseCode.REPLACED: "the same device connected elsewhere; this connection stays closed",
    CloseCode.RESTART: "the server is restarting; connect again",
    CloseCode.RATE: "too much at once: frames, openings or open sockets; connect again after a pause",
}
RECONNECTING: Final = frozenset({CloseCode.SLOW, CloseCode.RESTART, CloseCode.RATE})
