"""Every frame of the wire.  protocol §7

A frame is one MessagePack array: its kind (a small integer), then its fields in order.  Arrays with an integer
kind were chosen over maps and named kinds because this is the hot path: a `msg` of a 480-byte ciphertext costs
under 60 bytes of overhead, and msgspec decodes and validates it in one pass in about a microsecond.  The price,
that fields are told apart by place, is paid by one rule: fields are only ever appended, with a default, and a
reader ignores those it does not know.

Kinds 1 – 63 may be ignored by whoever does not know them; kinds 64 – 127 are critical and may not.  Commits and
blobs travel over HTTP and have no frame here.
"""

from enum import IntEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from miss.protocol.ids import Cid, Did, Hash, Mid, Millis, Number, Ordinal, Signature, Uid
from miss.protocol.limits import MAX_ENVELOPE_BYTES, MAX_LINK_BYTES, MAX_PAGE_ITEMS

SUBPROTOCOL = "miss.1"
"""The WebSocket subprotocol that client and server agree on."""
WIRE_VERSION = 1
MAX_STATEMENT_BYTES = 1024
FIRST_CRITICAL_KIND = 64

Env = Annotated[bytes, Meta(min_length=1, max_length=MAX_ENVELOPE_BYTES)]
"""An envelope as its author sent it (protocol §3), opaque here."""
Nonce = Annotated[bytes, Meta(min_length=32, max_length=32)]
Ref = Annotated[int, Meta(ge=0, le=2**32 - 1)]
"""Chosen by the client, unique on one connection; the answer carries it back."""
Receipt = Annotated[bytes, Meta(min_length=1, max_length=4096)]
Tombstone = Annotated[bytes, Meta(min_length=1, max_length=MAX_STATEMENT_BYTES)]
"""The author's signed wish that an envelope be deleted (protocol §3), packed."""
Acknowledgement = Annotated[bytes, Meta(min_length=1, max_length=MAX_STATEMENT_BYTES)]
"""A member's signed word that an alarm was taken note of (protocol §3), packed."""
Code = Annotated[str, Meta(pattern=r"^[a-z0-9_]{1,48}\Z")]
Token = Annotated[str, Meta(min_length=1, max_length=256)]
Seconds = Annotated[float, Meta(ge=0, le=86_400)]


class Limits(msgspec.Struct, frozen=True, array_like=True):
    """What the server accepts, told in `hello`."""

    envelope_bytes: Number
    blob_bytes: Number
    page_items: Number
    send_burst: Number
    send_per_s: Annotated[float, Meta(ge=0)]
    """Refill of the burst; a client that keeps to it never meets `err rate`."""


class Hello(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """S→  The server speaks first; the client answers with `auth` within 10 s."""

    ver: Number
    nonce: Nonce
    limits: Limits
    server_ts: Millis


class Auth(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """C→  Proof that the device's key is there (`miss.protocol.crypto.auth`)."""

    did: Did
    ts: Millis
    """The client's clock, so that a wrong one can be told to its owner."""
    sig: Signature
    resume: Millis | None = None
    """`server_ts` of the last `ready` after which the client caught up: heads unchanged since may be left out."""


class Ready(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """S→  Authenticated."""

    resumed: bool
    """True: the `heads` that follow hold only what changed since `resume`."""
    server_ts: Millis
    link_head: Hash
    """Head of the account's own chain: the client fetches its links if it differs from what it knows."""
    http_token: Token
    """For blobs, commits and pulls over HTTP; bound to the device, valid for 10 minutes."""
    store_epoch: Number = 0
    """How often the server's store was restored to an older point (protocol §5, Restoration)."""
    store_head: Annotated[bytes, Meta(max_length=32)] = b""
    """Hash of the last statement about it; empty as long as there is none."""

    def __repr__(self) -> str:
        return f"Ready(resumed={self.resumed}, server_ts={self.server_ts})"


class Head(msgspec.Struct, frozen=True, array_like=True):
    """Where one conversation stands."""

    cid: Cid
    last_seq: Number
    read_seq: Number
    """Read by this account, on any of its devices."""
    epoch: Ordinal


class Heads(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """S→  Where conversations stand, most recent first; bodies are pulled lazily.  Several frames if many."""

    items: Annotated[tuple[Head, ...], Meta(max_length=MAX_PAGE_ITEMS)]


class Send(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """C→  Deposit an envelope.  Durable before `ack`; the same `mid` again gets the same `ack`."""

    ref: Ref
    mid: Mid
    cid: Cid
    env: Env


class Ack(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """S→  The envelope is stored for good."""

    ref: Ref
    mid: Mid
    seq: Ordinal
    ts: Millis
    receipt: Receipt
    """A deposit receipt (protocol §3), packed."""
    dup: bool = False
    """True: it was already there."""


class Msg(msgspec.Struct, frozen=True, array_like=True, tag=7):
    """S→  An envelope for this account.  A jump in `seq` is repaired by `pull`."""

    cid: Cid
    seq: Ordinal
    env: Env
    ts: Millis


class Recv(msgspec.Struct, frozen=True, array_like=True, tag=8):
    """C↔S  Everything up to `seq` has reached a device.  Cumulative, never goes back."""

    cid: Cid
    seq: Ordinal
    uid: Uid | None = None
    """Who; set by the server, which ignores what a client puts here."""


class Read(msgspec.Struct, frozen=True, array_like=True, tag=9):
    """C↔S  Everything up to `seq` was opened, proved by a signed read receipt (protocol §3).  Cumulative."""

    cid: Cid
    seq: Ordinal
    receipt: Receipt
    uid: Uid | None = None
    """Who; set by the server, which ignores what a client puts here."""


class Pull(msgspec.Struct, frozen=True, array_like=True, tag=10):
    """C→  Ask for the envelopes from `from_seq` to `to_seq`, both included, at most `limit` of them."""

    ref: Ref
    cid: Cid
    from_seq: Ordinal
    to_seq: Ordinal
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE_ITEMS)]


class Gone(msgspec.Struct, frozen=True, array_like=True):
    """What is left of an envelope that the server does not keep any more."""

    env_hash: Hash
    """H(env): the log is computed with it as before."""
    tombstone: Tombstone | None
    """None: it outlived the conversation's `ttl_s`."""


class Item(msgspec.Struct, frozen=True, array_like=True):
    """One stored envelope."""

    seq: Ordinal
    env: Annotated[bytes, Meta(max_length=MAX_ENVELOPE_BYTES)]
    """Empty if it is gone."""
    ts: Millis
    gone: Gone | None = None
    """There exactly when `env` is empty."""


class Page(msgspec.Struct, frozen=True, array_like=True, tag=11):
    """S→  The answer to `pull`, in the order of `seq`."""

    ref: Ref
    cid: Cid
    items: Annotated[tuple[Item, ...], Meta(max_length=MAX_PAGE_ITEMS)]
    more: bool
    """True: the range holds more than the limits let through; pull again from the last `seq` + 1."""


class EpochChanged(msgspec.Struct, frozen=True, array_like=True, tag=12):
    """S→  A commit was accepted.  The commit comes with digests in place of boxes, and the reader's own box."""

    cid: Cid
    epoch: Ordinal
    commit: Annotated[bytes, Meta(min_length=1, max_length=256 * 1024)]
    box: Annotated[bytes, Meta(max_length=2048)] | None
    """None for somebody the commit leaves out."""
    history: Annotated[bytes, Meta(max_length=256 * 1024)] | None = None
    """For a newcomer, when the policy opens earlier epochs."""


class LinkAdded(msgspec.Struct, frozen=True, array_like=True, tag=13):
    """S→  A contact's devices or identity changed."""

    uid: Uid
    link: Annotated[bytes, Meta(min_length=1, max_length=MAX_LINK_BYTES)]


class Typing(msgspec.Struct, frozen=True, array_like=True, tag=14):
    """C↔S  Somebody is writing.  Never stored, dropped first."""

    cid: Cid
    on: bool
    uid: Uid | None = None
    """Who; set by the server."""


class Presence(msgspec.Struct, frozen=True, array_like=True, tag=15):
    """C↔S  Somebody is there.  Never stored, dropped first."""

    state: Annotated[int, Meta(ge=0, le=3)]
    """0 away, 1 present, 2 do not disturb, 3 on duty."""
    uid: Uid | None = None
    """Who; set by the server."""


class Lag(msgspec.Struct, frozen=True, array_like=True, tag=16):
    """S→  The queue overflowed and was discarded: the client pulls, and repeats what was not answered."""


class Ping(msgspec.Struct, frozen=True, array_like=True, tag=17):
    """C↔S  Still there?"""

    t: Number


class Pong(msgspec.Struct, frozen=True, array_like=True, tag=18):
    """C↔S  The answer to `ping`, with its `t`."""

    t: Number


class Err(msgspec.Struct, frozen=True, array_like=True, tag=19):
    """S→  Refused.  `code` is the stable code of `miss.base.errors`; the client has the sentence."""

    ref: Ref | None
    """The request it answers; None if it was not one."""
    code: Code
    retry_after_s: Seconds | None = None
    fatal: bool = False
    """True: the server closes the connection."""
    epoch: Ordinal | None = None
    """With `stale_epoch`: the current one."""
    seq: Ordinal | None = None
    """With `conflict`: where the first envelope of that `mid` stands.  With a refused `del`: its `seq`."""
    env_hash: Hash | None = None
    """With `conflict`: its H(env); a client that re-encrypted recognises its own message as delivered."""


class Del(msgspec.Struct, frozen=True, array_like=True, tag=20):
    """C↔S  The author deletes the envelope at `seq`.  Told to whoever may read that place, the sender included."""

    cid: Cid
    seq: Ordinal
    tombstone: Tombstone
    uid: Uid | None = None
    """Who; set by the server, which ignores what a client puts here."""


class AlarmState(IntEnum):
    """Where an alarm stands."""

    WAITING = 1  # every member but its author is asked
    ACKNOWLEDGED = 2
    ESCALATED = 3  # `uid` is asked
    EXHAUSTED = 4  # nobody is left to ask: its author has to act


class AlarmChanged(msgspec.Struct, frozen=True, array_like=True, tag=21):
    """S→  Where the alarm of the envelope at `seq` stands.  Absolute: receiving one twice does no harm."""

    cid: Cid
    seq: Ordinal
    state: AlarmState
    uid: Uid | None = None
    """Who is asked now, or who acknowledged."""
    ack: Acknowledgement | None = None


Frame = (
    Hello
    | Auth
    | Ready
    | Heads
    | Send
    | Ack
    | Msg
    | Recv
    | Read
    | Pull
    | Page
    | EpochChanged
    | LinkAdded
    | Typing
    | Presence
    | Lag
    | Ping
    | Pong
    | Err
    | Del
    | AlarmChanged
)


class Unknown(msgspec.Struct, frozen=True):
    """A frame of a later version; ignored unless critical."""

    kind: int
    critical: bool
