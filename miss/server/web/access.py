"""Who may call a route, said where its endpoint is defined.

Every endpoint of a page bears one of `anyone`, `signed_in`, `with_entry`, `requires(…)`.  The route table thus tells
who may do what: the authorisation matrix of the tests is made from it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from miss.directory.roles import Role
from miss.directory.sign_in import SignedIn
from miss.server.errors import AgreementsNeeded, NoEntry, NotYourRole, SecondFactorNeeded, SignInNeeded, StepUpNeeded

Endpoint = TypeVar("Endpoint", bound=Callable[..., Awaitable[Response]])

ATTRIBUTE = "__miss_access__"


class Audience(StrEnum):
    """Who is let through, before roles."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks of who calls it."""

    audience: Audience
    roles: frozenset[Role] = frozenset()
    """One of these, in whatever scope; which scope is the endpoint's to check.  Empty: everybody signed in."""
    fresh: bool = False
    """A proof of identity a few minutes old at most (step-up)."""
    before_second_factor: bool = False
    """Open to who has yet to set up the second factor that the house asks for, or to accept a text that changed."""
    has_entry: bool = False
    """For people who have an entry in the directory: no staff person (ADR 41)."""


def anyone(endpoint: Endpoint) -> Endpoint:
    """Strangers may call this."""
    setattr(endpoint, ATTRIBUTE, Access(Audience.ANYONE))
    return endpoint


def signed_in(endpoint: Endpoint) -> Endpoint:
    """Everybody who is signed in may call this.  Raises SignInNeeded, SecondFactorNeeded, AgreementsNeeded."""
    return _guarded(endpoint, Access(Audience.SIGNED_IN))


def with_entry(endpoint: Endpoint) -> Endpoint:
    """Everybody who is signed in and has an entry in the directory may call this.  Raises as `signed_in`, NoEntry."""
    return _guarded(endpoint, Access(Audience.SIGNED_IN, has_entry=True))


def requires(*roles: Role, fresh: bool = False, before_second_factor: bool = False) -> Callable[[Endpoint], Endpoint]:
    """Who has one of `roles` (none: everybody signed in) may call this.

    Raises SignInNeeded, SecondFactorNeeded, AgreementsNeeded, NotYourRole, StepUpNeeded.
    """
    access = Access(Audience.SIGNED_IN, frozenset(roles), fresh, before_second_factor)
    return lambda endpoint: _guarded(endpoint, access)


def access_of(endpoint: object) -> Access | None:
    """What was declared; None: nothing, as for the chat's doors, which ask for a device."""
    return getattr(endpoint, ATTRIBUTE, None)


def require_signed_in(request: Request) -> SignedIn:
    """The person who is signed in, with a second factor if the house asks for one, and nothing left to accept.

    Raises SignInNeeded, which the shell answers with the sign-in page, SecondFactorNeeded, AgreementsNeeded.
    """
    person = person_of(request)
    _require_ready(person)
    return person


def person_of(request: Request) -> SignedIn:
    """As `require_signed_in`, for pages that are there before the second factor is.  Raises SignInNeeded."""
    found: SignedIn | None = request.state.signed_in
    if found is None:
        raise SignInNeeded
    return found


def check_access(request: Request, access: Access) -> None:
    """Raises SignInNeeded, SecondFactorNeeded, AgreementsNeeded, NotYourRole, NoEntry or StepUpNeeded."""
    if access.audience is Audience.ANYONE:
        return
    person = person_of(request)
    if not access.before_second_factor:
        _require_ready(person)
    if access.roles and not access.roles & person.principal.roles:
        raise NotYourRole
    if access.has_entry and person.practitioner.is_staff:
        raise NoEntry
    if access.fresh and not person.is_fresh:
        raise StepUpNeeded


def _require_ready(person: SignedIn) -> None:
    if person.must_enrol:
        raise SecondFactorNeeded
    if person.must_accept:
        raise AgreementsNeeded


def _guarded(endpoint: Endpoint, access: Access) -> Endpoint:
    @wraps(endpoint)
    async def checked(*args: Any) -> Response:
        request = args[-1]
        check_access(request, access)
        return await endpoint(*args)

    setattr(checked, ATTRIBUTE, access)
    return checked  # type: ignore[return-value]
