"""Envelopes that name themselves, and deposit receipts verified apart from the code under test."""

import pytest
from nacl.signing import SigningKey

from miss.base.ids import ConversationId
from miss.protocol.crypto.envelopes import hash_envelope
from miss.protocol.crypto.opcert import OpCert, Purpose
from miss.protocol.crypto.receipts import Leaf, sign_batch, verify_receipt
from miss.protocol.packing import pack
from tests.faults.letters import ALTERED, PADDING_BYTES, Letters, ReceiptCheck, compose_id, compose_mid, read_mid

CID = ConversationId(bytes(range(32)))
SEALED = [pack([b"header", bytes([writer]) * 32, bytes([writer]) * 320]) for writer in (1, 2)]
RC = SigningKey(bytes(32))
CERT = OpCert(Purpose.RECEIPT, bytes(RC.verify_key), 0, 10_000, b"")


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("writer", [0, 1])
def test_an_envelope_is_recognised_with_every_byte(writer: int, large: bool) -> None:
    letters = Letters(CID, SEALED)
    id_ = compose_id(writer, 12345, large=large)
    env = letters.compose(id_)
    assert letters.recognise(env) == id_
    assert (len(env) > PADDING_BYTES) == large
    for place in (0, len(env) // 2, len(env) - 9):
        altered = bytearray(env)
        altered[place] ^= 1
        assert letters.recognise(bytes(altered)) == ALTERED
    assert letters.recognise(letters.compose(compose_id(writer, 12346, large=large))) != id_
    assert letters.recognise(b"") == ALTERED


def test_a_mid_carries_its_id_and_is_a_uuid_of_version_7() -> None:
    id_ = compose_id(4, (1 << 39) - 1, large=True)
    mid = compose_mid(id_, 1_795_000_000_000)
    assert read_mid(mid) == id_
    assert (mid[6] >> 4, mid[8] >> 6) == (7, 2)
    assert int.from_bytes(mid[:6], "big") == 1_795_000_000_000


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_a_receipt_of_any_batch_holds_for_its_envelope_and_place_only(size: int) -> None:
    letters = Letters(CID, SEALED)
    envelopes = [letters.compose(compose_id(0, number)) for number in range(1, size + 1)]
    logs = [bytes([seq]) * 32 for seq in range(1, size + 1)]
    leaves = [Leaf(CID, seq, hash_envelope(env), logs[seq - 1], 5_000) for seq, env in enumerate(envelopes, start=1)]
    check = ReceiptCheck(CERT)
    for leaf, env, receipt in zip(leaves, envelopes, sign_batch(leaves, RC), strict=True):
        verify_receipt(receipt, CERT)  # both implementations agree
        raw = receipt.to_bytes()
        checked = check.check(raw, CID, leaf.seq, env)
        assert (checked.log, checked.problem) == (leaf.log, "")
        assert check.check(raw, CID, leaf.seq + 1, env).problem
        assert check.check(raw, CID, leaf.seq, env + b"\0").problem
        assert check.check(raw, ConversationId(bytes(32)), leaf.seq, env).problem


def test_a_receipt_of_another_key_or_time_does_not_hold() -> None:
    env = Letters(CID, SEALED).compose(compose_id(0, 1))

    def problem(key: SigningKey, ts_ms: int) -> str:
        leaf = Leaf(CID, 1, hash_envelope(env), bytes(32), ts_ms)
        return ReceiptCheck(CERT).check(sign_batch([leaf], key)[0].to_bytes(), CID, 1, env).problem

    assert problem(RC, 5_000) == ""
    assert problem(SigningKey(b"\1" * 32), 5_000) == "forged"
    assert problem(RC, 10_001) == "opcert_refused"
    assert ReceiptCheck(CERT).check(b"nonsense", CID, 1, env).problem == "bad_receipt"
