"""A server that is put back to an earlier moment, as by a restore, and its operator's word for it."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

from miss.base.clock import from_ms, to_ms
from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.chat.restorations import service, store
from miss.client import Client
from miss.directory.signer import RootLedger
from miss.protocol.crypto.restorations import Restoration, parse_restoration
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.second_devices import pair


def copy(source: Path, target: Path) -> None:
    """A consistent copy of a database that is being written to."""
    with contextlib.closing(sqlite3.connect(source)) as reading, contextlib.closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)


class Backup:
    """One moment of a server."""

    def __init__(self, server: ChatServer) -> None:
        self.server = server
        self.moment: datetime = from_ms(to_ms(server.clock.now()))
        self._copy = server.folder / f"backup-{to_ms(self.moment)}.db"
        copy(server.database_path, self._copy)

    @contextlib.asynccontextmanager
    async def restored(self, *, declared: bool = True) -> AsyncIterator[None]:
        """The server stops, loses what came after, and starts again; it is running in between and afterwards."""
        await self.server.stop()
        for name in ("miss.db-wal", "miss.db-shm"):
            (self.server.folder / name).unlink(missing_ok=True)
        copy(self._copy, self.server.database_path)
        await self.server.start()
        if declared:
            await declare(self.server, self.moment)
            await self.server.chat.restorations.look()
        yield


async def declare(server: ChatServer, moment: datetime) -> None:
    """What « miss backup declare » does."""
    ledger = RootLedger(server.folder / "operator/root.key", server.signer.root_public, server.clock)
    declared = ledger.declare(to_ms(moment), [one.raw for one in await statements(server)])
    async with server.chat._db.transaction() as tx:
        await service.keep(tx, declared, server.clock)


async def statements(server: ChatServer) -> list[Restoration]:
    """What the operator has said so far, oldest first."""
    async with server.chat._db.snapshot() as tx:
        return [parse_restoration(one.raw) for one in await store.list_after(tx, 0)]


def texts(client: Client, cid: ConversationId) -> list[str]:
    """What is shown of a conversation, in its order."""
    return [one.text for one in client.messages(cid) if one.text and not one.refused]


def lost(client: Client, cid: ConversationId) -> list[str]:
    return [one.message.text for one in client.lost_messages(cid)]


async def shows(client: Client, cid: ConversationId, *wanted: str) -> None:
    """Wait until all of these are in the log."""
    await until_true(client, lambda: all(text in texts(client, cid) for text in wanted))


async def pair_tablet(server: ChatServer, owner: Client) -> DeviceId:
    """Another device of theirs, « tablette »."""
    await pair(server, owner, "tablette")
    with server.store("tablette") as store:
        return store.device.get().did


async def is_revoked(server: ChatServer, uid: AccountId, did: DeviceId) -> bool:
    """As the server has it."""
    chain = await server.chat.devices.find_chain(uid)
    assert chain is not None
    return did in chain.revoked
