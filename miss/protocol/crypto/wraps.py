"""Wraps of the recovery key as the server keeps them: which way each opens, with which parameters.  protocol §5

    wrap = [v, method, params, sealed]        params: packed, as a byte string

    code        params []
    passphrase  params [salt, ops, mem_bytes]            of Argon2id, version 1.3, one lane
    passkey     params [credential id, PRF salt]

Refuses: parameters of Argon2id beyond what any program of MiSS writes; they are bounded when a wrap is read, before
any work is done.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from miss.protocol.crypto.primitives import KEY_BYTES, NONCE_BYTES, TAG_BYTES, VERSION
from miss.protocol.errors import BadWrap, WrapTooCostly, WrongRecoveryMethod
from miss.protocol.ids import Number
from miss.protocol.limits import MAX_PASSKEYS, MAX_WRAPS
from miss.protocol.packing import Form, Signed

ARGON2_OPS: Final = 3
ARGON2_MEM_BYTES: Final = 64 * 1024 * 1024
MAX_ARGON2_OPS: Final = 10
MAX_ARGON2_MEM_BYTES: Final = 256 * 1024 * 1024
MAX_CREDENTIAL_ID_BYTES: Final = 1023
MAX_WRAP_BYTES: Final = 2048
SALT_BYTES: Final = 16
_SEALED_BYTES: Final = NONCE_BYTES + KEY_BYTES + TAG_BYTES


class Method(StrEnum):
    """What opens a wrap."""

    CODE = "code"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a method
    PASSKEY = "passkey"


class Wrap(Signed, frozen=True):
    """RK, wrapped in one way, as the server keeps it."""

    v: int
    method: Method
    params: Annotated[bytes, Meta(max_length=MAX_WRAP_BYTES)]
    sealed: Annotated[bytes, Meta(min_length=_SEALED_BYTES, max_length=_SEALED_BYTES)]

    def to_bytes(self) -> bytes:
        return _WRAP.compose(self)

    @property
    def passkey(self) -> "PasskeyParams":
        """What a browser needs to ask the passkey for its PRF output.  Raises WrongRecoveryMethod, BadWrap."""
        require_method(self, Method.PASSKEY)
        return _PASSKEY.parse(self.params)


class CodeParams(Signed, frozen=True):
    """None: the code says it all."""


class PassphraseParams(Signed, frozen=True):
    """What Argon2id is asked for."""

    salt: Annotated[bytes, Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)]
    ops: Number
    mem_bytes: Number


class PasskeyParams(Signed, frozen=True):
    """Which passkey, and the salt that its PRF is asked with (WebAuthn, extension `prf`)."""

    credential_id: Annotated[bytes, Meta(min_length=1, max_length=MAX_CREDENTIAL_ID_BYTES)]
    prf_salt: Annotated[bytes, Meta(min_length=32, max_length=32)]


_WRAP = Form(Wrap, BadWrap, MAX_WRAP_BYTES, version=VERSION)
_CODE = Form(CodeParams, BadWrap, MAX_WRAP_BYTES)
_PASSPHRASE = Form(PassphraseParams, BadWrap, MAX_WRAP_BYTES)
_PASSKEY = Form(PasskeyParams, BadWrap, MAX_WRAP_BYTES)


def parse_wrap(data: bytes) -> Wrap:
    """The wrap in `data`; nothing is opened.  Raises BadWrap, UnsupportedVersion, WrapTooCostly."""
    wrap = _WRAP.parse(data)
    match wrap.method:
        case Method.CODE:
            _CODE.parse(wrap.params)
        case Method.PASSPHRASE:
            argon2_params(wrap)
        case Method.PASSKEY:
            _PASSKEY.parse(wrap.params)
    return wrap


def parse_wraps(raws: Sequence[bytes]) -> tuple[Wrap, ...]:
    """All wraps of one RK: at least one, one code, one passphrase and five passkeys at most.

    Raises BadWrap, UnsupportedVersion, WrapTooCostly.
    """
    if not 0 < len(raws) <= MAX_WRAPS:
        raise BadWrap(reason="count", count=len(raws))
    wraps = tuple(parse_wrap(raw) for raw in raws)
    for method, most in ((Method.CODE, 1), (Method.PASSPHRASE, 1), (Method.PASSKEY, MAX_PASSKEYS)):
        if sum(wrap.method is method for wrap in wraps) > most:
            raise BadWrap(reason="too_many", method=method.value)
    return wraps


def argon2_params(wrap: Wrap) -> PassphraseParams:
    """What Argon2id is asked for, within bounds.  Raises BadWrap, WrapTooCostly, WrongRecoveryMethod."""
    require_method(wrap, Method.PASSPHRASE)
    params = _PASSPHRASE.parse(wrap.params)
    if params.ops > MAX_ARGON2_OPS or params.mem_bytes > MAX_ARGON2_MEM_BYTES:
        raise WrapTooCostly(ops=params.ops, mem_bytes=params.mem_bytes)
    if params.ops < ARGON2_OPS or params.mem_bytes < ARGON2_MEM_BYTES:
        # Nobody writes it cheaper: whoever offers it wants a passphrase that is quick to guess.
        raise BadWrap(reason="too_cheap")
    return params


def require_method(wrap: Wrap, method: Method) -> None:
    """Raises WrongRecoveryMethod unless `wrap` opens in that way."""
    if wrap.method is not method:
        raise WrongRecoveryMethod(method=wrap.method.value)
