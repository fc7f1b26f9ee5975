"""The list of staff on its pages: whole ways through it, in both languages."""

from miss.directory.establishments.facts import StaffField
from miss.directory.sample import people
from tests.miss.server.establishments.hospitals import DESK, LILLE, ODILE, Hospitals, alert, listed


async def test_somebody_is_added_corrected_moved_hidden_and_removed(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.ANNE_MODELE) as http:
        assert (await http.get("/etablissement")).headers["location"] == DESK
        assert "La liste est vide" in (await http.get(DESK)).text
        added = await http.post(f"{DESK}/personnel/nouveau", data=ODILE)
        [member] = await listed(hospitals)
        path = f"{DESK}/personnel/{member.id}"
        assert added.headers["location"] == f"{path}?fait=ajout"
        page = await http.get(added.headers["location"])
        assert "La personne est dans la liste." in page.text
        assert "Ajout (Accueil)" in page.text
        said = ODILE | {"function": "Secrétaire", "version": "1"}
        assert (await http.post(path, data=said)).status_code == 303
        stale = await http.post(path, data=said | {"phone": "0320"})
        assert (stale.status_code, "changé entre-temps" in alert(stale)) == (409, True)
        listing = await http.get(DESK, params={"q": "secretaire"})
        assert "Odile BUVARD" in listing.text
        unit = (await listed(hospitals))[0].unit_id
        await http.post(f"{DESK}/services", data={"nom": "Urgences", "type": "department"})
        target = next(one.id for one in (await hospitals.establishments.list_units(LILLE)).all if one.id != unit)
        many = f"{DESK}/personnel/ensemble"
        for action, service in (("deplacer", target), ("masquer", "")):
            done = await http.post(many, data={"personne": member.id, "action": action, "service": service})
            assert done.headers["location"] == f"{DESK}?fait=plusieurs"
        [member] = await listed(hospitals)
        assert (member.facts.department, member.facts.is_published) == ("Urgences", False)
        assert (await http.post(many, data={"action": "publier"})).headers["location"] == f"{DESK}?fait=personne"
        removed = await http.post(f"{path}/retrait")
        assert "retirée de la liste" in (await http.get(removed.headers["location"])).text
        assert await listed(hospitals) == []
        assert (await http.get(path)).status_code == 404


async def test_what_is_wrong_comes_back_with_what_was_typed(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.ANNE_MODELE) as http:
        refused = await http.post(f"{DESK}/personnel/nouveau", data=ODILE | {"rpps": "10003456781", "phone": "0320"})
        assert refused.status_code == 400
        assert "RPPS : 11 chiffres attendus" in alert(refused)
        assert 'value="10003456781"' in refused.text
        assert 'value="0320"' in refused.text
    async with hospitals.browser(people.ANNE_MODELE, language="en") as http:
        refused = await http.post(f"{DESK}/personnel/nouveau", data=ODILE | {"rpps": "1"})
        assert "RPPS: 11 digits" in alert(refused)
    assert await listed(hospitals) == []


async def test_what_the_register_says_otherwise_is_shown(hospitals: Hospitals) -> None:
    said = {StaffField.FAMILY: "MODELE-X", StaffField.GIVEN: "Anne", StaffField.RPPS: people.ANNE_MODELE}
    member = (await hospitals.roster.add(LILLE, said, "cli:test")).member
    async with hospitals.browser(people.ANNE_MODELE) as http:
        page = await http.get(f"{DESK}/personnel/{member.id}")
    assert "Le registre national écrit «\N{NO-BREAK SPACE}MODELE Anne\N{NO-BREAK SPACE}» pour ce numéro." in page.text


async def test_what_is_published_stands_on_the_entry_in_the_directory(hospitals: Hospitals) -> None:
    said = {StaffField.FAMILY: "MODELE", StaffField.GIVEN: "Anne", StaffField.RPPS: people.ANNE_MODELE}
    place = {StaffField.DEPARTMENT: "Consultation du lundi", StaffField.FUNCTION: "Cheffe de service"}
    member = (await hospitals.roster.add(LILLE, said | place, "cli:test")).member
    async with hospitals.browser(people.PAUL_EXEMPLE) as http:
        entry = f"/annuaire/8{people.ANNE_MODELE}"
        page = await http.get(entry)
        assert "Ce que déclarent les établissements" in page.text
        assert "Cheffe de service, Consultation du lundi" in page.text
        await hospitals.roster.change(LILLE, member.id, {StaffField.IS_PUBLISHED: "non"}, "cli:test")
        assert "déclarent" not in (await http.get(entry)).text
