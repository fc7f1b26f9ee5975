"""The world of `world.py` in a database of its own, and one process that serves it.

SQLite unless a test says otherwise: `@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)`.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.broker import MemoryBroker
from miss.storage import Database
from tests.databases import postgresql_database
from tests.miss.chat.kit import Place, Process, running
from tests.miss.chat.world import Template, World, make_template, open_place, restore


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Made once."""
    return asyncio.run(make_template(tmp_path_factory.mktemp("world")))


@pytest.fixture
async def db(request: pytest.FixtureRequest, tmp_path: Path, template: Template) -> AsyncIterator[Database]:
    """The template's rows, in SQLite or in the kind of database the test asks for."""
    async with AsyncExitStack() as stack:
        if getattr(request, "param", "sqlite") == "postgresql":
            server_url = request.getfixturevalue("postgresql_url")
            database = Database(await stack.enter_async_context(postgresql_database(server_url)))
            stack.push_async_callback(database.close)
            await restore(template, database)
        else:
            shutil.copy(template.file, tmp_path / "miss.db")
            database = Database(f"sqlite:///{tmp_path}/miss.db")
            stack.push_async_callback(database.close)
        yield database


@pytest.fixture
def place(db: Database, clock: MovableClock, random_bytes: RandomBytes, template: Template, tmp_path: Path) -> Place:
    """The services beside the chat."""
    return open_place(db, clock, random_bytes, template.operator, tmp_path / "blobs")


@pytest.fixture
async def memory_broker() -> AsyncIterator[MemoryBroker]:
    broker = MemoryBroker()
    await broker.start()
    yield broker
    await broker.close()


@pytest.fixture
async def process(place: Place, memory_broker: MemoryBroker) -> AsyncIterator[Process]:
    """One process with its doors open."""
    async with running(place, memory_broker) as one:
        yield one


@pytest.fixture
def world(template: Template, process: Process, place: Place) -> World:
    """Its people, who talk to `process`."""
    return template.world.at(process, place)
