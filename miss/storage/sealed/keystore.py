"""Seal and open content under per-subject data keys.

XChaCha20-Poly1305 with random nonces throughout; the associated data names what is sealed, so that a sealed value
cannot be moved to another row.  This module refuses to open anything under a key that was destroyed.
"""

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt as aead_open,
)
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_encrypt as aead_seal,
)
from nacl.exceptions import CryptoError
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.storage.database import Database
from miss.storage.errors import DataKeyDestroyed, SealBroken
from miss.storage.sealed.master import MasterKey
from miss.storage.sealed.tables import DataKeyRow

NONCE_BYTES = 24
VERSION = b"\x01"


class KeyStore:
    """Data keys by identifier (`request:…`, `mail:…`), wrapped by the master key in a database of their own."""

    def __init__(self, db: Database, master: MasterKey, clock: Clock, random_bytes: RandomBytes) -> None:
        self._db = db
        self._master = master
        self._clock = clock
        self._random_bytes = random_bytes

    async def seal(self, key_id: str, plaintext: bytes, *, what: str) -> bytes:
        """Encrypt under the key `key_id`, made on first use; `what` names the column or file it is for."""
        return self._encrypt(await self._get_or_create(key_id), plaintext, f"{key_id} {what}")

    async def open(self, key_id: str, sealed: bytes, *, what: str) -> bytes:
        """Decrypt what `seal` returned for the same `key_id` and `what`.

        Raises DataKeyDestroyed if the key is gone, SealBroken if the content was altered or belongs elsewhere.
        """
        key = await self._find(key_id)
        if key is None:
            raise DataKeyDestroyed
        return self._decrypt(key, sealed, f"{key_id} {what}")

    async def destroy(self, key_id: str) -> None:
        """Destroy a key, and with it everything sealed under it; nothing happens if there is none."""
        async with self._db.transaction() as tx:
            await tx.exec(delete(DataKeyRow).where(col(DataKeyRow.id) == key_id))

    async def _find(self, key_id: str) -> bytes | None:
        async with self._db.snapshot() as tx:
            row = await tx.get(DataKeyRow, key_id)
        if row is None:
            return None
        if row.master_id != self._master.id:
            raise SealBroken(key=key_id)
        return self._decrypt(self._master.secret, row.wrapped, f"data key {key_id}")

    async def _get_or_create(self, key_id: str) -> bytes:
        if (known := await self._find(key_id)) is not None:
            return known
        key = self._random_bytes(32)
        wrapped = self._encrypt(self._master.secret, key, f"data key {key_id}")
        try:
            async with self._db.transaction() as tx:
                tx.add(DataKeyRow(id=key_id, wrapped=wrapped, master_id=self._master.id, created_at=self._clock.now()))
        except IntegrityError:
            # Another task made it first: theirs is the key.
            made = await self._find(key_id)
            if made is None:
                raise
            return made
        return key

    def _encrypt(self, key: bytes, plaintext: bytes, subject: str) -> bytes:
        nonce = self._random_bytes(NONCE_BYTES)
        return VERSION + nonce + aead_seal(plaintext, VERSION + subject.encode(), nonce, key)

    def _decrypt(self, key: bytes, sealed: bytes, subject: str) -> bytes:
        if sealed[:1] != VERSION:
            raise SealBroken(key=subject)
        nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return aead_open(ciphertext, VERSION + subject.encode(), nonce, key)
        except CryptoError:
            raise SealBroken(key=subject) from None
