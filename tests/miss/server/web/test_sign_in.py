"""Signing in on the pages, over HTTP, without script: second factors, locking, sessions, sensitive acts."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pyotp
import pytest

from miss.base.clock import MovableClock, SystemClock
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample import people
from miss.server.demo.people import activate_pages, issue_code, load_directory
from miss.server.doors import Server
from tests.miss.server.running import serving, settings_in

SECRET = re.compile(r'<code class="secret">([A-Z2-7 ]+)</code>')
SHEET = re.compile(r"<li><code>([0-9A-Z-]{14})</code></li>")
MINUTE = timedelta(minutes=1)
NEW = "girafe lundi compas verglas"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path), MovableClock(SystemClock().now())) as server:
        await load_directory(server.house)
        yield server


@pytest.fixture
async def anne(server: Server) -> str:
    """Her password."""
    return (await activate_pages(server.house, server.house.settings.public_origin, people.ANNE_MODELE)).password


@asynccontextmanager
async def browser(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    origin = server.house.settings.public_origin
    headers = {"Accept": "text/html", "Origin": origin, "User-Agent": "Navigateur"}
    async with httpx.AsyncClient(base_url=origin, headers=headers, timeout=30) as client:
        yield client


def clock_of(server: Server) -> MovableClock:
    clock = server.house.clock
    assert isinstance(clock, MovableClock)
    return clock


async def enter(http: httpx.AsyncClient, password: str, after: str = "/", **more: str) -> httpx.Response:
    form = {"login": people.ANNE_MODELE, "password": password, "suite": after, **more}
    return await http.post("/connexion", data=form)


async def link_phone(server: Server, http: httpx.AsyncClient) -> tuple[pyotp.TOTP, list[str]]:
    """An application and the sheet, through the pages."""
    offered = await http.get("/compte/securite/application")
    assert 'src="data:image/svg+xml' in offered.text
    [secret] = SECRET.findall(offered.text)
    phone = pyotp.TOTP(secret.replace(" ", ""))
    wrong = await http.post("/compte/securite/application", data={"code": "000000"})
    assert wrong.status_code == 400
    assert SECRET.findall(wrong.text) == [secret], "the same picture again"
    added = await http.post("/compte/securite/application", data={"code": phone.at(server.house.clock.now())})
    assert added.headers["cache-control"] == "no-store"
    sheet = SHEET.findall(added.text)
    assert len(sheet) == 10
    clock_of(server).advance(timedelta(seconds=30))
    return phone, sheet


async def test_a_second_factor_follows_the_password(server: Server, anne: str) -> None:
    async with browser(server) as http, browser(server) as other:
        await enter(other, anne)
        await enter(http, anne)
        phone, sheet = await link_phone(server, http)
        assert "Relier une application" not in (await http.get("/compte/securite")).text
        assert (await other.get("/compte")).status_code == 303, "sessions opened without it are over"

        asked = await enter(other, anne, "/compte/sessions")
        assert asked.headers["location"] == "/connexion/second-facteur?suite=%2Fcompte%2Fsessions"
        assert "Dr Anne" not in (await other.get("/")).text, "halfway in is not in"
        page = await other.get(asked.headers["location"])
        assert "Code à 6 chiffres" in page.text
        wrong = await other.post("/connexion/second-facteur", data={"code": "000000", "suite": "/compte/sessions"})
        assert (wrong.status_code, 'role="alert"' in wrong.text) == (401, True)
        code = phone.at(server.house.clock.now())
        opened = await other.post("/connexion/second-facteur", data={"code": code, "suite": "/compte/sessions"})
        assert opened.headers["location"] == "/compte/sessions"
        sessions = (await other.get("/compte/sessions")).text
        assert "mot de passe et code" in sessions
        assert sessions.count("Mettre fin<span") == 2

        await other.post("/deconnexion")
        await enter(other, anne)
        assert (await other.post("/connexion/second-facteur", data={"code": sheet[0]})).headers["location"] == "/"
        assert "Il vous reste 9 codes" in (await other.get("/compte/securite")).text


async def test_without_a_step_there_is_no_second_factor_to_give(server: Server, anne: str) -> None:
    async with browser(server) as http:
        assert (await http.get("/connexion/second-facteur")).headers["location"] == "/connexion"
        answer = await http.post("/connexion/second-facteur", data={"code": "123456"})
        assert answer.status_code == 400
        assert "a expiré" in answer.text


async def test_a_session_is_left_and_taken_up_again(server: Server, anne: str) -> None:
    async with browser(server) as http:
        await enter(http, anne, shared="1")
        page = (await http.get("/compte")).text
        assert "Dr Anne MODELE" in page
        assert "poste partagé" in page
        before = http.cookies["miss"]
        assert (await http.post("/verrouillage")).headers["location"] == "/connexion"
        locked = await http.get("/connexion?suite=/compte")
        assert "La session de <strong>Dr Anne MODELE</strong> est verrouillée" in locked.text
        assert (await http.get("/compte")).headers["location"] == "/connexion?suite=%2Fcompte"
        wrong = await http.post("/connexion/deverrouillage", data={"password": "pas le bon", "suite": "/compte"})
        assert (wrong.status_code, "Identifiant ou mot de passe inexact" in wrong.text) == (401, True)
        opened = await http.post("/connexion/deverrouillage", data={"password": anne, "suite": "/compte"})
        assert opened.headers["location"] == "/compte"
        assert http.cookies["miss"] != before
        clock_of(server).advance(5 * MINUTE)
        assert "est verrouillée" in (await http.get("/connexion")).text, "it locks itself"


async def test_a_colleague_takes_over_by_signing_in(server: Server, anne: str) -> None:
    origin = server.house.settings.public_origin
    karim = (await activate_pages(server.house, origin, people.KARIM_ESSAI)).password
    async with browser(server) as http:
        await enter(http, anne, shared="1")
        annes = http.cookies["miss"]
        await http.post("/verrouillage")
        form = {"login": people.KARIM_ESSAI, "password": karim, "shared": "1", "suite": "/"}
        await http.post("/connexion", data=form)
        assert "Dr Karim ESSAI" in (await http.get("/")).text
        http.cookies.set("miss", annes, domain="127.0.0.1")
        assert "Dr Anne" not in (await http.get("/connexion")).text, "her session is over"


async def test_a_shared_workstation_remembers_nobody(server: Server, anne: str) -> None:
    async with browser(server) as http:
        plain = await http.get("/connexion")
        assert 'autocomplete="username"' in plain.text
        opened = await enter(http, anne, shared="1")
        for cookie in opened.headers.get_list("set-cookie"):
            if "Max-Age" in cookie and "Max-Age=0" not in cookie:
                assert cookie.startswith("miss-poste=partage;"), "only that it is shared stays on the machine"
        left = await http.post("/deconnexion")
        assert left.headers["clear-site-data"] == '"cache", "storage"'
        again = (await http.get("/connexion")).text
        assert 'autocomplete="username"' not in again
        assert "data-shared-workstation checked" in again
        refused = await enter(http, "pas le bon", shared="1")
        assert people.ANNE_MODELE not in refused.text, "not even the name that was typed"


async def test_sessions_are_ended_from_their_page(server: Server, anne: str) -> None:
    async with browser(server) as http, browser(server) as other, browser(server) as third:
        for one in (http, other, third):
            await enter(one, anne)
        page = (await http.get("/compte/sessions")).text
        assert page.count("celle-ci") == 1
        assert "127.0.0.1" in page
        ends = re.findall(r'action="(/compte/sessions/[^"/]+/fin)"', page)
        assert len(ends) == 4, "these, and the one that the activation opened"
        assert (await http.post("/compte/sessions/nulle/fin")).status_code == 404
        assert (await http.post("/compte/sessions/fin")).headers["location"] == "/compte/sessions?fin=1"
        assert (await other.get("/compte")).status_code == 303
        assert (await http.get("/compte")).status_code == 200
        await enter(other, anne)
        await http.post("/compte/sessions/partout")
        assert (await other.get("/compte")).status_code == 303
        assert (await http.get("/compte")).status_code == 303
        await enter(http, anne)
        [own] = re.findall(r'action="(/compte/sessions/[^"/]+/fin)"', (await http.get("/compte/sessions")).text)
        assert (await http.post(own)).headers["location"] == "/connexion"


async def test_a_sensitive_act_asks_who_one_is(server: Server, anne: str) -> None:
    async with browser(server) as http:
        await enter(http, anne)
        clock_of(server).advance(11 * MINUTE)
        asked = await http.get("/compte/securite/application")
        assert asked.headers["location"] == "/compte/confirmation?suite=%2Fcompte%2Fsecurite%2Fapplication"
        assert 'id="password"' in (await http.get(asked.headers["location"])).text
        referer = {"Referer": f"{server.house.settings.public_origin}/compte/appareils"}
        posted = await http.post("/compte/appareils/recuperation", headers=referer)
        assert posted.headers["location"] == "/compte/confirmation?suite=%2Fcompte%2Fappareils"
        form = {"password": "pas le bon", "suite": "/compte/securite/application"}
        assert (await http.post("/compte/confirmation", data=form)).status_code == 401
        before = http.cookies["miss"]
        confirmed = await http.post("/compte/confirmation", data={**form, "password": anne})
        assert confirmed.headers["location"] == "/compte/securite/application"
        assert http.cookies["miss"] != before
        phone, _ = await link_phone(server, http)
        clock_of(server).advance(11 * MINUTE)
        assert (await http.post("/compte/securite/codes")).status_code == 303
        assert (await http.post("/compte/confirmation", data={"password": anne})).status_code == 401, "not any more"
        code = phone.at(server.house.clock.now())
        assert (await http.post("/compte/confirmation", data={"code": code})).status_code == 303
        assert len(SHEET.findall((await http.post("/compte/securite/codes")).text)) == 10
        removed = await http.post("/compte/securite/application/retrait")
        assert removed.headers["location"] == "/compte/securite?fait=retrait"
        assert (await http.post("/compte/securite/application/retrait")).status_code == 404


async def test_the_password_is_changed_and_judged_without_script(server: Server, anne: str) -> None:
    path = "/compte/securite/mot-de-passe"
    async with browser(server) as http:
        await enter(http, anne)
        weak = await http.post(path, data={"essai": "1", "password": "123456789012"})
        assert "Pas encore assez solide\N{NO-BREAK SPACE}: 11 bits sur 50" in weak.text
        strong = await http.post(path, data={"essai": "1", "password": NEW})
        assert "Assez solide" in strong.text
        for page in (weak, strong):
            assert NEW not in page.text
            assert "123456789012" not in page.text
        own = {
            "current": anne,
            "password": "modele girafe lundi compas",
            "password_again": "modele girafe lundi compas",
        }
        assert "contient votre nom" in (await http.post(path, data=own)).text
        differ = {"current": anne, "password": NEW, "password_again": "autre"}
        assert (await http.post(path, data=differ)).status_code == 400
        changed = await http.post(path, data={"current": anne, "password": NEW, "password_again": NEW})
        assert changed.headers["location"] == "/compte/securite?fait=mot-de-passe"
        assert "est changé" in (await http.get(changed.headers["location"])).text
        await http.post("/deconnexion")
        assert (await enter(http, anne)).status_code == 401
        assert (await enter(http, NEW)).status_code == 303


async def test_a_script_learns_how_strong_a_password_is(server: Server, anne: str) -> None:
    async with browser(server) as http:
        strangers = (await http.post("/mot-de-passe/estimation", json={"password": "am modele"})).json()
        assert strangers["enough"] is False
        english = {"Accept-Language": "en"}
        said = (await http.post("/mot-de-passe/estimation", json={"password": "iloveyou"}, headers=english)).json()
        assert "Part of it is among the most used passwords." in said["advice"]
        assert (await http.post("/mot-de-passe/estimation", json={"password": NEW})).json()["advice"] == []
        for odd in (b"", b"[]", b"{", b'{"password": 5}'):
            assert (await http.post("/mot-de-passe/estimation", content=odd)).json()["bits"] == 0
        large = await http.post("/mot-de-passe/estimation", content=b"x" * 30_000)
        assert (large.status_code, large.json()["code"]) == (413, "script_sent_too_much")


async def test_the_house_may_ask_everybody_for_a_second_factor(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, second_factor="required")
    async with serving(settings, MovableClock(SystemClock().now())) as server, browser(server) as http:
        await load_directory(server.house)
        password = (await activate_pages(server.house, settings.public_origin, people.ANNE_MODELE)).password
        await enter(http, password)
        for path in ("/compte/appareils", "/compte", "/teleexpertise/demandes"):
            assert (await http.get(path)).headers["location"].startswith("/compte/securite?suite=")
        program = await http.get("/compte/appareils", headers={"Accept": "application/json"})
        assert (program.status_code, program.json()["code"]) == (403, "second_factor_needed")
        assert "demande un second facteur" in (await http.get("/compte/securite")).text
        assert (await http.get("/compte/sessions")).status_code == 200
        await link_phone(server, http)
        assert (await http.get("/compte/appareils")).status_code == 200


@pytest.mark.parametrize(
    ("setting", "url", "required"),
    [(None, "https://miss.example", True), (None, "", False), ("required", "", True), ("offered", "https://a", False)],
)
def test_over_https_a_second_factor_is_asked_for(tmp_path: Path, setting: str, url: str, *, required: bool) -> None:
    assert settings_in(tmp_path, second_factor=setting, public_url=url).is_second_factor_required is required


async def test_over_https_cookies_are_bound_to_the_host(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, public_url="https://miss.example", second_factor="offered")
    async with serving(settings) as server:
        await load_directory(server.house)
        headers = {"Accept": "text/html", "Origin": "https://miss.example"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", headers=headers) as http:
            code = await issue_code(server.house, people.ANNE_MODELE, ActivationPurpose.BROWSER)
            form = {"rpps": people.ANNE_MODELE, "code": code, "password": NEW, "password_again": NEW}
            answer = await http.post("/activation", data=form)
            [cookie] = [one for one in answer.headers.get_list("set-cookie") if one.startswith("__Host-miss=")]
            for flag in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
                assert flag in cookie
            assert "Max-Age" not in cookie, "it ends with the browser"
            assert "Domain" not in cookie
            assert "max-age=63072000" in answer.headers["strict-transport-security"]


async def test_another_site_signs_nobody_in(server: Server, anne: str) -> None:
    """Login CSRF: a session of the attacker's in the victim's browser."""
    async with browser(server) as http:
        form = {"login": people.ANNE_MODELE, "password": anne, "suite": "/"}
        answer = await http.post("/connexion", data=form, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
        assert "miss" not in http.cookies
