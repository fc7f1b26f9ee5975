"""What a browser sent: fields by name, files by item, within limits.  Judges nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Message

from miss.mail.inbound.filenames import safe_name
from teleexpertise.attachments.service import IncomingFile
from teleexpertise.questionnaire.model import AttachmentRef, Questionnaire
from teleexpertise.web.errors import FormTooLarge

MAX_BODY_BYTES = 80_000_000
MAX_FIELDS = 2_000
MAX_FILES = 40
MAX_FIELD_BYTES = 200_000

REMOVE = "remove"
"""Name of the boxes that take a file of the draft away."""
KEY = "submission_key"
"""Name of the hidden field that makes two submissions the same."""


@dataclass(frozen=True, slots=True, repr=False)
class Submitted:
    """One form as it was sent."""

    fields: Mapping[str, tuple[str, ...]]
    files: tuple[IncomingFile, ...]

    def first(self, name: str) -> str:
        """The first value of a field, trimmed; empty if there is none."""
        return next(iter(self.fields.get(name, ())), "").strip()

    def digest(self) -> bytes:
        """Of everything that was sent, 32 bytes."""
        digest = blake2b(digest_size=32)
        parts = [part.encode() for name in sorted(self.fields) for part in (name, *self.fields[name])]
        parts += [part for file in self.files for part in (file.link_id.encode(), file.name.encode(), file.content)]
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.digest()


async def read_submitted(request: Request, max_body_bytes: int = MAX_BODY_BYTES) -> Submitted:
    """The form in the body of `request`.  Raises FormTooLarge before it is read whole."""
    fields: dict[str, list[str]] = {}
    files: list[IncomingFile] = []
    bounded = _limited(request, max_body_bytes)
    async with bounded.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES) as data:
        for name, value in data.multi_items():
            if isinstance(value, UploadFile):
                # A file control left blank is sent as an empty file without a name.
                if value.filename:
                    mime = (value.content_type or "").partition(";")[0].strip().lower()
                    named = safe_name(value.filename, mime, len(files) + 1)
                    files.append(IncomingFile(named, mime, await value.read(), name))
            else:
                fields.setdefault(name, []).append(value)
    return Submitted({name: tuple(values) for name, values in fields.items()}, tuple(files))


def kept_files(
    form: Questionnaire, answers: Mapping[str, tuple[object, ...]], submitted: Submitted
) -> dict[str, tuple[AttachmentRef, ...]]:
    """The files given before that were not taken away, by item."""
    removed = set(submitted.fields.get(REMOVE, ()))
    kept = {
        item.link_id: tuple(
            value
            for value in answers.get(item.link_id, ())
            if isinstance(value, AttachmentRef) and value.ref not in removed
        )
        for item in form.questions()
    }
    return {link_id: refs for link_id, refs in kept.items() if refs}


def _limited(request: Request, max_body_bytes: int) -> Request:
    received_bytes = 0

    async def receive() -> Message:
        nonlocal received_bytes
        message = await request.receive()
        received_bytes += len(message.get("body", b""))
        if received_bytes > max_body_bytes:
            raise FormTooLarge(limit_mb=max_body_bytes // 1_000_000)
        return message

    return Request(request.scope, receive)
