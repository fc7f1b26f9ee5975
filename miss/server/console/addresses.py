"""`/console/comptes/{uid}/adresses`: the addresses that somebody was given, and another one after a change of name.

Whoever opens the page is written down first, as for the account's own page.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import AccountId
from miss.directory.accounts import Account, AccountNotFound
from miss.directory.addresses.model import compose_stem
from miss.directory.audit import Subject
from miss.directory.roles import Role
from miss.server.console.accounts import ACCOUNTS_PATH
from miss.server.console.errors import NotOnOneself
from miss.server.console.story import is_uid
from miss.server.house import House
from miss.server.web.access import person_of, requires
from miss.server.web.answers import retry_after
from miss.server.web.front import to
from miss.server.web.pages import language_of


@dataclass(frozen=True, slots=True)
class AddressPages:
    """For technicians."""

    house: House

    def routes(self) -> list[BaseRoute]:
        """Both routes."""
        one = f"{ACCOUNTS_PATH}/{{uid}}/adresses"
        return [Route(one, self.show, methods=["GET"]), Route(one, self.replace, methods=["POST"])]

    @requires(Role.TECHNICIAN)
    async def show(self, request: Request) -> Response:
        return await self._show(request, await self._get_account(request))

    @requires(Role.TECHNICIAN, fresh=True)
    async def replace(self, request: Request) -> Response:
        """An address after the name that the directory has now; the former one stays as an alias."""
        account, by = await self._get_account(request), person_of(request).account.uid
        try:
            if account.uid == by:
                raise NotOnOneself
            practitioner = await self.house.practitioners.get(account.practitioner_id)
            await self.house.addresses.rename(practitioner, by=by.hex())
        except MissError as error:
            return await self._show(request, account, error)
        return to(f"{ACCOUNTS_PATH}/{account.uid.hex()}/adresses?fait=1")

    async def _get_account(self, request: Request) -> Account:
        """That of the address of the page.  Raises AccountNotFound."""
        text = request.path_params["uid"]
        if not is_uid(text):
            raise AccountNotFound
        return await self.house.accounts.get(AccountId(bytes.fromhex(text)))

    async def _show(self, request: Request, account: Account, error: MissError | None = None) -> Response:
        house, by = self.house, person_of(request).account.uid
        await house.audit.record(actor=by.hex(), act="account.read", subject=Subject.account(account.uid))
        found = await house.practitioners.get_many([account.practitioner_id])
        practitioner = found.get(account.practitioner_id)
        addresses = await house.addresses.list_(account.practitioner_id)
        stem = compose_stem(practitioner.given, practitioner.family) if practitioner else ""
        page = await house.pages.render(
            request,
            "console/addresses.html",
            error.http_status if error else 200,
            account=account,
            practitioner=practitioner,
            addresses=addresses,
            has_new_name=bool(addresses and stem and addresses[0].stem != stem),
            is_own=account.uid == by,
            done=request.query_params.get("fait") == "1",
            error=error.sentence(language_of(request)) if error else None,
        )
        return retry_after(error, page) if error else page
