"""The recovery key through the pages: eight words, a passkey, and what both bring back to an empty browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, expect

from miss.directory.sample import people
from tests.clients.web.app_pages import WAIT_MS, Clinic, Tab, clinic, open_settings
from tests.servers import free_port

pytestmark = pytest.mark.browser

PAUL, CLAIRE = people.PAUL_EXEMPLE, people.CLAIRE_TEMOIN


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Clinic]:
    # By a name: WebAuthn knows no relying party that is an address.
    port = free_port()
    async with clinic(tmp_path, port=port, public_url=f"http://localhost:{port}") as opened:
        yield opened


async def give_passkeys(context: BrowserContext, tab: Tab) -> None:
    """A key that verifies its person and has a PRF, plugged into this tab."""
    session = await context.new_cdp_session(tab.page)
    await session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True}
    more = {"hasUserVerification": True, "isUserVerified": True, "hasPrf": True, "automaticPresenceSimulation": True}
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options | more})


async def test_words_and_a_passkey_bring_everything_back(house: Clinic) -> None:
    context = await house.person()
    tab = await house.open(context)
    await give_passkeys(context, tab)
    await house.link(tab, PAUL)
    await tab.press("Plus tard")
    async with house.program(CLAIRE) as claire:
        entry = next(entry for entry in await claire.directory("exemple") if entry.uid)
        assert entry.uid is not None
        cid = await claire.create_conversation([entry.uid], name="Plaie du talon")
        await claire.wait_sent(claire.send_text(cid, "À retrouver."))
    await tab.sees("Plaie du talon")
    await open_settings(tab)
    await tab.press("Créer une clé")
    await tab.page.get_by_label("Huit mots, plus faciles à lire et à dire").check()
    await tab.check()
    await tab.press("Continuer")
    words = await tab.page.locator(".shown__text--large").inner_text(timeout=WAIT_MS)
    assert len(words.split()) == 8
    await tab.press("Je l’ai recopié")
    await tab.fill("Saisissez-le maintenant, d’après le papier", words.upper())
    await tab.press("Confirmer")
    await tab.sees("La clé est en service.")

    # Another way to open it: first as today, and not otherwise
    await tab.press("Ajouter un moyen de l’ouvrir")
    key = tab.page.get_by_role("textbox", name="Clé de récupération")
    await key.fill(words.replace(words.split()[0], "abandon", 1))
    await tab.press("Confirmer")
    await expect(tab.page.get_by_role("alert").filter(has_text="Ce n’est pas la clé")).to_be_visible(timeout=WAIT_MS)
    await key.fill(words)
    await tab.press("Confirmer")
    await tab.page.get_by_role("button", name="Une clé d’accès", exact=True).click(timeout=WAIT_MS)
    await tab.sees("La clé d’accès ouvre maintenant votre clé de récupération.")
    await tab.sees("huit mots ou une clé d’accès")
    await tab.check()

    # The browser evicts everything it kept: the passkey opens what the server keeps
    session = await context.new_cdp_session(tab.page)
    address = tab.page.url
    # Nothing of ours is open meanwhile: a page whose worker goes loads itself anew.
    await tab.page.goto("about:blank")
    await session.send("Storage.clearDataForOrigin", {"origin": house.origin, "storageTypes": "all"})
    await tab.page.goto(address)
    await tab.page.get_by_role("button", name="J’ai perdu mes appareils").click(timeout=WAIT_MS)
    await tab.fill("Numéro RPPS", PAUL)
    await tab.fill("Ticket de récupération", await house.ticket(PAUL))
    await tab.fill("Empreinte de l’opérateur", house.server.chat.signer.root_fingerprint)
    await tab.check()
    await tab.press("Ouvrir avec ma clé d’accès")
    await expect(tab.page.get_by_role("heading", name="Protéger ce navigateur")).to_be_visible(timeout=WAIT_MS)
    await tab.press("Plus tard")
    await tab.page.get_by_text("Plaie du talon").first.click(timeout=WAIT_MS)
    await tab.sees("À retrouver.")
    tab.check_console()
