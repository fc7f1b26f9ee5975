"""People to write to: the directory's search, with the account of those who have linked a device."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import date
from typing import Any, Protocol

from miss.base.clock import to_ms
from miss.base.ids import AccountId, PractitionerId
from miss.chat.devices.service import Devices
from miss.chat.errors import SearchTooShort
from miss.directory.accounts import Accounts
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.retirement import Redirection

MIN_LETTERS = 3

Entry = dict[str, Any]
RedirectionsOf = Callable[[Collection[PractitionerId]], Awaitable[Mapping[PractitionerId, Redirection]]]

AwayUntil = Callable[[Collection[PractitionerId]], Awaitable[Mapping[PractitionerId, date]]]
"""Of those who say that they are away today: the last day."""


async def nobody_is_away(_people: Collection[PractitionerId]) -> Mapping[PractitionerId, date]:
    """No absence is known."""
    return {}


async def nobody_has_left(_people: Collection[PractitionerId]) -> Mapping[PractitionerId, Redirection]:
    """No redirection is known."""
    return {}


class Directory(Protocol):
    """What a search needs."""

    practitioners: Practitioners
    accounts: Accounts
    devices: Devices
    redirections_of: RedirectionsOf
    away_until: AwayUntil


async def find_people(directory: Directory, text: str, limit: int) -> list[Entry]:
    """Directory entries for `text`; `uid` is there for people who can be written to.  Raises SearchTooShort.

    `successor` is there for who has left: whom to write to instead, and until when this is shown.  `away_until` is
    there for who is away: the last day, as YYYY-MM-DD.
    """
    if len("".join(text.split())) < MIN_LETTERS:
        raise SearchTooShort(min=MIN_LETTERS)
    people = await directory.practitioners.search(text, limit=limit)
    accounts = [await directory.accounts.find_by_practitioner(person.id) for person in people]
    left = await directory.redirections_of([person.id for person in people])
    away = await directory.away_until([person.id for person in people])
    active = [account.uid for account in accounts if account and account.is_active]
    linked = await directory.devices.linked_among([*active, *(one.to_uid for one in left.values())])
    heirs = await directory.practitioners.get_many({one.to for one in left.values()}) if left else {}
    entries = [
        _entry(person, account.uid if account and account.uid in linked else None)
        for person, account in zip(people, accounts, strict=True)
    ]
    for person, entry in zip(people, entries, strict=True):
        redirection = left.get(person.id)
        if redirection is not None and redirection.to in heirs:
            uid = redirection.to_uid if redirection.to_uid in linked else None
            until_ms = to_ms(redirection.until)
            entry["successor"] = _entry(heirs[redirection.to], uid) | {"until_ms": until_ms}
        if person.id in away:
            entry["away_until"] = away[person.id].isoformat()
    return entries


def _entry(person: Practitioner, uid: AccountId | None) -> Entry:
    return {
        "uid": uid,
        "rpps": person.rpps,
        "family": person.family,
        "given": person.given,
        "profession": person.profession.display,
        "specialty": person.specialties[0].display if person.specialties else None,
        "town": person.town or None,
    }
