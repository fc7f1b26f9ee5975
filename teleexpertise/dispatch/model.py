"""Eligibility and order, as one pure function (teleexpertise.md §4).

`choose` filters, then rotates: the named or continuity expert first, else the smallest credit, then the oldest turn,
then the identifier.  A turn costs TURN / weight of credit.  Nobody banks turns: whoever is away when the pool's
virtual time moves is carried along with it, so that they come back at the place of those who stayed.
It refuses to fall back on people who are not eligible, and to read a clock or a database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from miss.base.ids import PoolId, PractitionerId, RequestId
from teleexpertise.availability.local_time import first_instant, require_zone
from teleexpertise.availability.model import Availability
from teleexpertise.availability.working_time import HORIZON, add_working_time, find_working_time_end
from teleexpertise.dispatch.errors import BadTerms

MAX_WEIGHT = 16
TURN = 720_720
"""Credit of one turn at weight 1: the least common multiple of 1…MAX_WEIGHT, so that 1/weight is exact."""


class Exclusion(StrEnum):
    """Why a member was not eligible for one request."""

    INACTIVE = "inactive"
    NOT_MEMBER = "not_member"
    """Named by the requester or by continuity, but not in this pool."""
    COMPETENCE = "competence"
    UNAVAILABLE = "unavailable"
    """No slot open now, nor one that opens in time for the deadline."""
    CAP = "cap"
    QUOTA = "quota"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    REQUESTER = "requester"
    CONFLICT = "conflict"
    OBJECTION = "objection"
    """The patient objected to this expert."""
    TAKEN_BACK = "taken_back"
    """The coordinator took this request back from them."""


AWAY = frozenset({Exclusion.INACTIVE, Exclusion.UNAVAILABLE, Exclusion.CAP, Exclusion.QUOTA})
"""Out of the rotation altogether; the other reasons are about one request and cost nobody their place."""
REOPENS = frozenset({Exclusion.UNAVAILABLE, Exclusion.QUOTA})
"""Ends at an instant that is known beforehand."""


class Choice(StrEnum):
    """Why the chosen one was chosen."""

    NAMED = "named"
    CONTINUITY = "continuity"
    ROTATION = "rotation"
    BY_HAND = "by_hand"
    """The coordinator's own choice."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a pool and one of its members agreed on.  Raises BadTerms."""

    weight: int = 1
    """Turns relative to the others', 1 to MAX_WEIGHT."""
    competences: frozenset[str] = frozenset()
    cap: int | None = None
    """Requests held at once in this pool, at most; None: no limit."""
    weekly_quota: int | None = None
    """Turns from Monday to Sunday in the pool's zone, at most, refunded ones not counted; None: no limit."""
    active: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.weight <= MAX_WEIGHT:
            raise BadTerms(field="weight", value=self.weight, bounds=f"1-{MAX_WEIGHT}")
        for name, limit in (("cap", self.cap), ("weekly_quota", self.weekly_quota)):
            if limit is not None and limit < 1:
                raise BadTerms(field=name, value=limit, bounds="≥ 1")

    @property
    def charge(self) -> int:
        """Credit that one turn costs."""
        return TURN // self.weight


@dataclass(frozen=True, slots=True)
class Pool:
    """Experts who answer the same kind of request in turn, and their rules."""

    id: PoolId
    name: str
    questionnaire: str
    """The form whose requests come here."""
    coordinator_id: PractitionerId
    """Told when no slot can meet a deadline."""
    hours: Availability
    """Working hours: deadlines run in them, and members who drew no week keep them."""
    zone: str
    """IANA zone in which the pool's weeks begin and its dates are written."""
    answer_within: timedelta
    """Working time from sending to the answer's deadline."""
    accept_within: timedelta
    """Working time of the expert from the offer to its end."""
    answer_time: timedelta
    """Time an expert needs: a slot counts if it opens at least this long before the deadline."""
    open_now_only: bool = False
    """Only ask somebody whose slot is open at that moment."""
    virtual_time: int = 0
    """Credit at the last turn of the rotation."""

    def due_at(self, sent_at: datetime, *, at_most: timedelta | None = None) -> datetime:
        """The deadline (UTC) of a request; a red flag's `at_most` is elapsed time, nights included.

        Raises NeverOpen.
        """
        due_at = add_working_time(sent_at, self.answer_within, self.hours)
        return due_at if at_most is None else min(due_at, sent_at + at_most)

    def week_start(self, now: datetime, *, weeks: int = 0) -> datetime:
        """Monday 00:00 of the pool's current week, `weeks` later; UTC."""
        zone = require_zone(self.zone)
        today = now.astimezone(zone).date()
        return first_instant(today - timedelta(days=today.weekday()) + timedelta(weeks=weeks), time(0), zone)


@dataclass(frozen=True, slots=True)
class Member:
    """An expert of a pool, as they stand when a request is assigned."""

    practitioner_id: PractitionerId
    terms: Terms = field(default_factory=Terms)
    availability: Availability = field(default_factory=Availability)
    credit: int = 0
    last_turn: datetime | None = None
    open_count: int = 0
    week_count: int = 0

    @property
    def cap(self) -> int | None:
        """The pool's, or the expert's own if that is less."""
        return _least(self.terms.cap, self.availability.cap)

    @property
    def weekly_quota(self) -> int | None:
        """The pool's, or the expert's own if that is less."""
        return _least(self.terms.weekly_quota, self.availability.weekly_quota)


@dataclass(frozen=True, slots=True)
class Need:
    """One request, as far as dispatch may know it."""

    request_id: RequestId
    requester_id: PractitionerId
    deadline: datetime
    competences: frozenset[str] = frozenset()
    named: PractitionerId | None = None
    """Whom the requester asked for."""
    continuity: PractitionerId | None = None
    """Who answered about this patient before."""
    conflicts: frozenset[PractitionerId] = frozenset()
    objections: frozenset[PractitionerId] = frozenset()
    declined: frozenset[PractitionerId] = frozenset()
    timed_out: frozenset[PractitionerId] = frozenset()
    taken_back: frozenset[PractitionerId] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One member before one choice: what was weighed, and why they were set aside, if they were."""

    practitioner_id: PractitionerId
    reasons: tuple[Exclusion, ...] = ()
    credit: int = 0
    last_turn: datetime | None = None
    opens_at: datetime | None = None
    """First open instant in time for the deadline; None: there is none."""

    @property
    def eligible(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Decision:
    """What was chosen, from whom and why; kept with the request."""

    candidates: tuple[Candidate, ...]
    chosen: PractitionerId | None = None
    choice: Choice | None = None
    named: PractitionerId | None = None
    """Whom the requester asked for, chosen or not."""
    wake_at: datetime | None = None
    """Nobody is eligible: when to choose again; None then: only a change (an answer, a calendar) can help."""
    breaks_deadline: bool = False
    """Nobody is eligible, and no known opening meets the deadline: the coordinator is told at once."""
    virtual_time: int = 0
    """The pool's, from now on."""
    credits: Mapping[PractitionerId, int] = field(default_factory=dict)
    """The credit of every member whose credit changes."""


def choose(pool: Pool, members: Sequence[Member], need: Need, now: datetime) -> Decision:
    """Whom to ask, or when to try again."""
    candidates = tuple(weigh(pool, member, need, now) for member in members)
    eligible = {candidate.practitioner_id: candidate for candidate in candidates if candidate.eligible}
    known = {member.practitioner_id: member for member in members}
    strangers = dict.fromkeys(id_ for id_ in (need.named, need.continuity) if id_ is not None and id_ not in known)
    candidates += tuple(Candidate(id_, (Exclusion.NOT_MEMBER,)) for id_ in strangers)
    if not eligible:
        wake_at = _next_chance(pool, known, candidates, now)
        in_time = wake_at is not None and wake_at < need.deadline - pool.answer_time
        return Decision(
            candidates,
            named=need.named,
            wake_at=wake_at,
            breaks_deadline=not in_time,
            virtual_time=pool.virtual_time,
        )

    preferred = ((Choice.NAMED, need.named), (Choice.CONTINUITY, need.continuity))
    in_turn = (Choice.ROTATION, min(eligible.values(), key=_turn_order))
    choice, chosen = next(
        ((choice, eligible[id_]) for choice, id_ in preferred if id_ is not None and id_ in eligible), in_turn
    )
    # Only the rotation moves virtual time, and never back: somebody often named is far ahead, and whoever comes
    # back must not be put there.
    virtual_time = max(pool.virtual_time, chosen.credit) if choice is Choice.ROTATION else pool.virtual_time
    credit = {c.practitioner_id: virtual_time for c in candidates if c.credit < virtual_time and AWAY & {*c.reasons}}
    credit[chosen.practitioner_id] = chosen.credit + known[chosen.practitioner_id].terms.charge
    return Decision(candidates, chosen.practitioner_id, choice, need.named, virtual_time=virtual_time, credits=credit)


def offer_expires_at(pool: Pool, availability: Availability, deadline: datetime, now: datetime) -> datetime:
    """Until when (UTC) an expert may accept: it runs in their own hours, and ends with a deadline that is ahead.

    In the pool's hours an offer could end before the slot opens for which its expert was chosen.
    """
    expires_at = find_working_time_end(now, pool.accept_within, availability.following(pool.hours))
    if expires_at is None:
        expires_at = now + pool.accept_within
    return min(expires_at, deadline) if deadline > now else expires_at


def weigh(pool: Pool, member: Member, need: Need, now: datetime) -> Candidate:
    """Every reason to set one member aside, if there is any."""
    who, terms = member.practitioner_id, member.terms
    opens_at = _opens_in_time(pool, member, need, now)
    tests = {
        Exclusion.INACTIVE: not terms.active,
        Exclusion.COMPETENCE: not need.competences <= terms.competences,
        Exclusion.UNAVAILABLE: opens_at is None,
        Exclusion.CAP: member.cap is not None and member.open_count >= member.cap,
        Exclusion.QUOTA: member.weekly_quota is not None and member.week_count >= member.weekly_quota,
        Exclusion.DECLINED: who in need.declined,
        Exclusion.TIMED_OUT: who in need.timed_out,
        Exclusion.REQUESTER: who == need.requester_id,
        Exclusion.CONFLICT: who in need.conflicts,
        Exclusion.OBJECTION: who in need.objections,
        Exclusion.TAKEN_BACK: who in need.taken_back,
    }
    reasons = tuple(reason for reason, holds in tests.items() if holds)
    return Candidate(who, reasons, member.credit, member.last_turn, opens_at)


def _opens_in_time(pool: Pool, member: Member, need: Need, now: datetime) -> datetime | None:
    """`now` if a slot is open, else when one opens early enough before the deadline."""
    at_once = now + datetime.resolution
    latest = at_once if pool.open_now_only else max(need.deadline - pool.answer_time, at_once)
    return member.availability.following(pool.hours).next_opening(now, latest)


def _next_chance(
    pool: Pool, members: Mapping[PractitionerId, Member], candidates: Sequence[Candidate], now: datetime
) -> datetime | None:
    """The earliest opening of somebody who only lacks one, or whose quota starts anew before it."""
    openings = []
    for candidate in candidates:
        if REOPENS.issuperset(candidate.reasons):
            member = members[candidate.practitioner_id]
            after = pool.week_start(now, weeks=1) if Exclusion.QUOTA in candidate.reasons else now
            opening = member.availability.following(pool.hours).next_opening(after, now + HORIZON)
            openings += [opening] if opening else []
    return min(openings, default=None)


def _turn_order(candidate: Candidate) -> tuple[int, bool, float, PractitionerId]:
    last_turn = candidate.last_turn
    return (
        candidate.credit,
        last_turn is not None,
        last_turn.timestamp() if last_turn else 0.0,
        candidate.practitioner_id,
    )


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
