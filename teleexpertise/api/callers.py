"""Who asks: somebody signed in to the pages, on the same origin, or the linked device of their account.

A request with an Authorization header is judged by that alone, whatever cookie comes with it.  A device proves the
account as a session does; acts that ask for a fresh proof of identity are not offered here.
"""

from dataclasses import dataclass
from math import ceil

from starlette.requests import Request

from miss.base.ids import AccountId, PractitionerId
from miss.directory.establishments.tokens import bearer_of
from miss.protocol.session.limits import Rate
from miss.server.errors import NotYourRole
from miss.server.house import House
from miss.server.web.access import Access, check_access, person_of
from teleexpertise.api.errors import AccountHasNoDoor, ApiTooOften

RATE = Rate(burst=120, per_s=4)
"""A client that reads every list anew at each event stays far below."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    practitioner_id: PractitionerId
    uid: AccountId


@dataclass(frozen=True, slots=True)
class Callers:
    """Tells who asks, and counts it."""

    house: House

    async def of(self, request: Request, access: Access) -> Caller:
        """Who asks, if they may.

        Raises DeviceTokenRefused and what the chat refuses devices with, AccountHasNoDoor, NotYourRole, ApiTooOften,
        and as `check_access`.
        """
        authorization = request.headers.get("authorization")
        caller = await self._device(authorization, access) if authorization is not None else _person(request, access)
        if wait_s := self.house.rates.take("teleexpertise.api", caller.uid, RATE):
            raise ApiTooOften(retry_after_s=ceil(wait_s))
        return caller

    async def _device(self, authorization: str, access: Access) -> Caller:
        account = await self.house.accounts.get(await self.house.devices.account_of(bearer_of(authorization)))
        if not account.is_active:
            raise AccountHasNoDoor
        principal = await self.house.sign_in.sessions.principal(account)
        if access.roles and not access.roles & principal.roles:
            raise NotYourRole
        return Caller(account.practitioner_id, account.uid)


def _person(request: Request, access: Access) -> Caller:
    check_access(request, access)
    person = person_of(request)
    if person.practitioner.is_staff:
        raise AccountHasNoDoor
    return Caller(person.practitioner.id, person.account.uid)
