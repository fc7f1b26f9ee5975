"""People to write to: the directory's search, with the account of those who have linked a device."""

from typing import Protocol

from miss.base.ids import AccountId
from miss.chat.devices.service import Devices
from miss.chat.errors import SearchTooShort
from miss.directory.accounts import Accounts
from miss.directory.practitioners import Practitioner, Practitioners

MIN_LETTERS = 3

Entry = dict[str, bytes | str | None]


class Directory(Protocol):
    """What a search needs."""

    practitioners: Practitioners
    accounts: Accounts
    devices: Devices


async def find_people(directory: Directory, text: str, limit: int) -> list[Entry]:
    """Directory entries for `text`; `uid` is there for people who can be written to.  Raises SearchTooShort."""
    if len("".join(text.split())) < MIN_LETTERS:
        raise SearchTooShort(min=MIN_LETTERS)
    people = await directory.practitioners.search(text, limit=limit)
    accounts = [await directory.accounts.find_by_practitioner(person.id) for person in people]
    linked = await directory.devices.linked_among(
        [account.uid for account in accounts if account and account.is_active]
    )
    return [
        _entry(person, account.uid if account and account.uid in linked else None)
        for person, account in zip(people, accounts, strict=True)
    ]


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
