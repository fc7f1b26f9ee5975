"""The directory as people and programs see it: the same answers on the page and through the HTTP API.

Searches are counted, not recorded: a list of names says little about anybody, and a search happens at every pause of
somebody who types.  Opening an entry is both counted and recorded before it is shown.
"""

from collections.abc import Sequence
from dataclasses import replace

from miss.base.ids import AccountId, PractitionerId
from miss.directory.audit import AuditLog, Subject
from miss.directory.consultation import store
from miss.directory.consultation.model import (
    MIN_LETTERS,
    Reader,
    Seen,
    SeenPage,
    asked_address,
    asked_number,
    is_too_broad,
    tidy,
)
from miss.directory.exports.store import given_addresses
from miss.directory.practitioners import (
    Found,
    Practitioner,
    PractitionerNotFound,
    Practitioners,
    SearchQuery,
    is_probe_id,
)
from miss.directory.practitioners.model import is_party_id
from miss.directory.search.errors import SearchTooBroad
from miss.directory.search.model import Match
from miss.directory.search.quota import SearchQuota
from miss.directory.staff_people import is_staff_id
from miss.storage import Database

PAGE_ENTRIES = 20
"""On one page, whoever asks."""


class Consultation:
    """What of the directory somebody is shown."""

    def __init__(self, db: Database, practitioners: Practitioners, audit: AuditLog, quota: SearchQuota) -> None:
        self._db = db
        self._practitioners = practitioners
        self._audit = audit
        self._quota = quota

    async def search(self, reader: Reader, query: SearchQuery) -> SeenPage:
        """A page of answers; nothing asked, nothing found.

        A whole RPPS number or address finds its owner, on the red list or not: who has it need not search.  Raises
        SearchTooBroad, SearchQuotaReached.
        """
        query = tidy(query)
        if is_too_broad(query):
            raise SearchTooBroad(min=MIN_LETTERS)
        if query.is_empty:
            return SeenPage((), has_more=False)
        await self._quota.take(reader.subject, is_program=reader.is_program, per_day=reader.entries_per_day)
        owner = await self._find_owner(query.text)
        if owner is not None:
            return SeenPage(await self._shown([Found(owner, Match.EXACT)]), has_more=False)
        page = await self._practitioners.find(replace(query, limit=PAGE_ENTRIES))
        await self._quota.count_shown(
            reader.subject, len(page.found), is_program=reader.is_program, per_day=reader.entries_per_day
        )
        return SeenPage(await self._shown(page.found), page.has_more)

    async def open(self, reader: Reader, practitioner_id: PractitionerId, act: str = "directory.read") -> Seen:
        """One entry; that it was looked at is in the access log before it is shown.

        `act`: how the log calls it.  Raises PractitionerNotFound, SearchQuotaReached.
        """
        if is_staff_id(practitioner_id) or is_party_id(practitioner_id) or is_probe_id(practitioner_id):
            raise PractitionerNotFound
        if practitioner_id == reader.own:
            return await self._seen(await self._practitioners.get(practitioner_id))
        # Counted first: numbers that nobody has are guesses, and guesses are what the quota is for.
        await self._quota.take(reader.subject, is_program=reader.is_program, per_day=reader.entries_per_day)
        found = await self._practitioners.get(practitioner_id)
        await self._audit.record(actor=reader.actor, act=act, subject=Subject.practitioner(practitioner_id))
        return await self._seen(found)

    async def find_account(self, practitioner_id: PractitionerId) -> AccountId | None:
        """The active account of somebody whose entry was opened."""
        async with self._db.snapshot() as tx:
            return (await store.active_accounts(tx, [practitioner_id])).get(practitioner_id)

    async def _find_owner(self, text: str) -> Practitioner | None:
        if number := asked_number(text):
            return await self._practitioners.find_by_rpps(number)
        if address := asked_address(text):
            return await self._practitioners.find_by_mailbox(address)
        return None

    async def _seen(self, practitioner: Practitioner) -> Seen:
        (seen,) = await self._shown([Found(practitioner, Match.EXACT)])
        async with self._db.snapshot() as tx:
            given = await given_addresses(tx, [practitioner.id])
        return replace(seen, given_address=given.get(practitioner.id, ""))

    async def _shown(self, found: Sequence[Found]) -> list[Seen]:
        async with self._db.snapshot() as tx:
            members = await store.active_accounts(tx, [one.practitioner.id for one in found])
        return [Seen(one.practitioner, one.practitioner.id in members, one.distance_km) for one in found]
