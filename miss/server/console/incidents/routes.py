"""The technicians' pages of incidents: announce, say more, close."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.text import Text
from miss.directory.roles import Role
from miss.server.console.incidents.model import BODY_CHARS, TITLE_CHARS, Incident, Kind, Told
from miss.server.console.incidents.service import Incidents
from miss.server.console.incidents.subscriptions import Subscriptions
from miss.server.console.queues import Queue
from miss.server.errors import DateUnreadable
from miss.server.web.access import person_of, requires
from miss.server.web.answers import retry_after
from miss.server.web.forms import field
from miss.server.web.front import to
from miss.server.web.pages import Pages, language_of
from miss.server.web.zones import PAGE_ZONE
from miss.storage.jobs import JobRunner

CONSOLE_INCIDENTS_PATH: Final = "/console/incidents"


@dataclass(frozen=True, slots=True)
class IncidentConsole:
    """`/console/incidents` and the page of each."""

    pages: Pages
    incidents: Incidents
    subscriptions: Subscriptions
    jobs: JobRunner

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        one = f"{CONSOLE_INCIDENTS_PATH}/{{incident}}"
        return [
            Route(CONSOLE_INCIDENTS_PATH, self.list_, methods=["GET"]),
            Route(CONSOLE_INCIDENTS_PATH, self.announce, methods=["POST"]),
            Route(one, self.open, methods=["GET"]),
            Route(one, self.add, methods=["POST"]),
        ]

    def queue(self) -> Queue:
        """Those that are open."""
        label = Text(fr="Incidents et travaux en cours", en="Incidents and works under way")
        return Queue(CONSOLE_INCIDENTS_PATH, label, self.incidents.count_open)

    @requires(Role.TECHNICIAN)
    async def list_(self, request: Request) -> Response:
        return await self._list(request)

    @requires(Role.TECHNICIAN)
    async def announce(self, request: Request) -> Response:
        form = await request.form()
        try:
            kind = Kind.MAINTENANCE if field(form, "kind") == Kind.MAINTENANCE else Kind.INCIDENT
            incident = await self.incidents.announce(
                person_of(request).account.uid,
                kind,
                Told(field(form, "title_fr"), field(form, "title_en")),
                _said(form),
                starts_at=read_local(field(form, "starts_at")),
                ends_at=read_local(field(form, "ends_at")) if kind is Kind.MAINTENANCE else None,
                tell=bool(field(form, "tell")),
            )
        except MissError as error:
            return await self._list(request, error, _typed(form))
        self.jobs.wake()
        return to(f"{CONSOLE_INCIDENTS_PATH}/{incident.id}")

    @requires(Role.TECHNICIAN)
    async def open(self, request: Request) -> Response:
        return await self._show(request, await self._get(request))

    @requires(Role.TECHNICIAN)
    async def add(self, request: Request) -> Response:
        incident, form = await self._get(request), await request.form()
        try:
            await self.incidents.add(
                person_of(request).account.uid,
                incident.id,
                _said(form),
                closes=bool(field(form, "closes")),
                tell=bool(field(form, "tell")),
            )
        except MissError as error:
            return await self._show(request, incident, error, _typed(form))
        self.jobs.wake()
        return to(f"{CONSOLE_INCIDENTS_PATH}/{incident.id}")

    async def _get(self, request: Request) -> Incident:
        return await self.incidents.get(request.path_params["incident"])

    async def _list(
        self, request: Request, error: MissError | None = None, typed: Mapping[str, str] | None = None
    ) -> Response:
        shown = {"board": await self.incidents.board(), "subscribers": await self.subscriptions.count()}
        return await self._render(request, "console/incidents.html", shown, error, typed)

    async def _show(
        self,
        request: Request,
        incident: Incident,
        error: MissError | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        shown = {"incident": incident, "subscribers": await self.subscriptions.count()}
        return await self._render(request, "console/incident.html", shown, error, typed)

    async def _render(
        self,
        request: Request,
        template: str,
        shown: Mapping[str, Any],
        error: MissError | None,
        typed: Mapping[str, str] | None,
    ) -> Response:
        shared = {"typed": typed or {}, "title_chars": TITLE_CHARS, "body_chars": BODY_CHARS, **shown}
        if error is None:
            return await self.pages.render(request, template, error=None, **shared)
        said = error.sentence(language_of(request))
        return retry_after(error, await self.pages.render(request, template, error.http_status, error=said, **shared))


def read_local(text: str) -> datetime | None:
    """The instant of a `datetime-local` field, on clocks of the platform; None if empty.  Raises DateUnreadable."""
    if not text.strip():
        return None
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        raise DateUnreadable from None
    return local.replace(tzinfo=PAGE_ZONE) if local.tzinfo is None else local


def _said(form: FormData) -> Told:
    return Told(field(form, "said_fr"), field(form, "said_en"))


def _typed(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}
