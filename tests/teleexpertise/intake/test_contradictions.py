"""Answers that cannot all be true."""

from datetime import UTC, date, datetime
from importlib.resources import files

import pytest

from teleexpertise.intake.contradictions import contradictions
from teleexpertise.questionnaire.model import AnswerValue
from teleexpertise.questionnaire.registry import FormRegistry

REGISTRY = FormRegistry.load(files("forms"))
BIRTH = date(2020, 3, 1)


@pytest.mark.parametrize(
    ("form", "question", "value", "is_told"),
    [
        ("plaies", "p.date", date(2020, 2, 29), True),
        ("plaies", "p.date", date(2020, 3, 1), False),
        ("cardiologie", "k.ecg.date", datetime(2019, 1, 1, 8, 0, tzinfo=UTC), True),
        ("cardiologie", "k.ecg.date", datetime(2026, 1, 1, 8, 0, tzinfo=UTC), False),
    ],
)
def test_nothing_began_before_birth(form: str, question: str, value: AnswerValue, is_told: bool) -> None:
    answers = {"c.patient.naissance": (BIRTH,), question: (value,)}
    told = contradictions(REGISTRY.published(form), answers)
    assert [problem.link_id for problem in told] == ([question] if is_told else [])
    assert all("précède la naissance" in problem.sentence() for problem in told)
    assert contradictions(REGISTRY.published(form), {question: (value,)}) == []
