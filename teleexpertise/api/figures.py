"""A pool's figures, as the API answers them."""

from datetime import datetime, timedelta

from pydantic import Field

from miss.server.api.models import Answer
from miss.server.console.statistics.model import Hidden
from teleexpertise.board.model import ExpertLine, Week, Window
from teleexpertise.board.service import PoolBoard
from teleexpertise.follow_up import SurveyQuestion
from teleexpertise.follow_up.figures import SurveyLine


class ExpertFigures(Answer):
    """One expert over one window."""

    expert: str
    weight: int
    turns: int
    share: float
    declined: int
    expired: int
    answered: int
    writing_s: int
    longest_idle_s: int


class WindowFigures(Answer):
    """A pool over the last days."""

    days: int
    gap: float
    jain: float | None
    turns: int
    declined: int
    expired: int
    answered: int
    median_s: int | None
    p90_s: int | None
    clarified: float | None
    uninterpretable: float | None
    longest_idle_s: int
    reasons: dict[str, int]
    experts: list[ExpertFigures]


class WeekFigures(Answer):
    """The answers of seven days."""

    start: datetime
    answered: int
    median_s: int | None
    p90_s: int | None


class SurveyShare(Answer):
    """What was said of one question of the survey."""

    said: int | None = Field(
        description="How many answered; null: hidden, as fewer than five people could be made out."
    )
    favourable: float | None = Field(description="The part of them who said yes.")


class MonthFigures(Answer):
    """What requesters say of the answers of a month."""

    month: str = Field(description="`2026-11`; empty: all months together.")
    answers: int
    informed: int
    survey: dict[SurveyQuestion, SurveyShare]


class Figures(Answer):
    """The board of one pool."""

    pool: str
    name: str
    open_by_age: list[int] = Field(description="Younger than 4, 24, 72 hours, and older.")
    windows: list[WindowFigures]
    weeks: list[WeekFigures]
    months: list[MonthFigures] = Field(description="The latest last but one, then all of them.")


def figures_of(board: PoolBoard) -> Figures:
    """A pool's board."""
    return Figures(
        pool=board.pool.id,
        name=board.pool.name,
        open_by_age=list(board.figures.ages),
        windows=[_window(one, board) for one in board.figures.windows],
        weeks=[_week(one) for one in board.figures.weeks],
        months=[_month(one) for one in (*board.survey.months, board.survey.all)],
    )


def _month(line: SurveyLine) -> MonthFigures:
    survey = {
        question: SurveyShare(said=None if isinstance(one.said, Hidden) else one.said, favourable=one.favourable)
        for question, one in line.shares.items()
    }
    return MonthFigures(month=line.month or "", answers=line.answers, informed=line.informed, survey=survey)


def _window(window: Window, board: PoolBoard) -> WindowFigures:
    return WindowFigures(
        days=window.length.days,
        gap=window.gap,
        jain=window.jain,
        turns=window.turns,
        declined=window.declined,
        expired=window.expired,
        answered=window.answered,
        median_s=_seconds(window.median),
        p90_s=_seconds(window.p90),
        clarified=window.clarified,
        uninterpretable=window.uninterpretable,
        longest_idle_s=round(window.longest_idle.total_seconds()),
        reasons={reason.value: count for reason, count in window.reasons.items()},
        experts=[_expert(line, board) for line in window.experts],
    )


def _expert(line: ExpertLine, board: PoolBoard) -> ExpertFigures:
    person = board.people.get(line.expert)
    return ExpertFigures(
        expert=person.display_name if person else line.expert,
        weight=line.weight,
        turns=line.turns,
        share=line.share,
        declined=line.declined,
        expired=line.expired,
        answered=line.answered,
        writing_s=round(line.writing.total_seconds()),
        longest_idle_s=round(line.longest_idle.total_seconds()),
    )


def _week(week: Week) -> WeekFigures:
    return WeekFigures(
        start=week.start, answered=week.answered, median_s=_seconds(week.median), p90_s=_seconds(week.p90)
    )


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else round(length.total_seconds())
