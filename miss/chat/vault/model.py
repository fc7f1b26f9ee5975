"""What a change of user key must bring along.  Values and pure rules.  protocol §3, §5

The old user key is worth nothing any more, so whatever it opened has to come along under the new one: nothing that
this person could read before may become unreadable.  The server sees which secrets there are, not what they say.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from miss.base.ids import ConversationId, DeviceId
from miss.chat.vault.errors import BoxesIncomplete, BoxSizeRefused, VaultEntryRefused, VaultIncomplete
from miss.protocol.crypto.keys import SEAL_OVERHEAD_BYTES
from miss.protocol.crypto.primitives import KEY_BYTES
from miss.protocol.crypto.vault import VAULT_ENTRY_BYTES

USER_KEY_BOX_BYTES = SEAL_OVERHEAD_BYTES + KEY_BYTES
"""A user key sealed to one device."""
MAX_MISSING = 1000
"""How many missing entries a refusal names."""

Place = tuple[ConversationId, int]
"""A conversation and an epoch of it."""
DeviceBox = tuple[DeviceId, bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """One epoch's secret, sealed; empty: the device that rotates never could open its box."""

    cid: ConversationId
    epoch: int
    sealed: bytes

    @property
    def place(self) -> Place:
        return self.cid, self.epoch


@dataclass(frozen=True, slots=True)
class Held:
    """What opens something for this person today: a box of a commit or a vault entry."""

    cid: ConversationId
    epoch: int
    history_bytes: int = 0
    """Length of the box with secrets of earlier epochs that came with it; 0: none."""


@dataclass(frozen=True, slots=True)
class VaultPage:
    """A stretch of the vault, in the order of conversations and epochs."""

    generation: int
    """Of the user key that opens it."""
    entries: tuple[Entry, ...]
    more: bool


def require_boxes(active: Collection[DeviceId], boxes: Sequence[DeviceBox]) -> None:
    """Each active device gets the new user key, once, and nobody else.  Raises BoxSizeRefused, BoxesIncomplete."""
    for _, sealed in boxes:
        require_box(sealed)
    given = [did for did, _ in boxes]
    missing, surplus = set(active) - set(given), set(given) - set(active)
    if missing or surplus or len(given) != len(active):
        raise BoxesIncomplete(
            missing=sorted(did.hex() for did in missing),
            surplus=sorted(did.hex() for did in surplus),
            count=len(active),
        )


def require_box(sealed: bytes) -> None:
    """Raises BoxSizeRefused unless this may be a sealed user key."""
    if len(sealed) != USER_KEY_BOX_BYTES:
        raise BoxSizeRefused(size_bytes=len(sealed), wanted_bytes=USER_KEY_BOX_BYTES)


def require_complete(held: Iterable[Held], entries: Sequence[Entry]) -> None:
    """Everything that could be opened is brought along.  Raises VaultEntryRefused, VaultIncomplete."""
    given = {entry.place for entry in entries}
    if len(given) != len(entries) or any(len(entry.sealed) not in (0, VAULT_ENTRY_BYTES) for entry in entries):
        raise VaultEntryRefused(wanted_bytes=VAULT_ENTRY_BYTES)
    missing = find_missing(held, given)
    if missing:
        named = [[cid.hex(), epoch] for cid, epoch in missing[:MAX_MISSING]]
        raise VaultIncomplete(missing=named, count=len(missing))


def find_missing(held: Iterable[Held], given: Collection[Place]) -> list[Place]:
    """The places that `given` leaves out, in order.

    Which epochs a history box holds is sealed; how many, its length tells.  If fewer earlier ones are given, every
    one that is not is named.
    """
    epochs_of: dict[ConversationId, list[int]] = {}
    for cid, epoch in sorted(given):
        epochs_of.setdefault(cid, []).append(epoch)
    missing: set[Place] = set()
    for each in held:
        if (each.cid, each.epoch) not in given:
            missing.add((each.cid, each.epoch))
        brought = bisect_left(epochs_of.get(each.cid, []), each.epoch)
        if brought < count_history(each.history_bytes, each.epoch):
            earlier = ((each.cid, epoch) for epoch in range(1, each.epoch))
            missing.update(place for place in earlier if place not in given)
    return sorted(missing)


def count_history(history_bytes: int, epoch: int) -> int:
    """How many secrets a history box of that length, sent with `epoch`, holds at least.

    Exact while epochs take the same room in MessagePack (1 to 127; protocol §3: [[[epoch, ES], …]]).
    """
    if not history_bytes:
        return 0
    last = epoch - 1
    number_bytes = 1 if last < 1 << 7 else 2 if last < 1 << 8 else 3 if last < 1 << 16 else 5
    secret_bytes = 1 + number_bytes + 2 + KEY_BYTES
    packed_bytes = history_bytes - SEAL_OVERHEAD_BYTES
    list_header_bytes = 1 if packed_bytes <= 2 + 15 * secret_bytes else 3
    room_bytes = packed_bytes - 1 - list_header_bytes
    return min(max(-(-room_bytes // secret_bytes), 0), last)
