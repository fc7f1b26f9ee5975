"""A new browser is let in by what its camera sees: the code that the first one shows, drawn, filmed, read."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from PIL import Image
from playwright.async_api import Browser, async_playwright, expect

from miss.directory.sample import people
from tests.browser.test_tour import CHROMIUM, FLAGS
from tests.clients.web.app_pages import WAIT_MS, Clinic, Tab, clinic, open_settings

pytestmark = pytest.mark.browser

PAUL, CLAIRE = people.PAUL_EXEMPLE, people.CLAIRE_TEMOIN
FRAME: Final = (1280, 720)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Clinic]:
    async with clinic(tmp_path) as opened:
        yield opened


def film(path: Path, png: bytes, *, turned: float = 0) -> None:
    """A film of one picture, as a camera held in front of a screen sees it: small in the frame, turned, grey around."""
    scene = Image.new("RGB", FRAME, (96, 104, 100))
    code = Image.open(io.BytesIO(png)).convert("RGB").resize((420, 420))
    code = code.rotate(turned, expand=True, fillcolor=(96, 104, 100), resample=Image.Resampling.BICUBIC)
    scene.paste(code, ((FRAME[0] - code.width) // 2 + 60, (FRAME[1] - code.height) // 2 - 20))
    y, cb, cr = scene.convert("YCbCr").split()
    half = (FRAME[0] // 2, FRAME[1] // 2)
    picture = b"FRAME\n" + y.tobytes() + cb.resize(half).tobytes() + cr.resize(half).tobytes()
    path.write_bytes(f"YUV4MPEG2 W{FRAME[0]} H{FRAME[1]} F10:1 Ip A1:1 C420jpeg\n".encode() + picture * 3)


@asynccontextmanager
async def camera(path: Path) -> AsyncIterator[Browser]:
    """A browser whose camera shows that film; it asks nobody whether it may."""
    seen = [f"--use-file-for-fake-video-capture={path}", "--use-fake-device-for-media-stream"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, *seen, "--use-fake-ui-for-media-stream"]
        )
        try:
            yield browser
        finally:
            await browser.close()


async def scanning(house: Clinic, browser: Browser) -> Tab:
    """The new browser, with its camera on."""
    ward = Clinic(house.server, browser, house.folder)
    tab = await ward.open(await ward.person())
    await tab.page.get_by_role("button", name="J’ai déjà MiSS sur un autre appareil").click(timeout=WAIT_MS)
    await tab.fill("Nom de cet appareil", "Tablette du service")
    await tab.press("Scanner le code QR")
    return tab


async def test_a_browser_is_let_in_by_what_its_camera_sees(house: Clinic, tmp_path: Path) -> None:
    old = await house.at_work(await house.person(), PAUL, pin="")
    await open_settings(old)
    await old.press("Relier un appareil")
    shown = old.page.locator("svg.qr")
    await expect(shown).to_be_visible(timeout=WAIT_MS)
    film(tmp_path / "pairing.y4m", await shown.screenshot(), turned=7)
    async with camera(tmp_path / "pairing.y4m") as browser:
        new = await scanning(house, browser)
        await old.sees("Il se nomme « Tablette du service ».")
        await old.press("Oui, le relier")
        await expect(new.page.get_by_role("heading", name="Protéger ce navigateur")).to_be_visible(timeout=WAIT_MS)
        await old.sees("« Tablette du service » est relié.")
        await expect(new.page.locator("video"), "the camera is off").to_have_count(0)
        await new.press("Plus tard")
        await expect(new.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
        new.check_console()


async def test_another_code_is_said_to_be_another(house: Clinic, tmp_path: Path) -> None:
    """A safety card instead of a pairing; and without a camera, what to do."""
    tab = await house.at_work(await house.person(), PAUL, pin="")
    async with house.program(CLAIRE) as claire:
        uid = next(entry.uid for entry in await claire.directory("exemple") if entry.uid)
        await claire.wait_sent(claire.send_text(await claire.create_conversation([uid], name="À deux"), "Bonjour."))
        await tab.sees("Bonjour.")
        await open_settings(tab)
        await tab.page.get_by_role("combobox").last.select_option(index=1)
        card = tab.page.locator("svg.qr")
        await expect(card).to_be_visible(timeout=WAIT_MS)
        film(tmp_path / "card.y4m", await card.screenshot())
    async with camera(tmp_path / "card.y4m") as browser:
        new = await scanning(house, browser)
        await new.sees("Ce code QR n’est pas celui qu’il faut ici.")
        await new.check()
        await new.press("Annuler")
        await expect(new.page.locator("video")).to_have_count(0)
    blind = await house.open(await house.person())
    await blind.page.get_by_role("button", name="J’ai déjà MiSS sur un autre appareil").click(timeout=WAIT_MS)
    await blind.press("Scanner le code QR")
    await blind.sees("La caméra n’est pas disponible.")
