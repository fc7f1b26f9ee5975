"""What each person may see of requests, and nothing more.

The requester and the expert who holds a request see all of it; the coordinator of its pool sees states and times, not
what was asked; for anybody else it does not exist (security.md §2, row 1).  The requester may be an establishment
(`Practitioner.is_organization`): its members read as its hands, for as long as their mandate lives, and what was asked
is shared between them.  Every reading of a request is written into the access log, by identifiers, before anything is
shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from miss.base.ids import PractitionerId, RequestId
from miss.base.text import Language, Text
from miss.directory.audit import Subject, practitioner_actor
from miss.directory.practitioners import Practitioner
from miss.directory.practitioners.model import is_party_id
from miss.storage import Transaction
from miss.storage.errors import DataKeyDestroyed
from teleexpertise.dispatch import Pool, explain
from teleexpertise.questionnaire.model import AttachmentRef, Questionnaire, QuestionnaireResponse
from teleexpertise.questionnaire.parse import parse_response
from teleexpertise.requests import store
from teleexpertise.requests.break_glass import store as glass_store
from teleexpertise.requests.break_glass.model import BreakGlass
from teleexpertise.requests.content import (
    AnswerContent,
    Note,
    RequestContent,
    files_in,
    files_of,
    files_of_note,
    response_of,
)
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.model import TOLD, ExpertiseRequest, Fact, State
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.store import Stored


class Reader(StrEnum):
    """As whom somebody reads a request."""

    REQUESTER = "requester"
    HOLDER = "holder"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Listed:
    """One line of a list."""

    request: ExpertiseRequest
    title: Text
    summary: str = ""
    """Empty for who may not see what was asked."""
    why: tuple[str, ...] = ()
    """« Pourquoi moi ? », or why it waits."""
    asked_by: str = ""
    """Who asked in the name of an establishment; empty for what a person asked."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Seen:
    """What was said in a request."""

    content: RequestContent
    form: Questionnaire | None
    response: QuestionnaireResponse | None
    notes: tuple[Note, ...]
    answer: AnswerContent | None
    answer_form: Questionnaire | None
    beside: tuple[RequestContent, ...]
    """What arrived again under the same identifier with another content."""
    files: tuple[AttachmentRef, ...]
    """Every file that this reader may open."""

    @property
    def answer_response(self) -> QuestionnaireResponse | None:
        """The expert's answers."""
        return parse_response(self.answer.response) if self.answer else None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class View:
    """One request as one person may see it."""

    request: ExpertiseRequest
    reader: Reader
    title: Text
    pool: Pool | None
    people: dict[PractitionerId, Practitioner]
    timeline: tuple[Fact, ...]
    why: tuple[str, ...]
    seen: Seen | None
    """None for the coordinator, but for an exceptional access."""
    glass: BreakGlass | None = None
    """The exceptional access by which a coordinator reads it."""


class Reading:
    """Answers what pages ask."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def view(
        self,
        number: str,
        reader: PractitionerId,
        language: Language = Language.FR,
        *,
        through: PractitionerId | None = None,
    ) -> View:
        """A request by its number.  `through`: who reads for `reader` (their secretary; a member of the establishment
        that `reader` is), and what they asked alone.

        Raises RequestUnknown for whoever it does not concern.
        """
        view = await self.look(number, reader, language, through=through)
        await self._record(view, reader, "request.read", through=through)
        return view

    async def look(
        self,
        number: str,
        reader: PractitionerId,
        language: Language = Language.FR,
        *,
        through: PractitionerId | None = None,
    ) -> View:
        """As `view`, for who records what they read themselves (`follow_up.series`)."""
        view = await self._look(number, reader, language)
        _require_asked(view, through)
        return view

    async def _look(self, number: str, reader: PractitionerId, language: Language) -> View:
        """What `reader` may see; nobody is shown it before it is recorded."""
        parts = self._parts
        async with parts.db.snapshot() as tx:
            stored = await store.get_by_number(tx, number)
            request = stored.request
            pool = await parts.dispatch.get_pool(tx, request.sent.pool_id) if request.sent else None
            role = _role(request, pool, reader)
            facts = await store.list_facts(tx, request.id)
            sealed_notes = await store.list_notes(tx, request.id)
            rejected = await store.list_rejected(tx, request.id)
            why = await self._why(tx, request, role, language)
            glass = await glass_store.find_live(tx, request.id, reader, parts.clock.now())
        is_closed = role is Reader.COORDINATOR and glass is None
        seen = None if is_closed else await self._seen(stored, sealed_notes, rejected, role)
        known = {request.requester, *(one for fact in facts for one in (fact.actor, fact.through) if one)}
        people = await parts.practitioners.get_many(known)
        return View(
            request=request,
            reader=role,
            title=parts.form_name(request.canonical),
            pool=pool,
            people=people,
            timeline=tuple(facts),
            why=why,
            seen=seen,
            glass=glass if role is Reader.COORDINATOR else None,
        )

    async def file(
        self, number: str, reader: PractitionerId, ref: str, *, through: PractitionerId | None = None
    ) -> tuple[AttachmentRef, bytes]:
        """One file of a request; `through`: as `view`.

        Raises RequestUnknown for a file that is not this reader's to see.
        """
        view = await self.look(number, reader, through=through)
        file = next((file for file in view.seen.files if file.ref == ref), None) if view.seen else None
        if file is None:
            raise RequestUnknown
        await self._record(view, reader, "request.file_opened", ref, through=through)
        return file, await self._parts.attachments.read(view.request.id, ref)

    async def _record(
        self,
        view: View,
        reader: PractitionerId,
        act: str,
        detail: str = "",
        *,
        through: PractitionerId | None = None,
    ) -> None:
        """Into the access log: who, as whom and for whom, which request."""
        behalf = f" for {reader}" if through else ""
        await self._parts.audit.record(
            actor=practitioner_actor(through or reader),
            act=act,
            subject=Subject("request", view.request.id),
            detail=f"{'break_glass' if view.glass else view.reader.value}{behalf} {detail}".rstrip(),
        )

    async def worklist(self, expert: PractitionerId, language: Language = Language.FR) -> list[Listed]:
        """What an expert has in hand, the earliest deadline first."""
        parts = self._parts
        async with parts.db.snapshot() as tx:
            held = await store.list_held(tx, expert)
            why = {stored.request.id: await self._why(tx, stored.request, Reader.HOLDER, language) for stored in held}
        return [await self._listed(stored, why[stored.request.id]) for stored in held]

    async def answered(self, expert: PractitionerId) -> list[Listed]:
        """What an expert answered last."""
        async with self._parts.db.snapshot() as tx:
            return [await self._listed(stored) for stored in await store.list_answered(tx, expert)]

    async def own(self, requester: PractitionerId) -> list[Listed]:
        """What somebody asked, the latest first."""
        parts = self._parts
        async with parts.db.snapshot() as tx:
            asked = await store.list_of_requester(tx, requester)
            hands: dict[RequestId, PractitionerId] = {}
            if is_party_id(requester):
                hands = await store.list_hands(tx, [stored.request.id for stored in asked])
        people = await parts.practitioners.get_many({*hands.values()})
        names = {of: people[hand].display_name for of, hand in hands.items() if hand in people}
        return [replace(await self._listed(stored), asked_by=names.get(stored.request.id, "")) for stored in asked]

    async def queues(
        self, coordinator: PractitionerId, language: Language = Language.FR
    ) -> list[tuple[Pool, list[Listed]]]:
        """What is open in each pool that somebody coordinates, with why it waits; nothing of what was asked."""
        parts = self._parts
        queues = []
        async with parts.db.snapshot() as tx:
            for pool in await parts.dispatch.list_pools(tx):
                if pool.coordinator_id == coordinator:
                    lines = [
                        Listed(
                            request=request,
                            title=parts.form_name(request.canonical),
                            why=await self._why(tx, request, Reader.COORDINATOR, language),
                        )
                        for request in await store.list_open(tx, pool.id)
                    ]
                    queues.append((pool, lines))
        return queues

    async def _listed(self, stored: Stored, why: tuple[str, ...] = ()) -> Listed:
        try:
            content = await self._parts.vault.open_content(stored.request.id, stored.content)
        except DataKeyDestroyed:
            content = RequestContent()
        return Listed(
            request=stored.request,
            title=self._parts.form_name(stored.request.canonical),
            summary=content.summary,
            why=why,
        )

    async def _why(
        self, tx: Transaction, request: ExpertiseRequest, role: Reader, language: Language
    ) -> tuple[str, ...]:
        """Why this expert; for the coordinator, the last choice that was tried."""
        dispatch = self._parts.dispatch
        if role is Reader.HOLDER and request.attempt_id:
            decision = await dispatch.find_decision(tx, request.attempt_id)
            return explain(decision, language) if decision else ()
        if role is Reader.COORDINATOR and request.state is State.READY:
            last = await dispatch.find_last_decision(tx, request.id, request.require_sent().pool_id)
            return explain(last, language) if last else ()
        return ()

    async def _seen(
        self, stored: Stored, sealed_notes: Sequence[bytes], rejected: Sequence[bytes], role: Reader
    ) -> Seen:
        parts, request = self._parts, stored.request
        content = await parts.vault.open_content(request.id, stored.content)
        notes = tuple([await parts.vault.open_note(request.id, sealed) for sealed in sealed_notes])
        # An answer under way is the expert's own until it is sent.
        is_told = request.state in TOLD or role is Reader.HOLDER
        answer = await parts.vault.open_answer(request.id, stored.answer) if stored.answer and is_told else None
        beside = tuple([await parts.vault.open_content(request.id, sealed) for sealed in rejected])
        files = [file for one in (content, *beside) for file in files_of(one)]
        files += [file for note in notes for file in files_of_note(note)]
        if answer is not None:
            files += files_in(parse_response(answer.response))
        return Seen(
            content=content,
            form=parts.registry.find(request.canonical),
            response=response_of(content),
            notes=notes,
            answer=answer if request.state in TOLD else None,
            answer_form=parts.registry.answer_form(request.canonical) if answer else None,
            beside=beside,
            files=tuple(files),
        )


def _require_asked(view: View, through: PractitionerId | None) -> None:
    """Who acts for another sees what was asked, nothing of what they answer or steer.  Raises RequestUnknown."""
    if through is not None and view.reader is not Reader.REQUESTER:
        raise RequestUnknown


def _role(request: ExpertiseRequest, pool: Pool | None, reader: PractitionerId) -> Reader:
    """As whom `reader` may see it.  Raises RequestUnknown: the same as for a number that was never given."""
    if request.requester == reader:
        return Reader.REQUESTER
    if request.holder == reader:
        return Reader.HOLDER
    if pool is not None and pool.coordinator_id == reader:
        return Reader.COORDINATOR
    raise RequestUnknown
