"""Conversations' members and secrets: commits fetched, verified and made.  protocol §3, §4

Every commit is checked as the server checks it, and against the one before: order, author's rights, members'
chains, signature, then the box and its confirmation.  What does not hold is not applied.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from miss.base.ids import AccountId, ConversationId
from miss.base.random import RandomBytes
from miss.client.account.epoch_secrets import EpochSecrets, OpenedSecrets
from miss.client.api import ServerApi
from miss.client.errors import (
    NotInConversation,
    RemovedMemberBack,
    ServerRefused,
    ServerUnreachable,
    UnknownConversation,
)
from miss.client.events import Announcer, CommitRefused, ConversationJoined, MembersChanged
from miss.client.people.identities import Identities
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.client.store.conversations import Epoch
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.commits import Commit, Policy, Role, parse_commit
from miss.protocol.crypto.membership import Author, compose_commit, verify_commit
from miss.protocol.errors import BadCommit, BoxMissing, CommitError, CommitOutOfOrder
from miss.protocol.wire.frames import EpochChanged

_MS: Final = timedelta(milliseconds=1)
MAX_REBASES = 5
"""How often a commit that lost a race is made again before the person is told."""
MAX_USE: Final = timedelta(hours=24)
MAX_MESSAGES: Final = 500
"""Under one epoch; then its secret is renewed, so that a stolen one opens no more than that."""
Amendment = Callable[[Commit], tuple[Mapping[AccountId, Role], Policy] | None]
"""From the last commit to the members and the policy that are to follow it; None if there is nothing left to do."""
LOST_RACE = frozenset({"stale_epoch", "stale_link", "commit_stale", "commit_out_of_order"})


def unchanged(commit: Commit) -> tuple[dict[AccountId, Role], Policy]:
    """What is in force under `commit`."""
    return {member.uid: member.role for member in commit.core.members}, commit.core.policy


class Epochs:
    """The epochs of every conversation of this device."""

    def __init__(
        self,
        store: Store,
        device: DeviceRecord,
        identities: Identities,
        api: ServerApi,
        time: ServerTime,
        random_bytes: RandomBytes,
        announcer: Announcer,
        secrets: EpochSecrets,
    ) -> None:
        self._store = store
        self._device = device
        self._identities = identities
        self._api = api
        self._time = time
        self._random_bytes = random_bytes
        self._announcer = announcer
        self._secrets = secrets
        self._author = Author(device.uid, device.did, device.keys)
        self._cache: dict[tuple[ConversationId, bytes], Epoch] = {}
        self._locks: defaultdict[ConversationId, asyncio.Lock] = defaultdict(asyncio.Lock)

    # What is known

    def last(self, cid: ConversationId) -> Epoch:
        """The latest epoch known here.  Raises UnknownConversation."""
        epoch = self._store.conversations.last_epoch(cid)
        if epoch is None:
            raise UnknownConversation
        return epoch

    def writable(self, cid: ConversationId) -> tuple[Commit, bytes]:
        """The commit and secret to write under.

        Raises UnknownConversation, NotInConversation, ContactReset (a member's devices were started over, and this
        person has not accepted it), RemovedMemberBack, BoxMissing.
        """
        epoch = self.last(cid)
        if epoch.commit.member(self._device.uid) is None:
            raise NotInConversation
        self._identities.require_accepted([member.uid for member in epoch.commit.core.members])
        if any(epoch.commit.member(uid) for uid in self._store.restorations.list_out(cid)):
            raise RemovedMemberBack
        if epoch.es is None:
            raise BoxMissing(epoch=epoch.number)
        return epoch.commit, epoch.es

    async def epoch_of(self, cid: ConversationId, commit_hash: bytes) -> Epoch | None:
        """The epoch an envelope names, fetched if it is new; None if the server does not know it either.

        Its secret is fetched from the vault if it is not here.
        """
        key = cid, commit_hash
        if key in self._cache:
            return self._cache[key]
        epoch = self._store.conversations.find_epoch_of(cid, commit_hash)
        if epoch is None:
            await self.catch_up(cid)
            epoch = self._store.conversations.find_epoch_of(cid, commit_hash)
        if epoch is not None and epoch.es is None:
            await self._secrets.complete(cid)
            epoch = self._store.conversations.find_epoch_of(cid, commit_hash)
        if epoch is not None and epoch.es is not None:
            self._cache[key] = epoch
        return epoch

    # What others did

    def restart(self) -> None:
        """A new connection."""
        self._secrets.restart()

    async def catch_up(self, cid: ConversationId) -> bool:
        """Fetch and verify the commits that are missing here; True if there were any.

        Raises a CommitError or LinkError for the first that does not hold, ServerRefused, ServerUnreachable.
        """
        async with self._locks[cid]:
            found = False
            # The server tells them in portions, up to the one that leaves us out.
            while lines := await self._fetch_next(cid):
                before = self._store.conversations.last_epoch(cid)
                for raw, box, history in lines:
                    await self._take(cid, parse_commit(raw), box, history)
                if before is not None and self.last(cid).number == before.number:
                    raise CommitOutOfOrder(epoch=before.number, expected=before.number + 1)
                found = True
        if found:
            await self._complete_last(cid)
        return found

    async def _complete_last(self, cid: ConversationId) -> None:
        """Have the secret to write under, even if its box is gone since the user key changed."""
        if self._lacks_secret(cid):
            await self._secrets.complete(cid)
        if self._lacks_secret(cid):
            self._announcer.announce(CommitRefused(cid, BoxMissing.code))
            await self._renew_lost(cid)

    async def _renew_lost(self, cid: ConversationId) -> None:
        """A reset took the key that the secret in force was sealed to: a renewal is due, and any member may make it."""
        last, own = self.last(cid), self._identities.find(self._device.uid)
        member = last.commit.member(self._device.uid)
        if own is not None and member is not None and member.uek_gen < own.uek_gen:
            await self.renew(cid, last.number)

    def _lacks_secret(self, cid: ConversationId) -> bool:
        last = self._store.conversations.last_epoch(cid)
        return last is not None and last.es is None and last.commit.member(self._device.uid) is not None

    async def _fetch_next(self, cid: ConversationId) -> list[tuple[bytes, bytes | None, bytes | None]]:
        known = self._store.conversations.last_epoch(cid)
        try:
            return (await self._api.fetch_commits(cid, known.number + 1 if known else 1)).lines
        except ServerRefused as refused:
            if refused.server_code == "not_found" and known is not None:
                return []
            raise

    async def take_frame(self, frame: EpochChanged) -> None:
        """The server announces a commit.  Raises as `catch_up`."""
        known = self._store.conversations.last_epoch(frame.cid)
        number = known.number if known else 0
        if frame.epoch <= number:
            return
        if frame.epoch > number + 1:
            await self.catch_up(frame.cid)
            return
        async with self._locks[frame.cid]:
            await self._take(frame.cid, parse_commit(frame.commit), frame.box, frame.history)
        await self._complete_last(frame.cid)

    async def _take(self, cid: ConversationId, commit: Commit, box: bytes | None, history: bytes | None) -> None:
        """Verify the commit that follows what is known, open what is ours in it, and keep both."""
        if commit.core.cid != cid:
            raise BadCommit(reason="another_conversation")
        previous = self._store.conversations.last_epoch(cid)
        if previous is not None and commit.core.epoch <= previous.number:
            return
        chains = await self._identities.chains_for(commit)
        verify_commit(commit, previous.commit if previous else None, chains)
        if box is not None:
            commit = commit.with_box(self._device.uid, box, history)
        opened: OpenedSecrets = None, {}
        try:
            opened = self._secrets.open(commit)
        except CommitError as error:
            # The change itself holds and everybody else applies it; a secret that comes later completes it.
            self._announcer.announce(CommitRefused(cid, error.code))
        with self._store.transaction():
            is_new = self._store.conversations.add(cid, self._time.now_ms())
            self._secrets.keep(commit, opened)
            self._settle_out(commit)
        self._announcer.announce(ConversationJoined(cid) if is_new else MembersChanged(cid, commit.core.epoch))

    def _settle_out(self, commit: Commit) -> None:
        """Whoever is not a member of it is out, whatever a restore had brought back."""
        self._store.restorations.settle_out(commit.core.cid, (member.uid for member in commit.core.members))

    def drop(self, cid: ConversationId, after: int) -> None:
        """A restored server has lost the epochs after that one, for good."""
        self._store.conversations.drop_epochs(cid, after)
        self._cache = {key: epoch for key, epoch in self._cache.items() if key[0] != cid}
        self._secrets.forget(cid)

    # What this person does

    async def create(self, members: Mapping[AccountId, Role], policy: Policy) -> ConversationId:
        """A new conversation of this person, its admin, and `members`.

        Raises NotReachable for a member without a device, ContactReset, ServerRefused, ServerUnreachable.
        """
        roles = {**members, self._device.uid: Role.ADMIN}
        chains = await self._identities.refresh_all(roles)
        self._identities.require_accepted(roles)
        commit, es = compose_commit(
            author=self._author, members=roles, policy=policy, chains=chains, random_bytes=self._random_bytes
        )
        await self._send(commit)
        async with self._locks[commit.core.cid]:
            self._keep_own(commit, es)
        return commit.core.cid

    def is_worn(self, cid: ConversationId) -> bool:
        """True once the last epoch was in use for MAX_USE, or MAX_MESSAGES were sealed under it."""
        count, first_ms = self._store.messages.use_of(cid, self.last(cid).number)
        return count >= MAX_MESSAGES or (count > 0 and self._time.now_ms() - first_ms >= MAX_USE // _MS)

    async def renew(self, cid: ConversationId, number: int) -> None:
        """A new secret with nobody added or removed, unless there is an epoch after `number` already.

        Raises as `change`.
        """
        await self.change(cid, lambda last: unchanged(last) if last.core.epoch <= number else None)

    async def change(self, cid: ConversationId, amend: Amendment) -> None:
        """A new epoch with the members and the policy that `amend` makes of the last one's.

        Made again when another member's commit came first.  Raises NotInConversation, CommitNotAllowed,
        NotReachable, ContactReset, ServerRefused, ServerUnreachable, and what `amend` raises.
        """
        for attempt in range(1, MAX_REBASES + 1):
            await self.catch_up(cid)
            previous = self.last(cid).commit
            if previous.member(self._device.uid) is None:
                raise NotInConversation
            await self._secrets.complete(cid)
            if (amended := amend(previous)) is None:
                return
            roles, policy = amended
            chains = await self._identities.refresh_all({*roles, *(m.uid for m in previous.core.members)})
            self._identities.require_accepted(roles)
            commit, es = compose_commit(
                author=self._author,
                members=roles,
                policy=policy,
                chains=chains,
                random_bytes=self._random_bytes,
                previous=previous,
                secrets=self._known_secrets(cid),
            )
            try:
                await self._send(commit)
            except ServerRefused as refused:
                if refused.server_code not in LOST_RACE or attempt == MAX_REBASES:
                    raise
            else:
                async with self._locks[cid]:
                    self._keep_own(commit, es)
                return

    async def _send(self, commit: Commit) -> None:
        """Once more after a lost answer: the server takes the same commit twice as once."""
        data = commit.to_bytes()
        self._store.restorations.keep_commit(commit, self._time.now_ms())
        try:
            await self._api.send_commit(data)
        except ServerUnreachable:
            await self._api.send_commit(data)

    def _known_secrets(self, cid: ConversationId) -> dict[int, bytes]:
        epochs = self._store.conversations.epochs(cid)
        return {number: epoch.es for number, epoch in epochs.items() if epoch.es is not None}

    def _keep_own(self, commit: Commit, es: bytes) -> None:
        """Keep a commit of ours that the server accepted, unless its announcement was faster."""
        cid = commit.core.cid
        with self._store.transaction():
            is_new = self._store.conversations.add(cid, self._time.now_ms())
            known = self._store.conversations.last_epoch(cid)
            if known is not None and known.number >= commit.core.epoch:
                return
            self._store.conversations.add_epoch(commit, es)
            self._settle_out(commit)
        self._announcer.announce(ConversationJoined(cid) if is_new else MembersChanged(cid, commit.core.epoch))
