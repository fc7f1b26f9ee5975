"""Establishments and laboratories: which have a record, what it lacks, who keeps their list.

What an establishment says of itself is on its own pages (`miss.server.establishments`), which technicians may use too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import AccountId, OrganizationId
from miss.base.text import Text
from miss.directory.accounts import Account, AccountNotFound
from miss.directory.establishments.model import Establishment, EstablishmentKind, completeness
from miss.directory.establishments.quotas import Quotas, parse_choice
from miss.directory.establishments.service import PAGE, Establishments, new_establishment
from miss.directory.practitioners import Practitioner
from miss.directory.roles import Role, organization_scope
from miss.server.console.queues import Queue
from miss.server.establishments.errors import AppointeeUnknown
from miss.server.house import House
from miss.server.web.access import person_of, requires
from miss.server.web.answers import retry_after
from miss.server.web.forms import field
from miss.server.web.front import to
from miss.server.web.pages import language_of

ESTABLISHMENTS_PATH: Final = "/console/etablissements"
_FIELDS: Final = ("identifier", "name", "kind", "finess", "town")
_QUOTAS: Final = ("requests_per_min", "entries_per_day", "stored_mb", "advice_per_day")


@dataclass(frozen=True, slots=True)
class Keeper:
    """Somebody who keeps an establishment's list."""

    account: Account
    practitioner: Practitioner | None


@dataclass(frozen=True, slots=True)
class EstablishmentConsole:
    """`/console/etablissements` and the page of one of them."""

    house: House
    establishments: Establishments
    quotas: Quotas

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        one = f"{ESTABLISHMENTS_PATH}/{{organization}}"
        return [
            Route(ESTABLISHMENTS_PATH, self.list_, methods=["GET"]),
            Route(ESTABLISHMENTS_PATH, self.create, methods=["POST"]),
            Route(one, self.open, methods=["GET"]),
            Route(one, self.change, methods=["POST"]),
            Route(f"{one}/quotas", self.allow, methods=["POST"]),
            Route(f"{one}/administrateurs", self.appoint, methods=["POST"]),
            Route(f"{one}/administrateurs/{{uid}}/retrait", self.dismiss, methods=["POST"]),
        ]

    def queue(self) -> Queue:
        """How many records lack something."""
        label = Text(fr="Fiches d’établissement incomplètes", en="Incomplete records of establishments")
        return Queue(f"{ESTABLISHMENTS_PATH}?incompletes=1", label, self._count_incomplete)

    async def _count_incomplete(self) -> int:
        return (await self.establishments.list_incomplete(0))[1]

    @requires(Role.TECHNICIAN)
    async def list_(self, request: Request) -> Response:
        return await self._list(request)

    @requires(Role.TECHNICIAN)
    async def create(self, request: Request) -> Response:
        form = await request.form()
        typed = {name: field(form, name) for name in _FIELDS}
        try:
            draft = new_establishment(**typed)
            made = await self.establishments.open(draft, person_of(request).account.uid.hex())
        except MissError as error:
            return await self._list(request, error, typed)
        return to(f"{ESTABLISHMENTS_PATH}/{made.id}?fait=ouverture")

    @requires(Role.TECHNICIAN)
    async def open(self, request: Request) -> Response:
        return await self._show(request, await self._get(request))

    @requires(Role.TECHNICIAN)
    async def change(self, request: Request) -> Response:
        establishment, form = await self._get(request), await request.form()
        typed = {name: field(form, name) for name in _FIELDS} | {"identifier": establishment.id}
        try:
            await self.establishments.change(new_establishment(**typed), person_of(request).account.uid.hex())
        except MissError as error:
            return await self._show(request, establishment, error, typed)
        return to(f"{ESTABLISHMENTS_PATH}/{establishment.id}?fait=modification")

    @requires(Role.TECHNICIAN)
    async def allow(self, request: Request) -> Response:
        """What its programs may ask for, and its people keep and ask, together."""
        establishment, form = await self._get(request), await request.form()
        typed = {name: field(form, name) for name in _QUOTAS}
        try:
            await self.quotas.put(establishment.id, parse_choice(**typed), person_of(request).account.uid.hex())
        except MissError as error:
            return await self._show(request, establishment, error, typed)
        return to(f"{ESTABLISHMENTS_PATH}/{establishment.id}?fait=quotas")

    @requires(Role.TECHNICIAN, fresh=True)
    async def appoint(self, request: Request) -> Response:
        """Name somebody who keeps the list; they name others themselves no sooner than they have the role."""
        establishment, form = await self._get(request), await request.form()
        try:
            account = await self.house.accounts.find_by_rpps(field(form, "rpps"))
            if account is None or not account.is_active:
                raise AppointeeUnknown
            await self.house.roles.grant(
                person_of(request).principal,
                account.uid,
                Role.ESTABLISHMENT_ADMINISTRATOR,
                organization_scope(establishment.id),
            )
        except MissError as error:
            return await self._show(request, establishment, error, {"rpps": field(form, "rpps")})
        return to(f"{ESTABLISHMENTS_PATH}/{establishment.id}?fait=nomination")

    @requires(Role.TECHNICIAN, fresh=True)
    async def dismiss(self, request: Request) -> Response:
        establishment, uid = await self._get(request), request.path_params["uid"]
        try:
            if len(uid) != 32 or not all(letter in "0123456789abcdef" for letter in uid):
                raise AccountNotFound
            await self.house.roles.take_back(
                person_of(request).principal,
                AccountId(bytes.fromhex(uid)),
                Role.ESTABLISHMENT_ADMINISTRATOR,
                organization_scope(establishment.id),
            )
        except MissError as error:
            return await self._show(request, establishment, error)
        return to(f"{ESTABLISHMENTS_PATH}/{establishment.id}?fait=retrait")

    async def _get(self, request: Request) -> Establishment:
        return await self.establishments.get(OrganizationId(request.path_params["organization"]))

    async def _list(
        self, request: Request, error: MissError | None = None, typed: Mapping[str, str] | None = None
    ) -> Response:
        text = " ".join(request.query_params.get("q", "").split())[:200]
        only_incomplete = request.query_params.get("incompletes") == "1"
        after = request.query_params.get("apres", "")
        offset = int(after) if after.isascii() and after.isdigit() and len(after) < 7 else 0
        if only_incomplete:
            found, total = await self.establishments.list_incomplete()
        else:
            found, total = await self.establishments.list_(text, offset=offset)
        next_offset = offset + PAGE if not only_incomplete and offset + PAGE < total else None
        shown: dict[str, Any] = {
            "establishment": None,
            "text": text,
            "only_incomplete": only_incomplete,
            "found": found,
            "total": total,
            "next_offset": next_offset,
            "kinds": list(EstablishmentKind),
            "typed": typed or {},
        }
        return await self._render(request, "console/establishments.html", shown, error)

    async def _show(
        self,
        request: Request,
        establishment: Establishment,
        error: MissError | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        shown: dict[str, Any] = {
            "establishment": establishment,
            "missing": completeness(establishment),
            "keepers": await self._keepers(establishment),
            "chosen": await self.quotas.choice(establishment.id),
            "default": self.quotas.default,
            "used": await self.quotas.allowances.used(establishment.id),
            "kinds": list(EstablishmentKind),
            "typed": typed or {},
            "done": request.query_params.get("fait", ""),
        }
        return await self._render(request, "console/establishment.html", shown, error)

    async def _keepers(self, establishment: Establishment) -> list[Keeper]:
        grants = await self.house.roles.list_holders(
            Role.ESTABLISHMENT_ADMINISTRATOR, organization_scope(establishment.id)
        )
        accounts = await self.house.accounts.get_many([grant.uid for grant in grants])
        people = await self.house.practitioners.get_many({one.practitioner_id for one in accounts.values()})
        found = [accounts[grant.uid] for grant in grants if grant.uid in accounts]
        return [Keeper(account, people.get(account.practitioner_id)) for account in found]

    async def _render(
        self, request: Request, template: str, shown: Mapping[str, Any], error: MissError | None
    ) -> Response:
        if error is None:
            return await self.house.pages.render(request, template, error=None, **shown)
        said = error.sentence(language_of(request))
        page = await self.house.pages.render(request, template, error.http_status, error=said, **shown)
        return retry_after(error, page)
