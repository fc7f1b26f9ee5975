"""Links against the rules of protocol §3: countersigned although they should not have been, refused on both sides."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from miss.protocol.crypto.chains import apply_link, verify_chain
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.links import Link, Op, Who, cosign, countersign, parse_link, vouch
from miss.protocol.crypto.primitives import sign
from miss.protocol.packing import pack
from tests.cross_language.cases import (
    Case,
)
from tests.cross_language.core import Core, plain
from tests.cross_language.world import (
    Change,
    Device,
    Person,
    World,
    genesis,
    link_bytes,
    new_device,
)
from tests.miss.protocol.people import BY_DEVICE, NOW_MS, ON_PAPER, YEAR_MS


def _after_alice(world: World, link: Link) -> tuple[tuple[Link, ...], Link]:
    return world.alice.links, countersign(link, world.operator.op)


def _change(world: World, **fields: Any) -> Change:
    alice = world.alice
    base = Change(Op.ADD, new_device(world.random), alice.device, alice.user_key, BY_DEVICE, alice.changes[0].who)
    return replace(base, **fields)


def _composed(world: World, **fields: Any) -> tuple[tuple[Link, ...], Link]:
    return _after_alice(world, _change(world, **fields).compose(world.alice.uid, world.alice.chain))


def _rewritten(world: World, link: Link, **fields: Any) -> Link:
    """`link` with other fields, signed again by Alice's laptop, as `by` and as the device that enters."""
    core = msgspec.structs.replace(link.core, **fields)
    core_bytes, ik = pack(core), world.alice.device.keys.ik
    return replace(
        link,
        core=core,
        core_bytes=core_bytes,
        by_sig=link.by_sig and sign(ik, "link-by", core_bytes),
        new_sig=link.new_sig and sign(ik, "link-new", core_bytes),
    )


def _rewritten_add(world: World, **fields: Any) -> tuple[tuple[Link, ...], Link]:
    link = _change(world).compose(world.alice.uid, world.alice.chain)
    return _after_alice(world, _rewritten(world, link, **fields))


def _rewritten_genesis(world: World, **fields: Any) -> tuple[tuple[Link, ...], Link]:
    return (), countersign(_rewritten(world, world.alice.unsigned[0], **fields), world.operator.op)


def _ten_devices(world: World) -> tuple[Person, Device]:
    """Somebody with as many devices as `add` allows, and the one of them that is on paper."""
    person, paper = genesis(world.operator, 15, world.random), new_device(world.random)
    person = person.after(_change(world, device=paper, by=person.device, user_key=person.user_key, proof=ON_PAPER))
    for _ in range(8):
        person = person.after(_change(world, by=person.device, user_key=person.user_key))
    return person, paper


def _eleventh_device(world: World) -> tuple[tuple[Link, ...], Link]:
    person, _ = _ten_devices(world)
    link = _change(world, by=person.device).compose(person.uid, person.chain)
    return person.links, countersign(link, world.operator.op)


def _recovered(world: World, op: Op = Op.RECOVER) -> tuple[tuple[Link, ...], Link]:
    """A twelfth device: after ten and one that was recovered."""
    person, paper = _ten_devices(world)
    recover = _change(world, op=Op.RECOVER, by=paper, user_key=person.user_key)
    person = person.after(recover)
    by = paper if op is Op.RECOVER else person.device
    link = replace(recover, op=op, by=by, device=new_device(world.random)).compose(person.uid, person.chain)
    return person.links, countersign(link, world.operator.op)


def _next_key(world: World) -> UserKey:
    return UserKey.generate(world.alice.user_key.generation + 1, world.random)


LINKS: dict[str, Callable[[World], tuple[tuple[Link, ...], Link]]] = {
    "no genesis": lambda world: ((), world.alice.links[1]),
    "skipped": lambda world: (world.alice.links[:1], world.alice.links[2]),
    "repeated": lambda world: (world.alice.links[:2], world.alice.links[1]),
    "another person's": lambda world: (world.alice.links, world.dora.links[1]),
    "not countersigned": lambda world: ((), world.alice.unsigned[0]),
    "countersigned by RC": lambda world: ((), countersign(world.alice.unsigned[0], world.operator.rc)),
    "not cosigned": lambda world: ((), countersign(replace(world.alice.unsigned[0], new_sig=None), world.operator.op)),
    "cosigned by another": lambda world: _after_alice(
        world, cosign(_change(world).compose(world.alice.uid, world.alice.chain), world.bob.device.keys)
    ),
    "vouched by nobody": lambda world: _after_alice(
        world, replace(_change(world).compose(world.alice.uid, world.alice.chain), by=None, by_sig=None)
    ),
    "vouched by a revoked device": lambda world: _composed(world, by=world.tablet),
    "vouched by somebody else's device": lambda world: _composed(world, by=world.bob.device),
    "a revoked device returns": lambda world: _composed(world, device=world.tablet),
    "a device twice": lambda world: _composed(world, device=world.alice.device),
    "a second recovery key": lambda world: _composed(world, proof=ON_PAPER),
    "recovered by a laptop": lambda world: _composed(world, op=Op.RECOVER),
    "self-revocation": lambda world: _composed(
        world, op=Op.REVOKE, device=world.alice.device, user_key=_next_key(world)
    ),
    "revoking a stranger": lambda world: _composed(world, op=Op.REVOKE, user_key=_next_key(world)),
    "the same user key": lambda world: _composed(world, op=Op.UEK, device=world.alice.device),
    "a user key skipped": lambda world: _composed(
        world, op=Op.UEK, device=world.alice.device, user_key=UserKey.generate(9, world.random)
    ),
    "an eleventh device": _eleventh_device,
    "a twelfth device, recovered": _recovered,
    "a twelfth device": lambda world: _recovered(world, Op.ADD),
    "another register number": lambda world: _rewritten_add(world, who=Who("99900009999", "A", "B", "C")),
    "a user key for free": lambda world: _rewritten_add(world, uek_gen=9),
    "a device without keys": lambda world: _rewritten_add(world, ek=None),
    "an older previous": lambda world: _rewritten_add(world, prev=world.alice.links[0].hash),
    "the keys of another device": lambda world: _composed(
        world, device=Device(new_device(world.random).did, world.alice.device.keys)
    ),
    "a user key of another": lambda world: _after_alice(
        world,
        _rewritten(
            world,
            _change(world, op=Op.UEK, device=world.alice.device, user_key=_next_key(world)).compose(
                world.alice.uid, world.alice.chain
            ),
            did=world.alice.changes[5].device.did,
        ),
    ),
    "a key cosigned": lambda world: _after_alice(
        world,
        cosign(
            _change(world, op=Op.UEK, device=world.alice.device, user_key=_next_key(world)).compose(
                world.alice.uid, world.alice.chain
            ),
            world.alice.device.keys,
        ),
    ),
    "a second genesis": lambda world: (
        world.alice.links,
        _rewritten_genesis(world, seq=7, prev=world.alice.chain.head)[1],
    ),
    "a genesis vouched for": lambda world: (
        (),
        countersign(vouch(world.alice.unsigned[0], world.alice.device.did, world.alice.device.keys), world.operator.op),
    ),
    "from the future": lambda world: _rewritten_genesis(world, ts=NOW_MS + 400_000),
    "after the certificate": lambda world: _rewritten_genesis(world, ts=NOW_MS - YEAR_MS - 1),
    "a genesis of nobody": lambda world: _rewritten_genesis(world, who=None),
    "a late genesis": lambda world: _rewritten_genesis(world, seq=2),
    "a second generation first": lambda world: _rewritten_genesis(world, uek_gen=2),
    "a genesis on paper": lambda world: _rewritten_genesis(world, proof=ON_PAPER),
    "another version": lambda world: _rewritten_genesis(world, v=2),
    "a short register number": lambda world: _rewritten_genesis(world, who=Who("9990000001", "A", "B", "C")),
    "a register number and a line": lambda world: _rewritten_genesis(world, who=Who("99900000011\n", "A", "B", "C")),
    "no name": lambda world: _rewritten_genesis(world, who=Who("", "", "B", "C")),
    "a long name": lambda world: _rewritten_genesis(world, who=Who("", "🩺" * 121, "B", "C")),
    "a large number": lambda world: _rewritten_genesis(world, ts=2**53),
}


def put_together(link: Link) -> bytes:
    """The link as it would be sent, its core unchecked."""
    return pack([link.core_bytes, link.by, link.by_sig, link.new_sig, link.op_sig])


@pytest.mark.parametrize("name", LINKS)
def test_links_against_the_rules(core: Core, world: World, name: str) -> None:
    before, link = LINKS[name](world)
    root, certs = world.operator.root_public, world.certs
    case = Case(
        put_together(link),
        "verifyLink",
        {"links": link_bytes(before), **world.trust},
        lambda data: verify_chain([*before, parse_link(data)], root, certs, NOW_MS),
    )
    outcome = case.outcome_here(case.data)
    assert outcome.refused
    assert case.outcome_there(core, case.data) == outcome


def test_an_eleventh_device_is_recovered(core: Core, world: World) -> None:
    links, _ = _recovered(world)
    there = core.get("verifyChain", links=link_bytes(links), **world.trust)
    assert there == plain(verify_chain(links, world.operator.root_public, world.certs, NOW_MS))
    assert len(there["devices"]) == 11


def test_names_of_as_many_characters_as_allowed(core: Core, world: World) -> None:
    _, link = _rewritten_genesis(world, who=Who("", "🩺" * 120, "\ufeffB", "C\0"))
    there = core.get("verifyLink", data=put_together(link), links=[], **world.trust)
    assert there == plain(apply_link(None, link))
