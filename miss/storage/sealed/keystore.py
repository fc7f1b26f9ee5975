"""Seal and open content under per-subject data keys.

This module refuses to open anything under a key that was destroyed.
"""

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.storage.database import Database
from miss.storage.errors import DataKeyDestroyed, SealBroken
from miss.storage.sealed import store
from miss.storage.sealed.master import MasterKeys
from miss.storage.sealed.store import Wrapped
from miss.storage.sealed.wrapping import decrypt, encrypt, unwrap, wrap

KEY_BYTES = 32


class KeyStore:
    """Data keys by identifier (`request:…`, `mail:…`), wrapped by a master key in a database of their own."""

    def __init__(self, db: Database, masters: MasterKeys, clock: Clock, random_bytes: RandomBytes) -> None:
        self._db = db
        self._masters = masters
        self._clock = clock
        self._random_bytes = random_bytes

    async def seal(self, key_id: str, plaintext: bytes, *, what: str) -> bytes:
        """Encrypt under the key `key_id`, made on first use; `what` names the column or file it is for."""
        return encrypt(await self._get_or_create(key_id), plaintext, f"{key_id} {what}", self._random_bytes)

    async def open(self, key_id: str, sealed: bytes, *, what: str) -> bytes:
        """Decrypt what `seal` returned for the same `key_id` and `what`.

        Raises DataKeyDestroyed if the key is gone, SealBroken if the content was altered or belongs elsewhere.
        """
        key = await self._find(key_id)
        if key is None:
            raise DataKeyDestroyed
        return decrypt(key, sealed, f"{key_id} {what}")

    async def destroy(self, key_id: str) -> None:
        """Destroy a key, and with it everything sealed under it; nothing happens if there is none."""
        await store.destroy(self._db, key_id)

    async def _find(self, key_id: str) -> bytes | None:
        found = await store.find(self._db, key_id)
        return unwrap(self._masters, found.master_id, key_id, found.wrapped) if found else None

    async def _get_or_create(self, key_id: str) -> bytes:
        if (known := await self._find(key_id)) is not None:
            return known
        key, now = self._random_bytes(KEY_BYTES), self._clock.now()
        async with self._db.transaction() as tx:
            master_id = await store.hold_wrapping(tx, self._masters.first.id, now)
            master = self._masters.find(master_id)
            if master is None:
                raise SealBroken(key=key_id)
            is_ours = await store.insert(
                tx, Wrapped(key_id, wrap(master, key_id, key, self._random_bytes), master_id), now
            )
        if is_ours:
            return key
        # Another task made it first: theirs is the key.
        made = await self._find(key_id)
        if made is None:
            raise DataKeyDestroyed
        return made
