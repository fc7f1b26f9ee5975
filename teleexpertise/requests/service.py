"""What people do to a request: take it on, send it back, ask, add a word, take it back.

One transaction each: state, attempt, timeline, timers and notices together.  The answer has a module of its own
(`answering`), as it is prepared, previewed, then sent.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from miss.base.ids import PractitionerId, RequestId
from miss.storage import Transaction
from teleexpertise.attachments.service import RefusedFile
from teleexpertise.dispatch import DeclineReason
from teleexpertise.letters import to_requester, to_team
from teleexpertise.questionnaire.model import Questionnaire
from teleexpertise.requests import model, moves, store
from teleexpertise.requests.afterwards import Afterwards, may_ask_after
from teleexpertise.requests.assignment import Assignment
from teleexpertise.requests.clarification import Word, asked_form, compose_note, find_question, lines_to_fill
from teleexpertise.requests.content import Note
from teleexpertise.requests.deadlines import resume
from teleexpertise.requests.errors import NotRequester, StateForbids
from teleexpertise.requests.model import ENDED, TOLD, ExpertiseRequest, Fact, FactKind, State
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.record import record
from teleexpertise.requests.store import Stored

log = structlog.get_logger("teleexpertise.requests")


class Requests:
    """Acts on requests that are under way."""

    def __init__(self, parts: Parts, assignment: Assignment, afterwards: Afterwards) -> None:
        self._parts = parts
        self._assignment = assignment
        self._afterwards = afterwards

    async def accept(self, request_id: RequestId, by: PractitionerId) -> ExpertiseRequest:
        """The expert takes it on; twice is once.  Raises RequestUnknown, StateForbids, NotHolder, AttemptEnded."""
        parts, now = self._parts, self._parts.clock.now()
        async with parts.db.transaction() as tx:
            stored = await self._assignment.lock(tx, request_id)
            request = stored.request
            if request.state is State.IN_PROGRESS and request.holder == by:
                return request
            request, fact = model.accept(request, by, now)
            await parts.dispatch.accept(tx, request.attempt_id, by, now)
            await record(parts, tx, request, fact)
        log.info("request.accepted", request=request.id, number=request.number)
        return request

    async def decline(self, request_id: RequestId, by: PractitionerId, reason: DeclineReason) -> ExpertiseRequest:
        """The expert sends it back; it is offered to whose turn is next, and an emergency is told to the requester.

        Raises RequestUnknown, StateForbids, NotHolder, AttemptEnded.
        """
        parts, now = self._parts, self._parts.clock.now()
        async with parts.db.transaction() as tx:
            stored = await self._assignment.lock(tx, request_id)
            move = model.decline(stored.request, by, reason, now)
            await parts.dispatch.decline(tx, stored.request.attempt_id, by, reason, now)
            await store.save(tx, move[0], answer=b"")
            await self._assignment.release(tx, Stored(stored.request, stored.content, b""), move, now)
            if reason is DeclineReason.EMERGENCY:
                await self._mail_emergency(tx, stored)
        parts.jobs.wake()
        log.info("request.declined", request=request_id, reason=reason)
        return move[0]

    async def ask(self, request_id: RequestId, by: PractitionerId, text: str, items: Sequence[str]) -> ExpertiseRequest:
        """The expert asks the requester; the deadline stands still.  `items`: linkIds the question aims at.

        Raises RequestUnknown, StateForbids, NotHolder.
        """
        parts, now = self._parts, self._parts.clock.now()
        note_id = parts.new_id()
        sealed = await parts.vault.seal(request_id, Note(author=by, at=now, text=text, items=tuple(items)))
        async with parts.db.transaction() as tx:
            stored = await self._assignment.lock(tx, request_id)
            request, fact = model.ask(stored.request, by, now)
            await record(parts, tx, request, fact, answer=b"")
            await store.add_note(tx, request_id, note_id, sealed)
            await self._mail_question(tx, stored, note_id, by, text, items)
        parts.jobs.wake()
        log.info("request.on_hold", request=request.id, number=request.number)
        return request

    async def find_question(self, request_id: RequestId, by: PractitionerId) -> tuple[Note, Questionnaire] | None:
        """What the expert waits for and the small form that asks it; None: nothing is asked.

        Raises RequestUnknown, NotRequester.
        """
        async with self._parts.db.snapshot() as tx:
            stored = await store.get(tx, request_id)
            notes = await store.list_notes(tx, request_id)
        if stored.request.requester != by:
            raise NotRequester(number=stored.request.number)
        return await self._question(stored.request, notes)

    async def add(self, request_id: RequestId, word: Word) -> tuple[ExpertiseRequest, list[RefusedFile]]:
        """The requester writes more; it ends a pause or opens what silence closed, and whoever holds it is told.
        After the answer it is a question to who gave it, for as long as `afterwards` says.

        Raises RequestUnknown, NotRequester, StateForbids for a draft or a request that has ended, ReopenTooLate,
        AttachmentRefused for a watched word of which nothing is left.
        """
        parts, now = self._parts, self._parts.clock.now()
        async with parts.db.snapshot() as tx:
            seen = await store.get(tx, request_id)
            notes = await store.list_notes(tx, request_id)
        self._require_open(seen, word.author, now)
        question = await self._question(seen.request, notes)
        kept, refused = await parts.attachments.keep(request_id, word.source, word.files, by=word.author)
        if word.is_watched and refused and not (kept or word.text or word.answers):
            raise refused[0].error
        note = compose_note(question[1] if question else None, word, kept, now)
        sealed = await parts.vault.seal(request_id, note)
        async with parts.db.transaction() as tx:
            stored = await self._assignment.lock(tx, request_id)
            self._require_open(stored, word.author, now)
            if not await store.add_note(tx, request_id, word.source, sealed):
                return stored.request, refused
            request, fact = await self._after_word(tx, stored.request, word.author, now)
            await record(parts, tx, request, replace(fact, through=word.through))
            if stored.request.state is State.CLOSED:
                reopened = Stored(request, stored.content, stored.answer)
                await self._assignment.offer(tx, reopened, now, continuity=stored.request.holder)
            elif stored.request.state in TOLD:
                await self._afterwards.take(tx, request, word.source, now)
            else:
                await self._mail_holder(tx, request, word.source)
        parts.jobs.wake()
        log.info("request.added", request=request.id, number=request.number, files=len(kept))
        return request, refused

    async def revoke(
        self, request_id: RequestId, by: PractitionerId, *, through: PractitionerId | None = None
    ) -> ExpertiseRequest:
        """The requester takes it back, or a secretary (`through`) for them.

        Raises RequestUnknown, NotRequester, StateForbids.
        """
        return await self._take_back(request_id, lambda request, now: model.revoke(request, by, now), through)

    async def call_off(
        self, request_id: RequestId, by: PractitionerId, *, through: PractitionerId | None = None
    ) -> ExpertiseRequest:
        """The requester had sent it by mistake, minutes ago, and nobody has taken it on; `through`: as `revoke`.

        Raises RequestUnknown, NotRequester, StateForbids, CallOffTooLate.
        """
        return await self._take_back(request_id, lambda request, now: moves.call_off(request, by, now), through)

    async def _take_back(
        self,
        request_id: RequestId,
        move: Callable[[ExpertiseRequest, datetime], model.Move],
        through: PractitionerId | None,
    ) -> ExpertiseRequest:
        parts, now = self._parts, self._parts.clock.now()
        async with parts.db.transaction() as tx:
            stored = await self._assignment.lock(tx, request_id)
            held = stored.request
            request, fact = move(held, now)
            await record(parts, tx, request, replace(fact, through=through))
            if held.holder is not None:
                await parts.dispatch.take_back(tx, held.attempt_id, now)
                holder = await parts.practitioners.get(held.holder, tx)
                to = correspondent(holder)
                title = parts.form_title(held.canonical)
                if to is not None:
                    mail = to_team.withdrawn(parts.platform, to, number=held.number, form_title=title)
                    await parts.notify(tx, holder, mail, request.id)
            await self._assignment.wake_waiting(tx, request, now)
        parts.jobs.wake()
        log.info("request.taken_back", request=request.id, number=request.number, state=request.state)
        return request

    async def _question(
        self, request: ExpertiseRequest, sealed_notes: Sequence[bytes]
    ) -> tuple[Note, Questionnaire] | None:
        form = self._parts.registry.find(request.canonical)
        if form is None or request.state not in {State.ON_HOLD, State.CLOSED}:
            return None
        notes = [await self._parts.vault.open_note(request.id, sealed) for sealed in sealed_notes[-1:]]
        note = find_question(notes, request.requester)
        return (note, asked_form(form, note.items)) if note else None

    async def _after_word(
        self, tx: Transaction, request: ExpertiseRequest, author: PractitionerId, now: datetime
    ) -> model.Move:
        if request.state in TOLD:
            return request, Fact(FactKind.ASKED_AFTER, now, author)
        if request.held_since is None:
            return request, Fact(FactKind.ADDED, now, author)
        pool = await self._parts.dispatch.get_pool(tx, request.require_sent().pool_id)
        sent = resume(request, pool.hours, now)
        if request.state is State.CLOSED:
            return moves.reopen(request, author, sent=sent, now=now)
        return model.clarify(request, author, sent=sent, now=now)

    @staticmethod
    def _require_open(stored: Stored, author: PractitionerId, now: datetime) -> None:
        request = stored.request
        if request.requester != author:
            raise NotRequester(number=request.number)
        is_over = request.state in ENDED and not (moves.may_reopen(request, now) or may_ask_after(request, now))
        if request.state is State.DRAFT or is_over:
            raise StateForbids(number=request.number, state=request.state)

    async def _mail_question(
        self, tx: Transaction, stored: Stored, note_id: str, by: PractitionerId, text: str, items: Sequence[str]
    ) -> None:
        parts, request = self._parts, stored.request
        title = parts.form_title(request.canonical)
        content = await parts.vault.open_content(request.id, stored.content)
        people = await parts.practitioners.get_many([request.requester, by], tx)
        to = correspondent(people[request.requester], content.thread)
        form = parts.registry.find(request.canonical)
        asked = asked_form(form, items) if form else None
        if to is not None:
            mail = to_requester.question(
                parts.platform, to, content.thread, number=request.number, form_title=title, reference=note_id,
                expert=people[by].display_name, asked=text,
                items=[item.label.fr for item in asked.items] if asked else [],
                lines_to_fill=lines_to_fill(asked) if asked else [],
            )  # fmt: skip
            await parts.post(tx, await parts.follow(mail, people[request.requester], tx), request.id)

    async def _mail_emergency(self, tx: Transaction, stored: Stored) -> None:
        parts, request = self._parts, stored.request
        content = await parts.vault.open_content(request.id, stored.content)
        requester = await parts.practitioners.get(request.requester, tx)
        if to := correspondent(requester, content.thread):
            mail = to_requester.emergency(
                parts.platform, to, content.thread, number=request.number, reference=request.attempt_id,
                form_title=parts.form_title(request.canonical),
            )  # fmt: skip
            await parts.post(tx, await parts.follow(mail, requester, tx), request.id)

    async def _mail_holder(self, tx: Transaction, request: ExpertiseRequest, reference: str) -> None:
        parts = self._parts
        holder = await parts.practitioners.get(request.holder, tx) if request.holder else None
        to = correspondent(holder) if holder else None
        if holder is not None and to is not None:
            mail = to_team.clarified(
                parts.platform, to, number=request.number, reference=reference,
                form_title=parts.form_title(request.canonical), deadline_at=request.require_sent().deadline_at,
            )  # fmt: skip
            await parts.notify(tx, holder, mail, request.id)
