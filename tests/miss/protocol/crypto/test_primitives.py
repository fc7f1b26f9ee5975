import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from miss.protocol.crypto.primitives import (
    derive,
    hash_,
    open_,
    pad256,
    seal,
    sign,
    unpad256,
    verify,
)
from tests.miss.protocol.people import Stream

KEY = b"k" * 32
SIGNER = SigningKey(b"s" * 32)


def test_the_domain_stands_before_the_data() -> None:
    assert hash_("env", b"x") == hashlib.blake2b(b"MiSS1 env\0x", digest_size=32).digest()
    assert derive(KEY, "msg", b"x") == hashlib.blake2b(b"MiSS1 msg\0x", key=KEY, digest_size=32).digest()
    SIGNER.verify_key.verify(b"MiSS1 read\0x", sign(SIGNER, "read", b"x"))


def test_values_of_one_use_do_not_serve_another() -> None:
    assert hash_("a", b"") != hash_("b", b"")
    assert derive(KEY, "a") != derive(KEY, "b")
    assert not verify(bytes(SIGNER.verify_key), "b", b"x", sign(SIGNER, "a", b"x"))


def test_a_short_key_derives_nothing() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        derive(b"short", "msg")


@pytest.mark.parametrize(("public", "signature"), [(b"", bytes(64)), (bytes(32), bytes(64)), (bytes(31), b"")])
def test_malformed_keys_and_signatures_are_only_false(public: bytes, signature: bytes) -> None:
    assert not verify(public, "read", b"x", signature)
    assert not verify(bytes(SIGNER.verify_key), "read", b"x", signature)


@given(st.binary(max_size=300), st.binary(max_size=20))
def test_sealing_round_trip(plaintext: bytes, ad: bytes) -> None:
    sealed = seal(KEY, plaintext, ad, Stream("seal"))
    assert len(sealed) == len(plaintext) + 40
    assert open_(KEY, sealed, ad) == plaintext
    assert open_(KEY, sealed, ad + b"!") is None
    assert open_(b"o" * 32, sealed, ad) is None


def test_every_changed_byte_is_seen() -> None:
    sealed = seal(KEY, b"content", b"ad", Stream("seal"))
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        assert open_(KEY, bytes(changed), b"ad") is None
    for size in range(len(sealed)):
        assert open_(KEY, sealed[:size], b"ad") is None


@given(st.binary(max_size=600))
def test_padding_round_trip(data: bytes) -> None:
    padded = pad256(data)
    assert len(padded) % 256 == 0
    assert 0 < len(padded) - len(data) <= 256
    assert unpad256(padded) == data


@pytest.mark.parametrize("padded", [b"", bytes(256), b"a" * 10, b"a" * 256])
def test_other_padding_is_refused(padded: bytes) -> None:
    assert unpad256(padded) is None
