"""The composed server: doors, health, shutdown."""

import asyncio
import socket
from pathlib import Path

import aiosmtplib
import asyncpg
import httpx
import pytest

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.server.app import open_server
from miss.server.errors import PortTaken
from miss.server.service import find_services
from miss.storage.errors import DatabaseUnreachable, MasterKeyUnsafe
from tests import servers
from tests.databases import postgresql_database
from tests.miss.server.running import serving, settings_in


async def test_health_and_metrics_are_served(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with serving(settings), httpx.AsyncClient(base_url=settings.public_origin) as http:
        health = await http.get("/health")
        assert (health.status_code, health.json()["status"]) == (200, "ok")
        metrics = await http.get("/metrics")
        assert metrics.status_code == 200
        for line in (
            "miss_chat_sockets 0.0",
            'miss_jobs{fate="waiting"} 14.0',
            'miss_jobs{fate="dead"} 0.0',
            "miss_broker_lost 0.0",
        ):
            assert line in metrics.text


async def test_metrics_are_not_for_everybody(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with serving(settings), httpx.AsyncClient(base_url=settings.public_origin) as http:
        forwarded = await http.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
        assert forwarded.status_code == 404


async def test_health_is_degraded_without_the_broker_and_down_without_the_database(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with (
        postgresql_database(postgresql_url, empty=True) as url,
        postgresql_database(postgresql_url, empty=True) as keys,
    ):
        settings = settings_in(
            tmp_path,
            database_url=url,
            keystore_url=keys,
            redis_url=f"redis://127.0.0.1:{servers.free_port()}/0",
        )
        async with serving(settings) as server, httpx.AsyncClient(base_url=settings.public_origin) as http:
            answer = await http.get("/health")
            assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
            await server.keys.close()
            admin = await asyncpg.connect(f"{postgresql_url}/postgres")
            await admin.execute(f'ALTER DATABASE "{keys.rsplit("/", 1)[1]}" ALLOW_CONNECTIONS false')
            answer = await http.get("/health")
            assert (answer.status_code, answer.json()["status"]) == (503, "down")
            assert answer.headers["Retry-After"] == "5"
            await admin.execute(f'ALTER DATABASE "{keys.rsplit("/", 1)[1]}" ALLOW_CONNECTIONS true')
            await admin.close()


async def test_a_taken_port_has_a_name_and_a_remedy(tmp_path: Path) -> None:
    for setting, name in (("port", "MISS_PORT"), ("mail_port", "MISS_MAIL_PORT")):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            settings = settings_in(tmp_path, **{setting: taken.getsockname()[1]})
            with pytest.raises(PortTaken) as refused:
                async with serving(settings):
                    pytest.fail("the server opened its doors")
            assert name in refused.value.sentence()


async def test_a_named_master_key_must_be_there(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, master_key_file=tmp_path / "missing.key")
    with pytest.raises(MasterKeyUnsafe, match=r"missing\.key"):
        await open_server(settings, SystemClock(), system_random, find_services())


async def test_a_second_start_finds_its_keys_and_data(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    fingerprints = set()
    for _ in range(2):
        async with serving(settings) as server:
            fingerprints.add(server.chat.signer.root_fingerprint)
    assert len(fingerprints) == 1
    assert (tmp_path / "var/keys/master.key").stat().st_mode & 0o077 == 0


async def test_a_database_that_is_away_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    away = f"postgresql://miss@127.0.0.1:{servers.free_port()}/miss"
    settings = settings_in(tmp_path, database_url=away, keystore_url=f"{away}_keys")
    with pytest.raises(DatabaseUnreachable):
        await open_server(settings, SystemClock(), system_random, find_services())


async def test_the_mail_door_opens_and_closes_with_the_server(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with serving(settings) as server:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=server.mail_door.port, start_tls=False)
        async with client:
            assert (await client.ehlo()).code == 250
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", settings.mail_port)
