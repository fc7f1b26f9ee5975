"""The blinded copy of a request, made anew each time it is read: nothing of it is kept."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from miss.base.ids import PractitionerId
from miss.base.text import Text
from miss.storage import Transaction
from teleexpertise.questionnaire.model import Answers, Questionnaire, QuestionnaireResponse
from teleexpertise.requests import store as requests_store
from teleexpertise.requests.content import Note, files_of_note, response_of, response_of_note
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.store import Stored
from teleexpertise.second_reading import store
from teleexpertise.second_reading.blinding import EXPERT, REQUESTER, Blinded, Redaction, blind, blind_answers, redaction
from teleexpertise.second_reading.errors import SecondReadingOver, SecondReadingUnknown
from teleexpertise.second_reading.model import ReadingState, SecondReading

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Said:
    """One exchange of the request, without its author's name."""

    role: str
    """REQUESTER or EXPERT."""
    at: datetime
    text: str
    response: QuestionnaireResponse | None = None
    """A clarification's answers, without files."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Copy:
    """What the second reader sees."""

    reading: SecondReading
    title: Text
    question: Note
    form: Questionnaire
    blinded: Blinded
    free_text: str
    said: tuple[Said, ...]


class Shower:
    """Makes copies."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def copy(self, reading_id: str, by: PractitionerId) -> Copy:
        """For the reader who is asked now.  Raises SecondReadingUnknown, SecondReadingOver."""
        parts = self._parts
        async with parts.db.snapshot() as tx:
            found = await store.get(tx, reading_id)
            reading = found.reading
            if by != reading.reader:
                raise SecondReadingUnknown
            if reading.state is not ReadingState.ASKED:
                raise SecondReadingOver
            stored = await requests_store.get(tx, reading.request_id)
            sealed_notes = await requests_store.list_notes(tx, reading.request_id)
        request = stored.request
        content = await parts.vault.open_content(request.id, stored.content)
        notes = [await parts.vault.open_note(request.id, sealed) for sealed in sealed_notes]
        form, response = parts.registry.get(request.canonical), response_of(content)
        hides = await self.redaction(stored, reading)
        loose = (*content.loose_files, *(file for note in notes for file in files_of_note(note)))
        birth = content.patient.birth_date if content.patient else None
        today = parts.clock.now().astimezone(PARIS).date()
        return Copy(
            reading=reading,
            title=parts.form_name(request.canonical),
            question=await parts.vault.open_note(request.id, found.question),
            form=form,
            blinded=blind(response or QuestionnaireResponse(form.canonical, {}), loose, hides, birth, today),
            free_text=hides.of(content.free_text),
            said=tuple(_said(note, request.requester, hides) for note in notes),
        )

    async def photo(self, copy: Copy, rank: int) -> bytes:
        """The photograph of that rank.  Raises SecondReadingUnknown."""
        if not 1 <= rank <= len(copy.blinded.photos):
            raise SecondReadingUnknown
        return await self._parts.attachments.read(copy.reading.request_id, copy.blinded.photos[rank - 1].ref)

    async def redaction(self, stored: Stored, reading: SecondReading, tx: Transaction | None = None) -> Redaction:
        """Whose names go out of a request's texts; `tx`: the transaction that the caller holds, if it holds one."""
        parts, request = self._parts, stored.request
        content = await parts.vault.open_content(request.id, stored.content)
        people = await parts.practitioners.get_many({request.requester, reading.first_reader, reading.asked_by}, tx)
        experts = [person for who, person in people.items() if who != request.requester]
        return redaction(content.patient, people.get(request.requester), experts)


def _said(note: Note, requester: PractitionerId, hides: Redaction) -> Said:
    response = response_of_note(note)
    answers: Answers = blind_answers(response.answers, hides) if response else {}
    return Said(
        role=REQUESTER if note.author == requester else EXPERT,
        at=note.at,
        text=hides.of(note.text),
        response=QuestionnaireResponse(response.questionnaire, answers) if response and answers else None,
    )
