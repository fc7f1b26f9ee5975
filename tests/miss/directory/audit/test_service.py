"""The log in a real database: one chain for everybody who writes, whatever they do at the same time."""

import asyncio
import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest
from nacl.signing import SigningKey
from sqlalchemy import text

from miss.base.clock import MovableClock, SystemClock
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.directory.audit import (
    GENESIS,
    AuditCursorUnknown,
    AuditLog,
    AuditUpkeep,
    Break,
    Entry,
    Extract,
    How,
    Mark,
    Subject,
    Verifier,
    compose_line,
    parse_line,
)
from miss.directory.audit.model import first_kept
from miss.storage import Database
from miss.storage.jobs import JobRunner

KEY = SigningKey(bytes(range(32)))
TRUSTED = frozenset({bytes(KEY.verify_key)})
PAUL = Subject.account(AccountId(bytes(15) + b"\1"))
ANNE = Subject.account(AccountId(bytes(15) + b"\2"))
ACT = "account.verify"


@pytest.fixture
def audit(db: Database, clock: MovableClock) -> AuditLog:
    return AuditLog(db, clock)


@pytest.fixture
def upkeep(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> AuditUpkeep:
    return AuditUpkeep(db, clock, random_bytes, KEY, 12)


async def fill(audit: AuditLog, count: int, subject: Subject = PAUL) -> None:
    for number in range(count):
        await audit.record(actor="cli:test", act=ACT, subject=subject, detail=str(number))


async def tamper(db: Database, statement: str) -> None:
    """As somebody who holds the database would."""
    async with db.transaction() as tx:
        await tx.exec(text(statement))  # type: ignore[call-overload]


async def test_an_act_and_its_entry_are_stored_or_neither(audit: AuditLog, db: Database) -> None:
    with pytest.raises(RuntimeError, match="half-way"):
        async with db.transaction() as tx:
            audit.append(tx, actor="cli", act=ACT, subject=PAUL)
            raise RuntimeError("half-way")
    assert (await audit.list_()).entries == []
    async with db.transaction() as tx:
        audit.append(tx, actor="cli", act=ACT, subject=PAUL)
        audit.append(tx, actor="cli", act="account.suspend", subject=PAUL)
    told = [(entry.number, entry.fact.act) for entry in (await audit.list_()).entries if entry.fact]
    assert told == [(2, "account.suspend"), (1, ACT)]


async def test_what_commits_nothing_takes_no_entry(audit: AuditLog, db: Database) -> None:
    async with db.snapshot() as tx:
        with pytest.raises(RuntimeError, match="writing transaction"):
            audit.append(tx, actor="cli", act=ACT, subject=PAUL)
    async with db.transaction() as tx, tx.begin_nested():
        with pytest.raises(RuntimeError, match="savepoint"):
            audit.append(tx, actor="cli", act=ACT, subject=PAUL)


async def test_hot_transactions_write_entries_too(audit: AuditLog, db: Database) -> None:
    for _ in range(2):
        async with db.hot_transaction() as tx:
            audit.append(tx, actor="cli", act=ACT, subject=PAUL)
    with pytest.raises(RuntimeError, match="half-way"):
        async with db.hot_transaction() as tx:
            audit.append(tx, actor="cli", act=ACT, subject=PAUL)
            raise RuntimeError("half-way")
    async with db.hot_reads() as tx:
        with pytest.raises(RuntimeError, match="writing transaction"):
            audit.append(tx, actor="cli", act=ACT, subject=PAUL)
    verdict = await audit.verify(TRUSTED)
    assert (verdict.entries, verdict.broken) == (2, None)


async def test_what_no_database_keeps_is_cut_and_still_verified(audit: AuditLog, db: Database) -> None:
    await audit.record(actor="a" * 200, act="b" * 200, subject=Subject("c" * 200, "d" * 200), detail="é" * 2000)
    await audit.record(actor="a\0b", act=ACT, subject=PAUL, detail="\ud800 \u0301")
    verdict = await audit.verify(TRUSTED)
    assert (verdict.entries, verdict.broken) == (2, None)


async def test_many_at_once_make_one_chain_without_a_gap(audit: AuditLog, db: Database) -> None:
    async def act(number: int) -> None:
        if number % 5:
            await audit.record(actor=f"cli:{number}", act=ACT, subject=PAUL)
            return
        with pytest.raises(RuntimeError, match="half-way"):
            async with db.transaction() as tx:
                audit.append(tx, actor="cli", act=ACT, subject=PAUL)
                raise RuntimeError("half-way")

    await asyncio.gather(*(act(number) for number in range(50)))
    verdict = await audit.verify(TRUSTED)
    assert (verdict.entries, verdict.end.number, verdict.broken) == (40, 40, None)


async def test_two_who_take_other_locks_in_either_order_after_an_entry_both_finish(
    audit: AuditLog, db: Database
) -> None:
    await tamper(db, "CREATE TABLE door (id INTEGER PRIMARY KEY, opened INTEGER NOT NULL)")
    await tamper(db, "INSERT INTO door VALUES (1, 0)")

    async def entry_then_door() -> None:
        async with db.transaction() as tx:
            audit.append(tx, actor="cli", act=ACT, subject=PAUL)
            await tx.flush()
            await asyncio.sleep(0)
            await tx.exec(text("UPDATE door SET opened = opened + 1 WHERE id = 1"))  # type: ignore[call-overload]

    async def door_then_entry() -> None:
        async with db.transaction() as tx:
            await tx.exec(text("UPDATE door SET opened = opened + 1 WHERE id = 1"))  # type: ignore[call-overload]
            await asyncio.sleep(0)
            audit.append(tx, actor="cli", act=ACT, subject=PAUL)

    await asyncio.gather(*(act() for _ in range(10) for act in (entry_then_door, door_then_entry)))
    assert (await audit.verify(TRUSTED)).entries == 20


def _append_elsewhere(url: str, count: int) -> None:
    async def work() -> None:
        db = Database(url)
        try:
            await fill(AuditLog(db, SystemClock()), count)
        finally:
            await db.close()

    asyncio.run(work())


async def test_several_processes_make_one_chain(audit: AuditLog, db: Database) -> None:
    url = db.url.set(drivername=db.url.get_backend_name()).render_as_string(hide_password=False)
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_append_elsewhere, args=(url, 15)) for _ in range(2)]
    for other in others:
        other.start()
    await fill(audit, 15)
    await asyncio.gather(*(asyncio.to_thread(other.join) for other in others))
    assert [other.exitcode for other in others] == [0, 0]
    verdict = await audit.verify(TRUSTED)
    assert (verdict.entries, verdict.end.number, verdict.broken) == (45, 45, None)


async def test_pages_by_subject_and_by_actor(audit: AuditLog) -> None:
    for number in range(7):
        await audit.record(actor=f"cli:{number % 2}", act="practitioner.viewed", subject=PAUL if number < 5 else ANNE)
    page = await audit.list_(subject=PAUL, limit=2)
    seen = [entry.number for entry in page.entries]
    while page.cursor:
        page = await audit.list_(subject=PAUL, limit=2, cursor=page.cursor)
        seen += [entry.number for entry in page.entries]
    assert seen == [5, 4, 3, 2, 1]
    assert [entry.number for entry in (await audit.list_(actor="cli:1")).entries] == [6, 4, 2]
    assert [entry.number for entry in (await audit.list_(subject=ANNE, actor="cli:1")).entries] == [6]
    for cursor in ("-1", "x", "²", "9" * 30):
        with pytest.raises(AuditCursorUnknown):
            await audit.list_(cursor=cursor)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE audit_entry SET detail = 'other' WHERE number = 4", Break(4, How.ALTERED)),
        ("UPDATE audit_entry SET actor = 'cli:other' WHERE number = 1", Break(1, How.ALTERED)),
        ("UPDATE audit_entry SET hash = previous WHERE number = 6", Break(6, How.ALTERED)),
        ("DELETE FROM audit_entry WHERE number = 3", Break(3, How.REMOVED)),
        ("DELETE FROM audit_entry WHERE number = 1", Break(1, How.REMOVED)),
        ("DELETE FROM audit_entry WHERE number >= 5", Break(5, How.TRUNCATED)),
        ("DELETE FROM audit_head", Break(1, How.INSERTED)),
        ("UPDATE audit_anchor SET hash = signature", Break(6, How.ANCHOR_FORGED)),
        (
            "INSERT INTO audit_entry SELECT 7, at, actor, act, subject_kind, subject_id, detail, hash, previous "
            "FROM audit_entry WHERE number = 6",
            Break(7, How.INSERTED),
        ),
    ],
)
async def test_tampering_in_the_database_is_named(
    audit: AuditLog, upkeep: AuditUpkeep, db: Database, statement: str, expected: Break
) -> None:
    await fill(audit, 6)
    await upkeep.anchor()
    assert (await audit.verify(TRUSTED)).broken is None
    await tamper(db, statement)
    assert (await audit.verify(TRUSTED)).broken == expected


async def test_a_log_cut_and_set_back_is_found_by_an_anchor_kept_elsewhere(
    audit: AuditLog, upkeep: AuditUpkeep, db: Database
) -> None:
    await fill(audit, 6)
    await upkeep.anchor()
    kept = await audit.list_anchors()
    await tamper(db, "DELETE FROM audit_anchor")
    await tamper(db, "DELETE FROM audit_entry WHERE number > 4")
    await tamper(
        db, "UPDATE audit_head SET number = 4, hash = (SELECT hash FROM audit_entry WHERE audit_entry.number = 4)"
    )
    assert (await audit.verify(TRUSTED)).broken is None
    assert (await audit.verify(TRUSTED, kept)).broken == Break(5, How.TRUNCATED)


async def test_an_anchor_every_hour_or_thousand_entries(
    audit: AuditLog, upkeep: AuditUpkeep, db: Database, clock: MovableClock
) -> None:
    assert await upkeep.anchor_if_due() is None
    await fill(audit, 1)
    first = await upkeep.anchor_if_due()
    assert first is not None
    assert (first.mark, first.number, first.key) == (Mark.HEAD, 1, bytes(KEY.verify_key))
    assert await upkeep.anchor() is None
    await fill(audit, 1)
    assert await upkeep.anchor_if_due() is None
    clock.advance(timedelta(hours=1))
    second = await upkeep.anchor_if_due()
    assert second is not None
    clock.advance(timedelta(hours=2))
    assert await upkeep.anchor_if_due() is None
    async with db.transaction() as tx:
        for _ in range(998):
            audit.append(tx, actor="cli", act=ACT, subject=PAUL)
    assert await audit.list_anchors() == [first, second]
    third = await upkeep.anchor_if_due()
    assert third is not None
    assert third.number == 1000
    async with db.transaction() as tx:
        for _ in range(999):
            audit.append(tx, actor="cli", act=ACT, subject=PAUL)
    assert await upkeep.anchor_if_due() is None
    await fill(audit, 1)
    assert await upkeep.anchor_if_due() is not None
    assert (await audit.verify(TRUSTED)).broken is None
    assert (await audit.verify(frozenset())).broken == Break(1, How.ANCHOR_FORGED)


async def test_the_job_comes_back_by_itself(
    audit: AuditLog, upkeep: AuditUpkeep, jobs: JobRunner, clock: MovableClock
) -> None:
    jobs.register(upkeep.job_handler())
    await upkeep.start()
    for expected in (1, 2):
        await fill(audit, 1)
        clock.advance(timedelta(hours=1, minutes=1))
        assert await jobs.run_due() == 1
        assert len(await audit.list_anchors()) == expected


@pytest.mark.parametrize(
    ("now", "months", "since"),
    [
        (datetime(2026, 11, 22, tzinfo=UTC), 12, datetime(2025, 12, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=UTC), 12, datetime(2026, 1, 1, tzinfo=UTC)),
        (datetime(2027, 1, 1, tzinfo=UTC), 12, datetime(2026, 2, 1, tzinfo=UTC)),
        (datetime(2026, 3, 1, tzinfo=UTC), 7, datetime(2025, 9, 1, tzinfo=UTC)),
    ],
)
def test_months_are_closed_whole(now: datetime, months: int, since: datetime) -> None:
    assert first_kept(now, months) == since


async def test_closed_months_are_deleted_and_the_rest_is_verified_from_there(
    audit: AuditLog, upkeep: AuditUpkeep, db: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miss.directory.audit.upkeep.CLOSE_SLICE", 3)
    await fill(audit, 7)  # in November 2026
    await upkeep.anchor()
    clock.advance_to(datetime(2026, 12, 1, 1, tzinfo=UTC))
    await fill(audit, 2)
    await upkeep.anchor()
    clock.advance_to(datetime(2027, 10, 31, 23, tzinfo=UTC))
    assert await upkeep.close_months() == 0
    clock.advance_to(datetime(2027, 11, 1, 0, tzinfo=UTC))
    assert await upkeep.close_months() == 7
    verdict = await audit.verify(TRUSTED)
    assert (verdict.start.number, verdict.entries, verdict.end.number, verdict.broken) == (7, 2, 9, None)
    assert [(one.mark, one.number) for one in await audit.list_anchors()] == [
        (Mark.CLOSED, 7),
        (Mark.HEAD, 7),
        (Mark.HEAD, 9),
    ]
    await fill(audit, 1)
    assert (await audit.verify(TRUSTED)).end.number == 10
    clock.advance_to(datetime(2029, 1, 1, tzinfo=UTC))
    assert await upkeep.close_months() == 3
    verdict = await audit.verify(TRUSTED)
    assert (verdict.start.number, verdict.entries, verdict.broken) == (10, 0, None)
    await fill(audit, 1)
    await tamper(db, "DELETE FROM audit_entry")
    assert (await audit.verify(TRUSTED)).broken == Break(11, How.TRUNCATED)


async def test_an_anchor_cannot_pass_for_a_closing(audit: AuditLog, upkeep: AuditUpkeep, db: Database) -> None:
    await fill(audit, 4)
    await upkeep.anchor()
    await fill(audit, 2)
    await tamper(db, "DELETE FROM audit_entry WHERE number <= 4")
    assert (await audit.verify(TRUSTED)).broken == Break(1, How.REMOVED)
    await tamper(db, "UPDATE audit_anchor SET mark = 'closed'")
    assert (await audit.verify(TRUSTED)).broken == Break(4, How.ANCHOR_FORGED)


async def _follow(extract: Extract) -> tuple[list[Entry], Break | None]:
    """What somebody else finds who is handed the extract as lines."""
    lines = [compose_line(anchor) for anchor in extract.anchors]
    lines += [compose_line(entry) async for entry in extract.entries]
    read = [parse_line(line, place) for place, line in enumerate(lines, 1)]
    entries = [one for one in read if isinstance(one, Entry)]
    anchors = [one for one in read if not isinstance(one, Entry)]
    start = GENESIS if not entries else type(GENESIS)(entries[0].number - 1, entries[0].previous)
    verifier = Verifier(anchors, start)
    for entry in entries:
        verifier.feed(entry)
    return entries, verifier.finish()


async def test_an_extract_tells_its_time_and_its_subject_and_holds(
    audit: AuditLog, upkeep: AuditUpkeep, clock: MovableClock
) -> None:
    await fill(audit, 2)
    since = clock.now()
    await fill(audit, 2, ANNE)
    await fill(audit, 1)
    until = clock.now()
    await fill(audit, 2, ANNE)
    await upkeep.anchor()
    await fill(audit, 1)
    extract = await audit.export(since, until, ANNE)
    assert [anchor.number for anchor in extract.anchors] == [7]
    entries, broken = await _follow(extract)
    assert broken is None
    assert [(entry.number, entry.fact is not None) for entry in entries] == [
        (3, True),
        (4, True),
        (5, False),
        (6, False),
        (7, False),
    ]
    entries, broken = await _follow(await audit.export(since, until))
    assert ([entry.number for entry in entries if entry.fact], broken) == ([3, 4, 5], None)
    assert await _follow(await audit.export(until + timedelta(days=1), until + timedelta(days=2))) == ([], None)


@pytest.mark.parametrize("size", [1, 2, 7, 200])
async def test_what_is_about_one_person_is_one_list_page_by_page(audit: AuditLog, size: int) -> None:
    entry = Subject("practitioner", "899900000011")
    wanted = []
    for number in range(23):
        subject = (PAUL, entry, ANNE)[number % 3]
        actor = "own" if number % 5 == 0 else "cli:test"
        await audit.record(actor=actor, act=ACT, subject=subject)
        if subject != ANNE and actor != "own":
            wanted.append(number + 1)
    told: list[int] = []
    cursor = ""
    while True:
        page = await audit.list_about([PAUL, entry], not_by=["own"], limit=size, cursor=cursor)
        assert len(page.entries) <= size
        told += [one.number for one in page.entries]
        cursor = page.cursor
        if not cursor:
            break
    assert told == wanted[::-1]
    everything = (await audit.list_about([PAUL, entry], limit=200)).entries
    assert len(everything) == 16
    with pytest.raises(AuditCursorUnknown):
        await audit.list_about([PAUL], cursor="-1")
