"""The watch over flows on real databases: an outbox that cannot deliver, an establishment whose contact is told."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.base.random import RandomBytes
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.model import Contact, ContactFunction, Establishment, EstablishmentKind
from miss.directory.establishments.service import Establishments
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.sample import open_mailboxes, open_register, people
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.flows import FlowKind, FlowWatch
from miss.mail.outbound import OutboundMail, Outbox, Spool
from miss.mail.outbound.errors import RelayAway, RelayRefused
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore

SENDER = Mailbox(parse_address("teleexpertise@miss.example"))
CONTACT = "dsi@ch-fictif.example"


class Route:
    """A relay's way out: `blocked` domains answer `reply`, the others take what comes."""

    def __init__(self, folder: Path) -> None:
        self.spool = Spool(folder)
        self.folder = folder
        self.blocked: set[str] = set()
        self.reply = "451 4.4.1 host unreachable"

    async def send(self, sender: str, recipient: str, content: bytes, *, mail_id: str) -> str:
        if recipient.rpartition("@")[2] in self.blocked:
            raise RelayRefused(reply=self.reply) if self.reply.startswith("5") else RelayAway(reason=self.reply)
        return await self.spool.send(sender, recipient, content, mail_id=mail_id)

    def alerts(self) -> list[str]:
        """The text of the alerts that reached the contact, oldest first."""
        mails = [message_from_bytes(path.read_bytes()) for path in sorted(self.folder.glob("*.eml"))]
        return [str(mail.get_payload(decode=True), "utf-8") for mail in mails if mail["To"] == CONTACT]  # type: ignore[arg-type]


@pytest.fixture
async def practitioners(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Practitioners:
    directory = Practitioners(db, clock, random_bytes)
    with open_register() as lines:
        await directory.import_register(lines)
    with open_mailboxes() as lines:
        await directory.import_mailboxes(lines)
    return directory


@pytest.fixture
def route(tmp_path: Path) -> Route:
    return Route(tmp_path / "spool")


@pytest.fixture
def outbox(
    db: Database, keystore: KeyStore, route: Route, jobs: JobRunner, clock: MovableClock, random_bytes: RandomBytes
) -> Outbox:
    outbox = Outbox(db, keystore, route, clock, random_bytes)
    jobs.register(outbox.job_handler())
    return outbox


@pytest.fixture
def establishments(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Establishments:
    return Establishments(db, clock, random_bytes)


@pytest.fixture
def watch(
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
    practitioners: Practitioners,
    establishments: Establishments,
    outbox: Outbox,
    jobs: JobRunner,
) -> FlowWatch:
    watch = FlowWatch(
        db, clock, random_bytes, practitioners, establishments, outbox, AuditLog(db, clock), "miss.example"
    )
    jobs.register(watch.job_handler())
    return watch


@pytest.fixture
async def anne(practitioners: Practitioners) -> Practitioner:
    """Of the CH fictif de Lille, at ch-fictif.mssante.example."""
    found = await practitioners.find_by_rpps(people.ANNE_MODELE)
    assert found is not None
    return found


@pytest.fixture
async def hospital(establishments: Establishments, anne: Practitioner) -> Establishment:
    """Anne's, with a technical contact."""
    organization = anne.roles[0].organization
    assert organization is not None
    record = Establishment(
        id=OrganizationId(organization.id), name="CH fictif de Lille", kind=EstablishmentKind.OTHER, town="Lille"
    )
    await establishments.open(record, by="test")
    contact = Contact(ContactFunction.TECHNICAL, "Équipe informatique", CONTACT, "03 20 00 00 00")
    await establishments.set_contacts(record.id, [contact], by="test")
    return await establishments.get(record.id)


async def write(db: Database, outbox: Outbox, to: str, *numbers: int) -> None:
    async with db.transaction() as tx:
        for number in numbers:
            mail = OutboundMail(
                message_id=f"<m{number}.{to.replace('@', '.')}>",
                sender=SENDER,
                to=Mailbox(parse_address(to)),
                subject="Avis",
                text="Un avis vous attend.",
            )
            await outbox.enqueue(tx, mail, about="request:1")


async def run(jobs: JobRunner) -> None:
    while await jobs.run_due():
        pass


async def test_the_contact_is_told_once_a_day_while_the_flow_fails(
    db: Database,
    outbox: Outbox,
    route: Route,
    watch: FlowWatch,
    jobs: JobRunner,
    clock: MovableClock,
    anne: Practitioner,
    hospital: Establishment,
) -> None:
    route.blocked = {"ch-fictif.mssante.example"}
    await write(db, outbox, anne.mailboxes[0], 1, 2, 3)
    await run(jobs)
    assert await watch.watch() == 0  # a first try that failed is nothing yet
    clock.advance(timedelta(hours=2))
    await write(db, outbox, "paul.exemple@medecin.mssante.example", 4)
    await run(jobs)
    assert await watch.watch() == 1
    [flow] = await watch.list_failing()
    assert (flow.key.kind, flow.key.id) == (FlowKind.ESTABLISHMENT, hospital.id)
    assert (flow.undelivered, flow.reply) == (3, "451 4.4.1 host unreachable")
    assert flow.told_at is not None
    await run(jobs)
    [alert] = route.alerts()
    assert "3 courriels" in alert
    assert "CH fictif de Lille" in alert
    assert "451 4.4.1 host unreachable" in alert
    clock.advance(timedelta(hours=20))
    assert await watch.watch() == 1
    await run(jobs)
    assert len(route.alerts()) == 1
    clock.advance(timedelta(hours=5))
    assert await watch.watch() == 1
    await run(jobs)
    assert len(route.alerts()) == 2
    page = await AuditLog(db, clock).list_(subject=Subject("organization", hospital.id))
    acts = [entry.fact.act for entry in page.entries if entry.fact]
    assert acts.count("establishment.flow_alert") == 2


async def test_a_flow_that_works_again_is_over_and_not_told_of_twice_a_day(
    db: Database,
    outbox: Outbox,
    route: Route,
    watch: FlowWatch,
    jobs: JobRunner,
    clock: MovableClock,
    anne: Practitioner,
    hospital: Establishment,
) -> None:
    route.blocked, route.reply = {"ch-fictif.mssante.example"}, "554 5.7.1 blocked"
    await write(db, outbox, anne.mailboxes[0], 1, 2, 3)
    await run(jobs)
    assert await watch.watch() == 1
    await run(jobs)
    assert len(route.alerts()) == 1
    clock.advance(timedelta(hours=23))
    assert await watch.watch() == 1
    clock.advance(timedelta(hours=2))
    assert (await watch.watch(), await watch.count_failing()) == (0, 0)  # the refusals are older than a day
    await write(db, outbox, anne.mailboxes[0], 4, 5, 6)
    await run(jobs)
    assert (await watch.watch(), await watch.count_failing()) == (1, 1)
    await run(jobs)
    assert len(route.alerts()) == 2  # told a day ago
    route.blocked = set()
    clock.advance(timedelta(hours=1))
    await write(db, outbox, anne.mailboxes[0], 7, 8, 9)
    await run(jobs)
    assert (await watch.watch(), len(route.alerts())) == (1, 2)
    clock.advance(timedelta(days=3))
    assert (await watch.watch(), await watch.list_failing()) == (0, [])


async def test_a_relay_that_is_away_is_nobody_elses_failure(
    db: Database,
    outbox: Outbox,
    route: Route,
    watch: FlowWatch,
    jobs: JobRunner,
    clock: MovableClock,
    anne: Practitioner,
    hospital: Establishment,
) -> None:
    route.blocked = {"ch-fictif.mssante.example", "medecin.mssante.example"}
    await write(db, outbox, anne.mailboxes[0], 1, 2, 3)
    await write(db, outbox, "paul.exemple@medecin.mssante.example", 4)
    await run(jobs)
    clock.advance(timedelta(hours=3))
    await run(jobs)
    assert await watch.watch() == 0


async def test_without_a_record_the_domain_is_shown_and_nobody_is_told(
    db: Database,
    outbox: Outbox,
    route: Route,
    watch: FlowWatch,
    jobs: JobRunner,
    clock: MovableClock,
    anne: Practitioner,
) -> None:
    route.blocked, route.reply = {"ch-fictif.mssante.example", "else.example"}, "550 5.1.1 unknown"
    await write(db, outbox, anne.mailboxes[0], 1, 2, 3)
    await write(db, outbox, "a@else.example", 4)
    await write(db, outbox, "b@else.example", 5)
    await run(jobs)
    assert await watch.watch() == 2
    assert [(flow.key.kind, flow.key.id, flow.undelivered) for flow in await watch.list_failing()] == [
        (FlowKind.DOMAIN, "ch-fictif.mssante.example", 3),
        (FlowKind.DOMAIN, "else.example", 2),
    ]
    assert all(flow.told_at is None for flow in await watch.list_failing())


async def test_without_a_technical_contact_nobody_is_told_until_there_is_one(
    db: Database,
    outbox: Outbox,
    route: Route,
    watch: FlowWatch,
    jobs: JobRunner,
    establishments: Establishments,
    anne: Practitioner,
    hospital: Establishment,
) -> None:
    contact = hospital.contact(ContactFunction.TECHNICAL)
    await establishments.set_contacts(hospital.id, [replace(contact, email="")], by="test")
    route.blocked, route.reply = {"ch-fictif.mssante.example"}, "550 5.1.1 unknown"
    await write(db, outbox, anne.mailboxes[0], 1, 2, 3)
    await run(jobs)
    assert await watch.watch() == 1
    assert [flow.told_at for flow in await watch.list_failing()] == [None]
    await establishments.set_contacts(hospital.id, [contact], by="test")
    assert await watch.watch() == 1
    await run(jobs)
    assert len(route.alerts()) == 1


async def test_it_looks_every_half_hour(
    watch: FlowWatch, jobs: JobRunner, clock: MovableClock, practitioners: Practitioners
) -> None:
    await watch.start()
    assert await jobs.run_due() == 0
    for _ in range(2):
        clock.advance(timedelta(minutes=30))
        assert await jobs.run_due() == 1
