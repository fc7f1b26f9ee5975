"""After how long its people's devices lock: said by the administrator of the establishment, nobody else's."""

from miss.directory.establishments.workstations import FREE, Imposed, Workstations
from miss.directory.sample import people
from tests.miss.server.establishments.hospitals import DESK, LILLE, Hospitals, alert

PAGE = f"{DESK}/postes"


async def test_a_delay_is_set_changed_and_taken_back(hospitals: Hospitals) -> None:
    house = hospitals.server.house
    workstations = Workstations(house.db, house.clock)
    async with hospitals.browser(people.ANNE_MODELE) as browser:
        assert 'name="verrouillage" inputmode="numeric" maxlength="12" value=""' in (await browser.get(PAGE)).text
        saved = await browser.post(PAGE, data={"verrouillage": "2"})
        assert saved.status_code == 303, saved.text
        page = (await browser.get(saved.headers["location"])).text
        assert 'maxlength="12" value="2"' in page
        assert "dès sa prochaine connexion" in page
        refused = await browser.post(PAGE, data={"verrouillage": "2 heures"})
        assert refused.status_code == 400
        assert "de 1 à 60" in alert(refused)
        assert 'value="2 heures"' in refused.text, "what was typed is still there"
        assert await workstations.get(LILLE) == Imposed(2)
        await browser.post(PAGE, data={"verrouillage": ""})
        assert await workstations.get(LILLE) == FREE


async def test_another_establishments_is_not_there(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.KARIM_ESSAI) as browser:
        assert (await browser.get(PAGE)).status_code == 404
        assert (await browser.post(PAGE, data={"verrouillage": "2"})).status_code == 404
