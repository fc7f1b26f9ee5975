"""The operator's list of establishments: opened, changed, completed; who keeps their lists."""

import re

import httpx

from miss.base.ids import OrganizationId
from miss.directory.establishments.quotas import Allowances
from miss.directory.establishments.tokens import ApiTokens, TokenScope
from miss.directory.sample import people
from miss.server.scim import SCIM_PATH
from tests.miss.server.establishments.hospitals import ARRAS, LILLE, Hospitals

CONSOLE = "/console/etablissements"
DIRECTORY, MOVEMENTS = "/api/directory/v1", "/api/movements/v1"


async def test_a_record_is_opened_and_its_first_administrator_named(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.MARC_COORDO) as http:
        draft = {"name": "Laboratoire fictif", "kind": "laboratory", "finess": "599990033", "town": "Lille"}
        refused = await http.post(CONSOLE, data=draft | {"finess": "599990032"})
        assert refused.status_code == 400
        assert 'value="599990032"' in refused.text
        opened = await http.post(CONSOLE, data=draft)
        path = f"{CONSOLE}/599990033"
        assert opened.headers["location"] == f"{path}?fait=ouverture"
        page = await http.get(path)
        assert "Biologiste de garde\u00a0: le nom manque" in page.text
        unknown = await http.post(f"{path}/administrateurs", data={"rpps": "99900000094"})
        assert "Aucun compte ouvert" in unknown.text
        named = await http.post(f"{path}/administrateurs", data={"rpps": people.PAUL_EXEMPLE})
        assert named.status_code == 303
        page = await http.get(path)
        assert "Paul EXEMPLE" in page.text
        async with hospitals.browser(people.PAUL_EXEMPLE) as paul:
            assert (await paul.get("/etablissement")).headers["location"] == "/etablissement/599990033"
        [dismissal] = re.findall(r'action="([^"]+/retrait)"', page.text)
        assert (await http.post(dismissal)).status_code == 303
        async with hospitals.browser(people.PAUL_EXEMPLE) as paul:
            assert (await paul.get("/etablissement/599990033")).status_code == 403


async def test_the_list_says_what_is_missing(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.MARC_COORDO) as http:
        page = await http.get(CONSOLE)
        assert "CH fictif de Lille" in page.text
        assert "manquent 12" in page.text
        page = await http.get(CONSOLE, params={"q": "arras"})
        assert "CH fictif d’Arras" in page.text
        assert "CH fictif de Lille" not in page.text
        page = await http.get(CONSOLE, params={"incompletes": "1"})
        assert "2 établissements" in page.text
        home = await http.get("/console")
        assert "Fiches d’établissement incomplètes" in home.text
        assert "Aucun établissement de ce nom" in (await http.get(CONSOLE, params={"q": "zzz"})).text


async def test_a_record_is_changed(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.MARC_COORDO) as http:
        typed = {"name": "CH d’Arras", "kind": "hospital", "finess": "629990003", "town": "Arras"}
        assert (await http.post(f"{CONSOLE}/{ARRAS}", data=typed)).status_code == 303
        record = await hospitals.establishments.get(ARRAS)
        assert (record.name, record.finess, record.town) == ("CH d’Arras", "629990003", "Arras")
        refused = await http.post(f"{CONSOLE}/{ARRAS}", data=typed | {"kind": "castle"})
        assert refused.status_code == 400
        assert (await http.get(f"{CONSOLE}/F0")).status_code == 404
    assert (await hospitals.establishments.get(OrganizationId(LILLE))).name == "CH fictif de Lille"


async def test_a_quota_holds_for_all_programs_of_one_establishment_at_every_door(hospitals: Hospitals) -> None:
    house = hospitals.server.house
    tokens = ApiTokens(house.db, house.clock, house.random_bytes)
    every = frozenset(TokenScope)
    lille = [(await tokens.issue(LILLE, every, f"Logiciel {number}", "test")).token for number in range(2)]
    arras = (await tokens.issue(ARRAS, every, "Logiciel d’Arras", "test")).token
    async with hospitals.browser(people.MARC_COORDO) as http:
        page = await http.get(f"{CONSOLE}/{LILLE}")
        assert "Requêtes par minute (plateforme\u00a0: 3000)" in page.text
        refused = await http.post(f"{CONSOLE}/{LILLE}/quotas", data={"requests_per_min": "1", "entries_per_day": ""})
        assert refused.status_code == 400
        assert "laissez vide pour la valeur de la plateforme" in refused.text
        assert 'value="1"' in refused.text
        chosen = {"requests_per_min": "4", "entries_per_day": "20 000"}
        assert (await http.post(f"{CONSOLE}/{LILLE}/quotas", data=chosen)).status_code == 303
        assert 'value="20000"' in (await http.get(f"{CONSOLE}/{LILLE}")).text

        async def knock(path: str, token: str) -> httpx.Response:
            headers = {"Authorization": f"Bearer {token}", "Accept-Language": "fr"}
            if path == MOVEMENTS:
                return await http.post(path, content=b"", headers=headers | {"Content-Type": "text/csv"})
            return await http.get(path, headers=headers)

        doors = (f"{DIRECTORY}/codings/professions", f"{SCIM_PATH}/Users", MOVEMENTS)
        for door, token in zip((*doors, doors[0]), (*lille, *lille), strict=True):
            assert (await knock(door, token)).status_code != 429
        for door in doors:
            full = await knock(door, lille[0])
            assert full.status_code == 429
            assert 1 <= int(full.headers["retry-after"]) <= 15
            assert "quota commun de 4 requêtes par minute" in full.text
            assert (await knock(door, arras)).status_code != 429
    async with hospitals.browser(people.ANNE_MODELE) as anne:
        shown = await anne.get(f"/etablissement/{LILLE}/jetons")
        assert "4 requêtes par minute et lire 20000 fiches" in shown.text


async def test_limits_on_what_people_keep_and_ask_are_set_here_and_read_by_the_establishment(
    hospitals: Hospitals,
) -> None:
    house = hospitals.server.house
    allowances = Allowances(house.db, house.clock)
    async with hospitals.browser(people.MARC_COORDO) as http:
        refused = await http.post(f"{CONSOLE}/{LILLE}/quotas", data={"stored_mb": "beaucoup"})
        assert refused.status_code == 400
        assert "laissez vide ou mettez 0 pour ne rien limiter" in refused.text
        assert 'value="beaucoup"' in refused.text
        chosen = {"stored_mb": "2 000", "advice_per_day": "50"}
        assert (await http.post(f"{CONSOLE}/{LILLE}/quotas", data=chosen)).status_code == 303
        async with house.db.transaction() as tx:
            await allowances.keep(tx, LILLE, "chat-1", 1_500_001)
            await allowances.ask(tx, LILLE)
        page = (await http.get(f"{CONSOLE}/{LILLE}")).text
        assert 'value="2000"' in page
        assert "en Mo (utilisés\u00a0: 2)" in page
        assert "(aujourd'hui\u00a0: 1)" in page.replace("&#39;", "'").replace("’", "'")
        assert "utilisés\u00a0: 0" in (await http.get(f"{CONSOLE}/{ARRAS}")).text
    async with hospitals.browser(people.ANNE_MODELE) as anne:
        record = (await anne.get(f"/etablissement/{LILLE}/fiche")).text
        assert "2 Mo sur 2000 Mo" in record
        assert "1 sur 50" in record
    async with hospitals.browser(people.MARC_COORDO) as http:
        await http.post(f"{CONSOLE}/{LILLE}/quotas", data={"stored_mb": "0", "advice_per_day": ""})
    async with hospitals.browser(people.ANNE_MODELE) as anne:
        assert "2 Mo, sans limite" in (await anne.get(f"/etablissement/{LILLE}/fiche")).text
