"""The first visit: the choice how to link is there, and works, before the engine and its cryptography are."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from miss.directory.sample import people
from tests.clients.web.app_pages import WAIT_MS, Clinic, Tab, clinic

pytestmark = pytest.mark.browser

PAUL = people.PAUL_EXEMPLE
LATER = "**/assets/*{engine,libsodium}*"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Clinic]:
    async with clinic(tmp_path) as opened:
        yield opened


async def type_the_letter(house: Clinic, tab: Tab) -> None:
    await tab.page.get_by_role("button", name="J’ai une lettre d’activation").click(timeout=WAIT_MS)
    await tab.fill("Numéro RPPS", PAUL)
    await tab.fill("Code d’activation", await house.code(PAUL))
    await tab.fill("Empreinte de l’opérateur", house.server.chat.signer.root_fingerprint)
    await tab.press("Relier ce navigateur")


async def test_one_types_while_the_engine_is_still_on_its_way(house: Clinic) -> None:
    context = await house.person()
    come = asyncio.Event()

    async def hold(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await context.route(LATER, hold)
    tab = await house.open(context)
    await type_the_letter(house, tab)
    await tab.sees("Création des clés et envoi à l’opérateur…")
    assert await tab.page.evaluate("performance.getEntriesByName('miss:warm').length") == 0
    come.set()
    await expect(tab.page.get_by_role("heading", name="Protéger ce navigateur")).to_be_visible(timeout=WAIT_MS)
    tab.check_console()


async def test_what_cannot_be_fetched_is_said_and_fetched_again(house: Clinic) -> None:
    context = await house.person()
    await context.route(LATER, lambda route: route.abort())
    tab = await house.open(context)
    await tab.sees("Une partie de la messagerie n’a pas pu être chargée.")
    await context.unroute(LATER)
    await tab.press("Réessayer")
    await type_the_letter(house, tab)
    await expect(tab.page.get_by_role("heading", name="Protéger ce navigateur")).to_be_visible(timeout=WAIT_MS)
