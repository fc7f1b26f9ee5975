"""A response and a timeline as pages show them: headings, labels, words and files.  Values for templates."""

from dataclasses import dataclass
from datetime import datetime

from miss.base.text import Language
from teleexpertise.dispatch import DeclineReason
from teleexpertise.questionnaire.model import AttachmentRef, Item, ItemType, Questionnaire, QuestionnaireResponse
from teleexpertise.questionnaire.values import show
from teleexpertise.requests.labels import DECLINE_LABELS, FACT_LABELS
from teleexpertise.requests.model import KEPT_FROM_REQUESTER, Fact, FactKind
from teleexpertise.requests.reading import Reader, View
from teleexpertise.requests.signing import name_of, signed_name
from teleexpertise.requests.steering import STEER_LABELS, SteerReason

_TOLD_TO_REQUESTER = frozenset(
    {FactKind.GLASS_BROKEN, FactKind.ACCEPTED, FactKind.ANSWERED, FactKind.CLARIFICATION_ASKED, FactKind.CORRECTED}
)
"""Facts whose actor the requester may know: who declined or let an offer pass is the pool's own business."""

_STEERED = frozenset({FactKind.REASSIGNED, FactKind.MOVED, FactKind.GIVEN_BY_HAND})
"""What a coordinator did by hand, for a reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """One question answered."""

    label: str
    words: tuple[str, ...]
    files: tuple[AttachmentRef, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The answers under one heading (may be empty)."""

    heading: str
    is_alert: bool
    """A red flag is up."""
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline."""

    at: datetime
    label: str
    who: str
    detail: str = ""


def show_response(form: Questionnaire, response: QuestionnaireResponse, language: Language) -> tuple[Block, ...]:
    """The questions that were answered, under the headings of the form."""
    blocks = []
    for item in form.items:
        heading = item.label.in_(language) if item.type is ItemType.GROUP else ""
        rows = [row for one in item.walk() if (row := _row(one, response, language)) is not None]
        if rows:
            is_alert = item.alert and any(True in response.all(one.link_id) for one in item.walk())
            blocks.append(Block(heading, is_alert, tuple(rows)))
    return tuple(blocks)


def show_timeline(view: View, language: Language) -> tuple[Moment, ...]:
    """What happened, oldest first, as far as this reader may know it."""
    return tuple(
        Moment(
            fact.at,
            FACT_LABELS[fact.kind].in_(language),
            _signed(view, fact, language),
            _detail(view, fact, language),
        )
        for fact in view.timeline
        if view.reader is not Reader.REQUESTER or fact.kind not in KEPT_FROM_REQUESTER
    )


def _row(item: Item, response: QuestionnaireResponse, language: Language) -> Row | None:
    values = response.all(item.link_id)
    if not values or not item.is_question:
        return None
    files = tuple(value for value in values if isinstance(value, AttachmentRef))
    words = tuple(show(item, value, language) for value in values if not isinstance(value, AttachmentRef))
    return Row(item.label.in_(language) or item.label.fr, words, files)


def _who(view: View, fact: Fact) -> str:
    if fact.actor == view.request.requester:
        return name_of(view, fact.actor)
    if view.reader is Reader.REQUESTER and fact.kind not in _TOLD_TO_REQUESTER:
        return ""
    return name_of(view, fact.actor)


def _signed(view: View, fact: Fact, language: Language) -> str:
    """Who did it; both names where somebody acted for another."""
    return signed_name(view, fact.actor, fact.through, language) if _who(view, fact) else ""


def _detail(view: View, fact: Fact, language: Language) -> str:
    is_emergency = fact.reason == DeclineReason.EMERGENCY
    if fact.kind is FactKind.DECLINED and (is_emergency or view.reader is Reader.COORDINATOR):
        return DECLINE_LABELS[DeclineReason(fact.reason)].in_(language)
    if fact.reason in {*SteerReason} and fact.kind in _STEERED and view.reader is Reader.COORDINATOR:
        return STEER_LABELS[SteerReason(fact.reason)].in_(language)
    return ""
