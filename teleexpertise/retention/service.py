"""Requests past their time: files deleted, key destroyed, rows emptied; the timeline stays (teleexpertise.md §10).

The key goes before the rows are emptied, so that nothing is readable from the moment it is destroyed, in backups of
the database neither; backups of the key store follow when the master key is renewed (ADR 40).  A crash at any point is
found by the next sweep, which does all of it again.
"""

from datetime import timedelta

import structlog

from miss.directory.audit import SYSTEM, Subject
from miss.storage.errors import DataKeyDestroyed
from miss.storage.jobs import Job, JobHandler, schedule
from teleexpertise.attachments.service import about
from teleexpertise.questionnaire.model import AttachmentRef
from teleexpertise.questionnaire.parse import parse_response
from teleexpertise.requests.content import files_in, files_of, files_of_note
from teleexpertise.requests.parts import Parts
from teleexpertise.retention import store
from teleexpertise.retention.store import Past

SWEEP = "expertise.retention"
SWEEP_EVERY = timedelta(days=1)
SLICE = 50

log = structlog.get_logger("teleexpertise.retention")


class Retention:
    """Looks once a day for requests past their time."""

    def __init__(self, parts: Parts, keeps: timedelta) -> None:
        """`keeps`: how long after its end a request can be read; a draft, after it was begun."""
        self._parts = parts
        self._keeps = keeps

    def job_handler(self) -> JobHandler:
        """What `start` plans."""
        return JobHandler(SWEEP, self._run)

    async def start(self) -> None:
        """Plan the next sweep."""
        parts = self._parts
        async with parts.db.transaction() as tx:
            due_at = parts.clock.now() + SWEEP_EVERY
            await schedule(tx, SWEEP, "all", due_at, random_bytes=parts.random_bytes)

    async def _run(self, _job: Job) -> None:
        await self.destroy_past()
        await self.start()

    async def destroy_past(self) -> int:
        """Destroy what is past its time; how many requests."""
        before = self._parts.clock.now() - self._keeps
        destroyed = 0
        while True:
            async with self._parts.db.snapshot() as tx:
                past = await store.list_past(tx, before, SLICE)
            if not past:
                return destroyed
            for one in past:
                await self._destroy(one)
            destroyed += len(past)

    async def _destroy(self, past: Past) -> None:
        parts, request_id = self._parts, past.request_id
        for file in await self._files(past):
            await parts.attachments.delete(file.ref)
        await parts.vault.destroy(request_id)
        async with parts.db.transaction() as tx:
            await store.blank(tx, request_id, parts.clock.now())
            await parts.allowances.release_about(tx, about(request_id))
            parts.audit.append(tx, actor=SYSTEM, act="request.destroyed", subject=Subject("request", request_id))
        log.info("request.destroyed", request=request_id)

    async def _files(self, past: Past) -> list[AttachmentRef]:
        """Every file of a request; none if its key was destroyed by a sweep that did not finish."""
        vault, request_id = self._parts.vault, past.request_id
        try:
            contents = [await vault.open_content(request_id, sealed) for sealed in (past.content, *past.rejected)]
            notes = [await vault.open_note(request_id, sealed) for sealed in past.notes]
            answers = [await vault.open_answer(request_id, past.answer)] if past.answer else []
        except DataKeyDestroyed:
            return []
        files = [file for content in contents for file in files_of(content)]
        files += [file for note in notes for file in files_of_note(note)]
        files += [file for answer in answers for file in files_in(parse_response(answer.response))]
        return files
