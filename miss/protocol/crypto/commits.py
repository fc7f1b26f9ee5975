"""Commits: who is in a conversation from an epoch on, and the secret of that epoch, sealed to each.  protocol §3, §4

This module holds the object: its bytes, its hashes, its boxes.  Who may commit what is decided by
`miss.protocol.crypto.membership`.

The boxes are hashed one by one and their digests together, so that a commit can travel with digests in place of
boxes (a member needs one box of five hundred) and still be verified whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from miss.base.ids import AccountId, ConversationId
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.primitives import (
    HASH_BYTES,
    KEY_BYTES,
    SUITE,
    VERSION,
    derive,
    domain,
    hash_,
    same,
)
from miss.protocol.errors import (
    BadCommit,
    BadSealed,
    BoxMissing,
    BoxUnreadable,
    UnsupportedSuite,
    WrongConfirmation,
    WrongUserKey,
)
from miss.protocol.ids import Did, Hash, Number, Ordinal, Signature, Uid
from miss.protocol.limits import MAX_COMMIT_BYTES, MAX_MEMBERS
from miss.protocol.packing import Form, Signed, pack

MAX_BOX_BYTES: Final = 256 * 1024
"""A history box holds 40 bytes an epoch; a secret's box is 1168 bytes."""


class Role(IntEnum):
    """What a member may commit."""

    MEMBER = 1  # a new secret
    ADMIN = 2  # also members, roles and policy


class HistoryPolicy(IntEnum):
    """What a newcomer may read of the time before."""

    NOTHING = 0
    EVERYTHING = 1  # all that retention has left


class Member(Signed, frozen=True):
    """One person in a conversation, pinned to a state of that person's chain."""

    uid: Uid
    link_head: Hash
    uek_gen: Ordinal
    role: Role


class Policy(Signed, frozen=True):
    """What the members agreed on."""

    ttl_s: Number = 0
    """Seconds after which the server deletes an envelope and its blobs; 0: the server's own retention."""
    history: HistoryPolicy = HistoryPolicy.NOTHING
    owner: Annotated[str, Meta(pattern=r"^(([0-9]{2}|2[AB])[0-9]{7})?\Z")] = ""
    """FINESS number of the establishment that owns the care team; empty: nobody but its members.  It never changes."""


class CommitCore(Signed, frozen=True):
    """What the confirmation and the signature of a commit cover."""

    v: int
    suite: Number
    cid: Annotated[ConversationId, Meta(max_length=HASH_BYTES)]
    """Empty only while the first core is hashed (`conversation_id`)."""
    epoch: Ordinal
    prev: Annotated[bytes, Meta(max_length=HASH_BYTES)]
    """Hash of the previous commit; empty in the first."""
    members: Annotated[tuple[Member, ...], Meta(min_length=1, max_length=MAX_MEMBERS)]
    """In ascending order of `uid`."""
    policy: Policy
    uid: Uid
    """The author, and the device that signs."""
    did: Did
    boxes_hash: Annotated[bytes, Meta(max_length=HASH_BYTES)]
    history_hash: Annotated[bytes, Meta(max_length=HASH_BYTES)]


class Box(Signed, frozen=True):
    """Something sealed to one member's user key, or its 32-byte digest."""

    uid: Uid
    sealed: Annotated[bytes, Meta(min_length=HASH_BYTES, max_length=MAX_BOX_BYTES)]

    @property
    def is_digest(self) -> bool:
        return len(self.sealed) == HASH_BYTES

    @property
    def digest(self) -> bytes:
        """H("box", sealed), which stands for the box wherever the box itself is left out."""
        return self.sealed if self.is_digest else hash_("box", self.sealed)


class _Outer(Signed, frozen=True):
    core: Annotated[bytes, Meta(max_length=MAX_COMMIT_BYTES)]
    conf: Hash
    sig: Signature
    boxes: Annotated[tuple[Box, ...], Meta(max_length=MAX_MEMBERS)]
    history: Annotated[tuple[Box, ...], Meta(max_length=MAX_MEMBERS)]


class _Secret(Signed, frozen=True):
    epoch: Ordinal
    es: Annotated[bytes, Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]

    def __repr__(self) -> str:
        return f"_Secret(epoch={self.epoch})"


class _History(Signed, frozen=True):
    secrets: tuple[_Secret, ...]


_CORE = Form(CommitCore, BadCommit, MAX_COMMIT_BYTES, version=VERSION)
_OUTER = Form(_Outer, BadCommit, MAX_COMMIT_BYTES)
_HISTORY = Form(_History, BadCommit, MAX_BOX_BYTES)


@dataclass(frozen=True)
class Commit:
    """One commit as sent; the boxes may be digests."""

    core: CommitCore
    core_bytes: bytes
    conf: bytes
    sig: bytes
    boxes: tuple[Box, ...]
    history: tuple[Box, ...] = ()

    @cached_property
    def hash(self) -> bytes:
        """H("commit", core ‖ conf): what the next commit names as `prev`, and envelopes in their header."""
        return commit_hash(self.core_bytes, self.conf)

    @property
    def signed_bytes(self) -> bytes:
        """core ‖ conf, which the author's device signs."""
        return self.core_bytes + self.conf

    def member(self, uid: AccountId) -> Member | None:
        return self._members.get(uid)

    @cached_property
    def _members(self) -> Mapping[AccountId, Member]:
        return {member.uid: member for member in self.core.members}

    def box(self, uid: AccountId) -> bytes | None:
        """The box of one member, as the server hands it out; None if it is not there or only its digest."""
        return _find(self.boxes, uid)

    def history_box(self, uid: AccountId) -> bytes | None:
        """The history sealed to one newcomer; None as for `box`."""
        return _find(self.history, uid)

    def stripped(self) -> "Commit":
        """The same commit with digests in place of boxes: about 110 bytes a member."""
        return replace(self, boxes=_digests(self.boxes), history=_digests(self.history))

    def with_box(self, uid: AccountId, sealed: bytes, history: bytes | None = None) -> "Commit":
        """This stripped commit with one member's box put back.  Raises BadCommit if it is not the one it hashes."""
        boxes = _put_back(self.boxes, uid, sealed)
        return replace(self, boxes=boxes, history=_put_back(self.history, uid, history) if history else self.history)

    def to_bytes(self) -> bytes:
        return _OUTER.compose(_Outer(self.core_bytes, self.conf, self.sig, self.boxes, self.history))


def _find(boxes: Iterable[Box], uid: AccountId) -> bytes | None:
    return next((box.sealed for box in boxes if box.uid == uid and not box.is_digest), None)


def _digests(boxes: Iterable[Box]) -> tuple[Box, ...]:
    return tuple(Box(box.uid, box.digest) for box in boxes)


def _put_back(boxes: tuple[Box, ...], uid: AccountId, sealed: bytes) -> tuple[Box, ...]:
    full = Box(uid, sealed)
    if not any(box.uid == uid and box.digest == full.digest for box in boxes):
        raise BadCommit(reason="another_box")
    return tuple(full if box.uid == uid else box for box in boxes)


def parse_commit(data: bytes) -> Commit:
    """The commit in `data`: well formed, its boxes those it hashes, its `cid` its own.  Nothing signed is checked.

    Raises BadCommit, UnsupportedVersion, UnsupportedSuite.
    """
    outer = _OUTER.parse(data)
    core = parse_core(outer.core)
    commit = Commit(core, outer.core, outer.conf, outer.sig, outer.boxes, outer.history)
    if [box.uid for box in outer.boxes] != [member.uid for member in core.members]:
        raise BadCommit(reason="boxes_of_others")
    if not _ascending([box.uid for box in outer.history]):
        raise BadCommit(reason="history_order")
    if (core.boxes_hash, core.history_hash) != (boxes_hash(outer.boxes), history_hash(outer.history)):
        raise BadCommit(reason="boxes_hash")
    return commit


def parse_core(data: bytes) -> CommitCore:
    """The core of a commit, with the rules that concern it alone.  Raises as `parse_commit`."""
    core = _CORE.parse(data)
    if core.suite != SUITE:
        raise UnsupportedSuite(suite=core.suite)
    if not _ascending([member.uid for member in core.members]):
        raise BadCommit(reason="member_order")
    if (core.epoch == 1) != (core.prev == b"") or len(core.prev) not in (0, HASH_BYTES):
        raise BadCommit(reason="prev")
    if len(core.cid) != HASH_BYTES or (core.epoch == 1 and core.cid != conversation_id(core)):
        raise BadCommit(reason="cid")
    return core


def _ascending(uids: list[AccountId]) -> bool:
    return all(left < right for left, right in pairwise(uids))


def pack_core(core: CommitCore) -> bytes:
    """The bytes of a core, as its author sends them.  Raises BadCommit if a field is out of bounds."""
    return _CORE.compose(core)


def commit_hash(core_bytes: bytes, conf: bytes) -> bytes:
    """H("commit", core ‖ conf): a commit's name."""
    return hash_("commit", core_bytes + conf)


def conversation_id(first: CommitCore) -> ConversationId:
    """`cid`: H("conversation", the first core with an empty `cid`)."""
    return ConversationId(hash_("conversation", pack(msgspec.structs.replace(first, cid=b""))))


def boxes_hash(boxes: Iterable[Box]) -> bytes:
    """H("boxes", uid ‖ digest of each box, in the order of the members)."""
    return hash_("boxes", b"".join(box.uid + box.digest for box in boxes))


def history_hash(boxes: Iterable[Box]) -> bytes:
    """H("history-boxes", uid ‖ digest of each history box, in ascending order of `uid`)."""
    return hash_("history-boxes", b"".join(box.uid + box.digest for box in boxes))


def confirmation(es: bytes, core_bytes: bytes) -> bytes:
    """`conf`: K(ES, "confirm", H("core", core)); whoever opens a box checks it."""
    return derive(es, "confirm", hash_("core", core_bytes))


def box_info(label: str, core: CommitCore, uid: AccountId, uek_gen: int) -> bytes:
    """What a box is bound to: the commit's own content, the member and the generation of the member's key."""
    return box_info_of(label, hash_content(core), uid, uek_gen)


def box_info_of(label: str, content_hash: bytes, uid: AccountId, uek_gen: int) -> bytes:
    """`box_info` where many boxes share one content."""
    return domain(label) + content_hash + uid + uek_gen.to_bytes(8, "big")


def hash_content(core: CommitCore) -> bytes:
    """H("content", …): the core up to its author, since the hashes of the boxes come after.

    In the first commit its `cid`, which depends on those hashes, is empty.
    """
    content = [
        core.v,
        core.suite,
        b"" if core.epoch == 1 else core.cid,
        core.epoch,
        core.prev,
        core.members,
        core.policy,
        core.uid,
        core.did,
    ]
    return hash_("content", pack(content))


def open_box(commit: Commit, uid: AccountId, user_key: UserKey) -> bytes:
    """ES, the secret of the commit's epoch (32 bytes), from the box of member `uid`.

    Raises BoxMissing, WrongUserKey, BoxUnreadable, WrongConfirmation.
    """
    es = _open(commit, uid, user_key, commit.box(uid), "box")
    require_confirmed(commit, es)
    return es


def require_confirmed(commit: Commit, es: bytes) -> None:
    """Raises WrongConfirmation unless `es` is the secret that the commit confirms."""
    if len(es) != KEY_BYTES or not same(confirmation(es, commit.core_bytes), commit.conf):
        raise WrongConfirmation(epoch=commit.core.epoch)


def open_history(commit: Commit, uid: AccountId, user_key: UserKey, commits: Mapping[int, Commit]) -> dict[int, bytes]:
    """The secrets of earlier epochs that the author of `commit` passed on to the newcomer `uid`, by epoch.

    `commits`: the earlier commits, verified, by epoch; each secret is checked against its own.  Raises as
    `open_box`, and BoxMissing for an epoch that is not in `commits`.
    """
    packed = _open(commit, uid, user_key, commit.history_box(uid), "history")
    secrets = {secret.epoch: secret.es for secret in _HISTORY.parse(packed).secrets}
    for epoch, es in secrets.items():
        if epoch not in commits:
            raise BoxMissing(epoch=epoch)
        require_confirmed(commits[epoch], es)
    return secrets


def pack_history(secrets: Mapping[int, bytes]) -> bytes:
    """What a history box holds: [[[epoch, ES], …]], in ascending order of epoch."""
    return _HISTORY.compose(_History(tuple(_Secret(epoch, es) for epoch, es in sorted(secrets.items()))))


def _open(commit: Commit, uid: AccountId, user_key: UserKey, sealed: bytes | None, label: str) -> bytes:
    member = commit.member(uid)
    if member is None or sealed is None:
        raise BoxMissing(epoch=commit.core.epoch)
    if member.uek_gen != user_key.generation:
        raise WrongUserKey(wanted=member.uek_gen, given=user_key.generation)
    try:
        return user_key.open(sealed, box_info(label, commit.core, uid, member.uek_gen))
    except BadSealed:
        raise BoxUnreadable(epoch=commit.core.epoch) from None
