"""What leaves when an answer leaves: its letter, its files, its mail; alike for a first answer and a corrected one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from miss.base.ids import PractitionerId, RequestId
from miss.documents.errors import LetterIncomplete
from miss.documents.letter import Letter
from miss.mail.outbound import OutboundAttachment, OutboundMail
from teleexpertise.letters.answer import (
    INTERNAL_ITEMS,
    Answer,
    Replaced,
    answer_mail,
    compose_letter,
    too_heavy,
)
from teleexpertise.letters.follow_up import closing_path
from teleexpertise.questionnaire.compose import compose_response
from teleexpertise.questionnaire.model import Questionnaire, QuestionnaireResponse
from teleexpertise.questionnaire.render import response_text
from teleexpertise.requests.content import AnswerContent, RequestContent, files_in, response_of
from teleexpertise.requests.model import ExpertiseRequest
from teleexpertise.requests.parts import Parts, correspondent

QUESTION_ITEM = "c.question"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Leaving:
    """An answer about to leave."""

    request: ExpertiseRequest
    content: RequestContent
    """What was asked."""
    form: Questionnaire
    response: QuestionnaireResponse
    by: PractitionerId
    at: datetime
    replaced: Replaced | None = None
    """The answer that this one annuls."""


def final_of(leaving: Leaving) -> AnswerContent:
    """The answer as it is kept."""
    return AnswerContent(
        response=compose_response(leaving.form, leaving.response),
        answered_by=leaving.by,
        answered_at=leaving.at,
        version=leaving.replaced.version + 1 if leaving.replaced else 1,
    )


async def letter_of(parts: Parts, leaving: Leaving) -> Letter:
    """The letter.  Raises LetterIncomplete for a request without a patient."""
    request, response = leaving.request, leaving.response
    people = await parts.practitioners.get_many([request.requester, leaving.by])
    asked = response_of(leaving.content)
    shown = {key: values for key, values in response.answers.items() if key not in INTERNAL_ITEMS}
    is_heavy = too_heavy(await files_leaving(parts, request.id, response))
    if leaving.content.patient is None:
        raise LetterIncomplete(field="patient")
    return compose_letter(
        Answer(
            number=request.number,
            form_title=parts.form_title(request.canonical),
            patient=leaving.content.patient,
            requester=people[request.requester].display_name,
            expert=people[leaving.by].display_name,
            expert_specialty=next((coding.display for coding in people[leaving.by].specialties), ""),
            asked_at=request.require_sent().at,
            answered_at=leaving.at,
            question=str(asked.first(QUESTION_ITEM) or "") if asked else "",
            sections=response_text(leaving.form, replace(response, answers=shown)),
            files_link=parts.platform.link(f"/teleexpertise/demandes/{request.number}") if is_heavy else "",
            closing_link=parts.platform.link(closing_path(request.number)),
            replaced=leaving.replaced,
        )
    )


async def mail_of(parts: Parts, leaving: Leaving) -> OutboundMail | None:
    """The mail to the requester, or to their successor; None: they have no mailbox.  Raises as `letter_of`."""
    letter = await letter_of(parts, leaving)
    files = await files_leaving(parts, leaving.request.id, leaving.response)
    people = await parts.practitioners.get_many([leaving.request.requester, leaving.by])
    requester = people[leaving.request.requester]
    to = correspondent(requester, leaving.content.thread)
    if to is None:
        return None
    mail = answer_mail(
        parts.platform, to, leaving.content.thread, letter, expert=correspondent(people[leaving.by]),
        attachments=() if too_heavy(files) else files,
    )  # fmt: skip
    return await parts.follow(mail, requester)


async def files_leaving(
    parts: Parts, request_id: RequestId, response: QuestionnaireResponse
) -> Sequence[OutboundAttachment]:
    """The files that the expert joined."""
    return [
        OutboundAttachment(ref.name, ref.mime, await parts.attachments.read(request_id, ref.ref))
        for ref in files_in(response)
    ]
