"""The feed: every change once, in an order that no reader can overtake; from any cursor one arrives at the truth."""

import asyncio
import random

import pytest

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts
from miss.directory.exports import Card, ChangeFeed, ChangeKind, CursorUnknown, OwnEntries
from miss.directory.exports.feed import service
from miss.directory.practitioners import DirectoryEntry, Practitioners
from miss.directory.sample import open_register
from miss.directory.sample.people import ANNE_MODELE, EVERYBODY, PAUL_EXEMPLE
from miss.storage import Database
from miss.storage.jobs import JobRunner
from tests.miss.directory.exports.members import a_member


@pytest.fixture
def feed(db: Database, clock: MovableClock, random_bytes: RandomBytes, entries: OwnEntries) -> ChangeFeed:
    return ChangeFeed(db, clock, random_bytes, entries)


async def follow(feed: ChangeFeed, known: dict[str, Card], since: int, limit: int = 200) -> int:
    """Apply what changed to a reader's copy; the cursor for the next time."""
    while True:
        page = await feed.list_(since, limit)
        for change in page.changes:
            assert change.cursor > since
            if change.kind is ChangeKind.GONE:
                assert change.card is None
                known.pop(change.id, None)
            else:
                assert change.card is not None
                known[change.id] = change.card
            since = change.cursor
        assert page.cursor == since
        if not page.has_more:
            return since


async def kinds(feed: ChangeFeed, since: int) -> list[tuple[str, str]]:
    return [(change.kind.value, change.id[-4:]) for change in (await feed.list_(since)).changes]


async def test_new_changed_gone_and_back(feed: ChangeFeed, accounts: Accounts, practitioners: Practitioners) -> None:
    assert await feed.refresh() == 0
    assert await kinds(feed, 0) == []
    anne, paul = await a_member(accounts, ANNE_MODELE), await a_member(accounts, PAUL_EXEMPLE)
    assert await feed.refresh() == 2
    assert await feed.refresh() == 0, "nothing changed"
    assert await kinds(feed, 0) == [("new", "0011"), ("new", "0029")]

    await practitioners.describe(anne.practitioner_id, DirectoryEntry(is_proxy=True), by="test")
    assert await feed.refresh() == 1
    assert await kinds(feed, 2) == [("changed", "0011")]
    assert await kinds(feed, 0) == [("new", "0029"), ("new", "0011")], "once, at its last change"

    await accounts.suspend(paul.uid, "test", "absence")
    await practitioners.describe(anne.practitioner_id, DirectoryEntry(is_red_listed=True), by="test")
    assert await feed.refresh() == 2
    assert await kinds(feed, 3) == [("gone", "0011"), ("gone", "0029")]
    await accounts.verify(paul.uid, "test")
    assert await feed.refresh() == 1
    assert await kinds(feed, 5) == [("new", "0029")]


async def test_a_change_of_the_register_is_noticed(
    feed: ChangeFeed, accounts: Accounts, practitioners: Practitioners
) -> None:
    await a_member(accounts, ANNE_MODELE)
    await feed.refresh()
    with open_register() as lines:
        renamed = b"".join(lines).replace(b"|MODELE|", b"|MODELE-NOUVEAU|")
    await practitioners.import_register([renamed])
    assert await feed.refresh() == 1
    (change,) = (await feed.list_(1)).changes
    assert change.card is not None
    assert (change.kind, change.card.family) == (ChangeKind.CHANGED, "MODELE-NOUVEAU")


async def test_who_is_gone_before_it_was_noticed_is_not_shown_and_comes_back_as_news(
    feed: ChangeFeed, accounts: Accounts
) -> None:
    anne = await a_member(accounts, ANNE_MODELE)
    await feed.refresh()
    await accounts.suspend(anne.uid, "test", "absence")
    known: dict[str, Card] = {}
    cursor = await follow(feed, known, 0)
    assert known == {}
    await accounts.verify(anne.uid, "test")
    await feed.refresh()
    await follow(feed, known, cursor)
    assert list(known) == [anne.practitioner_id]


@pytest.mark.parametrize("seed", range(4))
async def test_whoever_follows_from_whenever_knows_what_is_there(
    feed: ChangeFeed, entries: OwnEntries, accounts: Accounts, practitioners: Practitioners, seed: int
) -> None:
    rng = random.Random(seed)
    members: dict[str, Account] = {rpps: await a_member(accounts, rpps) for rpps in EVERYBODY}
    readers: list[tuple[dict[str, Card], int]] = [({}, 0) for _ in range(3)]
    for _ in range(12):
        one = members[rng.choice(EVERYBODY)]
        if rng.random() < 0.5:
            entry = DirectoryEntry(is_proxy=rng.random() < 0.5, is_red_listed=rng.random() < 0.3)
            await practitioners.describe(one.practitioner_id, entry, by="test")
        elif (await accounts.get(one.uid)).is_active:
            await accounts.suspend(one.uid, "test", "absence")
        else:
            await accounts.verify(one.uid, "test")
        if rng.random() < 0.6:
            await feed.refresh()
        which = rng.randrange(3)
        known, since = readers[which]
        readers[which] = known, await follow(feed, known, since, limit=2)
    await feed.refresh()
    there = {card.id: card async for page in entries.pages() for card in page}
    for known, since in readers:
        await follow(feed, known, since)
        assert known == there


async def test_two_processes_that_compare_at_once_publish_each_change_once(
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
    entries: OwnEntries,
    accounts: Accounts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for rpps in EVERYBODY:
        await a_member(accounts, rpps)
    monkeypatch.setattr(service, "PAGE", 2)
    feeds = [ChangeFeed(db, clock, random_bytes, entries) for _ in range(3)]
    assert sum(await asyncio.gather(*(feed.refresh() for feed in feeds))) == len(EVERYBODY)
    assert [change.cursor for change in (await feeds[0].list_(0)).changes] == list(range(1, len(EVERYBODY) + 1))


@pytest.mark.parametrize("since", [-1, 1, 10**12])
async def test_a_cursor_of_elsewhere_is_refused(feed: ChangeFeed, since: int) -> None:
    with pytest.raises(CursorUnknown):
        await feed.list_(since)


async def test_the_comparison_is_made_again_and_again(
    feed: ChangeFeed, accounts: Accounts, jobs: JobRunner, clock: MovableClock
) -> None:
    jobs.register(feed.job_handler())
    await feed.start()
    await a_member(accounts, ANNE_MODELE)
    clock.advance(service.FIRST)
    assert await jobs.run_due() == 1
    assert await kinds(feed, 0) == [("new", "0011")]
    await a_member(accounts, PAUL_EXEMPLE)
    assert await jobs.run_due() == 0
    clock.advance(service.EVERY)
    assert await jobs.run_due() == 1
    assert await kinds(feed, 1) == [("new", "0029")]
