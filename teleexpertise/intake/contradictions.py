"""Answers that are each possible and cannot all be true.  Pure.

The form's own check (`questionnaire.check`) judges one answer at a time, and the future; this module what only several
answers tell: nothing of a patient's began before they were born.
"""

from datetime import date, datetime
from typing import Final

from miss.base.text import Text
from teleexpertise.questionnaire.model import Answers, Item, ItemType, Problem, Questionnaire
from teleexpertise.requests.patient import BIRTH

_BEFORE_BIRTH: Final = Text(
    fr="« {label} » ({link_id}) : cette date précède la naissance du patient ; vérifiez les deux dates.",
    en="“{label}” ({link_id}): this date is before the patient was born; check both dates.",
)


def contradictions(form: Questionnaire, answers: Answers) -> list[Problem]:
    """What does not go together, at the question to look at first."""
    birth = next(iter(answers.get(BIRTH, ())), None)
    if not isinstance(birth, date):
        return []
    return [
        _problem(item)
        for item in form.questions()
        if item.type in (ItemType.DATE, ItemType.DATE_TIME) and item.not_in_future and item.link_id != BIRTH
        if any(_day(value) < birth for value in answers.get(item.link_id, ()) if isinstance(value, date))
    ]


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _problem(item: Item) -> Problem:
    french = _BEFORE_BIRTH.fr.format(label=item.label.fr, link_id=item.link_id)
    english = _BEFORE_BIRTH.en.format(label=item.label.en or item.label.fr, link_id=item.link_id)
    return Problem(item.link_id, "before_birth", Text(*(_literal(words) for words in (french, english))))


def _literal(words: str) -> str:
    """A `Text` is a template, and this one is already filled."""
    return words.replace("{", "{{").replace("}", "}}")
