"""The operator's list of establishments: opened, changed, completed; who keeps their lists."""

import re

from miss.base.ids import OrganizationId
from miss.directory.sample import people
from tests.miss.server.establishments.hospitals import ARRAS, LILLE, Hospitals

CONSOLE = "/console/etablissements"


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
        assert "Biologiste de garde : le nom manque" in page.text
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
