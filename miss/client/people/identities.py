"""Who the others are: their chains of links, verified against the pinned root and pinned in turn.  protocol §3

A chain seen once is never replaced: it only grows, and every added link is verified.  A server that shows a shorter
or another chain than before is refused by name, and what is pinned stays in force.  What a change asks of the owner
(a new device, a reset) is stored with the links that made it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from miss.base.ids import AccountId
from miss.client.api import ChainAnswer, ServerApi
from miss.client.errors import CertifiedIdentityMismatch, ChainWithdrawn, ContactReset, NotReachable, ServerRefused
from miss.client.events import Announcer, ContactChanged, ContactWarned, DevicesChanged
from miss.client.people.model import WarningKind, warnings_between
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
            hidden = [uid for uid in asked if uid not in shown]
            if hidden and (not answer.more or len(hidden) == len(asked)):
                raise NotReachable(uid=hidden[0].hex())
            await self._take_new(known, shown, answer.opcerts)
            missing = [uid for uid in missing if uid not in shown]
        return {uid: await self.get(uid) for uid in wanted}

    async def _take_new(
        self, known: Mapping[AccountId, int], shown: Mapping[AccountId, Sequence[bytes]], opcerts: Iterable[bytes]
    ) -> None:
        """The server says which links follow the first `known` ones of each; stored together.  Raises as `refresh`."""
        told = sorted(uid for uid in shown if uid in known)
        certs = tuple(opcerts)
        rewritten: list[AccountId] = []
        pins: list[_Pin] = []
        async with AsyncExitStack() as held:
            # In one order, so that two who hold several do not wait for each other.
            for uid in told:
                await held.enter_async_context(self._locks[uid])
            for uid in told:
                before = self.find(uid)
                # Some may have been announced while the answer was on its way.
                news = shown[uid][(before.seq if before else 0) - known[uid] :]
                if before is None and not shown[uid]:
                    raise NotReachable(uid=uid.hex())
                if not news:
                    continue
                try:
                    pins.append(self._verify(uid, before, news, certs))
                except LinkError:
                    if before is None:
                        raise
                    rewritten.append(uid)
            self._take_opcerts(certs)
            self._pin(pins)
        # What it shows does not follow what is pinned: the whole chain tells which of the two was rewritten.
        for uid in rewritten:
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
        before, raws = self.find(uid), tuple(links)
        # The operator renews its certificates: they are taken even when the chain itself is as it was.
        self._take_opcerts(tuple(opcerts))
        if before is not None and not raws:
            return before
        pin = self._verify(uid, before, raws, ())
        self._pin([pin])
        return pin.after

    def _take_opcerts(self, raws: tuple[bytes, ...]) -> None:
        """Raises BadOpCert."""
        verify_opcerts(raws, self._root_public)
        self._store.device.add_opcerts(raws)

    def _verify(self, uid: AccountId, before: Chain | None, links: Sequence[bytes], opcerts: Iterable[bytes]) -> "_Pin":
        """What `links`, checked, make of the chain; nothing is stored yet."""
        raws = tuple(links)
        certs = tuple(dict.fromkeys((*self._store.device.opcerts(), *opcerts)))
        chain = verify_chain(map(parse_link, raws), self._root_public, certs, self._time.now_ms(), after=before)
        if chain.uid != uid:
            raise CertifiedIdentityMismatch(field="uid")
        return _Pin(before, chain, raws)

    def _pin(self, pins: Sequence["_Pin"]) -> None:
        """Store what was verified, of however many people, in one transaction; then announce it."""
        own = self._store.device.find()
        news: list[tuple[_Pin, bool, list[WarningKind]]] = []
        with self._store.transaction():
            for pin in pins:
                before, after = pin.before, pin.after
                is_own = own is not None and own.uid == after.uid
                warnings = [] if is_own else warnings_between(before, after)
                self._store.people.append(after.uid, before.seq + 1 if before else 1, pin.links)
                if not is_own:
                    # At a first meeting there is no earlier key to protect: past resets warn, and do not block.
                    self._store.people.note_resets(after.uid, before.resets if before else after.resets, after.resets)
                    self._store.people.warn(after.uid, warnings, self._time.now_ms())
                news.append((pin, is_own, warnings))
        for pin, is_own, warnings in news:
            self._chains[pin.after.uid] = pin.after
            self._announce(pin, warnings, is_own=is_own)

    def _announce(self, pin: "_Pin", warnings: Iterable[WarningKind], *, is_own: bool) -> None:
        before, after = pin.before, pin.after
        if before is not None:
            self._announcer.announce(ContactChanged(after.uid, after.resets))
        if is_own and before is not None and before.devices.keys() != after.devices.keys():
            self._announcer.announce(DevicesChanged())
        for kind in warnings:
            self._announcer.announce(ContactWarned(after.uid, kind))


@dataclass(frozen=True, slots=True)
class _Pin:
    """Links of one person, verified, not stored yet."""

    before: Chain | None
    after: Chain
    links: tuple[bytes, ...]
