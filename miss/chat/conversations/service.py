"""Commits in, commits and heads out.  protocol §4

A commit is verified on a snapshot, outside any writing transaction, since that costs signatures; the transaction
then only compares: the chains' heads are still those that the commit names, the epoch is still the one before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from miss.base.clock import Clock
from miss.base.errors import NotFound
from miss.base.ids import AccountId, ConversationId
from miss.chat.conversations import store
from miss.chat.conversations.blocks import BlocksAmong, nobody_is_blocked
from miss.chat.conversations.blocks import store as block_store
from miss.chat.conversations.blocks.model import concerned, judge
from miss.chat.conversations.caps import parse_capped
from miss.chat.conversations.errors import StaleEpoch, TooManyMembers
from miss.chat.conversations.model import (
    ConversationState,
    HeadOf,
    StoredCommit,
    compare_members,
)
from miss.chat.conversations.owners import Owners
from miss.chat.devices import store as device_store
from miss.chat.devices.errors import StaleLink
from miss.chat.devices.ledger import Announce
from miss.chat.devices.model import LinkedDevice
from miss.chat.devices.service import Devices
from miss.chat.gathered import Gathered
from miss.chat.notices import store as notice_store
from miss.chat.notices.model import Committed
from miss.protocol.crypto.commits import Commit, Member
from miss.protocol.crypto.membership import verify_commit
from miss.protocol.crypto.receipts import log_start
from miss.protocol.errors import CommitForged, ProtocolError
from miss.storage import Database, Transaction

MAX_COMMITS = 200
"""Commits one answer holds; the client asks again from the next epoch."""
MAX_LISTS = 20
"""People whose conversations are read together: each may have thousands."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The epoch a commit opened."""

    cid: ConversationId
    epoch: int


class Conversations:
    """The service of this room."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        devices: Devices,
        owners: Owners,
        *,
        origin: bytes,
        announce: Announce,
        blocks_among: BlocksAmong = nobody_is_blocked,
    ) -> None:
        """`origin`: this process, in notices."""
        self._db = db
        self._blocks_among = blocks_among
        self._clock = clock
        self._devices = devices
        self._owners = owners
        self._origin = origin
        self._announce = announce
        self._heads = Gathered(self._read_heads, most=MAX_LISTS)

    async def commit(self, by: LinkedDevice, data: bytes) -> Accepted:
        """Let a commit open the next epoch.  The one that is current already is accepted again.

        Raises a ProtocolError, TooManyMembers, NotFound (no such conversation for this person), StaleEpoch,
        OwnerRefused, OwnerNeedsAdmin, StaleLink, ConversationKnown, and what is told of a block between its people
        (`blocks.errors`).
        """
        commit = parse_capped(data)
        core = commit.core
        if (core.uid, core.did) != (by.uid, by.did):
            raise CommitForged(epoch=core.epoch)
        previous = await self._verify(commit)
        if previous is commit:
            return Accepted(core.cid, core.epoch)
        await self._owners.require(commit, previous)
        now = self._clock.now()
        notices = (Committed(core.cid, core.epoch),)
        async with self._db.transaction() as tx:
            # Chains are locked before the conversation: a link takes them in the same order.
            await _require_current(tx, core.members)
            rests = await self._judge_blocks(tx, commit, previous)
            last_seq = await self._open_epoch(tx, commit, previous, now)
            await store.add_commit(tx, commit, last_seq, now)
            if rests:
                await block_store.put_to_rest(tx, [core.cid])
            number = await notice_store.append(tx, self._origin, notices, now)
        await self._announce(number, notices)
        return Accepted(core.cid, core.epoch)

    async def _verify(self, commit: Commit) -> Commit | None:
        """The commit before, once `commit` holds against it; `commit` itself if it was accepted already."""
        core = commit.core
        async with self._db.snapshot() as tx:
            state = await store.find_state(tx, core.cid)
            if state is not None and state.commit_hash == commit.hash:
                return commit
            previous = await self._find_previous(tx, commit, state)
            chains = await self._devices.chains_in(tx, [member.uid for member in core.members])
        verify_commit(commit, previous, chains)
        return previous

    async def _find_previous(self, tx: Transaction, commit: Commit, state: ConversationState | None) -> Commit | None:
        core = commit.core
        if state is None:
            if core.epoch != 1:
                raise NotFound(cid=core.cid.hex())
            return None
        previous = await store.find_commit(tx, core.cid, state.epoch)
        if previous is None or previous.member(core.uid) is None:
            raise NotFound(cid=core.cid.hex())
        if core.epoch != state.epoch + 1:
            raise StaleEpoch(epoch=state.epoch)
        return previous

    async def _open_epoch(self, tx: Transaction, commit: Commit, previous: Commit | None, now: datetime) -> int:
        """Where the log stands when the epoch begins."""
        core, change = commit.core, compare_members(commit, previous)
        if previous is None:
            first = ConversationState(core.cid, 1, commit.hash, False, 1, 0, log_start(core.cid))
            await store.add_conversation(tx, first, now)
            version, last_seq = 1, 0
        else:
            new_policy = core.policy != previous.core.policy
            swapped = await store.swap_epoch(
                tx, commit, new_version=change.changes_members, new_policy=new_policy, at=now
            )
            if swapped is None:
                state = await store.find_state(tx, core.cid)
                raise StaleEpoch(epoch=state.epoch if state else 0)
            version, last_seq = swapped
        await store.change_members(tx, core.cid, change, version=version, epoch=core.epoch, last_seq=last_seq)
        return last_seq

    async def _judge_blocks(self, tx: Transaction, commit: Commit, previous: Commit | None) -> bool:
        """True if the conversation rests from this commit on.  Raises as `judge`.

        The members' chains are held: nobody of them blocks another before the transaction ends.
        """
        author = commit.core.uid
        before = [member.uid for member in previous.core.members] if previous else []
        after = [member.uid for member in commit.core.members]
        among = concerned(author, before, after)
        return judge(author, before, after, await self._blocks_among(tx, among)) if among else False

    async def part(self, tx: Transaction, one: AccountId, other: AccountId) -> None:
        """One of these two blocks the other in `tx`: what they have between them rests (ADR 37)."""
        await block_store.keep_out_commits(tx, (one, other))
        await block_store.put_to_rest(tx, await block_store.list_of_two(tx, one, other))

    async def is_free(self, by: LinkedDevice, data: bytes) -> bool:
        """True for a commit that the server has itself called for: a member's user key changed.  protocol §7

        It counts against no rate.  Only a member is believed, and only for the next epoch.
        """
        try:
            core = parse_capped(data).core
        except (ProtocolError, TooManyMembers):
            return False
        async with self._db.snapshot() as tx:
            state = await store.find_state(tx, core.cid)
            intervals = await store.intervals_of(tx, core.cid, by.uid) if state else []
        if state is None or not any(interval.to_seq is None for interval in intervals):
            return False
        return state.needs_rekey and core.epoch == state.epoch + 1

    async def list_commits(self, uid: AccountId, cid: ConversationId, from_epoch: int) -> list[StoredCommit]:
        """Commits from `from_epoch` on, at most MAX_COMMITS, with the reader's own boxes.

        Members read all of them, since each is verified against the one before; somebody who has left, up to the
        one that says so.  Raises NotFound for everybody else.
        """
        async with self._db.snapshot() as tx:
            intervals = await store.intervals_of(tx, cid, uid)
            if not intervals:
                raise NotFound(cid=cid.hex())
            to_epoch = intervals[-1].to_epoch
            commits = await store.list_commits(tx, cid, uid, from_epoch, to_epoch, MAX_COMMITS)
            if not commits and to_epoch is not None:
                raise NotFound(cid=cid.hex())
        return commits

    async def list_heads(self, uid: AccountId, changed_since: datetime | None = None) -> list[HeadOf]:
        """The person's conversations, most recent first; see `store.list_heads`."""
        return await self._heads.find((uid, changed_since)) or []

    async def _read_heads(
        self, asked: Sequence[tuple[AccountId, datetime | None]]
    ) -> dict[tuple[AccountId, datetime | None], list[HeadOf]]:
        async with self._db.hot_reads() as tx:
            return await store.list_heads(tx, asked)


async def _require_current(tx: Transaction, members: Iterable[Member]) -> None:
    """Raises StaleLink if a chain has grown since the commit was verified; holds the chains until the end."""
    named = {member.uid: member.link_head for member in members}
    heads = await device_store.heads_of(tx, named.keys(), hold=True)
    for uid, head in named.items():
        if heads.get(uid) != head:
            raise StaleLink(uid=uid.hex())
