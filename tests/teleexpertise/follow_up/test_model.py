"""What a follow-up takes over, and figures."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files

import pytest

from miss.base.ids import PoolId, PractitionerId, RequestId
from teleexpertise.follow_up.model import (
    QUESTIONS,
    Survey,
    SurveyQuestion,
    Verdict,
    due_at,
    follow_up_answers,
    inform,
    linked,
    require_verdict,
)
from teleexpertise.questionnaire.model import Answers, Coding
from teleexpertise.questionnaire.registry import FormRegistry
from teleexpertise.requests.errors import StateForbids
from teleexpertise.requests.model import ExpertiseRequest, FactKind, State

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ANSWERED = ExpertiseRequest(
    id=RequestId("r-1"), number="TE26000417", requester=PractitionerId("paul"), state=State.ANSWERED,
    canonical="plaies|1", created_at=NOW, holder=PractitionerId("anne"),
)  # fmt: skip


def test_only_an_answer_closes() -> None:
    closed, fact = inform(ANSWERED, NOW)
    assert (closed.state, fact.kind, fact.actor) == (State.INFORMED, FactKind.PATIENT_INFORMED, "paul")
    for state in set(State) - {State.ANSWERED}:
        with pytest.raises(StateForbids):
            inform(replace(ANSWERED, state=state), NOW)


def test_a_follow_up_keeps_what_stays_and_asks_the_rest_anew() -> None:
    form = FormRegistry.load(files("forms")).published("plaies")
    taken: Answers = {
        "p.serie": (Coding("premiere"),),
        "p.type": (Coding("escarre"),),
        "p.siege": (Coding("sacrum"),),
        "p.date": (date(2026, 10, 1),),
        "p.longueur": (Decimal("4.5"),),
        "p.douleur": (3,),
        "c.delai": (Coding("24h"),),
        "c.but": (Coding("conduite"),),
        "c.question": ("Faut-il parer ?",),
        "c.patient.nom": ("FICTIF",),
    }
    kept = follow_up_answers(form, taken, ANSWERED)
    assert kept.keys() == {"p.serie", "p.type", "p.siege", "p.date", "c.but", "c.question", "c.patient.nom"}
    assert kept["p.serie"] == (Coding("suivi"),)
    assert kept["c.but"] == (Coding("suivi"),)
    [question] = kept["c.question"]
    assert "TE26000417" in str(question)


def test_the_expert_is_asked_again_first() -> None:
    draft = replace(ANSWERED, id=RequestId("r-2"), state=State.DRAFT, holder=None)
    tied = linked(draft, ANSWERED)
    assert (tied.follows, tied.continuity) == ("r-1", "anne")
    with pytest.raises(StateForbids):
        linked(replace(draft, state=State.READY), ANSWERED)


@pytest.mark.parametrize(("days", "expected"), [(14, NOW + timedelta(days=14)), (None, None), (True, None)])
def test_photographs_are_due_by_days(days: int | None, expected: datetime | None) -> None:
    assert due_at(NOW, days) == expected


def test_each_question_takes_its_own_answers() -> None:
    assert require_verdict(SurveyQuestion.USEFUL, Verdict.PARTLY)
    assert not require_verdict(SurveyQuestion.CHANGED, Verdict.PARTLY)
    assert QUESTIONS.keys() == {*SurveyQuestion}


def test_the_next_question_is_the_first_without_an_answer() -> None:
    survey = Survey(RequestId("r"), PoolId("p"), NOW, None, {SurveyQuestion.CHANGED: Verdict.NO})
    assert survey.next_question is SurveyQuestion.USEFUL
    full = replace(survey, answers=dict.fromkeys(SurveyQuestion, Verdict.NO))
    assert full.next_question is None
