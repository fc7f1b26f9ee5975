"""`Chat`: the rooms of the chat, wired.  The composition root builds one and mounts `chat_routes` of it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry

from miss.base.clock import Clock
from miss.base.ids import uuid7
from miss.base.random import RandomBytes
from miss.base.retention import HOUSE
from miss.broker import Broker, Rates
from miss.chat.admission import Admission
from miss.chat.alarms.service import Alarms, Notify, notify_nobody
from miss.chat.blobs.counting import Counting
from miss.chat.blobs.service import Blobs
from miss.chat.blobs.uploads import Uploads
from miss.chat.conversations.blocks import BlocksAmong, nobody_is_blocked
from miss.chat.conversations.members import Members
from miss.chat.conversations.owners import Owners
from miss.chat.conversations.service import Conversations
from miss.chat.delivery.deletions import Deletions
from miss.chat.delivery.ephemera import Ephemera
from miss.chat.delivery.markers import Markers
from miss.chat.delivery.pages import Pages
from miss.chat.delivery.receipts import Receipts
from miss.chat.delivery.service import Delivery
from miss.chat.desk import Desk
from miss.chat.devices.ledger import Ledger
from miss.chat.devices.linking import Linking
from miss.chat.devices.service import Devices
from miss.chat.fanout import Fanout
from miss.chat.gate import Gate
from miss.chat.hub import Hub
from miss.chat.limits import ChatLimits
from miss.chat.metrics import ChatMetrics
from miss.chat.notices import store as notice_store
from miss.chat.notices.model import AnyNotice
from miss.chat.pairing.service import Pairing
from miss.chat.push.service import Push, PushServices
from miss.chat.recovery.service import Recovery
from miss.chat.restorations.service import Restorations
from miss.chat.retention.service import Retention
from miss.chat.search import AwayUntil, RedirectionsOf, nobody_has_left, nobody_is_away
from miss.chat.vault.service import Vault
from miss.chat.watch import Watch
from miss.directory.accounts import Accounts
from miss.directory.establishments.quotas import Allowances
from miss.directory.establishments.workstations import Workstations
from miss.directory.practitioners import Practitioners
from miss.directory.signer import Signer
from miss.storage import Database
from miss.storage.blobs import BlobStore
from miss.storage.jobs import Job, JobHandler, schedule

SWEEP_EVERY = timedelta(hours=1)
NOTICES_LIFE = HOUSE.period("chat.notices")
SWEEP_JOB = "chat.sweep"


class Chat:
    """The server side of the chat in one process."""

    def __init__(
        self,
        *,
        db: Database,
        broker: Broker,
        blobs: BlobStore,
        clock: Clock,
        random_bytes: RandomBytes,
        accounts: Accounts,
        practitioners: Practitioners,
        signer: Signer,
        metrics: CollectorRegistry,
        public_origin: str,
        limits: ChatLimits | None = None,
        notify: Notify = notify_nobody,
        blocks_among: BlocksAmong = nobody_is_blocked,
        redirections_of: RedirectionsOf = nobody_has_left,
        away_until: AwayUntil = nobody_is_away,
        push: PushServices | None = None,
    ) -> None:
        """`public_origin`: scheme, host and port that people's clients connect to, `https://miss.example`.

        `notify`: calls somebody by other means, when a critical result waits for them.  `blocks_among`: who has
        blocked whom.  `redirections_of`: who has left, and whom to write to instead.  `away_until`: who says that they
        are away.  `push`: by whom closed devices are woken; None: by nobody.  Raises ValueError for an origin without
        a host.
        """
        origin = urlsplit(public_origin)
        if not origin.hostname:
            raise ValueError("public_origin needs a scheme and a host")
        self.public_origin = public_origin.rstrip("/").lower()
        self.practitioners, self.accounts, self.signer = practitioners, accounts, signer
        self.redirections_of, self.away_until = redirections_of, away_until
        self.limits, self.metrics = limits or ChatLimits(), ChatMetrics(metrics)
        self._db, self._clock, self._random_bytes = db, clock, random_bytes
        process, self.rates = uuid7(clock.now(), random_bytes), Rates(broker.counts)
        hub, members = Hub(), Members()
        self.fanout = Fanout(db, broker, hub, members, self.metrics, origin=process, poll_s=self.limits.poll_s)
        self.push = Push(db, clock, accounts, members, hub, self.rates, metrics, push, origin=process)
        announce, self.workstations = self._announce, Workstations(db, clock)
        self.devices = Devices(db, clock, accounts, signer, host=origin.hostname)
        ledger = self._open_ledger(process)
        self.gate = Gate(self.limits, self.devices, self.rates)
        self.admission = Admission(broker.counts, self.limits.sockets, process=process)
        self.restorations = Restorations(db, clock, self.devices, ledger, signer)
        self.watch = Watch(
            db, clock, accounts, hub, self.devices.last_seen, self.restorations, every_s=self.limits.watch_s
        )
        owners = Owners(accounts, practitioners)
        self.conversations = Conversations(
            db, clock, self.devices, owners, origin=process, announce=announce, blocks_among=blocks_among
        )
        self.alarms = Alarms(
            db, clock, random_bytes, self.devices, members, origin=process, announce=announce, notify=notify
        )
        self.blobs, self.uploads = self._open_blobs(blobs)
        self.receipts = Receipts(db, signer)
        self._retention = Retention(db, clock, random_bytes, self.blobs, default=self.limits.retention)
        self.desk = self._open_desk(hub, members, process)
        self._ticking: asyncio.Task[None] | None = None

    def _open_blobs(self, blobs: BlobStore) -> tuple[Blobs, Uploads]:
        """Attachments, counted for their uploaders' establishments; `blobs`: where their bytes lie."""
        db, clock, random_bytes = self._db, self._clock, self._random_bytes
        counting = Counting(self.accounts, Allowances(db, clock))
        return Blobs(db, blobs, clock, random_bytes, counting), Uploads(db, blobs, clock, random_bytes, counting)

    def _open_ledger(self, process: bytes) -> Ledger:
        """What chains are written in, and the ways by which a device comes to be in one."""
        db, clock, accounts, people, signer = self._db, self._clock, self.accounts, self.practitioners, self.signer
        find_chain, announce = self.devices.find_chain, self._announce
        ledger = Ledger(db, clock, accounts, people, signer, find_chain=find_chain, origin=process, announce=announce)
        self.linking = Linking(db, accounts, people, signer, ledger)
        self.vault = Vault(db, accounts, self.devices, ledger)
        self.recovery = Recovery(db, clock, accounts, signer, ledger)
        self.pairing = Pairing(db, clock, accounts, ledger)
        return ledger

    def _open_desk(self, hub: Hub, members: Members, process: bytes) -> Desk:
        """What sockets ask; `process`: this one, in notices."""
        db, clock, announce = self._db, self._clock, self._announce
        delivery = Delivery(
            db,
            clock,
            self.signer,
            members,
            self.metrics,
            self.alarms,
            origin=process,
            announce=announce,
            gather_s=self.limits.gather_s,
            gather_above_per_s=self.limits.gather_above_per_s,
        )
        return Desk(
            restorations=self.restorations,
            clock=clock,
            random_bytes=self._random_bytes,
            limits=self.limits,
            metrics=self.metrics,
            hub=hub,
            gate=self.gate,
            fanout=self.fanout,
            devices=self.devices,
            conversations=self.conversations,
            delivery=delivery,
            pages=Pages(db),
            deletions=Deletions(db, clock, self.devices, self.blobs, origin=process, announce=announce),
            alarms=self.alarms,
            markers=Markers(db, clock, self.devices, members, announce=announce),
            ephemera=Ephemera(db, members, announce=announce),
            push=self.push,
        )

    async def _announce(self, number: int, notices: tuple[AnyNotice, ...]) -> None:
        """What this process has committed: to sockets, to the other processes, and to whom may have to be woken."""
        self.push.note(notices)
        await self.fanout.announce(number, notices)

    async def start(self) -> None:
        """Listen to the broker (which is started already), begin to flush, plan the first sweep."""
        await self.restorations.look()
        await self.fanout.start()
        self.desk.delivery.start()
        self.desk.markers.start()
        self.watch.start()
        await self.push.start()
        self.rates.start()
        self.admission.start()
        self._ticking = asyncio.create_task(self.desk.tick_forever(), name="miss.chat.tick")
        await self._plan_sweep()
        await self._retention.plan(self._clock.now())

    async def close(self) -> None:
        """See every socket out (4010), store what waits, stop.  Again: nothing happens."""
        ticking, self._ticking = self._ticking, None
        if ticking is None:
            return
        self.pairing.close()
        await self.desk.see_out()
        await self.desk.delivery.close()
        await self.desk.markers.close()
        await self.fanout.close()
        await self.watch.close()
        await self.push.close()
        await self.rates.close()
        await self.admission.close()
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)

    def job_handlers(self) -> Sequence[JobHandler]:
        """What the job runner calls."""
        return (JobHandler(SWEEP_JOB, self._sweep), self._retention.job_handler(), self.alarms.job_handler())

    async def _sweep(self, _job: Job) -> None:
        await self.blobs.sweep()
        await self.pairing.sweep()
        await self.push.sweep()
        async with self._db.transaction() as tx:
            await notice_store.sweep(tx, self._clock.now() - NOTICES_LIFE)
        await self._plan_sweep()

    async def _plan_sweep(self) -> None:
        async with self._db.transaction() as tx:
            due_at = self._clock.now() + SWEEP_EVERY
            await schedule(tx, SWEEP_JOB, "all", due_at, random_bytes=self._random_bytes)
