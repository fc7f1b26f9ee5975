"""What a request says: sealed at rest under the request's own key (`request:<id>`), and nowhere else.

The values and their JSON; sealing itself is the key store's.  None of these shows itself in a log or an error.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from miss.base.ids import PractitionerId, RequestId
from miss.documents.identities import PatientIdentity
from miss.storage.sealed import KeyStore
from teleexpertise.letters.envelope import Thread
from teleexpertise.questionnaire.model import AttachmentRef, QuestionnaireResponse
from teleexpertise.questionnaire.parse import parse_response
from teleexpertise.requests.patient import Address


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RequestContent:
    """What was asked, about whom."""

    patient: PatientIdentity | None = None
    address: Address = field(default_factory=Address)
    response: dict[str, Any] | None = None
    """FHIR QuestionnaireResponse; None in a draft that names no form."""
    loose_files: tuple[AttachmentRef, ...] = ()
    """Files of a draft that no item has taken yet."""
    free_text: str = ""
    """What was written and answers no question: nothing is lost."""
    summary: str = ""
    """One line for the expert's list."""
    thread: Thread | None = None
    """None: it came by the web."""
    wish: str = ""
    """The expert asked for, as a mail says it or as a page chose them."""
    asker: PractitionerId | None = None
    """Who asks in the name of an establishment, as its mail names them; None: a person asks, or a page knows who."""
    unread: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What was typed on a page and is not understood, by linkId: shown again as it was, and never sent."""
    page_key: str = ""
    """Seals what a browser keeps of the draft while it cannot reach us; only the page of its requester holds it."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AnswerContent:
    """The expert's answer: the `reponse` form."""

    response: dict[str, Any]
    answered_by: PractitionerId
    answered_at: datetime
    version: int = 1
    """Counts the answers that have left; each annuls the one before."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Note:
    """Something added to a request after it was sent: a question of the expert's, a word of the requester's."""

    author: PractitionerId
    at: datetime
    text: str
    items: tuple[str, ...] = field(default=())
    """The linkIds that a question aims at."""
    files: tuple[AttachmentRef, ...] = field(default=())
    response: dict[str, Any] | None = None
    """FHIR QuestionnaireResponse to the items of a question; None: it answers none."""
    through: PractitionerId | None = None
    """Whose hand it was: who wrote for `author`; None: they themselves."""


def response_of_note(note: Note) -> QuestionnaireResponse | None:
    """The answers that a clarification gives; None for free words."""
    return parse_response(note.response) if note.response is not None else None


def files_of_note(note: Note) -> tuple[AttachmentRef, ...]:
    """Every file of a note, those that answer items first."""
    response = response_of_note(note)
    return (*(files_in(response) if response else ()), *note.files)


def response_of(content: RequestContent) -> QuestionnaireResponse | None:
    """The answers that a content holds; None in a draft without a form."""
    return parse_response(content.response) if content.response is not None else None


def files_in(response: QuestionnaireResponse) -> list[AttachmentRef]:
    """The files among the answers."""
    values = (value for answers in response.answers.values() for value in answers)
    return [value for value in values if isinstance(value, AttachmentRef)]


def files_of(content: RequestContent) -> tuple[AttachmentRef, ...]:
    """Every file of a request, those that answer items first."""
    response = response_of(content)
    return (*(files_in(response) if response else ()), *content.loose_files)


class Vault:
    """Seals and opens what requests say."""

    def __init__(self, keystore: KeyStore) -> None:
        self._keystore = keystore

    async def seal(self, request_id: RequestId, value: RequestContent | AnswerContent | Note) -> bytes:
        """The value as sealed bytes; each kind opens as itself only."""
        return await self._keystore.seal(_key(request_id), msgspec.json.encode(value), what=type(value).__name__)

    async def open_content(self, request_id: RequestId, sealed: bytes) -> RequestContent:
        """Raises DataKeyDestroyed, SealBroken."""
        return msgspec.json.decode(await self._open(request_id, sealed, RequestContent), type=RequestContent)

    async def open_answer(self, request_id: RequestId, sealed: bytes) -> AnswerContent:
        """Raises DataKeyDestroyed, SealBroken."""
        return msgspec.json.decode(await self._open(request_id, sealed, AnswerContent), type=AnswerContent)

    async def open_note(self, request_id: RequestId, sealed: bytes) -> Note:
        """Raises DataKeyDestroyed, SealBroken."""
        return msgspec.json.decode(await self._open(request_id, sealed, Note), type=Note)

    async def destroy(self, request_id: RequestId) -> None:
        """Destroy the request's key: whatever it said is gone, wherever a copy lies."""
        await self._keystore.destroy(_key(request_id))

    async def _open(self, request_id: RequestId, sealed: bytes, kind: type) -> bytes:
        return await self._keystore.open(_key(request_id), sealed, what=kind.__name__)


def _key(request_id: RequestId) -> str:
    return f"request:{request_id}"
