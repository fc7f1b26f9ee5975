"""`/console/statistiques`: a form, two pictures, a table beside each, and both tables as CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from babel.dates import format_date
from babel.numbers import format_decimal
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.text import Language, Text
from miss.directory.roles import Role
from miss.server.console.statistics.model import PARTY, STAFF, Dimension, Hidden, Month, Shown, bounds
from miss.server.console.statistics.pictures import Bars, Curve, Point, draw_bars, draw_curve
from miss.server.console.statistics.regions import COLLECTIVITIES, REGIONS
from miss.server.console.statistics.service import MONTHS_BACK, Line, Question, Report, Statistics
from miss.server.console.statistics.sheet import compose_csv
from miss.server.service import MenuEntry
from miss.server.web.access import requires
from miss.server.web.pages import Pages, language_of

STATISTICS_PATH: Final = "/console/statistiques"
AUDITORS_ENTRY: Final = MenuEntry(STATISTICS_PATH, Text(fr="Statistiques", en="Statistics"), role=Role.AUDITOR)
"""Technicians come by way of the console, which auditors do not have."""
BARS_SHOWN: Final = 15
LINES_SHOWN: Final = 200
"""On the page; the CSV has all of them."""
LONGEST_CODE: Final = 20

_DIMENSIONS: Final[Mapping[Dimension, Text]] = {
    Dimension.PROFESSION: Text(fr="Profession", en="Profession"),
    Dimension.SPECIALTY: Text(fr="Spécialité", en="Specialty"),
    Dimension.REGION: Text(fr="Région", en="Region"),
    Dimension.DEPARTMENT: Text(fr="Département", en="Department"),
    Dimension.ESTABLISHMENT: Text(fr="Établissement", en="Establishment"),
}
_MONTH: Final = Text(fr="Mois", en="Month")
_TOTAL: Final = Text(fr="Total", en="Total")
_UNKNOWN: Final = Text(fr="Non renseigné", en="Not known")
_NOT_OF_THE_REGISTER: Final = {
    STAFF: Text(fr="Sans profession enregistrée (secrétariat, personnel)", en="No registered profession (staff)"),
    PARTY: Text(fr="Au nom d’un établissement", en="In an establishment’s name"),
}
_HIDDEN: Final[Mapping[Hidden, Text]] = {
    Hidden.FEW: Text(fr="< 5", en="< 5"),
    Hidden.KEPT_BACK: Text(fr="n. c.", en="n/d"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a list in the form."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table as it is read: rows of a label and a number, and the picture of it."""

    heading: str
    rows: tuple[tuple[str, str], ...]
    picture: Bars | Curve


@dataclass(frozen=True, slots=True)
class StatisticsPages:
    """The figures, for technicians and auditors."""

    pages: Pages
    statistics: Statistics

    def routes(self) -> list[BaseRoute]:
        """Both routes."""
        return [
            Route(STATISTICS_PATH, self.show, methods=["GET"]),
            Route(f"{STATISTICS_PATH}.csv", self.download, methods=["GET"]),
        ]

    @requires(Role.TECHNICIAN, Role.AUDITOR)
    async def show(self, request: Request) -> Response:
        language = language_of(request)
        months, counted_at = await self.statistics.list_months()
        question = self._question(request, months)
        if question is None:
            return await self.pages.render(request, "console/statistics.html", question=None)
        report = await self.statistics.report(question)
        labels = await self._labels(question.dimension, language)
        professions = await self.statistics.get_labels(Dimension.PROFESSION)
        shown: dict[str, Any] = {
            "question": question,
            "measure": self._flow_label(question, language),
            "counted_at": counted_at,
            "flows": [Choice(flow.name, flow.label.in_(language)) for flow in self.statistics.flows],
            "dimensions": [Choice(one.value, label.in_(language)) for one, label in _DIMENSIONS.items()],
            "months": [Choice(month, _month(month, language)) for month in months],
            "professions": [Choice(code, label) for code, label in professions.items()],
            "regions": [Choice(code, name) for code, name in sorted(REGIONS.items(), key=lambda one: one[1])],
            "by_month": _by_month(report, language),
            "broken_down": _broken_down(report, question, labels, language),
            "left_out": max(len(report.lines) - LINES_SHOWN, 0),
            "query": request.url.query,
        }
        return await self.pages.render(request, "console/statistics.html", **shown)

    @requires(Role.TECHNICIAN, Role.AUDITOR)
    async def download(self, request: Request) -> Response:
        """`tableau=mois`: month after month; else broken down, with the codes."""
        language = language_of(request)
        months, _ = await self.statistics.list_months()
        question = self._question(request, months)
        rows: list[Sequence[str]] = []
        name = "statistiques"
        if question is not None:
            report = await self.statistics.report(question)
            label = self._flow_label(question, language)
            if request.query_params.get("tableau") == "mois":
                rows = [(_MONTH.in_(language), label), *((line.code, _cell(line.value)) for line in report.series)]
            else:
                labels = await self._labels(question.dimension, language)
                rows = [
                    ("Code", _DIMENSIONS[question.dimension].in_(language), label),
                    *((line.code, _label(line, labels, language), _cell(line.value)) for line in report.lines),
                ]
            name = f"statistiques-{question.measure}-{question.first}-{question.last}"
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}.csv"'}
        return Response(compose_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)

    def _question(self, request: Request, months: Sequence[Month]) -> Question | None:
        """What the form asks; a choice that does not exist is taken for the first one.  None: nothing was counted."""
        if not months:
            return None
        asked = request.query_params
        measures = [flow.name for flow in self.statistics.flows]
        first, last = asked.get("de", ""), asked.get("a", "")
        chosen = sorted(
            (
                Month(first) if first in months else months[-min(MONTHS_BACK, len(months))],
                Month(last) if last in months else months[-1],
            )
        )
        profession, region = asked.get("profession", ""), asked.get("region", "")
        return Question(
            measure=asked["mesure"] if asked.get("mesure") in measures else measures[0],
            dimension=Dimension(asked["par"]) if asked.get("par") in {*Dimension} else Dimension.PROFESSION,
            first=chosen[0],
            last=chosen[1],
            profession=profession if profession.isalnum() and len(profession) <= LONGEST_CODE else "",
            region=region if region in REGIONS else "",
        )

    def _flow_label(self, question: Question, language: Language) -> str:
        return next(flow.label.in_(language) for flow in self.statistics.flows if flow.name == question.measure)

    async def _labels(self, dimension: Dimension, language: Language) -> Mapping[str, str]:
        if dimension is Dimension.REGION:
            return {**REGIONS, **COLLECTIVITIES}
        if dimension is Dimension.DEPARTMENT:
            return {}
        labels = await self.statistics.get_labels(dimension)
        if dimension is Dimension.PROFESSION:
            labels |= {code: text.in_(language) for code, text in _NOT_OF_THE_REGISTER.items()}
        return labels


def _by_month(report: Report, language: Language) -> Sheet:
    rows = tuple((_month(Month(line.code), language), _written(line.value, language)) for line in report.series)
    points = [
        Point(_month(Month(line.code), language, short=True), text, _drawn(line.value))
        for line, (_, text) in zip(report.series, rows, strict=True)
    ]
    return Sheet(_MONTH.in_(language), rows, draw_curve(points))


def _broken_down(report: Report, question: Question, labels: Mapping[str, str], language: Language) -> Sheet:
    lines = report.lines[:LINES_SHOWN]
    rows = tuple((_label(line, labels, language), _written(line.value, language)) for line in lines)
    points = [
        Point(label, text, _drawn(line.value))
        for line, (label, text) in zip(lines[:BARS_SHOWN], rows[:BARS_SHOWN], strict=True)
    ]
    total = (_TOTAL.in_(language), _written(report.total, language))
    return Sheet(_DIMENSIONS[question.dimension].in_(language), (*rows, total), draw_bars(points))


def _label(line: Line, labels: Mapping[str, str], language: Language) -> str:
    return labels.get(line.code) or line.code or _UNKNOWN.in_(language)


def _written(value: Shown, language: Language) -> str:
    if isinstance(value, Hidden):
        return _HIDDEN[value].in_(language)
    return str(format_decimal(value, locale=language.value))


def _cell(value: Shown) -> str:
    return _HIDDEN[value].fr if isinstance(value, Hidden) else str(value)


def _drawn(value: Shown) -> int | None:
    return None if isinstance(value, Hidden) else value


def _month(month: Month, language: Language, *, short: bool = False) -> str:
    start: datetime = bounds(month)[0]
    return str(format_date(start, "MM/yy" if short else "MMMM y", locale=language.value))
