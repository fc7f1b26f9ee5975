"""The establishment's record: whom to call, its sites and departments, the tokens of its programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.establishments.model import (
    Contact,
    ContactFunction,
    Establishment,
    completeness,
    required_functions,
)
from miss.directory.establishments.staff import UnitKind
from miss.directory.establishments.tokens import IssuedToken, TokenScope
from miss.server.establishments.desk import KEEPERS, ONE_PATH, Desk, actor_of, path_of
from miss.server.web.access import requires
from miss.server.web.forms import field
from miss.server.web.front import to


@dataclass(frozen=True, slots=True)
class RecordPages:
    """What is under `…/fiche`, `…/services` and `…/jetons`."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        units, tokens = f"{ONE_PATH}/services", f"{ONE_PATH}/jetons"
        return [
            Route(f"{ONE_PATH}/fiche", self.open, methods=["GET"]),
            Route(f"{ONE_PATH}/fiche", self.set_contacts, methods=["POST"]),
            Route(units, self.list_units, methods=["GET"]),
            Route(units, self.add_unit, methods=["POST"]),
            Route(f"{units}/{{unit}}", self.rename_unit, methods=["POST"]),
            Route(f"{units}/{{unit}}/retrait", self.remove_unit, methods=["POST"]),
            Route(tokens, self.list_tokens, methods=["GET"]),
            Route(tokens, self.issue_token, methods=["POST"]),
            Route(f"{tokens}/{{token}}/revocation", self.revoke_token, methods=["POST"]),
        ]

    # Whom to call

    @requires(*KEEPERS)
    async def open(self, request: Request) -> Response:
        establishment = await self.desk.get(request)
        return await self._record(request, establishment, establishment.contacts)

    @requires(*KEEPERS)
    async def set_contacts(self, request: Request) -> Response:
        establishment, form = await self.desk.get(request), await request.form()
        contacts = [_contact(form, function) for function in ContactFunction]
        try:
            await self.desk.establishments.set_contacts(establishment.id, contacts, actor_of(request))
        except MissError as error:
            return await self._record(request, establishment, contacts, error)
        return to(f"{path_of(establishment)}/fiche?fait=contacts")

    # Sites and departments

    @requires(*KEEPERS)
    async def list_units(self, request: Request) -> Response:
        return await self._units(request, await self.desk.get(request))

    @requires(*KEEPERS)
    async def add_unit(self, request: Request) -> Response:
        establishment, form = await self.desk.get(request), await request.form()
        kind = UnitKind.SITE if field(form, "type") == UnitKind.SITE else UnitKind.DEPARTMENT
        parent_id = field(form, "site") if kind is UnitKind.DEPARTMENT else ""
        try:
            await self.desk.establishments.add_unit(
                establishment.id, kind, field(form, "nom"), actor_of(request), parent_id=parent_id
            )
        except MissError as error:
            return await self._units(request, establishment, error)
        return to(f"{path_of(establishment)}/services?fait=ajout")

    @requires(*KEEPERS)
    async def rename_unit(self, request: Request) -> Response:
        establishment, form = await self.desk.get(request), await request.form()
        try:
            await self.desk.establishments.change_unit(
                establishment.id, request.path_params["unit"], actor_of(request), name=field(form, "nom")
            )
        except MissError as error:
            return await self._units(request, establishment, error)
        return to(f"{path_of(establishment)}/services?fait=nom")

    @requires(*KEEPERS)
    async def remove_unit(self, request: Request) -> Response:
        establishment = await self.desk.get(request)
        try:
            await self.desk.establishments.remove_unit(establishment.id, request.path_params["unit"], actor_of(request))
        except MissError as error:
            return await self._units(request, establishment, error)
        return to(f"{path_of(establishment)}/services?fait=retrait")

    # Tokens of programs

    @requires(*KEEPERS)
    async def list_tokens(self, request: Request) -> Response:
        return await self._tokens(request, await self.desk.get(request))

    @requires(*KEEPERS, fresh=True)
    async def issue_token(self, request: Request) -> Response:
        """The token, shown in the answer to this request and never again."""
        establishment, form = await self.desk.get(request), await request.form()
        scopes = frozenset(scope for scope in TokenScope if scope in form.getlist("usage"))
        try:
            issued = await self.desk.tokens.issue(establishment.id, scopes, field(form, "nom"), actor_of(request))
        except MissError as error:
            return await self._tokens(request, establishment, error)
        return await self._tokens(request, establishment, issued=issued)

    @requires(*KEEPERS, fresh=True)
    async def revoke_token(self, request: Request) -> Response:
        establishment = await self.desk.get(request)
        try:
            await self.desk.tokens.revoke(
                request.path_params["token"], actor_of(request), organization_id=establishment.id
            )
        except MissError as error:
            return await self._tokens(request, establishment, error)
        return to(f"{path_of(establishment)}/jetons?fait=revocation")

    async def _record(
        self,
        request: Request,
        establishment: Establishment,
        contacts: Sequence[Contact],
        error: MissError | None = None,
    ) -> Response:
        by_function = {contact.function: contact for contact in contacts}
        shown: dict[str, Any] = {
            "contacts": [by_function.get(function, Contact(function)) for function in ContactFunction],
            "required": required_functions(establishment.kind),
            "missing": completeness(establishment),
            "quota": await self.desk.quotas.get(establishment.id),
            "used": await self.desk.quotas.allowances.used(establishment.id),
            "done": request.query_params.get("fait", ""),
        }
        return await self.desk.show(request, "establishment/record.html", establishment, shown, error)

    async def _units(self, request: Request, establishment: Establishment, error: MissError | None = None) -> Response:
        units = await self.desk.establishments.list_units(establishment.id)
        shown = {"units": units, "done": request.query_params.get("fait", "")}
        return await self.desk.show(request, "establishment/units.html", establishment, shown, error)

    async def _tokens(
        self,
        request: Request,
        establishment: Establishment,
        error: MissError | None = None,
        *,
        issued: IssuedToken | None = None,
    ) -> Response:
        shown: dict[str, Any] = {
            "tokens": await self.desk.tokens.list_(establishment.id),
            "quota": await self.desk.quotas.get(establishment.id),
            "issued": issued,
            "scim_url": self.desk.scim_url,
            "done": request.query_params.get("fait", ""),
        }
        return await self.desk.show(request, "establishment/tokens.html", establishment, shown, error)


def _contact(form: FormData, function: ContactFunction) -> Contact:
    name, email, phone = (field(form, f"{function}.{part}") for part in ("nom", "adresse", "telephone"))
    return Contact(function, name, email, phone)
