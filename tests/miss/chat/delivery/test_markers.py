"""Markers: merged, monotonic, told to the members."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.clock import to_ms
from miss.chat.conversations.model import Mark
from miss.protocol.crypto.receipts import compose_read_receipt, parse_read_receipt, verify_read_receipt
from miss.protocol.wire.frames import Ack, Err, Read, Recv
from tests.miss.chat.kit import EACH_DATABASE, Member, Place, Process, Wire
from tests.miss.chat.world import World

marks = st.builds(Mark, st.integers(0, 9), st.integers(0, 9), st.sampled_from([None, b"a", b"b"]))


@given(marks, st.lists(marks, max_size=5))
def test_a_marker_never_goes_back_and_what_was_read_was_received(start: Mark, news: list[Mark]) -> None:
    mark = start
    for each in news:
        moved = mark.merged(each)
        assert moved.recv_seq >= max(mark.recv_seq, each.recv_seq, moved.read_seq)
        assert moved.read_seq == max(mark.read_seq, each.read_seq)
        assert moved.receipt == (each.receipt if each.read_seq > mark.read_seq else mark.receipt)
        mark = moved


def receipt_of(world: World, place: Place, by: Member, seq: int, did: bytes | None = None) -> bytes:
    return compose_read_receipt(
        cid=world.team.cid,
        seq=seq,
        log=b"l" * 32,
        uid=by.uid,
        did=by.did,
        ts_ms=to_ms(place.clock.now()),
        ik=by.keys.ik,
    ).raw


async def report(wire: Wire, frame: Recv | Read) -> None:
    wire.session.report(frame)
    await wire.flush()


async def three_messages(world: World, wire: Wire) -> None:
    for number in range(3):
        assert isinstance(await wire.send(*world.team.write(world.anne, str(number))), Ack)


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_the_others_learn_what_was_received_and_read(process: Process, world: World, place: Place) -> None:
    cid = world.team.cid
    async with world.anne.connected(process) as anne, world.paul.connected(process) as paul:
        await three_messages(world, anne)
        await report(paul, Recv(cid, 1))
        await report(paul, Recv(cid, 3))
        received = await anne.next(Recv)
        assert (received.cid, received.seq, received.uid) == (cid, 3, world.paul.uid)
        await report(paul, Read(cid, 2, receipt_of(world, place, world.paul, 2)))
        read = await anne.next(Read)
        assert (read.seq, read.uid) == (2, world.paul.uid)
        verify_read_receipt(parse_read_receipt(read.receipt), await world.anne.chain_of(process, world.paul.uid))
        # Going back changes nothing; the next step forward is told.
        await report(paul, Read(cid, 1, receipt_of(world, place, world.paul, 1)))
        await report(paul, Read(cid, 3, receipt_of(world, place, world.paul, 3)))
        assert (await anne.next(Read)).seq == 3
    async with world.paul.connected(process) as again:
        assert again.heads is not None
        assert again.heads.items[0].read_seq == 3


async def test_a_receipt_that_is_not_the_readers_own_is_refused(process: Process, world: World, place: Place) -> None:
    async with world.anne.connected(process) as anne, world.paul.connected(process) as paul:
        await three_messages(world, anne)
        borrowed = receipt_of(world, place, world.anne, 3)
        other_seq = receipt_of(world, place, world.paul, 2)
        forged = bytearray(receipt_of(world, place, world.paul, 3))
        forged[-1] ^= 1
        for receipt, code in (
            (borrowed, "bad_receipt"),
            (other_seq, "bad_receipt"),
            (b"\xc0", "bad_receipt"),
            (bytes(forged), "receipt_forged"),
        ):
            await report(paul, Read(world.team.cid, 3, receipt))
            assert (await paul.next(Err)).code == code


async def test_nobody_marks_what_they_cannot_have(process: Process, world: World, place: Place) -> None:
    cid = world.team.cid
    async with (
        world.anne.connected(process) as anne,
        world.paul.connected(process) as paul,
        world.hugo.connected(process) as hugo,
    ):
        await three_messages(world, anne)
        await report(hugo, Recv(cid, 3))
        await hugo.settle()
        await report(paul, Recv(cid, 4))
        await paul.settle()
        # Markers are told in the order they are written: this one comes alone.
        await process.chat.desk.markers.close()
        assert not [event for event in await anne.settle() if isinstance(event, Recv)]
