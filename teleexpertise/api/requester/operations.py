"""What a requester can ask and do, declared once, for its routes and for OpenAPI."""

from miss.server.api.openapi import Operation
from teleexpertise.api import models
from teleexpertise.api.counter import Counter
from teleexpertise.api.errors import ClarificationUnfit, DraftNotWhole, NothingAsked, ResponseForAnotherForm
from teleexpertise.api.requester import drafts, words
from teleexpertise.api.terms import BODY, DONE, FILES, ONE, OWN, READ_ONE, SIGNED_IN
from teleexpertise.follow_up.errors import SurveyAnswerUnknown, SurveyTooEarly
from teleexpertise.questionnaire.errors import ResponseUnreadable, UnknownForm
from teleexpertise.requests.errors import CallOffTooLate, DraftMoved, ReopenTooLate, WordMissing


def requester_operations(counter: Counter) -> list[Operation]:
    """Drafts, words, and the end of a request."""
    return [*_draft_operations(drafts.Drafts(counter)), *_word_operations(words.Words(counter))]


def _draft_operations(at: drafts.Drafts) -> list[Operation]:
    return [
        Operation(
            name="beginRequest", path="/requests", method="post", summary="Begin a request: an empty draft.",
            endpoint=at.begin, in_body=drafts.NewRequest, answer=models.RequestLine, errors=(UnknownForm, *BODY),
            access=SIGNED_IN,
        ),
        Operation(
            name="readDraft", path="/requests/{number}/draft", summary="A draft, with its form and what is missing.",
            endpoint=at.read, answer=drafts.Draft, errors=(*OWN, UnknownForm), **READ_ONE,
        ),
        Operation(
            name="saveDraft", path="/requests/{number}/draft", method="put",
            summary="Keep a draft as it is written, whatever is wrong with it; nothing leaves.",
            endpoint=at.write, in_body=drafts.WrittenDraft, answer=drafts.Draft,
            errors=(*OWN, *BODY, UnknownForm, ResponseUnreadable, ResponseForAnotherForm, DraftMoved), **ONE,
        ),
        Operation(
            name="attachToDraft", path="/requests/{number}/draft/files", method="post",
            summary="Photographs and PDFs for a draft: cleaned, given to items, within everybody's limits.",
            endpoint=at.attach, in_body=drafts.DraftFiles, answer=drafts.Draft,
            errors=(*OWN, *BODY, *FILES, UnknownForm, DraftMoved), **ONE,
        ),
        Operation(
            name="sendDraft", path="/requests/{number}/draft/send", summary="Send a draft; twice is once.",
            endpoint=at.send, errors=(*OWN, UnknownForm, DraftNotWhole, DraftMoved), **DONE,
        ),
    ]  # fmt: skip


def _word_operations(at: words.Words) -> list[Operation]:
    return [
        Operation(
            name="addWord", path="/requests/{number}/words", method="post",
            summary="Write to the expert: a word, answers to their question, files.",
            endpoint=at.add, in_body=words.RequesterWord, answer=words.WordTaken,
            errors=(*OWN, *BODY, *FILES, WordMissing, NothingAsked, ResponseUnreadable, ResponseForAnotherForm,
                    ClarificationUnfit, ReopenTooLate),
            **ONE,
        ),
        Operation(
            name="readQuestion", path="/requests/{number}/question", summary="What the expert waits for.",
            endpoint=at.question, answer=words.AskedBack, errors=(*OWN, NothingAsked), **READ_ONE,
        ),
        Operation(
            name="callOff", path="/requests/{number}/call-off", summary="It was sent by mistake, minutes ago.",
            endpoint=at.call_off, errors=(*OWN, CallOffTooLate), **DONE,
        ),
        Operation(
            name="cancelRequest", path="/requests/{number}/cancel", summary="Take a request, or a draft, back.",
            endpoint=at.cancel, errors=OWN, **DONE,
        ),
        Operation(
            name="patientInformed", path="/requests/{number}/informed",
            summary="The patient knows what was answered; twice is once.", endpoint=at.inform, errors=OWN, **DONE,
        ),
        Operation(
            name="answerSurvey", path="/requests/{number}/survey", method="post",
            summary="One of three questions on the answer; said again, the later one counts.",
            endpoint=at.survey, in_body=words.Said, answer=words.Surveyed,
            errors=(*OWN, *BODY, SurveyAnswerUnknown, SurveyTooEarly), **ONE,
        ),
    ]  # fmt: skip
