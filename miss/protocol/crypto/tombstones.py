"""Tombstones: the author's signed wish that an envelope be deleted.  protocol §3

    core      = [v, cid, seq, env_hash, uid, did, ts]
    tombstone = [core, Sign(ik of did, "tombstone", core)]

The server blanks the envelope and keeps its hash, so the log goes on.  Whoever reads the log later sees that
something stood there, and by the tombstone that its author took it away, not the server.  Any device of the author
may sign it; that the envelope is the author's is the caller's to check.
"""

from dataclasses import dataclass

from nacl.signing import SigningKey

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.protocol.crypto.chains import Chain
from miss.protocol.crypto.statements import Statement, StatementForm
from miss.protocol.errors import BadTombstone, TombstoneForged


@dataclass(frozen=True, slots=True)
class Tombstone(Statement):
    """A signed deletion."""


_FORM = StatementForm(Tombstone, "tombstone", BadTombstone, TombstoneForged)


def compose_tombstone(
    *, cid: ConversationId, seq: int, env_hash: bytes, uid: AccountId, did: DeviceId, ts_ms: int, ik: SigningKey
) -> Tombstone:
    """The tombstone, signed with the `ik` of `did`.  Raises BadTombstone if a field is out of bounds."""
    return _FORM.compose(cid=cid, seq=seq, env_hash=env_hash, uid=uid, did=did, ts_ms=ts_ms, ik=ik)


def parse_tombstone(data: bytes) -> Tombstone:
    """The tombstone in `data`, signature unchecked.  Raises BadTombstone, UnsupportedVersion."""
    return _FORM.parse(data)


def verify_tombstone(tombstone: Tombstone, chain: Chain) -> None:
    """Check the signature against the author's verified chain.  Raises TombstoneForged."""
    _FORM.verify(tombstone, chain)
