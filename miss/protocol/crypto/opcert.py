"""The operator's certificates: ROOT, offline and pinned in clients, signs the keys that work online.  protocol §2"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, Final

from msgspec import Meta
from nacl.signing import SigningKey

from miss.protocol.crypto.primitives import VERSION, sign, verify
from miss.protocol.errors import BadOpCert, OpCertRefused
from miss.protocol.ids import Millis, Signature, SigningPublic
from miss.protocol.packing import Form, Signed

MAX_CERT_BYTES: Final = 512


def root_fingerprint(root_public: bytes) -> str:
    """What the activation letter bears and people compare by eye: eight groups of four hexadecimal digits."""
    digest = blake2b(root_public, digest_size=16, person=b"MiSS root").hexdigest()
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


class Purpose(StrEnum):
    """What a certified key may sign."""

    IDENTITY = "identity"  # OP: countersigns links
    RECEIPT = "receipt"  # RC: signs deposit receipts


class _Core(Signed, frozen=True):
    v: int
    purpose: Purpose
    public: SigningPublic
    not_before: Millis
    not_after: Millis


class _Outer(Signed, frozen=True):
    core: Annotated[bytes, Meta(max_length=MAX_CERT_BYTES)]
    sig: Signature


_CORE = Form(_Core, BadOpCert, MAX_CERT_BYTES, version=VERSION)
_OUTER = Form(_Outer, BadOpCert, MAX_CERT_BYTES)


@dataclass(frozen=True, slots=True)
class OpCert:
    """One key of the operator, what it is for and when (milliseconds since 1970, both ends included)."""

    purpose: Purpose
    public: bytes
    not_before_ms: int
    not_after_ms: int
    raw: bytes
    """The certificate as sent."""

    def covers(self, purpose: Purpose, at_ms: int) -> bool:
        """True if this key may sign for `purpose` at that instant."""
        return self.purpose is purpose and self.not_before_ms <= at_ms <= self.not_after_ms


def compose_opcert(
    root: SigningKey, *, purpose: Purpose, public: bytes, not_before_ms: int, not_after_ms: int
) -> OpCert:
    """A certificate for `public` (Ed25519, 32 bytes).  Raises BadOpCert if the dates are reversed."""
    if not_after_ms < not_before_ms:
        raise BadOpCert(reason="dates_reversed")
    core = _CORE.compose(_Core(VERSION, purpose, public, not_before_ms, not_after_ms))
    raw = _OUTER.compose(_Outer(core, sign(root, "opcert", core)))
    return OpCert(purpose, public, not_before_ms, not_after_ms, raw)


def verify_opcert(raw: bytes, root_public: bytes) -> OpCert:
    """The certificate in `raw`.  Raises BadOpCert unless ROOT (Ed25519, 32 bytes) signed it."""
    outer = _OUTER.parse(raw)
    core = _CORE.parse(outer.core)
    if not verify(root_public, "opcert", outer.core, outer.sig):
        raise BadOpCert(reason="not_signed_by_root")
    if core.not_after < core.not_before:
        raise BadOpCert(reason="dates_reversed")
    return OpCert(core.purpose, core.public, core.not_before, core.not_after, raw)


def verify_opcerts(raws: Iterable[bytes], root_public: bytes) -> tuple[OpCert, ...]:
    """Every certificate in `raws`.  Raises BadOpCert if one of them is not ROOT's."""
    return tuple(verify_opcert(raw, root_public) for raw in raws)


def require_cover(cert: OpCert, purpose: Purpose, at_ms: int) -> None:
    """Raises OpCertRefused if `cert` may not sign for `purpose` at that instant."""
    if cert.purpose is not purpose:
        raise OpCertRefused(reason="purpose", purpose=cert.purpose.value)
    if not cert.covers(purpose, at_ms):
        raise OpCertRefused(reason="date")
