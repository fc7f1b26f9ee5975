"""What a coordinator reads of the survey, and what nobody may."""

from datetime import UTC, datetime

import pytest

from miss.base.ids import PoolId, PractitionerId, RequestId
from miss.server.console.statistics.model import Hidden, Month
from teleexpertise.follow_up.figures import MONTHS, Said, survey_figures
from teleexpertise.follow_up.model import Survey, SurveyQuestion, Verdict

USEFUL, AVOIDED = SurveyQuestion.USEFUL, SurveyQuestion.AVOIDED


def said(
    month: int, requester: int, answers: dict[SurveyQuestion, Verdict], *, year: int = 2026, knows: bool = False
) -> Said:
    at = datetime(year, month, 15, tzinfo=UTC)
    survey = Survey(RequestId("r"), PoolId("p"), at, at if knows else None, answers)
    return Said(PractitionerId(f"p{requester}"), survey)


def many(month: int, yes: int, no: int) -> list[Said]:
    verdicts = [Verdict.YES] * yes + [Verdict.NO] * no
    return [said(month, rank, {USEFUL: verdict}) for rank, verdict in enumerate(verdicts)]


def test_shares_are_of_those_who_said_something() -> None:
    ones = [
        *(said(11, rank, {USEFUL: Verdict.YES, AVOIDED: Verdict.NOT_APPLICABLE}, knows=True) for rank in range(4)),
        *(said(11, rank, {USEFUL: Verdict.PARTLY, AVOIDED: Verdict.YES}) for rank in range(4, 8)),
        *(said(11, rank, {USEFUL: Verdict.NO, AVOIDED: Verdict.NO}) for rank in range(8, 10)),
        said(11, 10, {}),
        said(11, 11, {USEFUL: Verdict.NO}, year=2024),
    ]
    figures = survey_figures(ones, Month("2026-11"))
    assert len(figures.months) == MONTHS
    november = figures.months[-1]
    assert (november.month, november.answers, november.informed) == ("2026-11", 11, 4)
    assert (november.shares[USEFUL].said, november.shares[USEFUL].favourable) == (10, 0.8)
    assert november.shares[AVOIDED].said == 6, "« sans objet » is no answer"
    assert november.shares[AVOIDED].favourable == pytest.approx(4 / 6)
    assert figures.months[0].shares[USEFUL].said == 0
    assert figures.all.answers == 11, "another year is not counted"


def test_few_people_are_never_read_out_of_it() -> None:
    one = [said(11, 1, {USEFUL: Verdict.NO}) for _ in range(9)]
    november = survey_figures(one, Month("2026-11"))
    assert november.months[-1].shares[USEFUL].said is Hidden.FEW, "nine answers of one person"
    assert november.all.shares[USEFUL].said is Hidden.FEW

    figures = survey_figures([*many(9, 5, 5), *many(10, 6, 0), *many(11, 0, 2)], Month("2026-11"))
    september, october, november_line = figures.months[-3:]
    assert november_line.shares[USEFUL].said is Hidden.FEW
    assert november_line.shares[USEFUL].favourable is None
    assert october.shares[USEFUL].said is Hidden.KEPT_BACK, "or the total would give November away"
    assert (september.shares[USEFUL].said, figures.all.shares[USEFUL].said) == (10, 18)
