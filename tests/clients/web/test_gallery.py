"""The pages of the web client in a real Chromium, over the gallery's engine: axe, keys, photos, 20,000 messages.

No server is behind them (`gallery_pages`).
"""

import io
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import Browser, async_playwright

from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, WCAG
from tests.clients.web.gallery_pages import gallery_at, look, scroll_up, until
from tests.clients.web.gallery_scenes import SCENES, camera_photo

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("MISS_SHOTS", "")
"""A folder for pictures of the pages, for people to look at."""


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the gallery."""
    with gallery_at(tmp_path_factory.mktemp("gallery")) as address:
        yield address


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


@pytest.mark.parametrize("name", SCENES)
async def test_axe_finds_nothing_and_nothing_scrolls_sideways(gallery: str, browser: Browser, name: str) -> None:
    query, steps = SCENES[name]
    for device, viewport in (("phone", PHONE), ("desk", DESK)):
        looking = await look(browser, f"{gallery}?{query}", viewport)
        await steps(looking.page)
        await looking.page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")
        found = await Axe().run(looking.page, options=WCAG)
        if SHOTS:
            await looking.page.screenshot(path=str(Path(SHOTS) / f"web-{name}-{device}.png"))
        assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found.response["violations"]] == [], device
        assert looking.complaints == [], device
        assert await looking.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], device
        await looking.page.context.close()


async def test_every_task_by_keyboard(gallery: str, browser: Browser) -> None:
    looking = await look(browser, f"{gallery}?scene=calm", DESK)
    page = looking.page
    await page.keyboard.press("Control+k")
    await page.keyboard.type("temoin")
    await page.keyboard.press("Enter")
    composer = page.locator("#composer")
    await composer.wait_for()
    assert await page.evaluate("document.activeElement.id") == "composer"

    await page.keyboard.type("Bonjour")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("à demain")
    await page.keyboard.press("Enter")
    await page.locator("article", has_text="à demain").wait_for()
    assert await composer.input_value() == ""

    await page.keyboard.press("ArrowUp")
    assert await composer.input_value() == "Bonjour\nà demain"
    await page.keyboard.type(" matin")
    await page.keyboard.press("Enter")
    await page.locator("article", has_text="à demain matin").locator(".msg__edited").wait_for()

    await page.keyboard.type("un brouillon")
    await page.keyboard.press("Alt+ArrowDown")
    await page.locator(".row", has=page.locator(".row__draft"), has_text="un brouillon").wait_for()
    await page.keyboard.press("Alt+ArrowUp")
    await until(page, "document.querySelector('#composer')?.value === 'un brouillon'")

    await page.locator("article").last.focus()
    await page.keyboard.press("+")
    await page.get_by_role("button", name="Réagir 👍").press("Enter")
    await page.locator("article").last.locator(".reaction--mine").wait_for()
    await page.keyboard.press("Escape")
    await page.locator(".empty--thread").wait_for()
    assert looking.complaints == []


async def test_the_way_back_on_a_phone_closes_what_was_opened_last(gallery: str, browser: Browser) -> None:
    page = (await look(browser, f"{gallery}?scene=calm", PHONE)).page
    await page.locator(".row").first.click()
    await page.locator(".photo__open").last.click()
    await page.locator(".viewer__img").wait_for()
    await page.go_back()
    await page.locator(".viewer").wait_for(state="detached")
    await page.locator(".bar__who").click()
    await page.locator(".side-pane").wait_for()
    await page.go_back()
    await page.locator(".side-pane").wait_for(state="detached")
    await page.locator(".bar__back").first.click()
    await page.locator(".list-pane").wait_for(state="visible")
    assert "#" not in page.url
    assert "/c/" not in page.url


async def test_what_a_quotation_or_a_search_points_to_is_brought_into_sight(gallery: str, browser: Browser) -> None:
    page = (await look(browser, f"{gallery}?open=1", PHONE)).page
    await page.locator(".log").evaluate("log => { log.scrollTop = 0 }")
    await page.locator("article .quote").click()
    await page.locator("[data-key='m-3'] .msg--lit").wait_for()
    await page.goto(f"{gallery}?scene=calm&long=900")
    await page.locator(".list-pane .bar .icon-button").first.click()
    await page.locator("dialog input[type=search]").fill("(42)")
    await page.locator(".found__line").click()
    await page.locator("[data-key='m-42'] .msg--lit").wait_for()


async def test_a_log_that_fits_is_at_its_end_and_stays_there(gallery: str, browser: Browser) -> None:
    looking = await look(browser, f"{gallery}?open=1", {"width": 1280, "height": 2400})
    page = looking.page
    await page.get_by_text("2 nouveaux messages").wait_for()
    await page.locator("article").last.wait_for()
    assert await page.locator(".log").evaluate("log => log.scrollHeight <= log.clientHeight")
    await until(page, "document.querySelector('.to-end') === null")
    await page.evaluate("gallery.receive(10, 'Une ligne de plus. '.repeat(1000))")
    await page.locator("[data-key='m-10']").wait_for()
    await until(page, "document.querySelector('.log').scrollTop > 0")
    assert await page.locator(".log").evaluate("log => log.scrollTop + log.clientHeight >= log.scrollHeight - 1")
    assert await page.locator(".to-end").count() == 0


async def test_a_message_that_comes_in_is_read_aloud_and_read_marks_follow(gallery: str, browser: Browser) -> None:
    page = (await look(browser, f"{gallery}?open=1", DESK)).page
    await until(page, "gallery.calls.includes('markRead 9')")
    await page.evaluate("gallery.receive(10, 'Appelez-moi.')")
    await page.locator("[aria-live=polite]", has_text="Appelez-moi.").wait_for(state="attached")
    await until(page, "gallery.calls.includes('markRead 10')")


async def test_photos_that_are_chosen_while_another_is_looked_at_come_after_it(gallery: str, browser: Browser) -> None:
    page = (await look(browser, f"{gallery}?open=1", DESK)).page
    photo = camera_photo()
    for number in (1, 2, 3):
        file = {"name": f"IMG_{number}.jpg", "mimeType": "image/jpeg", "buffer": photo}
        await page.locator("input[type=file]").last.set_input_files(file)  # type: ignore[arg-type]
        await page.get_by_text(f"1 sur {number}").wait_for() if number > 1 else await page.locator("canvas").wait_for()
    for caption in ("hallux", "cheville", "genou"):
        await page.locator("canvas").wait_for()
        await page.locator("dialog .text-input").fill(caption)
        await page.get_by_role("button", name="Envoyer la photo").click()
        await page.locator("article", has_text=caption).wait_for()
    await page.locator("canvas").wait_for(state="detached")


async def test_a_photo_leaves_small_upright_marked_and_silent(gallery: str, browser: Browser) -> None:
    looking = await look(browser, f"{gallery}?open=1", DESK)
    page = looking.page
    await page.locator("input[type=file]").last.set_input_files(
        {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": camera_photo()}
    )
    await page.locator("canvas").wait_for()
    await page.get_by_text("Ajouter un floutage").click()
    await page.locator("canvas").focus()
    await page.keyboard.press("Shift+ArrowDown")
    await page.locator("dialog .text-input").fill("Talon droit")
    await page.get_by_role("button", name="Envoyer la photo").click()
    await page.locator("article", has_text="Talon droit").wait_for()

    content = bytes(await page.evaluate("gallery.lastFile()"))
    call = next(one for one in await page.evaluate("gallery.calls") if one.startswith("sendFile"))
    _, size, thumbnail, shape = call.split()
    assert int(size) == len(content) <= 400_000
    assert 0 < int(thumbnail) <= 8_000
    for trace in (b"Exif", b"Telephone", b"a name", b"http://ns.adobe"):
        assert trace not in content
    with Image.open(io.BytesIO(content)) as photo:
        assert f"{photo.width}x{photo.height}" == shape
        assert photo.height > photo.width  # orientation 6: turned upright
        assert photo.height <= 1600
        assert not photo.getexif()
        upright = photo.convert("RGB")
        corner = upright.getpixel((photo.width - 40, 40))
        assert isinstance(corner, tuple)
        assert corner[0] > corner[1] + 50  # what lay at the top left stands at the top right
        middle = upright.convert("L").crop(
            (photo.width // 2 - 60, photo.height // 2 - 60, photo.width // 2 + 60, photo.height // 2 + 60)
        )
        low, high = middle.getextrema()
        assert isinstance(low, int)
        assert isinstance(high, int)
        assert high - low < 60  # the grain is gone where it was blurred
    assert looking.complaints == []


async def test_a_history_of_20000_messages_scrolls_without_a_hole(gallery: str, browser: Browser) -> None:
    """Pages come in above while the reader scrolls; how fast: `python3 run.py bench web`."""
    seen = await scroll_up(browser, gallery, 20_000, frames=300)
    assert seen["most"] <= 80, "only what is seen is in the page"
    assert seen["holes"] == 0, "nothing blank was scrolled over"
    assert seen["complaints"] == []
