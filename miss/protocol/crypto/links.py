"""Links: each change of a person's devices, user key or identity is one, hash-chained and signed.  protocol §3

This module writes and reads single links; whether a link may follow the ones before it is decided by
`miss.protocol.crypto.chains`.  A link is signed by a device that already counts (`by`), by the device that enters
(`new`) and by the operator (`op`), each over the same bytes: the core as sent.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta
from nacl.signing import SigningKey

from miss.base.ids import AccountId, DeviceId
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.primitives import VERSION, hash_, sign
from miss.protocol.errors import BadLink
from miss.protocol.ids import Did, Millis, Ordinal, SealingPublic, Signature, SigningPublic, Uid
from miss.protocol.limits import MAX_LINK_BYTES
from miss.protocol.packing import Form, Signed

PAPER: Final = "paper"
"""`proof.method` of a recovery key: a device that exists on paper and signs nothing but `recover`."""

Name = Annotated[str, Meta(min_length=1, max_length=120)]


class Op(StrEnum):
    """What a link does."""

    GENESIS = "genesis"  # first device of a person
    ADD = "add"  # one more device, let in by another
    REVOKE = "revoke"  # one device less, and a new user key
    UEK = "uek"  # a new user key
    RECOVER = "recover"  # a new device, let in by the recovery key
    RESET = "reset"  # everything was lost: the operator alone starts over, loudly


class Who(Signed, frozen=True):
    """Who the operator certifies this person to be."""

    rpps: Annotated[str, Meta(pattern=r"^([0-9]{11})?\Z")]
    """Number in the national register; empty for somebody who has none (a medical secretary)."""
    family: Name
    given: Name
    profession: Name


class Proof(Signed, frozen=True):
    """How the person or the device was recognised, and when."""

    method: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,31}\Z")]
    """For instance `activation-code`, `device`, `pro-sante-connect`, `paper`."""
    time: Millis


class LinkCore(Signed, frozen=True):
    """What the signatures of a link cover."""

    v: int
    uid: Uid
    seq: Ordinal
    prev: Annotated[bytes, Meta(max_length=32)]
    """Hash of the previous link; empty in the first."""
    op: Op
    did: Did
    """The device that enters or leaves; for `uek`, the one that made the key."""
    ik: SigningPublic | None
    """Keys of the device that enters; None for `revoke` and `uek`."""
    ek: SealingPublic | None
    uek_gen: Ordinal
    """The user key in force after this link."""
    uek_pk: SealingPublic
    who: Who | None
    """Required in `genesis` and `reset`; elsewhere only when the identity changes."""
    proof: Proof
    ts: Millis


class _Outer(Signed, frozen=True):
    core: Annotated[bytes, Meta(max_length=MAX_LINK_BYTES)]
    by: Did | None
    by_sig: Signature | None
    new_sig: Signature | None
    op_sig: Signature | None


_CORE = Form(LinkCore, BadLink, MAX_LINK_BYTES, version=VERSION)
_OUTER = Form(_Outer, BadLink, MAX_LINK_BYTES)


@dataclass(frozen=True, slots=True)
class DevicePublic:
    """A device as others know it."""

    did: DeviceId
    ik: bytes
    ek: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """One link as sent.  Signatures that are still to come are None."""

    core: LinkCore
    core_bytes: bytes
    """`core` as its author packed it: what is hashed and signed."""
    by: DeviceId | None = None
    """The device that vouches for the change."""
    by_sig: bytes | None = None
    new_sig: bytes | None = None
    op_sig: bytes | None = None

    @property
    def hash(self) -> bytes:
        """H("link", core): what the next link names as `prev`, and commits as `link_head`."""
        return hash_("link", self.core_bytes)

    def to_bytes(self) -> bytes:
        return _OUTER.compose(_Outer(self.core_bytes, self.by, self.by_sig, self.new_sig, self.op_sig))


def parse_link(data: bytes) -> Link:
    """The link in `data`, signatures unchecked.  Raises BadLink, UnsupportedVersion."""
    outer = _OUTER.parse(data)
    return Link(_CORE.parse(outer.core), outer.core, outer.by, outer.by_sig, outer.new_sig, outer.op_sig)


def compose_genesis(
    *, uid: AccountId, did: DeviceId, keys: DeviceKeys, user_key: UserKey, who: Who, proof: Proof, ts_ms: int
) -> Link:
    """The first link of a person, signed by the first device; the operator's signature is still to come."""
    core = LinkCore(
        v=VERSION,
        uid=uid,
        seq=1,
        prev=b"",
        op=Op.GENESIS,
        did=did,
        ik=keys.ik_public,
        ek=keys.ek_public,
        uek_gen=user_key.generation,
        uek_pk=user_key.public,
        who=who,
        proof=proof,
        ts=ts_ms,
    )
    return cosign(wrap_core(core), keys)


def wrap_core(core: LinkCore) -> Link:
    """`core`, packed and not signed by anybody yet.  Raises BadLink if a field is out of bounds."""
    return Link(core, _CORE.compose(core))


def vouch(link: Link, by: DeviceId, keys: DeviceKeys) -> Link:
    """`link`, signed by a device that already counts (for `recover`: by the recovery key)."""
    return replace(link, by=by, by_sig=sign(keys.ik, "link-by", link.core_bytes))


def cosign(link: Link, keys: DeviceKeys) -> Link:
    """`link`, signed by the device that enters: it holds the keys that the link names."""
    return replace(link, new_sig=sign(keys.ik, "link-new", link.core_bytes))


def countersign(link: Link, op_key: SigningKey) -> Link:
    """`link`, signed by the operator, who has checked it with `chains.apply_link` and its `ts` against the clock."""
    return replace(link, op_sig=sign(op_key, "link-op", link.core_bytes))
