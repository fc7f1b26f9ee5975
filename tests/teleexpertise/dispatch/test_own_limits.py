"""An expert takes less than their pool allows, never more."""

from datetime import UTC, datetime, time, timedelta

import pytest

from miss.base.ids import PoolId, PractitionerId, RequestId
from teleexpertise.availability import Availability, WeeklySlot
from teleexpertise.dispatch import Exclusion, Member, Need, Pool, Terms, choose

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
WEEK = Availability(tuple(WeeklySlot(day, time(9), time(18), "Europe/Paris") for day in range(5)))
POOL = Pool(
    id=PoolId("nord"), name="Nord", questionnaire="dermatologie", coordinator_id=PractitionerId("marc"), hours=WEEK,
    zone="Europe/Paris", answer_within=timedelta(hours=27), accept_within=timedelta(hours=4),
    answer_time=timedelta(minutes=30),
)  # fmt: skip
NEED = Need(RequestId("r"), PractitionerId("paul"), NOW + timedelta(days=3))


@pytest.mark.parametrize(
    ("pools", "own", "held", "excluded"),
    [
        (5, 2, 2, True),
        (5, 2, 1, False),
        (2, 5, 2, True),
        (None, 2, 2, True),
        (2, None, 2, True),
        (None, None, 99, False),
    ],
)
@pytest.mark.parametrize("limit", ["cap", "weekly_quota"])
def test_the_smaller_limit_counts(limit: str, pools: int | None, own: int | None, held: int, excluded: bool) -> None:
    counted = {"cap": "open_count", "weekly_quota": "week_count"}[limit]
    member = Member(
        PractitionerId("anne"),
        Terms(**{limit: pools}),  # type: ignore[arg-type]
        Availability(**{limit: own}),  # type: ignore[arg-type]
        **{counted: held},  # type: ignore[arg-type]
    )
    [candidate] = choose(POOL, [member], NEED, NOW).candidates
    reason = Exclusion.CAP if limit == "cap" else Exclusion.QUOTA
    assert (reason in candidate.reasons) is excluded
    assert member.terms == Terms(**{limit: pools}), "what the coordinator set stays as it is"  # type: ignore[arg-type]
