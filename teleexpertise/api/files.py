"""Files that a program brings in: base64 beside the words, named by item, then taken as a page's are.

Nothing is decided here about what a file is: `attachments` looks at its bytes, and its limits are everybody's.
"""

import binascii
from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field

from miss.base.text import Language
from miss.mail.inbound.filenames import safe_name
from miss.server.api.models import Answer
from teleexpertise.api.bodies import JsonBody
from teleexpertise.api.errors import FileNotBase64
from teleexpertise.attachments.service import IncomingFile, RefusedFile

MAX_BYTES: Final = 28_000_000
"""Of one request of this API that brings files: room for one of 20 MB in base64, or for many photographs."""
MOST_AT_ONCE: Final = 12
BASE64: Final = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


class SentFile(JsonBody):
    """One file, as a FHIR Attachment names its parts."""

    title: str = Field(min_length=1, max_length=200, description="File name, with its extension.")
    data: str = Field(min_length=4, pattern=BASE64, description="Content, base64 (RFC 4648 §4).")
    item: str = Field("", max_length=80, description="linkId that it answers; empty: whichever has room.")


SentFiles = Annotated[
    list[SentFile],
    Field(
        min_length=1, max_length=MOST_AT_ONCE, description=f"All of them within {MAX_BYTES // 1_000_000} MB as sent."
    ),
]


class Refused(Answer):
    """A file that was not taken."""

    title: str
    item: str
    code: str
    message: str


def incoming(sent: Sequence[SentFile]) -> list[IncomingFile]:
    """The files themselves.  Raises FileNotBase64."""
    return [_incoming(rank, file) for rank, file in enumerate(sent, start=1)]


def refused_of(refused: Sequence[RefusedFile], language: Language) -> list[Refused]:
    """What was not taken, and why."""
    return [
        Refused(title=one.name, item=one.link_id, code=one.error.code, message=one.error.sentence(language))
        for one in refused
    ]


def require_some(sent: int, refused: Sequence[RefusedFile]) -> None:
    """Raises why the first of `sent` files was refused, if none of them was taken."""
    if sent and len(refused) >= sent:
        raise refused[0].error


def _incoming(rank: int, file: SentFile) -> IncomingFile:
    try:
        content = binascii.a2b_base64(file.data, strict_mode=True)
    except binascii.Error:
        raise FileNotBase64(rank=rank) from None
    # The extension alone says that a picture was meant; what it is, its bytes say.
    return IncomingFile(safe_name(file.title, "", rank), "", content, file.item)
