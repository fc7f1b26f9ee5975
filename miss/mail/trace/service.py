"""Takes reports in, and says what became of a mail."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

import structlog

from miss.base.clock import Clock
from miss.base.ids import new_row_id
from miss.base.random import RandomBytes
from miss.mail.headers import parse_headers
from miss.mail.trace import store
from miss.mail.trace.belief import find_status, is_believed
from miss.mail.trace.errors import MailedUnknown, ReportUnreadable
from miss.mail.trace.model import ARRIVED, Mailed, Stage, Step, TimelineEntry, fate_of, timeline
from miss.mail.trace.reports import DeliveryReport, Report, parse_report
from miss.storage import Database, Transaction

log = structlog.get_logger("miss.mail.trace")

MAX_REPORT_BYTES = 2_000_000
"""A receipt of integration brings the whole mail back, which was 900 KB at most."""
MAX_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Traced:
    """A mail with what was said of it."""

    mailed: Mailed
    steps: Sequence[Step]

    @property
    def timeline(self) -> list[TimelineEntry]:
        """All of it, oldest first."""
        return timeline(self.mailed, self.steps)


class Trace:
    """The steps of every mail that left."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes, own_hosts: Collection[str]) -> None:
        """`own_hosts`: our own domain and the hosts of our relays, whose reports count."""
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._own_hosts = tuple(host.lower() for host in own_hosts)

    async def receive(self, content: bytes, *, mail_from: str) -> bool:
        """Deal with a mail that may be a report; durable on return, and the same again changes nothing.

        `mail_from`: its envelope sender.  True: it was a report that could be read; kept if it is believed.  False:
        it is for others to deal with.
        """
        try:
            report = parse_report(content) if len(content) <= MAX_REPORT_BYTES else None
        except ReportUnreadable as error:
            log.info("mail.report_unreadable", reason=error.params["reason"])
            return False
        if report is None:
            return False
        async with self._db.transaction() as tx:
            mailed = await self._find(tx, report)
            if mailed is None:
                log.info("mail.report_about_nothing")
            elif not is_believed(report, mailed, parse_headers(content), mail_from, self._own_hosts):
                log.warning("mail.report_not_believed", mail_id=mailed.id)
            elif (step := self._step(report, mailed)) is not None:
                await self._keep(tx, mailed, sha256(content).digest(), step)
        return True

    async def get(self, mail_id: str) -> Traced:
        """A mail and its steps.  Raises MailedUnknown."""
        async with self._db.snapshot() as tx:
            mailed = await store.find_by_id(tx, mail_id)
            if mailed is None:
                raise MailedUnknown
            return Traced(mailed, (await store.list_steps(tx, [mailed.id]))[mailed.id])

    async def list_about(self, about: str) -> list[Traced]:
        """The mails of a request (`request:<id>`), oldest first; `MAX_SHOWN` at most."""
        async with self._db.snapshot() as tx:
            mails = await store.list_about(tx, about, MAX_SHOWN)
            steps = await store.list_steps(tx, [mailed.id for mailed in mails])
        return [Traced(mailed, steps[mailed.id]) for mailed in mails]

    async def stages_of(self, abouts: Collection[str]) -> dict[str, Stage]:
        """Where the last mail of each of these (`movement:<id>`) has come to; those that none was sent about are left
        out."""
        async with self._db.snapshot() as tx:
            return {about: mailed.stage for about, mailed in (await store.find_last(tx, abouts)).items()}

    async def list_pile(self, pile: store.Pile, cursor: str = "", limit: int = MAX_SHOWN) -> store.Page:
        """A page of the mails in one situation."""
        async with self._db.snapshot() as tx:
            return await store.list_pile(tx, pile, cursor, limit)

    async def count_piles(self, piles: Collection[store.Pile]) -> dict[store.Pile, int]:
        """How many mails are in each situation."""
        async with self._db.snapshot() as tx:
            return await store.count_piles(tx, piles)

    async def _find(self, tx: Transaction, report: Report) -> Mailed | None:
        """The mail a report is about: by our ENVID, else by its Message-ID; never by a subject."""
        if isinstance(report, DeliveryReport) and report.envelope_id:
            found = await store.find_by_id(tx, report.envelope_id)
            if found is not None:
                return found
        return await store.find_by_message_id(tx, report.message_id) if report.message_id else None

    def _step(self, report: Report, mailed: Mailed) -> Step | None:
        now = self._clock.now()
        if isinstance(report, DeliveryReport):
            status = find_status(report, mailed)
            if status is None:
                return None
            return Step(stage=status.stage, at=now, source="dsn", by=report.reporter, code=status.status)
        if report.stage is None:
            return None
        return Step(stage=report.stage, at=now, source="mdn", by=report.reporter, code=report.code)

    async def _keep(self, tx: Transaction, mailed: Mailed, digest: bytes, step: Step) -> None:
        if await store.has_step(tx, mailed.id, digest):
            return
        await store.insert_step(tx, new_row_id(step.at, self._random_bytes), mailed.id, digest, step)
        fate = fate_of((await store.list_steps(tx, [mailed.id]))[mailed.id])
        if fate is not None:
            await store.set_fate(tx, mailed.id, fate)
        if step.stage in ARRIVED and await store.mark_arrived(tx, mailed.id, step.at):
            log.info("mail.arrived_unrecorded", mail_id=mailed.id)
        log.info("mail.step", mail_id=mailed.id, stage=step.stage.value, code=step.code)
