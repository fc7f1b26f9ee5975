"""Deadlines that run in working hours only (teleexpertise.md §5).

Two inverse operations on any hours: where a duration of working time ends, and how much of it lies between two
instants.  A deadline that is paused is the second, then the first on resuming.
"""

from datetime import datetime, timedelta

from teleexpertise.availability.errors import NeverOpen
from teleexpertise.availability.model import Availability

HORIZON = timedelta(days=400)
"""How far ahead working time is looked for: hours that hold none would be searched for ever."""


def find_working_time_end(start: datetime, duration: timedelta, hours: Availability) -> datetime | None:
    """The instant (UTC) at which `duration` of working time has passed since `start`; None if not within HORIZON.

    A duration that ends with an opening ends at closing time, not at the next opening; none at all ends at `start`.
    """
    left = duration
    if left <= timedelta(0):
        return start
    for opening in hours.openings(start, start + HORIZON):
        lasts = opening.end - opening.start
        if lasts >= left:
            return opening.start + left
        left -= lasts
    return None


def add_working_time(start: datetime, duration: timedelta, hours: Availability) -> datetime:
    """As `find_working_time_end`.  Raises NeverOpen if the hours hold too little within HORIZON."""
    end = find_working_time_end(start, duration, hours)
    if end is None:
        raise NeverOpen(days=HORIZON.days)
    return end


def working_time_between(start: datetime, end: datetime, hours: Availability) -> timedelta:
    """Working time in [start, end); zero if `end` does not follow `start`."""
    return sum((opening.end - opening.start for opening in hours.openings(start, end)), timedelta(0))
