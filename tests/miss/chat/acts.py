"""What people do with messages in tests: write, delete, raise an alarm, acknowledge it."""

import asyncio
from datetime import timedelta

from miss.base.clock import to_ms
from miss.base.ids import AccountId, BlobId
from miss.chat.delivery.model import read_deposit
from miss.chat.delivery.service import Delivered
from miss.chat.devices.model import LinkedDevice
from miss.protocol.crypto.acknowledgements import compose_acknowledgement
from miss.protocol.crypto.attachments import Attachment
from miss.protocol.crypto.envelopes import Alarm, Body, hash_envelope, seal_envelope
from miss.protocol.crypto.tombstones import compose_tombstone
from miss.protocol.wire.frames import Ack, Del, Err, Send
from miss.storage.jobs import JobHandler, JobRunner
from tests.miss.chat.kit import Member, Process, Team, Wire, post
from tests.miss.chat.world import World


async def say(wire: Wire, team: Team, by: Member, words: str, *blobs: BlobId) -> tuple[Ack, bytes]:
    """Send a message; the ack and the envelope."""
    body = team.body(words)
    photos = tuple(Attachment(blob, b"k" * 32, 100, b"h" * 32, "image/jpeg") for blob in blobs)
    env = team.seal(by, type(body)(body.mid, body.ts, body.type, body.text, None, photos))
    ack = await wire.send(body.mid, team.cid, env)
    assert isinstance(ack, Ack)
    return ack, env


async def say_many(process: Process, world: World, number: int) -> None:
    """That many messages of Anne, past the rates of a socket."""
    by = await device_of(process, world.anne)
    loop = asyncio.get_running_loop()
    answers = [loop.create_future() for _ in range(number)]
    for count, answer in enumerate(answers):
        deposit = read_deposit(by, Send(1, *world.team.write(world.anne, f"Message {count}")))
        process.chat.desk.delivery.submit(deposit, answer.set_result)
    assert all(isinstance(each, Delivered) for each in await asyncio.gather(*answers))


def deletion(world: World, by: Member, seq: int, env: bytes) -> Del:
    """The frame by which `by` deletes what stands at `seq`."""
    now_ms = to_ms(world.place.clock.now())
    tombstone = compose_tombstone(
        cid=world.team.cid,
        seq=seq,
        env_hash=hash_envelope(env),
        uid=by.uid,
        did=by.did,
        ts_ms=now_ms,
        ik=by.keys.ik,
    )
    return Del(world.team.cid, seq, tombstone.raw)


async def delete(wire: Wire, frame: Del) -> Del | Err:
    """Send it; what comes back."""
    wire.session.report(frame)
    await wire.flush()
    return await wire.next(Del | Err)  # type: ignore[arg-type]


def sealed_alarm(world: World, by: Member, body: Body, delay: timedelta, *next_uids: AccountId) -> bytes:
    """The envelope of a critical result that has to be acknowledged within `delay`."""
    return seal_envelope(
        es=world.team.es,
        commit=world.team.commit,
        did=by.did,
        ik=by.keys.ik,
        body=body,
        random_bytes=world.place.random_bytes,
        alarm=Alarm(to_ms(world.place.clock.now() + delay), next_uids),
    )


async def alarm(
    wire: Wire, world: World, by: Member, delay: timedelta, *next_uids: AccountId
) -> tuple[Ack | Err, bytes]:
    """Send a critical result; the answer and the envelope."""
    body = world.team.body("Kaliémie 7,1 mmol/L")
    env = sealed_alarm(world, by, body, delay, *next_uids)
    return await wire.send(body.mid, world.team.cid, env), env


def acknowledgement(world: World, by: Member, seq: int, env: bytes) -> bytes:
    """The signed word of `by`."""
    return compose_acknowledgement(
        cid=world.team.cid,
        seq=seq,
        env_hash=hash_envelope(env),
        uid=by.uid,
        did=by.did,
        ts_ms=to_ms(world.place.clock.now()),
        ik=by.keys.ik,
    ).raw


async def acknowledge(process: Process, world: World, by: Member, seq: int, env: bytes) -> None:
    path = f"conversations/{world.team.cid.hex()}/alarms/{seq}/acknowledgement"
    assert await post(process, path, {"acknowledgement": acknowledgement(world, by, seq, env)}, by.token(process)) == {}


def runner(process: Process, world: World, kind: str) -> JobRunner:
    """Runs the jobs of one kind only."""
    made = JobRunner(world.place.db, world.place.clock, world.place.random_bytes)
    made.register(handler(process, kind))
    return made


def handler(process: Process, kind: str) -> JobHandler:
    return next(each for each in process.chat.job_handlers() if each.kind == kind)


async def device_of(process: Process, member: Member) -> LinkedDevice:
    return await process.chat.devices.device_of(member.token(process))
