"""A pool's sheet and a member's terms as forms send them.  Text in, values out; a blank limit is no limit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from miss.base.ids import PoolId, PractitionerId
from teleexpertise.availability import Availability
from teleexpertise.dispatch import Terms
from teleexpertise.dispatch.policies import Policy, Requirement
from teleexpertise.dispatch.pools import Sheet
from teleexpertise.questionnaire.model import CHOICES, Questionnaire
from teleexpertise.web.errors import NumberUnreadable
from teleexpertise.web.submitted import Submitted
from teleexpertise.web.week_form import read_week

MAX_NAME_CHARS = 120
MAX_COMPETENCE_CHARS = 40
BLANK_REQUIREMENTS = 2
"""Empty rows for more requirements on the page."""
_BETWEEN = "|"


@dataclass(frozen=True, slots=True)
class Choosable:
    """One answer that may ask for a competence, as a select shows it."""

    value: str
    label: str


def read_sheet(submitted: Submitted, before: Sheet, coordinator: PractitionerId) -> Sheet:
    """What was written over `before`, whose leaves and exceptions stay.

    Raises NumberUnreadable, TimeUnreadable, BadSlot, UnknownZone, BadTerms.
    """
    week = read_week(submitted)
    hours = Availability(week.slots(), before.hours.leaves, before.hours.exceptions, week.holidays())
    return Sheet(
        name=submitted.first("name")[:MAX_NAME_CHARS],
        coordinator_id=coordinator,
        hours=hours,
        zone=week.zone,
        answer_within=timedelta(hours=_number(submitted.first("answer_hours"), "répondre en")),
        accept_within=timedelta(hours=_number(submitted.first("accept_hours"), "accepter en")),
        answer_time=timedelta(minutes=_number(submitted.first("answer_minutes"), "temps d’un avis")),
        open_now_only=bool(submitted.first("open_now_only")),
        policy=read_policy(submitted),
    )


def read_policy(submitted: Submitted) -> Policy:
    """Whom the pool serves first, who helps, what it asks of experts.  Raises NumberUnreadable, BadTerms."""
    percent = submitted.first("fallback_percent")
    return Policy(
        establishments=frozenset(_words(submitted.first("establishments"))),
        departments=frozenset(word.upper() for word in _words(submitted.first("departments"))),
        fallbacks=read_fallbacks(submitted),
        fallback_percent=round(_number(percent, "part du délai")) if percent else None,
        requirements=read_requirements(submitted),
    )


def read_fallbacks(submitted: Submitted) -> tuple[PoolId, ...]:
    """The pools that help, in the order of their rows."""
    return tuple(PoolId(one) for one in submitted.fields.get("fallback", ()) if one)


def read_requirements(submitted: Submitted) -> tuple[Requirement, ...]:
    """The rows that name a competence, each once."""
    return tuple(sorted({*_requirements(submitted)}))


def read_terms(submitted: Submitted) -> Terms:
    """A member's terms.  Raises NumberUnreadable, BadTerms."""
    return Terms(
        weight=round(_number(submitted.first("weight") or "1", "poids")),
        competences=frozenset(one[:MAX_COMPETENCE_CHARS] for one in _listed(submitted.first("competences"))),
        cap=_limit(submitted.first("cap"), "demandes en main"),
        weekly_quota=_limit(submitted.first("weekly_quota"), "demandes par semaine"),
        active=bool(submitted.first("active")),
    )


def joining(terms: Terms | None) -> Terms:
    """The terms with which somebody is added: those they had, active again."""
    return replace(terms, active=True) if terms else Terms()


def answer_options(form: Questionnaire) -> list[Choosable]:
    """Every answer of a form that can be chosen."""
    return [
        Choosable(f"{item.link_id}{_BETWEEN}{option.value.code}", f"{item.label.fr} : {option.label.fr}")
        for item in form.questions()
        if item.type in CHOICES
        for option in item.options
    ]


def shown_requirements(requirements: Sequence[Requirement]) -> list[tuple[str, str]]:
    """Rows of the form: a competence and the value of its answer; blank ones for more."""
    rows = [(one.competence, f"{one.link_id}{_BETWEEN}{one.code}" if one.link_id else "") for one in requirements]
    return rows + [("", "")] * BLANK_REQUIREMENTS


def hours_of(lasts: timedelta) -> str:
    """`27`, `1.5`: as a number field shows it."""
    return f"{lasts / timedelta(hours=1):g}"


def minutes_of(lasts: timedelta) -> str:
    """As a number field shows it."""
    return f"{lasts / timedelta(minutes=1):g}"


def _requirements(submitted: Submitted) -> Iterator[Requirement]:
    competences, answers = (submitted.fields.get(name, ()) for name in ("competence", "answer"))
    for competence, answer in zip(competences, answers, strict=False):
        link_id, _, code = answer.partition(_BETWEEN)
        if name := " ".join(competence.split())[:MAX_COMPETENCE_CHARS]:
            yield Requirement(name, link_id, code)


def _listed(typed: str) -> list[str]:
    """Comma-separated words or groups of words."""
    return [" ".join(one.split()) for one in typed.replace("\n", ",").split(",") if one.strip()]


def _words(typed: str) -> list[str]:
    return typed.replace(",", " ").replace(";", " ").split()


def _limit(typed: str, name: str) -> int | None:
    return round(_number(typed, name)) if typed else None


def _number(typed: str, name: str) -> float:
    try:
        value = float(typed.replace(",", "."))
    except ValueError:
        raise NumberUnreadable(field=name, typed=typed[:20]) from None
    if not 0 <= value <= 10_000:
        raise NumberUnreadable(field=name, typed=typed[:20])
    return value
