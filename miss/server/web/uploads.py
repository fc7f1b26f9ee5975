"""Forms with files: read within limits, one body, a handful of parts."""

from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from miss.mail.inbound.filenames import safe_name
from miss.server.errors import UploadTooLarge, UploadUnreadable

MAX_FIELDS = 60
MAX_FIELD_BYTES = 20_000
MARGIN_BYTES = 100_000
"""What a form may add to its file: fields, boundaries, names."""


@dataclass(frozen=True, slots=True, repr=False)
class Upload:
    """A file as it arrived; its declared type is not kept, as nobody believes it."""

    name: str
    content: bytes


async def read_form(request: Request, *, max_file_bytes: int = 0) -> tuple[FormData, Upload | None]:
    """The fields, and the first file of the form if it holds one.

    Raises UploadTooLarge before more than `max_file_bytes` and a margin were read, UploadUnreadable.
    """
    bounded = _limited(request, max_file_bytes + MARGIN_BYTES)
    try:
        form = await bounded.form(max_files=1, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)
    except HTTPException:  # Starlette's answer to a body that its parser refuses
        raise UploadUnreadable from None
    files = [value for _, value in form.multi_items() if isinstance(value, UploadFile) and value.filename]
    upload = Upload(safe_name(files[0].filename or "", "", 1), await files[0].read()) if files else None
    await form.close()
    return form, upload


async def read_files(request: Request, *, max_files: int, max_body_bytes: int) -> tuple[FormData, list[bytes]]:
    """The fields, and every file of the form; their names are not kept.

    Raises UploadTooLarge before more than `max_body_bytes` were read, UploadUnreadable.
    """
    try:
        form = await _limited(request, max_body_bytes).form(
            max_files=max_files, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES
        )
    except HTTPException:  # Starlette's answer to a body that its parser refuses
        raise UploadUnreadable from None
    # A control left blank is sent as an empty file without a name.
    files = [value for _, value in form.multi_items() if isinstance(value, UploadFile) and value.filename]
    contents = [await file.read() for file in files]
    await form.close()
    return form, contents


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The whole body of a program's request.  Raises UploadTooLarge before more than `max_bytes` were read."""
    return await _limited(request, max_bytes).body()


def _limited(request: Request, max_body_bytes: int) -> Request:
    received_bytes = 0

    async def receive() -> Message:
        nonlocal received_bytes
        message = await request.receive()
        received_bytes += len(message.get("body", b""))
        if received_bytes > max_body_bytes:
            raise UploadTooLarge(limit_mb=max(max_body_bytes // 1_000_000, 1))
        return message

    return Request(request.scope, receive)
