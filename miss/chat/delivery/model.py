"""One envelope on its way into the log, and the rules that decide its place.  Values and pure rules.

The order of the rules is protocol §7: an envelope that is there already is answered first, so that a repetition
gets its ack even if the epoch has changed or the sender has left meanwhile.  What there is one of for each envelope is
a msgspec structure: made in a fifth of the time that a frozen dataclass takes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from miss.base.errors import MissError, NotFound
from miss.base.ids import AccountId, BlobId, ConversationId, DeviceId, MessageId
from miss.chat.alarms.model import Place, RaisedAlarm, refuse_alarm
from miss.chat.conversations.errors import StaleEpoch
from miss.chat.conversations.model import ConversationState
from miss.chat.delivery.errors import MessageConflict
from miss.chat.devices.errors import DeviceRevoked
from miss.chat.devices.model import LinkedDevice
from miss.protocol.crypto.envelopes import Alarm, hash_envelope, parse_header
from miss.protocol.crypto.receipts import log_next
from miss.protocol.errors import BadEnvelope
from miss.protocol.wire.frames import AlarmState, Send
from miss.storage.errors import BlobMissing

Key = tuple[ConversationId, DeviceId, MessageId]
"""What makes a deposit the same one."""
Cursor = tuple[int, ConversationId, int]
"""Where a list of deletions goes on: after the one stored then, of that place."""


class Deposit(msgspec.Struct, frozen=True):
    """An envelope and what the server reads of it."""

    uid: AccountId
    did: DeviceId
    cid: ConversationId
    mid: MessageId
    env: bytes
    env_hash: bytes
    commit: bytes
    """Hash of the commit it is sealed under."""
    blobs: tuple[BlobId, ...]
    alarm: Alarm | None = None
    socket: int = 0
    """Number of the connection that brought it: it is answered, and needs no copy.  0: none does."""

    @property
    def key(self) -> Key:
        return self.cid, self.did, self.mid


class Stored(msgspec.Struct, frozen=True):
    """Where an envelope stands in the log."""

    cid: ConversationId
    seq: int
    env_hash: bytes
    log: bytes
    """log_seq, protocol §3."""
    ts_ms: int


class Placed(msgspec.Struct, frozen=True):
    """A deposit and its place; `dup`: it had it already."""

    deposit: Deposit
    stored: Stored
    dup: bool

    @property
    def alarm(self) -> RaisedAlarm | None:
        """What is raised with it: everybody but the author is asked first."""
        alarm, stored = self.deposit.alarm, self.stored
        if alarm is None:
            return None
        return RaisedAlarm(
            place=Place(stored.cid, stored.seq),
            author=self.deposit.uid,
            env_hash=stored.env_hash,
            state=AlarmState.WAITING,
            next_uids=alarm.next_uids,
            delay_ms=alarm.ack_by - stored.ts_ms,
            due_ms=alarm.ack_by,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at one place of the log, as its author would delete it."""

    did: DeviceId
    """The device that sent it."""
    env_hash: bytes
    ts_ms: int


@dataclass(frozen=True, slots=True)
class Grave:
    """A deletion."""

    cid: ConversationId
    seq: int
    uid: AccountId
    """The author."""
    tombstone: bytes
    stored_ms: int

    @property
    def cursor(self) -> str:
        """Where a list goes on after this one."""
        return f"{self.stored_ms}-{self.cid.hex()}-{self.seq}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a batch read under lock."""

    states: Mapping[ConversationId, ConversationState]
    members: Mapping[ConversationId, Collection[AccountId]]
    """Of each conversation, at its current version."""
    stored: Mapping[Key, Stored]
    active: Collection[DeviceId]
    """The sending devices that are not revoked."""
    uploaders: Mapping[BlobId, AccountId]
    """Who uploaded each blob that the batch names."""
    ts_ms: int


def read_deposit(by: LinkedDevice, frame: Send, socket: int = 0) -> Deposit:
    """What `by` deposits on the connection of that number.

    Raises as `parse_header`, and BadEnvelope if the header names another sender or place.
    """
    header = parse_header(frame.env)
    if header.did != by.did:
        raise BadEnvelope(reason="another_device")
    if header.cid != frame.cid:
        raise BadEnvelope(reason="another_conversation")
    return Deposit(
        uid=by.uid,
        did=by.did,
        cid=frame.cid,
        mid=frame.mid,
        env=frame.env,
        env_hash=hash_envelope(frame.env),
        commit=header.commit,
        blobs=header.blobs,
        alarm=header.alarm,
        socket=socket,
    )


def place_all(deposits: Sequence[Deposit], facts: Facts) -> list[Placed | MissError]:
    """A place for each deposit, in order, or why it gets none.  Places of one conversation follow each other."""
    stored = dict(facts.stored)
    ends = {cid: (state.last_seq, state.log) for cid, state in facts.states.items()}
    outcomes: list[Placed | MissError] = []
    for deposit in deposits:
        known = stored.get(deposit.key)
        if known is not None:
            outcomes.append(_repeated(deposit, known))
        elif (refusal := _refusal(deposit, facts)) is not None:
            outcomes.append(refusal)
        else:
            last_seq, log = ends[deposit.cid]
            seq = last_seq + 1
            log = log_next(log, deposit.env_hash, seq)
            ends[deposit.cid] = seq, log
            stored[deposit.key] = place = Stored(deposit.cid, seq, deposit.env_hash, log, facts.ts_ms)
            outcomes.append(Placed(deposit, place, dup=False))
    return outcomes


def _repeated(deposit: Deposit, known: Stored) -> Placed | MissError:
    if known.env_hash == deposit.env_hash:
        return Placed(deposit, known, dup=True)
    return MessageConflict(seq=known.seq, env_hash=known.env_hash)


def _refusal(deposit: Deposit, facts: Facts) -> MissError | None:
    state = facts.states.get(deposit.cid)
    if state is None or deposit.uid not in facts.members[deposit.cid]:
        return NotFound(cid=deposit.cid.hex())
    if deposit.did not in facts.active:
        return DeviceRevoked(did=deposit.did.hex())
    if state.needs_rekey or deposit.commit != state.commit_hash:
        return StaleEpoch(epoch=state.epoch)
    if deposit.blobs and any(facts.uploaders.get(blob) != deposit.uid for blob in deposit.blobs):
        return BlobMissing()
    if deposit.alarm is not None:
        return refuse_alarm(deposit.alarm, deposit.uid, facts.members[deposit.cid], facts.ts_ms)
    return None
