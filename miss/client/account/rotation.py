"""Rotations: a new user key for the owner, every month and whenever a device leaves.  protocol §2, §5

The link, the key for each device that stays and the vault sealed anew travel in one request, which the server takes
whole or not at all: a crash before it changed nothing, a crash after it is repaired by `UserKeys.follow`, since the
rotating device receives its own box too.  Of two devices that rotate at once one wins; the other follows.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from miss.base.errors import MissError
from miss.base.ids import ConversationId, DeviceId
from miss.base.random import RandomBytes
from miss.client.account.epoch_secrets import NOT_FOUND, EpochSecrets
from miss.client.account.user_keys import UserKeys
from miss.client.account.vault import Secrets, Vault
from miss.client.api import ServerApi
from miss.client.errors import ServerRefused, ServerUnreachable
from miss.client.people.identities import Identities
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.chains import Chain, apply_link
from miss.protocol.crypto.changes import compose_revoke, compose_uek, seal_user_key_for
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.links import Link, Proof
from miss.protocol.crypto.primitives import hash_
from miss.protocol.crypto.vault import seal_vault_entry
from miss.protocol.errors import ProtocolError

MAX_REBASES: Final = 8
VAULT_INCOMPLETE: Final = "vault_incomplete"
LOST_RACE: Final = frozenset({"stale_link", "link_out_of_order"})
DAY_MS: Final = 24 * 3600 * 1000
ROTATE_AFTER_MS: Final = 30 * DAY_MS
JITTER_MS: Final = DAY_MS
"""The devices of a person come due at different moments of this span: usually one rotates and the others follow."""
CHECK_S: Final = 3600.0

CatchUp = Callable[[ConversationId], Awaitable[object]]
Given = list[tuple[ConversationId, int, bytes]]

_log = logging.getLogger(__name__)


def due_at_ms(chain: Chain, did: DeviceId) -> int:
    """When the device `did` is to replace the user key in force, in milliseconds since 1970."""
    began_ms = min(state.ts_ms for state in chain.states() if state.uek_gen == chain.uek_gen)
    draw = hash_("rotation-jitter", did + chain.uek_gen.to_bytes(8, "big"))
    return began_ms + ROTATE_AFTER_MS + int.from_bytes(draw[:4], "big") * JITTER_MS // 2**32


class Rotation:
    """Makes the owner's next user key; `run` does it by itself when the one in force is a month old."""

    def __init__(
        self,
        store: Store,
        device: DeviceRecord,
        identities: Identities,
        user_keys: UserKeys,
        vault: Vault,
        secrets: EpochSecrets,
        api: ServerApi,
        time: ServerTime,
        random_bytes: RandomBytes,
        catch_up: CatchUp,
    ) -> None:
        """`catch_up`: `Epochs.catch_up`."""
        self._store = store
        self._device = device
        self._identities = identities
        self._user_keys = user_keys
        self._vault = vault
        self._secrets = secrets
        self._api = api
        self._time = time
        self._random_bytes = random_bytes
        self._catch_up = catch_up
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Everything the server had is here: look whether the key is due."""
        self._wake.set()

    async def run(self) -> None:
        """Rotate when it is due: asked at each wake, and an hour after the last one."""
        await self._wake.wait()
        while True:
            self._wake.clear()
            try:
                await self.rotate_if_due()
            except MissError as error:
                _log.warning("rotation put off: %s", error.code)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECK_S):
                    await self._wake.wait()

    async def rotate_if_due(self) -> bool:
        """Rotate if the user key in force is a month old, even by the server's latest word; True if it was.

        Also if a restored server has lost what the last change brought along.
        """
        did = self._device.did
        if self._store.device.rotation_is_due():
            if not (is_done := self._was_rotated_since()):
                await self.rotate()
            self._store.device.settle_rotation()
            return not is_done
        if self._time.now_ms() < due_at_ms(self._user_keys.chain(), did):
            return False
        chain = await self._identities.refresh(self._device.uid)
        if self._time.now_ms() < due_at_ms(chain, did):
            await self._user_keys.follow()
            return False
        await self.rotate()
        return True

    def _was_rotated_since(self) -> bool:
        """True if another device has changed the key since the server was restored."""
        last, chain = self._store.restorations.last(), self._user_keys.chain()
        began_ms = min(state.ts_ms for state in chain.states() if state.uek_gen == chain.uek_gen)
        return last is not None and began_ms > last.ts_ms

    async def rotate(self) -> None:
        """Put a new user key in force; nothing more happens if another device does the same meanwhile.

        Raises ServerRefused, ServerUnreachable, and as `Identities.refresh` and `UserKeys.follow`.
        """
        started_at = (await self._identities.refresh(self._device.uid)).uek_gen
        await self._rotate(
            lambda chain, key: compose_uek(
                chain,
                user_key=key,
                by=self._device.did,
                by_keys=self._device.keys,
                proof=self._proof(),
                ts_ms=self._time.now_ms(),
            ),
            lambda chain: chain.uek_gen > started_at,
        )

    async def revoke(self, did: DeviceId) -> None:
        """Take a device, or the recovery key, out of the chain and the user key away from it; harmless if it is out.

        Raises as `rotate`, LinkNotAllowed for this device itself.
        """
        await self._rotate(
            lambda chain, key: compose_revoke(
                chain,
                did=did,
                user_key=key,
                by=self._device.did,
                by_keys=self._device.keys,
                proof=self._proof(),
                ts_ms=self._time.now_ms(),
            ),
            lambda chain: did not in chain.devices,
        )

    def _proof(self) -> Proof:
        return Proof("device", self._time.now_ms())

    async def _rotate(self, compose: Callable[[Chain, UserKey], Link], is_done: Callable[[Chain], bool]) -> None:
        """Append the link that `compose` makes, again as long as something else comes in between."""
        missing: Secrets = {}
        rebases = 0
        while True:
            chain = await self._identities.refresh(self._device.uid)
            await self._user_keys.follow()
            if is_done(chain):
                return
            secrets = missing | await self._vault.fetch_all() | self._local()
            new = UserKey.generate(chain.uek_gen + 1, self._random_bytes)
            link = compose(chain, new)
            boxes = seal_user_key_for(apply_link(chain, link), new)
            try:
                signed = await self._api.identity.send_link(link.to_bytes(), boxes, self._seal(new, secrets))
            except ServerUnreachable:
                # It may have arrived: the chain tells, if it can be asked.
                rebases += 1
                if rebases == MAX_REBASES:
                    raise
            except ServerRefused as refused:
                rebases += 1
                if refused.server_code == VAULT_INCOMPLETE:
                    found = await self._find_missing(refused.details.get("missing"))
                    # As long as this brings something new, it is no race but a long list told in portions.
                    rebases -= int(not found.keys() <= missing.keys())
                    missing |= found
                elif refused.server_code not in LOST_RACE:
                    raise
                if rebases == MAX_REBASES:
                    raise
            else:
                await self._identities.take_link(self._device.uid, signed)
                self._user_keys.take_own(new)
                return

    def _local(self) -> Secrets:
        return {(cid, epoch.number): epoch.es for cid, epoch in self._store.conversations.every_epoch() if epoch.es}

    def _seal(self, key: UserKey, secrets: Secrets) -> Given:
        """Vault entries under `key`; an empty one says that this person never could open that epoch."""
        uid = self._device.uid
        return [
            (cid, epoch, seal_vault_entry(key, uid, cid, epoch, es, self._random_bytes) if es else b"")
            for (cid, epoch), es in sorted(secrets.items())
        ]

    async def _find_missing(self, named: object) -> Secrets:
        """What the server counts and this device did not send; b"" for what never will open.

        Nothing is given up for want of an answer.  Raises ServerRefused, ServerUnreachable.
        """
        try:
            pairs = msgspec.convert(named, list[tuple[str, int]])
            wanted = {(ConversationId(bytes.fromhex(cid)), epoch) for cid, epoch in pairs}
        except ValueError:
            raise ServerUnreachable(reason="unreadable_answer", path="links") from None
        found: Secrets = {}
        for cid in {cid for cid, _ in wanted}:
            try:
                await self._catch_up(cid)
                await self._secrets.complete(cid)
            except ProtocolError as error:
                # Its commits do not hold, for any device: they must not keep a thief's device in the chain.
                _log.warning("a conversation is left out of the vault: %s", error.code)
            except ServerRefused as refused:
                if refused.server_code != NOT_FOUND:
                    raise
        for cid, number in wanted:
            epoch = self._store.conversations.find_epoch(cid, number)
            found[cid, number] = (epoch.es or b"") if epoch else b""
        return found
