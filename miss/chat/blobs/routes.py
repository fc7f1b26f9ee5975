"""The doors of encrypted attachments.  No rules here: each asks the room."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from miss.base.ids import BlobId
from miss.chat.blobs.model import parse_range
from miss.chat.errors import BadRequest
from miss.chat.http import Door, Pace, announced_bytes, answer, caller, path_bytes
from miss.protocol.errors import BlobTooLarge
from miss.protocol.limits import MAX_BLOB_BYTES

if TYPE_CHECKING:
    from miss.chat.service import Chat

OFFSET_HEADER = "Upload-Offset"


class BlobDoors:
    """The endpoints of this room."""

    def __init__(self, chat: "Chat") -> None:
        self._chat = chat

    def doors(self) -> Sequence[Door]:
        """Every one of them."""
        return (
            Door("POST", "blobs", self.upload, Pace.BLOBS),
            Door("PATCH", "blobs/{blob}", self.add_part, Pace.BLOBS),
            Door("GET", "blobs/{blob}/upload", self.offset),
            Door("GET", "blobs/{blob}", self.download),
        )

    async def upload(self, request: Request) -> Response:
        """The whole in one piece or, with `size`, the beginning of an upload in parts."""
        by = await caller(request, self._chat.devices)
        if announced := request.query_params.get("size"):
            return answer({"id": await self._chat.uploads.begin(by.uid, parse_size(announced)), "offset": 0})
        size_bytes = announced_bytes(request)
        if size_bytes > MAX_BLOB_BYTES:
            raise BlobTooLarge(size_bytes=size_bytes, max_bytes=MAX_BLOB_BYTES)
        return answer({"id": await self._chat.blobs.upload(by.uid, request.stream(), size_bytes)})

    async def add_part(self, request: Request) -> Response:
        """The next bytes of an upload, from the offset that the header names; how far it is then."""
        by = await caller(request, self._chat.devices)
        blob, offset = BlobId(path_bytes(request, "blob", 16)), parse_size(request.headers.get(OFFSET_HEADER, ""))
        return _answer_offset(await self._chat.uploads.add(by.uid, blob, offset, _until_cut(request)))

    async def offset(self, request: Request) -> Response:
        """How far an upload of the caller is, in bytes.  Raises NotFound for somebody else’s."""
        by = await caller(request, self._chat.devices)
        return _answer_offset(await self._chat.uploads.offset(by.uid, BlobId(path_bytes(request, "blob", 16))))

    async def download(self, request: Request) -> Response:
        """The bytes, or the part that `Range` names (RFC 9110 §14).  Raises NotFound, BlobMissing."""
        by = await caller(request, self._chat.devices)
        blob = await self._chat.blobs.get(by.uid, BlobId(path_bytes(request, "blob", 16)))
        part = parse_range(request.headers.get("range"), blob.size_bytes)
        headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, immutable, max-age=31536000"}
        if part is not None:
            headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{blob.size_bytes}"
        content = await self._chat.blobs.read(blob, part)
        return Response(content, 206 if part else 200, headers, media_type="application/octet-stream")


def parse_size(text: str) -> int:
    """A number of bytes.  Raises BadRequest."""
    if not text.isdecimal() or not text.isascii() or len(text) > 15:
        raise BadRequest
    return int(text)


async def _until_cut(request: Request) -> AsyncIterator[bytes]:
    """The body, as far as it comes: what arrived before the connection broke need not be sent again."""
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect:
        return


def _answer_offset(offset: int) -> Response:
    response = answer({"offset": offset})
    response.headers[OFFSET_HEADER] = str(offset)
    return response
