"""`/console/comptes/{uid}/certificats`: the S/MIME certificates of somebody's addresses, put in or withdrawn for them.

Whoever opens the page is written down first, as for the account's own page.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import AccountId
from miss.directory.accounts import Account, AccountNotFound
from miss.directory.audit import Subject
from miss.directory.certificates import Certificates
from miss.directory.roles import Role
from miss.server.console.accounts import ACCOUNTS_PATH
from miss.server.console.errors import NotOnOneself
from miss.server.console.story import is_uid
from miss.server.house import House
from miss.server.web.access import person_of, requires
from miss.server.web.answers import retry_after
from miss.server.web.certificate_pages import read_certificate, show
from miss.server.web.front import to
from miss.server.web.pages import language_of


@dataclass(frozen=True, slots=True)
class CertificatePages:
    """For technicians; their own they put in like everybody, on « Mon compte »."""

    house: House
    certificates: Certificates

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        one = f"{ACCOUNTS_PATH}/{{uid}}/certificats"
        return [
            Route(one, self.show, methods=["GET"]),
            Route(one, self.add, methods=["POST"]),
            Route(f"{one}/{{certificate}}/retrait", self.withdraw, methods=["POST"]),
        ]

    @requires(Role.TECHNICIAN)
    async def show(self, request: Request) -> Response:
        return await self._show(request, await self._get_account(request))

    @requires(Role.TECHNICIAN, fresh=True)
    async def add(self, request: Request) -> Response:
        account = await self._get_account(request)
        try:
            by, content = _other(request, account), await read_certificate(request)
            await self.certificates.add(account.practitioner_id, content, by=by)
        except MissError as error:
            return await self._show(request, account, error)
        return to(f"{_path(account)}?fait=ajout")

    @requires(Role.TECHNICIAN, fresh=True)
    async def withdraw(self, request: Request) -> Response:
        account = await self._get_account(request)
        try:
            wanted, by = request.path_params["certificate"], _other(request, account)
            await self.certificates.withdraw(account.practitioner_id, wanted, by=by)
        except MissError as error:
            return await self._show(request, account, error)
        return to(f"{_path(account)}?fait=retrait")

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
        page = await house.pages.render(
            request,
            "console/certificates.html",
            error.http_status if error else 200,
            account=account,
            practitioner=found.get(account.practitioner_id),
            certificates=await show(self.certificates, account.practitioner_id, house.clock.now()),
            path=_path(account),
            is_own=account.uid == by,
            done=request.query_params.get("fait", ""),
            error=error.sentence(language_of(request)) if error else None,
        )
        return retry_after(error, page) if error else page


def _other(request: Request, account: Account) -> str:
    """Who acts, for the access log.  Raises NotOnOneself."""
    by = person_of(request).account.uid
    if by == account.uid:
        raise NotOnOneself
    return by.hex()


def _path(account: Account) -> str:
    return f"{ACCOUNTS_PATH}/{account.uid.hex()}/certificats"
