"""Closing the loop, the survey in three taps, and what a follow-up takes over from the request before it.  Pure.

Source: teleexpertise.md §5 and §9 (patients never told in 21 % of charts; « follow-up question vanished »).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from miss.base.ids import PoolId, PractitionerId, RequestId
from miss.base.text import Text
from teleexpertise.questionnaire.model import Answers, AnswerValue, Coding, ItemType, Questionnaire
from teleexpertise.requests.errors import StateForbids
from teleexpertise.requests.model import TOLD, ExpertiseRequest, Fact, FactKind, Move, State

REMIND_AFTER = timedelta(days=7)
"""How long after the answer the requester is asked, once, whether the patient knows."""
FOLLOW_UP_ITEM = "r.suivi"

WISH, PURPOSE, QUESTION = "c.delai", "c.but", "c.question"
FOLLOW_UP = "suivi"
"""The option of `c.but` and of the items called `….serie` that says: this goes on from an earlier request."""
SERIES_SUFFIX = ".serie"


class SurveyQuestion(StrEnum):
    """One tap each."""

    USEFUL = "useful"
    CHANGED = "changed"
    AVOIDED = "avoided"


class Verdict(StrEnum):
    """What may be answered."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    NOT_APPLICABLE = "na"


QUESTIONS: Mapping[SurveyQuestion, tuple[Text, tuple[Verdict, ...]]] = {
    SurveyQuestion.USEFUL: (
        Text(fr="Cet avis vous a-t-il été utile ?", en="Was this advice useful to you?"),
        (Verdict.YES, Verdict.PARTLY, Verdict.NO),
    ),
    SurveyQuestion.CHANGED: (
        Text(fr="A-t-il changé la prise en charge ?", en="Did it change what was done?"),
        (Verdict.YES, Verdict.NO),
    ),
    SurveyQuestion.AVOIDED: (
        Text(fr="A-t-il évité un déplacement au patient ?", en="Did it spare the patient a journey?"),
        (Verdict.YES, Verdict.NO, Verdict.NOT_APPLICABLE),
    ),
}
VERDICTS: Mapping[Verdict, Text] = {
    Verdict.YES: Text(fr="Oui", en="Yes"),
    Verdict.PARTLY: Text(fr="En partie", en="In part"),
    Verdict.NO: Text(fr="Non", en="No"),
    Verdict.NOT_APPLICABLE: Text(fr="Sans objet", en="Does not apply"),
}


@dataclass(frozen=True, slots=True)
class Survey:
    """What the requester said of an answer; nothing of whom it was about, nor of who gave it."""

    request_id: RequestId
    pool_id: PoolId
    answered_at: datetime
    informed_at: datetime | None = None
    """When the requester said that the patient knows."""
    answers: Mapping[SurveyQuestion, Verdict] = field(default_factory=dict)

    @property
    def next_question(self) -> SurveyQuestion | None:
        """What is asked next; None: that was all."""
        return next((question for question in SurveyQuestion if question not in self.answers), None)


@dataclass(frozen=True, slots=True)
class Due:
    """A follow-up that an expert asked for."""

    request_id: RequestId
    requester: PractitionerId
    due_at: datetime
    told_at: datetime | None = None


def require_verdict(question: SurveyQuestion, verdict: Verdict) -> bool:
    """Whether that question takes that answer."""
    return verdict in QUESTIONS[question][1]


def inform(request: ExpertiseRequest, now: datetime) -> Move:
    """The requester told the patient.  Raises StateForbids unless there is an answer."""
    if request.state is not State.ANSWERED:
        raise StateForbids(number=request.number, state=request.state)
    return replace(request, state=State.INFORMED), Fact(FactKind.PATIENT_INFORMED, now, request.requester)


def due_at(answered_at: datetime, days: AnswerValue | None) -> datetime | None:
    """When photographs are to be taken again; None: the expert asked for none."""
    return answered_at + timedelta(days=days) if isinstance(days, int) and not isinstance(days, bool) else None


def follow_up_answers(form: Questionnaire, taken: Answers, earlier: ExpertiseRequest) -> Answers:
    """What stands already in the follow-up of `earlier`, from the answers that may be asked again.

    Measures are taken anew and the wish is said anew; the question is there, to be changed or sent.
    """
    kept: dict[str, tuple[AnswerValue, ...]] = {}
    for item in form.questions():
        values = taken.get(item.link_id, ())
        is_measure = item.type in {ItemType.DECIMAL, ItemType.INTEGER, ItemType.QUANTITY}
        if values and not is_measure and item.link_id not in {WISH, PURPOSE, QUESTION}:
            kept[item.link_id] = values
        if (item.link_id == PURPOSE or item.link_id.endswith(SERIES_SUFFIX)) and item.option(FOLLOW_UP):
            kept[item.link_id] = (Coding(FOLLOW_UP),)
    if form.find_item(QUESTION):
        kept[QUESTION] = (
            f"Suivi de l’avis {earlier.number} : l’évolution est-elle favorable, faut-il changer la conduite à tenir ?",
        )
    return kept


def linked(new: ExpertiseRequest, earlier: ExpertiseRequest) -> ExpertiseRequest:
    """The draft of a follow-up, tied to the request before it.  Raises StateForbids once it was sent."""
    if new.state is not State.DRAFT:
        raise StateForbids(number=new.number, state=new.state)
    return replace(new, follows=earlier.id, continuity=earlier.holder)


def require_followable(request: ExpertiseRequest) -> None:
    """Raises StateForbids unless there is an answer to follow up."""
    if request.state not in TOLD:
        raise StateForbids(number=request.number, state=request.state)
