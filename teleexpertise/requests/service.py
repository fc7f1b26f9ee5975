"""What people do to a request: take it on, send it back, ask, add a word, take it back.

One transaction each: state, attempt, timeline, timers and notices together.  The answer has a module of its own
(`answering`), as it is prepared, previewed, then sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from miss.base.ids import PractitionerId, RequestId
from miss.storage import Transaction
from miss.storage.jobs import cancel
from teleexpertise.attachments.service import IncomingFile, RefusedFile
from teleexpertise.dispatch import AttemptState, DeclineReason
from teleexpertise.letters import to_requester, to_team
from teleexpertise.requests import model, store
from teleexpertise.requests.assignment import ASSIGN, EXPIRE, Assignment
from teleexpertise.requests.content import Note
from teleexpertise.requests.deadlines import resumed
from teleexpertise.requests.errors import NotRequester, StateForbids
from teleexpertise.requests.model import ExpertiseRequest, Fact, FactKind, State
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.store import Stored

log = structlog.get_logger("teleexpertise.requests")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Word:
    """Something the requester adds to a request already sent."""

    source: str
    """The mail's row or the page's key: the same twice is once."""
    author: PractitionerId
    text: str
    files: Sequence[IncomingFile] = ()


class Requests:
    """Acts on requests that are under way."""

    def __init__(self, parts: Parts, assignment: Assignment) -> None:
        self._parts = parts
        self._assignment = assignment

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
            await self._write(tx, request, fact)
            await cancel(tx, EXPIRE, request.id)
        log.info("request.accepted", request=request.id, number=request.number)
        return request

    async def decline(self, request_id: RequestId, by: PractitionerId, reason: DeclineReason) -> ExpertiseRequest:
        """The expert sends it back; it is offered to whose turn is next.

        Raises RequestUnknown, StateForbids, NotHolder, AttemptEnded.
        """
        parts, now = self._parts, self._parts.clock.now()
        async with parts.db.transaction() as tx:
            stored = await self._assignment.lock(tx, request_id)
            move = model.decline(stored.request, by, reason, now)
            await parts.dispatch.decline(tx, stored.request.attempt_id, by, reason, now)
            await store.save(tx, move[0], answer=b"")
            await self._assignment.release(tx, Stored(stored.request, stored.content, b""), move, now)
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
            await self._write(tx, request, fact)
            await store.save(tx, request, answer=b"")
            await store.add_note(tx, request_id, note_id, sealed)
            await self._mail_question(tx, stored, note_id, by, text, items)
        parts.jobs.wake()
        log.info("request.on_hold", request=request.id, number=request.number)
        return request

    async def add(self, request_id: RequestId, word: Word) -> tuple[ExpertiseRequest, list[RefusedFile]]:
        """The requester writes more; it ends a pause, and the expert who holds the request is told.

        Raises RequestUnknown, NotRequester, StateForbids for a draft or a request that has ended.
        """
        parts, now = self._parts, self._parts.clock.now()
        async with parts.db.snapshot() as tx:
            self._require_open(await store.get(tx, request_id), word.author)
        kept, refused = await parts.attachments.keep(request_id, word.source, word.files)
        note = Note(author=word.author, at=now, text=word.text, files=tuple(file.ref for file in kept))
        sealed = await parts.vault.seal(request_id, note)
        async with parts.db.transaction() as tx:
            stored = await self._assignment.lock(tx, request_id)
            self._require_open(stored, word.author)
            if not await store.add_note(tx, request_id, word.source, sealed):
                return stored.request, refused
            request, fact = await self._after_word(tx, stored.request, word.author, now)
            await self._write(tx, request, fact)
            await self._mail_holder(tx, request, word.source)
        parts.jobs.wake()
        log.info("request.added", request=request.id, number=request.number, files=len(kept))
        return request, refused

    async def revoke(self, request_id: RequestId, by: PractitionerId) -> ExpertiseRequest:
        """The requester takes it back.  Raises RequestUnknown, NotRequester, StateForbids."""
        parts, now = self._parts, self._parts.clock.now()
        async with parts.db.transaction() as tx:
            stored = await self._assignment.lock(tx, request_id)
            held = stored.request
            request, fact = model.revoke(held, by, now)
            await self._write(tx, request, fact)
            for kind in (ASSIGN, EXPIRE):
                await cancel(tx, kind, request.id)
            if held.holder is not None:
                await parts.dispatch.close(tx, held.attempt_id, AttemptState.WITHDRAWN, now)
                holder = await parts.practitioners.get(held.holder)
                to = correspondent(holder)
                title = parts.form_title(held.canonical)
                if to is not None:
                    mail = to_team.withdrawn(parts.platform, to, number=held.number, form_title=title)
                    await parts.notify(tx, holder, mail, request.id)
            await self._assignment.wake_waiting(tx, request, now)
        parts.jobs.wake()
        log.info("request.revoked", request=request.id, number=request.number)
        return request

    async def _after_word(
        self, tx: Transaction, request: ExpertiseRequest, author: PractitionerId, now: datetime
    ) -> model.Move:
        if request.state is not State.ON_HOLD or request.held_since is None:
            return request, Fact(FactKind.ADDED, now, author)
        sent = request.require_sent()
        pool = await self._parts.dispatch.get_pool(tx, sent.pool_id)
        deadline_at = resumed(sent.deadline_at, held_since=request.held_since, now=now, hours=pool.hours)
        return model.clarify(request, author, deadline_at=deadline_at, now=now)

    @staticmethod
    def _require_open(stored: Stored, author: PractitionerId) -> None:
        request = stored.request
        if request.requester != author:
            raise NotRequester(number=request.number)
        if request.state in {State.DRAFT, State.ANSWERED, State.REVOKED}:
            raise StateForbids(number=request.number, state=request.state)

    async def _write(self, tx: Transaction, request: ExpertiseRequest, fact: Fact) -> None:
        await store.save(tx, request)
        await store.add_fact(tx, request.id, fact, self._parts.random_bytes)

    async def _mail_question(
        self, tx: Transaction, stored: Stored, note_id: str, by: PractitionerId, text: str, items: Sequence[str]
    ) -> None:
        parts, request = self._parts, stored.request
        title = parts.form_title(request.canonical)
        content = await parts.vault.open_content(request.id, stored.content)
        people = await parts.practitioners.get_many([request.requester, by])
        to = correspondent(people[request.requester], content.thread)
        form = parts.registry.find(request.canonical)
        labels = [item.label.fr for link_id in items if form and (item := form.find_item(link_id))]
        if to is not None:
            mail = to_requester.question(
                parts.platform, to, content.thread, number=request.number, form_title=title, reference=note_id,
                expert=people[by].display_name, asked=text, items=labels,
            )  # fmt: skip
            await parts.post(tx, await parts.follow(mail, people[request.requester]), request.id)

    async def _mail_holder(self, tx: Transaction, request: ExpertiseRequest, reference: str) -> None:
        parts = self._parts
        holder = await parts.practitioners.get(request.holder) if request.holder else None
        to = correspondent(holder) if holder else None
        if holder is not None and to is not None:
            mail = to_team.clarified(
                parts.platform, to, number=request.number, reference=reference,
                form_title=parts.form_title(request.canonical), deadline_at=request.require_sent().deadline_at,
            )  # fmt: skip
            await parts.notify(tx, holder, mail, request.id)
