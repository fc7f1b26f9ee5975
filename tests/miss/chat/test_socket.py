"""The story of a message over a real socket, and every way a connection ends."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from miss.base.clock import to_ms
from miss.broker import MemoryBroker
from miss.chat import ChatLimits
from miss.protocol.crypto.auth import sign_auth
from miss.protocol.crypto.opcert import verify_opcert
from miss.protocol.crypto.receipts import parse_receipt, verify_receipt
from miss.protocol.session import SessionLimits
from miss.protocol.session.events import HelloReceived
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.codec import encode
from miss.protocol.wire.frames import Ack, Err, Msg, Ping, Presence, Typing
from tests.conditions import WAIT_S
from tests.miss.chat.kit import EACH_DATABASE, HOST, Place, Process, opened, running
from tests.miss.chat.world import Template, World


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_message_is_acknowledged_and_reaches_the_others(process: Process, world: World) -> None:
    team = world.team
    async with (
        world.anne.connected(process) as anne,
        world.paul.connected(process) as paul,
        world.karim.connected(process) as karim,
        world.hugo.connected(process) as hugo,
    ):
        mid, cid, env = team.write(world.anne, "Bonjour à tous")
        ack = await anne.send(mid, cid, env)
        assert isinstance(ack, Ack)
        assert (ack.mid, ack.seq, ack.dup) == (mid, 1, False)
        for wire in (paul, karim):
            msg = await wire.next(Msg)
            assert (msg.cid, msg.seq, msg.env, msg.ts) == (cid, 1, env, ack.ts)
            assert team.read(msg.env) == "Bonjour à tous"
        assert await anne.settle() == []
        assert await hugo.settle() == []

    receipt = parse_receipt(ack.receipt)
    signer = process.chat.signer
    verify_receipt(receipt, verify_opcert(signer.opcerts[-1], signer.root_public))
    assert receipt.covers(env)
    assert (receipt.leaf.cid, receipt.leaf.seq) == (cid, 1)


async def test_the_senders_other_device_gets_the_message(process: Process, world: World, place: Place) -> None:
    tablet = await world.anne.second_device(process, place)
    async with world.anne.connected(process) as phone, tablet.connected(process) as other:
        mid, cid, env = world.team.write(world.anne, "Depuis le téléphone")
        await phone.send(mid, cid, env)
        assert (await other.next(Msg)).env == env


async def test_a_socket_that_took_the_senders_place_gets_the_message(
    process: Process, world: World, place: Place
) -> None:
    async with AsyncExitStack() as stack:
        async with place.db.transaction() as tx:
            await tx.connection()  # it is the only one that writes: nobody else stores anything until it ends
            old = await stack.enter_async_context(world.anne.connected(process))
            mid, cid, env = world.team.write(world.anne, "Juste avant la coupure")
            old.session.send_envelope(mid, cid, env)
            await old.flush()
            new = await stack.enter_async_context(world.anne.connected(process))
            assert new.heads is not None
            assert [head.last_seq for head in new.heads.items] == [0]
        assert (await new.next(Msg)).env == env


async def test_heads_tell_where_conversations_stand(process: Process, world: World, place: Place) -> None:
    async with world.anne.connected(process) as anne:
        assert anne.heads is not None
        assert [(head.cid, head.last_seq, head.epoch) for head in anne.heads.items] == [(world.team.cid, 0, 1)]
        await anne.send(*world.team.write(world.anne, "Un"))
    async with world.paul.connected(process) as paul, world.hugo.connected(process) as hugo:
        assert paul.heads is not None
        assert [(head.last_seq, head.read_seq) for head in paul.heads.items] == [(1, 0)]
        assert hugo.heads is not None
        assert hugo.heads.items == ()


async def test_a_resumed_connection_hears_of_news_only(process: Process, world: World, place: Place) -> None:
    async with world.anne.connected(process) as anne:
        await anne.send(*world.team.write(world.anne, "Un"))
    now_ms = to_ms(place.clock.now())
    async with world.paul.connected(process, resume=now_ms) as paul:
        assert paul.ready is not None
        assert paul.heads is not None
        assert paul.ready.resumed
        assert len(paul.heads.items) == 1
    async with world.karim.connected(process, resume=now_ms + 3_600_000) as karim:
        assert karim.ready is not None
        # A time that has not come yet is nothing to resume from.
        assert not karim.ready.resumed


async def test_old_news_is_left_out_of_a_resumed_connection(process: Process, world: World, place: Place) -> None:
    # The template's conversation opened an hour before.
    async with world.paul.connected(process, resume=to_ms(place.clock.now())) as paul:
        assert paul.heads is not None
        assert paul.heads.items == ()


async def test_typing_reaches_the_other_members_and_nobody_else(process: Process, world: World) -> None:
    async with (
        world.anne.connected(process) as anne,
        world.paul.connected(process) as paul,
        world.hugo.connected(process) as hugo,
    ):
        anne.session.report(Typing(world.team.cid, True))
        hugo.session.report(Typing(world.team.cid, True))
        await hugo.flush()
        await hugo.settle()
        await anne.flush()
        typing = await paul.next(Typing)
        assert (typing.cid, typing.on, typing.uid) == (world.team.cid, True, world.anne.uid)
        assert await hugo.settle() == []
        assert await anne.settle() == []
        assert await paul.settle() == []


async def test_presence_reaches_contacts(process: Process, world: World) -> None:
    async with (
        world.anne.connected(process) as anne,
        world.paul.connected(process) as paul,
        world.hugo.connected(process) as hugo,
    ):
        anne.session.report(Presence(3))
        await anne.flush()
        presence = await paul.next(Presence)
        assert (presence.state, presence.uid) == (3, world.anne.uid)
        assert await hugo.settle() == []


@pytest.mark.parametrize("junk", [b"\xc1", b"{}", b"\x93\x05\x01", encode(Ping(1)), "bonjour"])
async def test_anything_but_an_auth_frame_first_is_told_and_closed(process: Process, junk: bytes | str) -> None:
    async with opened(process) as wire:
        await wire.next(HelloReceived)
        await wire.websocket.send(junk)
        err = await wire.next(Err)
        assert (err.code, err.fatal) == ("bad_frame", True)
        assert await wire.closed() == CloseCode.PROTOCOL


async def test_a_frame_that_is_not_messagepack_closes_an_open_connection(process: Process, world: World) -> None:
    async with world.anne.connected(process) as anne:
        await anne.websocket.send(b"\xc1\xff\x00")
        assert (await anne.next(Err)).code == "bad_frame"
        assert await anne.closed() == CloseCode.PROTOCOL


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "{url}.evil.example", "http://127.0.0.1:1"])
async def test_a_foreign_origin_is_turned_away_before_accept(process: Process, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(process, origin=origin.format(url=process.url)):
            pass
    assert refused.value.response.status_code == 403


async def test_our_own_origin_may_connect(process: Process) -> None:
    async with opened(process, origin=process.url) as wire:
        assert len((await wire.next(HelloReceived)).nonce) == 32


async def test_another_subprotocol_is_turned_away(process: Process) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(process.socket_url, compression=None, proxy=None):
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("fault", ["host", "nonce", "device"])
async def test_a_signature_for_something_else_opens_nothing(process: Process, world: World, fault: str) -> None:
    async with opened(process) as wire:
        hello = await wire.next(HelloReceived)
        nonce = bytes(32) if fault == "nonce" else hello.nonce
        host = "evil.example" if fault == "host" else HOST
        did = world.paul.did if fault == "device" else world.anne.did
        wire.session.authenticate(did, sign_auth(world.anne.keys.ik, nonce, host), hello.server_ts_ms)
        await wire.flush()
        err = await wire.next(Err)
        assert (err.code, err.fatal) == ("auth_refused", True)
        assert await wire.closed() == CloseCode.AUTH


async def test_a_suspended_account_does_not_connect(process: Process, world: World, place: Place) -> None:
    await place.accounts.suspend(world.anne.uid, "test", "papiers à revoir")
    async with opened(process) as wire:
        hello = await wire.next(HelloReceived)
        sig = sign_auth(world.anne.keys.ik, hello.nonce, HOST)
        wire.session.authenticate(world.anne.did, sig, hello.server_ts_ms)
        await wire.flush()
        assert (await wire.next(Err)).code == "account_not_active"


async def test_a_second_connection_of_a_device_replaces_the_first(process: Process, world: World) -> None:
    async with world.anne.connected(process) as first, world.anne.connected(process) as second:
        assert await first.closed() == CloseCode.REPLACED
        assert isinstance(await second.send(*world.team.write(world.anne, "Toujours là")), Ack)
        assert process.figure("miss_chat_sockets") == 1


async def test_a_revoked_device_is_closed_at_once(process: Process, world: World, place: Place) -> None:
    tablet = await world.anne.second_device(process, place)
    async with tablet.connected(process) as stolen:
        await world.anne.revoke(process, place, tablet.did)
        assert await stolen.closed() == CloseCode.REVOKED
    async with opened(process) as again:
        hello = await again.next(HelloReceived)
        again.session.authenticate(tablet.did, sign_auth(tablet.keys.ik, hello.nonce, HOST), hello.server_ts_ms)
        await again.flush()
        assert (await again.next(Err)).code == "device_revoked"
        assert await again.closed() == CloseCode.REVOKED


async def test_a_server_that_stops_says_so(place: Place, template: Template, memory_broker: MemoryBroker) -> None:
    async with running(place, memory_broker) as process:
        world = template.world.at(process, place)
        async with world.anne.connected(process) as anne:
            closing = asyncio.create_task(process.chat.close())
            assert await anne.closed() == CloseCode.RESTART
            await closing


async def test_a_connection_that_says_nothing_is_closed(place: Place, memory_broker: MemoryBroker) -> None:
    limits = ChatLimits(session=SessionLimits(auth_timeout_s=0.05), tick_s=0.02)
    async with running(place, memory_broker, limits) as process, opened(process) as wire:
        assert await wire.closed() == CloseCode.AUTH


async def test_somebody_who_does_not_read_is_cut_off(
    place: Place, template: Template, memory_broker: MemoryBroker
) -> None:
    limits = ChatLimits(session=SessionLimits(write_timeout_s=0.2), tick_s=0.02)
    async with running(place, memory_broker, limits, send_buffer_bytes=32 * 1024) as process:
        world = template.world.at(process, place)
        async with world.anne.connected(process) as slow:
            # The frames a client library reads ahead, then the kernel's buffers, then ours.
            frame = encode(Msg(world.team.cid, 1, bytes(60_000), 1))
            async with asyncio.timeout(WAIT_S):
                while process.figure("miss_chat_sockets"):
                    process.chat.desk.hub.tell(world.anne.uid, frame)
                    await asyncio.sleep(0.001)
            assert await slow.closed() == CloseCode.SLOW
