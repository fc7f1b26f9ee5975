"""How far a draft is: what is missing, section by section, and what its answers bring about.  Values for templates.

The same values are a part of the page and the answer to each autosave, so that both always say the same.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from miss.base.text import Language
from teleexpertise.intake.assessment import Assessment
from teleexpertise.questionnaire.enable import enabled_items
from teleexpertise.questionnaire.model import Condition, Item, ItemType, Questionnaire
from teleexpertise.web.form import condition_value, field_id

LABEL_MAX = 70
"""Characters of a question in the list of what is missing: red flags are long."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One answer that is missing or wrong."""

    text: str
    target: str
    """The id of its field; empty: the form as a whole."""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the form, and how much of it is missing."""

    target: str
    label: str
    missing: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What a page shows beside the form."""

    asked: int
    """Answers that must be given, as things stand."""
    answered: int
    missing: tuple[Missing, ...]
    sections: tuple[Section, ...]
    hours: int | None
    """The answer is due within so many hours, whatever was wished."""
    reasons: tuple[str, ...]
    blocked: tuple[str, ...]
    """Why it cannot be sent at all."""

    def as_json(self) -> dict[str, Any]:
        """For the script."""
        return asdict(self)


def compose_progress(form: Questionnaire, assessment: Assessment, language: Language) -> Progress:
    """How far `assessment` says that the draft is."""
    answers = assessment.response.answers if assessment.response else {}
    open_items = enabled_items(form, answers)
    asked = [item for item in form.questions() if item.link_id in open_items and _is_asked(item)]
    order = {item.link_id: rank for rank, item in enumerate(form.walk())}
    problems = sorted(assessment.problems, key=lambda problem: order.get(problem.link_id, len(order)))
    wrong = {problem.link_id for problem in problems}
    missing = [
        Missing(
            _shortened(item.label.in_(language) or item.label.fr)
            if problem.code == "required" and item
            else problem.text.in_(language),
            field_id(problem.link_id),
        )
        for problem in problems
        for item in (form.find_item(problem.link_id),)
    ]
    return Progress(
        asked=len(asked),
        answered=sum(item.link_id not in wrong for item in asked),
        missing=tuple(missing),
        sections=tuple(_sections(form, open_items, wrong, language)),
        hours=assessment.red_flag_hours,
        reasons=tuple(reason.in_(language) for reason in assessment.reasons),
        blocked=tuple(text.in_(language) for text in assessment.blocked),
    )


def compose_rules(form: Questionnaire, language: Language) -> str:
    """What answers bring about, for the script to say at once: deadlines that they force, and what forbids sending."""
    deadlines = [
        {"hours": rule.hours, "text": rule.reason.in_(language), "conditions": _conditions(rule.conditions)}
        for rule in form.deadlines
    ]
    blocks = [
        {"hours": None, "text": rule.message.in_(language), "conditions": _conditions(rule.conditions)}
        for rule in form.blocks
    ]
    return json.dumps([*deadlines, *blocks])


def _conditions(conditions: Sequence[Condition]) -> list[dict[str, str]]:
    return [
        {"question": one.question, "operator": one.operator.value, "answer": condition_value(one)} for one in conditions
    ]


def _is_asked(item: Item) -> bool:
    return item.required or bool(item.min_occurs)


def _sections(
    form: Questionnaire, open_items: frozenset[str], wrong: set[str], language: Language
) -> Iterator[Section]:
    for group in form.items:
        if group.type is ItemType.GROUP and group.link_id in open_items:
            missing = sum(item.link_id in wrong for item in group.walk())
            yield Section(field_id(group.link_id), group.label.in_(language) or group.label.fr, missing)


def _shortened(label: str) -> str:
    return label if len(label) <= LABEL_MAX else label[: LABEL_MAX - 1].rstrip() + "…"
