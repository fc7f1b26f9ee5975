"""The engine of the web client in a real browser, on a page of the chat server's own origin, driven from Python.

The page is `src/testing/harness.ts`, bundled by esbuild.  Each `Tab` holds one device; its page closed without `stop`
is what a crash is: the next tab of the same context finds what is in IndexedDB.
"""

import asyncio
import base64
import contextlib
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Page, Route, async_playwright

from tests.conditions import WAIT_S

CHROMIUM: Final = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS: Final = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    # The page is put in the server's place by Playwright, so the browser does not know that both are on this machine.
    "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets",
]
APP: Final = Path(__file__).parents[3] / "clients" / "web" / "app"
PAGE: Final = "<!doctype html><meta charset=utf-8><title>engine</title><script type=module src=/harness.js></script>"


def bundle(folder: Path) -> str:
    """The page's script.  The app's packages are installed already: its own build does that."""
    made = folder / "harness.js"
    options = ["--bundle", "--format=esm", "--target=es2022", "--log-level=warning", f"--outfile={made}"]
    esbuild = APP / "node_modules" / "esbuild" / "bin" / "esbuild"
    subprocess.run(["node", str(esbuild), "src/testing/harness.ts", *options], cwd=APP, check=True)
    return made.read_text()


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


class Refused(Exception):
    """The engine refused; `code` says why."""

    def __init__(self, said: str) -> None:
        self.code = said.partition("refused: ")[2].partition(" ")[0]
        super().__init__(said)


class Tab:
    """One page with one device of the engine."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.name = name
        self.complaints: list[str] = []

    async def enrol(self, way: str, *given: str) -> str:
        """`link`, `pair`, `recover` or `reset`; then the engine runs.  The uid."""
        uid: str = await self._run("enrol", self.name, way, given)
        await self.start()
        return uid

    async def start(self) -> None:
        await self._run("start", self.name)

    async def call(self, method: str, *given: object) -> Any:
        return await self._run("call", self.name, method, given)

    async def events(self, kind: str) -> list[dict[str, Any]]:
        """Those of that kind since the start."""
        return [event for event in await self._run("events", self.name) if event["kind"] == kind]

    async def wait_for(self, kind: str, holds: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """The first event of that kind that holds."""
        found = await self.until(lambda: self._find(kind, holds))
        assert isinstance(found, dict)
        return found

    async def _find(self, kind: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        return next(filter(holds, await self.events(kind)), None)

    async def until(self, ask: Callable[[], Any]) -> Any:
        """What `ask` answers, once something that the engine announced has made it true."""
        try:
            async with asyncio.timeout(WAIT_S):
                while True:
                    seen = len(await self._run("events", self.name))
                    if answer := await ask():
                        return answer
                    await self._run("more", self.name, seen)
        except TimeoutError:
            events = await self._run("events", self.name)
            raise AssertionError(f"it did not happen; {self.complaints=}; last events {events[-8:]}") from None

    async def texts(self, cid: str) -> list[str]:
        """What is shown of a conversation's texts."""
        messages = await self.call("messages", cid, None, 1000)
        return [message["text"] or message["refused"] for message in messages if message["type"] == "text"]

    async def until_texts(self, cid: str, *wanted: str) -> None:
        """Wait until exactly these are shown, in this order."""

        async def shown() -> bool:
            return await self.texts(cid) == list(wanted)

        await self.until(shown)

    async def seq_of(self, cid: str, text: str) -> int:
        """Where the message that says this stands, once it is here."""

        async def find() -> int:
            messages = await self.call("messages", cid, None, 1000)
            return next((message["seq"] for message in messages if message["text"] == text), 0)

        return int(await self.until(find))

    async def stop(self) -> None:
        await self._run("stop", self.name)

    async def _run(self, what: str, *given: object) -> Any:
        script = "async ([what, given]) => harness[what](...given)"
        try:
            return await self.page.evaluate(script, [what, given])
        except Exception as error:
            if "refused: " in str(error):
                raise Refused(str(error)) from None
            raise


class Machine:
    """A browser profile: what its tabs store stays while the context lives."""

    def __init__(self, context: BrowserContext, origin: str, script: str) -> None:
        self.context = context
        self._origin = origin
        self._script = script

    async def open(self, name: str) -> Tab:
        """A page with the store `name`, open."""
        page = await self.context.new_page()
        tab = Tab(page, name)
        page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        await page.route("**/harness.html", self._show(PAGE, "text/html"))
        await page.route("**/harness.js", self._show(self._script, "text/javascript"))
        await page.goto(f"{self._origin}/harness.html")
        await page.wait_for_function("() => globalThis.harness !== undefined")
        await page.evaluate("(name) => harness.open(name)", name)
        return tab

    @staticmethod
    def _show(body: str, kind: str) -> Callable[[Route], Any]:
        async def fulfil(route: Route) -> None:
            await route.fulfill(body=body, content_type=f"{kind}; charset=utf-8")

        return fulfil


def packed(content: bytes) -> dict[str, str]:
    """Bytes, for a call."""
    return {"bytes": base64.b64encode(content).decode()}


def unpacked(answer: dict[str, str]) -> bytes:
    """Bytes, from an answer."""
    return base64.b64decode(answer["bytes"])
