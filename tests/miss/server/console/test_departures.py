"""Retirement in the console: recorded by one technician, approved by another, told to both people; mails follow."""

import re
from datetime import date, timedelta

import httpx

from miss.base.clock import MovableClock, to_ms
from miss.chat.search import find_people
from miss.directory.accounts import Verification
from miss.directory.retirement.model import ZONE
from miss.directory.sample import people
from miss.server.demo.mailbox import text_of
from miss.server.doors import Server
from tests.miss.server.console.kit import account_of, mails_to

ANNE_MAIL, KARIM_MAIL = "anne.modele", "karim.essai"


async def ask(server: Server, technician: httpx.AsyncClient, **form: str) -> httpx.Response:
    account = await account_of(server, people.ANNE_MODELE)
    asked = {"leaves_on": day(server, 10).isoformat(), "reason": "départ à la retraite", **form}
    return await technician.post(f"/console/comptes/{account.uid.hex()}/depart", data=asked)


def day(server: Server, ahead: int) -> date:
    return (server.house.clock.now() + timedelta(days=ahead)).date()


async def test_two_technicians_redirect_and_one_cannot(
    server: Server, marc: httpx.AsyncClient, hugo: httpx.AsyncClient
) -> None:
    house, clock = server.house, server.house.clock
    assert isinstance(clock, MovableClock)
    answer = await ask(server, marc, successor=people.KARIM_ESSAI, until=day(server, 40).isoformat())
    assert answer.status_code == 303
    page = answer.headers["location"]
    assert page.startswith("/console/departs/")
    shown = (await marc.get(page)).text
    assert "1 approbation manque" in shown
    assert "vous l&#39;avez déjà fait" in shown or "vous l'avez déjà fait" in shown
    [asked] = await mails_to(server, ANNE_MAIL)
    assert "a été demandé" in str(asked["Subject"])
    assert "Karim ESSAI" in text_of(asked)
    assert (await marc.post(f"{page}/approbation")).status_code == 403
    assert re.search(
        r"Départs à approuver\s*<span class=\"badge badge--soon\">1</span>", (await hugo.get("/console")).text
    )
    assert (await hugo.post(f"{page}/approbation")).status_code == 303
    assert "approuvé" in (await hugo.get(page)).text
    assert len(await mails_to(server, ANNE_MAIL)) == 2
    [told] = await mails_to(server, KARIM_MAIL)
    assert "Vous succédez à Dr Anne MODELE" in str(told["Subject"])
    anne = await account_of(server, people.ANNE_MODELE)
    clock.advance(timedelta(days=11))
    await mails_to(server, "")
    found = await house.retirements.redirection_of(anne.practitioner_id)
    assert found is not None
    clock.advance(timedelta(days=30))
    await mails_to(server, "")
    assert (await house.accounts.get(anne.uid)).verification is Verification.REVOKED


async def test_it_can_be_refused_with_a_reason(
    server: Server, marc: httpx.AsyncClient, hugo: httpx.AsyncClient
) -> None:
    page = (await ask(server, marc, successor=people.KARIM_ESSAI)).headers["location"]
    assert "Dr Anne MODELE" in (await hugo.get("/console/departs")).text
    refused = await hugo.post(f"{page}/retrait", data={"reason": ""})
    assert refused.status_code == 400
    assert (await hugo.post(f"{page}/retrait", data={"reason": "joint : ce n’est pas elle"})).status_code == 303
    assert "retiré" in (await hugo.get(page)).text
    assert "Aucun départ" in (await hugo.get("/console/departs")).text
    assert (await hugo.post(f"{page}/approbation")).status_code == 409


async def test_what_is_refused_keeps_what_was_typed(server: Server, marc: httpx.AsyncClient) -> None:
    wrong = await ask(server, marc, successor="12345")
    assert wrong.status_code == 400
    assert "onze chiffres" in wrong.text
    assert 'value="12345"' in wrong.text
    assert (await ask(server, marc, leaves_on="mardi")).status_code == 400
    late = await ask(server, marc, successor=people.KARIM_ESSAI, until=day(server, 200).isoformat())
    assert late.status_code == 400
    assert "trois mois au plus" in late.text
    no_account = await ask(server, marc, successor=people.LUCIE_SPECIMEN)
    assert "compte est actif" in no_account.text
    assert (await marc.get("/console/departs/nowhere")).status_code == 404


async def test_without_a_successor_one_is_enough(server: Server, marc: httpx.AsyncClient) -> None:
    page = (await ask(server, marc)).headers["location"]
    assert "approuvé" in (await marc.get(page)).text
    assert [str(mail["Subject"]) for mail in await mails_to(server, ANNE_MAIL)] == [
        "Votre départ de MiSS est enregistré"
    ]


async def test_people_ask_for_themselves_and_take_it_back(
    server: Server, anne: httpx.AsyncClient, marc: httpx.AsyncClient, hugo: httpx.AsyncClient
) -> None:
    assert "Annoncer mon départ" in (await anne.get("/compte/depart")).text
    form = {"leaves_on": day(server, 10).isoformat(), "successor": people.KARIM_ESSAI, "until": "", "reason": ""}
    for wrong in ({"successor": "12345"}, {"leaves_on": "mardi"}, {"successor": people.ANNE_MODELE}):
        refused = await anne.post("/compte/depart", data=form | wrong)
        assert refused.status_code == 400
        assert f'value="{next(iter(wrong.values()))}"' in refused.text, "nothing typed is lost"
    assert (await anne.post("/compte/depart", data=form)).status_code == 303
    shown = (await anne.get("/compte/depart")).text
    assert "2 approbations manquent" in shown
    assert "Dr Karim ESSAI" in shown
    [retirement] = await server.house.retirements.list_living()
    for technician in (marc, hugo):
        assert (await technician.post(f"/console/departs/{retirement.id}/approbation")).status_code == 303
    assert "approuvé" in (await anne.get("/compte/depart")).text
    assert (await marc.post(f"/compte/depart/{retirement.id}/retrait")).status_code == 404, "not his own"
    assert (await anne.post(f"/compte/depart/{retirement.id}/retrait")).status_code == 303
    assert "Annoncer mon départ" in (await anne.get("/compte/depart")).text


async def test_who_looks_somebody_up_is_told_who_succeeds(
    server: Server, marc: httpx.AsyncClient, hugo: httpx.AsyncClient
) -> None:
    today = server.house.clock.now().astimezone(ZONE).date().isoformat()
    page = (await ask(server, marc, leaves_on=today, successor=people.KARIM_ESSAI)).headers["location"]
    entry = f"/annuaire/{(await account_of(server, people.ANNE_MODELE)).practitioner_id}"
    assert "a cessé son activité" not in (await hugo.get(entry)).text
    await hugo.post(f"{page}/approbation")
    await mails_to(server, "")
    told = (await hugo.get(entry)).text
    assert "a cessé son activité" in told
    assert "Dr Karim ESSAI</a>" in told


async def test_the_picker_of_the_chat_names_the_successor(
    server: Server, marc: httpx.AsyncClient, hugo: httpx.AsyncClient
) -> None:
    today = server.house.clock.now().astimezone(ZONE).date().isoformat()
    page = (await ask(server, marc, leaves_on=today, successor=people.KARIM_ESSAI)).headers["location"]
    [before] = await find_people(server.chat, "Anne Modele", 5)
    assert "successor" not in before
    await hugo.post(f"{page}/approbation")
    await mails_to(server, "")
    [found] = await find_people(server.chat, "Anne Modele", 5)
    [retirement] = await server.house.retirements.list_living()
    successor = found["successor"]
    assert (successor["family"], successor["rpps"], successor["uid"]) == ("ESSAI", people.KARIM_ESSAI, None)
    assert successor["until_ms"] == to_ms(retirement.ends_at)
