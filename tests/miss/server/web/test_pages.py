"""The house's pages, over HTTP."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from miss.directory.accounts import ActivationPurpose
from miss.directory.sample import people
from miss.server.demo.people import issue_code, load_directory
from miss.server.doors import Server
from miss.server.web.security import HEADERS
from tests.miss.server.running import serving, settings_in

PASSWORD = "une phrase de passe fictive"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path)) as server:
        await load_directory(server.house)
        yield server


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    origin = server.house.settings.public_origin
    async with httpx.AsyncClient(base_url=origin, headers={"Accept": "text/html", "Origin": origin}) as client:
        yield client


async def _activate(server: Server, http: httpx.AsyncClient, **changed: str) -> httpx.Response:
    code = await issue_code(server.house, people.ANNE_MODELE, ActivationPurpose.BROWSER)
    form = {"rpps": people.ANNE_MODELE, "code": code, "password": PASSWORD, "password_again": PASSWORD} | changed
    return await http.post("/activation", data=form)


async def test_every_page_carries_the_security_headers(http: httpx.AsyncClient) -> None:
    for path in ("/", "/connexion", "/activation", "/nulle-part", "/health"):
        answer = await http.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (path, name)


async def test_an_activation_code_opens_the_pages_once(server: Server, http: httpx.AsyncClient) -> None:
    activated = await _activate(server, http)
    assert (activated.status_code, activated.headers["location"]) == (303, "/")
    cookie = activated.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Dr Anne MODELE" in (await http.get("/")).text

    await http.post("/deconnexion")
    assert "Dr Anne MODELE" not in (await http.get("/")).text
    signed_in = await http.post("/connexion", data={"login": people.ANNE_MODELE, "password": PASSWORD, "suite": "/"})
    assert signed_in.status_code == 303


async def test_wrong_activations_say_what_to_do(server: Server, http: httpx.AsyncClient) -> None:
    differ = await _activate(server, http, password_again="autre chose encore")
    assert (differ.status_code, "identiques" in differ.text) == (400, True)
    for _ in range(4):
        wrong = await _activate_with_wrong_code(http)
        assert wrong.status_code in {400, 401, 403}
    locked = await _activate_with_wrong_code(http)
    assert locked.status_code == 423
    assert 'role="alert"' in locked.text


async def _activate_with_wrong_code(http: httpx.AsyncClient) -> httpx.Response:
    form = {"rpps": people.KARIM_ESSAI, "code": "0000-0000-0000", "password": PASSWORD, "password_again": PASSWORD}
    return await http.post("/activation", data=form)


async def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(
    server: Server, http: httpx.AsyncClient
) -> None:
    await _activate(server, http)
    await http.post("/deconnexion")
    known = await http.post("/connexion", data={"login": people.ANNE_MODELE, "password": "faux mot de passe"})
    unknown = await http.post("/connexion", data={"login": people.HUGO_FACTICE, "password": "faux mot de passe"})
    assert known.status_code == unknown.status_code
    assert known.text.replace(people.ANNE_MODELE, "") == unknown.text.replace(people.HUGO_FACTICE, "")


@pytest.mark.parametrize(
    "after", ["https://ailleurs.example/", "//ailleurs.example", "/\\ailleurs.example", "ailleurs"]
)
async def test_nobody_is_sent_elsewhere_after_signing_in(server: Server, http: httpx.AsyncClient, after: str) -> None:
    await _activate(server, http)
    answer = await http.post("/connexion", data={"login": people.ANNE_MODELE, "password": PASSWORD, "suite": after})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://ailleurs.example"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
)
async def test_forms_of_other_sites_do_nothing(
    server: Server, http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    await _activate(server, http)
    refused = await http.post("/deconnexion", headers=headers)
    assert refused.status_code == 403
    assert "Dr Anne MODELE" in (await http.get("/")).text, "still signed in"


async def test_the_reader_chooses_the_language(http: httpx.AsyncClient) -> None:
    assert 'lang="fr"' in (await http.get("/")).text
    assert "Sign in" in (await http.get("/", headers={"Accept-Language": "en-GB"})).text
    await http.post("/langue/en")
    assert 'lang="en"' in (await http.get("/")).text


async def test_an_unknown_page_is_a_page_for_people_and_json_for_programs(http: httpx.AsyncClient) -> None:
    page = await http.get("/nulle-part")
    assert (page.status_code, "Page introuvable" in page.text) == (404, True)
    program = await http.get("/nulle-part", headers={"Accept": "application/json"})
    assert (program.status_code, program.json()["code"]) == (404, "not_found")


async def test_a_page_of_somebodys_asks_to_sign_in_and_comes_back(http: httpx.AsyncClient) -> None:
    answer = await http.get("/teleexpertise/avis")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/connexion?suite=%2Fteleexpertise%2Favis"


async def test_static_files_are_named_by_their_content(server: Server, http: httpx.AsyncClient) -> None:
    page = (await http.get("/")).text
    [address] = re.findall(r'href="(/static/house/[0-9a-f]{16}/house\.css)"', page)
    style = await http.get(address)
    assert style.status_code == 200
    assert "immutable" in style.headers["cache-control"]
    for other in ("/static/house/0000000000000000/house.css", address.replace("house.css", "../../app.py")):
        assert (await http.get(other)).status_code == 404


@pytest.mark.parametrize("path", ["/", "/accessibilite", "/connexion", "/inscription", "/incidents"])
async def test_no_line_of_a_french_page_begins_with_a_mark(http: httpx.AsyncClient, path: str) -> None:
    page = (await http.get(path, headers={"Accept-Language": "fr"})).text
    words = re.sub(r"<(script|style).*?</\1>|<[^>]*>", "", page, flags=re.DOTALL)
    assert re.findall(r"[^ \n]+ [:;?!»](?=\s|$)|« ", words) == []


async def test_what_is_said_in_english_keeps_its_spaces(http: httpx.AsyncClient) -> None:
    assert "\N{NO-BREAK SPACE}" not in (await http.get("/accessibilite", headers={"Accept-Language": "en"})).text


async def test_the_menu_opens_without_script(server: Server, http: httpx.AsyncClient) -> None:
    assert "popovertarget" not in (await http.get("/")).text, "nobody is signed in: there is no menu"
    await _activate(server, http)
    page = (await http.get("/")).text
    assert re.search(r'<button [^>]*popovertarget="site-menu"', page)
    assert re.search(r'<div [^>]*id="site-menu" popover>\s*<nav ', page)
