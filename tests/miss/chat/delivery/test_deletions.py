"""Deletion by the author: the envelope and its files go, the log and its proof stay."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from miss.base.clock import to_ms
from miss.base.ids import AccountId, BlobId, ConversationId
from miss.broker import Broker, MemoryBroker
from miss.chat.conversations.routes import _cursor
from miss.chat.delivery.model import Grave
from miss.protocol.crypto.envelopes import hash_envelope
from miss.protocol.crypto.receipts import log_next, log_start, parse_receipt
from miss.protocol.crypto.tombstones import parse_tombstone, verify_tombstone
from miss.protocol.wire.frames import Ack, Del, Err, Item, Page
from miss.storage import Database
from tests.miss.chat.acts import alarm, delete, deletion, say
from tests.miss.chat.kit import EACH_DATABASE, Place, Process, Refused, get, post, running
from tests.miss.chat.world import World


async def upload(process: Process, world: World, content: bytes = b"photo " * 100) -> BlobId:
    return BlobId((await post(process, "blobs", content, world.anne.token(process)))["id"])


def files(place: Place) -> list[Path]:
    return [path for path in place.blobs.rglob("*") if path.is_file()]


async def envelopes(db: Database) -> list[bytes]:
    """What the log holds, place by place."""
    async with db.snapshot() as tx:
        rows = await (await tx.connection()).execute(text("SELECT env FROM chat_message ORDER BY seq"))
        return [row[0] for row in rows]


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_deleted_message_leaves_its_hash_its_place_and_a_signed_wish(
    process: Process, world: World, db: Database
) -> None:
    blob = await upload(process, world)
    async with world.anne.connected(process) as anne, world.paul.connected(process) as paul:
        first, first_env = await say(anne, world.team, world.anne, "Un", blob)
        await say(anne, world.team, world.anne, "Deux")
        frame = deletion(world, world.anne, first.seq, first_env)
        echo = await delete(anne, frame)
        assert echo == Del(world.team.cid, 1, frame.tombstone, world.anne.uid)
        assert await paul.next(Del) == echo
        page = await paul.pull(world.team.cid, 1, 2)
    assert isinstance(page, Page)
    gone, living = page.items
    assert (gone.env, living.gone) == (b"", None)
    assert gone.gone is not None
    assert gone.gone.env_hash == hash_envelope(first_env)
    # The log is computed as before, and the tombstone says who took it away.
    log = log_next(log_start(world.team.cid), gone.gone.env_hash, 1)
    receipt = await get(process, f"conversations/{world.team.cid.hex()}/receipts/1", world.paul.token(process))
    assert receipt["env"] == b""
    assert parse_receipt(receipt["receipt"]).leaf == parse_receipt(first.receipt).leaf
    assert parse_receipt(receipt["receipt"]).leaf.log == log
    assert gone.gone.tombstone is not None
    verify_tombstone(parse_tombstone(gone.gone.tombstone), world.team.chains[world.anne.uid])
    assert [bool(env) for env in await envelopes(db)] == [False, True]
    assert files(world.place) == []


async def test_its_file_goes_with_it_but_not_one_that_another_message_names(process: Process, world: World) -> None:
    alone, shared = await upload(process, world), await upload(process, world)
    async with world.anne.connected(process) as anne:
        first, env = await say(anne, world.team, world.anne, "Un", alone, shared)
        await say(anne, world.team, world.anne, "Deux", shared)
        await delete(anne, deletion(world, world.anne, first.seq, env))
    assert await status(process, world, alone) == 404
    assert await status(process, world, shared) == 200
    assert [path.name for path in files(world.place)] == [f"chat-{shared.hex()}"]


async def status(process: Process, world: World, blob: bytes) -> int:
    headers = {"Authorization": f"Bearer {world.paul.token(process)}"}
    answer: httpx.Response = await process.http.get(f"/api/chat/blobs/{blob.hex()}", headers=headers)
    return answer.status_code


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_deleting_twice_is_deleting_once(process: Process, world: World, place: Place) -> None:
    tablet = await world.anne.second_device(process, place)
    async with (
        world.anne.connected(process) as anne,
        tablet.connected(process) as other,
        world.paul.connected(process) as paul,
    ):
        ack, env = await say(anne, world.team, world.anne, "Un")
        first = await delete(anne, deletion(world, world.anne, ack.seq, env))
        assert await other.next(Del) == first
        # From another device, with a tombstone of its own: the first one stands, and only the account is told.
        world.team.chains[world.anne.uid] = await world.anne.chain_of(process, world.anne.uid)
        assert await delete(other, deletion(world, tablet, ack.seq, env)) == first
        assert await anne.next(Del) == first
        assert await paul.next(Del) == first
        assert [event for event in await paul.settle() if isinstance(event, Del)] == []


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_nobody_deletes_what_another_wrote(process: Process, world: World, db: Database) -> None:
    async with world.anne.connected(process) as anne, world.paul.connected(process) as paul:
        ack, env = await say(anne, world.team, world.anne, "D'Anne")
        refused = await delete(paul, deletion(world, world.paul, ack.seq, env))
        assert refused == Err(None, "not_author", seq=ack.seq)
        # Anne's own word, sent by Paul: the account that is connected counts.
        refused = await delete(paul, deletion(world, world.anne, ack.seq, env))
        assert refused == Err(None, "tombstone_forged", seq=ack.seq)
        async with world.hugo.connected(process) as hugo:
            refused = await delete(hugo, deletion(world, world.hugo, ack.seq, env))
            assert refused == Err(None, "not_found", seq=ack.seq)
    assert all(await envelopes(db))


async def test_a_wish_that_does_not_hold_deletes_nothing(process: Process, world: World, db: Database) -> None:
    async with world.anne.connected(process) as anne:
        ack, env = await say(anne, world.team, world.anne, "Un")
        other, _ = await say(anne, world.team, world.anne, "Deux")
        right = deletion(world, world.anne, ack.seq, env)
        changed = right.tombstone[:-1] + bytes([right.tombstone[-1] ^ 1])
        assert await delete(anne, Del(right.cid, 1, changed)) == Err(None, "tombstone_forged", seq=1)
        assert await delete(anne, Del(right.cid, 2, right.tombstone)) == Err(None, "tombstone_forged", seq=2)
        assert await delete(anne, Del(right.cid, 1, b"\xc0")) == Err(None, "bad_tombstone", seq=1)
        # Well signed, but the envelope there is another one.
        wrong = deletion(world, world.anne, other.seq, env)
        assert await delete(anne, wrong) == Err(None, "tombstone_mismatch", seq=2)
        nowhere = deletion(world, world.anne, 99, env)
        assert await delete(anne, nowhere) == Err(None, "not_found", seq=99)
    assert all(await envelopes(db))


async def test_a_message_that_was_deleted_is_not_sent_again(process: Process, world: World, db: Database) -> None:
    mid, cid, env = world.team.write(world.anne, "Un")
    async with world.anne.connected(process) as anne:
        assert isinstance(await anne.send(mid, cid, env), Ack)
        await delete(anne, deletion(world, world.anne, 1, env))
        again = await anne.send(mid, cid, env)
    assert isinstance(again, Ack)
    assert again.dup
    assert await envelopes(db) == [b""]


async def test_who_cannot_read_a_place_is_not_told_of_it(process: Process, world: World) -> None:
    async with world.anne.connected(process) as anne:
        ack, env = await say(anne, world.team, world.anne, "Avant Hugo")
        await world.team.change(world.anne, world.paul, world.hugo)
        async with world.hugo.connected(process) as hugo, world.karim.connected(process) as karim:
            await delete(anne, deletion(world, world.anne, ack.seq, env))
            # Karim has left, and may read it still.
            assert (await karim.next(Del)).seq == ack.seq
            assert [event for event in await hugo.settle() if isinstance(event, Del)] == []
    assert (await deletions(process, world.hugo.token(process)))["deletions"] == []
    assert len((await deletions(process, world.karim.token(process)))["deletions"]) == 1


async def deletions(process: Process, token: str, query: str = "") -> dict[str, Any]:
    return await get(process, f"deletions?since=0{query}", token)


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_device_that_was_away_lists_what_was_deleted_meanwhile(process: Process, world: World) -> None:
    paul = world.paul.token(process)
    async with world.anne.connected(process) as anne:
        sent = [await say(anne, world.team, world.anne, f"Message {number}") for number in range(5)]
        for ack, env in sent[:2]:
            await delete(anne, deletion(world, world.anne, ack.seq, env))
        since = to_ms(world.place.clock.now())
        for ack, env in sent[2:]:
            await delete(anne, deletion(world, world.anne, ack.seq, env))
    everything = await deletions(process, paul)
    assert [line[:2] for line in everything["deletions"]] == [[world.team.cid, seq] for seq in range(1, 6)]
    assert everything["more"] is False
    later = await get(process, f"deletions?since={since}", paul)
    assert [line[1] for line in later["deletions"]] == [3, 4, 5]
    seen, cursor = [], ""
    while True:
        page = await deletions(process, paul, f"&limit=2&after={cursor}")
        seen += [line[1] for line in page["deletions"]]
        cursor = str(page["cursor"])
        if not page["more"]:
            break
    assert seen == [1, 2, 3, 4, 5]
    for bad in ("x", "1-2", f"1-{'00' * 32}-x", "1-zz-1"):
        with pytest.raises(Refused) as refused:
            await deletions(process, paul, f"&after={bad}")
        assert refused.value.code == "bad_request"


async def test_the_alarm_of_a_deleted_message_asks_nobody_any_more(process: Process, world: World) -> None:
    async with world.anne.connected(process) as anne:
        ack, env = await alarm(anne, world, world.anne, timedelta(minutes=10), world.paul.uid)
        assert isinstance(ack, Ack)
        await delete(anne, deletion(world, world.anne, ack.seq, env))
    path = f"conversations/{world.team.cid.hex()}/alarms"
    assert await get(process, path, world.paul.token(process)) == {"alarms": []}


async def test_a_deletion_reaches_members_on_another_process(
    process: Process, world: World, place: Place, broker: Broker
) -> None:
    async with (
        running(place, broker) as here,
        running(place, broker) as there,
        world.anne.connected(here) as anne,
        world.paul.connected(there) as paul,
    ):
        ack, env = await say(anne, world.team, world.anne, "Un")
        echo = await delete(anne, deletion(world, world.anne, ack.seq, env))
        assert await paul.next(Del) == echo


async def test_a_deletion_whose_publication_was_lost_is_repaired(process: Process, world: World, place: Place) -> None:
    deaf = MemoryBroker()
    await deaf.start()
    async with running(place, deaf) as there, world.paul.connected(there) as paul:
        async with world.anne.connected(process) as anne:
            ack, env = await say(anne, world.team, world.anne, "Un")
            echo = await delete(anne, deletion(world, world.anne, ack.seq, env))
        assert await paul.settle() == []
        assert await there.chat.fanout.repair() >= 1
        assert await paul.next(Del) == echo
    await deaf.close()


async def test_deletions_are_held_to_their_rate(process: Process, world: World) -> None:
    async with world.anne.connected(process) as anne:
        for _ in range(40):
            anne.session.report(Del(world.team.cid, 1, b"\xc0"))
        await anne.flush()
        codes = [(await anne.next(Err)).code for _ in range(40)]
    assert codes.count("rate") in (9, 10)


@given(st.integers(0, 2**53 - 1), st.binary(min_size=32, max_size=32), st.integers(1, 2**53 - 1))
def test_a_cursor_says_where_a_list_goes_on(stored_ms: int, cid: bytes, seq: int) -> None:
    grave = Grave(ConversationId(cid), seq, AccountId(b"u" * 16), b"t", stored_ms)
    assert _cursor(grave.cursor) == (stored_ms, cid, seq)


async def test_a_page_over_http_is_the_page_of_the_socket(process: Process, world: World) -> None:
    async with world.anne.connected(process) as anne:
        first, env = await say(anne, world.team, world.anne, "Un")
        await say(anne, world.team, world.anne, "Deux")
        await delete(anne, deletion(world, world.anne, first.seq, env))
        page = await anne.pull(world.team.cid, 1, 10)
    assert isinstance(page, Page)
    path = f"conversations/{world.team.cid.hex()}/messages"
    got = await get(process, path, world.paul.token(process))
    assert msgspec.convert(got["items"], list[Item]) == list(page.items)
    assert got["more"] is False
    part = await get(process, f"{path}?from_seq=1&to_seq=2&limit=1", world.paul.token(process))
    assert ([item[0] for item in part["items"]], part["more"]) == ([1], True)
    with pytest.raises(Refused) as refused:
        await get(process, path, world.hugo.token(process))
    assert (refused.value.status, refused.value.code) == (404, "not_found")
