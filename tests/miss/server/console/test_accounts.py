"""Accounts in the console: found, shown whole, acted upon with a reason; every look is written down."""

import re
from datetime import timedelta

import httpx
import pytest

from miss.base.clock import MovableClock
from miss.directory.accounts import Act, ActivationPurpose, Verification
from miss.directory.audit import Subject
from miss.directory.practitioners import DirectoryEntry
from miss.directory.roles import Role
from miss.directory.sample import people
from miss.server.console.story import ACT_NAMES
from miss.server.doors import Server
from tests.miss.server.console.kit import account_of

CODE = re.compile(r"<strong>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</strong>")


async def path_of(server: Server, rpps: str) -> str:
    return f"/console/comptes/{(await account_of(server, rpps)).uid.hex()}"


async def acts_of(server: Server, rpps: str) -> list[tuple[Act, str]]:
    account = await account_of(server, rpps)
    return [(event.act, event.detail) for event in await server.house.accounts.list_events(account.uid)]


async def test_the_menu_leads_technicians_to_the_console_and_nobody_else(
    marc: httpx.AsyncClient, anne: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    home = (await marc.get("/console")).text
    assert 'href="/console" aria-current="page">Console</a>' in home
    assert 'href="/console" aria-current="page">Accueil</a>' in home
    assert "Départs à approuver" in home
    assert 'href="/console"' not in (await anne.get("/")).text
    assert (await anne.get("/console")).status_code == 403
    assert (await stranger.get("/console")).headers["location"].startswith("/connexion")


@pytest.mark.parametrize("question", ["modele", "Anne MODELE", people.ANNE_MODELE, "999 0000 0011"])
async def test_people_are_found_by_name_and_by_number(server: Server, marc: httpx.AsyncClient, question: str) -> None:
    page = (await marc.get("/console/comptes", params={"q": question})).text
    assert await path_of(server, people.ANNE_MODELE) in page
    assert "actif" in page


async def test_people_are_found_by_address_and_without_an_account(server: Server, marc: httpx.AsyncClient) -> None:
    anne = await server.house.practitioners.find_by_rpps(people.ANNE_MODELE)
    assert anne is not None
    page = (await marc.get("/console/comptes", params={"q": anne.mailboxes[0].upper()})).text
    assert await path_of(server, people.ANNE_MODELE) in page
    lucie = (await marc.get("/console/comptes", params={"q": people.LUCIE_SPECIMEN})).text
    assert "sans compte" in lucie
    assert "Personne ne correspond" in (await marc.get("/console/comptes", params={"q": "zzzzzz"})).text
    assert "Résultats" not in (await marc.get("/console/comptes")).text


async def test_who_is_on_the_red_list_is_found_by_number_only(server: Server, marc: httpx.AsyncClient) -> None:
    account, path = await account_of(server, people.ANNE_MODELE), await path_of(server, people.ANNE_MODELE)
    await server.house.practitioners.describe(account.practitioner_id, DirectoryEntry(is_red_listed=True), by="test")
    assert path not in (await marc.get("/console/comptes", params={"q": "Anne Modele"})).text
    assert path in (await marc.get("/console/comptes", params={"q": people.ANNE_MODELE})).text
    assert "en liste rouge" in (await marc.get(path)).text


async def test_who_is_on_the_red_list_is_found_by_name_with_a_reason_that_they_can_read(
    server: Server, marc: httpx.AsyncClient, anne: httpx.AsyncClient
) -> None:
    account, path = await account_of(server, people.ANNE_MODELE), await path_of(server, people.ANNE_MODELE)
    await server.house.practitioners.describe(account.practitioner_id, DirectoryEntry(is_red_listed=True), by="test")
    about_anne, about_nobody = Subject.practitioner(account.practitioner_id), Subject("practitioner", "")

    async def told(subject: Subject) -> list[tuple[str, str, str]]:
        entries = (await server.house.audit.list_(subject=subject)).entries
        return [(one.fact.act, one.fact.actor, one.fact.detail) for one in entries if one.fact]

    assert 'href="/console/liste-rouge?nom=modele"' in (await marc.get("/console/comptes?q=modele")).text
    assert 'value="modele"' in (await marc.get("/console/liste-rouge?nom=modele")).text
    for wrong in ({"nom": "modele", "reason": " "}, {"nom": "m", "reason": "elle appelle"}):
        refused = await marc.post("/console/liste-rouge", data=wrong)
        assert (refused.status_code, path in refused.text) == (400, False)
    assert await told(about_anne) == await told(about_nobody) == []
    page = (await marc.post("/console/liste-rouge", data={"nom": "Modele  anne", "reason": "elle appelle"})).text
    assert path in page
    assert "en liste rouge</span>" in page
    marc_uid = (await account_of(server, people.MARC_COORDO)).uid.hex()
    assert await told(about_anne) == [("directory.red_list_read", marc_uid, "elle appelle")]
    assert "vous a trouvé par votre nom en liste rouge" in (await anne.get("/compte/consultations")).text
    none = await marc.post("/console/liste-rouge", data={"nom": "exemple", "reason": "il appelle"})
    assert "Aucune personne en liste rouge" in none.text
    assert await told(about_nobody) == [("directory.red_list_read", marc_uid, "il appelle")]
    assert path not in (await marc.get("/annuaire?q=modele")).text


async def test_the_page_tells_all_and_the_look_is_written_down(server: Server, marc: httpx.AsyncClient) -> None:
    account = await account_of(server, people.ANNE_MODELE)
    page = (await marc.get(await path_of(server, people.ANNE_MODELE))).text
    for expected in (
        "Dr Anne MODELE",
        people.ANNE_MODELE,
        "Dermatologie",
        "CH fictif de Lille",
        "Aucun appareil",
        "Professionnel de santé",
        "Compte ouvert",
        "Identité vérifiée",
    ):
        assert expected in page, expected
    seen = await server.house.audit.list_(subject=Subject.account(account.uid), limit=1)
    fact = seen.entries[0].fact
    assert fact is not None
    marc_uid = (await account_of(server, people.MARC_COORDO)).uid.hex()
    assert (fact.act, fact.actor) == ("account.read", marc_uid)
    english = (await marc.get(await path_of(server, people.ANNE_MODELE), headers={"Accept-Language": "en"})).text
    assert "Story of the account" in english


@pytest.mark.parametrize("uid", ["x", "00" * 16, "zz" * 16, "00" * 15])
async def test_an_account_that_is_not_there(marc: httpx.AsyncClient, uid: str) -> None:
    assert (await marc.get(f"/console/comptes/{uid}")).status_code == 404


async def test_the_story_is_paged_newest_first_and_nothing_is_missing(server: Server, marc: httpx.AsyncClient) -> None:
    account, clock = await account_of(server, people.ANNE_MODELE), server.house.clock
    assert isinstance(clock, MovableClock)
    for rank in range(120):
        clock.advance(timedelta(milliseconds=2))
        async with server.house.db.transaction() as tx:
            await server.house.accounts.record(tx, Act.SIGNED_IN, uid=account.uid, by="", detail=f"essai-{rank:03}")
    path, told = await path_of(server, people.ANNE_MODELE), []
    address = path
    while address:
        page = (await marc.get(address)).text
        told += re.findall(r"essai-(\d{3})", page)
        older = re.search(r'href="([^"#]*\?avant=[^"#]*)#histoire"', page)
        address = older[1] if older else ""
    assert [int(rank) for rank in told] == list(range(119, -1, -1))
    assert "Le plus récent" in page
    assert "Compte ouvert" in page, "the first act of all is on the last page"
    assert "Rien de plus ancien" in (await marc.get(f"{path}?avant=0")).text


async def test_a_code_is_shown_once_and_works(server: Server, marc: httpx.AsyncClient) -> None:
    path = await path_of(server, people.ANNE_MODELE)
    answer = await marc.post(f"{path}/code", data={"purpose": "device"})
    found = CODE.search(answer.text)
    assert found is not None
    assert server.chat.signer.root_fingerprint in answer.text
    assert answer.headers["cache-control"] == "no-store"
    account = await server.house.accounts.check_activation(people.ANNE_MODELE, found[1], ActivationPurpose.DEVICE)
    assert account.uid.hex() in path
    assert found[1] not in (await marc.get(path)).text
    reset = await marc.post(f"{path}/code", data={"purpose": "reset"})
    assert reset.status_code == 409, "there is no device to start over"


async def test_suspended_then_reactivated_each_with_a_reason(server: Server, marc: httpx.AsyncClient) -> None:
    path = await path_of(server, people.ANNE_MODELE)
    assert (await marc.post(f"{path}/suspension", data={"reason": "  "})).status_code == 400
    assert (await marc.post(f"{path}/suspension", data={"reason": "poste volé"})).status_code == 303
    assert (await account_of(server, people.ANNE_MODELE)).verification is Verification.SUSPENDED
    page = (await marc.get(path)).text
    assert "poste volé" in page
    assert "Réactiver ce compte" in page
    assert "Émettre" not in page
    assert (await marc.post(f"{path}/suspension", data={"reason": "encore"})).status_code == 409
    assert (await marc.post(f"{path}/reprise", data={"reason": "poste retrouvé"})).status_code == 303
    assert (await account_of(server, people.ANNE_MODELE)).is_active
    assert (Act.VERIFY, "poste retrouvé") in await acts_of(server, people.ANNE_MODELE)


async def test_a_sign_up_is_not_verified_here(server: Server, marc: httpx.AsyncClient) -> None:
    lucie = await server.house.practitioners.find_by_rpps(people.LUCIE_SPECIMEN)
    assert lucie is not None
    account = await server.house.accounts.open(lucie.id, by="test")
    answer = await marc.post(f"/console/comptes/{account.uid.hex()}/reprise", data={"reason": "vu ses papiers"})
    assert answer.status_code == 409
    assert (await server.house.accounts.get(account.uid)).verification is Verification.PENDING


async def test_closing_for_good_is_confirmed(server: Server, marc: httpx.AsyncClient) -> None:
    path = await path_of(server, people.ANNE_MODELE)
    answer = await marc.post(f"{path}/fermeture", data={"reason": "décès"})
    assert answer.status_code == 400
    assert "cochez la case" in answer.text
    assert (await account_of(server, people.ANNE_MODELE)).is_active
    assert (await marc.post(f"{path}/fermeture", data={"reason": "décès", "confirm": "1"})).status_code == 303
    assert (await account_of(server, people.ANNE_MODELE)).verification is Verification.REVOKED
    assert "fermé pour de bon" in (await marc.get(path)).text
    assert (await marc.post(f"{path}/reprise", data={"reason": "erreur"})).status_code == 409


async def test_roles_are_granted_and_taken_back_with_reasons(server: Server, marc: httpx.AsyncClient) -> None:
    path, roles = await path_of(server, people.ANNE_MODELE), server.house.roles
    refused = await marc.post(f"{path}/roles", data={"role": "establishment_administrator", "reason": "cadre"})
    assert refused.status_code == 400, "which establishment?"
    assert 'value="cadre"' in refused.text, "nothing typed is lost"
    form = {"role": "establishment_administrator", "scope": "590000113", "reason": "cadre de santé"}
    assert (await marc.post(f"{path}/roles", data=form)).status_code == 303
    held = {grant.role: grant for grant in await roles.of(await account_of(server, people.ANNE_MODELE))}
    assert held[Role.ESTABLISHMENT_ADMINISTRATOR].scope.id == "590000113"
    assert (await marc.post(f"{path}/roles", data=form)).status_code == 409
    assert "Administrateur d’établissement" in (await marc.get(path)).text
    assert (await marc.post(f"{path}/roles", data={"role": "secretary", "reason": "x"})).status_code == 400
    assert (await marc.post(f"{path}/roles/retrait", data=form | {"reason": ""})).status_code == 400
    assert (await marc.post(f"{path}/roles/retrait", data=form | {"reason": "mutée"})).status_code == 303
    remaining = {grant.role for grant in await roles.of(await account_of(server, people.ANNE_MODELE))}
    assert Role.ESTABLISHMENT_ADMINISTRATOR not in remaining
    told = [detail for act, detail in await acts_of(server, people.ANNE_MODELE) if "establishment" in detail]
    assert told == [
        "establishment_administrator organization:590000113: mutée",
        "establishment_administrator organization:590000113: cadre de santé",
    ]


async def test_a_role_may_run_out(server: Server, marc: httpx.AsyncClient) -> None:
    path = await path_of(server, people.ANNE_MODELE)
    form = {"role": "auditor", "reason": "contrôle annuel", "ends_on": "demain"}
    answer = await marc.post(f"{path}/roles", data=form)
    assert answer.status_code == 400
    assert "n’est pas lisible" in answer.text
    assert (await marc.post(f"{path}/roles", data=form | {"ends_on": "2099-01-01"})).status_code == 303
    [grant] = [
        one
        for one in await server.house.roles.of(await account_of(server, people.ANNE_MODELE))
        if one.role is Role.AUDITOR
    ]
    assert grant.ends_at is not None
    assert grant.ends_at.isoformat() == "2098-12-31T23:00:00+00:00"


@pytest.mark.parametrize("act", ["suspension", "fermeture", "code", "roles", "depart"])
async def test_nobody_acts_upon_their_own_account(server: Server, marc: httpx.AsyncClient, act: str) -> None:
    path = await path_of(server, people.MARC_COORDO)
    assert "un autre technicien doit agir" in (await marc.get(path)).text
    form = {"reason": "essai", "confirm": "1", "purpose": "browser", "role": "auditor", "leaves_on": "2099-01-01"}
    assert (await marc.post(f"{path}/{act}", data=form)).status_code == 403
    assert (await account_of(server, people.MARC_COORDO)).is_active


async def test_acts_ask_who_one_is_again_and_say_so_before(server: Server, marc: httpx.AsyncClient) -> None:
    path, clock = await path_of(server, people.ANNE_MODELE), server.house.clock
    assert isinstance(clock, MovableClock)
    assert "confirmer d'abord" not in (await marc.get(path)).text.replace("&#39;", "'")
    clock.advance(timedelta(minutes=11))
    assert "confirmer d'abord" in (await marc.get(path)).text.replace("&#39;", "'")
    answer = await marc.post(f"{path}/suspension", data={"reason": "essai"}, headers={"Referer": path})
    assert answer.headers["location"].startswith("/compte/confirmation")
    assert (await account_of(server, people.ANNE_MODELE)).is_active


def test_every_act_has_a_name() -> None:
    assert set(ACT_NAMES) == set(Act)
