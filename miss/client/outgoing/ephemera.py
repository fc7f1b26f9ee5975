"""Who is writing, who is there: told once, never stored, lost without harm.  protocol §7"""

from contextlib import suppress
from typing import Final

from miss.base.clock import monotonic_s
from miss.base.ids import ConversationId
from miss.client.connection import Connection
from miss.client.model import Presence
from miss.protocol.errors import NotConnected
from miss.protocol.wire import frames

TYPING_S: Final = 5.0
"""« Is writing » is said again after this long, and counts for somewhat longer."""


class Ephemera:
    """What this person says of themselves."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._typing: dict[ConversationId, float] = {}
        """Where this person is writing, and when that was last said."""
        self._presence: Presence | None = None

    def restart(self) -> None:
        """A new connection: who is there is said again."""
        self._typing.clear()
        if self._presence is not None:
            self._say(frames.Presence(int(self._presence)))

    def typing(self, cid: ConversationId, on: bool) -> None:
        """Say that this person began or stopped to write; may be called at every key."""
        said_s, now_s = self._typing.get(cid), monotonic_s()
        if on and (said_s is None or now_s - said_s >= TYPING_S):
            self._typing[cid] = now_s
            self._say(frames.Typing(cid, True))
        elif not on and self._typing.pop(cid, None) is not None:
            self._say(frames.Typing(cid, False))

    def set_presence(self, presence: Presence) -> None:
        """Say it now, and on every new connection."""
        self._presence = presence
        self._say(frames.Presence(int(presence)))

    def _say(self, frame: frames.Typing | frames.Presence) -> None:
        with suppress(NotConnected):
            self._connection.report(frame)
