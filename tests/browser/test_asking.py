"""Asking for advice in a real browser (second tier): autosave, photographs made small, the camera, and no script.

axe finds nothing on a telephone and on a desk; the console stays silent.
"""

import io
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter
from playwright.async_api import Browser, BrowserContext, FilePayload, Page, async_playwright, expect

from bench.photos.shots import moved
from miss.directory.sample import people
from miss.server.demo.people import PageUser, activate_pages, load_directory
from miss.server.doors import Server
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, Seen
from tests.miss.server.running import serving, settings_in

pytestmark = pytest.mark.browser

FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
WATCH = """
window.sentFiles = [];
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (data) {
  for (const value of data.values()) {
    if (value instanceof Blob) sentFiles.push(value.arrayBuffer().then((bytes) => [...new Uint8Array(bytes)]));
  }
  return send.call(this, data);
};
"""
"""The bytes of every file that leaves the page."""
PLAYING = "(video) => video.videoWidth || new Promise((resolve) => { video.onplaying = resolve; })"
TEXTS = {
    "c.patient.nom": "FICTIF",
    "c.patient.prenoms": "BASTIEN",
    "c.patient.naissance": "1985-07-14",
    "c.question": "Faut-il retirer cette lésion apparue au printemps ?",
    "d.diametre": "7",
}
CHOICES = {
    "d.alerte": "false",
    "c.patient.sexe": "M",
    "c.delai": "72h",
    "c.but": "diagnostic",
    "c.terrain": "aucun",
    "c.allergie": "false",
    "c.information": "true",
    "d.type": "pigmentee",
    "d.siege": "tronc",
    "d.debut": "1-6mois",
    "d.evolution": "stable",
    "d.signes": "aucun",
    "d.abcde": "aucun",
    "d.essai": "rien",
}


def picture(kind: str = "sharp", size: tuple[int, int] = (2400, 1800)) -> bytes:
    """Something like skin with a lesion and a ruler: edges everywhere, or none left."""
    chance = random.Random(7)
    image = Image.new("RGB", size, "#c98f70")
    draw = ImageDraw.Draw(image)
    for _ in range(900):
        x, y, r = chance.randrange(size[0]), chance.randrange(size[1]), chance.randrange(3, 24)
        draw.ellipse((x, y, x + r, y + r), fill=chance.choice(["#7a4a35", "#e6b89c", "#5b3324"]))
    for x in range(0, size[0], 40):
        draw.line((x, size[1] - 160, x, size[1] - 60), fill="black", width=6)
    if kind == "blurred":
        image = image.filter(ImageFilter.GaussianBlur(24))
    if kind == "moved":
        image = moved(image, 48, 30)
    if kind == "dark":
        image = image.point(lambda level: level // 5)
    output = io.BytesIO()
    exif = Image.Exif()
    exif[271] = "Telephone Fictif"
    exif[274] = 6
    image.save(output, "JPEG", quality=90, exif=exif)
    return output.getvalue()


def file(name: str, content: bytes, mime: str = "image/jpeg") -> FilePayload:
    return FilePayload(name=name, mimeType=mime, buffer=content)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path)) as server:
        await load_directory(server.house)
        for sample in server.samples:
            await sample()
        yield server


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        yield browser
        await browser.close()


async def sign_in(page: Page, user: PageUser) -> None:
    await page.goto("/connexion")
    await page.fill("#login", user.practitioner.rpps or "")
    await page.fill("#password", user.password)
    await page.press("#password", "Enter")
    await page.wait_for_url(lambda url: "connexion" not in url)


async def opened(
    browser: Browser, server: Server, *, viewport: dict[str, int] = PHONE, script: bool = True, locale: str = "fr-FR"
) -> tuple[Seen, BrowserContext, PageUser]:
    """The requester's browser on a fresh draft of a dermatology request."""
    origin = server.house.settings.public_origin
    user = await activate_pages(server.house, origin, people.PAUL_EXEMPLE)
    context = await browser.new_context(
        base_url=origin,
        locale=locale,
        viewport=viewport,  # type: ignore[arg-type]
        java_script_enabled=script,
        timezone_id="Indian/Reunion",
        permissions=["camera"],
    )
    seen = Seen(await context.new_page(), [])
    seen.page.on("console", seen.hear)
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    await sign_in(seen.page, user)
    await seen.page.goto("/teleexpertise/demandes/nouvelle")
    await seen.page.click("main form button[value=dermatologie]")
    await seen.page.wait_for_url("**/completer")
    return seen, context, user


async def saved(page: Page) -> None:
    """Everything typed so far is on the server: « Enregistré à » alone may speak of what was typed before."""
    await expect(page.locator("form[data-guided-form]")).not_to_have_attribute("data-unsent", "", timeout=30_000)
    await page.locator("[data-status]", has_text="Enregistré à").wait_for()


async def arrived(page: Page) -> None:
    """No photograph is on its way any more."""
    await expect(page.locator("[data-photo] [data-state]:not(:empty)")).to_have_count(0)


async def fill(page: Page, *, without: str = "") -> None:
    """Every required answer but photographs."""
    for name, value in CHOICES.items():
        if name != without:
            await page.check(f"[name='{name}'][value='{value}']")
    for name, value in TEXTS.items():
        if name != without:
            await page.fill(f"[name='{name}']", value)


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_every_state_of_the_form_is_accessible(server: Server, viewport: dict[str, int], locale: str) -> None:
    async with chromium() as browser:
        seen, _, _ = await opened(browser, server, viewport=viewport, locale=locale)
        page = seen.page
        await seen.check()
        await page.check("[name='d.alerte'][value='true']")
        await page.locator("[data-urgent] a[href='tel:15']").wait_for(state="visible")
        await page.fill("[name='c.patient.matricule']", "185075918304225")
        await page.set_input_files("[name='d.photo.large']", [file("vue.jpg", picture("dark", (800, 600)))])
        await page.locator("[data-photo] .field__note").first.wait_for()
        await page.locator("#f-c-patient-matricule-note").wait_for()
        await seen.check()
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], "the form scrolls sideways"
        await page.locator("#missing button").click()
        await page.locator("[data-error-summary]").wait_for()
        seen.complaints.clear()  # the browser notes the 422 that shows the form again
        await seen.check()
        await page.goto("/teleexpertise/demandes/brouillons")
        await seen.check()
        await page.locator("tbody button").click()
        await page.wait_for_url("**supprime=*")
        await seen.check()


async def test_a_draft_is_kept_while_one_types_and_sent_complete(server: Server) -> None:
    async with chromium() as browser:
        seen, _, _ = await opened(browser, server)
        page = seen.page
        await fill(page, without="d.debut")
        await saved(page)
        await page.add_init_script(WATCH)
        await page.reload()
        assert await page.input_value("[name='c.question']") == TEXTS["c.question"], "nothing typed is lost"
        assert await page.is_checked("[name='d.siege'][value='tronc']")

        for name in ("d.photo.large", "d.photo.proche"):
            await page.set_input_files(f"[name='{name}']", [file("photo.jpg", picture())])
        await page.locator("[data-missing-title]", has_text="Il manque 1 réponse").wait_for()
        assert await page.locator("[data-photo] .field__note").count() == 0, "a sharp photograph gets no warning"
        [photo, _] = await page.locator("[data-photo] img").all()
        sides = await photo.evaluate(
            "async (one) => { await one.decode(); return [one.naturalWidth, one.naturalHeight]; }"
        )
        assert sides == [1800, 2400], "turned upright as its EXIF says"
        sent = [bytes(one) for one in await page.evaluate("Promise.all(window.sentFiles)")]
        assert [one[:2] for one in sent] == [b"\xff\xd8"] * 2
        assert not any(b"Telephone Fictif" in one for one in sent), "what leaves the browser has no EXIF"

        await page.locator("[data-next]").click()
        assert await page.evaluate("document.activeElement.name") == "d.debut", "the link leads to what is missing"
        await page.keyboard.press("Space")
        await page.locator("[data-missing-title]", has_text="Tout est rempli").wait_for()
        await page.locator("#missing button").click()
        await page.wait_for_url(lambda url: "completer" not in url)
        assert "En attente d’un expert" in await page.inner_text("main") or "Proposée" in await page.inner_text("main")
        assert seen.complaints == []


async def test_two_tabs_of_one_draft_lose_nothing_of_each_other(server: Server) -> None:
    async with chromium() as browser:
        seen, context, _ = await opened(browser, server)
        first, second = seen.page, await context.new_page()
        await second.goto(first.url)
        await first.fill("[name='c.question']", "Écrit dans le premier onglet ?")
        await saved(first)
        await second.fill("[name='c.hypothese']", "Écrit dans le second")
        await second.locator("[data-status]", has_text="aussi été complété ailleurs").wait_for()
        await second.locator("[data-status] a").click()
        await second.wait_for_load_state()
        assert await second.input_value("[name='c.question']") == "Écrit dans le premier onglet ?"
        assert await second.input_value("[name='c.hypothese']") == "Écrit dans le second"


async def test_what_is_written_offline_or_after_the_session_survives(server: Server) -> None:
    async with chromium() as browser:
        seen, context, user = await opened(browser, server)
        page = seen.page
        await context.set_offline(True)
        await page.fill("[name='c.question']", "Écrit hors ligne ?")
        await page.locator("[data-status]", has_text="Hors ligne").wait_for()
        held = await page.evaluate("Object.values({...localStorage}).join()")
        assert held, "kept in the browser"
        assert "hors ligne" not in held, "sealed"
        await context.set_offline(False)
        await saved(page)
        assert await page.evaluate("localStorage.length") == 0, "nothing stays behind once it has arrived"

        await context.clear_cookies()
        await page.fill("[name='c.hypothese']", "Écrit sans session")
        link = page.locator("[data-status] a", has_text="Se reconnecter")
        await link.wait_for()
        draft = page.url
        await page.goto("/connexion")
        await sign_in(page, user)
        await page.goto(draft)
        await page.locator("[data-status]", has_text="a été repris").wait_for()
        assert await page.input_value("[name='c.hypothese']") == "Écrit sans session"
        assert await page.input_value("[name='c.question']") == "Écrit hors ligne ?"


async def test_photographs_are_warned_of_counted_taken_away_and_brought_back(server: Server) -> None:
    async with chromium() as browser:
        seen, _, _ = await opened(browser, server)
        page = seen.page
        close = page.locator("[data-item='d.photo.proche']")
        await page.set_input_files(
            "[name='d.photo.proche']", [file("floue.jpg", picture("blurred")), file("sombre.jpg", picture("dark"))]
        )
        await close.locator(".field__note", has_text="peut-être floue").wait_for()
        await close.locator(".field__note", has_text="sombre").wait_for()
        await page.set_input_files(
            "[name='d.photo.proche']", [file(f"n{n}.jpg", picture(size=(600, 400))) for n in range(3)]
        )
        await close.locator("[role=status]", has_text="4 fichiers au plus").wait_for()
        await expect(close.locator("[data-photo]")).to_have_count(4)
        await expect(close.locator(".field__note", has_text="moins de 2 millions")).to_have_count(2)

        large = page.locator("[data-item='d.photo.large']")
        await page.set_input_files("[name='d.photo.large']", file("nette.jpg", picture()))
        await expect(large.locator("[data-photo] img")).to_have_count(1)
        assert await large.locator(".field__note", has_text="floue").count() == 0
        await large.locator("[data-photo] button", has_text="Retirer").click()
        await page.set_input_files("[name='d.photo.large']", file("bougee.jpg", picture("moved")))
        await large.locator(".field__note", has_text="immobile").wait_for()
        await large.locator("[data-photo] button", has_text="Retirer").click()
        await expect(large.locator("[data-photo]")).to_have_count(0)

        await page.set_input_files("[name='d.photo.large']", [file("abimee.jpg", picture()[:3000])])
        await page.locator("[data-item='d.photo.large'] .field__error", has_text="illisible").wait_for()

        await close.locator("[data-photo] button", has_text="Retirer").first.click()
        await close.locator("[role=status] button", has_text="Annuler").click()
        await expect(close.locator("[data-photo]")).to_have_count(4)
        await arrived(page)
        await page.reload()
        await expect(close.locator("[data-photo]")).to_have_count(4)


async def test_the_camera_opens_on_its_question_with_the_guide(server: Server) -> None:
    async with chromium(*FAKE_CAMERA) as browser:
        seen, _, _ = await opened(browser, server)
        page = seen.page
        await page.locator("[data-item='d.photo.proche'] .photos__take").click()
        camera = page.locator("dialog.camera")
        await camera.locator("svg text", has_text="20 cm").wait_for()
        await camera.locator("video").evaluate(PLAYING)
        await seen.check()
        await camera.get_by_role("button", name="Photographier").press("Enter")
        keep = camera.get_by_role("button", name="Garder")
        await keep.wait_for()
        await seen.check()
        await camera.get_by_role("button", name="Reprendre").click()
        await camera.get_by_role("button", name="Photographier").click()
        await keep.click()
        await page.locator("[data-item='d.photo.proche'] [data-photo] img").wait_for()
        await arrived(page)
        await page.reload()
        await page.locator("[data-item='d.photo.proche'] [data-photo] img").wait_for()
        assert seen.complaints == []


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_everything_works_without_script(server: Server, viewport: dict[str, int]) -> None:
    async with chromium() as browser:
        seen, _, _ = await opened(browser, server, viewport=viewport, script=False)
        page = seen.page
        await fill(page, without="d.debut")
        await page.set_input_files("[name='d.photo.large']", [file("vue.jpg", picture(size=(800, 600)))])
        await page.click("#missing button")
        [line] = [line for line in await page.locator("[role=alert] li").all_inner_texts() if "Début" in line]
        assert line
        assert await page.input_value("[name='c.question']") == TEXTS["c.question"]
        assert "vue.jpg" in await page.inner_text("[data-item='d.photo.large']")
        await page.click("[role=alert] a[href='#f-d-debut']")
        await page.check("[name='d.debut'][value='1-6mois']")
        await page.set_input_files("[name='d.photo.proche']", [file("pres.jpg", picture(size=(800, 600)))])
        await page.click("#missing button")
        await page.wait_for_url(lambda url: "completer" not in url)
        assert seen.page.url.rpartition("/")[2].startswith("TE")
