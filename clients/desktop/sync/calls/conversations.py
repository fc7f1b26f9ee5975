"""Conversations: begin one, change who is in it, leave it."""

from collections.abc import Collection

from clients.desktop.sync.calls.base import Calls
from miss.base.ids import AccountId, ConversationId
from miss.client import Role


class ConversationCalls(Calls):
    """Members and names."""

    async def begin(self, uids: Collection[AccountId], name: str = "") -> ConversationId:
        """A conversation with these people; with one person and no name, the one there is already, if any."""
        if len(uids) == 1 and not name:
            wanted = {*uids, self.client.uid}
            for conversation in self.client.conversations():
                is_pair = {member.uid for member in conversation.members} == wanted
                if is_pair and not conversation.name and conversation.is_member and not conversation.is_leaving:
                    return conversation.cid
        cid = await self.client.create_conversation(uids, name=name)
        self.pump.note(cid, members=True)
        return cid

    async def rename(self, cid: ConversationId, name: str) -> None:
        """Another name, for everybody."""
        self.client.rename(cid, name)
        self.pump.note(cid, members=True)

    async def add_member(self, cid: ConversationId, uid: AccountId) -> None:
        """Let somebody in."""
        await self.client.add_member(cid, uid)
        self.pump.note(cid, members=True)

    async def remove_member(self, cid: ConversationId, uid: AccountId) -> None:
        """Put somebody out."""
        await self.client.remove_member(cid, uid)
        self.pump.note(cid, members=True)

    async def set_admin(self, cid: ConversationId, uid: AccountId, on: bool) -> None:
        """Give or take the rights of an admin."""
        await self.client.set_role(cid, uid, Role.ADMIN if on else Role.MEMBER)
        self.pump.note(cid, members=True)

    async def set_ttl(self, cid: ConversationId, ttl_s: int) -> None:
        """How long messages live, in seconds; 0: as the server keeps."""
        await self.client.set_policy(cid, ttl_s=ttl_s)
        self.pump.note(cid, members=True)

    async def leave(self, cid: ConversationId) -> None:
        """Go; an admin's device takes this person out."""
        self.client.leave(cid)
        self.pump.note(cid, members=True)
