"""Who may commit what, and how a commit comes about.  protocol §4

The server and every client run the same `verify_commit`.  The server also refuses a commit that names a state of a
chain that is no longer the last one (`stale_members`) and an epoch that is already taken; clients that read an old
commit cannot, since chains have grown since.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.base.random import RandomBytes
from miss.protocol.crypto.chains import Chain
from miss.protocol.crypto.commits import (
    Box,
    Commit,
    CommitCore,
    HistoryPolicy,
    Member,
    Policy,
    Role,
    box_info_of,
    boxes_hash,
    confirmation,
    conversation_id,
    hash_content,
    history_hash,
    pack_core,
    pack_history,
)
from miss.protocol.crypto.keys import DeviceKeys, seal_to
from miss.protocol.crypto.primitives import KEY_BYTES, SUITE, VERSION, sign, verify
from miss.protocol.errors import (
    CommitForged,
    CommitNotAllowed,
    CommitOutOfOrder,
    CommitStale,
    UnknownLinkHead,
    UnsupportedSuite,
)

Chains = Mapping[AccountId, Chain]
"""The verified chains at hand, by person."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who commits, on which device, with which keys."""

    uid: AccountId
    did: DeviceId
    keys: DeviceKeys


def compose_commit(
    *,
    author: Author,
    members: Mapping[AccountId, Role],
    policy: Policy,
    chains: Chains,
    random_bytes: RandomBytes,
    previous: Commit | None = None,
    secrets: Mapping[int, bytes] | None = None,
) -> tuple[Commit, bytes]:
    """The next commit (the first without `previous`) and its fresh epoch secret ES.

    `members`: everybody in the new epoch, the author included.  `chains`: the current chain of each of them.
    `secrets`: ES of earlier epochs, by epoch; if the policy opens history they are sealed to each newcomer.
    Raises what `verify_commit` raises if the result would be refused.
    """
    es = random_bytes(KEY_BYTES)
    core = CommitCore(
        v=VERSION,
        suite=SUITE,
        cid=previous.core.cid if previous else ConversationId(b""),
        epoch=previous.core.epoch + 1 if previous else 1,
        prev=previous.hash if previous else b"",
        members=tuple(_pin(uid, role, chains) for uid, role in sorted(members.items())),
        policy=policy,
        uid=author.uid,
        did=author.did,
        boxes_hash=b"",
        history_hash=b"",
    )
    content = hash_content(core)
    boxes = tuple(_seal(content, member, chains, es, "box") for member in core.members)
    history: tuple[Box, ...] = ()
    if previous and secrets and policy.history is HistoryPolicy.EVERYTHING:
        packed = pack_history(secrets)
        history = tuple(_seal(content, member, chains, packed, "history") for member in _newcomers(core, previous))
    core = msgspec.structs.replace(core, boxes_hash=boxes_hash(boxes), history_hash=history_hash(history))
    if previous is None:
        core = msgspec.structs.replace(core, cid=conversation_id(core))
    core_bytes = pack_core(core)
    conf = confirmation(es, core_bytes)
    commit = Commit(core, core_bytes, conf, sign(author.keys.ik, "commit", core_bytes + conf), boxes, history)
    verify_commit(commit, previous, chains)
    return commit, es


def _pin(uid: AccountId, role: Role, chains: Chains) -> Member:
    chain = _chain(uid, chains)
    return Member(uid, chain.head, chain.uek_gen, role)


def _seal(content_hash: bytes, member: Member, chains: Chains, plaintext: bytes, label: str) -> Box:
    public = _chain(member.uid, chains).uek_pk
    return Box(member.uid, seal_to(public, plaintext, box_info_of(label, content_hash, member.uid, member.uek_gen)))


def _chain(uid: AccountId, chains: Chains) -> Chain:
    if uid not in chains:
        raise UnknownLinkHead(uid=uid.hex(), seq=0)
    return chains[uid]


def _newcomers(core: CommitCore, previous: Commit) -> list[Member]:
    return [member for member in core.members if previous.member(member.uid) is None]


def verify_commit(commit: Commit, previous: Commit | None, chains: Chains) -> None:
    """Check a parsed commit against the one before (None for the first) and the members' verified chains.

    Raises UnknownLinkHead if a chain at hand is missing or too old, CommitOutOfOrder, CommitStale,
    CommitNotAllowed, CommitForged, UnsupportedSuite.
    """
    _check_order(commit, previous)
    for member in commit.core.members:
        _check_member(member, previous, chains)
    _check_author(commit, previous)
    _check_rights(commit, previous)
    _check_signature(commit, chains)


def _check_order(commit: Commit, previous: Commit | None) -> None:
    core = commit.core
    if previous is None:
        if core.epoch != 1:
            raise CommitOutOfOrder(epoch=core.epoch, expected=1)
        return
    if (core.cid, core.epoch, core.prev) != (previous.core.cid, previous.core.epoch + 1, previous.hash):
        raise CommitOutOfOrder(epoch=core.epoch, expected=previous.core.epoch + 1)
    if core.suite != previous.core.suite:
        # protocol §7: cryptography never changes downwards inside a conversation; with one suite, never at all.
        raise UnsupportedSuite(suite=core.suite)


def _check_member(member: Member, previous: Commit | None, chains: Chains) -> None:
    """The member's pinned state exists, has that user key, and is not older than the one pinned before."""
    state = _chain(member.uid, chains).at(member.link_head)
    if state.uek_gen != member.uek_gen:
        raise CommitStale(reason="uek_gen", uid=member.uid.hex())
    pinned = previous.member(member.uid) if previous else None
    if pinned is not None:
        try:
            state.at(pinned.link_head)
        except UnknownLinkHead:
            raise CommitStale(reason="rollback", uid=member.uid.hex()) from None


def _check_author(commit: Commit, previous: Commit | None) -> None:
    uid = commit.core.uid
    if commit.member(uid) is None or (previous is not None and previous.member(uid) is None):
        raise CommitNotAllowed(rule="author_not_member")


def _check_rights(commit: Commit, previous: Commit | None) -> None:
    """Only an admin of the epoch before changes members, roles or policy; a conversation keeps an admin and owner."""
    roles = _roles(commit)
    if Role.ADMIN not in roles.values():
        raise CommitNotAllowed(rule="no_admin")
    rank = _roles(previous or commit)[commit.core.uid]
    changes = previous is None or roles != _roles(previous) or commit.core.policy != previous.core.policy
    if changes and rank is not Role.ADMIN:
        raise CommitNotAllowed(rule="admin_only")
    if previous is not None and commit.core.policy.owner != previous.core.policy.owner:
        raise CommitNotAllowed(rule="owner")
    if commit.history:
        newcomers = [] if previous is None else [member.uid for member in _newcomers(commit.core, previous)]
        if commit.core.policy.history is HistoryPolicy.NOTHING:
            raise CommitNotAllowed(rule="history_closed")
        if not {box.uid for box in commit.history} <= set(newcomers):
            raise CommitNotAllowed(rule="history_not_newcomer")


def _roles(commit: Commit) -> dict[AccountId, Role]:
    return {member.uid: member.role for member in commit.core.members}


def _check_signature(commit: Commit, chains: Chains) -> None:
    member = commit.member(commit.core.uid)
    device = None
    if member is not None:
        device = _chain(member.uid, chains).signer_at(member.link_head, commit.core.did)
    if device is None or not verify(device.ik, "commit", commit.signed_bytes, commit.sig):
        raise CommitForged(epoch=commit.core.epoch)


def stale_members(commit: Commit, chains: Chains) -> list[AccountId]:
    """The members whose pinned state is not the last one of their chain: the server refuses a commit with any."""
    return [member.uid for member in commit.core.members if _chain(member.uid, chains).head != member.link_head]
