"""Drafts on the server while somebody types: each change is kept, judged, and what is missing told back.

Saving is not sending: no acknowledgement, no mail, nothing on the timeline.  A draft is sealed like any request, is its
requester's only, and is never lost: two pages that write at once are merged answer by answer (`merging`), a draft
thrown away can be taken back.  Source: teleexpertise.md §2 and §3.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b

import msgspec
import structlog

from miss.base.ids import PractitionerId, RequestId
from miss.base.text import Text
from miss.documents.identities import PatientIdentity
from teleexpertise.attachments.service import IncomingFile, RefusedFile
from teleexpertise.intake.assessment import Arrived, Assessment, assess
from teleexpertise.questionnaire.model import Questionnaire
from teleexpertise.requests import model, store
from teleexpertise.requests.content import RequestContent, files_of, response_of
from teleexpertise.requests.errors import DraftMoved, RequestUnknown, StateForbids
from teleexpertise.requests.model import ExpertiseRequest, Fact, FactKind, State
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.patient import FAMILY, GIVEN
from teleexpertise.requests.store import Stored

log = structlog.get_logger("teleexpertise.drafts")

TRIES = 5
RECENT_PATIENTS = 12
"""How many earlier patients a page offers."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Edit:
    """What a page changed since it last heard from us."""

    source: str
    """Names the files it brings: the same again is stored once."""
    requester: PractitionerId
    arrived: Arrived
    files: Sequence[IncomingFile] = ()
    known_revision: str = ""
    """Of the draft as the page last knew it; empty: it does not say."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Saved:
    """The draft after an edit."""

    request: ExpertiseRequest
    assessment: Assessment
    refused_files: tuple[RefusedFile, ...]
    at: datetime
    revision: str
    moved: bool
    """It was also written elsewhere since the page last knew it; both are kept."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DraftLine:
    """One draft in its requester's list."""

    request: ExpertiseRequest
    title: Text
    patient: str
    """Empty while nobody is named."""
    saved_at: datetime
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class KnownPatient:
    """A patient of an earlier request of the same requester."""

    number: str
    patient: PatientIdentity


Moving = Callable[[ExpertiseRequest, datetime], model.Move]


class Drafts:
    """Keeps requests that are not sent yet."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def get(self, number: str, requester: PractitionerId) -> ExpertiseRequest:
        """Somebody's draft by its number.  Raises RequestUnknown, StateForbids for one that was sent."""
        return (await self._draft(number, requester)).request

    async def save(self, number: str, edit: Edit) -> Saved:
        """Lay the edit over the draft and keep it.

        Raises RequestUnknown for a draft that is not the requester's, StateForbids for one that was sent, DraftMoved
        only if it keeps moving.
        """
        parts = self._parts
        seen = await self._draft(number, edit.requester)
        request_id = seen.request.id
        content = await parts.vault.open_content(request_id, seen.content)
        moved = bool(edit.known_revision) and edit.known_revision != revision_of(content)
        kept, refused = await parts.attachments.keep(
            request_id, edit.source, edit.files, by=edit.requester, already=len(files_of(content))
        )
        for _ in range(TRIES):
            now = parts.clock.now()
            assessment = self._judge(content, replace(edit.arrived, files=kept), now)
            sealed = await parts.vault.seal(request_id, assessment.content)
            async with parts.db.transaction() as tx:
                stored = await store.lock(tx, request_id)
                if stored.request.state is State.DRAFT and stored.content == seen.content:
                    form = assessment.form
                    request = replace(stored.request, canonical=form.canonical if form else "")
                    await store.save(tx, request, content=sealed)
                    return Saved(
                        request=request, assessment=assessment, refused_files=tuple(refused), at=now,
                        revision=revision_of(assessment.content), moved=moved,
                    )  # fmt: skip
            seen, moved = await self._draft(number, edit.requester), True
            content = await parts.vault.open_content(request_id, seen.content)
        raise DraftMoved(number=seen.request.number)

    def look(self, content: RequestContent, form: Questionnaire, old_form: Questionnaire | None = None) -> Assessment:
        """What a draft lacks on `form`, without writing anything."""
        arrived = Arrived(form=form, answers={}, answered_at={}, merges=True, old_form=old_form)
        return self._judge(content, arrived, self._parts.clock.now())

    async def list_(self, requester: PractitionerId) -> list[DraftLine]:
        """Somebody's drafts, the one written last first."""
        async with self._parts.db.snapshot() as tx:
            asked = await store.list_of_requester(tx, requester)
        lines = [await self._line(stored) for stored in asked if stored.request.state is State.DRAFT]
        return sorted(lines, key=lambda line: line.saved_at, reverse=True)

    async def list_patients(self, requester: PractitionerId) -> list[KnownPatient]:
        """The patients of somebody's last requests, each once, the latest first."""
        async with self._parts.db.snapshot() as tx:
            asked = await store.list_of_requester(tx, requester, limit=5 * RECENT_PATIENTS)
        known: dict[object, KnownPatient] = {}
        for stored in asked:
            if stored.request.sent is None or len(known) == RECENT_PATIENTS:
                continue
            patient = (await self._parts.vault.open_content(stored.request.id, stored.content)).patient
            if patient is not None:
                traits = (patient.birth_family_name, patient.birth_given_names, patient.birth_date)
                known.setdefault(traits, KnownPatient(number=stored.request.number, patient=patient))
        return [*known.values()]

    async def discard(
        self, number: str, by: PractitionerId, *, through: PractitionerId | None = None
    ) -> ExpertiseRequest:
        """Throw a draft away; `restore` takes it back.  `through`: a secretary who does it for them.

        Raises RequestUnknown, StateForbids.
        """
        seen = await self._draft(number, by)
        return await self._move(seen.request.id, lambda request, now: model.revoke(request, by, now), through)

    async def restore(
        self, number: str, by: PractitionerId, *, through: PractitionerId | None = None
    ) -> ExpertiseRequest:
        """Take back a draft that was thrown away; `through`: as `discard`.  Raises RequestUnknown, StateForbids."""
        seen = await self._own(number, by)
        return await self._move(seen.request.id, lambda request, now: _restored(request, by, now), through)

    async def _move(self, request_id: RequestId, move: Moving, through: PractitionerId | None) -> ExpertiseRequest:
        parts = self._parts
        async with parts.db.transaction() as tx:
            stored = await store.lock(tx, request_id)
            request, fact = move(stored.request, parts.clock.now())
            await store.save(tx, request)
            await store.add_fact(tx, request.id, replace(fact, through=through), parts.random_bytes)
        log.info("draft.moved", request=request.id, number=request.number, state=request.state)
        return request

    async def _own(self, number: str, requester: PractitionerId) -> Stored:
        async with self._parts.db.snapshot() as tx:
            stored = await store.get_by_number(tx, number)
        if stored.request.requester != requester:
            raise RequestUnknown
        return stored

    async def _draft(self, number: str, requester: PractitionerId) -> Stored:
        stored = await self._own(number, requester)
        if stored.request.state is not State.DRAFT:
            raise StateForbids(number=stored.request.number, state=stored.request.state)
        return stored

    def _judge(self, content: RequestContent, arrived: Arrived, now: datetime) -> Assessment:
        return assess(content, arrived, [form.id for form in self._parts.registry.specialties()], now)

    async def _line(self, stored: Stored) -> DraftLine:
        parts, request = self._parts, stored.request
        content = await parts.vault.open_content(request.id, stored.content)
        form, response = parts.registry.find(request.canonical), response_of(content)
        missing = len(self.look(content, form).problems) if form else 0
        return DraftLine(
            request=request,
            title=parts.form_name(request.canonical),
            patient=_name(content),
            saved_at=(response.authored if response else None) or request.created_at,
            missing=missing,
        )


def revision_of(content: RequestContent) -> str:
    """Names one writing of a draft."""
    return blake2b(msgspec.json.encode(content), digest_size=12).hexdigest()


def _restored(request: ExpertiseRequest, by: PractitionerId, now: datetime) -> model.Move:
    if request.state is not State.REVOKED or request.sent is not None:
        raise StateForbids(number=request.number, state=request.state)
    return replace(request, state=State.DRAFT, ended_at=None), Fact(FactKind.DRAFT_RESTORED, now, by)


def _name(content: RequestContent) -> str:
    """The patient as far as the draft names one."""
    response = response_of(content)
    traits = (response.first(item) if response else None for item in (FAMILY, GIVEN))
    return " ".join(trait for trait in traits if isinstance(trait, str))
