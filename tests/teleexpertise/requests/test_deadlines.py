"""When an answer is due: the earliest of the wish, the red flag and the pool's promise."""

from datetime import UTC, datetime, time, timedelta

import pytest

from miss.base.ids import PoolId, PractitionerId
from teleexpertise.availability import Availability, WeeklySlot
from teleexpertise.dispatch import Pool
from teleexpertise.questionnaire.model import Coding, QuestionnaireResponse
from teleexpertise.requests.deadlines import due_at, next_working_day, resumed

PARIS = "Europe/Paris"
HOURS = Availability(weekly=tuple(WeeklySlot(day, time(9), time(18), PARIS) for day in range(5)))
POOL = Pool(
    id=PoolId("p"),
    name="Dermatologie",
    questionnaire="dermatologie",
    coordinator_id=PractitionerId("c"),
    hours=HOURS,
    zone=PARIS,
    answer_within=timedelta(hours=45),
    accept_within=timedelta(hours=4),
    answer_time=timedelta(minutes=30),
)
TUESDAY = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def wish(code: str) -> QuestionnaireResponse:
    return QuestionnaireResponse("form|1", {"c.delai": (Coding(code),)})


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("24h", TUESDAY + timedelta(days=1)),
        ("72h", TUESDAY + timedelta(hours=72)),
        ("7j", TUESDAY + timedelta(days=7)),
        ("sans-urgence", TUESDAY + timedelta(days=7)),  # 45 working hours of the pool: five days of nine
    ],
)
def test_the_wish_counts_where_it_comes_before_the_pool_s_promise(code: str, expected: datetime) -> None:
    assert due_at(POOL, wish(code), red_flag_hours=None, sent_at=TUESDAY) == expected


def test_a_red_flag_goes_before_any_wish() -> None:
    assert due_at(POOL, wish("7j"), red_flag_hours=24, sent_at=FRIDAY) == FRIDAY + timedelta(hours=24)


def test_without_a_wish_the_pool_promises() -> None:
    blank = QuestionnaireResponse("form|1", {})
    assert due_at(POOL, blank, red_flag_hours=None, sent_at=TUESDAY) == TUESDAY + timedelta(days=7)


def test_24_working_hours_from_a_friday_end_on_monday_at_the_same_time() -> None:
    assert due_at(POOL, wish("24h"), red_flag_hours=None, sent_at=FRIDAY) == FRIDAY + timedelta(days=3)


def test_the_next_working_day_keeps_the_local_time_when_clocks_change() -> None:
    friday = datetime(2026, 10, 23, 8, 0, tzinfo=UTC)  # 10:00 in Paris, summer time; Monday it is winter time
    assert next_working_day(friday, HOURS, PARIS) == datetime(2026, 10, 26, 9, 0, tzinfo=UTC)


def test_a_pause_gives_back_the_working_time_that_was_left() -> None:
    # Asked on Tuesday 10:00 Paris with nine working hours left, answered on Friday 10:00: Monday 10:00.
    deadline = TUESDAY + timedelta(days=1)
    assert resumed(deadline, held_since=TUESDAY, now=FRIDAY, hours=HOURS) == FRIDAY + timedelta(days=3)


def test_a_pause_that_costs_nothing_moves_nothing() -> None:
    deadline = TUESDAY + timedelta(days=1)
    assert resumed(deadline, held_since=TUESDAY, now=TUESDAY, hours=HOURS) == deadline


def test_what_had_passed_before_the_pause_stays_passed() -> None:
    late = TUESDAY - timedelta(hours=1)
    assert resumed(late, held_since=TUESDAY, now=FRIDAY, hours=HOURS) == late
