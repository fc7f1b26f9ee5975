"""What leaves when an answer leaves: its letter, its files, its mail; alike for a first answer and a corrected one."""

from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from miss.base.ids import PractitionerId, RequestId
from miss.directory.practitioners import Practitioner
from miss.documents.errors import LetterIncomplete
from miss.documents.letter import Letter, Party
from miss.mail.letters import Beside, LetterMail, weight_of
from miss.mail.outbound import OutboundAttachment, OutboundMail
from teleexpertise.letters.answer import INTERNAL_ITEMS, RECORD_LABELS, Answer, Replaced, answer_mail, compose_letter
from teleexpertise.letters.envelope import Correspondent
from teleexpertise.letters.follow_up import closing_path
from teleexpertise.letters.parties import party_for, party_of
from teleexpertise.questionnaire.compose import compose_response
from teleexpertise.questionnaire.model import Item, Questionnaire, QuestionnaireResponse
from teleexpertise.questionnaire.render import response_text
from teleexpertise.requests import store
from teleexpertise.requests.content import AnswerContent, RequestContent, files_in, response_of
from teleexpertise.requests.letterheads import look_of
from teleexpertise.requests.model import ExpertiseRequest
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.photographs import photographs_of

log = structlog.get_logger("teleexpertise.answering")

QUESTION_ITEM = "c.question"
NOBODY = "personne@sans-boite.invalid"
"""Stands for the mailbox of somebody who has none: the letter is shown to the expert, the mail never leaves."""


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
    """The letter as its recipient will read it.  Raises as `mail_of`."""
    return (await _composed(parts, leaving)).letter


async def mail_of(parts: Parts, leaving: Leaving) -> OutboundMail | None:
    """The mail to the requester, or to their successor; None: they have no mailbox.

    Raises LetterIncomplete for a request without a patient.
    """
    composed = await _composed(parts, leaving)
    requester = await parts.practitioners.get(leaving.request.requester)
    if correspondent(requester, leaving.content.thread) is None:
        return None
    if composed.lacks:
        log.info("answer.without_cda", request=leaving.request.id, field=composed.lacks)
    return await parts.follow(composed.mail, requester)


async def _composed(parts: Parts, leaving: Leaving) -> LetterMail:
    request, thread = leaving.request, leaving.content.thread
    people = await parts.practitioners.get_many([request.requester, leaving.by])
    requester, expert = people[request.requester], people[leaving.by]
    reader = await parts.reader_for(requester)
    to = correspondent(requester, thread) or Correspondent(name=requester.display_name, mailbox=NOBODY)
    beside = Beside(
        formats=reader.entry.formats,
        made_at=leaving.at,
        photos=await photographs_of(parts, request, leaving.content),
        look=await look_of(parts, expert),
        files=await _files(parts, request.id, leaving.response),
        page=parts.platform.link(f"/teleexpertise/demandes/{request.number}"),
        weight_bytes=weight_of(await parts.outbox.room_for(to.mailbox)),
        source_id=parts.platform.root,
        product=parts.platform.product,
    )
    letter = _letter(parts, leaving, await _addressee(parts, request, requester), expert)
    if reader.id != requester.id:
        handed = f"Remis à {reader.display_name}, successeur de {requester.display_name}, qui a cessé son activité."
        letter = replace(letter, closing=(handed, *letter.closing))
    compose = partial(answer_mail, expert=correspondent(expert), author=leaving.by)
    return await to_thread(compose, parts.platform, to, thread, letter, beside)


async def _addressee(parts: Parts, request: ExpertiseRequest, requester: Practitioner) -> Party:
    """Who asked, as documents tell it; for an establishment, with whom it asked through."""
    if not requester.is_organization:
        return party_of(requester)
    async with parts.db.snapshot() as tx:
        hand = (await store.list_hands(tx, [request.id])).get(request.id)
    asker = (await parts.practitioners.get_many([hand])).get(hand) if hand else None
    return party_for(requester, asker)


def _letter(parts: Parts, leaving: Leaving, requester: Party, expert: Practitioner) -> Letter:
    request, response = leaving.request, leaving.response
    asked = response_of(leaving.content)
    shown = {key: values for key, values in response.answers.items() if key not in INTERNAL_ITEMS}
    if leaving.content.patient is None:
        raise LetterIncomplete(field="patient")
    return compose_letter(
        Answer(
            number=request.number,
            form_title=parts.form_title(request.canonical),
            patient=leaving.content.patient,
            requester=requester,
            expert=party_of(expert),
            specialty=next((coding.display for coding in expert.specialties), ""),
            root=parts.platform.root,
            asked_at=request.require_sent().at,
            answered_at=leaving.at,
            question=str(asked.first(QUESTION_ITEM) or "") if asked else "",
            sections=response_text(worded_for_record(leaving.form), replace(response, answers=shown)),
            closing_link=parts.platform.link(closing_path(request.number)),
            replaced=leaving.replaced,
        )
    )


def worded_for_record(form: Questionnaire) -> Questionnaire:
    """The form's questions as a record names answers: « Votre décision » is not its reader's."""
    return replace(form, items=tuple(map(_worded, form.items)))


def _worded(item: Item) -> Item:
    label = RECORD_LABELS.get(item.link_id, item.label)
    return replace(item, label=label, items=tuple(map(_worded, item.items)))


async def _files(parts: Parts, request_id: RequestId, response: QuestionnaireResponse) -> Sequence[OutboundAttachment]:
    """The files that the expert joined."""
    return [
        OutboundAttachment(ref.name, ref.mime, await parts.attachments.read(request_id, ref.ref))
        for ref in files_in(response)
    ]
