"""A closed browser is woken: the page subscribes, the wake-up leaves encrypted, the real service worker shows it.

Debian's Chromium has no push service here: the stand-in takes its place, and what it was sent is handed to the service
worker by the browser's own tools (CDP), as its push service would have done.
"""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, CDPSession, Worker

from miss.chat.push.wire.keys import PushKeys
from miss.directory.sample import people
from miss.server.house import House
from miss.server.wiring import chat as wiring
from tests.browser.test_tour import DESK
from tests.clients.web.app_pages import Clinic, Tab, clinic, open_settings, unlock
from tests.conditions import LOOK_S, WAIT_S
from tests.miss.chat.push.standin import Browser, StandIn, make_certificate, one_key, said, standing_in

pytestmark = pytest.mark.browser

PAUL, CLAIRE = people.PAUL_EXEMPLE, people.CLAIRE_TEMOIN
SHOWN = "self.registration.getNotifications().then((all) => all.map((one) => [one.title, one.tag, one.body]))"
LOOKED_AT = "self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then((all) => all.length)"


async def until(worker: Worker, asked: str, holds: Callable[[Any], bool]) -> Any:
    """What the service worker answers, once `holds` is true of it; nothing tells of notifications."""
    answer = None
    try:
        async with asyncio.timeout(WAIT_S):
            while not holds(answer := await worker.evaluate(asked)):  # noqa: ASYNC110
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise AssertionError(f"it did not happen: {asked} is {answer}") from None
    return answer


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[StandIn]:
    async with standing_in(make_certificate(tmp_path / "push.pem")) as one:
        yield one


@pytest.fixture
async def house(tmp_path: Path, service: StandIn, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Clinic]:
    keys = PushKeys((one_key(),))

    def build_push(house: House) -> object:
        return service.services(house.clock, house.random_bytes, keys, round_s=0.2)

    monkeypatch.setattr(wiring, "build_push", build_push)
    async with clinic(tmp_path) as opened:
        yield opened


async def lend_service(context: BrowserContext, browser: Browser, endpoint: str) -> None:
    """What the browser's own push service would give."""
    point, secret = (b64encode(value).decode() for value in (browser.p256dh, browser.auth))
    await context.add_init_script(
        f"""
        const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer;
        const keys = {{ p256dh: bytes("{point}"), auth: bytes("{secret}") }};
        let held = null;
        PushManager.prototype.getSubscription = async () => held;
        PushManager.prototype.subscribe = async (options) => (held = {{
          endpoint: "{endpoint}", options, getKey: (name) => keys[name],
          unsubscribe: async () => {{ held = null; return true; }},
        }});
        """
    )


class Deliverer:
    """Hands push messages to the service worker, as the browser's push service does."""

    def __init__(self, session: CDPSession, origin: str) -> None:
        self._session = session
        self._origin = origin
        self._registration: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        session.on("ServiceWorker.workerRegistrationUpdated", self._note)

    def _note(self, event: dict[str, list[dict[str, str]]]) -> None:
        for one in event["registrations"]:
            if one["scopeURL"].endswith("/app/") and not self._registration.done():
                self._registration.set_result(one["registrationId"])

    async def deliver(self) -> None:
        await self._session.send("ServiceWorker.enable")
        said = {"origin": self._origin, "registrationId": await self._registration, "data": ""}
        await self._session.send("ServiceWorker.deliverPushMessage", said)


async def at_settings(house: Clinic, context: BrowserContext) -> Tab:
    tab = await house.at_work(context, PAUL)
    await open_settings(tab)
    return tab


async def test_a_closed_browser_is_woken_and_says_no_more_than_that(house: Clinic, service: StandIn) -> None:
    browser = Browser()
    context = await house.person(permissions=["notifications"])
    await lend_service(context, browser, service.url())
    tab = await at_settings(house, context)
    await tab.sees("Cet appareil ne reçoit rien tant que MiSS est fermée.")
    await tab.check()
    await tab.press("Activer sur cet appareil")
    await tab.sees("Cet appareil affiche")
    await tab.check()

    # The trial: sent, delivered by hand, seen to arrive.
    worker = Deliverer(await context.new_cdp_session(tab.page), house.origin)
    await tab.press("Faire un essai")
    await service.wait(1)
    assert browser.open(service.asked[0].body) == b""
    await worker.deliver()
    await tab.sees("tout fonctionne")
    await tab.check()

    # Closed: a colleague writes, the server wakes, the worker shows it.
    (program,) = context.service_workers
    async with house.program(CLAIRE) as claire:
        entry = next(entry for entry in await claire.directory("exemple") if entry.uid)
        assert entry.uid is not None
        await tab.page.goto("about:blank")
        await until(program, LOOKED_AT, lambda windows: windows == 0)
        cid = await claire.create_conversation([entry.uid], name="Plaie du talon")
        await claire.wait_sent(claire.send_text(cid, "La plaie s’aggrave."))
        await service.wait(2)
    assert browser.open(service.asked[1].body) == b""
    assert len(service.asked[1].body) == len(service.asked[0].body)
    await worker.deliver()
    assert await until(program, SHOWN, bool) == [["Nouveau message", "miss-wake", ""]]

    # Whoever comes back has seen it.
    await tab.page.goto("/app/")
    await unlock(tab)
    await tab.sees("Plaie du talon")
    await until(program, SHOWN, lambda shown: shown == [])
    await open_settings(tab)
    await tab.press("Désactiver")
    await tab.sees("Cet appareil ne reçoit rien tant que MiSS est fermée.")
    assert await registered(house) == []


async def registered(house: Clinic) -> list[str]:
    """Where Paul is woken."""
    account = await house.server.house.accounts.find_by_rpps(PAUL)
    assert account is not None
    return [one.endpoint for one in await house.server.chat.push.list_of(account.uid)]


async def test_what_the_push_service_says_is_said_in_words(house: Clinic, service: StandIn) -> None:
    context = await house.person(permissions=["notifications"], viewport=DESK)
    await lend_service(context, Browser(), service.url())
    tab = await at_settings(house, context)
    await tab.press("Activer sur cet appareil")
    await tab.sees("Cet appareil affiche")
    assert await registered(house) == [service.url()]
    for answer, words in (
        (said("503 Service Unavailable"), "est surchargé"),
        (said("403 Forbidden"), "a refusé le réveil"),
        (said("410 Gone"), "elle est renouvelée"),
    ):
        service.answers.append(answer)
        await tab.press("Faire un essai")
        await tab.sees(words)
    assert await registered(house) == [service.url()]
    await tab.press("Faire un essai")
    await tab.sees("Un essai vient d’être fait.")
    tab.complaints.clear()  # the browser notes the 429
    await tab.check()


async def test_a_browser_that_cannot_be_woken_is_told_why(house: Clinic) -> None:
    context = await house.person()
    await context.add_init_script("delete ServiceWorkerRegistration.prototype.pushManager")
    tab = await at_settings(house, context)
    await tab.sees("Ce navigateur ne peut pas être réveillé")
    await tab.check()


async def test_a_server_without_push_services_says_so(tmp_path: Path) -> None:
    async with clinic(tmp_path) as house:
        tab = await at_settings(house, await house.person())
        await tab.sees("Ce serveur ne réveille pas les appareils fermés")
        await tab.check()
