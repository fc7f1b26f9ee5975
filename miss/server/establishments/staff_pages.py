"""The list of staff: by department, with a search; somebody added, changed, moved, hidden, removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import OrganizationId
from miss.directory.audit import Subject
from miss.directory.establishments.errors import UnitNotFound
from miss.directory.establishments.export import compose_csv
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.model import Establishment, completeness
from miss.directory.establishments.staff import StaffFacts, StaffMember, StaffQuery
from miss.directory.roles import Role
from miss.server.establishments.desk import DESK_PATH, KEEPERS, ONE_PATH, Desk, actor_of, number_in, path_of
from miss.server.web.access import person_of, requires
from miss.server.web.forms import field
from miss.server.web.front import to
from miss.server.web.pages import language_of

PAGE: Final = 50
_SHOWN: Final = {"publier": "oui", "masquer": "non"}


@dataclass(frozen=True, slots=True)
class StaffPages:
    """`/etablissement` and what is under `…/personnel`."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        staff = f"{ONE_PATH}/personnel"
        return [
            Route(DESK_PATH, self.choose, methods=["GET"]),
            Route(ONE_PATH, self.list_, methods=["GET"]),
            Route(f"{ONE_PATH}/personnel.csv", self.download, methods=["GET"]),
            Route(f"{staff}/nouveau", self.begin, methods=["GET"]),
            Route(f"{staff}/nouveau", self.add, methods=["POST"]),
            Route(f"{staff}/ensemble", self.change_many, methods=["POST"]),
            Route(f"{staff}/{{member}}", self.open, methods=["GET"]),
            Route(f"{staff}/{{member}}", self.change, methods=["POST"]),
            Route(f"{staff}/{{member}}/retrait", self.remove, methods=["POST"]),
        ]

    @requires(*KEEPERS)
    async def choose(self, request: Request) -> Response:
        """The establishments whose list the person keeps; the only one is opened at once."""
        scopes = person_of(request).principal.scopes(Role.ESTABLISHMENT_ADMINISTRATOR)
        ids = sorted(OrganizationId(scope.id) for scope in scopes)
        kept = await self.desk.establishments.get_many(ids)
        if len(kept) == 1:
            return to(path_of(kept[0]))
        return await self.desk.pages.render(request, "establishment/choose.html", kept=kept, desk_path=DESK_PATH)

    @requires(*KEEPERS)
    async def list_(self, request: Request) -> Response:
        return await self._list(request, await self.desk.get(request))

    @requires(*KEEPERS)
    async def download(self, request: Request) -> Response:
        """The whole list as a file that can be sent back; recorded before it leaves."""
        establishment = await self.desk.get(request)
        members = await self.desk.roster.list_all(establishment.id)
        subject = Subject("organization", establishment.id)
        await self.desk.audit.record(actor=actor_of(request), act="establishment.staff_downloaded", subject=subject)
        facts = sorted((member.facts for member in members), key=lambda one: (one.family, one.given))
        name = f"personnel-{establishment.id}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(compose_csv(facts, language_of(request)), media_type="text/csv", headers=headers)

    @requires(*KEEPERS)
    async def begin(self, request: Request) -> Response:
        return await self._form(request, await self.desk.get(request), None, say(StaffFacts()))

    @requires(*KEEPERS)
    async def add(self, request: Request) -> Response:
        establishment, form = await self.desk.get(request), await request.form()
        said = _said(form)
        try:
            kept = await self.desk.roster.add(establishment.id, said, actor_of(request))
        except MissError as error:
            return await self._form(request, establishment, None, said, error)
        return to(f"{path_of(establishment)}/personnel/{kept.member.id}?fait=ajout")

    @requires(*KEEPERS)
    async def change_many(self, request: Request) -> Response:
        """Move, show or hide everybody ticked."""
        establishment, form = await self.desk.get(request), await request.form()
        ids = {one for one in form.getlist("personne") if isinstance(one, str)}
        try:
            said = await self._said_of_many(establishment, form)
            await self.desk.roster.change_many(establishment.id, ids, said, actor_of(request))
        except MissError as error:
            return await self._list(request, establishment, error)
        return to(f"{path_of(establishment)}?fait={'plusieurs' if ids else 'personne'}")

    @requires(*KEEPERS)
    async def open(self, request: Request) -> Response:
        establishment = await self.desk.get(request)
        member = await self.desk.roster.get(establishment.id, request.path_params["member"])
        return await self._form(request, establishment, member, say(member.facts))

    @requires(*KEEPERS)
    async def change(self, request: Request) -> Response:
        establishment, form = await self.desk.get(request), await request.form()
        member = await self.desk.roster.get(establishment.id, request.path_params["member"])
        said, version = _said(form), field(form, "version")
        try:
            await self.desk.roster.change(
                establishment.id,
                member.id,
                said,
                actor_of(request),
                version=int(version) if version.isascii() and version.isdigit() else None,
            )
        except MissError as error:
            return await self._form(request, establishment, member, said, error)
        return to(f"{path_of(establishment)}/personnel/{member.id}?fait=modification")

    @requires(*KEEPERS)
    async def remove(self, request: Request) -> Response:
        establishment = await self.desk.get(request)
        await self.desk.roster.remove(establishment.id, request.path_params["member"], actor_of(request))
        return to(f"{path_of(establishment)}?fait=retrait")

    async def _said_of_many(self, establishment: Establishment, form: FormData) -> Mapping[StaffField, str]:
        act = field(form, "action")
        if act in _SHOWN:
            return {StaffField.IS_PUBLISHED: _SHOWN[act]}
        unit_id = field(form, "service")
        units = await self.desk.establishments.list_units(establishment.id)
        if act != "deplacer" or (unit_id and units.find(unit_id) is None):
            raise UnitNotFound
        site, department = units.names(unit_id)
        return {StaffField.SITE: site, StaffField.DEPARTMENT: department}

    async def _list(self, request: Request, establishment: Establishment, error: MissError | None = None) -> Response:
        query = StaffQuery(
            text=" ".join(request.query_params.get("q", "").split())[:200],
            unit_id=request.query_params.get("service", "")[:36],
            offset=number_in(request, "apres"),
            limit=PAGE,
        )
        page = await self.desk.roster.list_page(establishment.id, query)
        after = query.offset + len(page.members)
        shown: dict[str, Any] = {
            "query": query,
            "page": page,
            "units": await self.desk.establishments.list_units(establishment.id),
            "next_offset": after if after < page.total else None,
            "missing": completeness(establishment),
            "done": request.query_params.get("fait", ""),
        }
        return await self.desk.show(request, "establishment/staff.html", establishment, shown, error)

    async def _form(
        self,
        request: Request,
        establishment: Establishment,
        member: StaffMember | None,
        said: Mapping[StaffField, str],
        error: MissError | None = None,
    ) -> Response:
        roster = self.desk.roster
        shown: dict[str, Any] = {
            "member": member,
            "said": said,
            "units": await self.desk.establishments.list_units(establishment.id),
            "professions": await self.desk.professions(),
            "warnings": await roster.warnings_of(member.facts) if member else (),
            "history": await roster.history(establishment.id, member.id) if member else (),
            "done": request.query_params.get("fait", ""),
        }
        return await self.desk.show(request, "establishment/member.html", establishment, shown, error)


def say(facts: StaffFacts) -> dict[StaffField, str]:
    """Facts as a form shows them."""
    said: dict[StaffField, str] = {}
    for name in StaffField:
        value = getattr(facts, name)
        if isinstance(value, bool):
            said[name] = "oui" if value else "non"
        else:
            said[name] = value.isoformat() if isinstance(value, date) else (value or "")
    return said


def _said(form: FormData) -> dict[StaffField, str]:
    """What was typed: all fields, an unticked box being a no."""
    said = {name: field(form, name) for name in StaffField}
    return said | {StaffField.IS_PUBLISHED: "oui" if field(form, StaffField.IS_PUBLISHED) else "non"}
