"""The failing flows in the console: on its home, and on a page with whom to call."""

from datetime import timedelta

import httpx

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.directory.establishments.model import Contact, ContactFunction, Establishment, EstablishmentKind
from miss.directory.establishments.service import Establishments
from miss.directory.sample import people
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import OutboundMail
from miss.mail.outbound.lines import store as outbound_store
from miss.server.doors import Server
from tests.miss.server.console.kit import sign_in

PATH = "/console/flux"


async def refuse(server: Server, to: str, reply: str) -> None:
    """A mail that the relay refuses."""
    house = server.house
    sender = Mailbox(parse_address("miss@miss.example"))
    async with house.db.transaction() as tx:
        mail = OutboundMail(
            message_id=f"<{house.random_bytes(8).hex()}@miss.example>",
            sender=sender,
            to=Mailbox(parse_address(to)),
            subject="Avis",
            text="…",
        )
        mail_id = await house.outbox.enqueue(tx, mail, about="test")
        await outbound_store.settle(tx, mail_id, "refused", reply, house.clock.now())


async def look(server: Server) -> None:
    """What is planned for half an hour from now."""
    for start in server.starts:
        await start()
    assert isinstance(server.house.clock, MovableClock)
    server.house.clock.advance(timedelta(minutes=31))
    while await server.house.jobs.run_due():
        pass


async def test_a_failing_flow_waits_on_the_home_and_says_whom_to_call(server: Server, marc: httpx.AsyncClient) -> None:
    assert "Tous les courriels passent." in (await marc.get(PATH)).text
    house = server.house
    anne = await house.practitioners.find_by_rpps(people.ANNE_MODELE)
    assert anne is not None
    organization = anne.roles[0].organization
    assert organization is not None
    establishments = Establishments(house.db, house.clock, house.random_bytes)
    record = Establishment(
        id=OrganizationId(organization.id), name="CH fictif de Lille", kind=EstablishmentKind.OTHER, town="Lille"
    )
    await establishments.open(record, by="test")
    contact = Contact(ContactFunction.TECHNICAL, "Équipe informatique", "dsi@ch-fictif.example", "03 20 00 00 00")
    await establishments.set_contacts(record.id, [contact], by="test")
    for _ in range(3):
        await refuse(server, anne.mailboxes[0], "550 5.1.1 <anne.modele> unknown")
    for name in ("a", "b"):
        await refuse(server, f"{name}@else.example", "554 5.7.1 blocked")
    await look(server)
    await sign_in(server, marc, people.MARC_COORDO)  # half an hour has passed
    assert "Flux en échec <span" in (await marc.get("/console")).text
    html = (await marc.get(PATH)).text
    for said in ("CH fictif de Lille", "550 5.1.1 &lt;anne.modele&gt; unknown", "03 20 00 00 00", "prévenu le"):
        assert said in html
    assert html.index("CH fictif de Lille") < html.index("else.example")
    assert "domaine sans fiche d&#39;établissement" in html or "domaine sans fiche d'établissement" in html


async def test_flows_are_for_technicians(anne: httpx.AsyncClient) -> None:
    assert (await anne.get(PATH)).status_code == 403
