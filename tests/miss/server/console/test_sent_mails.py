"""The mails in the console: by what became of them, tried again, given up; and who has agreed to what."""

import csv

import httpx

from miss.base.text import Language
from miss.directory.agreements import Agreements, Signature, load_agreements
from miss.directory.audit import Subject
from miss.directory.sample import people
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import OutboundMail
from miss.mail.outbound.lines import store as lines_store
from miss.server.doors import Server
from tests.miss.mail.trace.samples import RECIPIENT, mdn
from tests.miss.server.console.kit import account_of

PATH = "/console/envois"


async def queue(server: Server, number: int = 1) -> str:
    house = server.house
    mail = OutboundMail(
        message_id=f"<te{number}.answer@miss.example>",
        sender=Mailbox(parse_address("teleexpertise@miss.example")),
        to=Mailbox(parse_address(RECIPIENT)),
        subject="FICTIF BASTIEN",
        text="Un avis.",
    )
    async with house.db.transaction() as tx:
        return await house.outbox.enqueue(tx, mail, about="request:1")


async def test_a_mail_is_followed_tried_again_and_given_up(server: Server, marc: httpx.AsyncClient) -> None:
    house = server.house
    assert "Aucun courriel dans cet état." in (await marc.get(PATH)).text
    mail_id = await queue(server)
    async with house.db.transaction() as tx:
        await lines_store.put_off(tx, mail_id, "451 4.7.1 greylisted", house.clock.now(), 1)
    assert "Courriels retardés <span" in (await marc.get("/console")).text
    listed = (await marc.get(PATH)).text
    assert RECIPIENT in listed
    assert "451 4.7.1 greylisted" in listed
    assert "BASTIEN" not in listed
    one = f"{PATH}/{mail_id}"
    assert (await marc.post(f"{one}/abandonner")).status_code == 303
    assert "Abandonné par un technicien" in (await marc.get(one)).text
    refused = await marc.post(f"{one}/abandonner")
    assert refused.status_code == 409
    assert "n’attend plus" in refused.text
    assert (await marc.post(f"{one}/representer")).status_code == 303, "a slip is taken back"
    while await house.jobs.run_due():
        pass
    shown = (await marc.get(one)).text
    assert "Remis au relais de messagerie" in shown
    assert "Représenter maintenant" not in shown
    assert (await marc.post(f"{one}/representer")).status_code == 409
    acts = {
        entry.fact.act for entry in (await house.audit.list_about([Subject("mail", mail_id)])).entries if entry.fact
    }
    assert acts == {"mail.given_up", "mail.retried"}


async def test_what_could_not_be_filed_is_explained(server: Server, marc: httpx.AsyncClient) -> None:
    mail_id = await queue(server)
    await server.house.outbox.lines.drain()
    report = mdn("automatic-action/x; processed/error", error="904^INS", message_id="<te1.answer@miss.example>")
    assert await server.house.trace.receive(report, mail_from="")
    assert RECIPIENT in (await marc.get(f"{PATH}?pile=rejected")).text
    assert "INS différente de celle du dossier" in (await marc.get(f"{PATH}/{mail_id}")).text
    assert (await marc.get(f"{PATH}/nothing")).status_code == 404


async def test_who_has_agreed_to_what(server: Server, marc: httpx.AsyncClient) -> None:
    agreements_page = "/console/engagements"
    assert "Personne n’a encore accepté" in (await marc.get(agreements_page)).text
    anne = await account_of(server, people.ANNE_MODELE)
    house = server.house
    agreements = Agreements(house.db, house.clock, house.random_bytes, house.accounts, load_agreements())
    signature = Signature("=Anne MODELE", "192.0.2.1", Language.FR)
    await agreements.accept(anne.uid, [one.digest.hex() for one in agreements.current], signature)
    shown = (await marc.get(agreements_page)).text
    assert "=Anne MODELE" in shown
    assert agreements.get("terms").version in shown
    exported = await marc.get(f"{agreements_page}.csv")
    head, line = csv.reader(exported.text.removeprefix("\ufeff").splitlines(), delimiter=";")
    assert head[2] == "version"
    assert line[1:3] == ["'=Anne MODELE", agreements.get("terms").version]
