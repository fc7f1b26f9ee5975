"""`/desktop/releases.json`: the list of the desktop client's versions, as its publisher signed it (ADR 53).

The server neither reads nor checks it: it holds no key that could, and clients believe the signature alone.  The file
is read for each answer, so that a new list needs no restart.
"""

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route


class DesktopReleases:
    """One file, or none."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def routes(self) -> list[BaseRoute]:
        """The address that every installed client asks."""
        return [Route("/desktop/releases.json", self.show)]

    async def show(self, _request: Request) -> Response:
        """The list, to anybody; 404 where the operator publishes none."""
        if self._file is None:
            return Response(status_code=404)
        try:
            content = await asyncio.to_thread(self._file.read_bytes)
        except OSError:
            return Response(status_code=404)
        return Response(content, media_type="application/json", headers={"Cache-Control": "no-cache"})
