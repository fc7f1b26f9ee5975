"""Static files under addresses that name their content, so that browsers may keep them for ever.

`/static/<owner>/<digest>/<path>`: the digest covers all files of the owner (the house, or a service), since scripts
import each other by relative address.
"""

import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

DIGEST_CHARACTERS = 16
FOR_EVER = "public, max-age=31536000, immutable"


class Assets:
    """The files of each owner, read once at the start."""

    def __init__(self) -> None:
        self._folders: dict[str, tuple[str, Path, frozenset[str]]] = {}

    def add(self, owner: str, folder: Path) -> None:
        """Serve `folder` for `owner`."""
        digest = hashlib.sha256()
        names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        for name in names:
            digest.update(name.encode() + b"\0" + (folder / name).read_bytes())
        self._folders[owner] = (digest.hexdigest()[:DIGEST_CHARACTERS], folder, frozenset(names))

    def url(self, name: str, owner: str = "house") -> str:
        """Where a browser finds a file.  Raises KeyError for a file that does not exist: a page would be broken."""
        digest, _, names = self._folders[owner]
        if name not in names:
            raise KeyError(f"{owner} has no static file {name}")
        return f"/static/{owner}/{digest}/{name}"

    def route(self) -> Route:
        """The one route of all static files."""
        return Route("/static/{owner}/{digest}/{name:path}", self._serve, name="static")

    async def _serve(self, request: Request) -> Response:
        digest, folder, names = self._folders.get(request.path_params["owner"], ("", Path(), frozenset()))
        name = request.path_params["name"]
        if request.path_params["digest"] != digest or name not in names:
            return Response(status_code=404)
        return FileResponse(folder / name, headers={"Cache-Control": FOR_EVER})
