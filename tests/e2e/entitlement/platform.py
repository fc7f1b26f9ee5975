"""One installation of the server: its accounts, its log as it stands in the database, its process."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from sqlmodel import col, select

from miss.base.clock import MovableClock
from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId
from miss.base.random import RandomBytes
from miss.broker import MemoryBroker
from miss.chat.conversations.tables import BoxRow, CommitRow, ConversationRow
from miss.chat.delivery.tables import MessageRow
from miss.chat.vault.tables import UserKeyBoxRow, VaultEntryRow
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample import open_register
from miss.protocol.crypto.commits import Commit, parse_commit
from miss.protocol.crypto.envelopes import parse_header
from miss.storage import Database
from tests.miss.chat.kit import Place, Process, running
from tests.miss.chat.world import open_place


@dataclass(frozen=True)
class Head:
    """Where a conversation stands."""

    epoch: int
    last_seq: int


class Found(NamedTuple):
    """One envelope in the log."""

    cid: ConversationId
    seq: int
    did: DeviceId
    """Of its author."""
    mid: MessageId
    sealed_to: set[AccountId]
    """The members of the commit that it is sealed under."""


class Platform:
    """What the devices talk to."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._runs = asyncio.Event()
        self._stack = AsyncExitStack()
        self._process: Process

    @classmethod
    async def open(cls, database_url: str, folder: Path, clock: MovableClock, random_bytes: RandomBytes) -> Self:
        """A new installation on a database with its tables, with the fictive register, running."""
        db = Database(database_url)
        place = open_place(db, clock, random_bytes, folder / "operator", folder / "blobs")
        with open_register() as lines:
            await place.practitioners.import_register(lines)
        platform = cls(place)
        await platform.start()
        return platform

    async def start(self) -> None:
        broker = MemoryBroker()
        await broker.start()
        self._stack.push_async_callback(broker.close)
        self._process = await self._stack.enter_async_context(running(self.place, broker))
        self._runs.set()

    async def stop(self) -> None:
        """As for an update: devices are told to come back, and wait."""
        self._runs.clear()
        await self._stack.aclose()

    async def close(self) -> None:
        await self.stop()
        await self.place.db.close()

    @property
    def url(self) -> str:
        return self._process.url

    async def find_port(self) -> int:
        """Where the process listens, once it does."""
        await self._runs.wait()
        return int(self.url.rpartition(":")[2])

    def hears(self, did: DeviceId) -> bool:
        """True while the device has a connection."""
        return did in self._process.chat.desk.hub._by_device

    @property
    def is_writing(self) -> bool:
        """True while something that devices have sent is on its way into the log."""
        delivery = self._process.chat.desk.delivery
        return bool(delivery._pending) or delivery._wake.is_set() or not delivery._wake._waiters

    # Accounts

    async def open_account(self, rpps: str) -> str:
        """A verified account; the code of its letter."""
        return await self.place.issue_code(await self.place.open_account(rpps))

    async def issue(self, rpps: str, purpose: ActivationPurpose) -> str:
        """A code for coming back (`recovery`: their own ticket), or for starting over."""
        account = await self.place.accounts.find_by_rpps(rpps)
        assert account is not None
        by = account.uid.hex() if purpose is ActivationPurpose.RECOVERY else "test"
        return (await self.place.accounts.issue_activation(account.uid, purpose, by)).code

    @property
    def fingerprint(self) -> str:
        return self.place.signer.root_fingerprint

    # What stands in the database

    async def heads(self) -> dict[ConversationId, Head]:
        """Every conversation."""
        async with self.place.db.snapshot() as tx:
            rows = await tx.exec(select(ConversationRow.cid, ConversationRow.epoch, ConversationRow.last_seq))
            return {ConversationId(cid): Head(epoch, last_seq) for cid, epoch, last_seq in rows}

    async def find(self, mids: list[MessageId]) -> list[Found]:
        """Where these messages stand, in the order of the log."""
        query = (
            select(MessageRow.cid, MessageRow.seq, MessageRow.mid, MessageRow.env)
            .where(col(MessageRow.mid).in_(mids))
            .order_by(col(MessageRow.cid), col(MessageRow.seq))
        )
        async with self.place.db.snapshot() as tx:
            rows = (await tx.exec(query)).all()
        sealed_to = {commit.hash: {one.uid for one in commit.core.members} for commit in await self.commits() if rows}
        found = []
        for cid, seq, mid, env in rows:
            header = parse_header(env)
            found.append(Found(ConversationId(cid), seq, header.did, MessageId(mid), sealed_to[header.commit]))
        return found

    async def members(self, cid: ConversationId) -> set[AccountId]:
        """Who is in a conversation, by its last commit."""
        query = select(CommitRow.commit).where(col(CommitRow.cid) == cid).order_by(col(CommitRow.epoch).desc()).limit(1)
        async with self.place.db.snapshot() as tx:
            commit = parse_commit((await tx.exec(query)).one())
        return {member.uid for member in commit.core.members}

    async def envelopes(self) -> list[tuple[ConversationId, int, bytes]]:
        """Everything ever deposited."""
        async with self.place.db.snapshot() as tx:
            rows = (await tx.exec(select(MessageRow.cid, MessageRow.seq, MessageRow.env))).all()
        return [(ConversationId(cid), seq, env) for cid, seq, env in rows]

    async def commits(self) -> list[Commit]:
        """Every commit, without its boxes."""
        async with self.place.db.snapshot() as tx:
            return [parse_commit(raw) for raw in await tx.exec(select(CommitRow.commit))]

    async def boxes(self, uid: AccountId) -> list[BoxRow]:
        """A person's boxes that were not replaced by vault entries yet."""
        async with self.place.db.snapshot() as tx:
            return list(await tx.exec(select(BoxRow).where(col(BoxRow.uid) == uid)))

    async def user_key_boxes(self, uid: AccountId) -> list[UserKeyBoxRow]:
        """The user key in force, sealed to each of a person's devices."""
        async with self.place.db.snapshot() as tx:
            return list(await tx.exec(select(UserKeyBoxRow).where(col(UserKeyBoxRow.uid) == uid)))

    async def vault(self, uid: AccountId) -> list[VaultEntryRow]:
        """A person's vault."""
        async with self.place.db.snapshot() as tx:
            return list(await tx.exec(select(VaultEntryRow).where(col(VaultEntryRow.uid) == uid)))
