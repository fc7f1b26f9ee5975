"""Two processes on one PostgreSQL, with a courier that loses, delays and repeats: whoever is out opens nothing more.

A removed member, a revoked device, a forked epoch.  What was sealed after the change is tried with every key that the
one who is out ever held, a stolen copy of the store included: none opens it.
"""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest

from miss.base.clock import MovableClock, SystemClock
from miss.base.ids import AccountId, ConversationId
from miss.base.random import system_random
from miss.broker import MemoryBroker
from miss.chat import ChatLimits
from miss.client import pair_device
from miss.client.errors import NotInConversation
from miss.client.model import Role
from miss.protocol.crypto.commits import open_box, parse_commit
from miss.protocol.crypto.envelopes import open_envelope, parse_header
from miss.protocol.crypto.keys import UserKey
from miss.protocol.errors import BoxUnreadable, WrongCommitKey, WrongUserKey
from miss.storage import Database
from tests.attacks.forge import Forger
from tests.attacks.lies import CommitLie
from tests.attacks.middle import Body, Both, Call, Lie, Taking, between
from tests.attacks.scene import import_cast, populate
from tests.attacks.watch import Watch, store_of, watching
from tests.conditions import WAIT_S
from tests.databases import postgresql_database
from tests.miss.chat.kit import Place, Process, running
from tests.miss.chat.world import open_place

POLL_S = 0.3


class LossyBroker(MemoryBroker):
    """Loses a third, delays a quarter, repeats a sixth; the same choices for the same seed."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = random.Random(seed)
        self._tasks: set[asyncio.Task[None]] = set()
        self.lost = self.late = self.repeated = 0

    async def publish(self, channel: str, payload: bytes) -> None:
        fate = self._random.random()
        if fate < 1 / 3:
            self.lost += 1
        elif fate < 7 / 12:
            self.late += 1
            task = asyncio.create_task(self._later(channel, payload, self._random.uniform(0.01, 0.2)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            await super().publish(channel, payload)
            if fate > 5 / 6:
                self.repeated += 1
                await super().publish(channel, payload)

    async def _later(self, channel: str, payload: bytes, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        await super().publish(channel, payload)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await super().close()


@dataclass
class Two:
    """Two doors to one house."""

    place: Place
    first: Process
    second: Process
    folder: Path
    uids: dict[str, AccountId]
    broker: LossyBroker

    @asynccontextmanager
    async def at(self, url: str, *names: str) -> AsyncIterator[list[Watch]]:
        """These people's clients, online there."""
        async with AsyncExitStack() as stack:
            yield [
                await stack.enter_async_context(watching(store_of(self.folder, name), url, self.place))
                for name in names
            ]


@pytest.fixture(params=[1, 2])
async def two(request: pytest.FixtureRequest, postgresql_url: str, tmp_path: Path) -> AsyncIterator[Two]:
    async with postgresql_database(postgresql_url) as url:
        clock = MovableClock(SystemClock().now())
        db = Database(url)
        place = open_place(db, clock, system_random, tmp_path / "operator", tmp_path / "blobs")
        await import_cast(place)
        broker, limits = LossyBroker(request.param), ChatLimits(poll_s=POLL_S)
        await broker.start()
        async with running(place, broker, limits) as first, running(place, broker, limits) as second:
            uids = await populate(place, first.url, tmp_path, "anne", "paul", "claire", "karim")
            yield Two(place, first, second, tmp_path, uids, broker)
        await broker.close()
        await db.close()


async def talk(cid: ConversationId, number: int, *watches: Watch) -> list[str]:
    """Everybody writes in turn, everybody reads all of it."""
    said = []
    for turn in range(number):
        for watch in watches:
            said.append(f"{watch.client.uid.hex()[:4]} {turn} {system_random(4).hex()}")
            async with asyncio.timeout(WAIT_S):
                await watch.client.wait_sent(watch.client.send_text(cid, said[-1]))
    for watch in watches:
        await watch.until(partial(watch.shows, cid, said))
    return said


def require_closed(two: Two, cid: ConversationId, stolen: Path, reader: str, since: int) -> None:
    """No secret that the store `stolen` holds opens an envelope from `since` on, all of which `reader` has read."""
    forger = Forger(two.place)
    with store_of(two.folder, reader) as store, store_of(stolen, "stolen") as theirs:
        commits = {epoch.commit.hash: epoch.commit for epoch in store.conversations.epochs(cid).values()}
        secrets = [epoch.es for epoch in theirs.conversations.epochs(cid).values() if epoch.es is not None]
        chains = {uid: forger.chain(links) for uid in two.uids.values() if (links := store.people.links(uid))}
        later = [one for one in store.messages.list_(cid) if one.seq >= since]
        assert secrets
        assert later
        for message in later:
            evidence = store.evidence.find(cid, message.seq)
            assert evidence is not None
            commit = commits[parse_header(evidence.env).commit]
            for secret in secrets:
                with pytest.raises(WrongCommitKey):
                    open_envelope(evidence.env, secret, commit, chains)


def steal(two: Two, name: str) -> Path:
    """A copy of somebody's store, as a thief takes it with its key."""
    (two.folder / "stolen").mkdir()
    for path in two.folder.glob(f"{name}.db*"):
        # The write-ahead log is part of it.
        shutil.copy(path, two.folder / "stolen" / path.name.replace(name, "stolen", 1))
    return two.folder / "stolen"


async def test_a_removed_member(two: Two) -> None:
    async with (
        two.at(two.first.url, "anne", "paul") as (anne, paul),
        two.at(two.second.url, "claire", "karim") as (claire, karim),
    ):
        cid = await anne.client.create_conversation([two.uids[name] for name in ("paul", "claire", "karim")])
        for watch in (paul, claire, karim):
            await watch.until(partial(watch.knows, cid))
        await talk(cid, 2, anne, paul, claire, karim)

        await anne.client.remove_member(cid, two.uids["claire"])
        since = anne.client.conversation(cid).last_seq + 1
        said = await talk(cid, 3, anne, karim, paul)
        await claire.until(lambda: not claire.client.conversation(cid).is_member)
        await claire.settle()
        assert not set(said) & set(claire.texts(cid))
        with pytest.raises(NotInConversation):
            claire.client.send_text(cid, "et moi ?")
        # The lost were really lost.
        assert two.broker.lost
        assert two.broker.repeated
    require_closed(two, cid, steal(two, "claire"), "anne", since)


async def test_a_revoked_device(two: Two) -> None:
    async with (
        two.at(two.first.url, "anne") as (anne,),
        two.at(two.second.url, "paul") as (paul,),
    ):
        cid = await anne.client.create_conversation([two.uids["paul"]])
        await paul.until(lambda: any(one.cid == cid for one in paul.client.conversations()))
        await talk(cid, 1, anne, paul)
        await pair(two, paul, "tablet")
        async with two.at(two.first.url, "tablet") as (tablet,):
            before = await talk(cid, 2, anne, paul, tablet)
            stolen = steal(two, "tablet")
            await paul.client.devices.revoke(tablet.client.did)
            await tablet.until(lambda: "ConnectionChanged refused" in tablet.names or "DeviceRevoked" in tablet.names)
            since = paul.client.conversation(cid).last_seq + 1
            said = await talk(cid, 3, anne, paul)
        with store_of(stolen, "stolen") as theirs:
            assert set(before) <= {one.text for one in theirs.messages.list_(cid)}
            assert not set(said) & {one.text for one in theirs.messages.list_(cid)}
    require_closed(two, cid, stolen, "paul", since)
    await require_boxes_closed(two, cid, stolen)


async def pair(two: Two, watch: Watch, name: str) -> None:
    """A second device of the same person."""
    async with asyncio.timeout(2 * WAIT_S):
        invitation = await watch.client.devices.invite()
        with store_of(two.folder, name) as store:
            guest = asyncio.create_task(
                pair_device(
                    store,
                    two.second.url,
                    invitation.code,
                    device_name=name,
                    clock=two.place.clock,
                    random_bytes=system_random,
                )
            )
            await invitation.offer()
            await invitation.accept()
            await guest


async def require_boxes_closed(two: Two, cid: ConversationId, stolen: Path) -> None:
    """The revoked device's user key opens no box of an epoch after it left."""
    async with two.at(two.second.url, "paul") as (paul,):
        answer = await paul.client._parts.api.fetch_commits(cid, 1)
    with store_of(stolen, "stolen") as theirs:
        key = theirs.device.find_user_key(1)
        assert key is not None
        uid, tried = theirs.device.get().uid, 0
        for raw, box, history in answer.lines:
            commit = parse_commit(raw)
            member = commit.member(uid)
            if box is None or member is None or member.uek_gen == 1:
                continue
            tried += 1
            with pytest.raises(WrongUserKey):
                open_box(commit.with_box(uid, box, history), uid, key)
            with pytest.raises(BoxUnreadable):
                open_box(commit.with_box(uid, box, history), uid, UserKey(member.uek_gen, key.secret))
        assert tried


async def test_a_forked_epoch(two: Two) -> None:
    """Two admins commit at once, and the server tells each that it was first."""
    async with (
        httpx.AsyncClient(base_url=two.second.url, timeout=30) as http,
        between(two.second.url, http) as middle,
        two.at(two.first.url, "anne", "claire") as (anne, claire),
        two.at(middle.url, "paul") as (paul,),
    ):
        cid = await anne.client.create_conversation([two.uids["paul"], two.uids["claire"]])
        await anne.client.set_role(cid, two.uids["paul"], Role.ADMIN)
        await paul.until(lambda: cid in {one.cid for one in paul.client.conversations()})
        await paul.until(lambda: paul.client.conversation(cid).epoch == 2)
        await claire.until(lambda: cid in {one.cid for one in claire.client.conversations()})
        await talk(cid, 1, anne, paul, claire)

        async def accept(call: Call) -> Body:
            return {"cid": cid, "epoch": 3}

        swallowed = Taking("POST commits", accept, times=1)
        middle.lie = Both(swallowed, CommitLie(lambda *_: None, 3))
        await paul.client.add_member(cid, two.uids["karim"])  # Paul's epoch 3
        assert swallowed.told
        await anne.client.remove_member(cid, two.uids["claire"])  # everybody else's epoch 3
        secret = "sous l'autre époque"
        await anne.client.wait_sent(anne.client.send_text(cid, secret))
        await paul.until(lambda: "MessageRefused wrong_commit" in paul.names)
        mine = paul.client.send_text(cid, "sous la mienne")
        await paul.attempt(paul.client.wait_sent(mine))
        assert "raised commit_out_of_order" in paul.names

        middle.lie = Lie()
        await anne.client.add_member(cid, two.uids["karim"])
        await anne.client.wait_sent(anne.client.send_text(cid, "et encore"))
        await paul.until(lambda: "CommitRefused commit_out_of_order" in paul.names)
        # Neither side ever shows what was sealed under the epoch of the other.
        assert not {secret, "et encore"} & set(paul.texts(cid))
        assert "sous la mienne" not in anne.texts(cid) + claire.texts(cid)
        await claire.until(lambda: not claire.client.conversation(cid).is_member)
        assert not {secret, "et encore"} & set(claire.texts(cid))
