"""« Pourquoi moi ? »: a decision in sentences, for the expert who was chosen and for the coordinator.

Colleagues are counted, never named, and reasons that could tell something of the patient or of a colleague (an
objection, a conflict, a refusal) are one group: set aside for this request.
"""

from collections.abc import Mapping
from types import MappingProxyType

from miss.base.text import Language, Text
from teleexpertise.dispatch.model import Choice, Decision, Exclusion

_NAMED = Text(
    fr="Le demandeur a souhaité votre avis en particulier.",
    en="The requester asked for your advice in particular.",
)
_CONTINUITY = Text(
    fr="Vous avez déjà donné un avis dans cette situation : la suite vous est proposée d'abord.",
    en="You gave advice in this situation before: what follows is offered to you first.",
)
_BY_HAND = Text(
    fr="Le coordinateur du groupe vous a choisi pour cette demande.",
    en="The pool’s coordinator chose you for this request.",
)
_NAMED_AWAY = Text(
    fr="L'expert souhaité par le demandeur ne pouvait pas la prendre.",
    en="The expert whom the requester asked for could not take it.",
)
_ONLY_ONE = Text(
    fr="Vous seul pouviez prendre cette demande, sur {members}.",
    en="You alone could take this request, out of {members}.",
)
_FEWEST = Text(
    fr="C'est votre tour : {eligible} sur {members} pouvaient prendre cette demande, et c'est vous qui en aviez "
    "reçu le moins, compte tenu du poids de chacun.",
    en="It is your turn: {eligible} of {members} could take this request, and you had received the fewest, "
    "each one's weight considered.",
)
_OLDEST = Text(
    fr="C'est votre tour : {eligible} sur {members} pouvaient prendre cette demande ; à égalité de demandes reçues, "
    "votre dernier tour est le plus ancien.",
    en="It is your turn: {eligible} of {members} could take this request; among those who had received as few, "
    "your last turn is the oldest.",
)
_FIRST = Text(
    fr="C'est votre tour : {eligible} sur {members} pouvaient prendre cette demande ; à égalité de demandes reçues, "
    "vous n'aviez pas encore eu de tour.",
    en="It is your turn: {eligible} of {members} could take this request; among those who had received as few, "
    "you had not had a turn yet.",
)
_OTHERS = Text(fr="Non sollicités : {groups}.", en="Not asked: {groups}.")
_NOBODY = Text(
    fr="Aucun expert ne peut prendre cette demande pour l'instant, sur {members}.",
    en="No expert can take this request for now, out of {members}.",
)
_WAITS = Text(
    fr="Elle sera proposée à l'ouverture du prochain créneau.",
    en="It will be offered when the next slot opens.",
)
_LATE = Text(
    fr="Aucun créneau connu ne permet de tenir l'échéance : le coordinateur est prévenu.",
    en="No known slot meets the deadline: the coordinator is told.",
)

_GROUPS: tuple[tuple[Text, frozenset[Exclusion]], ...] = (
    (Text(fr="absent(s) ou sans créneau avant l'échéance : {n}", en="away or without a slot before the deadline: {n}"),
     frozenset({Exclusion.INACTIVE, Exclusion.UNAVAILABLE})),
    (Text(fr="sans la compétence demandée : {n}", en="without the competence asked for: {n}"),
     frozenset({Exclusion.COMPETENCE})),
    (Text(fr="au maximum de demandes accepté : {n}", en="at the most requests they agreed to: {n}"),
     frozenset({Exclusion.CAP, Exclusion.QUOTA})),
    (Text(fr="écarté(s) pour cette demande : {n}", en="set aside for this request: {n}"),
     frozenset({Exclusion.DECLINED, Exclusion.TIMED_OUT, Exclusion.REQUESTER, Exclusion.CONFLICT,
                Exclusion.OBJECTION, Exclusion.TAKEN_BACK})),
)  # fmt: skip
"""Each member who was not eligible is counted once, in the first group that holds one of their reasons."""


EXCLUSION_LABELS: Mapping[Exclusion, Text] = MappingProxyType(
    {
        Exclusion.INACTIVE: Text(fr="inactif dans le groupe", en="inactive in the pool"),
        Exclusion.NOT_MEMBER: Text(fr="hors du groupe", en="not in the pool"),
        Exclusion.COMPETENCE: Text(fr="sans la compétence demandée", en="without the competence asked for"),
        Exclusion.UNAVAILABLE: Text(fr="sans créneau avant l’échéance", en="no slot before the deadline"),
        Exclusion.CAP: Text(fr="maximum de demandes en main", en="as many requests in hand as agreed"),
        Exclusion.QUOTA: Text(fr="maximum de la semaine atteint", en="as many this week as agreed"),
        Exclusion.DECLINED: Text(fr="a décliné cette demande", en="declined this request"),
        Exclusion.TIMED_OUT: Text(fr="n’a pas répondu à temps", en="did not answer in time"),
        Exclusion.REQUESTER: Text(fr="est le demandeur", en="is the requester"),
        Exclusion.CONFLICT: Text(fr="lien ou conflit avec le demandeur", en="conflict with the requester"),
        Exclusion.OBJECTION: Text(fr="le patient s’y oppose", en="the patient objects"),
        Exclusion.TAKEN_BACK: Text(fr="reprise par le coordinateur", en="taken back by the coordinator"),
    }
)
"""For the coordinator, who sees each candidate with each reason; never for a colleague."""
CHOICE_LABELS: Mapping[Choice, Text] = MappingProxyType(
    {
        Choice.NAMED: Text(fr="expert souhaité par le demandeur", en="expert asked for by the requester"),
        Choice.CONTINUITY: Text(fr="suite d’un avis précédent", en="follows earlier advice"),
        Choice.ROTATION: Text(fr="à son tour", en="in turn"),
        Choice.BY_HAND: Text(fr="choisi par le coordinateur", en="chosen by the coordinator"),
    }
)


def explain(decision: Decision, language: Language = Language.FR) -> tuple[str, ...]:
    """Sentences that say why this expert was chosen, or why nobody was."""
    sentences = _nobody(decision, language) if decision.chosen is None else _why(decision, language)
    groups = _excluded(decision, language)
    return (*sentences, _OTHERS.in_(language, groups=groups)) if groups else sentences


def _why(decision: Decision, language: Language) -> tuple[str, ...]:
    match decision.choice:
        case Choice.NAMED:
            return (_NAMED.in_(language),)
        case Choice.BY_HAND:
            return (_BY_HAND.in_(language),)
        case Choice.CONTINUITY:
            return (*_named_away(decision, language), _CONTINUITY.in_(language))
        case _:
            return (*_named_away(decision, language), _turn(decision, language))


def _named_away(decision: Decision, language: Language) -> tuple[str, ...]:
    return (_NAMED_AWAY.in_(language),) if decision.named is not None else ()


def _turn(decision: Decision, language: Language) -> str:
    eligible = [candidate for candidate in decision.candidates if candidate.eligible]
    chosen = next(candidate for candidate in eligible if candidate.practitioner_id == decision.chosen)
    tied = [candidate for candidate in eligible if candidate.credit == chosen.credit]
    if len(eligible) == 1:
        sentence = _ONLY_ONE
    elif len(tied) == 1:
        sentence = _FEWEST
    else:
        sentence = _OLDEST if chosen.last_turn else _FIRST
    return sentence.in_(language, eligible=len(eligible), members=_members(decision, language))


def _nobody(decision: Decision, language: Language) -> tuple[str, ...]:
    sentences: tuple[str, ...] = (_NOBODY.in_(language, members=_members(decision, language)),)
    if decision.wake_at is not None:
        sentences += (_WAITS.in_(language),)
    if decision.breaks_deadline:
        sentences += (_LATE.in_(language),)
    return sentences


def _members(decision: Decision, language: Language) -> str:
    count = sum(Exclusion.NOT_MEMBER not in candidate.reasons for candidate in decision.candidates)
    word = Text(fr="membre", en="member") if count == 1 else Text(fr="membres", en="members")
    return f"{count} {word.in_(language)}"


def _excluded(decision: Decision, language: Language) -> str:
    counts = [0] * len(_GROUPS)
    for candidate in decision.candidates:
        for index, (_, reasons) in enumerate(_GROUPS):
            if reasons & {*candidate.reasons}:
                counts[index] += 1
                break
    return ", ".join(label.in_(language, n=n) for (label, _), n in zip(_GROUPS, counts, strict=True) if n)
