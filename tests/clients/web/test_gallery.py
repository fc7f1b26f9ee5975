"""The pages of the web client in a real Chromium, over the gallery's engine: axe, keys, photos, 20,000 messages.

No server is behind them: what leaves and comes is `clients/web/app/src/gallery`.  Node builds the gallery into a
temporary folder, and it is served under the very policy of /app/.
"""

import functools
import http.server
import io
import os
import shutil
import subprocess
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from miss.server.client.routes import CONTENT_SECURITY_POLICY
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, WCAG

pytestmark = pytest.mark.browser

APP = Path(__file__).parents[3] / "clients/web/app"
SHOTS = os.environ.get("MISS_SHOTS", "")
"""A folder for pictures of the pages, for people to look at."""


class _Pages(http.server.SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        super().end_headers()

    def log_message(self, *said: object) -> None:
        """Nothing to say."""


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the gallery."""
    node, folder = shutil.which("node"), tmp_path_factory.mktemp("gallery")
    assert node, "the web client needs Node"
    subprocess.run([node, "build.mjs", "--gallery", str(folder)], cwd=APP, check=True)
    handler = functools.partial(_Pages, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()
        thread.join()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


@dataclass
class Looking:
    """A page of the gallery, and what it complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)


async def look(browser: Browser, address: str, viewport: dict[str, int]) -> Looking:
    context = await browser.new_context(
        locale="fr-FR",
        timezone_id="Europe/Paris",
        viewport={"width": viewport["width"], "height": viewport["height"]},
        has_touch=viewport is PHONE,
    )
    looking = Looking(await context.new_page())
    looking.page.on(
        "console",
        lambda said: looking.complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    looking.page.on("pageerror", lambda error: looking.complaints.append(str(error)))
    await looking.page.goto(address)
    await looking.page.locator(".list-pane .row, .empty, .revoked").first.wait_for(state="attached")
    return looking


Steps = Callable[[Page], Awaitable[object]]


async def _nothing(page: Page) -> None:
    """Looked at as it opens."""


async def _last_message(page: Page, key: str) -> None:
    await page.locator("article").last.focus()
    await page.keyboard.press(key)


async def _menu(page: Page) -> None:
    await _last_message(page, "Enter")
    await page.locator("dialog .action").first.wait_for()


async def _reply(page: Page) -> None:
    await _last_message(page, "r")
    await page.keyboard.type("Merci, je la mesure à chaque passage et je vous écris ce soir.")


async def _mention(page: Page) -> None:
    await page.locator("#composer").fill("")
    await page.locator("#composer").press_sequentially("Merci @ma")
    await page.locator("#mentions [role=option]").first.wait_for()


async def _attach(page: Page) -> None:
    await page.locator(".composer .icon-button").first.click()


async def _alarm(page: Page) -> None:
    await _attach(page)
    await page.get_by_text("Résultat alarmant…").click()
    await page.locator("dialog textarea").fill("Potassium 6,4 mmol/L")
    await page.locator("dialog input[type=checkbox]").first.check()


async def _acknowledge(page: Page) -> None:
    await page.get_by_role("button", name="J’en prends charge").click()
    await page.locator("dialog").wait_for()


async def _head(page: Page) -> None:
    await page.locator(".bar__who").click()
    await page.locator(".side-pane").wait_for()


async def _words(page: Page) -> None:
    await _head(page)
    await page.locator(".safety").wait_for()


async def _picker(page: Page) -> None:
    await page.locator(".fab").click()
    await page.locator("dialog input[type=search]").fill("an")
    await page.locator(".person:has-text('ANCIEN')").wait_for()
    await page.locator(".person--choice").nth(0).click()
    await page.locator(".person--choice").nth(1).click()


async def _search(page: Page) -> None:
    await page.locator(".list-pane .bar .icon-button").first.click()
    await page.locator("dialog input[type=search]").fill("cicatrise")
    await page.locator(".found__line").first.wait_for()


async def _search_here(page: Page) -> None:
    await page.keyboard.press("Control+f")
    await page.locator(".side-pane input[type=search]").fill("talon")
    await page.locator(".found__line").first.wait_for()


async def _viewer(page: Page) -> None:
    await page.locator(".photo__open").last.click()
    await page.locator(".viewer__img").wait_for()
    await page.keyboard.press("r")
    await page.keyboard.press("+")
    await page.wait_for_function(
        "/scale\\(1.5\\) rotate\\(90deg\\)/.test(document.querySelector('.viewer__img').style.transform)"
    )


async def _versions(page: Page) -> None:
    await page.locator(".log").evaluate("log => { log.scrollTop = 0 }")
    await page.locator(".msg__edited").click()


async def _receipts(page: Page) -> None:
    await page.locator("article.msg--mine").last.focus()
    await page.keyboard.press("Enter")
    await page.get_by_text("Qui l’a lu").click()


async def _photo(page: Page) -> None:
    await page.locator("input[type=file]").last.set_input_files(
        {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": camera_photo()}
    )
    await page.locator("canvas").wait_for()
    await page.get_by_text("Ajouter un floutage").click()
    await page.get_by_role("button", name="Flèche", exact=True).click()
    await page.get_by_text("Ajouter une flèche").click()


async def _typing(page: Page) -> None:
    await page.evaluate("gallery.typing()")
    await page.locator(".bar__sub--typing").wait_for()


async def _revoked(page: Page) -> None:
    await page.evaluate("gallery.revoke(true)")
    await page.locator(".revoked").wait_for()


async def _keys(page: Page) -> None:
    await page.keyboard.press("F1")
    await page.locator("dialog kbd").first.wait_for()


async def _jump(page: Page) -> None:
    await page.keyboard.press("Control+k")
    await page.keyboard.type("plaies")
    await page.locator("dialog [role=option]").wait_for()


SCENES: dict[str, tuple[str, Steps]] = {
    "liste": ("scene=calm", _nothing),
    "vide": ("scene=empty", _nothing),
    "absence": ("", _nothing),
    "conversation": ("open=1", _nothing),
    "equipe-sombre": ("open=2&theme=dark", _nothing),
    "alarme": ("open=3", _nothing),
    "alarme-sombre": ("open=3&theme=dark", _nothing),
    "alarme-charge": ("open=3", _acknowledge),
    "alarme-envoi": ("open=3", _alarm),
    "echec-hors-ligne": ("open=6&scene=offline&theme=dark", _nothing),
    "plus-membre": ("open=7", _nothing),
    "menu": ("open=1", _menu),
    "reponse-grand": ("open=1&text=xl", _reply),
    "mention": ("open=2", _mention),
    "joindre": ("open=2", _attach),
    "groupe": ("open=2", _head),
    "groupe-sombre": ("open=2&theme=dark", _head),
    "contact-alerte": ("open=1&scene=warned", _words),
    "annuaire": ("scene=calm", _picker),
    "recherche": ("scene=calm", _search),
    "recherche-ici": ("open=1", _search_here),
    "photo": ("open=1", _viewer),
    "retouche": ("open=1", _photo),
    "versions": ("open=1", _versions),
    "lu-par": ("open=2", _receipts),
    "ecrit": ("open=1", _typing),
    "aller": ("scene=calm", _jump),
    "aide": ("scene=calm", _keys),
    "revoque": ("open=1", _revoked),
    "contraste": ("open=3&theme=contrast", _nothing),
    "english": ("open=2&lang=en", _head),
}


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
    await page.locator(".row__draft").first.wait_for()
    await page.keyboard.press("Alt+ArrowUp")
    await page.wait_for_function("document.querySelector('#composer')?.value === 'un brouillon'")

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


async def test_a_message_that_comes_in_is_read_aloud_and_read_marks_follow(gallery: str, browser: Browser) -> None:
    page = (await look(browser, f"{gallery}?open=1", DESK)).page
    await page.wait_for_function("gallery.calls.includes('markRead 9')")
    await page.evaluate("gallery.receive(10, 'Appelez-moi.')")
    await page.locator("[aria-live=polite]", has_text="Appelez-moi.").wait_for(state="attached")
    await page.wait_for_function("gallery.calls.includes('markRead 10')")


def camera_photo() -> bytes:
    """A photo as a telephone takes it: large, grainy, lying on its side, with a position."""
    grain = Image.effect_noise((3000, 2000), 60).convert("RGB")
    red = Image.new("RGB", (600, 400), (170, 60, 60))
    grain.paste(red, (0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Telephone of somebody"
    exif.get_ifd(0x8825)[2] = (45.0, 26.0, 0.0)
    out = io.BytesIO()
    grain.save(out, "JPEG", quality=92, exif=exif, comment=b"a name")
    return out.getvalue()


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


FRAMES = """async ({ stepPx, frames }) => {
  const log = document.querySelector('.log');
  const times = [];
  let last = await new Promise(requestAnimationFrame);
  let most = 0, holes = 0;
  for (let i = 0; i < frames; i += 1) {
    log.scrollTop -= stepPx;
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
    most = Math.max(most, document.querySelectorAll('article').length);
    const box = log.getBoundingClientRect();
    for (const y of [0.15, 0.5, 0.85]) {
      const here = document.elementFromPoint(box.left + box.width / 2, box.top + box.height * y);
      if (here === log || here?.classList.contains('log__space')) holes += 1;
    }
  }
  times.sort((a, b) => a - b);
  const at = (part) => times[Math.floor(part * (times.length - 1))];
  const mean = times.reduce((a, b) => a + b) / times.length;
  return { mean, median: at(0.5), p95: at(0.95), worst: at(1), most, holes, top: log.scrollTop };
}"""


async def test_a_history_of_20000_messages_scrolls_smoothly(gallery: str, browser: Browser) -> None:
    """Up from the end, a screen every seven frames: pages come in above while the reader scrolls."""
    looking = await look(browser, f"{gallery}?open=4&long=20000", DESK)
    await looking.page.locator("article").first.wait_for()
    await looking.page.evaluate(
        "async () => { const log = document.querySelector('.log');"
        " for (let i = 0; i < 400 && !document.querySelector('.event--start'); i += 1) {"
        "   log.scrollTop = 0; await new Promise((done) => setTimeout(done, 10)); } }"
    )
    await looking.page.locator(".event--start").wait_for()
    await looking.page.locator(".to-end").click()
    await looking.page.locator("[data-key='m-20000']").wait_for()
    figure = await looking.page.evaluate(FRAMES, {"stepPx": 110, "frames": 600})
    print(f"\n20,000 messages: {1000 / figure['mean']:.0f} frames a second, {figure}")
    assert figure["most"] <= 80, "only what is seen is in the page"
    assert figure["holes"] == 0, "nothing blank was scrolled over"
    assert figure["median"] <= 1000 / 55
    assert looking.complaints == []
