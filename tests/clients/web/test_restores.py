"""A server that is put back to an older point, in the pages: what was lost is shown apart, and comes again once."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.client import Client, Store
from miss.directory.sample import people
from miss.server.demo.people import load_directory
from miss.server.settings import Settings
from tests.browser.test_tour import CHROMIUM, FLAGS, PHONE
from tests.clients.web.app_pages import WAIT_MS, Clinic, built
from tests.miss.client.chat_server import until_true
from tests.miss.client.devices import KEY, texts
from tests.miss.client.restoring.restoring import copy, lost
from tests.miss.server.running import serving, settings_in

pytestmark = pytest.mark.browser

PAUL, CLAIRE = people.PAUL_EXEMPLE, people.CLAIRE_TEMOIN
MISS = Path(sys.executable).with_name("miss")
GROUP = "Plaie du talon"
PATIENCE_MS = 75_000
"""A browser waits up to a minute before it tries again."""


def put_back(settings: Settings, backup: Path) -> None:
    """The store as it was when it was copied."""
    for name in ("miss.db-wal", "miss.db-shm"):
        (settings.data_dir / name).unlink(missing_ok=True)
    copy(backup, settings.data_dir / "miss.db")


async def declare(settings: Settings, restored_to: str) -> None:
    """« miss backup declare », as the operator types it."""
    process = await asyncio.create_subprocess_exec(
        MISS,
        *("backup", "declare", "--yes", "--restored-to", restored_to),
        env={**os.environ, "MISS_DATA_DIR": str(settings.data_dir)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert "retour n° 1 déclaré" in said.decode()


@asynccontextmanager
async def claire_again(folder: Path) -> AsyncIterator[Client]:
    """Claire's program, on the device she has."""
    with Store(folder / f"{CLAIRE}.db", KEY, system_random) as store:
        async with Client.open(store, clock=SystemClock(), random_bytes=system_random) as client:
            yield client


async def until_shown(page: Page, *wanted: str) -> None:
    """Exactly these texts in the open conversation, from the oldest on."""
    await expect(page.locator(".msg__text")).to_have_text(list(wanted), timeout=PATIENCE_MS)


async def test_what_the_server_lost_is_shown_apart_and_comes_again_once(tmp_path: Path) -> None:
    built()
    settings, backup = settings_in(tmp_path), tmp_path / "backup.db"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        async with serving(settings) as server:
            await load_directory(server.house)
            house = Clinic(server, browser, tmp_path)
            paul = await house.at_work(await house.person(viewport=PHONE), PAUL, pin="")
            async with house.program(CLAIRE) as claire:
                [uid] = [entry.uid for entry in await claire.directory("exemple") if entry.uid]
                cid = await claire.create_conversation([uid], name=GROUP)
                await claire.wait_sent(claire.send_text(cid, "Avant la sauvegarde"))
                await paul.page.get_by_text(GROUP).first.click(timeout=WAIT_MS)
                await until_shown(paul.page, "Avant la sauvegarde")
                copy(settings.data_dir / "miss.db", backup)
                moment = SystemClock().now().astimezone(UTC)
                await claire.wait_sent(claire.send_text(cid, "Perdu de Claire"))
                await until_shown(paul.page, "Avant la sauvegarde", "Perdu de Claire")
                await paul.write("Perdu de Paul")
                await until_true(claire, lambda: "Perdu de Paul" in texts(claire, cid))
        put_back(settings, backup)
        await declare(settings, f"{moment:%Y-%m-%dT%H:%M:%S}")
        async with serving(settings):
            # His own is there again; Claire's is kept apart for as long as she is away.
            await until_shown(paul.page, "Avant la sauvegarde", "Perdu de Paul")
            await paul.sees("son opérateur l’atteste")
            note = paul.page.locator(".lost")
            await note.get_by_text("1 message que le serveur n’a plus").click()
            await expect(note.locator("li")).to_contain_text("Perdu de Claire")
            await paul.check_looks()
            async with claire_again(tmp_path) as claire:
                await until_true(claire, lambda: "Perdu de Paul" in texts(claire, cid) and not lost(claire, cid))
                log = ["Avant la sauvegarde", "Perdu de Paul", "Perdu de Claire"]
                await until_shown(paul.page, *log)
                await expect(note).to_have_count(0)
                await paul.write("Après la restauration")
                await until_shown(paul.page, *log, "Après la restauration")
                await until_true(claire, lambda: texts(claire, cid) == [*log, "Après la restauration"])
                assert not claire.split_views(cid)
        await browser.close()
