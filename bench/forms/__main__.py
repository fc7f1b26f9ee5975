"""`python3 run.py bench forms`: every guided form filled in by a real browser, counted and estimated.

    --forms LIST    among the specialties (all)
    --write         rewrite the table of docs/fill-time.md

A telephone's viewport, taps, Chromium's fake camera, a server of its own with one pool for each specialty.  For each
form: a first request, the same asked again (« Demander de nouveau »), and the expert's answer.
"""

import argparse
import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import time, timedelta
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from bench.engines import ROOT
from bench.forms.page import SECTION, Row, compose_table
from bench.forms.walk import Walk
from miss.directory.sample import people
from miss.server.demo.people import PageUser, activate_pages, load_directory
from miss.server.doors import Server
from teleexpertise.availability import Availability, WeeklySlot
from teleexpertise.dispatch import Terms
from teleexpertise.house import Teleexpertise, build
from teleexpertise.settings import TeleexpertiseSettings
from tests.miss.server.running import serving, settings_in

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
ALWAYS = Availability(
    weekly=tuple(WeeklySlot(day, time(0), time(23, 59), "Europe/Paris") for day in range(7)), territory=None
)
HOME = "/teleexpertise"


async def main() -> None:
    """Walk, print, and write if asked to."""
    parser = argparse.ArgumentParser(prog="bench forms", description=__doc__)
    parser.add_argument("--forms", default="")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="miss-bench-forms-") as folder:
        async with serving(settings_in(Path(folder))) as server, async_playwright() as playwright:
            service = await _open(server)
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            names = asked.forms.split(",") if asked.forms else [form.id for form in service.registry.specialties()]
            for name in names:
                rows += [row async for row in _walk(browser, server, service, name)]
                print(compose_table(rows[-3:]), flush=True)
            await browser.close()
    if asked.write:
        SECTION.write(ROOT, compose_table(rows))


async def _open(server: Server) -> Teleexpertise:
    """One pool and one expert for each specialty, open at any hour."""
    house = server.house
    await load_directory(house)
    service = build(house, TeleexpertiseSettings())
    expert = await house.practitioners.find_by_rpps(people.ANNE_MODELE)
    coordinator = await house.practitioners.find_by_rpps(people.MARC_COORDO)
    if expert is None or coordinator is None:
        raise SystemExit("the sample directory lacks its people")
    for form in service.registry.specialties():
        pool = await service.dispatch.create_pool(
            name=form.title.fr,
            questionnaire=form.id,
            coordinator_id=coordinator.id,
            hours=ALWAYS,
            zone="Europe/Paris",
            answer_within=timedelta(hours=48),
            accept_within=timedelta(hours=6),
            answer_time=timedelta(minutes=5),
        )
        await service.dispatch.put_member(pool.id, expert.id, Terms())
    return service


async def _walk(browser: Browser, server: Server, service: Teleexpertise, form: str) -> AsyncIterator[Row]:
    title = service.registry.published(form).title.fr
    async with _telephone(browser, server, people.PAUL_EXEMPLE) as page:
        await page.goto(f"{HOME}/demandes")
        walk = Walk(page, form).begin()
        await walk.go(page.locator(f"a[href='{HOME}/demandes/nouvelle']").first, "**/nouvelle")
        await walk.go(page.locator(f"main form button[value={form}]"), "**/completer")
        number = await _fill_and_send(walk)
        yield Row(title=title, task="première demande", acts=walk.end(), photographs=walk.photographs)

        walk = Walk(page, form).begin()
        await walk.go(page.locator("form[action$='/de-nouveau'] button"), "**/completer")
        await _fill_and_send(walk)
        yield Row(title=title, task="demander de nouveau", acts=walk.end(), photographs=walk.photographs)
    async with _telephone(browser, server, people.ANNE_MODELE) as page:
        await _wait_offered(server, service, number)
        await page.goto(f"{HOME}/demandes/{number}")
        walk = Walk(page, form).begin()
        await walk.go(page.locator("form[action$='/accepter'] button").first, "**/repondre")
        await walk.fill()
        await walk.go(page.locator("form[data-guided-form] button:not([type=button])").last, "**/apercu")
        await walk.go(page.locator("form[action$='/envoyer'] button").last, "**/termine?*")
        yield Row(title=title, task="réponse de l’expert", acts=walk.end(), photographs=0)


async def _fill_and_send(walk: Walk) -> str:
    """Fill the form in and send it; its number."""
    await walk.fill()
    await walk.page.locator("[data-status]", has_text="Enregistré à").wait_for()
    await walk.page.locator("[data-photo] [data-state]:not(:empty)").first.wait_for(state="detached")
    number = walk.page.url.split("/")[-2]
    missing = await walk.page.locator("[data-missing-list] li").all_inner_texts()
    if missing:
        raise SystemExit(f"{number}: the walk leaves out {missing}; see bench/forms/answers.py")
    await walk.go(walk.page.locator("#missing button"), f"**/demandes/{number}")
    return number


async def _wait_offered(server: Server, service: Teleexpertise, number: str) -> None:
    expert = await server.house.practitioners.find_by_rpps(people.ANNE_MODELE)
    while expert is not None:
        held = await service.reading.worklist(expert.id)
        if any(line.request.number == number for line in held):
            return
        await server.house.jobs.run_due()


@asynccontextmanager
async def _telephone(browser: Browser, server: Server, rpps: str) -> AsyncIterator[Page]:
    """Somebody's telephone, signed in."""
    origin = server.house.settings.public_origin
    user: PageUser = await activate_pages(server.house, origin, rpps)
    context = await browser.new_context(
        base_url=origin,
        locale="fr-FR",
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        permissions=["camera"],
    )
    page = await context.new_page()
    await page.goto("/connexion")
    await page.fill("#login", rpps)
    await page.fill("#password", user.password)
    await page.press("#password", "Enter")
    await page.wait_for_url(lambda url: "connexion" not in url)
    yield page
    await context.close()


if __name__ == "__main__":
    asyncio.run(main())
