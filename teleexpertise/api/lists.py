"""What is read: lists, one request, its files, a pool's figures, and the stream that says when to look again."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from miss.base.ids import PoolId
from miss.server.api.openapi import Nothing
from miss.server.web.pages import language_of
from teleexpertise.api import models
from teleexpertise.api.bodies import answer_json
from teleexpertise.api.callers import Caller
from teleexpertise.api.errors import EventsNotAskedFor
from teleexpertise.api.figures import figures_of
from teleexpertise.attachments.service import PDF
from teleexpertise.house import Teleexpertise
from teleexpertise.requests.search import matches

EVENT_STREAM = "text/event-stream"
FILE_HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cache-Control": "private, max-age=300"}  # fmt: skip
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""nginx would gather what is said until there is enough of it."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Reading."""

    service: Teleexpertise

    async def worklist(self, request: Request, caller: Caller, _path: Nothing, _query: Nothing) -> Response:
        language = language_of(request)
        listed = await self.service.reading.worklist(caller.practitioner_id, language)
        return answer_json(request, models.list_of(listed, language))

    async def own(self, request: Request, caller: Caller, _path: Nothing, query: models.OwnQuery) -> Response:
        listed = await self.service.reading.own(caller.practitioner_id)
        found = [line for line in listed if matches(line, query.q or "")]
        return answer_json(request, models.list_of(found, language_of(request)))

    async def detail(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        language = language_of(request)
        view = await self.service.reading.view(path.number, caller.practitioner_id, language)
        return answer_json(request, models.detail_of(view, language))

    async def file(self, _request: Request, caller: Caller, path: models.FilePath, _query: Nothing) -> Response:
        file, content = await self.service.reading.file(path.number, caller.practitioner_id, path.ref)
        disposition = f'attachment; filename="{path.number}-{path.ref[-12:]}.pdf"' if file.mime == PDF else "inline"
        return Response(content, headers={**FILE_HEADERS, "Content-Disposition": disposition}, media_type=file.mime)

    async def queues(self, request: Request, caller: Caller, _path: Nothing, _query: Nothing) -> Response:
        language = language_of(request)
        queues = [
            models.Queue(
                pool=pool.id,
                name=pool.name,
                entry=[models.line_of(line.request, line.title, language, line) for line in lines],
            )
            for pool, lines in await self.service.reading.queues(caller.practitioner_id, language)
        ]
        return answer_json(request, models.QueueList(entry=queues))

    async def figures(self, request: Request, caller: Caller, path: models.PoolPath, _query: Nothing) -> Response:
        board = await self.service.board.of(PoolId(path.pool), caller.practitioner_id)
        return answer_json(request, figures_of(board))

    async def events(self, request: Request, caller: Caller, _path: Nothing, _query: Nothing) -> Response:
        """Raises EventsNotAskedFor, TooManyListeners."""
        if EVENT_STREAM not in request.headers.get("accept", ""):
            raise EventsNotAskedFor
        live = self.service.live
        live.require_room(caller.practitioner_id)
        return StreamingResponse(live.stream(caller.practitioner_id), headers=STREAM_HEADERS, media_type=EVENT_STREAM)
