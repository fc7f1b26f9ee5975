"""The SCIM door: `/scim/v2`, opened by an establishment's token, which shows that establishment and nothing else.

The rules are the list's own (`miss.directory.establishments.roster`): what a form or a file may not do, no program
may.  Refused on purpose: bulk requests, passwords.

Source: RFC 7644 §3 (operations), §4 (discovery), §3.12 (errors), §3.14 (versions).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from scim2_models import Context, ListResponse, NotFoundException, PatchOp, ResourceType, Schema
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from miss.directory.establishments.roster.departments import Departments
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.staff import StaffMember
from miss.directory.establishments.tokens import ApiToken
from miss.server.scim.answers import Handler, answer, door, read_body, require_match
from miss.server.scim.gate import ScimGate
from miss.server.scim.listing import list_response, one_asked_for, read_parameters, read_search, select
from miss.server.scim.mapping import group_of, said_by, user_of, version_of
from miss.server.scim.resources import CONFIG, POLICY, PROVIDER, Group, Staff

SCIM_PATH: Final = "/scim/v2"
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_READ, _CREATED = Context.RESOURCE_QUERY_RESPONSE, Context.RESOURCE_CREATION_RESPONSE
_REPLACED, _PATCHED = Context.RESOURCE_REPLACEMENT_RESPONSE, Context.RESOURCE_PATCH_RESPONSE


@dataclass(frozen=True, slots=True)
class ScimDoor:
    """The endpoints of provisioning programs."""

    gate: ScimGate
    establishments: Establishments
    roster: Roster
    departments: Departments
    public_origin: str

    @property
    def base(self) -> str:
        """Address of the door."""
        return f"{self.public_origin}{SCIM_PATH}"

    def routes(self) -> list[BaseRoute]:
        """One mount; whatever it does not know is answered in SCIM's own words."""
        paths: dict[str, dict[str, Handler]] = {
            "/ServiceProviderConfig": {"GET": self.config},
            "/ResourceTypes": {"GET": self.list_types},
            "/ResourceTypes/{id}": {"GET": self.get_type},
            "/Schemas": {"GET": self.list_schemas},
            "/Schemas/{id}": {"GET": self.get_schema},
            "/Users": {"GET": self.list_users, "POST": self.create_user},
            "/Users/.search": {"POST": self.list_users},
            "/Users/{id}": {
                "GET": self.get_user,
                "PUT": self.replace_user,
                "PATCH": self.patch_user,
                "DELETE": self.delete_user,
            },
            "/Groups": {"GET": self.list_groups, "POST": self.create_group},
            "/Groups/.search": {"POST": self.list_groups},
            "/Groups/{id}": {
                "GET": self.get_group,
                "PUT": self.replace_group,
                "PATCH": self.patch_group,
                "DELETE": self.delete_group,
            },
            "/.search": {"POST": self.search_all},
            "/{rest:path}": {},
        }
        routes = [Route(path, door(self.gate.admit, **handlers), methods=METHODS) for path, handlers in paths.items()]
        return [Mount(SCIM_PATH, routes=routes)]

    # What the service is

    async def config(self, _request: Request, _token: ApiToken) -> Response:
        """What the service can do (RFC 7643 §5)."""
        config = CONFIG.model_dump(scim_ctx=_READ)
        location = f"{self.base}/ServiceProviderConfig"
        return answer(config | {"meta": {"resourceType": "ServiceProviderConfig", "location": location}})

    async def list_types(self, _request: Request, _token: ApiToken) -> Response:
        """Users and groups (RFC 7643 §6)."""
        return self._discovered(ResourceType, [self._type(one) for one in PROVIDER.resource_types])

    async def get_type(self, request: Request, _token: ApiToken) -> Response:
        """One of them.  Raises NotFoundException."""
        return _pick(request, [self._type(one) for one in PROVIDER.resource_types])

    async def list_schemas(self, _request: Request, _token: ApiToken) -> Response:
        """What is kept of a resource (RFC 7643 §7)."""
        return self._discovered(Schema, [self._schema(one) for one in PROVIDER.schemas])

    async def get_schema(self, request: Request, _token: ApiToken) -> Response:
        """One of them.  Raises NotFoundException."""
        return _pick(request, [self._schema(one) for one in PROVIDER.schemas])

    # Users: members of staff

    async def list_users(self, request: Request, token: ApiToken) -> Response:
        """A page of the people whom a filter means, sorted; by GET or by `.search` (RFC 7644 §3.4)."""
        search = await read_search(request, Staff)
        users, total = select(search, await self._users(search, token))
        return answer(list_response(search, Staff, users, total))

    async def create_user(self, request: Request, token: ApiToken) -> Response:
        """Somebody new on the list; 201.  Raises as `Roster.add`."""
        user = Staff.model_validate_json(
            await read_body(request), scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=POLICY
        )
        establishment_id = token.organization_id
        kept = await self.roster.add(establishment_id, said_by(user), token.actor, user_name=user.user_name)
        return self._user(request, kept.member, _CREATED, 201)

    async def get_user(self, request: Request, token: ApiToken) -> Response:
        """Somebody, or 304 if their version is the one that the program knows.  Raises StaffNotFound."""
        member = await self._member(request, token)
        if request.headers.get("if-none-match", "").strip() == version_of(member):
            return answer(None, 304, {"ETag": version_of(member)})
        return self._user(request, member, _READ)

    async def replace_user(self, request: Request, token: ApiToken) -> Response:
        """Everything that is said of somebody, anew; of the version in `If-Match`.  Raises as `Roster.change`."""
        body = await read_body(request)
        member = await self._member(request, token)
        require_match(request, version_of(member))
        user = Staff.model_validate_json(body, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=POLICY)
        return self._user(request, await self._change(member, user, token), _REPLACED)

    async def patch_user(self, request: Request, token: ApiToken) -> Response:
        """Part of what is said of somebody (RFC 7644 §3.5.2), as `replace_user`."""
        body = await read_body(request)
        member = await self._member(request, token)
        require_match(request, version_of(member))
        patch = PatchOp[Staff].model_validate_json(body, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY)
        user = user_of(member, self.base)
        patch.patch(user, scim_policy=POLICY)
        return self._user(request, await self._change(member, user, token), _PATCHED)

    async def delete_user(self, request: Request, token: ApiToken) -> Response:
        """Off the list; 204.  Raises StaffNotFound, StaffChanged."""
        member = await self._member(request, token)
        require_match(request, version_of(member))
        await self.roster.remove(token.organization_id, member.id, token.actor, version=member.version)
        return answer(None, 204)

    async def _change(self, member: StaffMember, user: Any, token: ApiToken) -> StaffMember:
        # The user name of somebody who has none is their identifier: said again, it is still none.
        user_name = "" if user.user_name == member.id else user.user_name
        kept = await self.roster.change(
            token.organization_id,
            member.id,
            said_by(user),
            token.actor,
            version=member.version,
            user_name=user_name,
        )
        return kept.member

    async def _member(self, request: Request, token: ApiToken) -> StaffMember:
        return await self.roster.get(token.organization_id, request.path_params["id"])

    async def _users(self, search: Any, token: ApiToken) -> Sequence[Any]:
        """Whom a filter may mean."""
        if wanted := one_asked_for(search):
            found = await self.roster.find_by(token.organization_id, *wanted)
            members = [found] if found else []
        else:
            members = await self.roster.list_all(token.organization_id)
        return [user_of(member, self.base) for member in members]

    def _user(self, request: Request, member: StaffMember, context: Context, status: int = 200) -> Response:
        shown = read_parameters(request, Staff)
        headers = {"ETag": version_of(member), "Location": f"{self.base}/Users/{member.id}"}
        user = user_of(member, self.base)
        return answer(user.model_dump(scim_ctx=context, response_parameters=shown), status, headers)

    # Groups: departments

    async def list_groups(self, request: Request, token: ApiToken) -> Response:
        """A page of the departments that a filter means, each with its people."""
        search = await read_search(request, Group)
        groups, total = select(search, await self._groups(token))
        return answer(list_response(search, Group, groups, total))

    async def create_group(self, request: Request, token: ApiToken) -> Response:
        """A department with its people, who move there; 201.  Raises as `Departments.put`."""
        group = Group.model_validate_json(
            await read_body(request), scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=POLICY
        )
        return await self._put(request, token, "", group, _CREATED, 201)

    async def get_group(self, request: Request, token: ApiToken) -> Response:
        """A department with its people.  Raises NotFoundException."""
        return self._group(request, await self._find_group(token, request.path_params["id"]), _READ)

    async def replace_group(self, request: Request, token: ApiToken) -> Response:
        """Its name and exactly these people; thousands are moved in slices.  Raises as `Departments.put`."""
        group = Group.model_validate_json(
            await read_body(request), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=POLICY
        )
        return await self._put(request, token, request.path_params["id"], group, _REPLACED)

    async def patch_group(self, request: Request, token: ApiToken) -> Response:
        """Some people more or fewer, or another name.  Raises as `Departments.put`, NotFoundException."""
        body = await read_body(request)
        group = await self._find_group(token, request.path_params["id"])
        patch = PatchOp[Group].model_validate_json(body, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY)
        patch.patch(group, scim_policy=POLICY)
        return await self._put(request, token, request.path_params["id"], group, _PATCHED)

    async def delete_group(self, request: Request, token: ApiToken) -> Response:
        """Take out a department; its people stay on the list.  Raises as `Departments.remove`."""
        await self.departments.remove(token.organization_id, request.path_params["id"], token.actor)
        return answer(None, 204)

    async def search_all(self, request: Request, token: ApiToken) -> Response:
        """Users and groups alike."""
        search = await read_search(request, Staff | Group)
        resources = [*await self._users(search, token), *await self._groups(token)]
        found, total = select(search, resources)
        return answer(list_response(search, Staff | Group, found, total))

    async def _put(
        self, request: Request, token: ApiToken, unit_id: str, group: Group, context: Context, status: int = 200
    ) -> Response:
        members = {member.value for member in group.members or () if member.value}
        unit = await self.departments.put(
            token.organization_id, unit_id, group.display_name or "", group.external_id or "", members, token.actor
        )
        return self._group(request, await self._find_group(token, unit.id), context, status)

    async def _groups(self, token: ApiToken) -> list[Group]:
        units = await self.establishments.list_units(token.organization_id)
        people: dict[str, list[StaffMember]] = {}
        for member in await self.roster.list_all(token.organization_id):
            people.setdefault(member.unit_id, []).append(member)
        return [group_of(unit, people.get(unit.id, []), self.base) for unit in units.all]

    async def _find_group(self, token: ApiToken, unit_id: str) -> Group:
        found = next((group for group in await self._groups(token) if group.id == unit_id), None)
        if found is None:
            raise NotFoundException
        return found

    def _group(self, request: Request, group: Group, context: Context, status: int = 200) -> Response:
        shown = read_parameters(request, Group)
        headers = {"Location": f"{self.base}/Groups/{group.id}"}
        return answer(group.model_dump(scim_ctx=context, response_parameters=shown), status, headers)

    def _type(self, one: ResourceType) -> dict[str, Any]:
        location = f"{self.base}/ResourceTypes/{one.id}"
        return one.model_dump(scim_ctx=_READ) | {"meta": {"resourceType": "ResourceType", "location": location}}

    def _schema(self, one: Schema) -> dict[str, Any]:
        location = f"{self.base}/Schemas/{one.id}"
        return one.model_dump(scim_ctx=_READ) | {"meta": {"resourceType": "Schema", "location": location}}

    def _discovered(self, model: Any, dumped: list[dict[str, Any]]) -> Response:
        total = len(dumped)
        response = ListResponse[model](total_results=total, start_index=1, items_per_page=total, resources=[])
        return answer(response.model_dump(scim_ctx=_READ) | {"Resources": dumped})


def _pick(request: Request, dumped: Sequence[dict[str, Any]]) -> Response:
    found = next((one for one in dumped if one.get("id") == request.path_params["id"]), None)
    if found is None:
        raise NotFoundException
    return answer(found)
