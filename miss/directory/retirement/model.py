"""Leaving: a day, perhaps a successor who gets what still comes in, and the end of the account.  Pure.

    ASKED ──approvals──▶ PLANNED ──day of leaving──▶ REDIRECTING ──its end──▶ RETIRED
      │                     │  └──no successor──────────────────────────────────▲
      └─────────────────────┴──────────── WITHDRAWN ◀── REDIRECTING

A redirection lets somebody read what others send to somebody else: two technicians approve it, neither of whom leaves
or succeeds; it lasts three months at most and says so to who writes.  Source: security.md §2; the French FAQ of the
service re-imagined here (three months).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from miss.base.ids import AccountId, PractitionerId
from miss.directory.retirement.errors import (
    ApprovalRefused,
    LeaveDateRefused,
    ReasonMissing,
    RedirectionDatesRefused,
    RetirementPast,
    StageForbids,
    SuccessorRefused,
)

ZONE: Final = ZoneInfo("Europe/Paris")
"""Days begin at midnight of the platform."""
LONGEST_MONTHS: Final = 3
FARTHEST: Final = timedelta(days=366)
"""How long before the day it may be asked for."""
REASON_CHARS: Final = 300


class Stage(StrEnum):
    """Where a retirement stands."""

    ASKED = "asked"
    """Waits for technicians."""
    PLANNED = "planned"
    """Approved; begins on the day of leaving."""
    REDIRECTING = "redirecting"
    """The successor gets what is sent."""
    RETIRED = "retired"
    """Over, and so is the account."""
    WITHDRAWN = "withdrawn"
    """Taken back, or not approved; the account stays as it is."""

    @property
    def is_over(self) -> bool:
        return self in {Stage.RETIRED, Stage.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Successor:
    """Who gets what is sent, and until when."""

    uid: AccountId
    practitioner_id: PractitionerId
    until: date
    """The first day on which nothing is redirected any more."""


@dataclass(frozen=True, slots=True)
class Approval:
    """A technician's."""

    by: AccountId
    at: datetime


@dataclass(frozen=True, slots=True)
class Redirection:
    """Somebody has left; this is who to write to, as long as it is shown."""

    of: PractitionerId
    to: PractitionerId
    to_uid: AccountId
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """One person's leaving."""

    id: str
    uid: AccountId
    practitioner_id: PractitionerId
    leaves_on: date
    successor: Successor | None
    reason: str
    """As whoever asked wrote it; shown to technicians and to the person."""
    stage: Stage
    stage_since: datetime
    asked_by: AccountId
    asked_at: datetime
    approvals: tuple[Approval, ...] = ()

    @property
    def needed(self) -> int:
        """How many technicians have to approve."""
        return 2 if self.successor else 1

    @property
    def missing(self) -> int:
        """How many still have to."""
        return max(self.needed - len(self.approvals), 0)

    @property
    def begins_at(self) -> datetime:
        """Midnight at the beginning of the day of leaving."""
        return midnight(self.leaves_on)

    @property
    def ends_at(self) -> datetime:
        """When the account is closed: at once without a successor."""
        return midnight(self.successor.until) if self.successor else self.begins_at

    @property
    def turns_at(self) -> datetime | None:
        """When it moves on by itself; None: it does not."""
        return {Stage.PLANNED: self.begins_at, Stage.REDIRECTING: self.ends_at}.get(self.stage)

    def may_approve(self, by: AccountId) -> bool:
        """False for who leaves, who succeeds, and who has approved already."""
        apart = {self.uid, *(approval.by for approval in self.approvals)}
        return by not in (apart | {self.successor.uid} if self.successor else apart)

    def redirection(self, now: datetime) -> Redirection | None:
        """What senders are shown now; nothing a moment past the end, whether or not a job has run since."""
        if self.stage is not Stage.REDIRECTING or self.successor is None or not self.begins_at <= now < self.ends_at:
            return None
        to = self.successor
        return Redirection(self.practitioner_id, to.practitioner_id, to.uid, self.begins_at, self.ends_at)


def ask(
    *,
    id: str,  # noqa: A002 - the row's
    uid: AccountId,
    practitioner_id: PractitionerId,
    leaves_on: date,
    successor: Successor | None,
    reason: str,
    by: AccountId,
    by_technician: bool,
    now: datetime,
) -> Retirement:
    """A retirement as it is asked for; a technician who asks approves by that, unless it is about themselves.

    Raises LeaveDateRefused, RedirectionDatesRefused, SuccessorRefused, ReasonMissing.
    """
    today = now.astimezone(ZONE).date()
    if not today <= leaves_on <= today + FARTHEST:
        raise LeaveDateRefused(earliest=today.isoformat(), latest=(today + FARTHEST).isoformat())
    if successor is not None:
        if successor.uid == uid:
            raise SuccessorRefused
        latest = latest_end(leaves_on)
        if not leaves_on < successor.until <= latest:
            raise RedirectionDatesRefused(latest=latest.isoformat())
    reason = require_reason(reason) if by != uid else _one_line(reason)[:REASON_CHARS]
    asked = Retirement(
        id=id,
        uid=uid,
        practitioner_id=practitioner_id,
        leaves_on=leaves_on,
        successor=successor,
        reason=reason,
        stage=Stage.ASKED,
        stage_since=now,
        asked_by=by,
        asked_at=now,
    )
    return approve(asked, by, now) if by_technician and asked.may_approve(by) else asked


def approve(retirement: Retirement, by: AccountId, now: datetime) -> Retirement:
    """With one technician's approval more; PLANNED once there are enough.

    Raises StageForbids, ApprovalRefused, RetirementPast.
    """
    if retirement.stage is not Stage.ASKED:
        raise StageForbids(stage=retirement.stage.value)
    if not retirement.may_approve(by):
        raise ApprovalRefused
    if retirement.successor is not None and now >= retirement.ends_at:
        raise RetirementPast
    approved = replace(retirement, approvals=(*retirement.approvals, Approval(by, now)))
    return approved if approved.missing else replace(approved, stage=Stage.PLANNED, stage_since=now)


def withdraw(retirement: Retirement, now: datetime) -> Retirement:
    """Taken back; a redirection ends at once.  Raises StageForbids once it is over."""
    if retirement.stage.is_over:
        raise StageForbids(stage=retirement.stage.value)
    return replace(retirement, stage=Stage.WITHDRAWN, stage_since=now)


def advance(retirement: Retirement, now: datetime) -> Retirement:
    """Where time has brought it: one that is late goes through what it missed."""
    if retirement.turns_at is None or now < retirement.turns_at:
        return retirement
    is_open = retirement.stage is Stage.PLANNED and now < retirement.ends_at
    return replace(retirement, stage=Stage.REDIRECTING if is_open else Stage.RETIRED, stage_since=now)


def require_reason(reason: str) -> str:
    """The reason, trimmed.  Raises ReasonMissing."""
    trimmed = _one_line(reason)
    if not trimmed or len(trimmed) > REASON_CHARS:
        raise ReasonMissing
    return trimmed


def _one_line(text: str) -> str:
    return "".join(one for one in " ".join(text.split()) if one.isprintable())


def latest_end(leaves_on: date) -> date:
    """Three calendar months later; the last day of a shorter month."""
    month = leaves_on.month - 1 + LONGEST_MONTHS
    first = date(leaves_on.year + month // 12, month % 12 + 1, 1)
    next_first = (first + timedelta(days=31)).replace(day=1)
    return min(first + timedelta(days=leaves_on.day - 1), next_first - timedelta(days=1))


def midnight(day: date) -> datetime:
    """The beginning of a day of the platform."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)
