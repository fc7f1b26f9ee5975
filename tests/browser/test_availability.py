"""« Mes disponibilités » in a real browser: the week drawn by mouse, finger, keyboard and without script; axe."""

from collections.abc import AsyncIterator
from datetime import time
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from miss.base.ids import PractitionerId
from miss.directory.sample import people
from miss.server.demo.people import activate_pages, load_directory
from miss.server.doors import Server
from miss.server.service import find_services
from teleexpertise.availability import WeeklySlot
from teleexpertise.availability.store import load
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, Seen
from tests.miss.server.running import serving, settings_in
from tests.teleexpertise.availability.calendars.ics import calendar, event

pytestmark = pytest.mark.browser
PAGE = "/teleexpertise/disponibilites"
PARIS = "Europe/Paris"
SAVED = "**/disponibilites?fait=semaine"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """With its pool of dermatologists, whose weeks are mornings."""
    assert find_services().all
    async with serving(settings_in(tmp_path)) as server:
        await load_directory(server.house)
        for sample in server.samples:
            await sample()
        yield server


async def anne(
    browser: Browser, server: Server, viewport: dict[str, int], *, locale: str = "fr-FR", script: bool = True
) -> Seen:
    """Dr MODELE on her page."""
    origin = server.house.settings.public_origin
    user = await activate_pages(server.house, origin, people.ANNE_MODELE)
    context = await browser.new_context(
        locale=locale,
        viewport=viewport,  # type: ignore[arg-type]
        base_url=origin,
        java_script_enabled=script,
        has_touch=viewport is PHONE,
    )
    seen = Seen(await context.new_page(), [])
    seen.page.on("console", seen.hear)
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    await seen.page.goto(f"/connexion?suite={PAGE}")
    await seen.page.fill("#login", people.ANNE_MODELE)
    await seen.page.fill("#password", user.password)
    await seen.page.press("#password", "Enter")
    await seen.page.wait_for_url(f"**{PAGE}")
    return seen


async def kept(server: Server) -> list[WeeklySlot]:
    """Her week, as it was saved."""
    person = await server.house.practitioners.find_by_rpps(people.ANNE_MODELE)
    assert person is not None
    who = PractitionerId(person.id)
    async with server.house.db.snapshot() as tx:
        return sorted((await load(tx, [who]))[who].weekly, key=lambda slot: (slot.weekday, slot.start))


def cell(page: Page, day: int, half: int) -> str:
    return f'.week-grid [data-at="{day} {half}"]'


def slot(weekday: int, start: time, end: time) -> WeeklySlot:
    return WeeklySlot(weekday, start, end, PARIS)


MORNINGS = [slot(day, time(9), time(12)) for day in range(5)]


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_every_page_is_accessible_filled_and_empty(server: Server, locale: str, viewport: dict[str, int]) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        seen = await anne(browser, server, viewport, locale=locale)
        page = seen.page

        async def look() -> None:
            for path in (PAGE, f"{PAGE}/jours", f"{PAGE}/agendas", "/teleexpertise/demandes/nouvelle"):
                await page.goto(path)
                await seen.check()
                width = await page.evaluate("document.documentElement.scrollWidth")
                assert width <= viewport["width"], f"{path} scrolls sideways"

        await look()
        await page.goto(PAGE)
        await page.locator("form[data-week] button.button--quiet").last.click()
        await seen.check()
        await page.goto(f"{PAGE}/jours")
        await page.fill("#first_day", "2099-07-01")
        await page.fill("#last_day", "2099-07-14")
        await page.press("#last_day", "Enter")
        await page.wait_for_url("**fait=conge")
        await page.fill("#day", "2099-07-15")
        await page.press("#day", "Enter")
        await page.wait_for_url("**fait=exception")
        await seen.check()
        await page.goto(f"{PAGE}/agendas")
        file = {"name": "agenda.ics", "mimeType": "text/calendar", "buffer": calendar(event(), event("20260101", "x"))}
        await page.set_input_files("#file", file)  # type: ignore[arg-type]
        await page.locator("form[action$='/fichier'] button").press("Enter")
        await page.wait_for_url("**fait=ajout")
        await page.locator("form[action$='/adresse'] button").press("Enter")
        await page.locator("#link").wait_for()
        await seen.check()
        await page.goto(PAGE)
        await page.locator("button[value=tonight]").press("Enter")
        await page.wait_for_url("**fait=absence")
        await seen.check()
        await look()
        await browser.close()


async def test_a_week_is_drawn_by_mouse_undone_copied_and_saved(server: Server) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        seen = await anne(browser, server, DESK)
        page = seen.page
        await page.locator(cell(page, 0, 28)).scroll_into_view_if_needed()
        await page.drag_and_drop(cell(page, 0, 28), cell(page, 1, 33))  # 14 h to 17 h, Monday and Tuesday
        assert await page.locator(cell(page, 1, 30)).get_attribute("aria-selected") == "true"
        await page.locator(cell(page, 4, 20)).click()  # a half-hour of Friday morning
        assert await page.locator(cell(page, 4, 20)).get_attribute("aria-selected") == "false"
        await page.get_by_role("button", name="Annuler le dernier geste").click()
        assert await page.locator(cell(page, 4, 20)).get_attribute("aria-selected") == "true"
        await page.select_option("#copy_from", "0")
        await page.get_by_role("button", name="Copier", exact=True).click()
        assert await page.locator(cell(page, 3, 30)).get_attribute("aria-selected") == "true"
        await page.get_by_role("button", name="Annuler le dernier geste").click()
        await page.get_by_role("button", name="Enregistrer la semaine").click()
        await page.wait_for_url(SAVED)
        afternoons = [slot(day, time(14), time(17)) for day in (0, 1)]
        assert await kept(server) == sorted([*MORNINGS, *afternoons], key=lambda one: (one.weekday, one.start))
        await page.get_by_role("button", name="Annuler cette modification").click()
        await page.wait_for_url("**fait=annule")
        assert await kept(server) == MORNINGS
        await seen.check()
        await browser.close()


async def test_a_week_is_drawn_by_keyboard_alone(server: Server) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        seen = await anne(browser, server, DESK)
        page = seen.page
        await page.focus("#territory")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.dataset.at") == "0 18", "one stop in the grid: Monday, 9 h"
        await page.keyboard.press("End")  # Sunday
        await page.keyboard.press("PageDown")  # two hours on
        await page.keyboard.press("Space")
        for _ in range(3):
            await page.keyboard.press("Shift+ArrowDown")
        said = await page.locator("form[data-week] [role=status].visually-hidden").text_content()
        assert said == "dimanche 11 h – 13 h : ouvert"
        await page.keyboard.press("ArrowLeft")
        await page.keyboard.press("Space")
        await page.keyboard.press("Control+z")
        await page.keyboard.press("Control+Home")
        assert await page.evaluate("document.activeElement.dataset.at") == "0 14"
        await page.get_by_role("button", name="Enregistrer la semaine").press("Enter")
        await page.wait_for_url(SAVED)
        assert await kept(server) == [*MORNINGS, slot(6, time(11), time(13))]
        assert seen.complaints == []
        await browser.close()


async def test_a_finger_draws_and_scrolls(server: Server) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        seen = await anne(browser, server, PHONE)
        page = seen.page
        await page.locator(cell(page, 5, 20)).scroll_into_view_if_needed()
        await page.locator(cell(page, 5, 20)).tap()
        assert await page.locator(cell(page, 5, 20)).get_attribute("aria-selected") == "true"
        session = await page.context.new_cdp_session(page)

        async def touch(kind: str, day: int, half: int) -> None:
            box = await page.locator(cell(page, day, half)).bounding_box()
            assert box is not None
            points = (
                [{"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}] if kind != "touchEnd" else []
            )
            await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        await touch("touchStart", 6, 20)
        await page.locator(f'{cell(page, 6, 20)}[aria-selected="true"]').wait_for()  # the finger has rested long enough
        await touch("touchMove", 6, 22)
        await touch("touchMove", 6, 23)
        await touch("touchEnd", 6, 23)
        await page.get_by_role("button", name="Enregistrer la semaine").tap()
        await page.wait_for_url(SAVED)
        assert (await kept(server))[5:] == [slot(5, time(10), time(10, 30)), slot(6, time(10), time(12))]
        await browser.close()


async def test_a_week_is_written_without_script(server: Server) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = (await anne(browser, server, PHONE, script=False)).page
        saturday = page.locator('[data-day="5"]')
        await saturday.locator("input[name=start-5]").fill("09:15")
        await saturday.locator("input[name=end-5]").fill("11:00")
        await page.locator('[data-day="0"] input[type=checkbox]').check()
        await page.get_by_role("button", name="Enregistrer la semaine").click()
        await page.wait_for_url(SAVED)
        assert await kept(server) == [*MORNINGS[1:], slot(5, time(9, 15), time(11))]
        # Hours off the half-hour are left to the list, with a script too.
        seen = await anne(browser, server, DESK)
        assert await seen.page.locator("[data-week-list]").is_visible()
        assert not await seen.page.locator(".week-grid").is_visible()
        await browser.close()
