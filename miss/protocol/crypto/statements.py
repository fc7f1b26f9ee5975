"""What a person signs about one envelope of a log: its deletion, its acknowledgement.  protocol §3

    core      = [v, cid, seq, env_hash, uid, did, ts]
    statement = [core, Sign(ik of did, label, core)]

The two kinds differ in their label alone, so that one never counts for the other: see `tombstones` and
`acknowledgements`.  Here is the form they share.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Generic, TypeVar

from msgspec import Meta
from nacl.signing import SigningKey

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.protocol.crypto.chains import Chain
from miss.protocol.crypto.primitives import VERSION, sign, verify
from miss.protocol.errors import ProtocolError, StatementError
from miss.protocol.ids import Cid, Did, Hash, Millis, Ordinal, Signature, Uid
from miss.protocol.packing import Form, Signed

MAX_STATEMENT_BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class Statement:
    """What all kinds say."""

    cid: ConversationId
    seq: int
    env_hash: bytes
    """H("env", env) of the envelope at `seq`."""
    uid: AccountId
    """Who states it, and on which device."""
    did: DeviceId
    ts_ms: int
    raw: bytes
    """The statement as sent."""


S = TypeVar("S", bound=Statement)


class _Core(Signed, frozen=True):
    v: int
    cid: Cid
    seq: Ordinal
    env_hash: Hash
    uid: Uid
    did: Did
    ts: Millis


class _Outer(Signed, frozen=True):
    core: Annotated[bytes, Meta(max_length=MAX_STATEMENT_BYTES)]
    sig: Signature


class StatementForm(Generic[S]):
    """How one kind of statement is written, read and checked."""

    def __init__(self, kind: type[S], label: str, bad: type[ProtocolError], forged: type[StatementError]) -> None:
        self._kind = kind
        self._label = label
        self._forged = forged
        self._core = Form(_Core, bad, MAX_STATEMENT_BYTES, version=VERSION)
        self._outer = Form(_Outer, bad, MAX_STATEMENT_BYTES)

    def compose(
        self,
        *,
        cid: ConversationId,
        seq: int,
        env_hash: bytes,
        uid: AccountId,
        did: DeviceId,
        ts_ms: int,
        ik: SigningKey,
    ) -> S:
        """The statement, signed.  Raises `bad` if a field is out of bounds."""
        core = self._core.compose(_Core(VERSION, cid, seq, env_hash, uid, did, ts_ms))
        raw = self._outer.compose(_Outer(core, sign(ik, self._label, core)))
        return self._kind(cid, seq, env_hash, uid, did, ts_ms, raw)

    def parse(self, data: bytes) -> S:
        """The statement in `data`, signature unchecked.  Raises `bad`, UnsupportedVersion."""
        core = self._core.parse(self._outer.parse(data).core)
        return self._kind(core.cid, core.seq, core.env_hash, core.uid, core.did, core.ts, data)

    def verify(self, statement: S, chain: Chain) -> None:
        """Raises `forged` unless a device of `chain`, now or once active, signed the statement; never the paper one.

        What a device stated before it was revoked keeps its worth; afterwards the server takes nothing from it.
        """
        outer = self._outer.parse(statement.raw)
        found = (state.devices.get(statement.did) for state in chain.states())
        device = next((device for device in found if device is not None and not device.paper), None)
        if (
            self.parse(statement.raw) != statement
            or statement.uid != chain.uid
            or device is None
            or not verify(device.ik, self._label, outer.core, outer.sig)
        ):
            raise self._forged(seq=statement.seq)
