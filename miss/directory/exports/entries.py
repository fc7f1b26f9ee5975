"""Who is in the exports: the entries that the platform answers for.

People with an active account come first, under their national identifier, with the places that establishments declare
of them; then the staff that establishments publish and who have none, under an identifier of ours.  Nobody on the red
list, whoever publishes them; no staff person, whose account is no entry (ADR 41).
"""

from collections.abc import AsyncIterator, Collection, Sequence

from miss.base.clock import Clock
from miss.base.ids import PractitionerId
from miss.directory.certificates import CurrentCertificates, Trust
from miss.directory.establishments.roster.places import DeclaredPlaces
from miss.directory.exports import store
from miss.directory.exports.model import STAFF, Card, card_of, mailboxes_of, plain
from miss.directory.practitioners import Practitioners, is_probe_id
from miss.directory.practitioners import store as practitioner_store
from miss.documents.identities import ADELI_PREFIX, RPPS_PREFIX
from miss.storage import Database

PAGE = 100
"""Entries read at once: some 20 ms of the processor, which others wait for."""


class OwnEntries:
    """The platform's own entries."""

    def __init__(self, db: Database, clock: Clock, practitioners: Practitioners, trust: Trust | None = None) -> None:
        """`trust`: whose certificates go out with entries; None: anybody's."""
        self._db = db
        self._clock = clock
        self._practitioners = practitioners
        self._places = DeclaredPlaces(db, clock)
        self._certificates = CurrentCertificates(db, clock, trust)

    async def pages(self) -> AsyncIterator[Sequence[Card]]:
        """All of them in the order of their identifiers, some hundreds at a time."""
        after = ""
        while True:
            async with self._db.snapshot() as tx:
                ids = await store.list_active(tx, after, PAGE)
            if not ids:
                break
            after = ids[-1]
            cards = await self._people(ids)
            yield [cards[one] for one in ids if one in cards]
        after, today = "", self._clock.now().date()
        while True:
            async with self._db.snapshot() as tx:
                staff = await store.list_staff(tx, after, today, PAGE)
            if not staff:
                return
            after = staff[-1].id
            yield await self._staff(staff)

    async def get_many(self, ids: Collection[str]) -> dict[str, Card]:
        """Those of `ids` (some hundreds at most) that are own entries now."""
        rows = [one.removeprefix(STAFF) for one in ids if one.startswith(STAFF)]
        async with self._db.snapshot() as tx:
            active = await store.active_among(tx, ids)
            staff = await store.staff_among(tx, rows, self._clock.now().date())
        return await self._people(active) | {card.id: card for card in await self._staff(staff)}

    async def _people(self, ids: Collection[PractitionerId]) -> dict[str, Card]:
        found = await self._practitioners.get_many(ids)
        async with self._db.snapshot() as tx:
            given = await store.given_addresses(tx, ids)
        declared = await self._places.of_many(ids)
        secured = await self._certificates.of_many(
            {one: mailboxes_of(person, given.get(one, "")) for one, person in found.items()}
        )
        return {
            one: card_of(person, given.get(one, ""), declared.get(one, ()), secured.get(one, {}))
            for one, person in found.items()
            if not (person.entry.is_red_listed or person.is_staff or is_probe_id(one))
        }

    async def _staff(self, staff: Sequence[store.Published]) -> list[Card]:
        """Without those who are an entry already, or are on the red list."""
        known = {one.id: _national_ids(one) for one in staff}
        everybody = {national_id for ids in known.values() for national_id in ids}
        async with self._db.snapshot() as tx:
            active = await store.active_among(tx, everybody)
            said = await practitioner_store.get_entries(tx, everybody)
        hidden = active | {one for one, entry in said.items() if entry.is_red_listed}
        return [_card(one) for one in staff if not hidden & known[one.id]]


def _national_ids(member: store.Published) -> frozenset[PractitionerId]:
    numbers = ((RPPS_PREFIX, member.rpps), (ADELI_PREFIX, member.adeli))
    return frozenset(PractitionerId(f"{prefix}{number}") for prefix, number in numbers if number)


def _card(member: store.Published) -> Card:
    return Card(
        id=f"{STAFF}{member.id}",
        rpps=member.rpps,
        family=plain(member.family),
        given=plain(member.given),
        profession=plain(member.function),
        profession_code=member.profession_code,
        organization=plain(member.establishment),
        unit=plain(member.unit),
        finess=member.finess,
        town=plain(member.town),
        phone=plain(member.phone),
        mailboxes=(plain(member.mailbox),) if member.mailbox else (),
    )
