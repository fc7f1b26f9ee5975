"""The shell of the web client in a real browser: linking, locking, tabs, no network, shared workstations, upgrades."""

import asyncio
import hashlib
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from miss.directory.sample import people
from miss.server.client import files
from miss.server.client.files import ClientFiles, load_client
from miss.server.demo.people import load_directory
from tests.browser.test_tour import CHROMIUM, DESK, FLAGS, PHONE
from tests.clients.web.app_pages import PIN, WAIT_MS, Clinic, Tab, built, choose_pin, clinic, open_settings, unlock
from tests.miss.server.running import serving, settings_in
from tests.servers import free_port

pytestmark = pytest.mark.browser

PAUL, CLAIRE = people.PAUL_EXEMPLE, people.CLAIRE_TEMOIN


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Clinic]:
    async with clinic(tmp_path) as opened:
        yield opened


async def test_a_browser_linked_by_letter_talks_with_a_program(house: Clinic) -> None:
    context = await house.person()
    tab = await house.open(context)
    await expect(tab.page.get_by_role("heading", name="Relier ce navigateur")).to_be_visible(timeout=WAIT_MS)
    await tab.check()
    await house.link(tab, PAUL)
    await tab.check()
    await choose_pin(tab)
    async with house.program(CLAIRE) as claire:
        entry = next(entry for entry in await claire.directory("exemple") if entry.uid)
        assert entry.uid is not None
        cid = await claire.create_conversation([entry.uid], name="Plaie du talon")
        await claire.wait_sent(claire.send_text(cid, "La plaie s’aggrave."))
        await tab.page.get_by_text("Plaie du talon").first.click(timeout=WAIT_MS)
        await tab.sees("La plaie s’aggrave.")
        await tab.write("J’arrive dans dix minutes.")
        async with asyncio.timeout(WAIT_MS / 1000):
            async for _ in claire.events():
                if any(message.text == "J’arrive dans dix minutes." for message in claire.messages(cid)):
                    break
        await tab.check()


async def test_what_the_letter_says_wrong_is_said_where_it_is(house: Clinic) -> None:
    tab = await house.open(await house.person())
    await tab.page.get_by_role("button", name="J’ai une lettre d’activation").click()
    await tab.fill("Numéro RPPS", "1234")
    await tab.press("Relier ce navigateur")
    await tab.sees("Le numéro RPPS a 11 chiffres.")
    await tab.sees("L’empreinte a 32 caractères")
    await tab.fill("Numéro RPPS", PAUL)
    await tab.fill("Code d’activation", await house.code(PAUL))
    await tab.fill("Empreinte de l’opérateur", "0123 4567 89ab cdef 0123 4567 89ab cdef")
    await tab.press("Relier ce navigateur")
    await expect(tab.page.get_by_role("alert").filter(has_text="empreinte")).to_be_visible(timeout=WAIT_MS)
    await tab.check()


async def test_the_pin_is_asked_for_again_and_no_other_opens(house: Clinic) -> None:
    tab = await house.at_work(await house.person(), PAUL)
    await tab.page.reload()
    await expect(tab.page.get_by_label("Code PIN")).to_be_focused(timeout=WAIT_MS)
    await tab.check()
    assert "Messages" not in await tab.page.locator("main").inner_text()
    await unlock(tab, "000000")
    await tab.sees("Ce code n’est pas le bon.")
    await unlock(tab)
    await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
    tab.check_console()


async def test_it_locks_when_nobody_is_there(house: Clinic) -> None:
    context = await house.person()
    tab = await house.at_work(context, PAUL)
    await tab.page.clock.install()
    await tab.page.reload()
    await unlock(tab)
    await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
    await tab.page.clock.fast_forward("04:30")
    await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible()
    await tab.page.clock.fast_forward("01:00")
    await tab.sees("Messagerie verrouillée")


async def test_a_second_tab_follows_the_first_and_takes_its_place(house: Clinic) -> None:
    context = await house.person()
    first = await house.at_work(context, PAUL, pin="")
    second = await house.open(context)
    await expect(second.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
    assert await second.page.evaluate("navigator.locks.query().then(found => found.pending.length)") == 1
    await first.page.close()
    await second.page.reload()
    await expect(second.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
    second.check_console()


async def test_it_opens_without_network(house: Clinic) -> None:
    context = await house.person()
    tab = await house.at_work(context, PAUL, pin="")
    await tab.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await context.set_offline(True)
    await tab.page.reload()
    await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
    await tab.sees("Hors connexion")


async def test_two_people_take_turns_at_one_workstation(house: Clinic) -> None:
    context = await house.person(viewport=DESK)
    tab = await house.at_work(context, PAUL)
    await tab.page.evaluate("localStorage.setItem('miss.preferences', JSON.stringify({isShared: true}))")
    await tab.page.reload()
    await expect(tab.page.get_by_role("heading", name="Qui êtes-vous ?")).to_be_visible(timeout=WAIT_MS)
    await tab.check()
    await tab.press("Une autre personne")
    await house.link(tab, CLAIRE)
    await choose_pin(tab, "314159")
    await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
    await tab.page.reload()
    await tab.press("Paul EXEMPLE")
    await unlock(tab, "314159")
    await tab.sees("Ce code n’est pas le bon.")
    await unlock(tab, PIN)
    await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)


async def test_a_passkey_opens_it(tmp_path: Path) -> None:
    # By a name: WebAuthn knows no relying party that is an address.
    port = free_port()
    async with clinic(tmp_path, port=port, public_url=f"http://localhost:{port}") as house:
        context = await house.person()
        tab = await house.open(context)
        session = await context.new_cdp_session(tab.page)
        await session.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True}
        more = {
            "hasUserVerification": True,
            "isUserVerified": True,
            "hasPrf": True,
            "automaticPresenceSimulation": True,
        }
        await session.send("WebAuthn.addVirtualAuthenticator", {"options": options | more})
        await house.link(tab, PAUL)
        await tab.press("Utiliser une clé d’accès")
        await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
        await tab.page.reload()
        await tab.press("Ouvrir avec ma clé d’accès")
        await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
        tab.check_console()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_settings_are_accessible_and_change_what_they_say(house: Clinic, viewport: dict[str, int]) -> None:
    tab = await house.at_work(await house.person(viewport=viewport), PAUL)
    await open_settings(tab)
    await tab.check()
    await tab.page.get_by_label("Très grande").check()
    await tab.page.get_by_label("Sombres").check()
    await tab.check()
    await tab.page.get_by_label("English").check()
    await expect(tab.page.get_by_role("heading", name="Recovery key")).to_be_visible()
    await tab.check()
    assert await tab.page.evaluate("[document.documentElement.lang, document.documentElement.dataset.theme]") == [
        "en",
        "dark",
    ]
    await tab.press("Check the files of this browser")
    await expect(tab.page.get_by_text("are those that the server publishes")).to_be_visible(timeout=WAIT_MS)


async def test_another_browser_is_let_in_by_its_code(house: Clinic) -> None:
    old = await house.at_work(await house.person(), PAUL, pin="")
    await open_settings(old)
    await old.press("Relier un appareil")
    code = await old.page.locator(".shown__text").inner_text(timeout=WAIT_MS)
    new = await house.open(await house.person())
    await new.page.get_by_role("button", name="J’ai déjà MiSS sur un autre appareil").click()
    await new.check()
    await new.fill("Nom de cet appareil", "Tablette du service")
    await new.fill("Code affiché par l’autre appareil", code)
    await new.press("Continuer")
    await old.sees("Il se nomme « Tablette du service ».")
    await old.check()
    await old.press("Oui, le relier")
    await expect(new.page.get_by_role("heading", name="Protéger ce navigateur")).to_be_visible(timeout=WAIT_MS)
    await old.sees("« Tablette du service » est relié.")


async def test_a_recovery_key_is_made_and_tried(house: Clinic) -> None:
    tab = await house.at_work(await house.person(), PAUL, pin="")
    await open_settings(tab)
    await tab.press("Créer une clé")
    await tab.press("Continuer")
    code = await tab.page.locator(".shown__text--large").inner_text(timeout=WAIT_MS)
    await tab.check()
    await tab.press("Je l’ai recopié")
    await tab.fill("Saisissez-le maintenant, d’après le papier", code.lower().replace("-", " "))
    await tab.press("Confirmer")
    await tab.sees("La clé est en service.")
    await tab.press("Essayer ma clé")
    await tab.page.get_by_role("textbox", name="Clé de récupération").fill(code)
    await tab.press("Confirmer")
    await tab.sees("Elle fonctionne.")


async def test_an_upgrade_in_the_middle_waits_until_it_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built()
    settings = settings_in(tmp_path)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        async with serving(settings) as server:
            await load_directory(server.house)
            house = Clinic(server, browser, tmp_path)
            tab = await house.at_work(await house.person(), PAUL, pin="")
            await tab.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        later = upgraded(tmp_path / "later")
        monkeypatch.setattr("miss.server.app.load_client", lambda: later)
        async with serving(settings):
            await tab.page.evaluate("navigator.serviceWorker.getRegistration().then(found => found.update())")
            await tab.sees("Une nouvelle version est prête.")
            await tab.page.reload()
            assert await version(tab) == "first"
            await tab.sees("Une nouvelle version est prête.")
            async with tab.page.expect_navigation():
                await tab.press("Mettre à jour")
            await expect(tab.page.get_by_role("heading", name="Messages")).to_be_visible(timeout=WAIT_MS)
            assert await version(tab) == "later"
        await browser.close()


async def version(tab: Tab) -> str:
    """What the page's head says; an upgrade of these tests says "later"."""
    said = await tab.page.evaluate("document.querySelector('meta[name=generator]')?.content ?? 'first'")
    assert isinstance(said, str)
    return said


def upgraded(folder: Path) -> ClientFiles:
    """The built client with another page, and the worker that belongs to it."""
    shutil.copytree(files.BUILT, folder)
    for compressed in folder.rglob("*.gz"):
        compressed.unlink()
    published = json.loads((folder / "hashes.json").read_text())
    page, worker = folder / "index.html", folder / "service-worker.js"
    page.write_text(page.read_text().replace("<head>", '<head><meta name="generator" content="later">'))
    worker.write_text(worker.read_text().replace(published["version"], "later"))
    for name in ("index.html", "service-worker.js"):
        published["sha256"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "hashes.json").write_text(json.dumps(published))
    found = load_client(folder)
    assert found is not None
    return found
