"""Requests that came by mail and waited for their establishment's quota go on by themselves (`quota`)."""

from hashlib import blake2b, sha256

import structlog

from miss.base.ids import RequestId
from miss.storage.jobs import Job, JobHandler
from teleexpertise.intake.assessment import Arrived
from teleexpertise.intake.quota import GO_ON
from teleexpertise.intake.service import Intake, Submission
from teleexpertise.requests import store
from teleexpertise.requests.model import State
from teleexpertise.requests.parts import Parts

log = structlog.get_logger("teleexpertise.intake")


class Waiting:
    """Sends them as an arrival that brings nothing: judged anew, sent, or told again why not."""

    def __init__(self, parts: Parts, intake: Intake) -> None:
        self._parts = parts
        self._intake = intake

    def job_handlers(self) -> tuple[JobHandler, ...]:
        """What `quota.plan_tomorrow` plans."""
        return (JobHandler(GO_ON, self._go_on),)

    async def _go_on(self, job: Job) -> None:
        parts, request_id = self._parts, RequestId(job.key)
        async with parts.db.snapshot() as tx:
            stored = await store.get(tx, request_id)
        request = stored.request
        if request.state is not State.DRAFT or sha256(stored.content).hexdigest() != job.payload["seen"]:
            log.info("request.went_on_otherwise", request=request_id, number=request.number)
            return
        form = parts.registry.find(request.canonical)
        submission = Submission(
            source=parts.new_id(),
            key=f"go-on/{request_id}/{job.payload['seen']}",
            digest=blake2b(stored.content, digest_size=32).digest(),
            requester=await parts.practitioners.get(request.requester),
            arrived=Arrived(form=form, answers={}, answered_at={}, merges=True),
            draft=request_id,
        )
        await self._intake.take(submission)
