"""What an establishment imposes on browsers: they lock no later than it says, without network too."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from miss.base.ids import OrganizationId
from miss.base.random import system_random
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.workstations import Imposed, Workstations
from miss.directory.sample import people
from tests.clients.web.app_pages import WAIT_MS, Clinic, choose_pin, clinic, open_settings, unlock

pytestmark = pytest.mark.browser

LILLE = OrganizationId("F599990009")
PAUL = people.PAUL_EXEMPLE


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Clinic]:
    """With Paul on the list of a hospital."""
    async with clinic(tmp_path) as opened:
        there = opened.server.house
        record = Establishment(id=LILLE, name="CH fictif de Lille", kind=EstablishmentKind.HOSPITAL)
        await Establishments(there.db, there.clock, system_random).open(record, "test")
        roster = Roster(there.db, there.clock, system_random, there.practitioners)
        said = {StaffField.FAMILY: "EXEMPLE", StaffField.GIVEN: "Paul", StaffField.RPPS: PAUL}
        await roster.add(LILLE, said, "test")
        yield opened


async def impose(house: Clinic, minutes: int | None) -> None:
    there = house.server.house
    await Workstations(there.db, there.clock).put(LILLE, Imposed(minutes), "test")


async def test_a_browser_without_a_code_asks_for_one_and_then_locks_in_time(house: Clinic) -> None:
    context = await house.person()
    tab = await house.at_work(context, PAUL, pin="")
    await impose(house, 2)
    await tab.page.clock.install()
    await tab.page.reload()
    await tab.sees("se verrouille après 2 minutes sans activité")
    await expect(tab.page.get_by_role("button", name="Plus tard")).to_have_count(0)
    await expect(tab.page.get_by_role("heading", name="Messages")).to_be_hidden()
    await tab.check()
    await choose_pin(tab)
    await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)

    await open_settings(tab)
    await tab.sees("un verrouillage après 2 minutes au plus")
    await expect(tab.page.get_by_label("2 minutes sans activité")).to_be_checked()
    await expect(tab.page.get_by_label("5 minutes sans activité")).to_have_count(0)
    await expect(tab.page.get_by_label("Jamais")).to_have_count(0)
    await expect(tab.page.get_by_role("button", name="Retirer le code PIN")).to_have_count(0)
    await tab.check()

    await tab.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await context.set_offline(True)
    await tab.page.reload()
    await unlock(tab)
    await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
    await tab.page.clock.fast_forward("01:40")
    await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible()
    await tab.page.clock.fast_forward("00:30")
    await tab.sees("Messagerie verrouillée")


async def test_what_is_no_longer_imposed_is_the_persons_again(house: Clinic) -> None:
    await impose(house, 10)
    tab = await house.open(await house.person())
    await house.link(tab, PAUL)
    await choose_pin(tab)
    await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
    await open_settings(tab)
    await expect(tab.page.get_by_label("10 minutes sans activité")).to_be_visible(timeout=WAIT_MS)
    await expect(tab.page.get_by_label("5 minutes sans activité")).to_be_checked()
    await impose(house, None)
    await tab.page.reload()
    await unlock(tab)
    await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
    await open_settings(tab)
    await expect(tab.page.get_by_label("Jamais")).to_be_visible(timeout=WAIT_MS)
    await expect(tab.page.get_by_role("button", name="Retirer le code PIN")).to_be_visible()
