"""How long an answer took, from the instants at which its items were touched.  Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

LONGEST_PAUSE = timedelta(minutes=3)
"""A longer silence between two items is a telephone call, not an answer: it counts for this much."""


def answering_time(answered_at: Iterable[datetime]) -> timedelta | None:
    """Time spent on the form, pauses cut short; None if fewer than two items were timed.

    What was read before the first item was touched is not in it.
    """
    instants = sorted(answered_at)
    if len(instants) < 2:
        return None
    return sum((min(later - earlier, LONGEST_PAUSE) for earlier, later in pairwise(instants)), timedelta())


def answering_minutes(answered_at: Iterable[datetime]) -> float | None:
    """The same in minutes, one decimal, for boards."""
    spent = answering_time(answered_at)
    return None if spent is None else round(spent.total_seconds() / 60, 1)
