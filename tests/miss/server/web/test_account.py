"""The pages of one's own account: devices, and the ticket for the recovery key."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry

from miss.base.clock import MovableClock, SystemClock
from miss.directory.accounts import Act, ActivationPurpose
from miss.directory.sample import people
from miss.server.demo.people import activate_pages, issue_code, load_directory
from miss.server.doors import Server
from tests.miss.chat.kit import Member, Place, Process, Refused, get, post
from tests.miss.chat.paper import Paper, recover
from tests.miss.server.running import serving, settings_in

DEVICES = "/compte/appareils"
TICKET = f"{DEVICES}/recuperation"
CODE = re.compile(r"<strong>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</strong>")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path), MovableClock(SystemClock().now())) as server:
        await load_directory(server.house)
        yield server


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Anne's browser, signed in; it runs no script."""
    origin = server.house.settings.public_origin
    user = await activate_pages(server.house, origin, people.ANNE_MODELE)
    async with httpx.AsyncClient(base_url=origin, headers={"Accept": "text/html", "Origin": origin}) as client:
        form = {"login": people.ANNE_MODELE, "password": user.password, "suite": "/"}
        assert (await client.post("/connexion", data=form)).status_code == 303
        yield client


@asynccontextmanager
async def process_of(server: Server) -> AsyncIterator[Process]:
    """The chat of `server`, as devices see it."""
    origin = server.house.settings.public_origin
    async with httpx.AsyncClient(base_url=origin) as programs:
        yield Process(server.chat, origin, programs, CollectorRegistry())


def place_of(server: Server, folder: Path) -> Place:
    """The services of `server`."""
    house, clock = server.house, server.house.clock
    assert isinstance(clock, MovableClock)
    signer = server.chat.signer
    return Place(house.db, clock, house.random_bytes, house.practitioners, house.accounts, signer, folder)


@pytest.fixture
async def process(server: Server) -> AsyncIterator[Process]:
    async with process_of(server) as process:
        yield process


@pytest.fixture
def place(server: Server, tmp_path: Path) -> Place:
    return place_of(server, tmp_path)


async def link_anne(process: Process, place: Place, server: Server) -> Member:
    account = await place.accounts.find_by_rpps(people.ANNE_MODELE)
    assert account is not None
    code = await issue_code(server.house, people.ANNE_MODELE, ActivationPurpose.DEVICE)
    anne = await Member.prepare(process, place, account, people.ANNE_MODELE, code)
    await anne.link_device(process, anne.genesis(place.clock.now()))
    return anne


async def test_the_page_leads_on_at_every_stage(
    server: Server, http: httpx.AsyncClient, process: Process, place: Place
) -> None:
    empty = (await http.get(DEVICES)).text
    assert "Aucun appareil" in empty
    assert "Obtenir un ticket" not in empty
    assert "réinitialisation" in empty

    anne = await link_anne(process, place, server)
    tablet = await anne.second_device(process, place, "Tablette <du bloc>")
    await anne.revoke(process, place, tablet.did)
    without_key = (await http.get(DEVICES)).text
    assert "Poste de garde" in without_key
    assert "Tablette &lt;du bloc&gt;, révoqué le" in without_key
    assert "1 appareil révoqué" in without_key
    assert "Vous n'avez pas de clé de récupération" in without_key

    await Paper(place, anne.uid).enrol(process, place, anne)
    with_key = (await http.get(DEVICES)).text
    assert "sur papier" in with_key
    assert "n'a pas encore été essayée" in with_key
    assert "Obtenir un ticket" in with_key
    english = (await http.get(DEVICES, headers={"Accept-Language": "en"})).text
    assert "Get a recovery ticket" in english
    assert "1 revoked device" in english


async def test_a_ticket_is_shown_once_and_opens_the_way_back(
    server: Server, http: httpx.AsyncClient, process: Process, place: Place
) -> None:
    anne = await link_anne(process, place, server)
    paper = Paper(place, anne.uid)
    await paper.enrol(process, place, anne)
    shown = await http.post(TICKET)
    assert shown.headers["cache-control"] == "no-store"
    [code] = CODE.findall(shown.text)
    assert people.ANNE_MODELE in shown.text
    assert "Valable jusqu" in shown.text
    assert code not in (await http.get(DEVICES)).text
    new, asked = await recover(process, place, anne, code, paper.code)
    await post(process, "recovery/devices", asked)
    assert len((await get(process, "devices", new.token(process)))["devices"]) == 3
    acts = [event.act for event in await place.accounts.list_events(anne.uid)]
    assert acts[:3] == [Act.DEVICE_RECOVERED, Act.CODE_USED, Act.CODE_ISSUED]
    # Another ticket replaces one that was not used.
    [second], [third] = [CODE.findall((await http.post(TICKET)).text) for _ in range(2)]
    with pytest.raises(Refused) as refused:
        await post(process, "recovery/open", {"rpps": anne.rpps, "code": second})
    assert refused.value.code == "wrong_activation_code"
    await post(process, "recovery/open", {"rpps": anne.rpps, "code": third})


async def test_there_is_no_ticket_without_a_recovery_key_or_a_session(
    server: Server, http: httpx.AsyncClient, process: Process, place: Place
) -> None:
    await link_anne(process, place, server)
    refused = await http.post(TICKET)
    assert (refused.status_code, CODE.search(refused.text)) == (404, None)
    assert "réinitialisation" in refused.text
    assert (await http.post(TICKET, headers={"Origin": "https://ailleurs.example"})).status_code == 403
    await http.post("/deconnexion")
    for method, path in (("GET", DEVICES), ("POST", TICKET)):
        answer = await http.request(method, path)
        assert (answer.status_code, answer.headers["location"].startswith("/connexion?suite=")) == (303, True)


async def test_the_page_is_in_the_menu_of_whoever_is_signed_in(http: httpx.AsyncClient) -> None:
    assert f'href="{DEVICES}"' in (await http.get("/")).text
    await http.post("/deconnexion")
    assert f'href="{DEVICES}"' not in (await http.get("/")).text
