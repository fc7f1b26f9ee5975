"""What two people write each other is nowhere on the server: not on its disk, not in its memory, not in its core dump.

The server is `miss serve` in a process of its own, on SQLite with its write-ahead log and on a real Redis; the people
are programs of their own.  Each search is shown to work: it finds the conversation's id in the same places, which the
server does know, and finds words in the memory of the device that waits for them.
"""

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from redis.asyncio import Redis

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample import open_register, people
from miss.server.app import open_server
from miss.server.demo.cast import CastMember
from miss.server.demo.people import get_practitioner, issue_code
from miss.server.service import find_services
from miss.server.settings import Settings
from tests.e2e.compose import Process
from tests.e2e.memory import core_in, crash, files_with, holds, memory_of, spellings, writes_cores_to_its_folder
from tests.miss.server.running import settings_in

RARE = "oriflamme-"
"""What every text begins with; it is in no code that the server loads."""
WORDS = "oriflamme-5b2e-plaie-du-talon-gauche"
WIDE = "oriflamme-77d0-\N{MICROSCOPE}-culture-positive"
NAME = "oriflamme-e41c-chambre-12"
CAPTION = "oriflamme-03f9-talon-ce-matin"
AWAITED = "oriflamme-1d8b-merci-je-passe-demain"
PATIENCE_S = 30
CAST = (people.PAUL_EXEMPLE, people.CLAIRE_TEMOIN)


@dataclass
class Running:
    """The server's process, its folder and what it wrote."""

    process: asyncio.subprocess.Process
    folder: Path
    log: Process


@dataclass(frozen=True)
class Letters:
    """What the operator handed over: a code for each, and the fingerprint."""

    codes: list[str]
    fingerprint: str


@dataclass(frozen=True)
class Said:
    """What the server knows of it, and what it must not."""

    cid: bytes
    photo: bytes
    """As the reader sees it."""


@asynccontextmanager
async def serving(settings: Settings, redis_url: str) -> AsyncIterator[Running]:
    """`miss serve` until the block ends; it runs in its data folder."""
    environment = {
        **os.environ,
        "MISS_DATA_DIR": str(settings.data_dir),
        "MISS_PORT": str(settings.port),
        "MISS_MAIL_PORT": str(settings.mail_port),
        "MISS_REDIS_URL": redis_url,
        "MISS_LOG_LEVEL": "DEBUG",
    }
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("miss"),
        "serve",
        env=environment,
        cwd=settings.data_dir,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=2**24,
    )
    log = Process(process, f"http://127.0.0.1:{settings.port}", settings.mail_port)
    try:
        await log.wait_healthy()
        yield Running(process, settings.data_dir, log)
    finally:
        await log.stop()


async def prepare(settings: Settings) -> Letters:
    """Make the databases and the accounts."""
    server = await open_server(settings, SystemClock(), system_random, find_services())
    house = server.house
    with open_register() as lines:
        header, *rest = lines
        await house.practitioners.import_register([header, *(line for line in rest if line[2:13].decode() in CAST)])
    codes = []
    for rpps in CAST:
        practitioner = await get_practitioner(house, rpps)
        account = await house.accounts.open(practitioner.id, by="test")
        await house.accounts.verify(account.uid, by="test")
        codes.append(await issue_code(house, rpps, ActivationPurpose.DEVICE))
    await server.close()
    return Letters(codes, server.chat.signer.root_fingerprint)


@asynccontextmanager
async def overhearing(redis_url: str) -> AsyncIterator[bytearray]:
    """Everything that the broker carries."""
    client = Redis.from_url(redis_url)
    pubsub = client.pubsub()
    await pubsub.psubscribe("*")
    heard = bytearray()

    async def hear() -> None:
        async for message in pubsub.listen():
            if message["type"] == "pmessage":
                heard.extend(message["data"])

    hearing = asyncio.create_task(hear())
    try:
        yield heard
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        await pubsub.aclose()  # type: ignore[no-untyped-call]
        await client.aclose()


def pid_of(member: CastMember) -> int:
    """The member's program."""
    assert member._process is not None
    return member._process.pid


async def converse(settings: Settings, paul: CastMember, claire: CastMember, letters: Letters, folder: Path) -> Said:
    """A name, two messages and a photo."""
    uids = [
        await member.do(
            "link",
            server_url=f"http://127.0.0.1:{settings.port}",
            rpps=rpps,
            code=code,
            fingerprint=letters.fingerprint,
            device=member.name,
        )
        for member, rpps, code in zip((paul, claire), CAST, letters.codes, strict=True)
    ]
    for member in (paul, claire):
        await member.do("come_online")
    cid = await paul.do("create", members=[uids[1]], name=NAME)
    for text in (WORDS, WIDE):
        await paul.do("say", cid=cid, text=text)
        await claire.do("wait_for", cid=cid, text=text)
    photo = folder / "photo.jpg"
    Image.effect_noise((640, 480), 64).save(photo, "JPEG")
    seq = await paul.do("show_photo", cid=cid, path=str(photo), caption=CAPTION)
    await claire.do("wait_for", cid=cid, text=CAPTION)
    await claire.do("read", cid=cid)
    return Said(bytes.fromhex(cid), base64.b64decode(await claire.do("fetch_photo", cid=cid, seq=seq)))


async def require_found_in_a_device(paul: CastMember, claire: CastMember, cid: bytes) -> None:
    """The search finds words in the memory of the one device that waits for them, then for Paul to write them."""
    waiting = asyncio.create_task(claire.do("wait_for", cid=cid.hex(), text=AWAITED))
    async with asyncio.timeout(PATIENCE_S):
        while not holds(memory_of(pid_of(claire)), spellings(AWAITED)):  # noqa: ASYNC110 - its memory sends no event
            await asyncio.sleep(0)
    assert not holds(memory_of(pid_of(paul)), spellings(AWAITED))
    await paul.do("say", cid=cid.hex(), text=AWAITED)
    await waiting


async def test_the_server_never_holds_what_people_write(tmp_path: Path, redis_url: str) -> None:
    settings = settings_in(tmp_path)
    letters = await prepare(settings)
    async with (
        serving(settings, redis_url) as server,
        overhearing(redis_url) as heard,
        CastMember("paul", tmp_path / "members/paul") as paul,
        CastMember("claire", tmp_path / "members/claire") as claire,
    ):
        said = await converse(settings, paul, claire, letters, tmp_path)
        needles = [*spellings(RARE), said.photo[2000:2032]]

        await require_found_in_a_device(paul, claire, said.cid)
        for device in (paul, claire):
            assert files_with(device.folder, needles) == [], "what a device keeps is sealed"
        # On disk, while the server runs: the write-ahead log is not empty.
        assert (settings.data_dir / "miss.db-wal").stat().st_size > 0
        assert files_with(settings.data_dir, needles) == []
        assert "miss.db-wal" in files_with(settings.data_dir, [said.cid])
        # On the way between processes, and in the logs.
        assert not holds([bytes(heard)], needles)
        assert holds([bytes(heard)], [said.cid])
        assert not holds([server.log.log.encode()], needles)
        # In memory, and in what a crash would leave.
        assert not holds(memory_of(server.process.pid), needles)
        assert holds(memory_of(server.process.pid), [said.cid])
        if writes_cores_to_its_folder():
            await crash(server.process)
            assert not holds(core_in(settings.data_dir), needles)
            assert holds(core_in(settings.data_dir), [said.cid])
