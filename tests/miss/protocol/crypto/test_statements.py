"""Tombstones and acknowledgements: the same form, two labels."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import ConversationId
from miss.protocol.crypto.acknowledgements import (
    compose_acknowledgement,
    parse_acknowledgement,
    verify_acknowledgement,
)
from miss.protocol.crypto.changes import compose_add, compose_revoke
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.links import cosign
from miss.protocol.crypto.primitives import sign
from miss.protocol.crypto.tombstones import compose_tombstone, parse_tombstone, verify_tombstone
from miss.protocol.errors import (
    AcknowledgementForged,
    BadAcknowledgement,
    BadTombstone,
    ProtocolError,
    TombstoneForged,
    UnsupportedVersion,
)
from miss.protocol.packing import pack
from tests.miss.protocol.people import ALICE, BOB, BY_DEVICE, NOW_MS, ON_PAPER, Person, new_device

CID = ConversationId(b"c" * 32)
HASH = b"h" * 32


@dataclass(frozen=True)
class Kind:
    compose: Callable[..., Any]
    parse: Callable[[bytes], Any]
    verify: Callable[[Any, Any], None]
    bad: type[ProtocolError]
    forged: type[ProtocolError]
    label: str

    def by(self, person: Person, seq: int = 12) -> Any:
        return self.compose(
            cid=CID, seq=seq, env_hash=HASH, uid=person.uid, did=person.did, ts_ms=NOW_MS, ik=person.keys.ik
        )


TOMBSTONE = Kind(compose_tombstone, parse_tombstone, verify_tombstone, BadTombstone, TombstoneForged, "tombstone")
ACKNOWLEDGEMENT = Kind(
    compose_acknowledgement,
    parse_acknowledgement,
    verify_acknowledgement,
    BadAcknowledgement,
    AcknowledgementForged,
    "acknowledge",
)
KINDS = pytest.mark.parametrize("kind", [TOMBSTONE, ACKNOWLEDGEMENT], ids=["tombstone", "acknowledgement"])


@KINDS
@given(seq=st.integers(1, 2**53 - 1), ts_ms=st.integers(0, 2**47 - 1), env_hash=st.binary(min_size=32, max_size=32))
def test_what_is_stated_arrives(kind: Kind, seq: int, ts_ms: int, env_hash: bytes) -> None:
    stated = kind.compose(cid=CID, seq=seq, env_hash=env_hash, uid=BOB.uid, did=BOB.did, ts_ms=ts_ms, ik=BOB.keys.ik)
    received = kind.parse(stated.raw)
    kind.verify(received, BOB.chain)
    assert received == stated
    assert (received.cid, received.seq, received.env_hash, received.ts_ms) == (CID, seq, env_hash, ts_ms)


@KINDS
def test_it_is_packed_as_the_specification_says(kind: Kind) -> None:
    core = pack([1, CID, 12, HASH, BOB.uid, BOB.did, NOW_MS])
    assert kind.by(BOB).raw == pack([core, sign(BOB.keys.ik, kind.label, core)])


@KINDS
def test_every_changed_byte_is_seen(kind: Kind) -> None:
    raw = kind.by(BOB).raw
    for at in range(len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1
        with pytest.raises(ProtocolError):
            kind.verify(kind.parse(bytes(changed)), BOB.chain)


@KINDS
def test_nobody_else_may_state_it(kind: Kind) -> None:
    with pytest.raises(kind.forged):
        kind.verify(kind.by(BOB), ALICE.chain)
    with pytest.raises(kind.forged):
        kind.verify(kind.by(replace(BOB, keys=ALICE.keys)), BOB.chain)
    with pytest.raises(kind.forged):
        kind.verify(kind.by(replace(BOB, did=ALICE.did)), BOB.chain)
    with pytest.raises(kind.forged):
        kind.verify(kind.by(replace(BOB, uid=ALICE.uid)), BOB.chain)


@KINDS
def test_its_fields_are_those_it_was_signed_with(kind: Kind) -> None:
    stated = kind.by(BOB)
    for changed in (replace(stated, seq=13), replace(stated, env_hash=b"x" * 32), replace(stated, ts_ms=1)):
        with pytest.raises(kind.forged):
            kind.verify(changed, BOB.chain)


def test_one_kind_never_counts_for_the_other() -> None:
    with pytest.raises(AcknowledgementForged):
        verify_acknowledgement(parse_acknowledgement(TOMBSTONE.by(BOB).raw), BOB.chain)
    with pytest.raises(TombstoneForged):
        verify_tombstone(parse_tombstone(ACKNOWLEDGEMENT.by(BOB).raw), BOB.chain)


@KINDS
def test_any_device_may_and_a_revoked_one_could_until_then(kind: Kind) -> None:
    tablet, tablet_keys = new_device(0x50)
    entered = cosign(
        compose_add(BOB.chain, device=tablet, by=BOB.did, by_keys=BOB.keys, proof=BY_DEVICE, ts_ms=NOW_MS), tablet_keys
    )
    person = BOB.after(entered)
    stated = kind.by(replace(BOB, did=tablet.did, keys=tablet_keys))
    kind.verify(stated, person.chain)
    revoked = compose_revoke(
        person.chain,
        did=tablet.did,
        user_key=UserKey(2, b"2" * 32),
        by=BOB.did,
        by_keys=BOB.keys,
        proof=BY_DEVICE,
        ts_ms=NOW_MS,
    )
    kind.verify(stated, person.after(revoked).chain)
    with pytest.raises(kind.forged):
        kind.verify(stated, BOB.chain)


@KINDS
def test_the_recovery_key_states_nothing(kind: Kind) -> None:
    paper, paper_keys = new_device(0x70)
    entered = cosign(
        compose_add(BOB.chain, device=paper, by=BOB.did, by_keys=BOB.keys, proof=ON_PAPER, ts_ms=NOW_MS), paper_keys
    )
    with pytest.raises(kind.forged):
        kind.verify(kind.by(replace(BOB, did=paper.did, keys=paper_keys)), BOB.after(entered).chain)


@KINDS
def test_other_shapes_are_refused(kind: Kind) -> None:
    sig = b"s" * 64
    fields: list[Any] = [1, CID, 12, HASH, BOB.uid, BOB.did, NOW_MS]
    wrong = [[*fields, 0], fields[:-1], [*fields[:2], 0, *fields[3:]], [*fields[:3], b"short", *fields[4:]]]
    for core in wrong:
        with pytest.raises(kind.bad):
            kind.parse(pack([pack(core), sig]))
    with pytest.raises(UnsupportedVersion):
        kind.parse(pack([pack([2, *fields[1:]]), sig]))
    with pytest.raises(kind.bad):
        kind.by(BOB, seq=0)


@KINDS
@given(data=st.binary(max_size=300))
def test_any_bytes_are_refused_by_name(kind: Kind, data: bytes) -> None:
    with pytest.raises(kind.bad):
        kind.parse(data)
