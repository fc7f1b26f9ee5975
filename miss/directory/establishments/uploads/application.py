"""A confirmed file, or a program's long list of moves, is applied a slice of people a transaction: nobody else waits to
write for long.

Nothing stays half applied: what is to be done is written down first, in the transaction that freezes the list, and a
job ends what a crash has interrupted.  Until the last slice each person is either as before or as the file says, and
nobody else changes the list.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from miss.base.clock import Clock
from miss.base.ids import OrganizationId
from miss.base.random import RandomBytes
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments import store as unit_store
from miss.directory.establishments.errors import StaffListChanged, UploadNotFound
from miss.directory.establishments.roster import store as roster_store
from miss.directory.establishments.roster.service import Edits, Roster
from miss.directory.establishments.service import get_held, get_list_held
from miss.directory.establishments.staff import StaffMember
from miss.directory.establishments.uploads import store
from miss.directory.establishments.uploads.plan import Plan, Step
from miss.directory.establishments.uploads.store import Application, Upload
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler, cancel, schedule

APPLY_JOB: Final = "establishment.apply"
RESUMED_AFTER: Final = timedelta(minutes=2)
"""Whoever confirmed is long through by then, or was interrupted."""


class Applications:
    """Files on their way into lists."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes, roster: Roster) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._roster = roster
        self._audit = AuditLog(db, clock)

    def job_handler(self) -> JobHandler:
        """For the job runner: ends what was interrupted."""
        return JobHandler(APPLY_JOB, self._resume)

    async def _resume(self, job: Job) -> None:
        await self.carry_out(OrganizationId(job.key))

    async def begin(self, upload: Upload, revision: int, plan: Plan, by: str) -> None:
        """Freeze the list and write the plan down, in the file's stead; places that it names are made.

        Raises StaffListBusy, StaffListChanged, UploadNotFound, TooManyUnits; nothing has begun then.
        """
        content = await asyncio.to_thread(plan.to_json)
        now, where = self._clock.now(), upload.establishment_id
        async with self._db.transaction() as tx:
            establishment = await get_list_held(tx, where)
            if establishment.staff_revision != revision:
                raise StaffListChanged
            if not await store.delete_upload(tx, where, upload.id):
                raise UploadNotFound
            await self._roster.make_units(tx, establishment, plan.places())
            await self.write_down(tx, Application(upload.id, where, upload.file_name, by, now), content)

    async def write_down(self, tx: Transaction, application: Application, content: str) -> None:
        """Freeze the list, which the caller's `tx` holds, until `carry_out` has done all that `content` says: a plan
        whose places are there, as JSON."""
        where = application.establishment_id
        await store.insert_application(tx, application, content)
        await schedule(tx, APPLY_JOB, where, application.begun_at + RESUMED_AFTER, random_bytes=self._random_bytes)

    async def carry_out(self, establishment_id: OrganizationId) -> None:
        """Do what was begun and is not done; nothing happens if there is nothing."""
        async with self._db.snapshot() as tx:
            found = await store.find_application(tx, establishment_id)
        if found is None:
            return
        application, content = found
        plan = await asyncio.to_thread(Plan.from_json, content)
        for steps in plan.slices():
            async with self._db.transaction() as tx:
                if not await self._apply(tx, application, steps):
                    return
            # Whoever waits to write goes first.
            await asyncio.sleep(0)
        async with self._db.transaction() as tx:
            await self._end(tx, application, plan)

    async def _apply(self, tx: Transaction, application: Application, steps: Sequence[Step]) -> bool:
        """Do some steps; what is done already stays.  False: another process has ended the application."""
        where = application.establishment_id
        establishment = await get_held(tx, where)
        if await unit_store.find_application(tx, where) != application.id:
            return False
        units = await unit_store.list_units(tx, where)
        ids = [step.member_id for step in steps]
        there = {member.id: member for member in await roster_store.list_members(tx, where, units, ids)}
        edits = _edits(steps, there, where, self._clock.now())
        await self._roster.apply(tx, establishment, edits, application.by)
        return True

    async def _end(self, tx: Transaction, application: Application, plan: Plan) -> None:
        where = application.establishment_id
        await get_held(tx, where)
        if await unit_store.find_application(tx, where) != application.id:
            return
        await store.delete_application(tx, where)
        await cancel(tx, APPLY_JOB, where)
        said = f"+{len(plan.added)} ~{len(plan.changed)} -{len(plan.removed)} {application.file_name}"
        subject = Subject("organization", where)
        self._audit.append(tx, actor=application.by, act="establishment.staff_uploaded", subject=subject, detail=said)


def _edits(
    steps: Sequence[Step], there: dict[str, StaffMember], establishment_id: OrganizationId, now: datetime
) -> Edits:
    """What of `steps` is not done yet; `there`: those of them who are on the list."""
    added, changed, removed = [], [], []
    for step in steps:
        member = there.get(step.member_id)
        if step.facts is None:
            removed += [member] if member else []
        elif member is None:
            added.append(
                StaffMember(
                    id=step.member_id,
                    establishment_id=establishment_id,
                    facts=step.facts,
                    created_at=now,
                    updated_at=now,
                )
            )
        else:
            changed.append((member, member.saying(step.facts)))
    return Edits(added, changed, removed)
