"""Figures counted from real tables: people who were verified, messages, mails, and what services add."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from miss.base.clock import MovableClock
from miss.base.ids import PractitionerId, new_row_id, uuid7
from miss.base.random import RandomBytes
from miss.base.text import Text
from miss.chat.delivery.tables import MessageRow
from miss.chat.devices.tables import DeviceRow
from miss.directory.accounts import Account, Accounts
from miss.directory.addresses.service import Addresses
from miss.directory.practitioners import Practitioners
from miss.directory.sample import open_mailboxes, open_register, people
from miss.mail.inbound.tables import InboundMailRow
from miss.mail.outbound.tables import OutboundMailRow
from miss.server.console.statistics.model import Dimension, Hidden, Month
from miss.server.console.statistics.service import Line, Question, Statistics
from miss.server.console.statistics.tables import FigureRow
from miss.server.service import Flow
from miss.storage import Database
from miss.storage.jobs import JobRunner

OCTOBER, NOVEMBER = Month("2026-10"), Month("2026-11")
IN_OCTOBER = datetime(2026, 10, 14, 9, tzinfo=UTC)
LILLE = ("99900000011", "99900000037", "99900000086", "99900000144", "99900000177", "99900000193")
"""Six people of the CH fictif de Lille."""
REUNION = ("99900000284", "99900000300", "99900000318", "99900000334", "99900000342")


@pytest.fixture
async def practitioners(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Practitioners:
    """The fictive register and its mailboxes."""
    directory = Practitioners(db, clock, random_bytes)
    with open_register() as lines:
        await directory.import_register(lines)
    with open_mailboxes() as lines:
        await directory.import_mailboxes(lines)
    return directory


@pytest.fixture
def statistics(
    practitioners: Practitioners, db: Database, clock: MovableClock, random_bytes: RandomBytes
) -> Statistics:
    return Statistics(practitioners, db, clock, random_bytes)


@pytest.fixture
async def users(
    practitioners: Practitioners, db: Database, clock: MovableClock, random_bytes: RandomBytes
) -> dict[str, Account]:
    """Eleven people, verified on 20 November, by RPPS number."""
    accounts = Accounts(db, clock, random_bytes)
    opened = {}
    for rpps in (*LILLE, *REUNION):
        account = await accounts.open(PractitionerId(f"8{rpps}"), by="test")
        opened[rpps] = await accounts.verify(account.uid, "test")
    return opened


def question(measure: str, dimension: Dimension = Dimension.PROFESSION, **filters: str) -> Question:
    return Question(measure, dimension, OCTOBER, NOVEMBER, **filters)


async def write_messages(db: Database, account: Account, at: datetime, count: int, random_bytes: RandomBytes) -> None:
    """As the chat's delivery leaves them."""
    did = random_bytes(16)
    async with db.transaction() as tx:
        tx.add(DeviceRow(did=did, uid=account.uid, ik=random_bytes(32), name="d", linked_seq=1, linked_at=at))
        for seq in range(count):
            mid = uuid7(at + timedelta(seconds=seq), random_bytes)
            digest, cid = random_bytes(32), random_bytes(32)
            tx.add(MessageRow(cid=cid, seq=seq, did=did, mid=mid, ts_ms=0, env_hash=digest, log=digest, env=b""))


async def test_users_are_those_who_were_verified_at_the_months_end(
    statistics: Statistics,
    users: dict[str, Account],
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
) -> None:
    accounts = Accounts(db, clock, random_bytes)
    clock.advance_to(datetime(2026, 12, 2, 9, tzinfo=UTC))
    await accounts.suspend(users[LILLE[0]].uid, "test", "absent")
    clock.advance_to(datetime(2026, 12, 3, 9, tzinfo=UTC))
    pending = await accounts.open(PractitionerId(f"8{people.HUGO_FACTICE}"), by="test")
    assert not pending.is_active
    await statistics.count()
    asked = Question("users", Dimension.ESTABLISHMENT, OCTOBER, Month("2026-12"))
    report = await statistics.report(asked)
    # The suspension of December changes nothing in November's eleven.
    assert report.series == (Line(OCTOBER, 0), Line(NOVEMBER, 11), Line("2026-12", 10))
    assert report.total == 10
    names = await statistics.get_labels(Dimension.ESTABLISHMENT)
    assert report.lines[0] == Line(report.lines[0].code, 5)
    assert names[report.lines[0].code] == "CH fictif de Lille"
    assert {line.value for line in report.lines[1:]} == {Hidden.FEW}
    by_region = await statistics.report(Question("users", Dimension.REGION, OCTOBER, Month("2026-12")))
    assert by_region.lines == (Line("04", 5), Line("32", 5))
    only = await statistics.report(Question("users", Dimension.SPECIALTY, OCTOBER, Month("2026-12"), region="04"))
    assert only.total == 5
    assert all(isinstance(line.value, Hidden) for line in only.lines)
    nurses = await statistics.report(Question("users", Dimension.REGION, OCTOBER, Month("2026-12"), profession="60"))
    assert (nurses.lines, nurses.total) == ((), 0)


async def test_messages_are_counted_in_their_month_and_by_their_author(
    statistics: Statistics, users: dict[str, Account], db: Database, random_bytes: RandomBytes
) -> None:
    for rpps in LILLE:
        await write_messages(db, users[rpps], IN_OCTOBER, 3, random_bytes)
        await write_messages(db, users[rpps], datetime(2026, 11, 1, tzinfo=UTC), 2, random_bytes)
        await write_messages(db, users[rpps], datetime(2026, 9, 30, 23, 59, 57, tzinfo=UTC), 1, random_bytes)
    await write_messages(db, users[REUNION[0]], IN_OCTOBER, 100, random_bytes)
    await statistics.count()
    report = await statistics.report(question("messages", Dimension.REGION))
    # One person of La Réunion is not to be seen, be it by subtraction.
    assert report.lines == (Line("04", Hidden.FEW), Line("32", Hidden.KEPT_BACK))
    assert report.total == 130
    assert report.series == (Line(OCTOBER, 118), Line(NOVEMBER, 12))
    north = await statistics.report(question("messages", Dimension.REGION, region="32"))
    # 118 less those of the north would be what one person wrote.
    assert north.lines == (Line("32", Hidden.KEPT_BACK),)
    assert north.series == (Line(OCTOBER, Hidden.KEPT_BACK), Line(NOVEMBER, Hidden.KEPT_BACK))


async def test_mails_are_counted_by_who_sent_or_received_them(
    statistics: Statistics,
    practitioners: Practitioners,
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
) -> None:
    found = [await practitioners.find_by_rpps(rpps) for rpps in LILLE]
    senders = [one for one in found if one is not None]
    given = await Addresses(db, clock, base_domain="miss.example").assign(senders[0], by="test")
    async with db.transaction() as tx:
        for number, sender in enumerate((*senders, None)):
            row_id, digest = new_row_id(IN_OCTOBER, random_bytes), random_bytes(32)
            tx.add(
                InboundMailRow(
                    id=row_id, recipient="te@miss.example", sender="x@y.example", sealed=b"", size_bytes=1,
                    practitioner_id=sender.id if sender else "", digest=digest, received_at=IN_OCTOBER,
                )
            )  # fmt: skip
            address = (sender.mailboxes[0].upper() if number else str(given)) if sender else "nobody@else.example"
            for state in ("accepted", "refused", "queued"):
                out_id = new_row_id(IN_OCTOBER, random_bytes)
                tx.add(
                    OutboundMailRow(
                        id=out_id, message_id=out_id, about="x", sender="te@miss.example", recipient=address,
                        sealed=b"", state=state, queued_at=IN_OCTOBER, settled_at=IN_OCTOBER,
                    )
                )  # fmt: skip
    await statistics.count()
    came = await statistics.report(question("mails_in", Dimension.DEPARTMENT))
    assert (came.lines, came.total) == ((Line("59", 6),), 6)
    went = await statistics.report(question("mails_out", Dimension.DEPARTMENT))
    assert went.lines == (Line("", Hidden.FEW), Line("59", Hidden.KEPT_BACK))
    assert went.total == 7


async def test_a_month_that_is_over_is_counted_once_more_and_then_kept(
    statistics: Statistics, users: dict[str, Account], db: Database, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    asked = Question("messages", Dimension.REGION, NOVEMBER, NOVEMBER)

    async def counted() -> object:
        await statistics.count()
        return (await statistics.report(asked)).total

    for rpps in LILLE:
        await write_messages(db, users[rpps], datetime(2026, 11, 10, tzinfo=UTC), 1, random_bytes)
    assert await counted() == 6
    for rpps in LILLE:
        await write_messages(db, users[rpps], datetime(2026, 11, 11, tzinfo=UTC), 1, random_bytes)
    assert await counted() == 12
    clock.advance_to(datetime(2026, 12, 1, 3, tzinfo=UTC))
    assert await counted() == 12
    async with db.transaction() as tx:
        for row in await tx.exec(select(MessageRow)):
            await tx.delete(row)
    assert await counted() == 12
    months, counted_at = await statistics.list_months()
    assert (len(months), months[-1]) == (14, "2026-12")
    assert counted_at is not None
    assert counted_at >= datetime(2026, 12, 1, 3, tzinfo=UTC)


async def test_services_add_what_they_count(
    statistics: Statistics, users: dict[str, Account], db: Database, clock: MovableClock
) -> None:
    asked: list[tuple[datetime, datetime]] = []

    async def tally(since: datetime, until: datetime) -> Mapping[PractitionerId, int]:
        asked.append((since, until))
        is_november = since.month == 11 and since.year == 2026
        return {account.practitioner_id: 2 for account in users.values()} if is_november else {}

    flow = Flow("requests", Text(fr="Demandes", en="Requests"), tally)
    statistics.add(flow)
    with pytest.raises(ValueError, match="requests"):
        statistics.add(flow)
    assert [one.name for one in statistics.flows] == ["users", "messages", "mails_in", "mails_out", "requests"]
    before = clock.now()
    await statistics.count()
    assert len(asked) == 13
    assert asked[0] == (datetime(2025, 11, 1, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC))
    assert before <= asked[-1][1] <= clock.now()
    report = await statistics.report(question("requests", Dimension.REGION))
    assert report.lines == (Line("32", 12), Line("04", 10))
    async with db.snapshot() as tx:
        rows = (await tx.exec(select(FigureRow).where(FigureRow.measure == "requests"))).all()
    assert {row.month for row in rows} == {NOVEMBER}


async def test_the_first_count_comes_soon_and_the_next_at_night(
    statistics: Statistics, users: dict[str, Account], jobs: JobRunner, clock: MovableClock
) -> None:
    jobs.register(statistics.job_handler())
    assert await statistics.list_months() == ([], None)
    await statistics.start()
    assert await jobs.run_due() == 0
    clock.advance(timedelta(minutes=1))
    assert await jobs.run_due() == 1
    assert (await statistics.report(question("users"))).total == len(users)
    assert await jobs.run_due() == 0
    await statistics.start()  # a restart in the afternoon counts nothing
    assert await jobs.run_due() == 0
    clock.advance_to(datetime(2026, 11, 21, 3, tzinfo=UTC))
    assert await jobs.run_due() == 1
    assert await jobs.run_due() == 0
