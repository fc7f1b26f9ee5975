"""What each instant says: the stages follow one another, and a machine that was off says the latest alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from miss.base.ids import PoolId, PractitionerId, RequestId
from teleexpertise.reminders.model import Stage, stage_of
from teleexpertise.requests.deadlines import next_reminder, reminders_at, silent_at
from teleexpertise.requests.model import ENDED, ExpertiseRequest, Sent, State
from tests.teleexpertise.requests.test_deadlines import POOL

SENT_AT = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
"""Monday, 9:00 in Paris, when the pool opens; it works nine hours a day."""
DEADLINE = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
REQUEST = ExpertiseRequest(
    id=RequestId("r"),
    number="TE26000001",
    requester=PractitionerId("paul"),
    state=State.IN_PROGRESS,
    canonical="form|1",
    created_at=SENT_AT,
    sent=Sent(PoolId("p"), SENT_AT, DEADLINE, reminders_at(SENT_AT, DEADLINE, POOL.hours)),
    holder=PractitionerId("anne"),
    attempt_id="a",
)
HALF, MOST = datetime(2026, 11, 18, 12, 30, tzinfo=UTC), datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
ON_HOLD = replace(REQUEST, state=State.ON_HOLD, held_since=SENT_AT)


def told(request: ExpertiseRequest, at: datetime) -> ExpertiseRequest:
    return replace(request, reminded_at=at)


def test_half_and_four_fifths_of_the_working_time_not_of_the_week() -> None:
    assert REQUEST.require_sent().remind_at == (HALF, MOST)


@pytest.mark.parametrize(
    ("request_", "now", "stage"),
    [
        (REQUEST, HALF - timedelta(seconds=1), None),
        (REQUEST, HALF, Stage.HALF),
        (told(REQUEST, HALF), MOST - timedelta(seconds=1), None),
        (told(REQUEST, HALF), MOST, Stage.MOST),
        (told(REQUEST, MOST), DEADLINE, Stage.OVERDUE),
        (REQUEST, DEADLINE + timedelta(days=9), Stage.OVERDUE),
        (told(REQUEST, DEADLINE), DEADLINE + timedelta(days=1), None),
        (told(REQUEST, DEADLINE), DEADLINE + timedelta(days=3), Stage.STILL_OVERDUE),
        (ON_HOLD, HALF, None),
        (ON_HOLD, SENT_AT + timedelta(days=3), Stage.SILENT),
        (told(ON_HOLD, SENT_AT + timedelta(days=3)), SENT_AT + timedelta(days=13), None),
        (told(ON_HOLD, SENT_AT + timedelta(days=3)), SENT_AT + timedelta(days=14), Stage.TOO_SILENT),
    ],
)
def test_each_instant_has_its_stage(request_: ExpertiseRequest, now: datetime, stage: Stage | None) -> None:
    assert stage_of(request_, POOL, now) is stage


def test_silence_counts_the_days_on_which_the_pool_works() -> None:
    # Asked on a Monday: Thursday, then the Monday two weeks later.
    assert silent_at(SENT_AT, POOL) == (SENT_AT + timedelta(days=3), SENT_AT + timedelta(days=14))


@pytest.mark.parametrize("state", sorted(ENDED))
def test_nothing_runs_once_it_has_ended(state: State) -> None:
    assert next_reminder(replace(REQUEST, state=state), POOL) is None


def test_a_draft_has_no_clock() -> None:
    assert next_reminder(replace(REQUEST, state=State.DRAFT, sent=None), POOL) is None


def test_where_nobody_works_before_the_deadline_time_itself_is_shared() -> None:
    saturday = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    half, most = reminders_at(saturday, saturday + timedelta(hours=20), POOL.hours)
    assert (half - saturday, most - saturday) == (timedelta(hours=10), timedelta(hours=16))
