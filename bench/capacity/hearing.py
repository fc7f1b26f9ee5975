"""What a process spends on publications that concern nobody of its own: all processes hear all of them.

The listener is the real one (`miss.chat.fanout`) on the real broker and database; another process publishes.
"""

import asyncio
import sys
import time

from prometheus_client import CollectorRegistry

from bench.capacity.costs import Hearing
from bench.capacity.disk import ENV_BYTES
from bench.capacity.installation import Installation
from bench.machine import cpu_s
from bench.world import World
from miss.base.clock import SystemClock, to_ms
from miss.base.ids import ConversationId
from miss.broker import RedisBroker
from miss.chat.conversations.members import Members
from miss.chat.fanout import CHANNEL, Fanout
from miss.chat.hub import Hub
from miss.chat.metrics import ChatMetrics
from miss.chat.notices.model import Bulletin, Deposited, Told, encode_bulletin
from miss.protocol.wire.codec import encode
from miss.protocol.wire.frames import Msg, Recv
from miss.storage import Database

MARKERS = 50
_PATIENCE_S = 60.0
_NEVER_S = 3_600.0
_PUBLISH = """
import sys, redis
url, channel, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
size = int.from_bytes(sys.stdin.buffer.read(4), "big")
pipe = redis.Redis.from_url(url)
for _ in range(count):
    pipe.publish(channel, sys.stdin.buffer.read(size))
"""


async def measure_hearing(installation: Installation, broker_pid: int, publications: int) -> Hearing:
    """CPU of one publication heard (of so many), with and without a look at who the members are.

    The installation's own processes hear it too: the broker hands it to all of them and to the listener.
    """
    url, database_pid, broker_url = installation.database_url, installation.database_pid, installation.broker_url
    world = World.read(installation.world)
    database = Database(url)
    broker = RedisBroker(broker_url)
    members = Members()
    metrics = ChatMetrics(CollectorRegistry())
    fanout = Fanout(database, broker, Hub(), members, metrics, origin=bytes(16), poll_s=_NEVER_S)
    heard = 0
    everything = asyncio.Event()

    async def count(_payload: bytes) -> None:
        nonlocal heard
        heard += 1
        if heard == publications:
            everything.set()

    await fanout.start()
    await broker.listen(CHANNEL, count)
    await broker.start()

    async def hear(payloads: list[bytes]) -> tuple[float, float]:
        """CPU seconds by publication: ours, the database's."""
        nonlocal heard
        heard = 0
        everything.clear()
        began_s, database_s = time.process_time(), cpu_s([database_pid])
        await _publish(broker_url, payloads)
        await asyncio.wait_for(everything.wait(), _PATIENCE_S)
        spent = time.process_time() - began_s, cpu_s([database_pid]) - database_s
        return spent[0] / len(payloads), spent[1] / len(payloads)

    message = [_message(world, number, 0) for number in range(publications)]
    try:
        await hear(message)
        broker_s = cpu_s([broker_pid])
        known_s, _ = await hear(message)
        broker_s = (cpu_s([broker_pid]) - broker_s) / len(message) / (1 + len(installation.ports))
        unknown_s, database_s = await hear([_message(world, number, 1 + number) for number in range(publications)])
        told_s, _ = await hear([_markers(world)] * publications)
    finally:
        await fanout.close()
        await broker.close()
        await database.close()
    return Hearing(
        known_s=known_s,
        unknown_s=unknown_s,
        unknown_database_s=database_s,
        told_s=told_s / MARKERS,
        broker_s=broker_s,
        payload_bytes=len(message[0]),
    )


def _message(world: World, number: int, version: int) -> bytes:
    """One message in one conversation, at a version of its membership: another version is looked up anew."""
    group = world.groups[number % len(world.groups)]
    frame = encode(
        Msg(cid=ConversationId(group.cid), seq=1_000, env=group.envelopes[0][:ENV_BYTES], ts=to_ms(SystemClock().now()))
    )
    # Fixed widths, so that all payloads are of one length.
    notice = Deposited(group.cid, 100_000 + version, 1_000, 1_000, (1,), (frame,))
    return encode_bulletin(Bulletin(b"\x01" * 16, 0, (notice,)))


def _markers(world: World) -> bytes:
    """How far many people have received, as one round of the markers tells it."""
    group = world.groups[0]
    people = tuple(world.people[member].uid for member in group.members)
    told = [Told(people, encode(Recv(cid=group.cid, seq=1_000, uid=uid)), ephemeral=False) for uid in people]
    return encode_bulletin(Bulletin(b"\x01" * 16, 0, tuple((told * MARKERS)[:MARKERS])))


async def _publish(broker_url: str, payloads: list[bytes]) -> None:
    publisher = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PUBLISH, broker_url, CHANNEL, str(len(payloads)), stdin=asyncio.subprocess.PIPE
    )
    assert publisher.stdin is not None
    publisher.stdin.write(len(payloads[0]).to_bytes(4, "big") + b"".join(payloads))
    await publisher.stdin.drain()
    publisher.stdin.close()
    await publisher.wait()
