"""The web client as people open it: a real server with the built client, and Debian's Chromium."""

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.client import Client, Store, link_device
from miss.directory.accounts import ActivationPurpose
from miss.server.demo.people import issue_code, load_directory
from miss.server.doors import Server
from scripts import web_client
from tests.browser.test_tour import CHROMIUM, FLAGS, PHONE, WCAG
from tests.miss.client.devices import KEY
from tests.miss.server.running import serving, settings_in

PIN = "271828"
WAIT_MS = 15_000


def built() -> None:
    """The client of these sources, built; as `python3 run.py web` does."""
    if not web_client.is_current():
        node = web_client.find_node(web_client.ROOT / ".venv")
        assert node is not None, "the web client needs Node"
        web_client.build(node)


def node_run(*command: str) -> str:
    """What a program of the client's package says; the test fails if it does."""
    node = web_client.find_node(web_client.ROOT / ".venv")
    assert node is not None, "the web client needs Node"
    built()
    try:
        return node.run(web_client.APP, str(node.node), *command)
    except (web_client.BuildFailed, subprocess.SubprocessError) as failed:
        raise AssertionError(str(failed)) from None


@dataclass
class Tab:
    """A page of the client, and what it complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    async def check(self) -> None:
        """No axe violation, nothing in the console, nothing wider than the screen."""
        await self.check_looks()
        self.check_console()

    async def check_looks(self) -> None:
        """The same without the console, which complains while no server answers."""
        results = await Axe().run(self.page, options=WCAG)
        found = [f"{violation['id']}: {violation['nodes'][0]['html']}" for violation in results.response["violations"]]
        assert found == []
        sizes = await self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert sizes[0] <= sizes[1], "it scrolls sideways"

    def check_console(self) -> None:
        assert self.complaints == []

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def fill(self, label: str, value: str) -> None:
        await self.page.get_by_label(label, exact=True).fill(value)

    async def sees(self, text: str) -> None:
        await expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=WAIT_MS)

    async def write(self, text: str) -> None:
        """Into the open conversation."""
        box = self.page.get_by_role("textbox").last
        await box.fill(text)
        await box.press("Enter")


@dataclass
class Clinic:
    """A server with its fictive people, and a browser."""

    server: Server
    browser: Browser
    folder: Path

    @property
    def origin(self) -> str:
        return self.server.house.settings.public_origin

    async def person(self, **options: Any) -> BrowserContext:
        """A browser of somebody's own, a telephone unless said otherwise."""
        return await self.browser.new_context(
            **{"locale": "fr-FR", "viewport": PHONE, "base_url": self.origin, **options}
        )

    async def open(self, context: BrowserContext) -> Tab:
        """A tab at the client's address."""
        tab = Tab(await context.new_page())
        tab.page.on(
            "console", lambda said: tab.complaints.append(said.text) if said.type in {"error", "warning"} else None
        )
        tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        await tab.page.goto("/app/")
        return tab

    async def code(self, rpps: str, purpose: ActivationPurpose = ActivationPurpose.DEVICE) -> str:
        return await issue_code(self.server.house, rpps, purpose)

    async def ticket(self, rpps: str) -> str:
        """What somebody gives themselves on the signed-in pages, for their recovery key."""
        accounts = self.server.house.accounts
        account = await accounts.find_by_rpps(rpps)
        assert account is not None
        return (await accounts.issue_activation(account.uid, ActivationPurpose.RECOVERY, account.uid.hex())).code

    async def link(self, tab: Tab, rpps: str) -> None:
        """Go through the letter; the next step is the PIN."""
        await tab.page.get_by_role("button", name="J’ai une lettre d’activation").click()
        await tab.fill("Numéro RPPS", rpps)
        await tab.fill("Code d’activation", await self.code(rpps))
        await tab.fill("Empreinte de l’opérateur", self.server.chat.signer.root_fingerprint)
        await tab.press("Relier ce navigateur")
        await expect(tab.page.get_by_role("heading", name="Protéger ce navigateur")).to_be_visible(timeout=WAIT_MS)

    async def at_work(self, context: BrowserContext, rpps: str, *, pin: str = PIN) -> Tab:
        """A linked tab; without a PIN if that is empty."""
        tab = await self.open(context)
        await self.link(tab, rpps)
        if pin:
            await choose_pin(tab, pin)
        else:
            await tab.press("Plus tard")
        await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
        return tab

    @asynccontextmanager
    async def program(self, rpps: str) -> AsyncIterator[Client]:
        """The Python client of somebody else."""
        with Store(self.folder / f"{rpps}.db", KEY, system_random) as store:
            await link_device(
                store,
                self.origin,
                rpps=rpps,
                code=await self.code(rpps),
                device_name="Poste d'essai",
                expected_fingerprint=self.server.chat.signer.root_fingerprint,
                clock=SystemClock(),
                random_bytes=system_random,
            )
            async with Client.open(store, clock=SystemClock(), random_bytes=system_random) as client:
                await client.wait_synced()
                yield client


async def choose_pin(tab: Tab, pin: str = PIN) -> None:
    await tab.fill("Choisir un code PIN", pin)
    await tab.fill("Encore une fois", pin)
    await tab.press("Enregistrer")


async def unlock(tab: Tab, pin: str = PIN) -> None:
    await tab.fill("Code PIN", pin)
    await tab.press("Déverrouiller")


async def open_settings(tab: Tab) -> None:
    """From the list of conversations."""
    await tab.page.get_by_role("button", name="Menu", exact=True).click()
    await tab.press("Réglages")
    await expect(tab.page.get_by_role("heading", name="Réglages")).to_be_visible(timeout=WAIT_MS)


async def pair(old: Tab, new: Tab, name: str) -> None:
    """Let `new`, which shows how to link, in by the code that `old` shows; both end at their list of conversations."""
    await open_settings(old)
    await old.press("Relier un appareil")
    code = await old.page.locator(".shown__text").inner_text(timeout=WAIT_MS)
    await new.page.get_by_role("button", name="J’ai déjà MiSS sur un autre appareil").click(timeout=WAIT_MS)
    await new.fill("Nom de cet appareil", name)
    await new.fill("Code affiché par l’autre appareil", code)
    await new.press("Continuer")
    await old.page.get_by_role("button", name="Oui, le relier").click(timeout=WAIT_MS)
    await new.page.get_by_role("button", name="Plus tard").click(timeout=WAIT_MS)
    await old.press("Continuer")
    await old.press("Retour")


async def revoke_the_other(tab: Tab) -> None:
    """From the list of conversations, the person's other device."""
    await open_settings(tab)
    other = tab.page.locator(".device").filter(has_not_text="cet appareil")
    await other.get_by_role("button", name="Révoquer").click(timeout=WAIT_MS)
    await tab.press("Révoquer")


@asynccontextmanager
async def clinic(folder: Path, **settings: Any) -> AsyncIterator[Clinic]:
    """Everything, until the end of the block."""
    built()
    async with serving(settings_in(folder, **settings)) as server, async_playwright() as playwright:
        await load_directory(server.house)
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield Clinic(server, browser, folder)
        finally:
            await browser.close()
