"""Pages of pools: technicians open them, coordinators run theirs; every change can be undone.

For anybody else a pool does not exist here: its name, its hours and its people are its own business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import PoolId, PractitionerId
from miss.directory.practitioners import Practitioner
from miss.directory.roles import Role
from miss.server.web.access import person_of, requires
from teleexpertise.availability import WEEKDAYS, Availability
from teleexpertise.dispatch import Pool, Terms
from teleexpertise.dispatch.errors import PoolUnknown
from teleexpertise.dispatch.policies.model import MAX_FALLBACKS
from teleexpertise.dispatch.pools import Sheet
from teleexpertise.dispatch.pools.model import Change, sheet_of
from teleexpertise.dispatch.pools.service import MAX_POOLS
from teleexpertise.dispatch.pools.standing import standings
from teleexpertise.errors import NobodyWithRpps
from teleexpertise.questionnaire.errors import UnknownForm
from teleexpertise.questionnaire.model import Questionnaire
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.pool_form import (
    answer_options,
    hours_of,
    joining,
    minutes_of,
    read_fallbacks,
    read_requirements,
    read_sheet,
    read_terms,
    shown_requirements,
)
from teleexpertise.web.submitted import Submitted, read_submitted
from teleexpertise.web.week_form import FRENCH_ZONES, TERRITORIES, other_zones, read_week, week_fields

POOLS: Final = "/groupes"
RUNNERS: Final = (Role.POOL_COORDINATOR, Role.TECHNICIAN)
MAX_FORM_BYTES: Final = 200_000
MAX_FOUND: Final = 20
NEW: Final = Sheet(
    name="",
    coordinator_id=PractitionerId(""),
    hours=Availability(),
    zone="Europe/Paris",
    answer_within=timedelta(hours=27),
    accept_within=timedelta(hours=4),
    answer_time=timedelta(minutes=30),
)
"""What the form for a new pool proposes: an answer within three working days of nine hours."""


@dataclass(frozen=True, slots=True)
class PoolPages:
    """`/teleexpertise/groupes` and what is under it."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(POOLS, self.list_),
            Route(f"{POOLS}/nouveau", self.begin, methods=["GET"]),
            Route(f"{POOLS}/nouveau", self.create, methods=["POST"]),
            Route(f"{POOLS}/{{pool}}", self.show, methods=["GET"]),
            Route(f"{POOLS}/{{pool}}", self.change, methods=["POST"]),
            Route(f"{POOLS}/{{pool}}/membres", self.add, methods=["POST"]),
            Route(f"{POOLS}/{{pool}}/membres/{{practitioner}}", self.set_terms, methods=["POST"]),
            Route(f"{POOLS}/{{pool}}/annuler", self.undo, methods=["POST"]),
        ]

    @requires(*RUNNERS)
    async def list_(self, request: Request) -> Response:
        """The pools that the reader runs; all of them for a technician."""
        service, now = self.desk.service, self.desk.service.parts.clock.now()
        lines = []
        async with service.parts.db.snapshot() as tx:
            for pool in await service.dispatch.list_pools(tx, limit=MAX_POOLS):
                if self._runs(request, pool):
                    found = standings(pool, await service.dispatch.list_members(tx, pool, now), now)
                    lines.append((pool, found))
        return await self.desk.render(
            request,
            "pools.html",
            lines=lines,
            people=await service.parts.practitioners.get_many([pool.coordinator_id for pool, _ in lines]),
            titles=self._titles(),
            creates=_is_technician(request),
        )

    @requires(Role.TECHNICIAN)
    async def begin(self, request: Request) -> Response:
        """An empty sheet."""
        return await self._new_page(request, NEW)

    @requires(Role.TECHNICIAN)
    async def create(self, request: Request) -> Response:
        """Open a pool."""
        submitted = await read_submitted(request, MAX_FORM_BYTES)
        try:
            form = self.desk.service.registry.named(submitted.first("form"))
            if form is None:
                raise UnknownForm(form=submitted.first("form")[:80])
            sheet = read_sheet(submitted, NEW, await self._coordinator(submitted))
            pool_id = await self.desk.service.parts.pools.create(form.id, sheet)
        except MissError as error:
            return await self._new_page(request, NEW, error, submitted)
        return to(f"{POOLS}/{pool_id}?fait=groupe")

    @requires(*RUNNERS)
    async def show(self, request: Request) -> Response:
        """The pool, its people, and who can be asked now."""
        return await self._page(request, await self._pool(request))

    @requires(*RUNNERS)
    async def change(self, request: Request) -> Response:
        """Write the sheet; only a technician names another coordinator."""
        pool, submitted = await self._pool(request), await read_submitted(request, MAX_FORM_BYTES)
        try:
            coordinator = pool.coordinator_id
            if _is_technician(request):
                coordinator = await self._coordinator(submitted)
            sheet = read_sheet(submitted, await self._sheet(pool), coordinator)
            await self.desk.service.parts.pools.change(pool.id, sheet, self.desk.reader(request))
        except MissError as error:
            return await self._page(request, pool, error, submitted)
        await self.desk.service.assignment.wake_pool(pool.id)
        return to(f"{POOLS}/{pool.id}?fait=fiche")

    @requires(*RUNNERS)
    async def add(self, request: Request) -> Response:
        """Somebody of the directory joins, or joins again."""
        pool, submitted = await self._pool(request), await read_submitted(request, MAX_FORM_BYTES)
        try:
            person = await self.desk.service.parts.practitioners.get(PractitionerId(submitted.first("practitioner")))
            terms = joining(await self._terms(pool, person.id))
            await self.desk.service.parts.pools.put_member(pool.id, person.id, terms, self.desk.reader(request))
        except MissError as error:
            return await self._page(request, pool, error)
        await self.desk.service.assignment.wake_pool(pool.id)
        return to(f"{POOLS}/{pool.id}?fait=membre")

    @requires(*RUNNERS)
    async def set_terms(self, request: Request) -> Response:
        """Change a member's terms; unticked « active » takes them out of the rotation."""
        pool, submitted = await self._pool(request), await read_submitted(request, MAX_FORM_BYTES)
        member = PractitionerId(request.path_params["practitioner"])
        try:
            if await self._terms(pool, member) is None:
                raise PoolUnknown(pool=pool.id)
            terms = read_terms(submitted)
            await self.desk.service.parts.pools.put_member(pool.id, member, terms, self.desk.reader(request))
        except MissError as error:
            return await self._page(request, pool, error)
        await self.desk.service.assignment.wake_pool(pool.id)
        return to(f"{POOLS}/{pool.id}?fait=conditions")

    @requires(*RUNNERS)
    async def undo(self, request: Request) -> Response:
        """Make a change as if it had not been."""
        pool, submitted = await self._pool(request), await read_submitted(request, MAX_FORM_BYTES)
        try:
            await self.desk.service.parts.pools.undo(pool.id, submitted.first("change"), self.desk.reader(request))
        except MissError as error:
            return await self._page(request, pool, error)
        await self.desk.service.assignment.wake_pool(pool.id)
        return to(f"{POOLS}/{pool.id}?fait=annule")

    async def _pool(self, request: Request) -> Pool:
        """The pool named in the path, for who runs it.  Raises PoolUnknown."""
        async with self.desk.service.parts.db.snapshot() as tx:
            pool = await self.desk.service.dispatch.get_pool(tx, PoolId(request.path_params["pool"]))
        if not self._runs(request, pool):
            raise PoolUnknown(pool=pool.id)
        return pool

    def _runs(self, request: Request, pool: Pool) -> bool:
        return _is_technician(request) or pool.coordinator_id == self.desk.reader(request)

    async def _sheet(self, pool: Pool) -> Sheet:
        async with self.desk.service.parts.db.snapshot() as tx:
            return sheet_of(pool, await self.desk.service.parts.pools.get_policy(tx, pool.id))

    async def _terms(self, pool: Pool, member: PractitionerId) -> Terms | None:
        now = self.desk.service.parts.clock.now()
        async with self.desk.service.parts.db.snapshot() as tx:
            members = await self.desk.service.dispatch.list_members(tx, pool, now)
        return next((one.terms for one in members if one.practitioner_id == member), None)

    async def _coordinator(self, submitted: Submitted) -> PractitionerId:
        rpps = submitted.first("coordinator")
        person = await self.desk.service.parts.practitioners.find_by_rpps(rpps)
        if person is None:
            raise NobodyWithRpps(rpps=rpps[:20])
        return person.id

    def _titles(self) -> dict[str, Any]:
        return {form.id: form.title for form in self.desk.service.registry.specialties()}

    async def _new_page(
        self, request: Request, sheet: Sheet, error: MissError | None = None, submitted: Submitted | None = None
    ) -> Response:
        return await self.desk.render(
            request,
            "pool_new.html",
            error.http_status if error else 200,
            error=error.sentence(self.desk.language(request)) if error else "",
            forms=self.desk.service.registry.specialties(),
            chosen=submitted.first("form") if submitted else "",
            is_technician=True,
            **await self._sheet_fields(sheet, None, submitted),
        )

    async def _page(
        self, request: Request, pool: Pool, error: MissError | None = None, submitted: Submitted | None = None
    ) -> Response:
        service, now = self.desk.service, self.desk.service.parts.clock.now()
        async with service.parts.db.snapshot() as tx:
            members = await service.dispatch.list_members(tx, pool, now)
            changes = await service.parts.pools.list_changes(tx, pool.id)
            policy = await service.parts.pools.get_policy(tx, pool.id)
        people = await service.parts.practitioners.get_many(
            _people(pool, changes, [m.practitioner_id for m in members])
        )
        asked = request.query_params.get("q", "").strip()[:80]
        found = await service.parts.practitioners.search(asked, limit=MAX_FOUND) if asked else []
        active = {member.practitioner_id for member in members if member.terms.active}
        form = service.registry.named(pool.questionnaire)
        return await self.desk.render(
            request,
            "pool.html",
            error.http_status if error else 200,
            error=error.sentence(self.desk.language(request)) if error else "",
            done=request.query_params.get("fait", ""),
            pool=pool,
            title=form.title if form else None,
            standings=standings(pool, members, now),
            changes=changes,
            people=people,
            asked=asked,
            found=[person for person in found if person.id not in active],
            is_technician=_is_technician(request),
            **await self._sheet_fields(sheet_of(pool, policy), form, submitted, people.get(pool.coordinator_id), pool),
        )

    async def _sheet_fields(
        self,
        sheet: Sheet,
        form: Questionnaire | None,
        submitted: Submitted | None = None,
        coordinator: Practitioner | None = None,
        pool: Pool | None = None,
    ) -> Mapping[str, Any]:
        """What the form of a sheet shows; after a refusal what was typed stays where it can be read again."""
        async with self.desk.service.parts.db.snapshot() as tx:
            known = await self.desk.service.dispatch.list_pools(tx, limit=MAX_POOLS)
        typed = {name: " ".join(values) for name, values in submitted.fields.items()} if submitted else {}
        shown = {
            "name": sheet.name,
            "coordinator": (coordinator.rpps or "") if coordinator else "",
            "answer_hours": hours_of(sheet.answer_within),
            "accept_hours": hours_of(sheet.accept_within),
            "answer_minutes": minutes_of(sheet.answer_time),
            "establishments": "\n".join(sorted(sheet.policy.establishments)),
            "departments": ", ".join(sorted(sheet.policy.departments)),
            "fallback_percent": str(sheet.policy.fallback_percent or ""),
        }
        return {
            "shown": {name: typed.get(name, value) for name, value in shown.items()},
            "open_now_only": bool(typed.get("open_now_only")) if submitted else sheet.open_now_only,
            "fallbacks": [*(read_fallbacks(submitted) if submitted else sheet.policy.fallbacks), *[""] * MAX_FALLBACKS][
                :MAX_FALLBACKS
            ],
            "others": [one for one in known if pool is None or one.id != pool.id],
            "requirements": shown_requirements(
                read_requirements(submitted) if submitted else sheet.policy.requirements
            ),
            "answers": answer_options(form) if form else [],
            "week": read_week(submitted) if submitted else week_fields(sheet.hours, sheet.zone),
            "days": WEEKDAYS,
            "territories": TERRITORIES,
            "french_zones": FRENCH_ZONES,
            "other_zones": other_zones(),
        }


def _is_technician(request: Request) -> bool:
    return Role.TECHNICIAN in person_of(request).principal.roles


def _people(pool: Pool, changes: list[Change], members: list[PractitionerId]) -> frozenset[PractitionerId]:
    """Everybody whom the page names."""
    in_changes = {who for change in changes for who in (change.by, change.member) if who}
    return frozenset({pool.coordinator_id, *members, *in_changes})
