"""The timer of every request under way: it tells whoever has to move, in the transaction that notes that it did.

`requests.record` keeps the timer where the request's own instants put it; here is what happens when it rings.  A
request is closed here and nowhere else: when the requester has been silent for too long.
"""

from datetime import datetime

import structlog

from miss.base.ids import RequestId
from miss.mail.outbound import OutboundMail
from miss.storage import Transaction
from miss.storage.jobs import Job, JobHandler
from teleexpertise.dispatch import AttemptState, Pool
from teleexpertise.letters import reminders as letters
from teleexpertise.letters.envelope import Correspondent, Thread
from teleexpertise.reminders.model import Stage, stage_of
from teleexpertise.requests import moves, store
from teleexpertise.requests.assignment import Assignment
from teleexpertise.requests.clarification import asked_form, find_question, lines_to_fill
from teleexpertise.requests.deadlines import silent_at
from teleexpertise.requests.model import ExpertiseRequest, Fact, FactKind, State
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.record import REMIND, keep_timers, record
from teleexpertise.requests.store import Stored

log = structlog.get_logger("teleexpertise.reminders")


class Reminders:
    """Rings for requests under way."""

    def __init__(self, parts: Parts, assignment: Assignment) -> None:
        self._parts = parts
        self._assignment = assignment

    def job_handlers(self) -> tuple[JobHandler, ...]:
        """The handler of this room's timer."""
        return (JobHandler(REMIND, self._ring),)

    async def _ring(self, job: Job) -> None:
        parts, now = self._parts, self._parts.clock.now()
        async with parts.db.transaction() as tx:
            stored = await self._assignment.lock(tx, RequestId(job.key))
            request = stored.request
            if request.sent is None:
                return
            pool = await parts.dispatch.get_pool(tx, request.sent.pool_id)
            stage = stage_of(request, pool, now)
            if stage is None:
                await keep_timers(parts, tx, request)
                return
            if stage is Stage.TOO_SILENT:
                await self._close(tx, stored, now)
            else:
                await self._remind(tx, stored, pool, stage, now)
        parts.jobs.wake()
        log.info("request.reminded", request=request.id, number=request.number, stage=stage)

    async def _remind(self, tx: Transaction, stored: Stored, pool: Pool, stage: Stage, now: datetime) -> None:
        request = stored.request
        kind = FactKind.OVERDUE if stage is Stage.OVERDUE else FactKind.REMINDED
        reminded, fact = moves.remind(request, Fact(kind, now, reason=stage))
        await record(self._parts, tx, reminded, fact)
        # The mails are queued with the reminder or not at all: the instant is enough to tell them apart.
        reference = f"{now:%Y%m%d%H%M%S}"
        match stage:
            case Stage.SILENT:
                await self._tell_silent(tx, stored, pool, reference)
            case Stage.OVERDUE | Stage.STILL_OVERDUE:
                await self._tell_coordinator(tx, request, pool, stage, reference)
                if stage is Stage.OVERDUE:
                    await self._tell_delay(tx, stored, reference)
            case _ if request.holder is not None:
                await self._tell_holder(tx, request, stage)
            case Stage.MOST:
                await self._tell_coordinator(tx, request, pool, stage, reference)

    async def _tell_holder(self, tx: Transaction, request: ExpertiseRequest, stage: Stage) -> None:
        parts = self._parts
        holder = await parts.practitioners.get(request.holder, tx) if request.holder else None
        to = correspondent(holder) if holder else None
        if holder is not None and to is not None:
            mail = letters.to_holder(
                parts.platform, to, number=request.number, reference=f"{stage}-{request.attempt_id}",
                form_title=parts.form_title(request.canonical), deadline_at=request.require_sent().deadline_at,
                expires_at=request.offer_expires_at,
            )  # fmt: skip
            await parts.notify(tx, holder, mail, request.id)

    async def _tell_coordinator(
        self, tx: Transaction, request: ExpertiseRequest, pool: Pool, stage: Stage, reference: str
    ) -> None:
        parts = self._parts
        people = await parts.practitioners.get_many(
            [pool.coordinator_id, *([request.holder] if request.holder else [])], tx
        )
        to = correspondent(people[pool.coordinator_id])
        if to is None:
            log.error("coordinator.no_mailbox", practitioner=pool.coordinator_id, request=request.id)
            return
        title, deadline_at = parts.form_title(request.canonical), request.require_sent().deadline_at
        if stage is Stage.MOST:
            mail = letters.nobody_holds(
                parts.platform, to, number=request.number, reference=reference, form_title=title,
                pool_name=pool.name, deadline_at=deadline_at,
            )  # fmt: skip
        else:
            mail = letters.overdue(
                parts.platform, to, number=request.number, reference=reference, form_title=title,
                pool_name=pool.name, deadline_at=deadline_at, is_told=stage is Stage.OVERDUE,
                holder=people[request.holder].display_name if request.holder else "",
            )  # fmt: skip
        await parts.post(tx, mail, request.id)

    async def _tell_delay(self, tx: Transaction, stored: Stored, reference: str) -> None:
        parts, request = self._parts, stored.request
        to, thread = await self._requester(tx, stored)
        if to is not None:
            mail = letters.delayed(
                parts.platform, to, thread, number=request.number, reference=reference,
                form_title=parts.form_title(request.canonical), deadline_at=request.require_sent().deadline_at,
                is_held=request.state is State.IN_PROGRESS,
            )  # fmt: skip
            await self._post(tx, mail, request)

    async def _tell_silent(self, tx: Transaction, stored: Stored, pool: Pool, reference: str) -> None:
        parts, request = self._parts, stored.request
        to, thread = await self._requester(tx, stored)
        if to is not None and request.held_since is not None:
            mail = letters.still_silent(
                parts.platform, to, thread, number=request.number, reference=reference,
                form_title=parts.form_title(request.canonical), asked_at=request.held_since,
                closes_at=silent_at(request.held_since, pool)[-1], lines_to_fill=await self._asked_lines(tx, request),
            )  # fmt: skip
            await self._post(tx, mail, request)

    async def _close(self, tx: Transaction, stored: Stored, now: datetime) -> None:
        parts = self._parts
        request, fact = moves.close(stored.request, now)
        await record(parts, tx, request, fact)
        await parts.dispatch.close(tx, request.attempt_id, AttemptState.LAPSED, now)
        title, reference = parts.form_title(request.canonical), f"{now:%Y%m%d%H%M%S}"
        to, thread = await self._requester(tx, stored)
        if to is not None:
            mail = letters.closed_unclarified(
                parts.platform, to, thread, number=request.number, reference=reference, form_title=title,
                days=moves.REOPEN_WITHIN.days,
            )  # fmt: skip
            await self._post(tx, mail, request)
        holder = await parts.practitioners.get(request.holder, tx) if request.holder else None
        if holder is not None and (expert := correspondent(holder)) is not None:
            told = letters.closed_for_holder(
                parts.platform, expert, number=request.number, reference=reference, form_title=title
            )
            await parts.notify(tx, holder, told, request.id)
        await self._assignment.wake_waiting(tx, request, now)

    async def _requester(self, tx: Transaction, stored: Stored) -> tuple[Correspondent | None, Thread | None]:
        content = await self._parts.vault.open_content(stored.request.id, stored.content)
        requester = await self._parts.practitioners.get(stored.request.requester, tx)
        return correspondent(requester, content.thread), content.thread

    async def _post(self, tx: Transaction, mail: OutboundMail, request: ExpertiseRequest) -> None:
        """To the requester, or to their successor."""
        requester = await self._parts.practitioners.get(request.requester, tx)
        await self._parts.post(tx, await self._parts.follow(mail, requester, tx), request.id)

    async def _asked_lines(self, tx: Transaction, request: ExpertiseRequest) -> tuple[str, ...]:
        form = self._parts.registry.find(request.canonical)
        sealed = await store.list_notes(tx, request.id)
        notes = [await self._parts.vault.open_note(request.id, note) for note in sealed[-1:]]
        asked = find_question(notes, request.requester)
        return lines_to_fill(asked_form(form, asked.items)) if form and asked else ()
