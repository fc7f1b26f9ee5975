"""`python -m bench.capacity.talk`: uses a server in one way for some seconds and says what each role spent on it.

A task (`Talk`) in JSON on standard input, a `Window` in JSON on standard output.  The clients are the bench's own
(`bench.load`); only what they do is decided here.
"""

import asyncio
import gc
import itertools
import random
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import asyncpg
import msgspec

from bench.capacity.calls import Call, Caller
from bench.capacity.costs import Window
from bench.capacity.counters import Done, Roles, read_counters, read_wal, server_kb, window_between
from bench.load.miss_target import LOGIN_TIMEOUT_S, MSG, MissClient, Seat
from bench.load.score import Score, now_s
from bench.load.websocket import compose
from bench.world import Group, Person, World
from miss.base.clock import Clock, SystemClock, to_ms
from miss.base.ids import ConversationId
from miss.protocol.crypto.keys import DeviceKeys
from miss.protocol.crypto.receipts import compose_read_receipt
from miss.protocol.wire.codec import decode, encode
from miss.protocol.wire.frames import Msg, Presence, Read, Recv, Typing

AT_ONCE = 16
CALLERS = 4
PULLED = 10
"""Messages asked for at once: what somebody finds who was away for an hour."""


class Act(StrEnum):
    """What is done besides sending messages: frames of every device, or logins without a pause."""

    RECV = "recv"
    READ = "read"
    TYPING = "typing"
    PRESENCE = "presence"
    PULL = "pull"
    LOGIN = "login"


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """One task."""

    ports: tuple[int, ...]
    world: str
    database_url: str
    server_pids: tuple[int, ...]
    database_pid: int
    broker_pid: int | None
    users: int
    under_way: int = 0
    """Messages that are always under way, sent by everybody in turn."""
    per_s: float = 0.0
    """Or: messages a second, sent by everybody in turn."""
    act: str = ""
    """An `Act`, a `Call`, or nothing."""
    every_s: float = 1.0
    """Each device sends its frame this often."""
    warm_up_s: float = 1.5
    measure_s: float = 4.0


class Teller(MissClient):
    """A device that also tells what it received, read, or does."""

    def __init__(self, score: Score, user: int, person: Person, group: Group, host: str, clock: Clock) -> None:
        super().__init__(score, user, Seat(group.cid, group.envelopes[group.members.index(user)]), person, host, False)
        self._cid = group.cid
        self._clock = clock
        self._uid, self._did = person.uid, person.did
        self._ik = DeviceKeys.from_secret(person.secret).ik
        self._news: tuple[ConversationId, int] | None = None

    def take(self, data: bytes, start: int, stop: int) -> None:
        super().take(data, start, stop)
        if data[start + 1] == MSG:
            frame = decode(data[start:stop])
            assert isinstance(frame, Msg)
            self._news = frame.cid, frame.seq

    def tell(self, act: Act, number: int) -> bool:
        """Send the frame; False if there is nothing to tell."""
        if act is Act.PRESENCE:
            self.write(compose(encode(Presence(state=1 + number % 2))))
        elif act is Act.TYPING:
            self.write(compose(encode(Typing(cid=self._cid, on=number % 2 == 0))))
        elif act is Act.PULL:
            self.pull(1, PULLED)
        elif self._news is None:
            return False
        else:
            cid, seq = self._news
            self._news = None
            self.write(compose(encode(Recv(cid=cid, seq=seq) if act is Act.RECV else self._compose_read(cid, seq))))
        return True

    def _compose_read(self, cid: ConversationId, seq: int) -> Read:
        receipt = compose_read_receipt(
            cid=cid, seq=seq, log=bytes(32), uid=self._uid, did=self._did, ts_ms=to_ms(self._clock.now()), ik=self._ik
        )
        return Read(cid=cid, seq=seq, receipt=receipt.raw)


class Room:
    """Everybody who uses the server in one task."""

    def __init__(self, talk: Talk, clock: Clock) -> None:
        """`clock`: agrees with the server's."""
        self._talk = talk
        self._clock = clock
        self._world = World.read(Path(talk.world))
        self._groups = {user: group for group in self._world.groups for user in group.members}
        self._score = Score()
        self._acts = 0
        self._clients: list[Teller] = []
        self._callers: list[Caller] = []

    @property
    def done(self) -> Done:
        return Done(accepted=self._score.accepted, delivered=self._score.delivered, acts=self._acts)

    @property
    def problems(self) -> str:
        """What went wrong; empty if nothing did."""
        return ", ".join(f"{count} × {problem}" for problem, count in self._score.problems.items())

    async def start(self) -> list["asyncio.Task[None]"]:
        """Open the connections and do what the task says, until the tasks are cancelled."""
        talk = self._talk
        if talk.act in list(Call):
            self._callers = [Caller(talk.ports[0], self._world, user, self._clock) for user in range(CALLERS)]
            return [asyncio.create_task(self._call_again(caller)) for caller in self._callers]
        if talk.act == Act.LOGIN:
            users = itertools.cycle(range(talk.users))
            # Fewer than devices: a second login of the same one would end the first.
            side_by_side = min(AT_ONCE, max(talk.users // 2, 1))
            return [asyncio.create_task(self._log_in_again(users)) for _ in range(side_by_side)]
        gate = asyncio.Semaphore(AT_ONCE)

        async def enter(user: int) -> Teller:
            async with gate:
                return await self._open(user)

        self._clients = list(await asyncio.gather(*(enter(user) for user in range(talk.users))))
        return [*self._start_telling(), *self._start_sending()]

    async def close(self) -> None:
        """Cut every connection; the tasks were cancelled."""
        self._score.on_accept = None
        for client in self._clients:
            client.close()
        for caller in self._callers:
            await caller.close()

    async def _open(self, user: int) -> Teller:
        person, group = self._world.people[user], self._groups[user]
        client = Teller(self._score, user, person, group, self._world.host, self._clock)
        port = self._talk.ports[user % len(self._talk.ports)]
        await asyncio.get_running_loop().create_connection(lambda: client, "127.0.0.1", port)
        async with asyncio.timeout(LOGIN_TIMEOUT_S):
            await client.ready
        return client

    def _start_sending(self) -> list["asyncio.Task[None]"]:
        order = list(self._clients)
        random.Random(1).shuffle(order)
        turn = itertools.cycle(order)
        if self._talk.under_way:
            self._score.on_accept = lambda _user, at_s: next(turn).send(at_s)
            for _ in range(self._talk.under_way):
                next(turn).send(now_s())
        return [asyncio.create_task(self._send_at_rate(turn))] if self._talk.per_s else []

    async def _send_at_rate(self, turn: Iterator[Teller]) -> None:
        began_s = now_s()
        for number in itertools.count():
            await asyncio.sleep(max(began_s + number / self._talk.per_s - now_s(), 0))
            next(turn).send(now_s())

    def _start_telling(self) -> list["asyncio.Task[None]"]:
        if not self._talk.act:
            return []
        act, count = Act(self._talk.act), len(self._clients)
        return [
            asyncio.create_task(self._tell_again(each, act, place / count)) for place, each in enumerate(self._clients)
        ]

    async def _tell_again(self, client: Teller, act: Act, phase: float) -> None:
        await asyncio.sleep(phase * self._talk.every_s)
        for number in itertools.count():
            self._acts += client.tell(act, number)
            await asyncio.sleep(self._talk.every_s)

    async def _log_in_again(self, users: Iterator[int]) -> None:
        while True:
            client = await self._open(next(users))
            self._acts += 1
            client.close()

    async def _call_again(self, caller: Caller) -> None:
        await caller.prepare()
        while True:
            await caller.call(Call(self._talk.act))
            self._acts += 1


async def watch(talk: Talk) -> Window:
    """Do what the task says and count.  Raises RuntimeError if the server refused anything."""
    roles = Roles(
        ports=talk.ports,
        server_pids=talk.server_pids,
        database_pid=talk.database_pid,
        broker_pid=talk.broker_pid,
    )
    room = Room(talk, SystemClock())
    database = await asyncpg.connect(talk.database_url)
    tasks = await room.start()
    await asyncio.sleep(talk.warm_up_s)
    wal_bytes = await read_wal(database)
    first = await read_counters(roles, room.done)
    await asyncio.sleep(talk.measure_s)
    last = await read_counters(roles, room.done)
    wal_bytes = await read_wal(database) - wal_bytes
    memory_kb = server_kb(roles)
    ended = [task for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await room.close()
    await database.close()
    if ended or room.problems:
        raise RuntimeError(room.problems or repr(ended[0].exception()))
    return window_between(first, last, wal_bytes, memory_kb)


def main() -> None:
    """One task."""
    talk = msgspec.json.decode(sys.stdin.buffer.read(), type=Talk)
    gc.disable()
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(watch(talk))))


if __name__ == "__main__":
    main()
