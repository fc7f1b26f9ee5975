"""Typing and presence: passed on, never stored, dropped first.  protocol §7

Whoever may not speak somewhere is ignored there: an ephemeral frame has no answer that could tell anything.
"""

from miss.chat.conversations import store as conversation_store
from miss.chat.conversations.members import Members
from miss.chat.devices.ledger import Announce
from miss.chat.devices.model import LinkedDevice
from miss.chat.notices.model import Told
from miss.protocol.wire.codec import encode
from miss.protocol.wire.frames import Presence, Typing
from miss.storage import Database


class Ephemera:
    """Passes them on."""

    def __init__(self, db: Database, members: Members, *, announce: Announce) -> None:
        self._db = db
        self._members = members
        self._announce = announce

    async def tell_typing(self, by: LinkedDevice, frame: Typing) -> None:
        """To the other members of the conversation."""
        async with self._db.snapshot() as tx:
            state = await conversation_store.find_state(tx, frame.cid)
            members = await self._members.at(tx, frame.cid, state.version) if state else frozenset()
        if by.uid in members:
            told = Told(tuple(members - {by.uid}), encode(Typing(frame.cid, frame.on, by.uid)), ephemeral=True)
            await self._announce(0, (told,))

    async def tell_presence(self, by: LinkedDevice, frame: Presence) -> None:
        """To everybody who shares a conversation with this person."""
        async with self._db.snapshot() as tx:
            contacts = await conversation_store.contacts_of(tx, by.uid)
        told = Told(tuple(contacts - {by.uid}), encode(Presence(frame.state, by.uid)), ephemeral=True)
        await self._announce(0, (told,))
