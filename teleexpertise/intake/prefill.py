"""Answers of one form taken over by another: a newer version of it, or a new request like an old one.  Pure.

What the other form still asks in the same way is taken; the rest is handed back in words, so that nothing is lost.
Never taken over: photographs, which show another day; red flags and the patient's agreement, which are asked each time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from teleexpertise.questionnaire.lint_conditions import answer_fits
from teleexpertise.questionnaire.model import (
    Answers,
    AnswerValue,
    AttachmentRef,
    Questionnaire,
    QuestionnaireResponse,
)
from teleexpertise.questionnaire.values import show

PATIENT = "c.patient"
"""The group of the patient's identity in the common part."""


def renewed(
    response: QuestionnaireResponse, form: Questionnaire, old_form: Questionnaire | None
) -> tuple[QuestionnaireResponse, str]:
    """A draft's answers on another version of its form, and in words what that version does not take."""
    taken, left = _fitting(form, response.answers)
    lines = []
    for link_id, values in left.items():
        item = old_form.find_item(link_id) if old_form else None
        label = item.label.fr if item else link_id
        shown = [show(item, value) if item else _bare(value) for value in values]
        lines.append(f"{label} : {' · '.join(shown)}")
    instants = {link_id: at for link_id, at in response.answered_at.items() if link_id in taken}
    return replace(response, questionnaire=form.canonical, answers=taken, answered_at=instants), "\n".join(lines)


def begun(form: Questionnaire) -> Answers:
    """What a new request says before anybody wrote in it: the usual answers that its form names (`initial`)."""
    afresh = {*_asked_each_time(form)}
    return {item.link_id: item.initial for item in form.questions() if item.initial and item.link_id not in afresh}


def asked_again(response: QuestionnaireResponse, form: Questionnaire) -> Answers:
    """What a new request on `form` may take from an earlier one of the same requester."""
    taken, _ = _fitting(form, response.answers)
    afresh = {*_asked_each_time(form)}
    return {
        link_id: values
        for link_id, values in taken.items()
        if link_id not in afresh and not any(isinstance(value, AttachmentRef) for value in values)
    }


def same_patient(response: QuestionnaireResponse, form: Questionnaire) -> Answers:
    """The identity alone."""
    group = form.find_item(PATIENT)
    traits = {item.link_id for item in group.walk()} if group else set()
    return {link_id: values for link_id, values in asked_again(response, form).items() if link_id in traits}


def _asked_each_time(form: Questionnaire) -> Iterator[str]:
    """The red flags, and what forbids sending (« patient informé »)."""
    yield from (item.link_id for group in form.items if group.alert for item in group.walk())
    yield from (condition.question for block in form.blocks for condition in block.conditions)


def _fitting(form: Questionnaire, answers: Answers) -> tuple[Answers, Mapping[str, tuple[AnswerValue, ...]]]:
    taken: dict[str, tuple[AnswerValue, ...]] = {}
    left: dict[str, tuple[AnswerValue, ...]] = {}
    for link_id, values in answers.items():
        item = form.find_item(link_id)
        fitting = tuple(value for value in values if item is not None and answer_fits(item, value))
        if fitting:
            taken[link_id] = fitting
        if len(fitting) < len(values):
            left[link_id] = tuple(value for value in values if value not in fitting)
    return taken, left


def _bare(value: AnswerValue) -> str:
    """A value whose question nobody knows any more."""
    name: object = getattr(value, "display", "") or getattr(value, "code", "") or getattr(value, "name", "")
    return str(name or value)
