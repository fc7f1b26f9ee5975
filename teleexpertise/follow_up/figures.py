"""What requesters say of a pool's answers, month by month, for whoever coordinates it.  Pure.

Nobody's own words are to be read out of it: a share behind which there are fewer than five requesters is not shown,
nor another one from which, with the line of all months, it could be worked out; as in the platform's statistics
(`miss.server.console.statistics.model`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from miss.base.ids import PractitionerId
from miss.server.console.statistics.model import Hidden, Month, Shown, Sum, month_of, months_until, show, show_alone
from teleexpertise.follow_up.model import Survey, SurveyQuestion, Verdict

MONTHS: Final = 12
FAVOURABLE: Final[Mapping[SurveyQuestion, frozenset[Verdict]]] = {
    SurveyQuestion.USEFUL: frozenset({Verdict.YES, Verdict.PARTLY}),
    SurveyQuestion.CHANGED: frozenset({Verdict.YES}),
    SurveyQuestion.AVOIDED: frozenset({Verdict.YES}),
}
"""What a share counts.  « Sans objet » counts as no answer."""


@dataclass(frozen=True, slots=True)
class Said:
    """One answer that left, with who had asked."""

    requester: PractitionerId
    survey: Survey


@dataclass(frozen=True, slots=True)
class Share:
    """How many said something of one question, and what part of them said yes."""

    said: Shown
    favourable: float | None
    """None: nobody said anything, or it is hidden."""


@dataclass(frozen=True, slots=True)
class SurveyLine:
    """One month, or all of them."""

    month: Month | None
    """None: all of them together."""
    answers: int
    """That left."""
    informed: int
    """Of those, how many patients are known to know."""
    shares: Mapping[SurveyQuestion, Share]


@dataclass(frozen=True, slots=True)
class SurveyFigures:
    """A pool's survey."""

    months: tuple[SurveyLine, ...]
    """The latest last."""
    all: SurveyLine


def survey_figures(said: Iterable[Said], last: Month) -> SurveyFigures:
    """The MONTHS up to `last`."""
    months = months_until(last, MONTHS)
    by_month: dict[Month, list[Said]] = {month: [] for month in months}
    for one in said:
        by_month.get(month_of(one.survey.answered_at), []).append(one)
    shares = {question: _shares(question, [*by_month.values()]) for question in SurveyQuestion}
    lines = tuple(
        _line(month, ones, {question: shares[question][rank] for question in SurveyQuestion})
        for rank, (month, ones) in enumerate(by_month.items())
    )
    everything = [one for ones in by_month.values() for one in ones]
    together = {question: _shares(question, [everything])[0] for question in SurveyQuestion}
    return SurveyFigures(lines, _line(None, everything, together))


def _line(month: Month | None, ones: Sequence[Said], shares: Mapping[SurveyQuestion, Share]) -> SurveyLine:
    return SurveyLine(month, len(ones), sum(one.survey.informed_at is not None for one in ones), shares)


def _shares(question: SurveyQuestion, months: Sequence[Sequence[Said]]) -> list[Share]:
    """Of each of `months`, beside their total; of one alone, what may be shown of it alone."""
    silence = Verdict.NOT_APPLICABLE
    told = [[one for one in ones if one.survey.answers.get(question, silence) is not silence] for ones in months]
    sums = [Sum(len(ones), len({one.requester for one in ones})) for ones in told]
    shown = show(sums) if len(sums) > 1 else [show_alone(sums[0])]
    return [_share(question, value, ones) for value, ones in zip(shown, told, strict=True)]


def _share(question: SurveyQuestion, said: Shown, ones: Sequence[Said]) -> Share:
    if isinstance(said, Hidden) or not ones:
        return Share(said, None)
    favourable = sum(one.survey.answers[question] in FAVOURABLE[question] for one in ones)
    return Share(said, favourable / len(ones))
