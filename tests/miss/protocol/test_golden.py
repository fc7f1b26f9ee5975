"""Samples of version 1, kept for ever: what was stored or sent once has to be read by every later program.

The samples stand in `golden/v1.json` and are the reference for clients in other languages.  A test that fails here
means that the wire or the objects changed: make a new version instead.
"""

import json
from typing import Any

import msgspec
import pytest

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.base.text import Language
from miss.client import root_fingerprint
from miss.protocol.crypto.acknowledgements import parse_acknowledgement, verify_acknowledgement
from miss.protocol.crypto.attachments import decrypt_blob, encrypt_blob, hash_blob
from miss.protocol.crypto.auth import verify_auth
from miss.protocol.crypto.chains import Chain, verify_chain
from miss.protocol.crypto.codes import code_secret
from miss.protocol.crypto.commits import Commit, HistoryPolicy, Policy, Role, open_box, open_history, parse_commit
from miss.protocol.crypto.envelopes import Opened, hash_envelope, open_envelope
from miss.protocol.crypto.keys import DeviceKeys, UserKey, open_user_key
from miss.protocol.crypto.links import Op, parse_link
from miss.protocol.crypto.membership import verify_commit
from miss.protocol.crypto.opcert import Purpose, verify_opcert
from miss.protocol.crypto.pairing import (
    accept_answer,
    pairing_keys,
    parse_answer,
    parse_offer,
    parse_pairing_code,
    parse_pairing_uri,
)
from miss.protocol.crypto.primitives import derive, hash_, sign
from miss.protocol.crypto.proof import parse_proof, verify_proof
from miss.protocol.crypto.receipts import (
    log_next,
    log_start,
    parse_read_receipt,
    parse_receipt,
    verify_read_receipt,
    verify_receipt,
)
from miss.protocol.crypto.recovery import (
    recovery_device_keys,
    recovery_did,
    unwrap_with_code,
    unwrap_with_passkey,
    unwrap_with_passphrase,
    verify_recovery_test,
)
from miss.protocol.crypto.restorations import verify_restorations
from miss.protocol.crypto.safety import compare_safety, parse_safety_card, safety_words
from miss.protocol.crypto.tombstones import parse_tombstone, verify_tombstone
from miss.protocol.crypto.vault import open_vault_entry
from miss.protocol.crypto.words import parse_passphrase, wordlist
from miss.protocol.crypto.wraps import parse_wrap
from miss.protocol.wire.codec import KNOWN_KINDS, decode, encode
from miss.protocol.wire.frames import Ready
from tests.miss.protocol.golden import personal
from tests.miss.protocol.golden.make import FILE, PATH, all_frames, proof_of, samples
from tests.miss.protocol.people import NOW_MS

V1: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
ROOT = bytes.fromhex(V1["keys"]["root_public"])
CERTS = [bytes.fromhex(V1["opcerts"]["identity"])]


def keys_of(name: str) -> DeviceKeys:
    return DeviceKeys.from_secret(bytes.fromhex(V1["keys"][name]["device_secret"]))


def user_key_of(name: str) -> UserKey:
    return UserKey(1, bytes.fromhex(V1["keys"][name]["user_key"]))


def uid_of(name: str) -> AccountId:
    return AccountId(bytes.fromhex(V1["keys"][name]["uid"]))


def chain_of(name: str) -> Chain:
    return verify_chain([parse_link(bytes.fromhex(link)) for link in V1["links"][name]], ROOT, CERTS)


def known() -> dict[AccountId, Chain]:
    return {uid_of(name): chain_of(name) for name in ("alice", "bob", "carol")}


def commits() -> list[Commit]:
    return [parse_commit(bytes.fromhex(sample["bytes"])) for sample in V1["commits"]]


def opened() -> Opened:
    es = bytes.fromhex(V1["commits"][0]["es"])
    return open_envelope(bytes.fromhex(V1["envelope"]["bytes"]), es, commits()[0], known())


def test_primitives() -> None:
    assert hash_("env", b"abc").hex() == V1["primitives"]["hash_env_of_abc"]
    assert derive(bytes(32), "msg", b"abc").hex() == V1["primitives"]["derive_msg_of_abc_with_zero_key"]
    assert sign(keys_of("alice").ik, "read", b"abc").hex() == V1["primitives"]["sign_read_of_abc_by_alice"]


@pytest.mark.parametrize("name", ["alice", "bob", "carol"])
def test_public_keys_follow_from_the_secrets(name: str) -> None:
    sample = V1["keys"][name]
    assert keys_of(name).ik_public.hex() == sample["ik"]
    assert keys_of(name).ek_public.hex() == sample["ek"]
    assert user_key_of(name).public.hex() == sample["uek_pk"]


def test_a_sealed_user_key() -> None:
    sealed = bytes.fromhex(V1["keys"]["bobs_user_key_sealed_to_his_device"])
    did = DeviceId(bytes.fromhex(V1["keys"]["bob"]["did"]))
    assert open_user_key(sealed, uid_of("bob"), did, 1, keys_of("bob")).secret == user_key_of("bob").secret


def test_links() -> None:
    links = [parse_link(bytes.fromhex(link)) for link in V1["links"]["every_operation"]]
    assert {link.core.op for link in links} == set(Op)
    assert [link.hash.hex() for link in links] == V1["links"]["heads"]
    chain = verify_chain(links, ROOT, CERTS)
    assert (chain.seq, chain.uek_gen, chain.resets, len(chain.devices)) == (7, 4, 1, 1)
    assert chain_of("bob").who.family == "Bernard"


def test_commits() -> None:
    first, second = commits()
    verify_commit(first, None, known())
    verify_commit(second, first, known())
    for commit, sample in zip((first, second), V1["commits"], strict=True):
        assert (commit.hash.hex(), commit.core.cid.hex()) == (sample["hash"], sample["cid"])
        for member in commit.core.members:
            name = next(name for name in ("alice", "bob", "carol") if uid_of(name) == member.uid)
            assert open_box(commit, member.uid, user_key_of(name)).hex() == sample["es"]
    secrets = open_history(second, uid_of("carol"), user_key_of("carol"), {1: first})
    assert secrets == {1: bytes.fromhex(V1["commits"][0]["es"])}
    assert first.core.policy == Policy(ttl_s=86_400, history=HistoryPolicy.EVERYTHING, owner="990000017")
    assert [member.role for member in second.core.members] == [Role.ADMIN, Role.MEMBER, Role.MEMBER]


def test_an_envelope() -> None:
    message = opened()
    assert hash_envelope(bytes.fromhex(V1["envelope"]["bytes"])).hex() == V1["envelope"]["hash"]
    assert message.uid == uid_of("bob")
    assert (message.body.text, message.body.mid.hex()) == (V1["envelope"]["text"], V1["envelope"]["mid"])
    assert (message.header.n, message.header.blobs) == (3, (message.body.att[0].blob,))
    assert (message.body.urgent, message.body.mentions) == (True, (uid_of("alice"),))


def test_an_attachment() -> None:
    attachment = opened().body.att[0]
    blob = b"".join(encrypt_blob([FILE], len(FILE), attachment.key, bytes.fromhex(V1["blob"]["start"])[:16]))
    assert hash_blob(blob).hex() == V1["blob"]["bytes_hash"]
    assert (blob[:64].hex(), blob[-64:].hex()) == (V1["blob"]["start"], V1["blob"]["end"])
    assert decrypt_blob(blob, attachment) == FILE


def test_receipts() -> None:
    receipt = parse_receipt(bytes.fromhex(V1["deposit_receipt"]))
    verify_receipt(receipt, verify_opcert(bytes.fromhex(V1["opcerts"]["receipt"]), ROOT))
    env = bytes.fromhex(V1["envelope"]["bytes"])
    assert receipt.covers(env)
    log = log_next(log_start(commits()[0].core.cid), hash_envelope(env), 1)
    assert log.hex() == V1["log"] == receipt.leaf.log.hex()
    read = parse_read_receipt(bytes.fromhex(V1["read_receipt"]))
    verify_read_receipt(read, chain_of("alice"))
    assert (read.seq, read.log) == (1, log)


def test_a_proof() -> None:
    sample = V1["proof"]
    proof = parse_proof(bytes.fromhex(sample["bytes"]))
    assert root_fingerprint(proof.root) == sample["root_fingerprint"]
    proven = verify_proof(proof, ROOT)
    assert (proven.uid, proven.who.family, proven.body) == (uid_of("bob"), "Bernard", opened().body)
    assert (proven.cid, proven.seq) == (commits()[0].core.cid, 1)
    assert proof_of(V1) == sample


def test_a_vault_entry() -> None:
    sample = V1["vault"]
    cid = ConversationId(bytes.fromhex(sample["cid"]))
    es = open_vault_entry(user_key_of("alice"), uid_of("alice"), cid, sample["epoch"], bytes.fromhex(sample["sealed"]))
    assert es.hex() == sample["es"]


def test_a_recovery_key() -> None:
    sample = V1["recovery"]
    rk = bytes.fromhex(sample["rk"])
    did, keys = recovery_did(rk), recovery_device_keys(rk)
    assert (did.hex(), keys.to_secret().hex()) == (sample["did"], sample["device_secret"])
    assert code_secret(sample["code"]).hex() == sample["code_secret"]
    assert parse_passphrase(sample["passphrase"]) == sample["passphrase_folded"]
    wraps = {name: parse_wrap(bytes.fromhex(raw)) for name, raw in sample["wraps"].items()}
    uid = uid_of("alice")
    assert unwrap_with_code(wraps["code"], uid, sample["code"]) == rk
    assert unwrap_with_passphrase(wraps["passphrase"], uid, sample["passphrase_folded"]) == rk
    assert unwrap_with_passphrase(wraps["passphrase_en"], uid, sample["passphrase_en"]) == rk
    assert unwrap_with_passkey(wraps["passkey"], uid, bytes.fromhex(sample["prf_output"])) == rk
    passkey = wraps["passkey"].passkey
    assert (passkey.credential_id.hex(), passkey.prf_salt.hex()) == (sample["credential_id"], sample["prf_salt"])
    assert verify_recovery_test(keys.ik_public, did, sample["test"]["ts"], bytes.fromhex(sample["test"]["sig"]))


def test_a_pairing() -> None:
    sample = V1["pairing"]
    invitation = parse_pairing_uri(sample["uri"])
    assert (invitation.server_url, invitation.code) == (sample["server_url"], parse_pairing_code(sample["code"]))
    keys = pairing_keys(invitation.code)
    assert (keys.slot.hex(), keys.key.hex()) == (sample["slot"], sample["key"])
    sent = bytes.fromhex(sample["offer"])
    offer = parse_offer(keys, sent)
    assert (offer.device.did.hex(), offer.name) == (sample["did"], sample["name"])
    answer = parse_answer(keys, sent, bytes.fromhex(sample["answer"]))
    assert answer.root == ROOT
    accepted = accept_answer(
        answer, offer.device, DeviceKeys.from_secret(bytes.fromhex(sample["device_secret"])), NOW_MS
    )
    assert accepted.chain == chain_of("alice")
    assert accepted.user_key.secret == user_key_of("alice").secret
    assert personal.pairing(bytes.fromhex(sample["user_key_box"])) == sample


def test_statements() -> None:
    sample = V1["statements"]
    tombstone = parse_tombstone(bytes.fromhex(sample["tombstone"]))
    verify_tombstone(tombstone, chain_of("bob"))
    acknowledgement = parse_acknowledgement(bytes.fromhex(sample["acknowledgement"]))
    verify_acknowledgement(acknowledgement, chain_of("alice"))
    for statement in (tombstone, acknowledgement):
        assert (statement.cid.hex(), statement.seq) == (sample["cid"], sample["seq"])
        assert statement.env_hash.hex() == sample["env_hash"]


def test_safety_words() -> None:
    sample = V1["safety"]
    own = parse_safety_card(bytes.fromhex(sample["card_of_alice"]))
    compare_safety(parse_safety_card(bytes.fromhex(sample["card_of_bob"])), own)
    assert own.number.hex() == sample["number"]
    for language in Language:
        assert list(safety_words(own.number, wordlist(language))) == sample["words"][language.value]


def test_certificates() -> None:
    for purpose in Purpose:
        assert verify_opcert(bytes.fromhex(V1["opcerts"][purpose.value]), ROOT).purpose is purpose


def test_restorations() -> None:
    sample = V1["restorations"]
    found = verify_restorations(map(bytes.fromhex, sample["statements"]), ROOT, NOW_MS + 10_000)
    assert [one.hash.hex() for one in found] == sample["hashes"]
    assert [one.restored_to_ms for one in found] == sample["restored_to_ms"]
    assert [one.epoch for one in found] == [1, 2]


def test_authentication() -> None:
    auth = V1["auth"]
    nonce, sig = bytes.fromhex(auth["nonce"]), bytes.fromhex(auth["sig"])
    assert verify_auth(keys_of("alice").ik_public, nonce, auth["host"], sig)


def test_a_server_of_before_says_nothing_of_restores() -> None:
    said = msgspec.msgpack.decode(bytes.fromhex(V1["frames"]["Ready"]))
    ready = decode(msgspec.msgpack.encode(said[:5]))
    assert isinstance(ready, Ready)
    assert (ready.store_epoch, ready.store_head) == (0, b"")


def test_frames() -> None:
    assert len(V1["frames"]) == len(KNOWN_KINDS)
    for frame in all_frames():
        raw = bytes.fromhex(V1["frames"][type(frame).__name__])
        assert decode(raw) == frame
        assert encode(frame) == raw


@pytest.mark.parametrize(
    "name",
    [
        "primitives",
        "opcerts",
        "links",
        "auth",
        "vault",
        "recovery",
        "statements",
        "safety",
        "restorations",
        "frames",
    ],
)
def test_what_holds_no_randomness_is_made_alike_today(name: str) -> None:
    assert samples()[name] == V1[name]
