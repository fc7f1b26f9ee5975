"""Lists that keep themselves current: the expert's, the requester's, the coordinator's queues, a pool's figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.ids import PoolId
from miss.directory.roles import Role
from miss.server.console.statistics.sheet import compose_csv
from miss.server.web.access import requires, signed_in
from teleexpertise.board.model import AGES, ages
from teleexpertise.board.service import PoolBoard
from teleexpertise.requests.acting import Capacity
from teleexpertise.requests.labels import DECLINE_LABELS
from teleexpertise.requests.model import ExpertiseRequest, State
from teleexpertise.requests.reading import Listed
from teleexpertise.requests.search import matches
from teleexpertise.web.desk import Desk
from teleexpertise.web.sheets import board_sheets, compose_rows, duration, number, share

EVENTS: Final = "/api/teleexpertise/v1/events"
LONGEST_SEARCH: Final = 100
TO_DO: Final = (State.DRAFT, State.ON_HOLD, State.ANSWERED)
"""Whose next step is the requester's."""
UNDER_WAY: Final = (State.READY, State.ASSIGNED, State.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class BoardPages:
    """Lists and figures."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/avis", self.worklist),
            Route("/demandes", self.own),
            Route("/coordination", self.queues),
            Route("/coordination/{pool}", self.figures),
            Route("/coordination/{pool}/{sheet}.csv", self.download),
        ]

    @signed_in
    async def worklist(self, request: Request) -> Response:
        """What the expert has in hand, by deadline, with what can be done to each."""
        reader, reading = self.desk.reader(request), self.desk.service.reading
        version = await self.desk.service.live.version()
        held = await reading.worklist(reader, self.desk.language(request))
        return await self.desk.render(
            request,
            "worklist.html",
            events=EVENTS,
            version=version,
            held=held,
            first=first_due(held),
            answered=await reading.answered(reader),
            waiting=await self.desk.service.afterwards.list_open(reader),
            decline_labels=DECLINE_LABELS,
        )

    @signed_in
    async def own(self, request: Request) -> Response:
        """What the requester asked: what waits for them first."""
        version = await self.desk.service.live.version()
        asker = self.desk.asker(request)
        listed = await self.desk.service.reading.own(asker.id)
        asked = request.query_params.get("q", "")[:LONGEST_SEARCH].strip()
        found = [line for line in listed if matches(line, asked)]
        return await self.desk.render(
            request,
            "own.html",
            # The stream is in one's own name.
            events="" if asker.through else EVENTS,
            party=asker.requester.display_name if asker.through else "",
            is_shared=asker.capacity is Capacity.MEMBER,
            version=version,
            listed=listed,
            asked=asked,
            found=found,
            to_do=[line for line in found if line.request.state in TO_DO],
            under_way=[line for line in found if line.request.state in UNDER_WAY],
            ended=[line for line in found if line.request.state not in {*TO_DO, *UNDER_WAY}],
        )

    @requires(Role.POOL_COORDINATOR)
    async def queues(self, request: Request) -> Response:
        """What is open in the pools that the reader coordinates, and how long it has been."""
        service, now = self.desk.service, self.desk.service.parts.clock.now()
        version = await service.live.version()
        queues = await service.reading.queues(self.desk.reader(request), self.desk.language(request))
        aged = [(pool, lines, ages((line.request.sent.at for line in lines if line.request.sent), now))
                for pool, lines in queues]  # fmt: skip
        return await self.desk.render(
            request, "queues.html", events=EVENTS, version=version, queues=aged, bounds=[_hours(one) for one in AGES]
        )

    @requires(Role.POOL_COORDINATOR)
    async def figures(self, request: Request) -> Response:
        """Fairness, refusals and delays of one pool.  Raises BoardUnknown."""
        language = self.desk.language(request)
        version = await self.desk.service.live.version()
        board = await self._board(request)
        windows = [(one.length.days, one) for one in board.figures.windows]
        return await self.desk.render(
            request,
            "figures.html",
            events=EVENTS,
            version=version,
            pool=board.pool,
            figures=board.figures,
            windows=windows,
            sheets=board_sheets(board, language),
            is_surveyed=board.survey.all.answers > 0,
            is_drawn=any(one.favourable is not None for line in board.survey.months for one in line.shares.values()),
            duration=lambda length: duration(length, language),
            number=lambda value, decimals=1: number(value, language, decimals=decimals),
            share=lambda value: share(value, language),
            bounds=[_hours(one) for one in AGES],
        )

    @requires(Role.POOL_COORDINATOR)
    async def download(self, request: Request) -> Response:
        """One table of the figures as CSV.  Raises BoardUnknown, also for a table that does not exist."""
        board = await self._board(request)
        sheet = request.path_params["sheet"]
        rows: Sequence[Sequence[str]] = compose_rows(board, sheet, self.desk.language(request))
        name = f"{sheet}-{board.figures.counted_at:%Y-%m-%d}"
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}.csv"'}
        return Response(compose_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)

    async def _board(self, request: Request) -> PoolBoard:
        return await self.desk.service.board.of(PoolId(request.path_params["pool"]), self.desk.reader(request))


def first_due(held: Sequence[Listed], *, apart_from: str = "") -> ExpertiseRequest | None:
    """The request whose answer is due first and awaits the expert; `apart_from`: the number of one just dealt with."""
    found = (line.request for line in held if line.request.state is not State.ON_HOLD)
    return next((request for request in found if request.number != apart_from), None)


def _hours(length: timedelta) -> int:
    return round(length.total_seconds() / 3600)
