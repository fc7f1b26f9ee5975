"""A small MiSS server on a real port, and a world that the bench's own seeder made in it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from bench.load.spec import Protocol, Spec
from bench.rows import Mode
from bench.seed import Plan, Seeder
from bench.world import World
from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.broker import MemoryBroker
from miss.chat import ChatLimits, session_limits
from miss.storage import Database
from tests.miss.chat.kit import HOST, Process, running
from tests.miss.chat.world import open_place

GROUP = 4


@dataclass
class Bench:
    """The server, and what the load needs to know of it."""

    process: Process
    db: Database
    seeder: Seeder
    folder: Path

    async def make(self, plan: Plan) -> World:
        """A world, written where `spec` says."""
        world = await self.seeder.make(plan, HOST)
        world.write(self.folder / "world")
        return world

    def spec(self, mode: Mode, **changes: object) -> Spec:
        """A measurement of a fraction of a second."""
        asked: dict[str, object] = {
            "protocol": Protocol.MISS,
            "mode": mode,
            "ports": (int(self.process.url.rpartition(":")[2]),),
            "server_pids": (),
            "users": 2 * GROUP,
            "group": GROUP,
            "world": str(self.folder / "world"),
            "warm_up_s": 0.05,
            "measure_s": 0.3,
            "under_way": 4,
            "at_once": 4,
        }
        return Spec(**(asked | changes))  # type: ignore[arg-type]


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/miss.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    yield database
    await database.close()


@pytest.fixture
async def bench(db: Database, clock: MovableClock, random_bytes: RandomBytes, tmp_path: Path) -> AsyncIterator[Bench]:
    place = open_place(db, clock, random_bytes, tmp_path / "operator", tmp_path / "blobs")
    broker = MemoryBroker()
    await broker.start()
    limits = ChatLimits(session=session_limits(1_000_000, 1e6))
    async with running(place, broker, limits) as process:
        seeder = Seeder(process.chat, place.accounts, place.practitioners, clock, random_bytes)
        yield Bench(process, db, seeder, tmp_path)
    await broker.close()
