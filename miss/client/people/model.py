"""What changed about a person's keys, and what a comparison of them says.  Pure values and rules.  protocol §3"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from miss.base.ids import AccountId
from miss.protocol.crypto.chains import Chain


class WarningKind(StrEnum):
    """Why an owner should look at a contact again, the gravest last."""

    KEY_CHANGED = "key_changed"  # a new user key: a rotation, or a device that was revoked
    NEW_DEVICE = "new_device"  # let in by another device of that person, or by the recovery key
    RESET = "reset"  # the operator alone started that person's devices over: nothing is sent until accepted
    SPLIT_VIEW = "split_view"  # the two of you are shown different chains: somebody lies


@dataclass(frozen=True, slots=True)
class ContactWarning:
    """One warning about one person, until the owner accepts it."""

    uid: AccountId
    kind: WarningKind
    at: datetime


class Comparison(StrEnum):
    """What a scanned safety code says."""

    MATCH = "match"  # both of you see the same two chains; the contact is marked as verified
    BEHIND = "behind"  # one of you has not heard of the latest link yet: connect both devices, scan again
    MISMATCH = "mismatch"  # a state that this device was never shown: a split view, do not write


def warnings_between(before: Chain | None, after: Chain) -> list[WarningKind]:
    """What the links pinned after `before` (None: a first meeting) ask to be told."""
    kinds = set()
    resets = before.resets if before else 0
    if after.resets > resets:
        kinds.add(WarningKind.RESET)
    if before is not None:
        entered = set[bytes]()
        for state in after.states():
            if state.head == before.head:
                break
            entered |= {did for did, device in state.devices.items() if not device.paper}
        if entered - set(before.devices) and after.resets == resets:
            kinds.add(WarningKind.NEW_DEVICE)
        if after.uek_gen != before.uek_gen and after.resets == resets:
            kinds.add(WarningKind.KEY_CHANGED)
    return sorted(kinds, key=list(WarningKind).index)
