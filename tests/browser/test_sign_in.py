"""Signing in with a real browser: a passkey from Chromium's virtual authenticator, the strength of a password, axe."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Browser, async_playwright, expect

from miss.base.clock import MovableClock, SystemClock
from miss.directory.sample import people
from miss.server.demo.people import activate_pages, load_directory
from miss.server.doors import Server
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE, Seen
from tests.miss.server.running import serving, settings_in
from tests.servers import free_port

pytestmark = pytest.mark.browser

ANNE = people.ANNE_MODELE
SHOTS = os.environ.get("MISS_TEST_SHOTS", "")
"""A folder, to look at the pages."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """Reached by a name: browsers make no passkeys for addresses."""
    port = free_port()
    settings = settings_in(tmp_path, port=port, public_url=f"http://localhost:{port}")
    async with serving(settings, MovableClock(SystemClock().now())) as server:
        await load_directory(server.house)
        yield server


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


async def open_page(
    server: Server, chromium: Browser, locale: str = "fr-FR", viewport: dict[str, int] = DESK, *, script: bool = True
) -> Seen:
    context = await chromium.new_context(
        locale=locale,
        viewport=viewport,  # type: ignore[arg-type]
        base_url=server.house.settings.public_origin,
        java_script_enabled=script,
    )
    seen = Seen(await context.new_page(), [])
    seen.page.on("console", seen.hear)
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    return seen


async def give_passkeys(seen: Seen) -> str:
    """A device with a fingerprint reader that always agrees; its identifier."""
    cdp = await seen.page.context.new_cdp_session(seen.page)
    await cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return str(added["authenticatorId"])


async def look(seen: Seen, name: str) -> None:
    """Axe, the console, no sideways scrolling; a picture if somebody wants to look."""
    if SHOTS:
        size = seen.page.viewport_size or {"width": 0}
        language = await seen.page.evaluate("document.documentElement.lang")
        await seen.page.screenshot(path=f"{SHOTS}/{name}-{language}-{size['width']}.png", full_page=True)
    await seen.check()
    width = await seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{name} scrolls sideways"


async def enter(seen: Seen, password: str, after: str) -> None:
    await seen.page.goto(f"/connexion?suite={after}")
    await seen.page.fill("#login", ANNE)
    await seen.page.fill("#password", password)
    await seen.page.press("#password", "Enter")


async def test_a_passkey_is_added_signs_in_alone_and_confirms(server: Server, chromium: Browser) -> None:
    password = (await activate_pages(server.house, server.house.settings.public_origin, ANNE)).password
    seen = await open_page(server, chromium)
    page, clock = seen.page, server.house.clock
    assert isinstance(clock, MovableClock)
    await give_passkeys(seen)
    await enter(seen, password, "/compte/securite")
    await page.wait_for_url("**/compte/securite")
    await page.fill("#passkey-name", "Ordinateur du cabinet")
    await page.press("#passkey-name", "Enter")
    await page.locator(".codes").wait_for()
    assert await page.locator(".codes li").count() == 10
    await page.goto("/compte/securite")
    assert "Ordinateur du cabinet" in await page.inner_text("main")

    await page.locator("form[action='/deconnexion'] button").click()
    await page.locator("form[data-passkey] button").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/")
    assert "Bonjour Dr Anne MODELE" in await page.inner_text("h1")

    clock.advance(timedelta(minutes=11))
    await page.goto("/compte/securite/application")
    await page.wait_for_url("**/compte/confirmation?*")
    await look(seen, "confirm")
    await page.locator("form[data-passkey] button").click()
    await page.wait_for_url("**/compte/securite/application")

    await page.locator("form[action='/deconnexion'] button").click()
    await enter(seen, password, "/compte/sessions")
    await page.wait_for_url("**/connexion/second-facteur?*")
    await look(seen, "second-factor")
    await page.locator("form[data-passkey] button").click()
    await page.wait_for_url("**/compte/sessions")
    await look(seen, "sessions")
    assert "clé d'accès" in await page.inner_text("table")
    assert seen.complaints == []


async def test_without_a_passkey_the_page_says_so_and_stays_usable(server: Server, chromium: Browser) -> None:
    seen = await open_page(server, chromium, "en-GB")
    await give_passkeys(seen)
    await seen.page.goto("/connexion")
    await seen.page.locator("form[data-passkey] button").click()
    said = seen.page.locator("[data-passkey-error]")
    await said.wait_for(state="visible")
    await expect(said).to_contain_text("The passkey was not used")
    await expect(seen.page.locator("form[data-passkey] button")).to_be_enabled()
    await look(seen, "no-passkey")


async def test_the_strength_is_said_while_typing(server: Server, chromium: Browser) -> None:
    seen = await open_page(server, chromium)
    await seen.page.goto("/activation")
    words, trial = seen.page.locator("[data-strength-words]"), seen.page.locator("[data-strength-trial]")
    assert not await trial.is_visible(), "the script does what the button does"
    await seen.page.locator("#password").press_sequentially("azertyuiop12")
    await words.filter(has_text="Pas encore assez solide").wait_for()
    await look(seen, "weak")
    await seen.page.fill("#password", "girafe lundi compas verglas")
    await words.filter(has_text="Assez solide").wait_for()
    await look(seen, "strong")
    assert seen.complaints == []


async def test_without_script_everything_but_passkeys_works(server: Server, chromium: Browser) -> None:
    password = (await activate_pages(server.house, server.house.settings.public_origin, ANNE)).password
    seen = await open_page(server, chromium, script=False)
    page = seen.page
    await page.goto("/activation")
    await page.fill("#password", "azertyuiop12")
    await page.locator("[data-strength-trial] button").click()
    assert "Pas encore assez solide" in await page.inner_text("#password-strength")
    await page.goto("/connexion")
    assert not await page.locator("form[data-passkey]").is_visible()
    await enter(seen, password, "/compte/securite")
    assert "Ajouter une clé d'accès demande JavaScript" in await page.inner_text("main")


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_every_page_is_accessible(
    server: Server, chromium: Browser, locale: str, viewport: dict[str, int]
) -> None:
    password = (await activate_pages(server.house, server.house.settings.public_origin, ANNE)).password
    seen = await open_page(server, chromium, locale, viewport)
    page, clock = seen.page, server.house.clock
    assert isinstance(clock, MovableClock)
    await page.goto("/connexion")
    await look(seen, "sign-in")
    await enter(seen, password, "/compte")
    await page.wait_for_url("**/compte")
    await look(seen, "account")
    await page.goto("/compte/securite")
    await look(seen, "security-without")
    await page.goto("/compte/securite/mot-de-passe")
    await look(seen, "password")
    await page.goto("/compte/securite/application")
    await look(seen, "totp")
    secret = (await page.inner_text(".secret")).replace(" ", "")
    await page.fill("#code", pyotp.TOTP(secret).at(clock.now()))
    await page.press("#code", "Enter")
    await page.locator(".codes").wait_for()
    await look(seen, "codes")
    await page.goto("/compte/securite")
    await look(seen, "security")
    await page.goto("/compte/sessions")
    await look(seen, "sessions")
    # On a telephone it stands in the menu.
    if await page.locator(".site-header__open").is_visible():
        await page.locator(".site-header__open").click()
    await page.locator("form[action='/verrouillage'] button").click()
    await page.locator("#unlock-password").wait_for()
    await look(seen, "locked")
    await page.fill("#unlock-password", password)
    await page.press("#unlock-password", "Enter")
    await page.wait_for_url("**/")
    clock.advance(timedelta(minutes=11))
    await page.goto("/compte/securite/application")
    await look(seen, "confirm")
