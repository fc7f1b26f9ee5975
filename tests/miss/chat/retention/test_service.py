"""Expiry by policy: what has lived its time goes, what keeps the log verifiable stays."""

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy import table as table_named

from miss.base.ids import BlobId
from miss.chat import ChatLimits
from miss.chat.alarms.service import ESCALATE_JOB
from miss.chat.blobs.counting import Counting
from miss.chat.blobs.service import Blobs
from miss.chat.retention import service
from miss.chat.retention.service import EVERY, RETENTION_JOB, SLICE_ENVELOPES, Retention
from miss.directory.establishments.quotas import Allowances
from miss.protocol.crypto.commits import HistoryPolicy, Policy
from miss.protocol.crypto.envelopes import hash_envelope
from miss.protocol.crypto.receipts import log_next, log_start, parse_receipt
from miss.protocol.wire.frames import Ack, Page
from miss.storage import Database
from miss.storage.blobs import DiskBlobs
from miss.storage.jobs import JobRunner
from tests.miss.chat.acts import alarm, delete, deletion, runner, say, say_many
from tests.miss.chat.kit import EACH_DATABASE, UNHURRIED, Place, Process, get, post, running
from tests.miss.chat.world import World

DAY = Policy(ttl_s=24 * 3600)
HOUR = timedelta(hours=1)


@pytest.fixture
def expiry(process: Process, world: World) -> JobRunner:
    return runner(process, world, RETENTION_JOB)


async def left(process: Process, world: World, db: Database) -> list[int]:
    """The places that still hold an envelope."""
    async with db.snapshot() as tx:
        rows = await (await tx.connection()).execute(text("SELECT seq FROM chat_message WHERE length(env) > 0"))
        return sorted(row[0] for row in rows)


async def count(db: Database, table: str) -> int:
    async with db.snapshot() as tx:
        return int(
            (await (await tx.connection()).execute(select(func.count()).select_from(table_named(table)))).scalar_one()
        )


async def own_boxes(process: Process, world: World) -> list[int]:
    """The epochs whose box Paul still gets."""
    path = f"conversations/{world.team.cid.hex()}/commits?from_epoch=1"
    got = await get(process, path, world.paul.token(process))
    return [epoch for epoch, box in enumerate(got["boxes"], 1) if box is not None]


def files(place: Place) -> list[Path]:
    return [path for path in place.blobs.rglob("*") if path.is_file()]


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_what_has_lived_its_time_goes_and_the_log_stays(
    process: Process, world: World, place: Place, db: Database, expiry: JobRunner
) -> None:
    await world.team.change(world.anne, world.paul, world.karim, policy=DAY)
    old_blob = BlobId((await post(process, "blobs", b"old" * 100, world.anne.token(process)))["id"])
    new_blob = BlobId((await post(process, "blobs", b"new" * 100, world.anne.token(process)))["id"])
    async with world.anne.connected(process) as anne:
        first, env = await say(anne, world.team, world.anne, "Ancien", old_blob)
    place.clock.advance(12 * HOUR)
    async with world.anne.connected(process) as anne:
        await say(anne, world.team, world.anne, "Récent", new_blob)
    place.clock.advance(11 * HOUR)
    await expiry.run_due()
    assert await left(process, world, db) == [1, 2]
    place.clock.advance(HOUR + EVERY)
    await expiry.run_due()
    assert await left(process, world, db) == [2]
    assert [path.name for path in files(place)] == [f"chat-{new_blob.hex()}"]
    async with world.paul.connected(process) as paul:
        page = await paul.pull(world.team.cid, 1, 2)
    assert isinstance(page, Page)
    gone = page.items[0].gone
    assert gone is not None
    assert (gone.env_hash, gone.tombstone) == (hash_envelope(env), None)
    receipt = await get(process, f"conversations/{world.team.cid.hex()}/receipts/1", world.paul.token(process))
    leaf = parse_receipt(receipt["receipt"]).leaf
    assert leaf == parse_receipt(first.receipt).leaf
    assert leaf.log == log_next(log_start(world.team.cid), gone.env_hash, 1)
    # Later the second goes too, and nothing is left on the disk.
    place.clock.advance(timedelta(days=1))
    await expiry.run_due()
    assert (await left(process, world, db), files(place)) == ([], [])


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_boxes_go_with_the_last_envelope_they_open_and_never_the_current_ones(
    process: Process, world: World, place: Place, db: Database, expiry: JobRunner
) -> None:
    team = world.team
    async with world.anne.connected(process) as anne:
        await team.change(world.anne, world.paul, world.karim, policy=DAY)  # epoch 2
        await say(anne, team, world.anne, "Époque 2")
        place.clock.advance(12 * HOUR)
        await team.change(world.anne, world.paul, world.karim)  # epoch 3
        await say(anne, team, world.anne, "Époque 3")
        place.clock.advance(11 * HOUR)
        await team.change(world.anne, world.paul, world.karim)  # epoch 4
        await expiry.run_due()
        assert await own_boxes(process, world) == [1, 2, 3, 4]
        # Epoch 1 ended more than a day ago, and nothing was ever sealed under it; epoch 2 ended 13 hours ago.
        place.clock.advance(2 * HOUR)
        await expiry.run_due()
        assert await own_boxes(process, world) == [2, 3, 4]
        # Epoch 2's envelope is gone, and its time is over.
        place.clock.advance(12 * HOUR)
        await expiry.run_due()
        assert await left(process, world, db) == []
        assert await own_boxes(process, world) == [3, 4]
        place.clock.advance(timedelta(days=60))
        await expiry.run_due()
        assert await own_boxes(process, world) == [4]
        # What is sent now opens with what is left.
        await say(anne, team, world.anne, "Deux mois plus tard")
    assert await left(process, world, db) == [3]
    await expiry.run_due()
    assert await own_boxes(process, world) == [4]


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_vault_entries_go_like_the_boxes_they_stand_for(
    process: Process, world: World, place: Place, db: Database, expiry: JobRunner
) -> None:
    team = world.team
    async with world.anne.connected(process) as anne:
        await team.change(world.anne, world.paul, world.karim, policy=DAY)
        await say(anne, team, world.anne, "Époque 2")
    await world.paul.rotate(process, place, await world.paul.renewal(process, place))
    assert await count(db, "chat_vault_entry") == 2
    await team.change(world.anne, world.paul, world.karim)
    await expiry.run_due()
    assert await count(db, "chat_vault_entry") == 2
    place.clock.advance(timedelta(days=2))
    await expiry.run_due()
    assert await count(db, "chat_vault_entry") == 0
    assert await own_boxes(process, world) == [3]


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_changed_policy_acts_on_the_past(
    process: Process, world: World, place: Place, db: Database, expiry: JobRunner
) -> None:
    async with world.anne.connected(process) as anne:
        await say(anne, world.team, world.anne, "Avant")
        place.clock.advance(timedelta(days=3))
        await expiry.run_due()
        assert await left(process, world, db) == [1]
        await world.team.change(world.anne, world.paul, world.karim, policy=DAY)
        await say(anne, world.team, world.anne, "Après")
    place.clock.advance(EVERY)
    assert await expiry.run_due() == 1
    assert await left(process, world, db) == [2]


async def test_without_a_time_of_its_own_a_conversation_follows_the_server(
    world: World, place: Place, db: Database, process: Process
) -> None:
    async with world.anne.connected(process) as anne:
        await say(anne, world.team, world.anne, "Sans délai")
    limits = ChatLimits(http=UNHURRIED.http, retention=timedelta(days=30))
    async with running(place, process.chat.fanout._broker, limits) as shorter:
        expiry = runner(shorter, world, RETENTION_JOB)
        place.clock.advance(timedelta(days=29))
        await expiry.run_due()
        assert await left(process, world, db) == [1]
        place.clock.advance(timedelta(days=1, minutes=1))
        await expiry.run_due()
        assert await left(process, world, db) == []


async def test_another_setting_of_the_server_takes_effect_within_a_day(
    process: Process, world: World, place: Place, db: Database, expiry: JobRunner
) -> None:
    async with world.anne.connected(process) as anne:
        await say(anne, world.team, world.anne, "Sans délai")
    place.clock.advance(timedelta(days=40))
    await expiry.run_due()
    assert await left(process, world, db) == [1]
    stricter = Retention(db, place.clock, place.random_bytes, process.chat.blobs, default=timedelta(days=30))
    place.clock.advance(timedelta(days=1))
    while await stricter.expire_some():
        pass
    assert await left(process, world, db) == []


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_many_envelopes_expire_in_slices(process: Process, world: World, place: Place, db: Database) -> None:
    team, number = world.team, SLICE_ENVELOPES + 40
    await team.change(world.anne, world.paul, world.karim, policy=DAY)
    await say_many(process, world, number)
    place.clock.advance(timedelta(days=2))
    retention = Retention(db, place.clock, place.random_bytes, process.chat.blobs, default=timedelta(days=730))
    assert await retention.expire_some()
    assert await left(process, world, db) == list(range(SLICE_ENVELOPES + 1, number + 1))
    assert await retention.expire_some()
    assert await left(process, world, db) == []
    assert not await retention.expire_some()
    async with world.paul.connected(process) as paul:
        page = await paul.pull(team.cid, 1, number)
    assert isinstance(page, Page)
    assert [item.gone is not None for item in page.items] == [True] * number


async def test_boxes_stay_while_a_slice_has_left_something_that_they_open(
    process: Process, world: World, place: Place, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.team.change(world.anne, world.paul, world.karim, policy=DAY)
    async with world.anne.connected(process) as anne:
        for words in ("Un", "Deux", "Trois"):
            await say(anne, world.team, world.anne, words)
    await world.team.change(world.anne, world.paul, world.karim)
    place.clock.advance(timedelta(days=2))
    monkeypatch.setattr(service, "SLICE_ENVELOPES", 2)
    retention = Retention(db, place.clock, place.random_bytes, process.chat.blobs, default=timedelta(days=730))
    assert await retention.expire_some()
    assert (await left(process, world, db), await own_boxes(process, world)) == ([3], [2, 3])
    assert await retention.expire_some()
    assert (await left(process, world, db), await own_boxes(process, world)) == ([], [3])


async def test_a_newcomers_history_opens_what_is_left(
    process: Process, world: World, place: Place, db: Database, expiry: JobRunner
) -> None:
    open_history = Policy(ttl_s=DAY.ttl_s, history=HistoryPolicy.EVERYTHING)
    async with world.anne.connected(process) as anne:
        await world.team.change(world.anne, world.paul, world.karim, policy=open_history)
        await say(anne, world.team, world.anne, "Vivant")
        place.clock.advance(2 * HOUR)
        await world.team.change(world.anne, world.paul, world.karim, world.hugo, policy=open_history)
    place.clock.advance(12 * HOUR)
    await expiry.run_due()
    path = f"conversations/{world.team.cid.hex()}/commits?from_epoch=1"
    got = await get(process, path, world.hugo.token(process))
    assert got["histories"][2] is not None
    assert await left(process, world, db) == [1]


async def test_an_expired_alarm_asks_nobody(
    process: Process, world: World, place: Place, db: Database, expiry: JobRunner
) -> None:
    await world.team.change(world.anne, world.paul, world.karim, policy=Policy(ttl_s=3600))
    async with world.anne.connected(process) as anne:
        ack, _ = await alarm(anne, world, world.anne, timedelta(hours=2), world.paul.uid)
        assert isinstance(ack, Ack)
    place.clock.advance(HOUR + EVERY)
    await expiry.run_due()
    assert (await count(db, "chat_alarm"), await left(process, world, db)) == (0, [])
    place.clock.advance(HOUR)
    assert await runner(process, world, ESCALATE_JOB).run_due() == 1
    assert await count(db, "chat_alarm_step") == 0


async def test_a_deleted_message_that_expires_keeps_its_tombstone(
    process: Process, world: World, place: Place, expiry: JobRunner
) -> None:
    await world.team.change(world.anne, world.paul, world.karim, policy=DAY)
    async with world.anne.connected(process) as anne:
        ack, env = await say(anne, world.team, world.anne, "Un")
        frame = deletion(world, world.anne, ack.seq, env)
        await delete(anne, frame)
        place.clock.advance(timedelta(days=2))
        await expiry.run_due()
        page = await anne.pull(world.team.cid, 1, 1)
    assert isinstance(page, Page)
    assert page.items[0].gone is not None
    assert page.items[0].gone.tombstone == frame.tombstone


async def test_what_expired_already_may_be_deleted_too(
    process: Process, world: World, place: Place, expiry: JobRunner
) -> None:
    await world.team.change(world.anne, world.paul, world.karim, policy=DAY)
    async with world.anne.connected(process) as anne:
        ack, env = await say(anne, world.team, world.anne, "Un")
        place.clock.advance(timedelta(days=2))
        await expiry.run_due()
        frame = deletion(world, world.anne, ack.seq, env)
        assert (await delete(anne, frame)).__class__.__name__ == "Del"


async def test_a_crash_before_the_files_are_deleted_leaves_them_to_the_sweep(
    process: Process, world: World, place: Place, db: Database
) -> None:
    await world.team.change(world.anne, world.paul, world.karim, policy=DAY)
    blob = BlobId((await post(process, "blobs", b"x" * 100, world.anne.token(process)))["id"])
    async with world.anne.connected(process) as anne:
        await say(anne, world.team, world.anne, "Photo", blob)
    place.clock.advance(timedelta(days=2))

    class Crashing(Blobs):
        """The process dies after its commit."""

        async def erase(self, doomed: Collection[BlobId]) -> None:
            raise KeyboardInterrupt

    counting = Counting(process.chat.accounts, Allowances(db, place.clock))
    blobs = Crashing(db, DiskBlobs(place.blobs), place.clock, place.random_bytes, counting)
    retention = Retention(db, place.clock, place.random_bytes, blobs, default=timedelta(days=1))
    with pytest.raises(KeyboardInterrupt):
        await retention.expire_some()
    # Nobody can read it any more, and the sweep finds it.
    headers = {"Authorization": f"Bearer {world.paul.token(process)}"}
    assert (await process.http.get(f"/api/chat/blobs/{blob.hex()}", headers=headers)).status_code == 404
    assert len(files(place)) == 1
    await process.chat.blobs.sweep()
    assert files(place) == []
    assert await count(db, "chat_blob") == 0


async def test_the_job_plans_itself(process: Process, world: World, place: Place, expiry: JobRunner) -> None:
    assert await expiry.run_due() == 1
    assert await expiry.run_due() == 0
    place.clock.advance(EVERY)
    assert await expiry.run_due() == 1
