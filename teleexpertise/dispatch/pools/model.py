"""What people write about a pool, and a change of it.  Values only.

Credits and virtual time are no part of it: undoing a change gives nobody turns back.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from miss.base.ids import PoolId, PractitionerId
from teleexpertise.availability import Availability
from teleexpertise.dispatch.model import Pool, Terms
from teleexpertise.dispatch.policies import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A pool, but for its form and its turns (fields: `Pool`)."""

    name: str
    coordinator_id: PractitionerId
    hours: Availability
    zone: str
    answer_within: timedelta
    accept_within: timedelta
    answer_time: timedelta
    open_now_only: bool = False
    policy: Policy = field(default_factory=Policy)


def sheet_of(pool: Pool, policy: Policy) -> Sheet:
    """What is written about a pool now."""
    return Sheet(
        name=pool.name,
        coordinator_id=pool.coordinator_id,
        hours=pool.hours,
        zone=pool.zone,
        answer_within=pool.answer_within,
        accept_within=pool.accept_within,
        answer_time=pool.answer_time,
        open_now_only=pool.open_now_only,
        policy=policy,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change, by somebody, of a pool's sheet or of one member's terms."""

    id: str
    pool_id: PoolId
    by: PractitionerId
    at: datetime
    before: Sheet | Terms | None
    """None: the member joined."""
    after: Sheet | Terms
    member: PractitionerId | None = None
    """None: the sheet."""
