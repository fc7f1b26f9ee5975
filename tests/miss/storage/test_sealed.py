"""Encryption at rest."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes, system_random
from miss.storage import Database
from miss.storage.errors import DataKeyDestroyed, MasterKeyUnsafe, SealBroken
from miss.storage.sealed import KeyStore, MasterKey, MasterKeys, create_master_key
from miss.storage.sealed.master import read_master_keys
from miss.storage.sealed.tables import KEYSTORE_METADATA
from miss.storage.sealed.wrapping import decrypt, encrypt

CANARY = b"canari: naevus du dos"


async def test_what_is_sealed_opens_again(keystore: KeyStore) -> None:
    sealed = await keystore.seal("request:1", CANARY, what="response")
    assert CANARY not in sealed
    assert await keystore.open("request:1", sealed, what="response") == CANARY


async def test_a_value_moved_elsewhere_does_not_open(keystore: KeyStore) -> None:
    sealed = await keystore.seal("request:1", CANARY, what="response")
    await keystore.seal("request:2", CANARY, what="response")
    with pytest.raises(SealBroken):
        await keystore.open("request:1", sealed, what="patient")
    with pytest.raises(SealBroken):
        await keystore.open("request:2", sealed, what="response")


async def test_every_altered_byte_is_seen(keystore: KeyStore) -> None:
    sealed = await keystore.seal("request:1", CANARY, what="response")
    for position in range(len(sealed)):
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises(SealBroken):
            await keystore.open("request:1", bytes(altered), what="response")


async def test_destroying_the_key_destroys_the_content(keystore: KeyStore) -> None:
    sealed = await keystore.seal("request:1", CANARY, what="response")
    await keystore.destroy("request:1")
    with pytest.raises(DataKeyDestroyed):
        await keystore.open("request:1", sealed, what="response")


async def test_another_master_key_opens_nothing(tmp_path: Path, clock: MovableClock) -> None:
    db = Database(f"sqlite:///{tmp_path}/keys.db")
    async with db.engine.begin() as connection:
        await connection.run_sync(KEYSTORE_METADATA.create_all)
    sealed = await KeyStore(db, MasterKeys([MasterKey(b"1" * 32)]), clock, system_random).seal("a", CANARY, what="x")
    with pytest.raises(SealBroken):
        await KeyStore(db, MasterKeys([MasterKey(b"2" * 32)]), clock, system_random).open("a", sealed, what="x")
    await db.close()


def test_a_master_key_is_private_and_never_overwritten(tmp_path: Path, random_bytes: RandomBytes) -> None:
    path = tmp_path / "keys" / "master.key"
    made = create_master_key(path, random_bytes)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_master_keys(path) == (made,)
    with pytest.raises(FileExistsError):
        create_master_key(path, random_bytes)
    assert read_master_keys(path) == (made,)
    assert [entry.name for entry in path.parent.iterdir()] == ["master.key"]


def test_an_unsafe_master_key_is_refused_with_a_reason(tmp_path: Path, random_bytes: RandomBytes) -> None:
    path = tmp_path / "master.key"
    with pytest.raises(MasterKeyUnsafe, match="existe pas"):
        read_master_keys(path)
    create_master_key(path, random_bytes)
    path.chmod(0o644)
    with pytest.raises(MasterKeyUnsafe, match="chmod 600"):
        read_master_keys(path)
    path.chmod(0o600)
    path.write_text("AAAA")
    with pytest.raises(MasterKeyUnsafe, match="32 octets"):
        read_master_keys(path)


def test_a_master_key_is_not_shown(random_bytes: RandomBytes) -> None:
    key = MasterKey(random_bytes(32))
    assert repr(key.secret)[2:-1] not in repr(key)
    assert key.secret.hex() not in key.id


@given(plaintext=st.binary(max_size=300))
def test_sealing_is_never_the_same_twice(plaintext: bytes) -> None:
    key = b"k" * 32
    one, other = (encrypt(key, plaintext, "subject", system_random) for _ in range(2))
    assert one != other
    assert decrypt(key, one, "subject") == decrypt(key, other, "subject") == plaintext
