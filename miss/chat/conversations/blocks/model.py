"""Which commits a block refuses, and which conversations it puts to rest.  Pure.  ADR 37

Nobody who is blocked brings whoever blocked them into a conversation.  A conversation of two, one of whom has blocked
the other, is at rest: no envelope is taken before a commit, and no commit of the two is taken that keeps them together.
A third person may have both in a team: a block is between two people, and a team is about a patient.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from miss.base.errors import Forbidden
from miss.base.ids import AccountId
from miss.chat.conversations.blocks.errors import (
    CorrespondentBlocked,
    WriterBlocked,
    WriterBlockedForFormat,
    WriterUnwanted,
)
from miss.directory.blocking import BlockedPair, BlockReason

BlocksAmong = Callable[[Any, Collection[AccountId]], Awaitable[list[BlockedPair]]]
"""Who of these accounts has blocked whom of them, as the transaction (the first argument) sees it."""
_Reasons = Mapping[tuple[AccountId, AccountId], BlockReason]

_REFUSALS: Final[Mapping[BlockReason, type[Forbidden]]] = MappingProxyType(
    {
        BlockReason.FORMAT: WriterBlockedForFormat,
        BlockReason.UNWANTED: WriterUnwanted,
        BlockReason.OTHER: WriterBlocked,
    }
)
PAIR: Final = 2


async def nobody_is_blocked(_tx: Any, _uids: Collection[AccountId]) -> list[BlockedPair]:
    """`BlocksAmong` where there are no lists."""
    return []


def concerned(author: AccountId, before: Collection[AccountId], after: Collection[AccountId]) -> frozenset[AccountId]:
    """Among whom a block matters to a commit of `author`; nobody for one that only renews the secret of a team."""
    newcomers = frozenset(after) - frozenset(before) - {author}
    if newcomers or PAIR in (len(before), len(after)):
        return frozenset(before) | frozenset(after)
    return frozenset()


def judge(
    author: AccountId, before: Collection[AccountId], after: Collection[AccountId], pairs: Iterable[BlockedPair]
) -> bool:
    """True if the commit leaves two people between whom there is a block: the conversation rests from then on.

    `before`: the members until now, nobody for a first commit; the author is among them and among those `after`.
    Raises WriterBlocked, WriterBlockedForFormat, WriterUnwanted or CorrespondentBlocked.
    """
    reasons = {(pair.by, pair.blocked): pair.reason for pair in pairs}
    old, new = frozenset(before), frozenset(after)
    for newcomer in sorted(new - old - {author}):
        if (newcomer, author) in reasons:
            raise _refusal(reasons, author, newcomer)
    if _apart(new, reasons) and not new <= old:
        raise _refusal(reasons, author, *(new - {author}))
    if _apart(old, reasons) and old <= new:
        raise _refusal(reasons, author, *(old - {author}))
    return _apart(new, reasons)


def _apart(members: frozenset[AccountId], reasons: _Reasons) -> bool:
    """True for two people, one of whom has blocked the other."""
    if len(members) != PAIR:
        return False
    one, other = members
    return (one, other) in reasons or (other, one) in reasons


def _refusal(reasons: _Reasons, author: AccountId, other: AccountId) -> Forbidden:
    """Somebody's own block is told first: it is theirs to undo."""
    if (author, other) in reasons:
        return CorrespondentBlocked(uid=other.hex())
    return _REFUSALS[reasons[other, author]](uid=other.hex())
