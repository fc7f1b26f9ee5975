"""What works at this moment, measured, for the public page: whoever looks there wants to know whether it is them.

Says what people can do, never how the platform is built: no figure of load, no address, no version.  Measured once in
ten seconds, however many look.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from miss.base.clock import Clock

MEASURED_EVERY: Final = timedelta(seconds=10)
JOBS_LATE_S: Final = 300.0
MAILS_LATE_S: Final = 3600.0
"""As the alert rules have them (deploy/prometheus/alerts.yml)."""
PROBE_COUNTS: Final = timedelta(minutes=30)
"""A probe that ran longer ago says nothing of this moment."""


class Part(StrEnum):
    """What people do with the platform."""

    MESSAGES = "messages"
    REQUESTS = "requests"
    MAILS = "mails"


class State(StrEnum):
    """How well that goes."""

    WORKS = "works"
    SLOW = "slow"
    """Nothing is lost; it comes later."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Probed:
    """The last time that everything was tried from outside (`miss probe`)."""

    at: datetime
    works: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page shows."""

    parts: dict[Part, State]
    probed: Probed | None


@dataclass(frozen=True, slots=True)
class Measures:
    """Where it is read."""

    broker_connected: Callable[[], bool]
    jobs_late_s: Callable[[], Awaitable[float]]
    mails_late_s: Callable[[], Awaitable[float]]
    probe_result: Path
    """What `miss probe` writes."""


class Standings:
    """Measures what works."""

    def __init__(self, measures: Measures, clock: Clock) -> None:
        self._measures = measures
        self._clock = clock
        self._last: Standing | None = None
        self._until: datetime | None = None

    async def now(self) -> Standing:
        """As it was at most ten seconds ago.  Raises DatabaseUnreachable: then nothing works, and the error says so."""
        if self._last is None or self._until is None or self._clock.now() >= self._until:
            self._last = await self._measure()
            self._until = self._clock.now() + MEASURED_EVERY
        return self._last

    async def _measure(self) -> Standing:
        measures, probed = self._measures, read_result(self._measures.probe_result, self._clock.now())
        parts = {
            Part.MESSAGES: State.WORKS if measures.broker_connected() else State.SLOW,
            Part.REQUESTS: State.WORKS if await measures.jobs_late_s() < JOBS_LATE_S else State.SLOW,
            Part.MAILS: State.WORKS if await measures.mails_late_s() < MAILS_LATE_S else State.SLOW,
        }
        if probed is not None and not probed.works:
            parts |= dict.fromkeys((Part.MESSAGES, Part.REQUESTS), State.BROKEN)
        return Standing(parts, probed)


def write_result(file: Path, at: datetime, *, works: bool) -> None:
    """Replace `file` in one move.  Raises OSError."""
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps({"at": at.isoformat(), "works": works}) + "\n")
    beside.replace(file)


def read_result(file: Path, now: datetime) -> Probed | None:
    """The last probe; None if there was none on this machine, or too long ago."""
    try:
        read = json.loads(file.read_text())
        probed = Probed(datetime.fromisoformat(read["at"]).astimezone(UTC), bool(read["works"]))
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return probed if now - probed.at < PROBE_COUNTS else None
