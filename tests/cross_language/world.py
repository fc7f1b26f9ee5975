"""A small world with fresh keys: an operator, four practitioners, two epochs and a message, all made by Python."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from nacl.signing import SigningKey

from miss.base.ids import AccountId, BlobId, DeviceId, MessageId
from miss.base.random import RandomBytes
from miss.protocol.crypto.attachments import Attachment, encrypt_blob, hash_blob
from miss.protocol.crypto.chains import Chain, verify_chain
from miss.protocol.crypto.changes import compose_add, compose_recover, compose_reset, compose_revoke, compose_uek
from miss.protocol.crypto.commits import Commit, HistoryPolicy, Policy, Role
from miss.protocol.crypto.envelopes import Alarm, Body, Seen, hash_envelope, seal_envelope
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.links import DevicePublic, Link, Op, Proof, Who, compose_genesis, cosign, countersign
from miss.protocol.crypto.membership import Author, compose_commit
from miss.protocol.crypto.opcert import Purpose
from miss.protocol.crypto.receipts import (
    DepositReceipt,
    Leaf,
    ReadReceipt,
    compose_read_receipt,
    log_next,
    log_start,
    sign_batch,
)
from tests.miss.protocol.people import BY_CODE, BY_DEVICE, NOW_MS, ON_PAPER, Operator

FILE_BYTES = 150_000
OWNER = "2A9900017"


@dataclass(frozen=True)
class Device:
    did: DeviceId
    keys: DeviceKeys

    @property
    def public(self) -> DevicePublic:
        return DevicePublic(self.did, self.keys.ik_public, self.keys.ek_public)


@dataclass(frozen=True)
class Change:
    """What one link is to do, in the words of both programs."""

    op: Op
    device: Device
    by: Device
    user_key: UserKey
    proof: Proof
    who: Who

    def compose(self, uid: AccountId, chain: Chain | None) -> Link:
        """The link as the devices sign it; the operator's signature is still to come."""
        device, user_key, proof = self.device, self.user_key, self.proof
        by: dict[str, Any] = {"by": self.by.did, "by_keys": self.by.keys, "proof": proof, "ts_ms": NOW_MS}
        start: dict[str, Any] = {
            "keys": device.keys,
            "user_key": user_key,
            "who": self.who,
            "proof": proof,
            "ts_ms": NOW_MS,
        }
        if chain is None:
            return compose_genesis(uid=uid, did=device.did, **start)
        match self.op:
            case Op.ADD:
                return cosign(compose_add(chain, device=device.public, **by), device.keys)
            case Op.RECOVER:
                paper: dict[str, Any] = {
                    "paper": self.by.did,
                    "paper_keys": self.by.keys,
                    "proof": proof,
                    "ts_ms": NOW_MS,
                }
                return cosign(compose_recover(chain, device=device.public, **paper), device.keys)
            case Op.REVOKE:
                return compose_revoke(chain, did=device.did, user_key=user_key, **by)
            case Op.UEK:
                return compose_uek(chain, user_key=user_key, **by)
            case _:
                return compose_reset(chain, did=device.did, **start)

    def request(self, uid: AccountId) -> dict[str, Any]:
        """The same for `composeLink`."""
        return {
            "op": self.op,
            "uid": uid,
            "did": self.device.did,
            "keys": self.device.keys.to_secret(),
            "by": self.by.did,
            "by_keys": self.by.keys.to_secret(),
            "user_key": user_key_request(self.user_key),
            "who": self.who,
            "proof": self.proof,
            "ts_ms": NOW_MS,
        }


def user_key_request(user_key: UserKey) -> dict[str, Any]:
    return {"generation": user_key.generation, "secret": user_key.secret}


@dataclass(frozen=True)
class Person:
    """Somebody's chain so far, and the device and user key in use at its end."""

    operator: Operator
    uid: AccountId
    device: Device
    user_key: UserKey
    changes: tuple[Change, ...] = ()
    unsigned: tuple[Link, ...] = ()
    """Each link before the operator has countersigned it."""
    links: tuple[Link, ...] = ()

    @cached_property
    def chain(self) -> Chain:
        return verify_chain(self.links, self.operator.root_public, [self.operator.cert().raw], now_ms=NOW_MS)

    @property
    def author(self) -> Author:
        return Author(self.uid, self.device.did, self.device.keys)

    def after(self, change: Change) -> "Person":
        """The same person after one more link."""
        link = change.compose(self.uid, self.chain if self.links else None)
        return replace(
            self,
            changes=(*self.changes, change),
            unsigned=(*self.unsigned, link),
            links=(*self.links, countersign(link, self.operator.op)),
            user_key=change.user_key,
        )


@dataclass(frozen=True)
class World:
    """Everything the tests exchange."""

    random: RandomBytes
    operator: Operator
    alice: Person
    """Every link but `reset`."""
    bob: Person
    carol: Person
    dora: Person
    """Started over with `reset`."""
    tablet: Device
    """Alice's, revoked."""
    first: Commit
    first_es: bytes
    second: Commit
    """Carol enters, and receives the history."""
    second_es: bytes
    file: bytes
    blob: bytes
    body: Body
    alarm: Alarm
    env: bytes
    """Bob's, under the first commit."""
    receipt: DepositReceipt
    read: ReadReceipt

    @property
    def people(self) -> tuple[Person, ...]:
        return self.alice, self.bob, self.carol

    @property
    def chains(self) -> dict[AccountId, Chain]:
        return {person.uid: person.chain for person in self.people}

    @property
    def certs(self) -> list[bytes]:
        """Of OP and of RC."""
        return [self.operator.cert(purpose).raw for purpose in Purpose]

    @property
    def trust(self) -> dict[str, Any]:
        """What a reader knows beforehand, for a request."""
        return {"root": self.operator.root_public, "opcerts": self.certs, "now_ms": NOW_MS}

    @property
    def known(self) -> dict[str, Any]:
        """The same, and everybody's links."""
        return {**self.trust, "chains": [link_bytes(person.links) for person in self.people]}


def link_bytes(links: Sequence[Link]) -> list[bytes]:
    return [link.to_bytes() for link in links]


def who(number: int) -> Who:
    return Who(f"9990000{number:04d}", "L’Hénaff 🩺", "Anne-Gaëlle", "Médecin")


def new_device(random: RandomBytes) -> Device:
    return Device(DeviceId(random(16)), DeviceKeys.generate(random))


def genesis(operator: Operator, number: int, random: RandomBytes) -> Person:
    device, user_key = new_device(random), UserKey.generate(1, random)
    person = Person(operator, AccountId(random(16)), device, user_key)
    return person.after(Change(Op.GENESIS, device, device, user_key, BY_CODE, who(number)))


def _every_operation(person: Person, tablet: Device, random: RandomBytes) -> Person:
    paper, phone, laptop = new_device(random), new_device(random), person.device
    start = Change(Op.ADD, tablet, laptop, person.user_key, BY_DEVICE, who(11))
    second, third = UserKey.generate(2, random), UserKey.generate(3, random)
    for change in (
        start,
        replace(start, device=paper, proof=ON_PAPER),
        replace(start, op=Op.REVOKE, device=tablet, user_key=second),
        replace(start, op=Op.UEK, device=laptop, user_key=third),
        replace(start, op=Op.RECOVER, device=phone, by=paper, user_key=third, proof=BY_CODE),
    ):
        person = person.after(change)
    return person


def _message(random: RandomBytes, file: bytes, mentions: tuple[AccountId, ...]) -> tuple[Body, bytes]:
    key = random(32)
    blob = b"".join(encrypt_blob([file], len(file), key, random(16)))
    photo = Attachment(
        blob=BlobId(random(16)),
        key=key,
        size=len(file),
        hash=hash_blob(blob),
        mime="image/jpeg",
        name="plaie à J+3.jpg",
        width=1600,
        height=1200,
        thumbnail=random(2000),
    )
    note = Attachment(BlobId(random(16)), random(32), 0, photo.hash, "application/pdf")
    text = "\ufeffBonjour, voici la plaie à J+3 🙂 " + "é" * 300
    body = Body(
        mid=MessageId(random(16)),
        ts=NOW_MS,
        type="text",
        text=text,
        reply=MessageId(random(16)),
        att=(photo, note),
        seen=Seen(2**40, random(32)),
        urgent=True,
        mentions=mentions,
    )
    return body, blob


def make(random: RandomBytes) -> World:
    """A world in which every key is fresh from `random`."""
    operator = Operator(SigningKey(random(32)), SigningKey(random(32)), SigningKey(random(32)))
    tablet = new_device(random)
    alice = _every_operation(genesis(operator, 11, random), tablet, random)
    bob, carol, dora = (genesis(operator, number, random) for number in (12, 13, 14))
    fresh, fresh_key = new_device(random), UserKey.generate(2, random)
    dora = replace(
        dora.after(Change(Op.RESET, fresh, fresh, fresh_key, BY_CODE, who(14))), device=fresh, user_key=fresh_key
    )
    chains = {person.uid: person.chain for person in (alice, bob, carol)}
    pair = {alice.uid: Role.ADMIN, bob.uid: Role.MEMBER}
    policy = Policy(ttl_s=86_400, history=HistoryPolicy.EVERYTHING, owner=OWNER)
    first, first_es = compose_commit(
        author=alice.author, members=pair, policy=policy, chains=chains, random_bytes=random
    )
    second, second_es = compose_commit(
        author=alice.author,
        members={**pair, carol.uid: Role.MEMBER},
        policy=policy,
        chains=chains,
        random_bytes=random,
        previous=first,
        secrets={1: first_es},
    )
    file = random(FILE_BYTES)
    body, blob = _message(random, file, (alice.uid, dora.uid))
    alarm = Alarm(NOW_MS + 3_600_000, (alice.uid,))
    env = seal_envelope(
        es=first_es,
        commit=first,
        did=bob.device.did,
        ik=bob.device.keys.ik,
        body=body,
        random_bytes=random,
        n=300,
        alarm=alarm,
    )
    cid = first.core.cid
    log = log_next(log_start(cid), hash_envelope(env), 1)
    others = [Leaf(cid, seq, random(32), random(32), NOW_MS) for seq in range(2, 8)]
    receipts = sign_batch([*others[:3], Leaf(cid, 1, hash_envelope(env), log, NOW_MS), *others[3:]], operator.rc)
    read = compose_read_receipt(
        cid=cid, seq=1, log=log, uid=alice.uid, did=alice.device.did, ts_ms=NOW_MS, ik=alice.device.keys.ik
    )
    return World(
        random=random,
        operator=operator,
        alice=alice,
        bob=bob,
        carol=carol,
        dora=dora,
        tablet=tablet,
        first=first,
        first_es=first_es,
        second=second,
        second_es=second_es,
        file=file,
        blob=blob,
        body=body,
        alarm=alarm,
        env=env,
        receipt=receipts[3],
        read=read,
    )


class Drawn:
    """Randomness drawn beforehand, so that both programs can use the same, and how much of it was used."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.used = 0

    def __call__(self, size: int) -> bytes:
        self.used += size
        assert self.used <= len(self.data)
        return self.data[self.used - size : self.used]


def receipt_cert(world: World) -> bytes:
    """RC's certificate."""
    return world.operator.cert(Purpose.RECEIPT).raw
