"""The recovery key: a device on paper, wrapped in what a person keeps.  protocol §5

RK is 32 random bytes.  Its device keys and `did` follow from it; in the chain it signs `recover` and nothing else,
and the user key is sealed to it as to any device.  The server keeps it wrapped (`wraps`), in up to three ways:

    sealed = nonce ‖ XChaCha20-Poly1305(wrap key, nonce, RK, domain("recovery-wrap") ‖ uid ‖ method ‖ params)

    code        wrap key H("recovery-code", uid ‖ 17 bytes of the code)
    passphrase  wrap key Argon2id13(folded words, salt, ops, mem), 32 bytes
    passkey     wrap key H("recovery-passkey", uid ‖ PRF output)

Refuses: secrets that a person chose, PINs.
"""

from typing import Final

from nacl.pwhash import argon2id

from miss.base.ids import AccountId, DeviceId
from miss.base.random import RandomBytes
from miss.protocol.crypto.codes import code_secret, compose_code, parse_code
from miss.protocol.crypto.keys import DeviceKeys
from miss.protocol.crypto.primitives import KEY_BYTES, VERSION, derive, domain, hash_, open_, seal, sign, verify
from miss.protocol.crypto.words import parse_passphrase
from miss.protocol.crypto.wraps import (
    ARGON2_MEM_BYTES,
    ARGON2_OPS,
    SALT_BYTES,
    CodeParams,
    Method,
    PasskeyParams,
    PassphraseParams,
    Wrap,
    argon2_params,
    parse_wrap,
    require_method,
)
from miss.protocol.errors import BadKey, BadRecoveryCode, WrongRecoverySecret
from miss.protocol.packing import Signed, pack

PRF_OUTPUT_BYTES: Final = 32
"""What a passkey gives (WebAuthn, extension `prf`)."""


def compose_recovery_key(random_bytes: RandomBytes) -> bytes:
    """A new RK, 32 bytes."""
    return random_bytes(KEY_BYTES)


def recovery_device_keys(rk: bytes) -> DeviceKeys:
    """The keys of the device on paper."""
    return DeviceKeys.from_secret(_derived(rk, "recovery-ik") + _derived(rk, "recovery-ek"))


def recovery_did(rk: bytes) -> DeviceId:
    """The id of the device on paper."""
    return DeviceId(_derived(rk, "recovery-did")[:16])


def _derived(rk: bytes, label: str) -> bytes:
    if len(rk) != KEY_BYTES:
        raise BadKey(kind="recovery")
    return derive(rk, label)


def compose_recovery_code(random_bytes: RandomBytes) -> str:
    """A new code, in groups as printed."""
    return compose_code(random_bytes)


def parse_recovery_code(text: str) -> str:
    """The 26 characters of a typed code.  Raises BadRecoveryCode with the position of the first wrong one."""
    return parse_code(text, BadRecoveryCode)


def wrap_with_code(rk: bytes, uid: AccountId, code: str, random_bytes: RandomBytes) -> Wrap:
    """RK under a printed code.  Raises BadRecoveryCode."""
    return _wrap(rk, uid, Method.CODE, CodeParams(), _code_key(uid, code), random_bytes)


def wrap_with_passphrase(rk: bytes, uid: AccountId, passphrase: str, random_bytes: RandomBytes) -> Wrap:
    """RK under a generated passphrase (`words.compose_passphrase`).  Takes 64 MiB and a fraction of a second.

    Raises BadRecoveryPassphrase.
    """
    params = PassphraseParams(random_bytes(SALT_BYTES), ARGON2_OPS, ARGON2_MEM_BYTES)
    return _wrap(rk, uid, Method.PASSPHRASE, params, _passphrase_key(passphrase, params), random_bytes)


def wrap_with_passkey(
    rk: bytes, uid: AccountId, params: PasskeyParams, prf_output: bytes, random_bytes: RandomBytes
) -> Wrap:
    """RK under the PRF output (32 bytes) of a passkey.  Raises BadWrap, BadKey."""
    return _wrap(rk, uid, Method.PASSKEY, params, _passkey_key(uid, prf_output), random_bytes)


def unwrap_with_code(wrap: Wrap, uid: AccountId, code: str) -> bytes:
    """RK.  Raises BadRecoveryCode, WrongRecoverySecret, WrongRecoveryMethod."""
    require_method(wrap, Method.CODE)
    return _unwrap(wrap, uid, _code_key(uid, code))


def unwrap_with_passphrase(wrap: Wrap, uid: AccountId, passphrase: str) -> bytes:
    """RK.  Raises BadRecoveryPassphrase, WrapTooCostly, WrongRecoverySecret, WrongRecoveryMethod."""
    return _unwrap(wrap, uid, _passphrase_key(passphrase, argon2_params(wrap)))


def unwrap_with_passkey(wrap: Wrap, uid: AccountId, prf_output: bytes) -> bytes:
    """RK.  Raises BadKey, WrongRecoverySecret, WrongRecoveryMethod."""
    require_method(wrap, Method.PASSKEY)
    return _unwrap(wrap, uid, _passkey_key(uid, prf_output))


def sign_recovery_test(paper_keys: DeviceKeys, paper_did: DeviceId, ts_ms: int) -> bytes:
    """The proof, for the server, that RK was opened at `ts_ms`: Sign("recovery-test", did ‖ ts)."""
    return sign(paper_keys.ik, "recovery-test", paper_did + ts_ms.to_bytes(8, "big"))


def verify_recovery_test(paper_ik: bytes, paper_did: DeviceId, ts_ms: int, signature: bytes) -> bool:
    """True if the device on paper signed that test."""
    return verify(paper_ik, "recovery-test", paper_did + ts_ms.to_bytes(8, "big"), signature)


def _wrap(
    rk: bytes, uid: AccountId, method: Method, params: Signed, wrap_key: bytes, random_bytes: RandomBytes
) -> Wrap:
    if len(rk) != KEY_BYTES:
        raise BadKey(kind="recovery")
    packed = pack(params)
    return parse_wrap(pack(Wrap(VERSION, method, packed, seal(wrap_key, rk, _ad(uid, method, packed), random_bytes))))


def _unwrap(wrap: Wrap, uid: AccountId, wrap_key: bytes) -> bytes:
    rk = open_(wrap_key, wrap.sealed, _ad(uid, wrap.method, wrap.params))
    if rk is None:
        raise WrongRecoverySecret(method=wrap.method.value)
    return rk


def _ad(uid: AccountId, method: Method, params: bytes) -> bytes:
    return domain("recovery-wrap") + uid + method.value.encode("ascii") + params


def _code_key(uid: AccountId, code: str) -> bytes:
    return hash_("recovery-code", uid + code_secret(parse_recovery_code(code)))


def _passphrase_key(passphrase: str, params: PassphraseParams) -> bytes:
    words = parse_passphrase(passphrase).encode("ascii")
    return argon2id.kdf(KEY_BYTES, words, params.salt, opslimit=params.ops, memlimit=params.mem_bytes)


def _passkey_key(uid: AccountId, prf_output: bytes) -> bytes:
    if len(prf_output) != PRF_OUTPUT_BYTES:
        raise BadKey(kind="passkey")
    return hash_("recovery-passkey", uid + prf_output)
