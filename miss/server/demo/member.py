"""One member of the care team: `python -m miss.server.demo.member FOLDER`, told what to do line by line.

Everything it knows lies in FOLDER, so that a killed member comes back as itself.  Standard input: one JSON object a
line, `{"do": deed, …}`; standard output: one answer a line, `{"result": …}` or `{"error": code}`.
"""

import asyncio
import base64
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from miss.base.clock import SystemClock
from miss.base.errors import MissError
from miss.base.ids import AccountId, ConversationId
from miss.base.random import system_random
from miss.client import Client, Invitation, Message, Store, key_from_file, link_device, pair_device
from miss.client.events import DeviceRevoked, MessageReceived

CLOCK = SystemClock()


class Member:
    """A device and its owner's deeds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store = Store(folder / "store.db", key_from_file(folder / "store.key", system_random), system_random)
        self._online = AsyncExitStack()
        self._client: Client | None = None
        self._invitation: Invitation | None = None

    @property
    def client(self) -> Client:
        if self._client is None:
            raise RuntimeError("told to act before coming online")
        return self._client

    async def link(self, server_url: str, rpps: str, code: str, fingerprint: str, device: str) -> str:
        """Make this installation a device of its owner."""
        uid = await link_device(
            self._store,
            server_url,
            rpps=rpps,
            code=code,
            device_name=device,
            expected_fingerprint=fingerprint,
            clock=CLOCK,
            random_bytes=system_random,
        )
        return uid.hex()

    async def invite(self) -> str:
        """Show a code for one more device of this person."""
        self._invitation = await self.client.devices.invite()
        return self._invitation.code

    async def let_in(self) -> str:
        """Wait for the device that was given the code, and let it in; the name it gives itself."""
        if self._invitation is None:
            raise RuntimeError("told to let somebody in before inviting")
        offer = await self._invitation.offer()
        await self._invitation.accept()
        return offer.name

    async def join(self, server_url: str, code: str, device: str) -> str:
        """Become one more device of whoever shows `code`."""
        uid = await pair_device(
            self._store, server_url, code, device_name=device, clock=CLOCK, random_bytes=system_random
        )
        return uid.hex()

    async def revoke(self, device: str) -> None:
        """Revoke this person's device of that name."""
        [known] = [known for known in await self.client.devices.list_() if known.name == device]
        await self.client.devices.revoke(known.did)

    async def be_turned_away(self) -> bool:
        """Wait until this device learns that it was revoked; whether it erased what it knew."""
        stream = self.client.events()
        async for event in stream:
            if isinstance(event, DeviceRevoked):
                return event.wiped
        raise RuntimeError("went offline while waiting")

    async def come_online(self, server_url: str | None = None) -> None:
        """Connect and catch up; `server_url`: where the server has moved to, if it has."""
        client = Client.open(self._store, clock=CLOCK, random_bytes=system_random, server_url=server_url)
        self._client = await self._online.enter_async_context(client)
        await client.wait_synced()

    async def go_offline(self) -> None:
        self._client = None
        await self._online.aclose()

    async def find(self, text: str) -> str | None:
        """The account of the one person whom `text` finds."""
        [entry] = await self.client.directory(text)
        return entry.uid.hex() if entry.uid else None

    async def create(self, members: list[str], name: str) -> str:
        uids = [AccountId(bytes.fromhex(uid)) for uid in members]
        return (await self.client.create_conversation(uids, name=name)).hex()

    async def say(self, cid: str, text: str) -> int:
        """Send, and wait until the server has it for good; its place in the log."""
        mid = self.client.send_text(_cid(cid), text)
        return await self.client.wait_sent(mid)

    async def write(self, cid: str, texts: list[str]) -> int:
        """Put messages into the outbox; the place of the first, once the server has it; the others are on their way."""
        mids = [self.client.send_text(_cid(cid), text) for text in texts]
        return await self.client.wait_sent(mids[0])

    async def show_photo(self, cid: str, path: str, caption: str) -> int:
        data = await asyncio.to_thread(Path(path).read_bytes)
        return await self.client.wait_sent(await self.client.send_photo(_cid(cid), data, caption))

    async def raise_alarm(self, cid: str, text: str, next_uids: list[str]) -> int:
        """Send an alarming result, to be answered for within a quarter of an hour; its place in the log."""
        now = self._messages(cid)[-1].deposited_at
        uids = [AccountId(bytes.fromhex(uid)) for uid in next_uids]
        mid = self.client.send_alarm(_cid(cid), text, ack_by=now + timedelta(minutes=15), next_uids=uids)
        return await self.client.wait_sent(mid)

    async def acknowledge(self, cid: str, seq: int) -> int:
        """Answer for the alarm at `seq`, by signature."""
        return await self.client.wait_sent(self.client.acknowledge(_cid(cid), seq))

    async def acknowledged(self, cid: str, seq: int) -> str:
        """Wait until somebody has answered for the alarm; who it is."""
        stream = self.client.events()
        while True:
            [alarm] = [message.alarm for message in self._messages(cid) if message.seq == seq]
            if alarm is not None and alarm.acknowledgement is not None and alarm.acknowledged_by is not None:
                return (await self.client.identity(alarm.acknowledged_by)).family
            await anext(stream)

    async def wait_for(self, cid: str, text: str) -> int:
        """The place of the message that says `text`, once it is here."""
        stream = self.client.events()
        for message in self._messages(cid):
            if message.text == text:
                return message.seq
        async for event in stream:
            if isinstance(event, MessageReceived) and event.message.text == text:
                return event.message.seq
        raise RuntimeError("went offline while waiting")

    async def read(self, cid: str) -> int:
        """Open everything that is here."""
        last = self._messages(cid)[-1].seq
        self.client.mark_read(_cid(cid), last)
        return last

    async def drained(self, cid: str) -> int:
        """Wait until nothing waits in the outbox; how many messages this device has sent in all."""
        for outgoing in self.client.outgoing(_cid(cid)):
            await self.client.wait_sent(outgoing.mid)
        return sum(message.is_mine for message in self._messages(cid))

    async def transcript(self, cid: str) -> list[dict[str, Any]]:
        """The conversation as this device decrypted it."""
        people = {member.uid: member.display_name for member in self.client.conversation(_cid(cid)).members}
        return [
            {
                "seq": message.seq,
                "from": people[message.uid] if message.uid else None,
                "at": message.deposited_at.isoformat(),
                "type": message.type,
                "text": message.text,
                "photos": len(message.attachments),
                "refused": message.refused,
            }
            for message in self._messages(cid)
        ]

    async def lost(self, cid: str) -> list[str]:
        """What a restored server has lost and this device holds still."""
        return [one.message.text for one in self.client.lost_messages(_cid(cid))]

    async def prove(self, cid: str, seq: int) -> str:
        """The proof of a message, in a file; its path."""
        path = self._folder / f"proof-{seq}.miss"
        path.write_bytes(await self.client.export_proof(_cid(cid), seq))
        return str(path)

    async def fetch_photo(self, cid: str, seq: int) -> str:
        [message] = [message for message in self._messages(cid) if message.seq == seq]
        return base64.b64encode(await self.client.fetch_photo(message)).decode()

    def _messages(self, cid: str) -> list[Message]:
        return self.client.messages(_cid(cid))

    async def obey(self, line: bytes) -> dict[str, Any]:
        """Do what one line says."""
        order = json.loads(line)
        deed: Callable[..., Awaitable[Any]] = getattr(self, order.pop("do"))
        try:
            return {"result": await deed(**order)}
        except MissError as error:
            return {"error": str(error)}


def _cid(text: str) -> ConversationId:
    return ConversationId(bytes.fromhex(text))


async def main(folder: Path) -> None:
    """Obey until standard input ends."""
    member = Member(folder)
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=2**24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        answer = await member.obey(line)
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    await member.go_offline()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
