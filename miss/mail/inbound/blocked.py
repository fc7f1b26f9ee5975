"""What a blocked sender is told: the reason that was chosen, unless it is « Autre motif ».  Pure (ADR 37)."""

from collections.abc import Collection

from miss.directory.blocking import BlockReason
from miss.mail.inbound.errors import (
    CorrespondentBlocked,
    CorrespondentBlockedFormat,
    CorrespondentBlockedUnwanted,
)


def refusal_of(reasons: Collection[BlockReason]) -> CorrespondentBlocked:
    """`reasons`: those of everybody whom the mail names; where they differ, none is told."""
    told = set(reasons)
    if told == {BlockReason.FORMAT}:
        return CorrespondentBlockedFormat()
    return CorrespondentBlockedUnwanted() if told == {BlockReason.UNWANTED} else CorrespondentBlocked()
