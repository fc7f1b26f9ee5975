"""Incidents on a real database: kept, listed by phase, shown in a banner that asks seldom, told to who confirmed."""

import re
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.base.errors import Unavailable
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.directory.audit import AuditLog, Subject
from miss.mail.errors import AddressMalformed
from miss.mail.outbound import Outbox, Spool
from miss.server.console.incidents import Incidents, Kind, Subscriptions, Told
from miss.server.console.incidents.errors import IncidentClosed, IncidentNotFound, SubscriptionLinkExpired
from miss.server.console.incidents.service import TELL_JOB
from miss.server.demo.mailbox import text_of
from miss.storage import Database
from miss.storage.jobs import JobRunner, schedule
from miss.storage.sealed import KeyStore

BY = AccountId(b"t" * 16)
TITLE, SAID = Told("Messagerie {ralentie}", "Mail is {slow}"), Told("Les envois attendent.")
WARD, ELSEWHERE = "dsi@ch-fictif.example", "contact@ehpad-fictif.example"


@dataclass
class Desk:
    """The room, its mails and its jobs."""

    incidents: Incidents
    subscriptions: Subscriptions
    audit: AuditLog
    jobs: JobRunner
    clock: MovableClock
    spool: Path

    async def mails(self) -> list[EmailMessage]:
        """Everything sent so far, oldest first."""
        while await self.jobs.run_due():
            pass
        paths = sorted(self.spool.glob("*.eml"))
        return [message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default) for path in paths]

    async def subscribe(self, address: str, language: Language = Language.FR) -> str:
        """Confirmed; the token that ends it is in later mails."""
        await self.subscriptions.ask(address, "CH fictif", language)
        token = token_in((await self.mails())[-1])
        await self.subscriptions.confirm(token)
        self.clock.advance(timedelta(seconds=1))
        return token


def token_in(mail: EmailMessage) -> str:
    found = re.search(r"jeton=([\w-]+)", text_of(mail))
    assert found is not None
    return found[1]


@pytest.fixture
def desk(
    db: Database,
    keystore: KeyStore,
    clock: MovableClock,
    random_bytes: RandomBytes,
    jobs: JobRunner,
    tmp_path: Path,
) -> Desk:
    audit = AuditLog(db, clock)
    outbox = Outbox(db, keystore, Spool(tmp_path / "spool"), clock, random_bytes)
    subscriptions = Subscriptions(db, clock, random_bytes, outbox, "miss.example", "https://miss.example")
    for handler in (outbox.job_handler(), subscriptions.job_handler()):
        jobs.register(handler)
    return Desk(Incidents(db, clock, random_bytes, audit), subscriptions, audit, jobs, clock, tmp_path / "spool")


async def test_what_is_announced_is_kept_and_logged(desk: Desk) -> None:
    incident = await desk.incidents.announce(BY, Kind.INCIDENT, TITLE, SAID)
    desk.clock.advance(timedelta(minutes=1))
    more = await desk.incidents.add(BY, incident.id, Told("Cause trouvée.", "Cause found."))
    desk.clock.advance(timedelta(minutes=1))
    assert await desk.incidents.get(incident.id) == more
    assert (await desk.incidents.board()).open == (more,)
    closed = await desk.incidents.add(BY, incident.id, Told("Rétabli."), closes=True)
    board = await desk.incidents.board()
    assert (board.open, board.planned, board.past) == ((), (), (closed,))
    assert await desk.incidents.count_open() == 0
    with pytest.raises(IncidentClosed):
        await desk.incidents.add(BY, incident.id, SAID)
    with pytest.raises(IncidentNotFound):
        await desk.incidents.add(BY, "nowhere", SAID)
    with pytest.raises(IncidentNotFound):
        await desk.incidents.get("\0")
    page = await desk.audit.list_(subject=Subject("incident", incident.id))
    acts = [entry.fact.act for entry in page.entries if entry.fact]
    assert acts == ["incident.close", "incident.add", "incident.announce"]


async def test_a_maintenance_moves_from_planned_to_past_by_itself(desk: Desk) -> None:
    now, hour = desk.clock.now(), timedelta(hours=1)
    planned = await desk.incidents.announce(
        BY, Kind.MAINTENANCE, TITLE, SAID, starts_at=now + hour, ends_at=now + 2 * hour
    )
    assert (await desk.incidents.board()).planned == (planned,)
    desk.clock.advance(hour)
    assert (await desk.incidents.board()).open == (planned,)
    desk.clock.advance(hour)
    assert (await desk.incidents.board()).past == (planned,)


async def test_the_banner_asks_the_database_every_few_seconds_only(
    desk: Desk, db: Database, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    elsewhere = Incidents(db, clock, random_bytes, desk.audit)
    assert await desk.incidents.banner() == ()
    incident = await elsewhere.announce(BY, Kind.INCIDENT, TITLE, SAID)
    assert await elsewhere.banner() == (incident,), "at once where it was announced"
    clock.advance(timedelta(seconds=4))
    assert await desk.incidents.banner() == ()
    clock.advance(timedelta(seconds=1))
    assert await desk.incidents.banner() == (incident,)


async def test_a_database_that_is_away_leaves_the_banner_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, db: Database, clock: MovableClock
) -> None:
    incident = await desk.incidents.announce(BY, Kind.INCIDENT, TITLE, SAID)
    assert await desk.incidents.banner() == (incident,)
    clock.advance(timedelta(minutes=1))

    def away() -> None:
        raise Unavailable

    monkeypatch.setattr(db, "snapshot", away)
    assert await desk.incidents.banner() == (incident,)


async def test_only_who_confirmed_is_told_in_their_language_and_once(desk: Desk) -> None:
    await desk.subscriptions.ask(ELSEWHERE, "EHPAD fictif", Language.FR)
    await desk.subscribe(WARD, Language.EN)
    assert await desk.subscriptions.count() == 1
    before = len(await desk.mails())
    incident = await desk.incidents.announce(BY, Kind.INCIDENT, TITLE, SAID)
    [mail] = (await desk.mails())[before:]
    assert str(mail["To"]) == WARD
    assert str(mail["Subject"]) == "[MiSS] Incident: Mail is {slow}"
    assert "Les envois attendent." in text_of(mail), "nobody wrote it in English"
    assert mail["Auto-Submitted"] == "auto-generated"
    await desk.incidents.add(BY, incident.id, Told("Détail."), tell=False)
    assert len(await desk.mails()) == before + 1
    desk.clock.advance(timedelta(minutes=1))
    await desk.incidents.add(BY, incident.id, Told("Rétabli.", "Restored."), closes=True)
    last = (await desk.mails())[-1]
    assert str(last["Subject"]) == "[MiSS] Incident (over): Mail is {slow}"
    await desk.subscriptions.leave(token_in(last))
    assert await desk.subscriptions.count() == 0
    await desk.incidents.announce(BY, Kind.INCIDENT, TITLE, SAID)
    assert (await desk.mails())[-1]["Message-ID"] == last["Message-ID"]


async def test_a_job_that_runs_again_tells_nobody_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, db: Database, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    monkeypatch.setattr("miss.server.console.incidents.subscriptions.BATCH", 2)
    for rank in range(5):
        await desk.subscribe(f"dsi{rank}@ch-fictif.example")
    before = len(await desk.mails())
    incident = await desk.incidents.announce(BY, Kind.INCIDENT, TITLE, SAID)
    told = (await desk.mails())[before:]
    assert [str(mail["To"]) for mail in told] == [f"dsi{rank}@ch-fictif.example" for rank in range(5)]
    async with db.transaction() as tx:
        await schedule(tx, TELL_JOB, incident.updates[0].id, clock.now(), random_bytes=random_bytes)
    assert len(await desk.mails()) == before + 5


async def test_a_maintenance_tells_when(desk: Desk) -> None:
    await desk.subscribe(WARD)
    now = desk.clock.now()
    await desk.incidents.announce(
        BY, Kind.MAINTENANCE, TITLE, SAID, starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=1, hours=2)
    )
    text = text_of((await desk.mails())[-1])
    assert "Du 21/11/2026 10:00 au 21/11/2026 12:00." in text
    assert "https://miss.example/incidents" in text


async def test_a_link_confirms_for_three_days_and_again_changes_nothing(desk: Desk) -> None:
    await desk.subscriptions.ask(WARD, "", Language.FR)
    token = token_in((await desk.mails())[-1])
    found = await desk.subscriptions.find(token)
    assert found is not None
    assert found.address == WARD
    assert await desk.subscriptions.count() == 0, "looking confirms nothing"
    first = await desk.subscriptions.confirm(token)
    desk.clock.advance(timedelta(days=4))
    assert (await desk.subscriptions.confirm(token)).confirmed_at == first.confirmed_at

    await desk.subscriptions.ask(ELSEWHERE, "", Language.FR)
    late = token_in((await desk.mails())[-1])
    desk.clock.advance(timedelta(days=3, seconds=1))
    assert await desk.subscriptions.find(late) is None
    await desk.subscriptions.leave("\0")
    for wrong in (late, "", "nothing", "é", "\0"):
        with pytest.raises(SubscriptionLinkExpired):
            await desk.subscriptions.confirm(wrong)


async def test_an_address_gets_one_mail_an_hour_and_none_once_it_is_subscribed(desk: Desk) -> None:
    for _ in range(3):
        await desk.subscriptions.ask(WARD.upper(), "", Language.FR)
    assert len(await desk.mails()) == 1
    desk.clock.advance(timedelta(hours=1))
    await desk.subscriptions.ask(WARD, "", Language.FR)
    old, new = map(token_in, await desk.mails())
    with pytest.raises(SubscriptionLinkExpired):
        await desk.subscriptions.confirm(old)
    await desk.subscriptions.confirm(new)
    desk.clock.advance(timedelta(days=2))
    await desk.subscriptions.ask(WARD, "", Language.FR)
    assert len(await desk.mails()) == 2
    assert await desk.subscriptions.count() == 1


@pytest.mark.parametrize(
    "address", ["", "pas une adresse", "a@b", "a@b.example\r\nBcc: c@d.example", "noreply@b.example"]
)
async def test_addresses_that_nobody_reads(desk: Desk, address: str) -> None:
    with pytest.raises(AddressMalformed):
        await desk.subscriptions.ask(address, "", Language.FR)
