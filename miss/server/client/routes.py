"""The addresses of the web client: one page, its files, and `/app/hashes.json`, which stays where it is.

Files under `assets/` are named by their content and kept for ever; everything else is asked for again each time, so
that an upgrade is seen at once.  The policy is stricter than the pages': one Trusted Types policy, the shell's, makes
the service worker's address, and nothing else on the page may make script from text.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from miss.base.text import Text
from miss.server.client.errors import ClientNotBuilt
from miss.server.client.files import PAGE, ClientFile, ClientFiles
from miss.server.service import MenuEntry, in_own_name
from miss.server.web.access import anyone
from miss.server.web.assets import FOR_EVER

CLIENT_PATH: Final = "/app/"
CLIENT_ENTRY: Final = MenuEntry(CLIENT_PATH, Text(fr="Messagerie", en="Messages"), shown=in_own_name)
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types miss",
    )
)
EACH_TIME: Final = "no-cache"
"""Kept, and asked for again before it is used (RFC 9111 §5.2.2.4)."""


@dataclass(frozen=True, slots=True)
class ClientPages:
    """Hands out the files of one build."""

    built: ClientFiles | None

    def routes(self) -> list[BaseRoute]:
        """Every route of the web client."""
        return [
            Route("/app", self.go_there, methods=["GET"]),
            Route(CLIENT_PATH, self.show, methods=["GET"]),
            Route("/app/{name:path}", self.send, methods=["GET"]),
        ]

    @anyone
    async def go_there(self, request: Request) -> Response:
        # The service worker's scope ends with a slash.
        return RedirectResponse(CLIENT_PATH, 308)

    @anyone
    async def show(self, request: Request) -> Response:
        """The page of the client.  Raises ClientNotBuilt."""
        if self.built is None:
            raise ClientNotBuilt
        return _answer(request, self.built.files[PAGE], EACH_TIME)

    @anyone
    async def send(self, request: Request) -> Response:
        """A file of the client.  Raises ClientNotBuilt."""
        if self.built is None:
            raise ClientNotBuilt
        name = request.path_params["name"]
        file = self.built.find(name)
        if file is None:
            return Response(status_code=404)
        return _answer(request, file, FOR_EVER if name.startswith("assets/") else EACH_TIME)


def _answer(request: Request, file: ClientFile, kept: str) -> Response:
    headers = {
        "Cache-Control": kept,
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "ETag": file.etag,
        "Vary": "Accept-Encoding",
    }
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    content = file.content
    if file.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content = file.compressed
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=file.media_type, headers=headers)
