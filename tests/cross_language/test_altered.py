"""Every object, altered: what one language refuses, the other refuses under the same code.

The other way round matters as much: what only one of the two accepts splits a conversation in two.
"""

import random
from collections.abc import Callable, Iterator

import pytest

from miss.protocol.crypto.auth import sign_auth, verify_auth
from tests.cross_language.cases import (
    Case,
    blob_case,
    commit_case,
    envelope_case,
    header_case,
    link_case,
    opcert_case,
    range_case,
    read_receipt_case,
    receipt_case,
    user_key_case,
)
from tests.cross_language.core import Core
from tests.cross_language.personal import (
    Pairing,
    acknowledgement_case,
    answer_case,
    answer_inside_case,
    code_wrap_case,
    offer_case,
    offer_inside_case,
    passkey_wrap_case,
    safety_case,
    tombstone_case,
    vault_case,
)
from tests.cross_language.world import World

HOST = "chat.example"

CASES: dict[str, Callable[[World], Case]] = {
    "user key": user_key_case,
    "certificate": opcert_case,
    "genesis": lambda world: link_case(world, 0),
    "add": lambda world: link_case(world, 1),
    "revoke": lambda world: link_case(world, 3),
    "reset": lambda world: link_case(world, 1, world.dora),
    "first commit": lambda world: commit_case(world, world.first, None, world.bob),
    "second commit": lambda world: commit_case(world, world.second, world.first, world.carol),
    "header": header_case,
    "envelope": envelope_case,
    "blob": blob_case,
    "receipt": receipt_case,
    "read receipt": read_receipt_case,
    "vault entry": vault_case,
    "wrap by code": code_wrap_case,
    "wrap by passkey": passkey_wrap_case,
    "offer": offer_case,
    "offer, inside": offer_inside_case,
    "answer": lambda world: answer_case(Pairing(world)),
    "answer, inside": answer_inside_case,
    "tombstone": tombstone_case,
    "acknowledgement": acknowledgement_case,
    "safety card": safety_case,
}

NOT_SIGNED = {"header", "offer, inside"}
"""Nothing vouches for each byte here: a reader may take an altered one, and both must."""


def mutations(data: bytes, drawn: random.Random) -> Iterator[tuple[str, bytes]]:
    """Altered copies of `data`: each bit of its first bytes, some bits elsewhere, other lengths, other headers."""
    places = [(place, bit) for place in range(min(6, len(data))) for bit in range(8)]
    places += [(drawn.randrange(len(data)), drawn.randrange(8)) for _ in range(30)]
    places += [(len(data) - 1, bit) for bit in range(0, 8, 3)]
    for place, bit in places:
        yield f"bit {bit} of byte {place}", data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
    for size in (0, 1, len(data) // 2, len(data) - 1):
        yield f"cut to {size}", data[:size]
    yield "one byte more", data + b"\0"
    yield "twice", data + data
    if data[0] >> 4 == 0x9:
        yield "a longer header", b"\xdc\0" + bytes([data[0] & 0x0F]) + data[1:]
        yield "a field more", bytes([data[0] + 1]) + data[1:] + b"\xc0"


@pytest.mark.parametrize("name", CASES)
def test_altered_bytes(core: Core, world: World, name: str) -> None:
    case = CASES[name](world)
    accepted = case.outcome_here(case.data)
    assert accepted.refused is None
    assert case.outcome_there(core, case.data) == accepted
    codes = set()
    # pytest-randomly seeds `random` and prints the seed.
    for what, altered in mutations(case.data, random.Random(random.random())):
        here = case.outcome_here(altered)
        assert case.outcome_there(core, altered) == here, f"{name}, {what}: {altered[:40].hex()}"
        codes.add(here.refused)
    if name in NOT_SIGNED:
        codes.discard(None)
    assert None not in codes
    assert codes


def test_an_altered_chunk(core: Core, world: World) -> None:
    case = range_case(world)
    assert case.outcome_there(core, case.data) == case.outcome_here(case.data)
    for place in (0, 15, 65_552 + 16, 100_000, 65_552 * 2 + 16, len(case.data) - 1):
        altered = case.data[:place] + bytes([case.data[place] ^ 1]) + case.data[place + 1 :]
        outcome = case.outcome_here(altered)
        assert (outcome.refused, case.outcome_there(core, altered)) == ("blob_damaged", outcome)


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 4), (0, 150_001), (150_001, 150_001)])
def test_a_range_outside_the_file(core: Core, world: World, start: int, stop: int) -> None:
    case = range_case(world, start, stop)
    outcome = case.outcome_here(case.data)
    assert (outcome.refused, case.outcome_there(core, case.data)) == ("blob_range_unknown", outcome)


def test_an_altered_authentication(core: Core, world: World) -> None:
    keys, nonce = world.alice.device.keys, world.random(32)
    signature = sign_auth(keys.ik, nonce, HOST)
    for what, altered in mutations(signature, random.Random(random.random())):
        assert verify_auth(keys.ik_public, nonce, HOST, altered) is False
        assert core.get("verifyAuth", ik=keys.ik_public, nonce=nonce, host=HOST, data=altered) is False, what
    for public in (b"", bytes(32), world.bob.device.keys.ik_public):
        assert core.get("verifyAuth", ik=public, nonce=nonce, host=HOST, data=signature) is False
