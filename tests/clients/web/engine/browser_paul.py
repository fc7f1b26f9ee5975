"""Paul, whose only device is a browser: what its engine shows, and what it sends."""

from typing import Any

from miss.base.ids import AccountId, ConversationId
from miss.directory.sample.people import PAUL_EXEMPLE
from tests.clients.web.engine.browser_peer import Peer
from tests.miss.client.chat_server import ChatServer


class Paul:
    """Paul's browser."""

    def __init__(self, web: Peer, uid: AccountId) -> None:
        self.web = web
        self.uid = uid

    async def shown(self, cid: ConversationId) -> list[str]:
        messages = await self.web.ask("messages", cid.hex(), None, 1000)
        return [one["text"] for one in messages if one["text"] and not one["refused"]]

    async def shows(self, cid: ConversationId, *wanted: str) -> None:
        """Wait until all of these are in the log."""
        after = 0
        while not set(wanted) <= set(await self.shown(cid)):
            after = await self.news(after)

    async def loses(self, cid: ConversationId, *wanted: str) -> None:
        """Wait until exactly these are kept apart."""
        after = 0
        while await self.lost(cid) != list(wanted):
            after = await self.news(after)

    async def news(self, after: int) -> int:
        """Wait for more than so many events; how many there are now."""
        await self.web.until(lambda _: True, after)
        return len(self.web.events)

    async def lost(self, cid: ConversationId) -> list[str]:
        return [one["message"]["text"] for one in await self.web.ask("lostMessages", cid.hex())]

    async def say(self, cid: ConversationId, text: str) -> int:
        """The place of a message that was sent and taken."""
        mid = await self.web.ask("sendText", cid.hex(), text, {})
        sent = await self.web.until(lambda event: event["kind"] == "sent" and event["mid"] == mid)
        return int(sent["seq"])

    async def synced(self, after: int) -> None:
        await self.web.until(lambda event: event["kind"] == "synced", after)

    @property
    def accusations(self) -> list[dict[str, Any]]:
        return [event for event in self.web.events if event["kind"] in {"splitView", "serverLied", "commitRefused"}]


async def enrol(web: Peer, server: ChatServer) -> Paul:
    code = await server.activate(PAUL_EXEMPLE)
    uid = await web.ask("enrol", server.url, PAUL_EXEMPLE, code, server.signer.root_fingerprint)
    await web.until(lambda event: event["kind"] == "synced")
    return Paul(web, AccountId(bytes.fromhex(uid)))
