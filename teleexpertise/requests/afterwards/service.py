"""Have the expert who answered know of a word that came after, with a deadline; pass their reply on.

The pool's promise runs anew for it.  When it is over, expert and coordinator are told, then the coordinator again each
working day until somebody moves.  A correction of the answer settles it too (`requests.listeners.AnswerListener`).
"""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from miss.base.ids import PractitionerId, RequestId
from miss.base.text import Text
from miss.storage import Transaction
from miss.storage.jobs import Job, JobHandler, cancel, schedule
from teleexpertise.letters import afterwards as letters
from teleexpertise.requests import store as requests
from teleexpertise.requests.afterwards import model, store
from teleexpertise.requests.afterwards.model import REPLY_CHARS, AfterQuestion
from teleexpertise.requests.content import Note
from teleexpertise.requests.deadlines import next_working_day
from teleexpertise.requests.errors import NothingAskedAfter, ReplyMissing
from teleexpertise.requests.listeners import Answered
from teleexpertise.requests.model import TOLD, ExpertiseRequest, Fact, FactKind, require_holder, require_state
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.record import record

log = structlog.get_logger("teleexpertise.afterwards")

LATE = "teleexpertise.after_question"


@dataclass(frozen=True, slots=True, repr=False)
class Waiting:
    """A question that waits for an expert, as lists show it."""

    request: ExpertiseRequest
    title: Text
    question: AfterQuestion


class Afterwards:
    """Questions that follow an answer."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def job_handlers(self) -> tuple[JobHandler, ...]:
        """The handler of this room's timer."""
        return (JobHandler(LATE, self._ring),)

    async def take(self, tx: Transaction, request: ExpertiseRequest, reference: str, now: datetime) -> None:
        """A word has come on the locked request, which is answered: its expert is told.  `reference`: of the word."""
        parts = self._parts
        if request.holder is None:
            return
        pool = await parts.dispatch.get_pool(tx, request.require_sent().pool_id)
        new = AfterQuestion(request.id, request.holder, now, pool.due_at(now))
        one = model.asked(await store.find(tx, request.id), new)
        await store.put(tx, one)
        await schedule(tx, LATE, request.id, one.due_at, random_bytes=parts.random_bytes)
        holder = await parts.practitioners.get(request.holder, tx)
        if to := correspondent(holder):
            mail = letters.asked(
                parts.platform, to, number=request.number, reference=reference,
                form_title=parts.form_title(request.canonical), due_at=one.due_at,
            )  # fmt: skip
            await parts.notify(tx, holder, mail, request.id)
        log.info("request.asked_after", request=request.id, number=request.number)

    async def reply(self, request_id: RequestId, by: PractitionerId, text: str) -> ExpertiseRequest:
        """The expert's word, to the requester or to who follows them.

        Raises RequestUnknown, NotHolder, StateForbids, NothingAskedAfter, ReplyMissing.
        """
        parts, now, words = self._parts, self._parts.clock.now(), text.strip()
        if not words or len(words) > REPLY_CHARS:
            raise ReplyMissing(limit=REPLY_CHARS)
        note_id = parts.new_id()
        sealed = await parts.vault.seal(request_id, Note(author=by, at=now, text=words))
        async with parts.db.transaction() as tx:
            stored = await requests.lock(tx, request_id)
            request = stored.request
            require_holder(request, by)
            require_state(request, *TOLD)
            if not await self._settle(tx, request_id, now):
                raise NothingAskedAfter(number=request.number)
            await requests.add_note(tx, request_id, note_id, sealed)
            await record(parts, tx, request, Fact(FactKind.REPLIED_AFTER, now, by))
            content = await parts.vault.open_content(request_id, stored.content)
            people = await parts.practitioners.get_many([request.requester, by], tx)
            if to := correspondent(people[request.requester], content.thread):
                mail = letters.replied(
                    parts.platform, to, content.thread, number=request.number, reference=note_id,
                    form_title=parts.form_title(request.canonical), expert=people[by].display_name, reply=words,
                )  # fmt: skip
                await parts.post(tx, await parts.follow(mail, people[request.requester], tx), request_id)
        parts.jobs.wake()
        log.info("request.replied_after", request=request_id, number=request.number)
        return request

    async def find_open(self, request_id: RequestId) -> AfterQuestion | None:
        """What waits on a request; None: nothing does."""
        async with self._parts.db.snapshot() as tx:
            one = await store.find(tx, request_id)
        return one if one is not None and one.is_open else None

    async def list_open(self, holder: PractitionerId) -> list[Waiting]:
        """What waits for somebody, the earliest deadline first."""
        async with self._parts.db.snapshot() as tx:
            open_ = await store.list_open(tx, holder)
            found = [((await requests.get(tx, one.request_id)).request, one) for one in open_]
        return [Waiting(request, self._parts.form_name(request.canonical), one) for request, one in found]

    async def on_answer(self, tx: Transaction, answered: Answered) -> None:
        """The answer was corrected: that is a reply (`requests.listeners.AnswerListener`)."""
        await self._settle(tx, answered.request.id, answered.at)

    async def _settle(self, tx: Transaction, request_id: RequestId, now: datetime) -> bool:
        one = await store.find(tx, request_id)
        if one is None or not one.is_open:
            return False
        await store.put(tx, replace(one, settled_at=now))
        await cancel(tx, LATE, request_id)
        return True

    async def _ring(self, job: Job) -> None:
        parts, now = self._parts, self._parts.clock.now()
        async with parts.db.transaction() as tx:
            request = (await requests.lock(tx, RequestId(job.key))).request
            one = await store.find(tx, request.id)
            if one is None or not one.is_open or now < one.due_at:
                return
            pool = await parts.dispatch.get_pool(tx, request.require_sent().pool_id)
            again_at = next_working_day(now, pool.hours, pool.zone)
            is_first = now < next_working_day(one.due_at, pool.hours, pool.zone)
            people = await parts.practitioners.get_many([pool.coordinator_id, one.holder], tx)
            for who in dict.fromkeys((one.holder, pool.coordinator_id) if is_first else (pool.coordinator_id,)):
                if to := correspondent(people[who]):
                    mail = letters.late(
                        parts.platform, to, number=request.number, reference=f"{who[-8:]}-{now:%Y%m%d%H%M}",
                        form_title=parts.form_title(request.canonical), expert=people[one.holder].display_name,
                        asked_at=one.asked_at,
                    )  # fmt: skip
                    await parts.notify(tx, people[who], mail, request.id)
            await schedule(tx, LATE, request.id, again_at, random_bytes=parts.random_bytes)
        parts.jobs.wake()
        log.info("request.after_question_late", request=request.id, number=request.number)
