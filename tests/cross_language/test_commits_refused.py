"""Commits against the rules of protocol §4: the second one, rewritten and signed again, refused on both sides."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from miss.protocol.crypto.commits import (
    Box,
    Commit,
    HistoryPolicy,
    Member,
    Policy,
    Role,
    box_info,
    boxes_hash,
    confirmation,
    history_hash,
    pack_history,
)
from miss.protocol.crypto.keys import UserKey, seal_to
from miss.protocol.crypto.membership import compose_commit
from miss.protocol.crypto.primitives import sign
from miss.protocol.packing import pack
from tests.cross_language.cases import (
    commit_case,
)
from tests.cross_language.core import Core
from tests.cross_language.world import (
    OWNER,
    Person,
    World,
)


def _forged(world: World, commit: Commit, author: Person | None = None, **fields: Any) -> Commit:
    """`commit` with other fields of its core, confirmed and signed as if its author had written them."""
    person = author or world.alice
    if author:
        fields = {"uid": author.uid, "did": author.device.did, **fields}
    core = msgspec.structs.replace(commit.core, **fields)
    core_bytes = pack(core)
    conf = confirmation(world.second_es, core_bytes)
    return replace(
        commit,
        core=core,
        core_bytes=core_bytes,
        conf=conf,
        sig=sign(person.device.keys.ik, "commit", core_bytes + conf),
    )


def _members(world: World, **fields: Any) -> tuple[Member, ...]:
    """The members, Alice's entry changed."""
    return tuple(
        msgspec.structs.replace(member, **fields) if member.uid == world.alice.uid else member
        for member in world.second.core.members
    )


def _policy(world: World, **fields: Any) -> Policy:
    """The policy, changed."""
    changed: Policy = msgspec.structs.replace(world.second.core.policy, **fields)
    return changed


def _all(world: World, role: Role) -> tuple[Member, ...]:
    return tuple(msgspec.structs.replace(member, role=role) for member in world.second.core.members)


def _another_secret(world: World) -> Commit:
    """Carol's box opens, but holds another secret than the one confirmed."""
    carol = world.carol
    info = box_info("box", world.second.core, carol.uid, carol.user_key.generation)
    full = Box(carol.uid, seal_to(carol.user_key.public, world.random(32), info))
    boxes = tuple(full if box.uid == carol.uid else box for box in world.second.boxes)
    return replace(_forged(world, world.second, boxes_hash=boxes_hash(boxes)), boxes=boxes)


def _history_for(world: World, person: Person, others: tuple[Box, ...] = ()) -> Commit:
    """History for somebody who was there before."""
    boxes = (Box(person.uid, world.random(1200)), *others)
    return replace(_forged(world, world.second, history_hash=history_hash(boxes)), history=boxes)


def _secrets_passed_on(world: World, secrets: dict[int, bytes]) -> Commit:
    """Carol's history box opens, and holds these."""
    carol = world.carol
    info = box_info("history", world.second.core, carol.uid, carol.user_key.generation)
    boxes = (Box(carol.uid, seal_to(carol.user_key.public, pack_history(secrets), info)),)
    return replace(_forged(world, world.second, history_hash=history_hash(boxes)), history=boxes)


COMMITS: dict[str, Callable[[World], Commit]] = {
    "a member changes the members": lambda world: _forged(world, world.second, author=world.bob),
    "a newcomer is the author": lambda world: _forged(world, world.second, author=world.carol),
    "a stranger is the author": lambda world: _forged(world, world.second, author=world.dora),
    "no admin": lambda world: _forged(world, world.second, members=_all(world, Role.MEMBER)),
    "history although closed": lambda world: _forged(
        world, world.second, policy=_policy(world, history=HistoryPolicy.NOTHING)
    ),
    "history for a member": lambda world: _history_for(world, world.bob),
    "history twice": lambda world: _history_for(world, world.carol, world.second.history),
    "another secret in the history": lambda world: _secrets_passed_on(world, {1: world.second_es}),
    "a secret of no epoch": lambda world: _secrets_passed_on(world, {1: world.first_es, 7: world.first_es}),
    "history left out": lambda world: replace(world.second, history=()),
    "an epoch skipped": lambda world: _forged(world, world.second, epoch=3),
    "the first again": lambda world: world.first,
    "another previous": lambda world: _forged(world, world.second, prev=bytes(32)),
    "no previous": lambda world: _forged(world, world.second, prev=b""),
    "another conversation": lambda world: _forged(world, world.second, cid=bytes(32)),
    "no conversation": lambda world: _forged(world, world.second, cid=b""),
    "another suite": lambda world: _forged(world, world.second, suite=2),
    "another version": lambda world: _forged(world, world.second, v=2),
    "members in disorder": lambda world: _forged(world, world.second, members=world.second.core.members[::-1]),
    "a member twice": lambda world: _forged(world, world.second, members=world.second.core.members[:1] * 3),
    "no members": lambda world: _forged(world, world.second, members=()),
    "an unknown head": lambda world: _forged(world, world.second, members=_members(world, link_head=bytes(32))),
    "an older head": lambda world: _forged(
        world, world.second, members=_members(world, link_head=world.alice.links[1].hash, uek_gen=1)
    ),
    "another generation": lambda world: _forged(world, world.second, members=_members(world, uek_gen=1)),
    "an unknown role": lambda world: _forged(world, world.second, members=_members(world, role=3)),
    "a revoked device": lambda world: _forged(world, world.second, did=world.tablet.did),
    "somebody else's signature": lambda world: _forged(world, world.second, author=world.bob, uid=world.alice.uid),
    "a box for another content": lambda world: _forged(world, world.second, policy=_policy(world, ttl_s=1)),
    "another owner": lambda world: _forged(world, world.second, policy=_policy(world, owner="990000025")),
    "no owner any more": lambda world: _forged(world, world.second, policy=_policy(world, owner="")),
    "a short FINESS number": lambda world: _forged(world, world.second, policy=_policy(world, owner="99000001")),
    "a FINESS number and a line": lambda world: _forged(world, world.second, policy=_policy(world, owner=f"{OWNER}\n")),
    "a FINESS number of nowhere": lambda world: _forged(world, world.second, policy=_policy(world, owner="2C9900017")),
    "another secret in the box": _another_secret,
    "another box": lambda world: replace(world.second, boxes=world.second.boxes[:-1] + world.second.history),
    "a box too few": lambda world: replace(world.second, boxes=world.second.boxes[:-1]),
    "digests only": lambda world: world.second.stripped(),
}


def test_an_admin_does_not_change_the_owner(core: Core, world: World) -> None:
    """After `admin_only`, which a member meets first (see below)."""
    case = commit_case(world, world.second, world.first, world.carol)
    for name in ("another owner", "no owner any more"):
        commit = COMMITS[name](world)
        data = pack([commit.core_bytes, commit.conf, commit.sig, commit.boxes, commit.history])
        outcome = case.outcome_there(core, data)
        assert (outcome.refused, outcome.why) == ("commit_not_allowed", "owner")


@pytest.mark.parametrize("name", COMMITS)
def test_commits_against_the_rules(core: Core, world: World, name: str) -> None:
    commit = COMMITS[name](world)
    case = commit_case(world, world.second, world.first, world.carol)
    data = pack([commit.core_bytes, commit.conf, commit.sig, commit.boxes, commit.history])
    outcome = case.outcome_here(data)
    assert outcome.refused
    assert case.outcome_there(core, data) == outcome


def _renewed(world: World) -> Commit:
    """Bob, no admin, renews the secret of the second epoch."""
    members = {member.uid: member.role for member in world.second.core.members}
    return compose_commit(
        author=world.bob.author,
        members=members,
        policy=world.second.core.policy,
        chains=world.chains,
        random_bytes=world.random,
        previous=world.second,
    )[0]


def _without_carol(world: World) -> Commit:
    renewed = _renewed(world)
    boxes = tuple(box for box in renewed.boxes if box.uid != world.carol.uid)
    members = tuple(member for member in renewed.core.members if member.uid != world.carol.uid)
    forged = _forged(world, renewed, author=world.bob, members=members, boxes_hash=boxes_hash(boxes))
    return replace(forged, boxes=boxes)


BY_BOB: dict[str, tuple[Callable[[World], Commit], str | None]] = {
    "a new secret": (_renewed, None),
    "somebody leaves": (_without_carol, "admin_only"),
    "other roles": (lambda world: _by_bob(world, members=_all(world, Role.ADMIN)), "admin_only"),
    "another ttl": (lambda world: _by_bob(world, policy=_policy(world, ttl_s=1)), "admin_only"),
    "closed history": (
        lambda world: _by_bob(world, policy=_policy(world, history=HistoryPolicy.NOTHING)),
        "admin_only",
    ),
    "another owner": (lambda world: _by_bob(world, policy=_policy(world, owner="990000025")), "admin_only"),
}


def _by_bob(world: World, **fields: Any) -> Commit:
    return _forged(world, _renewed(world), author=world.bob, **fields)


@pytest.mark.parametrize("name", BY_BOB)
def test_what_a_member_may_commit(core: Core, world: World, name: str) -> None:
    build, why = BY_BOB[name]
    case = commit_case(world, build(world), world.second, world.bob)
    outcome = case.outcome_here(case.data)
    assert (outcome.why, case.outcome_there(core, case.data)) == (why, outcome)


@pytest.mark.parametrize(
    ("reader", "generation", "code"), [("dora", 1, "box_missing"), ("carol", 2, "wrong_user_key"), ("bob", 1, None)]
)
def test_boxes_of_others(core: Core, world: World, reader: str, generation: int, code: str | None) -> None:
    person: Person = getattr(world, reader)
    with_key = replace(person, user_key=UserKey(generation, person.user_key.secret))
    case = commit_case(world, world.second, world.first, with_key)
    outcome = case.outcome_here(case.data)
    assert (outcome.refused, case.outcome_there(core, case.data)) == (code, outcome)
