"""Leaving, by its rules: random lives never redirect without two technicians, nor for more than three months."""

import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from miss.base.errors import MissError
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
from miss.directory.retirement.model import Retirement, Stage, Successor, advance, approve, ask, latest_end, withdraw

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
LEAVER, HEIR, FIRST, SECOND = (AccountId(bytes([n]) * 16) for n in range(1, 5))
PEOPLE = (LEAVER, HEIR, FIRST, SECOND)
HEIR_ID = PractitionerId("899900000029")


def asked(
    *,
    leaves_on: date = TODAY + timedelta(days=10),
    until: date | None = TODAY + timedelta(days=40),
    by: AccountId = FIRST,
    technician: bool = True,
    heir: AccountId = HEIR,
    reason: str = "départ à la retraite",
    now: datetime = NOW,
) -> Retirement:
    return ask(
        id="r1",
        uid=LEAVER,
        practitioner_id=PractitionerId("899900000011"),
        leaves_on=leaves_on,
        successor=Successor(heir, HEIR_ID, until) if until else None,
        reason=reason,
        by=by,
        by_technician=technician,
        now=now,
    )


def test_the_technician_who_asks_is_one_of_the_two() -> None:
    retirement = asked()
    assert (retirement.stage, retirement.missing) == (Stage.ASKED, 1)
    with pytest.raises(ApprovalRefused):
        approve(retirement, FIRST, NOW)
    planned = approve(retirement, SECOND, NOW)
    assert planned.stage is Stage.PLANNED
    with pytest.raises(StageForbids):
        approve(planned, SECOND, NOW)


@pytest.mark.parametrize("apart", [LEAVER, HEIR])
def test_who_leaves_and_who_succeeds_approve_nothing_even_as_technicians(apart: AccountId) -> None:
    own = asked(by=apart, technician=True)
    assert own.approvals == ()
    with pytest.raises(ApprovalRefused):
        approve(own, apart, NOW)
    assert approve(approve(own, FIRST, NOW), SECOND, NOW).stage is Stage.PLANNED


def test_without_a_successor_one_technician_is_enough_and_the_account_ends_on_the_day() -> None:
    planned = asked(until=None)
    assert planned.stage is Stage.PLANNED
    assert planned.turns_at == planned.ends_at == datetime(2026, 11, 29, 23, 0, tzinfo=UTC)
    assert advance(planned, planned.begins_at - timedelta(seconds=1)) is planned
    assert advance(planned, planned.begins_at).stage is Stage.RETIRED


def test_a_redirection_is_shown_from_midnight_in_paris_to_its_end_and_not_a_moment_longer() -> None:
    planned = approve(asked(), SECOND, NOW)
    assert planned.redirection(planned.begins_at) is None, "the day has come, nothing has begun yet"
    redirecting = advance(planned, planned.begins_at)
    shown = redirecting.redirection(redirecting.begins_at)
    assert shown is not None
    assert (shown.to, shown.to_uid, shown.until) == (HEIR_ID, HEIR, redirecting.ends_at)
    assert redirecting.redirection(redirecting.ends_at - timedelta(microseconds=1)) is not None
    assert redirecting.redirection(redirecting.ends_at) is None
    assert advance(redirecting, redirecting.ends_at).stage is Stage.RETIRED


def test_what_was_missed_meanwhile_is_gone_through() -> None:
    planned = approve(asked(), SECOND, NOW)
    assert advance(planned, planned.ends_at).stage is Stage.RETIRED
    with pytest.raises(RetirementPast):
        approve(asked(), SECOND, planned.ends_at)


@pytest.mark.parametrize(
    ("leaves_on", "latest"),
    [
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 3, 31)),
        (date(2026, 10, 15), date(2027, 1, 15)),
    ],
)
def test_three_months_end_with_the_month(leaves_on: date, latest: date) -> None:
    assert latest_end(leaves_on) == latest


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=367)])
def test_nobody_leaves_in_the_past_or_too_far_ahead(day: date) -> None:
    with pytest.raises(LeaveDateRefused):
        asked(leaves_on=day, until=None)


@pytest.mark.parametrize("until", [TODAY + timedelta(days=10), latest_end(TODAY + timedelta(days=10)) + timedelta(1)])
def test_a_redirection_ends_after_the_day_and_within_three_months(until: date) -> None:
    with pytest.raises(RedirectionDatesRefused):
        asked(until=until)


def test_nobody_succeeds_themselves_and_technicians_say_why() -> None:
    with pytest.raises(SuccessorRefused):
        asked(heir=LEAVER)
    for reason in (" ", "x" * 301):
        with pytest.raises(ReasonMissing):
            asked(reason=reason)
    assert asked(by=LEAVER, technician=False, reason="").reason == ""


class Life(RuleBasedStateMachine):
    """One retirement, lived at random; technicians and others try whatever they like, time passes as it will."""

    @initialize(
        lead=st.one_of(st.integers(0, 5), st.integers(0, 400)),
        length=st.one_of(st.none(), st.integers(1, 90), st.integers(-3, 120)),
        by=st.sampled_from(PEOPLE),
    )
    def begin(self, lead: int, length: int | None, by: AccountId) -> None:
        self.now = NOW
        self.retirement: Retirement | None = None
        self.ended_as: Stage | None = None
        leaves_on = TODAY + timedelta(days=lead)
        until = None if length is None else leaves_on + timedelta(days=length)
        try:
            self.retirement = asked(leaves_on=leaves_on, until=until, by=by)
        except (LeaveDateRefused, RedirectionDatesRefused):
            assert lead > 366 or (until is not None and not leaves_on < until <= latest_end(leaves_on))

    @rule(by=st.sampled_from(PEOPLE))
    def approve(self, by: AccountId) -> None:
        self.try_(lambda one: approve(one, by, self.now))

    @rule(sure=st.integers(0, 9))
    def withdraw(self, sure: int) -> None:
        if sure == 9:  # seldom, or no life would be long
            self.try_(lambda one: withdraw(one, self.now))

    @rule(days=st.one_of(st.integers(0, 10), st.integers(0, 100)))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def run_job(self) -> None:
        if self.retirement is not None:
            self.retirement = advance(self.retirement, self.now)

    def try_(self, act: Callable[[Retirement], Retirement]) -> None:
        if self.retirement is not None:
            with contextlib.suppress(MissError):
                self.retirement = act(self.retirement)

    @invariant()
    def nothing_is_redirected_that_two_others_did_not_approve(self) -> None:
        one = getattr(self, "retirement", None)
        if one is None or one.redirection(self.now) is None:
            return
        technicians = {approval.by for approval in one.approvals}
        assert len(technicians) >= 2
        assert not technicians & {one.uid, one.successor.uid}
        assert one.begins_at <= self.now < one.ends_at
        assert one.ends_at - one.begins_at <= timedelta(days=92, hours=1)

    @invariant()
    def what_is_over_stays_over(self) -> None:
        one = getattr(self, "retirement", None)
        if one is None:
            return
        if self.ended_as is not None:
            assert one.stage is self.ended_as
        elif one.stage.is_over:
            self.ended_as = one.stage

    @invariant()
    def nobody_is_retired_without_approval_or_before_the_end(self) -> None:
        one = getattr(self, "retirement", None)
        if one is not None and one.stage is Stage.RETIRED:
            assert one.missing == 0
            assert self.now >= one.ends_at


TestLife = Life.TestCase
