import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import AccountId, ConversationId
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.primitives import derive, domain, open_, seal
from miss.protocol.crypto.vault import VAULT_ENTRY_BYTES, open_vault_entry, seal_vault_entry
from miss.protocol.errors import VaultEntryUnreadable
from tests.miss.protocol.people import ALICE, BOB, Stream

CID = ConversationId(b"c" * 32)
ES = b"\x06" * 32
KEY = UserKey(7, b"\x07" * 32)
SEALED = seal_vault_entry(KEY, ALICE.uid, CID, 3, ES, Stream("vault"))


@given(st.binary(min_size=32, max_size=32), st.integers(1, 2**53 - 1), st.integers(1, 2**53 - 1))
def test_any_secret_comes_back(es: bytes, epoch: int, generation: int) -> None:
    key = UserKey(generation, b"k" * 32)
    sealed = seal_vault_entry(key, ALICE.uid, CID, epoch, es, Stream("any"))
    assert len(sealed) == VAULT_ENTRY_BYTES == 72
    assert open_vault_entry(key, ALICE.uid, CID, epoch, sealed) == es


def test_it_is_sealed_as_the_specification_says() -> None:
    ad = domain("vault-entry") + ALICE.uid + CID + (3).to_bytes(8, "big") + (7).to_bytes(8, "big")
    assert open_(derive(b"\x07" * 32, "vault", CID), SEALED, ad) == ES


@pytest.mark.parametrize(
    ("key", "uid", "cid", "epoch"),
    [
        (UserKey(7, b"\x08" * 32), ALICE.uid, CID, 3),
        (UserKey(8, b"\x07" * 32), ALICE.uid, CID, 3),
        (KEY, BOB.uid, CID, 3),
        (KEY, ALICE.uid, ConversationId(b"d" * 32), 3),
        (KEY, ALICE.uid, CID, 4),
    ],
    ids=["key", "generation", "person", "conversation", "epoch"],
)
def test_it_opens_in_its_own_place_only(key: UserKey, uid: AccountId, cid: ConversationId, epoch: int) -> None:
    with pytest.raises(VaultEntryUnreadable) as caught:
        open_vault_entry(key, uid, cid, epoch, SEALED)
    assert caught.value.params == {"epoch": epoch, "generation": key.generation}


def test_every_changed_byte_is_seen() -> None:
    for at in range(len(SEALED)):
        changed = bytearray(SEALED)
        changed[at] ^= 1
        with pytest.raises(VaultEntryUnreadable):
            open_vault_entry(KEY, ALICE.uid, CID, 3, bytes(changed))


@given(st.binary(max_size=200))
def test_anything_else_is_refused_by_name(sealed: bytes) -> None:
    with pytest.raises(VaultEntryUnreadable):
        open_vault_entry(KEY, ALICE.uid, CID, 3, sealed)


def test_a_secret_of_another_length_is_refused_even_under_the_right_key() -> None:
    ad = domain("vault-entry") + ALICE.uid + CID + (3).to_bytes(8, "big") + (7).to_bytes(8, "big")
    for es in (b"", ES[:31], ES + b"x"):
        with pytest.raises(VaultEntryUnreadable):
            open_vault_entry(KEY, ALICE.uid, CID, 3, seal(derive(KEY.secret, "vault", CID), es, ad, Stream("hand")))


def test_a_secret_of_another_length_is_not_sealed() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal_vault_entry(KEY, ALICE.uid, CID, 3, b"short", Stream("vault"))
