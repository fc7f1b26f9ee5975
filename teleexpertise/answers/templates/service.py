"""Answer texts: used by whom they concern, written by their owner, deleted with a way back."""

from dataclasses import dataclass, replace

import structlog

from miss.base.ids import PractitionerId
from miss.storage import Transaction
from teleexpertise.answers.templates import store
from teleexpertise.answers.templates.errors import TemplateUnknown, TooManyTemplates
from teleexpertise.answers.templates.model import MOST, AnswerTemplate, Owner, written
from teleexpertise.dispatch import Pool
from teleexpertise.kept import KEPT
from teleexpertise.requests.parts import Parts

log = structlog.get_logger("teleexpertise.templates")

KEPT_DELETED = KEPT.period("templates_deleted")


@dataclass(frozen=True, slots=True)
class Shelf:
    """The texts of one owner, as somebody sees them."""

    owner: Owner
    pool: Pool | None
    """None: the reader's own."""
    templates: tuple[AnswerTemplate, ...]
    may_write: bool


class AnswerTemplates:
    """The texts there are."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def shelves(self, reader: PractitionerId) -> list[Shelf]:
        """The reader's own texts, then those of each pool they answer in or coordinate."""
        async with self._parts.db.snapshot() as tx:
            owners = await self._owners(tx, reader)
            templates = await store.list_of(tx, list(owners))
        return [
            Shelf(owner, pool, tuple(one for one in templates if one.owner == owner), may_write)
            for owner, (pool, may_write) in owners.items()
        ]

    async def usable(self, reader: PractitionerId) -> list[AnswerTemplate]:
        """The texts to choose from when answering, the reader's own first."""
        return [one for shelf in await self.shelves(reader) for one in shelf.templates]

    async def own(self, owner: PractitionerId) -> list[AnswerTemplate]:
        """Somebody's own texts, by title."""
        async with self._parts.db.snapshot() as tx:
            return await store.list_of(tx, [Owner.expert(owner)])

    async def get(self, template_id: str, reader: PractitionerId) -> AnswerTemplate:
        """A text that the reader may use.  Raises TemplateUnknown."""
        async with self._parts.db.snapshot() as tx:
            found = await store.find(tx, template_id)
            owners = await self._owners(tx, reader)
        if found is None or found.deleted_at or found.owner not in owners:
            raise TemplateUnknown
        return found

    async def create(self, owner: Owner, by: PractitionerId, *, title: str, text: str, new_id: str) -> AnswerTemplate:
        """A new text; the same `new_id` twice is once.

        Raises TemplateUnknown for an owner that is not theirs, TemplateIncomplete, TemplateTooLong, TooManyTemplates.
        """
        now = self._parts.clock.now()
        made = written(AnswerTemplate(id=new_id, owner=owner, title="", text="", updated_at=now), title, text, now)
        async with self._parts.db.transaction() as tx:
            await self._require_writer(tx, owner, by)
            if await store.find(tx, new_id) is None and await store.count_of(tx, owner) >= MOST:
                raise TooManyTemplates(limit=MOST)
            known = await store.find(tx, new_id)
            if known is not None and known.owner != owner:
                raise TemplateUnknown
            await store.save(tx, made)
        return made

    async def change(self, template_id: str, by: PractitionerId, *, title: str, text: str) -> AnswerTemplate:
        """Other words.  Raises TemplateUnknown, TemplateIncomplete, TemplateTooLong."""
        async with self._parts.db.transaction() as tx:
            changed = written(await self._writable(tx, template_id, by), title, text, self._parts.clock.now())
            await store.save(tx, changed)
        return changed

    async def delete(self, template_id: str, by: PractitionerId) -> AnswerTemplate:
        """Take it away; it may be had back for 30 days.  Raises TemplateUnknown."""
        now = self._parts.clock.now()
        async with self._parts.db.transaction() as tx:
            gone = replace(await self._writable(tx, template_id, by), deleted_at=now)
            await store.purge(tx, gone.owner, now - KEPT_DELETED)
            await store.save(tx, gone)
        log.info("template.deleted", template=template_id)
        return gone

    async def restore(self, template_id: str, by: PractitionerId) -> AnswerTemplate:
        """Have it back.  Raises TemplateUnknown."""
        async with self._parts.db.transaction() as tx:
            back = replace(await self._writable(tx, template_id, by), deleted_at=None)
            await store.save(tx, back)
        return back

    async def require_writer(self, owner: Owner, by: PractitionerId) -> None:
        """Raises TemplateUnknown unless they write that owner's texts."""
        async with self._parts.db.snapshot() as tx:
            await self._require_writer(tx, owner, by)

    async def _writable(self, tx: Transaction, template_id: str, by: PractitionerId) -> AnswerTemplate:
        found = await store.find(tx, template_id)
        if found is None:
            raise TemplateUnknown
        await self._require_writer(tx, found.owner, by)
        return found

    async def _require_writer(self, tx: Transaction, owner: Owner, by: PractitionerId) -> None:
        _, may_write = (await self._owners(tx, by)).get(owner, (None, False))
        if not may_write:
            raise TemplateUnknown

    async def _owners(self, tx: Transaction, reader: PractitionerId) -> dict[Owner, tuple[Pool | None, bool]]:
        """Whose texts the reader uses, and whether they write them."""
        coordinated, joined = await self._parts.dispatch.list_places(tx, reader)
        owners: dict[Owner, tuple[Pool | None, bool]] = {Owner.expert(reader): (None, True)}
        for pool_id in dict.fromkeys((*joined, *coordinated)):
            pool = await self._parts.dispatch.get_pool(tx, pool_id)
            owners[Owner.pool(pool_id)] = (pool, pool_id in coordinated)
        return owners
