"""What an expert can ask and do, declared once, for its routes and for OpenAPI."""

from typing import Any

from miss.server.api.openapi import Operation
from teleexpertise.answers.errors import (
    CorrectionIsNoAnswer,
    NothingCorrected,
    PdfActs,
    PdfDamaged,
    PdfLocked,
    PdfTooLarge,
    PoolNotOther,
)
from teleexpertise.api import appointments, models
from teleexpertise.api.counter import Counter
from teleexpertise.api.errors import AnswerNotWhole
from teleexpertise.api.expert import readings
from teleexpertise.api.expert.acts import Acts
from teleexpertise.api.expert.writing import Writing
from teleexpertise.api.terms import BODY, DONE, FILES, HELD, ONE, OWN, PREVIEWED, READ, READ_ONE, SIGNED_IN, WRITTEN
from teleexpertise.appointments.errors import (
    AppointmentSettled,
    AppointmentUnknown,
    ConversionNotAllowed,
    ProposalIncomplete,
    SlotGone,
)
from teleexpertise.requests.errors import NothingAskedAfter, ReplyMissing
from teleexpertise.second_reading.errors import (
    NoSecondReader,
    SecondReadingOver,
    SecondReadingUnderWay,
    SecondReadingUnknown,
    WordsMissing,
)

_PDF = (PdfActs, PdfDamaged, PdfLocked, PdfTooLarge)
_CORRECTED = (NothingCorrected, CorrectionIsNoAnswer)
_READING = (SecondReadingUnknown, SecondReadingOver)


def expert_operations(counter: Counter) -> list[Operation]:
    """Taking on, answering, correcting, reading for a colleague, proposing an appointment."""
    service = counter.service
    return [
        *_act_operations(Acts(counter)),
        *_answer_operations(Writing(counter, service.answering)),
        *_correction_operations(Writing(counter, service.corrections)),
        *_reading_operations(readings.Readings(counter)),
        *_appointment_operations(appointments.Appointments(counter)),
    ]


def _act_operations(at: Acts) -> list[Operation]:
    return [
        Operation(
            name="acceptRequest", path="/requests/{number}/accept", summary="Take a request on; twice is once.",
            endpoint=at.accept, errors=HELD, **DONE,
        ),
        Operation(
            name="declineRequest", path="/requests/{number}/decline", summary="Send a request back, with a reason.",
            endpoint=at.decline, in_body=models.Refusal, errors=(*HELD, *BODY), **DONE,
        ),
        Operation(
            name="askRequester", path="/requests/{number}/question", method="post",
            summary="Ask the requester; the deadline stands still.",
            endpoint=at.ask, in_body=models.Question, answer=models.RequestLine, errors=(*HELD, *BODY), **ONE,
        ),
        Operation(
            name="listAfterQuestions", path="/after-questions",
            summary="What requesters ask of answers that have left.",
            endpoint=at.waiting, answer=models.AfterQuestionList, **READ,
        ),
        Operation(
            name="replyAfter", path="/requests/{number}/reply",
            summary="Reply to a question that followed the answer, which stays as it left.",
            endpoint=at.reply, in_body=models.Reply, errors=(*HELD, *BODY, NothingAskedAfter, ReplyMissing), **DONE,
        ),
        Operation(
            name="referRequest", path="/requests/{number}/referral",
            summary="Do what a saved reorientation decides: have another pool see to the request.",
            endpoint=at.refer, in_body=models.Referral, errors=(*HELD, *BODY, AnswerNotWhole, PoolNotOther), **DONE,
        ),
    ]  # fmt: skip


def _answer_operations(at: Writing) -> list[Operation]:
    return [
        Operation(
            name="readAnswer", path="/requests/{number}/answer", summary="The answer under way, with its form.",
            endpoint=at.open, answer=models.AnswerDraft, errors=HELD, **READ_ONE,
        ),
        Operation(
            name="saveAnswer", path="/requests/{number}/answer", method="put",
            summary="Keep an answer, whatever is wrong with it; nothing leaves.",
            endpoint=at.save, in_body=models.WrittenAnswer, answer=models.AnswerDraft, errors=WRITTEN, **ONE,
        ),
        Operation(
            name="attachToAnswer", path="/requests/{number}/answer/files", method="post",
            summary="Files that leave with the answer.",
            endpoint=at.attach, in_body=models.AnswerFiles, answer=models.AnswerDraft,
            errors=(*HELD, *BODY, *FILES, *_PDF), **ONE,
        ),
        Operation(
            name="previewAnswer", path="/requests/{number}/answer/preview", summary="The letter as it would leave.",
            endpoint=at.preview, answer=models.AnswerPreview, errors=PREVIEWED, **READ_ONE,
        ),
        Operation(
            name="sendAnswer", path="/requests/{number}/answer/send",
            summary="Do what the saved answer decides: answer, ask, or decline.",
            endpoint=at.send, errors=PREVIEWED, **DONE,
        ),
    ]  # fmt: skip


def _correction_operations(at: Writing) -> list[Operation]:
    return [
        Operation(
            name="readCorrection", path="/requests/{number}/correction",
            summary="The correction under way; the answer itself if none was begun.",
            endpoint=at.open, answer=models.AnswerDraft, errors=HELD, **READ_ONE,
        ),
        Operation(
            name="saveCorrection", path="/requests/{number}/correction", method="put",
            summary="Keep a correction; the answer that left stays as it is.",
            endpoint=at.save, in_body=models.WrittenAnswer, answer=models.AnswerDraft, errors=WRITTEN, **ONE,
        ),
        Operation(
            name="attachToCorrection", path="/requests/{number}/correction/files", method="post",
            summary="Files that leave with the correction.",
            endpoint=at.attach, in_body=models.AnswerFiles, answer=models.AnswerDraft,
            errors=(*HELD, *BODY, *FILES, *_PDF), **ONE,
        ),
        Operation(
            name="previewCorrection", path="/requests/{number}/correction/preview",
            summary="The letter that would annul and replace the one that left.",
            endpoint=at.preview, answer=models.AnswerPreview, errors=(*PREVIEWED, *_CORRECTED), **READ_ONE,
        ),
        Operation(
            name="sendCorrection", path="/requests/{number}/correction/send", summary="Annul and replace the answer.",
            endpoint=at.send, errors=(*PREVIEWED, *_CORRECTED), **DONE,
        ),
        Operation(
            name="discardCorrection", path="/requests/{number}/correction/discard",
            summary="Give a correction up; nothing happened.", endpoint=at.discard, errors=HELD, **DONE,
        ),
    ]  # fmt: skip


def _reading_operations(at: readings.Readings) -> list[Operation]:
    return [
        Operation(
            name="listOpinions", path="/requests/{number}/second-readings",
            summary="The second readings of a request, for the expert who answers.",
            endpoint=at.opinions, answer=readings.OpinionList, errors=HELD, **READ_ONE,
        ),
        Operation(
            name="askSecondReading", path="/requests/{number}/second-readings",
            summary="Have a colleague read a blinded copy.",
            endpoint=at.ask, in_body=readings.ReadingQuestion,
            errors=(*HELD, *BODY, WordsMissing, NoSecondReader, SecondReadingUnderWay), **DONE,
        ),
        Operation(
            name="listReadings", path="/second-readings", summary="What colleagues ask the caller to read.",
            endpoint=at.list_, answer=readings.ReadingList, **READ,
        ),
        Operation(
            name="readCopy", path="/second-readings/{reading}", summary="The blinded copy; reading it is recorded.",
            endpoint=at.copy, answer=readings.BlindCopy, in_path=readings.ReadingPath, errors=_READING, **READ,
        ),
        Operation(
            name="fetchCopyPhoto", path="/second-readings/{reading}/photos/{rank}", summary="A photograph of the copy.",
            endpoint=at.photo, media_types=["image/jpeg"], in_path=readings.PhotoPath, errors=_READING,
            access=SIGNED_IN,
        ),
        Operation(
            name="giveOpinion", path="/second-readings/{reading}/opinion", method="post",
            summary="The opinion, for the expert who answers; what is left to read is answered.",
            endpoint=at.give, in_body=readings.GivenOpinion, answer=readings.ReadingList, in_path=readings.ReadingPath,
            errors=(*_READING, *BODY, WordsMissing), access=SIGNED_IN,
        ),
        Operation(
            name="declineReading", path="/second-readings/{reading}/decline", method="post",
            summary="It goes to the next reader; what is left to read is answered.",
            endpoint=at.decline, answer=readings.ReadingList, in_path=readings.ReadingPath, errors=_READING,
            access=SIGNED_IN,
        ),
    ]  # fmt: skip


def _appointment_operations(at: appointments.Appointments) -> list[Operation]:
    """Of both sides: who holds a request proposes, who asked answers for the patient."""
    settled: dict[str, Any] = {
        "method": "post",
        "answer": appointments.ProposalList,
        "in_path": appointments.AppointmentPath,
        "access": SIGNED_IN,
        "errors": (*OWN, *BODY, AppointmentUnknown, AppointmentSettled, SlotGone),
    }
    return [
        Operation(
            name="listAppointments", path="/requests/{number}/appointments", summary="The appointments proposed.",
            endpoint=at.list_, answer=appointments.ProposalList, errors=OWN, **READ_ONE,
        ),
        Operation(
            name="proposeAppointment", path="/requests/{number}/appointments", method="post",
            summary="See the patient: up to three slots, or whom to call; replaces a proposal that waits.",
            endpoint=at.propose, in_body=appointments.NewProposal, answer=appointments.ProposalList,
            errors=(*HELD, *BODY, ConversionNotAllowed, ProposalIncomplete), **ONE,
        ),
        Operation(
            name="acceptAppointment", path="/requests/{number}/appointments/{appointment}/accept",
            summary="Take it for the patient.", endpoint=at.accept, in_body=appointments.Chosen, **settled,
        ),
        Operation(
            name="declineAppointment", path="/requests/{number}/appointments/{appointment}/decline",
            summary="It does not suit.", endpoint=at.decline, in_body=appointments.NotChosen, **settled,
        ),
    ]  # fmt: skip
