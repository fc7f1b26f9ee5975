"""After a restore: everybody is told, and links that were lost are taken back from any hand, if they hold."""

import asyncio

import pytest
from nacl.signing import SigningKey

from miss.base.clock import to_ms
from miss.chat.restorations import service, store
from miss.chat.restorations.errors import RestorationFork
from miss.directory.signer.folder import read_key
from miss.protocol.crypto.links import Link, parse_link
from miss.protocol.crypto.restorations import Restoration, compose_restoration, verify_restorations
from miss.protocol.packing import pack
from miss.protocol.wire.close import CloseCode
from tests.conditions import WAIT_S
from tests.miss.chat.kit import EACH_DATABASE, Member, Place, Process, Refused, Wire, get, post
from tests.miss.chat.world import Template, World

each_database = pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)


@pytest.fixture
def root(template: Template) -> SigningKey:
    """What is not on a server."""
    return SigningKey(read_key(template.operator / "root.key"))


async def declare(place: Place, root: SigningKey, before: Restoration | None = None) -> Restoration:
    now_ms = to_ms(place.clock.now())
    made = compose_restoration(root, previous=before, restored_to_ms=now_ms - 1000, ts_ms=now_ms)
    async with place.db.transaction() as tx:
        await service.keep(tx, [*([before] if before else []), made], place.clock)
    return made


async def attested_revocation(process: Process, place: Place, member: Member, device: Member) -> bytes:
    """A link that this server once countersigned, and does not have."""
    link, _ = await member.revocation(process, place, device.did)
    account = await place.accounts.get(member.uid)
    practitioner = await place.practitioners.get(account.practitioner_id)
    return place.signer.countersign(link, account, practitioner).to_bytes()


def point_of(wire: Wire) -> tuple[int, bytes]:
    """What the server said of its restores."""
    assert wire.ready is not None
    return wire.ready.store_epoch, wire.ready.store_head


async def refusal(process: Process, link: bytes) -> str:
    with pytest.raises(Refused) as refused:
        await post(process, "restored-links", {"links": [link]})
    return str(refused.value.code)


@each_database
async def test_everybody_is_sent_away_to_be_told(
    process: Process, place: Place, world: World, root: SigningKey
) -> None:
    async with world.anne.connected(process) as wire:
        assert point_of(wire) == (0, b"")
        first = await declare(place, root)
        async with asyncio.timeout(WAIT_S):
            assert await wire.closed() == CloseCode.RESTART
    async with world.anne.connected(process) as wire:
        assert point_of(wire) == (1, first.hash)
    second = await declare(place, root, first)
    # Open to all: what is told is signed, and a device that was lost has no token.
    told = (await get(process, "restorations?after=0", ""))["restorations"]
    assert verify_restorations(told, place.signer.root_public, to_ms(place.clock.now())) == [first, second]
    assert (await get(process, "restorations?after=1", ""))["restorations"] == [second.raw]


@each_database
async def test_a_lost_revocation_is_taken_back_once(
    process: Process, place: Place, world: World, root: SigningKey
) -> None:
    tablet = await world.anne.second_device(process, place)
    link = await attested_revocation(process, place, world.anne, tablet)
    assert await refusal(process, link) == "nothing_was_restored"
    await declare(place, root)
    assert (await post(process, "restored-links", {"links": [link]}))["added"] == 1
    assert (await post(process, "restored-links", {"links": [link]}))["added"] == 0
    assert tablet.did in (await world.paul.chain_of(process, world.anne.uid)).revoked


async def test_what_does_not_hold_is_refused(process: Process, place: Place, world: World, root: SigningKey) -> None:
    await declare(place, root)
    tablet = await world.anne.second_device(process, place)
    genuine = parse_link(await attested_revocation(process, place, world.anne, tablet))
    bare = Link(genuine.core, genuine.core_bytes, genuine.by, genuine.by_sig, genuine.new_sig).to_bytes()
    forged = Link(genuine.core, genuine.core_bytes, genuine.by, b"s" * 64, genuine.new_sig, genuine.op_sig).to_bytes()
    for link, code in ((bare, "link_not_countersigned"), (forged, "link_forged"), (pack([1]), "bad_link")):
        assert await refusal(process, link) == code
    other = await attested_revocation(process, place, world.anne, tablet)
    assert (await post(process, "restored-links", {"links": [genuine.to_bytes()]}))["added"] == 1
    assert await refusal(process, other) == "stale_link"


async def test_a_database_with_another_list_is_left_alone(process: Process, place: Place, root: SigningKey) -> None:
    await declare(place, root)
    now_ms = to_ms(place.clock.now())
    other = compose_restoration(root, previous=None, restored_to_ms=1, ts_ms=now_ms)
    with pytest.raises(RestorationFork):
        async with place.db.transaction() as tx:
            await service.keep(tx, [other], place.clock)
    async with place.db.snapshot() as tx:
        assert len(await store.list_after(tx, 0)) == 1
