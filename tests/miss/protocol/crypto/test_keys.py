import pytest

from miss.base.ids import AccountId, DeviceId
from miss.protocol.crypto.keys import (
    SEAL_OVERHEAD_BYTES,
    DeviceKeys,
    SealingKey,
    UserKey,
    open_user_key,
    seal_to,
    seal_user_key,
)
from miss.protocol.errors import BadKey, BadSealed
from tests.miss.protocol.people import ALICE, BOB, Stream


def test_the_public_key_is_that_of_the_x_wing_draft() -> None:
    # draft-connolly-cfrg-xwing-kem, appendix C, first vector: seed, and the first 32 bytes of pk.
    seed = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
    public = SealingKey(seed).public
    assert len(public) == 1216
    assert public[:32].hex() == "e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5"


def test_what_is_sealed_opens_with_the_same_info_only() -> None:
    key = SealingKey(b"e" * 32)
    sealed = seal_to(key.public, b"secret", b"info")
    assert len(sealed) == len(b"secret") + SEAL_OVERHEAD_BYTES
    assert key.open(sealed, b"info") == b"secret"
    for other, info in [(key, b"other"), (SealingKey(b"f" * 32), b"info")]:
        with pytest.raises(BadSealed):
            other.open(sealed, info)


@pytest.mark.parametrize("size", [0, 10, 1119, 1120, 1140])
def test_a_shortened_box_does_not_open(size: int) -> None:
    key = SealingKey(b"e" * 32)
    with pytest.raises(BadSealed):
        key.open(seal_to(key.public, b"secret", b"info")[:size], b"info")


@pytest.mark.parametrize("public", [b"", bytes(1215), b"\xff" * 1216])
def test_sealing_to_no_key_is_refused(public: bytes) -> None:
    with pytest.raises(BadKey):
        seal_to(public, b"secret", b"info")


def test_device_keys_survive_their_key_store() -> None:
    keys = DeviceKeys.generate(Stream("device"))
    again = DeviceKeys.from_secret(keys.to_secret())
    assert (again.ik_public, again.ek_public) == (keys.ik_public, keys.ek_public)
    assert DeviceKeys.generate(Stream("other")).ik_public != keys.ik_public


def test_keys_of_the_wrong_length_are_refused() -> None:
    with pytest.raises(BadKey):
        DeviceKeys.from_secret(bytes(63))
    with pytest.raises(BadKey):
        UserKey(1, bytes(31))
    with pytest.raises(BadKey):
        UserKey(0, bytes(32))
    with pytest.raises(BadKey):
        SealingKey(bytes(33))


def test_no_secret_shows() -> None:
    secret = b"S" * 32
    for shown in (repr(UserKey(1, secret)), repr(SealingKey(secret)), repr(DeviceKeys.from_secret(secret * 2))):
        assert "SSSS" not in shown
        assert secret.hex() not in shown


def test_the_user_key_reaches_another_device_of_the_same_person() -> None:
    keys = DeviceKeys.generate(Stream("tablet"))
    did = DeviceId(b"t" * 16)
    sealed = seal_user_key(ALICE.user_key, ALICE.uid, did, keys.ek_public)
    received = open_user_key(sealed, ALICE.uid, did, 1, keys)
    assert received.public == ALICE.chain.uek_pk
    assert received.secret == ALICE.user_key.secret
    for uid, device, generation in [(BOB.uid, did, 1), (ALICE.uid, BOB.did, 1), (ALICE.uid, did, 2)]:
        with pytest.raises(BadSealed):
            open_user_key(sealed, AccountId(uid), device, generation, keys)


def test_the_user_key_itself_is_not_its_sealing_seed() -> None:
    assert ALICE.user_key.public != SealingKey(ALICE.user_key.secret).public
