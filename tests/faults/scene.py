"""One installation under a crowd: its processes, the lines between them, the people who write and read."""

import asyncio
import contextlib
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import count
from pathlib import Path
from random import Random
from shutil import copytree

import asyncpg

from bench.engines import LOOPBACK, ROOT
from bench.peers.seeds import copy_to_postgresql, copy_to_sqlite
from bench.world import World
from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.directory.signer import load_or_create_signer
from miss.protocol.crypto.opcert import Purpose
from miss.protocol.crypto.receipts import log_start
from tests.faults import machinery
from tests.faults.fronts import running_front
from tests.faults.letters import Letters, ReceiptCheck
from tests.faults.machinery import Disk, Engine, Server, small_disk
from tests.faults.member import Member
from tests.faults.oracle import Conversation
from tests.faults.patience import within
from tests.faults.platform import Platform, Style
from tests.faults.power import PoweredDisk, powered_disk
from tests.faults.proxy import Proxy
from tests.faults.tally import Tally, now_s
from tests.faults.versions import copy_as

UNLIMITED = "1000000000"
SHOWN_WRITERS = 8
POWERED_MB = 1024
"""Room for PostgreSQL, its programs included; the file takes as much as is written."""


class Store(StrEnum):
    """The two ways to run MiSS."""

    SQLITE = "sqlite"
    """One process, an SQLite file, the broker in memory."""
    POSTGRESQL = "postgresql"
    """Two processes, PostgreSQL and Valkey."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run looks like."""

    store: Store
    groups: int
    """Conversations whose members are connected; each has one member who only reads."""
    style: Style
    seed: int = 1
    disk_mb: int = 64
    """Size of the file system that SQLite's files lie on, if it can be mounted."""
    is_powered: bool = False
    """The store's files lie on a disk whose power can be cut (`power.py`), as root only."""
    lasting_s: tuple[float, float] = (0.2, 0.5)
    """How long a fault lasts that has a length, at the least and at the most."""
    settle_s: float = 60.0
    """Within which everybody has everything once nothing fails any more: the look for lost publications takes 10 s."""
    package: Path = ROOT
    """The folder that holds the `miss` to run."""
    front: str = ""
    """The proxy of `deploy/` that everybody comes through (`fronts.py`); empty: none."""
    is_older: bool = False
    """`package` is a whole tree of an earlier version, and so is the schema that it starts with."""
    logs: Path | None = None
    """Where all that the servers say is kept."""


@dataclass(slots=True)
class Wiring:
    """A server and the lines it hangs on."""

    server: Server
    to_database: Proxy | None
    to_broker: Proxy | None


@dataclass(slots=True)
class Scene:
    """Everything that a fault may strike."""

    plan: Plan
    platform: Platform
    wirings: Sequence[Wiring]
    database: Engine | None
    broker: Engine | None
    disk: Disk | None
    members: Sequence[Member]
    crowd: Sequence[Member]
    """People who connect for a mass reconnection only."""
    locks: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """One for each part that may be struck: two faults may overlap, not strike the same part."""

    @property
    def tally(self) -> Tally:
        return self.platform.tally

    @property
    def writers(self) -> list[Member]:
        return [member for member in self.members if member.writes]

    async def served(self, since_s: float, writers: Collection[Member] | None = None) -> float:
        """Seconds until all these writers (all of them: None) have been answered on something sent since."""
        return await self.tally.watch(self.writers if writers is None else writers, since_s).served()

    def within(self, what: str) -> AbstractAsyncContextManager[None]:
        """Let the block wait for `what`, as long as a loaded machine may take.  Raises StoodStill, with `explain`."""
        return within(what, self.explain)

    async def explain(self) -> str:
        """Each server's state, tasks and last words; the writers without an answer; what was counted."""
        told = [await wiring.server.explain() for wiring in self.wirings]
        waiting = [member.state for member in self.writers if member.unanswered or not member.is_ready]
        told += [f"{len(waiting)} of {len(self.writers)} writers wait:", *waiting[:SHOWN_WRITERS]]
        told += [f"{self.tally.acked} acknowledged; {dict(self.tally.events)}; {dict(self.tally.problems)}"]
        return "\n".join(told)

    def group_of(self, member: Member) -> list[Member]:
        """Everybody in their conversation."""
        return [one for one in self.members if one.letters is member.letters]

    # The end

    def heal(self) -> None:
        """Whatever a fault that did not end has left behind."""
        for wiring in self.wirings:
            for line in (wiring.to_database, wiring.to_broker):
                if line is not None:
                    line.delay_s = 0.0
                    line.release()
            wiring.server.clock.move(timedelta())
            wiring.server.refuse_writes(False)
            wiring.server.signal(signal.SIGCONT)
        if self.disk is not None:
            self.disk.free()

    async def settle(self) -> list[str]:
        """No new messages; until everything is answered and everybody has everything.  What is missing, in words."""
        self.tally.is_writing = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.plan.settle_s):
                while self._missing():
                    await self.tally.progress()
        return self._missing()

    def _missing(self) -> list[str]:
        ends: dict[Letters, int] = defaultdict(int)
        for member in self.members:
            ends[member.letters] = max(ends[member.letters], member.shown.known_seq)
        behind = [one for one in self.members if one.shown.last_seq < ends[one.letters]]
        return [f"{one.name}: {one.unanswered} unanswered" for one in self.members if one.unanswered] + [
            f"{one.name}: at {one.shown.last_seq} of {ends[one.letters]}" for one in behind
        ]

    async def collect(self) -> list[Conversation]:
        """The histories of all, and of a newly installed device that reads every conversation from the beginning."""
        ends = {one.letters: max(each.shown.last_seq for each in self.group_of(one)) for one in self.members}
        await asyncio.gather(*(member.close() for member in (*self.members, *self.crowd)))
        late = [
            Member(self.platform, one.person, one.letters, one.place, False, one.random)
            for one in self.members
            if not one.writes
        ]
        for one in late:
            one.shown.known_seq = ends[one.letters]
            one.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.plan.settle_s):
                while not all(one.shown.is_whole for one in late):
                    await self.tally.more_events("pages")
        await asyncio.gather(*(one.close() for one in late))
        conversations = []
        for one in late:
            members = self.group_of(one)
            readers = [*(each.as_reader() for each in members), one.as_reader(", new device")]
            writers = [each.as_writer() for each in members]
            start = log_start(one.letters.cid)
            name = one.letters.cid.hex()[:6]
            conversations.append(Conversation(name, writers, readers, start, one.letters.next_log))
        return conversations


@asynccontextmanager
async def open_scene(plan: Plan, seed: Path, folder: Path) -> AsyncIterator[Scene]:
    """Start everything and let everybody in.  `seed`: from `bench.peers.seeds.find_or_make`."""
    tally = Tally()

    def note_failure(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        tally.problems[f"the test itself: {context.get('exception') or context['message']!r}"] += 1
        loop.default_exception_handler(context)

    asyncio.get_running_loop().set_exception_handler(note_failure)
    async with AsyncExitStack() as stack:
        site = await _prepare(plan, seed, folder, stack)
        if isinstance(site.disk, PoweredDisk):
            await asyncio.to_thread(site.disk.sync)
        servers = range(1 if site.database is None else 2)
        wirings = [await _wire(f"server {number}", site, plan, tally, stack) for number in servers]
        world = World.read(seed / "world")
        signer = load_or_create_signer(site.data_dir / "keys" / "operator", SystemClock(), system_random)
        cert = next(cert for cert in signer.certs if cert.purpose is Purpose.RECEIPT)
        ports = [wiring.server.port for wiring in wirings]
        if plan.front:
            ports = [await stack.enter_async_context(running_front(plan.front, folder, ports))]
        platform = Platform(ports, world.host, ReceiptCheck(cert), tally, plan.style)
        members, crowd = _people(plan, world, platform)
        scene = Scene(plan, platform, wirings, site.database, site.broker, site.disk, members, crowd)
        await asyncio.gather(*(wiring.server.start() for wiring in wirings))
        for member in members:
            member.start()
            stack.push_async_callback(member.close)
        async with scene.within("everybody is let in and answered"):
            await scene.served(now_s())
        yield scene


@dataclass(frozen=True, slots=True)
class _Site:
    """Where the data of a run is."""

    folder: Path
    data_dir: Path
    disk: Disk | None = None
    database: Engine | None = None
    broker: Engine | None = None


async def _prepare(plan: Plan, seed: Path, folder: Path, stack: AsyncExitStack) -> _Site:
    """The store with the seed's rows, and the broker, running."""
    disk: Disk | None = None
    if plan.is_powered:
        disk = stack.enter_context(powered_disk(folder / "disk", POWERED_MB))
    elif plan.store is Store.SQLITE:
        disk = stack.enter_context(small_disk(folder / "disk", plan.disk_mb))
    if plan.store is Store.SQLITE:
        data_dir = (disk.folder if disk else folder) / "data"
        await asyncio.to_thread(copy_to_sqlite, seed, data_dir)
        return _Site(folder, data_dir, disk)
    data_dir = folder / "data"
    await asyncio.to_thread(copytree, seed / "keys", data_dir / "keys")
    database = machinery.postgresql((disk.folder if disk else folder) / "postgresql")
    broker = machinery.broker(folder)
    for engine in (database, broker):
        await engine.start()
        stack.push_async_callback(engine.stop)
    await _run_sql(f"{database.url}/postgres", "CREATE DATABASE chat")
    await (copy_as if plan.is_older else _copy)(plan.package, seed, f"{database.url}/chat")
    await _run_sql(f"{database.url}/chat", "VACUUM ANALYZE")
    return _Site(folder, data_dir, disk, database, broker)


async def _copy(_package: Path, seed: Path, url: str) -> None:
    await copy_to_postgresql(seed, url)


async def _run_sql(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def _wire(name: str, site: _Site, plan: Plan, tally: Tally, stack: AsyncExitStack) -> Wiring:
    """A server, not started, behind lines of its own."""
    environment = {
        "MISS_DATA_DIR": str(site.data_dir),
        "MISS_PUBLIC_URL": f"http://{LOOPBACK}",
        "MISS_MAIL_PORT": "0",
        "MISS_SEND_BURST": UNLIMITED,
        "MISS_SEND_PER_S": UNLIMITED,
        "MISS_SOCKETS_PER_ADDRESS": UNLIMITED,
        "MISS_SOCKETS_UNKNOWN_PER_ADDRESS": UNLIMITED,
        "MISS_SOCKETS_PER_PROCESS": UNLIMITED,
        "MISS_SOCKET_OPENINGS_PER_MIN": UNLIMITED,
    }
    to_database, to_broker = [await _draw_line(engine, stack) for engine in (site.database, site.broker)]
    if to_database is not None and to_broker is not None:
        environment["MISS_DATABASE_URL"] = f"postgresql://bench@{LOOPBACK}:{to_database.port}/chat"
        environment["MISS_KEYSTORE_URL"] = f"sqlite:///{site.data_dir}/keys/keys.db"
        environment["MISS_REDIS_URL"] = f"redis://{LOOPBACK}:{to_broker.port}/0"
    server = Server(name, environment, site.folder, plan.package, tally, plan.logs)
    stack.push_async_callback(server.stop)
    return Wiring(server, to_database, to_broker)


async def _draw_line(engine: Engine | None, stack: AsyncExitStack) -> Proxy | None:
    """A line to an engine, wherever it listens after each of its restarts."""
    if engine is None:
        return None
    line = Proxy(lambda: engine.port)
    await line.start()
    stack.push_async_callback(line.close)
    return line


def _people(plan: Plan, world: World, platform: Platform) -> tuple[list[Member], list[Member]]:
    """Who writes and reads all the time, and who comes for a mass reconnection."""
    numbers = count(plan.seed * 1_000_000)
    everybody = [
        [
            Member(platform, world.people[user], letters, place, False, Random(next(numbers)))
            for place, user in enumerate(group.members)
        ]
        for group in world.groups
        for letters in [Letters(group.cid, group.envelopes)]
    ]
    active = everybody[: plan.groups]
    for group in active:
        for member in group[:-1]:
            member.writes = True
    return [one for group in active for one in group], [one for group in everybody[plan.groups :] for one in group]
