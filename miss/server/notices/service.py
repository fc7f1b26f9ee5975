"""Have notices sent as MiSS messages: kept with the state that asks for them, sent at least once, said once.

A notice is a row, written in the transaction of what it tells; a job sends what waits over one connection.  The row's
identifier is the message's: a try that was cut, after the server had it, sends nothing a second time.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog

from miss.base.clock import Clock
from miss.base.ids import AccountId, ConversationId, PractitionerId, new_row_id
from miss.base.random import RandomBytes
from miss.client import Client
from miss.client.errors import ClientError, ContactReset, NotReachable, UnknownConversation
from miss.directory.accounts import Accounts
from miss.server.notices import store
from miss.server.notices.device import PlatformDevice
from miss.server.notices.errors import NoticesLeft
from miss.server.notices.model import CONVERSATION_NAME, Notice, Words
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler, schedule

log = structlog.get_logger("miss.notices")

SEND: Final = "platform.notices"
ALL: Final = "platform"
"""The job's only key: one connection sends whatever waits."""
SENT_S: Final = 10.0


class Notices:
    """The platform's voice in MiSS."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        accounts: Accounts,
        device: PlatformDevice,
        origin: str,
    ) -> None:
        """`origin`: scheme and host of the links."""
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._accounts = accounts
        self._device = device
        self._origin = origin
        self._words: dict[str, Words] = {}

    def teach(self, words: Mapping[str, Words]) -> None:
        """What a service's kinds of notices say; kinds are named `<service>.<kind>`.

        Raises ValueError if one has words already.
        """
        if known := self._words.keys() & words.keys():
            raise ValueError(f"said twice: {sorted(known)}")
        self._words.update(words)

    def job_handler(self) -> JobHandler:
        """The handler that sends."""
        return JobHandler(SEND, self._send)

    @property
    def is_on(self) -> bool:
        """False: the platform has no device, and `queue` does nothing."""
        return self._device.is_linked

    async def queue(self, tx: Transaction, to: PractitionerId, kind: str, number: str) -> None:
        """Tell somebody, once this transaction is written; nothing while the platform has no device.

        `number`: of what it is about, as people call it; no other word of it crosses.  Raises KeyError for a kind that
        no service has taught.
        """
        self._words[kind]
        if not self.is_on:
            return
        now = self._clock.now()
        await store.insert(tx, Notice(new_row_id(now, self._random_bytes), to, kind, number, now))
        await schedule(tx, SEND, ALL, now, random_bytes=self._random_bytes)

    async def find_account(self, person: PractitionerId) -> AccountId | None:
        """Whom a notice to that person would reach; None: they have no account here."""
        account = await self._accounts.find_by_practitioner(person)
        return account.uid if account and account.is_active else None

    async def _send(self, _job: Job) -> None:
        """Raises NoticesLeft, TimeoutError, StoreInUse, DeviceRefused: the job comes back."""
        async with self._db.snapshot() as tx:
            if not await store.list_after(tx, "", limit=1):
                return
        left, after = 0, ""
        async with self._device.online() as client:
            while batch := await self._next(after):
                for notice in batch:
                    left += not await self._settle(client, notice)
                after = batch[-1].id
        if left:
            raise NoticesLeft(count=left)

    async def _next(self, after: str) -> list[Notice]:
        async with self._db.snapshot() as tx:
            return await store.list_after(tx, after)

    async def _settle(self, client: Client, notice: Notice) -> bool:
        """Send one, or give it up; False: later."""
        try:
            outcome = await self._say(client, notice)
        except (NotReachable, ContactReset):
            outcome = "mail_only"
        except (ClientError, TimeoutError) as error:
            log.warning("notice.left", notice=notice.id, reason=getattr(error, "code", type(error).__name__))
            if not notice.is_stale(self._clock.now()):
                return False
            outcome = "dropped"
        async with self._db.transaction() as tx:
            await store.remove(tx, notice.id)
        log.info("notice.settled", notice=notice.id, number=notice.number, outcome=outcome)
        return True

    async def _say(self, client: Client, notice: Notice) -> str:
        account = await self._accounts.find_by_practitioner(notice.to)
        if account is None or not account.is_active or account.uid == client.uid:
            return "mail_only"
        cid = await self._conversation(client, notice.to, account.uid)
        mid = client.send_text(
            cid, notice.sentence(self._words[notice.kind], self._origin, account.language), mid=notice.mid
        )
        if any(waiting.mid == mid and waiting.failed for waiting in client.outgoing(cid)):
            client.retry(mid)
        async with asyncio.timeout(SENT_S):
            await client.wait_sent(mid)
        return "sent"

    async def _conversation(self, client: Client, person: PractitionerId, uid: AccountId) -> ConversationId:
        """Where the platform writes to `uid`: the same as last time, if both are still in it; else a new one."""
        async with self._db.snapshot() as tx:
            known = await store.find_conversation(tx, person)
        if known is not None and _is_whole(client, known, uid):
            return known
        # One that was made, and not noted before a crash, is among the latest.
        made = (one.cid for one in client.conversations() if _is_whole(client, one.cid, uid))
        cid = next(made, None) or await client.create_conversation([uid], name=CONVERSATION_NAME)
        async with self._db.transaction() as tx:
            await store.put_conversation(tx, person, cid)
        return cid


def _is_whole(client: Client, cid: ConversationId, uid: AccountId) -> bool:
    """Whether exactly the platform and `uid` are in that conversation."""
    try:
        conversation = client.conversation(cid)
    except UnknownConversation:
        return False
    return conversation.is_member and {member.uid for member in conversation.members} == {client.uid, uid}
