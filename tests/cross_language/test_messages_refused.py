"""Envelopes, certificates and receipts in the wrong place, and what is not even made: refused on both sides alike."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
import pytest
from nacl.signing import SigningKey

from miss.base.ids import AccountId
from miss.protocol.crypto.attachments import (
    encrypt_blob,
)
from miss.protocol.crypto.commits import (
    Policy,
    Role,
)
from miss.protocol.crypto.envelopes import (
    Body,
    Header,
    message_key,
    parse_header,
    seal_envelope,
)
from miss.protocol.crypto.keys import UserKey, seal_user_key
from miss.protocol.crypto.links import Op
from miss.protocol.crypto.membership import compose_commit
from miss.protocol.crypto.opcert import Purpose, compose_opcert
from miss.protocol.crypto.primitives import derive, hash_, pad256, seal, sign
from miss.protocol.crypto.receipts import compose_read_receipt
from miss.protocol.errors import ProtocolError
from miss.protocol.packing import pack
from tests.cross_language.cases import (
    Case,
    envelope_case,
    opcert_case,
    read_receipt_case,
    receipt_case,
)
from tests.cross_language.core import Core, Outcome, refused
from tests.cross_language.world import (
    Change,
    Device,
    Person,
    World,
    new_device,
    user_key_request,
)
from tests.miss.protocol.people import BY_DEVICE, NOW_MS, YEAR_MS

ENVELOPES: dict[str, Callable[[World], Case]] = {
    "another secret": lambda world: envelope_case(world, es=world.second_es),
    "another commit": lambda world: envelope_case(world, commit=world.second),
    "unknown sender": lambda world: resent(world, world.dora),
    "sender not a member": lambda world: resent(world, world.carol),
    "revoked sender": lambda world: resent(world, replace(world.alice, device=world.tablet)),
    "the recovery key": lambda world: resent(world, replace(world.alice, device=world.alice.changes[2].device)),
    "another suite": lambda world: rewrapped(world, suite=2),
    "another version": lambda world: rewrapped(world, v=2),
    "other blobs": lambda world: rewrapped(world, blobs=()),
    "too many to tell": lambda world: rewrapped(
        world, alarm=msgspec.structs.replace(world.alarm, next_uids=(b"u" * 16,) * 17)
    ),
    "signed by another": lambda world: rewrapped(world, signer=world.alice),
    "not padded": lambda world: repacked(world, extra=b"\0"),
    "a media type and a line": lambda world: rewrapped(
        world,
        content=pack(
            msgspec.structs.replace(
                world.body, att=tuple(msgspec.structs.replace(each, mime="image/jpeg\n") for each in world.body.att)
            )
        ),
    ),
    "by a device that the next user key shut out": lambda world: resent(*_linked_later(world, Op.UEK)),
    "too many mentions": lambda world: _body(world, mentions=(world.alice.uid,) * 501),
    "a mention of nobody": lambda world: _body(world, mentions=(b"",)),
    "urgent as a number": lambda world: rewrapped(
        world, content=pack(msgspec.structs.replace(world.body, mentions=()))[:-2] + b"\x01\x90"
    ),
    "a body without its last two fields": lambda world: rewrapped(
        world, content=b"\x97" + pack(msgspec.structs.replace(world.body, mentions=()))[1:-2]
    ),
    "a body of nothing": lambda world: rewrapped(world, content=b"\x90"),
    "a type in capitals": lambda world: rewrapped(
        world, content=pack(msgspec.structs.replace(world.body, type="Text"))
    ),
    "a type and a line": lambda world: rewrapped(
        world, content=pack(msgspec.structs.replace(world.body, type="text\n"))
    ),
}


def resent(world: World, sender: Person) -> Case:
    """The message by somebody else's device."""
    return rewrapped(world, signer=sender, did=sender.device.did)


def _body(world: World, **fields: Any) -> Case:
    """The message with another body."""
    return rewrapped(world, content=pack(msgspec.structs.replace(world.body, **fields)))


def repacked(world: World, extra: bytes) -> Case:
    """The message with a longer ciphertext."""
    hdr, kc, ct = msgspec.msgpack.decode(world.env)
    return replace(envelope_case(world), data=pack([hdr, kc, ct + extra]))


def _linked_later(world: World, *ops: Op) -> tuple[World, Person]:
    """Alice after the commit: these operations, then a watch that sends, then another user key."""
    alice, watch = world.alice, new_device(world.random)
    for op in (*ops, Op.ADD, Op.UEK):
        key = alice.user_key if op is Op.ADD else UserKey.generate(alice.user_key.generation + 1, world.random)
        entering = watch if op is Op.ADD else alice.device
        alice = alice.after(Change(op, entering, alice.device, key, BY_DEVICE, alice.changes[0].who))
    return replace(world, alice=alice), replace(alice, device=watch)


def rewrapped(world: World, signer: Person | None = None, content: bytes | None = None, **fields: Any) -> Case:
    """Bob's message with another header or content, sealed and signed again; nothing is checked on the way."""
    header: Header = msgspec.structs.replace(parse_header(world.env), **fields)
    hdr, body = pack(header), pack(world.body) if content is None else content
    signature = sign((signer or world.bob).device.keys.ik, "msg", hash_("hdr", hdr) + body)
    mk = message_key(world.first_es, hdr)
    ct = seal(derive(mk, "aead"), pad256(pack([body, signature])), hdr, world.random)
    return replace(envelope_case(world), data=pack([hdr, derive(mk, "commitkey"), ct]))


@pytest.mark.parametrize("name", ENVELOPES)
def test_envelopes_out_of_place(core: Core, world: World, name: str) -> None:
    case = ENVELOPES[name](world)
    outcome = case.outcome_here(case.data)
    assert outcome.refused
    assert case.outcome_there(core, case.data) == outcome


def test_the_rewrapped_message_opens_if_nothing_was_changed(core: Core, world: World) -> None:
    """So that the refusals above have the reasons they name."""
    case = rewrapped(world)
    outcome = case.outcome_here(case.data)
    assert (outcome.refused, case.outcome_there(core, case.data)) == (None, outcome)


def test_a_device_linked_after_the_commit_may_send(core: Core, world: World) -> None:
    """As long as the user key is of that generation; afterwards, what it sent meanwhile still counts."""
    case = resent(*_linked_later(world))
    outcome = case.outcome_here(case.data)
    assert (outcome.refused, case.outcome_there(core, case.data)) == (None, outcome)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"a\xff", "bad_body"),
        (b"\xc0\x80", "bad_body"),
        (b"\xed\xa0\x80", "bad_body"),
        (b"\xf4\x90\x80\x80", "bad_body"),
        (b"a" * 300 + b"\xff", "bad_body"),
        (b"\xef\xbb\xbfa", None),
        (b"\xef\xbb\xbf" + b"a" * 300, None),
        ("é\0🩺".encode(), None),
    ],
)
def test_text_that_is_and_is_not_utf8(core: Core, world: World, text: bytes, code: str | None) -> None:
    size = bytes([0xA0 | len(text)]) if len(text) < 32 else b"\xda" + len(text).to_bytes(2, "big")
    content = pack(msgspec.structs.replace(world.body, text="", att=()))
    case = rewrapped(world, content=content.replace(b"text\xa0", b"text" + size + text), blobs=())
    outcome = case.outcome_here(case.data)
    assert (outcome.refused, case.outcome_there(core, case.data)) == (code, outcome)


# Certificates and receipts in the wrong place.


def _cert(
    world: World, key: SigningKey, purpose: Purpose, not_before_ms: int, not_after_ms: int = NOW_MS + YEAR_MS
) -> bytes:
    return compose_opcert(
        world.operator.root,
        purpose=purpose,
        public=bytes(key.verify_key),
        not_before_ms=not_before_ms,
        not_after_ms=not_after_ms,
    ).raw


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda world: opcert_case(world), None),
        (lambda world: replace(opcert_case(world), data=_reversed_cert(world)), "bad_opcert"),
        (lambda world: receipt_case(world, world.operator.cert().raw), "opcert_refused"),
        (
            lambda world: receipt_case(world, _cert(world, world.operator.rc, Purpose.RECEIPT, NOW_MS + 1)),
            "opcert_refused",
        ),
        (lambda world: receipt_case(world, _cert(world, world.operator.op, Purpose.RECEIPT, NOW_MS)), "receipt_forged"),
        (lambda world: receipt_case(world, _cert(world, world.operator.rc, Purpose.RECEIPT, NOW_MS)), None),
        (
            lambda world: receipt_case(world, _cert(world, world.operator.rc, Purpose.RECEIPT, 0, NOW_MS - 1)),
            "opcert_refused",
        ),
        (lambda world: read_receipt_case(world, world.bob), "receipt_forged"),
        (lambda world: _read_by(world, world.alice.uid, world.tablet), None),  # revoked since
        (lambda world: _read_by(world, world.bob.uid, world.alice.device), "receipt_forged"),
        (lambda world: _read_by(world, world.alice.uid, world.alice.changes[2].device), "receipt_forged"),  # on paper
    ],
)
def test_certificates_and_receipts(core: Core, world: World, build: Callable[[World], Case], code: str | None) -> None:
    case = build(world)
    outcome = case.outcome_here(case.data)
    assert (outcome.refused, case.outcome_there(core, case.data)) == (code, outcome)


def _read_by(world: World, uid: AccountId, device: Device) -> Case:
    """Alice's read receipt, by another person or device."""
    read, ik = world.read, device.keys.ik
    made = compose_read_receipt(
        cid=read.cid, seq=read.seq, log=read.log, uid=uid, did=device.did, ts_ms=read.ts_ms, ik=ik
    )
    return replace(read_receipt_case(world), data=made.raw)


def _reversed_cert(world: World) -> bytes:
    core = pack([1, "identity", bytes(32), NOW_MS, NOW_MS - 1])
    return pack([core, sign(world.operator.root, "opcert", core)])


# What is not even made.


def refused_here(make: Callable[[], object]) -> Outcome:
    with pytest.raises(ProtocolError) as refusal:
        make()
    return refused(refusal.value.code, refusal.value.params)


@pytest.mark.parametrize(
    "fields",
    [{"text": "a" * 65_200}, {"text": "é" * 33_000}, {"text": "a" * 70_000}, {"type": "Text"}, {"ts": 2**53}],
    ids=["just too long", "too long in bytes", "far too long", "type", "ts"],
)
def test_a_message_is_not_sealed(core: Core, world: World, fields: dict[str, Any]) -> None:
    body = Body(**{"mid": world.body.mid, "ts": NOW_MS, "type": "text", **fields})
    bob = world.bob.device
    there = core.ask(
        "sealEnvelope",
        es=world.first_es,
        commit=world.first.to_bytes(),
        did=bob.did,
        keys=bob.keys.to_secret(),
        body=body,
        n=0,
        alarm=None,
        random=bytes(40),
    )
    here = refused_here(
        lambda: seal_envelope(
            es=world.first_es, commit=world.first, did=bob.did, ik=bob.keys.ik, body=body, random_bytes=bytes
        )
    )
    assert there == here


def test_a_member_does_not_compose_what_an_admin_may(core: Core, world: World) -> None:
    bob = world.bob
    members = {bob.uid: Role.ADMIN}
    there = core.ask(
        "composeCommit",
        uid=bob.uid,
        did=bob.device.did,
        keys=bob.device.keys.to_secret(),
        members=members,
        policy=Policy(),
        earlier=[world.first.to_bytes()],
        secrets={},
        random=bytes(96),
        **world.known,
    )
    here = refused_here(
        lambda: compose_commit(
            author=bob.author,
            members=members,
            policy=Policy(),
            chains=world.chains,
            random_bytes=world.random,
            previous=world.first,
        )
    )
    assert there == here == Outcome(refused="commit_not_allowed", why="admin_only")


@pytest.mark.parametrize(
    ("pieces", "size"), [([b"ab"], 3), ([b"ab"], 1), ([], 1), ([bytes(65_537)], 65_536), ([], 16 * 1024 * 1024)]
)
def test_a_file_is_not_encrypted(core: Core, world: World, pieces: list[bytes], size: int) -> None:
    key, prefix = world.random(32), world.random(16)
    there = core.ask("encryptBlob", pieces=pieces, size=size, key=key, prefix=prefix)
    assert there == refused_here(lambda: list(encrypt_blob(pieces, size, key, prefix)))


def test_no_public_key(core: Core, world: World) -> None:
    bob = world.bob
    for public in (b"", bytes([255]) * 1216, bob.user_key.public[:1184] + bytes(32), bob.user_key.public[1:]):
        there = core.ask(
            "sealUserKey",
            user_key=user_key_request(bob.user_key),
            uid=bob.uid,
            did=bob.device.did,
            ek=public,
            random=world.random(64),
        )
        here = refused_here(partial(seal_user_key, bob.user_key, bob.uid, bob.device.did, public))
        assert (here.refused, there) == ("bad_key", here)
