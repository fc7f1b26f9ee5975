"""Receipts: proof that the server took an envelope at a place in its log, and that a device opened it.  protocol §3

Deposit: the server signs once for each batch it commits, over the root of a Merkle tree; the path from an envelope
to that root travels in its ack.  Two receipts of one conversation that do not lie on the same log are proof against
the server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Annotated, Final

from msgspec import Meta
from nacl.signing import SigningKey

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.protocol.crypto.chains import Chain
from miss.protocol.crypto.envelopes import hash_envelope
from miss.protocol.crypto.opcert import OpCert, Purpose, require_cover
from miss.protocol.crypto.primitives import VERSION, hash_, same, sign, verify
from miss.protocol.errors import BadReceipt, ReceiptForged
from miss.protocol.ids import Cid, Did, Hash, Millis, Ordinal, Signature, Uid
from miss.protocol.packing import Form, Signed, pack

MAX_RECEIPT_BYTES: Final = 4096
MAX_PATH: Final = 24
"""Levels of a batch's tree: more envelopes than any transaction holds."""


class Leaf(Signed, frozen=True):
    """One envelope of a batch."""

    cid: Cid
    seq: Ordinal
    env_hash: Hash
    log: Hash
    """The conversation's log after this envelope."""
    server_ts: Millis


class Step(Signed, frozen=True):
    """One level up the tree: the hash beside ours, and whether it stands to the left."""

    left: bool
    hash: Hash


class DepositReceipt(Signed, frozen=True):
    """Proof of deposit."""

    v: int
    leaf: Leaf
    path: Annotated[tuple[Step, ...], Meta(max_length=MAX_PATH)]
    sig: Signature
    """Of RC, over the root."""

    def to_bytes(self) -> bytes:
        return _DEPOSIT.compose(self)

    def covers(self, env: bytes) -> bool:
        """True if it is this envelope that was deposited."""
        return same(self.leaf.env_hash, hash_envelope(env))


_DEPOSIT = Form(DepositReceipt, BadReceipt, MAX_RECEIPT_BYTES, version=VERSION)


def log_start(cid: ConversationId) -> bytes:
    """log_0: H("log", cid)."""
    return hash_("log", cid)


def log_next(log: bytes, env_hash: bytes, seq: int) -> bytes:
    """log_seq: H("log", log_{seq−1} ‖ H(env) ‖ seq, 8 bytes big-endian)."""
    return hash_("log", log + env_hash + seq.to_bytes(8, "big"))


def sign_batch(leaves: Sequence[Leaf], rc_key: SigningKey) -> list[DepositReceipt]:
    """A receipt for each leaf, in order, under one signature.  Raises BadReceipt for an empty batch."""
    if not leaves:
        raise BadReceipt(reason="empty_batch")
    level = [_leaf_hash(leaf) for leaf in leaves]
    levels = []
    while len(level) > 1:
        levels.append(_steps(level))
        level = _level_above(level)
    sig = sign(rc_key, "deposit", level[0])
    return [DepositReceipt(VERSION, leaf, _path(levels, place), sig) for place, leaf in enumerate(leaves)]


def _steps(level: list[bytes]) -> list[Step | None]:
    """What each place of a level has beside it; the last of an odd level has nobody and moves up as it is."""
    steps: list[Step | None] = [Step(left=bool(place & 1), hash=level[place ^ 1]) for place in range(len(level) & ~1)]
    return steps + [None] * (len(level) & 1)


def _path(levels: Sequence[list[Step | None]], place: int) -> tuple[Step, ...]:
    """From a leaf to the root; the steps of all leaves below one node are the same objects."""
    steps = (level[place >> height] for height, level in enumerate(levels))
    return tuple(step for step in steps if step is not None)


def _level_above(level: list[bytes]) -> list[bytes]:
    pairs = zip_longest(level[::2], level[1::2])
    return [left if right is None else hash_("node", left + right) for left, right in pairs]


def parse_receipt(data: bytes) -> DepositReceipt:
    """The deposit receipt in `data`, signature unchecked.  Raises BadReceipt, UnsupportedVersion."""
    return _DEPOSIT.parse(data)


def verify_receipt(receipt: DepositReceipt, cert: OpCert) -> None:
    """Check that the key of `cert` (from `opcert.verify_opcert`) signed this receipt.

    The caller compares the leaf with what it sent (`receipt.covers`).  Raises OpCertRefused, ReceiptForged.
    """
    require_cover(cert, Purpose.RECEIPT, receipt.leaf.server_ts)
    node = _leaf_hash(receipt.leaf)
    for step in receipt.path:
        node = hash_("node", step.hash + node if step.left else node + step.hash)
    if not verify(cert.public, "deposit", node, receipt.sig):
        raise ReceiptForged(seq=receipt.leaf.seq)


def _leaf_hash(leaf: Leaf) -> bytes:
    return hash_("leaf", pack(leaf))


class _ReadCore(Signed, frozen=True):
    v: int
    cid: Cid
    seq: Ordinal
    log: Hash
    uid: Uid
    did: Did
    ts: Millis


class _ReadOuter(Signed, frozen=True):
    core: Annotated[bytes, Meta(max_length=MAX_RECEIPT_BYTES)]
    sig: Signature


_READ_CORE = Form(_ReadCore, BadReceipt, MAX_RECEIPT_BYTES, version=VERSION)
_READ_OUTER = Form(_ReadOuter, BadReceipt, MAX_RECEIPT_BYTES)


@dataclass(frozen=True, slots=True)
class ReadReceipt:
    """Proof that a person opened everything up to `seq`; cumulative, only the latest is kept."""

    cid: ConversationId
    seq: int
    log: bytes
    """The log as the reader computed it at `seq`: it says which envelopes were read, not only how many."""
    uid: AccountId
    did: DeviceId
    ts_ms: int
    raw: bytes
    """The receipt as sent."""


def compose_read_receipt(
    *, cid: ConversationId, seq: int, log: bytes, uid: AccountId, did: DeviceId, ts_ms: int, ik: SigningKey
) -> ReadReceipt:
    """A read receipt, signed by the reading device.  Raises BadReceipt if a field is out of bounds."""
    core = _READ_CORE.compose(_ReadCore(VERSION, cid, seq, log, uid, did, ts_ms))
    raw = _READ_OUTER.compose(_ReadOuter(core, sign(ik, "read", core)))
    return ReadReceipt(cid, seq, log, uid, did, ts_ms, raw)


def parse_read_receipt(data: bytes) -> ReadReceipt:
    """The read receipt in `data`, signature unchecked.  Raises BadReceipt, UnsupportedVersion."""
    core = _READ_CORE.parse(_READ_OUTER.parse(data).core)
    return ReadReceipt(core.cid, core.seq, core.log, core.uid, core.did, core.ts, data)


def verify_read_receipt(receipt: ReadReceipt, chain: Chain) -> None:
    """Check the signature against the reader's verified chain.  Raises ReceiptForged.

    A device that has been revoked since still proves what it opened before.
    """
    if parse_read_receipt(receipt.raw) != receipt:
        raise ReceiptForged(seq=receipt.seq)
    outer = _READ_OUTER.parse(receipt.raw)
    devices = (state.devices.get(receipt.did) for state in chain.states())
    device = next((device for device in devices if device is not None and not device.paper), None)
    if receipt.uid != chain.uid or device is None or not verify(device.ik, "read", outer.core, outer.sig):
        raise ReceiptForged(seq=receipt.seq)
