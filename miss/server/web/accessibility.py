"""The declaration of accessibility that each page leads to (law 2005-102 art. 47, RGAA 4.1).

What a page may call itself is said by an audit of the 106 criteria, not by us: 100 %, « totalement conforme »; half of
them or more, « partiellement conforme »; less, or no audit in force, « non conforme ».  Our own runs (axe-core and the
keyboard, on every page, at each change) are told beside it for what they are.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.text import Text
from miss.server.settings import Settings
from miss.server.web.access import anyone
from miss.server.web.pages import Pages

ACCESSIBILITY_PATH: Final = "/accessibilite"


class Conformance(StrEnum):
    """What a site may say of itself."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"

    @property
    def text(self) -> Text:
        return _LEVELS[self]


_LEVELS: Final = {
    Conformance.FULL: Text(fr="totalement conforme", en="fully compliant"),
    Conformance.PARTIAL: Text(fr="partiellement conforme", en="partially compliant"),
    Conformance.NONE: Text(fr="non conforme", en="not compliant"),
}


def conformance_of(rate_percent: float | None) -> Conformance:
    """By the share of criteria that an audit found respected; None: there is no audit in force."""
    if rate_percent is None or rate_percent < 50:
        return Conformance.NONE
    return Conformance.FULL if rate_percent == 100 else Conformance.PARTIAL


@dataclass(frozen=True, slots=True)
class AccessibilityPage:
    """`/accessibilite`."""

    pages: Pages
    settings: Settings

    def routes(self) -> list[BaseRoute]:
        """The one route."""
        return [Route(ACCESSIBILITY_PATH, self.show, methods=["GET"])]

    @anyone
    async def show(self, request: Request) -> Response:
        settings = self.settings
        return await self.pages.render(
            request,
            "accessibility.html",
            conformance=conformance_of(settings.accessibility_rate),
            rate=settings.accessibility_rate,
            audit=settings.accessibility_audit,
            operator=settings.operator_name,
            contact=settings.support,
        )
