"""Queue mails, then drain them through a relay in another process; the wall clock counts, as it does for who waits.

To one destination, and to ten: at one connection toward each, more destinations are more connections.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import LineLimits, OutboundAttachment, OutboundMail, Outbox
from miss.mail.relays import Relay, Relays, TlsPolicy
from miss.storage import Database
from miss.storage.migrate import keystore_schema, migrate
from miss.storage.sealed import KeyStore, MasterKey, MasterKeys
from tests import databases, servers

DESTINATIONS: Final = (1, 10)
FILE_BYTES: Final = 20_000
"""Of the one attachment: an answer with its PDF."""
SLICE: Final = 500
"""Queued in one transaction."""


@dataclass(frozen=True, slots=True)
class Run:
    """One queue, drained."""

    database: str
    destinations: int
    run: int
    mails: int
    queue_s: float
    drain_s: float
    sessions: int
    most_connections: int

    @property
    def per_s(self) -> float:
        """Mails that left."""
        return self.mails / self.drain_s


async def measure(mails: int, runs: int) -> list[Run]:
    """Each database with each number of destinations, `runs` times."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    done = []
    with servers.postgresql() as server_url:
        for run in range(1, runs + 1):
            for name in ("SQLite", "PostgreSQL"):
                for destinations in DESTINATIONS:
                    done.append(await _measure(name, server_url, destinations, run, mails))
                    print(f"{name}, {destinations} destinations, run {run}: {done[-1].per_s:.0f}/s", flush=True)
        await databases.drop_templates(server_url)
    return done


async def _measure(name: str, server_url: str, destinations: int, run: int, mails: int) -> Run:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="miss-bench-mail-")))
        url = (
            await databases.sqlite_database(folder / "miss.db")
            if name == "SQLite"
            else await stack.enter_async_context(databases.postgresql_database(server_url))
        )
        db, keys = Database(url), Database(f"sqlite:///{folder}/keys.db")
        for database in (db, keys):
            stack.push_async_callback(database.close)
        await migrate(keys, keystore_schema())
        relay = await stack.enter_async_context(_relay())
        clock = SystemClock()
        keystore = KeyStore(keys, MasterKeys([MasterKey(system_random(32))]), clock, system_random)
        relays = Relays(
            [Relay(name="bench", host="127.0.0.1", port=relay.port, tls=TlsPolicy.NONE, max_connections=20)], clock
        )
        limits = LineLimits(per_domain=1, total=destinations)
        outbox = Outbox(db, keystore, relays, clock, system_random, limits=limits)
        begun = time.perf_counter()
        for first in range(0, mails, SLICE):
            async with db.transaction() as tx:
                for number in range(first, min(first + SLICE, mails)):
                    await outbox.enqueue(tx, _mail(number, destinations), about="bench")
        queued = time.perf_counter()
        await outbox.lines.drain()
        drained = time.perf_counter()
        await relays.close()
        counts = await relay.end()
    if counts["taken"] != mails or counts["most"] > destinations:
        raise AssertionError(f"{counts} for {mails} mails to {destinations} destinations")
    return Run(name, destinations, run, mails, queued - begun, drained - queued, counts["sessions"], counts["most"])


def _mail(number: int, destinations: int) -> OutboundMail:
    return OutboundMail(
        message_id=f"<bench{number}.answer@miss.example>",
        sender=Mailbox(parse_address("teleexpertise@miss.example"), "Téléexpertise"),
        to=Mailbox(parse_address(f"p{number}@d{number % destinations}.example")),
        subject="Avis rendu",
        text="Un avis.",
        attachments=(OutboundAttachment("avis.pdf", "application/pdf", system_random(FILE_BYTES)),),
    )


@dataclass(slots=True)
class _Process:
    process: asyncio.subprocess.Process
    port: int

    async def end(self) -> dict[str, int]:
        """What it counted."""
        said, _ = await self.process.communicate(b"")
        counts: dict[str, int] = json.loads(said)
        return counts


@asynccontextmanager
async def _relay() -> AsyncIterator[_Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.mail.relay", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    if process.stdout is None:
        raise AssertionError("no pipe")
    try:
        yield _Process(process, int(await process.stdout.readline()))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
