"""Accounts: find somebody, see all there is to know of their account.  What is done to it is `account_acts`.

Whoever opens the page of a person is written down first: the person can read it in « Mon compte ».
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import AccountId
from miss.chat.devices.service import Devices
from miss.directory.accounts import Account, AccountNotFound, Verification
from miss.directory.audit import Subject
from miss.directory.practitioners import Practitioner, Practitioners, SearchQuery
from miss.directory.practitioners.model import from_staff
from miss.directory.roles import PLATFORM, Role
from miss.directory.roles.model import ROLE_NAMES
from miss.directory.staff_people.service import StaffPeople
from miss.server.console.story import act_name, is_uid, name_actors
from miss.server.house import House
from miss.server.web.access import person_of, requires
from miss.server.web.answers import retry_after
from miss.server.web.pages import language_of

ACCOUNTS_PATH: Final = "/console/comptes"
PAGE_EVENTS: Final = 50
PAGE_FOUND: Final = 20
MIN_LETTERS: Final = 2
GRANTED_HERE: Final = (
    Role.PRACTITIONER,
    Role.ORGANIZATION_MEMBER,
    Role.ESTABLISHMENT_ADMINISTRATOR,
    Role.TECHNICIAN,
    Role.AUDITOR,
)
"""Experts and coordinators are what their pool says; a secretary is named by the practitioner."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody found, with their account if there is one."""

    practitioner: Practitioner
    account: Account | None


@dataclass(frozen=True, slots=True)
class AccountPages:
    """`/console/comptes` and the page of one account."""

    house: House
    devices: Devices
    staff_people: StaffPeople

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(ACCOUNTS_PATH, self.search, methods=["GET"]),
            Route(f"{ACCOUNTS_PATH}/{{uid}}", self.open, methods=["GET"]),
        ]

    @requires(Role.TECHNICIAN)
    async def search(self, request: Request) -> Response:
        text = " ".join(request.query_params.get("q", "").split())[:200]
        offset = _number(request.query_params.get("apres", ""))
        people, has_more = await find_people(self.house.practitioners, text, offset)
        if not offset:
            people = [*people, *await find_staff(self.house.practitioners, self.staff_people, text)]
        accounts = [await self.house.accounts.find_by_practitioner(person.id) for person in people]
        return await self.house.pages.render(
            request,
            "console/accounts.html",
            text=text,
            found=[Seen(person, account) for person, account in zip(people, accounts, strict=True)],
            next_offset=offset + PAGE_FOUND if has_more else None,
            offset=offset,
        )

    @requires(Role.TECHNICIAN)
    async def open(self, request: Request) -> Response:
        """The page of one account, and a page of its story.  Raises AccountNotFound."""
        account = await self.get_account(request)
        return await self.show(request, account)

    async def get_account(self, request: Request) -> Account:
        """That of the address.  Raises AccountNotFound."""
        text = request.path_params["uid"]
        if not is_uid(text):
            raise AccountNotFound
        return await self.house.accounts.get(AccountId(bytes.fromhex(text)))

    async def show(
        self, request: Request, account: Account, error: MissError | None = None, typed: Mapping[str, str] | None = None
    ) -> Response:
        """The page; with `error`, the reason an act was refused and what was `typed`.  Recorded before it is shown."""
        house, uid = self.house, account.uid
        by = person_of(request).account.uid.hex()
        await house.audit.record(actor=by, act="account.read", subject=Subject.account(uid))
        cursor = request.query_params.get("avant", "")
        story = await house.accounts.page_events(uid, limit=PAGE_EVENTS, cursor=cursor)
        granted = await house.roles.of(account)
        principal = await house.sign_in.sessions.principal(account)
        retirements = await house.retirements.list_of(uid)
        shown: dict[str, Any] = {
            "account": account,
            "practitioner": (await house.practitioners.get_many([account.practitioner_id])).get(
                account.practitioner_id
            ),
            "is_own": person_of(request).account.uid == uid,
            "is_suspended": account.verification is Verification.SUSPENDED,
            "is_closed": account.verification is Verification.REVOKED,
            "devices": await self.devices.list_(uid),
            "sessions": await house.sign_in.sessions.list_(account),
            "grants": sorted(principal.grants, key=lambda grant: (grant.role, grant.scope.id)),
            "granted": granted,
            "role_names": ROLE_NAMES,
            "grantable": GRANTED_HERE,
            "platform": PLATFORM,
            "events": story.events,
            "cursor": story.cursor,
            "is_first_page": not cursor,
            "act_name": act_name,
            "actors": await name_actors(
                {event.by for event in story.events}, house.accounts, house.practitioners, language_of(request)
            ),
            "retirements": retirements,
            "typed": typed or {},
        }
        if error is None:
            return await house.pages.render(request, "console/account.html", error=None, **shown)
        said = error.sentence(language_of(request))
        page = await house.pages.render(request, "console/account.html", error.http_status, error=said, **shown)
        return retry_after(error, page)


async def find_people(practitioners: Practitioners, text: str, offset: int) -> tuple[list[Practitioner], bool]:
    """By RPPS number, by mail address, else by name, a page at a time; True if there are more.

    Who is on the red list is found by number or address only; by name on a page of its own (`red_list`).
    """
    if len(text) < MIN_LETTERS:
        return [], False
    if "@" in text:
        found = await practitioners.find_by_mailbox(text)
        return ([found] if found else []), False
    if text.replace(" ", "").isdigit():
        found = await practitioners.find_by_rpps(text)
        return ([found] if found else []), False
    page = await practitioners.find(SearchQuery(text=text, offset=offset, limit=PAGE_FOUND))
    return [one.practitioner for one in page.found], page.has_more


async def find_staff(practitioners: Practitioners, staff_people: StaffPeople, text: str) -> list[Practitioner]:
    """People without an RPPS number, by identifier, address for notices or name: for technicians alone."""
    if len(text) < MIN_LETTERS:
        return []
    if "@" in text or "/" in text:
        found = await practitioners.find_by_login(text)
        return [found] if found is not None and found.is_staff else []
    return [from_staff(person) for person in await staff_people.list_by_name(text)]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
