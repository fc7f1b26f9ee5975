"""Objects of one person or one message as cases: vault, recovery, pairing, statements, safety.

What is sealed is also altered inside: such a case carries the plaintext, and seals it before either side takes it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from miss.protocol.crypto.acknowledgements import (
    compose_acknowledgement,
    parse_acknowledgement,
    verify_acknowledgement,
)
from miss.protocol.crypto.changes import compose_add
from miss.protocol.crypto.keys import DeviceKeys, seal_user_key
from miss.protocol.crypto.links import DevicePublic, Link, Proof
from miss.protocol.crypto.pairing import (
    accept_answer,
    compose_answer,
    compose_offer,
    compose_pairing_code,
    pairing_keys,
    parse_answer,
    parse_offer,
)
from miss.protocol.crypto.primitives import domain, hash_, open_, seal
from miss.protocol.crypto.recovery import (
    compose_recovery_code,
    unwrap_with_code,
    unwrap_with_passkey,
    wrap_with_code,
    wrap_with_passkey,
)
from miss.protocol.crypto.safety import SafetyCard, compare_safety, compose_safety_card, parse_safety_card
from miss.protocol.crypto.tombstones import compose_tombstone, parse_tombstone, verify_tombstone
from miss.protocol.crypto.vault import open_vault_entry, seal_vault_entry
from miss.protocol.crypto.wraps import PasskeyParams, parse_wrap
from tests.cross_language.cases import Case
from tests.cross_language.world import Device, Person, World, link_bytes, new_device, user_key_request
from tests.miss.protocol.people import BY_DEVICE, NOW_MS

NAME = "Téléphone de garde 🩺"


def vault_case(world: World, epoch: int = 3) -> Case:
    """The entry of epoch 3, opened as that of `epoch`."""
    alice, cid = world.alice, world.first.core.cid
    return Case(
        seal_vault_entry(alice.user_key, alice.uid, cid, 3, world.first_es, world.random),
        "openVaultEntry",
        {"user_key": user_key_request(alice.user_key), "uid": alice.uid, "cid": cid, "epoch": epoch},
        lambda data: open_vault_entry(alice.user_key, alice.uid, cid, epoch, data),
    )


def code_wrap_case(world: World, uid: bytes | None = None, code: str | None = None) -> Case:
    """RK under a code; opened for `uid` with `code`, by default the right ones."""
    printed, alice = compose_recovery_code(world.random), world.alice.uid
    typed, whose = code or printed.lower(), alice if uid is None else type(alice)(uid)
    return Case(
        wrap_with_code(world.random(32), alice, printed, world.random).to_bytes(),
        "unwrapWithCode",
        {"uid": whose, "code": typed},
        lambda data: unwrap_with_code(parse_wrap(data), whose, typed),
    )


def passkey_wrap_case(world: World, prf_output: bytes | None = None) -> Case:
    uid, right = world.alice.uid, world.random(32)
    given = right if prf_output is None else prf_output
    params = PasskeyParams(world.random(64), world.random(32))
    return Case(
        wrap_with_passkey(world.random(32), uid, params, right, world.random).to_bytes(),
        "unwrapWithPasskey",
        {"uid": uid, "prf_output": given},
        lambda data: unwrap_with_passkey(parse_wrap(data), uid, given),
    )


class Pairing:
    """A code, a device that asks to be let in, and what Alice's phone answers it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.person = world.alice
        self.by = world.alice.changes[5].device
        self.device = new_device(world.random)
        self.code = compose_pairing_code(world.random)
        self.keys = pairing_keys(self.code)
        self.offer = compose_offer(self.keys, self.device.public, NAME, world.random)
        self.link = self.add()
        self.box = self.box_for(self.device)

    def add(self, device: DevicePublic | None = None, proof: Proof = BY_DEVICE) -> Link:
        """The `add` link of the device, or of another; not cosigned."""
        return compose_add(
            self.person.chain,
            device=device or self.device.public,
            by=self.by.did,
            by_keys=self.by.keys,
            proof=proof,
            ts_ms=NOW_MS,
        )

    def box_for(self, device: Device, person: Person | None = None) -> bytes:
        """The user key of Alice, or of somebody else, sealed to a device."""
        whose = person or self.person
        return seal_user_key(whose.user_key, self.person.uid, device.did, device.keys.ek_public)

    def parts(self) -> dict[str, Any]:
        """What the answer says, for `compose_answer` and for a request."""
        return {
            "root": self.world.operator.root_public,
            "opcerts": self.world.certs,
            "links": link_bytes(self.person.links),
            "user_key_box": self.box,
        }

    def answer(self, link: Link | None = None, **fields: Any) -> bytes:
        parts = {**self.parts(), **fields}
        return compose_answer(self.keys, self.offer, link=link or self.link, **parts, random_bytes=self.world.random)

    def offer_ad(self) -> bytes:
        return domain("pairing-offer") + self.keys.slot

    def answer_ad(self) -> bytes:
        return domain("pairing-answer") + self.keys.slot + hash_("pairing-offer", self.offer)


def offer_case(world: World, code: str | None = None) -> Case:
    """An offer, opened with `code`, by default the right one."""
    pairing = Pairing(world)
    keys = pairing_keys(code) if code else pairing.keys
    return Case(
        pairing.offer,
        "parseOffer",
        {"code": code or pairing.code},
        lambda data: parse_offer(keys, data),
    )


def offer_inside_case(world: World) -> Case:
    pairing = Pairing(world)
    key, ad = pairing.keys.key, pairing.offer_ad()
    packed = open_(key, pairing.offer, ad)
    assert packed is not None
    return Case(
        packed,
        "parseOffer",
        {"code": pairing.code},
        lambda data: parse_offer(pairing.keys, data),
        lambda data: seal(key, data, ad, world.random),
    )


def answer_case(
    pairing: Pairing,
    answer: bytes | None = None,
    *,
    code: str | None = None,
    offer: bytes | None = None,
    device: DevicePublic | None = None,
    keys: DeviceKeys | None = None,
    now_ms: int = NOW_MS,
) -> Case:
    """The answer, taken by the new device; by default everything is as it should be."""
    code, offer = code or pairing.code, offer or pairing.offer
    device, keys = device or pairing.device.public, keys or pairing.device.keys

    def here(data: bytes) -> object:
        accepted = accept_answer(parse_answer(pairing_keys(code), offer, data), device, keys, now_ms)
        return {"chain": accepted.chain, "link": accepted.link.to_bytes(), "userKey": accepted.user_key.secret}

    return Case(
        answer or pairing.answer(),
        "acceptAnswer",
        {"code": code, "offer": offer, "device": device, "keys": keys.to_secret(), "now_ms": now_ms},
        here,
    )


def answer_inside_case(world: World) -> Case:
    pairing = Pairing(world)
    case, key, ad = answer_case(pairing), pairing.keys.key, pairing.answer_ad()
    packed = open_(key, case.data, ad)
    assert packed is not None
    return replace(case, data=packed, wrap=lambda data: seal(key, data, ad, world.random))


def _said(world: World, uid: bytes, device: Device) -> dict[str, Any]:
    return {
        "cid": world.first.core.cid,
        "seq": 1,
        "env_hash": world.random(32),
        "uid": uid,
        "did": device.did,
        "ts_ms": NOW_MS,
    }


def tombstone_case(
    world: World, person: Person | None = None, device: Device | None = None, reader: Person | None = None
) -> Case:
    """A deletion by `device` in the name of `person`, checked against the chain of `reader`."""
    who = person or world.bob
    by, chain_of = device or who.device, reader or who

    def here(data: bytes) -> object:
        tombstone = parse_tombstone(data)
        verify_tombstone(tombstone, chain_of.chain)
        return tombstone

    made = compose_tombstone(**_said(world, who.uid, by), ik=by.keys.ik)
    return Case(made.raw, "verifyTombstone", {"links": link_bytes(chain_of.links), **world.trust}, here)


def acknowledgement_case(world: World, person: Person | None = None, device: Device | None = None) -> Case:
    who = person or world.alice
    by = device or who.device

    def here(data: bytes) -> object:
        acknowledgement = parse_acknowledgement(data)
        verify_acknowledgement(acknowledgement, who.chain)
        return acknowledgement

    made = compose_acknowledgement(**_said(world, who.uid, by), ik=by.keys.ik)
    return Case(made.raw, "verifyAcknowledgement", {"links": link_bytes(who.links), **world.trust}, here)


def card(world: World, sides: Sequence[Person] | None = None) -> SafetyCard:
    """What the first of two persons shows to the second: Alice to Bob."""
    one, other = sides or (world.alice, world.bob)
    return compose_safety_card(one.uid, one.chain.head, other.uid, other.chain.head)


def safety_case(world: World, own: SafetyCard | None = None) -> Case:
    """Alice's card, scanned by Bob."""
    mine = own or card(world, (world.bob, world.alice))

    def here(data: bytes) -> object:
        scanned = parse_safety_card(data)
        compare_safety(scanned, mine)
        return scanned

    return Case(card(world).to_bytes(), "compareSafety", {"own": mine}, here)
