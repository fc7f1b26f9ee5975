from dataclasses import replace

import msgspec
import pytest

from miss.protocol.crypto.chains import verify_chain
from miss.protocol.crypto.links import (
    Link,
    Op,
    Proof,
    Who,
    compose_genesis,
    cosign,
    countersign,
    parse_link,
    vouch,
    wrap_core,
)
from miss.protocol.crypto.primitives import hash_, verify
from miss.protocol.errors import BadLink, ProtocolError, UnsupportedVersion
from miss.protocol.packing import pack
from tests.miss.protocol.people import ALICE, BY_CODE, NOW_MS, OPERATOR

LINK = ALICE.links[0]


def test_a_link_travels_as_it_was_signed() -> None:
    received = parse_link(LINK.to_bytes())
    assert received == LINK
    assert received.core.op is Op.GENESIS
    assert received.hash == hash_("link", LINK.core_bytes)
    assert len(LINK.to_bytes()) < 3000


def test_genesis_is_signed_by_the_device_and_waits_for_the_operator() -> None:
    link = compose_genesis(
        uid=ALICE.uid,
        did=ALICE.did,
        keys=ALICE.keys,
        user_key=ALICE.user_key,
        who=ALICE.who,
        proof=BY_CODE,
        ts_ms=NOW_MS,
    )
    assert (link.by, link.by_sig, link.op_sig) == (None, None, None)
    assert link.new_sig is not None
    assert verify(ALICE.keys.ik_public, "link-new", link.core_bytes, link.new_sig)
    assert countersign(link, OPERATOR.op) == LINK


def test_each_signature_has_its_own_role() -> None:
    roles = {
        cosign(LINK, ALICE.keys).new_sig,
        vouch(LINK, ALICE.did, ALICE.keys).by_sig,
        countersign(LINK, ALICE.keys.ik).op_sig,
    }
    assert len(roles) == 3


def test_the_hash_does_not_depend_on_signatures() -> None:
    assert replace(LINK, op_sig=None).hash == LINK.hash


def test_every_changed_byte_is_seen() -> None:
    raw = LINK.to_bytes()
    certs = [OPERATOR.cert().raw]
    # Keys are 2,432 of some 2,700 bytes and every one of them is signed alike: a sample of those, all of the rest.
    for at in [*range(0, len(raw), 13), *range(120), *range(len(raw) - 400, len(raw))]:
        changed = bytearray(raw)
        changed[at] ^= 1
        with pytest.raises(ProtocolError):
            verify_chain([parse_link(bytes(changed))], OPERATOR.root_public, certs)


@pytest.mark.parametrize(
    "core",
    [
        msgspec.structs.replace(LINK.core, uid=b"short"),
        msgspec.structs.replace(LINK.core, seq=0),
        msgspec.structs.replace(LINK.core, prev=bytes(33)),
        msgspec.structs.replace(LINK.core, ik=bytes(31)),
        msgspec.structs.replace(LINK.core, uek_pk=bytes(10)),
        msgspec.structs.replace(LINK.core, ts=-1),
        msgspec.structs.replace(LINK.core, who=Who("123", "A", "B", "C")),
        msgspec.structs.replace(LINK.core, who=Who("99900000011\n", "A", "B", "C")),
        msgspec.structs.replace(LINK.core, who=Who("", "A" * 121, "B", "C")),
        msgspec.structs.replace(LINK.core, proof=Proof("By Hand", 0)),
    ],
)
def test_fields_out_of_bounds_are_neither_written_nor_read(core: object) -> None:
    assert isinstance(core, type(LINK.core))
    with pytest.raises(BadLink):
        wrap_core(core)
    packed = pack(core)
    with pytest.raises(BadLink):
        parse_link(pack([packed, None, None, None, None]))


def test_an_unknown_operation_is_refused() -> None:
    fields = msgspec.structs.astuple(LINK.core)
    packed = pack([*fields[:4], "merge", *fields[5:]])
    with pytest.raises(BadLink):
        parse_link(pack([packed, None, None, None, None]))


def test_a_later_version_is_named() -> None:
    packed = bytearray(LINK.core_bytes)
    packed[1] = 2
    with pytest.raises(UnsupportedVersion):
        parse_link(replace_core(LINK, bytes(packed)))


def replace_core(link: Link, core: bytes) -> bytes:
    return pack([core, link.by, link.by_sig, link.new_sig, link.op_sig])
