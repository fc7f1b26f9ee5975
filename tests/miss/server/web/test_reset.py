"""« Mot de passe oublié », through the pages and the mails that leave."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import httpx
import pyotp
import pytest

from miss.base.clock import MovableClock, SystemClock
from miss.base.random import system_random
from miss.directory.accounts import Act
from miss.directory.sample import people
from miss.directory.sign_in import Method, Opened, Visit
from miss.directory.sign_in.reset import ResetMail, ResetMailKind
from miss.server.demo.mailbox import text_of
from miss.server.demo.people import load_directory
from miss.server.doors import Server
from miss.server.service import find_services
from tests.databases import open_prepared_server
from tests.miss.server.running import settings_in

ASK, NEW = "/mot-de-passe-oublie", "/mot-de-passe-oublie/nouveau"
PASSWORD = "girafe lundi compas verglas"
LINK = re.compile(r"http://\S+/mot-de-passe-oublie/nouveau\?jeton=([\w-]+)")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """Its doors stay closed: the test runs the jobs."""
    clock = MovableClock(SystemClock().now())
    server = await open_prepared_server(settings_in(tmp_path), clock, system_random, find_services())
    try:
        await load_directory(server.house)
        yield server
    finally:
        await server.close()


@asynccontextmanager
async def browser(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    origin = server.house.settings.public_origin
    transport = httpx.ASGITransport(server.app)
    headers = {"Accept": "text/html", "Origin": origin}
    async with httpx.AsyncClient(transport=transport, base_url=origin, headers=headers) as http:
        yield http


async def enter(server: Server, rpps: str) -> str:
    """A session, whatever opened it."""
    house = server.house
    account = await house.accounts.find_by_rpps(rpps)
    assert account is not None
    async with house.db.transaction() as tx:
        opened: Opened = await house.sign_in.sessions.open(tx, account, Method.PASSKEY, Visit())
    return opened.token


async def link_phone(server: Server, http: httpx.AsyncClient, rpps: str) -> tuple[pyotp.TOTP, list[str]]:
    http.cookies.set("miss", await enter(server, rpps))
    page = (await http.get("/compte/securite/application")).text
    [secret] = re.findall(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    phone = pyotp.TOTP(secret.replace(" ", ""))
    added = await http.post("/compte/securite/application", data={"code": phone.at(server.house.clock.now())})
    sheet = re.findall(r"<li><code>([0-9A-Z-]{14})</code></li>", added.text)
    http.cookies.clear()
    move(server, timedelta(seconds=30))
    return phone, sheet


def move(server: Server, by: timedelta) -> None:
    assert isinstance(server.house.clock, MovableClock)
    server.house.clock.advance(by)


async def mails(server: Server) -> list[tuple[str, str]]:
    """To whom, and what, in the order they left."""
    await server.house.jobs.run_due()
    await server.house.jobs.run_due()
    folder = server.house.settings.data_dir / "spool"
    found = []
    for path in sorted(folder.glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        found.append((str(mail["To"]), text_of(mail)))
    return found


async def ask(http: httpx.AsyncClient, login: str) -> httpx.Response:
    return await http.post(ASK, data={"login": login})


async def test_a_link_and_the_second_factor_change_the_password(server: Server) -> None:
    async with browser(server) as http:
        phone, _ = await link_phone(server, http, people.ANNE_MODELE)
        session = await enter(server, people.ANNE_MODELE)
        await ask(http, people.ANNE_MODELE)
        [(to, text)] = await mails(server)
        assert "anne.modele" in to
        [token] = LINK.findall(text)
        for _ in range(2):
            assert (await http.get(f"{NEW}?jeton={token}")).status_code == 200, "a mail scanner uses nothing up"
        form = {"jeton": token, "password": PASSWORD, "password_again": PASSWORD, "code": "000000"}
        assert (await http.post(NEW, data=form)).status_code == 401
        for bad in ("123456789012", "anne modele girafe lundi"):
            refused = await http.post(NEW, data={**form, "password": bad, "password_again": bad})
            assert refused.status_code == 400
        trial = await http.post(NEW, data={**form, "essai": "1"})
        assert "Assez solide" in trial.text
        form["code"] = phone.at(server.house.clock.now())
        changed = await http.post(NEW, data=form)
        assert changed.headers["location"] == "/connexion?fait=mot-de-passe"
        assert "est enregistré" in (await http.get(changed.headers["location"])).text
        assert await server.house.sign_in.find_session(session) is None
        again = await http.post(NEW, data=form)
        assert (again.status_code, "a expiré" in again.text) == (400, True)
        [_, (_, told)] = await mails(server)
        assert "vient d'être changé" in told
        for _, text in await mails(server):
            assert PASSWORD not in text
        entered = await http.post("/connexion", data={"login": people.ANNE_MODELE, "password": PASSWORD})
        assert entered.headers["location"] == "/connexion/second-facteur"


async def test_the_page_answers_the_same_whoever_is_named(server: Server) -> None:
    async with browser(server) as http:
        await link_phone(server, http, people.ANNE_MODELE)
        names = (
            people.ANNE_MODELE,
            people.PAUL_EXEMPLE,
            people.LUCIE_SPECIMEN,
            "99900009996",
            "n@x.example",
            "",
            "\x00",
        )
        answers = [await ask(http, name) for name in names]
        assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
        assert "Si un compte correspond" in answers[0].text
        sent = await mails(server)
        assert sorted(to.split("@")[0].split("<")[-1] for to, _ in sent) == ["anne.modele", "paul.exemple"]


async def test_without_a_second_factor_the_mailbox_alone_changes_nothing(server: Server) -> None:
    async with browser(server) as http:
        await ask(http, people.PAUL_EXEMPLE)
        [(_, text)] = await mails(server)
        assert "pas de second facteur" in text
        assert "/activation" in text
        assert LINK.findall(text) == []


async def test_a_recovery_code_does_as_well_and_a_link_has_its_time(server: Server) -> None:
    async with browser(server) as http:
        _, sheet = await link_phone(server, http, people.ANNE_MODELE)
        await ask(http, people.ANNE_MODELE)
        [(_, first)] = await mails(server)
        await ask(http, people.ANNE_MODELE)
        [_, (_, second)] = await mails(server)
        [old], [token] = LINK.findall(first), LINK.findall(second)
        form = {"jeton": old, "password": PASSWORD, "password_again": PASSWORD, "code": sheet[0]}
        assert (await http.post(NEW, data=form)).status_code == 400, "another link replaced it"
        move(server, timedelta(minutes=30))
        assert (await http.get(f"{NEW}?jeton={token}")).status_code == 400
        await ask(http, people.ANNE_MODELE)
        [*_, (_, third)] = await mails(server)
        form["jeton"] = LINK.findall(third)[0]
        assert (await http.post(NEW, data=form)).status_code == 303
        await http.post("/connexion", data={"login": people.ANNE_MODELE, "password": PASSWORD})
        again = await http.post("/connexion/second-facteur", data={"code": sheet[0]})
        assert again.status_code == 401, "the code was used up"
        assert (await http.post("/connexion/second-facteur", data={"code": sheet[1]})).status_code == 303


async def test_guessing_the_second_factor_with_a_link_is_throttled(server: Server) -> None:
    async with browser(server) as http:
        phone, _ = await link_phone(server, http, people.ANNE_MODELE)
        await ask(http, people.ANNE_MODELE)
        [(_, text)] = await mails(server)
        form = {"jeton": LINK.findall(text)[0], "password": PASSWORD, "password_again": PASSWORD, "code": "000000"}
        for _ in range(5):
            assert (await http.post(NEW, data=form)).status_code == 401
        right = {**form, "code": phone.at(server.house.clock.now())}
        assert (await http.post(NEW, data=right)).status_code == 429


async def test_asking_over_and_over_sends_five_mails_and_then_waits(server: Server) -> None:
    async with browser(server) as http:
        for login in (people.PAUL_EXEMPLE, "99900009996"):
            codes = []
            for _ in range(7):
                codes.append((await ask(http, login)).status_code)
                await server.house.jobs.run_due()
            assert codes == [200] * 5 + [429] * 2
        assert len(await mails(server)) == 5


async def test_a_closed_account_gets_no_link_and_the_story_says_who_asked(server: Server) -> None:
    accounts = server.house.accounts
    account = await accounts.find_by_rpps(people.PAUL_EXEMPLE)
    assert account is not None
    async with browser(server) as http:
        await ask(http, people.PAUL_EXEMPLE)
        assert len(await mails(server)) == 1
        assert (await accounts.list_events(account.uid))[0].act is Act.RESET_ASKED
        await accounts.suspend(account.uid, "test", "")
        await ask(http, people.PAUL_EXEMPLE)
        assert len(await mails(server)) == 1


def test_no_mail_shows_its_token() -> None:
    assert "jeton" not in repr(ResetMail(ResetMailKind.LINK, "r", "jeton"))
