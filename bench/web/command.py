"""`python3 run.py bench web`: the web client's weight, and the time until a mid-range telephone can use it.

    --runs N     of each measurement (5); the median counts
    --write      rewrite the table of docs/web.md

Headless Chromium with a telephone's viewport, its processor slowed down by CPU_SLOWDOWN and its network held to 4G as
Lighthouse simulates it (« slow 4G »: 1.6 Mbit/s, 150 ms).  Three starts: the first visit (empty cache, until the
choice how to link), the next one (from the service worker's cache) and the start of somebody who is linked, until the
list of conversations is there and takes a click.

The first visit shows its screen before the engine is there: it is opened, a way is chosen and a number typed; how long
that waited at most is a figure of its own, and so is the time until everything is there that linking needs.

Scrolling is measured on a workstation's viewport, nothing slowed down: FRAMES frames up through HISTORY messages.
"""

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import BrowserContext, Page, async_playwright, expect

from bench.engines import ROOT
from bench.web.page import SECTION, Figure, compose_table
from miss.directory.sample import people
from miss.server.client.files import BUILT
from tests.browser.test_tour import CHROMIUM, FLAGS
from tests.clients.web.app_pages import Clinic, clinic
from tests.clients.web.gallery_pages import gallery_at, scroll_up

CPU_SLOWDOWN: Final = 4
"""Lighthouse's for a mid-range telephone."""
NETWORK: Final = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
RUNS: Final = 5
USABLE: Final = {"first": "Relier ce navigateur", "linked": "Messages"}
WAIT_MS: Final = 60_000
WEIGHT_KB, USABLE_WITHIN_MS, FRAMES_A_S = 350, 1_500, 60
HISTORY, FRAMES = 20_000, 600
LETTER, NUMBER = "J’ai une lettre d’activation", "Numéro RPPS"
_PAUSES: Final = """globalThis.pausesMs = [0];
new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) {
    if (globalThis.usableMs && startTime > globalThis.usableMs) globalThis.pausesMs.push(duration);
  }
}).observe({ type: "longtask" });"""
"""Tasks of more than 50 ms after the first screen was there: what a finger waits for."""
_WARM: Final = """new Promise((tell) => {
  const look = () => {
    const [mark] = performance.getEntriesByName("miss:warm");
    if (mark) setTimeout(() => tell([mark.startTime, Math.max(...globalThis.pausesMs)]), 100);
    else setTimeout(look, 20);
  };
  look();
})"""
_TAKEN: Final = """new Promise((tell) => {
  const look = () => (globalThis.usableMs ? tell(globalThis.usableMs) : setTimeout(look, 20));
  look();
})"""


def weights(folder: Path = BUILT) -> dict[str, int]:
    """Compressed bytes by kind of file; `later` comes only when it is asked for."""
    page = (folder / "index.html").read_text()
    found = {"at once": 0, "later": 0}
    first, _, _ = page.partition("<template")
    for path in folder.rglob("*.gz"):
        name = path.name.removesuffix(".gz")
        if name.endswith((".js", ".css", ".html", ".wasm")):
            is_first = name == "index.html" or name in first
            found["at once" if is_first else "later"] += path.stat().st_size
    return found


@dataclass(frozen=True)
class Phone:
    """A slow telephone's browser."""

    house: Clinic

    async def slow(self, context: BrowserContext, page: Page) -> None:
        session = await context.new_cdp_session(page)
        await session.send("Network.enable")
        await session.send("Network.emulateNetworkConditions", NETWORK)
        await session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})

    async def open(self, context: BrowserContext, heading: str) -> float:
        """Milliseconds from the address to the heading that says it can be used."""
        page, taken = await self.show(context, heading)
        await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await page.close()
        return taken

    async def show(self, context: BrowserContext, heading: str) -> tuple[Page, float]:
        """The page as it stands when the heading is there, and when that was."""
        page = await context.new_page()
        await self.slow(context, page)
        await page.add_init_script(_PAUSES)
        # The page itself says when: asking from outside costs what is measured.
        await page.add_init_script(f"""
            new MutationObserver((_, observer) => {{
              for (const title of document.querySelectorAll("h1")) {{
                if (title.textContent === {heading!r} && title.checkVisibility()) {{
                  observer.disconnect();
                  requestAnimationFrame(() => setTimeout(() => {{ globalThis.usableMs = performance.now(); }}));
                }}
              }}
            }}).observe(document, {{ childList: true, subtree: true }});
        """)
        await page.goto("/app/", wait_until="commit")
        await expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible(timeout=WAIT_MS)
        return page, float(await page.evaluate(_TAKEN))

    async def first_visit(self) -> tuple[float, float, float]:
        """Milliseconds until the choice is there, until everything is, and the longest pause between the two."""
        context = await self.house.person()
        page, taken = await self.show(context, USABLE["first"])
        await page.get_by_role("button", name=LETTER).click()
        await page.get_by_label(NUMBER, exact=True).press_sequentially(people.PAUL_EXEMPLE)
        warm, pause = await page.evaluate(_WARM)
        await expect(page.get_by_label(NUMBER, exact=True)).to_have_value(people.PAUL_EXEMPLE)
        await context.close()
        return taken, warm, pause


async def _repeat(runs: int, measure: Callable[[], Awaitable[float]]) -> float:
    return statistics.median([await measure() for _ in range(runs)])


async def scrolling(runs: int) -> tuple[float, float, float]:
    """Frames a second on average, milliseconds of the frame that 95 of 100 do not exceed, and of the longest; medians
    of the runs."""
    found = []
    with tempfile.TemporaryDirectory(prefix="miss-bench-gallery-") as folder, gallery_at(Path(folder)) as gallery:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for _ in range(runs):
                times = sorted((await scroll_up(browser, gallery, HISTORY, frames=FRAMES))["times"])
                p95 = times[int(0.95 * (len(times) - 1))]
                found.append((1000 * len(times) / sum(times), p95, times[-1]))
            await browser.close()
    frames, p95, longest = (statistics.median(figures) for figures in zip(*found, strict=True))
    return frames, p95, longest


async def measure(runs: int) -> Sequence[Figure]:
    """Every figure of the table."""
    found = weights()
    with tempfile.TemporaryDirectory(prefix="miss-bench-web-") as folder:
        async with clinic(Path(folder)) as house:
            phone = Phone(house)
            visits = [await phone.first_visit() for _ in range(runs)]
            first, warm, pause = (statistics.median(figures) for figures in zip(*visits, strict=True))
            context = await house.person()
            await phone.open(context, USABLE["first"])
            again = await _repeat(runs, lambda: phone.open(context, USABLE["first"]))
            linked = await house.person()
            tab = await house.at_work(linked, people.PAUL_EXEMPLE, pin="")
            await expect(tab.page.get_by_role("heading", name=USABLE["linked"])).to_be_visible()
            await tab.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            await tab.page.close()
            start = await _repeat(runs, lambda: phone.open(linked, USABLE["linked"]))
    frames, p95, longest = await scrolling(runs)
    return (
        Figure("everything, compressed", sum(found.values()) / 1000, "kB", WEIGHT_KB),
        Figure("of that, needed for the first screen", found["at once"] / 1000, "kB"),
        Figure("first visit, until one can choose how to link", first, "ms", USABLE_WITHIN_MS),
        Figure("… until everything that linking needs is there", warm, "ms"),
        Figure("… longest pause of the page meanwhile", pause, "ms"),
        Figure("next visit, the same", again, "ms", USABLE_WITHIN_MS),
        Figure("start of somebody who is linked, until the list", start, "ms", USABLE_WITHIN_MS),
        Figure(
            f"scrolling {HISTORY:,} messages on a workstation", round(frames), "frames/s", FRAMES_A_S, is_least=True
        ),
        Figure("… 95 of 100 frames take at most", p95, "ms"),
        Figure("… the longest frame", longest, "ms"),
    )


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(prog="python3 run.py bench web", description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--write", action="store_true", help="rewrite the table of docs/web.md")
    asked = parser.parse_args(arguments)
    table = compose_table(asyncio.run(measure(asked.runs)))
    print(table)
    if asked.write:
        SECTION.write(ROOT, table)
    return 0
