"""Contacts, departments and tokens of an establishment, on its pages."""

import re

from miss.directory.establishments.model import ContactFunction
from miss.directory.sample import people
from tests.miss.server.establishments.hospitals import DESK, LILLE, Hospitals, alert


async def test_the_record_is_completed(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.ANNE_MODELE) as http:
        page = await http.get(f"{DESK}/fiche")
        assert "Contact médical\N{NO-BREAK SPACE}: le téléphone manque" in page.text
        said = {
            f"{function}.{part}": value
            for function in ContactFunction
            for part, value in (("nom", "Odile"), ("adresse", "o@ch.example"), ("telephone", "03 20 00 00 00"))
        }
        refused = await http.post(f"{DESK}/fiche", data=said | {"medical.adresse": "rien"})
        assert "Contact médical" in alert(refused)
        await http.post(f"{DESK}/fiche", data=said)
        assert "La fiche est complète." in (await http.get(f"{DESK}/fiche")).text


async def test_sites_and_departments_are_kept(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.ANNE_MODELE) as http:
        await http.post(f"{DESK}/services", data={"nom": "Site nord", "type": "site"})
        [site] = (await hospitals.establishments.list_units(LILLE)).all
        await http.post(f"{DESK}/services", data={"nom": "Urgences", "type": "department", "site": site.id})
        page = await http.get(f"{DESK}/services")
        assert "Site nord, Urgences" in page.text
        in_use = await http.post(f"{DESK}/services/{site.id}/retrait")
        assert "encore rattachés" in alert(in_use)
        await http.post(f"{DESK}/services/{site.id}", data={"nom": "Site sud"})
        assert "Site sud, Urgences" in (await http.get(f"{DESK}/services")).text


async def test_a_token_is_shown_once_and_revoked(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.ANNE_MODELE) as http:
        issued = await http.post(f"{DESK}/jetons", data={"nom": "Annuaire RH", "usage": ["scim"]})
        token = re.search(r"misst_[\w-]+", issued.text)
        assert token is not None
        page = await http.get(f"{DESK}/jetons")
        assert "Annuaire RH" in page.text
        assert token[0] not in page.text
        users = await http.get("/scim/v2/Users", headers={"Authorization": f"Bearer {token[0]}"})
        assert users.status_code == 200
        assert (await http.post(f"{DESK}/jetons", data={"nom": "Rien"})).status_code == 400
        [path] = re.findall(r'action="([^"]+/revocation)"', page.text)
        await http.post(path)
        users = await http.get("/scim/v2/Users", headers={"Authorization": f"Bearer {token[0]}"})
        assert users.status_code == 401
