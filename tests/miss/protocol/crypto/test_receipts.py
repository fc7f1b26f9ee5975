from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from miss.base.ids import ConversationId
from miss.protocol.crypto.changes import compose_add, compose_revoke
from miss.protocol.crypto.envelopes import hash_envelope
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.links import cosign
from miss.protocol.crypto.opcert import Purpose
from miss.protocol.crypto.primitives import hash_, sign
from miss.protocol.crypto.receipts import (
    DepositReceipt,
    Leaf,
    ReadReceipt,
    Step,
    compose_read_receipt,
    log_next,
    log_start,
    parse_read_receipt,
    parse_receipt,
    sign_batch,
    verify_read_receipt,
    verify_receipt,
)
from miss.protocol.errors import BadReceipt, OpCertRefused, ProtocolError, ReceiptForged
from miss.protocol.packing import pack
from tests.miss.protocol.people import ALICE, BOB, BY_DEVICE, NOW_MS, ON_PAPER, OPERATOR, YEAR_MS, new_device

CID = ConversationId(b"c" * 32)
CERT = OPERATOR.cert(Purpose.RECEIPT)


def leaf(seq: int, server_ts: int = NOW_MS) -> Leaf:
    env_hash = hash_envelope(b"env %d" % seq)
    return Leaf(CID, seq, env_hash, log_next(log_start(CID), env_hash, seq), server_ts)


def batch(count: int) -> list[DepositReceipt]:
    return sign_batch([leaf(seq) for seq in range(1, count + 1)], OPERATOR.rc)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 70))
def test_one_signature_proves_every_envelope_of_a_batch(count: int) -> None:
    receipts = batch(count)
    assert len({receipt.sig for receipt in receipts}) == 1
    for seq, receipt in enumerate(receipts, 1):
        received = parse_receipt(receipt.to_bytes())
        verify_receipt(received, CERT)
        assert received.leaf.seq == seq
        assert received.covers(b"env %d" % seq)
        assert not received.covers(b"another")


def test_the_tree_is_as_the_specification_says() -> None:
    one, two, three = (hash_("leaf", pack(leaf(seq))) for seq in (1, 2, 3))
    left = hash_("node", one + two)
    receipts = batch(3)
    assert receipts[0].path == (Step(False, two), Step(False, three))
    assert receipts[1].path == (Step(True, one), Step(False, three))
    assert receipts[2].path == (Step(True, left),)
    assert receipts[0].sig == sign(OPERATOR.rc, "deposit", hash_("node", left + three))


def test_the_log_chains_every_envelope() -> None:
    first = log_next(log_start(CID), b"h" * 32, 1)
    assert log_start(CID) == hash_("log", CID)
    assert first == hash_("log", log_start(CID) + b"h" * 32 + bytes(7) + b"\x01")
    assert log_next(first, b"h" * 32, 2) != log_next(log_start(CID), b"h" * 32, 2)


def test_every_changed_byte_is_seen() -> None:
    raw = batch(5)[2].to_bytes()
    for at in range(len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1
        with pytest.raises(ProtocolError):
            verify_receipt(parse_receipt(bytes(changed)), CERT)


def test_a_leaf_and_a_node_are_not_interchangeable() -> None:
    receipts = batch(2)
    shortened = msgspec.structs.replace(receipts[0], path=())
    with pytest.raises(ReceiptForged):
        verify_receipt(shortened, CERT)


def test_only_a_certified_receipt_key_counts() -> None:
    receipt = batch(1)[0]
    with pytest.raises(OpCertRefused):
        verify_receipt(receipt, OPERATOR.cert(Purpose.IDENTITY))
    with pytest.raises(OpCertRefused):
        verify_receipt(sign_batch([leaf(1, NOW_MS + 2 * YEAR_MS)], OPERATOR.rc)[0], CERT)
    with pytest.raises(ReceiptForged):
        verify_receipt(sign_batch([leaf(1)], SigningKey(b"x" * 32))[0], CERT)


def test_an_empty_batch_is_not_signed() -> None:
    with pytest.raises(BadReceipt):
        sign_batch([], OPERATOR.rc)


def test_a_batch_of_thousands_has_short_paths() -> None:
    receipts = batch(2000)
    assert max(len(receipt.to_bytes()) for receipt in receipts) < 700
    verify_receipt(receipts[-1], CERT)


def read_receipt() -> ReadReceipt:
    return compose_read_receipt(
        cid=CID, seq=5, log=b"l" * 32, uid=ALICE.uid, did=ALICE.did, ts_ms=NOW_MS, ik=ALICE.keys.ik
    )


def test_a_device_proves_what_it_opened() -> None:
    receipt = parse_read_receipt(read_receipt().raw)
    assert receipt == read_receipt()
    assert (receipt.seq, receipt.uid, receipt.ts_ms) == (5, ALICE.uid, NOW_MS)
    verify_read_receipt(receipt, ALICE.chain)


def test_nobody_reads_for_another() -> None:
    with pytest.raises(ReceiptForged):
        verify_read_receipt(read_receipt(), BOB.chain)
    for uid, did, ik in [
        (ALICE.uid, ALICE.did, BOB.keys.ik),
        (ALICE.uid, BOB.did, BOB.keys.ik),
        (BOB.uid, ALICE.did, ALICE.keys.ik),
    ]:
        forged = compose_read_receipt(cid=CID, seq=5, log=b"l" * 32, uid=uid, did=did, ts_ms=NOW_MS, ik=ik)
        with pytest.raises(ReceiptForged):
            verify_read_receipt(forged, ALICE.chain)


def test_every_changed_byte_of_a_read_receipt_is_seen() -> None:
    raw = read_receipt().raw
    for at in range(len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1
        with pytest.raises(ProtocolError):
            verify_read_receipt(parse_read_receipt(bytes(changed)), ALICE.chain)


def test_a_value_that_is_not_what_was_signed_does_not_pass() -> None:
    with pytest.raises(ReceiptForged):
        verify_read_receipt(replace(read_receipt(), seq=500), ALICE.chain)


def test_a_device_revoked_since_still_proves_what_it_opened() -> None:
    tablet, tablet_keys = new_device(0x50)
    link = compose_add(ALICE.chain, device=tablet, by=ALICE.did, by_keys=ALICE.keys, proof=BY_DEVICE, ts_ms=NOW_MS)
    alice = ALICE.after(cosign(link, tablet_keys))
    alice = alice.after(
        compose_revoke(
            alice.chain,
            did=tablet.did,
            user_key=UserKey(2, b"2" * 32),
            by=ALICE.did,
            by_keys=ALICE.keys,
            proof=BY_DEVICE,
            ts_ms=NOW_MS,
        )
    )
    receipt = compose_read_receipt(
        cid=CID, seq=1, log=b"l" * 32, uid=ALICE.uid, did=tablet.did, ts_ms=NOW_MS, ik=tablet_keys.ik
    )
    verify_read_receipt(receipt, alice.chain)


def test_the_recovery_key_reads_nothing() -> None:
    paper, paper_keys = new_device(0x70)
    link = compose_add(ALICE.chain, device=paper, by=ALICE.did, by_keys=ALICE.keys, proof=ON_PAPER, ts_ms=NOW_MS)
    alice = ALICE.after(cosign(link, paper_keys))
    receipt = compose_read_receipt(
        cid=CID, seq=1, log=b"l" * 32, uid=ALICE.uid, did=paper.did, ts_ms=NOW_MS, ik=paper_keys.ik
    )
    with pytest.raises(ReceiptForged):
        verify_read_receipt(receipt, alice.chain)
