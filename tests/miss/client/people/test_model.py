"""Which warnings a grown chain gives."""

from dataclasses import replace

import pytest

from miss.client.people.model import WarningKind, warnings_between
from miss.protocol.crypto.changes import compose_add, compose_reset, compose_revoke, compose_uek
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.links import Link, cosign
from tests.miss.protocol.people import BOB, BY_CODE, BY_DEVICE, NOW_MS, ON_PAPER, Person, new_device


def added(person: Person, number: int = 0x77, *, paper: bool = False) -> Person:
    device, keys = new_device(number)
    proof = ON_PAPER if paper else BY_DEVICE
    link = compose_add(person.chain, device=device, by=person.did, by_keys=person.keys, proof=proof, ts_ms=NOW_MS + 1)
    return person.after(cosign(link, keys))


def rotated(person: Person, generation: int = 2) -> Person:
    key = UserKey(generation, bytes([generation]) * 32)
    link = compose_uek(
        person.chain, user_key=key, by=person.did, by_keys=person.keys, proof=BY_DEVICE, ts_ms=NOW_MS + 2
    )
    return person.after(link)


def reset(person: Person, generation: int = 2, number: int = 0x66) -> Person:
    device, keys = new_device(number)
    key = UserKey(generation, bytes([generation + 0x40]) * 32)
    link: Link = compose_reset(
        person.chain, did=device.did, keys=keys, user_key=key, who=person.who, proof=BY_CODE, ts_ms=NOW_MS + 3
    )
    return replace(person.after(link), did=device.did, keys=keys)


def revoked(person: Person) -> Person:
    """Another device was linked and has left again."""
    with_two = added(person)
    link = compose_revoke(
        with_two.chain,
        did=new_device(0x77)[0].did,
        user_key=UserKey(2, b"v" * 32),
        by=person.did,
        by_keys=person.keys,
        proof=BY_DEVICE,
        ts_ms=NOW_MS + 2,
    )
    return with_two.after(link)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (BOB, []),
        (added(BOB), [WarningKind.NEW_DEVICE]),
        (added(BOB, paper=True), []),
        (rotated(BOB), [WarningKind.KEY_CHANGED]),
        (added(rotated(BOB)), [WarningKind.KEY_CHANGED, WarningKind.NEW_DEVICE]),
        # A device that came and went between two looks has been there all the same.
        (revoked(BOB), [WarningKind.KEY_CHANGED, WarningKind.NEW_DEVICE]),
        # A reset says it all.
        (reset(BOB), [WarningKind.RESET]),
        (added(reset(rotated(BOB), 3)), [WarningKind.RESET]),
    ],
)
def test_what_the_new_links_ask_to_be_told(after: Person, expected: list[WarningKind]) -> None:
    assert warnings_between(BOB.chain, after.chain) == expected


def test_a_first_meeting_warns_of_past_resets_and_of_nothing_else() -> None:
    assert warnings_between(None, added(rotated(BOB)).chain) == []
    assert warnings_between(None, reset(BOB).chain) == [WarningKind.RESET]
