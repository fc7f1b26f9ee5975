"""« Annuaire », over HTTP, without script."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import vobject

from miss.base.clock import MovableClock
from miss.directory.audit import Subject
from miss.directory.practitioners import DirectoryEntry
from miss.directory.practitioners.model import practitioner_id
from miss.directory.sample import people
from miss.server.doors import Server
from tests.miss.server.desk import account_of, browser_of, directory_desk, make_technician

ANNE = practitioner_id(people.ANNE_MODELE)
ANNE_PATH = f"/annuaire/{ANNE}"
LUCIE = practitioner_id(people.LUCIE_SPECIMEN)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with directory_desk(tmp_path) as server:
        yield server


@pytest.fixture
async def paul(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(server, people.PAUL_EXEMPLE) as http:
        yield http


async def find(http: httpx.AsyncClient, **asked: str | int) -> str:
    answer = await http.get("/annuaire", params=asked)
    assert answer.status_code == 200
    return answer.text


def names(page: str) -> list[str]:
    return re.findall(r'<a href="/annuaire/[0-9A-Z]+">([^<]+)</a>', page)


async def test_one_box_finds_names_specialties_towns_and_typos(paul: httpx.AsyncClient) -> None:
    assert "Cherchez une personne" in await find(paul)
    found = await find(paul, q="dermatologie lille")
    assert set(names(found)) == {"Dr Anne MODELE", "Dr Karim ESSAI"}
    assert "2 personnes correspondent." in found
    assert "membre vérifié" in found
    for typed in ("modele", "MODÈLE anne", "modelle", "999 0000 0011", "anne.modele@ch-fictif.mssante.example"):
        page = await find(paul, q=typed)
        assert "Dr Anne MODELE" in names(page), typed
    assert "Une personne correspond." in await find(paul, q=people.ANNE_MODELE)
    assert "membre vérifié" not in await find(paul, q="specimen lucie")


async def test_filters_narrow_and_stay_in_the_form(paul: httpx.AsyncClient) -> None:
    here = await find(paul, specialite="SM15", ville="lille")
    assert set(names(here)) == {"Dr Anne MODELE", "Dr Karim ESSAI"}
    assert " km</p>" not in here
    page = await find(paul, specialite="SM15", ville="lille", rayon="50")
    assert set(names(page)) > {"Dr Anne MODELE", "Dr Karim ESSAI"}
    assert "à 0 km" in page
    assert '<option value="SM15" selected>' in page
    assert '<option value="50" selected>' in page
    assert 'value="lille"' in page
    assert "Mme Claire TEMOIN" in names(await find(paul, profession="60", departement="59"))
    assert "Mme Claire TEMOIN" not in names(await find(paul, profession="60", departement="974"))


async def test_nobody_found_says_what_to_try(paul: httpx.AsyncClient) -> None:
    page = await find(paul, q="xyzzyxyzzy")
    assert "Personne ne correspond." in page
    assert "liste rouge" in page


async def test_what_no_form_sends_is_answered_as_a_page(paul: httpx.AsyncClient) -> None:
    hostile: tuple[dict[str, str], ...] = (
        {"q": "<script>alert(1)</script>"},
        {"q": "\0\0\0\0", "ville": "\0"},
        {"q": "x" * 5_000},
        {"page": "99999999", "q": "modele"},
        {"page": "-1", "rayon": "1e9", "q": "modele"},
        {"page": "²", "q": "modele"},
        {"departement": "'; DROP", "q": "modele"},
        {"specialite": "\udc80".encode("utf-8", "surrogatepass").decode("latin-1")},
    )
    for asked in hostile:
        page = await find(paul, **asked)
        assert "<script>alert" not in page
        assert "<h1>Annuaire</h1>" in page


async def test_two_letters_are_too_few(paul: httpx.AsyncClient) -> None:
    answer = await paul.get("/annuaire", params={"q": "mo"})
    assert answer.status_code == 400
    assert "au moins 3 lettres" in answer.text
    assert 'value="mo"' in answer.text
    assert names(answer.text) == []


async def test_the_script_gets_the_list_alone(paul: httpx.AsyncClient) -> None:
    answer = await paul.get("/annuaire/resultats", params={"q": "dermatologie lille"})
    assert "<html" not in answer.text
    assert 'data-count="2 personnes correspondent."' in answer.text
    assert set(names(answer.text)) == {"Dr Anne MODELE", "Dr Karim ESSAI"}


async def test_an_entry_has_everything_and_is_recorded(server: Server, paul: httpx.AsyncClient) -> None:
    page = (await paul.get(ANNE_PATH)).text
    for said in (
        "Dr Anne MODELE",
        people.ANNE_MODELE,
        "anne.modele@ch-fictif.mssante.example",
        "Dermatologie",
        "Lille",
    ):
        assert said in page
    assert "texte HPRIM" in page
    assert "messagerie instantanée de MiSS" not in page, "she has no device"
    entries = (await server.house.audit.list_(subject=Subject.practitioner(ANNE))).entries
    reader = await account_of(server.house, people.PAUL_EXEMPLE)
    assert [(entry.fact.act, entry.fact.actor) for entry in entries if entry.fact] == [
        ("directory.read", reader.uid.hex())
    ]
    english = (await paul.get(ANNE_PATH, headers={"Accept-Language": "en"})).text
    assert "verified member" in english


async def test_the_red_list_is_not_searched_but_known_numbers_lead_there(
    server: Server, paul: httpx.AsyncClient
) -> None:
    await server.house.practitioners.describe(ANNE, DirectoryEntry(is_red_listed=True), by="test")
    assert names(await find(paul, q="modele anne")) == []
    assert "Dr Anne MODELE" not in (await paul.get("/annuaire/resultats", params={"q": "dermatologie lille"})).text
    assert names(await find(paul, q=people.ANNE_MODELE)) == ["Dr Anne MODELE"]
    assert (await paul.get(ANNE_PATH)).status_code == 200


async def test_unknown_entries_are_not_there(paul: httpx.AsyncClient) -> None:
    for path in ("899900000999", "x", "%00", "..%2Fsecret", "0", "é"):
        for under in ("", "/carte.vcf"):
            assert (await paul.get(f"/annuaire/{path}{under}")).status_code == 404


async def test_a_card_goes_to_the_address_book(server: Server, paul: httpx.AsyncClient) -> None:
    answer = await paul.get(f"{ANNE_PATH}/carte.vcf")
    assert answer.headers["content-type"] == "text/vcard; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{ANNE}.vcf"'
    card = vobject.readOne(answer.text)
    assert card.fn.value == "Dr Anne MODELE"
    assert card.email.value == "anne.modele@ch-fictif.mssante.example"
    (entry,) = (await server.house.audit.list_(subject=Subject.practitioner(ANNE))).entries
    assert entry.fact is not None
    assert entry.fact.act == "directory.card"


async def test_a_mistake_goes_to_the_console_and_is_closed_there(server: Server, paul: httpx.AsyncClient) -> None:
    empty = await paul.post(f"{ANNE_PATH}/signalement", data={"nature": "left", "precisions": " "})
    assert empty.status_code == 400
    assert "quelques mots" in empty.text
    words = {"nature": "left", "precisions": "Partie en <juin>."}
    sent = await paul.post(f"{ANNE_PATH}/signalement", data=words)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{ANNE_PATH}?signale=1")
    assert "Merci" in (await paul.get(sent.headers["location"])).text
    assert (await paul.get("/console/signalements")).status_code == 403

    await make_technician(server.house, people.MARC_COORDO)
    async with browser_of(server, people.MARC_COORDO) as marc:
        queue = (await marc.get("/console/signalements")).text
        for said in ("Dr Anne MODELE", "Dr Paul EXEMPLE", "Partie en &lt;juin&gt;.", "N’exerce plus"):
            assert said in queue
        assert re.search(r"Erreurs signalées dans l’annuaire.*?>1<", (await marc.get("/console")).text, re.DOTALL)
        [path] = re.findall(r'action="(/console/signalements/[^"]+)"', queue)
        assert (await marc.post(path, data={"suite": "rien"})).status_code == 404
        closed = await marc.post(path, data={"suite": "corrected"})
        assert "n’attend" in (await marc.get(closed.headers["location"])).text
        again = await marc.post(path, data={"suite": "unfounded"})
        assert (again.status_code, "déjà été traité" in again.text) == (409, True)


async def test_ones_own_entry_is_not_reported(server: Server, paul: httpx.AsyncClient) -> None:
    page = (await paul.get(f"/annuaire/{practitioner_id(people.PAUL_EXEMPLE)}")).text
    assert "Dr Paul EXEMPLE" in page
    assert "Signaler une erreur" not in page


async def test_the_quota_has_a_page_that_says_when_to_come_back(tmp_path: Path) -> None:
    async with (
        directory_desk(tmp_path / "small", searches_per_hour=2) as server,
        browser_of(server, people.PAUL_EXEMPLE) as http,
    ):
        await find(http, q="modele")
        await http.get(ANNE_PATH)
        for path in ("/annuaire?q=essai", "/annuaire/resultats?q=essai", ANNE_PATH, f"{ANNE_PATH}/carte.vcf"):
            answer = await http.get(path)
            assert (answer.status_code, "réessayez dans" in answer.text) == (429, True), path
            assert int(answer.headers["retry-after"]) > 0
        assert (await http.get("/annuaire")).status_code == 200


async def test_exports_are_for_those_who_administer_and_have_just_proved_who_they_are(
    server: Server, paul: httpx.AsyncClient
) -> None:
    assert (await paul.get("/annuaire/exports")).status_code == 403
    assert "/annuaire/exports" not in await find(paul)
    await make_technician(server.house, people.MARC_COORDO)
    async with browser_of(server, people.MARC_COORDO) as marc:
        assert "/annuaire/exports" in await find(marc)
        page = (await marc.get("/annuaire/exports")).text
        for path in re.findall(r'href="(/api/directory/v1/export/[^"]+)"', page):
            file = await marc.get(path)
            assert (file.status_code, "attachment" in file.headers["content-disposition"]) == (200, True), path
        clock = server.house.clock
        assert isinstance(clock, MovableClock)
        clock.advance(timedelta(minutes=11))
        stale = await marc.get("/annuaire/exports")
        assert stale.headers["location"].startswith("/compte/confirmation")
        assert (await marc.get("/api/directory/v1/export/csv")).json()["code"] == "step_up_needed"


async def test_strangers_sign_in_first(server: Server) -> None:
    async with httpx.AsyncClient(
        base_url=server.house.settings.public_origin, headers={"Accept": "text/html"}
    ) as stranger:
        for path in ("/annuaire", "/annuaire/resultats?q=modele", ANNE_PATH):
            answer = await stranger.get(path)
            assert (answer.status_code, answer.headers["location"].startswith("/connexion")) == (303, True)
