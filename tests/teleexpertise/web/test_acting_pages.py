"""Acting for somebody, over the pages: what members of an establishment share, and what a secretary may do."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from miss.base.ids import OrganizationId
from miss.base.text import Language
from miss.directory.accounts import Account, ActivationPurpose
from miss.directory.audit import Subject, practitioner_actor
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.service import Establishments
from miss.directory.practitioners.model import organization_party, practitioner_id
from miss.directory.roles import Grant, Role, Scope, organization_scope, practitioner_scope
from miss.directory.staff_people import Issuer
from miss.directory.staff_people.service import StaffPeople
from miss.server.house import House
from teleexpertise.requests import store
from teleexpertise.requests.acting import MAY, Act, Capacity
from teleexpertise.requests.model import ExpertiseRequest, State
from tests.teleexpertise.follow_up.answering import answer
from tests.teleexpertise.office import ANSWERS, CAST, END, HEADER, text_of
from tests.teleexpertise.web.conftest import PASSWORD, Site
from tests.teleexpertise.web.test_pages import ADVICE, PHOTOS, REQUEST, key_of

DEMANDS = "/teleexpertise/demandes"
LILAS = Establishment(
    id=OrganizationId("F599990009"),
    name="EHPAD fictif Les Lilas",
    kind=EstablishmentKind.CARE_HOME,
    finess="599990009",
    town="Lille",
)
TILLEULS = Establishment(
    id=OrganizationId("F629990003"), name="EHPAD fictif Les Tilleuls", kind=EstablishmentKind.CARE_HOME
)


async def person(house: House, given: str, function: str, scope: Scope, role: Role) -> Account:
    """Somebody without an RPPS number, verified, with that mandate."""
    vouches = practitioner_id(CAST["claire"])
    inviter = await house.accounts.find_by_practitioner(vouches) or await house.accounts.open(vouches, by="test")
    async with house.db.transaction() as tx:
        staff = await StaffPeople(house.db, house.clock).add(
            tx,
            Issuer.establishment("599990009"),
            family="Buvard",
            given=given,
            function=function,
            employer="EHPAD fictif",
            email=f"{given.lower()}@contact.example",
            invited_by=inviter.uid,
        )
        account = await house.accounts.open_verified(tx, staff.id, by="test", language=Language.FR)
        await house.roles.hand_over(tx, Grant(account.uid, role, scope), by="test", reason="test")
    return account


@asynccontextmanager
async def at_work(site: Site, account: Account) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody without an RPPS number."""
    issued = await site.office.house.accounts.issue_activation(account.uid, ActivationPurpose.BROWSER, "test")
    fields = {"rpps": account.practitioner_id, "code": issued.code, "password": PASSWORD, "password_again": PASSWORD}
    async with site.browser() as browser:
        answer = await browser.post("/activation", data=fields)
        assert answer.status_code == 303, answer.text
        yield browser


async def see(browser: httpx.AsyncClient, path: str, status: int = 200) -> str:
    page = await browser.get(path, follow_redirects=status == 200)
    assert page.status_code == status, page.text
    return html.unescape(page.text)


async def sent_by(browser: httpx.AsyncClient) -> str:
    """The page of a request filled in and sent from a browser."""
    begun = await browser.post(f"{DEMANDS}/nouvelle", data={"form": "dermatologie"})
    form = await browser.get(begun.headers["location"])
    fields = {**REQUEST, "submission_key": key_of(form)}
    done = await browser.post(begun.headers["location"], data=fields, files=PHOTOS)
    assert done.status_code == 303, done.text
    return done.headers["location"]


async def asked_for(site: Site, establishment: Establishment) -> ExpertiseRequest:
    """What was asked last in an establishment's name."""
    async with site.office.house.db.snapshot() as tx:
        return (await store.list_of_requester(tx, organization_party(establishment.id)))[0].request


async def test_members_share_what_is_asked_for_their_establishment_and_nobody_else_does(site: Site) -> None:
    office, house = site.office, site.office.house
    for one in (LILAS, TILLEULS):
        await Establishments(house.db, house.clock, house.random_bytes).open(one, "test")
    here, there = organization_scope(LILAS.id), organization_scope(TILLEULS.id)
    odile = await person(house, "Odile", "Infirmière coordinatrice", here, Role.ORGANIZATION_MEMBER)
    rose = await person(house, "Rose", "Aide-soignante", here, Role.ORGANIZATION_MEMBER)
    luc = await person(house, "Luc", "Infirmier", there, Role.ORGANIZATION_MEMBER)
    signed = "Odile BUVARD, infirmière coordinatrice, pour EHPAD fictif Les Lilas"
    async with at_work(site, odile) as odiles, at_work(site, rose) as roses, at_work(site, luc) as lucs:
        assert "Rien n’a encore été demandé pour EHPAD fictif Les Lilas" in await see(roses, DEMANDS)
        page = await sent_by(odiles)
        await office.run_jobs()
        number = page.rpartition("/")[2]
        request = await asked_for(site, LILAS)
        assert (request.number, request.state) == (number, State.ASSIGNED)
        assert request.requester == organization_party(LILAS.id)

        # A colleague finds it, reads it and writes to the expert: under her own name.
        listed = await see(roses, DEMANDS)
        assert "Demandes d’avis de EHPAD fictif Les Lilas" in listed
        assert re.search(rf"{number}.*par Odile BUVARD", listed, re.DOTALL)
        assert number in await see(roses, f"{DEMANDS}?q=odile")
        assert number not in await see(roses, f"{DEMANDS}?q=quelqu'un")
        assert f"Demandée par {signed}" in await see(roses, page)
        await roses.post(f"{page}/ajouter", data={"text": "Elle se gratte la nuit."})
        roses_word = "Rose BUVARD, aide-soignante, pour EHPAD fictif Les Lilas"
        assert f"<strong>{roses_word}</strong>" in await see(odiles, page)
        read = await house.audit.list_(subject=Subject("request", request.id), limit=50)
        acts = {(one.fact.actor, one.fact.act, one.fact.detail) for one in read.entries if one.fact}
        of_rose = (practitioner_actor(rose.practitioner_id), "request.read", f"requester for {request.requester}")
        assert of_rose in acts

        # Another establishment, and a member in her own name, are told that there is no such request.
        assert number not in await see(lucs, DEMANDS)
        for path in ("", "/completer", "/fhir.json", "/cloture", "/serie", "/demande.pdf"):
            assert (await lucs.get(f"{page}{path}")).status_code == 404, path
        for path in ("/ajouter", "/annuler", "/cloture", "/suivi"):
            assert (await lucs.post(f"{page}{path}", data={"text": "x"})).status_code == 404, path
        assert (await roses.get(f"{page}/repondre")).status_code == 403

        # The expert knows who asks, answers, and the one who asked is told that there is news: nothing of the patient.
        expert = office.expert(request)
        async with site.signed_in(expert) as by_expert:
            assert f"Demandée par {signed}" in await see(by_expert, page)
            await by_expert.post(f"{page}/accepter")
            form = await by_expert.get(f"{page}/repondre")
            await by_expert.post(f"{page}/repondre", data={**ADVICE, "submission_key": key_of(form)})
            assert (await by_expert.post(f"{page}/envoyer")).status_code == 303
        await office.run_jobs()
        [told] = [mail for mail in office.mails() if "odile@contact.example" in mail["To"]]
        assert told["Subject"] == "Téléexpertise : du nouveau"
        assert "EHPAD fictif Les Lilas" in text_of(told)
        assert not re.search(rf"FICTIF\b(?! )|{number}|dermato|Nævus", text_of(told))
        assert not [mail for mail in office.mails() if "rose@contact.example" in mail["To"]]
        assert "Nævus commun (D22)" in await see(roses, page)
        exchange = (await roses.get(f"{page}/fhir.json")).text
        assert "Buvard" in exchange
        assert odile.practitioner_id not in exchange, "an employer's number is no national one"
        assert "demande.pdf" in await see(roses, page)
        assert (await roses.get(f"{page}/demande.pdf")).content.startswith(b"%PDF")

        # Rose closes; then her mandate ends, and with it all of it, in the session that is open.
        closed = await see_post(roses, f"{page}/cloture")
        assert "Question 1 sur 3" in closed, "the establishment asked: its members say what it was worth"
        assert f"Patient informé</strong> – {roses_word}" in await see(odiles, page)
        async with house.db.transaction() as tx:
            await house.roles.end(tx, Grant(rose.uid, Role.ORGANIZATION_MEMBER, here), by="test", reason="départ")
        for path in (page, DEMANDS, f"{page}/fhir.json", f"{page}/serie"):
            assert "Vous n’agissez pour personne" in await see(roses, path, 403)
        assert (await roses.post(f"{page}/suivi")).status_code == 403
        assert number in await see(odiles, DEMANDS), "what was asked stays the establishment's"
    assert await office.dead_jobs() == []


async def see_post(browser: httpx.AsyncClient, path: str) -> str:
    page = await browser.post(path, follow_redirects=True)
    assert page.status_code == 200, page.text
    return html.unescape(page.text)


async def test_who_asks_in_an_establishment_s_name_is_not_the_expert_who_answers(site: Site) -> None:
    office, house = site.office, site.office.house
    await Establishments(house.db, house.clock, house.random_bytes).open(LILAS, "test")
    async with site.signed_in(office.anne) as browser:
        account = await house.accounts.find_by_practitioner(office.anne.id)
        assert account is not None
        async with house.db.transaction() as tx:
            grant = Grant(account.uid, Role.ORGANIZATION_MEMBER, organization_scope(LILAS.id))
            await house.roles.hand_over(tx, grant, by="test", reason="test")
        chosen = await browser.post("/compte/mandats/choix", data={"pour": organization_party(LILAS.id)})
        assert chosen.status_code == 303
        assert "pour EHPAD fictif Les Lilas" in await see(browser, "/compte/mandats")
        await sent_by(browser)
        await office.run_jobs()
        request = await asked_for(site, LILAS)
        assert request.holder == office.karim.id, "her turn comes first, and she asked"
        await browser.post("/compte/mandats/choix", data={"pour": ""})
        assert (await browser.get(f"{DEMANDS}/{request.number}")).status_code == 404, "in her own name"
    # Whoever asked has left: those who stay are told.
    rose = await person(house, "Rose", "Aide-soignante", organization_scope(LILAS.id), Role.ORGANIZATION_MEMBER)
    async with house.db.transaction() as tx:
        await house.roles.end(tx, grant, by="test", reason="départ")
    await office.service.requests.accept(request.id, office.karim.id)
    await office.service.requests.ask(request.id, office.karim.id, "De face ?", ())
    await office.run_jobs()
    assert [mail for mail in office.mails() if "rose@contact.example" in mail["To"]]
    assert not [mail for mail in office.mails_to(office.anne) if "du nouveau" in mail["Subject"]]
    assert rose.is_active


async def test_a_secretary_does_what_asking_takes_under_both_names_and_nothing_of_an_expert(site: Site) -> None:
    office, house = site.office, site.office.house
    scope = practitioner_scope(office.paul.id)
    odile = await person(house, "Odile", "Secrétaire", scope, Role.SECRETARY)
    async with site.signed_in(office.paul):
        pass
    wanted = "c.conversion : oui\n"
    await office.deliver(office.letter(text=HEADER + ANSWERS + wanted + END))
    request = await answer(office, await office.request())
    assert request.holder is not None
    when = datetime(2026, 11, 27, 13, tzinfo=house.clock.now().tzinfo) + timedelta(days=3)
    proposed = [await office.service.appointments.propose(request.id, request.holder, [when])]
    page = f"{DEMANDS}/{request.number}"
    both = f"Odile BUVARD pour {office.paul.display_name}"
    async with at_work(site, odile) as browser:
        shown = await see(browser, page)
        assert "Accepter ce rendez-vous" in shown
        assert "Patient informé\N{NO-BREAK SPACE}: clôturer" in shown
        appointment = f"{page}/rendez-vous/{proposed[0].id}"
        taken = await browser.post(f"{appointment}/accepter", data={"slot": when.isoformat()})
        assert taken.status_code == 303, taken.text
        closed = await see_post(browser, f"{page}/cloture")
        assert "restent au praticien" in closed
        assert "Question 1" not in closed
        begun = await browser.get(f"{page}/suivi")
        first = await browser.post(f"{page}/suivi", data={"submission_key": key_of(begun)})
        assert first.headers["location"].endswith("/completer")
        series = await see(browser, f"{page}/serie")
        assert re.search(rf'src="{page}/serie/{request.number}/', series)
        assert (await browser.get(f"{page}/fhir.json")).status_code == 200
        assert (await browser.get(f"{page}/demande.pdf")).status_code == 200
        shown = await see(browser, page)
        for act in ("Rendez-vous accepté", "Patient informé", "Suivi commencé"):
            assert f"<strong>{act}</strong> – {both}" in shown, act
        assert "L’envoyer à mon logiciel" not in shown

        said = {"question": "useful", "verdict": "yes"}
        refused = [await browser.post(f"{page}/{path}", data=said) for path in EXPERTS] + [
            await browser.get(f"/teleexpertise/{path}") for path in OWN
        ]
        assert {one.status_code for one in refused} == {403}, [one.url for one in refused if one.status_code != 403]
    read = await house.audit.list_(actor=practitioner_actor(odile.practitioner_id), limit=50)
    told = {(one.fact.act, one.fact.detail) for one in read.entries if one.fact}
    assert ("request.taken_along", f"requester for {office.paul.id} pdf") in told
    assert all(f"for {office.paul.id}" in detail for act, detail in told if act.startswith("request."))


EXPERTS = (
    "questionnaire", "accepter", "decliner", "repondre", "envoyer", "corriger", "rendez-vous", "seconde-lecture",
    "repondre-question", "copie",
)  # fmt: skip
OWN = ("avis", "disponibilites", "modeles", "cotations", "secondes-lectures", "conflits")


def test_the_table_is_the_one_in_the_documentation() -> None:
    page = (Path(__file__).parents[3] / "docs/teleexpertise.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|.*?\| (yes|–) \| (yes|–) \| (yes|–) \|$", page, re.MULTILINE)
    order = (Capacity.OWN_NAME, Capacity.SECRETARY, Capacity.MEMBER)
    written = {
        Act(act): frozenset(one for one, word in zip(order, words, strict=True) if word == "yes")
        for act, *words in rows
    }
    assert written == dict(MAY)
