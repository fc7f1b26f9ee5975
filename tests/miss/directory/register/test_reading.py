"""The register read by a child tells what it tells when read here, and a child that ends early ends nothing else."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.directory.register.activities import Batch, Nomenclature
from miss.directory.register.errors import ArchiveRefused, ExtractionUnreadable, ReadingEnded
from miss.directory.register.importer import Importer
from miss.directory.register.model import Delta, ImportReport, Kind
from miss.directory.register.reading import BATCH_LINES, Reading, Text, open_reading
from miss.directory.register.remarks import Findings
from miss.storage import Database
from tests.miss.directory.extractions import COLUMNS_2026, MAILBOX_COLUMNS, PAUL, extraction
from tests.miss.directory.synthetic import Synthetic, damaged, in_mixed_encodings

ALWAYS, NEVER = 0, 1 << 40
"""From how many bytes a child reads."""
PATIENCE_S = 30
LINES = BATCH_LINES


@cache
def lines() -> tuple[bytes, ...]:
    """More than a batch of them, some of them wrong."""
    return tuple(in_mixed_encodings(damaged(Synthetic(LINES).register(), every=997), every=499))


async def read(beside_from_bytes: int) -> tuple[list[Batch], Nomenclature, Findings, set[str]]:
    text, words = Text("r", lines(), 1), {"martin"}
    async with open_reading(text, words, is_test=False, beside_from_bytes=beside_from_bytes) as reading:
        assert reading.has_specialties
        batches = [batch async for batch in every(reading)]
        return batches, reading.nomenclature, text.findings, words


def report_of(findings: Findings) -> ImportReport:
    return ImportReport.compose(Kind.REGISTER, "r", Delta(), findings)


async def every(reading: Reading) -> AsyncIterator[Batch]:
    while (batch := await reading.next()) is not None:
        yield batch


def children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


async def test_a_child_tells_what_is_read_here() -> None:
    before = children()
    async with asyncio.timeout(PATIENCE_S):
        here, beside = await read(NEVER), await read(ALWAYS)
    assert report_of(here[2]) == report_of(beside[2])
    batches, nomenclature, findings, words = beside
    assert (batches, nomenclature, words) == (here[0], here[1], here[3])
    assert len(batches) == 2
    assert nomenclature.professions
    assert findings.lines >= LINES
    assert findings.rejected.count
    assert findings.doubtful.count
    assert len(words) > 100
    assert children() == before


async def test_another_files_header_is_refused_by_the_child_too() -> None:
    before = children()
    text = Text("r", extraction(MAILBOX_COLUMNS, [PAUL]), 1)
    with pytest.raises(ExtractionUnreadable) as refused:
        async with asyncio.timeout(PATIENCE_S), open_reading(text, set(), is_test=False, beside_from_bytes=ALWAYS):
            pass
    assert refused.value.params["column"]
    assert children() == before


async def test_a_file_that_breaks_off_is_not_taken_for_a_shorter_one(db: Database, clock: MovableClock) -> None:
    def broken() -> Iterator[bytes]:
        yield from lines()
        raise ArchiveRefused(name="r", why="damaged")

    importer = Importer(db, clock.now(), beside_from_bytes=ALWAYS)
    with pytest.raises(ArchiveRefused):
        async with asyncio.timeout(PATIENCE_S):
            await importer.take_register(Text("r", broken(), 1))
    # Nothing was taken: everybody is new.
    async with asyncio.timeout(PATIENCE_S):
        (report,) = await importer.take_register(Text("r", extraction(COLUMNS_2026, [PAUL]), 1))
    assert (report.new, report.changed, report.gone) == (1, 0, 0)


async def test_a_child_that_is_killed_is_told() -> None:
    before = children()
    reached, release = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def halting() -> Iterator[bytes]:
        # More than a block, so that the header is told, and less than a batch: the child waits for more.
        yield from islice(lines(), BATCH_LINES // 2)
        loop.call_soon_threadsafe(reached.set)
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(PATIENCE_S)

    text = Text("r", halting(), 1)
    async with asyncio.timeout(PATIENCE_S):
        async with open_reading(text, set(), is_test=False, beside_from_bytes=ALWAYS) as reading:
            await reached.wait()
            (child,) = children() - before
            os.kill(child, signal.SIGKILL)
            with pytest.raises(ReadingEnded) as ended:
                while await reading.next() is not None:
                    pass
            release.set()
    assert ended.value.temporary
    assert children() == before


@pytest.mark.parametrize("beside_from_bytes", [ALWAYS, NEVER])
async def test_an_import_given_up_leaves_nothing_behind(
    db: Database, clock: MovableClock, beside_from_bytes: int
) -> None:
    before = children()
    begun = asyncio.Event()
    importer = Importer(db, clock.now(), tell=lambda _: begun.set(), beside_from_bytes=beside_from_bytes)
    importing = asyncio.create_task(importer.take_register(Text("r", (*lines(), *lines()), 1)))
    async with asyncio.timeout(PATIENCE_S):
        await begun.wait()
        importing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await importing
        assert children() == before
        (report,) = await importer.take_register(Text("r", extraction(COLUMNS_2026, [PAUL]), 1))
    assert (report.new, report.changed, report.gone) == (1, 0, 0)
