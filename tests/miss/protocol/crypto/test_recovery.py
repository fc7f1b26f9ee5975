import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.pwhash import argon2id

import miss.protocol.crypto.recovery as recovery
from miss.base.ids import AccountId
from miss.protocol.crypto.codes import code_secret
from miss.protocol.crypto.keys import open_user_key, seal_user_key
from miss.protocol.crypto.primitives import derive, domain, hash_, open_
from miss.protocol.crypto.recovery import (
    compose_recovery_code,
    compose_recovery_key,
    recovery_device_keys,
    recovery_did,
    sign_recovery_test,
    unwrap_with_code,
    unwrap_with_passkey,
    unwrap_with_passphrase,
    verify_recovery_test,
    wrap_with_code,
    wrap_with_passkey,
    wrap_with_passphrase,
)
from miss.protocol.crypto.words import compose_passphrase, fold
from miss.protocol.crypto.wraps import Method, PasskeyParams, Wrap, parse_wrap, parse_wraps
from miss.protocol.errors import (
    BadKey,
    BadRecoveryCode,
    BadRecoveryPassphrase,
    BadWrap,
    ProtocolError,
    WrapTooCostly,
    WrongRecoveryMethod,
    WrongRecoverySecret,
)
from miss.protocol.packing import pack
from tests.miss.protocol.people import ALICE, BOB, NOW_MS, Stream

RK = compose_recovery_key(Stream("rk"))
CODE = compose_recovery_code(Stream("code"))
PHRASE = compose_passphrase(Stream("phrase"))
PASSKEY = PasskeyParams(b"credential", b"s" * 32)
PRF = b"p" * 32
BY_CODE = wrap_with_code(RK, ALICE.uid, CODE, Stream("by code"))
BY_PHRASE = wrap_with_passphrase(RK, ALICE.uid, PHRASE, Stream("by phrase"))
BY_PASSKEY = wrap_with_passkey(RK, ALICE.uid, PASSKEY, PRF, Stream("by passkey"))
MIB = 1024 * 1024


def passphrase_params(ops: int, mem_bytes: int) -> bytes:
    return pack([b"s" * 16, ops, mem_bytes])


def test_the_device_on_paper_follows_from_the_key() -> None:
    keys = recovery_device_keys(RK)
    assert keys.to_secret() == derive(RK, "recovery-ik") + derive(RK, "recovery-ek")
    assert recovery_did(RK) == derive(RK, "recovery-did")[:16]
    sealed = seal_user_key(ALICE.user_key, ALICE.uid, recovery_did(RK), keys.ek_public)
    assert open_user_key(sealed, ALICE.uid, recovery_did(RK), 1, recovery_device_keys(RK)).public == ALICE.chain.uek_pk


@settings(max_examples=40)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=17, max_size=17))
def test_any_key_comes_back_by_its_code_however_typed(rk: bytes, drawn: bytes) -> None:
    code = compose_recovery_code(lambda size: drawn)
    received = parse_wrap(wrap_with_code(rk, ALICE.uid, code, Stream("any")).to_bytes())
    typed = code.lower().replace("-", " ").replace("1", "l").replace("0", "O")
    assert unwrap_with_code(received, ALICE.uid, typed) == rk


@settings(max_examples=40)
@given(
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=1, max_size=1023),
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=32, max_size=32),
)
def test_any_key_comes_back_by_its_passkey(rk: bytes, credential_id: bytes, salt: bytes, prf_output: bytes) -> None:
    params = PasskeyParams(credential_id, salt)
    received = parse_wrap(wrap_with_passkey(rk, ALICE.uid, params, prf_output, Stream("any")).to_bytes())
    assert received.passkey == params
    assert unwrap_with_passkey(received, ALICE.uid, prf_output) == rk


def test_the_key_comes_back_by_its_passphrase_however_typed() -> None:
    received = parse_wrap(BY_PHRASE.to_bytes())
    assert unwrap_with_passphrase(received, ALICE.uid, PHRASE) == RK
    assert unwrap_with_passphrase(received, ALICE.uid, f"  {fold(PHRASE).upper()}\n") == RK


def test_it_is_wrapped_as_the_specification_says() -> None:
    ad = domain("recovery-wrap") + ALICE.uid + b"code" + b"\x90"
    assert open_(hash_("recovery-code", ALICE.uid + code_secret(CODE)), BY_CODE.sealed, ad) == RK
    ad = domain("recovery-wrap") + ALICE.uid + b"passkey" + pack([b"credential", b"s" * 32])
    assert open_(hash_("recovery-passkey", ALICE.uid + PRF), BY_PASSKEY.sealed, ad) == RK
    salt = Stream("by phrase")(16)
    assert BY_PHRASE.params == pack([salt, 3, 64 * MIB])


def test_a_wrap_opens_for_its_person_with_its_secret_only() -> None:
    with pytest.raises(WrongRecoverySecret):
        unwrap_with_code(BY_CODE, BOB.uid, CODE)
    with pytest.raises(WrongRecoverySecret):
        unwrap_with_code(BY_CODE, ALICE.uid, compose_recovery_code(Stream("other")))
    with pytest.raises(WrongRecoverySecret):
        unwrap_with_passkey(BY_PASSKEY, BOB.uid, PRF)
    with pytest.raises(WrongRecoverySecret):
        unwrap_with_passkey(BY_PASSKEY, ALICE.uid, b"q" * 32)
    with pytest.raises(WrongRecoverySecret):
        unwrap_with_passphrase(BY_PHRASE, BOB.uid, PHRASE)
    with pytest.raises(WrongRecoverySecret):
        unwrap_with_passphrase(BY_PHRASE, ALICE.uid, compose_passphrase(Stream("other")))


def test_mistakes_in_typing_are_named_before_anything_is_tried() -> None:
    with pytest.raises(BadRecoveryCode) as code:
        unwrap_with_code(BY_CODE, ALICE.uid, CODE[:6] + "U" + CODE[7:])
    assert code.value.params["position"] == 6
    with pytest.raises(BadRecoveryPassphrase):
        unwrap_with_passphrase(BY_PHRASE, ALICE.uid, PHRASE.rpartition(" ")[0])
    with pytest.raises(BadKey):
        unwrap_with_passkey(BY_PASSKEY, ALICE.uid, PRF[:31])


def test_a_wrap_opens_in_its_own_way_only() -> None:
    for wrap in (BY_PHRASE, BY_PASSKEY):
        with pytest.raises(WrongRecoveryMethod) as caught:
            unwrap_with_code(wrap, ALICE.uid, CODE)
        assert caught.value.params["method"] == wrap.method.value
    with pytest.raises(WrongRecoveryMethod):
        unwrap_with_passphrase(BY_CODE, ALICE.uid, PHRASE)
    with pytest.raises(WrongRecoveryMethod):
        unwrap_with_passkey(BY_CODE, ALICE.uid, PRF)
    with pytest.raises(WrongRecoveryMethod):
        _ = BY_CODE.passkey


def test_a_method_cannot_be_exchanged_for_another() -> None:
    # The same wrap key under another name: the method is in the authenticated data.
    renamed = Wrap(1, Method.PASSKEY, BY_PASSKEY.params, BY_CODE.sealed)
    with pytest.raises(WrongRecoverySecret):
        recovery._unwrap(renamed, ALICE.uid, hash_("recovery-code", ALICE.uid + code_secret(CODE)))


@pytest.mark.parametrize("wrap", [BY_CODE, BY_PASSKEY], ids=["code", "passkey"])
def test_every_changed_byte_is_seen(wrap: Wrap) -> None:
    raw = wrap.to_bytes()
    for at in range(len(raw)):
        for flip in (0x01, 0x80):
            changed = bytearray(raw)
            changed[at] ^= flip
            with pytest.raises(ProtocolError):
                _open(parse_wrap(bytes(changed)), ALICE.uid)


def test_a_changed_byte_of_a_passphrase_wrap_is_seen() -> None:
    raw = BY_PHRASE.to_bytes()
    tried = range(0, len(raw), 9)
    for at in tried:
        changed = bytearray(raw)
        changed[at] ^= 1
        with pytest.raises(ProtocolError):
            unwrap_with_passphrase(parse_wrap(bytes(changed)), ALICE.uid, PHRASE)


def _open(wrap: Wrap, uid: AccountId) -> bytes:
    return unwrap_with_code(wrap, uid, CODE) if wrap.method is Method.CODE else unwrap_with_passkey(wrap, uid, PRF)


@pytest.mark.parametrize(
    ("ops", "mem_bytes", "error"),
    [
        (11, 64 * MIB, WrapTooCostly),
        (3, 256 * MIB + 1, WrapTooCostly),
        (2**53 - 1, 2**53 - 1, WrapTooCostly),
        (2, 64 * MIB, BadWrap),
        (3, 64 * MIB - 1, BadWrap),
        (0, 0, BadWrap),
        (2**53, 64 * MIB, BadWrap),
        (-1, 64 * MIB, BadWrap),
    ],
)
def test_argon2_is_bounded_before_any_work(
    ops: int, mem_bytes: int, error: type[ProtocolError], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> bytes:
        raise AssertionError("computed")

    monkeypatch.setattr(argon2id, "kdf", never)
    wrap = Wrap(1, Method.PASSPHRASE, passphrase_params(ops, mem_bytes), BY_PHRASE.sealed)
    with pytest.raises(error) as caught:
        parse_wrap(pack(wrap))
    assert caught.value.sentence()
    with pytest.raises(error):
        unwrap_with_passphrase(wrap, ALICE.uid, PHRASE)


def test_what_argon2_may_be_asked_at_the_most_is_accepted() -> None:
    costly = Wrap(1, Method.PASSPHRASE, passphrase_params(10, 256 * MIB), BY_PHRASE.sealed)
    assert parse_wrap(pack(costly)) == costly


@pytest.mark.parametrize(
    "wrap",
    [
        [1, "pin", b"\x90", b"s" * 72],
        [1, "code", pack([1]), b"s" * 72],
        [1, "code", b"", b"s" * 72],
        [1, "code", b"\x90", b"s" * 71],
        [1, "code", b"\x90", b"s" * 72, 0],
        [1, "passphrase", b"\x90", b"s" * 72],
        [1, "passphrase", pack([b"s" * 15, 3, 64 * MIB]), b"s" * 72],
        [1, "passkey", pack([b"", b"s" * 32]), b"s" * 72],
        [1, "passkey", pack([b"c" * 1024, b"s" * 32]), b"s" * 72],
        [1, "passkey", pack([b"c", b"s" * 31]), b"s" * 72],
        [2, "code", b"\x90", b"s" * 72],
    ],
)
def test_other_shapes_are_refused(wrap: list[object]) -> None:
    with pytest.raises(ProtocolError):
        parse_wrap(pack(wrap))


def test_one_code_one_passphrase_five_passkeys() -> None:
    passkeys = [
        wrap_with_passkey(RK, ALICE.uid, PasskeyParams(b"%d" % i, b"s" * 32), PRF, Stream(f"{i}")) for i in range(6)
    ]
    everything = [wrap.to_bytes() for wrap in (BY_CODE, BY_PHRASE, *passkeys)]
    assert [wrap.method for wrap in parse_wraps(everything[:7])] == ["code", "passphrase", *["passkey"] * 5]
    for refused in ([], everything, everything[2:], [everything[0]] * 2, [everything[1]] * 2):
        with pytest.raises(BadWrap):
            parse_wraps(refused)


def test_a_key_of_another_length_is_refused() -> None:
    for rk in (b"", RK[:31], RK + b"x"):
        with pytest.raises(BadKey):
            wrap_with_code(rk, ALICE.uid, CODE, Stream("short"))
        with pytest.raises(BadKey):
            recovery_device_keys(rk)


def test_the_test_of_a_key_is_signed_by_the_device_on_paper() -> None:
    keys, did = recovery_device_keys(RK), recovery_did(RK)
    sig = sign_recovery_test(keys, did, NOW_MS)
    assert verify_recovery_test(keys.ik_public, did, NOW_MS, sig)
    assert not verify_recovery_test(keys.ik_public, did, NOW_MS + 1, sig)
    assert not verify_recovery_test(keys.ik_public, ALICE.did, NOW_MS, sig)
    assert not verify_recovery_test(ALICE.keys.ik_public, did, NOW_MS, sig)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_wrap(data)
