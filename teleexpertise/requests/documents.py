"""The request as a document: taken along by who may read it, or sent to their own mailbox for their software.

It leaves by nobody else's will: an offer stays a number and a link, and whoever takes a request on decides whether its
words go into their software.  The same version gives the same bytes.
"""

from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import structlog

from miss.base.ids import PractitionerId
from miss.base.text import Text
from miss.directory.audit import Subject, practitioner_actor
from miss.directory.practitioners import Practitioner
from miss.documents.errors import LetterIncomplete
from miss.documents.letter import Letter, Party
from miss.mail.letters import Beside, compose_pdf, compose_xdm, weight_of
from miss.mail.outbound import OutboundAttachment
from teleexpertise.letters.parties import party_for, party_of
from teleexpertise.letters.request import (
    TREATMENTS_ITEM,
    AddedWord,
    Asked,
    compose_request_letter,
    copy_mail,
    is_in_document,
)
from teleexpertise.questionnaire.model import QuestionnaireResponse
from teleexpertise.questionnaire.render import response_text
from teleexpertise.requests.content import Note, response_of_note
from teleexpertise.requests.errors import NoOwnMailbox, RequesterNotDescribed, RequestUnknown
from teleexpertise.requests.letterheads import look_of
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.photographs import photographs_of
from teleexpertise.requests.reading import Reader, Seen, View
from teleexpertise.requests.signing import asked_by, find_asker

_PLACE: Final = Text(fr="le lieu d’exercice", en="the place of practice")
_SECTOR: Final = Text(fr="le secteur d’activité", en="the sector of activity")
_MISSING: Final[Mapping[str, Text]] = {
    "sender.rpps": Text(fr="le numéro RPPS", en="the RPPS number"),
    "sender.specialty": Text(fr="la spécialité", en="the specialty"),
    "sender.finess": Text(
        fr="le numéro FINESS ou SIRET du lieu d’exercice", en="the FINESS or SIRET number of the place of practice"
    ),
    "sender.facility_type": _SECTOR,
    "sender.practice_setting": _SECTOR,
}

log = structlog.get_logger("teleexpertise.documents")


class RequestDocuments:
    """The request as its two sides may keep it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def pdf(self, view: View, reader: PractitionerId) -> OutboundAttachment:
        """On paper, photographs with it.

        Raises RequestUnknown for a draft and for anybody but its requester and who holds it, LetterIncomplete.
        """
        letter, beside = await self.letter(view)
        await self._record(view, reader, "pdf")
        return await to_thread(compose_pdf, letter, beside)

    async def archive(self, view: View, reader: PractitionerId) -> OutboundAttachment:
        """`IHE_XDM.ZIP` with the structured document (TLM-DA).

        Raises as `pdf`, RequesterNotDescribed.
        """
        letter, beside = await self.letter(view)
        try:
            composed = await to_thread(compose_xdm, letter, b"", beside)
        except LetterIncomplete as error:
            raise RequesterNotDescribed(missing=_MISSING.get(str(error.params.get("field")), _PLACE)) from None
        await self._record(view, reader, "xdm")
        return composed

    async def send_copy(self, view: View, reader: PractitionerId) -> str:
        """Queue it for the reader's own mailbox, once a day and version; the address.

        Raises as `pdf`, NoOwnMailbox.
        """
        parts, now = self._parts, self._parts.clock.now()
        person = await parts.practitioners.get(reader)
        to = correspondent(person)
        if to is None:
            raise NoOwnMailbox
        letter, beside = await self.letter(view)
        room_bytes = await parts.outbox.room_for(to.mailbox)
        beside = replace(beside, formats=person.entry.formats, weight_bytes=weight_of(room_bytes))
        reference = f"{letter.version}-{person.national_id}-{now:%Y%m%d}"
        composed = await to_thread(copy_mail, parts.platform, to, letter, beside, reference=reference)
        if composed.lacks:
            log.info("request.copy_without_cda", request=view.request.id, field=composed.lacks)
        await self._record(view, reader, "mail")
        async with parts.db.transaction() as tx:
            await parts.post(tx, composed.mail, view.request.id)
        parts.jobs.wake()
        log.info("request.copied", request=view.request.id, reader=view.reader)
        return to.mailbox

    async def letter(self, view: View) -> tuple[Letter, Beside]:
        """The request as a letter and what goes beside it; nobody is recorded.  Raises as `pdf`."""
        parts, request, seen = self._parts, view.request, view.seen
        is_side = view.reader in (Reader.REQUESTER, Reader.HOLDER)
        if seen is None or seen.form is None or seen.response is None or request.sent is None or not is_side:
            raise RequestUnknown
        if seen.content.patient is None:
            raise LetterIncomplete(field="patient")
        requester = await parts.practitioners.get(request.requester)
        treatments = seen.response.first(TREATMENTS_ITEM)
        page = parts.platform.link(f"/teleexpertise/demandes/{request.number}")
        letter = compose_request_letter(
            Asked(
                number=request.number,
                form_title=view.title.fr,
                patient=seen.content.patient,
                requester=replace(_party(requester, view), display_name=asked_by(view)),
                service=parts.platform.mailbox.display_name,
                root=parts.platform.root,
                asked_at=request.sent.at,
                sections=response_text(seen.form, _shown(seen.response)),
                treatments=treatments if isinstance(treatments, str) else "",
                free_text=seen.content.free_text,
                added=_added(seen, request.requester),
                page=page,
            )
        )
        beside = Beside(
            formats=frozenset(),
            # The instant of the words, not of the taking along: the same version is the same file.
            made_at=letter.written_at or request.sent.at,
            photos=await photographs_of(parts, request, seen.content),
            look=await look_of(parts, requester),
            page=page,
            source_id=parts.platform.root,
            product=parts.platform.product,
        )
        return letter, beside

    async def _record(self, view: View, reader: PractitionerId, way: str) -> None:
        """Into the access log: who took it along, for whom, and how."""
        is_for = view.reader is Reader.REQUESTER and reader != view.request.requester
        behalf = f" for {view.request.requester}" if is_for else ""
        await self._parts.audit.record(
            actor=practitioner_actor(reader),
            act="request.taken_along",
            subject=Subject("request", view.request.id),
            detail=f"{view.reader}{behalf} {way}",
        )


def _party(requester: Practitioner, view: View) -> Party:
    return party_for(requester, find_asker(view)) if requester.is_organization else party_of(requester)


def _shown(response: QuestionnaireResponse) -> QuestionnaireResponse:
    return replace(response, answers={key: told for key, told in response.answers.items() if is_in_document(key)})


def _added(seen: Seen, requester: PractitionerId) -> list[AddedWord]:
    """What was said up to the requester's last word: a question nobody has answered changes no version."""
    words = [AddedWord(note.at, note.author != requester, _lines(seen, note)) for note in seen.notes]
    while words and words[-1].is_question:
        words.pop()
    return words


def _lines(seen: Seen, note: Note) -> list[str]:
    response = response_of_note(note)
    told = response_text(seen.form, _shown(response)) if seen.form and response else []
    return [note.text, *(line for _, lines in told for line in lines)]
