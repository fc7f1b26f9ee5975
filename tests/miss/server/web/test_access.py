"""Who may call a route: every condition alone, in the order in which it is asked."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast

import pytest
from starlette.requests import Request
from starlette.responses import Response

from miss.base.errors import MissError
from miss.base.ids import AccountId
from miss.directory.roles import PLATFORM, Grant, Principal, Role
from miss.directory.sign_in import SignedIn
from miss.server.errors import AgreementsNeeded, NoEntry, NotYourRole, SecondFactorNeeded, SignInNeeded, StepUpNeeded
from miss.server.web.access import (
    Access,
    Audience,
    access_of,
    anyone,
    check_access,
    require_signed_in,
    requires,
    signed_in,
    with_entry,
)

UID = AccountId(b"u" * 16)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """What is asked of somebody's entry."""

    is_staff: bool = False


@dataclass(frozen=True)
class Person:
    """As much of somebody signed in as access looks at."""

    principal: Principal = Principal(UID, frozenset())  # noqa: RUF009 - a value
    practitioner: Entry = Entry()
    is_fresh: bool = True
    must_enrol: bool = False
    must_accept: bool = False


READY = Person()


def request_of(person: Person | None) -> Request:
    request = Request({"type": "http", "state": {}})
    request.state.signed_in = cast("SignedIn | None", person)
    return request


def having(*roles: Role) -> Person:
    return replace(READY, principal=Principal(UID, frozenset(Grant(UID, role, PLATFORM) for role in roles)))


ANYONE, SIGNED_IN = Access(Audience.ANYONE), Access(Audience.SIGNED_IN)
TECHNICIANS = Access(Audience.SIGNED_IN, frozenset({Role.TECHNICIAN, Role.AUDITOR}))


@pytest.mark.parametrize(
    ("access", "person"),
    [
        (ANYONE, None),
        (ANYONE, replace(READY, must_enrol=True, must_accept=True)),
        (SIGNED_IN, READY),
        (SIGNED_IN, replace(READY, is_fresh=False, practitioner=Entry(is_staff=True))),
        (TECHNICIANS, having(Role.AUDITOR)),
        (TECHNICIANS, having(Role.SECRETARY, Role.TECHNICIAN)),
        (replace(SIGNED_IN, fresh=True), READY),
        (replace(SIGNED_IN, has_entry=True), READY),
        (replace(SIGNED_IN, before_second_factor=True), replace(READY, must_enrol=True, must_accept=True)),
    ],
)
def test_who_is_let_through(access: Access, person: Person | None) -> None:
    check_access(request_of(person), access)


@pytest.mark.parametrize(
    ("access", "person", "error"),
    [
        (SIGNED_IN, None, SignInNeeded),
        (replace(SIGNED_IN, before_second_factor=True), None, SignInNeeded),
        (SIGNED_IN, replace(READY, must_enrol=True), SecondFactorNeeded),
        (SIGNED_IN, replace(READY, must_accept=True), AgreementsNeeded),
        (SIGNED_IN, replace(READY, must_enrol=True, must_accept=True), SecondFactorNeeded),
        (TECHNICIANS, READY, NotYourRole),
        (TECHNICIANS, having(Role.SECRETARY, Role.EXPERT), NotYourRole),
        (TECHNICIANS, replace(having(Role.TECHNICIAN), must_enrol=True), SecondFactorNeeded),
        (replace(TECHNICIANS, fresh=True), replace(having(Role.SECRETARY), is_fresh=False), NotYourRole),
        (replace(TECHNICIANS, fresh=True), replace(having(Role.TECHNICIAN), is_fresh=False), StepUpNeeded),
        (replace(SIGNED_IN, has_entry=True), replace(READY, practitioner=Entry(is_staff=True)), NoEntry),
    ],
)
def test_who_is_not_and_what_they_are_told(access: Access, person: Person | None, error: type[MissError]) -> None:
    with pytest.raises(error):
        check_access(request_of(person), access)


def test_somebody_signed_in_is_found_ready_or_not_at_all() -> None:
    assert require_signed_in(request_of(READY)) is cast("SignedIn", READY)
    for person, error in (
        (None, SignInNeeded),
        (replace(READY, must_enrol=True), SecondFactorNeeded),
        (replace(READY, must_accept=True), AgreementsNeeded),
    ):
        with pytest.raises(error):
            require_signed_in(request_of(person))


async def test_what_is_declared_is_told_and_asked_before_the_endpoint_runs() -> None:
    ran: list[str] = []

    async def endpoint(request: Request) -> Response:
        ran.append("ran")
        return Response("ok")

    declared = {
        anyone(lambda request: endpoint(request)): ANYONE,
        signed_in(endpoint): SIGNED_IN,
        with_entry(endpoint): replace(SIGNED_IN, has_entry=True),
        requires(Role.TECHNICIAN, Role.AUDITOR)(endpoint): TECHNICIANS,
        requires(fresh=True)(endpoint): replace(SIGNED_IN, fresh=True),
        requires(before_second_factor=True)(endpoint): replace(SIGNED_IN, before_second_factor=True),
    }
    assert {access_of(made): access for made, access in declared.items()} == {one: one for one in declared.values()}
    assert access_of(endpoint) is None
    guarded = [made for made in declared if access_of(made) != ANYONE]
    for made in guarded:
        with pytest.raises(SignInNeeded):
            await made(request_of(None))
    assert ran == []
    assert (await guarded[0](request_of(READY))).body == b"ok"
    with pytest.raises(NotYourRole):
        await requires(Role.EXPERT)(endpoint)(request_of(READY))
    assert ran == ["ran"]
