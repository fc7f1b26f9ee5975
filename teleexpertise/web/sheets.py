"""A pool's figures as people read them: tables in words, the pictures beside them, the same tables as rows of a CSV.

Pictures are the house's (`miss.server.console.statistics.pictures`): the table says everything a second time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from miss.base.ids import PractitionerId
from miss.base.text import Language, Text
from miss.server.console.statistics.model import Hidden, Month, bounds
from miss.server.console.statistics.pictures import Bars, Curve, Point, draw_bars, draw_curve
from miss.server.web.zones import PAGE_ZONE
from teleexpertise.board.errors import BoardUnknown
from teleexpertise.board.model import Window
from teleexpertise.board.service import PoolBoard
from teleexpertise.follow_up import SurveyQuestion
from teleexpertise.follow_up.figures import Share, SurveyLine
from teleexpertise.requests.labels import DECLINE_LABELS

NOTHING: Final = "–"


class SheetName(StrEnum):
    """The tables of a board; the last part of a CSV's address."""

    EXPERTS_7 = "experts-7"
    EXPERTS_28 = "experts-28"
    REASONS = "refus"
    WEEKS = "semaines"
    SURVEY = "satisfaction"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table."""

    name: SheetName
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    pictures: tuple[tuple[str, Bars | Curve], ...]
    """Each with what it shows."""


_EXPERT_HEAD: Final = (
    Text(fr="Expert", en="Expert"),
    Text(fr="Poids", en="Weight"),
    Text(fr="Demandes reçues", en="Requests received"),
    Text(fr="Part (reçues / poids)", en="Share (received / weight)"),
    Text(fr="Refus", en="Refusals"),
    Text(fr="Délais dépassés", en="Timeouts"),
    Text(fr="Avis rendus", en="Answers"),
    Text(fr="Temps de rédaction", en="Time writing"),
    Text(fr="Plus longue attente disponible", en="Longest wait while available"),
)
_REASON_HEAD: Final = (
    Text(fr="Motif de refus", en="Reason of refusal"),
    Text(fr="7 jours", en="7 days"),
    Text(fr="28 jours", en="28 days"),
)
_WEEK_HEAD: Final = (
    Text(fr="Semaine du", en="Week of"),
    Text(fr="Avis rendus", en="Answers"),
    Text(fr="Délai médian", en="Median delay"),
    Text(fr="Délai au 90ᵉ centile", en="Delay, 90th percentile"),
)
_SURVEY_HEAD: Final = (
    Text(fr="Mois", en="Month"),
    Text(fr="Avis rendus", en="Answers"),
    Text(fr="Patients informés", en="Patients informed"),
    Text(fr="Utile : réponses", en="Useful: said"),
    Text(fr="Utile, au moins en partie", en="Useful, at least in part"),
    Text(fr="Prise en charge : réponses", en="What was done: said"),
    Text(fr="Prise en charge changée", en="What was done changed"),
    Text(fr="Déplacement : réponses", en="Journey: said"),
    Text(fr="Déplacement évité", en="Journey spared"),
)
_ASKED: Final[Mapping[SurveyQuestion, Text]] = {
    SurveyQuestion.USEFUL: Text(
        fr="Avis utiles, au moins en partie, en %", en="Useful answers, at least in part, in %"
    ),
    SurveyQuestion.CHANGED: Text(fr="Prises en charge changées, en %", en="What was done changed, in %"),
    SurveyQuestion.AVOIDED: Text(fr="Déplacements évités, en %", en="Journeys spared, in %"),
}
_ALL: Final = Text(fr="Douze mois", en="Twelve months")
HIDDEN: Final[Mapping[Hidden, Text]] = {
    Hidden.FEW: Text(fr="< 5", en="< 5"),
    Hidden.KEPT_BACK: Text(fr="n. c.", en="n/d"),
}
"""As in the platform's statistics."""
_SHARES: Final = Text(fr="Part de chaque expert", en="Share of each expert")
_REASONS: Final = Text(fr="Motifs de refus sur 28 jours", en="Reasons of refusal over 28 days")
_MEDIAN: Final = Text(fr="Délai médian de réponse, en heures", en="Median delay of answers, in hours")
_P90: Final = Text(fr="Délai de réponse au 90ᵉ centile, en heures", en="90th percentile of the delay, in hours")
_MINUTES: Final = Text(fr="{n} min", en="{n} min")
_HOURS: Final = Text(fr="{n} h", en="{n} h")
_DAYS: Final = Text(fr="{n} j", en="{n} d")


def duration(length: timedelta | None, language: Language) -> str:
    """Two figures at most: « 40 min », « 3,5 h », « 2,1 j »; a dash for none."""
    if length is None:
        return NOTHING
    minutes = length.total_seconds() / 60
    if minutes < 90:
        return _MINUTES.in_(language, n=round(minutes))
    hours = minutes / 60
    unit, count = (_HOURS, hours) if hours < 48 else (_DAYS, hours / 24)
    return unit.in_(language, n=number(count, language))


def number(value: float | None, language: Language, *, decimals: int = 1) -> str:
    """With its decimals, if it has any; a dash for none."""
    return NOTHING if value is None else str(format_decimal(round(value, decimals), locale=language.value))


def share(value: float | None, language: Language) -> str:
    """A part of the whole; a dash where there is no whole."""
    return NOTHING if value is None else str(format_percent(value, locale=language.value))


def board_sheets(board: PoolBoard, language: Language) -> dict[SheetName, Sheet]:
    """Every table of a board."""
    seven, twenty_eight = board.figures.windows
    return {
        SheetName.EXPERTS_7: _experts(SheetName.EXPERTS_7, board, seven, language),
        SheetName.EXPERTS_28: _experts(SheetName.EXPERTS_28, board, twenty_eight, language),
        SheetName.REASONS: _reasons(board, language),
        SheetName.WEEKS: _weeks(board, language),
        SheetName.SURVEY: _survey(board, language),
    }


def compose_rows(board: PoolBoard, name: str, language: Language) -> Sequence[Sequence[str]]:
    """One table with its head.  Raises BoardUnknown for a name that is none."""
    if name not in {*SheetName}:
        raise BoardUnknown
    sheet = board_sheets(board, language)[SheetName(name)]
    return [sheet.head, *sheet.rows]


def _experts(name: SheetName, board: PoolBoard, window: Window, language: Language) -> Sheet:
    lines = sorted(window.experts, key=lambda line: (-line.share, line.expert))
    rows = tuple(
        (
            _name(board, line.expert),
            str(line.weight),
            str(line.turns),
            number(line.share, language),
            str(line.declined),
            str(line.expired),
            str(line.answered),
            duration(line.writing, language) if line.answered else NOTHING,
            duration(line.longest_idle, language),
        )
        for line in lines
    )
    points = [
        Point(row[0], row[3], round(line.share * 100)) for line, row in zip(lines, rows, strict=True)
    ]  # hundredths: bars have whole lengths
    return Sheet(name, _head(_EXPERT_HEAD, language), rows, ((_SHARES.in_(language), draw_bars(points)),))


def _reasons(board: PoolBoard, language: Language) -> Sheet:
    seven, twenty_eight = (window.reasons for window in board.figures.windows)
    rows = tuple(
        (label.in_(language), str(seven.get(reason, 0)), str(twenty_eight.get(reason, 0)))
        for reason, label in DECLINE_LABELS.items()
    )
    points = [Point(row[0], row[2], int(row[2])) for row in rows]
    return Sheet(SheetName.REASONS, _head(_REASON_HEAD, language), rows, ((_REASONS.in_(language), draw_bars(points)),))


def _weeks(board: PoolBoard, language: Language) -> Sheet:
    weeks = board.figures.weeks
    starts = [week.start.astimezone(PAGE_ZONE) for week in weeks]
    rows = tuple(
        (
            str(format_date(start, "d MMMM y", locale=language.value)),
            str(week.answered),
            duration(week.median, language),
            duration(week.p90, language),
        )
        for start, week in zip(starts, weeks, strict=True)
    )
    short = [str(format_date(start, "dd/MM", locale=language.value)) for start in starts]

    def curve(delays: Sequence[timedelta | None]) -> Curve:
        hours = [None if delay is None else round(delay.total_seconds() / 3600) for delay in delays]
        return draw_curve(
            [Point(label, NOTHING if value is None else str(value), value)
             for label, value in zip(short, hours, strict=True)]
        )  # fmt: skip

    pictures = (
        (_MEDIAN.in_(language), curve([week.median for week in weeks])),
        (_P90.in_(language), curve([week.p90 for week in weeks])),
    )
    return Sheet(SheetName.WEEKS, _head(_WEEK_HEAD, language), rows, pictures)


def _survey(board: PoolBoard, language: Language) -> Sheet:
    """The latest month last, then all of them; what is hidden says why."""
    lines = (*board.survey.months, board.survey.all)
    rows = tuple(
        (
            _month(line.month, language),
            str(line.answers),
            str(line.informed),
            *(cell for question in _ASKED for cell in _said(line.shares[question], language)),
        )
        for line in lines
    )
    pictures = tuple(
        (said.in_(language), draw_curve([_point(line, question, language) for line in board.survey.months]))
        for question, said in _ASKED.items()
    )
    return Sheet(SheetName.SURVEY, _head(_SURVEY_HEAD, language), rows, pictures)


def _said(one: Share, language: Language) -> tuple[str, str]:
    """How many said something, and what part of them yes."""
    if isinstance(one.said, Hidden):
        return HIDDEN[one.said].in_(language), NOTHING
    return str(one.said), share(one.favourable, language)


def _point(line: SurveyLine, question: SurveyQuestion, language: Language) -> Point:
    one = line.shares[question]
    percent = None if one.favourable is None else round(one.favourable * 100)
    return Point(_month(line.month, language), _said(one, language)[1], percent)


def _month(month: Month | None, language: Language) -> str:
    """« nov. 2026 »."""
    return str(format_date(bounds(month)[0], "MMM y", locale=language.value)) if month else _ALL.in_(language)


def _head(head: Sequence[Text], language: Language) -> tuple[str, ...]:
    return tuple(text.in_(language) for text in head)


def _name(board: PoolBoard, expert: PractitionerId) -> str:
    person = board.people.get(expert)
    return person.display_name if person else expert
