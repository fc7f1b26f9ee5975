"""A probe of a real server, on its ports, and what it leaves behind: nothing."""

from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import inspect, text

from miss.base.clock import MovableClock, SystemClock
from miss.base.random import system_random
from miss.directory.exports.entries import OwnEntries
from miss.directory.practitioners import ANSWERING, ASKING
from miss.server.doors import Server
from miss.server.probe.devices import ProbeFolder, write_letters
from miss.server.probe.errors import ProbeNotPrepared, ProbePreparedAlready
from miss.server.probe.model import Run, Verdict, Watch
from miss.server.probe.service import ServiceProbe, probe
from miss.server.service import find_services
from teleexpertise.house import build
from teleexpertise.settings import TeleexpertiseSettings
from tests.miss.server.running import serving, settings_in

STEPS = [
    "health", "sign_on", "message_stored", "message_delivered",
    "request_sent", "request_offered", "request_taken_back",
]  # fmt: skip


def services() -> list[ServiceProbe]:
    """What installed services try."""
    return [tried for service in find_services().all if (tried := service.probe) is not None]


async def run(folder: ProbeFolder, server_url: str = "") -> Run:
    """One probe."""
    return await probe(folder, server_url or folder.server_url(), services(), Watch(monotonic))


async def test_a_probe_goes_through_the_doors_and_leaves_nothing(tmp_path: Path) -> None:
    folder = ProbeFolder(tmp_path / "probe", SystemClock(), system_random)
    clock = MovableClock(SystemClock().now())
    async with serving(settings_in(tmp_path), clock) as server:
        origin = server.house.settings.public_origin
        with pytest.raises(ProbeNotPrepared):
            await run(folder, origin)
        for service in services():
            await service.prepare(server.house)
            await service.prepare(server.house)
        await folder.link(origin, await write_letters(server, reset=False), reset=False)
        with pytest.raises(ProbePreparedAlready):
            await folder.link(origin, {}, reset=False)
        for _ in range(2):
            found = await run(folder)
            assert [(step.name, step.refusal) for step in found.steps] == [(name, "") for name in STEPS]
            assert found.verdict(slow_s=30.0) is Verdict.FINE
        assert await names_of_requests(server) == ["TE26000001", "TE26000002"]
        await nobody_is_shown(server)
        teleexpertise = build(server.house, TeleexpertiseSettings())
        assert await teleexpertise.probes.forget() == 0, "an hour ago is not now"
        ids = await ids_of_requests(server)
        clock.advance(timedelta(hours=2))
        assert await teleexpertise.probes.forget() == 2
        assert await mentions(server, ids) == []
    away = await run(folder)
    assert [(step.name, step.refusal) for step in away.steps] == [("health", "door_unreachable")]
    assert away.verdict(slow_s=30.0) is Verdict.BROKEN


async def nobody_is_shown(server: Server) -> None:
    """The two probes are in no search, export or statistic, and get no address."""
    house = server.house
    for words in ("Sonde technique", "99999999909"):
        assert not await house.practitioners.search(words)
    await house.statistics.count()
    assert await count(server, "statistics_count") > 0, "it was counted"
    assert await count(server, "statistics_figure") == 0, "neither users, nor messages, nor requests"
    entries = OwnEntries(house.db, house.clock, house.practitioners)
    assert [card async for page in entries.pages() for card in page] == []
    assert await entries.get_many([ASKING, ANSWERING]) == {}
    while await house.jobs.run_due():
        continue
    assert [await house.addresses.list_(one) for one in (ASKING, ANSWERING)] == [[], []]


async def count(server: Server, table: str) -> int:
    """Its rows."""
    async with server.house.db.snapshot() as tx:
        rows = await (await tx.connection()).execute(text(f'SELECT count(*) FROM "{table}"'))  # noqa: S608 - ours
        return int(rows.scalar_one())


async def names_of_requests(server: Server) -> list[str]:
    """Their numbers."""
    async with server.house.db.snapshot() as tx:
        rows = await (await tx.connection()).execute(text("SELECT number FROM expertise_request ORDER BY number"))
        return [str(row[0]) for row in rows]


async def ids_of_requests(server: Server) -> list[str]:
    """Their identifiers."""
    async with server.house.db.snapshot() as tx:
        rows = await (await tx.connection()).execute(text("SELECT id FROM expertise_request"))
        return [str(row[0]) for row in rows]


async def mentions(server: Server, ids: list[str]) -> list[str]:
    """Tables and columns in which one of these requests is named; the access log is what it is for."""
    found = []
    async with server.house.db.snapshot() as tx:
        connection = await tx.connection()
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        for table in tables:
            if table.startswith("audit"):
                continue
            rows = await connection.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608 - ours
            found += [table for row in rows for value in row if any(one in str(value) for one in ids)]
    return found
