"""What the writers write: envelopes that name themselves, so that a reader's log needs eight bytes a message.

The server reads the header of an envelope and nothing else (protocol §3), so each writer seals one, by the bench, and
its last eight bytes of ciphertext are replaced by the message's own number.  Readers compare every byte with what
that message must be; opening envelopes is tested elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from miss.base.ids import ConversationId, MessageId
from miss.protocol.crypto.envelopes import hash_envelope
from miss.protocol.crypto.opcert import OpCert, Purpose, require_cover
from miss.protocol.crypto.primitives import hash_, verify
from miss.protocol.crypto.receipts import DepositReceipt, log_next, parse_receipt
from miss.protocol.errors import ProtocolError
from miss.protocol.packing import pack

LARGE = 1 << 39
"""Bit of an id whose envelope is longer by `PADDING_BYTES`."""
PADDING_BYTES = 48 * 1024
ALTERED = 0
"""The id of what is no message of anybody."""
_WRITER_SHIFT = 40
_NUMBER_BYTES = 8
_RANDOM_B = (1 << 62) - 1
"""The bits of a UUIDv7 that are the message's own (RFC 9562 §5.7)."""


def compose_id(writer: int, number: int, *, large: bool = False) -> int:
    """The id of a writer's `number`-th message, counted from 1; unique in its conversation."""
    return writer << _WRITER_SHIFT | (LARGE if large else 0) | number


def compose_mid(id_: int, now_ms: int) -> MessageId:
    """A UUIDv7 that carries the id."""
    return MessageId((now_ms << 80 | 7 << 76 | 2 << 62 | id_).to_bytes(16, "big"))


def read_mid(mid: bytes) -> int:
    """The id in it."""
    return int.from_bytes(mid[8:], "big") & _RANDOM_B


class Letters:
    """The envelopes of one conversation."""

    def __init__(self, cid: ConversationId, sealed: Sequence[bytes]) -> None:
        """`sealed`: one real envelope of each writer, by their place in the conversation."""
        self.cid = cid
        self._small = [env[:-_NUMBER_BYTES] for env in sealed]
        self._large = [_pad(env)[:-_NUMBER_BYTES] for env in sealed]

    def compose(self, id_: int) -> bytes:
        """The envelope of a message."""
        stems = self._large if id_ & LARGE else self._small
        return stems[id_ >> _WRITER_SHIFT] + id_.to_bytes(_NUMBER_BYTES, "big")

    def recognise(self, env: bytes) -> int:
        """Which message it is; ALTERED if it is none, or not as it was written."""
        id_ = int.from_bytes(env[-_NUMBER_BYTES:], "big")
        known = id_ >> _WRITER_SHIFT < len(self._small)
        return id_ if known and env == self.compose(id_) else ALTERED

    def next_log(self, log: bytes, id_: int, seq: int) -> bytes:
        """See `oracle.NextLog`."""
        return log_next(log, hash_envelope(self.compose(id_)), seq)


def _pad(env: bytes) -> bytes:
    """The same envelope with a longer ciphertext."""
    header, commit_key, sealed = msgspec.msgpack.decode(env)
    return msgspec.msgpack.encode([header, commit_key, sealed + bytes(PADDING_BYTES)])


@dataclass(frozen=True, slots=True)
class Checked:
    """A deposit receipt that was looked at; `problem` is empty if it proves what the ack says."""

    log: bytes
    problem: str = ""


class ReceiptCheck:
    """Verifies deposit receipts as protocol §3 says, apart from the implementation under test; one signature is
    verified once, however many receipts of its batch come in."""

    _REMEMBERED = 4096

    def __init__(self, cert: OpCert) -> None:
        """`cert`: RC's."""
        self._cert = cert
        self._signed: dict[tuple[bytes, bytes], bool] = {}

    def check(self, raw: bytes, cid: bytes, seq: int, env: bytes) -> Checked:
        """`raw`: what came with the ack that placed `env` at `seq`."""
        try:
            receipt = parse_receipt(raw)
            require_cover(self._cert, Purpose.RECEIPT, receipt.leaf.server_ts)
        except ProtocolError as error:
            return Checked(b"", error.code)
        leaf = receipt.leaf
        if (leaf.cid, leaf.seq, leaf.env_hash) != (cid, seq, hash_envelope(env)):
            return Checked(leaf.log, "of another envelope or place")
        return Checked(leaf.log, "" if self._is_signed(receipt) else "forged")

    def _is_signed(self, receipt: DepositReceipt) -> bool:
        node = hash_("leaf", pack(receipt.leaf))
        for step in receipt.path:
            node = hash_("node", step.hash + node if step.left else node + step.hash)
        key = node, receipt.sig
        if key not in self._signed:
            if len(self._signed) >= self._REMEMBERED:
                self._signed.clear()
            self._signed[key] = verify(self._cert.public, "deposit", node, receipt.sig)
        return self._signed[key]
