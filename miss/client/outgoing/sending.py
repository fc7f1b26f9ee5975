"""The outbox, drained: in order within a conversation, each message once.  protocol §4, §7

One message of a conversation is under way at a time, so that none overtakes another; a large file of one keeps no
other conversation waiting.  An envelope is stored before it is sent; after a crash or a lost connection the same
bytes go again under the same `mid`, and the server answers as it did the first time.  Only `stale_epoch` makes the
message be sealed anew.  A secret that has served long enough is renewed on the way.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Final

import msgspec

from miss.base.errors import MissError
from miss.base.ids import AccountId, ConversationId, MessageId
from miss.base.random import RandomBytes
from miss.client.api import ServerApi
from miss.client.connection import Connection
from miss.client.epochs import Epochs
from miss.client.errors import ServerRefused
from miss.client.events import Announcer, SendFailed
from miss.client.incoming.intake import Intake
from miss.client.incoming.logbook import Logbook
from miss.client.outgoing.uploads import Uploads
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.client.store.outbox import OutboxEntry
from miss.protocol.crypto.envelopes import Alarm, Body, seal_envelope
from miss.protocol.crypto.opcert import OpCert, Purpose, verify_opcerts
from miss.protocol.crypto.receipts import DepositReceipt, parse_receipt, verify_receipt
from miss.protocol.errors import ReceiptForged
from miss.protocol.wire.frames import Ack, Err, Send

RETRY_S: Final = 5.0
"""Pause after a temporary refusal that names none."""
MAX_SEALINGS: Final = 20
"""Envelopes of one message before a person is asked: a conversation whose keys change that often is broken."""
TEMPORARY: Final = frozenset({"rate", "too_many_requests", "internal", "database_unreachable"})
"""Refusals of the server that pass by themselves."""
BLOB_GONE: Final = frozenset({"blob_missing", "unknown_blob"})

_log = logging.getLogger(__name__)


class Sending:
    """One task (`run`) prepares and sends; answers come back through `take_answer`."""

    def __init__(
        self,
        store: Store,
        device: DeviceRecord,
        epochs: Epochs,
        api: ServerApi,
        intake: Intake,
        logbook: Logbook,
        uploads: Uploads,
        connection: Connection,
        random_bytes: RandomBytes,
        announcer: Announcer,
    ) -> None:
        self._store = store
        self._device = device
        self._epochs = epochs
        self._api = api
        self._intake = intake
        self._logbook = logbook
        self._uploads = uploads
        self._connection = connection
        self._random_bytes = random_bytes
        self._announcer = announcer
        self._wake = asyncio.Event()
        self._under_way: dict[ConversationId, MessageId] = {}
        """What was sent and not answered."""
        self._at_work: set[ConversationId] = set()
        """Where something is being prepared."""
        self._turn = asyncio.Lock()
        self._worn: set[ConversationId] = set()
        """Where a message of ours was the last one that its epoch should seal."""
        self._greeted = 0
        """The connection for which `restart` was called: on a later one nothing is sent yet."""
        self._stale: set[MessageId] = set()
        """Messages whose last envelope the server refused: they are sealed anew."""

    def wake(self) -> None:
        """There is something to send, or a way to send it."""
        self._wake.set()

    def restart(self) -> None:
        """A new connection: nothing is under way on it yet."""
        self._under_way.clear()
        self._greeted = self._connection.opened
        self.wake()

    async def run(self) -> None:
        """Send whatever can be sent, whenever something changes."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if not self._connection.is_open or self._greeted != self._connection.opened:
                    continue
                for cid in self._worn - self._at_work:
                    self._start(group, cid, self._renew(cid))
                for entry in self._store.outbox.next_of_each():
                    if not self._is_under_way(entry.cid) and self._store.restorations.since(entry.cid) is None:
                        self._start(group, entry.cid, self._try(entry))

    def _start(self, group: asyncio.TaskGroup, cid: ConversationId, work: Coroutine[None, None, None]) -> None:
        """One piece of work for a conversation at a time."""
        self._at_work.add(cid)
        task = group.create_task(work)
        task.add_done_callback(lambda _: self._finish(cid))

    def _finish(self, cid: ConversationId) -> None:
        self._at_work.discard(cid)
        self.wake()

    async def _renew(self, cid: ConversationId) -> None:
        """A new secret, if it can be had: if not, whoever writes next tries again."""
        self._worn.discard(cid)
        try:
            await self._epochs.renew(cid, self._epochs.last(cid).number)
        except MissError as error:
            _log.warning("a secret was not renewed: %s", error.code)

    def _is_under_way(self, cid: ConversationId) -> bool:
        if cid in self._at_work:
            return True
        mid = self._under_way.get(cid)
        if mid is not None and self._store.outbox.find(mid) is None:
            # It came back through the log before its answer did.
            del self._under_way[cid]
            return False
        return mid is not None

    async def _try(self, entry: OutboxEntry) -> None:
        self._under_way[entry.cid] = entry.mid
        try:
            await self._send(entry)
        except MissError as error:
            self._settle(entry, error)

    def _settle(self, entry: OutboxEntry, error: MissError) -> None:
        """A message could not be sent: later again by itself, or after a person's decision."""
        code = error.server_code if isinstance(error, ServerRefused) else error.code
        if error.temporary or code in TEMPORARY:
            self._release(entry.cid, _pause_s(error))
        else:
            self._fail(entry, code)
            self._release(entry.cid, 0)

    def _fail(self, entry: OutboxEntry, code: str) -> None:
        self._store.outbox.fail(entry.mid, code)
        self._announcer.announce(SendFailed(entry.cid, entry.mid, code))

    def _release(self, cid: ConversationId, delay_s: float) -> None:
        """Let the conversation's next message go, now or in a while."""
        if delay_s:
            asyncio.get_running_loop().call_later(delay_s, self._release, cid, 0)
        else:
            self._under_way.pop(cid, None)
            self.wake()

    async def _send(self, entry: OutboxEntry) -> None:
        env = None if entry.mid in self._stale else self._store.outbox.last_envelope(entry.mid)
        if env is None:
            if await self._uploads.upload(entry) and self._epochs.is_worn(entry.cid):
                await self._renew(entry.cid)
            if self._store.outbox.find(entry.mid) is None:
                self._under_way.pop(entry.cid, None)  # given up meanwhile
                return
            env = self._seal(entry)
        async with self._turn:
            await self._connection.wait_turn()
            self._connection.send_envelope(entry.mid, entry.cid, env)
            self._under_way[entry.cid] = entry.mid  # again: a reconnection meanwhile has forgotten it

    def _seal(self, entry: OutboxEntry) -> bytes:
        """The next envelope of a message, stored; its attachments are uploaded."""
        draft = entry.draft
        blobs = zip(draft.attachments, self._store.outbox.blob_ids(entry.mid), strict=True)
        body = Body(
            mid=entry.mid,
            ts=draft.ts_ms,
            type=draft.type,
            text=draft.text,
            reply=None if draft.reply is None else MessageId(draft.reply),
            att=tuple(msgspec.structs.replace(attachment, blob=blob) for attachment, blob in blobs),
            seen=self._logbook.seen(entry.cid),
            urgent=draft.urgent,
            mentions=tuple(AccountId(uid) for uid in draft.mentions),
        )
        alarm = None
        if draft.ack_by_ms is not None:
            alarm = Alarm(draft.ack_by_ms, tuple(AccountId(uid) for uid in draft.next_uids))
        commit, es = self._epochs.writable(entry.cid)
        env = seal_envelope(
            es=es,
            commit=commit,
            did=self._device.did,
            ik=self._device.keys.ik,
            body=body,
            random_bytes=self._random_bytes,
            alarm=alarm,
        )
        self._store.outbox.keep_envelope(entry.mid, env)
        self._stale.discard(entry.mid)
        return env

    async def take_answer(self, request: Send, answer: Ack | Err) -> int:
        """The server's answer to one deposit; the place up to which the log is known to reach, or 0."""
        entry = self._store.outbox.find(request.mid)
        delay_s = 0.0
        if entry is not None:
            try:
                if isinstance(answer, Ack):
                    await self._take_ack(entry, request.env, answer)
                else:
                    delay_s = await self._take_refusal(entry, answer)
            except MissError as error:
                self._settle(entry, error)
                return 0
        self._release(request.cid, delay_s)
        return answer.seq or 0

    async def _take_ack(self, entry: OutboxEntry, env: bytes, ack: Ack) -> None:
        """Settle the entry.  Raises ReceiptForged, BadReceipt if the server does not prove the deposit."""
        receipt = parse_receipt(ack.receipt)
        told, signed = (entry.cid, ack.seq, ack.ts), (receipt.leaf.cid, receipt.leaf.seq, receipt.leaf.server_ts)
        if told != signed or not receipt.covers(env) or self._is_taken(entry, ack.seq):
            raise ReceiptForged(seq=ack.seq)
        cert = self._find_cert(receipt) or await self._fetch_cert(receipt)
        if cert is None:
            raise ReceiptForged(seq=ack.seq)
        verify_receipt(receipt, cert)
        self._intake.keep_own(entry, env, ack.seq, ack.ts, ack.receipt)
        if self._epochs.is_worn(entry.cid):
            self._worn.add(entry.cid)

    def _is_taken(self, entry: OutboxEntry, seq: int) -> bool:
        """True if that place of the log holds another message, which the server showed us before."""
        there = self._store.messages.find(entry.cid, seq)
        return there is not None and not there.refused and (there.did, there.mid) != (self._device.did, entry.mid)

    def _find_cert(self, receipt: DepositReceipt) -> OpCert | None:
        known = verify_opcerts(self._store.device.opcerts(), self._device.root)
        return next((cert for cert in known if cert.covers(Purpose.RECEIPT, receipt.leaf.server_ts)), None)

    async def _fetch_cert(self, receipt: DepositReceipt) -> OpCert | None:
        """The operator renews its certificates: those of today come with any chain, one's own for instance."""
        offered = (await self._api.fetch_chain(self._device.uid)).opcerts
        verify_opcerts(offered, self._device.root)
        self._store.device.add_opcerts(offered)
        return self._find_cert(receipt)

    async def _take_refusal(self, entry: OutboxEntry, refusal: Err) -> float:
        """Do what the code asks for; seconds before the next try.  An unknown code asks for a person."""
        is_ours = refusal.env_hash is not None and self._store.outbox.has_sent(entry.mid, refusal.env_hash)
        if refusal.code == "stale_epoch" and entry.attempts < MAX_SEALINGS:
            self._stale.add(entry.mid)
            if not await self._epochs.catch_up(entry.cid):
                # The epoch is the latest, a member's key is not: the next sender commits (protocol §4).
                await self._epochs.renew(entry.cid, self._epochs.last(entry.cid).number)
        elif refusal.code == "conflict" and refusal.seq is not None and is_ours and not self._has(entry, refusal.seq):
            # An earlier sealing of this very message arrived: it is delivered, and comes back through the log.
            return RETRY_S
        elif refusal.code in BLOB_GONE and entry.attempts < MAX_SEALINGS:
            self._store.outbox.clear_blob_ids(entry.mid)
            self._stale.add(entry.mid)
        elif refusal.code in TEMPORARY or refusal.retry_after_s is not None:
            return refusal.retry_after_s or RETRY_S
        else:
            self._fail(entry, refusal.code)
        return 0

    def _has(self, entry: OutboxEntry, seq: int) -> bool:
        """True if that place of the log is stored here, and did not settle the entry."""
        return self._store.messages.find(entry.cid, seq) is not None


def _pause_s(error: MissError) -> float:
    """How long to wait after a refusal that passes by itself: as long as the server says, within reason."""
    asked = error.details.get("retry_after_s") if isinstance(error, ServerRefused) else None
    return min(max(float(asked), 0.1), 60.0) if isinstance(asked, int | float) else RETRY_S
