"""Writes `v1.json`: one sample of every object of version 1, made with fixed keys.

Run once, when an object enters the specification (`python -m tests.miss.protocol.golden.make`).  Samples that are
there already are kept as they are: a program that no longer reads them would no longer read what people have
stored.  Boxes hold randomness of the operating system, so a new run could not repeat them anyway.
"""

import json
from pathlib import Path
from typing import Any, TypedDict

from miss.base.ids import BlobId, ConversationId, DeviceId
from miss.client import root_fingerprint
from miss.protocol.crypto.attachments import Attachment, encrypt_blob, hash_blob
from miss.protocol.crypto.auth import sign_auth
from miss.protocol.crypto.changes import (
    compose_add,
    compose_recover,
    compose_reset,
    compose_revoke,
    compose_uek,
)
from miss.protocol.crypto.commits import HistoryPolicy, Policy, Role, parse_commit
from miss.protocol.crypto.envelopes import Body, Seen, hash_envelope, seal_envelope
from miss.protocol.crypto.keys import DeviceKeys, UserKey, seal_user_key
from miss.protocol.crypto.links import cosign
from miss.protocol.crypto.membership import compose_commit
from miss.protocol.crypto.opcert import Purpose
from miss.protocol.crypto.primitives import derive, hash_, sign
from miss.protocol.crypto.proof import compose_proof
from miss.protocol.crypto.receipts import Leaf, compose_read_receipt, log_next, log_start, sign_batch
from miss.protocol.crypto.restorations import compose_restoration
from miss.protocol.session.limits import SessionLimits
from miss.protocol.wire import frames
from miss.protocol.wire.codec import encode
from tests.miss.protocol.golden import personal
from tests.miss.protocol.people import (
    ALICE,
    BOB,
    BY_CODE,
    BY_DEVICE,
    CAROL,
    NOW_MS,
    ON_PAPER,
    OPERATOR,
    Person,
    Stream,
    body,
    chains,
    new_device,
)

PATH = Path(__file__).with_name("v1.json")
FILE = Stream("golden file")(70_000)
CID = ConversationId(b"\x05" * 32)


class ByAlice(TypedDict):
    """Who vouches, in every link but the last two."""

    by: DeviceId
    by_keys: DeviceKeys
    ts_ms: int


def all_operations() -> Person:
    """A chain in which every operation occurs."""
    tablet, tablet_keys = new_device(0x50)
    paper, paper_keys = new_device(0x70)
    phone, phone_keys = new_device(0x60)
    by_alice: ByAlice = {"by": ALICE.did, "by_keys": ALICE.keys, "ts_ms": NOW_MS}
    person = ALICE.after(cosign(compose_add(ALICE.chain, device=tablet, proof=BY_DEVICE, **by_alice), tablet_keys))
    person = person.after(cosign(compose_add(person.chain, device=paper, proof=ON_PAPER, **by_alice), paper_keys))
    person = person.after(
        compose_revoke(person.chain, did=tablet.did, user_key=UserKey(2, b"\x02" * 32), proof=BY_DEVICE, **by_alice)
    )
    person = person.after(compose_uek(person.chain, user_key=UserKey(3, b"\x03" * 32), proof=BY_DEVICE, **by_alice))
    recover = compose_recover(
        person.chain, device=phone, paper=paper.did, paper_keys=paper_keys, proof=BY_CODE, ts_ms=NOW_MS
    )
    person = person.after(cosign(recover, phone_keys))
    last, last_keys = new_device(0x61)
    return person.after(
        compose_reset(
            person.chain,
            did=last.did,
            keys=last_keys,
            user_key=UserKey(4, b"\x04" * 32),
            who=ALICE.who,
            proof=BY_CODE,
            ts_ms=NOW_MS,
        )
    )


def samples() -> dict[str, Any]:
    """Every sample by name; bytes in hexadecimal."""
    policy = Policy(ttl_s=86_400, history=HistoryPolicy.EVERYTHING, owner="990000017")
    pair = {ALICE.uid: Role.ADMIN, BOB.uid: Role.MEMBER}
    known = chains(ALICE, BOB, CAROL)
    first, first_es = compose_commit(
        author=ALICE.author, members=pair, policy=policy, chains=known, random_bytes=Stream("es 1")
    )
    second, second_es = compose_commit(
        author=ALICE.author,
        members={**pair, CAROL.uid: Role.MEMBER},
        policy=policy,
        chains=known,
        random_bytes=Stream("es 2"),
        previous=first,
        secrets={1: first_es},
    )
    blob = b"".join(encrypt_blob([FILE], len(FILE), b"\x0a" * 32, b"\x0b" * 16))
    photo = Attachment(
        blob=BlobId(b"\x0c" * 16),
        key=b"\x0a" * 32,
        size=len(FILE),
        hash=hash_blob(blob),
        mime="image/jpeg",
        name="plaie.jpg",
        width=1600,
        height=1200,
        thumbnail=b"\xff\xd8",
    )
    message = Body(
        mid=body().mid,
        ts=NOW_MS,
        type="text",
        text="Bonjour, voici la plaie à J+3 🙂",
        reply=body(number=2).mid,
        att=(photo,),
        seen=Seen(1, b"\x0d" * 32),
        urgent=True,
        mentions=(ALICE.uid,),
    )
    env = seal_envelope(
        es=first_es,
        commit=first,
        did=BOB.did,
        ik=BOB.keys.ik,
        body=message,
        random_bytes=Stream("env"),
        n=3,
    )
    cid = first.core.cid
    log = log_next(log_start(cid), hash_envelope(env), 1)
    others = [Leaf(cid, seq, hash_("env", bytes([seq])), bytes([seq]) * 32, NOW_MS) for seq in (2, 3)]
    receipt = sign_batch([Leaf(cid, 1, hash_envelope(env), log, NOW_MS), *others], OPERATOR.rc)[0]
    read = compose_read_receipt(cid=cid, seq=1, log=log, uid=ALICE.uid, did=ALICE.did, ts_ms=NOW_MS, ik=ALICE.keys.ik)
    nonce = b"\x0e" * 32
    return {
        "primitives": {
            "hash_env_of_abc": hash_("env", b"abc").hex(),
            "derive_msg_of_abc_with_zero_key": derive(bytes(32), "msg", b"abc").hex(),
            "sign_read_of_abc_by_alice": sign(ALICE.keys.ik, "read", b"abc").hex(),
        },
        "keys": {
            "root_public": OPERATOR.root_public.hex(),
            **{
                name: {
                    "uid": person.uid.hex(),
                    "did": person.did.hex(),
                    "device_secret": person.keys.to_secret().hex(),
                    "user_key": person.user_key.secret.hex(),
                    "ik": person.keys.ik_public.hex(),
                    "ek": person.keys.ek_public.hex(),
                    "uek_pk": person.user_key.public.hex(),
                }
                for name, person in (("alice", ALICE), ("bob", BOB), ("carol", CAROL))
            },
            "bobs_user_key_sealed_to_his_device": seal_user_key(
                BOB.user_key, BOB.uid, BOB.did, BOB.keys.ek_public
            ).hex(),
        },
        "opcerts": {purpose.value: OPERATOR.cert(purpose).raw.hex() for purpose in Purpose},
        "links": {
            "every_operation": [link.to_bytes().hex() for link in all_operations().links],
            "heads": [link.hash.hex() for link in all_operations().links],
            "alice": [ALICE.links[0].to_bytes().hex()],
            "bob": [BOB.links[0].to_bytes().hex()],
            "carol": [CAROL.links[0].to_bytes().hex()],
        },
        "commits": [
            {"bytes": commit.to_bytes().hex(), "hash": commit.hash.hex(), "cid": cid.hex(), "es": es.hex()}
            for commit, es in ((first, first_es), (second, second_es))
        ],
        "envelope": {
            "bytes": env.hex(),
            "hash": hash_envelope(env).hex(),
            "text": message.text,
            "mid": message.mid.hex(),
        },
        "blob": {"bytes_hash": hash_blob(blob).hex(), "start": blob[:64].hex(), "end": blob[-64:].hex()},
        "deposit_receipt": receipt.to_bytes().hex(),
        "read_receipt": read.raw.hex(),
        "log": log.hex(),
        "auth": {
            "nonce": nonce.hex(),
            "host": "chat.example",
            "sig": sign_auth(ALICE.keys.ik, nonce, "chat.example").hex(),
        },
        "vault": personal.vault(),
        "recovery": personal.recovery(),
        "statements": personal.statements(),
        "safety": personal.safety(),
        "restorations": restorations(),
        "frames": {type(frame).__name__: encode(frame).hex() for frame in all_frames()},
    }


def restorations() -> dict[str, Any]:
    """Two statements of restores, the second linked to the first."""
    first = compose_restoration(OPERATOR.root, previous=None, restored_to_ms=NOW_MS - 3_600_000, ts_ms=NOW_MS)
    second = compose_restoration(OPERATOR.root, previous=first, restored_to_ms=NOW_MS + 1000, ts_ms=NOW_MS + 2000)
    return {
        "statements": [one.raw.hex() for one in (first, second)],
        "hashes": [one.hash.hex() for one in (first, second)],
        "restored_to_ms": [one.restored_to_ms for one in (first, second)],
    }


def proof_of(known: dict[str, Any]) -> dict[str, str]:
    """The proof of the sample envelope, made of the other samples."""

    def raw(*place: str) -> bytes:
        value: Any = known
        for name in place:
            value = value[name]
        return bytes.fromhex(value)

    [sample, *_] = known["commits"]
    root = raw("keys", "root_public")
    proof = compose_proof(
        env=raw("envelope", "bytes"),
        es=bytes.fromhex(sample["es"]),
        commit=parse_commit(bytes.fromhex(sample["bytes"])),
        links=[bytes.fromhex(link) for link in known["links"]["bob"]],
        opcerts=[raw("opcerts", purpose.value) for purpose in Purpose],
        receipt=raw("deposit_receipt"),
        root_public=root,
    )
    return {"bytes": proof.to_bytes().hex(), "root_fingerprint": root_fingerprint(root)}


def all_frames() -> list[frames.Frame]:
    """One of each kind."""
    cid, mid, uid, did = CID, body().mid, ALICE.uid, ALICE.did
    return [
        frames.Hello(1, b"\x01" * 32, SessionLimits().announced(), NOW_MS),
        frames.Auth(did, NOW_MS, b"\x02" * 64, NOW_MS - 1),
        frames.Ready(True, NOW_MS, b"\x03" * 32, "token", 2, b"\x07" * 32),
        frames.Heads((frames.Head(cid, 300, 299, 2),)),
        frames.Send(70_000, mid, cid, b"env"),
        frames.Ack(70_000, mid, 300, NOW_MS, b"receipt", True),
        frames.Msg(cid, 300, b"env", NOW_MS),
        frames.Recv(cid, 300, uid),
        frames.Read(cid, 300, b"receipt", uid),
        frames.Pull(1, cid, 1, 300, 100),
        frames.Page(1, cid, _items(), True),
        frames.EpochChanged(cid, 2, b"commit", b"box", None),
        frames.LinkAdded(uid, b"link"),
        frames.Typing(cid, True, uid),
        frames.Presence(1, uid),
        frames.Lag(),
        frames.Ping(5),
        frames.Pong(5),
        frames.Err(1, "conflict", None, False, None, 300, b"\x04" * 32),
        frames.Del(cid, 300, b"tombstone", uid),
        frames.AlarmChanged(cid, 300, frames.AlarmState.ACKNOWLEDGED, uid, b"acknowledgement"),
    ]


def _items() -> tuple[frames.Item, ...]:
    """An envelope, one that its author deleted, one that retention took."""
    return (
        frames.Item(1, b"env", NOW_MS),
        frames.Item(2, b"", NOW_MS, frames.Gone(b"\x05" * 32, b"tombstone")),
        frames.Item(3, b"", NOW_MS, frames.Gone(b"\x06" * 32, None)),
    )


def main() -> None:
    """Add the samples that are missing."""
    known = json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}
    merged = {**samples(), **known}
    merged.setdefault("proof", proof_of(merged))
    if "pairing" not in merged:
        box = seal_user_key(ALICE.user_key, ALICE.uid, personal.TABLET.did, personal.TABLET.ek)
        merged["pairing"] = personal.pairing(box)
    PATH.write_text(json.dumps(merged, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
