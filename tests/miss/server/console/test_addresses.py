"""The addresses that somebody was given, in the console and in « Ma fiche »."""

from dataclasses import replace

import httpx

from miss.directory.audit import Subject
from miss.directory.sample import people
from miss.server.doors import Server
from tests.miss.server.console.kit import account_of


async def path_of(server: Server, rpps: str) -> str:
    return f"/console/comptes/{(await account_of(server, rpps)).uid.hex()}/adresses"


async def give(server: Server) -> None:
    """As the first start does."""
    for start in server.starts:
        await start()
    while await server.house.jobs.run_due():
        pass


async def test_who_is_verified_has_an_address_that_both_sides_see(
    server: Server, marc: httpx.AsyncClient, anne: httpx.AsyncClient
) -> None:
    path = await path_of(server, people.ANNE_MODELE)
    assert "Aucune adresse" in (await marc.get(path)).text
    await give(server)
    shown = (await marc.get(path)).text
    assert "anne.modele@medical59.miss.example" in shown
    assert "Donner une adresse à ce nom" not in shown
    assert path in (await marc.get(path.removesuffix("/adresses"))).text
    assert "anne.modele@medical59.miss.example" in (await anne.get("/compte/fiche")).text
    found = await server.house.practitioners.find_by_mailbox("anne.modele@medical59.miss.example")
    assert found is not None
    assert found.rpps == people.ANNE_MODELE
    account = await account_of(server, people.ANNE_MODELE)
    looks = await server.house.audit.list_(subject=Subject.account(account.uid))
    assert "account.read" in {entry.fact.act for entry in looks.entries if entry.fact}


async def test_after_a_change_of_name_a_technician_gives_another_address(
    server: Server, marc: httpx.AsyncClient, anne: httpx.AsyncClient
) -> None:
    house = server.house
    practitioner = await house.practitioners.find_by_rpps(people.ANNE_MODELE)
    assert practitioner is not None
    # Her maiden name, when she signed up.
    await house.addresses.assign(replace(practitioner, family="AVANT"), by="test")
    path = await path_of(server, people.ANNE_MODELE)
    assert "Donner une adresse à ce nom" in (await marc.get(path)).text
    answer = await marc.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?fait=1")
    shown = (await marc.get(f"{path}?fait=1")).text
    assert shown.index("anne.modele@medical59") < shown.index("anne.avant@medical59")
    assert "Donner une adresse à ce nom" not in shown
    assert "anne.avant@medical59.miss.example (ancien nom" in (await anne.get("/compte/fiche")).text


async def test_nobody_renames_themselves_nor_somebody_without_an_address(
    server: Server, marc: httpx.AsyncClient
) -> None:
    own = await path_of(server, people.MARC_COORDO)
    answer = await marc.post(own)
    assert answer.status_code == 403
    assert "C’est votre propre compte" in answer.text
    answer = await marc.post(await path_of(server, people.ANNE_MODELE))
    assert answer.status_code == 409
    assert "n’a pas encore d’adresse" in answer.text
    assert (await marc.get("/console/comptes/abc/adresses")).status_code == 404
