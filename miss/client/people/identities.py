"""Who the others are: their chains of links, verified against the pinned root and pinned in turn.  protocol §3

A chain seen once is never replaced: it only grows, and every added link is verified.  A server that shows a shorter
or another chain than before is refused by name, and what is pinned stays in force.  What a change asks of the owner
(a new device, a reset) is stored with the links that made it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from miss.base.ids import AccountId
from miss.client.api import ChainAnswer, ServerApi
from miss.client.errors import CertifiedIdentityMismatch, ChainWithdrawn, ContactReset, NotReachable, ServerRefused
from miss.client.events import Announcer, ContactChanged, ContactWarned, DevicesChanged
from miss.client.people.model import warnings_between
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.protocol.crypto.chains import Chain, verify_chain
from miss.protocol.crypto.commits import Commit
from miss.protocol.crypto.links import parse_link
from miss.protocol.crypto.opcert import verify_opcerts
from miss.protocol.errors import LinkError, UnknownLinkHead

CHAINS_AT_ONCE: Final = 500


class Identities:
    """Everybody this device has met."""

    def __init__(
        self, store: Store, root_public: bytes, api: ServerApi, time: ServerTime, announcer: Announcer
    ) -> None:
        self._store = store
        self._root_public = root_public
        self._api = api
        self._time = time
        self._announcer = announcer
        self._chains: dict[AccountId, Chain] = {}
        self._locks: defaultdict[AccountId, asyncio.Lock] = defaultdict(asyncio.Lock)

    def find(self, uid: AccountId) -> Chain | None:
        """The pinned chain; None for a stranger.  Verified again when it is read from the store."""
        if uid not in self._chains:
            links = self._store.people.links(uid)
            if not links:
                return None
            parsed = (parse_link(link) for link in links)
            self._chains[uid] = verify_chain(parsed, self._root_public, self._store.device.opcerts())
        return self._chains[uid]

    async def get(self, uid: AccountId) -> Chain:
        """The pinned chain, fetched on first meeting.  Raises as `refresh`."""
        return self.find(uid) or await self.refresh(uid)

    async def refresh(self, uid: AccountId) -> Chain:
        """The chain as the server has it now, verified to continue the pinned one.

        Raises NotReachable for somebody without a device, ChainWithdrawn, a LinkError, BadOpCert, ServerUnreachable.
        """
        async with self._locks[uid]:
            try:
                answer = await self._api.fetch_chain(uid)
            except ServerRefused as refused:
                if refused.server_code == "not_found":
                    raise NotReachable(uid=uid.hex()) from None
                raise
            return self._take_whole(uid, answer)

    async def refresh_own(self, uid: AccountId) -> Chain:
        """`refresh` of the owner's chain, asked for by signature: answered to a device that was revoked, too."""
        async with self._locks[uid]:
            return self._take_whole(uid, await self._api.fetch_own_chain())

    def _take_whole(self, uid: AccountId, answer: ChainAnswer) -> Chain:
        pinned = self._store.people.links(uid)
        if list(answer.links[: len(pinned)]) != pinned:
            raise ChainWithdrawn(uid=uid.hex(), pinned=len(pinned), shown=len(answer.links))
        return self._extend(uid, answer.links[len(pinned) :], answer.opcerts)

    async def refresh_all(self, uids: Iterable[AccountId]) -> dict[AccountId, Chain]:
        """`refresh` for each of `uids`: only what is new is asked for, of up to 500 people at once."""
        wanted = tuple(dict.fromkeys(uids))
        missing = list(wanted)
        while missing:
            asked = missing[:CHAINS_AT_ONCE]
            known = {uid: chain.seq if (chain := self.find(uid)) else 0 for uid in asked}
            answer = await self._api.identity.fetch_chains([(uid, known[uid]) for uid in asked])
            shown = {AccountId(uid): links for uid, links in answer.chains}
            for uid in asked:
                if uid in shown:
                    await self._take_new(uid, known[uid], shown[uid], answer.opcerts)
                elif not answer.more or shown.keys().isdisjoint(asked):
                    raise NotReachable(uid=uid.hex())
            missing = [uid for uid in missing if uid not in shown]
        return {uid: await self.get(uid) for uid in wanted}

    async def _take_new(self, uid: AccountId, known_seq: int, links: Sequence[bytes], opcerts: Iterable[bytes]) -> None:
        """The server says that `links` follow the first `known_seq`.  Raises as `refresh`."""
        async with self._locks[uid]:
            chain = self.find(uid)
            if chain is None and not links:
                raise NotReachable(uid=uid.hex())
            try:
                # Some may have been announced while the answer was on its way.
                self._extend(uid, links[(chain.seq if chain else 0) - known_seq :], opcerts)
            except LinkError:
                if chain is None:
                    raise
            else:
                return
        # What it shows does not follow what is pinned: the whole chain tells which of the two was rewritten.
        await self.refresh(uid)

    async def chains_for(self, commit: Commit) -> dict[AccountId, Chain]:
        """The chains of a commit's members, each long enough to hold the state that the commit names.

        Raises UnknownLinkHead if the server does not show that state, and as `refresh`.
        """
        behind = [member.uid for member in commit.core.members if not self._has(member.uid, member.link_head)]
        await self.refresh_all(behind)
        for member in commit.core.members:
            if not self._has(member.uid, member.link_head):
                raise UnknownLinkHead(uid=member.uid.hex(), seq=0)
        return {member.uid: await self.get(member.uid) for member in commit.core.members}

    def _has(self, uid: AccountId, head: bytes) -> bool:
        chain = self.find(uid)
        return chain is not None and any(state.head == head for state in chain.states())

    async def take_link(self, uid: AccountId, link: bytes) -> None:
        """The server announces a new link of `uid`; ignored for a stranger.

        Raises as `refresh`, and a LinkError for one that the person's chain, asked for as a whole, does not hold.
        """
        chain = self.find(uid)
        if chain is None:
            return
        try:
            async with self._locks[uid]:
                self._extend(uid, (link,), ())
        except LinkError:
            # Known already, not the next one, or under a certificate of today: the whole chain tells.
            await self.refresh(uid)
            if link not in self._store.people.links(uid):
                raise

    def require_accepted(self, uids: Collection[AccountId]) -> None:
        """Raises ContactReset if the devices of one of `uids` were started over and the owner has not accepted it."""
        waiting = self._store.people.list_unaccepted() & frozenset(uids)
        if waiting:
            raise ContactReset(uid=min(waiting).hex())

    def _extend(self, uid: AccountId, links: Iterable[bytes], opcerts: Iterable[bytes]) -> Chain:
        """Verify `links` after what is pinned, and pin them."""
        before = self.find(uid)
        raws = tuple(links)
        certs = tuple(dict.fromkeys((*self._store.device.opcerts(), *opcerts)))
        if before is not None and not raws:
            # The operator renews its certificates: they are taken even when the chain itself is as it was.
            verify_opcerts(certs, self._root_public)
            self._store.device.add_opcerts(certs)
            return before
        parsed = [parse_link(raw) for raw in raws]
        chain = verify_chain(parsed, self._root_public, certs, self._time.now_ms(), after=before)
        if chain.uid != uid:
            raise CertifiedIdentityMismatch(field="uid")
        own = self._store.device.find()
        is_own = own is not None and own.uid == uid
        warnings = [] if is_own else warnings_between(before, chain)
        with self._store.transaction():
            self._store.device.add_opcerts(certs)
            self._store.people.append(uid, before.seq + 1 if before else 1, raws)
            if not is_own:
                # At a first meeting there is no earlier key to protect: past resets warn, and do not block.
                self._store.people.note_resets(uid, before.resets if before else chain.resets, chain.resets)
                self._store.people.warn(uid, warnings, self._time.now_ms())
        self._chains[uid] = chain
        if before is not None:
            self._announcer.announce(ContactChanged(uid, chain.resets))
        if is_own and before is not None and before.devices.keys() != chain.devices.keys():
            self._announcer.announce(DevicesChanged())
        for kind in warnings:
            self._announcer.announce(ContactWarned(uid, kind))
        return chain
