"""The gallery of the web client's views, built and served: no server is behind it, and what leaves and comes is made up
in `clients/web/app/src/gallery`."""

import asyncio
import functools
import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from miss.server.client.routes import CONTENT_SECURITY_POLICY
from tests.browser.test_tour import DESK, PHONE
from tests.conditions import WAIT_S

APP = Path(__file__).parents[3] / "clients/web/app"


class _Pages(http.server.SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        super().end_headers()

    def log_message(self, *said: object) -> None:
        """Nothing to say."""


@contextmanager
def gallery_at(folder: Path) -> Iterator[str]:
    """Node builds the gallery into `folder`; the answer is its address, under the very policy of /app/."""
    node = shutil.which("node")
    assert node, "the web client needs Node"
    subprocess.run([node, "build.mjs", "--gallery", str(folder)], cwd=APP, check=True)
    handler = functools.partial(_Pages, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/index.html"
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Looking:
    """A page of the gallery, and what it complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)


async def look(browser: Browser, address: str, viewport: dict[str, int]) -> Looking:
    """Open it, and wait for the list of conversations or for what stands in its place."""
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


async def until(page: Page, condition: str) -> None:
    """Wait until this JavaScript expression is true.

    Playwright's own `wait_for_function` asks a second time through `eval`, which the page's policy refuses.
    """
    async with asyncio.timeout(WAIT_S):
        await page.evaluate(f"async () => {{ while (!({condition})) await new Promise(requestAnimationFrame); }}")


_FRAMES = """async (frames) => {
  const log = document.querySelector('.log');
  const times = [];
  let last = await new Promise(requestAnimationFrame);
  let most = 0, holes = 0;
  for (let i = 0; i < frames; i += 1) {
    log.scrollTop -= 110;
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
  return { times, most, holes };
}"""


async def scroll_up(
    browser: Browser, gallery: str, messages: int, *, frames: int, step_px: int = 110
) -> dict[str, Any]:
    """Scroll a conversation of so many messages up from its end on a workstation, a screen every seven frames.

    `times`: milliseconds of each frame; `most`: messages that were in the page at once; `holes`: places that were blank
    when they were looked at, three a frame; `complaints`: what the page said in its console.
    """
    looking = await look(browser, f"{gallery}?open=4&long={messages}", DESK)
    page = looking.page
    await page.locator("article").first.wait_for()
    await page.evaluate(
        "async () => { const log = document.querySelector('.log');"
        " for (let i = 0; i < 400 && !document.querySelector('.event--start'); i += 1) {"
        "   log.scrollTop = 0; await new Promise((done) => setTimeout(done, 10)); } }"
    )
    await page.locator(".event--start").wait_for()
    await page.locator(".to-end").click()
    await page.locator(f"[data-key='m-{messages}']").wait_for()
    found: dict[str, Any] = await page.evaluate(_FRAMES, frames)
    await page.context.close()
    return {**found, "complaints": looking.complaints}
