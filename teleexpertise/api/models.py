"""What the API is asked and answers.  Forms and answers are FHIR R4 resources; lists and states are plain JSON."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from miss.base.text import Language, Text
from miss.documents.hprim import compose_hprim
from miss.server.api.models import Answer
from miss.server.api.openapi import Parameters
from teleexpertise.answers.service import DecisionCode, Prepared, Preview
from teleexpertise.api.bodies import JsonBody
from teleexpertise.api.files import Refused, SentFiles, refused_of
from teleexpertise.dispatch import DeclineReason
from teleexpertise.questionnaire.compose import compose_questionnaire, compose_response
from teleexpertise.questionnaire.model import AttachmentRef
from teleexpertise.requests.content import Note, response_of
from teleexpertise.requests.labels import STATE_LABELS
from teleexpertise.requests.model import KEPT_FROM_REQUESTER, ExpertiseRequest, State
from teleexpertise.requests.reading import Listed, Reader, View

Absent = SkipJsonSchema[None]
Number = Annotated[str, Field(pattern=r"^TE[0-9]{8}$", description="As people say it.", examples=["TE26000001"])]
POOL = r"^[0-9a-f-]{36}$"
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"


class NumberPath(Parameters):
    """Which request."""

    number: Number


class FilePath(Parameters):
    """Which file of which request."""

    number: Number
    ref: str = Field(pattern=r"^[0-9A-Za-z_-]{1,80}$")


class PoolPath(Parameters):
    """Which pool."""

    pool: str = Field(pattern=POOL)


class OwnQuery(Parameters):
    """Which of one's requests."""

    q: Annotated[str, Field(max_length=100, pattern=_PRINTABLE)] | Absent = Field(
        None, description="Words of number, title, summary."
    )


class Refusal(JsonBody):
    """Why an expert gives a request back."""

    reason: DeclineReason


class Question(JsonBody):
    """What an expert needs to know."""

    text: str = Field(min_length=1, max_length=5000, pattern=r"\S")
    items: list[Annotated[str, Field(min_length=1, max_length=80)]] = Field(
        default=[], max_length=50, description="linkIds that it aims at."
    )


class Referral(JsonBody):
    """Another pool, for an answer that decides a reorientation."""

    pool: str = Field(pattern=POOL)
    word: str = Field("", max_length=2000, description="For whoever takes it there.")


class Reply(JsonBody):
    """A word to a requester who comes back to the answer."""

    text: str = Field(min_length=1, max_length=5000, pattern=r"\S")


class WrittenAnswer(JsonBody):
    """An answer as a FHIR R4 QuestionnaireResponse of the request's answer form."""

    response: dict[str, Any] = Field(description="QuestionnaireResponse.")


class AnswerFiles(JsonBody):
    """Files that leave with the answer: a prescription, as PDF or photographed."""

    files: SentFiles


class RequestLine(Answer):
    """One line of a list."""

    number: str
    title: str
    state: State
    state_display: str
    summary: str = Field(description="Empty for who may not see what was asked.")
    created_at: datetime
    asked_at: datetime | None
    deadline_at: datetime | None
    offer_expires_at: datetime | None
    ended_at: datetime | None
    why: list[str] = Field(description="Why this expert, or why it waits.")


class RequestList(Answer):
    """Requests: an expert's by deadline, a requester's latest first."""

    entry: list[RequestLine]


class AfterQuestionLine(Answer):
    """A question that followed an answer; its words are the last of the request's remarks."""

    number: str
    title: str
    asked_at: datetime
    due_at: datetime


class AfterQuestionList(Answer):
    """Those that wait for the caller, by deadline."""

    entry: list[AfterQuestionLine]


class Queue(Answer):
    """What is open in one pool."""

    pool: str
    name: str
    entry: list[RequestLine]


class QueueList(Answer):
    """The pools that somebody coordinates."""

    entry: list[Queue]


class File(Answer):
    """A file to fetch."""

    ref: str
    name: str
    media_type: str
    size_bytes: int


class Remark(Answer):
    """A question of the expert's, or a word of the requester's."""

    author: str
    at: datetime
    text: str
    items: list[str]
    files: list[File]


class Event(Answer):
    """One line of the timeline."""

    at: datetime
    kind: str


class RequestDetail(Answer):
    """One request as its reader may see it; a coordinator sees states and times only."""

    line: RequestLine
    reader: Reader
    requester: str
    response: dict[str, Any] | None = Field(description="QuestionnaireResponse of what was asked.")
    answer: dict[str, Any] | None = Field(description="QuestionnaireResponse of the advice, once it is given.")
    free_text: str
    remarks: list[Remark]
    files: list[File]
    events: list[Event]


class Fault(Answer):
    """What keeps an answer from being sent."""

    link_id: str
    message: str


class AnswerDraft(Answer):
    """An answer under way."""

    number: str
    questionnaire: dict[str, Any] = Field(description="The answer form: a FHIR R4 Questionnaire.")
    response: dict[str, Any] = Field(description="The answer as it stands: a QuestionnaireResponse.")
    faults: list[Fault]
    refused: list[Refused] = Field(description="Files that were not taken.")


class AnswerPreview(Answer):
    """What sending the answer as it stands would do."""

    number: str
    decision: DecisionCode
    letter: str = Field(description="As the requester would read it; empty for a question or a refusal.")
    successor: str = Field(description="Who would receive it because the requester has left; empty: nobody else.")


def line_of(request: ExpertiseRequest, title: Text, language: Language, listed: Listed | None = None) -> RequestLine:
    """One line."""
    return RequestLine(
        number=request.number,
        title=title.in_(language),
        state=request.state,
        state_display=STATE_LABELS[request.state].in_(language),
        summary=listed.summary if listed else "",
        created_at=request.created_at,
        asked_at=request.sent.at if request.sent else None,
        deadline_at=request.sent.deadline_at if request.sent else None,
        offer_expires_at=request.offer_expires_at,
        ended_at=request.ended_at,
        why=list(listed.why) if listed else [],
    )


def list_of(listed: list[Listed], language: Language) -> RequestList:
    """A list."""
    return RequestList(entry=[line_of(one.request, one.title, language, one) for one in listed])


def detail_of(view: View, language: Language) -> RequestDetail:
    """One request."""
    seen = view.seen
    asked = response_of(seen.content) if seen else None
    answer, form = (seen.answer_response, seen.answer_form) if seen else (None, None)
    requester = view.people.get(view.request.requester)
    return RequestDetail(
        line=line_of(view.request, view.title, language),
        reader=view.reader,
        requester=requester.display_name if requester else "",
        response=dict(compose_response(seen.form, asked)) if seen and seen.form and asked else None,
        answer=dict(compose_response(form, answer)) if answer and form else None,
        free_text=seen.content.free_text if seen else "",
        remarks=[_remark(view, note) for note in seen.notes] if seen else [],
        files=[_file(one) for one in seen.files] if seen else [],
        events=[
            Event(at=fact.at, kind=fact.kind.value)
            for fact in view.timeline
            if view.reader is not Reader.REQUESTER or fact.kind not in KEPT_FROM_REQUESTER
        ],
    )


def draft_of(prepared: Prepared, language: Language) -> AnswerDraft:
    """An answer under way, with what is wrong with it."""
    return AnswerDraft(
        number=prepared.request.number,
        questionnaire=dict(compose_questionnaire(prepared.form)),
        response=dict(compose_response(prepared.form, prepared.response)),
        faults=[Fault(link_id=one.link_id, message=one.sentence(language)) for one in prepared.problems],
        refused=refused_of(prepared.refused_files, language),
    )


def preview_of(preview: Preview) -> AnswerPreview:
    """What would leave."""
    return AnswerPreview(
        number=preview.prepared.request.number,
        decision=preview.prepared.decision or DecisionCode.ADVICE,
        letter=compose_hprim(preview.letter).decode("iso-8859-1").replace("\r\n", "\n") if preview.letter else "",
        successor=preview.successor,
    )


def _remark(view: View, note: Note) -> Remark:
    author = view.people.get(note.author)
    return Remark(
        author=author.display_name if author else "",
        at=note.at,
        text=note.text,
        items=list(note.items),
        files=[_file(one) for one in note.files],
    )


def _file(file: AttachmentRef) -> File:
    return File(ref=file.ref, name=file.name, media_type=file.mime, size_bytes=file.size_bytes)
