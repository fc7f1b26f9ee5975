"""Calls about who is there and who is writing; the others' come as events.  protocol §7"""

from miss.base.ids import ConversationId
from miss.client.calls.base import Calls
from miss.client.model import Presence


class PresenceCalls(Calls):
    """Nothing here is stored, by anybody."""

    def typing(self, cid: ConversationId, on: bool = True) -> None:
        """Tell the other members that this person is writing, or has stopped; may be called at every key."""
        self._parts.ephemera.typing(cid, on)

    def set_presence(self, presence: Presence) -> None:
        """Tell everybody this person shares a conversation with, now and on every new connection."""
        self._parts.ephemera.set_presence(presence)
