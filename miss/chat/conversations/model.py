"""A conversation as the server knows it: positions, hashes, intervals.  Values and pure rules."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from miss.base.ids import AccountId, ConversationId
from miss.protocol.crypto.commits import Commit, HistoryPolicy, Role


@dataclass(frozen=True, slots=True)
class ConversationState:
    """Where a conversation stands; read under lock by whoever changes it."""

    cid: ConversationId
    epoch: int
    commit_hash: bytes
    """Of the commit that opened the epoch: what envelopes name."""
    needs_rekey: bool
    """True: a member's user key changed, the next commit has to come before the next envelope."""
    version: int
    """Counts changes of the set of members."""
    last_seq: int
    log: bytes
    """log_{last_seq}, protocol §3."""


@dataclass(frozen=True, slots=True)
class Interval:
    """What one membership lets a person read: `from_seq` … `to_seq` (None: still a member)."""

    from_seq: int
    to_seq: int | None
    to_epoch: int | None
    """The epoch that left the person out; that commit is the last one they may read."""

    def clip(self, from_seq: int, to_seq: int) -> tuple[int, int] | None:
        """The part of `from_seq` … `to_seq` inside this interval; None if there is none."""
        first = max(from_seq, self.from_seq)
        last = to_seq if self.to_seq is None else min(to_seq, self.to_seq)
        return (first, last) if first <= last else None


@dataclass(frozen=True, slots=True)
class HeadOf:
    """One line of a person's list of conversations."""

    cid: ConversationId
    last_seq: int
    read_seq: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a member has received and read; cumulative, it never goes back."""

    recv_seq: int = 0
    read_seq: int = 0
    receipt: bytes | None = None
    """The read receipt at `read_seq`, as its device signed it."""

    def merged(self, news: "Mark") -> "Mark":
        """The further of both; what was read was received."""
        further = news if news.read_seq > self.read_seq else self
        return replace(further, recv_seq=max(self.recv_seq, news.recv_seq, further.read_seq))


@dataclass(frozen=True, slots=True)
class StoredCommit:
    """A commit with digests in place of boxes, and the reader's own boxes."""

    epoch: int
    commit: bytes
    box: bytes | None
    history: bytes | None


@dataclass(frozen=True, slots=True)
class MemberChange:
    """What a commit does to the memberships."""

    enter: tuple[tuple[AccountId, Role, bool], ...]
    """Who, in which role, and whether the time before is open to them."""
    leave: tuple[AccountId, ...]
    roles: tuple[tuple[AccountId, Role], ...]
    """Members whose role changes."""

    @property
    def changes_members(self) -> bool:
        return bool(self.enter or self.leave)


def compare_members(commit: Commit, previous: Commit | None) -> MemberChange:
    """From the membership of `previous` (None: nobody) to that of `commit`."""
    before = {member.uid: member.role for member in previous.core.members} if previous else {}
    after = {member.uid: member.role for member in commit.core.members}
    open_history = previous is None or commit.core.policy.history is HistoryPolicy.EVERYTHING
    return MemberChange(
        enter=tuple((uid, role, open_history) for uid, role in after.items() if uid not in before),
        leave=tuple(uid for uid in before if uid not in after),
        roles=tuple((uid, role) for uid, role in after.items() if uid in before and before[uid] is not role),
    )


def readable_range(intervals: Iterable[Interval], from_seq: int, to_seq: int) -> tuple[int, int] | None:
    """The first stretch of `from_seq` … `to_seq` that these memberships open; None if they open nothing of it."""
    stretches = (interval.clip(from_seq, to_seq) for interval in intervals)
    return min((stretch for stretch in stretches if stretch is not None), default=None)
