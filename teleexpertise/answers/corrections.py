"""An answer that has left is corrected by another one, which annuls and replaces it.

Both are kept, sealed; the letter of the new one says in its title what it annuls, and leaves as a mail of its own on
the same thread.  The answer that counts stays readable, and unchanged, until the correction is sent.
Source: teleexpertise.md §5; CDA R2 relatedDocument RPLC.
"""

from collections.abc import Sequence

import structlog

from miss.base.ids import PractitionerId, RequestId
from teleexpertise.answers import store
from teleexpertise.answers.composing import final_of, letter_of, mail_of
from teleexpertise.answers.errors import CorrectionIsNoAnswer, NothingCorrected
from teleexpertise.answers.service import Answering, DecisionCode, Prepared, Preview, Written
from teleexpertise.letters.answer import Replaced
from teleexpertise.questionnaire.parse import parse_response
from teleexpertise.requests import moves
from teleexpertise.requests import store as requests_store
from teleexpertise.requests.assignment import Assignment
from teleexpertise.requests.content import AnswerContent
from teleexpertise.requests.errors import AnswerIncomplete
from teleexpertise.requests.listeners import Answered, AnswerListener
from teleexpertise.requests.model import ExpertiseRequest
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.record import record
from teleexpertise.requests.store import Stored

log = structlog.get_logger("teleexpertise.corrections")

ENDS = frozenset({DecisionCode.ADVICE, DecisionCode.REORIENTATION})


class Corrections:
    """Prepares and sends corrected answers."""

    def __init__(
        self, parts: Parts, answering: Answering, assignment: Assignment, listeners: Sequence[AnswerListener] = ()
    ) -> None:
        self._parts = parts
        self._answering = answering
        self._assignment = assignment
        self._listeners = listeners

    async def open(self, request_id: RequestId, by: PractitionerId) -> Prepared:
        """The correction under way; the answer itself if none was begun.

        Raises RequestUnknown, NotHolder, StateForbids.
        """
        stored, draft = await self._corrected(request_id, by)
        return await self._answering.prepared(stored.request, draft or stored.answer)

    async def save(self, request_id: RequestId, by: PractitionerId, written: Written) -> Prepared:
        """Keep a correction under way, as `Answering.save` keeps an answer.  Raises as `open`."""
        stored, _ = await self._corrected(request_id, by)
        version = (await self._current(stored)).version + 1
        prepared, sealed = await self._answering.draft(stored.request, by, written, version=version)
        async with self._parts.db.transaction() as tx:
            locked = await requests_store.lock(tx, request_id)
            moves.correct(locked.request, by, self._parts.clock.now())
            await store.put_draft(tx, request_id, version, sealed)
        return prepared

    async def preview(self, request_id: RequestId, by: PractitionerId) -> Preview:
        """What sending would do.  Raises as `open`, NothingCorrected, AnswerIncomplete, CorrectionIsNoAnswer."""
        stored, draft = await self._corrected(request_id, by)
        current = await self._current(stored)
        prepared = await self._changed(stored, draft, current)
        content = await self._parts.vault.open_content(request_id, stored.content)
        replaced = Replaced(current.version, current.answered_at)
        letter = await letter_of(self._parts, self._answering.leaving(prepared, content, by, replaced))
        found = await self._parts.find_successor(stored.request.requester)
        return Preview(prepared=prepared, letter=letter, successor=found.name if found else "")

    async def send(self, request_id: RequestId, by: PractitionerId) -> ExpertiseRequest:
        """The correction takes the place of the answer, once.  Raises as `preview`."""
        parts = self._parts
        stored, draft = await self._corrected(request_id, by)
        current = await self._current(stored)
        prepared = await self._changed(stored, draft, current)
        content = await parts.vault.open_content(request_id, stored.content)
        replaced = Replaced(current.version, current.answered_at)
        leaving = self._answering.leaving(prepared, content, by, replaced)
        mail = await mail_of(parts, leaving)
        sealed = await parts.vault.seal(request_id, final_of(leaving))
        async with parts.db.transaction() as tx:
            locked = await self._assignment.lock(tx, request_id)
            request, fact = moves.correct(locked.request, by, leaving.at)
            if locked.answer != stored.answer or not await store.remove_draft(tx, request_id):
                raise NothingCorrected(number=request.number)
            await store.add_annulled(tx, request_id, current.version, locked.answer, leaving.at)
            await record(parts, tx, request, fact, answer=sealed)
            for listener in self._listeners:
                answered = Answered(request=request, content=content, response=leaving.response, at=leaving.at)
                await listener(tx, answered)
            await parts.post(tx, mail, request.id)
        parts.jobs.wake()
        log.info("request.corrected", request=request.id, number=request.number, version=current.version + 1)
        return request

    async def discard(self, request_id: RequestId, by: PractitionerId) -> None:
        """Give up a correction under way: the answer stays as it left.  Raises as `open`."""
        await self._corrected(request_id, by)
        async with self._parts.db.transaction() as tx:
            await store.remove_draft(tx, request_id)

    async def list_annulled(self, request_id: RequestId) -> list[AnswerContent]:
        """The earlier answers, oldest first: for who was shown the request, whose reading is in the log."""
        async with self._parts.db.snapshot() as tx:
            sealed = await store.list_annulled(tx, request_id)
        return [await self._parts.vault.open_answer(request_id, one) for one in sealed]

    async def _corrected(self, request_id: RequestId, by: PractitionerId) -> tuple[Stored, bytes]:
        """The request and the correction under way, for who may correct."""
        async with self._parts.db.snapshot() as tx:
            stored = await requests_store.get(tx, request_id)
            draft = await store.find_draft(tx, request_id)
        moves.correct(stored.request, by, self._parts.clock.now())
        return stored, draft or b""

    async def _current(self, stored: Stored) -> AnswerContent:
        return await self._parts.vault.open_answer(stored.request.id, stored.answer)

    async def _changed(self, stored: Stored, draft: bytes, current: AnswerContent) -> Prepared:
        """A correction that may leave."""
        number = stored.request.number
        if not draft:
            raise NothingCorrected(number=number)
        prepared = await self._answering.prepared(stored.request, draft)
        if not prepared.ok:
            raise AnswerIncomplete(number=number)
        if prepared.decision not in ENDS:
            raise CorrectionIsNoAnswer(number=number)
        if prepared.response.answers == parse_response(current.response).answers:
            raise NothingCorrected(number=number)
        return prepared
