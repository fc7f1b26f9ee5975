"""A request that another specialty should see: the expert sends it to that pool, with a word for its experts.

The same request goes on, with its deadline and its thread; the turn is given back where a refusal for the same reason
would give it back.  Without a pool to send it to, a reorientation is an answer like any other (`service`).
"""

import structlog

from miss.base.ids import PoolId, PractitionerId, RequestId
from miss.storage import Transaction
from teleexpertise.answers.errors import PoolNotOther
from teleexpertise.answers.service import Answering, DecisionCode
from teleexpertise.dispatch import Pool
from teleexpertise.letters import to_requester
from teleexpertise.requests import moves, store
from teleexpertise.requests.assignment import Assignment
from teleexpertise.requests.content import Note
from teleexpertise.requests.model import ExpertiseRequest
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.store import Stored

log = structlog.get_logger("teleexpertise.reorientation")


class Reorientation:
    """Sends requests to other pools."""

    def __init__(self, parts: Parts, answering: Answering, assignment: Assignment) -> None:
        self._parts = parts
        self._answering = answering
        self._assignment = assignment

    async def list_pools(self, request: ExpertiseRequest) -> list[Pool]:
        """Where a request can be sent: every pool but its own."""
        async with self._parts.db.snapshot() as tx:
            pools = await self._parts.dispatch.list_pools(tx)
        return [pool for pool in pools if pool.id != request.require_sent().pool_id]

    async def send(
        self, request_id: RequestId, by: PractitionerId, pool_id: PoolId, word: str = ""
    ) -> ExpertiseRequest:
        """Do what the saved answer decides: a reorientation, to that pool.

        Raises RequestUnknown, NotHolder, StateForbids, AnswerIncomplete, PoolNotOther.
        """
        parts, now = self._parts, self._parts.clock.now()
        prepared = (await self._answering.preview(request_id, by)).prepared
        pool = next((pool for pool in await self.list_pools(prepared.request) if pool.id == pool_id), None)
        if pool is None or prepared.decision is not DecisionCode.REORIENTATION:
            raise PoolNotOther(number=prepared.request.number)
        note = await parts.vault.seal(request_id, Note(author=by, at=now, text=word))
        async with parts.db.transaction() as tx:
            stored = await self._assignment.lock(tx, request_id)
            request, fact = moves.reorient(stored.request, by, prepared.decline_reason, now)
            await parts.dispatch.decline(tx, stored.request.attempt_id, by, prepared.decline_reason, now)
            await store.save(tx, request, answer=b"")
            if word:
                await store.add_note(tx, request_id, parts.new_id(), note)
            released = Stored(request, stored.content, b"")
            moved = await self._assignment.move_to(tx, released, pool, fact, now)
            await self._tell(tx, stored, pool)
            await self._assignment.wake_waiting(tx, stored.request, now)
        parts.jobs.wake()
        log.info("request.reoriented", request=moved.id, number=moved.number, pool=pool.id)
        return moved

    async def _tell(self, tx: Transaction, stored: Stored, pool: Pool) -> None:
        parts, request = self._parts, stored.request
        content = await parts.vault.open_content(request.id, stored.content)
        requester = await parts.practitioners.get(request.requester, tx)
        if to := correspondent(requester, content.thread):
            mail = to_requester.reoriented(
                parts.platform, to, content.thread, number=request.number, reference=request.attempt_id,
                form_title=parts.form_title(request.canonical), pool_name=pool.name,
                deadline_at=request.require_sent().deadline_at,
            )  # fmt: skip
            await parts.post(tx, await parts.follow(mail, requester, tx), request.id)
