"""A device that is about to be linked: stored before the server hears of it, accepted once the operator has signed.

Every way in ends here.  The keys, the link and the chain it continues are stored first; the same call again after a
crash or a lost answer then sends the very same link, which the server answers as it did the first time.
"""

from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Final

from miss.client.errors import CertifiedIdentityMismatch, RootMismatch, ServerRefused, StoreHasDevice
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.chains import Chain, verify_chain
from miss.protocol.crypto.keys import UserKey, seal_user_key
from miss.protocol.crypto.links import Op, parse_link
from miss.protocol.crypto.opcert import root_fingerprint

OUTDATED: Final = frozenset(
    {"device_clock_wrong", "identity_mismatch", "stale_link", "link_out_of_order", "link_not_allowed"}
)
"""Refusals of a link for its age: its date, an identity that was corrected since, a chain that has grown."""
GROWN: Final = frozenset({"stale_link", "link_out_of_order"})
"""Those that a link may meet the moment it is made: another device of the person was faster."""
MAX_TRIES: Final = 5


def find_pending(store: Store, server_url: str, op: Op) -> DeviceRecord | None:
    """The device an earlier call made in the same way, and did not see linked; one of another way is dropped.

    Raises StoreHasDevice.
    """
    known = store.device.find()
    if known is None:
        return None
    if known.is_linked:
        raise StoreHasDevice
    if known.server_url == server_url and parse_link(known.link).core.op is op:
        return known
    store.device.forget_unlinked()
    return None


def keep(
    store: Store,
    record: DeviceRecord,
    user_key: UserKey,
    opcerts: Sequence[bytes],
    links: Sequence[bytes] = (),
) -> DeviceRecord:
    """Store a device before it is linked.  `links`: the verified chain that its link continues."""
    with store.transaction():
        store.device.keep(record, user_key)
        store.device.add_opcerts(opcerts)
        store.people.append(record.uid, 1, links)
    return record


async def finish(
    store: Store,
    known: DeviceRecord | None,
    make: Callable[[], Awaitable[DeviceRecord]],
    send: Callable[[DeviceRecord], Awaitable[bytes]],
) -> DeviceRecord:
    """Have the link of `known`, else of a device just made, signed by the operator, and count from then on.

    A link that has aged since it was made, by an earlier call or a moment ago, is made anew.  Raises what `make` and
    `send` raise, CertifiedIdentityMismatch, LinkError, BadOpCert.
    """
    record, passing = (await make(), GROWN) if known is None else (known, OUTDATED)
    for tries in count(1):
        try:
            countersigned = await send(record)
            break
        except ServerRefused as refused:
            if refused.server_code not in passing or tries == MAX_TRIES:
                raise
        store.device.forget_unlinked()
        record, passing = await make(), GROWN
    accept(store, record, countersigned)
    return record


def accept(store: Store, record: DeviceRecord, countersigned: bytes) -> Chain:
    """Pin the owner's chain with the new link, if it is the device's own that the operator signed."""
    link = parse_link(countersigned)
    if link.core_bytes != parse_link(record.link).core_bytes:
        raise CertifiedIdentityMismatch(field="link")
    before = [parse_link(raw) for raw in store.people.links(record.uid)]
    chain = verify_chain([*before, link], record.root, store.device.opcerts())
    with store.transaction():
        store.people.append(record.uid, chain.seq, [countersigned])
        store.device.mark_linked()
        store.device.forget_pairing()
    return chain


def user_key_box(store: Store, record: DeviceRecord) -> bytes:
    """The user key, sealed to the device itself: what the server keeps for it."""
    key = store.device.last_user_key()
    return seal_user_key(key, record.uid, record.did, record.keys.ek_public)


def require_root(root: bytes, expected_fingerprint: str) -> None:
    """Raises RootMismatch unless the operator's root has the fingerprint on paper, spaces and case aside."""
    seen = root_fingerprint(root)
    if _bare(seen) != _bare(expected_fingerprint):
        raise RootMismatch(seen=seen, expected=expected_fingerprint)


def _bare(fingerprint: str) -> str:
    return "".join(fingerprint.split()).lower()
