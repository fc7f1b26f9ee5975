"""Requests for advice at hand: what one has to answer, what one has asked.  Pure.

What is shown of a request is what the server's lists say; the request itself is read and answered on its own page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

ANSWERED: Final = frozenset({"answered", "informed"})
"""States in which the answer has left (the server's words)."""
_WITH_ME: Final = frozenset({"assigned", "in_progress"})


class Handed(StrEnum):
    """Where an answer stands between MiSS and the practice's software."""

    NOWHERE = ""
    WRITTEN = "written"  # in the folder
    TAKEN = "taken"  # the software has fetched it: « intégré »


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a list."""

    number: str
    title: str
    state: str
    state_display: str
    summary: str = field(default="", repr=False)
    asked_at: datetime | None = None
    deadline_at: datetime | None = None
    offer_expires_at: datetime | None = None
    ended_at: datetime | None = None
    is_asked_by_me: bool = False
    handed: Handed = Handed.NOWHERE

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer to read."""
        return self.state in ANSWERED


@dataclass(frozen=True, slots=True)
class Cases:
    """Both lists."""

    to_answer: tuple[Case, ...] = ()
    asked: tuple[Case, ...] = ()
    refusal: str = ""
    """Why there are none: a sentence; empty while all is well."""
    is_read: bool = False


def news(before: Cases, after: Cases) -> list[Case]:
    """What a notice is worth: assigned since, or answered since.  The first reading is no news."""
    if not before.is_read:
        return []
    assigned = {one.number for one in before.to_answer if one.state in _WITH_ME}
    answered = {one.number for one in before.asked if one.is_answered}
    return [
        *(one for one in after.to_answer if one.state in _WITH_ME and one.number not in assigned),
        *(one for one in after.asked if one.is_answered and one.number not in answered),
    ]


def by_deadline(cases: Iterable[Case]) -> list[Case]:
    """The most pressing first: the offer that ends, then the deadline; those without one last."""
    return sorted(
        cases,
        key=lambda one: (
            (due := one.offer_expires_at or one.deadline_at) is None,
            due.timestamp() if due is not None else 0.0,
            one.number,
        ),
    )


def is_late(case: Case, now: datetime) -> bool:
    """Its deadline has passed."""
    return case.deadline_at is not None and case.ended_at is None and case.deadline_at < now


def to_hand_over(cases: Sequence[Case]) -> list[Case]:
    """Answers that the practice's software does not have yet."""
    return [one for one in cases if one.is_asked_by_me and one.is_answered and one.handed is Handed.NOWHERE]
