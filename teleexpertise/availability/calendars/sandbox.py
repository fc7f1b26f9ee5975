"""Run `reading.read_calendar` in a process of its own, with limits, so that a bomb costs one refusal.

As photographs are decoded (`miss.photos.sandbox`): the child is started on the file itself, loads nothing
of ours, opens no socket and cannot write a file.
"""

import asyncio
import json
from datetime import datetime

import msgspec

from miss.child import ask_child
from teleexpertise.availability.calendars import reading
from teleexpertise.availability.calendars.errors import (
    CalendarRuleTooDense,
    CalendarTooHeavy,
    CalendarTooLarge,
    CalendarTooMany,
    CalendarUnreadable,
    CalendarZoneUnknown,
)
from teleexpertise.availability.calendars.model import Reading
from teleexpertise.availability.calendars.reading import MAX_EVENTS, Refusal
from teleexpertise.availability.model import Opening

MAX_BYTES = 5_000_000
TIMEOUT_S = 30.0
"""Above the child's own limit of processor time: only a machine that stands still reaches it."""


class _Answer(msgspec.Struct):
    busy: list[tuple[int, int]]
    events: int
    skipped: int


class CalendarSandbox:
    """Where calendars from outside are read, one at a time."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()

    async def read(self, data: bytes, zone: str, after: datetime, before: datetime) -> Reading:
        """When its owner is busy in [after, before); `zone`: of hours that name none, and of whole days.

        Raises CalendarTooLarge, CalendarTooMany, CalendarTooHeavy, CalendarRuleTooDense, CalendarZoneUnknown,
        CalendarUnreadable; a child that is killed by its limits, or crashes, had too much to count.
        """
        if len(data) > MAX_BYTES:
            raise CalendarTooLarge(limit_mb=MAX_BYTES // 1_000_000)
        asked = {"zone": zone, "after": int(after.timestamp()), "before": int(before.timestamp())}
        async with self._turn:
            answer = await ask_child(reading.__file__, json.dumps(asked).encode() + b"\n" + data, self._timeout_s)
        if answer[:1] != b"+":
            _refuse(answer[1:].decode("utf-8", "replace"))
        known = msgspec.json.decode(answer[1:], type=_Answer)
        busy = tuple(Opening(*(datetime.fromtimestamp(second, after.tzinfo) for second in pair)) for pair in known.busy)
        return Reading(busy, known.events, known.skipped)


def _refuse(said: str) -> None:
    word, _, detail = said.partition(":")
    match word:
        case Refusal.UNREADABLE:
            raise CalendarUnreadable
        case Refusal.TOO_MANY:
            raise CalendarTooMany(limit=MAX_EVENTS)
        case Refusal.RULE:
            raise CalendarRuleTooDense(rule=detail)
        case Refusal.ZONE:
            raise CalendarZoneUnknown(zone=detail)
        case _:
            raise CalendarTooHeavy
