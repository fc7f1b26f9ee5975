"""Blobs count for their uploader's establishment as long as their bytes are there, and not a byte beyond its quota."""

from datetime import timedelta

import pytest

from miss.base.ids import OrganizationId
from miss.chat.blobs.service import UNATTACHED_LIFE
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.quotas import Quota, QuotaChoice, Quotas
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.storage import Database
from tests.miss.chat.kit import Member, Place, Process, Refused, post
from tests.miss.chat.world import World

LILLE = OrganizationId("F599990009")
MB = 1_000_000


@pytest.fixture
async def quotas(process: Process, world: World, place: Place, db: Database) -> Quotas:
    """Of a hospital with Anne on its list, which may keep one megabyte."""
    record = Establishment(id=LILLE, name="CH fictif de Lille", kind=EstablishmentKind.HOSPITAL)
    await Establishments(db, place.clock, place.random_bytes).open(record, "test")
    roster = Roster(db, place.clock, place.random_bytes, process.chat.practitioners)
    said = {StaffField.FAMILY: "MODELE", StaffField.GIVEN: "Anne", StaffField.RPPS: world.anne.rpps}
    await roster.add(LILLE, said, "test")
    quotas = Quotas(db, place.clock, process.chat.rates, Quota(3000, 12_000))
    await quotas.put(LILLE, QuotaChoice(stored_mb=1), "marc")
    return quotas


async def stored(quotas: Quotas) -> int:
    return (await quotas.allowances.used(LILLE)).stored_bytes


async def begin(process: Process, by: Member, size_bytes: int) -> None:
    await post(process, f"blobs?size={size_bytes}", b"", by.token(process))


async def test_a_blob_counts_until_it_is_swept(process: Process, world: World, place: Place, quotas: Quotas) -> None:
    await post(process, "blobs", b"x" * 300_000, world.anne.token(process))
    await post(process, "blobs", b"x" * 300_000, world.paul.token(process))
    await begin(process, world.anne, 200_000)
    assert await stored(quotas) == 500_000, "Anne's, and what she has announced"
    place.clock.advance(UNATTACHED_LIFE + timedelta(minutes=1))
    await process.chat.blobs.sweep()
    assert await stored(quotas) == 0


async def test_what_goes_beyond_is_refused_in_words_and_the_rest_goes_on(
    process: Process, world: World, quotas: Quotas
) -> None:
    await begin(process, world.anne, MB - 1000)
    for refusing in (begin(process, world.anne, 1001), post(process, "blobs", b"x" * 1001, world.anne.token(process))):
        with pytest.raises(Refused) as refused:
            await refusing
        assert (refused.value.status, refused.value.code) == (409, "blobs_full")
    assert await stored(quotas) == MB - 1000
    await post(process, "blobs", b"x" * 1000, world.anne.token(process))
    await begin(process, world.paul, 5 * MB)
    assert await stored(quotas) == MB


async def test_what_came_without_its_size_is_counted_as_it_is(process: Process, world: World, quotas: Quotas) -> None:
    async def chunks(size_bytes: int):  # type: ignore[no-untyped-def]
        yield b"x" * size_bytes

    headers = {"Authorization": f"Bearer {world.anne.token(process)}"}
    fits = await process.http.post("/api/chat/blobs", content=chunks(1000), headers=headers)
    assert fits.status_code == 200
    assert await stored(quotas) == 1000
    over = await process.http.post("/api/chat/blobs", content=chunks(MB), headers=headers)
    assert over.status_code == 409
    assert await stored(quotas) == 1000
