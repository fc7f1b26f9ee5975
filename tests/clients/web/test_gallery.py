"""The pages of the web client in a real Chromium, over the gallery's engine: axe, keys, photos, 20,000 messages.

No server is behind them (`gallery_pages`).
"""

import io
import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, WCAG
from tests.clients.web.gallery_pages import gallery_at, look, scroll_up, until
from tests.clients.web.gallery_scenes import SCENES, camera_photo
from tests.conditions import WAIT_S

pytestmark = pytest.mark.browser

WAIT_MS = WAIT_S * 1000
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
    await expect(composer).to_be_focused()

    await page.keyboard.type("Bonjour")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("à demain")
    await page.keyboard.press("Enter")
    await page.locator("article", has_text="à demain").wait_for()
    await expect(composer).to_have_value("")

    await page.keyboard.press("ArrowUp")
    await expect(composer).to_have_value("Bonjour\nà demain")
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


async def test_keys_in_a_row_lose_no_letter_and_no_draft(gallery: str, browser: Browser) -> None:
    """All of it within one task of the page: nothing of it waits for the next picture on the screen."""
    page = (await look(browser, f"{gallery}?open=1", DESK)).page
    await page.locator("#composer").wait_for()
    await page.evaluate(
        """async () => {
          const rendered = () => new Promise(queueMicrotask);
          const press = async (key, held) => {
            const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...held });
            document.activeElement.dispatchEvent(event);
            for (let turn = 0; turn < 200; turn += 1) await rendered();
          };
          const field = document.activeElement;
          field.value = 'un brouillon';
          field.dispatchEvent(new InputEvent('input', { bubbles: true }));
          await press('ArrowDown', { altKey: true });
          globalThis.elsewhere = document.activeElement.id + '=' + document.activeElement.value;
          await press('ArrowUp', { altKey: true });
          globalThis.back = document.activeElement.id + '=' + document.activeElement.value;
          await press('k', { ctrlKey: true });
          globalThis.palette = document.activeElement.getAttribute('role');
        }"""
    )
    assert await page.evaluate("[elsewhere, back, palette]") == ["composer=", "composer=un brouillon", "combobox"]


async def test_a_key_leads_back_to_the_first_unread_message(gallery: str, browser: Browser) -> None:
    page = (await look(browser, f"{gallery}?open=1", {"width": 1280, "height": 420})).page
    first = page.locator("article[data-seq='8']")
    await expect(first).to_be_in_viewport(timeout=WAIT_MS)
    await page.locator(".log").evaluate("log => log.scrollTo(0, 0)")
    await expect(first).not_to_be_in_viewport(timeout=WAIT_MS)
    await page.locator("#composer").focus()
    await page.keyboard.press("Control+j")
    await expect(first).to_be_in_viewport(timeout=WAIT_MS)
    await expect(first).to_have_class(re.compile("msg--lit"), timeout=WAIT_MS)

    await page.keyboard.type("Merci.")
    await page.keyboard.press("Enter")
    await page.locator("article", has_text="Merci.").last.wait_for()
    await page.keyboard.press("Control+j")
    await expect(page.get_by_text("Rien de non lu dans cette conversation.")).to_be_visible(timeout=WAIT_MS)
    await page.keyboard.press("F1")
    await expect(page.get_by_text("Premier message non lu")).to_be_visible(timeout=WAIT_MS)


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_list_that_is_cut_says_so_and_how_to_find_the_others(
    gallery: str, browser: Browser, viewport: dict[str, int]
) -> None:
    page = (await look(browser, f"{gallery}?scene=crowded", viewport)).page
    missed = page.get_by_role("dialog", name="Pendant votre absence")
    await expect(missed.get_by_text("Les 6 plus urgentes ; 3 autres attendent dans la liste.")).to_be_visible(
        timeout=WAIT_MS
    )
    await expect(missed.locator(".option")).to_have_count(6, timeout=WAIT_MS)
    await page.get_by_role("button", name="Voir la liste").click()

    await page.keyboard.press("Control+k")
    await expect(page.get_by_text("1 autre conversation : tapez quelques lettres de son nom.")).to_be_visible(
        timeout=WAIT_MS
    )
    await page.keyboard.type("secteur gare")
    await expect(page.locator("dialog [role=option]")).to_have_count(1, timeout=WAIT_MS)
    await expect(page.get_by_text("1 autre conversation")).to_be_hidden()
    await page.keyboard.press("Enter")

    await page.locator("#composer").fill("@cam")
    await expect(page.get_by_text("18 autres membres : continuez le nom.")).to_be_visible(timeout=WAIT_MS)
    await expect(page.locator("#mentions [role=option]")).to_have_count(6, timeout=WAIT_MS)
    await page.locator("#composer").press_sequentially("ille")
    found = await Axe().run(page, options=WCAG)
    assert [one["id"] for one in found.response["violations"]] == []
    await page.locator("#composer").fill("")
    if viewport == PHONE:
        await page.locator(".bar__back").first.click()

    await page.locator(".fab").click()
    await expect(page.get_by_text("L’annuaire propose 20 personnes au plus.")).to_be_visible(timeout=WAIT_MS)
    await page.locator("dialog input[type=search]").fill("homonyme")
    await expect(page.get_by_text("Les 20 premières personnes : ajoutez")).to_be_visible(timeout=WAIT_MS)


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
