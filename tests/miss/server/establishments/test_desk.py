"""Whose pages they are: another establishment's do not exist."""

import pytest

from miss.directory.establishments.facts import StaffField
from miss.directory.sample import people
from tests.miss.server.establishments.hospitals import ARRAS, DESK, LILLE, ODILE, Hospitals, listed


@pytest.mark.parametrize("rpps", [people.KARIM_ESSAI, people.PAUL_EXEMPLE])
async def test_another_establishments_pages_do_not_exist(hospitals: Hospitals, rpps: str) -> None:
    said = {StaffField.FAMILY: "Buvard", StaffField.GIVEN: "Odile", StaffField.DEPARTMENT: "Accueil"}
    member = (await hospitals.roster.add(LILLE, said, "cli:test")).member
    mine = await hospitals.roster.add(ARRAS, said, "cli:test")
    member_path, unit_path = f"personnel/{member.id}", f"services/{member.unit_id}"
    gets = (
        "",
        "personnel.csv",
        "personnel/nouveau",
        member_path,
        "fichier",
        "fichier/x",
        "fiche",
        "services",
        "jetons",
    )
    posts = (
        *("personnel/nouveau", "personnel/ensemble", member_path, f"{member_path}/retrait", "fichier"),
        *("fichier/x/confirmation", "fichier/x/abandon", "fiche", "services", unit_path, f"{unit_path}/retrait"),
        *("jetons", "jetons/x/revocation"),
    )
    expected = 404 if rpps == people.KARIM_ESSAI else 403
    async with hospitals.browser(rpps) as http:
        for method, paths in (("GET", gets), ("POST", posts)):
            for path in paths:
                answer = await http.request(
                    method, f"{DESK}/{path}".rstrip("/"), data={"nom": "x"} if method == "POST" else None
                )
                assert answer.status_code == expected, (method, path)
        if rpps == people.KARIM_ESSAI:
            own = f"/etablissement/{ARRAS}"
            assert (await http.get(f"{own}/personnel/{mine.member.id}")).status_code == 200
            for path in (member_path, f"{member_path}/retrait"):
                assert (await http.post(f"{own}/{path}", data=ODILE)).status_code == 404
            assert (await http.post(f"{own}/{unit_path}/retrait")).status_code == 404
    assert [one.facts.family for one in await listed(hospitals)] == ["Buvard"]


async def test_a_technician_keeps_every_list(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.MARC_COORDO) as http:
        assert (await http.get(f"/etablissement/{ARRAS}")).status_code == 200
        assert (await http.get("/etablissement/F0")).status_code == 404
