"""A file with the staff: sent, what it would do looked at, then confirmed, or given up."""

from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.establishments.errors import RemovalUnconfirmed, StaffListChanged
from miss.directory.establishments.files import MAX_FILE_BYTES
from miss.directory.establishments.model import Establishment
from miss.directory.establishments.uploads import ShownUpload
from miss.server.establishments.desk import KEEPERS, ONE_PATH, Desk, actor_of, path_of
from miss.server.establishments.errors import FileMissing
from miss.server.web.access import requires
from miss.server.web.forms import field
from miss.server.web.front import to
from miss.server.web.uploads import read_form

SHOWN_LINES: Final = 200
"""Of each kind of effect; the others are counted."""


@dataclass(frozen=True, slots=True)
class FilePages:
    """What is under `…/fichier`."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        file = f"{ONE_PATH}/fichier"
        return [
            Route(file, self.begin, methods=["GET"]),
            Route(file, self.send, methods=["POST"]),
            Route(f"{file}/{{upload}}", self.show, methods=["GET"]),
            Route(f"{file}/{{upload}}/confirmation", self.confirm, methods=["POST"]),
            Route(f"{file}/{{upload}}/abandon", self.give_up, methods=["POST"]),
        ]

    @requires(*KEEPERS)
    async def begin(self, request: Request) -> Response:
        return await self._begin(request, await self.desk.get(request))

    @requires(*KEEPERS)
    async def send(self, request: Request) -> Response:
        """What the file would do; a file with errors is shown with them, and is not kept."""
        establishment = await self.desk.get(request)
        try:
            form, upload = await read_form(request, max_file_bytes=MAX_FILE_BYTES)
            if upload is None:
                raise FileMissing
            read = await self.desk.uploads.read(
                establishment.id,
                upload.content,
                upload.name,
                actor_of(request),
                is_complete=field(form, "complet") == "oui",
            )
        except MissError as error:
            return await self._begin(request, establishment, error)
        if read.id:
            return to(f"{path_of(establishment)}/fichier/{read.id}")
        return await self._show(request, establishment, read)

    @requires(*KEEPERS)
    async def show(self, request: Request) -> Response:
        establishment = await self.desk.get(request)
        found = await self.desk.uploads.show(establishment.id, request.path_params["upload"])
        return await self._show(request, establishment, found)

    @requires(*KEEPERS)
    async def confirm(self, request: Request) -> Response:
        establishment, form = await self.desk.get(request), await request.form()
        upload_id = request.path_params["upload"]
        try:
            await self.desk.uploads.confirm(
                establishment.id, upload_id, actor_of(request), accept_removal=field(form, "retraits") == "oui"
            )
        except (StaffListChanged, RemovalUnconfirmed) as error:
            found = await self.desk.uploads.show(establishment.id, upload_id)
            return await self._show(request, establishment, found, error)
        return to(f"{path_of(establishment)}?fait=fichier")

    @requires(*KEEPERS)
    async def give_up(self, request: Request) -> Response:
        establishment = await self.desk.get(request)
        await self.desk.uploads.give_up(establishment.id, request.path_params["upload"])
        return to(f"{path_of(establishment)}/fichier")

    async def _begin(self, request: Request, establishment: Establishment, error: MissError | None = None) -> Response:
        return await self.desk.show(request, "establishment/file.html", establishment, {}, error)

    async def _show(
        self, request: Request, establishment: Establishment, upload: ShownUpload, error: MissError | None = None
    ) -> Response:
        shown: dict[str, Any] = {"upload": upload, "preview": upload.preview, "limit": SHOWN_LINES}
        return await self.desk.show(request, "establishment/preview.html", establishment, shown, error)
