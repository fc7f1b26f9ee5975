"""Whose turn it is, and when a mail is given up."""

from datetime import UTC, datetime, timedelta

from miss.mail.outbound.lines.model import (
    FIRST_REST,
    GIVE_UP_AFTER,
    LONGEST_REST,
    LineLimits,
    Waiting,
    next_try,
    rest_after,
    whose_turn,
)
from miss.storage.jobs import RetryPolicy

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LIMITS = LineLimits(per_domain=2, total=4, mails_per_turn=10)


def _waiting(domain: str, mails: int, waits_min: int = 0) -> Waiting:
    return Waiting(domain, mails, NOW - timedelta(minutes=waits_min))


def test_a_domain_with_thousands_of_mails_leaves_a_line_to_each_other() -> None:
    waiting = [_waiting("large.example", 5_000, 60), *(_waiting(f"{n}.example", 1) for n in range(3))]
    assert sorted(whose_turn(waiting, {}, [], LIMITS)) == ["0.example", "1.example", "2.example", "large.example"]


def test_it_has_its_second_line_when_nobody_else_wants_it() -> None:
    assert whose_turn([_waiting("large.example", 5_000)], {}, [], LIMITS) == ["large.example"] * 2
    assert whose_turn([_waiting("large.example", 5_000)], {}, ["large.example"] * 2, LIMITS) == []
    assert whose_turn([_waiting("small.example", 10)], {}, [], LIMITS) == ["small.example"], "one turn is enough"


def test_who_was_served_last_waits() -> None:
    waiting = [_waiting("a.example", 50, 9), _waiting("b.example", 50, 1)]
    one_line = LineLimits(per_domain=1, total=1)
    assert whose_turn(waiting, {"a.example": 1}, [], one_line) == ["b.example"]
    assert whose_turn(waiting, {"a.example": 1, "b.example": 2}, [], one_line) == ["a.example"]
    assert whose_turn(waiting, {}, ["c.example"], one_line) == []


def test_a_domain_rests_longer_each_time_up_to_a_limit() -> None:
    assert [rest_after(failures) for failures in (1, 2, 3)] == [FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST]
    assert rest_after(1_000) == LONGEST_REST


def test_a_mail_is_given_up_after_its_tries_or_five_days() -> None:
    retry = RetryPolicy(first_wait=timedelta(minutes=30), max_attempts=3)
    assert next_try(retry, 1, NOW, NOW) == NOW + timedelta(minutes=30)
    assert next_try(retry, 3, NOW, NOW) is None
    assert next_try(retry, 1, NOW - GIVE_UP_AFTER, NOW) is None
