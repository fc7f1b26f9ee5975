"""compose.yaml as two processes on PostgreSQL, Redis and a relay: one care team across both, nothing lost by a kill."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import asyncpg
import pytest
from aiosmtpd.smtp import SMTP
from redis.asyncio import Redis

from miss.directory import sample
from miss.directory.sample import people
from miss.server.demo.cast import CastMember
from tests.databases import postgresql_database
from tests.e2e.compose import Deployment, Process

pytestmark = pytest.mark.long

CANARY = "canari-9c1d : escarre stade 2"
DIRECTORY = Path(sample.__file__).parent


class _Relay:
    """The relay of the compose file: an SMTP server that keeps what it takes."""

    def __init__(self) -> None:
        self.taken: asyncio.Queue[bytes] = asyncio.Queue()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.taken.put_nowait(envelope.content)
        return "250 2.0.0 taken"


@dataclass
class Running:
    """The deployment at work."""

    deployment: Deployment
    one: Process
    two: Process
    relay: _Relay
    database_url: str
    fingerprint: str


@pytest.fixture
async def running(tmp_path: Path, postgresql_url: str, redis_url: str) -> AsyncIterator[Running]:
    relay = _Relay()
    listener = await asyncio.get_running_loop().create_server(lambda: SMTP(relay), "127.0.0.1", 0)
    async with AsyncExitStack() as stack:
        stack.callback(listener.close)
        data = await stack.enter_async_context(postgresql_database(postgresql_url, empty=True))
        keys = await stack.enter_async_context(postgresql_database(postgresql_url, empty=True))
        relay_port = listener.sockets[0].getsockname()[1]
        deployment = Deployment.read(
            tmp_path,
            {
                "unused-by-trust@postgres:5432/miss": "x" + data.removeprefix("postgresql://miss"),
                "unused-by-trust@keystore:5432/keys": "x" + keys.removeprefix("postgresql://miss"),
                "redis://redis:6379/0": redis_url,
            },
        )
        for service in ("migrate", "server-1", "server-2"):
            deployment.services[service]["environment"] |= {
                "MISS_RELAY_HOST": "127.0.0.1",
                "MISS_RELAY_PORT": relay_port,
            }
        await deployment.run("migrate")
        files = [str(DIRECTORY / name) for name in ("personne_activite.txt", "correspondance_mssante.txt")]
        await deployment.run("server-1", "miss", "directory", "import", *files)
        one = await stack.enter_async_context(deployment.serving("server-1"))
        two = await stack.enter_async_context(deployment.serving("server-2"))
        fingerprint = (await deployment.run("server-1", "miss", "operator", "fingerprint")).strip().splitlines()[-1]
        yield Running(deployment, one, two, relay, data, fingerprint)


async def _activation_code(running: Running, rpps: str) -> str:
    operator = ("miss", "operator")
    await running.deployment.run("server-1", *operator, "open", rpps)
    await running.deployment.run("server-1", *operator, "verify", rpps)
    said = await running.deployment.run("server-1", *operator, "activation", rpps)
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", said)
    assert found, said
    return found[0]


async def _link(running: Running, member: CastMember, server: Process, rpps: str) -> str:
    uid: str = await member.do(
        "link",
        server_url=server.url,
        rpps=rpps,
        code=await _activation_code(running, rpps),
        fingerprint=running.fingerprint,
        device=member.name,
    )
    await member.do("come_online")
    return uid


async def _listen_in(redis_url: str) -> Callable[[], Awaitable[bytes]]:
    """Hear everything the broker carries, as somebody on its network would."""
    client = Redis.from_url(redis_url)
    pubsub = client.pubsub()
    await pubsub.psubscribe("*")
    heard = bytearray()

    async def hear() -> None:
        async for message in pubsub.listen():
            if message["type"] == "pmessage":
                heard.extend(message["data"])

    hearing = asyncio.create_task(hear())

    async def stop() -> bytes:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        await pubsub.aclose()  # type: ignore[no-untyped-call]
        await client.aclose()
        return bytes(heard)

    return stop


async def test_a_care_team_talks_across_two_processes_and_survives_a_kill(
    running: Running, tmp_path: Path, redis_url: str
) -> None:
    async with (
        CastMember("paul", tmp_path / "paul") as paul,
        CastMember("claire", tmp_path / "claire") as claire,
    ):
        stop_listening = await _listen_in(redis_url)
        await _link(running, paul, running.one, people.PAUL_EXEMPLE)
        claire_uid = await _link(running, claire, running.two, people.CLAIRE_TEMOIN)
        cid = await paul.do("create", members=[claire_uid], name="Chambre 12")
        await paul.do("say", cid=cid, text=CANARY)
        await claire.do("wait_for", cid=cid, text=CANARY)
        await claire.do("say", cid=cid, text="Vu, merci.")
        await paul.do("wait_for", cid=cid, text="Vu, merci.")

        await running.two.kill()
        await paul.do("say", cid=cid, text="Pendant la coupure")
        async with running.deployment.serving("server-2") as restarted:
            await claire.do("go_offline")
            await claire.do("come_online", server_url=restarted.url)
            await claire.do("wait_for", cid=cid, text="Pendant la coupure")
        transcripts = [await member.do("transcript", cid=cid) for member in (paul, claire)]
        assert transcripts[0] == transcripts[1]
        assert [line["seq"] for line in transcripts[0]] == list(range(1, len(transcripts[0]) + 1))

        heard = await stop_listening()
    assert heard, "the broker carried something"
    await _require_nowhere(running, heard, CANARY)


async def test_a_request_by_mail_is_acknowledged_through_the_relay(running: Running) -> None:
    mail = EmailMessage()
    mail["From"] = "paul.exemple@medecin.mssante.example"
    mail["To"] = "teleexpertise@miss.example"
    mail["Subject"] = "modèle dermatologie"
    mail["Message-ID"] = "<modele-1@medecin.mssante.example>"
    mail.set_content("Bonjour, pouvez-vous m'envoyer le modèle ?")
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=running.two.mail_port, start_tls=False)
    async with asyncio.timeout(30):
        answer = await running.relay.taken.get()
    assert b"In-Reply-To: <modele-1@medecin.mssante.example>" in answer


async def test_the_deployment_examines_itself(running: Running) -> None:
    # Two databases of a server that runs without fsync, as those of the tests do: exactly that is wrong.
    said = await running.deployment.run("server-1", "miss", "check", code=1)
    problems = [line for line in said.splitlines() if line.startswith("✗")]
    assert problems
    assert all("« fsync = off »" in line for line in problems)
    assert "unused-by-trust" not in said
    assert await running.one.stop() == 0, "SIGTERM is a clean end"


async def _require_nowhere(running: Running, overheard: bytes, canary: str) -> None:
    """The canary is in no table, no log, and was not carried by the broker."""
    connection = await asyncpg.connect(running.database_url)
    tables = [
        row["tablename"]
        for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ]
    assert "chat_message" in tables
    rows = [row[0] for table in tables for row in await connection.fetch(f'SELECT t::text FROM "{table}" t')]  # noqa: S608
    await connection.close()
    for secret in (canary, canary.split(" : ")[0]):
        # PostgreSQL shows binary columns in hexadecimal.
        assert not any(secret in row or secret.encode().hex() in row for row in rows)
        assert secret not in running.one.log + running.two.log
        assert secret.encode() not in overheard
