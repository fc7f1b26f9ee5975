"""From an invitation to a secretary’s request in the doctor’s name, over the pages of a real server; and its end."""

import html
import json
import re
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from pypdf import PdfReader

from miss.base.ids import AccountId, OrganizationId
from miss.directory.accounts import Account
from miss.directory.agreements import load_agreements
from miss.directory.agreements.model import in_force
from miss.directory.audit import Subject, practitioner_actor
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.service import Establishments
from miss.directory.exports import OwnEntries
from miss.directory.roles import Principal, Role, organization_scope, practitioner_scope
from miss.directory.roles.errors import NotForStaff
from tests.miss.server.web.visitors import Place, Visitor, opened

PASSWORD = "quatre chevaux bleus sous la lune"
CODE = re.compile(r"\b([0-9A-Z]{4})\s+–\s+([0-9A-Z]{4})\s+–\s+([0-9A-Z]{4})\b")
SECRETARIAT, MANDATES, DEMANDS = "/compte/secretariat", "/compte/mandats", "/teleexpertise/demandes"
ODILE = {"family": "Buvard", "given": "Odile", "function": "secrétaire médicale", "email": "odile@contact.example"}
HOSPITAL = Establishment(
    id=OrganizationId("F599990009"),
    name="CH fictif de Lille",
    kind=EstablishmentKind.HOSPITAL,
    finess="599990009",
)
ANSWER = {
    "family": "Buvard",
    "given": "Odile",
    "address": "11 rue de l'Exemple",
    "postcode": "59000",
    "town": "Lille",
    # What a forged form adds is not read.
    "finess": "590000014",
    "email": "attaquant@ailleurs.example",
    "function": "directrice",
    "accept": [one.digest.hex() for one in in_force(load_agreements())],
}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(tmp_path, doors=False) as place:
        yield place


@asynccontextmanager
async def stranger(place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that nobody is signed in to."""
    origin = place.server.house.settings.public_origin
    transport = httpx.ASGITransport(place.server.app)
    headers = {"Accept": "text/html", "Origin": origin, "Accept-Language": "fr"}
    async with httpx.AsyncClient(base_url=origin, transport=transport, headers=headers) as client:
        yield client


async def links(place: Place) -> list[str]:
    """The links of every invitation sent so far, the last one last."""
    texts = []
    for mail in await place.mails():
        message = message_from_bytes(mail, policy=policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        texts.append(body.get_content())
    return [link for text in texts for link in re.findall(r"/inscription/invitation/[\w-]+", text)]


@dataclass(frozen=True)
class Secretary:
    """Somebody who was invited, verified, and has activated their access."""

    account: Account
    number: str
    """As their letter says it."""


async def admit(
    place: Place, inviter: Visitor, page: str, who: dict[str, str], browser: httpx.AsyncClient
) -> Secretary:
    """Invited on `page`, answered in `browser`, approved by Marc, activated by the letter's code."""
    before = set(await links(place))
    sent = await inviter.send(page, who)
    assert sent.headers["location"] == f"{page}?fait=invitation", sent.text
    [link] = set(await links(place)) - before
    answered = await browser.post(link, data={**ANSWER, "family": who["family"], "given": who["given"]})
    assert answered.headers["location"] == "/inscription/recue", answered.text
    queue = await place.marc.see("/console/inscriptions")
    assert "sur invitation" in queue
    [path] = set(re.findall(r'href="(/console/inscriptions/[0-9a-f-]{36})"', queue))
    review = await place.marc.see(path)
    assert f"Invitée par</dt><dd>{inviter.practitioner.display_name}" in review
    assert "attaquant" not in review
    assert "directrice" not in review
    approved = await place.marc.send(f"{path}/approbation")
    assert approved.headers["location"] == f"{path}?fait=accord", approved.text
    letter = await place.marc.send(f"{path}/lettre", {"address": "given"})
    text = PdfReader(BytesIO(letter.content)).pages[0].extract_text()
    [code] = ["-".join(groups) for groups in CODE.findall(text)]
    [number] = re.findall(r"Identifiant à saisir avec le code : (\S+)\.", " ".join(text.split()))
    form = {"rpps": number.lower(), "code": code, "password": PASSWORD, "password_again": PASSWORD}
    activated = await browser.post("/activation", data=form)
    assert activated.headers["location"] == "/", activated.text
    [uid] = set(re.findall(r"/console/comptes/([0-9a-f]{32})", await place.marc.see(path)))
    account = await place.server.house.accounts.get(AccountId(bytes.fromhex(uid)))
    assert account.practitioner_id == number
    return Secretary(account, number)


async def see(browser: httpx.AsyncClient, path: str, status: int = 200) -> str:
    page = await browser.get(path, follow_redirects=status == 200)
    assert page.status_code == status, page.text
    return html.unescape(page.text)


async def test_a_secretary_is_invited_verified_acts_for_the_doctor_and_is_stopped(place: Place) -> None:
    house, paul, doctor = place.server.house, place.paul, place.paul.practitioner.display_name
    assert "Personne n'a été invité." in await paul.see(SECRETARIAT)
    async with stranger(place) as odile:
        odiles = await admit(place, paul, SECRETARIAT, ODILE, odile)
        assert odiles.number == f"6{paul.practitioner.rpps}/0001", "no FINESS that a form brought"
        assert "mandat actif" in await paul.see(SECRETARIAT)

        # Her only mandate is chosen for her; she signs with both names.
        home = await see(odile, MANDATES)
        assert f"pour {doctor}" in home
        assert "Avis à rendre" not in home
        assert f"Rien n’a encore été demandé pour {doctor}." in await see(odile, DEMANDS)
        made = await odile.post(f"{DEMANDS}/nouvelle", data={"form": "dermatologie"})
        number = made.headers["location"].split("/")[3]
        page = await see(odile, f"{DEMANDS}/{number}")
        assert f"Odile BUVARD pour {doctor}" in page
        assert f"Odile BUVARD pour {doctor}" in await paul.see(f"{DEMANDS}/{number}"), "and he sees it"
        read = await house.audit.list_(actor=practitioner_actor(odiles.account.practitioner_id), limit=10)
        said = {(one.fact.act, one.fact.detail) for one in read.entries if one.fact}
        assert ("request.read", f"requester for {paul.practitioner.id}") in said

        # What is the doctor's alone, and what needs an entry in the directory, stays shut.
        for path in ("/teleexpertise/avis", "/compte/fiche", "/compte/attestation.pdf", f"{SECRETARIAT}"):
            await see(odile, path, 403)
        assert (await odile.get(f"/annuaire/{odiles.number}")).status_code == 404

        # Ended by the doctor: the open session has lost its right with the next page.
        [end] = re.findall(rf'action="({SECRETARIAT}/[0-9a-f-]+/fin)"', await paul.see(SECRETARIAT))
        assert (await paul.send(end)).headers["location"] == f"{SECRETARIAT}?fait=fin"
        assert "Vous n’agissez pour personne" in await see(odile, f"{DEMANDS}/{number}", 403)
        refused = await odile.post(f"{DEMANDS}/nouvelle", data={"form": "dermatologie"})
        assert refused.status_code == 403
        assert (await odile.post(f"{MANDATES}/choix", data={"pour": paul.practitioner.id})).status_code == 403
        assert "Vous ne travaillez pour personne" in await see(odile, MANDATES)
        assert (await paul.send(end)).status_code == 404
        assert "mandat terminé" in await paul.see(SECRETARIAT)
        [ended] = [mail for mail in await place.mails() if b"Votre mandat sur MiSS a pris fin" in mail]
        assert b"odile@contact.example" in ended

        # She comes back by her identifier or by her address, and still acts for nobody.
        await odile.post("/deconnexion")
        for login in (odiles.number, "Odile@contact.example"):
            back = await odile.post("/connexion", data={"login": login, "password": PASSWORD})
            assert back.headers["location"] == "/", back.text
            await odile.post("/deconnexion")

    story = await house.audit.list_(subject=Subject.account(odiles.account.uid), limit=50)
    acts = {one.fact.act for one in story.entries if one.fact}
    assert {"account.open", "account.role_granted", "account.role_taken_back"} <= acts
    with pytest.raises(NotForStaff):
        await house.roles.appoint(odiles.account, Role.TECHNICIAN, by="test")
    found = await place.marc.see("/console/comptes?q=Buvard")
    assert odiles.account.uid.hex() in found
    assert f"identifiant {odiles.number}" in await place.marc.see(f"/console/comptes/{odiles.account.uid.hex()}")
    assert "Odile BUVARD" not in await paul.see("/annuaire?q=Odile+Buvard")
    entries = OwnEntries(house.db, house.clock, house.practitioners)
    exported = {card.id for page in [one async for one in entries.pages()] for card in page}
    assert paul.practitioner.id in exported
    assert odiles.account.practitioner_id not in exported
    assert await entries.get_many([odiles.account.practitioner_id]) == {}


async def test_a_link_serves_once_and_says_nothing_else(place: Place) -> None:
    async with stranger(place) as browser:
        await place.paul.send(SECRETARIAT, ODILE)
        [link] = await links(place)
        form = await see(browser, link)
        assert place.paul.practitioner.display_name in form
        assert "odile@contact.example" in form
        mine = await place.paul.http.get(link)
        assert mine.status_code == 400
        assert "Personne ne s’invite soi-même" in html.unescape(mine.text)
        lacking = await browser.post(link, data={**ANSWER, "postcode": "", "accept": []})
        assert lacking.status_code == 400
        assert "2 point(s) à corriger" in html.unescape(lacking.text)

        # Sent again, the earlier link is worth nothing.
        [resend] = re.findall(rf'action="({SECRETARIAT}/[0-9a-f-]+/renvoi)"', await place.paul.see(SECRETARIAT))
        await place.paul.send(resend)
        [second] = set(await links(place)) - {link}
        assert (await browser.post(second, data=ANSWER)).headers["location"] == "/inscription/recue"
        gone = [await browser.get(one) for one in (link, second, "/inscription/invitation/inconnu")]
        assert {one.status_code for one in gone} == {404}
        assert len({one.text.replace(link, "").replace(second, "") for one in gone}) == 1
        assert (await browser.post(second, data=ANSWER)).status_code == 404
        assert "identité en cours de vérification" in await place.paul.see(SECRETARIAT)


async def test_what_an_inviter_may_not_do(place: Place) -> None:
    own = {"email": place.paul.practitioner.mailboxes[0]}
    paul = {"family": place.paul.practitioner.family, "given": place.paul.practitioner.given}
    for wrong in (own, paul):
        refused = await place.paul.send(SECRETARIAT, {**ODILE, **wrong})
        assert refused.status_code == 400
        assert "Personne ne s’invite soi-même" in html.unescape(refused.text)
    await place.paul.send(SECRETARIAT, ODILE)
    assert (await place.paul.send(SECRETARIAT, ODILE)).status_code == 409
    [one] = set(re.findall(rf"{SECRETARIAT}/[0-9a-f-]{{36}}", await place.paul.see(SECRETARIAT)))
    for act in ("renvoi", "retrait", "fin"):
        assert (await place.anne.send(f"{one}/{act}")).status_code == 404, "another practitioner's"
    assert (await place.paul.send(f"{one}/fin")).status_code == 404, "nothing to end yet"

    # Withdrawn while its answer waits: technicians can open nothing.
    async with stranger(place) as browser:
        await browser.post((await links(place))[-1], data=ANSWER)
    await place.paul.send(f"{one}/retrait")
    queue = await place.marc.see("/console/inscriptions")
    [path] = set(re.findall(r'href="(/console/inscriptions/[0-9a-f-]{36})"', queue))
    assert "L'invitation ne vaut plus" in await place.marc.see(path)
    assert (await place.marc.send(f"{path}/approbation")).status_code == 409
    exported = await place.paul.send("/compte/donnees")
    with zipfile.ZipFile(BytesIO(exported.content)) as parts:
        [invited] = json.loads(parts.read("invitations.json"))
    assert (invited["Personne"], invited["État"]) == ("Odile BUVARD", "withdrawn")


async def test_an_establishment_invites_a_member_whom_it_alone_numbers(place: Place) -> None:
    house, scope = place.server.house, organization_scope(HOSPITAL.id)
    await Establishments(house.db, house.clock, house.random_bytes).open(HOSPITAL, "cli:test")
    technician = Principal(place.marc.uid, await house.roles.of(place.marc.account))
    await house.roles.grant(technician, place.anne.uid, Role.ESTABLISHMENT_ADMINISTRATOR, scope)
    page = f"/etablissement/{HOSPITAL.id}/acces"
    assert (await place.paul.send(page, ODILE)).status_code == 403
    async with stranger(place) as odile:
        member = await admit(place, place.anne, page, ODILE, odile)
        assert member.number == "3599990009/0001"
        assert "CH fictif de Lille" in await see(odile, MANDATES)
        assert f"Demandes d’avis de {HOSPITAL.name}" in await see(odile, DEMANDS), "her only mandate is chosen for her"
        await see(odile, page, 403)
        own = {"role": "organization_member", "pour": HOSPITAL.id}
        assert (await odile.post(f"{MANDATES}/fin", data={**own, "pour": "F0"})).status_code == 404
        assert (await odile.post(f"{MANDATES}/fin", data=own)).headers["location"] == f"{MANDATES}?fait=fin"
        assert "Vous n’agissez pour personne" in await see(odile, DEMANDS, 403)
        assert "mandat terminé" in await place.anne.see(page)
    assert await house.roles.of(member.account) == frozenset()


async def test_somebody_of_the_register_acts_for_a_colleague_and_comes_back_to_their_own_name(place: Place) -> None:
    anne, paul, roles = place.anne, place.paul, place.server.house.roles
    scope = practitioner_scope(paul.practitioner.id)
    pauls = Principal(paul.uid, await roles.of(paul.account))
    assert (await anne.send(f"{MANDATES}/choix", {"pour": paul.practitioner.id})).status_code == 403, "no mandate"
    await roles.grant(pauls, anne.uid, Role.SECRETARY, scope)
    assert (await anne.http.get("/teleexpertise/avis")).status_code == 200, "in her own name until she chooses"
    await anne.send(f"{MANDATES}/choix", {"pour": paul.practitioner.id})
    assert f"pour {paul.practitioner.display_name}" in await anne.see(MANDATES)
    assert (await anne.http.get("/teleexpertise/avis")).status_code == 403
    made = await anne.send(f"{DEMANDS}/nouvelle", {"form": "dermatologie"})
    number = made.headers["location"].split("/")[3]
    for path, status in (("serie", 200), ("suivi", 409), ("cloture", 409), ("repondre", 403), ("corriger", 403)):
        assert (await anne.http.get(f"{DEMANDS}/{number}/{path}")).status_code == status, path
    await anne.send(f"{MANDATES}/choix", {"pour": ""})
    assert (await anne.http.get(f"{DEMANDS}/{number}")).status_code == 404, "it is his, not hers"
    await anne.send(f"{MANDATES}/choix", {"pour": paul.practitioner.id})
    marcs = Principal(place.marc.uid, await roles.of(place.marc.account))
    await roles.grant(marcs, anne.uid, Role.SECRETARY, practitioner_scope(place.marc.practitioner.id))
    await roles.take_back(pauls, anne.uid, Role.SECRETARY, scope)
    assert f"pour {paul.practitioner.display_name}" not in await anne.see(MANDATES), "another's mandate is not his"
    await anne.send(f"{MANDATES}/choix", {"pour": place.marc.practitioner.id})
    assert f"pour {place.marc.practitioner.display_name}" in await anne.see(MANDATES)
    await place.server.house.accounts.suspend(place.marc.uid, "test", "départ")
    assert f"pour {place.marc.practitioner.display_name}" not in await anne.see(MANDATES), "his account is closed"
