"""The requests of one series side by side: the same photographs over time, and what was measured.

Who may read the present request, as its requester or as the expert who holds it, may read the earlier ones that its
requester tied it to: that is what the follow-up is asked for.  Each of them goes into the access log.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from miss.base.ids import PractitionerId, RequestId
from miss.base.text import Language
from miss.directory.audit import Subject, practitioner_actor
from teleexpertise.follow_up import store
from teleexpertise.questionnaire.model import (
    AttachmentRef,
    Item,
    ItemType,
    Questionnaire,
    QuestionnaireResponse,
)
from teleexpertise.requests import store as requests_store
from teleexpertise.requests.content import files_of, response_of
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.model import ExpertiseRequest
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.reading import Reader, Reading, View
from teleexpertise.requests.store import Stored

LONGEST = 30
"""Requests of one series that are shown; older ones are still read one by one."""
LENGTHS = {"cm": Decimal(1), "mm": Decimal("0.1")}
"""UCUM units of length, in centimetres."""
PHOTO = "image/jpeg"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Step:
    """One request of a series."""

    request: ExpertiseRequest
    at: datetime
    """When it was sent; a draft, when it was begun."""
    form: Questionnaire | None
    response: QuestionnaireResponse | None
    files: tuple[AttachmentRef, ...]

    def photos(self, link_id: str) -> tuple[AttachmentRef, ...]:
        """The photographs that answer one item."""
        given = self.response.all(link_id) if self.response else ()
        return tuple(value for value in given if isinstance(value, AttachmentRef) and value.mime == PHOTO)


@dataclass(frozen=True, slots=True)
class Measure:
    """One length over time, in centimetres; None where it was not taken."""

    item: Item
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Series:
    """The requests of one series, oldest first."""

    view: View
    """The request that was asked for."""
    steps: tuple[Step, ...]

    def photo_items(self) -> list[Item]:
        """The items that hold a photograph in some request, in the order of the latest form."""
        return [item for item in self._items(ItemType.ATTACHMENT) if any(s.photos(item.link_id) for s in self.steps)]

    def measures(self) -> list[Measure]:
        """The lengths that were taken twice at least."""
        found = []
        for item in self._items(ItemType.DECIMAL, ItemType.INTEGER):
            scale = LENGTHS.get(item.unit.code) if item.unit else None
            if scale is None:
                continue
            values = tuple(_number(step, item.link_id, scale) for step in self.steps)
            if sum(value is not None for value in values) > 1:
                found.append(Measure(item, values))
        return found

    def _items(self, *types: ItemType) -> Iterator[Item]:
        forms = [step.form for step in reversed(self.steps) if step.form]
        known: set[str] = set()
        for form in forms:
            for item in form.questions():
                if item.type in types and item.link_id not in known:
                    known.add(item.link_id)
                    yield item


class SeriesReading:
    """Reads series."""

    def __init__(self, parts: Parts, reading: Reading) -> None:
        self._parts = parts
        self._reading = reading

    async def view(
        self,
        number: str,
        reader: PractitionerId,
        language: Language = Language.FR,
        *,
        through: PractitionerId | None = None,
    ) -> Series:
        """The series of a request; `through`: as `Reading.view`.

        Raises RequestUnknown, also for who reads no content (coordinators).
        """
        view = await self._reading.view(number, reader, language, through=through)
        steps = []
        for stored in await self._chain(view):
            if stored.request.id != view.request.id:
                await self._record(view, through or reader, stored.request, "request.read", "series")
            content = await self._parts.vault.open_content(stored.request.id, stored.content)
            response = response_of(content)
            request = stored.request
            steps.append(
                Step(
                    request=request,
                    at=request.sent.at if request.sent else request.created_at,
                    form=self._parts.registry.find(response.questionnaire) if response else None,
                    response=response,
                    files=files_of(content),
                )
            )
        return Series(view=view, steps=tuple(steps))

    async def count(self, view: View) -> int:
        """How many requests the series of one has; 1: it stands alone."""
        return len(await self._chain(view))

    async def file(
        self, number: str, reader: PractitionerId, of: str, ref: str, *, through: PractitionerId | None = None
    ) -> tuple[AttachmentRef, bytes]:
        """One file of the request `of`, read through the series of `number`; `through`: as `view`.

        Raises RequestUnknown.
        """
        view = await self._reading.look(number, reader, through=through)
        for stored in await self._chain(view):
            if stored.request.number == of:
                content = await self._parts.vault.open_content(stored.request.id, stored.content)
                file = next((file for file in files_of(content) if file.ref == ref), None)
                if file is not None:
                    await self._record(view, through or reader, stored.request, "request.file_opened", ref)
                    return file, await self._parts.attachments.read(stored.request.id, ref)
        raise RequestUnknown

    async def _chain(self, view: View) -> list[Stored]:
        """The requests before this one, itself, and for its requester those after it; all of one requester."""
        if view.reader not in {Reader.REQUESTER, Reader.HOLDER}:
            raise RequestUnknown
        async with self._parts.db.snapshot() as tx:
            stored = await requests_store.get(tx, view.request.id)
            chain = [stored]
            while (earlier := chain[0].request.follows) and len(chain) < LONGEST:
                chain.insert(0, await requests_store.get(tx, earlier))
            seen = {one.request.id for one in chain}
            waiting: list[RequestId] = [view.request.id] if view.reader is Reader.REQUESTER else []
            while waiting and len(chain) < LONGEST:
                for follower in await store.list_followers(tx, waiting.pop(0)):
                    if follower not in seen:
                        seen.add(follower)
                        waiting.append(follower)
                        chain.append(await requests_store.get(tx, follower))
        return [one for one in chain if one.request.requester == view.request.requester]

    async def _record(self, view: View, hand: PractitionerId, request: ExpertiseRequest, act: str, detail: str) -> None:
        """`hand`: who looks, be it for somebody else."""
        is_for = view.reader is Reader.REQUESTER and hand != view.request.requester
        behalf = f" for {view.request.requester}" if is_for else ""
        await self._parts.audit.record(
            actor=practitioner_actor(hand),
            act=act,
            subject=Subject("request", request.id),
            detail=f"{view.reader.value}{behalf} {detail} {view.request.number}",
        )


def _number(step: Step, link_id: str, scale: Decimal) -> Decimal | None:
    value = step.response.first(link_id) if step.response else None
    return Decimal(value) * scale if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
