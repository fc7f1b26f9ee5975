"""What operations declare alike: who may ask, what is read and written, which errors come with it."""

from typing import Any, Final

from miss.directory.roles import Role
from miss.server.web.access import Access, Audience
from teleexpertise.api import models
from teleexpertise.api.errors import AnswerForAnotherForm, AnswerNotWhole, BodyTooLong, BodyUnreadable, FileNotBase64
from teleexpertise.attachments.errors import (
    AttachmentFormat,
    AttachmentTooLarge,
    PdfActive,
    PdfDynamicForm,
    PdfEncrypted,
    PdfHoldsFiles,
    PdfHoldsMedia,
    PdfHoldsScript,
    PdfUnreadable,
    PhotoTooManyPixels,
    PhotoUnreadable,
    TooManyAttachments,
    WinmailFile,
)
from teleexpertise.dispatch.errors import AttemptEnded
from teleexpertise.questionnaire.errors import ResponseUnreadable
from teleexpertise.requests.errors import NotHolder, NotRequester, RequestUnknown, StateForbids

SIGNED_IN: Final = Access(Audience.SIGNED_IN)
COORDINATORS: Final = Access(Audience.SIGNED_IN, frozenset({Role.POOL_COORDINATOR}))

BODY: Final = (BodyUnreadable, BodyTooLong)
FILES: Final = (
    *(FileNotBase64, AttachmentFormat, AttachmentTooLarge, PhotoTooManyPixels, PhotoUnreadable, TooManyAttachments),
    *(PdfActive, PdfDynamicForm, PdfEncrypted, PdfHoldsFiles, PdfHoldsMedia, PdfHoldsScript, PdfUnreadable),
    WinmailFile,
)
OWN: Final = (RequestUnknown, StateForbids, NotRequester)
HELD: Final = (RequestUnknown, StateForbids, NotHolder, AttemptEnded)
WRITTEN: Final = (*HELD, *BODY, ResponseUnreadable, AnswerForAnotherForm)
PREVIEWED: Final = (*HELD, AnswerNotWhole)

READ: Final[dict[str, Any]] = {"is_conditional": True, "access": SIGNED_IN}
ONE: Final[dict[str, Any]] = {"in_path": models.NumberPath, "access": SIGNED_IN}
READ_ONE: Final[dict[str, Any]] = {**READ, **ONE}
DONE: Final[dict[str, Any]] = {**ONE, "method": "post", "answer": models.RequestLine}
"""An act on one request, which answers where it stands now."""
