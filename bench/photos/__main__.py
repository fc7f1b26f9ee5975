"""`python3 run.py bench photos`: photographs of known blur and known light, judged by the script of the asking pages.

    --scenes WORDS  only scenes whose name holds these words
    --tell          what was measured of each photograph
    --write         rewrite the tables of docs/photographs.md
    --folder FOLDER  instead: photographs of one's own, in focus; which blurs and movements of each are called blurred

Everything is drawn here (bench/photos/scenes.py); the judge is `teleexpertise/web/static/picture.js` itself, in
Debian's Chromium.  Some ten minutes.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Route, async_playwright

from bench.engines import ROOT
from bench.forms.__main__ import CHROMIUM
from bench.photos.page import SECTION, Row, compose_tables
from bench.photos.scenes import scenes
from bench.photos.shots import ANGLES, BLURS, WAYS, metered, on_the_way, out_of_focus, shots, taken

SCRIPT = Path("teleexpertise/web/static/picture.js")
ORIGIN = "http://photographs.example"
OWN = frozenset({".jpg", ".jpeg", ".png"})
JUDGE = """
async (url) => {
  const { measure, warningsOf } = await import("/picture.js");
  const picture = await createImageBitmap(await (await fetch(url)).blob());
  const measured = measure(picture);
  return { measured, warnings: warningsOf({ ...measured, pixels: picture.width * picture.height }) };
}
"""


def main() -> None:
    """Judge what is asked for."""
    parser = argparse.ArgumentParser(prog="bench photos", description=__doc__)
    parser.add_argument("--scenes", default="")
    parser.add_argument("--tell", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.folder:
        asyncio.run(_judge_own(sorted(path for path in asked.folder.iterdir() if path.suffix.lower() in OWN)))
    else:
        asyncio.run(_judge_drawn(asked))


async def _judge_drawn(asked: argparse.Namespace) -> None:
    """Draw, judge, print, and write if asked to."""
    rows: list[Row] = []
    async with _judge() as judge:
        for name, draw in scenes().items():
            if asked.scenes not in name:
                continue
            scene = metered(draw())
            for shot in shots():
                found = await judge(taken(scene, shot))
                rows.append(Row(name, shot, frozenset(found["warnings"])))
                if asked.tell:
                    print(
                        name,
                        shot.form.longest_px,
                        shot.blur,
                        shot.way,
                        shot.angle,
                        shot.stops,
                        _told(found),
                        flush=True,
                    )
            print(name, flush=True)
    print(compose_tables(rows))
    if asked.write:
        SECTION.write(ROOT, compose_tables(rows))


async def _judge_own(paths: list[Path]) -> None:
    async with _judge() as judge:
        for path in paths:
            photograph = Image.open(path).convert("RGB")
            found = [await judge(out_of_focus(photograph, blur)) for blur in BLURS]
            called = [blur for blur, one in zip(BLURS, found, strict=True) if "blurred" in one["warnings"]]
            ways = [way for way in WAYS if all([await _is_blurred(judge, photograph, way, angle) for angle in ANGLES])]
            is_dark = "dark" in found[0]["warnings"]
            print(f"{path.name}: called blurred at σ {called}, moved {ways}", "and dark" * is_dark, flush=True)


async def _is_blurred(judge: Callable[[bytes], Any], photograph: Image.Image, way: int, angle: int) -> bool:
    return "blurred" in (await judge(on_the_way(photograph, way, angle)))["warnings"]


def _told(found: dict[str, Any]) -> str:
    measured = " ".join(f"{name} {value:.2f}" for name, value in found["measured"].items())
    return f"{measured} {' '.join(found['warnings'])}"


@asynccontextmanager
async def _judge() -> AsyncIterator[Callable[[bytes], Any]]:
    """Chromium with the script of the pages."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page()
        shown: list[bytes] = []

        async def answer(route: Route) -> None:
            if route.request.url.endswith(".js"):
                await route.fulfill(body=(ROOT / SCRIPT).read_bytes(), content_type="text/javascript")
            elif route.request.url.endswith(".jpg"):
                await route.fulfill(body=shown[-1], content_type="image/jpeg")
            else:
                await route.fulfill(body="<title>photographs</title>", content_type="text/html")

        await page.route(f"{ORIGIN}/**", answer)
        await page.goto(f"{ORIGIN}/")

        async def judge(photograph: bytes) -> Any:
            shown[:] = [photograph]
            return await page.evaluate(JUDGE, "/photograph.jpg")

        yield judge
        await browser.close()


if __name__ == "__main__":
    main()
